//! The request of a launch as the SDK takes it; `request()` says the same in API words.
//! The two are held against each other by a test, field by field.

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesFluentBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, CapacityReservationPreference, CapacityReservationSpecification,
    CpuOptionsRequest, CreditSpecificationRequest, EbsBlockDevice, EnclaveOptionsRequest,
    HibernationOptionsRequest, HostnameType, HttpTokensState, IamInstanceProfileSpecification,
    InstanceAutoRecoveryState, InstanceMaintenanceOptionsRequest, InstanceMetadataEndpointState,
    InstanceMetadataOptionsRequest, InstanceMetadataProtocolState, InstanceMetadataTagsState,
    InstanceNetworkInterfaceSpecification, InstanceType, LicenseConfigurationRequest, Placement,
    PrivateDnsNameOptionsRequest, ResourceType, RunInstancesMonitoringEnabled, ShutdownBehavior,
    TagSpecification, Tenancy, VolumeType,
};
use aws_types::request_id::RequestId;

use super::input::{
    BlockDevice, LaunchInstance, Launched, MetadataChoice, NamingChoice, PlacementChoice,
};
use super::probe::launched;
use super::user_data::Fetched;
use super::{CALL, failure};
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, resolved};
use crate::restore::operations::ec2_read::sdk_tags;

/// Sends the launch, once.
pub(super) async fn send(
    launch: &LaunchInstance,
    cx: &Context,
    user_data: Option<Fetched>,
) -> Result<Issued<Launched>, Failure> {
    let request = cx
        .clients
        .ec2_once
        .run_instances()
        .image_id(launch.image.as_str())
        .instance_type(InstanceType::from(launch.instance_type.as_str()))
        .min_count(1)
        .max_count(1)
        .client_token(&cx.stamp.token)
        .network_interfaces(interface(launch)?)
        .set_block_device_mappings(Some(launch.block_devices.iter().map(device).collect()))
        .metadata_options(metadata(&launch.metadata))
        .monitoring(
            RunInstancesMonitoringEnabled::builder()
                .enabled(launch.monitoring)
                .build(),
        )
        .instance_initiated_shutdown_behavior(ShutdownBehavior::from(launch.shutdown.as_str()))
        .set_tag_specifications(Some(tags(launch, cx)))
        .set_user_data(user_data.map(Fetched::into_base64));
    let answer = with_options(request, launch).send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    Ok(Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: answer.instances().first().map(|instance| Launched {
            volumes: None,
            ..launched(instance)
        }),
    })
}

fn with_options(
    request: RunInstancesFluentBuilder,
    launch: &LaunchInstance,
) -> RunInstancesFluentBuilder {
    let profile = launch.instance_profile.as_ref();
    let licenses = launch.licenses.iter().map(|arn| {
        LicenseConfigurationRequest::builder()
            .license_configuration_arn(arn)
            .build()
    });
    let licenses: Vec<_> = licenses.collect();
    request
        .set_iam_instance_profile(
            profile.map(|arn| IamInstanceProfileSpecification::builder().arn(arn).build()),
        )
        .set_key_name(launch.key_name.clone())
        .set_placement(placement(&launch.placement))
        .set_ebs_optimized(launch.ebs_optimized)
        .set_credit_specification(launch.credits.as_ref().map(|word| {
            CreditSpecificationRequest::builder()
                .cpu_credits(word)
                .build()
        }))
        .set_cpu_options(launch.cpu.as_ref().map(|cpu| {
            CpuOptionsRequest::builder()
                .core_count(cpu.cores)
                .threads_per_core(cpu.threads)
                .build()
        }))
        .set_hibernation_options(launch.hibernation.then(|| {
            HibernationOptionsRequest::builder()
                .configured(true)
                .build()
        }))
        .set_enclave_options(
            launch
                .enclave
                .then(|| EnclaveOptionsRequest::builder().enabled(true).build()),
        )
        .set_maintenance_options(launch.auto_recovery.as_ref().map(|word| {
            InstanceMaintenanceOptionsRequest::builder()
                .auto_recovery(InstanceAutoRecoveryState::from(word.as_str()))
                .build()
        }))
        .set_capacity_reservation_specification(launch.capacity_preference.as_ref().map(|word| {
            CapacityReservationSpecification::builder()
                .capacity_reservation_preference(CapacityReservationPreference::from(word.as_str()))
                .build()
        }))
        .set_private_dns_name_options(launch.naming.as_ref().map(naming))
        .set_license_specifications((!licenses.is_empty()).then_some(licenses))
}

fn interface(launch: &LaunchInstance) -> Result<InstanceNetworkInterfaceSpecification, Failure> {
    Ok(InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(&launch.subnet)
        .groups(resolved(&launch.group, CALL)?.as_str())
        .associate_public_ip_address(false)
        .delete_on_termination(true)
        .set_private_ip_address(launch.private_ip.clone())
        .build())
}

fn device(device: &BlockDevice) -> BlockDeviceMapping {
    let ebs = EbsBlockDevice::builder()
        .volume_type(VolumeType::from(device.volume_type.as_str()))
        .volume_size(device.size)
        .delete_on_termination(device.delete_on_termination)
        .set_snapshot_id(device.snapshot.as_ref().map(|id| id.as_str().to_owned()))
        .set_iops(device.iops)
        .set_throughput(device.throughput)
        .set_encrypted(device.encrypted.then_some(true))
        .set_kms_key_id(device.kms_key.clone())
        .build();
    BlockDeviceMapping::builder()
        .device_name(&device.device)
        .ebs(ebs)
        .build()
}

fn metadata(choice: &MetadataChoice) -> InstanceMetadataOptionsRequest {
    InstanceMetadataOptionsRequest::builder()
        .http_tokens(HttpTokensState::from(choice.tokens.as_str()))
        .http_put_response_hop_limit(choice.hop_limit)
        .http_endpoint(InstanceMetadataEndpointState::from(
            choice.endpoint.as_str(),
        ))
        .http_protocol_ipv6(InstanceMetadataProtocolState::from(choice.ipv6.as_str()))
        .instance_metadata_tags(InstanceMetadataTagsState::from(choice.tags.as_str()))
        .build()
}

fn placement(choice: &PlacementChoice) -> Option<Placement> {
    (*choice != PlacementChoice::default()).then(|| {
        Placement::builder()
            .set_tenancy(choice.tenancy.as_deref().map(Tenancy::from))
            .set_group_name(choice.group.clone())
            .set_partition_number(choice.partition)
            .set_host_id(choice.host.clone())
            .set_affinity(choice.affinity.clone())
            .build()
    })
}

fn naming(choice: &NamingChoice) -> PrivateDnsNameOptionsRequest {
    PrivateDnsNameOptionsRequest::builder()
        .hostname_type(HostnameType::from(choice.hostname_type.as_str()))
        .enable_resource_name_dns_a_record(choice.a_record)
        .enable_resource_name_dns_aaaa_record(choice.aaaa_record)
        .build()
}

fn tags(launch: &LaunchInstance, cx: &Context) -> Vec<TagSpecification> {
    let none = std::collections::BTreeMap::new();
    [
        (ResourceType::Instance, &launch.tags),
        (ResourceType::Volume, &launch.volume_tags),
        (ResourceType::NetworkInterface, &none),
    ]
    .into_iter()
    .map(|(kind, tags)| {
        TagSpecification::builder()
            .resource_type(kind)
            .set_tags(Some(sdk_tags(cx, tags)))
            .build()
    })
    .collect()
}
