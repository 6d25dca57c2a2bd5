//! Switches point-in-time recovery of a table on.
//!
//! The window of a new table begins when that is done, so nothing of before can be had back from it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, not_ready};
use crate::domain::failure::Failure;
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

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(CALL))
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
