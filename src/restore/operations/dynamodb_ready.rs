//! Whether a table can be worked with: the read that a person's answer is held against.
//!
//! Nothing here changes anything.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, not_ready, wait_until_active};
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

const CALL: &str = "dynamodb:DescribeTable";

/// A table and its indexes are active: a read, which brings nothing about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableIsReady {
    /// Name of the table.
    pub table: Ref<String>,
}

#[async_trait]
impl Operation for TableIsReady {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:TableIsReady";
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
