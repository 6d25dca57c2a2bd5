//! Databases, snapshots and automated backups as RDS shows them at an instant.
//!
//! Rows are worked out when they are asked for; nothing here changes the world.

use aws_sdk_rds::types as rds;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::model::{Database, Snapshot};
use crate::sim::ec2::model::Tags;

fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

fn tags(tags: &Tags) -> Vec<rds::Tag> {
    tags.iter()
        .map(|(key, value)| rds::Tag::builder().key(key).value(value).build())
        .collect()
}

fn restore_window(of: &Database, now: Timestamp) -> Option<rds::RestoreWindow> {
    let (earliest, latest) = of.window(now)?;
    let window = rds::RestoreWindow::builder().earliest_time(date(earliest));
    Some(window.latest_time(date(latest)).build())
}

/// Shows a DB instance. It tells the end of its window and not the beginning.
pub fn instance(of: &Database, now: Timestamp) -> rds::DbInstance {
    let backed_up = of.has_automated_backup(now);
    let latest = of.window(now).filter(|_| backed_up);
    rds::DbInstance::builder()
        .db_instance_identifier(&of.id)
        .dbi_resource_id(&of.resource_id)
        .db_instance_arn(&of.arn)
        .db_instance_class(&of.class)
        .db_instance_status(&of.status)
        .engine(&of.engine)
        .engine_version(&of.engine_version)
        .allocated_storage(of.allocated_storage)
        .storage_encrypted(of.kms_key_id.is_some())
        .set_kms_key_id(of.kms_key_id.clone())
        .instance_create_time(date(of.created))
        .backup_retention_period(of.retention_days)
        .set_latest_restorable_time(latest.map(|(_, latest)| date(latest)))
        .set_db_cluster_identifier(of.member_of.clone())
        .set_aws_backup_recovery_point_arn(of.recovery_point_arn.clone())
        .set_tag_list(Some(tags(&of.tags)))
        .build()
}

/// Shows a DB cluster, with both ends of its window.
pub fn cluster(of: &Database, now: Timestamp) -> rds::DbCluster {
    let window = of.window(now).filter(|_| of.has_automated_backup(now));
    rds::DbCluster::builder()
        .db_cluster_identifier(&of.id)
        .db_cluster_resource_id(&of.resource_id)
        .db_cluster_arn(&of.arn)
        .status(&of.status)
        .engine(&of.engine)
        .engine_version(&of.engine_version)
        .allocated_storage(of.allocated_storage)
        .storage_encrypted(of.kms_key_id.is_some())
        .set_kms_key_id(of.kms_key_id.clone())
        .cluster_create_time(date(of.created))
        .backup_retention_period(of.retention_days)
        .set_earliest_restorable_time(window.map(|(earliest, _)| date(earliest)))
        .set_latest_restorable_time(window.map(|(_, latest)| date(latest)))
        .set_aws_backup_recovery_point_arn(of.recovery_point_arn.clone())
        .set_tag_list(Some(tags(&of.tags)))
        .build()
}

/// Shows the automated backup of a DB instance.
pub fn instance_automated_backup(
    of: &Database,
    region: &str,
    now: Timestamp,
) -> rds::DbInstanceAutomatedBackup {
    rds::DbInstanceAutomatedBackup::builder()
        .db_instance_identifier(&of.id)
        .dbi_resource_id(&of.resource_id)
        .db_instance_arn(&of.arn)
        .db_instance_automated_backups_arn(&of.backup_arn)
        .region(of.replicated_from.as_deref().unwrap_or(region))
        .status(of.backup_status(now))
        .set_restore_window(restore_window(of, now))
        .engine(&of.engine)
        .engine_version(&of.engine_version)
        .allocated_storage(of.allocated_storage)
        .encrypted(of.kms_key_id.is_some())
        .set_kms_key_id(of.kms_key_id.clone())
        .instance_create_time(date(of.created))
        .backup_retention_period(of.retention_days)
        .set_aws_backup_recovery_point_arn(of.recovery_point_arn.clone())
        .set_tag_list(Some(tags(&of.tags)))
        .build()
}

/// Shows the automated backup of a DB cluster.
pub fn cluster_automated_backup(
    of: &Database,
    region: &str,
    now: Timestamp,
) -> rds::DbClusterAutomatedBackup {
    rds::DbClusterAutomatedBackup::builder()
        .db_cluster_identifier(&of.id)
        .db_cluster_resource_id(&of.resource_id)
        .db_cluster_arn(&of.arn)
        .db_cluster_automated_backups_arn(&of.backup_arn)
        .region(of.replicated_from.as_deref().unwrap_or(region))
        .status(of.backup_status(now))
        .set_restore_window(restore_window(of, now))
        .engine(&of.engine)
        .engine_version(&of.engine_version)
        .allocated_storage(of.allocated_storage)
        .storage_encrypted(of.kms_key_id.is_some())
        .set_kms_key_id(of.kms_key_id.clone())
        .cluster_create_time(date(of.created))
        .backup_retention_period(of.retention_days)
        .set_aws_backup_recovery_point_arn(of.recovery_point_arn.clone())
        .set_tag_list(Some(tags(&of.tags)))
        .build()
}

/// A snapshot that is being made does not say yet when it was made.
fn taken(of: &Snapshot, at: Timestamp) -> Option<DateTime> {
    (of.status != "creating").then(|| date(at))
}

fn progress(of: &Snapshot) -> i32 {
    if of.status == "available" { 100 } else { 41 }
}

/// Shows a snapshot of a DB instance.
pub fn instance_snapshot(of: &Snapshot, account: &str) -> rds::DbSnapshot {
    rds::DbSnapshot::builder()
        .db_snapshot_identifier(of.shown_id(account))
        .db_snapshot_arn(&of.arn)
        .db_instance_identifier(&of.database)
        .dbi_resource_id(&of.resource_id)
        .snapshot_type(&of.made)
        .status(&of.status)
        .percent_progress(progress(of))
        .set_snapshot_create_time(taken(of, of.created))
        .set_original_snapshot_create_time(taken(of, of.original))
        .set_snapshot_database_time(taken(of, of.original))
        .set_source_db_snapshot_identifier(of.copied_from.clone())
        .engine(&of.engine)
        .engine_version(&of.engine_version)
        .allocated_storage(of.allocated_storage)
        .encrypted(of.kms_key_id.is_some())
        .set_kms_key_id(of.kms_key_id.clone())
        .set_tag_list(Some(tags(&of.tags)))
        .build()
}

/// Shows a snapshot of a DB cluster, which says nothing of its original.
pub fn cluster_snapshot(of: &Snapshot, account: &str) -> rds::DbClusterSnapshot {
    rds::DbClusterSnapshot::builder()
        .db_cluster_snapshot_identifier(of.shown_id(account))
        .db_cluster_snapshot_arn(&of.arn)
        .db_cluster_identifier(&of.database)
        .db_cluster_resource_id(&of.resource_id)
        .snapshot_type(&of.made)
        .status(&of.status)
        .percent_progress(progress(of))
        .set_snapshot_create_time(taken(of, of.created))
        .set_source_db_cluster_snapshot_arn(of.copied_from.clone())
        .engine(&of.engine)
        .engine_version(&of.engine_version)
        .allocated_storage(of.allocated_storage)
        .storage_encrypted(of.kms_key_id.is_some())
        .set_kms_key_id(of.kms_key_id.clone())
        .set_tag_list(Some(tags(&of.tags)))
        .build()
}
