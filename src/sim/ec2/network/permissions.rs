//! A request's permissions, taken apart into one for each peer, as EC2 keeps them.
//!
//! EC2 API reference, `IpPermission`: a permission names a protocol, ports, and any number of peers.

use aws_sdk_ec2::types as ec2;

use super::cidr::Cidr;
use super::model::{Peer, Permission};
use crate::sim::refusal::Refusal;

/// What a request asks for: permission, and the description of its peer.
pub type Asked = (Permission, Option<String>);

/// Takes permissions apart.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`, `InvalidGroupId.Malformed`.
pub fn parse(permissions: &[ec2::IpPermission]) -> Result<Vec<Asked>, Refusal> {
    let mut asked = Vec::new();
    for permission in permissions {
        let peers = peers(permission)?;
        if peers.is_empty() {
            return Err(Refusal::missing("ipRanges"));
        }
        for (peer, description) in peers {
            let (protocol, ports) = protocol(permission)?;
            let permission = Permission {
                protocol,
                ports,
                peer,
            };
            asked.push((permission, description));
        }
    }
    Ok(asked)
}

fn protocol(permission: &ec2::IpPermission) -> Result<(String, Option<(i32, i32)>), Refusal> {
    let word = permission.ip_protocol().unwrap_or_default();
    let word = match word.to_ascii_lowercase().as_str() {
        "" => return Err(Refusal::missing("ipProtocol")),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_owned(),
    };
    let known = ["-1", "tcp", "udp", "icmp", "icmpv6"].contains(&word.as_str());
    if !known && word.parse::<u8>().is_err() {
        let message = format!("Invalid value '{word}' for IP protocol. Unknown protocol.");
        return Err(Refusal::invalid_value(message));
    }
    // Ports mean nothing for a protocol that has none.
    let ports = match (word.as_str(), permission.from_port(), permission.to_port()) {
        ("-1", ..) => None,
        ("tcp" | "udp", Some(from), Some(to)) if (0..=65_535).contains(&from) && from <= to => {
            Some((from, to.min(65_535)))
        }
        ("tcp" | "udp", None, None) => return Err(Refusal::missing("fromPort")),
        ("tcp" | "udp", from, to) => {
            let (from, to) = (from.unwrap_or(-1), to.unwrap_or(-1));
            return Err(Refusal::invalid_value(format!(
                "Invalid TCP/UDP port range ({from}:{to})"
            )));
        }
        (_, Some(from), Some(to)) => Some((from, to)),
        _ => None,
    };
    Ok((word, ports))
}

fn peers(permission: &ec2::IpPermission) -> Result<Vec<(Peer, Option<String>)>, Refusal> {
    let mut peers = Vec::new();
    for range in permission.ip_ranges() {
        let cidr = block(range.cidr_ip(), false)?;
        peers.push((Peer::V4(cidr), range.description().map(str::to_owned)));
    }
    for range in permission.ipv6_ranges() {
        let cidr = block(range.cidr_ipv6(), true)?;
        peers.push((Peer::V6(cidr), range.description().map(str::to_owned)));
    }
    for pair in permission.user_id_group_pairs() {
        let id = pair.group_id().ok_or_else(|| Refusal::missing("groupId"))?;
        let description = pair.description().map(str::to_owned);
        peers.push((Peer::Group(id.to_owned()), description));
    }
    for list in permission.prefix_list_ids() {
        let id = list.prefix_list_id().unwrap_or_default().to_owned();
        peers.push((Peer::PrefixList(id), list.description().map(str::to_owned)));
    }
    Ok(peers)
}

fn block(text: Option<&str>, v6: bool) -> Result<String, Refusal> {
    let text = text.unwrap_or_default();
    match Cidr::parse(text) {
        Some(cidr) if cidr.is_v6() == v6 => Ok(text.to_owned()),
        Some(_) | None => Err(Refusal::invalid_value(format!(
            "CIDR block {text} is malformed"
        ))),
    }
}
