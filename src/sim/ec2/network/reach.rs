//! Who reaches whom, by the rules of security groups: out of the one's, and into the other's.
//!
//! VPC user guide, "Security groups": rules only allow, all groups of an interface count together, and answers to what
//! was let through need no rule. Routes are not simulated: what is no interface here counts as reached once it is let out.

use std::net::IpAddr;

use jiff::Timestamp;

use super::cidr::Cidr;
use super::model::{Group, Interface, Network, Peer, Permission};
use crate::sim::ec2::model::InstanceState;
use crate::sim::world::Estate;

/// The other side as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    pub address: IpAddr,
    pub groups: &'a [String],
}

/// Tells whether a running instance reaches an address at a TCP port, by any of its interfaces.
pub fn reaches(estate: &Estate, instance_id: &str, to: &str, port: u16, now: Timestamp) -> bool {
    let Ok(to) = to.parse::<IpAddr>() else {
        return false;
    };
    if !is_running(estate, instance_id, now) {
        return false;
    }
    let network = &estate.network;
    let own = network.on(instance_id, now);
    let there = at(estate, to, now);
    let groups = there.map_or(&[][..], |there| there.groups.as_slice());
    let out = Side {
        address: to,
        groups,
    };
    let lets_in = |from: &Interface, there: &Interface| {
        let side = side(from);
        from.vpc_id == there.vpc_id
            && side.is_some_and(|side| accepts(estate, there, side, port, now))
    };
    own.iter().any(|from| {
        allows(network, &from.groups, true, out, port)
            && there.is_none_or(|there| lets_in(from, there))
    })
}

/// Tells whether an interface lets somebody in at a TCP port, and whether anybody is there to answer.
pub fn accepts(
    estate: &Estate,
    there: &Interface,
    from: Side<'_>,
    port: u16,
    now: Timestamp,
) -> bool {
    let held = there.held(now);
    held.is_some_and(|held| is_running(estate, &held.instance_id, now))
        && allows(&estate.network, &there.groups, false, from, port)
}

/// An interface as the other side of a rule.
pub fn side(of: &Interface) -> Option<Side<'_>> {
    let address = of.private_ip.parse().ok()?;
    let groups = &of.groups;
    Some(Side { address, groups })
}

/// Finds the interface that an address belongs to, private or public.
fn at(estate: &Estate, address: IpAddr, now: Timestamp) -> Option<&Interface> {
    let text = address.to_string();
    let mut all = estate.network.interfaces.values();
    all.find(|one| {
        let public = super::rows::public_ip(estate, one, "", now);
        one.private_ip == text || public.is_some_and(|(public, _)| public == text)
    })
}

fn is_running(estate: &Estate, id: &str, now: Timestamp) -> bool {
    let instance = estate.instances.get(id);
    instance.is_some_and(|instance| *instance.state.at(now) == InstanceState::Running)
}

fn allows(network: &Network, groups: &[String], egress: bool, other: Side<'_>, port: u16) -> bool {
    let groups = groups.iter().filter_map(|id| network.groups.get(id));
    groups
        .flat_map(|group: &Group| &group.rules)
        .any(|rule| rule.egress == egress && fits(&rule.permission, egress, other, i32::from(port)))
}

fn fits(permission: &Permission, egress: bool, other: Side<'_>, port: i32) -> bool {
    let protocol = match permission.protocol.as_str() {
        "-1" => true,
        "tcp" => permission
            .ports
            .is_some_and(|(from, to)| (from..=to).contains(&port)),
        _other => false,
    };
    protocol
        && match &permission.peer {
            Peer::V4(cidr) | Peer::V6(cidr) => {
                Cidr::parse(cidr).is_some_and(|cidr| cidr.contains(other.address))
            }
            Peer::Group(id) => other.groups.contains(id),
            // Which addresses a list holds is not simulated: whatever gets out by it may be anywhere.
            Peer::PrefixList(_) => egress,
        }
}
