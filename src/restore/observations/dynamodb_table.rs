//! A `DynamoDB` table with everything that is set of it.
//!
//! A table that is not there has no settings: that is an answer, not a failure.

mod description;
mod insights;
mod kinesis;
mod replica;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    PointInTimeRecoveryDescription, PointInTimeRecoveryStatus, TimeToLiveDescription,
};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::{Policy, Recovery, Table, TimeToLive, Window};
use crate::domain::ec2::Tags;
use crate::domain::failure::Failure;
use crate::domain::text::Untrusted;

use super::{incomplete, instant, none_if_missing, text};

pub use insights::insights;
pub(in crate::restore) use insights::{DescribedInsights, described_insights};
pub use kinesis::kinesis;
pub(in crate::restore) use kinesis::{DescribedDestination, described_kinesis};
pub(in crate::restore) use replica::{DescribedReplica, described_replica};

pub(super) use description::{capacity_of, indexes_of, key_of, keys_of, projected, streamed};

const TABLE: &str = "dynamodb:DescribeTable";
const RECOVERY: &str = "dynamodb:DescribeContinuousBackups";
const TTL: &str = "dynamodb:DescribeTimeToLive";
const TAGS: &str = "dynamodb:ListTagsOfResource";
const POLICY: &str = "dynamodb:GetResourcePolicy";

/// Days of recovery where AWS tells none (`PointInTimeRecoveryDescription`, API reference).
const USUAL_DAYS: i32 = 35;

/// Reads a table by its name; `None` if there is none.
///
/// # Errors
/// The failure of the read.
pub async fn table(clients: &Clients, name: &str) -> Result<Option<Table>, Failure> {
    let read = clients.dynamodb.describe_table().table_name(name);
    let answer = read.send().await.map_err(|error| failure(TABLE, &error));
    let Some(answer) = none_if_missing(answer.map(Some))? else {
        return Ok(None);
    };
    let table = answer.table().ok_or_else(|| incomplete(TABLE, "Table"))?;
    Ok(Some(description::read(name, table)))
}

/// Reads how far back a table can be restored.
///
/// # Errors
/// The failure of the read.
pub async fn recovery(clients: &Clients, name: &str) -> Result<Recovery, Failure> {
    let found = described_recovery(clients, name).await?;
    Ok(found.unwrap_or(Recovery {
        days: None,
        moving: None,
    }))
}

/// The same; `None` if there is no such table.
pub(in crate::restore) async fn described_recovery(
    clients: &Clients,
    name: &str,
) -> Result<Option<Recovery>, Failure> {
    let read = clients.dynamodb.describe_continuous_backups();
    let answer = read.table_name(name).send().await;
    let answer = answer.map_err(|error| failure(RECOVERY, &error));
    let found = none_if_missing(answer.map(Some))?;
    Ok(found.map(|answer| {
        let whole = answer.continuous_backups_description();
        recovery_in(whole.and_then(|whole| whole.point_in_time_recovery_description()))
    }))
}

fn recovery_in(found: Option<&PointInTimeRecoveryDescription>) -> Recovery {
    let on = |found: &&PointInTimeRecoveryDescription| {
        found.point_in_time_recovery_status() == Some(&PointInTimeRecoveryStatus::Enabled)
    };
    let found = found.filter(on);
    let window = |found: &PointInTimeRecoveryDescription| {
        Some(Window {
            earliest: instant(found.earliest_restorable_date_time())?,
            latest: instant(found.latest_restorable_date_time())?,
        })
    };
    Recovery {
        days: found.map(|found| found.recovery_period_in_days().unwrap_or(USUAL_DAYS)),
        moving: found.and_then(window),
    }
}

/// Reads by what the items of a table expire; `None` if they do not.
///
/// # Errors
/// The failure of the read.
pub async fn time_to_live(clients: &Clients, name: &str) -> Result<Option<TimeToLive>, Failure> {
    let found = described_time_to_live(clients, name).await?;
    Ok(found.flatten())
}

/// The same; the outer `None` if there is no such table.
pub(in crate::restore) async fn described_time_to_live(
    clients: &Clients,
    name: &str,
) -> Result<Option<Option<TimeToLive>>, Failure> {
    let read = clients.dynamodb.describe_time_to_live().table_name(name);
    let answer = read.send().await.map_err(|error| failure(TTL, &error));
    let found = none_if_missing(answer.map(Some))?;
    let set = |found: &TimeToLiveDescription| {
        Some(TimeToLive {
            attribute: found.attribute_name()?.to_owned(),
            status: found.time_to_live_status()?.as_str().to_owned(),
        })
    };
    Ok(found.map(|answer| answer.time_to_live_description().and_then(set)))
}

/// Reads the tags of a table, all pages of them.
///
/// # Errors
/// The failure of a read.
pub async fn tags(clients: &Clients, arn: &str) -> Result<Tags, Failure> {
    Ok(tags_of(clients, arn).await?.unwrap_or_default())
}

/// The same; `None` if there is no such table.
pub(in crate::restore) async fn tags_of(
    clients: &Clients,
    arn: &str,
) -> Result<Option<Tags>, Failure> {
    let mut tags = BTreeMap::new();
    let mut next = None;
    loop {
        let read = clients.dynamodb.list_tags_of_resource().resource_arn(arn);
        let answer = read.set_next_token(next).send().await;
        let answer = answer.map_err(|error| failure(TAGS, &error));
        let Some(page) = none_if_missing(answer.map(Some))? else {
            return Ok(None);
        };
        let pair = |tag: &aws_sdk_dynamodb::types::Tag| {
            (Untrusted::from(tag.key()), Untrusted::from(tag.value()))
        };
        tags.extend(page.tags().iter().map(pair));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(Some(tags));
        }
    }
}

/// Reads the resource policy of a table; `None` if it has none.
///
/// # Errors
/// The failure of the read.
pub async fn policy(clients: &Clients, arn: &str) -> Result<Option<Policy>, Failure> {
    let read = clients.dynamodb.get_resource_policy().resource_arn(arn);
    let answer = read.send().await.map_err(|error| failure(POLICY, &error));
    let Some(answer) = none_if_missing(answer.map(Some))? else {
        return Ok(None);
    };
    let Some(document) = answer.policy() else {
        return Ok(None);
    };
    Ok(Some(Policy {
        document: document.into(),
        revision: text(answer.revision_id()),
    }))
}
