//! The place itself: regions, zones, and how the account encrypts by default.
//!
//! An account has the regions that the scenario describes, and two where it describes none.

use aws_sdk_ec2::operation::describe_availability_zones::{
    DescribeAvailabilityZonesInput, DescribeAvailabilityZonesOutput,
};
use aws_sdk_ec2::operation::describe_regions::{DescribeRegionsInput, DescribeRegionsOutput};
use aws_sdk_ec2::operation::get_ebs_default_kms_key_id::{
    GetEbsDefaultKmsKeyIdInput, GetEbsDefaultKmsKeyIdOutput,
};
use aws_sdk_ec2::operation::get_ebs_encryption_by_default::{
    GetEbsEncryptionByDefaultInput, GetEbsEncryptionByDefaultOutput,
};
use aws_sdk_ec2::types as ec2;

use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// Every Region of the commercial partition (AWS, Regions and Availability Zones).
const ALL: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Tells whether there is a Region of that name, so that calls to it lead anywhere.
pub fn is_one(name: &str) -> bool {
    ALL.contains(&name)
}

impl Filtered for ec2::Region {
    const NAMES: &'static [&'static str] = &["endpoint", "opt-in-status", "region-name"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "endpoint" => shown::text(self.endpoint()),
            "opt-in-status" => shown::text(self.opt_in_status()),
            _ => shown::text(self.region_name()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeRegions`: the regions that the account has enabled.
pub fn describe(
    input: &DescribeRegionsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeRegionsOutput> {
    call.permit()?;
    let account = call.account().to_owned();
    let enabled = call.world().regions(&account);
    let wanted = input.region_names();
    if let Some(unknown) = wanted.iter().find(|name| !enabled.contains(name)) {
        return Err(Refusal::invalid_value(format!(
            "Invalid region provided: {unknown}"
        )));
    }
    let shown = enabled
        .iter()
        .filter(|name| wanted.is_empty() || wanted.contains(name))
        .map(|name| region(name))
        .collect();
    let regions = filters::keep(shown, input.filters())?;
    answer(move |output: &mut DescribeRegionsOutput| output.regions = Some(regions))
}

fn region(name: &str) -> ec2::Region {
    ec2::Region::builder()
        .region_name(name)
        .endpoint(format!("ec2.{name}.amazonaws.com"))
        .opt_in_status("opt-in-not-required")
        .build()
}

impl Filtered for ec2::AvailabilityZone {
    const NAMES: &'static [&'static str] = &["region-name", "state", "zone-id", "zone-name"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "region-name" => shown::text(self.region_name()),
            "state" => shown::text(self.state().map(ec2::AvailabilityZoneState::as_str)),
            "zone-id" => shown::text(self.zone_id()),
            _ => shown::text(self.zone_name()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeAvailabilityZones`
pub fn describe_zones(
    input: &DescribeAvailabilityZonesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeAvailabilityZonesOutput> {
    call.permit()?;
    let region = call.region().to_owned();
    let zones = call.estate().zones.clone();
    let wanted = input.zone_names();
    if let Some(unknown) = wanted.iter().find(|name| !zones.contains(name)) {
        return Err(Refusal::invalid_value(format!(
            "Invalid availability zone: [{unknown}]"
        )));
    }
    let shown = zones
        .iter()
        .enumerate()
        .filter(|(_, name)| wanted.is_empty() || wanted.contains(name))
        .map(|(index, name)| zone(&region, name, index + 1))
        .collect();
    let zones = filters::keep(shown, input.filters())?;
    answer(move |output: &mut DescribeAvailabilityZonesOutput| {
        output.availability_zones = Some(zones);
    })
}

fn zone(region: &str, name: &str, number: usize) -> ec2::AvailabilityZone {
    let short: String = region
        .split('-')
        .enumerate()
        .map(|(index, word)| if index == 1 { &word[..1] } else { word })
        .collect();
    ec2::AvailabilityZone::builder()
        .zone_name(name)
        .zone_id(format!("{short}-az{number}"))
        .region_name(region)
        .zone_type("availability-zone")
        .opt_in_status(ec2::AvailabilityZoneOptInStatus::OptInNotRequired)
        .state(ec2::AvailabilityZoneState::Available)
        .build()
}

/// `GetEbsEncryptionByDefault`
pub fn encryption_by_default(
    _: &GetEbsEncryptionByDefaultInput,
    call: &mut Call<'_>,
) -> Answer<GetEbsEncryptionByDefaultOutput> {
    call.permit()?;
    let on = call.estate().encryption_by_default;
    answer(move |output: &mut GetEbsEncryptionByDefaultOutput| {
        output.ebs_encryption_by_default = Some(on);
    })
}

/// `GetEbsDefaultKmsKeyId`: AWS's own key unless the account chose one.
pub fn default_key(
    _: &GetEbsDefaultKmsKeyIdInput,
    call: &mut Call<'_>,
) -> Answer<GetEbsDefaultKmsKeyIdOutput> {
    call.permit()?;
    let chosen = call.estate().default_kms_key_id.clone();
    let key = chosen.unwrap_or_else(|| "alias/aws/ebs".to_owned());
    answer(move |output: &mut GetEbsDefaultKmsKeyIdOutput| output.kms_key_id = Some(key))
}
