//! Operations on tags. Only `defib:*` tags are ever removed.
//!
//! Setting a tag is safe to send again. What a tag held before is kept as found, for the undo.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Tag};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::domain::text::Untrusted;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, TAG_RUN, resolved, stamp_marker,
};

const CALL: &str = "ec2:CreateTags";

/// What a tag is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagValue {
    /// This text.
    Text(Untrusted),
    /// The id of the run.
    Run,
}

/// A resource has tags.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagResource {
    /// Id of the resource.
    pub resource: Ref<String>,
    /// Tags to set.
    pub tags: BTreeMap<String, TagValue>,
}

/// The resource whose tags were set or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tagged {
    /// Its id.
    pub resource: String,
}

#[async_trait]
impl Operation for TagResource {
    type Output = Tagged;
    const NAME: &'static str = "ec2:TagResource";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let tag = |(key, value): (&String, &TagValue)| match value {
            TagValue::Text(text) => json!({"Key": key, "Value": text.raw()}),
            TagValue::Run => json!({"Key": key, "Value": stamp_marker("run")}),
        };
        Request {
            service: "ec2",
            api: "CreateTags",
            parameters: json!({
                "Resources": [self.resource],
                "Tags": self.tags.iter().map(tag).collect::<Vec<Value>>(),
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Tagged>, Failure> {
        let resource = resolved(&self.resource, CALL)?;
        let found = tags_of(cx, resource).await?;
        let wanted = self.wanted(cx);
        if wanted
            .iter()
            .all(|(key, value)| found.get(*key) == Some(value))
        {
            return Ok(Probe::Present {
                output: Tagged {
                    resource: resource.clone(),
                },
                detail: "tagged".to_owned(),
            });
        }
        let before: BTreeMap<&str, &String> = wanted
            .keys()
            .filter_map(|key| Some((*key, found.get(*key)?)))
            .collect();
        Ok(Probe::Absent {
            found: json!({"tags": before}),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Tagged>, Failure> {
        let resource = resolved(&self.resource, CALL)?;
        let tags = self.wanted(cx).into_iter();
        let tags = tags.map(|(key, value)| Tag::builder().key(key).value(value).build());
        let answer = cx
            .clients
            .ec2_once
            .create_tags()
            .resources(resource)
            .set_tags(Some(tags.collect()))
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(Tagged {
                resource: resource.clone(),
            }),
        })
    }
}

impl TagResource {
    fn wanted(&self, cx: &Context) -> BTreeMap<&str, String> {
        let value = |value: &TagValue| match value {
            TagValue::Text(text) => text.raw().to_owned(),
            TagValue::Run => cx.stamp.run.as_str().to_owned(),
        };
        let tags = self.tags.iter();
        tags.map(|(key, tag)| (key.as_str(), value(tag))).collect()
    }
}

pub(super) async fn tags_of(
    cx: &Context,
    resource: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let filter = Filter::builder()
        .name("resource-id")
        .values(resource)
        .build();
    let answer = cx
        .clients
        .ec2
        .describe_tags()
        .filters(filter)
        .send()
        .await
        .map_err(|error| failure("ec2:DescribeTags", &error))?;
    let pair = |tag: &aws_sdk_ec2::types::TagDescription| {
        let value = tag.value().unwrap_or_default();
        Some((tag.key()?.to_owned(), value.to_owned()))
    };
    Ok(answer.tags().iter().filter_map(pair).collect())
}

/// A resource no longer has some of defib's tags.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveTags {
    /// Id of the resource.
    pub resource: String,
    /// Keys to remove, all `defib:*`.
    pub keys: Vec<String>,
}

#[async_trait]
impl Operation for RemoveTags {
    type Output = Tagged;
    const NAME: &'static str = "ec2:RemoveTags";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let tag = |key: &String| json!({"Key": key});
        Request {
            service: "ec2",
            api: "DeleteTags",
            parameters: json!({
                "Resources": [self.resource],
                "Tags": self.keys.iter().map(tag).collect::<Vec<Value>>(),
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Tagged>, Failure> {
        let found = tags_of(cx, &self.resource).await?;
        if !self.keys.iter().any(|key| found.contains_key(key)) {
            return Ok(Probe::Present {
                output: Tagged {
                    resource: self.resource.clone(),
                },
                detail: "tags removed".to_owned(),
            });
        }
        // Another run's tags: ours are not there, or not any more.
        if found
            .get(TAG_RUN)
            .is_some_and(|run| run != cx.stamp.run.as_str())
        {
            return Ok(Probe::Present {
                output: Tagged {
                    resource: self.resource.clone(),
                },
                detail: "the tags there are another run's".to_owned(),
            });
        }
        Ok(Probe::Absent {
            found: json!({"tags": found}),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Tagged>, Failure> {
        let tags = self.keys.iter().map(|key| Tag::builder().key(key).build());
        let answer = cx
            .clients
            .ec2_once
            .delete_tags()
            .resources(&self.resource)
            .set_tags(Some(tags.collect()))
            .send()
            .await
            .map_err(|error| failure("ec2:DeleteTags", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(Tagged {
                resource: self.resource.clone(),
            }),
        })
    }
}
