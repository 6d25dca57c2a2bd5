//! What the operations on `DynamoDB` tables share: what they tell of a table, and how a probe begins.
//!
//! A table changes one setting at a time, so a probe that finds it changing waits whatever it was looking for
//! (`UpdateTable`, API reference).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::restore::operation::Wait;

/// States of a table out of which it does not come by itself.
pub(super) const FATAL: &[&str] = &[
    "DELETING",
    "ARCHIVING",
    "ARCHIVED",
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
];

/// The table an operation was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandledTable {
    /// Its name.
    pub table: String,
}

pub(super) fn handled(table: &str) -> HandledTable {
    HandledTable {
        table: table.to_owned(),
    }
}

/// Returns what to look at to see that a table can be worked with.
pub(super) fn wait_until_active(table: &Value) -> Wait {
    Wait {
        service: "dynamodb",
        api: "DescribeTable",
        parameters: json!({"TableName": table}),
        query: "Table.TableStatus".to_owned(),
        wanted: &["ACTIVE"],
        fatal: FATAL,
    }
}

/// Stands in for what is not written yet.
pub(super) fn not_ready(call: &str) -> Failure {
    Failure {
        class: FailureClass::Refused,
        effect: Effect::None,
        call: call.to_owned(),
        code: None,
        message: "not ready".into(),
        request_id: None,
    }
}
