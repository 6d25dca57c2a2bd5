//! Counts the items of a table that are past their time to live: a read, which brings nothing about.
//!
//! A person decides by the count whether AWS may begin to delete them, so it says whether it is of all items.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::not_ready;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

const CALL: &str = "dynamodb:Scan";

/// AWS deletes nothing that expired longer ago: five years, with their leap days ("How it works: TTL", developer
/// guide).
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1_827 * 24);

/// A number counts as a second of expiry between these two.
const FILTER: &str = "attribute_type(#t, :n) AND #t BETWEEN :from AND :now";

/// It is known how many items of a table are past their time to live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountExpired {
    /// Name of the table.
    pub table: String,
    /// The attribute that holds the second in which an item expires.
    pub attribute: String,
    /// The second as of which a script counts; a run counts as of the one in which it does.
    pub as_of: Timestamp,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Items that have expired.
    pub expired: u64,
    /// Items that were looked at.
    pub looked_at: u64,
    /// Whether these are all; else there may be more that have expired.
    pub complete: bool,
}

/// The first second and the last one between which an item has expired, and would be deleted.
fn seconds(as_of: Timestamp) -> (String, String) {
    let from = as_of
        .checked_sub(FORGOTTEN_AFTER)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    (from.as_second().to_string(), as_of.as_second().to_string())
}

#[async_trait]
impl Operation for CountExpired {
    type Output = Counted;
    const NAME: &'static str = "dynamodb:CountExpired";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let (from, now) = seconds(self.as_of);
        Request {
            service: "dynamodb",
            api: "Scan",
            parameters: json!({
                "TableName": self.table,
                "Select": "COUNT",
                "FilterExpression": FILTER,
                "ExpressionAttributeNames": {"#t": self.attribute},
                "ExpressionAttributeValues": {
                    ":n": {"S": "N"},
                    ":from": {"N": from},
                    ":now": {"N": now},
                },
            }),
        }
    }

    async fn probe(&self, _cx: &Context) -> Result<Probe<Counted>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<Counted>, Failure> {
        Err(not_ready(CALL))
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("expired", "Count"), ("looked_at", "ScannedCount")]
    }
}
