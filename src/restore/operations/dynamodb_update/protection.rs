//! Protects a table from deletion.
//! A restored table is not, whatever the one was that it stands in for.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CALL;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{
    HandledTable, accepted, passing, present, settled, wait_until_active,
};

/// A table is protected from deletion, or it is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetDeletionProtection {
    /// Name of the table.
    pub table: String,
    /// Whether it is.
    pub on: bool,
}

#[async_trait]
impl Operation for SetDeletionProtection {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:SetDeletionProtection";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateTable",
            parameters: json!({
                "TableName": self.table,
                "DeletionProtectionEnabled": self.on,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let table = match settled(cx, &self.table).await? {
            Ok(table) => table,
            Err(otherwise) => return Ok(otherwise),
        };
        let word = if self.on {
            "protected"
        } else {
            "not protected"
        };
        Ok(if table.deletion_protection == self.on {
            present(&self.table, format!("{word} from deletion"))
        } else {
            Probe::Absent {
                found: json!({"on": table.deletion_protection}),
            }
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let request = cx.clients.dynamodb_once.update_table();
        let request = request
            .table_name(&self.table)
            .deletion_protection_enabled(self.on);
        let answer = request.send().await;
        let answer = answer.map_err(|error| passing(failure(CALL, &error)))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
