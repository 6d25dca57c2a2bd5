//! What stands in a region of an account, as the API tells it: the judge of "nothing else changed".
//!
//! It is read with `DescribeVolumes`, `DescribeInstances` *and* `DescribeSnapshots`, because the
//! first two describe an attachment from both ends and may disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AttachmentStatus, Instance, InstanceStateName, InstanceType, Reservation, Snapshot,
    SnapshotState, StorageTier, Tag, Volume, VolumeAttachmentState, VolumeState, VolumeType,
};
use serde_json::{Map, Value, json};

/// Rows by id.
pub type Rows = BTreeMap<String, Value>;

#[derive(Clone, Debug, PartialEq)]
pub struct WorldPicture {
    pub volumes: Rows,
    pub instances: Rows,
    pub snapshots: Rows,
}

impl WorldPicture {
    pub async fn read(ec2: &Client) -> Self {
        let volumes = ec2
            .describe_volumes()
            .send()
            .await
            .expect("DescribeVolumes");
        let instances = ec2
            .describe_instances()
            .send()
            .await
            .expect("DescribeInstances");
        let snapshots = ec2.describe_snapshots().owner_ids("self").send().await;
        let snapshots = snapshots.expect("DescribeSnapshots");
        Self {
            volumes: volumes.volumes().iter().map(volume_row).collect(),
            instances: (instances.reservations().iter())
                .flat_map(Reservation::instances)
                .map(instance_row)
                .collect(),
            snapshots: snapshots.snapshots().iter().map(snapshot_row).collect(),
        }
    }

    /// Says where two pictures differ, one `path: this → other` a line; empty when they do not.
    pub fn differences(&self, other: &Self) -> String {
        let (mine, theirs) = (self.flat(), other.flat());
        let paths: BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
        let mut lines = String::new();
        for path in paths {
            let (mine, theirs) = (mine.get(path), theirs.get(path));
            if mine != theirs {
                let shown = |value: Option<&Value>| value.map_or("–".into(), Value::to_string);
                let _ = writeln!(lines, "{path}: {} → {}", shown(mine), shown(theirs));
            }
        }
        lines
    }

    fn flat(&self) -> BTreeMap<String, Value> {
        let mut flat = BTreeMap::new();
        for (id, row) in self
            .volumes
            .iter()
            .chain(&self.instances)
            .chain(&self.snapshots)
        {
            flatten(id, row, &mut flat);
        }
        flat
    }
}

fn flatten(path: &str, value: &Value, flat: &mut BTreeMap<String, Value>) {
    let Some(fields) = value.as_object().filter(|fields| !fields.is_empty()) else {
        flat.insert(path.to_owned(), value.clone());
        return;
    };
    for (key, value) in fields {
        flatten(&format!("{path} {key}"), value, flat);
    }
}

fn volume_row(volume: &Volume) -> (String, Value) {
    let attachments: Vec<_> = (volume.attachments().iter())
        .map(|attachment| {
            json!({
                "instance": attachment.instance_id(),
                "device": attachment.device(),
                "state": attachment.state().map(VolumeAttachmentState::as_str),
                "delete_on_termination": attachment.delete_on_termination(),
            })
        })
        .collect();
    let row = json!({
        "state": volume.state().map(VolumeState::as_str),
        "type": volume.volume_type().map(VolumeType::as_str),
        "size": volume.size(),
        "iops": volume.iops(),
        "throughput": volume.throughput(),
        "zone": volume.availability_zone(),
        "encrypted": volume.encrypted(),
        "key": volume.kms_key_id(),
        "multi_attach": volume.multi_attach_enabled(),
        "snapshot": volume.snapshot_id(),
        "attachments": attachments,
        "tags": tag_map(volume.tags()),
    });
    (
        volume.volume_id().expect("a volume has an id").to_owned(),
        row,
    )
}

/// Leaves out what a stop and a start change on AWS as well: addresses given by chance, times.
fn instance_row(instance: &Instance) -> (String, Value) {
    let devices: Map<String, Value> = (instance.block_device_mappings().iter())
        .map(|mapping| {
            let ebs = mapping.ebs().expect("only EBS devices are seeded");
            let row = json!({
                "volume": ebs.volume_id(),
                "status": ebs.status().map(AttachmentStatus::as_str),
                "delete_on_termination": ebs.delete_on_termination(),
            });
            (
                mapping
                    .device_name()
                    .expect("a device has a name")
                    .to_owned(),
                row,
            )
        })
        .collect();
    let groups: Vec<_> = instance
        .security_groups()
        .iter()
        .map(|group| group.group_id())
        .collect();
    let row = json!({
        "state": instance.state().and_then(|state| state.name()).map(InstanceStateName::as_str),
        "type": instance.instance_type().map(InstanceType::as_str),
        "zone": instance.placement().and_then(|placement| placement.availability_zone()),
        "subnet": instance.subnet_id(),
        "private_address": instance.private_ip_address(),
        "image": instance.image_id(),
        "root": instance.root_device_name(),
        "groups": groups,
        "devices": devices,
        "tags": tag_map(instance.tags()),
    });
    (
        instance
            .instance_id()
            .expect("an instance has an id")
            .to_owned(),
        row,
    )
}

fn snapshot_row(snapshot: &Snapshot) -> (String, Value) {
    let row = json!({
        "volume": snapshot.volume_id(),
        "state": snapshot.state().map(SnapshotState::as_str),
        "size": snapshot.volume_size(),
        "started": snapshot.start_time().map(ToString::to_string),
        "description": snapshot.description(),
        "tier": snapshot.storage_tier().map(StorageTier::as_str),
        "tags": tag_map(snapshot.tags()),
    });
    (
        snapshot
            .snapshot_id()
            .expect("a snapshot has an id")
            .to_owned(),
        row,
    )
}

fn tag_map(tags: &[Tag]) -> Map<String, Value> {
    (tags.iter())
        .map(|tag| {
            (
                tag.key().unwrap_or_default().to_owned(),
                json!(tag.value().unwrap_or_default()),
            )
        })
        .collect()
}
