//! Security groups: `CreateSecurityGroup`, `DescribeSecurityGroups`.
//!
//! A new group lets everything out (VPC user guide, "Security groups": by IPv6 too where its VPC has a block of
//! it) and nothing in.

use aws_sdk_ec2::operation::create_security_group::{
    CreateSecurityGroupInput, CreateSecurityGroupOutput,
};
use aws_sdk_ec2::operation::describe_security_groups::{
    DescribeSecurityGroupsInput, DescribeSecurityGroupsOutput,
};
use aws_sdk_ec2::types as ec2;

use super::model::{Group, Network, Peer, Permission, Rule};
use super::rows;
use crate::sim::call::Call;
use crate::sim::ec2::model::Tags;
use crate::sim::ec2::{ids, tags};
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `CreateSecurityGroup`: the name is unique in its VPC.
pub fn create(
    input: &CreateSecurityGroupInput,
    call: &mut Call<'_>,
) -> Answer<CreateSecurityGroupOutput> {
    let kind = ec2::ResourceType::SecurityGroup;
    let tags = tags::of_creation(input.tag_specifications(), &kind)?;
    let name = ids::required(input.group_name(), "groupName")?.to_owned();
    let description = ids::required(input.description(), "groupDescription")?.to_owned();
    well_worded(&name, "groupName")?;
    well_worded(&description, "groupDescription")?;
    let vpc_id = vpc(input.vpc_id(), &call.estate().network)?;
    call.permit()?;
    if name.starts_with("sg-") || name == "default" {
        let message = format!("Invalid value '{name}' for groupName. Cannot use this name.");
        return Err(Refusal::invalid_value(message));
    }
    free(&name, &vpc_id, &call.estate().network)?;
    let group = Group {
        id: call.world().new_id("sg"),
        rules: default_rules(&vpc_id, call),
        name,
        description,
        vpc_id,
        tags,
        visibility: call.new_visibility(),
    };
    let row = rows::group(&group, call.account());
    let groups = &mut call.estate().network.groups;
    groups.insert(group.id.clone(), group);
    answer(move |output: &mut CreateSecurityGroupOutput| {
        output.group_id = row.group_id;
        output.tags = row.tags;
    })
}

/// EC2 API reference, `CreateSecurityGroup`: up to 255 characters of a few kinds.
fn well_worded(text: &str, parameter: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-:/()#,@[]+=&;{}!$* ".contains(c);
    if !text.is_empty() && text.chars().count() <= 255 && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Refusal::invalid_value(format!(
        "Value ({text}) for parameter {parameter} is invalid. Character sets beyond ASCII are not supported."
    )))
}

fn vpc(named: Option<&str>, network: &Network) -> Result<String, Refusal> {
    match named {
        Some(id) if network.vpcs.contains_key(id) => Ok(id.to_owned()),
        Some(id) => {
            let message = format!("The vpc ID '{id}' does not exist");
            Err(Refusal::client("InvalidVpcID.NotFound", message))
        }
        None => {
            let default = network.vpcs.values().find(|vpc| vpc.is_default);
            let default = default.map(|vpc| vpc.id.clone());
            default.ok_or_else(|| {
                let message = "No default VPC for this user";
                Refusal::client("VPCIdNotSpecified", message)
            })
        }
    }
}

fn free(name: &str, vpc_id: &str, network: &Network) -> Result<(), Refusal> {
    let mut groups = network.groups.values();
    if groups.any(|group| group.name == name && group.vpc_id == vpc_id) {
        let message = format!("The security group '{name}' already exists for VPC '{vpc_id}'");
        return Err(Refusal::client("InvalidGroup.Duplicate", message));
    }
    if network.groups.len() < network.group_quota {
        return Ok(());
    }
    Err(Refusal::client(
        "SecurityGroupLimitExceeded",
        format!("The maximum number of security groups for VPC '{vpc_id}' has been reached."),
    ))
}

fn default_rules(vpc_id: &str, call: &mut Call<'_>) -> Vec<Rule> {
    let vpc = call.estate().network.vpcs.get(vpc_id);
    let v6 = vpc.is_some_and(|vpc| vpc.ipv6.is_some());
    let everywhere = [
        Peer::V4("0.0.0.0/0".to_owned()),
        Peer::V6("::/0".to_owned()),
    ];
    let everywhere = everywhere.into_iter().take(if v6 { 2 } else { 1 });
    let rule = |peer| Rule {
        id: call.world().new_id("sgr"),
        egress: true,
        permission: Permission {
            protocol: "-1".to_owned(),
            ports: None,
            peer,
        },
        description: None,
        tags: Tags::new(),
    };
    everywhere.map(rule).collect()
}

impl Filtered for ec2::SecurityGroup {
    const NAMES: &'static [&'static str] = &["description", "group-id", "group-name", "vpc-id"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "description" => shown::text(self.description()),
            "group-name" => shown::text(self.group_name()),
            "vpc-id" => shown::text(self.vpc_id()),
            _ => shown::text(self.group_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeSecurityGroups`
pub fn describe(
    input: &DescribeSecurityGroupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSecurityGroupsOutput> {
    call.permit()?;
    let (now, account) = (call.now(), call.account().to_owned());
    let network = &call.estate().network;
    let wanted = input.group_ids();
    for id in wanted {
        if !found(network, id)?.visibility.read_by_id() {
            return Err(no_group(id));
        }
    }
    let named = |group: &&Group| {
        if wanted.is_empty() {
            group.visibility.listed(now)
        } else {
            wanted.contains(&group.id)
        }
    };
    let by_name = |group: &&Group| {
        input.group_names().is_empty() || input.group_names().contains(&group.name)
    };
    let rows = network.groups.values().filter(named).filter(by_name);
    let rows = rows.map(|group| rows::group(group, &account)).collect();
    let kept = filters::keep(rows, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token()).with_ids(wanted, "groupIdSet");
    let (rows, token) = page.cut(kept, |row| row.group_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeSecurityGroupsOutput| {
        output.security_groups = Some(rows);
        output.next_token = token;
    })
}

/// Finds a group.
pub fn found<'a>(network: &'a Network, id: &str) -> Result<&'a Group, Refusal> {
    ids::well_formed(id, "sg-", "InvalidGroupId.Malformed")?;
    network.groups.get(id).ok_or_else(|| no_group(id))
}

/// Finds the groups that something in a VPC shall have: all of that VPC, and five at most (VPC user guide, quotas).
pub fn fitting(network: &Network, groups: &[String], vpc_id: &str) -> Result<(), Refusal> {
    for id in groups {
        if found(network, id)?.vpc_id != vpc_id {
            let message = "You have specified two resources that belong to different networks.";
            return Err(Refusal::client("InvalidGroup.NotFound", message));
        }
    }
    if groups.len() > 5 {
        let message = "The maximum number of security groups per interface has been reached.";
        return Err(Refusal::client(
            "SecurityGroupsPerInterfaceLimitExceeded",
            message,
        ));
    }
    Ok(())
}

/// `InvalidGroup.NotFound`
pub fn no_group(id: &str) -> Refusal {
    let message = format!("The security group '{id}' does not exist");
    Refusal::client("InvalidGroup.NotFound", message)
}
