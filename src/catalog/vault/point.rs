//! A recovery point of AWS Backup as its list tells it.
//!
//! Copies keep the creation date of what they were copied from (AWS Backup Developer Guide, "Backup and tag copy"), so
//! that the date is that of the data on copies too. Only a continuous backup has data from after it was created: its
//! copies are snapshots, and their data is from any time until the copy was made.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_backup::types::{
    AggregatedScanResult, Lifecycle, RecoveryPointByBackupVault, RecoveryPointStatus, ScanFinding,
};
use jiff::{SignedDuration, Timestamp};

use crate::domain::place::Place;
use crate::domain::recovery_point::{
    DataTime, Origin, PointKind, RecoveryPoint, THREATS_FOUND, Tier, When,
};
use crate::domain::resource::Resource;
use crate::domain::text::Untrusted;
use crate::domain::vault::{Vault, VaultKind};

use super::arn::{Named, face_of, is_continuous, short};
use super::date;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Continuous backups go back 35 days at most.
const LONGEST_WINDOW: i64 = 35;
/// How far behind the present a continuous backup of a database is, and of anything else.
const BEHIND: SignedDuration = SignedDuration::from_mins(5);
const FAR_BEHIND: SignedDuration = SignedDuration::from_mins(15);

/// What the points of a vault are seen with.
pub(super) struct Seen<'a> {
    pub(super) place: &'a Place,
    pub(super) now: Timestamp,
    pub(super) vault: &'a Vault,
    /// ARNs of the points under a legal hold.
    pub(super) held: &'a BTreeSet<String>,
}

impl Seen<'_> {
    /// Makes a point; `None` without an ARN or a creation date.
    pub(super) fn point(&self, row: &RecoveryPointByBackupVault) -> Option<RecoveryPoint> {
        let id = row.recovery_point_arn()?;
        let created = date(row.creation_date()?)?;
        let when = self.when(row, id, created);
        let resource = self.named(row);
        let resource_home = resource.as_ref().and_then(|named| named.home.clone());
        Some(RecoveryPoint {
            id: id.to_owned(),
            kind: PointKind::BackupPoint,
            place: self.place.clone(),
            resource: resource.map(|named| (named.kind, named.id)),
            resource_home,
            name: name_of(row),
            when,
            data_at: self.data_at(row, when),
            state: state_of(row).to_owned(),
            size_bytes: row.backup_size_in_bytes().and_then(|n| n.try_into().ok()),
            encrypted: Some(row.is_encrypted()),
            kms_key: row.encryption_key_arn().map(str::to_owned),
            tier: self.tier(row),
            protection: self.protection(id),
            origin: Origin::AwsBackup,
            copy_of: None,
            vault: Some(self.vault.name.clone()),
            backup_arn: None,
            key_state: None,
            copy_first: false,
            architecture: None,
            face_of: self.face(id),
            scan: row.aggregated_scan_result().map(scanned),
            tags: BTreeMap::new(),
        })
    }

    /// Makes the row of its resource, where no other service lists it here.
    pub(super) fn resource(&self, row: &RecoveryPointByBackupVault) -> Option<Resource> {
        let named = self.named(row)?;
        named.resource(self.place, row.resource_type(), row.resource_name())
    }

    fn named(&self, row: &RecoveryPointByBackupVault) -> Option<Named> {
        let named = Named::of(row.resource_arn()?, self.place);
        Some(named.backed_up_in(row.source_backup_vault_arn(), self.place))
    }

    /// In an air-gapped vault nothing is usable through its own service.
    fn face(&self, id: &str) -> Option<(PointKind, String)> {
        match self.vault.kind {
            VaultKind::Standard => face_of(id),
            VaultKind::AirGapped | VaultKind::RestoreAccess => None,
        }
    }

    /// A list does not tell the window of a continuous point: it begins with the point or with its retention, and ends
    /// a little before the present.
    fn when(&self, row: &RecoveryPointByBackupVault, id: &str, created: Timestamp) -> When {
        if !is_continuous(id) {
            return When::At { at: created };
        }
        let days = row.lifecycle().and_then(Lifecycle::delete_after_days);
        let days = days.unwrap_or(LONGEST_WINDOW).clamp(1, LONGEST_WINDOW);
        let length = DAY * i32::try_from(days).unwrap_or(1);
        let earliest = self.now.checked_sub(length).unwrap_or(created).max(created);
        let behind = match row.resource_type() {
            Some("RDS" | "Aurora") => BEHIND,
            Some(_) | None => FAR_BEHIND,
        };
        let latest = if state_of(row) == RecoveryPointStatus::Stopped.as_str() {
            // When it stopped is not told: what is certain is the end of its last job.
            row.completion_date().and_then(date).unwrap_or(created)
        } else {
            self.now.checked_sub(behind).unwrap_or(created)
        };
        let latest = Timestamp::from_second(latest.as_second()).unwrap_or(latest);
        When::Window {
            earliest: earliest.min(latest.max(created)),
            latest: latest.max(created),
        }
    }

    /// Where a window ends is inferred; what a copy was copied from, a continuous backup or not, no list tells.
    fn data_at(&self, row: &RecoveryPointByBackupVault, when: When) -> DataTime {
        match when {
            When::Window { latest, .. } => DataTime::AtMost(latest),
            When::At { at } if may_be_of_continuous(row) => {
                let made = row.completion_date().and_then(date);
                DataTime::AtMost(made.unwrap_or(self.now).max(at))
            }
            When::At { at } => DataTime::Known(at),
        }
    }

    /// The list has no storage class; the date at which it turns cold it has.
    fn tier(&self, row: &RecoveryPointByBackupVault) -> Tier {
        let lifecycle = row.calculated_lifecycle();
        let cold = lifecycle.and_then(|one| date(one.move_to_cold_storage_at()?));
        match cold {
            Some(at) if at <= self.now => Tier::Archive,
            Some(_) | None => Tier::Standard,
        }
    }

    fn protection(&self, id: &str) -> Option<String> {
        let hold = self.held.contains(id).then(|| "legal hold".to_owned());
        let words: Vec<String> = self.vault.lock.words().into_iter().chain(hold).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// Tells whether a point was copied from another vault, of a type that has continuous backups (AWS Backup Developer
/// Guide, "Point-in-time recovery").
fn may_be_of_continuous(row: &RecoveryPointByBackupVault) -> bool {
    let types = ["RDS", "Aurora", "S3", "SAP HANA on Amazon EC2"];
    row.source_backup_vault_arn().is_some()
        && row.resource_type().is_some_and(|one| types.contains(&one))
}

fn state_of(row: &RecoveryPointByBackupVault) -> &str {
    row.status().map_or("unknown", RecoveryPointStatus::as_str)
}

/// A nested point says what it is part of: it is its parent that is restored.
fn name_of(row: &RecoveryPointByBackupVault) -> Option<Untrusted> {
    let name = row.composite_member_identifier().or(row.resource_name());
    let name = name.filter(|name| !name.is_empty());
    match (name, row.parent_recovery_point_arn()) {
        (Some(name), Some(parent)) => Some(format!("{name}, part of {}", short(parent)).into()),
        (None, Some(parent)) => Some(format!("part of {}", short(parent)).into()),
        (name, None) => name.map(Untrusted::from),
    }
}

/// Says in AWS's words what came of the last scan for malware.
fn scanned(result: &AggregatedScanResult) -> String {
    let findings = result.findings().iter().map(ScanFinding::as_str);
    let findings: Vec<&str> = findings.collect();
    if !findings.is_empty() {
        return format!("{THREATS_FOUND}: {}", findings.join(", "));
    }
    if result.failed_scan() == Some(true) {
        return "FAILED".to_owned();
    }
    "NO_THREATS_FOUND".to_owned()
}

#[cfg(test)]
mod tests;
