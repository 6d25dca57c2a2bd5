//! What a relaunch knows of the world: one image, the instance it is to replace, and all that leads to it.
//!
//! Whatever was not read says why. User data stands as a digest alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ec2::Instance;
use crate::domain::ec2::Tags;
use crate::domain::ec2::Volume;
use crate::domain::facts::Fact;
use crate::domain::ids::SnapshotId;
use crate::domain::place::Place;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::autoscaling::{Group, Membership};
use crate::restore::observations::ec2_configuration::Configuration;
use crate::restore::observations::ec2_dry_run::Permission;
use crate::restore::observations::ec2_image::Image;
use crate::restore::observations::ec2_instance::InstanceType;
use crate::restore::observations::ec2_network::{Address, Interface, Subnet};
use crate::restore::observations::ec2_snapshot::Snapshot;
use crate::restore::observations::elb::TargetGroup;
use crate::restore::observations::kms::Key;
use crate::restore::observations::route53::{Pointing, UnreadZone};

/// The facts of a relaunch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelaunchFacts {
    /// When observing began.
    pub observed_at: Timestamp,
    /// Where.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// The image.
    pub image: Image,
    /// The instance to be like: the one to replace, or a sibling where that is gone.
    pub like: Option<Like>,
    /// What leads to the instance to replace; `None` where none is replaced.
    pub ways: Option<Ways>,
    /// The subnet to launch into.
    pub subnet: Fact<Option<Subnet>>,
    /// Addresses of the VPC's endpoints for Session Manager.
    pub endpoints: Fact<Vec<String>>,
    /// What the type of the new instance can do.
    pub instance_type: Fact<InstanceType>,
    /// Snapshots of the image that are encrypted.
    pub snapshots: BTreeMap<SnapshotId, Fact<Option<Snapshot>>>,
    /// KMS keys of those and of the new volumes, by the id they are asked for with.
    pub keys: BTreeMap<String, Fact<Key>>,
    /// Whether the account encrypts every new volume.
    pub encryption_by_default: Fact<bool>,
    /// The account's default key for EBS.
    pub default_key: Fact<String>,
    /// What `DryRun` says of every call of the plan.
    pub permissions: Vec<Permission>,
}

/// An instance and how it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Like {
    /// The instance.
    pub instance: Instance,
    /// How it is set.
    pub configuration: Configuration,
    /// What its type can do.
    pub instance_type: Fact<InstanceType>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Its interfaces, in the order of their numbers.
    pub interfaces: Vec<Interface>,
    /// What a shutdown from within does.
    pub shutdown: Fact<String>,
    /// Credit mode of a burstable type.
    pub credits: Fact<Option<String>>,
    /// Digest of its user data; `None` where it has none.
    pub user_data: Fact<Option<String>>,
    /// Whether it is protected from termination.
    pub termination_protection: Fact<bool>,
    /// Whether it is protected from being stopped.
    pub stop_protection: Fact<bool>,
}

/// What leads to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Elastic IP addresses of its interfaces.
    pub addresses: Fact<Vec<Address>>,
    /// Target groups that it is registered in.
    pub target_groups: Fact<Vec<TargetGroup>>,
    /// Records that point to it, of the zones that can be read.
    pub records: Fact<Vec<Pointing>>,
    /// Zones that cannot be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_zones: Vec<UnreadZone>,
    /// Membership in an Auto Scaling group.
    pub member: Fact<Option<Membership>>,
    /// That group.
    pub group: Fact<Option<Group>>,
}

impl Like {
    /// Returns its primary interface.
    pub(super) fn primary(&self) -> Option<&Interface> {
        self.interfaces
            .iter()
            .find(|interface| interface.device_index == 0)
    }

    /// Returns the interfaces that can be moved.
    pub(super) fn secondary(&self) -> impl Iterator<Item = &Interface> {
        let others = self.interfaces.iter();
        others.filter(|interface| interface.device_index != 0 && !interface.managed)
    }

    /// Returns the volume at a device.
    pub(super) fn volume_at(&self, device: &str) -> Option<&Volume> {
        let mut mappings = self.instance.mappings.iter();
        let mapping = mappings.find(|mapping| mapping.device == device)?;
        self.volumes
            .iter()
            .find(|volume| volume.id == mapping.volume)
    }

    /// Returns name and id, fit to be shown.
    pub(super) fn called(&self) -> String {
        called(&self.instance.id.to_string(), &self.instance.tags)
    }

    /// Returns every name that AWS gives its addresses.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let settings = &self.configuration;
        let all = [&settings.private_name, &settings.public_name];
        all.into_iter().flatten().cloned().collect()
    }

    /// Returns every address by which it is reached.
    pub(super) fn addresses(&self) -> BTreeSet<String> {
        let of_interface = |interface: &Interface| {
            let own = [interface.private_ip.clone()];
            own.into_iter()
                .chain(interface.more_ips.clone())
                .chain(interface.ipv6.clone())
        };
        let public = self.instance.public_address.iter();
        let all = self.interfaces.iter().flat_map(of_interface);
        all.chain(public.map(|address| address.ip.clone()))
            .filter(|address| !address.is_empty())
            .collect()
    }
}

impl RelaunchFacts {
    /// Returns the instance to replace.
    pub(super) fn old(&self) -> Option<(&Like, &Ways)> {
        self.like.as_ref().zip(self.ways.as_ref())
    }
}

/// Returns the `Name` tag, if there is one with something in it.
pub(super) fn name(tags: &Tags) -> Option<&Untrusted> {
    tags.get(&Untrusted::from("Name"))
        .filter(|name| !name.raw().trim().is_empty())
}

fn called(id: &str, tags: &Tags) -> String {
    match name(tags) {
        Some(name) => format!("{} ({})", name.shown(), shown(id)),
        None => shown(id),
    }
}
