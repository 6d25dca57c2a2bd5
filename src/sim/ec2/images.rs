//! `DescribeImages`: what it leaves out unless it is asked for, and what its owner sees all the same.
//! Nothing here makes, copies, shares or deregisters an image.

use aws_sdk_ec2::operation::describe_images::{DescribeImagesInput, DescribeImagesOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::ids;
use super::model::{Disk, Image};
use super::rows;
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

impl Filtered for ec2::Image {
    const NAMES: &'static [&'static str] = &[
        "block-device-mapping.snapshot-id",
        "image-id",
        "name",
        "owner-id",
        "source-instance-id",
        "state",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        let snapshots = || {
            let disks = self.block_device_mappings().iter();
            disks.filter_map(|disk| disk.ebs()?.snapshot_id())
        };
        match name {
            "block-device-mapping.snapshot-id" => snapshots().map(str::to_owned).collect(),
            "image-id" => shown::text(self.image_id()),
            "name" => shown::text(self.name()),
            "owner-id" => shown::text(self.owner_id()),
            "source-instance-id" => shown::text(self.source_instance_id()),
            "state" => shown::text(self.state().map(ec2::ImageState::as_str)),
            _ => Vec::new(),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeImages`: disabled images only where they are asked for; of deprecated ones the caller's own
/// always, those of others where they are asked for (EC2 API reference). Pages of up to 1000.
pub fn describe(input: &DescribeImagesInput, call: &mut Call<'_>) -> Answer<DescribeImagesOutput> {
    call.permit()?;
    let (now, account) = (call.now(), call.account().to_owned());
    require_all(call, input.image_ids())?;
    let images = call.estate().images.values();
    let shown = images
        .filter(|image| image.bin.is_none())
        .filter(|image| input.image_ids().is_empty() || input.image_ids().contains(&image.id))
        .filter(|image| is_in_scope(image, input, &account))
        .filter(|image| is_asked_for(image, input, &account, now))
        .map(row)
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .at_least(1)
        .with_ids(input.image_ids(), "imageId");
    let (images, token) = page.cut(kept, |row| row.image_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeImagesOutput| {
        output.images = Some(images);
        output.next_token = token;
    })
}

pub(super) fn require_all(call: &mut Call<'_>, wanted: &[String]) -> Result<(), Refusal> {
    for id in wanted {
        ids::well_formed(id, "ami-", "InvalidAMIID.Malformed")?;
        let found = call.estate().images.get(id);
        if found.is_none_or(|image| image.bin.is_some()) {
            let message = format!("The image id '[{id}]' does not exist");
            return Err(Refusal::client("InvalidAMIID.NotFound", message));
        }
    }
    Ok(())
}

/// Without an owner everything that the caller may launch is listed, whoever it belongs to.
fn is_in_scope(image: &Image, input: &DescribeImagesInput, account: &str) -> bool {
    let owners = input.owners();
    let owned = owners.iter().any(|owner| match owner.as_str() {
        "self" => image.owner == account,
        "aws-backup-vault" => image.owner_alias.as_deref() == Some("aws-backup-vault"),
        other => image.owner == other,
    });
    let users = input.executable_users();
    let shared = users.iter().any(|user| user == "self" || user == account);
    (owners.is_empty() || owned) && (users.is_empty() || (shared && image.shared))
}

fn is_asked_for(image: &Image, input: &DescribeImagesInput, account: &str, now: Timestamp) -> bool {
    let deprecated = image.deprecated.is_some_and(|from| from <= now);
    (image.state != "disabled" || input.include_disabled() == Some(true))
        && (!deprecated || image.owner == account || input.include_deprecated() == Some(true))
}

fn row(image: &Image) -> ec2::Image {
    let protection = if image.deregistration_protection {
        "enabled"
    } else {
        "disabled"
    };
    let machine = &image.machine;
    let (source, region) = image.source_image.clone().unzip();
    ec2::Image::builder()
        .image_id(&image.id)
        .name(&image.name)
        .description(&image.description)
        .owner_id(&image.owner)
        .set_image_owner_alias(image.owner_alias.clone())
        .state(ec2::ImageState::from(image.state.as_str()))
        .creation_date(image.created.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
        .set_deprecation_time(image.deprecated.map(minute))
        .deregistration_protection(protection)
        .set_source_instance_id(image.source_instance_id.clone())
        .set_source_image_id(source)
        .set_source_image_region(region)
        .root_device_name(&image.root_device_name)
        .architecture(ec2::ArchitectureValues::from(machine.architecture.as_str()))
        .set_boot_mode(machine.boot_mode.as_deref().map(ec2::BootModeValues::from))
        .set_imds_support(machine.imds_v2.then_some(ec2::ImdsSupportValues::V20))
        .set_tpm_support(machine.tpm_v2.then_some(ec2::TpmSupportValues::V20))
        .set_platform(machine.windows.then_some(ec2::PlatformValues::Windows))
        .platform_details(if machine.windows {
            "Windows"
        } else {
            "Linux/UNIX"
        })
        .usage_operation(if machine.windows {
            "RunInstances:0002"
        } else {
            "RunInstances"
        })
        .set_product_codes(Some(rows::product_codes(&machine.product_codes)))
        .ena_support(true)
        .root_device_type(ec2::DeviceType::Ebs)
        .image_type(ec2::ImageTypeValues::Machine)
        .virtualization_type(ec2::VirtualizationType::Hvm)
        .public(image.permissions.public)
        .set_block_device_mappings(Some(image.disks.iter().map(mapping).collect()))
        .set_tags(Some(rows::tags(&image.tags)))
        .build()
}

/// Deprecation is rounded to the minute.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:00.000Z").to_string()
}

fn mapping(disk: &Disk) -> ec2::BlockDeviceMapping {
    let ebs = ec2::EbsBlockDevice::builder()
        .snapshot_id(&disk.snapshot_id)
        .volume_size(disk.size)
        .volume_type(ec2::VolumeType::from(disk.volume_type.as_str()))
        .encrypted(disk.encrypted)
        .delete_on_termination(true);
    ec2::BlockDeviceMapping::builder()
        .device_name(&disk.device)
        .ebs(ebs.build())
        .build()
}
