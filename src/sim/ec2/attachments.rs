//! `AttachVolume` and `DetachVolume`, with everything that AWS refuses.
//!
//! Device, zone, slots and multi-attach are held to as EC2 holds to them. What the guest has mounted decides
//! how a detachment ends.

use aws_sdk_ec2::operation::attach_volume::{AttachVolumeInput, AttachVolumeOutput};
use aws_sdk_ec2::operation::detach_volume::{DetachVolumeInput, DetachVolumeOutput};
use jiff::Timestamp;

use super::instance_types::InstanceKind;
use super::model::{Attachment, AttachmentState, Instance, InstanceState, Volume, VolumeState};
use super::{ids, rows};
use crate::sim::call::Call;
use crate::sim::delays::Delays;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};
use crate::sim::world::Estate;

/// `AttachVolume`. The new attachment does not delete on termination, whatever the old one did.
pub fn attach(input: &AttachVolumeInput, call: &mut Call<'_>) -> Answer<AttachVolumeOutput> {
    let now = call.now();
    let volume_id = ids::required(input.volume_id(), "volumeId")?.to_owned();
    let instance_id = ids::required(input.instance_id(), "instanceId")?.to_owned();
    let device = ids::required(input.device(), "device")?.to_owned();
    ids::volume(call.estate(), &volume_id, now)?;
    ids::instance(call.estate(), &instance_id)?;
    call.permit()?;
    let ready = after(now, call.delays().attach_volume);
    may_attach(call.estate(), &volume_id, &instance_id, &device, now)?;
    let mut state = Timeline::new(now, AttachmentState::Attaching);
    state.then(ready, AttachmentState::Attached);
    let held = Attachment {
        instance_id,
        device,
        delete_on_termination: false,
        ebs_card_index: input.ebs_card_index().unwrap_or_default(),
        attached: now,
        state,
        mounted: false,
    };
    let row = rows::attachment(&volume_id, &held, now);
    let volume = ids::volume(call.estate(), &volume_id, now)?;
    volume.attachments.push(held);
    answer(move |output: &mut AttachVolumeOutput| {
        output.volume_id = row.volume_id;
        output.instance_id = row.instance_id;
        output.device = row.device;
        output.state = row.state;
        output.attach_time = row.attach_time;
        output.delete_on_termination = row.delete_on_termination;
        output.ebs_card_index = row.ebs_card_index;
    })
}

fn may_attach(
    estate: &mut Estate,
    volume_id: &str,
    instance_id: &str,
    device: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let volume = ids::volume(estate, volume_id, now)?.clone();
    let instance = ids::instance(estate, instance_id)?.clone();
    accepts(&instance, now)?;
    free(&volume, &instance, now)?;
    if volume.availability_zone != instance.availability_zone {
        return Err(Refusal::client(
            "InvalidVolume.ZoneMismatch",
            format!(
                "The volume '{volume_id}' is not in the same availability zone as instance \
                 '{instance_id}'"
            ),
        ));
    }
    device_is_free(estate, instance_id, device, now)?;
    slot_is_free(estate, &instance, now)?;
    licence_allows(&volume, &instance, now)
}

fn accepts(instance: &Instance, now: Timestamp) -> Result<(), Refusal> {
    match instance.state.at(now) {
        InstanceState::Running | InstanceState::Stopped => Ok(()),
        InstanceState::Pending
        | InstanceState::Stopping
        | InstanceState::ShuttingDown
        | InstanceState::Terminated => Err(Refusal::incorrect_state(format!(
            "Instance '{}' is not 'running'.",
            instance.id
        ))),
    }
}

/// A volume is free, or io1/io2 with multi-attach and not yet on this instance.
fn free(volume: &Volume, instance: &Instance, now: Timestamp) -> Result<(), Refusal> {
    if *volume.state.at(now) != VolumeState::Available {
        return Err(not_available(&volume.id));
    }
    let mut held = volume.attachments_at(now).peekable();
    if held.peek().is_none() {
        return Ok(());
    }
    if volume.multi_attach && held.all(|held| held.instance_id != instance.id) {
        return Ok(());
    }
    let message = format!("{} is already attached to an instance", volume.id);
    Err(Refusal::client("VolumeInUse", message))
}

fn not_available(volume_id: &str) -> Refusal {
    Refusal::incorrect_state(format!("{volume_id} is not 'available'."))
}

fn device_is_free(
    estate: &Estate,
    instance_id: &str,
    device: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !(device.starts_with("/dev/") || device.starts_with("xvd")) {
        return Err(Refusal::invalid_value(format!(
            "Value ({device}) for parameter device is invalid. {device} is not a valid EBS device \
             name."
        )));
    }
    let taken = held_on(estate, instance_id, now).any(|(_, held)| held.device == device);
    if taken {
        return Err(Refusal::invalid_value(format!(
            "Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        )));
    }
    Ok(())
}

fn slot_is_free(estate: &Estate, instance: &Instance, now: Timestamp) -> Result<(), Refusal> {
    let limit = InstanceKind::of(&instance.instance_type).volume_slots();
    if held_on(estate, &instance.id, now).count() < limit {
        return Ok(());
    }
    Err(Refusal::client(
        "AttachmentLimitExceeded",
        format!("Instance '{}' has reached its volume limit.", instance.id),
    ))
}

/// EC2 API reference, `AttachVolume`: a volume with a Marketplace product code attaches only to a stopped
/// instance.
fn licence_allows(volume: &Volume, instance: &Instance, now: Timestamp) -> Result<(), Refusal> {
    let stopped = *instance.state.at(now) == InstanceState::Stopped;
    if volume.product_codes.is_empty() || stopped {
        return Ok(());
    }
    Err(Refusal::client(
        "OperationNotPermitted",
        format!(
            "'{}' with Marketplace codes may not be attached as a secondary device to a running \
             instance.",
            volume.id
        ),
    ))
}

/// Lists the volumes that hold a device of an instance.
pub fn held_on<'a>(
    estate: &'a Estate,
    instance_id: &'a str,
    now: Timestamp,
) -> impl Iterator<Item = (&'a Volume, &'a Attachment)> {
    let volumes = estate.volumes.values();
    volumes
        .filter(move |volume| volume.exists(now))
        .flat_map(move |volume| {
            let held = volume.attachments_at(now);
            held.filter(move |held| held.instance_id == instance_id)
                .map(move |held| (volume, held))
        })
}

/// `DetachVolume`. A mounted volume stays `busy` until the guest lets go or the instance stops
/// (EBS user guide, "Detach an Amazon EBS volume").
pub fn detach(input: &DetachVolumeInput, call: &mut Call<'_>) -> Answer<DetachVolumeOutput> {
    let now = call.now();
    let volume_id = ids::required(input.volume_id(), "volumeId")?.to_owned();
    ids::volume(call.estate(), &volume_id, now)?;
    if let Some(id) = input.instance_id() {
        ids::instance(call.estate(), id)?;
    }
    call.permit()?;
    let delays = call.delays();
    let index = find(call.estate(), &volume_id, input, now)?;
    may_detach(call.estate(), &volume_id, index, now)?;
    let lets_go = lets_go(call.estate(), &volume_id, index, input.force(), now);
    let volume = ids::volume(call.estate(), &volume_id, now)?;
    let held = &mut volume.attachments[index];
    let was = *held.state.at(now);
    begin_detaching(held, lets_go, now, &delays);
    let row = rows::attachment(&volume_id, held, now);
    if was == *held.state.at(now) {
        call.nothing_changed();
    }
    answer(move |output: &mut DetachVolumeOutput| {
        output.volume_id = row.volume_id;
        output.instance_id = row.instance_id;
        output.device = row.device;
        output.state = row.state;
        output.attach_time = row.attach_time;
        output.delete_on_termination = row.delete_on_termination;
    })
}

/// Finds the attachment that is meant.
fn find(
    estate: &mut Estate,
    volume_id: &str,
    input: &DetachVolumeInput,
    now: Timestamp,
) -> Result<usize, Refusal> {
    let volume = ids::volume(estate, volume_id, now)?;
    let all = volume.attachments.iter().enumerate();
    let held: Vec<usize> = all
        .filter(|(_, held)| held.holds(now))
        .map(|(index, _)| index)
        .collect();
    if held.is_empty() {
        return Err(Refusal::incorrect_state(format!(
            "Volume '{volume_id}' is in the '{}' state.",
            volume.state_name(now)
        )));
    }
    let fits = |index: &usize| {
        let held = &volume.attachments[*index];
        input.instance_id().is_none_or(|id| held.instance_id == id)
            && input.device().is_none_or(|device| held.device == device)
    };
    let fitting: Vec<usize> = held.into_iter().filter(fits).collect();
    match fitting[..] {
        [one] => Ok(one),
        [] => Err(Refusal::client(
            "InvalidAttachment.NotFound",
            format!(
                "The volume '{volume_id}' is not attached to instance '{}' as device '{}'.",
                input.instance_id().unwrap_or_default(),
                input.device().unwrap_or_default()
            ),
        )),
        [_, _, ..] => Err(Refusal::missing("instanceId")),
    }
}

/// A root volume leaves only a stopped instance.
fn may_detach(
    estate: &mut Estate,
    volume_id: &str,
    index: usize,
    now: Timestamp,
) -> Result<(), Refusal> {
    let held = ids::volume(estate, volume_id, now)?.attachments[index].clone();
    let Some(instance) = estate.instances.get(&held.instance_id) else {
        return Ok(());
    };
    let root = held.device == instance.root_device_name;
    if !root || *instance.state.at(now) == InstanceState::Stopped {
        return Ok(());
    }
    Err(Refusal::client(
        "OperationNotPermitted",
        format!(
            "Unable to detach root volume '{volume_id}' from instance '{}'",
            held.instance_id
        ),
    ))
}

/// Finds out from when on the guest lets go of a volume, if it ever does by itself.
fn lets_go(
    estate: &Estate,
    volume_id: &str,
    index: usize,
    force: Option<bool>,
    now: Timestamp,
) -> Option<Timestamp> {
    let volume = estate.volumes.get(volume_id)?;
    let held = volume.attachments.get(index)?;
    if !held.mounted || force == Some(true) {
        return Some(now);
    }
    let instance = estate.instances.get(&held.instance_id);
    match instance.map(|instance| *instance.state.at(now)) {
        Some(InstanceState::Running | InstanceState::Pending) => None,
        Some(InstanceState::Stopping) => instance.map(|instance| instance.state.last().0),
        Some(InstanceState::Stopped | InstanceState::ShuttingDown | InstanceState::Terminated)
        | None => Some(now),
    }
}

/// Writes down how the attachment ends, or that the guest holds on to it.
pub fn begin_detaching(
    held: &mut Attachment,
    lets_go: Option<Timestamp>,
    now: Timestamp,
    delays: &Delays,
) {
    if *held.state.at(now) == AttachmentState::Detaching {
        return;
    }
    if lets_go != Some(now) {
        held.state.turn(now, AttachmentState::Busy);
    }
    if let Some(from) = lets_go {
        release(held, from, delays);
    }
}

/// Lets the attachment end, beginning at `from`.
pub fn release(held: &mut Attachment, from: Timestamp, delays: &Delays) {
    held.state.turn(from, AttachmentState::Detaching);
    let done = after(from, delays.detach_volume);
    held.state.then(done, AttachmentState::Detached);
}
