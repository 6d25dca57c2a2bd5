//! Gives a table a stream.
//!
//! It is a new one with an ARN of its own, which whoever reads the old one has to be told.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CALL;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{not_ready, wait_until_active};

/// A table has a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableStream {
    /// Name of the table.
    pub table: String,
    /// What the stream holds, `NEW_AND_OLD_IMAGES`.
    pub view: String,
}

/// The stream of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streaming {
    /// Name of the table.
    pub table: String,
    /// ARN of the stream.
    pub stream: String,
}

#[async_trait]
impl Operation for EnableStream {
    type Output = Streaming;
    const NAME: &'static str = "dynamodb:EnableStream";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateTable",
            parameters: json!({
                "TableName": self.table,
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": self.view},
            }),
        }
    }

    async fn probe(&self, _cx: &Context) -> Result<Probe<Streaming>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<Streaming>, Failure> {
        Err(not_ready(CALL))
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("table", "TableDescription.TableName"),
            ("stream", "TableDescription.LatestStreamArn"),
        ]
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
