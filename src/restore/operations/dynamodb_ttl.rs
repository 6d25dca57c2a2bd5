//! Switches time to live of a table on.
//!
//! From then on AWS deletes what is past its second, which for a restored table may be much at once. A table takes
//! one such change an hour, and may be `ENABLING` for as long (`UpdateTimeToLive`, API reference).

use async_trait::async_trait;
use aws_sdk_dynamodb::types::TimeToLiveSpecification;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, accepted, built, no_table, present};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::observations::dynamodb_table::described_time_to_live;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

#[cfg(test)]
mod tests;

const CALL: &str = "dynamodb:UpdateTimeToLive";

/// Items of a table expire by an attribute.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableTimeToLive {
    /// Name of the table.
    pub table: String,
    /// The attribute that holds the second in which an item expires.
    pub attribute: String,
}

#[async_trait]
impl Operation for EnableTimeToLive {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:EnableTimeToLive";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateTimeToLive",
            parameters: json!({
                "TableName": self.table,
                "TimeToLiveSpecification": {"Enabled": true, "AttributeName": self.attribute},
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let Some(found) = described_time_to_live(&cx.clients, &self.table).await? else {
            return Ok(no_table(&self.table));
        };
        let named = shown(&self.table);
        let Some(found) = found.filter(|found| found.status != "DISABLED") else {
            return Ok(Probe::Absent {
                found: json!({"attribute": null}),
            });
        };
        let (attribute, status) = (shown(&found.attribute), shown(&found.status));
        let ours = found.attribute == self.attribute;
        Ok(match found.status.as_str() {
            "ENABLED" if ours => present(&self.table, format!("items expire by {attribute}")),
            "ENABLING" if ours => present(
                &self.table,
                format!("{status} by {attribute}, for which AWS takes up to an hour"),
            ),
            _other => Probe::Conflict(format!(
                "time to live of {named} is {status} by {attribute}"
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let wanted = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name(&self.attribute);
        let answer = cx
            .clients
            .dynamodb_once
            .update_time_to_live()
            .table_name(&self.table)
            .time_to_live_specification(built(CALL, wanted.build())?)
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "dynamodb",
            api: "DescribeTimeToLive",
            parameters: json!({"TableName": self.table}),
            query: "TimeToLiveDescription.TimeToLiveStatus".to_owned(),
            wanted: &["ENABLED", "ENABLING"],
            fatal: &["DISABLING"],
        })
    }
}
