//! Volumes, snapshots and instances as EC2 shows them at an instant.
//!
//! Rows are computed from the timelines when they are asked for; nothing here changes the world.

use aws_sdk_ec2::types as ec2;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::instance_types::cpu;
use super::model::{
    Attachment, AttachmentState, Instance, InstanceState, Lifecycle, Snapshot, SnapshotState, Tags,
    Volume,
};
use super::network;
use crate::sim::world::{Estate, digest};

/// Converts an instant; EC2 shows milliseconds.
pub fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

/// Reads an instant of a request.
pub fn instant(at: &DateTime) -> Option<Timestamp> {
    let nanos = i32::try_from(at.subsec_nanos()).ok()?;
    Timestamp::new(at.secs(), nanos).ok()
}

/// Shows tags.
pub fn tags(tags: &Tags) -> Vec<ec2::Tag> {
    tags.iter()
        .map(|(key, value)| ec2::Tag::builder().key(key).value(value).build())
        .collect()
}

/// Shows a volume.
pub fn volume(volume: &Volume, now: Timestamp) -> ec2::Volume {
    let attachments = volume
        .attachments_at(now)
        .map(|held| attachment(&volume.id, held, now));
    ec2::Volume::builder()
        .volume_id(&volume.id)
        .availability_zone(&volume.availability_zone)
        .size(volume.size)
        .volume_type(ec2::VolumeType::from(volume.volume_type.as_str()))
        .set_iops(volume.iops)
        .set_throughput(volume.throughput)
        .encrypted(volume.encrypted)
        .set_kms_key_id(volume.kms_key_id.clone())
        .snapshot_id(volume.snapshot_id.clone().unwrap_or_default())
        .create_time(date(volume.created))
        .state(ec2::VolumeState::from(volume.state_name(now)))
        .multi_attach_enabled(volume.multi_attach)
        .set_volume_initialization_rate(volume.initialization_rate)
        .set_tags(Some(tags(&volume.tags)))
        .set_attachments(Some(attachments.collect()))
        .build()
}

/// Shows an attachment the way `DescribeVolumes` does.
pub fn attachment(volume_id: &str, held: &Attachment, now: Timestamp) -> ec2::VolumeAttachment {
    ec2::VolumeAttachment::builder()
        .volume_id(volume_id)
        .instance_id(&held.instance_id)
        .device(&held.device)
        .state(ec2::VolumeAttachmentState::from(held.state.at(now).name()))
        .attach_time(date(held.attached))
        .delete_on_termination(held.delete_on_termination)
        .ebs_card_index(held.ebs_card_index)
        .build()
}

/// Returns how much of a snapshot is copied at `now`, in percent.
pub fn progress(snapshot: &Snapshot, now: Timestamp) -> i64 {
    let (done, state) = snapshot.state.last();
    match snapshot.state.at(now) {
        SnapshotState::Completed | SnapshotState::Recoverable => 100,
        SnapshotState::Error => 0,
        SnapshotState::Pending if *state == SnapshotState::Pending => 41,
        SnapshotState::Pending => {
            let whole = done.duration_since(snapshot.started).as_millis().max(1);
            let part = now.duration_since(snapshot.started).as_millis().max(0);
            i64::try_from(part * 100 / whole).map_or(99, |percent| percent.min(99))
        }
    }
}

/// Shows a snapshot.
pub fn snapshot(snapshot: &Snapshot, now: Timestamp) -> ec2::Snapshot {
    let state = *snapshot.state.at(now);
    let completed = (state == SnapshotState::Completed).then(|| date(snapshot.state.since(now)));
    let data_key = snapshot
        .encrypted
        .then(|| digest(&snapshot.volume_id, 0, 32));
    ec2::Snapshot::builder()
        .snapshot_id(&snapshot.id)
        .volume_id(&snapshot.volume_id)
        .owner_id(&snapshot.owner)
        .start_time(date(snapshot.started))
        .set_completion_time(completed)
        .state(ec2::SnapshotState::from(state.name()))
        .set_state_message(snapshot.state_message.clone())
        .progress(format!("{}%", progress(snapshot, now)))
        .volume_size(snapshot.size)
        .full_snapshot_size_in_bytes(snapshot.full_size_bytes)
        .encrypted(snapshot.encrypted)
        .set_kms_key_id(snapshot.kms_key_id.clone())
        .set_data_encryption_key_id(data_key)
        .description(&snapshot.description)
        .storage_tier(tier(snapshot))
        .set_tags(Some(tags(&snapshot.tags)))
        .build()
}

/// Shows the storage tier of a snapshot.
pub fn tier(snapshot: &Snapshot) -> ec2::StorageTier {
    if snapshot.archived {
        ec2::StorageTier::Archive
    } else {
        ec2::StorageTier::Standard
    }
}

/// Shows the state of an instance.
pub fn instance_state(state: InstanceState) -> ec2::InstanceState {
    ec2::InstanceState::builder()
        .code(state.code())
        .name(ec2::InstanceStateName::from(state.name()))
        .build()
}

/// Shows product codes.
pub fn product_codes(codes: &[String]) -> Vec<ec2::ProductCode> {
    let code = |code: &String| {
        ec2::ProductCode::builder()
            .product_code_id(code)
            .product_code_type(ec2::ProductCodeValues::Marketplace)
            .build()
    };
    codes.iter().map(code).collect()
}

/// Shows the volumes of an instance, by device; `busy` has no word here and reads `detaching`.
pub fn mappings(
    estate: &Estate,
    instance_id: &str,
    now: Timestamp,
) -> Vec<ec2::InstanceBlockDeviceMapping> {
    let volumes = estate.volumes.values().filter(|volume| volume.exists(now));
    let mut mappings: Vec<_> = volumes
        .flat_map(|volume| volume.attachments_at(now).map(move |held| (volume, held)))
        .filter(|(_, held)| held.instance_id == instance_id)
        .map(|(volume, held)| mapping(&volume.id, held, now))
        .collect();
    mappings.sort_by(|a, b| a.device_name().cmp(&b.device_name()));
    mappings
}

fn mapping(volume_id: &str, held: &Attachment, now: Timestamp) -> ec2::InstanceBlockDeviceMapping {
    let status = match held.state.at(now) {
        AttachmentState::Attaching => ec2::AttachmentStatus::Attaching,
        AttachmentState::Attached => ec2::AttachmentStatus::Attached,
        AttachmentState::Detaching | AttachmentState::Busy => ec2::AttachmentStatus::Detaching,
        AttachmentState::Detached => ec2::AttachmentStatus::Detached,
    };
    let ebs = ec2::EbsInstanceBlockDevice::builder()
        .volume_id(volume_id)
        .status(status)
        .attach_time(date(held.attached))
        .delete_on_termination(held.delete_on_termination)
        .ebs_card_index(held.ebs_card_index)
        .build();
    ec2::InstanceBlockDeviceMapping::builder()
        .device_name(&held.device)
        .ebs(ebs)
        .build()
}

/// Shows an instance with its volumes.
pub fn instance(estate: &Estate, of: &Instance, account: &str, now: Timestamp) -> ec2::Instance {
    let state = *of.state.at(now);
    let public_ip = network::rows::public_ip_of(estate, of, account, now);
    let interfaces = estate.network.on(&of.id, now);
    let primary = estate.network.primary(&of.id, now);
    let groups = primary.map(|one| network::rows::identifiers(&estate.network, &one.groups));
    let shown = interfaces.iter();
    let shown = shown.map(|one| network::rows::of_instance(estate, one, account, now));
    let reason = of.state_reason.as_ref().map(|(code, message)| {
        let row = ec2::StateReason::builder().code(code);
        row.message(message).build()
    });
    let root_device_type = if of.root_on_instance_store {
        ec2::DeviceType::InstanceStore
    } else {
        ec2::DeviceType::Ebs
    };
    let hibernation = ec2::HibernationOptions::builder().configured(of.hibernation);
    let row = ec2::Instance::builder()
        .instance_id(&of.id)
        .instance_type(ec2::InstanceType::from(of.instance_type.as_str()))
        .image_id(&of.image_id)
        .state(instance_state(state))
        .placement(of.settings.placement(&of.availability_zone))
        .architecture(architecture(&of.instance_type))
        .set_platform(of.platform_windows.then_some(ec2::PlatformValues::Windows))
        .platform_details(if of.platform_windows {
            "Windows"
        } else {
            "Linux/UNIX"
        })
        .root_device_name(&of.root_device_name)
        .root_device_type(root_device_type)
        .launch_time(date(of.launched))
        .set_instance_lifecycle(lifecycle(of.lifecycle))
        .set_spot_instance_request_id(lifecycle(of.lifecycle).map(|_| spot_request(&of.id)))
        .hibernation_options(hibernation.build())
        .set_product_codes(Some(product_codes(&of.product_codes)))
        .subnet_id(&of.subnet_id)
        .set_vpc_id(primary.map(|one| one.vpc_id.clone()))
        .set_private_ip_address(primary.map(|one| one.private_ip.clone()))
        .set_source_dest_check(primary.map(|one| one.source_dest_check))
        .set_security_groups(groups)
        .set_public_ip_address(public_ip)
        .set_network_interfaces(Some(shown.collect()))
        .set_state_reason(reason)
        .set_client_token(of.token.as_ref().map(|token| token.token.clone()))
        .set_block_device_mappings(Some(mappings(estate, &of.id, now)))
        .set_tags(Some(tags(&of.tags)))
        .ena_support(true);
    let (cores, threads) = of.settings.cpu.unwrap_or_else(|| cpu(&of.instance_type));
    let shown = ec2::CpuOptions::builder().core_count(cores);
    let shown = shown.threads_per_core(threads).build();
    of.settings.show(row).cpu_options(shown).build()
}

/// Names the request behind a Spot Instance.
pub fn spot_request(instance_id: &str) -> String {
    format!("sir-{}", digest(instance_id, 0, 8))
}

/// The architecture of an instance type, by its family.
pub fn architecture(instance_type: &str) -> ec2::ArchitectureValues {
    let family = instance_type.split('.').next().unwrap_or_default();
    let graviton = family.len() >= 3 && family.chars().skip(2).any(|letter| letter == 'g');
    if graviton {
        ec2::ArchitectureValues::Arm64
    } else {
        ec2::ArchitectureValues::X8664
    }
}

fn lifecycle(of: Lifecycle) -> Option<ec2::InstanceLifecycleType> {
    match of {
        Lifecycle::OnDemand => None,
        Lifecycle::SpotOnce | Lifecycle::SpotPersistent => Some(ec2::InstanceLifecycleType::Spot),
    }
}
