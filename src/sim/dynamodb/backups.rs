//! `ListBackups`, whose pages are cut before its type is looked at: a page may be empty and not the last; and
//! `DescribeBackup`, which tells what it keeps of its table. Nothing here makes or deletes a backup.

use aws_sdk_dynamodb::operation::describe_backup::{DescribeBackupInput, DescribeBackupOutput};
use aws_sdk_dynamodb::operation::list_backups::{ListBackupsInput, ListBackupsOutput};
use aws_sdk_dynamodb::types as dynamodb;
use jiff::Timestamp;

use super::model::{Backup, BackupKind, DynamoDb, Kept};
use super::rows::{built, encryption, key_schema, on_demand, projection, stream};
use super::shape::{Capacity, Index};
use super::{limit, pace, permit};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `ListBackups`. Without a type it lists what users made; `ALL` is that and what DynamoDB made; what AWS
/// Backup made is listed only where it is asked for. Only an absent `LastEvaluatedBackupArn` ends the
/// list (DynamoDB API reference).
pub fn list(input: &ListBackupsInput, call: &mut Call<'_>) -> Answer<ListBackupsOutput> {
    permit(call, "ListBackups")?;
    pace(call, "ListBackups")?;
    let limit = limit(input.limit())?;
    let start = input.exclusive_start_backup_arn();
    let backups = &call.estate().dynamodb.backups;
    let beyond = backups
        .values()
        .filter(|backup| is_of_table(backup, input.table_name()))
        .filter(|backup| start.is_none_or(|start| backup.arn.as_str() > start));
    let mut evaluated: Vec<&Backup> = beyond.collect();
    let more = evaluated.len() > limit;
    evaluated.truncate(limit);
    let last = evaluated.last().filter(|_| more);
    let last = last.map(|backup| backup.arn.clone());
    let wanted = input.backup_type().map_or("USER", |wanted| wanted.as_str());
    let rows = evaluated
        .into_iter()
        .filter(|backup| is_wanted(backup.kind, wanted) && is_within(backup.created, input))
        .map(row)
        .collect();
    answer(move |output: &mut ListBackupsOutput| {
        output.backup_summaries = Some(rows);
        output.last_evaluated_backup_arn = last;
    })
}

fn is_of_table(backup: &Backup, table: Option<&str>) -> bool {
    table.is_none_or(|table| backup.table_name == table || backup.table_arn == table)
}

fn is_wanted(kind: BackupKind, wanted: &str) -> bool {
    match kind {
        BackupKind::User | BackupKind::System => wanted == "ALL" || wanted == kind.name(),
        BackupKind::AwsBackup => wanted == kind.name(),
    }
}

/// The lower bound is inclusive, the upper one is not.
fn is_within(created: Timestamp, input: &ListBackupsInput) -> bool {
    let created = date(created);
    input
        .time_range_lower_bound()
        .is_none_or(|from| created >= *from)
        && input
            .time_range_upper_bound()
            .is_none_or(|to| created < *to)
}

fn row(backup: &Backup) -> dynamodb::BackupSummary {
    dynamodb::BackupSummary::builder()
        .table_name(&backup.table_name)
        .table_id(&backup.table_id)
        .table_arn(&backup.table_arn)
        .backup_arn(&backup.arn)
        .backup_name(&backup.name)
        .backup_creation_date_time(date(backup.created))
        .set_backup_expiry_date_time(backup.expires.map(date))
        .backup_status(dynamodb::BackupStatus::from(backup.status.as_str()))
        .backup_type(dynamodb::BackupType::from(backup.kind.name()))
        .backup_size_bytes(backup.kept.items.size_bytes)
        .build()
}

impl DynamoDb {
    /// Finds a backup by its ARN.
    pub fn backup(&self, arn: &str) -> Result<&Backup, Refusal> {
        let found = self.backups.get(arn);
        found
            .filter(|backup| backup.status != "DELETED")
            .ok_or_else(|| {
                Refusal::client(
                    "BackupNotFoundException",
                    format!("Backup not found: {arn}"),
                )
            })
    }
}

/// `DescribeBackup`.
pub fn describe(input: &DescribeBackupInput, call: &mut Call<'_>) -> Answer<DescribeBackupOutput> {
    permit(call, "DescribeBackup")?;
    pace(call, "DescribeBackup")?;
    let dynamodb = &call.estate().dynamodb;
    let backup = dynamodb.backup(input.backup_arn().unwrap_or_default())?;
    let details = dynamodb::BackupDetails::builder()
        .backup_arn(&backup.arn)
        .backup_name(&backup.name)
        .backup_size_bytes(backup.kept.items.size_bytes)
        .backup_status(dynamodb::BackupStatus::from(backup.status.as_str()))
        .backup_type(dynamodb::BackupType::from(backup.kind.name()))
        .backup_creation_date_time(date(backup.created))
        .set_backup_expiry_date_time(backup.expires.map(date));
    let row = dynamodb::BackupDescription::builder()
        .backup_details(built(details.build())?)
        .source_table_details(table_of(backup)?)
        .source_table_feature_details(features(&backup.kept)?)
        .build();
    answer(move |output: &mut DescribeBackupOutput| output.backup_description = Some(row))
}

fn table_of(backup: &Backup) -> Result<dynamodb::SourceTableDetails, Refusal> {
    let Kept { shape, items, .. } = &backup.kept;
    let mode = if shape.capacity.on_demand {
        dynamodb::BillingMode::PayPerRequest
    } else {
        dynamodb::BillingMode::Provisioned
    };
    let row = dynamodb::SourceTableDetails::builder()
        .table_name(&backup.table_name)
        .table_id(&backup.table_id)
        .table_arn(&backup.table_arn)
        .table_size_bytes(items.size_bytes)
        .item_count(items.count)
        .set_key_schema(Some(key_schema(&shape.keys)?))
        // When the table itself was made is not kept.
        .table_creation_date_time(date(backup.created))
        .provisioned_throughput(provisioned(&shape.capacity)?)
        .set_on_demand_throughput(on_demand(&shape.capacity))
        .billing_mode(mode);
    built(row.build())
}

/// Neither tags nor anything else that a restore forgets, but for the stream and time to live.
fn features(kept: &Kept) -> Result<dynamodb::SourceTableFeatureDetails, Refusal> {
    let (mut local, mut global) = (Vec::new(), Vec::new());
    for (name, index) in &kept.shape.indexes {
        if index.local {
            local.push(local_index(name, index)?);
        } else {
            global.push(global_index(name, index)?);
        }
    }
    let ttl = kept.ttl.as_ref().map(|attribute| {
        dynamodb::TimeToLiveDescription::builder()
            .time_to_live_status(dynamodb::TimeToLiveStatus::Enabled)
            .attribute_name(attribute)
            .build()
    });
    Ok(dynamodb::SourceTableFeatureDetails::builder()
        .set_local_secondary_indexes((!local.is_empty()).then_some(local))
        .set_global_secondary_indexes((!global.is_empty()).then_some(global))
        .set_stream_description(kept.stream.as_deref().map(stream).transpose()?)
        .set_time_to_live_description(ttl)
        .set_sse_description(kept.shape.key_arn.as_deref().map(encryption))
        .build())
}

fn local_index(name: &str, index: &Index) -> Result<dynamodb::LocalSecondaryIndexInfo, Refusal> {
    Ok(dynamodb::LocalSecondaryIndexInfo::builder()
        .index_name(name)
        .set_key_schema(Some(key_schema(&index.keys)?))
        .projection(projection(index))
        .build())
}

fn global_index(name: &str, index: &Index) -> Result<dynamodb::GlobalSecondaryIndexInfo, Refusal> {
    Ok(dynamodb::GlobalSecondaryIndexInfo::builder()
        .index_name(name)
        .set_key_schema(Some(key_schema(&index.keys)?))
        .projection(projection(index))
        .provisioned_throughput(provisioned(&index.capacity)?)
        .set_on_demand_throughput(on_demand(&index.capacity))
        .build())
}

fn provisioned(capacity: &Capacity) -> Result<dynamodb::ProvisionedThroughput, Refusal> {
    let row = dynamodb::ProvisionedThroughput::builder()
        .read_capacity_units(capacity.read)
        .write_capacity_units(capacity.write);
    built(row.build())
}
