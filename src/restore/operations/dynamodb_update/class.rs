//! Gives a table its class.
//! AWS takes two changes of it in thirty days ("Table classes", developer guide), so none is sent without need.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::TableClass;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CALL;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{
    HandledTable, accepted, passing, present, settled, wait_until_active,
};

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

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let table = match settled(cx, &self.table).await? {
            Ok(table) => table,
            Err(otherwise) => return Ok(otherwise),
        };
        Ok(if table.class == self.class {
            present(&self.table, shown(&self.class))
        } else {
            Probe::Absent {
                found: json!({"class": table.class}),
            }
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let request = cx.clients.dynamodb_once.update_table();
        let request = request
            .table_name(&self.table)
            .table_class(TableClass::from(self.class.as_str()));
        let answer = request.send().await;
        let answer = answer.map_err(|error| passing(failure(CALL, &error)))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
