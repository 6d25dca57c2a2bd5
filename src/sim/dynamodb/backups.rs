//! `ListBackups`, whose pages are cut before its type is looked at: a page may be empty and not the last.
//! Nothing here makes, restores or deletes a backup.

use aws_sdk_dynamodb::operation::list_backups::{ListBackupsInput, ListBackupsOutput};
use aws_sdk_dynamodb::types as dynamodb;
use jiff::Timestamp;

use super::model::{Backup, BackupKind};
use super::{limit, pace, permit};
use crate::sim::call::Call;
use crate::sim::ec2::date;
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
        .backup_size_bytes(backup.size_bytes)
        .build()
}
