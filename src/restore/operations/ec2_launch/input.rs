//! What is launched: every field by its own name, and the same as API parameters.
//!
//! A field that is `None` is left to AWS because there is nothing to carry over; the plan's table says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::user_data::UserDataRef;
use crate::domain::ids::{GroupId, ImageId, InstanceId, InterfaceId, SnapshotId, VolumeId};
use crate::domain::plan::Ref;
use crate::domain::text::{Untrusted, pairs};
use crate::restore::operation::{stamp_marker, stamp_tags};
use crate::restore::operations::ec2_group::Opening;
use crate::restore::operations::ec2_read::tag_parameters;

/// An instance from an image runs in a security group that lets through what the plan says and nothing else, and
/// both of its status checks are ok.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchInstance {
    /// The image.
    pub image: ImageId,
    /// `m7i.large` …
    pub instance_type: String,
    /// The subnet. Frozen in the plan: the same token in another zone is a second instance (EC2 API reference,
    /// ensuring idempotency).
    pub subnet: String,
    /// The group, the only one of its only interface.
    pub group: Ref<GroupId>,
    /// The groups that a later step gives its interface: one that is in exactly those was launched, and let out since.
    pub opened: Vec<GroupId>,
    /// What the group must let in when the request is sent.
    pub ingress: Opening,
    /// What the group must let out when the request is sent.
    pub egress: Opening,
    /// A private address that is free; `None` lets AWS choose.
    pub private_ip: Option<String>,
    /// Every block device, instead of what the image says.
    pub block_devices: Vec<BlockDevice>,
    /// How the instance metadata service answers.
    pub metadata: MetadataChoice,
    /// ARN of an instance profile.
    pub instance_profile: Option<String>,
    /// Name of a key pair.
    pub key_name: Option<String>,
    /// Where it is placed.
    pub placement: PlacementChoice,
    /// Detailed monitoring.
    pub monitoring: bool,
    /// Whether it is optimized for EBS; `None` leaves it to the type.
    pub ebs_optimized: Option<bool>,
    /// `standard` or `unlimited`, for burstable types.
    pub credits: Option<String>,
    /// `stop` or `terminate`: what a shutdown from within does.
    pub shutdown: String,
    /// Cores and threads.
    pub cpu: Option<CpuChoice>,
    /// Whether it can hibernate.
    pub hibernation: bool,
    /// Whether it can run enclaves.
    pub enclave: bool,
    /// `default` or `disabled`.
    pub auto_recovery: Option<String>,
    /// `open` or `none`: which capacity reservations it may use.
    pub capacity_preference: Option<String>,
    /// How its private name is made.
    pub naming: Option<NamingChoice>,
    /// ARNs of licence configurations.
    pub licenses: Vec<String>,
    /// User data to send along, as a digest.
    pub user_data: Option<UserDataRef>,
    /// Tags of the instance beside defib's own.
    #[serde(with = "pairs")]
    pub tags: BTreeMap<Untrusted, Untrusted>,
    /// Tags of its volumes beside defib's own.
    #[serde(with = "pairs")]
    pub volume_tags: BTreeMap<Untrusted, Untrusted>,
}

/// A block device of a new instance. Its snapshot is the image's, unless one is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockDevice {
    /// Device name, `/dev/sdf`.
    pub device: String,
    /// A snapshot instead of the image's.
    pub snapshot: Option<SnapshotId>,
    /// `gp3`, `io2` …
    pub volume_type: String,
    /// GiB.
    pub size: i32,
    /// Provisioned IOPS.
    pub iops: Option<i32>,
    /// MiB/s.
    pub throughput: Option<i32>,
    /// Whether it is encrypted. Only ever said as yes: a copy of an encrypted snapshot cannot be other.
    pub encrypted: bool,
    /// KMS key.
    pub kms_key: Option<String>,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
}

/// The five options of the instance metadata service, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataChoice {
    /// `required` or `optional`.
    pub tokens: String,
    /// How many hops an answer may take, 1 to 64.
    pub hop_limit: i32,
    /// `enabled` or `disabled`.
    pub endpoint: String,
    /// `enabled` or `disabled`.
    pub ipv6: String,
    /// `enabled` or `disabled`.
    pub tags: String,
}

/// Where an instance is placed, beside its subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementChoice {
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<String>,
    /// Name of a placement group.
    pub group: Option<String>,
    /// Partition of the placement group.
    pub partition: Option<i32>,
    /// A dedicated host.
    pub host: Option<String>,
    /// `default` or `host`.
    pub affinity: Option<String>,
}

/// Cores and threads of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CpuChoice {
    /// Cores.
    pub cores: i32,
    /// Threads of each core.
    pub threads: i32,
}

/// How the private name of an instance is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamingChoice {
    /// `ip-name` or `resource-name`.
    pub hostname_type: String,
    /// Whether its name has an A record.
    pub a_record: bool,
    /// Whether its name has an AAAA record.
    pub aaaa_record: bool,
}

/// The instance launched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launched {
    /// Its id.
    pub instance: InstanceId,
    /// Its primary interface.
    pub interface: Option<InterfaceId>,
    /// Its primary private address.
    pub private_ip: Option<String>,
    /// Its volumes; `None` until they have been read.
    pub volumes: Option<Vec<VolumeId>>,
}

impl LaunchInstance {
    pub(super) fn parameters(&self) -> Value {
        let mut all = Map::new();
        let mut set = |name: &str, value: Value| all.insert(name.to_owned(), value);
        set("ImageId", json!(self.image));
        set("InstanceType", json!(self.instance_type));
        set("MinCount", json!(1));
        set("MaxCount", json!(1));
        set("ClientToken", stamp_marker("token"));
        set("NetworkInterfaces", json!([self.interface()]));
        let devices = self.block_devices.iter().map(BlockDevice::parameters);
        set("BlockDeviceMappings", devices.collect());
        set("MetadataOptions", self.metadata.parameters());
        set("Monitoring", json!({"Enabled": self.monitoring}));
        set("InstanceInitiatedShutdownBehavior", json!(self.shutdown));
        set("TagSpecifications", self.tag_specifications());
        for (name, value) in self.optional() {
            if let Some(value) = value {
                set(name, value);
            }
        }
        Value::Object(all)
    }

    fn optional(&self) -> [(&'static str, Option<Value>); 13] {
        let licenses = self.licenses.iter();
        let licenses: Vec<Value> = licenses
            .map(|arn| json!({"LicenseConfigurationArn": arn}))
            .collect();
        let some = |yes: bool, value: Value| yes.then_some(value);
        let profile = self.instance_profile.as_ref();
        let credits = self.credits.as_ref();
        let recovery = self.auto_recovery.as_ref();
        let capacity = self.capacity_preference.as_ref();
        let user_data = self.user_data.as_ref();
        [
            ("IamInstanceProfile", profile.map(|arn| json!({"Arn": arn}))),
            ("KeyName", self.key_name.as_ref().map(|name| json!(name))),
            ("Placement", self.placement.parameters()),
            ("EbsOptimized", self.ebs_optimized.map(Value::Bool)),
            (
                "CreditSpecification",
                credits.map(|credits| json!({"CpuCredits": credits})),
            ),
            ("CpuOptions", self.cpu.as_ref().map(CpuChoice::parameters)),
            (
                "HibernationOptions",
                some(self.hibernation, json!({"Configured": true})),
            ),
            (
                "EnclaveOptions",
                some(self.enclave, json!({"Enabled": true})),
            ),
            (
                "MaintenanceOptions",
                recovery.map(|word| json!({"AutoRecovery": word})),
            ),
            (
                "CapacityReservationSpecification",
                capacity.map(|word| json!({"CapacityReservationPreference": word})),
            ),
            (
                "PrivateDnsNameOptions",
                self.naming.as_ref().map(NamingChoice::parameters),
            ),
            (
                "LicenseSpecifications",
                some(!licenses.is_empty(), json!(licenses)),
            ),
            ("UserData", user_data.map(UserDataRef::marker)),
        ]
    }

    fn interface(&self) -> Value {
        let mut interface = json!({
            "DeviceIndex": 0,
            "SubnetId": self.subnet,
            "Groups": [self.group],
            "AssociatePublicIpAddress": false,
            "DeleteOnTermination": true,
        });
        if let Some(address) = &self.private_ip {
            interface["PrivateIpAddress"] = json!(address);
        }
        interface
    }

    fn tag_specifications(&self) -> Value {
        json!([
            {"ResourceType": "instance", "Tags": tag_parameters(&self.tags)},
            {"ResourceType": "volume", "Tags": tag_parameters(&self.volume_tags)},
            {"ResourceType": "network-interface", "Tags": stamp_tags()},
        ])
    }
}

impl BlockDevice {
    fn parameters(&self) -> Value {
        let mut ebs = json!({
            "VolumeType": self.volume_type,
            "VolumeSize": self.size,
            "DeleteOnTermination": self.delete_on_termination,
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                ebs[name] = value;
            }
        };
        set("SnapshotId", self.snapshot.as_ref().map(|id| json!(id)));
        set("Iops", self.iops.map(|iops| json!(iops)));
        set("Throughput", self.throughput.map(|rate| json!(rate)));
        set("Encrypted", self.encrypted.then_some(Value::Bool(true)));
        set("KmsKeyId", self.kms_key.as_ref().map(|key| json!(key)));
        json!({"DeviceName": self.device, "Ebs": ebs})
    }
}

impl MetadataChoice {
    fn parameters(&self) -> Value {
        json!({
            "HttpTokens": self.tokens,
            "HttpPutResponseHopLimit": self.hop_limit,
            "HttpEndpoint": self.endpoint,
            "HttpProtocolIpv6": self.ipv6,
            "InstanceMetadataTags": self.tags,
        })
    }
}

impl PlacementChoice {
    fn parameters(&self) -> Option<Value> {
        let mut all = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.insert(name.to_owned(), value);
            }
        };
        set("Tenancy", self.tenancy.as_ref().map(|word| json!(word)));
        set("GroupName", self.group.as_ref().map(|name| json!(name)));
        set(
            "PartitionNumber",
            self.partition.map(|number| json!(number)),
        );
        set("HostId", self.host.as_ref().map(|id| json!(id)));
        set("Affinity", self.affinity.as_ref().map(|word| json!(word)));
        (!all.is_empty()).then_some(Value::Object(all))
    }
}

impl CpuChoice {
    fn parameters(&self) -> Value {
        json!({"CoreCount": self.cores, "ThreadsPerCore": self.threads})
    }
}

impl NamingChoice {
    fn parameters(&self) -> Value {
        json!({
            "HostnameType": self.hostname_type,
            "EnableResourceNameDnsARecord": self.a_record,
            "EnableResourceNameDnsAAAARecord": self.aaaa_record,
        })
    }
}
