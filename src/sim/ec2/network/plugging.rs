//! `AttachNetworkInterface` and `DetachNetworkInterface`, for interfaces beside the first.
//!
//! The first one belongs to its instance for good (EC2 user guide, "Elastic network interfaces").

use aws_sdk_ec2::operation::attach_network_interface::{
    AttachNetworkInterfaceInput, AttachNetworkInterfaceOutput,
};
use aws_sdk_ec2::operation::detach_network_interface::{
    DetachNetworkInterfaceInput, DetachNetworkInterfaceOutput,
};
use jiff::Timestamp;

use super::interfaces::{found, no_attachment};
use super::model::{Interface, PlugState, Plugged};
use crate::sim::call::Call;
use crate::sim::ec2::ids;
use crate::sim::ec2::instance_types::InstanceKind;
use crate::sim::ec2::model::InstanceState;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};
use crate::sim::world::Estate;

/// `AttachNetworkInterface`. The new attachment does not delete on termination.
pub fn attach(
    input: &AttachNetworkInterfaceInput,
    call: &mut Call<'_>,
) -> Answer<AttachNetworkInterfaceOutput> {
    let now = call.now();
    let id = ids::required(input.network_interface_id(), "networkInterfaceId")?.to_owned();
    let instance_id = ids::required(input.instance_id(), "instanceId")?.to_owned();
    let index = input
        .device_index()
        .ok_or_else(|| Refusal::missing("deviceIndex"))?;
    found(&mut call.estate().network, &id)?;
    ids::instance(call.estate(), &instance_id)?;
    call.permit()?;
    may_attach(call.estate(), &id, &instance_id, index, now)?;
    let mut state = Timeline::new(now, PlugState::Attaching);
    state.then(
        after(now, call.delays().attach_interface),
        PlugState::Attached,
    );
    let plugged = Plugged {
        id: call.world().new_id("eni-attach"),
        instance_id,
        device_index: index,
        delete_on_termination: false,
        attached: now,
        state,
    };
    let told = plugged.id.clone();
    found(&mut call.estate().network, &id)?.plugged = Some(plugged);
    answer(move |output: &mut AttachNetworkInterfaceOutput| {
        output.attachment_id = Some(told);
        output.network_card_index = Some(0);
    })
}

fn may_attach(
    estate: &mut Estate,
    id: &str,
    instance_id: &str,
    index: i32,
    now: Timestamp,
) -> Result<(), Refusal> {
    let instance = ids::instance(estate, instance_id)?.clone();
    let interface = found(&mut estate.network, id)?.clone();
    if interface.held(now).is_some() {
        let message = format!("Network interface '{id}' is currently in use.");
        return Err(Refusal::client("InvalidNetworkInterface.InUse", message));
    }
    let state = *instance.state.at(now);
    if !matches!(state, InstanceState::Running | InstanceState::Stopped) {
        let message = format!("Instance '{instance_id}' is not 'running' or 'stopped'.");
        return Err(Refusal::incorrect_state(message));
    }
    if interface.zone != instance.availability_zone {
        return Err(Refusal::invalid_combination(
            "You may not attach a network interface to an instance if they are not in the same \
             availability zone",
        ));
    }
    let there = estate.network.on(instance_id, now);
    let taken = |one: &&Interface| one.held(now).is_some_and(|held| held.device_index == index);
    if there.iter().any(taken) {
        return Err(Refusal::invalid_value(format!(
            "Instance '{instance_id}' already has an interface attached at device index '{index}'."
        )));
    }
    let limit = InstanceKind::of(&instance.instance_type).interfaces();
    if there.len() < limit {
        return Ok(());
    }
    Err(Refusal::client(
        "AttachmentLimitExceeded",
        format!(
            "Interface count {} exceeds the limit for {}",
            limit + 1,
            instance.instance_type
        ),
    ))
}

/// `DetachNetworkInterface`
pub fn detach(
    input: &DetachNetworkInterfaceInput,
    call: &mut Call<'_>,
) -> Answer<DetachNetworkInterfaceOutput> {
    let now = call.now();
    let meant = ids::required(input.attachment_id(), "attachmentId")?.to_owned();
    let holder = call.estate().network.interfaces.values();
    let holder = holder.filter(|one| one.held(now).is_some_and(|held| held.id == meant));
    let id = holder.map(|one| one.id.clone()).next();
    let id = id.ok_or_else(|| no_attachment(&meant))?;
    call.permit()?;
    let done = after(now, call.delays().detach_interface);
    let interface = found(&mut call.estate().network, &id)?;
    if let Some(held) = interface.plugged.as_mut() {
        if held.device_index == 0 {
            let message = "The network interface at device index 0 cannot be detached.";
            return Err(Refusal::client("OperationNotPermitted", message));
        }
        if *held.state.at(now) == PlugState::Detaching {
            call.nothing_changed();
        } else {
            held.state.turn(now, PlugState::Detaching);
            held.state.then(done, PlugState::Detached);
        }
    }
    answer(|_: &mut DetachNetworkInterfaceOutput| {})
}
