//! What AWS Backup keeps in one place, in AWS's own words.
//!
//! Whatever follows from an instant (the storage class, the lock that has come into force) is worked out when it is read.

use std::collections::BTreeMap;

use aws_sdk_backup::types as backup;
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A backup vault.
#[derive(Clone, Debug)]
pub struct Vault {
    pub name: String,
    pub arn: String,
    /// The account it belongs to; another one's is shared with this one (AWS RAM).
    pub owner: String,
    pub kind: backup::VaultType,
    pub state: backup::VaultState,
    pub created: Timestamp,
    pub key: Option<String>,
    pub locked: bool,
    /// When a compliance lock comes into force; a governance lock has none.
    pub lock_date: Option<Timestamp>,
    pub min_retention_days: Option<i64>,
    pub max_retention_days: Option<i64>,
    pub policy: Option<String>,
    /// What AWS counts, where that is not what there is: the number is an approximate one.
    pub counted: Option<i64>,
    /// Whether its recovery points are refused to the caller.
    pub denied: bool,
    /// By ARN.
    pub points: BTreeMap<String, Point>,
}

/// A recovery point.
#[derive(Clone, Debug)]
pub struct Point {
    pub arn: String,
    pub status: backup::RecoveryPointStatus,
    pub status_message: Option<String>,
    pub resource_arn: String,
    pub resource_type: String,
    pub resource_name: Option<String>,
    pub created: Timestamp,
    pub completed: Option<Timestamp>,
    pub size: Option<i64>,
    pub cold_after_days: Option<i64>,
    pub delete_after_days: Option<i64>,
    pub key: Option<String>,
    pub role: String,
    pub plan: Option<Plan>,
    pub is_parent: bool,
    /// The composite recovery point that it is nested in.
    pub parent: Option<String>,
    pub member: Option<String>,
    /// The vault that it was copied from.
    pub source_vault: Option<String>,
    pub scan: Option<Scan>,
    /// AWS's word for the state of its index.
    pub index: Option<String>,
    /// When it was last restored from.
    pub restored: Option<Timestamp>,
}

/// The plan and rule that made a recovery point.
#[derive(Clone, Debug)]
pub struct Plan {
    pub id: String,
    pub arn: String,
    pub rule: String,
}

/// What a scan for malware came to.
#[derive(Clone, Debug)]
pub struct Scan {
    pub failed: bool,
    pub found: bool,
    pub at: Timestamp,
}

/// A legal hold.
#[derive(Clone, Debug)]
pub struct Hold {
    pub id: String,
    pub arn: String,
    pub title: String,
    pub description: String,
    pub status: backup::LegalHoldStatus,
    pub created: Timestamp,
    /// ARNs of the recovery points it holds.
    pub points: Vec<String>,
}

impl Point {
    /// Returns when it moves to cold storage.
    pub fn cold_at(&self) -> Option<Timestamp> {
        self.after_days(self.cold_after_days)
    }

    /// Returns when it is deleted.
    pub fn delete_at(&self) -> Option<Timestamp> {
        self.after_days(self.delete_after_days)
    }

    fn after_days(&self, days: Option<i64>) -> Option<Timestamp> {
        let days = i32::try_from(days?).ok()?;
        self.created.checked_add(DAY * days).ok()
    }

    /// Returns the storage class, which no list tells.
    pub fn storage_class(&self, now: Timestamp) -> backup::StorageClass {
        match self.cold_at() {
            Some(at) if at <= now => backup::StorageClass::Cold,
            Some(_) | None => backup::StorageClass::Warm,
        }
    }
}
