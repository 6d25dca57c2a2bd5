//! Switches point-in-time recovery of a table on.
//!
//! The window of a new table begins when that is done, so nothing of before can be had back from it.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::PointInTimeRecoverySpecification;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, accepted, built, no_table, present};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::restore::observations::dynamodb_table::described_recovery;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

const CALL: &str = "dynamodb:UpdateContinuousBackups";

/// Any second of a table's last days can be restored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRecovery {
    /// Name of the table.
    pub table: String,
    /// For how many days, 1 to 35.
    pub days: i32,
}

#[async_trait]
impl Operation for SetRecovery {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:SetRecovery";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateContinuousBackups",
            parameters: json!({
                "TableName": self.table,
                "PointInTimeRecoverySpecification": {
                    "PointInTimeRecoveryEnabled": true,
                    "RecoveryPeriodInDays": self.days,
                },
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let Some(found) = described_recovery(&cx.clients, &self.table).await? else {
            return Ok(no_table(&self.table));
        };
        Ok(if found.days == Some(self.days) {
            present(&self.table, format!("{} days of recovery", self.days))
        } else {
            Probe::Absent {
                found: json!({"days": found.days}),
            }
        })
    }

    /// A table that was just made may have no backups yet; that passes.
    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let wanted = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(true)
            .recovery_period_in_days(self.days);
        let answer = cx
            .clients
            .dynamodb_once
            .update_continuous_backups()
            .table_name(&self.table)
            .point_in_time_recovery_specification(built(CALL, wanted.build())?)
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        let of = "ContinuousBackupsDescription.PointInTimeRecoveryDescription";
        Some(Wait {
            service: "dynamodb",
            api: "DescribeContinuousBackups",
            parameters: json!({"TableName": self.table}),
            query: format!("{of}.PointInTimeRecoveryStatus"),
            wanted: &["ENABLED"],
            fatal: &[],
        })
    }
}
