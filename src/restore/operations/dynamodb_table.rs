//! What the operations on `DynamoDB` tables share: what they tell of a table, and how a probe begins.
//!
//! A table changes one setting at a time, so a probe that finds it changing waits whatever it was looking for
//! (`UpdateTable`, API reference).

use aws_sdk_dynamodb::types::ProvisionedThroughput;
use aws_smithy_types::error::operation::BuildError;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::dynamodb::{Capacity, Table};
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::text::shown;
use crate::restore::observations::dynamodb_table::table;
use crate::restore::operation::{Context, Issued, Probe, Wait};

/// States of a table out of which it does not come by itself.
pub(super) const FATAL: &[&str] = &[
    "DELETING",
    "ARCHIVING",
    "ARCHIVED",
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
];

/// The state of a table, and of an index, that can be worked with.
pub(super) const ACTIVE: &str = "ACTIVE";

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

/// The wanted state of a table holds.
pub(super) fn present(table: &str, detail: impl Into<String>) -> Probe<HandledTable> {
    Probe::Present {
        output: handled(table),
        detail: detail.into(),
    }
}

/// AWS took a request about a table.
pub(super) fn accepted(table: &str, answer: &impl RequestId) -> Issued<HandledTable> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(handled(table)),
    }
}

/// Says that there is no such table.
pub(super) fn no_table<O>(table: &str) -> Probe<O> {
    Probe::Conflict(format!("table {} is not there", shown(table)))
}

/// Reads a table that can be worked with; the inner error is what a probe says where there is none, or where it
/// cannot be worked with yet.
pub(super) async fn settled<O>(
    cx: &Context,
    name: &str,
) -> Result<Result<Table, Probe<O>>, Failure> {
    let Some(table) = table(&cx.clients, name).await? else {
        return Ok(Err(no_table(name)));
    };
    Ok(match unsettled(&table) {
        Some(Unsettled::Lost(why)) => Err(Probe::Failed(why)),
        Some(Unsettled::Passing(detail)) => Err(Probe::InProgress {
            detail,
            percent: None,
        }),
        None => Ok(table),
    })
}

/// Why a table cannot be worked with.
pub(super) enum Unsettled {
    /// It does not pass by itself.
    Lost(String),
    /// It passes.
    Passing(String),
}

/// Says why a table cannot be worked with; `None` if it and all of its indexes are active.
pub(super) fn unsettled(table: &Table) -> Option<Unsettled> {
    let named = shown(&table.name);
    let status = shown(&table.status);
    if FATAL.contains(&table.status.as_str()) {
        return Some(Unsettled::Lost(format!("table {named} is {status}")));
    }
    if table.status != ACTIVE {
        return Some(Unsettled::Passing(status));
    }
    let busy = |status: &str| !status.is_empty() && status != ACTIVE;
    let index = table.indexes.iter().find(|index| busy(&index.status))?;
    let (name, status) = (shown(&index.name), shown(&index.status));
    Some(Unsettled::Passing(format!("index {name} is {status}")))
}

/// Returns what to look at to see that a table can be worked with.
pub(super) fn wait_until_active(table: &Value) -> Wait {
    Wait {
        service: "dynamodb",
        api: "DescribeTable",
        parameters: json!({"TableName": table}),
        query: "Table.TableStatus".to_owned(),
        wanted: &[ACTIVE],
        fatal: FATAL,
    }
}

/// A request that lacks what it must have, before it is sent.
pub(super) fn incomplete(call: &str, what: &str) -> Failure {
    Failure {
        class: FailureClass::Refused,
        effect: Effect::None,
        call: call.to_owned(),
        code: None,
        message: format!("it cannot be sent: {what}").into(),
        request_id: None,
    }
}

/// Hands on a part of a request, or says what it lacks.
pub(super) fn built<T>(call: &str, part: Result<T, BuildError>) -> Result<T, Failure> {
    part.map_err(|error| incomplete(call, &error.to_string()))
}

/// Returns provisioned units as a request takes them.
pub(super) fn units(call: &str, capacity: &Capacity) -> Result<ProvisionedThroughput, Failure> {
    let units = ProvisionedThroughput::builder()
        .read_capacity_units(capacity.read)
        .write_capacity_units(capacity.write);
    built(call, units.build())
}

/// Tells a limit that passes from a quota: of what goes on at the same time, of which `DynamoDB` speaks by the same
/// code (`LimitExceededException`, API reference: up to 500 simultaneous table operations).
pub(super) fn passing(failure: Failure) -> Failure {
    let at_once = ["simultaneous", "concurrent"];
    let message = failure.message.raw().to_ascii_lowercase();
    let passes =
        failure.class == FailureClass::Quota && at_once.iter().any(|word| message.contains(word));
    Failure {
        class: if passes {
            FailureClass::State
        } else {
            failure.class
        },
        ..failure
    }
}

/// Sends the read of a table once, as an operation that is one sends it.
pub(super) async fn read(cx: &Context, name: &str) -> Result<Issued<HandledTable>, Failure> {
    let request = cx.clients.dynamodb_once.describe_table();
    let answer = request.table_name(name).send().await;
    let answer = answer.map_err(|error| failure("dynamodb:DescribeTable", &error))?;
    Ok(accepted(name, &answer))
}
