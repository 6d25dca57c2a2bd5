//! What DynamoDB keeps: tables, backups, and since when a table is backed up continuously.
//! Plain records; what the calls tell of them is in the files beside this one.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::sim::ec2::model::Tags;
use crate::sim::world::{Place, digest};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How far the end of a window is behind the present (DynamoDB developer guide: five minutes).
const BEHIND: SignedDuration = SignedDuration::from_mins(5);

/// How long the backup that DynamoDB itself takes of a deleted table is kept.
pub const SYSTEM_BACKUP_KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// The tables and backups of one place.
#[derive(Clone, Debug, Default)]
pub struct DynamoDb {
    /// By name.
    pub tables: BTreeMap<String, Table>,
    /// By ARN.
    pub backups: BTreeMap<String, Backup>,
    /// When operations with a limit were called within the last second, by operation.
    pub lately: BTreeMap<&'static str, VecDeque<Timestamp>>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub id: String,
    pub arn: String,
    /// AWS's word: `ACTIVE`, `CREATING`, `DELETING`, `ARCHIVED`.
    pub status: String,
    pub created: Timestamp,
    pub items: i64,
    pub size_bytes: i64,
    /// The key it is encrypted with, if it is not DynamoDB's own.
    pub key_arn: Option<String>,
    pub continuous: Option<Continuous>,
    pub tags: Tags,
}

/// Point-in-time recovery that is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuous {
    pub since: Timestamp,
    /// From 1 to 35.
    pub days: i32,
}

impl Continuous {
    /// Returns the first and the last instant that can be restored at `now`.
    pub fn window(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let kept = now.checked_sub(DAY * self.days).unwrap_or(self.since);
        let latest = now.checked_sub(BEHIND).unwrap_or(now);
        (self.since.max(kept), latest.max(self.since))
    }
}

/// Who made a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupKind {
    User,
    System,
    AwsBackup,
}

impl BackupKind {
    /// Returns the kind as AWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::System => "SYSTEM",
            Self::AwsBackup => "AWS_BACKUP",
        }
    }
}

/// A backup of a table, which may be gone.
#[derive(Clone, Debug)]
pub struct Backup {
    pub arn: String,
    pub name: String,
    pub table_name: String,
    pub table_id: String,
    pub table_arn: String,
    pub kind: BackupKind,
    /// AWS's word: `CREATING`, `AVAILABLE`, `DELETED`.
    pub status: String,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
    pub size_bytes: i64,
}

/// Makes the ARN of a table.
pub fn table_arn(place: &Place, name: &str) -> String {
    let Place { account, region } = place;
    format!("arn:aws:dynamodb:{region}:{account}:table/{name}")
}

/// Makes the ARN of a backup, which holds the instant in milliseconds and eight digits.
pub fn backup_arn(table_arn: &str, created: Timestamp, name: &str) -> String {
    let millis = created.as_millisecond();
    let digits = digest(&format!("{table_arn}/{name}"), 0, 8);
    format!("{table_arn}/backup/{millis:014}-{digits}")
}

/// Makes an id of the form that DynamoDB gives tables, which a seed alone decides.
pub fn table_id(seed: &str) -> String {
    let hex = digest(seed, 7, 32);
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    groups.join("-")
}

impl DynamoDb {
    /// Finds a table by name or ARN.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let mut tables = self.tables.values();
        tables.find(|table| table.name == name || table.arn == name)
    }

    /// Deletes a table. Of one that is backed up continuously DynamoDB takes a last backup itself.
    pub fn delete(&mut self, name: &str, now: Timestamp) {
        let Some(table) = self.tables.remove(name) else {
            return;
        };
        if table.continuous.is_none() {
            return;
        }
        let name = format!("{}$DeletedTableBackup", table.name);
        let backup = Backup {
            arn: backup_arn(&table.arn, now, &name),
            name,
            kind: BackupKind::System,
            status: "AVAILABLE".to_owned(),
            created: now,
            expires: now.checked_add(SYSTEM_BACKUP_KEPT).ok(),
            size_bytes: table.size_bytes,
            table_name: table.name,
            table_id: table.id,
            table_arn: table.arn,
        };
        self.backups.insert(backup.arn.clone(), backup);
    }
}
