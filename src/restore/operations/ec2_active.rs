//! The mark of a run on what it works at, for operators on other hosts: `defib:active` holds the run, and
//! `defib:active-by` who is at it and since when.
//!
//! It is advice and no lock: tags cannot be compared and set in one call. A mark that somebody else has set
//! meanwhile is found before the first change, and when the mark is read back; two who set theirs in the
//! same moment are told apart by which one stayed.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::Tag;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::{Untrusted, shown};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, stamp_marker};

use super::ec2_tags::{Tagged, tags_of};

/// Tag key for the run that works at a resource.
pub const TAG_ACTIVE: &str = "defib:active";
/// Tag key for who does, and since when.
pub const TAG_ACTIVE_BY: &str = "defib:active-by";

/// A resource carries the mark of this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkActive {
    /// Id of the resource.
    pub resource: String,
    /// The run whose mark a person has agreed to replace.
    pub instead_of: Option<Untrusted>,
}

/// A resource no longer carries the mark of this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnmarkActive {
    /// Id of the resource.
    pub resource: String,
}

fn tagged(resource: &str) -> Tagged {
    Tagged {
        resource: resource.to_owned(),
    }
}

/// Who has marked a resource, as its tags say.
fn by(tags: &BTreeMap<String, String>) -> String {
    let by = tags.get(TAG_ACTIVE_BY).map(|by| shown(by));
    by.map_or_else(String::new, |by| format!(" ({by})"))
}

#[async_trait]
impl Operation for MarkActive {
    type Output = Tagged;
    const NAME: &'static str = "ec2:MarkActive";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "CreateTags",
            parameters: json!({
                "Resources": [self.resource],
                "Tags": [
                    {"Key": TAG_ACTIVE, "Value": stamp_marker("run")},
                    {"Key": TAG_ACTIVE_BY, "Value": stamp_marker("by")},
                ],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Tagged>, Failure> {
        let found = tags_of(cx, &self.resource).await?;
        let expected = self.instead_of.as_ref().map(Untrusted::raw);
        Ok(match found.get(TAG_ACTIVE).map(String::as_str) {
            Some(run) if run == cx.stamp.run.as_str() => Probe::Present {
                output: tagged(&self.resource),
                detail: "marked".to_owned(),
            },
            Some(other) if Some(other) != expected => Probe::Conflict(format!(
                "{} is marked by run {}{} since the plan was made: somebody else is restoring it",
                self.resource,
                shown(other),
                by(&found)
            )),
            before => Probe::Absent {
                found: json!({"active": before}),
            },
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Tagged>, Failure> {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        let answer = cx
            .clients
            .ec2_once
            .create_tags()
            .resources(&self.resource)
            .tags(tag(TAG_ACTIVE, cx.stamp.run.as_str()))
            .tags(tag(TAG_ACTIVE_BY, &cx.stamp.by))
            .send()
            .await
            .map_err(|error| failure("ec2:CreateTags", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(tagged(&self.resource)),
        })
    }
}

#[async_trait]
impl Operation for UnmarkActive {
    type Output = Tagged;
    const NAME: &'static str = "ec2:UnmarkActive";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "DeleteTags",
            parameters: json!({
                "Resources": [self.resource],
                "Tags": [
                    {"Key": TAG_ACTIVE, "Value": stamp_marker("run")},
                    {"Key": TAG_ACTIVE_BY},
                ],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Tagged>, Failure> {
        let found = tags_of(cx, &self.resource).await?;
        let detail = match found.get(TAG_ACTIVE).map(String::as_str) {
            Some(run) if run == cx.stamp.run.as_str() => {
                return Ok(Probe::Absent {
                    found: json!({"active": run}),
                });
            }
            // Whoever has taken over takes the mark away.
            Some(other) => format!("the mark is run {}'s{}", shown(other), by(&found)),
            None => "no mark".to_owned(),
        };
        Ok(Probe::Present {
            output: tagged(&self.resource),
            detail,
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Tagged>, Failure> {
        // With its value: what somebody else has set meanwhile is left (EC2 API reference, DeleteTags).
        let own = Tag::builder().key(TAG_ACTIVE).value(cx.stamp.run.as_str());
        let by = Tag::builder().key(TAG_ACTIVE_BY);
        let answer = cx
            .clients
            .ec2_once
            .delete_tags()
            .resources(&self.resource)
            .tags(own.build())
            .tags(by.build())
            .send()
            .await
            .map_err(|error| failure("ec2:DeleteTags", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(tagged(&self.resource)),
        })
    }
}
