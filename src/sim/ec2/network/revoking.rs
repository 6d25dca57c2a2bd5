//! `RevokeSecurityGroupIngress` and `RevokeSecurityGroupEgress`: by the rule's id, or by what it allows.
//!
//! EC2 API reference: values that match no rule are no error in a default VPC, where the answer lists them, and
//! `InvalidPermission.NotFound` in any other.

use aws_sdk_ec2::operation::revoke_security_group_egress::{
    RevokeSecurityGroupEgressInput, RevokeSecurityGroupEgressOutput,
};
use aws_sdk_ec2::operation::revoke_security_group_ingress::{
    RevokeSecurityGroupIngressInput, RevokeSecurityGroupIngressOutput,
};
use aws_sdk_ec2::types as ec2;

use super::groups::found;
use super::model::{Group, Peer, Rule};
use super::permissions;
use super::rows;
use super::rules::{no_rule, words};
use crate::sim::call::Call;
use crate::sim::ec2::ids;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// What a revocation came to.
struct Revoked {
    unknown: Vec<ec2::IpPermission>,
    rules: Vec<ec2::RevokedSecurityGroupRule>,
}

/// `RevokeSecurityGroupIngress`
pub fn ingress(
    input: &RevokeSecurityGroupIngressInput,
    call: &mut Call<'_>,
) -> Answer<RevokeSecurityGroupIngressOutput> {
    let by_id = input.security_group_rule_ids();
    let revoked = revoke(input.group_id(), by_id, input.ip_permissions(), false, call)?;
    answer(move |output: &mut RevokeSecurityGroupIngressOutput| {
        output.r#return = Some(true);
        output.unknown_ip_permissions = Some(revoked.unknown);
        output.revoked_security_group_rules = Some(revoked.rules);
    })
}

/// `RevokeSecurityGroupEgress`
pub fn egress(
    input: &RevokeSecurityGroupEgressInput,
    call: &mut Call<'_>,
) -> Answer<RevokeSecurityGroupEgressOutput> {
    let by_id = input.security_group_rule_ids();
    let revoked = revoke(input.group_id(), by_id, input.ip_permissions(), true, call)?;
    answer(move |output: &mut RevokeSecurityGroupEgressOutput| {
        output.r#return = Some(true);
        output.unknown_ip_permissions = Some(revoked.unknown);
        output.revoked_security_group_rules = Some(revoked.rules);
    })
}

fn revoke(
    group_id: Option<&str>,
    by_id: &[String],
    permissions: &[ec2::IpPermission],
    egress: bool,
    call: &mut Call<'_>,
) -> Result<Revoked, Refusal> {
    let id = ids::required(group_id, "groupId")?.to_owned();
    found(&call.estate().network, &id)?;
    call.permit()?;
    match (by_id.is_empty(), permissions.is_empty()) {
        (true, true) => return Err(Refusal::missing("ipPermissions")),
        (false, false) => {
            return Err(Refusal::invalid_combination(
                "The parameters securityGroupRuleIds and ipPermissions cannot be used together",
            ));
        }
        _one_of_them => {}
    }
    let (going, unknown) = chosen(call, &id, by_id, permissions, egress)?;
    let account = call.account().to_owned();
    if going.is_empty() {
        call.nothing_changed();
    }
    let rules = going.iter().map(|rule| revoked_row(&id, rule)).collect();
    if let Some(group) = call.estate().network.groups.get_mut(&id) {
        group.rules.retain(|rule| !going.contains(rule));
    }
    let unknown = unknown.iter();
    let unknown = unknown.map(|one| rows::permission(&one.0, one.1.as_deref(), &account));
    Ok(Revoked {
        unknown: unknown.collect(),
        rules,
    })
}

/// Finds the rules that are meant, and what is asked for in vain.
fn chosen(
    call: &mut Call<'_>,
    id: &str,
    by_id: &[String],
    permissions: &[ec2::IpPermission],
    egress: bool,
) -> Result<(Vec<Rule>, Vec<permissions::Asked>), Refusal> {
    let network = &call.estate().network;
    let group = found(network, id)?;
    let mut going = Vec::new();
    for wanted in by_id {
        let rule = of(group, egress).find(|rule| rule.id == *wanted);
        going.push(rule.ok_or_else(|| no_rule(wanted))?.clone());
    }
    let vpc = network.vpcs.get(&group.vpc_id);
    let lenient = vpc.is_some_and(|vpc| vpc.is_default);
    let mut unknown = Vec::new();
    for asked in permissions::parse(permissions)? {
        match of(group, egress).find(|rule| rule.permission == asked.0) {
            Some(rule) => going.push(rule.clone()),
            None if lenient => unknown.push(asked),
            None => {
                return Err(Refusal::client(
                    "InvalidPermission.NotFound",
                    format!(
                        "The specified rule \"{}\" does not exist in this security group",
                        words(&asked.0)
                    ),
                ));
            }
        }
    }
    Ok((going, unknown))
}

fn of(group: &Group, egress: bool) -> impl Iterator<Item = &Rule> {
    group.rules.iter().filter(move |rule| rule.egress == egress)
}

fn revoked_row(group_id: &str, rule: &Rule) -> ec2::RevokedSecurityGroupRule {
    let (from, to) = rule.permission.ports.unwrap_or((-1, -1));
    let row = ec2::RevokedSecurityGroupRule::builder()
        .security_group_rule_id(&rule.id)
        .group_id(group_id)
        .is_egress(rule.egress)
        .ip_protocol(&rule.permission.protocol)
        .from_port(from)
        .to_port(to)
        .set_description(rule.description.clone());
    match &rule.permission.peer {
        Peer::V4(cidr) => row.cidr_ipv4(cidr),
        Peer::V6(cidr) => row.cidr_ipv6(cidr),
        Peer::PrefixList(id) => row.prefix_list_id(id),
        Peer::Group(id) => row.referenced_group_id(id),
    }
    .build()
}
