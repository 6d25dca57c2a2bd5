//! Whether a table can be worked with: the read that a person's answer is held against.
//!
//! Nothing here changes anything.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, present, read, settled, wait_until_active};
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};

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

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let name = resolved(&self.table, CALL)?;
        Ok(match settled(cx, name).await? {
            Ok(table) => present(name, format!("{} is {}", shown(name), shown(&table.status))),
            Err(otherwise) => otherwise,
        })
    }

    /// Sends the read: there is nothing else to send.
    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let name = resolved(&self.table, CALL)?;
        read(cx, name).await
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
