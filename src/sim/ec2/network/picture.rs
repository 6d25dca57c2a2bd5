//! The network in the picture of a place: groups, interfaces and addresses, each by its id.
//! VPCs and subnets are left out, since no call changes them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::model::{Address, Group, Interface, Network};
use super::rules::words;

/// Shows the network by kind.
pub fn of(network: &Network, now: Timestamp) -> [(&'static str, Value); 3] {
    let groups = network.groups.values();
    let groups = groups.map(|group| (group.id.clone(), group_picture(group)));
    let interfaces = network.interfaces.values();
    let interfaces = interfaces.map(|one| (one.id.clone(), interface_picture(one, now)));
    let addresses = network.addresses.values();
    let addresses = addresses.map(|one| (one.allocation_id.clone(), address_picture(one)));
    [
        ("security_groups", Value::Object(groups.collect())),
        ("interfaces", Value::Object(interfaces.collect())),
        ("addresses", Value::Object(addresses.collect())),
    ]
}

fn group_picture(group: &Group) -> Value {
    let words = |egress: bool| {
        let rules = group.rules.iter().filter(move |rule| rule.egress == egress);
        let mut words: Vec<_> = rules.map(|rule| words(&rule.permission)).collect();
        words.sort();
        words
    };
    json!({
        "name": group.name,
        "description": group.description,
        "vpc_id": group.vpc_id,
        "ingress": words(false),
        "egress": words(true),
        "tags": group.tags,
    })
}

fn interface_picture(one: &Interface, now: Timestamp) -> Value {
    let held = one.held(now).map(|held| {
        json!({
            "instance_id": held.instance_id,
            "device_index": held.device_index,
            "state": held.state.at(now).name(),
            "delete_on_termination": held.delete_on_termination,
        })
    });
    json!({
        "subnet_id": one.subnet_id,
        "private_ip": one.private_ip,
        "groups": one.groups,
        "source_dest_check": one.source_dest_check,
        "attachment": held,
        "tags": one.tags,
    })
}

fn address_picture(one: &Address) -> Value {
    let held = one.association.as_ref().map(|held| &held.interface_id);
    json!({"public_ip": one.public_ip, "interface_id": held, "tags": one.tags})
}
