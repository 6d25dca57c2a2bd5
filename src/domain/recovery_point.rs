//! What can be restored: an instant (snapshot, image, backup) or a window (point in time).
//!
//! When a point was taken and how old its data is are two things: a copy is younger than its data.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::architecture::Architecture;
use super::place::{Home, Place};
use super::readiness::{Condition, Readiness};
use super::resource::ResourceKind;
use super::text::Untrusted;

/// Kind of a recovery point, as `--kind` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// An EBS snapshot.
    EbsSnapshot,
    /// An Amazon Machine Image.
    Ami,
    /// An EBS volume in the Recycle Bin.
    EbsVolume,
    /// A snapshot of an RDS DB instance.
    RdsSnapshot,
    /// A snapshot of a DB cluster: Aurora, Multi-AZ, Neptune, `DocumentDB`.
    RdsClusterSnapshot,
    /// The point-in-time window of an RDS DB instance.
    RdsWindow,
    /// The point-in-time window of a DB cluster.
    RdsClusterWindow,
    /// A backup of a `DynamoDB` table, on demand or by the system.
    DynamodbBackup,
    /// The point-in-time window of a `DynamoDB` table.
    DynamodbWindow,
    /// A recovery point in a vault of AWS Backup.
    BackupPoint,
}

impl PointKind {
    /// Every kind, in the order of the help text.
    pub const ALL: [Self; 10] = [
        Self::EbsSnapshot,
        Self::Ami,
        Self::EbsVolume,
        Self::RdsSnapshot,
        Self::RdsClusterSnapshot,
        Self::RdsWindow,
        Self::RdsClusterWindow,
        Self::DynamodbBackup,
        Self::DynamodbWindow,
        Self::BackupPoint,
    ];

    /// Returns the name used in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EbsSnapshot => "ebs-snapshot",
            Self::Ami => "ami",
            Self::EbsVolume => "ebs-volume",
            Self::RdsSnapshot => "rds-snapshot",
            Self::RdsClusterSnapshot => "rds-cluster-snapshot",
            Self::RdsWindow => "rds-window",
            Self::RdsClusterWindow => "rds-cluster-window",
            Self::DynamodbBackup => "dynamodb-backup",
            Self::DynamodbWindow => "dynamodb-window",
            Self::BackupPoint => "backup-point",
        }
    }

    /// Returns the kinds of points that a resource of a kind can have.
    #[must_use]
    pub fn of(kind: ResourceKind) -> &'static [Self] {
        match kind {
            ResourceKind::Volume => &[Self::EbsSnapshot, Self::EbsVolume, Self::BackupPoint],
            ResourceKind::Snapshot => &[Self::EbsSnapshot],
            ResourceKind::Instance => &[Self::Ami, Self::BackupPoint],
            ResourceKind::Image => &[Self::Ami],
            ResourceKind::DbInstance => &[Self::RdsSnapshot, Self::RdsWindow, Self::BackupPoint],
            ResourceKind::DbCluster => &[
                Self::RdsClusterSnapshot,
                Self::RdsClusterWindow,
                Self::BackupPoint,
            ],
            ResourceKind::Table => &[
                Self::DynamodbBackup,
                Self::DynamodbWindow,
                Self::BackupPoint,
            ],
            ResourceKind::SecurityGroup | ResourceKind::NetworkInterface => &[],
            ResourceKind::FileSystem | ResourceKind::Bucket | ResourceKind::Other => {
                &[Self::BackupPoint]
            }
        }
    }

    /// Tells whether points of this kind can be windows.
    #[must_use]
    pub fn may_be_window(self) -> bool {
        match self {
            Self::EbsSnapshot | Self::EbsVolume | Self::Ami => false,
            Self::RdsSnapshot
            | Self::RdsClusterSnapshot
            | Self::RdsWindow
            | Self::RdsClusterWindow
            | Self::DynamodbBackup
            | Self::DynamodbWindow
            | Self::BackupPoint => true,
        }
    }

    /// Tells whether a recovery point of AWS Backup can be one of this kind.
    #[must_use]
    pub fn has_faces(self) -> bool {
        match self {
            Self::EbsSnapshot
            | Self::Ami
            | Self::RdsSnapshot
            | Self::RdsClusterSnapshot
            | Self::DynamodbBackup => true,
            Self::EbsVolume
            | Self::RdsWindow
            | Self::RdsClusterWindow
            | Self::DynamodbWindow
            | Self::BackupPoint => false,
        }
    }

    /// Returns how many listings of a place bring points of this kind: what lies in the Recycle Bin is listed
    /// by itself.
    #[must_use]
    pub fn listings(self) -> usize {
        match self {
            Self::EbsSnapshot | Self::Ami => 2,
            Self::EbsVolume
            | Self::RdsSnapshot
            | Self::RdsClusterSnapshot
            | Self::RdsWindow
            | Self::RdsClusterWindow
            | Self::DynamodbBackup
            | Self::DynamodbWindow
            | Self::BackupPoint => 1,
        }
    }

    /// Tells whether AWS restores from a point of this kind while it is in a state. The words are each
    /// service's own.
    #[must_use]
    pub fn restores_in(self, state: &str) -> bool {
        match self {
            Self::EbsSnapshot => state == "completed",
            Self::Ami | Self::RdsSnapshot | Self::RdsClusterSnapshot => state == "available",
            // It has to be taken out of the Recycle Bin first, which is no restore.
            Self::EbsVolume => false,
            // A retained window is what is left of a database that was deleted; a replicating one is kept up
            // to date from another Region.
            Self::RdsWindow | Self::RdsClusterWindow => {
                ["active", "replicating", "retained"].contains(&state)
            }
            Self::DynamodbBackup => state == "AVAILABLE",
            Self::DynamodbWindow => state == "ENABLED",
            Self::BackupPoint => ["COMPLETED", "AVAILABLE"].contains(&state),
        }
    }
}

/// When the point was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// An instant.
    At {
        /// When the point was taken.
        at: Timestamp,
    },
    /// Any second of a window, both ends included.
    Window {
        /// First second.
        earliest: Timestamp,
        /// Last second.
        latest: Timestamp,
    },
}

/// How old the data in a point is. A copy's own start time says nothing about its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataTime {
    /// The data is from exactly this instant.
    Known(Timestamp),
    /// The data is not younger than this.
    AtMost(Timestamp),
}

impl DataTime {
    /// Returns the instant, known or as a bound.
    #[must_use]
    pub fn bound(self) -> Timestamp {
        match self {
            Self::Known(at) | Self::AtMost(at) => at,
        }
    }
}

/// Where the data is stored, which decides how soon a restore can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Ready at once.
    Standard,
    /// Must be retrieved first, for up to 72 hours.
    Archive,
}

/// Who made the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// AWS Backup.
    AwsBackup,
    /// Data Lifecycle Manager.
    Dlm,
    /// The service itself, by its own schedule.
    Automated,
    /// Member of an image.
    Image,
    /// defib itself: a safety snapshot of what a restore was about to replace, damaged as it may be.
    #[serde(rename = "defib-safety-snapshot")]
    Defib,
    /// Anybody else.
    ByHand,
}

/// A recovery point. `size_bytes` is the size of the source volume in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryPoint {
    /// Id in its service, `snap-…`.
    pub id: String,
    /// What it is.
    pub kind: PointKind,
    /// Where it lives.
    pub place: Place,
    /// Kind and id of what it protects; `None` where AWS does not tell.
    pub resource: Option<(ResourceKind, String)>,
    /// Where that lives, if not in the same account and Region as the point.
    pub resource_home: Option<Home>,
    /// `Name` tag, or the name that its service gave it.
    pub name: Option<Untrusted>,
    /// When it was taken.
    pub when: When,
    /// How old its data is.
    pub data_at: DataTime,
    /// State in AWS's words: `completed`, `pending`, `error` …
    pub state: String,
    /// Size of the volume it was taken from, in bytes.
    pub size_bytes: Option<u64>,
    /// Whether it is encrypted; `None` where AWS does not tell.
    pub encrypted: Option<bool>,
    /// ARN of its KMS key.
    pub kms_key: Option<String>,
    /// Storage tier.
    pub tier: Tier,
    /// Lock, hold or retention in AWS's words, if known.
    pub protection: Option<String>,
    /// Who made it.
    pub origin: Origin,
    /// Id of the point it was copied from, where that can be told.
    pub copy_of: Option<String>,
    /// Name of the vault of AWS Backup that holds it.
    pub vault: Option<String>,
    /// What keeps its KMS key from being used, in AWS's words, where that was asked.
    pub key_state: Option<String>,
    /// ARN by which AWS Backup knows a point that its own service lists.
    pub backup_arn: Option<String>,
    /// Whether AWS restores only from a copy of it: another account shares it, and it is encrypted (RDS user
    /// guide, "Sharing encrypted snapshots").
    pub copy_first: bool,
    /// Architecture of an image; `None` where AWS tells none, or one that is not known here.
    pub architecture: Option<Architecture>,
    /// The point of another service that a recovery point of AWS Backup is: both are one thing.
    pub face_of: Option<(PointKind, String)>,
    /// What AWS Backup found when it scanned the point for malware, in AWS's words.
    pub scan: Option<String>,
    /// All tags.
    pub tags: BTreeMap<Untrusted, Untrusted>,
}

/// State of a point that lies in the Recycle Bin. No kind restores in it.
pub const IN_RECYCLE_BIN: &str = "recycle-bin";

/// What the words of a scan begin with that has found malware.
pub const THREATS_FOUND: &str = "THREATS_FOUND";

/// Tells whether a KMS key can be used in a state.
#[must_use]
pub fn is_usable_key(state: &str) -> bool {
    ["Enabled", "Updating", "unknown"].contains(&state)
}

/// Tells whether the words of a protection name a lock or a hold, which keep a point from being deleted.
#[must_use]
pub fn is_lock(protection: &str) -> bool {
    let said = protection.to_lowercase();
    ["lock", "hold"].iter().any(|word| said.contains(word))
}

impl RecoveryPoint {
    /// Tells whether a lock or a hold keeps it from being deleted. Other words of its protection bar nothing:
    /// when it expires, or since when it lies in the Recycle Bin.
    #[must_use]
    pub fn locked(&self) -> bool {
        is_lock(self.protection.as_deref().unwrap_or_default())
    }

    /// Returns the place in which its resource is to be looked for.
    #[must_use]
    pub fn resource_place(&self) -> Place {
        match &self.resource_home {
            None => self.place.clone(),
            Some(home) => Place {
                profile: None,
                account: home.account.clone(),
                region: home.region.clone(),
            },
        }
    }

    /// Tells whether AWS would restore from it.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let condition = Condition {
            kind: self.kind,
            state: &self.state,
            tier: self.tier,
            scan: self.scan.as_deref(),
            copy_first: self.copy_first,
            key_state: self.key_state.as_deref(),
        };
        condition.readiness()
    }

    /// Tells whether AWS would restore from it as it is.
    #[must_use]
    pub fn usable(&self) -> bool {
        self.readiness() >= Readiness::Later
    }
}
