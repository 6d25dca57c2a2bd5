//! The mark of a run on the table whose past it restores, as `ec2_active` sets it on what it works at.
//!
//! `UntagResource` takes keys and no values, so a mark that somebody else has set between the last look and the call
//! would go with it; the guard holds that no key but defib's own is taken away.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::Tag;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, accepted, built, no_table, present};
use super::ec2_active::{TAG_ACTIVE, TAG_ACTIVE_BY};
use crate::aws::failure::failure;
use crate::domain::ec2::Tags;
use crate::domain::failure::Failure;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::dynamodb_table::tags_of;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, stamp_marker};

const MARK: &str = "dynamodb:TagResource";
const UNMARK: &str = "dynamodb:UntagResource";

/// A table carries the mark of this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkActive {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
    /// The run whose mark a person has agreed to replace.
    pub instead_of: Option<Untrusted>,
}

/// A table no longer carries the mark of this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnmarkActive {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
}

fn tag<'a>(tags: &'a Tags, key: &str) -> Option<&'a str> {
    tags.get(&key.into()).map(Untrusted::raw)
}

/// Who has marked a table, as its tags say.
fn by(tags: &Tags) -> String {
    let by = tag(tags, TAG_ACTIVE_BY);
    by.map_or_else(String::new, |by| format!(" ({})", shown(by)))
}

#[async_trait]
impl Operation for MarkActive {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:MarkActive";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "TagResource",
            parameters: json!({
                "ResourceArn": self.arn,
                "Tags": [
                    {"Key": TAG_ACTIVE, "Value": stamp_marker("run")},
                    {"Key": TAG_ACTIVE_BY, "Value": stamp_marker("by")},
                ],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let Some(found) = tags_of(&cx.clients, &self.arn).await? else {
            return Ok(no_table(&self.table));
        };
        let expected = self.instead_of.as_ref().map(Untrusted::raw);
        Ok(match tag(&found, TAG_ACTIVE) {
            Some(run) if run == cx.stamp.run.as_str() => present(&self.table, "marked"),
            Some(other) if Some(other) != expected => Probe::Conflict(format!(
                "{} is marked by run {}{} since the plan was made: somebody else is restoring it",
                shown(&self.table),
                shown(other),
                by(&found)
            )),
            before => Probe::Absent {
                found: json!({"active": before}),
            },
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let tag = |key: &str, value: &str| {
            let tag = Tag::builder().key(key).value(value);
            built(MARK, tag.build())
        };
        let answer = cx
            .clients
            .dynamodb_once
            .tag_resource()
            .resource_arn(&self.arn)
            .tags(tag(TAG_ACTIVE, cx.stamp.run.as_str())?)
            .tags(tag(TAG_ACTIVE_BY, &cx.stamp.by)?)
            .send()
            .await
            .map_err(|error| failure(MARK, &error))?;
        Ok(accepted(&self.table, &answer))
    }
}

#[async_trait]
impl Operation for UnmarkActive {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:UnmarkActive";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UntagResource",
            parameters: json!({
                "ResourceArn": self.arn,
                "TagKeys": [TAG_ACTIVE, TAG_ACTIVE_BY],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let found = tags_of(&cx.clients, &self.arn).await?.unwrap_or_default();
        let detail = match tag(&found, TAG_ACTIVE) {
            Some(run) if run == cx.stamp.run.as_str() => {
                return Ok(Probe::Absent {
                    found: json!({"active": run}),
                });
            }
            // Whoever has taken over takes the mark away.
            Some(other) => format!("the mark is run {}'s{}", shown(other), by(&found)),
            None => "no mark".to_owned(),
        };
        Ok(present(&self.table, detail))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let answer = cx
            .clients
            .dynamodb_once
            .untag_resource()
            .resource_arn(&self.arn)
            .tag_keys(TAG_ACTIVE)
            .tag_keys(TAG_ACTIVE_BY)
            .send()
            .await
            .map_err(|error| failure(UNMARK, &error))?;
        Ok(accepted(&self.table, &answer))
    }
}
