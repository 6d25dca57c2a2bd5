//! Rules of a security group: what is wanted, and what is there.
//!
//! AWS writes addresses in its own way, so both sides are brought into one form before they are compared.

use std::collections::BTreeSet;
use std::net::IpAddr;

use aws_sdk_ec2::types::{Filter, IpPermission, IpRange, Ipv6Range, SecurityGroupRule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::GroupId;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Probe};
use crate::restore::operations::ec2_read::gone_or;

/// TCP ports that are open to addresses. Addresses are single ones, `198.51.100.7/32` or `2001:db8::7/128`, or
/// ranges that the operator gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Addresses with the length of their prefix.
    pub cidrs: Vec<String>,
    /// TCP ports.
    pub ports: Vec<u16>,
}

/// One rule in one form, wherever it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// `tcp`, or `-1` for all.
    protocol: String,
    /// First and last port; `None` where the protocol has none.
    ports: Option<(i32, i32)>,
    /// An address range, a prefix list or another group.
    peer: String,
}

/// A rule with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore::operations) struct Found {
    pub id: String,
    pub egress: bool,
    pub rule: Rule,
}

impl Opening {
    /// Returns one rule for every port and address.
    #[must_use]
    pub fn rules(&self) -> BTreeSet<Rule> {
        let of_port = |port: &u16| {
            let port = i32::from(*port);
            self.cidrs.iter().map(move |cidr| Rule {
                protocol: "tcp".to_owned(),
                ports: Some((port, port)),
                peer: canonical(cidr),
            })
        };
        self.ports.iter().flat_map(of_port).collect()
    }

    fn split(&self) -> (Vec<String>, Vec<String>) {
        let all: BTreeSet<String> = self.cidrs.iter().map(|cidr| canonical(cidr)).collect();
        all.into_iter().partition(|cidr| !cidr.contains(':'))
    }

    /// Returns the permissions as API parameters, one for every port.
    pub(super) fn parameters(&self) -> Value {
        let (four, six) = self.split();
        let four: Vec<Value> = four.iter().map(|cidr| json!({"CidrIp": cidr})).collect();
        let six: Vec<Value> = six.iter().map(|cidr| json!({"CidrIpv6": cidr})).collect();
        let permission = |port: &u16| {
            let mut one = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port});
            if !four.is_empty() {
                one["IpRanges"] = json!(four);
            }
            if !six.is_empty() {
                one["Ipv6Ranges"] = json!(six);
            }
            one
        };
        self.ports.iter().map(permission).collect()
    }

    /// Returns the permissions as the SDK takes them.
    pub(super) fn permissions(&self) -> Vec<IpPermission> {
        let (four, six) = self.split();
        let four = four
            .iter()
            .map(|cidr| IpRange::builder().cidr_ip(cidr).build());
        let six = six
            .iter()
            .map(|cidr| Ipv6Range::builder().cidr_ipv6(cidr).build());
        let (four, six): (Vec<_>, Vec<_>) = (four.collect(), six.collect());
        let some = |list: &[_]| (!list.is_empty()).then(|| list.to_vec());
        let some_six = |list: &[_]| (!list.is_empty()).then(|| list.to_vec());
        let permission = |port: &u16| {
            IpPermission::builder()
                .ip_protocol("tcp")
                .from_port(i32::from(*port))
                .to_port(i32::from(*port))
                .set_ip_ranges(some(&four))
                .set_ipv6_ranges(some_six(&six))
                .build()
        };
        self.ports.iter().map(permission).collect()
    }
}

impl Rule {
    /// Returns it as people read it: `tcp 22 198.51.100.7/32`.
    #[must_use]
    pub fn shown(&self) -> String {
        let protocol = match self.protocol.as_str() {
            "-1" => "everything",
            other => other,
        };
        let ports = match self.ports {
            Some((from, to)) if from == to => format!(" {from}"),
            Some((from, to)) => format!(" {from}-{to}"),
            None => String::new(),
        };
        shown(&format!("{protocol}{ports} {}", self.peer))
    }
}

/// Writes an address range as AWS does: without host bits, IPv6 in its short form.
fn canonical(cidr: &str) -> String {
    let parsed = cidr.split_once('/').and_then(|(address, length)| {
        Some((address.parse::<IpAddr>().ok()?, length.parse::<u32>().ok()?))
    });
    match parsed {
        Some((IpAddr::V4(address), length @ 0..=32)) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let network = std::net::Ipv4Addr::from(u32::from(address) & mask);
            format!("{network}/{length}")
        }
        Some((IpAddr::V6(address), length @ 0..=128)) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            let network = std::net::Ipv6Addr::from(u128::from(address) & mask);
            format!("{network}/{length}")
        }
        _no_range => cidr.to_owned(),
    }
}

fn found(rule: &SecurityGroupRule) -> Found {
    let group = rule.referenced_group_info();
    let group = group.and_then(|group| group.group_id());
    let peer = [
        rule.cidr_ipv4(),
        rule.cidr_ipv6(),
        rule.prefix_list_id(),
        group,
    ];
    let peer = peer
        .into_iter()
        .flatten()
        .next()
        .unwrap_or("an unknown peer");
    let protocol = rule.ip_protocol().unwrap_or("an unknown protocol");
    let protocol = if protocol == "6" { "tcp" } else { protocol };
    let ports = rule.from_port().zip(rule.to_port());
    Found {
        id: rule.security_group_rule_id().unwrap_or_default().to_owned(),
        egress: rule.is_egress() == Some(true),
        rule: Rule {
            protocol: protocol.to_owned(),
            ports: ports.filter(|ports| protocol != "-1" && *ports != (-1, -1)),
            peer: canonical(peer),
        },
    }
}

/// Reads every rule of a group, in and out; `None` while lists lag behind what the group itself shows. A list without
/// rules proves nothing by itself: EC2 lists lag, and a new group lets everything out.
pub(in crate::restore::operations) async fn rules_of(
    cx: &Context,
    group: &GroupId,
) -> Result<Option<Vec<Found>>, Failure> {
    let filter = Filter::builder().name("group-id").values(group.as_str());
    let request = cx.clients.ec2.describe_security_group_rules();
    let mut pages = request.filters(filter.build()).into_paginator().send();
    let mut rules = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ec2:DescribeSecurityGroupRules", &error))?;
        rules.extend(page.security_group_rules().iter().map(found));
    }
    let Some((inward, outward)) = shown_by(cx, group).await? else {
        return Ok(None);
    };
    let listed = |egress| rules.iter().filter(|rule| rule.egress == egress).count();
    let all = listed(false) >= inward && listed(true) >= outward;
    Ok(all.then_some(rules))
}

/// Counts what a group shows as let in and let out; `None` while it is not shown.
async fn shown_by(cx: &Context, group: &GroupId) -> Result<Option<(usize, usize)>, Failure> {
    let request = cx.clients.ec2.describe_security_groups();
    let answer = match request.group_ids(group.as_str()).send().await {
        Ok(answer) => answer,
        Err(error) => return gone_or(failure("ec2:DescribeSecurityGroups", &error)),
    };
    let groups = answer.security_groups().iter();
    let counts = groups.fold((0, 0), |(inward, outward), group| {
        (
            inward + count(group.ip_permissions()),
            outward + count(group.ip_permissions_egress()),
        )
    });
    Ok(Some(counts))
}

fn count(permissions: &[IpPermission]) -> usize {
    let each = permissions.iter().map(|one| {
        one.ip_ranges().len()
            + one.ipv6_ranges().len()
            + one.prefix_list_ids().len()
            + one.user_id_group_pairs().len()
    });
    each.sum()
}

/// Stands for a probe while rules are not listed.
pub(in crate::restore::operations) fn unlisted<O>(group: &GroupId) -> Probe<O> {
    Probe::InProgress {
        detail: format!("not every rule of {group} is listed yet"),
        percent: None,
    }
}

/// Returns in what way a group is not shut but for what is wanted; `None` if it is.
pub(in crate::restore::operations) fn shut_but_for(
    rules: &[Found],
    ingress: &Opening,
    egress: &Opening,
) -> Option<String> {
    let there = |outward: bool| -> BTreeSet<Rule> {
        let side = rules.iter().filter(|found| found.egress == outward);
        side.map(|found| found.rule.clone()).collect()
    };
    let compare = |outward: bool, wanted: BTreeSet<Rule>| {
        let there = there(outward);
        let (verb, missing) = if outward {
            ("lets out", "out")
        } else {
            ("lets in", "in")
        };
        if let Some(rule) = there.difference(&wanted).next() {
            return Some(format!(
                "it {verb} {}, which the plan does not",
                rule.shown()
            ));
        }
        let rule = wanted.difference(&there).next()?;
        Some(format!("it does not let {missing} {}", rule.shown()))
    };
    compare(true, egress.rules()).or_else(|| compare(false, ingress.rules()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ReferencedSecurityGroup;

    use super::*;

    fn opening(cidrs: &[&str], ports: &[u16]) -> Opening {
        Opening {
            cidrs: cidrs.iter().map(|cidr| (*cidr).to_owned()).collect(),
            ports: ports.to_vec(),
        }
    }

    fn rule(egress: bool, cidr: &str, port: i32) -> Found {
        let rule = SecurityGroupRule::builder()
            .is_egress(egress)
            .ip_protocol("tcp");
        let rule = rule.from_port(port).to_port(port).cidr_ipv4(cidr);
        found(&rule.security_group_rule_id("sgr-1").build())
    }

    #[test]
    fn an_address_is_one_however_it_is_written() {
        for (written, one) in [
            ("198.51.100.7/32", "198.51.100.7/32"),
            ("198.51.100.7/24", "198.51.100.0/24"),
            ("2001:DB8:0:0::7/128", "2001:db8::7/128"),
            ("2001:db8:1:2:3::/64", "2001:db8:1:2::/64"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
            ("pl-1", "pl-1"),
        ] {
            assert_eq!(canonical(written), one);
        }
    }

    #[test]
    fn a_group_is_shut_only_with_exactly_the_wanted_rules() {
        let wanted = opening(&["198.51.100.7/32"], &[22]);
        let none = Opening::default();
        let exact = [rule(false, "198.51.100.7/32", 22)];
        assert_eq!(shut_but_for(&exact, &wanted, &none), None);
        let extra = [exact[0].clone(), rule(false, "0.0.0.0/0", 443)];
        let why = shut_but_for(&extra, &wanted, &none).unwrap();
        assert!(why.contains("lets in tcp 443 0.0.0.0/0"), "{why}");
        let why = shut_but_for(&[], &wanted, &none).unwrap();
        assert!(why.contains("does not let in tcp 22"), "{why}");
        let outward = [exact[0].clone(), rule(true, "10.0.0.1/32", 443)];
        let why = shut_but_for(&outward, &wanted, &none).unwrap();
        assert!(why.contains("lets out tcp 443 10.0.0.1/32"), "{why}");
        let endpoints = opening(&["10.0.0.1/32"], &[443]);
        assert_eq!(shut_but_for(&outward, &wanted, &endpoints), None);
    }

    #[test]
    fn a_rule_for_all_ports_or_for_a_group_is_none_of_ours() {
        let wanted = opening(&["0.0.0.0/0"], &[22]);
        let all = SecurityGroupRule::builder()
            .ip_protocol("-1")
            .from_port(-1)
            .to_port(-1);
        let all = found(&all.cidr_ipv4("0.0.0.0/0").build());
        assert_eq!(all.rule.shown(), "everything 0.0.0.0/0");
        assert!(shut_but_for(&[all], &wanted, &Opening::default()).is_some());
        let peer = ReferencedSecurityGroup::builder().group_id("sg-2").build();
        let group = SecurityGroupRule::builder()
            .ip_protocol("tcp")
            .from_port(22)
            .to_port(22);
        let group = found(&group.referenced_group_info(peer).build());
        assert_eq!(group.rule.shown(), "tcp 22 sg-2");
    }
}
