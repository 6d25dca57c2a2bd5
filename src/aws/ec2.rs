//! What EC2 tells of volumes and instances becomes plain data, for all who read them.
//! Asks nothing itself.

use aws_sdk_ec2::types::{
    Instance as SdkInstance, InstanceBlockDeviceMapping, OperatorResponse, Tag,
    Volume as SdkVolume, VolumeAttachment,
};

use crate::domain::ec2::{Attachment, Instance, Mapping, PublicAddress, Tags, Volume};
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::text::Untrusted;

/// Reads a volume as `DescribeVolumes` tells of it.
pub fn volume(found: &SdkVolume) -> Volume {
    Volume {
        id: VolumeId::new(text(found.volume_id())),
        volume_type: text(
            found
                .volume_type()
                .map(aws_sdk_ec2::types::VolumeType::as_str),
        ),
        size: found.size().unwrap_or_default(),
        iops: found.iops(),
        throughput: found.throughput(),
        encrypted: found.encrypted().unwrap_or(false),
        kms_key: found.kms_key_id().map(str::to_owned),
        multi_attach: found.multi_attach_enabled().unwrap_or(false),
        state: text(found.state().map(aws_sdk_ec2::types::VolumeState::as_str)),
        zone: text(found.availability_zone()),
        operator: operator(found.operator()),
        attachments: found.attachments().iter().filter_map(attachment).collect(),
        tags: tags_of(found.tags()),
    }
}

fn attachment(found: &VolumeAttachment) -> Option<Attachment> {
    Some(Attachment {
        instance: InstanceId::from(found.instance_id()?),
        device: text(found.device()),
        state: text(
            found
                .state()
                .map(aws_sdk_ec2::types::VolumeAttachmentState::as_str),
        ),
        delete_on_termination: found.delete_on_termination().unwrap_or(false),
        card: found.ebs_card_index(),
    })
}

/// Reads an instance as `DescribeInstances` tells of it.
pub fn instance(found: &SdkInstance) -> Instance {
    let state = found.state().and_then(|state| state.name());
    let platform = found
        .platform()
        .map(aws_sdk_ec2::types::PlatformValues::as_str);
    let codes = found.product_codes().iter();
    Instance {
        id: InstanceId::new(text(found.instance_id())),
        state: text(state.map(aws_sdk_ec2::types::InstanceStateName::as_str)),
        instance_type: text(
            found
                .instance_type()
                .map(aws_sdk_ec2::types::InstanceType::as_str),
        ),
        zone: text(
            found
                .placement()
                .and_then(|place| place.availability_zone()),
        ),
        root_device: text(found.root_device_name()),
        root_device_type: text(
            found
                .root_device_type()
                .map(aws_sdk_ec2::types::DeviceType::as_str),
        ),
        windows: platform.is_some_and(|platform| platform.eq_ignore_ascii_case("windows")),
        public_address: public_address(found),
        lifecycle: found
            .instance_lifecycle()
            .map(|lifecycle| lifecycle.as_str().to_owned()),
        spot_request: found.spot_instance_request_id().map(str::to_owned),
        product_codes: codes.map(|code| text(code.product_code_id())).collect(),
        hibernation: found
            .hibernation_options()
            .and_then(aws_sdk_ec2::types::HibernationOptions::configured)
            .unwrap_or(false),
        operator: operator(found.operator()),
        interfaces: found.network_interfaces().len(),
        mappings: found
            .block_device_mappings()
            .iter()
            .filter_map(mapping)
            .collect(),
        tags: tags_of(found.tags()),
    }
}

fn public_address(found: &SdkInstance) -> Option<PublicAddress> {
    let ip = found.public_ip_address().filter(|ip| !ip.is_empty())?;
    let owner = found
        .network_interfaces()
        .iter()
        .filter_map(|interface| interface.association())
        .find(|association| association.public_ip() == Some(ip))
        .and_then(|association| association.ip_owner_id());
    Some(PublicAddress {
        ip: ip.to_owned(),
        owner: owner.map(str::to_owned),
    })
}

fn mapping(found: &InstanceBlockDeviceMapping) -> Option<Mapping> {
    let ebs = found.ebs()?;
    Some(Mapping {
        device: text(found.device_name()),
        volume: VolumeId::from(ebs.volume_id()?),
        state: text(
            ebs.status()
                .map(aws_sdk_ec2::types::AttachmentStatus::as_str),
        ),
        delete_on_termination: ebs.delete_on_termination().unwrap_or(false),
    })
}

/// Returns the service that manages a resource, if one does.
pub fn operator(operator: Option<&OperatorResponse>) -> Option<String> {
    let operator = operator.filter(|operator| operator.managed() == Some(true))?;
    Some(operator.principal().unwrap_or("an AWS service").to_owned())
}

/// Reads tags by their exact bytes.
pub fn tags_of(tags: &[Tag]) -> Tags {
    let text = |text: Option<&str>| Untrusted::new(text.unwrap_or_default());
    tags.iter()
        .map(|tag| (text(tag.key()), text(tag.value())))
        .collect()
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}
