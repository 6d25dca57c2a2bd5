//! What EC2 keeps: volumes with their attachments, instances, snapshots, images, and what lies in the Recycle Bin.
//!
//! Plain records with a [`Timeline`] wherever a state takes time. How AWS shows them is in `rows`,
//! what the calls do to them in the files beside this one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::settings::Settings;
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;

/// Tags by key; AWS promises no order, the simulation keeps them sorted.
pub type Tags = BTreeMap<String, String>;

/// What is written on a volume or kept in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// The last write that is part of it.
    pub as_of: Timestamp,
    /// Whether the damage of the incident is part of it.
    pub damaged: bool,
}

/// The states of a volume that does not depend on attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeState {
    Creating,
    Available,
    Error,
    /// It disappeared: AWS does that to some volumes whose key cannot be used.
    Gone,
}

/// An EBS volume.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the words of the EC2 API")]
pub struct Volume {
    pub id: String,
    pub availability_zone: String,
    pub size: i32,
    pub volume_type: String,
    pub iops: Option<i32>,
    pub throughput: Option<i32>,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub snapshot_id: Option<String>,
    pub created: Timestamp,
    pub state: Timeline<VolumeState>,
    pub multi_attach: bool,
    pub initialization_rate: Option<i32>,
    pub tags: Tags,
    pub product_codes: Vec<String>,
    pub attachments: Vec<Attachment>,
    pub modification: Option<Modification>,
    pub data: Data,
    /// From when on what is written is damaged (the bad deploy is still writing).
    pub damaged_from: Option<Timestamp>,
    /// The request that a client token stands for.
    pub token: Option<Token>,
    pub visibility: Visibility,
}

/// A client token and the parameters it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub token: String,
    pub parameters: String,
}

/// The states of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentState {
    Attaching,
    Attached,
    Detaching,
    /// Asked to detach while the guest still has it mounted.
    Busy,
    Detached,
}

/// A volume's place on an instance.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub instance_id: String,
    pub device: String,
    pub delete_on_termination: bool,
    pub ebs_card_index: i32,
    pub attached: Timestamp,
    pub state: Timeline<AttachmentState>,
    /// Whether the guest has a file system of it mounted.
    pub mounted: bool,
}

/// The last modification of a volume.
#[derive(Clone, Debug)]
pub struct Modification {
    pub state: Timeline<ModificationState>,
    pub original: Shape,
    pub target: Shape,
}

/// The states of a volume's modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModificationState {
    Modifying,
    Optimizing,
    Completed,
}

/// What `ModifyVolume` changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub size: i32,
    pub volume_type: String,
    pub iops: Option<i32>,
    pub throughput: Option<i32>,
}

impl Volume {
    /// Returns whether the volume is still there at `now`.
    pub fn exists(&self, now: Timestamp) -> bool {
        *self.state.at(now) != VolumeState::Gone
    }

    /// Lists the attachments that are not over at `now`.
    pub fn attachments_at(&self, now: Timestamp) -> impl Iterator<Item = &Attachment> {
        self.attachments
            .iter()
            .filter(move |attachment| attachment.holds(now))
    }

    /// Returns the state as AWS names it; a volume is in use from the moment it starts attaching.
    pub fn state_name(&self, now: Timestamp) -> &'static str {
        match self.state.at(now) {
            VolumeState::Creating => "creating",
            VolumeState::Error => "error",
            VolumeState::Gone => "deleted",
            VolumeState::Available if self.attachments_at(now).next().is_some() => "in-use",
            VolumeState::Available => "available",
        }
    }

    /// Returns what a snapshot taken at `now` would hold.
    pub fn data_at(&self, now: Timestamp) -> Data {
        let serving = self
            .attachments
            .iter()
            .any(|attachment| *attachment.state.at(now) == AttachmentState::Attached);
        Data {
            as_of: if serving { now } else { self.data.as_of },
            damaged: self.data.damaged || self.damaged_from.is_some_and(|from| from <= now),
        }
    }

    /// Returns the parts of it that a modification can change.
    pub fn shape(&self) -> Shape {
        Shape {
            size: self.size,
            volume_type: self.volume_type.clone(),
            iops: self.iops,
            throughput: self.throughput,
        }
    }
}

impl Attachment {
    /// Returns whether the attachment still holds the volume at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        *self.state.at(now) != AttachmentState::Detached
    }

    /// Returns whether the attachment holds the volume on this instance.
    pub fn holds_on(&self, instance_id: &str, now: Timestamp) -> bool {
        self.instance_id == instance_id && self.holds(now)
    }
}

impl AttachmentState {
    /// Returns the state as AWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attaching => "attaching",
            Self::Attached => "attached",
            Self::Detaching => "detaching",
            Self::Busy => "busy",
            Self::Detached => "detached",
        }
    }
}

/// The states of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceState {
    Pending,
    Running,
    Stopping,
    Stopped,
    ShuttingDown,
    Terminated,
}

impl InstanceState {
    /// Returns the state as AWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
        }
    }

    /// Returns AWS's number for the state (EC2 API reference: `InstanceState`).
    pub fn code(self) -> i32 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }
}

/// How an instance was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    OnDemand,
    SpotOnce,
    SpotPersistent,
}

/// Membership of an Auto Scaling group.
#[derive(Clone, Debug)]
pub struct GroupMember {
    pub group: String,
    /// AWS's word: `InService`, `Standby` …
    pub lifecycle: Timeline<String>,
}

/// Somebody whom an instance talks to on its own, as soon as it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// An address.
    pub to: String,
    /// A TCP port.
    pub port: u16,
}

/// An EC2 instance.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "the words of the EC2 API"
)]
pub struct Instance {
    pub id: String,
    pub instance_type: String,
    pub image_id: String,
    pub availability_zone: String,
    pub subnet_id: String,
    pub platform_windows: bool,
    pub root_device_name: String,
    pub root_on_instance_store: bool,
    pub launched: Timestamp,
    pub state: Timeline<InstanceState>,
    /// When both checks turn `ok` after the last start.
    pub checks_pass: Timestamp,
    /// Whether the checks turn `impaired` instead.
    pub impaired: bool,
    pub lifecycle: Lifecycle,
    pub auto_scaling: Option<GroupMember>,
    pub disable_api_stop: bool,
    pub disable_api_termination: bool,
    pub hibernation: bool,
    pub user_data: Option<String>,
    pub product_codes: Vec<String>,
    /// Its own public address, which is no elastic one.
    pub public_ip: Timeline<Option<String>>,
    pub no_capacity: bool,
    pub settings: Settings,
    /// Why it is in its state, where AWS says so: code and message.
    pub state_reason: Option<(String, String)>,
    /// What the guest has written on its console; of an ordinary boot if nothing is said.
    pub console: Option<String>,
    pub talks: Vec<Talk>,
    /// What it has reached on its own so far, and since when.
    pub reached: BTreeMap<String, Timestamp>,
    /// How a replacement of its root volume will end, if not well: `failed` or `failed-detached`.
    pub root_replacement_ends: Option<String>,
    pub tags: Tags,
    pub token: Option<Token>,
    pub visibility: Visibility,
}

/// The states of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotState {
    Pending,
    Completed,
    Error,
    Recoverable,
}

impl SnapshotState {
    /// Returns the state as AWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Error => "error",
            Self::Recoverable => "recoverable",
        }
    }
}

/// An EBS snapshot.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: String,
    pub volume_id: String,
    pub owner: String,
    pub started: Timestamp,
    pub state: Timeline<SnapshotState>,
    pub state_message: Option<String>,
    pub size: i32,
    pub full_size_bytes: i64,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub description: String,
    pub archived: bool,
    /// Its last move between the tiers.
    pub tiering: Option<Tiering>,
    pub permissions: Permissions,
    pub bin: Option<Binned>,
    pub lock: Option<Lock>,
    pub fast_restores: Vec<FastRestore>,
    pub tags: Tags,
    pub product_codes: Vec<String>,
    pub data: Data,
    pub visibility: Visibility,
}

/// A move of a snapshot between the tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiering {
    /// AWS's word: `archival-completed`, `temporary-restore-in-progress` …
    pub operation: String,
    pub message: Option<String>,
    /// In percent.
    pub progress: Option<i32>,
    /// When it was in the archive tier.
    pub archived: Option<Timestamp>,
    /// When a temporary restore ends.
    pub expires: Option<Timestamp>,
}

/// Who may use something beside its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    pub public: bool,
    pub accounts: Vec<String>,
    /// ARNs of organizations and organizational units.
    pub organizations: Vec<String>,
}

/// Since when something lies in the Recycle Bin, and when it leaves it for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binned {
    pub entered: Timestamp,
    pub exits: Timestamp,
}

/// A lock of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Whether it is in compliance mode, and not in governance mode.
    pub compliance: bool,
    pub created: Timestamp,
    /// When the cooling-off period of the compliance mode ends, if there is one.
    pub cools_off: Option<Timestamp>,
    pub expires: Timestamp,
}

impl Lock {
    /// Returns the state as AWS names it.
    pub fn state_name(&self, now: Timestamp) -> &'static str {
        if now >= self.expires {
            "expired"
        } else if !self.compliance {
            "governance"
        } else if self.cools_off.is_some_and(|until| now < until) {
            "compliance-cooloff"
        } else {
            "compliance"
        }
    }
}

/// Fast snapshot restore of a snapshot in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FastRestore {
    pub availability_zone: String,
    /// AWS's word: `enabling`, `optimizing`, `enabled`, `disabling`, `disabled`.
    pub state: String,
    pub enabled: Timestamp,
}

/// A volume in the Recycle Bin.
#[derive(Clone, Debug)]
pub struct BinnedVolume {
    pub id: String,
    pub availability_zone: String,
    pub size: i32,
    pub volume_type: String,
    pub iops: Option<i32>,
    pub throughput: Option<i32>,
    pub created: Timestamp,
    pub bin: Binned,
}

/// An Amazon Machine Image.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the words of the EC2 API")]
pub struct Image {
    pub id: String,
    pub name: String,
    pub description: String,
    pub owner: String,
    /// `aws-backup-vault` of an image in a logically air-gapped vault.
    pub owner_alias: Option<String>,
    /// AWS's word: `available`, `disabled`, `pending`, `failed` …
    pub state: String,
    pub created: Timestamp,
    /// From when on it is deprecated.
    pub deprecated: Option<Timestamp>,
    pub deregistration_protection: bool,
    pub source_instance_id: Option<String>,
    /// What it was copied from: id and region.
    pub source_image: Option<(String, String)>,
    pub root_device_name: String,
    pub disks: Vec<Disk>,
    pub machine: Machine,
    /// Whether the owner shares it with the caller.
    pub shared: bool,
    pub permissions: Permissions,
    pub bin: Option<Binned>,
    pub tags: Tags,
}

/// A placement group.
#[derive(Clone, Debug)]
pub struct PlacementGroup {
    /// AWS's word: `cluster`, `spread`, `partition`.
    pub strategy: String,
    /// Whether nothing more fits in.
    pub full: bool,
}

/// What an image needs of whatever it is launched on, and what it brings.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the words of the EC2 API")]
pub struct Machine {
    /// AWS's word: `x86_64`, `arm64`.
    pub architecture: String,
    /// AWS's word: `legacy-bios`, `uefi`, `uefi-preferred`.
    pub boot_mode: Option<String>,
    /// Whether it holds instances to the second version of the metadata service.
    pub imds_v2: bool,
    pub tpm_v2: bool,
    pub windows: bool,
    pub product_codes: Vec<String>,
    /// Whether the account has not subscribed to the product.
    pub not_subscribed: bool,
    /// Whom everything that is made of it talks to on its own.
    pub talks: Vec<Talk>,
}

/// A volume that an image makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    pub device: String,
    pub snapshot_id: String,
    pub size: i32,
    pub volume_type: String,
    pub encrypted: bool,
}
