//! The interfaces of a new instance: one that is said nothing of, those that are described, or those that exist.
//!
//! A private address is taken only where nobody has it, and else the next free one of the subnet.

use std::net::IpAddr;

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types as ec2;

use super::place::Where;
use crate::sim::call::Call;
use crate::sim::ec2::model::Tags;
use crate::sim::ec2::network::cidr::Cidr;
use crate::sim::ec2::network::groups::fitting;
use crate::sim::ec2::network::interfaces::found;
use crate::sim::ec2::network::model::{Interface, Network, PlugState, Plugged};
use crate::sim::ec2::network::vpcs::no_subnet;
use crate::sim::refusal::Refusal;
use crate::sim::timeline::{Timeline, after};

/// An interface to be made or taken.
pub struct Wanted {
    existing: Option<String>,
    device_index: i32,
    subnet_id: String,
    private_ip: String,
    groups: Vec<String>,
    delete_on_termination: bool,
    description: String,
    public: bool,
}

/// Works out which interfaces there will be.
pub fn wanted(
    input: &RunInstancesInput,
    place: &Where,
    call: &mut Call<'_>,
) -> Result<Vec<Wanted>, Refusal> {
    let network = &mut call.estate().network;
    let described = input.network_interfaces();
    if described.is_empty() {
        let row = ec2::InstanceNetworkInterfaceSpecification::builder()
            .device_index(0)
            .subnet_id(&place.subnet_id)
            .set_private_ip_address(input.private_ip_address().map(str::to_owned))
            .set_groups(Some(input.security_group_ids().to_vec()))
            .build();
        return Ok(vec![one(&row, place, network, &[])?]);
    }
    let public = |one: &ec2::InstanceNetworkInterfaceSpecification| {
        one.associate_public_ip_address() == Some(true)
    };
    if described.len() > 1 && described.iter().any(public) {
        return Err(Refusal::invalid_combination(
            "The associatePublicIPAddress parameter cannot be specified when launching with \
             multiple network interfaces.",
        ));
    }
    if !described.iter().any(|one| one.device_index() == Some(0)) {
        let message = "Each network interface requires a device index, and one of them 0.";
        return Err(Refusal::invalid_value(message));
    }
    let mut wanted: Vec<Wanted> = Vec::new();
    for row in described {
        let made = one(row, place, network, &wanted)?;
        wanted.push(made);
    }
    Ok(wanted)
}

fn one(
    row: &ec2::InstanceNetworkInterfaceSpecification,
    place: &Where,
    network: &mut Network,
    before: &[Wanted],
) -> Result<Wanted, Refusal> {
    let device_index = row
        .device_index()
        .ok_or_else(|| Refusal::missing("deviceIndex"))?;
    if before.iter().any(|one| one.device_index == device_index) {
        let message = format!("Duplicate device index '{device_index}'");
        return Err(Refusal::invalid_value(message));
    }
    if let Some(id) = row.network_interface_id() {
        return existing(id, device_index, network);
    }
    let subnet_id = row.subnet_id().unwrap_or(&place.subnet_id).to_owned();
    let subnet = network.subnets.get(&subnet_id);
    let subnet = subnet.ok_or_else(|| no_subnet(&subnet_id))?;
    let (vpc_id, public) = (subnet.vpc_id.clone(), subnet.public);
    if vpc_id != place.vpc_id {
        let message = "You have specified two resources that belong to different networks.";
        return Err(Refusal::invalid_value(message));
    }
    fitting(network, row.groups(), &vpc_id)?;
    Ok(Wanted {
        existing: None,
        device_index,
        private_ip: private_ip(row.private_ip_address(), &subnet_id, network, before)?,
        groups: groups(row.groups(), &vpc_id, network),
        delete_on_termination: row.delete_on_termination().unwrap_or(true),
        description: row.description().unwrap_or_default().to_owned(),
        public: device_index == 0 && row.associate_public_ip_address().unwrap_or(public),
        subnet_id,
    })
}

fn existing(id: &str, device_index: i32, network: &mut Network) -> Result<Wanted, Refusal> {
    let interface = found(network, id)?;
    if interface.plugged.is_some() {
        let message = format!("Network interface '{id}' is currently in use.");
        return Err(Refusal::client("InvalidNetworkInterface.InUse", message));
    }
    Ok(Wanted {
        existing: Some(id.to_owned()),
        device_index,
        subnet_id: interface.subnet_id.clone(),
        private_ip: interface.private_ip.clone(),
        groups: interface.groups.clone(),
        delete_on_termination: false,
        description: String::new(),
        public: false,
    })
}

/// Without any group an interface has its VPC's default one.
fn groups(asked: &[String], vpc_id: &str, network: &Network) -> Vec<String> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let mut all = network.groups.values();
    let default = all.find(|group| group.vpc_id == vpc_id && group.name == "default");
    default.map(|group| group.id.clone()).into_iter().collect()
}

fn private_ip(
    asked: Option<&str>,
    subnet_id: &str,
    network: &Network,
    before: &[Wanted],
) -> Result<String, Refusal> {
    let cidr = network
        .subnets
        .get(subnet_id)
        .and_then(|one| Cidr::parse(&one.cidr));
    let cidr = cidr.ok_or_else(|| no_subnet(subnet_id))?;
    let taken = |ip: &str| {
        before.iter().any(|one| one.private_ip == ip)
            || network.interfaces.values().any(|one| one.private_ip == ip)
    };
    let Some(ip) = asked else {
        // The first four addresses of a subnet are AWS's own, and the last.
        let mut free = (4..cidr.size().saturating_sub(1)).filter_map(|n| cidr.nth(n));
        let free = free.find(|ip: &IpAddr| !taken(&ip.to_string()));
        return free.map(|ip| ip.to_string()).ok_or_else(|| {
            let message = "The specified subnet does not have enough free addresses to satisfy the \
                 request.";
            Refusal::client("InsufficientFreeAddressesInSubnet", message)
        });
    };
    let inside = ip.parse().is_ok_and(|address| cidr.contains(address));
    if !inside {
        let message = "Address does not fall within the subnet's address range";
        return Err(Refusal::invalid_value(message));
    }
    if taken(ip) {
        let message = format!("Address {ip} is in use.");
        return Err(Refusal::client("InvalidIPAddress.InUse", message));
    }
    Ok(ip.to_owned())
}

/// Makes the interfaces, and returns the public address of the first one.
pub fn make(
    wanted: Vec<Wanted>,
    instance_id: &str,
    tags: &Tags,
    call: &mut Call<'_>,
) -> Timeline<Option<String>> {
    let now = call.now();
    let running = after(now, call.delays().start_instance);
    let mut public = Timeline::new(now, None);
    for one in wanted {
        let plugged = Plugged {
            id: call.world().new_id("eni-attach"),
            instance_id: instance_id.to_owned(),
            device_index: one.device_index,
            delete_on_termination: one.delete_on_termination,
            attached: now,
            state: {
                let mut state = Timeline::new(now, PlugState::Attaching);
                state.then(running, PlugState::Attached);
                state
            },
        };
        if one.public {
            public.then(running, Some(call.world().new_address("203.0.113.")));
        }
        let id = one
            .existing
            .clone()
            .unwrap_or_else(|| call.world().new_id("eni"));
        let network = &mut call.estate().network;
        let made = || Interface {
            id: id.clone(),
            vpc_id: network
                .subnets
                .get(&one.subnet_id)
                .map_or(String::new(), |s| s.vpc_id.clone()),
            zone: network
                .subnets
                .get(&one.subnet_id)
                .map_or(String::new(), |s| s.zone.clone()),
            subnet_id: one.subnet_id,
            private_ip: one.private_ip,
            groups: one.groups,
            groups_since: now,
            source_dest_check: true,
            endpoint: None,
            description: one.description,
            plugged: None,
            tags: tags.clone(),
        };
        let made = if one.existing.is_some() {
            network.interfaces.get(&id).cloned()
        } else {
            Some(made())
        };
        if let Some(mut interface) = made {
            interface.plugged = Some(plugged);
            network.interfaces.insert(id, interface);
        }
    }
    public
}
