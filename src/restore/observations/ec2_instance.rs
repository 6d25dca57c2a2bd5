//! EC2 instances, their types, and what protects or limits them.
//! User data is never asked for: it may hold secrets.

use aws_sdk_ec2::types::{
    InstanceAttributeName, InstanceType as SdkInstanceType, InstanceTypeInfo, NetworkInfo,
    ProcessorInfo,
};
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::ec2;
use crate::aws::failure::failure;
use crate::domain::ec2::Instance;
use crate::domain::failure::Failure;
use crate::domain::ids::InstanceId;

use super::{incomplete, none_if_missing};

/// What an instance type can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `x86_64`, `arm64` …; empty where AWS does not tell, as in the lists below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub architectures: Vec<String>,
    /// `legacy-bios` and `uefi`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boot_modes: Vec<String>,
    /// `hvm` and `paravirtual`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub virtualization: Vec<String>,
    /// `unsupported`, `supported` or `required`: the enhanced network driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ena: Option<String>,
    /// Whether it has a trusted platform module, where AWS tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpm: Option<bool>,
    /// How many interfaces it can have attached, where AWS tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_interfaces: Option<i32>,
    /// Cores, and threads of each, that it has by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<(i32, i32)>,
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
            .map(ec2::instance)
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
        ..machine(found)
    })
}

/// What an image has to fit, and what fits on.
fn machine(found: &InstanceTypeInfo) -> InstanceType {
    let processor = found.processor_info();
    let architectures = processor.into_iter();
    let architectures = architectures.flat_map(ProcessorInfo::supported_architectures);
    let modes = found.supported_boot_modes().iter();
    let kinds = found.supported_virtualization_types().iter();
    let network = found.network_info();
    let ena = network.and_then(NetworkInfo::ena_support);
    let tpm = found.nitro_tpm_support();
    let cpu = found.v_cpu_info();
    InstanceType {
        architectures: architectures.map(|one| one.as_str().to_owned()).collect(),
        boot_modes: modes.map(|one| one.as_str().to_owned()).collect(),
        virtualization: kinds.map(|one| one.as_str().to_owned()).collect(),
        ena: ena.map(|ena| ena.as_str().to_owned()),
        tpm: tpm.map(|tpm| tpm.as_str() == "supported"),
        most_interfaces: network.and_then(NetworkInfo::maximum_network_interfaces),
        cpu: cpu.and_then(|cpu| cpu.default_cores().zip(cpu.default_threads_per_core())),
        ..InstanceType::default()
    }
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
