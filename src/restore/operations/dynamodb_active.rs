//! The mark of a run on the table whose past it restores, as `ec2_active` sets it on what it works at.
//!
//! `UntagResource` takes keys and no values, so a mark that somebody else has set between the last look and the call
//! would go with it; the guard holds that no key but defib's own is taken away.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, not_ready};
use super::ec2_active::{TAG_ACTIVE, TAG_ACTIVE_BY};
use crate::domain::failure::Failure;
use crate::domain::text::Untrusted;
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

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(MARK))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(MARK))
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

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(UNMARK))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(UNMARK))
    }
}
