//! Rules of groups: `DescribeSecurityGroupRules`, `AuthorizeSecurityGroupIngress`, `AuthorizeSecurityGroupEgress`.
//!
//! A call adds all of its rules or none. There is no token: what is there already is a refusal.

use aws_sdk_ec2::operation::authorize_security_group_egress::{
    AuthorizeSecurityGroupEgressInput, AuthorizeSecurityGroupEgressOutput,
};
use aws_sdk_ec2::operation::authorize_security_group_ingress::{
    AuthorizeSecurityGroupIngressInput, AuthorizeSecurityGroupIngressOutput,
};
use aws_sdk_ec2::operation::describe_security_group_rules::{
    DescribeSecurityGroupRulesInput, DescribeSecurityGroupRulesOutput,
};
use aws_sdk_ec2::types as ec2;

use super::groups::found;
use super::model::{Network, Peer, Permission, Rule};
use super::permissions::{self, Asked};
use super::rows;
use crate::sim::call::Call;
use crate::sim::ec2::model::Tags;
use crate::sim::ec2::{ids, tags};
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `AuthorizeSecurityGroupIngress`
pub fn authorize_ingress(
    input: &AuthorizeSecurityGroupIngressInput,
    call: &mut Call<'_>,
) -> Answer<AuthorizeSecurityGroupIngressOutput> {
    let tags = of_rules(input.tag_specifications())?;
    let mut permissions = input.ip_permissions().to_vec();
    permissions.extend(simple(
        input.ip_protocol(),
        input.from_port().zip(input.to_port()),
        input.cidr_ip(),
    ));
    let rows = authorize(input.group_id(), &permissions, false, &tags, call)?;
    answer(move |output: &mut AuthorizeSecurityGroupIngressOutput| {
        output.r#return = Some(true);
        output.security_group_rules = Some(rows);
    })
}

/// `AuthorizeSecurityGroupEgress`
pub fn authorize_egress(
    input: &AuthorizeSecurityGroupEgressInput,
    call: &mut Call<'_>,
) -> Answer<AuthorizeSecurityGroupEgressOutput> {
    let tags = of_rules(input.tag_specifications())?;
    let rows = authorize(input.group_id(), input.ip_permissions(), true, &tags, call)?;
    answer(move |output: &mut AuthorizeSecurityGroupEgressOutput| {
        output.r#return = Some(true);
        output.security_group_rules = Some(rows);
    })
}

fn of_rules(specifications: &[ec2::TagSpecification]) -> Result<Tags, Refusal> {
    tags::of_creation(specifications, &ec2::ResourceType::SecurityGroupRule)
}

/// The form of one permission without a list.
fn simple(
    protocol: Option<&str>,
    ports: Option<(i32, i32)>,
    cidr: Option<&str>,
) -> Option<ec2::IpPermission> {
    let range = ec2::IpRange::builder().cidr_ip(cidr?).build();
    let permission = ec2::IpPermission::builder()
        .ip_protocol(protocol?)
        .set_from_port(ports.map(|(from, _)| from))
        .set_to_port(ports.map(|(_, to)| to));
    Some(permission.ip_ranges(range).build())
}

fn authorize(
    group_id: Option<&str>,
    permissions: &[ec2::IpPermission],
    egress: bool,
    tags: &Tags,
    call: &mut Call<'_>,
) -> Result<Vec<ec2::SecurityGroupRule>, Refusal> {
    let id = ids::required(group_id, "groupId")?.to_owned();
    found(&call.estate().network, &id)?;
    call.permit()?;
    if permissions.is_empty() {
        return Err(Refusal::missing("ipPermissions"));
    }
    let asked = permissions::parse(permissions)?;
    may_add(&call.estate().network, &id, egress, &asked)?;
    let account = call.account().to_owned();
    let mut rows = Vec::new();
    for (permission, description) in asked {
        let rule = Rule {
            id: call.world().new_id("sgr"),
            egress,
            permission,
            description,
            tags: tags.clone(),
        };
        if let Some(group) = call.estate().network.groups.get_mut(&id) {
            rows.push(rows::rule(group, &rule, &account));
            group.rules.push(rule);
        }
    }
    Ok(rows)
}

fn may_add(network: &Network, id: &str, egress: bool, asked: &[Asked]) -> Result<(), Refusal> {
    let group = found(network, id)?;
    let there = || group.rules.iter().filter(|rule| rule.egress == egress);
    for (n, (permission, _)) in asked.iter().enumerate() {
        if let Peer::Group(other) = &permission.peer {
            found(network, other)?;
        }
        let before = asked[..n].iter().any(|(earlier, _)| earlier == permission);
        if before {
            let message = "The same permission must not appear multiple times";
            return Err(Refusal::invalid_value(message));
        }
        if there().any(|rule| rule.permission == *permission) {
            return Err(Refusal::client(
                "InvalidPermission.Duplicate",
                format!(
                    "the specified rule \"{}\" already exists",
                    words(permission)
                ),
            ));
        }
    }
    if there().count() + asked.len() <= network.rule_quota {
        return Ok(());
    }
    Err(Refusal::client(
        "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached.",
    ))
}

/// Words a permission as EC2 does: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`.
pub fn words(permission: &Permission) -> String {
    let peer = match &permission.peer {
        Peer::V4(peer) | Peer::V6(peer) | Peer::Group(peer) | Peer::PrefixList(peer) => peer,
    };
    let protocol = permission.protocol.to_ascii_uppercase();
    match permission.ports {
        Some((from, to)) => {
            format!("peer: {peer}, {protocol}, from port: {from}, to port: {to}, ALLOW")
        }
        None => format!("peer: {peer}, ALL, ALLOW"),
    }
}

impl Filtered for ec2::SecurityGroupRule {
    const NAMES: &'static [&'static str] = &["group-id", "security-group-rule-id"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "group-id" => shown::text(self.group_id()),
            _ => shown::text(self.security_group_rule_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeSecurityGroupRules`
pub fn describe(
    input: &DescribeSecurityGroupRulesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSecurityGroupRulesOutput> {
    call.permit()?;
    let (now, account) = (call.now(), call.account().to_owned());
    let network = &call.estate().network;
    let wanted = input.security_group_rule_ids();
    let groups = network.groups.values();
    let groups = groups.filter(|group| group.visibility.listed(now));
    let rows = groups.flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let rows: Vec<_> = rows
        .filter(|(_, rule)| wanted.is_empty() || wanted.contains(&rule.id))
        .map(|(group, rule)| rows::rule(group, rule, &account))
        .collect();
    let is = |row: &ec2::SecurityGroupRule, id: &String| row.security_group_rule_id() == Some(id);
    if let Some(id) = wanted.iter().find(|id| !rows.iter().any(|row| is(row, id))) {
        return Err(no_rule(id));
    }
    let kept = filters::keep(rows, input.filters())?;
    let page =
        Page::new(input.max_results(), input.next_token()).with_ids(wanted, "securityGroupRuleId");
    let key =
        |row: &ec2::SecurityGroupRule| row.security_group_rule_id().unwrap_or_default().to_owned();
    let mut kept = kept;
    kept.sort_by_key(key);
    let (rows, token) = page.cut(kept, key)?;
    answer(move |output: &mut DescribeSecurityGroupRulesOutput| {
        output.security_group_rules = Some(rows);
        output.next_token = token;
    })
}

/// `InvalidSecurityGroupRuleId.NotFound`
pub fn no_rule(id: &str) -> Refusal {
    let message = format!("The security group rule ID '{id}' does not exist");
    Refusal::client("InvalidSecurityGroupRuleId.NotFound", message)
}
