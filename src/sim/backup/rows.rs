//! Turns vaults, points and holds into the shapes that AWS Backup answers with.
//!
//! The shape of a list has no storage class; only `DescribeRecoveryPoint` tells it.

use aws_sdk_backup::operation::describe_recovery_point::DescribeRecoveryPointOutput;
use aws_sdk_backup::types as backup;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::model::{Hold, Plan, Point, Scan, Vault};

/// Dates are accurate to milliseconds.
pub fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

/// Counts as AWS does: about.
pub fn counted(vault: &Vault) -> i64 {
    let there_are = i64::try_from(vault.points.len()).unwrap_or(i64::MAX);
    vault.counted.unwrap_or(there_are)
}

/// Tells whose key it is.
pub fn key_type(key: Option<&String>) -> backup::EncryptionKeyType {
    if key.is_some() {
        backup::EncryptionKeyType::CustomerManagedKmsKey
    } else {
        backup::EncryptionKeyType::AwsOwnedKmsKey
    }
}

/// A vault in a list.
pub fn vault(vault: &Vault) -> backup::BackupVaultListMember {
    backup::BackupVaultListMember::builder()
        .backup_vault_name(&vault.name)
        .backup_vault_arn(&vault.arn)
        .vault_type(vault.kind.clone())
        .vault_state(vault.state.clone())
        .creation_date(date(vault.created))
        .set_encryption_key_arn(vault.key.clone())
        .encryption_key_type(key_type(vault.key.as_ref()))
        .number_of_recovery_points(counted(vault))
        .locked(vault.locked)
        .set_lock_date(vault.lock_date.map(date))
        .set_min_retention_days(vault.min_retention_days)
        .set_max_retention_days(vault.max_retention_days)
        .build()
}

/// A recovery point in a list.
pub fn point(point: &Point, vault: &Vault) -> backup::RecoveryPointByBackupVault {
    backup::RecoveryPointByBackupVault::builder()
        .recovery_point_arn(&point.arn)
        .backup_vault_name(&vault.name)
        .backup_vault_arn(&vault.arn)
        .set_source_backup_vault_arn(point.source_vault.clone())
        .resource_arn(&point.resource_arn)
        .resource_type(&point.resource_type)
        .set_resource_name(point.resource_name.clone())
        .set_created_by(point.plan.as_ref().map(creator))
        .iam_role_arn(&point.role)
        .status(point.status.clone())
        .set_status_message(point.status_message.clone())
        .creation_date(date(point.created))
        .initiation_date(date(point.created))
        .set_completion_date(point.completed.map(date))
        .set_backup_size_in_bytes(point.size)
        .set_calculated_lifecycle(calculated(point))
        .set_lifecycle(lifecycle(point))
        .set_encryption_key_arn(point.key.clone())
        .is_encrypted(point.key.is_some())
        .encryption_key_type(key_type(point.key.as_ref()))
        .set_parent_recovery_point_arn(point.parent.clone())
        .set_composite_member_identifier(point.member.clone())
        .is_parent(point.is_parent)
        .vault_type(vault.kind.clone())
        .set_index_status(point.index.as_deref().map(backup::IndexStatus::from))
        .set_last_restore_time(point.restored.map(date))
        .set_aggregated_scan_result(point.scan.as_ref().map(scan))
        .build()
}

/// Writes everything that is known of a recovery point.
pub fn described(
    output: &mut DescribeRecoveryPointOutput,
    row: backup::RecoveryPointByBackupVault,
    class: backup::StorageClass,
) {
    output.index_status = row.index_status;
    output.last_restore_time = row.last_restore_time;
    output.recovery_point_arn = row.recovery_point_arn;
    output.backup_vault_name = row.backup_vault_name;
    output.backup_vault_arn = row.backup_vault_arn;
    output.source_backup_vault_arn = row.source_backup_vault_arn;
    output.resource_arn = row.resource_arn;
    output.resource_type = row.resource_type;
    output.resource_name = row.resource_name;
    output.created_by = row.created_by;
    output.iam_role_arn = row.iam_role_arn;
    output.status = row.status;
    output.status_message = row.status_message;
    output.creation_date = row.creation_date;
    output.initiation_date = row.initiation_date;
    output.completion_date = row.completion_date;
    output.backup_size_in_bytes = row.backup_size_in_bytes;
    output.calculated_lifecycle = row.calculated_lifecycle;
    output.lifecycle = row.lifecycle;
    output.encryption_key_arn = row.encryption_key_arn;
    output.encryption_key_type = row.encryption_key_type;
    output.is_encrypted = row.is_encrypted;
    output.parent_recovery_point_arn = row.parent_recovery_point_arn;
    output.composite_member_identifier = row.composite_member_identifier;
    output.is_parent = row.is_parent;
    output.vault_type = row.vault_type;
    output.storage_class = Some(class);
}

fn creator(plan: &Plan) -> backup::RecoveryPointCreator {
    backup::RecoveryPointCreator::builder()
        .backup_plan_id(&plan.id)
        .backup_plan_arn(&plan.arn)
        .backup_rule_name(&plan.rule)
        .build()
}

fn calculated(point: &Point) -> Option<backup::CalculatedLifecycle> {
    let (cold, delete) = (point.cold_at(), point.delete_at());
    (cold.is_some() || delete.is_some()).then(|| {
        backup::CalculatedLifecycle::builder()
            .set_move_to_cold_storage_at(cold.map(date))
            .set_delete_at(delete.map(date))
            .build()
    })
}

fn lifecycle(point: &Point) -> Option<backup::Lifecycle> {
    let (cold, delete) = (point.cold_after_days, point.delete_after_days);
    (cold.is_some() || delete.is_some()).then(|| {
        backup::Lifecycle::builder()
            .set_move_to_cold_storage_after_days(cold)
            .set_delete_after_days(delete)
            .build()
    })
}

fn scan(scan: &Scan) -> backup::AggregatedScanResult {
    let result = backup::AggregatedScanResult::builder()
        .failed_scan(scan.failed)
        .last_computed(date(scan.at));
    if scan.found {
        return result.findings(backup::ScanFinding::Malware).build();
    }
    result.set_findings(Some(Vec::new())).build()
}

/// A legal hold in a list.
pub fn hold(hold: &Hold) -> backup::LegalHold {
    backup::LegalHold::builder()
        .legal_hold_id(&hold.id)
        .legal_hold_arn(&hold.arn)
        .title(&hold.title)
        .description(&hold.description)
        .status(hold.status.clone())
        .creation_date(date(hold.created))
        .build()
}
