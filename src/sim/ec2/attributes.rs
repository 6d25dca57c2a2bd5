//! `DescribeInstanceAttribute` and `ModifyInstanceAttribute`.
//!
//! An attribute that is not simulated is refused; a change that seemed to work would hide a mistake.

use aws_sdk_ec2::operation::describe_instance_attribute::{
    DescribeInstanceAttributeInput, DescribeInstanceAttributeOutput,
};
use aws_sdk_ec2::operation::modify_instance_attribute::{
    ModifyInstanceAttributeInput, ModifyInstanceAttributeOutput,
};
use aws_sdk_ec2::types::{self as ec2, EbsInstanceBlockDeviceSpecification as Specification};
use data_encoding::BASE64;
use jiff::Timestamp;

use super::model::{Attachment, InstanceState};
use super::network::rows::identifiers;
use super::{ids, rows};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::Estate;

/// `DescribeInstanceAttribute`: one attribute at a time.
pub fn describe(
    input: &DescribeInstanceAttributeInput,
    call: &mut Call<'_>,
) -> Answer<DescribeInstanceAttributeOutput> {
    call.permit()?;
    let now = call.now();
    let id = ids::required(input.instance_id(), "instanceId")?;
    let of = ids::instance(call.estate(), id)?.clone();
    let mappings = rows::mappings(call.estate(), id, now);
    let network = &call.estate().network;
    let primary = network.primary(id, now);
    let source_dest_check = primary.is_some_and(|one| one.source_dest_check);
    let groups = primary.map(|one| identifiers(network, &one.groups));
    let attribute = input.attribute().map(ec2::InstanceAttributeName::as_str);
    let attribute = ids::required(attribute, "attribute")?;
    let mut told = DescribeInstanceAttributeOutput::builder();
    told = match attribute {
        "blockDeviceMapping" => told.set_block_device_mappings(Some(mappings)),
        "disableApiStop" => told.disable_api_stop(boolean(of.disable_api_stop)),
        "disableApiTermination" => {
            told.disable_api_termination(boolean(of.disable_api_termination))
        }
        "instanceInitiatedShutdownBehavior" => {
            told.instance_initiated_shutdown_behavior(text(Some(of.settings.shutdown_behavior)))
        }
        "instanceType" => told.instance_type(text(Some(of.instance_type))),
        "productCodes" => told.set_product_codes(Some(rows::product_codes(&of.product_codes))),
        "ebsOptimized" => told.ebs_optimized(boolean(of.settings.ebs_optimized)),
        "enclaveOptions" => {
            let enclave = ec2::EnclaveOptions::builder().enabled(of.settings.enclave);
            told.enclave_options(enclave.build())
        }
        "groupSet" => told.set_groups(groups),
        "sourceDestCheck" => told.source_dest_check(boolean(source_dest_check)),
        "rootDeviceName" => told.root_device_name(text(Some(of.root_device_name))),
        "userData" => {
            let encoded = of.user_data.map(|data| BASE64.encode(data.as_bytes()));
            told.user_data(text(encoded))
        }
        other => {
            let message = format!("Value ({other}) for parameter attribute is invalid.");
            return Err(Refusal::invalid_value(message));
        }
    };
    let told = told.instance_id(of.id).build();
    answer(move |output: &mut DescribeInstanceAttributeOutput| copy(told, output))
}

fn copy(told: DescribeInstanceAttributeOutput, output: &mut DescribeInstanceAttributeOutput) {
    output.instance_id = told.instance_id;
    output.block_device_mappings = told.block_device_mappings;
    output.disable_api_stop = told.disable_api_stop;
    output.disable_api_termination = told.disable_api_termination;
    output.instance_initiated_shutdown_behavior = told.instance_initiated_shutdown_behavior;
    output.instance_type = told.instance_type;
    output.product_codes = told.product_codes;
    output.root_device_name = told.root_device_name;
    output.ebs_optimized = told.ebs_optimized;
    output.enclave_options = told.enclave_options;
    output.groups = told.groups;
    output.source_dest_check = told.source_dest_check;
    output.user_data = told.user_data;
}

fn boolean(value: bool) -> ec2::AttributeBooleanValue {
    ec2::AttributeBooleanValue::builder().value(value).build()
}

fn text(value: Option<String>) -> ec2::AttributeValue {
    ec2::AttributeValue::builder().set_value(value).build()
}

/// `ModifyInstanceAttribute`, for the attributes that a restore puts back.
///
/// EC2 API reference, `EbsInstanceBlockDeviceSpecification`: an entry that does not say whether to delete
/// on termination means that it shall.
pub fn modify(
    input: &ModifyInstanceAttributeInput,
    call: &mut Call<'_>,
) -> Answer<ModifyInstanceAttributeOutput> {
    let now = call.now();
    let id = ids::required(input.instance_id(), "instanceId")?.to_owned();
    ids::instance(call.estate(), &id)?;
    call.permit()?;
    only_known(input)?;
    let state = *ids::instance(call.estate(), &id)?.state.at(now);
    if matches!(
        state,
        InstanceState::ShuttingDown | InstanceState::Terminated
    ) {
        let message = format!("The instance '{id}' is not in a state to be modified.");
        return Err(Refusal::client("IncorrectInstanceState", message));
    }
    for mapping in input.block_device_mappings() {
        mapped(call.estate(), &id, mapping, now)?;
    }
    for mapping in input.block_device_mappings() {
        let wanted = mapping.ebs().and_then(Specification::delete_on_termination);
        let held = mapped(call.estate(), &id, mapping, now)?;
        held.delete_on_termination = wanted.unwrap_or(true);
    }
    let instance = ids::instance(call.estate(), &id)?;
    if let Some(value) = input
        .disable_api_stop()
        .and_then(ec2::AttributeBooleanValue::value)
    {
        instance.disable_api_stop = value;
    }
    if let Some(value) = input
        .disable_api_termination()
        .and_then(ec2::AttributeBooleanValue::value)
    {
        instance.disable_api_termination = value;
    }
    answer(|_: &mut ModifyInstanceAttributeOutput| {})
}

/// What is not simulated must not seem to work.
fn only_known(input: &ModifyInstanceAttributeInput) -> Result<(), Refusal> {
    let other = input.attribute().is_some()
        || input.instance_type().is_some()
        || input.user_data().is_some()
        || !input.groups().is_empty()
        || input.source_dest_check().is_some();
    let known = input.disable_api_stop().is_some()
        || input.disable_api_termination().is_some()
        || !input.block_device_mappings().is_empty();
    if known && !other {
        return Ok(());
    }
    Err(Refusal::invalid_combination(
        "The simulated AWS modifies disableApiStop, disableApiTermination and \
         blockDeviceMapping only",
    ))
}

/// Finds the attachment that an entry names.
fn mapped<'a>(
    estate: &'a mut Estate,
    instance_id: &str,
    mapping: &ec2::InstanceBlockDeviceMappingSpecification,
    now: Timestamp,
) -> Result<&'a mut Attachment, Refusal> {
    let device = ids::required(mapping.device_name(), "deviceName")?;
    let named = mapping.ebs().and_then(Specification::volume_id);
    let volumes = estate.volumes.values_mut();
    volumes
        .filter(|volume| named.is_none_or(|id| volume.id == id))
        .flat_map(|volume| volume.attachments.iter_mut())
        .find(|held| held.holds_on(instance_id, now) && held.device == device)
        .ok_or_else(|| {
            let message = format!("No device is currently mapped at {device}");
            Refusal::client("InvalidInstanceAttributeValue", message)
        })
}
