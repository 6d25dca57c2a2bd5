//! What becomes of a row: its resource, its time, its tier, and what keeps it.
//!
//! The present is 2026-03-01 02:00:00Z in all of them.

use aws_sdk_backup::types::CalculatedLifecycle;
use aws_sdk_backup::types::builders::RecoveryPointByBackupVaultBuilder;
use aws_smithy_types::DateTime;

use super::*;
use crate::catalog::fixtures::place;
use crate::domain::readiness::{First, Readiness};
use crate::domain::resource::ResourceKind;
use crate::domain::vault::Lock;

const NOW: i64 = 1_772_330_400;
const HOUR: i64 = 3600;

fn vault(kind: VaultKind, lock: Lock) -> Vault {
    Vault {
        name: "locked".into(),
        arn: "arn:aws:backup:eu-west-1:111122223333:backup-vault:locked".into(),
        place: place("a", "eu-west-1"),
        owner: "111122223333".into(),
        kind,
        state: None,
        lock,
        min_retention_days: None,
        max_retention_days: None,
        points: 1,
        kms_key: None,
        created: None,
    }
}

fn row(arn: &str) -> RecoveryPointByBackupVaultBuilder {
    RecoveryPointByBackupVault::builder()
        .recovery_point_arn(arn)
        .resource_arn("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1")
        .resource_type("EBS")
        .status(RecoveryPointStatus::Completed)
        .creation_date(DateTime::from_secs(NOW - HOUR))
        .backup_size_in_bytes(5 << 30)
        .encryption_key_arn("arn:aws:kms:eu-west-1:111122223333:key/1")
        .is_encrypted(true)
}

const SNAPSHOT: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
const MANAGED: &str = "arn:aws:backup:eu-west-1:111122223333:recovery-point:1EB3B5E7";
const CONTINUOUS: &str = "arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:b-1";

fn read_in(
    vault: &Vault,
    held: &[&str],
    row: RecoveryPointByBackupVaultBuilder,
) -> Option<RecoveryPoint> {
    let seen = Seen {
        place: &place("a", "eu-west-1"),
        now: Timestamp::from_second(NOW).unwrap(),
        vault,
        held: &held.iter().map(|arn| (*arn).to_owned()).collect(),
    };
    seen.point(&row.build())
}

fn read(row: RecoveryPointByBackupVaultBuilder) -> RecoveryPoint {
    read_in(&vault(VaultKind::Standard, Lock::Open), &[], row).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

#[test]
fn a_row_becomes_a_point_of_its_resource() {
    let point = read(row(SNAPSHOT).resource_name("orders"));
    assert_eq!(point.id, SNAPSHOT);
    assert_eq!(point.resource, Some((ResourceKind::Volume, "vol-1".into())));
    assert_eq!(point.when, When::At { at: at(-HOUR) });
    assert_eq!(point.data_at, DataTime::Known(at(-HOUR)));
    assert_eq!(point.size_bytes, Some(5 << 30));
    assert_eq!(point.vault.as_deref(), Some("locked"));
    assert_eq!(
        point.face_of,
        Some((PointKind::EbsSnapshot, "snap-1".into()))
    );
    assert_eq!(
        (point.origin, point.tier),
        (Origin::AwsBackup, Tier::Standard)
    );
    assert_eq!(point.name, Some("orders".into()));
    assert!(point.usable() && point.encrypted == Some(true));
    assert_eq!((point.protection, point.scan), (None, None));
}

#[test]
fn a_row_without_an_arn_or_a_date_is_no_point() {
    let open = vault(VaultKind::Standard, Lock::Open);
    assert_eq!(
        read_in(&open, &[], row(SNAPSHOT).set_creation_date(None)),
        None
    );
    assert_eq!(
        read_in(&open, &[], row(SNAPSHOT).set_recovery_point_arn(None)),
        None
    );
}

#[test]
fn nothing_in_an_air_gapped_vault_is_a_face() {
    for kind in [VaultKind::AirGapped, VaultKind::RestoreAccess] {
        let gapped = vault(kind, Lock::Compliance);
        let point = read_in(&gapped, &[], row(SNAPSHOT)).unwrap();
        assert_eq!(point.face_of, None, "{kind:?}");
    }
}

#[test]
fn what_keeps_a_point_is_said_in_words() {
    let words = |lock, held: &[&str]| {
        let vault = vault(VaultKind::Standard, lock);
        read_in(&vault, held, row(MANAGED)).unwrap().protection
    };
    assert_eq!(words(Lock::Open, &[]), None);
    assert_eq!(words(Lock::Open, &[MANAGED]).as_deref(), Some("legal hold"));
    assert_eq!(
        words(Lock::Governance, &[SNAPSHOT]).as_deref(),
        Some("governance lock")
    );
    assert_eq!(
        words(Lock::CoolingOff(at(0)), &[MANAGED]).as_deref(),
        Some("compliance lock from 2026-03-01 02:00:00Z, legal hold")
    );
}

#[test]
fn a_point_is_archived_from_the_date_that_its_lifecycle_gives() {
    let tier = |seconds| {
        let cold = CalculatedLifecycle::builder();
        let cold = cold.move_to_cold_storage_at(DateTime::from_secs(NOW + seconds));
        read(row(MANAGED).calculated_lifecycle(cold.build())).tier
    };
    assert_eq!(tier(1), Tier::Standard);
    assert_eq!(tier(0), Tier::Archive);
    assert_eq!(tier(-1), Tier::Archive);
}

fn window(row: RecoveryPointByBackupVaultBuilder) -> (i64, i64) {
    let point = read(row);
    let When::Window { earliest, latest } = point.when else {
        panic!("{:?}", point.when);
    };
    assert_eq!(point.data_at, DataTime::AtMost(latest), "it is inferred");
    (earliest.as_second() - NOW, latest.as_second() - NOW)
}

#[test]
fn a_continuous_point_is_a_window_that_its_retention_bounds() {
    let continuous = |days_old: i64| {
        let made = DateTime::from_secs(NOW - days_old * 24 * HOUR);
        row(CONTINUOUS)
            .status(RecoveryPointStatus::Available)
            .resource_type("S3")
            .creation_date(made)
    };
    let keeps = |days| Lifecycle::builder().delete_after_days(days).build();
    let day = 24 * HOUR;
    assert_eq!(window(continuous(2)), (-2 * day, -900));
    assert_eq!(window(continuous(60)), (-35 * day, -900));
    assert_eq!(window(continuous(60).lifecycle(keeps(7))), (-7 * day, -900));
    assert_eq!(
        window(continuous(60).lifecycle(keeps(90))),
        (-35 * day, -900)
    );
    assert_eq!(window(continuous(2).resource_type("RDS")), (-2 * day, -300));
    assert_eq!(window(continuous(0)), (0, 0), "it has only just begun");
    assert!(read(continuous(2)).usable());
}

#[test]
fn a_stopped_window_ends_where_its_last_job_did() {
    let stopped = |finished: Option<i64>| {
        row(CONTINUOUS)
            .status(RecoveryPointStatus::Stopped)
            .set_completion_date(finished.map(|ago| DateTime::from_secs(NOW - ago)))
    };
    assert_eq!(window(stopped(Some(60))), (-HOUR, -60));
    assert_eq!(window(stopped(None)), (-HOUR, -HOUR));
    let point = read(stopped(None));
    assert!(!point.usable(), "AWS tells nothing of its window");
    assert_eq!(point.readiness(), Readiness::After(First::Verify));
}

#[test]
fn a_copy_that_may_be_of_a_continuous_backup_is_only_known_to_be_no_younger_than_itself() {
    let vault = "arn:aws:backup:us-east-1:111122223333:backup-vault:v";
    let copy = |kind: &str, made: Option<i64>| {
        let copy = row(MANAGED).resource_type(kind);
        let copy = copy.source_backup_vault_arn(vault);
        read(copy.set_completion_date(made.map(|at| DateTime::from_secs(NOW + at)))).data_at
    };
    for kind in ["RDS", "Aurora", "S3"] {
        assert_eq!(copy(kind, Some(-60)), DataTime::AtMost(at(-60)), "{kind}");
        assert_eq!(copy(kind, None), DataTime::AtMost(at(0)), "{kind}");
    }
    assert_eq!(copy("EBS", Some(-60)), DataTime::Known(at(-HOUR)));
    let own = row(MANAGED).resource_type("RDS");
    assert_eq!(read(own).data_at, DataTime::Known(at(-HOUR)));
}

#[test]
fn a_nested_point_says_what_it_is_part_of() {
    let parent = "arn:aws:backup:eu-west-1:111122223333:recovery-point:composite:7C41";
    let nested = || row(MANAGED).parent_recovery_point_arn(parent);
    let name = |row| read(row).name.unwrap();
    assert_eq!(name(nested()).raw(), "part of composite:7C41");
    let member = nested().composite_member_identifier("Table\u{1b}[2J");
    assert_eq!(name(member).raw(), "Table\u{1b}[2J, part of composite:7C41");
    let partial = read(
        row(parent)
            .is_parent(true)
            .status(RecoveryPointStatus::Partial),
    );
    assert_eq!(partial.state, "PARTIAL");
    assert!(!partial.usable());
}

#[test]
fn a_scan_is_told_in_the_words_of_aws() {
    let scan = |failed, found: bool| {
        let result = AggregatedScanResult::builder().failed_scan(failed);
        let finding = found.then_some(vec![ScanFinding::Malware]);
        let result = result.set_findings(finding).build();
        read(row(MANAGED).aggregated_scan_result(result))
            .scan
            .unwrap()
    };
    assert_eq!(scan(false, true), "THREATS_FOUND: MALWARE");
    assert_eq!(scan(true, true), "THREATS_FOUND: MALWARE");
    assert_eq!(scan(true, false), "FAILED");
    assert_eq!(scan(false, false), "NO_THREATS_FOUND");
}

#[test]
fn states_are_in_the_words_of_aws_and_only_two_restore() {
    for (status, usable) in [
        (RecoveryPointStatus::Completed, true),
        (RecoveryPointStatus::Available, true),
        (RecoveryPointStatus::Creating, false),
        (RecoveryPointStatus::Expired, false),
        (RecoveryPointStatus::Deleting, false),
    ] {
        let point = read(row(MANAGED).status(status.clone()));
        assert_eq!(point.state, status.as_str());
        assert_eq!(point.usable(), usable, "{status}");
    }
}
