//! Seeds one region of an account through the API: what a team's instances and backups look like.
//!
//! Seeding may delete and detach (a lost volume has to get lost); the product never may.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_volume::builders::CreateVolumeFluentBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, EbsInstanceBlockDeviceSpecification,
    InstanceBlockDeviceMappingSpecification, InstanceType, Placement, ResourceType, Tag,
    TagSpecification, VolumeType,
};
use serde_json::json;

use crate::account::Account;
use crate::world::WorldPicture;

/// The root device of the server's one image.
pub const ROOT: &str = "/dev/xvda";

/// Tags that break careless quoting, parsing or display; each must arrive byte-equal.
pub const HOSTILE_TAGS: [(&str, &str); 12] = [
    ("Name", "orders-db data"),
    ("quotes", "it's \"quoted\" `twice`"),
    ("shell", "$(touch hacked) ${HOME} \\ ; && | > x * ?"),
    ("lines", "first\n\nthird ends with one\n"),
    ("bidi", "safe\u{202e}gpj.exe\u{200b}\u{feff}"),
    ("leading dash", "--dry-run"),
    ("shorthand", "a=b,c={d},[e]"),
    ("a file", "file:///etc/hostname"),
    ("an address", "http://127.0.0.1:9/x"),
    ("percent %s \\n", "100 %d \\t"),
    ("wide ✓ 日本語", "🫀 größer"),
    ("empty", ""),
];

/// The make of a volume.
#[derive(Clone, Copy)]
pub struct Make {
    pub kind: &'static str,
    pub size: i32,
    pub iops: Option<i32>,
    pub throughput: Option<i32>,
}

impl Make {
    pub const fn gp3(size: i32, iops: i32, throughput: i32) -> Self {
        Self {
            kind: "gp3",
            size,
            iops: Some(iops),
            throughput: Some(throughput),
        }
    }

    pub const fn io2(size: i32, iops: i32) -> Self {
        Self {
            kind: "io2",
            size,
            iops: Some(iops),
            throughput: None,
        }
    }
}

/// One region of one account.
pub struct Estate<'a> {
    pub account: &'a Account,
    pub region: &'static str,
    pub ec2: Client,
}

impl<'a> Estate<'a> {
    pub fn new(account: &'a Account, region: &'static str) -> Self {
        Self {
            account,
            region,
            ec2: account.ec2(region),
        }
    }

    /// The zone everything is put in.
    pub fn zone(&self) -> String {
        format!("{}a", self.region)
    }

    pub fn picture(&self) -> WorldPicture {
        self.account.wait(WorldPicture::read(&self.ec2))
    }

    /// Launches a running instance with a gp3 root that goes when it does.
    pub fn launch(&self, name: &str) -> String {
        let root = EbsBlockDevice::builder()
            .volume_size(8)
            .volume_type(VolumeType::Gp3)
            .delete_on_termination(true)
            .build();
        let mapping = BlockDeviceMapping::builder()
            .device_name(ROOT)
            .ebs(root)
            .build();
        let of_root = tags(ResourceType::Volume, &[("Name", &format!("{name} root"))]);
        let of_instance = tags(ResourceType::Instance, &[("Name", name)]);
        let request = (self.ec2.run_instances())
            .image_id("ami-0de71b0a2023c0de1")
            .instance_type(InstanceType::T3Micro)
            .placement(Placement::builder().availability_zone(self.zone()).build())
            .block_device_mappings(mapping)
            .min_count(1)
            .max_count(1)
            .set_tag_specifications(Some([of_instance, of_root].concat()));
        let reservation = self.account.wait(request.send()).expect("RunInstances");
        reservation.instances()[0]
            .instance_id()
            .expect("an id")
            .to_owned()
    }

    pub fn volume_at(&self, instance: &str, device: &str) -> String {
        let row = &self.picture().instances[instance]["devices"][device]["volume"];
        row.as_str()
            .unwrap_or_else(|| panic!("{instance} has nothing at {device}"))
            .to_owned()
    }

    pub fn volume(&self, make: Make, labels: &[(&str, &str)]) -> String {
        let request = self.creation(make, labels);
        let volume = self.account.wait(request.send()).expect("CreateVolume");
        volume.volume_id().expect("an id").to_owned()
    }

    /// Makes a volume from a snapshot.
    pub fn restore(&self, snapshot: &str, make: Make, labels: &[(&str, &str)]) -> String {
        let request = self.creation(make, labels).snapshot_id(snapshot);
        let volume = self.account.wait(request.send()).expect("CreateVolume");
        volume.volume_id().expect("an id").to_owned()
    }

    fn creation(&self, make: Make, labels: &[(&str, &str)]) -> CreateVolumeFluentBuilder {
        (self.ec2.create_volume())
            .availability_zone(self.zone())
            .size(make.size)
            .volume_type(make.kind.into())
            .set_iops(make.iops)
            .set_throughput(make.throughput)
            .set_tag_specifications(Some(tags(ResourceType::Volume, labels)))
    }

    /// Attaches a volume and sets what becomes of it when the instance goes.
    pub fn attach(&self, instance: &str, volume: &str, device: &str, delete_on_termination: bool) {
        let request = self
            .ec2
            .attach_volume()
            .instance_id(instance)
            .volume_id(volume);
        self.account
            .wait(request.device(device).send())
            .expect("AttachVolume");
        let ebs = EbsInstanceBlockDeviceSpecification::builder()
            .delete_on_termination(delete_on_termination)
            .build();
        let mapping = InstanceBlockDeviceMappingSpecification::builder();
        let mapping = mapping.device_name(device).ebs(ebs).build();
        let request = self.ec2.modify_instance_attribute().instance_id(instance);
        let request = request.block_device_mappings(mapping);
        self.account
            .wait(request.send())
            .expect("ModifyInstanceAttribute");
    }

    pub fn detach(&self, instance: &str, volume: &str) {
        let request = self
            .ec2
            .detach_volume()
            .instance_id(instance)
            .volume_id(volume);
        self.account.wait(request.send()).expect("DetachVolume");
    }

    /// Takes a snapshot and dates it back; `time` is RFC 3339.
    pub fn snapshot(&self, volume: &str, time: &str, labels: &[(&str, &str)]) -> String {
        let request = (self.ec2.create_snapshot())
            .volume_id(volume)
            .description("seeded")
            .set_tag_specifications(Some(tags(ResourceType::Snapshot, labels)));
        let snapshot = self.account.wait(request.send()).expect("CreateSnapshot");
        let id = snapshot.snapshot_id().expect("an id").to_owned();
        self.set(
            "set_time",
            &json!({ "kind": "snapshot", "id": id, "time": time }),
        );
        id
    }

    /// Loses a volume for good: detached and deleted.
    pub fn lose(&self, instance: &str, volume: &str) {
        self.detach(instance, volume);
        let request = self.ec2.delete_volume().volume_id(volume);
        self.account.wait(request.send()).expect("DeleteVolume");
    }

    pub fn delete_snapshot(&self, snapshot: &str) {
        let request = self.ec2.delete_snapshot().snapshot_id(snapshot);
        self.account.wait(request.send()).expect("DeleteSnapshot");
    }

    pub fn archive_snapshot(&self, snapshot: &str) {
        let request = self.ec2.modify_snapshot_tier().snapshot_id(snapshot);
        let request = request.storage_tier(aws_sdk_ec2::types::TargetStorageTier::Archive);
        self.account
            .wait(request.send())
            .expect("ModifySnapshotTier");
    }

    /// Sets the state of a snapshot, `pending` for one: on this server they complete at once.
    pub fn set_snapshot_state(&self, snapshot: &str, state: &str) {
        self.set("set_state", &json!({ "id": snapshot, "state": state }));
    }

    pub fn stop(&self, instance: &str) {
        let request = self.ec2.stop_instances().instance_ids(instance);
        self.account.wait(request.send()).expect("StopInstances");
    }

    pub fn start(&self, instance: &str) {
        let request = self.ec2.start_instances().instance_ids(instance);
        self.account.wait(request.send()).expect("StartInstances");
    }

    pub fn tag(&self, resource: &str, labels: &[(&str, &str)]) {
        let tags = labels
            .iter()
            .map(|(key, value)| Tag::builder().key(*key).value(*value).build());
        let request = self
            .ec2
            .create_tags()
            .resources(resource)
            .set_tags(Some(tags.collect()));
        self.account.wait(request.send()).expect("CreateTags");
    }

    pub fn untag(&self, resource: &str, keys: &[&str]) {
        let tags = keys.iter().map(|key| Tag::builder().key(*key).build());
        let request = self
            .ec2
            .delete_tags()
            .resources(resource)
            .set_tags(Some(tags.collect()));
        self.account.wait(request.send()).expect("DeleteTags");
    }

    pub fn terminate(&self, instance: &str) {
        let request = self.ec2.terminate_instances().instance_ids(instance);
        self.account
            .wait(request.send())
            .expect("TerminateInstances");
    }

    pub fn set(&self, path: &str, row: &serde_json::Value) {
        let mut row = row.clone();
        row["account"] = json!(self.account.id);
        row["region"] = json!(self.region);
        self.account.control("POST", path, &json!([row]));
    }
}

/// Returns nothing for no tags: an empty specification is refused.
fn tags(kind: ResourceType, pairs: &[(&str, &str)]) -> Vec<TagSpecification> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let tags = pairs
        .iter()
        .map(|(key, value)| Tag::builder().key(*key).value(*value).build());
    let builder = TagSpecification::builder().resource_type(kind);
    vec![builder.set_tags(Some(tags.collect())).build()]
}
