//! The Kinesis streams that the changes of a table go to.
//!
//! AWS also tells of streams that nothing goes to any more; they are no setting of the table.

use aws_sdk_dynamodb::types::{DestinationStatus, KinesisDataStreamDestination};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::Destination;
use crate::domain::failure::Failure;
use crate::domain::text::Untrusted;
use crate::restore::observations::{none_if_missing, text};

const CALL: &str = "dynamodb:DescribeKinesisStreamingDestination";

/// States in which a stream gets the changes, or is about to (`KinesisDataStreamDestination`, API reference).
const IN_USE: &[&str] = &["ACTIVE", "ENABLING", "UPDATING"];

/// A stream that the changes of a table go to, or once went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) struct DescribedDestination {
    /// The stream with its precision.
    pub destination: Destination,
    /// `ACTIVE`, `ENABLING`, `UPDATING`, `DISABLING`, `DISABLED` or `ENABLE_FAILED`.
    pub status: String,
    /// What AWS says of its state; often nothing.
    pub description: Option<Untrusted>,
}

/// Reads the Kinesis streams that the changes of a table go to, sorted by their ARNs.
///
/// # Errors
/// The failure of the read.
pub async fn kinesis(clients: &Clients, name: &str) -> Result<Vec<Destination>, Failure> {
    let all = described_kinesis(clients, name).await?.unwrap_or_default();
    let mut used: Vec<Destination> = all
        .into_iter()
        .filter(|one| IN_USE.contains(&one.status.as_str()))
        .map(|one| one.destination)
        .collect();
    used.sort_by(|one, other| one.stream.cmp(&other.stream));
    Ok(used)
}

/// Reads every stream that AWS tells of, in use or not; `None` if there is no such table.
pub(in crate::restore) async fn described_kinesis(
    clients: &Clients,
    name: &str,
) -> Result<Option<Vec<DescribedDestination>>, Failure> {
    let read = clients.dynamodb.describe_kinesis_streaming_destination();
    let answer = read.table_name(name).send().await;
    let answer = answer.map_err(|error| failure(CALL, &error));
    let found = none_if_missing(answer.map(Some))?;
    Ok(found.map(|answer| {
        let all = answer.kinesis_data_stream_destinations().iter();
        all.map(described).collect()
    }))
}

fn described(one: &KinesisDataStreamDestination) -> DescribedDestination {
    let precision = one.approximate_creation_date_time_precision();
    let status = one.destination_status().map(DestinationStatus::as_str);
    let description = one.destination_status_description();
    DescribedDestination {
        destination: Destination {
            stream: text(one.stream_arn()),
            precision: precision.map(|precision| precision.as_str().to_owned()),
        },
        status: text(status),
        description: description
            .filter(|words| !words.is_empty())
            .map(Untrusted::from),
    }
}
