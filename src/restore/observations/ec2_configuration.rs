//! How an instance was launched and is set: everything that a launch of another one has to say.
//! User data is asked for as a keyed digest and never kept.

use aws_sdk_ec2::types::{
    Instance as SdkInstance, InstanceAttributeName, InstanceMetadataOptionsResponse,
    Placement as SdkPlacement, Reservation,
};
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{ImageId, InstanceId};

use super::{none_if_missing, text};

/// How an instance is set, in AWS's words.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a yes or no of AWS's own"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The image it was launched from.
    pub image: Option<ImageId>,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its subnet.
    pub subnet: Option<String>,
    /// Its primary private address.
    pub private_ip: Option<String>,
    /// `x86_64`, `arm64` …
    pub architecture: String,
    /// Name of its key pair.
    pub key_name: Option<String>,
    /// ARN of its instance profile.
    pub profile: Option<String>,
    /// Tenancy, placement group, partition, host.
    pub placement: Placement,
    /// Whether it has detailed monitoring.
    pub monitoring: bool,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: bool,
    /// Metadata options.
    pub metadata: Option<Metadata>,
    /// Cores and threads of each.
    pub cpu: Option<(i32, i32)>,
    /// Whether it can hibernate.
    pub hibernation: bool,
    /// Whether it can run enclaves.
    pub enclave: bool,
    /// `default` or `disabled`.
    pub auto_recovery: Option<String>,
    /// `open` or `none`.
    pub capacity_preference: Option<String>,
    /// A capacity reservation that it was launched into by name.
    pub capacity_target: Option<String>,
    /// How its private name is made: kind, A record, AAAA record.
    pub naming: Option<(String, bool, bool)>,
    /// ARNs of licence configurations.
    pub licenses: Vec<String>,
    /// The name that AWS gives its private address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_name: Option<String>,
    /// The name that AWS gives its public address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_name: Option<String>,
}

/// Where an instance is placed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<String>,
    /// Name of a placement group.
    pub group: Option<String>,
    /// Partition of the placement group.
    pub partition: Option<i32>,
    /// A dedicated host.
    pub host: Option<String>,
    /// `default` or `host`.
    pub affinity: Option<String>,
}

/// Metadata options of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// `required` or `optional`.
    pub tokens: String,
    /// Hops of an answer.
    pub hop_limit: i32,
    /// `enabled` or `disabled`.
    pub endpoint: String,
    /// `enabled` or `disabled`.
    pub ipv6: String,
    /// `enabled` or `disabled`.
    pub tags: String,
}

/// Reads how an instance is set; `None` if there is none of that id.
///
/// # Errors
/// The failure of the read.
pub async fn configuration(
    clients: &Clients,
    id: &InstanceId,
) -> Result<Option<Configuration>, Failure> {
    let request = clients.ec2.describe_instances().instance_ids(id.as_str());
    let answer = request.send().await;
    let answer = answer
        .map_err(|error| failure("ec2:DescribeInstances", &error))
        .map(Some);
    let Some(answer) = none_if_missing(answer)? else {
        return Ok(None);
    };
    let mut all = answer
        .reservations()
        .iter()
        .flat_map(Reservation::instances);
    let found = all.find(|instance| instance.instance_id() == Some(id.as_str()));
    Ok(found.map(read))
}

/// Reads what a shutdown from within does, `stop` or `terminate`.
///
/// # Errors
/// The failure of the read.
pub async fn shutdown_behaviour(clients: &Clients, id: &InstanceId) -> Result<String, Failure> {
    let name = InstanceAttributeName::InstanceInitiatedShutdownBehavior;
    let answer = attribute(clients, id, name).await?;
    let value = answer.instance_initiated_shutdown_behavior();
    Ok(text(value.and_then(|value| value.value())))
}

/// Reads whether an instance is protected from termination.
///
/// # Errors
/// The failure of the read.
pub async fn termination_protection(clients: &Clients, id: &InstanceId) -> Result<bool, Failure> {
    let name = InstanceAttributeName::DisableApiTermination;
    let answer = attribute(clients, id, name).await?;
    let value = answer.disable_api_termination();
    Ok(value.and_then(aws_sdk_ec2::types::AttributeBooleanValue::value) == Some(true))
}

async fn attribute(
    clients: &Clients,
    id: &InstanceId,
    name: InstanceAttributeName,
) -> Result<
    aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput,
    Failure,
> {
    let request = clients.ec2.describe_instance_attribute();
    let answer = request
        .instance_id(id.as_str())
        .attribute(name)
        .send()
        .await;
    answer.map_err(|error| failure("ec2:DescribeInstanceAttribute", &error))
}

/// Reads `standard` or `unlimited` of a burstable instance; `None` for any other.
///
/// # Errors
/// The failure of the read.
pub async fn credits(clients: &Clients, id: &InstanceId) -> Result<Option<String>, Failure> {
    let request = clients.ec2.describe_instance_credit_specifications();
    let answer = request.instance_ids(id.as_str()).send().await;
    let answer =
        answer.map_err(|error| failure("ec2:DescribeInstanceCreditSpecifications", &error))?;
    let mut all = answer.instance_credit_specifications().iter();
    let found = all.find(|found| found.instance_id() == Some(id.as_str()));
    Ok(found.and_then(|found| found.cpu_credits().map(str::to_owned)))
}

fn read(found: &SdkInstance) -> Configuration {
    let own = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let reservation = found.capacity_reservation_specification();
    let target = reservation.and_then(|found| found.capacity_reservation_target());
    let naming = found.private_dns_name_options();
    let recovery = found.maintenance_options();
    let licenses = found.licenses().iter();
    Configuration {
        image: own(found.image_id()).map(ImageId::new),
        vpc: own(found.vpc_id()),
        subnet: own(found.subnet_id()),
        private_ip: own(found.private_ip_address()),
        architecture: text(
            found
                .architecture()
                .map(aws_sdk_ec2::types::ArchitectureValues::as_str),
        ),
        key_name: own(found.key_name()),
        profile: own(found
            .iam_instance_profile()
            .and_then(|profile| profile.arn())),
        placement: found.placement().map(placement).unwrap_or_default(),
        monitoring: found
            .monitoring()
            .and_then(|monitoring| monitoring.state())
            .is_some_and(|state| matches!(state.as_str(), "enabled" | "pending")),
        ebs_optimized: found.ebs_optimized() == Some(true),
        metadata: found.metadata_options().map(metadata),
        cpu: found
            .cpu_options()
            .and_then(|cpu| cpu.core_count().zip(cpu.threads_per_core())),
        hibernation: found
            .hibernation_options()
            .is_some_and(|options| options.configured() == Some(true)),
        enclave: found
            .enclave_options()
            .is_some_and(|options| options.enabled() == Some(true)),
        auto_recovery: recovery
            .and_then(|options| Some(options.auto_recovery()?.as_str().to_owned())),
        capacity_preference: reservation.and_then(|found| {
            let preference = found.capacity_reservation_preference()?;
            Some(preference.as_str().to_owned())
        }),
        capacity_target: target.and_then(|target| {
            let group = target.capacity_reservation_resource_group_arn();
            own(target.capacity_reservation_id().or(group))
        }),
        naming: naming.and_then(|naming| {
            Some((
                naming.hostname_type()?.as_str().to_owned(),
                naming.enable_resource_name_dns_a_record() == Some(true),
                naming.enable_resource_name_dns_aaaa_record() == Some(true),
            ))
        }),
        licenses: licenses
            .filter_map(|license| own(license.license_configuration_arn()))
            .collect(),
        private_name: own(found.private_dns_name()),
        public_name: own(found.public_dns_name()),
    }
}

fn placement(found: &SdkPlacement) -> Placement {
    let own = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Placement {
        tenancy: found.tenancy().map(|word| word.as_str().to_owned()),
        group: own(found.group_name()),
        partition: found.partition_number(),
        host: own(found.host_id()),
        affinity: own(found.affinity()),
    }
}

fn metadata(found: &InstanceMetadataOptionsResponse) -> Metadata {
    let or = |word: Option<&str>, otherwise: &str| word.unwrap_or(otherwise).to_owned();
    let ipv6 = found.http_protocol_ipv6();
    let tags = found.instance_metadata_tags();
    Metadata {
        tokens: or(
            found
                .http_tokens()
                .map(aws_sdk_ec2::types::HttpTokensState::as_str),
            "optional",
        ),
        hop_limit: found.http_put_response_hop_limit().unwrap_or(1),
        endpoint: or(
            found
                .http_endpoint()
                .map(aws_sdk_ec2::types::InstanceMetadataEndpointState::as_str),
            "enabled",
        ),
        ipv6: or(
            ipv6.map(aws_sdk_ec2::types::InstanceMetadataProtocolState::as_str),
            "disabled",
        ),
        tags: or(
            tags.map(aws_sdk_ec2::types::InstanceMetadataTagsState::as_str),
            "disabled",
        ),
    }
}
