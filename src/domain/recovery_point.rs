//! What can be restored: an instant (snapshot, image, backup) or a window (point in time).
//!
//! When a point was taken and how old its data is are two things: a copy is younger than its data.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::place::Place;
use super::resource::ResourceKind;
use super::text::Untrusted;

/// Kind of a recovery point, as `--kind` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// An EBS snapshot.
    EbsSnapshot,
}

impl PointKind {
    /// Every kind, in the order of the help text.
    pub const ALL: [Self; 1] = [Self::EbsSnapshot];

    /// Returns the name used in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EbsSnapshot => "ebs-snapshot",
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
    /// `Name` tag.
    pub name: Option<Untrusted>,
    /// When it was taken.
    pub when: When,
    /// How old its data is.
    pub data_at: DataTime,
    /// State in AWS's words: `completed`, `pending`, `error` …
    pub state: String,
    /// Size of the volume it was taken from, in bytes.
    pub size_bytes: Option<u64>,
    /// Whether it is encrypted.
    pub encrypted: bool,
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
    /// All tags.
    pub tags: BTreeMap<Untrusted, Untrusted>,
}

impl RecoveryPoint {
    /// Tells whether AWS would restore from it now.
    #[must_use]
    pub fn usable(&self) -> bool {
        self.state == "completed" && self.tier == Tier::Standard
    }
}
