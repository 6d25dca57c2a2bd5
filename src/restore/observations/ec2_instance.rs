//! EC2 instances, their types, and what protects or limits them.
//! User data is never asked for: it may hold secrets.

use aws_sdk_ec2::types::{
    Instance as SdkInstance, InstanceAttributeName, InstanceBlockDeviceMapping,
    InstanceType as SdkInstanceType,
};
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, VolumeId};

use super::ec2_volume::operator;
use super::{Tags, incomplete, none_if_missing, tags_of, text};

/// A volume at a device of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Device name, `/dev/sdf`.
    pub device: String,
    /// The volume.
    pub volume: VolumeId,
    /// `attaching`, `attached`, `detaching`, `detached`.
    pub state: String,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
}

/// A public IPv4 address of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// The address.
    pub ip: String,
    /// `amazon` where AWS lent it and takes it back at a stop; an account where it is an Elastic IP
    /// address; `None` where AWS does not tell.
    pub owner: Option<String>,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// `running`, `stopped` …
    pub state: String,
    /// `m7i.large` …
    pub instance_type: String,
    /// Availability Zone.
    pub zone: String,
    /// Device name of the root volume.
    pub root_device: String,
    /// `ebs` or `instance-store`.
    pub root_device_type: String,
    /// Whether it runs Windows.
    pub windows: bool,
    /// Public IPv4 address.
    pub public_address: Option<PublicAddress>,
    /// `spot`, `scheduled` …; `None` for an ordinary one.
    pub lifecycle: Option<String>,
    /// The Spot request behind it.
    pub spot_request: Option<String>,
    /// AWS Marketplace product codes.
    pub product_codes: Vec<String>,
    /// Whether hibernation is configured.
    pub hibernation: bool,
    /// The AWS service that manages it, if one does.
    pub operator: Option<String>,
    /// How many network interfaces it has.
    pub interfaces: usize,
    /// Its volumes by device.
    pub mappings: Vec<Mapping>,
    /// Its tags.
    pub tags: Tags,
}

/// What an instance type can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceType {
    /// Whether it has disks that a stop erases.
    pub instance_store: bool,
    /// Whether volumes appear as `NVMe` devices.
    pub nvme: bool,
    /// How many volumes it can have attached, where AWS tells.
    pub most_volumes: Option<i32>,
    /// True where network interfaces and instance store disks use up that number too.
    pub shared_slots: bool,
    /// How many instance store disks it has.
    pub disks: usize,
}

/// Reads an instance; `None` if there is none of that id.
///
/// # Errors
/// The failure of the read.
pub async fn instance(clients: &Clients, id: &InstanceId) -> Result<Option<Instance>, Failure> {
    let request = clients.ec2.describe_instances().instance_ids(id.as_str());
    let answer = request.send().await;
    let answer = answer
        .map_err(|error| failure("ec2:DescribeInstances", &error))
        .map(Some);
    let answer = none_if_missing(answer)?;
    Ok(answer.and_then(|answer| {
        let reservations = answer.reservations().iter();
        reservations
            .flat_map(aws_sdk_ec2::types::Reservation::instances)
            .find(|instance| instance.instance_id() == Some(id.as_str()))
            .map(read)
    }))
}

/// Reads whether `disableApiStop` protects an instance.
///
/// # Errors
/// The failure of the read.
pub async fn stop_protection(clients: &Clients, id: &InstanceId) -> Result<bool, Failure> {
    const CALL: &str = "ec2:DescribeInstanceAttribute";
    let request = clients
        .ec2
        .describe_instance_attribute()
        .instance_id(id.as_str())
        .attribute(InstanceAttributeName::DisableApiStop);
    let answer = request.send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    answer
        .disable_api_stop()
        .and_then(aws_sdk_ec2::types::AttributeBooleanValue::value)
        .ok_or_else(|| incomplete(CALL, "disableApiStop"))
}

/// Reads what an instance type can do.
///
/// # Errors
/// The failure of the read.
pub async fn instance_type(clients: &Clients, name: &str) -> Result<InstanceType, Failure> {
    const CALL: &str = "ec2:DescribeInstanceTypes";
    let request = clients
        .ec2
        .describe_instance_types()
        .instance_types(SdkInstanceType::from(name));
    let answer = request.send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    let found = answer
        .instance_types()
        .first()
        .ok_or_else(|| incomplete(CALL, "such instance type"))?;
    let ebs = found.ebs_info();
    let support = ebs.and_then(|ebs| ebs.nvme_support());
    let limit = ebs.and_then(|ebs| ebs.attachment_limit_type());
    let store = found.instance_storage_info().into_iter();
    let disks = store
        .flat_map(aws_sdk_ec2::types::InstanceStorageInfo::disks)
        .filter_map(aws_sdk_ec2::types::DiskInfo::count);
    Ok(InstanceType {
        instance_store: found
            .instance_storage_supported()
            .ok_or_else(|| incomplete(CALL, "InstanceStorageSupported"))?,
        nvme: support.is_none_or(|support| support.as_str() != "unsupported"),
        most_volumes: ebs.and_then(aws_sdk_ec2::types::EbsInfo::maximum_ebs_attachments),
        shared_slots: limit.is_none_or(|limit| limit.as_str() == "shared"),
        disks: usize::try_from(disks.sum::<i32>()).unwrap_or_default(),
    })
}

/// Reads the type of a Spot request, `one-time` or `persistent`.
///
/// # Errors
/// The failure of the read.
pub async fn spot_request_type(clients: &Clients, request: &str) -> Result<String, Failure> {
    const CALL: &str = "ec2:DescribeSpotInstanceRequests";
    let asked = clients
        .ec2
        .describe_spot_instance_requests()
        .spot_instance_request_ids(request);
    let answer = asked.send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    let found = answer.spot_instance_requests().first();
    let kind = found.and_then(|request| request.r#type());
    kind.map(|kind| kind.as_str().to_owned())
        .ok_or_else(|| incomplete(CALL, "type of the Spot request"))
}

fn read(found: &SdkInstance) -> Instance {
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
