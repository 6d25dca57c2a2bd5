//! What a scenario file may say. A field that is not here is an error.
//!
//! It knows nothing of the world; whether names lead somewhere is for `build` to find out.

mod alarms;
mod balancing;
mod dynamodb;
mod identities;
mod images;
mod lambda;
mod network;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::{Deserialize, Deserializer, de::Error};

use super::database_form::{Database, DbSnapshot};
pub use alarms::{Alarm, CompositeAlarm};
pub use balancing::{HostedZone, LoadBalancer, ScalingGroup, TargetGroup};
pub use dynamodb::{Capacity, Destination, Index, Insights, Parameter, Table, TableBackup};
pub use identities::{Identity, ManagedPolicy};
pub use images::{BinnedVolume, FastRestore, Image, Lock, RecycleBin, Tiering};
pub use lambda::Trigger;
pub use network::{
    Address, Interface, Launched, PlacementGroup, Rule, SecurityGroup, Subnet, Talk, Vpc,
};

type Tags = BTreeMap<String, String>;

/// A length of time as people write it: `90s`, `24m`, `6h`, `30d`.
#[derive(Clone, Copy, Debug)]
pub struct Length(pub SignedDuration);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span: Span = text.parse().map_err(D::Error::custom)?;
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours());
        length.map(Self).map_err(D::Error::custom)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub story: Story,
    #[serde(default)]
    pub delays: Delays,
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
    #[serde(default, rename = "place")]
    pub places: Vec<Place>,
    #[serde(default, rename = "hosted-zone")]
    pub hosted_zones: Vec<HostedZone>,
    #[serde(default, rename = "identity")]
    pub identities: Vec<Identity>,
    #[serde(default, rename = "managed-policy")]
    pub managed_policies: Vec<ManagedPolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub title: String,
    #[serde(default)]
    pub pager_text: String,
    pub incident_at: Timestamp,
    pub opens_at: Timestamp,
    pub account: Option<String>,
    pub region: Option<String>,
    pub volume: Option<String>,
    pub instance: Option<String>,
    pub good_snapshot: Option<String>,
    pub bad_snapshot: Option<String>,
    /// The empty device that the volume belongs to, where the volume is gone.
    pub device: Option<String>,
    /// What a plan here cannot do without and nobody can observe: field to value.
    #[serde(default)]
    pub choices: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delays {
    pub answer: Option<Length>,
    pub create_volume: Option<Length>,
    pub create_snapshot: Option<Length>,
    pub attach_volume: Option<Length>,
    pub detach_volume: Option<Length>,
    pub stop_instance: Option<Length>,
    pub start_instance: Option<Length>,
    pub status_checks: Option<Length>,
    pub modify_volume: Option<Length>,
    pub attach_interface: Option<Length>,
    pub detach_interface: Option<Length>,
    pub replace_root: Option<Length>,
    pub health_check: Option<Length>,
    pub standby: Option<Length>,
    pub dns_change: Option<Length>,
    pub console: Option<Length>,
    pub restore_table: Option<Length>,
    pub update_table: Option<Length>,
    pub tags_settle: Option<Length>,
    pub time_to_live: Option<Length>,
    pub kinesis: Option<Length>,
    pub insights: Option<Length>,
    pub replica: Option<Length>,
    pub mapping: Option<Length>,
    pub recovery: Option<Length>,
    pub hydration_mib_per_second: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub id: String,
    pub name: String,
    /// Actions refused to the caller: `ec2:StopInstances`.
    #[serde(default)]
    pub denied: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub account: String,
    pub region: String,
    pub zones: Option<Vec<String>>,
    #[serde(default)]
    pub encryption_by_default: bool,
    /// The account's own default key for EBS, by id or alias.
    pub default_key: Option<String>,
    #[serde(default, rename = "key")]
    pub keys: Vec<Key>,
    #[serde(default, rename = "vpc")]
    pub vpcs: Vec<Vpc>,
    #[serde(default, rename = "subnet")]
    pub subnets: Vec<Subnet>,
    #[serde(default, rename = "security-group")]
    pub security_groups: Vec<SecurityGroup>,
    #[serde(default, rename = "interface")]
    pub interfaces: Vec<Interface>,
    #[serde(default, rename = "address")]
    pub addresses: Vec<Address>,
    #[serde(default, rename = "load-balancer")]
    pub load_balancers: Vec<LoadBalancer>,
    #[serde(default, rename = "target-group")]
    pub target_groups: Vec<TargetGroup>,
    #[serde(default, rename = "scaling-group")]
    pub scaling_groups: Vec<ScalingGroup>,
    #[serde(default, rename = "placement-group")]
    pub placement_groups: Vec<PlacementGroup>,
    /// The most security groups.
    pub group_quota: Option<usize>,
    /// Instance types of which AWS has none to spare.
    #[serde(default)]
    pub no_capacity: Vec<String>,
    #[serde(default, rename = "instance")]
    pub instances: Vec<Instance>,
    #[serde(default, rename = "fleet")]
    pub fleets: Vec<Fleet>,
    #[serde(default, rename = "volume")]
    pub volumes: Vec<Volume>,
    #[serde(default, rename = "snapshot")]
    pub snapshots: Vec<Snapshot>,
    #[serde(default, rename = "schedule")]
    pub schedules: Vec<Schedule>,
    #[serde(default, rename = "db-instance")]
    pub db_instances: Vec<Database>,
    #[serde(default, rename = "db-cluster")]
    pub db_clusters: Vec<Database>,
    #[serde(default, rename = "db-snapshot")]
    pub db_snapshots: Vec<DbSnapshot>,
    #[serde(default, rename = "db-cluster-snapshot")]
    pub db_cluster_snapshots: Vec<DbSnapshot>,
    #[serde(default, rename = "image")]
    pub images: Vec<Image>,
    #[serde(default, rename = "binned-volume")]
    pub binned_volumes: Vec<BinnedVolume>,
    #[serde(default, rename = "table")]
    pub tables: Vec<Table>,
    #[serde(default, rename = "table-backup")]
    pub table_backups: Vec<TableBackup>,
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
    #[serde(default, rename = "composite-alarm")]
    pub composite_alarms: Vec<CompositeAlarm>,
    #[serde(default, rename = "vault")]
    pub vaults: Vec<Vault>,
    #[serde(default, rename = "legal_hold")]
    pub legal_holds: Vec<LegalHold>,
    #[serde(default)]
    pub protected: Vec<Protected>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub id: String,
    pub alias: Option<String>,
    #[serde(default)]
    pub description: String,
    /// AWS's word; `Enabled` if left out.
    pub state: Option<String>,
    /// Whether `DescribeKey` is refused.
    #[serde(default)]
    pub denied: bool,
    /// What becomes of a volume made with it while it cannot be used: `error` or `vanish`.
    pub failure: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "the words of the EC2 API"
)]
pub struct Instance {
    pub id: Option<String>,
    pub name: String,
    #[serde(rename = "type")]
    pub instance_type: String,
    /// The letter of the zone.
    pub zone: String,
    pub image_id: Option<String>,
    pub state: Option<String>,
    pub launched_before: Option<Length>,
    pub root_device: Option<String>,
    /// The size of a root volume that nothing more needs to be said about.
    pub root_size: Option<i32>,
    /// The id of that volume.
    pub root_id: Option<String>,
    #[serde(default)]
    pub windows: bool,
    #[serde(default)]
    pub root_on_instance_store: bool,
    /// `once` or `persistent`.
    pub spot: Option<String>,
    pub auto_scaling_group: Option<String>,
    pub auto_scaling_state: Option<String>,
    #[serde(default)]
    pub stop_protection: bool,
    #[serde(default)]
    pub termination_protection: bool,
    #[serde(default)]
    pub hibernation: bool,
    #[serde(default)]
    pub no_capacity: bool,
    #[serde(default)]
    pub impaired: bool,
    pub user_data: Option<String>,
    #[serde(default)]
    pub product_codes: Vec<String>,
    pub private_ip: Option<String>,
    pub public_ip: Option<String>,
    /// The allocation id, if the public address is an elastic one.
    pub elastic_ip: Option<String>,
    /// By id or name.
    pub subnet: Option<String>,
    /// Security groups, by id or name; the default one if left out.
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub launched: Launched,
    #[serde(default)]
    pub talks: Vec<Talk>,
    pub console: Option<String>,
    /// How a replacement of its root volume ends, if not well: `failed` or `failed-detached`.
    pub root_replacement_ends: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

/// Instances that differ in number only; `{n}` in the name is the number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    pub name: String,
    pub count: u32,
    #[serde(rename = "type")]
    pub instance_type: String,
    /// The letters of the zones, taken in turn.
    pub zones: String,
    pub root_size: i32,
    /// The size of a data volume at `/dev/sdf`.
    pub data_size: Option<i32>,
    /// How many daily snapshots there are of the root volume and of the data volume.
    #[serde(default)]
    pub daily_snapshots: u32,
    pub auto_scaling_group: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the words of the EC2 API")]
pub struct Volume {
    pub id: Option<String>,
    pub name: String,
    pub zone: String,
    pub size: Option<i32>,
    #[serde(rename = "type")]
    pub volume_type: Option<String>,
    pub iops: Option<i32>,
    pub throughput: Option<i32>,
    /// The key it is encrypted with, by id or alias.
    pub key: Option<String>,
    pub snapshot: Option<String>,
    pub state: Option<String>,
    pub created_before: Option<Length>,
    #[serde(default)]
    pub multi_attach: bool,
    #[serde(default)]
    pub product_codes: Vec<String>,
    /// `modifying` or `optimizing`, for hours to come.
    pub modification: Option<String>,
    /// Whether what is written since the incident is damaged.
    #[serde(default)]
    pub damaged_since_incident: bool,
    /// The last write before the incident, for a volume that nothing writes to.
    pub last_write_before: Option<Length>,
    #[serde(default, rename = "attachment")]
    pub attachments: Vec<Attachment>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The instance, by id or name.
    pub instance: String,
    pub device: String,
    #[serde(default)]
    pub delete_on_termination: bool,
    #[serde(default)]
    pub mounted: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    pub id: Option<String>,
    /// The volume, by id or name; a volume that is gone by id only.
    pub volume: String,
    /// How long before the incident.
    pub before: Option<Length>,
    /// How long after the incident.
    pub after: Option<Length>,
    pub state: Option<String>,
    pub state_message: Option<String>,
    /// Size in GiB, if it is not the volume's.
    pub size: Option<i32>,
    /// How much of it holds data, in GiB.
    pub data_size: Option<i32>,
    /// The key, if it is not the volume's.
    pub key: Option<String>,
    pub owner: Option<String>,
    #[serde(default)]
    pub archived: bool,
    /// Its last move between the tiers, if it is not that it was archived.
    pub tiering: Option<Tiering>,
    /// Accounts that may make volumes of it.
    #[serde(default)]
    pub shared_with: Vec<String>,
    /// Whether every account may.
    #[serde(default)]
    pub public: bool,
    pub recycle_bin: Option<RecycleBin>,
    pub lock: Option<Lock>,
    #[serde(default, rename = "fast_restore")]
    pub fast_restores: Vec<FastRestore>,
    pub damaged: Option<bool>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub product_codes: Vec<String>,
    #[serde(default)]
    pub tags: Tags,
}

/// Snapshots that were taken regularly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub volume: String,
    pub every: Length,
    pub count: u32,
    /// How long before the incident the last one was taken.
    pub last_before: Length,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub tags: Tags,
}

/// A vault of AWS Backup.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the words of the Backup API")]
pub struct Vault {
    pub name: String,
    /// AWS's word; `BACKUP_VAULT` if left out.
    #[serde(rename = "type")]
    pub vault_type: Option<String>,
    /// The account that shares it, if it is another one's.
    pub owner: Option<String>,
    pub created_before: Option<Length>,
    /// The key, by id or alias.
    pub key: Option<String>,
    /// `governance` or `compliance`.
    pub lock: Option<String>,
    /// How long before the incident a compliance lock came into force.
    pub locked_before: Option<Length>,
    /// How long after the incident it will.
    pub locks_after: Option<Length>,
    pub min_retention_days: Option<i64>,
    pub max_retention_days: Option<i64>,
    /// The access policy, as JSON.
    pub policy: Option<String>,
    /// The number of recovery points that AWS tells, if it is off.
    pub counted: Option<i64>,
    /// Whether its recovery points are refused to the caller.
    #[serde(default)]
    pub denied: bool,
    #[serde(default, rename = "point")]
    pub points: Vec<Point>,
}

/// A recovery point, or with `count` a series of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The ARN of the native object that it is; otherwise it is one that AWS Backup manages.
    pub arn: Option<String>,
    /// The last part of the ARN of one that AWS Backup manages.
    pub id: Option<String>,
    /// A volume: the points are its snapshots that AWS Backup has made.
    pub snapshots_of: Option<String>,
    /// What it protects: an ARN, or a volume by id or name.
    pub resource: Option<String>,
    /// AWS's word; `EBS` if left out.
    pub resource_type: Option<String>,
    pub resource_name: Option<String>,
    /// How long before the incident the last one was made.
    pub before: Option<Length>,
    pub every: Option<Length>,
    pub count: Option<u32>,
    /// AWS's word.
    pub status: Option<String>,
    pub status_message: Option<String>,
    /// Size in GiB.
    pub size: Option<i64>,
    pub cold_after_days: Option<i64>,
    pub delete_after_days: Option<i64>,
    /// The key, if it is not the vault's.
    pub key: Option<String>,
    /// The rule that made it.
    pub plan: Option<String>,
    #[serde(default)]
    pub continuous: bool,
    /// Whether others are nested in it.
    #[serde(default)]
    pub composite: bool,
    /// The id of the composite point it is nested in.
    pub parent: Option<String>,
    /// What it is called in there.
    pub member: Option<String>,
    /// The ARN of the vault it was copied from.
    pub source_vault: Option<String>,
    /// `malware`, `clean` or `failed`.
    pub scan: Option<String>,
    /// AWS's word for the state of its index; none if left out.
    pub index: Option<String>,
    /// How long before the incident it was last restored from.
    pub restored_before: Option<Length>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalHold {
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// AWS's word; `ACTIVE` if left out.
    pub status: Option<String>,
    pub created_before: Option<Length>,
    /// Names of the vaults whose points it holds.
    #[serde(default)]
    pub vaults: Vec<String>,
    /// ARNs of the resources whose points it holds.
    #[serde(default)]
    pub resources: Vec<String>,
}

/// A resource that AWS Backup protects and has no recovery point of any more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    pub resource: String,
    pub resource_type: String,
    pub resource_name: Option<String>,
    pub last_before: Option<Length>,
}
