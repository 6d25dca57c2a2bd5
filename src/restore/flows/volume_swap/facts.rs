//! What a volume swap knows of the world: one snapshot, one instance, and all around them.
//!
//! Whatever was not read says why. Nothing here is asked for again while planning.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ec2::{Instance, Mapping, Tags, Volume};
use crate::domain::facts::Fact;
use crate::domain::ids::VolumeId;
use crate::domain::place::Place;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::autoscaling::{Group, Membership};
use crate::restore::observations::ec2_dry_run::Permission;
use crate::restore::observations::ec2_instance::InstanceType;
use crate::restore::observations::ec2_snapshot::{Sibling, Snapshot};
use crate::restore::observations::ec2_volume::Modification;
use crate::restore::observations::kms::Key;

/// The facts of a volume swap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwapFacts {
    /// When observing began.
    pub observed_at: Timestamp,
    /// When the place was listed, where AWS was not asked: everything in here was so then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Timestamp>,
    /// Where.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// The recovery point.
    pub snapshot: Snapshot,
    /// The volume that the snapshot was taken from; `None` if it is gone or the snapshot is a copy.
    pub source: Fact<Option<Volume>>,
    /// The instance.
    pub instance: Instance,
    /// Every volume attached to the instance.
    pub volumes: Vec<Volume>,
    /// What the instance's type can do.
    pub instance_type: Fact<InstanceType>,
    /// Whether the instance must not be stopped by a call.
    pub stop_protection: Fact<bool>,
    /// Type of the Spot request; `None` for an instance that is not a Spot Instance.
    pub spot_request_type: Fact<Option<String>>,
    /// Membership in an Auto Scaling group.
    pub group: Fact<Option<Membership>>,
    /// That group; `None` for an instance that is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Fact<Option<Group>>>,
    /// KMS keys by the id they are asked for with.
    pub keys: BTreeMap<String, Fact<Key>>,
    /// Whether the account encrypts every new volume.
    pub encryption_by_default: Fact<bool>,
    /// The account's default key for EBS.
    pub default_key: Fact<String>,
    /// Snapshots of the instance's other volumes that were taken within a minute of this one.
    pub siblings: Fact<Vec<Sibling>>,
    /// Latest modification of the volumes that matter.
    pub modifications: BTreeMap<VolumeId, Fact<Option<Modification>>>,
    /// What `DryRun` says of every call of the plan.
    pub permissions: Vec<Permission>,
}

impl SwapFacts {
    /// Returns the volume the snapshot was taken from, if it is known to exist.
    pub(super) fn source(&self) -> Option<&Volume> {
        self.source.value().and_then(Option::as_ref)
    }

    /// Returns the mapping at a device of the instance.
    pub(super) fn at(&self, device: &str) -> Option<&Mapping> {
        let mut mappings = self.instance.mappings.iter();
        mappings.find(|mapping| mapping.device == device)
    }

    /// Returns a volume attached to the instance.
    pub(super) fn volume(&self, id: &VolumeId) -> Option<&Volume> {
        self.volumes.iter().find(|volume| &volume.id == id)
    }

    /// Returns the devices of the instance with their volumes, fit to be shown.
    pub(super) fn devices(&self) -> String {
        let each = |mapping: &Mapping| {
            let tags = self.volume(&mapping.volume).map(|volume| &volume.tags);
            let called = called(&mapping.volume.to_string(), tags);
            format!("{} {called}", shown(&mapping.device))
        };
        let all: Vec<String> = self.instance.mappings.iter().map(each).collect();
        if all.is_empty() {
            "no volume at all".to_owned()
        } else {
            all.join(", ")
        }
    }

    /// Returns the instance's name and id, fit to be shown.
    pub(super) fn instance_called(&self) -> String {
        called(&self.instance.id.to_string(), Some(&self.instance.tags))
    }
}

/// Returns the `Name` tag, if there is one with something in it.
pub(super) fn name(tags: &Tags) -> Option<&Untrusted> {
    tags.get(&Untrusted::from("Name"))
        .filter(|name| !name.raw().trim().is_empty())
}

/// Returns name and id, or the id alone, fit to be shown.
pub(super) fn called(id: &str, tags: Option<&Tags>) -> String {
    match tags.and_then(name) {
        Some(name) => format!("{} ({})", name.shown(), shown(id)),
        None => shown(id),
    }
}
