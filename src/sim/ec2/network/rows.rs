//! The network as EC2 shows it at an instant. Nothing here changes the world.
//! An interface on an instance is shown twice: as the instance's, and as itself.

use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::model::{Address, Group, Interface, Network, Peer, Permission, Plugged, Rule};
use crate::sim::ec2::model::Instance;
use crate::sim::ec2::rows::{date, tags};
use crate::sim::world::{Estate, digest};

/// Shows the groups of an interface.
pub fn identifiers(network: &Network, ids: &[String]) -> Vec<ec2::GroupIdentifier> {
    let name = |id: &String| network.groups.get(id).map(|group| group.name.clone());
    let row = |id: &String| {
        ec2::GroupIdentifier::builder()
            .group_id(id)
            .set_group_name(name(id))
    };
    ids.iter().map(|id| row(id).build()).collect()
}

/// Returns the public address of an interface at `now`, and whose it is.
pub fn public_ip(
    estate: &Estate,
    of: &Interface,
    account: &str,
    now: Timestamp,
) -> Option<(String, String)> {
    if let Some(elastic) = estate.network.elastic(&of.id) {
        return Some((elastic.public_ip.clone(), account.to_owned()));
    }
    let held = of.held(now).filter(|held| held.device_index == 0)?;
    let instance = estate.instances.get(&held.instance_id)?;
    let own = instance.public_ip.at(now).clone()?;
    Some((own, "amazon".to_owned()))
}

/// Shows an interface of an instance.
pub fn of_instance(
    estate: &Estate,
    of: &Interface,
    account: &str,
    now: Timestamp,
) -> ec2::InstanceNetworkInterface {
    let association = public_ip(estate, of, account, now).map(|(ip, owner)| {
        ec2::InstanceNetworkInterfaceAssociation::builder()
            .public_ip(ip)
            .ip_owner_id(owner)
            .build()
    });
    let attachment = of.held(now).map(|held| {
        ec2::InstanceNetworkInterfaceAttachment::builder()
            .attachment_id(&held.id)
            .device_index(held.device_index)
            .delete_on_termination(held.delete_on_termination)
            .attach_time(date(held.attached))
            .status(attachment_status(held, now))
            .network_card_index(0)
            .build()
    });
    let own = ec2::InstancePrivateIpAddress::builder()
        .primary(true)
        .private_ip_address(&of.private_ip)
        .set_association(association.clone());
    ec2::InstanceNetworkInterface::builder()
        .network_interface_id(&of.id)
        .subnet_id(&of.subnet_id)
        .vpc_id(&of.vpc_id)
        .private_ip_address(&of.private_ip)
        .private_ip_addresses(own.build())
        .owner_id(account)
        .description(&of.description)
        .mac_address(mac_address(&of.id))
        .source_dest_check(of.source_dest_check)
        .status(ec2::NetworkInterfaceStatus::InUse)
        .interface_type("interface")
        .set_groups(Some(identifiers(&estate.network, &of.groups)))
        .set_association(association)
        .set_attachment(attachment)
        .build()
}

fn attachment_status(held: &Plugged, now: Timestamp) -> ec2::AttachmentStatus {
    ec2::AttachmentStatus::from(held.state.at(now).name())
}

fn mac_address(id: &str) -> String {
    let hex = digest(id, 7, 10);
    let pairs: Vec<&str> = (0..5).map(|n| &hex[2 * n..2 * n + 2]).collect();
    format!("02:{}", pairs.join(":"))
}

/// Shows an interface.
pub fn interface(
    estate: &Estate,
    of: &Interface,
    account: &str,
    now: Timestamp,
) -> ec2::NetworkInterface {
    let elastic = estate.network.elastic(&of.id);
    let association = public_ip(estate, of, account, now).map(|(ip, owner)| {
        let held = elastic.and_then(|address| address.association.clone());
        ec2::NetworkInterfaceAssociation::builder()
            .public_ip(ip)
            .ip_owner_id(owner)
            .set_allocation_id(elastic.map(|address| address.allocation_id.clone()))
            .set_association_id(held.map(|held| held.id))
            .build()
    });
    let own = ec2::NetworkInterfacePrivateIpAddress::builder()
        .primary(true)
        .private_ip_address(&of.private_ip)
        .set_association(association.clone());
    let held = of.held(now);
    let status = if held.is_some() {
        ec2::NetworkInterfaceStatus::InUse
    } else {
        ec2::NetworkInterfaceStatus::Available
    };
    ec2::NetworkInterface::builder()
        .network_interface_id(&of.id)
        .subnet_id(&of.subnet_id)
        .vpc_id(&of.vpc_id)
        .availability_zone(&of.zone)
        .private_ip_address(&of.private_ip)
        .private_ip_addresses(own.build())
        .owner_id(account)
        .description(&of.description)
        .mac_address(mac_address(&of.id))
        .source_dest_check(of.source_dest_check)
        .interface_type(if of.endpoint.is_some() {
            ec2::NetworkInterfaceType::VpcEndpoint
        } else {
            ec2::NetworkInterfaceType::Interface
        })
        .requester_managed(of.endpoint.is_some())
        .status(status)
        .set_groups(Some(identifiers(&estate.network, &of.groups)))
        .set_association(association)
        .set_attachment(held.map(|held| attachment(held, account, now)))
        .set_tag_set(Some(tags(&of.tags)))
        .build()
}

fn attachment(held: &Plugged, account: &str, now: Timestamp) -> ec2::NetworkInterfaceAttachment {
    ec2::NetworkInterfaceAttachment::builder()
        .attachment_id(&held.id)
        .instance_id(&held.instance_id)
        .instance_owner_id(account)
        .device_index(held.device_index)
        .network_card_index(0)
        .delete_on_termination(held.delete_on_termination)
        .attach_time(date(held.attached))
        .status(attachment_status(held, now))
        .build()
}

/// Shows an Elastic IP address.
pub fn address(estate: &Estate, of: &Address, account: &str, now: Timestamp) -> ec2::Address {
    let held = of.association.as_ref();
    let interface = held.and_then(|held| estate.network.interfaces.get(&held.interface_id));
    let plugged = interface.and_then(|one| one.held(now));
    ec2::Address::builder()
        .allocation_id(&of.allocation_id)
        .public_ip(&of.public_ip)
        .domain(ec2::DomainType::Vpc)
        .set_association_id(held.map(|held| held.id.clone()))
        .set_network_interface_id(held.map(|held| held.interface_id.clone()))
        .set_network_interface_owner_id(held.map(|_| account.to_owned()))
        .set_private_ip_address(interface.map(|one| one.private_ip.clone()))
        .set_instance_id(plugged.map(|held| held.instance_id.clone()))
        .set_tags(Some(tags(&of.tags)))
        .build()
}

/// Shows a group, with its rules put together as permissions.
pub fn group(of: &Group, account: &str) -> ec2::SecurityGroup {
    let permissions = |egress: bool| {
        let rules = of.rules.iter().filter(move |rule| rule.egress == egress);
        rules.map(|rule| permission(&rule.permission, rule.description.as_deref(), account))
    };
    ec2::SecurityGroup::builder()
        .group_id(&of.id)
        .group_name(&of.name)
        .description(&of.description)
        .vpc_id(&of.vpc_id)
        .owner_id(account)
        .set_ip_permissions(Some(permissions(false).collect()))
        .set_ip_permissions_egress(Some(permissions(true).collect()))
        .set_tags(Some(tags(&of.tags)))
        .build()
}

/// Shows a permission for its one peer.
pub fn permission(of: &Permission, description: Option<&str>, account: &str) -> ec2::IpPermission {
    let description = description.map(str::to_owned);
    let row = ec2::IpPermission::builder()
        .ip_protocol(&of.protocol)
        .set_from_port(of.ports.map(|(from, _)| from))
        .set_to_port(of.ports.map(|(_, to)| to));
    match &of.peer {
        Peer::V4(cidr) => {
            let range = ec2::IpRange::builder().cidr_ip(cidr);
            row.ip_ranges(range.set_description(description).build())
        }
        Peer::V6(cidr) => {
            let range = ec2::Ipv6Range::builder().cidr_ipv6(cidr);
            row.ipv6_ranges(range.set_description(description).build())
        }
        Peer::Group(id) => {
            let pair = ec2::UserIdGroupPair::builder()
                .group_id(id)
                .user_id(account);
            row.user_id_group_pairs(pair.set_description(description).build())
        }
        Peer::PrefixList(id) => {
            let list = ec2::PrefixListId::builder().prefix_list_id(id);
            row.prefix_list_ids(list.set_description(description).build())
        }
    }
    .build()
}

/// Shows a rule by itself; where all ports are meant, EC2 says -1.
pub fn rule(group: &Group, of: &Rule, account: &str) -> ec2::SecurityGroupRule {
    let (from, to) = of.permission.ports.unwrap_or((-1, -1));
    let row = ec2::SecurityGroupRule::builder()
        .security_group_rule_id(&of.id)
        .group_id(&group.id)
        .group_owner_id(account)
        .is_egress(of.egress)
        .ip_protocol(&of.permission.protocol)
        .from_port(from)
        .to_port(to)
        .set_description(of.description.clone())
        .set_tags(Some(tags(&of.tags)));
    match &of.permission.peer {
        Peer::V4(cidr) => row.cidr_ipv4(cidr),
        Peer::V6(cidr) => row.cidr_ipv6(cidr),
        Peer::PrefixList(id) => row.prefix_list_id(id),
        Peer::Group(id) => {
            let other = ec2::ReferencedSecurityGroup::builder().group_id(id);
            row.referenced_group_info(other.user_id(account).build())
        }
    }
    .build()
}

/// Returns the public address that an instance is shown with.
pub fn public_ip_of(
    estate: &Estate,
    of: &Instance,
    account: &str,
    now: Timestamp,
) -> Option<String> {
    let primary = estate.network.primary(&of.id, now);
    match primary {
        Some(primary) => public_ip(estate, primary, account, now).map(|(ip, _)| ip),
        None => of.public_ip.at(now).clone(),
    }
}
