//! `StopInstances` and `StartInstances`: the state machine of an instance.
//!
//! One refused instance keeps all of a call's instances as they are. Addresses and busy attachments follow
//! the state of their instance.

use aws_sdk_ec2::operation::start_instances::{StartInstancesInput, StartInstancesOutput};
use aws_sdk_ec2::operation::stop_instances::{StopInstancesInput, StopInstancesOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::attachments::{held_on, release};
use super::model::{AttachmentState, Instance, InstanceState, Lifecycle, VolumeState};
use super::{ids, rows};
use crate::sim::call::Call;
use crate::sim::delays::Delays;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;
use crate::sim::world::Estate;

/// `StopInstances`: all of them, or none when one is refused.
pub fn stop(input: &StopInstancesInput, call: &mut Call<'_>) -> Answer<StopInstancesOutput> {
    let now = call.now();
    let wanted = named(input.instance_ids(), call)?;
    call.permit()?;
    for id in &wanted {
        may_stop(ids::instance(call.estate(), id)?, input, now)?;
    }
    let delays = call.delays();
    let mut changes = Vec::new();
    let mut any = false;
    for id in &wanted {
        let before = *ids::instance(call.estate(), id)?.state.at(now);
        if before == InstanceState::Running {
            begin_stopping(call.estate(), id, now, &delays);
            any = true;
        }
        changes.push(change(ids::instance(call.estate(), id)?, before, now));
    }
    if !any {
        call.nothing_changed();
    }
    answer(move |output: &mut StopInstancesOutput| output.stopping_instances = Some(changes))
}

fn named(wanted: &[String], call: &mut Call<'_>) -> Result<Vec<String>, Refusal> {
    if wanted.is_empty() {
        return Err(Refusal::missing("InstanceId"));
    }
    for id in wanted {
        ids::instance(call.estate(), id)?;
    }
    Ok(wanted.to_vec())
}

/// EC2 API reference, `StopInstances`, and user guide, "Enable stop protection".
fn may_stop(
    instance: &Instance,
    input: &StopInstancesInput,
    now: Timestamp,
) -> Result<(), Refusal> {
    let id = &instance.id;
    match instance.state.at(now) {
        InstanceState::Stopping | InstanceState::Stopped => return Ok(()),
        InstanceState::Pending | InstanceState::ShuttingDown | InstanceState::Terminated => {
            return Err(incorrect_instance_state(format!(
                "This instance '{id}' is not in a state from which it can be stopped."
            )));
        }
        InstanceState::Running => {}
    }
    if instance.root_on_instance_store {
        return Err(unsupported(format!(
            "The instance '{id}' does not have an 'ebs' root device type and cannot be stopped."
        )));
    }
    if instance.lifecycle == Lifecycle::SpotOnce {
        return Err(unsupported(format!(
            "You can't stop the Spot Instance '{id}' because it is associated with a one-time Spot \
             Instance request. You can only stop Spot Instances associated with persistent Spot \
             Instance requests."
        )));
    }
    if instance.disable_api_stop {
        return Err(Refusal::client(
            "OperationNotPermitted",
            format!(
                "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance \
                 attribute and try again."
            ),
        ));
    }
    if input.hibernate() == Some(true) && !instance.hibernation {
        return Err(Refusal::client(
            "UnsupportedHibernationConfiguration",
            format!("The instance '{id}' is not configured for hibernation."),
        ));
    }
    Ok(())
}

/// Stops an instance: its own public address goes at once, busy volumes come off when it has stopped.
pub fn begin_stopping(estate: &mut Estate, id: &str, now: Timestamp, delays: &Delays) {
    let stopped = after(now, delays.stop_instance);
    if let Some(instance) = estate.instances.get_mut(id) {
        instance.state.turn(now, InstanceState::Stopping);
        instance.state.then(stopped, InstanceState::Stopped);
        if instance.public_ip.at(now).is_some() {
            instance.public_ip.turn(now, None);
        }
    }
    let volumes = estate.volumes.values_mut();
    for held in volumes.flat_map(|volume| volume.attachments.iter_mut()) {
        if held.instance_id == id && *held.state.at(now) == AttachmentState::Busy {
            release(held, stopped, delays);
        }
    }
}

/// `StartInstances`: all of them, or none when one is refused.
pub fn start(input: &StartInstancesInput, call: &mut Call<'_>) -> Answer<StartInstancesOutput> {
    let now = call.now();
    let wanted = named(input.instance_ids(), call)?;
    call.permit()?;
    for id in &wanted {
        may_start(call.estate(), id, now)?;
    }
    let mut changes = Vec::new();
    let mut any = false;
    for id in &wanted {
        let before = *ids::instance(call.estate(), id)?.state.at(now);
        if before == InstanceState::Stopped {
            let address = call.world().new_address("203.0.113.");
            let delays = call.delays();
            let elastic = has_elastic(call.estate(), id, now);
            let instance = ids::instance(call.estate(), id)?;
            begin_starting(instance, elastic, &address, now, &delays);
            any = true;
        }
        changes.push(change(ids::instance(call.estate(), id)?, before, now));
    }
    if !any {
        call.nothing_changed();
    }
    answer(move |output: &mut StartInstancesOutput| output.starting_instances = Some(changes))
}

fn may_start(estate: &mut Estate, id: &str, now: Timestamp) -> Result<(), Refusal> {
    let instance = ids::instance(estate, id)?.clone();
    match instance.state.at(now) {
        InstanceState::Running | InstanceState::Pending => return Ok(()),
        InstanceState::Stopping | InstanceState::ShuttingDown | InstanceState::Terminated => {
            return Err(incorrect_instance_state(format!(
                "The instance '{id}' is not in a state from which it can be started."
            )));
        }
        InstanceState::Stopped => {}
    }
    let root = &instance.root_device_name;
    let attached = |(_, held): (_, &super::model::Attachment)| {
        held.device == *root && *held.state.at(now) == AttachmentState::Attached
    };
    if !held_on(estate, id, now).any(attached) {
        return Err(Refusal::invalid_value(format!(
            "Invalid value '{id}' for instanceId. Instance does not have a volume attached at root \
             ({root})"
        )));
    }
    if instance.no_capacity {
        let message = "Insufficient capacity.";
        return Err(Refusal::new(500, "InsufficientInstanceCapacity", message));
    }
    Ok(())
}

/// Tells whether the first interface of an instance has an Elastic IP address.
pub fn has_elastic(estate: &Estate, id: &str, now: Timestamp) -> bool {
    let primary = estate.network.primary(id, now);
    primary.is_some_and(|one| estate.network.elastic(&one.id).is_some())
}

/// Starts an instance: a public address that is not elastic is a new one.
pub fn begin_starting(
    instance: &mut Instance,
    elastic: bool,
    address: &str,
    now: Timestamp,
    delays: &Delays,
) {
    let running = after(now, delays.start_instance);
    let had_address = instance.public_ip.until(now).any(|(_, ip)| ip.is_some());
    instance.launched = now;
    instance.state.turn(now, InstanceState::Pending);
    instance.state.then(running, InstanceState::Running);
    instance.checks_pass = after(running, delays.status_checks);
    if had_address && !elastic {
        instance.public_ip.turn(running, Some(address.to_owned()));
    }
}

/// Terminates an instance at once, and with it what is deleted on termination.
pub fn terminate(estate: &mut Estate, id: &str, at: Timestamp) {
    if let Some(instance) = estate.instances.get_mut(id) {
        instance.state.turn(at, InstanceState::Terminated);
        instance.public_ip.turn(at, None);
    }
    for volume in estate.volumes.values_mut() {
        let held = volume.attachments.iter_mut();
        for held in held.filter(|held| held.holds_on(id, at)) {
            held.state.turn(at, AttachmentState::Detached);
            if held.delete_on_termination {
                volume.state.turn(at, VolumeState::Gone);
            }
        }
    }
    let interfaces = &mut estate.network.interfaces;
    interfaces.retain(|_, one| {
        let on = one.is_on(id, at);
        !(on && one
            .plugged
            .as_ref()
            .is_some_and(|held| held.delete_on_termination))
    });
    for one in interfaces.values_mut().filter(|one| one.is_on(id, at)) {
        one.plugged = None;
    }
    let there: Vec<String> = interfaces.keys().cloned().collect();
    for address in estate.network.addresses.values_mut() {
        address
            .association
            .take_if(|held| !there.contains(&held.interface_id));
    }
}

fn change(instance: &Instance, before: InstanceState, now: Timestamp) -> ec2::InstanceStateChange {
    ec2::InstanceStateChange::builder()
        .instance_id(&instance.id)
        .previous_state(rows::instance_state(before))
        .current_state(rows::instance_state(*instance.state.at(now)))
        .build()
}

fn incorrect_instance_state(message: String) -> Refusal {
    Refusal::client("IncorrectInstanceState", message)
}

fn unsupported(message: String) -> Refusal {
    Refusal::client("UnsupportedOperation", message)
}
