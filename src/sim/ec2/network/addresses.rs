//! Elastic IP addresses: `DescribeAddresses`, `AssociateAddress`, `DisassociateAddress`.
//!
//! An address that is held moves to whoever asks, unless the request forbids it (EC2 API reference,
//! `AllowReassociation`). Every association has an id of its own.

use aws_sdk_ec2::operation::associate_address::{AssociateAddressInput, AssociateAddressOutput};
use aws_sdk_ec2::operation::describe_addresses::{DescribeAddressesInput, DescribeAddressesOutput};
use aws_sdk_ec2::operation::disassociate_address::{
    DisassociateAddressInput, DisassociateAddressOutput,
};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::interfaces::found;
use super::model::{Address, Association, Network};
use super::rows;
use crate::sim::call::Call;
use crate::sim::ec2::ids;
use crate::sim::ec2::model::InstanceState;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::Estate;

impl Filtered for ec2::Address {
    const NAMES: &'static [&'static str] = &[
        "allocation-id",
        "association-id",
        "instance-id",
        "network-interface-id",
        "private-ip-address",
        "public-ip",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "allocation-id" => shown::text(self.allocation_id()),
            "association-id" => shown::text(self.association_id()),
            "instance-id" => shown::text(self.instance_id()),
            "network-interface-id" => shown::text(self.network_interface_id()),
            "private-ip-address" => shown::text(self.private_ip_address()),
            _ => shown::text(self.public_ip()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeAddresses`, which knows no pages.
pub fn describe(
    input: &DescribeAddressesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeAddressesOutput> {
    call.permit()?;
    let (now, account) = (call.now(), call.account().to_owned());
    let wanted = input.allocation_ids();
    for id in wanted {
        held(&mut call.estate().network, id)?;
    }
    for ip in input.public_ips() {
        let mut all = call.estate().network.addresses.values();
        if !all.any(|one| one.public_ip == *ip) {
            let message = format!("Address '{ip}' not found.");
            return Err(Refusal::client("InvalidAddress.NotFound", message));
        }
    }
    let estate = call.estate();
    let named = |one: &&Address| {
        (wanted.is_empty() || wanted.contains(&one.allocation_id))
            && (input.public_ips().is_empty() || input.public_ips().contains(&one.public_ip))
    };
    let rows = estate.network.addresses.values().filter(named);
    let rows = rows
        .map(|one| rows::address(estate, one, &account, now))
        .collect();
    let kept = filters::keep(rows, input.filters())?;
    answer(move |output: &mut DescribeAddressesOutput| output.addresses = Some(kept))
}

fn held<'a>(network: &'a mut Network, id: &str) -> Result<&'a mut Address, Refusal> {
    network.addresses.get_mut(id).ok_or_else(|| {
        let message = format!("The allocation ID '{id}' does not exist");
        Refusal::client("InvalidAllocationID.NotFound", message)
    })
}

/// `AssociateAddress`
pub fn associate(
    input: &AssociateAddressInput,
    call: &mut Call<'_>,
) -> Answer<AssociateAddressOutput> {
    let now = call.now();
    let allocation = ids::required(input.allocation_id(), "allocationId")?.to_owned();
    held(&mut call.estate().network, &allocation)?;
    let interface_id = target(input, call.estate(), now)?;
    call.permit()?;
    ready(call.estate(), &interface_id, now)?;
    let there = held(&mut call.estate().network, &allocation)?
        .association
        .clone();
    if let Some(same) = there
        .as_ref()
        .filter(|held| held.interface_id == interface_id)
    {
        let id = same.id.clone();
        call.nothing_changed();
        return answer(move |output: &mut AssociateAddressOutput| output.association_id = Some(id));
    }
    if input.allow_reassociation() == Some(false) {
        both_free(call.estate(), &allocation, &interface_id)?;
    }
    let id = call.world().new_id("eipassoc");
    let network = &mut call.estate().network;
    for address in network.addresses.values_mut() {
        let on = |held: &mut Association| held.interface_id == interface_id;
        address.association.take_if(on);
    }
    held(network, &allocation)?.association = Some(Association {
        id: id.clone(),
        interface_id: interface_id.clone(),
    });
    give_up_own(call.estate(), &interface_id, now);
    answer(move |output: &mut AssociateAddressOutput| output.association_id = Some(id))
}

/// The interface that is meant: by its own id, or as the only one of an instance.
fn target(
    input: &AssociateAddressInput,
    estate: &mut Estate,
    now: Timestamp,
) -> Result<String, Refusal> {
    let id = match (input.network_interface_id(), input.instance_id()) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid_combination(
                "You may specify either instanceId or networkInterfaceId, but not both",
            ));
        }
        (None, None) => return Err(Refusal::missing("instanceId")),
        (Some(id), None) => found(&mut estate.network, id)?.id.clone(),
        (None, Some(instance)) => {
            ids::instance(estate, instance)?;
            let on = estate.network.on(instance, now);
            let [one] = on.as_slice() else {
                let message = format!(
                    "There are multiple interfaces attached to instance '{instance}'. Please \
                     specify an interface ID for the operation instead."
                );
                return Err(Refusal::client("InvalidInstanceID", message));
            };
            one.id.clone()
        }
    };
    let own = &found(&mut estate.network, &id)?.private_ip;
    match input.private_ip_address() {
        Some(wanted) if wanted != own => Err(Refusal::invalid_value(format!(
            "Invalid value '{wanted}' for PrivateIpAddress. Address is not assigned to network \
             interface {id}"
        ))),
        Some(_) | None => Ok(id),
    }
}

/// An instance that only starts, or is about to go, takes no address.
fn ready(estate: &mut Estate, interface_id: &str, now: Timestamp) -> Result<(), Refusal> {
    let interface = found(&mut estate.network, interface_id)?;
    let Some(held) = interface.held(now) else {
        return Ok(());
    };
    let id = held.instance_id.clone();
    match ids::instance(estate, &id)?.state.at(now) {
        InstanceState::Running => Ok(()),
        InstanceState::Pending
        | InstanceState::Stopping
        | InstanceState::Stopped
        | InstanceState::ShuttingDown
        | InstanceState::Terminated => Err(Refusal::client(
            "IncorrectInstanceState",
            format!(
                "The pending-instance-creation instance to which '{interface_id}' is attached is \
                 not in a valid state for this operation"
            ),
        )),
    }
}

fn both_free(estate: &mut Estate, allocation: &str, interface_id: &str) -> Result<(), Refusal> {
    let taken = |what: &str, held: &Association| {
        Refusal::client(
            "Resource.AlreadyAssociated",
            format!(
                "resource {what} is already associated with associate-id {}",
                held.id
            ),
        )
    };
    if let Some(there) = &held(&mut estate.network, allocation)?.association {
        return Err(taken(allocation, there));
    }
    let other = estate.network.elastic(interface_id);
    match other.and_then(|other| other.association.as_ref()) {
        Some(there) => Err(taken(interface_id, there)),
        None => Ok(()),
    }
}

/// EC2 user guide, "Instance IP addressing": an instance's own public address goes when an elastic one comes.
fn give_up_own(estate: &mut Estate, interface_id: &str, now: Timestamp) {
    let Some(held) = estate
        .network
        .interfaces
        .get(interface_id)
        .and_then(|one| one.held(now))
    else {
        return;
    };
    let (primary, id) = (held.device_index == 0, held.instance_id.clone());
    if let Some(instance) = estate.instances.get_mut(&id).filter(|_| primary)
        && instance.public_ip.at(now).is_some()
    {
        instance.public_ip.turn(now, None);
    }
}

/// `DisassociateAddress`: by the association, which is nobody else's later on.
pub fn disassociate(
    input: &DisassociateAddressInput,
    call: &mut Call<'_>,
) -> Answer<DisassociateAddressOutput> {
    let meant = ids::required(input.association_id(), "associationId")?.to_owned();
    let held = |one: &&mut Address| {
        one.association
            .as_ref()
            .is_some_and(|held| held.id == meant)
    };
    let mut all = call.estate().network.addresses.values_mut();
    if all.find(held).is_none() {
        let message = format!("The association ID '{meant}' does not exist");
        return Err(Refusal::client("InvalidAssociationID.NotFound", message));
    }
    call.permit()?;
    let mut all = call.estate().network.addresses.values_mut();
    if let Some(address) = all.find(held) {
        address.association = None;
    }
    answer(|_: &mut DisassociateAddressOutput| {})
}
