//! Where an instance stands in its network: subnet, VPC, interfaces with their groups and addresses, and the
//! endpoints that an isolated one could reach.

use aws_sdk_ec2::types::{Address as SdkAddress, NetworkInterface};
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{AllocationId, GroupId, InstanceId, InterfaceId};

use super::{filter, none_if_missing, text};

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Availability Zone.
    pub zone: String,
    /// `available`, `pending` …
    pub state: String,
    /// How many IPv4 addresses are free.
    pub free: i32,
}

/// A network interface of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its id.
    pub id: InterfaceId,
    /// Its number on the instance; the primary one is 0.
    pub device_index: i32,
    /// Network card.
    pub card: Option<i32>,
    /// Id of its attachment.
    pub attachment: String,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
    /// Its subnet.
    pub subnet: String,
    /// Its groups.
    pub groups: Vec<GroupId>,
    /// Whether it checks source and destination.
    pub source_dest_check: bool,
    /// Its primary private address.
    pub private_ip: String,
    /// Its other private IPv4 addresses.
    pub more_ips: Vec<String>,
    /// Its IPv6 addresses.
    pub ipv6: Vec<String>,
    /// How many prefixes are delegated to it.
    pub prefixes: usize,
    /// Whether an AWS service manages it.
    pub managed: bool,
}

/// An Elastic IP address at an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Its allocation.
    pub allocation: AllocationId,
    /// The address.
    pub public_ip: String,
    /// The interface that holds it.
    pub interface: InterfaceId,
    /// The private address that it belongs to.
    pub private_ip: String,
}

/// Reads a subnet; `None` if there is none of that id.
///
/// # Errors
/// The failure of the read.
pub async fn subnet(clients: &Clients, id: &str) -> Result<Option<Subnet>, Failure> {
    let answer = clients.ec2.describe_subnets().subnet_ids(id).send().await;
    let answer = answer
        .map_err(|error| failure("ec2:DescribeSubnets", &error))
        .map(Some);
    let answer = none_if_missing(answer)?;
    Ok(answer.and_then(|answer| {
        let found = answer.subnets().first()?;
        Some(Subnet {
            id: text(found.subnet_id()),
            vpc: text(found.vpc_id()),
            zone: text(found.availability_zone()),
            state: text(found.state().map(aws_sdk_ec2::types::SubnetState::as_str)),
            free: found.available_ip_address_count().unwrap_or_default(),
        })
    }))
}

/// Reads the interfaces of an instance, in the order of their numbers.
///
/// # Errors
/// The failure of a read.
pub async fn interfaces_of(
    clients: &Clients,
    instance: &InstanceId,
) -> Result<Vec<Interface>, Failure> {
    let of_instance = filter("attachment.instance-id", [instance.as_str().to_owned()]);
    let request = clients.ec2.describe_network_interfaces();
    let mut pages = request.filters(of_instance).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ec2:DescribeNetworkInterfaces", &error))?;
        all.extend(page.network_interfaces().iter().map(interface));
    }
    all.sort_by_key(|one: &Interface| (one.card, one.device_index));
    Ok(all)
}

/// Services that Session Manager works over (Systems Manager user guide, "VPC endpoints"): the last word of an endpoint's
/// service name.
const SESSION_MANAGER: [&str; 3] = ["ec2messages", "ssm", "ssmmessages"];

/// Reads the addresses of those interface endpoints of a VPC that Session Manager works over, sorted. An endpoint of
/// any other service is a way out.
///
/// # Errors
/// The failure of a read.
pub async fn endpoint_addresses(clients: &Clients, vpc: &str) -> Result<Vec<String>, Failure> {
    let interfaces = session_endpoints(clients, vpc).await?;
    if interfaces.is_empty() {
        return Ok(Vec::new());
    }
    let request = clients.ec2.describe_network_interfaces();
    let request = request.filters(filter("network-interface-id", interfaces));
    let mut pages = request.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ec2:DescribeNetworkInterfaces", &error))?;
        for found in page.network_interfaces() {
            all.extend(found.private_ip_address().map(str::to_owned));
            let six = found.ipv6_addresses().iter();
            all.extend(six.filter_map(|six| six.ipv6_address().map(str::to_owned)));
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// Reads the interfaces of those endpoints.
async fn session_endpoints(clients: &Clients, vpc: &str) -> Result<Vec<String>, Failure> {
    let request = clients.ec2.describe_vpc_endpoints();
    let request = request
        .filters(filter("vpc-id", [vpc.to_owned()]))
        .filters(filter("vpc-endpoint-type", ["Interface".to_owned()]));
    let mut pages = request.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ec2:DescribeVpcEndpoints", &error))?;
        for found in page.vpc_endpoints() {
            let service = found.service_name().unwrap_or_default();
            let last = service.rsplit('.').next().unwrap_or_default();
            // A service of somebody else's is named com.amazonaws.vpce.….vpce-svc-….
            if SESSION_MANAGER.contains(&last) {
                all.extend(found.network_interface_ids().iter().cloned());
            }
        }
    }
    Ok(all)
}

/// Reads the Elastic IP addresses that an instance's interfaces hold.
///
/// # Errors
/// The failure of the read.
pub async fn addresses_of(
    clients: &Clients,
    interfaces: &[Interface],
) -> Result<Vec<Address>, Failure> {
    if interfaces.is_empty() {
        return Ok(Vec::new());
    }
    let ids = interfaces.iter().map(|one| one.id.as_str().to_owned());
    let request = clients.ec2.describe_addresses();
    let answer = request
        .filters(filter("network-interface-id", ids))
        .send()
        .await;
    let answer = answer.map_err(|error| failure("ec2:DescribeAddresses", &error))?;
    let mut all: Vec<Address> = answer.addresses().iter().filter_map(address).collect();
    all.sort_by(|a, b| a.allocation.cmp(&b.allocation));
    Ok(all)
}

fn address(found: &SdkAddress) -> Option<Address> {
    Some(Address {
        allocation: AllocationId::from(found.allocation_id()?),
        public_ip: text(found.public_ip()),
        interface: InterfaceId::from(found.network_interface_id()?),
        private_ip: text(found.private_ip_address()),
    })
}

fn interface(found: &NetworkInterface) -> Interface {
    let at = found.attachment();
    let own = found.private_ip_address();
    let all = found.private_ip_addresses().iter();
    let more = all.filter_map(|ip| ip.private_ip_address());
    let six = found.ipv6_addresses().iter();
    let groups = found.groups().iter().filter_map(|group| group.group_id());
    let mut groups: Vec<GroupId> = groups.map(GroupId::from).collect();
    groups.sort();
    Interface {
        id: InterfaceId::new(text(found.network_interface_id())),
        device_index: at
            .and_then(aws_sdk_ec2::types::NetworkInterfaceAttachment::device_index)
            .unwrap_or_default(),
        card: at.and_then(aws_sdk_ec2::types::NetworkInterfaceAttachment::network_card_index),
        attachment: text(at.and_then(|at| at.attachment_id())),
        delete_on_termination: at
            .and_then(aws_sdk_ec2::types::NetworkInterfaceAttachment::delete_on_termination)
            == Some(true),
        subnet: text(found.subnet_id()),
        groups,
        source_dest_check: found.source_dest_check() != Some(false),
        private_ip: text(own),
        more_ips: more
            .filter(|ip| Some(*ip) != own)
            .map(str::to_owned)
            .collect(),
        ipv6: six
            .filter_map(|six| six.ipv6_address().map(str::to_owned))
            .collect(),
        prefixes: found.ipv4_prefixes().len() + found.ipv6_prefixes().len(),
        managed: found.requester_managed() == Some(true)
            || crate::aws::ec2::operator(found.operator()).is_some(),
    }
}
