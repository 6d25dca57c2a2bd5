//! Whether a restored table is set as the one was that it stands in for: a read, which brings nothing about.
//!
//! What it is held against was written down when the plan was made, so it does not matter what has become of the
//! other table since.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, not_ready, wait_until_active};
use crate::domain::dynamodb::Wanted;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

const CALL: &str = "dynamodb:DescribeTable";

/// A table is set as it has to be: a read, which brings nothing about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableIsAlike {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
    /// How it has to be.
    pub wanted: Wanted,
}

#[async_trait]
impl Operation for TableIsAlike {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:TableIsAlike";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "DescribeTable",
            parameters: json!({"TableName": self.table}),
        }
    }

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(CALL))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
