//! Where an instance is launched: subnet, zone, placement group, and whether there is room.
//!
//! Without a subnet an instance would go to the default VPC; that is not simulated, since no relaunch wants it.

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;

use crate::sim::call::Call;
use crate::sim::ec2::network::vpcs::{free_addresses, no_subnet};
use crate::sim::refusal::Refusal;

/// A subnet and its zone.
pub struct Where {
    pub subnet_id: String,
    pub vpc_id: String,
    pub zone: String,
}

/// Finds the subnet: of the first interface, or of the request.
pub fn of(input: &RunInstancesInput, call: &mut Call<'_>) -> Result<Where, Refusal> {
    let interfaces = input.network_interfaces();
    exclusive(input)?;
    let existing = interfaces.iter().find_map(|one| one.network_interface_id());
    let network = &call.estate().network;
    let existing = existing.and_then(|id| network.interfaces.get(id));
    let existing = existing.map(|one| one.subnet_id.clone());
    let first = interfaces.iter().find(|one| one.device_index() == Some(0));
    let named = first.and_then(|one| one.subnet_id()).map(str::to_owned);
    let id = named
        .or(existing)
        .or_else(|| input.subnet_id().map(str::to_owned));
    let Some(id) = id else {
        let message = "No default VPC for this user. GroupName is only supported for EC2-Classic \
             and default VPC.";
        return Err(Refusal::client("VPCIdNotSpecified", message));
    };
    let subnet = network.subnets.get(&id).ok_or_else(|| no_subnet(&id))?;
    let zone = input
        .placement()
        .and_then(|placed| placed.availability_zone());
    if zone.is_some_and(|zone| zone != subnet.zone) {
        return Err(Refusal::invalid_value(format!(
            "The availability zone '{}' does not match the subnet '{id}' in '{}'",
            zone.unwrap_or_default(),
            subnet.zone
        )));
    }
    Ok(Where {
        vpc_id: subnet.vpc_id.clone(),
        zone: subnet.zone.clone(),
        subnet_id: id,
    })
}

/// EC2 API reference, `RunInstances`: what interfaces say is not said again beside them.
fn exclusive(input: &RunInstancesInput) -> Result<(), Refusal> {
    if input.network_interfaces().is_empty() {
        return Ok(());
    }
    let beside = [
        (!input.security_group_ids().is_empty(), "security groups"),
        (input.subnet_id().is_some(), "subnet ID"),
        (input.private_ip_address().is_some(), "private IP address"),
    ];
    match beside.into_iter().find(|(given, _)| *given) {
        Some((_, what)) => Err(Refusal::invalid_combination(format!(
            "Network interfaces and an instance-level {what} may not be specified on the same \
             request"
        ))),
        None => Ok(()),
    }
}

/// Finds out whether there is room: addresses, the placement group, and AWS's own capacity.
pub fn check(
    input: &RunInstancesInput,
    place: &Where,
    instance_type: &str,
    call: &mut Call<'_>,
) -> Result<(), Refusal> {
    let estate = call.estate();
    let group = input.placement().and_then(|placed| placed.group_name());
    let group = group.filter(|name| !name.is_empty());
    let found = group.map(|name| (name, estate.placement_groups.get(name)));
    if let Some((name, None)) = found {
        let message = format!("The Placement Group '{name}' is unknown.");
        return Err(Refusal::client("InvalidPlacementGroup.Unknown", message));
    }
    let full = found.is_some_and(|(_, group)| group.is_some_and(|group| group.full));
    let subnet = estate.network.subnets.get(&place.subnet_id);
    if subnet.is_some_and(|subnet| free_addresses(&estate.network, subnet) == 0) {
        return Err(Refusal::client(
            "InsufficientFreeAddressesInSubnet",
            "There are not enough free addresses in subnet to satisfy the requested number of \
             instances.",
        ));
    }
    if full || estate.no_capacity_types.contains(instance_type) {
        return Err(Refusal::new(
            500,
            "InsufficientInstanceCapacity",
            format!(
                "We currently do not have sufficient {instance_type} capacity in the Availability \
                 Zone you requested ({}). Our system will be working on provisioning additional \
                 capacity.",
                place.zone
            ),
        ));
    }
    Ok(())
}
