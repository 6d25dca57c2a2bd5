//! DynamoDB: tables, their settings, their backups and their restores, as the control plane knows them.
//!
//! With the API's own defaults and limits; a limit that the API refuses is refused here. Items are not kept, but for
//! those that are put: what is in each follows from its number.

mod backups;
mod continuous;
mod insights;
pub mod items;
mod kinesis;
pub mod model;
mod overrides;
pub mod picture;
mod policies;
pub mod putting;
mod replicas;
mod restoring;
mod rows;
mod scanning;
pub mod shape;
mod tables;
mod tagging;
mod ttl;
mod updating;

use std::time::Duration;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;

/// How the SDK names the service.
pub const DYNAMODB: &str = "DynamoDB";

/// How many calls a second some operations bear (DynamoDB API reference).
const LIMITED: &[(&str, usize)] = &[
    ("DescribeBackup", 10),
    ("DescribeContinuousBackups", 10),
    ("ListBackups", 5),
    ("ListTagsOfResource", 10),
    ("RestoreTableFromBackup", 10),
    ("RestoreTableToPointInTime", 10),
    ("TagResource", 5),
    ("UntagResource", 5),
];

/// Lists the operations of DynamoDB.
pub fn operations() -> Vec<Operation> {
    let read = [
        Operation::read(DYNAMODB, "BatchGetItem", scanning::batch_get),
        Operation::read(DYNAMODB, "DescribeBackup", backups::describe),
        Operation::read(DYNAMODB, "DescribeContinuousBackups", continuous::describe),
        Operation::read(DYNAMODB, "DescribeContributorInsights", insights::describe),
        Operation::read(
            DYNAMODB,
            "DescribeKinesisStreamingDestination",
            kinesis::describe,
        ),
        Operation::read(DYNAMODB, "DescribeTable", tables::describe),
        Operation::read(DYNAMODB, "DescribeTimeToLive", ttl::describe),
        Operation::read(DYNAMODB, "GetResourcePolicy", policies::get),
        Operation::read(DYNAMODB, "ListBackups", backups::list),
        Operation::read(DYNAMODB, "ListTables", tables::list),
        Operation::read(DYNAMODB, "ListTagsOfResource", tagging::list),
        Operation::read(DYNAMODB, "Scan", scanning::scan),
    ];
    let mutation = [
        Operation::mutation(DYNAMODB, "DeleteResourcePolicy", policies::delete),
        Operation::mutation(
            DYNAMODB,
            "EnableKinesisStreamingDestination",
            kinesis::enable,
        ),
        Operation::mutation(DYNAMODB, "PutResourcePolicy", policies::put),
        Operation::mutation(DYNAMODB, "RestoreTableFromBackup", restoring::from_backup),
        Operation::mutation(
            DYNAMODB,
            "RestoreTableToPointInTime",
            restoring::to_point_in_time,
        ),
        Operation::mutation(DYNAMODB, "TagResource", tagging::tag),
        Operation::mutation(DYNAMODB, "TransactWriteItems", putting::transact),
        Operation::mutation(DYNAMODB, "UntagResource", tagging::untag),
        Operation::mutation(DYNAMODB, "UpdateContinuousBackups", continuous::update),
        Operation::mutation(DYNAMODB, "UpdateContributorInsights", insights::update),
        Operation::mutation(DYNAMODB, "UpdateTable", updating::update),
        Operation::mutation(DYNAMODB, "UpdateTimeToLive", ttl::update),
    ];
    read.into_iter().chain(mutation).collect()
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
