//! The volumes of a new instance: what the image says, overridden by what the request says.
//!
//! EC2 API reference, `BlockDeviceMapping`: an entry of the request replaces the image's entry of the same device; the
//! root's snapshot stays the image's.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types as ec2;

use crate::sim::call::Call;
use crate::sim::ec2::model::{
    Attachment, AttachmentState, Data, Disk, Image, Snapshot, SnapshotState, Tags, Volume,
    VolumeState,
};
use crate::sim::ec2::{create_volume, ids};
use crate::sim::kms::failure_to_encrypt;
use crate::sim::refusal::Refusal;
use crate::sim::timeline::{Timeline, after};
use crate::sim::visibility::Visibility;

/// A volume to be made.
pub struct Wanted {
    device: String,
    snapshot_id: Option<String>,
    snapshot: Option<Snapshot>,
    size: i32,
    volume_type: String,
    iops: Option<i32>,
    throughput: Option<i32>,
    kms_key_id: Option<String>,
    rate: Option<i32>,
    delete_on_termination: bool,
    data: Data,
}

/// Works out which volumes there will be.
pub fn wanted(
    input: &RunInstancesInput,
    image: &Image,
    call: &mut Call<'_>,
) -> Result<Vec<Wanted>, Refusal> {
    let mut given: BTreeMap<&str, &ec2::BlockDeviceMapping> = BTreeMap::new();
    for mapping in input.block_device_mappings() {
        let device = super::required(mapping.device_name(), "deviceName")?;
        if given.insert(device, mapping).is_some() {
            let message = format!("Duplicate device name '{device}' in block device mapping");
            return Err(invalid(message));
        }
    }
    let mut wanted = Vec::new();
    for disk in &image.disks {
        let mapping = given.remove(disk.device.as_str());
        if mapping.is_some_and(|mapping| mapping.no_device().is_some()) {
            continue;
        }
        let ebs = mapping.and_then(|mapping| mapping.ebs());
        wanted.push(one(&disk.device, Some(disk), image, ebs, call)?);
    }
    for (device, mapping) in given
        .into_iter()
        .filter(|(_, one)| one.no_device().is_none())
    {
        if let Some(ebs) = mapping.ebs() {
            wanted.push(one(device, None, image, Some(ebs), call)?);
        }
    }
    Ok(wanted)
}

fn invalid(message: String) -> Refusal {
    Refusal::client("InvalidBlockDeviceMapping", message)
}

fn one(
    device: &str,
    disk: Option<&Disk>,
    image: &Image,
    ebs: Option<&ec2::EbsBlockDevice>,
    call: &mut Call<'_>,
) -> Result<Wanted, Refusal> {
    let own = disk.map(|disk| disk.snapshot_id.clone());
    let asked = ebs.and_then(|ebs| ebs.snapshot_id()).map(str::to_owned);
    let is_root = device == image.root_device_name;
    if is_root && asked.is_some() && asked != own {
        return Err(invalid(
            "snapshotId cannot be modified on root device".to_owned(),
        ));
    }
    // A snapshot that the scenario leaves out belongs to its image all the same.
    let snapshot_id = asked.clone().or(own);
    let snapshot = match (&asked, &snapshot_id) {
        (Some(id), _) => Some(ids::snapshot(call.estate(), id)?.clone()),
        (None, Some(id)) => call.estate().snapshots.get(id).cloned(),
        (None, None) => None,
    };
    if let Some(snapshot) = &snapshot {
        usable(snapshot, call)?;
    }
    let size = size(ebs, disk, snapshot.as_ref())?;
    let kind = ebs
        .and_then(|ebs| ebs.volume_type())
        .map(ec2::VolumeType::as_str);
    let kind = kind
        .or(disk.map(|disk| disk.volume_type.as_str()))
        .unwrap_or("gp2")
        .to_owned();
    let iops = create_volume::iops(&kind, ebs.and_then(ec2::EbsBlockDevice::iops), size)?;
    let asked_throughput = ebs.and_then(ec2::EbsBlockDevice::throughput);
    let throughput = create_volume::throughput(&kind, asked_throughput, iops)?;
    let encrypted = ebs.and_then(ec2::EbsBlockDevice::encrypted) == Some(true)
        || disk.is_some_and(|disk| disk.encrypted);
    let asked_key = ebs.and_then(|ebs| ebs.kms_key_id());
    let data = data(image, snapshot.as_ref());
    Ok(Wanted {
        device: device.to_owned(),
        kms_key_id: create_volume::key_of(encrypted, asked_key, snapshot.as_ref(), call),
        snapshot_id,
        snapshot,
        size,
        volume_type: kind,
        iops,
        throughput,
        rate: ebs.and_then(ec2::EbsBlockDevice::volume_initialization_rate),
        delete_on_termination: ebs
            .and_then(ec2::EbsBlockDevice::delete_on_termination)
            .unwrap_or(true),
        data,
    })
}

/// What is on it: what the snapshot holds, and where that is not described, what was there when the image was made.
fn data(image: &Image, snapshot: Option<&Snapshot>) -> Data {
    let usual = || Data {
        as_of: image.created,
        damaged: false,
    };
    snapshot.map_or_else(usual, |snapshot| snapshot.data.clone())
}

/// At least as large as the snapshot, and otherwise as the request says or the image.
fn size(
    ebs: Option<&ec2::EbsBlockDevice>,
    disk: Option<&Disk>,
    snapshot: Option<&Snapshot>,
) -> Result<i32, Refusal> {
    let own = disk.map(|disk| disk.size);
    let least = snapshot.map(|one| one.size).or(own);
    let asked = ebs.and_then(ec2::EbsBlockDevice::volume_size);
    let size = asked.or(own).or(least);
    let size = size.ok_or_else(|| Refusal::missing("size/snapshot"))?;
    match least {
        Some(least) if size < least => {
            let id = snapshot.map(|one| one.id.clone());
            let id = id.or_else(|| disk.map(|disk| disk.snapshot_id.clone()));
            Err(invalid(format!(
                "Volume of size {size}GB is smaller than snapshot '{}', expect size >= {least}GB",
                id.unwrap_or_default()
            )))
        }
        Some(_) | None => Ok(size),
    }
}

/// A snapshot that is archived or unfinished makes no volume.
fn usable(snapshot: &Snapshot, call: &Call<'_>) -> Result<(), Refusal> {
    let state = *snapshot.state.at(call.now());
    if state == SnapshotState::Completed && !snapshot.archived {
        return Ok(());
    }
    Err(Refusal::client(
        "InvalidSnapshot.InUse",
        format!(
            "The snapshot '{}' is not in a state to make a volume of",
            snapshot.id
        ),
    ))
}

/// Makes the volumes, attached to an instance that is starting, and tells whether a key forbids it to start at all.
pub fn make(disks: Vec<Wanted>, id: &str, zone: &str, tags: &Tags, call: &mut Call<'_>) -> bool {
    let mut fails = false;
    for disk in disks {
        let source = disk
            .snapshot
            .as_ref()
            .and_then(|one| one.kms_key_id.clone());
        let keys = [source.as_deref(), disk.kms_key_id.as_deref()];
        let estate = call.estate();
        let unusable = keys
            .into_iter()
            .flatten()
            .any(|key| failure_to_encrypt(estate, key).is_some());
        fails |= unusable;
        let volume = volume(disk, id, zone, tags, unusable, call);
        call.estate().volumes.insert(volume.id.clone(), volume);
    }
    fails
}

fn volume(
    disk: Wanted,
    instance_id: &str,
    zone: &str,
    tags: &Tags,
    unusable: bool,
    call: &mut Call<'_>,
) -> Volume {
    let now = call.now();
    let ready = after(now, call.delays().create_volume);
    let attached = after(now, call.delays().start_instance).max(ready);
    let mut state = Timeline::new(now, VolumeState::Creating);
    let mut held = Timeline::new(now, AttachmentState::Attaching);
    if unusable {
        state.then(ready, VolumeState::Gone);
        held.then(ready, AttachmentState::Detached);
    } else {
        state.then(ready, VolumeState::Available);
        held.then(attached, AttachmentState::Attached);
    }
    let attachment = Attachment {
        instance_id: instance_id.to_owned(),
        device: disk.device,
        delete_on_termination: disk.delete_on_termination,
        ebs_card_index: 0,
        attached: now,
        state: held,
        mounted: false,
    };
    let codes = disk.snapshot.map(|snapshot| snapshot.product_codes);
    Volume {
        id: call.world().new_id("vol"),
        availability_zone: zone.to_owned(),
        size: disk.size,
        volume_type: disk.volume_type,
        iops: disk.iops,
        throughput: disk.throughput,
        encrypted: disk.kms_key_id.is_some(),
        kms_key_id: disk.kms_key_id,
        snapshot_id: disk.snapshot_id,
        created: now,
        state,
        multi_attach: false,
        initialization_rate: disk.rate,
        tags: tags.clone(),
        product_codes: codes.unwrap_or_default(),
        attachments: vec![attachment],
        modification: None,
        data: disk.data,
        damaged_from: None,
        token: None,
        visibility: Visibility::default(),
    }
}
