//! Network interfaces: `DescribeNetworkInterfaces`, `ModifyNetworkInterfaceAttribute`.
//!
//! One attribute is changed at a time (EC2 API reference). What is not simulated must not seem to work.

use aws_sdk_ec2::operation::describe_network_interfaces::{
    DescribeNetworkInterfacesInput, DescribeNetworkInterfacesOutput,
};
use aws_sdk_ec2::operation::modify_network_interface_attribute::{
    ModifyNetworkInterfaceAttributeInput, ModifyNetworkInterfaceAttributeOutput,
};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::groups::fitting;
use super::model::{Interface, Network};
use super::rows;
use crate::sim::call::Call;
use crate::sim::ec2::ids;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

impl Filtered for ec2::NetworkInterface {
    const NAMES: &'static [&'static str] = &[
        "addresses.private-ip-address",
        "association.public-ip",
        "attachment.device-index",
        "attachment.instance-id",
        "group-id",
        "interface-type",
        "network-interface-id",
        "private-ip-address",
        "status",
        "subnet-id",
        "vpc-id",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        let held = self.attachment();
        match name {
            "addresses.private-ip-address" | "private-ip-address" => {
                shown::text(self.private_ip_address())
            }
            "association.public-ip" => {
                shown::text(self.association().and_then(|held| held.public_ip()))
            }
            "attachment.device-index" => {
                shown::shown(held.and_then(ec2::NetworkInterfaceAttachment::device_index))
            }
            "attachment.instance-id" => shown::text(held.and_then(|held| held.instance_id())),
            "group-id" => {
                let groups = self.groups().iter();
                groups
                    .filter_map(|group| group.group_id().map(str::to_owned))
                    .collect()
            }
            "interface-type" => {
                shown::text(self.interface_type().map(ec2::NetworkInterfaceType::as_str))
            }
            "status" => shown::text(self.status().map(ec2::NetworkInterfaceStatus::as_str)),
            "subnet-id" => shown::text(self.subnet_id()),
            "vpc-id" => shown::text(self.vpc_id()),
            _ => shown::text(self.network_interface_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tag_set()
    }
}

/// `DescribeNetworkInterfaces`
pub fn describe(
    input: &DescribeNetworkInterfacesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeNetworkInterfacesOutput> {
    call.permit()?;
    let (now, account) = (call.now(), call.account().to_owned());
    let wanted = input.network_interface_ids();
    for id in wanted {
        found(&mut call.estate().network, id)?;
    }
    let estate = call.estate();
    let named = |one: &&Interface| wanted.is_empty() || wanted.contains(&one.id);
    let rows = estate.network.interfaces.values().filter(named);
    let rows = rows
        .map(|one| rows::interface(estate, one, &account, now))
        .collect();
    let kept = filters::keep(rows, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .with_ids(wanted, "networkInterfaceIdsSet");
    let key =
        |row: &ec2::NetworkInterface| row.network_interface_id().unwrap_or_default().to_owned();
    let (rows, token) = page.cut(kept, key)?;
    answer(move |output: &mut DescribeNetworkInterfacesOutput| {
        output.network_interfaces = Some(rows);
        output.next_token = token;
    })
}

/// Finds an interface.
pub fn found<'a>(network: &'a mut Network, id: &str) -> Result<&'a mut Interface, Refusal> {
    ids::well_formed(id, "eni-", "InvalidNetworkInterfaceId.Malformed")?;
    network.interfaces.get_mut(id).ok_or_else(|| {
        let message = format!("The networkInterface ID '{id}' does not exist");
        Refusal::client("InvalidNetworkInterfaceID.NotFound", message)
    })
}

/// `ModifyNetworkInterfaceAttribute`, for what a relaunch puts back.
pub fn modify(
    input: &ModifyNetworkInterfaceAttributeInput,
    call: &mut Call<'_>,
) -> Answer<ModifyNetworkInterfaceAttributeOutput> {
    let id = ids::required(input.network_interface_id(), "networkInterfaceId")?.to_owned();
    let now = call.now();
    let vpc_id = found(&mut call.estate().network, &id)?.vpc_id.clone();
    call.permit()?;
    one_of_the_known(input)?;
    if !input.groups().is_empty() {
        fitting(&call.estate().network, input.groups(), &vpc_id)?;
        let interface = found(&mut call.estate().network, &id)?;
        if interface.groups != input.groups() {
            input.groups().clone_into(&mut interface.groups);
            interface.groups_since = now;
        }
    }
    let checks = input.source_dest_check();
    if let Some(value) = checks.and_then(ec2::AttributeBooleanValue::value) {
        found(&mut call.estate().network, &id)?.source_dest_check = value;
    }
    if let Some(changes) = input.attachment() {
        keep_or_delete(&mut call.estate().network, &id, changes, now)?;
    }
    answer(|_: &mut ModifyNetworkInterfaceAttributeOutput| {})
}

fn one_of_the_known(input: &ModifyNetworkInterfaceAttributeInput) -> Result<(), Refusal> {
    let other = input.description().is_some()
        || input.associate_public_ip_address().is_some()
        || input.enable_primary_ipv6().is_some();
    let known = [
        !input.groups().is_empty(),
        input.source_dest_check().is_some(),
        input.attachment().is_some(),
    ];
    if !other && known.into_iter().filter(|is| *is).count() == 1 {
        return Ok(());
    }
    Err(Refusal::invalid_combination(
        "The simulated AWS modifies one of groups, sourceDestCheck and attachment at a time",
    ))
}

fn keep_or_delete(
    network: &mut Network,
    id: &str,
    changes: &ec2::NetworkInterfaceAttachmentChanges,
    now: Timestamp,
) -> Result<(), Refusal> {
    let interface = found(network, id)?;
    let meant = ids::required(changes.attachment_id(), "attachmentId")?;
    let held = interface.plugged.as_mut();
    let held = held.filter(|held| held.id == meant);
    let held = held.ok_or_else(|| no_attachment(meant))?;
    if matches!(held.state.at(now), super::model::PlugState::Detached) {
        return Err(no_attachment(meant));
    }
    if let Some(value) = changes.delete_on_termination() {
        held.delete_on_termination = value;
    }
    Ok(())
}

/// `InvalidAttachmentID.NotFound`
pub fn no_attachment(id: &str) -> Refusal {
    let message = format!("The attachment ID '{id}' does not exist");
    Refusal::client("InvalidAttachmentID.NotFound", message)
}
