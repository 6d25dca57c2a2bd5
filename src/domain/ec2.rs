//! EC2 volumes and instances as they were seen: what a restore carries over and what stands in its way.
//!
//! Listings see them, plans are made of them. Their user data is no part of it: it may hold secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{InstanceId, VolumeId};
use super::text::Untrusted;

/// Tags of a resource by their exact bytes.
pub type Tags = BTreeMap<Untrusted, Untrusted>;

/// A resource of EC2 with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A volume.
    Volume(Box<Volume>),
    /// An instance.
    Instance(Box<Instance>),
}

/// An attachment of a volume to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The instance.
    pub instance: InstanceId,
    /// Device name of the block device mapping, `/dev/sdf`.
    pub device: String,
    /// `attaching`, `attached`, `detaching`, `busy` …
    pub state: String,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
    /// EBS card of the instance, where it has several.
    pub card: Option<i32>,
}

/// A volume. `size` is in GiB, `throughput` in MiB/s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its id.
    pub id: VolumeId,
    /// `gp3`, `io2` …
    pub volume_type: String,
    /// GiB.
    pub size: i32,
    /// As AWS shows it; for `gp2` it follows from the size.
    pub iops: Option<i32>,
    /// MiB/s.
    pub throughput: Option<i32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of its KMS key.
    pub kms_key: Option<String>,
    /// Whether several instances may attach it.
    pub multi_attach: bool,
    /// `available`, `in-use`, `error` …
    pub state: String,
    /// Availability Zone.
    pub zone: String,
    /// The AWS service that manages it, if one does.
    pub operator: Option<String>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Its tags.
    pub tags: Tags,
}

/// A volume at a device of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Device name, `/dev/sdf`.
    pub device: String,
    /// The volume.
    pub volume: VolumeId,
    /// `attaching`, `attached`, `detaching`, `detached`.
    pub state: String,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
}

/// A public IPv4 address of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// The address.
    pub ip: String,
    /// `amazon` where AWS lent it and takes it back at a stop; an account where it is an Elastic IP
    /// address; `None` where AWS does not tell.
    pub owner: Option<String>,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// `running`, `stopped` …
    pub state: String,
    /// `m7i.large` …
    pub instance_type: String,
    /// Availability Zone.
    pub zone: String,
    /// Device name of the root volume.
    pub root_device: String,
    /// `ebs` or `instance-store`.
    pub root_device_type: String,
    /// Whether it runs Windows.
    pub windows: bool,
    /// Public IPv4 address.
    pub public_address: Option<PublicAddress>,
    /// `spot`, `scheduled` …; `None` for an ordinary one.
    pub lifecycle: Option<String>,
    /// The Spot request behind it.
    pub spot_request: Option<String>,
    /// AWS Marketplace product codes.
    pub product_codes: Vec<String>,
    /// Whether hibernation is configured.
    pub hibernation: bool,
    /// The AWS service that manages it, if one does.
    pub operator: Option<String>,
    /// How many network interfaces it has.
    pub interfaces: usize,
    /// Its volumes by device.
    pub mappings: Vec<Mapping>,
    /// Its tags.
    pub tags: Tags,
}
