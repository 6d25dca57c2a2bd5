//! Databases and their snapshots as the world knows them. RDS calls both an instance and a cluster one.
//!
//! A deleted database stays here for as long as its automated backup is retained.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::sim::ec2::model::Tags;

/// How far the latest restorable second is behind the present (RDS user guide, "Restoring a DB instance to a
/// specified time": logs are uploaded every five minutes).
const BEHIND: SignedDuration = SignedDuration::from_mins(5);

/// What RDS, Neptune and `DocumentDB` hold in one place.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    /// DB instances by resource id.
    pub instances: BTreeMap<String, Database>,
    /// DB clusters by resource id.
    pub clusters: BTreeMap<String, Database>,
    /// Snapshots of DB instances by identifier; by ARN where another account owns them.
    pub instance_snapshots: BTreeMap<String, Snapshot>,
    /// Snapshots of DB clusters in the same way.
    pub cluster_snapshots: BTreeMap<String, Snapshot>,
}

/// A DB instance or a DB cluster.
#[derive(Clone, Debug)]
pub struct Database {
    pub id: String,
    /// `db-…` or `cluster-…`; never given twice, unlike the identifier.
    pub resource_id: String,
    pub arn: String,
    /// ARN of its automated backup.
    pub backup_arn: String,
    pub engine: String,
    pub engine_version: String,
    /// Class of an instance: `db.r6g.large`.
    pub class: String,
    /// In GiB; 1 where storage grows by itself.
    pub allocated_storage: i32,
    pub kms_key_id: Option<String>,
    pub created: Timestamp,
    /// When it was deleted, with its automated backup retained.
    pub deleted: Option<Timestamp>,
    /// Days; 0 turns automated backups off.
    pub retention_days: i32,
    /// RDS's word: `available`, `creating`, `stopped`.
    pub status: String,
    /// The cluster that an instance belongs to.
    pub member_of: Option<String>,
    /// The recovery point of AWS Backup that the automated backup is.
    pub recovery_point_arn: Option<String>,
    /// The Region that the automated backup is replicated from, where the database itself is there.
    pub replicated_from: Option<String>,
    pub tags: Tags,
}

impl Database {
    /// Returns whether the database itself is here.
    pub fn exists(&self, now: Timestamp) -> bool {
        self.replicated_from.is_none() && !self.is_deleted(now)
    }

    fn is_deleted(&self, now: Timestamp) -> bool {
        self.deleted.is_some_and(|deleted| deleted <= now)
    }

    /// Returns whether it has an automated backup of its own. Members of a cluster have none, and one that is
    /// retained ends with its window.
    pub fn has_automated_backup(&self, now: Timestamp) -> bool {
        let over = self.is_deleted(now) && self.window(now).is_none();
        self.retention_days > 0 && self.member_of.is_none() && !over
    }

    /// Returns the first and the last second that can be restored, once there is one.
    pub fn window(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let end = self.deleted.filter(|deleted| *deleted <= now);
        let latest = end.or_else(|| now.checked_sub(BEHIND).ok())?;
        let kept = SignedDuration::from_hours(24 * i64::from(self.retention_days));
        let oldest = now.checked_sub(kept).ok()?;
        let earliest = oldest.max(self.created);
        (earliest < latest).then_some((whole_second(earliest), whole_second(latest)))
    }

    /// Returns the status of its automated backup, in RDS's word.
    pub fn backup_status(&self, now: Timestamp) -> &'static str {
        if self.is_deleted(now) {
            "retained"
        } else if self.window(now).is_none() {
            "creating"
        } else if self.replicated_from.is_some() {
            "replicating"
        } else {
            "active"
        }
    }
}

fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// A snapshot of a DB instance or of a DB cluster.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: String,
    pub arn: String,
    /// Identifier of the database it was taken of.
    pub database: String,
    /// Resource id of that database.
    pub resource_id: String,
    /// Account that owns it.
    pub owner: String,
    /// RDS's word: `automated`, `manual`, `awsbackup`.
    pub made: String,
    pub public: bool,
    /// When it was taken, or when the copy was made.
    pub created: Timestamp,
    /// When the first of its line was taken: a copy keeps it.
    pub original: Timestamp,
    /// ARN of the snapshot that it was copied from, of another place.
    pub copied_from: Option<String>,
    /// RDS's word: `available`, `creating`, `copying`, `failed`.
    pub status: String,
    pub engine: String,
    pub engine_version: String,
    pub allocated_storage: i32,
    pub kms_key_id: Option<String>,
    pub tags: Tags,
}

impl Snapshot {
    /// Returns the name that a caller sees: another account's snapshot goes by its ARN.
    pub fn shown_id(&self, account: &str) -> &str {
        if self.owner == account {
            &self.id
        } else {
            &self.arn
        }
    }
}
