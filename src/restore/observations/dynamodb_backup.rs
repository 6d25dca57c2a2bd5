//! Backups of `DynamoDB` tables, and what they keep of the settings of their table.
//!
//! A backup does not keep tags, policies or scaling: of a table that is gone they are not known from here.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    BackupDescription, BackupStatus, BackupSummary, BackupTypeFilter, BillingMode,
    GlobalSecondaryIndexInfo, LocalSecondaryIndexInfo, ProvisionedThroughput, SourceTableDetails,
    TimeToLiveDescription, TimeToLiveStatus,
};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::{Backup, BackupRow, Capacity, Index};
use crate::domain::failure::Failure;

use super::dynamodb_table::{capacity_of, indexes_of, key_of, keys_of, projected, streamed};
use super::{incomplete, instant, none_if_missing, text};

const BACKUP: &str = "dynamodb:DescribeBackup";
const BACKUPS: &str = "dynamodb:ListBackups";

/// Reads a backup by its ARN; `None` if there is none.
///
/// # Errors
/// The failure of the read.
pub async fn backup(clients: &Clients, arn: &str) -> Result<Option<Backup>, Failure> {
    let read = clients.dynamodb.describe_backup().backup_arn(arn);
    let answer = read.send().await.map_err(|error| failure(BACKUP, &error));
    let Some(answer) = none_if_missing(answer.map(Some))? else {
        return Ok(None);
    };
    let description = answer.backup_description();
    let whole = description.and_then(backup_in);
    whole
        .map(Some)
        .ok_or_else(|| incomplete(BACKUP, "BackupDetails or SourceTableDetails"))
}

fn backup_in(found: &BackupDescription) -> Option<Backup> {
    let details = found.backup_details()?;
    let table = found.source_table_details()?;
    let features = found.source_table_feature_details();
    let on_demand = is_on_demand(table);
    let indexes = features.map(|features| {
        let global_ones = features.global_secondary_indexes().iter();
        let mut all: Vec<Index> = global_ones.map(|index| global(index, on_demand)).collect();
        let local_ones = features.local_secondary_indexes().iter();
        all.extend(local_ones.map(of_table));
        indexes_of(all)
    });
    let expires = features.and_then(|features| features.time_to_live_description());
    Some(Backup {
        arn: details.backup_arn().to_owned(),
        name: details.backup_name().into(),
        state: details.backup_status().as_str().to_owned(),
        kind: details.backup_type().as_str().to_owned(),
        taken_at: instant(Some(details.backup_creation_date_time()))?,
        expires_at: instant(details.backup_expiry_date_time()),
        bytes: details.backup_size_bytes().unwrap_or_default(),
        table: table.table_name().to_owned(),
        table_arn: text(table.table_arn()),
        capacity: capacity_of(
            on_demand,
            table.provisioned_throughput().map(units),
            table.on_demand_throughput(),
        ),
        keys: keys_of(table.key_schema(), &[]),
        indexes,
        stream: streamed(features.and_then(|features| features.stream_description())),
        ttl: expires.and_then(attribute),
        kms_key: key_of(features.and_then(|features| features.sse_description())),
    })
}

fn is_on_demand(table: &SourceTableDetails) -> bool {
    let units = table.provisioned_throughput();
    let no_units = units.is_none_or(|units| units.read_capacity_units() == 0);
    let mode = table.billing_mode();
    mode.map_or(no_units, |mode| *mode == BillingMode::PayPerRequest)
}

fn units(found: &ProvisionedThroughput) -> (i64, i64) {
    (found.read_capacity_units(), found.write_capacity_units())
}

/// The attribute by which items expired; `None` where they did not.
fn attribute(found: &TimeToLiveDescription) -> Option<String> {
    let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
    let status = found.time_to_live_status()?;
    let attribute = found.attribute_name()?;
    on.contains(status).then(|| attribute.to_owned())
}

fn global(index: &GlobalSecondaryIndexInfo, on_demand: bool) -> Index {
    let capacity: Capacity = capacity_of(
        on_demand,
        index.provisioned_throughput().map(units),
        index.on_demand_throughput(),
    );
    let (projection, included) = projected(index.projection());
    Index {
        name: text(index.index_name()),
        local: false,
        keys: keys_of(index.key_schema(), &[]),
        projection,
        included,
        capacity: Some(capacity),
        status: String::new(),
    }
}

fn of_table(index: &LocalSecondaryIndexInfo) -> Index {
    let (projection, included) = projected(index.projection());
    Index {
        name: text(index.index_name()),
        local: true,
        keys: keys_of(index.key_schema(), &[]),
        projection,
        included,
        capacity: None,
        status: String::new(),
    }
}

/// Lists the backups of a table, also of one that is gone, newest first. Those of AWS Backup are asked for by
/// themselves, since `ALL` leaves them out (`ListBackups`, API reference).
///
/// # Errors
/// The failure of a read.
pub async fn backups_of(clients: &Clients, table: &str) -> Result<Vec<BackupRow>, Failure> {
    let mut rows = BTreeMap::new();
    for kind in [BackupTypeFilter::All, BackupTypeFilter::AwsBackup] {
        let mut next = None;
        loop {
            let read = clients.dynamodb.list_backups().table_name(table);
            let read = read.backup_type(kind.clone());
            let answer = read.set_exclusive_start_backup_arn(next).send().await;
            let answer = answer.map_err(|error| failure(BACKUPS, &error));
            let Some(page) = none_if_missing(answer.map(Some))? else {
                break;
            };
            let found = page.backup_summaries().iter().filter_map(row);
            rows.extend(found.map(|row| (row.arn.clone(), row)));
            next = page.last_evaluated_backup_arn;
            if next.is_none() {
                break;
            }
        }
    }
    let mut rows: Vec<BackupRow> = rows.into_values().collect();
    rows.sort_by_key(|row| Reverse(row.taken_at));
    Ok(rows)
}

fn row(found: &BackupSummary) -> Option<BackupRow> {
    Some(BackupRow {
        arn: found.backup_arn()?.to_owned(),
        taken_at: instant(found.backup_creation_date_time())?,
        state: text(found.backup_status().map(BackupStatus::as_str)),
    })
}
