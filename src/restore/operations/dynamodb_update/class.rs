//! Gives a table its class.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CALL;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{HandledTable, not_ready, wait_until_active};

/// A table is of a class.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetTableClass {
    /// Name of the table.
    pub table: String,
    /// `STANDARD` or `STANDARD_INFREQUENT_ACCESS`.
    pub class: String,
}

#[async_trait]
impl Operation for SetTableClass {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:SetTableClass";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateTable",
            parameters: json!({"TableName": self.table, "TableClass": self.class}),
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
