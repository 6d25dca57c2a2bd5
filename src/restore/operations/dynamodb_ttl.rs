//! Switches time to live of a table on.
//!
//! From then on AWS deletes what is past its second, which for a restored table may be much at once. A table takes
//! one such change an hour, and may be `ENABLING` for as long (`UpdateTimeToLive`, API reference).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, not_ready};
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

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

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(CALL))
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
