//! The replica of a table in one other Region (global tables of version 2019.11.21).
//!
//! It is told with the table itself: nobody has to be asked in that Region.

use aws_sdk_dynamodb::types::{ReplicaDescription, ReplicaStatus};

use super::{TABLE, description};
use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::Table;
use crate::domain::failure::Failure;
use crate::domain::text::Untrusted;
use crate::restore::observations::{incomplete, none_if_missing, text};

/// A replica as its table tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) struct DescribedReplica {
    /// `CREATING`, `ACTIVE`, `CREATION_FAILED` …
    pub status: String,
    /// What AWS says of its state; often nothing.
    pub description: Option<Untrusted>,
    /// How far it is made, in per cent, if AWS tells.
    pub percent: Option<u8>,
}

/// Reads a table with its replica in a Region, if it has one there; `None` if there is no such table.
pub(in crate::restore) async fn described_replica(
    clients: &Clients,
    name: &str,
    region: &str,
) -> Result<Option<(Table, Option<DescribedReplica>)>, Failure> {
    let read = clients.dynamodb.describe_table().table_name(name);
    let answer = read.send().await.map_err(|error| failure(TABLE, &error));
    let Some(answer) = none_if_missing(answer.map(Some))? else {
        return Ok(None);
    };
    let table = answer.table().ok_or_else(|| incomplete(TABLE, "Table"))?;
    let mut replicas = table.replicas().iter();
    let there = replicas.find(|replica| replica.region_name() == Some(region));
    Ok(Some((description::read(name, table), there.map(described))))
}

fn described(replica: &ReplicaDescription) -> DescribedReplica {
    let percent = replica.replica_status_percent_progress();
    let percent = percent.and_then(|text| text.trim_end_matches('%').parse().ok());
    DescribedReplica {
        status: text(replica.replica_status().map(ReplicaStatus::as_str)),
        description: replica
            .replica_status_description()
            .filter(|words| !words.is_empty())
            .map(Untrusted::from),
        percent: percent.filter(|percent| *percent <= 100),
    }
}
