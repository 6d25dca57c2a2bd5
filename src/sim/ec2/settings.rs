//! How an instance was launched: everything that can be said at launch, and is shown again afterwards.
//! Plain records, their defaults (EC2 API reference, `RunInstances`), and how EC2 shows them.

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types as ec2;

/// What was said at launch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the words of the EC2 API")]
pub struct Settings {
    pub key_name: Option<String>,
    /// ARN of the instance profile.
    pub profile: Option<String>,
    pub ebs_optimized: bool,
    pub monitoring: bool,
    pub metadata: Metadata,
    /// `standard` or `unlimited`, for burstable types.
    pub credits: Option<String>,
    pub placement_group: Option<String>,
    /// `default`, `dedicated` or `host`.
    pub tenancy: String,
    pub host_id: Option<String>,
    pub partition: Option<i32>,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    /// Cores and threads of each.
    pub cpu: Option<(i32, i32)>,
    pub enclave: bool,
    /// `default` or `disabled`.
    pub auto_recovery: String,
    /// `ip-name` or `resource-name`.
    pub host_name_type: String,
    pub dns_a_record: bool,
    /// `open` or `none`.
    pub capacity_reservation: String,
    /// ARNs of licence configurations.
    pub licenses: Vec<String>,
}

/// Options of the metadata service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// `optional` or `required`.
    pub tokens: String,
    pub hop_limit: i32,
    /// `enabled` or `disabled`.
    pub endpoint: String,
    pub ipv6: String,
    pub instance_tags: String,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            tokens: "optional".to_owned(),
            hop_limit: 1,
            endpoint: "enabled".to_owned(),
            ipv6: "disabled".to_owned(),
            instance_tags: "disabled".to_owned(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            key_name: None,
            profile: None,
            ebs_optimized: false,
            monitoring: false,
            metadata: Metadata::default(),
            credits: None,
            placement_group: None,
            tenancy: "default".to_owned(),
            host_id: None,
            partition: None,
            shutdown_behavior: "stop".to_owned(),
            cpu: None,
            enclave: false,
            auto_recovery: "default".to_owned(),
            host_name_type: "ip-name".to_owned(),
            dns_a_record: false,
            capacity_reservation: "open".to_owned(),
            licenses: Vec::new(),
        }
    }
}

/// Reads the settings out of a launch. An image that holds to the second version of the metadata service makes its
/// tokens required (EC2 user guide, "Configure instance metadata options").
pub fn of(input: &RunInstancesInput, imds_v2: bool, account: &str) -> Settings {
    let usual = Settings::default();
    let placement = input.placement();
    let cpu = input.cpu_options();
    let dns = input.private_dns_name_options();
    let tenancy = placement.and_then(|placed| placed.tenancy());
    let shutdown = input.instance_initiated_shutdown_behavior();
    let reservation = input.capacity_reservation_specification();
    let reservation = reservation.and_then(|one| one.capacity_reservation_preference());
    let recovery = input.maintenance_options();
    let recovery = recovery.and_then(|options| options.auto_recovery());
    let licenses = input.license_specifications().iter();
    let credits = input.credit_specification();
    let host_name = dns.and_then(|dns| dns.hostname_type());
    Settings {
        key_name: input.key_name().map(str::to_owned),
        profile: input.iam_instance_profile().map(|of| profile(of, account)),
        ebs_optimized: input.ebs_optimized() == Some(true),
        monitoring: input
            .monitoring()
            .and_then(ec2::RunInstancesMonitoringEnabled::enabled)
            == Some(true),
        metadata: metadata(input, imds_v2),
        credits: credits.and_then(|one| one.cpu_credits()).map(str::to_owned),
        placement_group: placement
            .and_then(|one| one.group_name())
            .map(str::to_owned),
        tenancy: tenancy.map_or(usual.tenancy, |word| word.as_str().to_owned()),
        host_id: placement.and_then(|one| one.host_id()).map(str::to_owned),
        partition: placement.and_then(ec2::Placement::partition_number),
        shutdown_behavior: shutdown
            .map_or(usual.shutdown_behavior, |word| word.as_str().to_owned()),
        cpu: cpu.and_then(|cpu| cpu.core_count().zip(cpu.threads_per_core())),
        enclave: input
            .enclave_options()
            .and_then(ec2::EnclaveOptionsRequest::enabled)
            == Some(true),
        auto_recovery: recovery.map_or(usual.auto_recovery, |word| word.as_str().to_owned()),
        host_name_type: host_name.map_or(usual.host_name_type, |word| word.as_str().to_owned()),
        dns_a_record: dns
            .and_then(ec2::PrivateDnsNameOptionsRequest::enable_resource_name_dns_a_record)
            == Some(true),
        capacity_reservation: reservation
            .map_or(usual.capacity_reservation, |word| word.as_str().to_owned()),
        licenses: licenses
            .filter_map(|one| one.license_configuration_arn().map(str::to_owned))
            .collect(),
    }
}

fn profile(of: &ec2::IamInstanceProfileSpecification, account: &str) -> String {
    let named = || {
        of.name()
            .map(|name| format!("arn:aws:iam::{account}:instance-profile/{name}"))
    };
    of.arn()
        .map(str::to_owned)
        .or_else(named)
        .unwrap_or_default()
}

fn metadata(input: &RunInstancesInput, imds_v2: bool) -> Metadata {
    let mut usual = Metadata::default();
    if imds_v2 {
        "required".clone_into(&mut usual.tokens);
        usual.hop_limit = 2;
    }
    let Some(asked) = input.metadata_options() else {
        return usual;
    };
    let or = |word: Option<&str>, usual: String| word.map_or(usual, str::to_owned);
    Metadata {
        tokens: or(
            asked.http_tokens().map(ec2::HttpTokensState::as_str),
            usual.tokens,
        ),
        hop_limit: asked
            .http_put_response_hop_limit()
            .unwrap_or(usual.hop_limit),
        endpoint: or(
            asked
                .http_endpoint()
                .map(ec2::InstanceMetadataEndpointState::as_str),
            usual.endpoint,
        ),
        ipv6: or(
            asked
                .http_protocol_ipv6()
                .map(ec2::InstanceMetadataProtocolState::as_str),
            usual.ipv6,
        ),
        instance_tags: or(
            asked
                .instance_metadata_tags()
                .map(ec2::InstanceMetadataTagsState::as_str),
            usual.instance_tags,
        ),
    }
}

impl Settings {
    /// Shows the placement, in a zone.
    pub fn placement(&self, zone: &str) -> ec2::Placement {
        ec2::Placement::builder()
            .availability_zone(zone)
            .tenancy(ec2::Tenancy::from(self.tenancy.as_str()))
            .group_name(self.placement_group.clone().unwrap_or_default())
            .set_host_id(self.host_id.clone())
            .set_partition_number(self.partition)
            .build()
    }

    /// Writes what `DescribeInstances` shows of them.
    pub fn show(&self, row: ec2::builders::InstanceBuilder) -> ec2::builders::InstanceBuilder {
        let profile = self.profile.as_ref().map(|arn| {
            let id = crate::sim::world::digest(arn, 0, 16).to_ascii_uppercase();
            let row = ec2::IamInstanceProfile::builder().arn(arn);
            row.id(format!("AIPA{id}")).build()
        });
        let monitoring = if self.monitoring {
            ec2::MonitoringState::Enabled
        } else {
            ec2::MonitoringState::Disabled
        };
        let recovery = ec2::InstanceAutoRecoveryState::from(self.auto_recovery.as_str());
        let preference = self.capacity_reservation.as_str();
        let preference = ec2::CapacityReservationPreference::from(preference);
        let reservation = ec2::CapacityReservationSpecificationResponse::builder()
            .capacity_reservation_preference(preference);
        let dns = ec2::PrivateDnsNameOptionsResponse::builder()
            .hostname_type(ec2::HostnameType::from(self.host_name_type.as_str()))
            .enable_resource_name_dns_a_record(self.dns_a_record);
        let maintenance = ec2::InstanceMaintenanceOptions::builder().auto_recovery(recovery);
        let enclave = ec2::EnclaveOptions::builder().enabled(self.enclave);
        let license = |arn: &String| {
            let row = ec2::LicenseConfiguration::builder();
            row.license_configuration_arn(arn).build()
        };
        row.set_key_name(self.key_name.clone())
            .set_iam_instance_profile(profile)
            .ebs_optimized(self.ebs_optimized)
            .monitoring(ec2::Monitoring::builder().state(monitoring).build())
            .metadata_options(self.metadata.shown())
            .enclave_options(enclave.build())
            .maintenance_options(maintenance.build())
            .private_dns_name_options(dns.build())
            .capacity_reservation_specification(reservation.build())
            .set_licenses(Some(self.licenses.iter().map(license).collect()))
    }
}

impl Metadata {
    fn shown(&self) -> ec2::InstanceMetadataOptionsResponse {
        ec2::InstanceMetadataOptionsResponse::builder()
            .state(ec2::InstanceMetadataOptionsState::Applied)
            .http_tokens(ec2::HttpTokensState::from(self.tokens.as_str()))
            .http_put_response_hop_limit(self.hop_limit)
            .http_endpoint(ec2::InstanceMetadataEndpointState::from(
                self.endpoint.as_str(),
            ))
            .http_protocol_ipv6(ec2::InstanceMetadataProtocolState::from(self.ipv6.as_str()))
            .instance_metadata_tags(ec2::InstanceMetadataTagsState::from(
                self.instance_tags.as_str(),
            ))
            .build()
    }
}
