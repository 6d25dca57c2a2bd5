//! DynamoDB: tables, their backups and their continuous backups, as the control plane lists them.
//!
//! Reads alone, with the API's own defaults and limits; a limit that the API refuses is refused here.
//! Items are not simulated.

mod backups;
mod continuous;
pub mod model;
pub mod picture;
mod tables;

use std::time::Duration;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;

/// How the SDK names the service.
pub const DYNAMODB: &str = "DynamoDB";

/// How many calls a second some operations bear (DynamoDB API reference).
const LIMITED: &[(&str, usize)] = &[
    ("DescribeContinuousBackups", 10),
    ("ListBackups", 5),
    ("ListTagsOfResource", 10),
];

/// Lists the operations of DynamoDB.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(DYNAMODB, "ListTables", tables::list),
        Operation::read(DYNAMODB, "DescribeTable", tables::describe),
        Operation::read(DYNAMODB, "ListTagsOfResource", tables::list_tags),
        Operation::read(DYNAMODB, "ListBackups", backups::list),
        Operation::read(DYNAMODB, "DescribeContinuousBackups", continuous::describe),
    ]
}

/// Refuses the call where the account may not do it.
fn permit(call: &Call<'_>, operation: &str) -> Result<(), Refusal> {
    if call.is_denied() {
        let action = format!("dynamodb:{operation}");
        return Err(Refusal::access_denied(call.account(), &action));
    }
    Ok(())
}

/// Counts a call of an operation that is limited, and refuses it where too many came within a second.
fn pace(call: &mut Call<'_>, operation: &'static str) -> Result<(), Refusal> {
    let now = call.now();
    let lately = call.estate().dynamodb.lately.entry(operation).or_default();
    while lately
        .front()
        .is_some_and(|at| Duration::try_from(now.duration_since(*at)).is_ok_and(a_second_ago))
    {
        lately.pop_front();
    }
    let limited = LIMITED.iter().find(|(limited, _)| *limited == operation);
    if limited.is_some_and(|(_, calls)| lately.len() >= *calls) {
        return Err(Refusal::client(
            "ThrottlingException",
            "Rate of requests exceeds the allowed throughput.",
        ));
    }
    lately.push_back(now);
    Ok(())
}

fn a_second_ago(age: Duration) -> bool {
    age >= Duration::from_secs(1)
}

/// Checks a `Limit`, which lies between 1 and 100, and is 100 where it is left out.
fn limit(given: Option<i32>) -> Result<usize, Refusal> {
    let given = given.unwrap_or(100);
    let bound = match given {
        ..=0 => "greater than or equal to 1",
        1..=100 => return Ok(usize::try_from(given).unwrap_or(100)),
        _ => "less than or equal to 100",
    };
    Err(Refusal::client(
        "ValidationException",
        format!(
            "1 validation error detected: Value '{given}' at 'limit' failed to satisfy constraint: \
             Member must have value {bound}"
        ),
    ))
}
