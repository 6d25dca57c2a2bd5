//! Gives a table its tags.
//!
//! A restored table has none. `TagResource` is asynchronous: a list may lack them for a while (API reference).

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::Tag;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dynamodb_table::{HandledTable, accepted, built, no_table, present};
use super::ec2_tags::TagValue;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::restore::observations::dynamodb_table::tags_of;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, stamp_marker};

#[cfg(test)]
mod tests;

const CALL: &str = "dynamodb:TagResource";

/// A table has tags, among others.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagTable {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
    /// Tags to set. Keys are somebody else's text, so they stand in a list.
    #[serde(with = "as_list")]
    pub tags: BTreeMap<String, TagValue>,
}

/// Tags in JSON as a list of pairs, so that no key becomes the name of a field.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::TagValue;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        key: String,
        value: TagValue,
    }

    pub fn serialize<S: Serializer>(
        tags: &BTreeMap<String, TagValue>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(tags.iter().map(|(key, value)| Pair {
            key: key.clone(),
            value: value.clone(),
        }))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, TagValue>, D::Error> {
        let pairs = Vec::<Pair>::deserialize(deserializer)?;
        Ok(pairs
            .into_iter()
            .map(|pair| (pair.key, pair.value))
            .collect())
    }
}

#[async_trait]
impl Operation for TagTable {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:TagTable";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let tag = |(key, value): (&String, &TagValue)| match value {
            TagValue::Text(text) => json!({"Key": key, "Value": text.raw()}),
            TagValue::Run => json!({"Key": key, "Value": stamp_marker("run")}),
        };
        Request {
            service: "dynamodb",
            api: "TagResource",
            parameters: json!({
                "ResourceArn": self.arn,
                "Tags": self.tags.iter().map(tag).collect::<Vec<Value>>(),
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let Some(found) = tags_of(&cx.clients, &self.arn).await? else {
            return Ok(no_table(&self.table));
        };
        let mut wanted = self.wanted(cx).into_iter();
        let is_there = |(key, value): (&str, String)| found.get(&key.into()) == Some(&value.into());
        if wanted.all(is_there) {
            let detail = format!("{} tags", self.tags.len());
            return Ok(present(&self.table, detail));
        }
        let theirs = found
            .iter()
            .filter(|(key, _)| self.tags.contains_key(key.raw()));
        let theirs = theirs.map(|(key, value)| json!({"key": key, "value": value}));
        Ok(Probe::Absent {
            found: json!({"tags": theirs.collect::<Vec<Value>>()}),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let tags = self.wanted(cx).into_iter().map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value);
            built(CALL, tag.build())
        });
        let answer = cx
            .clients
            .dynamodb_once
            .tag_resource()
            .resource_arn(&self.arn)
            .set_tags(Some(tags.collect::<Result<_, _>>()?))
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.table, &answer))
    }
}

impl TagTable {
    fn wanted(&self, cx: &Context) -> BTreeMap<&str, String> {
        let value = |value: &TagValue| match value {
            TagValue::Text(text) => text.raw().to_owned(),
            TagValue::Run => cx.stamp.run.as_str().to_owned(),
        };
        let tags = self.tags.iter();
        tags.map(|(key, tag)| (key.as_str(), value(tag))).collect()
    }
}
