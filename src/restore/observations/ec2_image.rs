//! Images: what they are made of, and whether an instance can be launched from them.
//! An image that is not there is an answer, not a failure.

use aws_sdk_ec2::types::{BlockDeviceMapping, Image as SdkImage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{AccountId, ImageId, InstanceId, SnapshotId};
use crate::domain::text::Untrusted;

use super::{none_if_missing, text};
use crate::aws::ec2::tags_of;
use crate::domain::ec2::Tags;

const CALL: &str = "ec2:DescribeImages";

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Its name.
    pub name: Option<Untrusted>,
    /// `available`, `pending`, `failed`, `disabled` …
    pub state: String,
    /// Why it is in that state, where AWS tells.
    pub state_reason: Option<Untrusted>,
    /// Account that owns it.
    pub owner: AccountId,
    /// When it was made, where AWS tells.
    pub created_at: Option<Timestamp>,
    /// `x86_64`, `arm64` …
    pub architecture: String,
    /// `legacy-bios`, `uefi`, `uefi-preferred`; `None` where the type decides.
    pub boot_mode: Option<String>,
    /// `hvm` or `paravirtual`.
    pub virtualization: String,
    /// Whether it has the enhanced network driver, where AWS tells.
    pub ena: Option<bool>,
    /// Whether it wants a trusted platform module.
    pub tpm: bool,
    /// Whether instances of it only answer metadata requests with a token.
    pub requires_tokens: bool,
    /// Whether it is of Windows.
    pub windows: bool,
    /// `ebs` or `instance-store`.
    pub root_device_type: String,
    /// Device name of the root.
    pub root_device: String,
    /// AWS Marketplace product codes.
    pub product_codes: Vec<String>,
    /// The instance that it was made of, where AWS tells.
    pub source_instance: Option<InstanceId>,
    /// Its EBS block devices.
    pub devices: Vec<ImageDevice>,
    /// Its tags.
    pub tags: Tags,
}

/// An EBS block device of an image, as it was when the image was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageDevice {
    /// Device name.
    pub device: String,
    /// Snapshot; `None` for an empty volume.
    pub snapshot: Option<SnapshotId>,
    /// `gp3`, `io2` …
    pub volume_type: String,
    /// GiB.
    pub size: Option<i32>,
    /// Provisioned IOPS.
    pub iops: Option<i32>,
    /// MiB/s.
    pub throughput: Option<i32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// KMS key.
    pub kms_key: Option<String>,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
}

/// Reads an image, a disabled one too; `None` if there is none of that id.
///
/// # Errors
/// The failure of the read.
pub async fn image(clients: &Clients, id: &ImageId) -> Result<Option<Image>, Failure> {
    let request = clients.ec2.describe_images().image_ids(id.as_str());
    let answer = request.include_disabled(true).send().await;
    let answer = answer.map_err(|error| failure(CALL, &error)).map(Some);
    let Some(answer) = none_if_missing(answer)? else {
        return Ok(None);
    };
    let mut images = answer.images().iter();
    let found = images.find(|image| image.image_id() == Some(id.as_str()));
    Ok(found.map(read))
}

fn read(found: &SdkImage) -> Image {
    let reason = found.state_reason().and_then(|reason| reason.message());
    let codes = found.product_codes().iter();
    let created = found.creation_date().and_then(|date| date.parse().ok());
    Image {
        id: ImageId::new(text(found.image_id())),
        name: found.name().map(Untrusted::from),
        state: text(found.state().map(aws_sdk_ec2::types::ImageState::as_str)),
        state_reason: reason.map(Untrusted::from),
        owner: AccountId::new(text(found.owner_id())),
        created_at: created,
        architecture: text(
            found
                .architecture()
                .map(aws_sdk_ec2::types::ArchitectureValues::as_str),
        ),
        boot_mode: found.boot_mode().map(|mode| mode.as_str().to_owned()),
        virtualization: text(
            found
                .virtualization_type()
                .map(aws_sdk_ec2::types::VirtualizationType::as_str),
        ),
        ena: found.ena_support(),
        tpm: found.tpm_support().is_some(),
        requires_tokens: found.imds_support().is_some(),
        windows: found.platform().is_some(),
        root_device_type: text(
            found
                .root_device_type()
                .map(aws_sdk_ec2::types::DeviceType::as_str),
        ),
        root_device: text(found.root_device_name()),
        product_codes: codes
            .filter_map(|code| code.product_code_id().map(str::to_owned))
            .collect(),
        source_instance: found.source_instance_id().map(InstanceId::from),
        devices: found
            .block_device_mappings()
            .iter()
            .filter_map(device)
            .collect(),
        tags: tags_of(found.tags()),
    }
}

fn device(found: &BlockDeviceMapping) -> Option<ImageDevice> {
    let ebs = found.ebs()?;
    Some(ImageDevice {
        device: text(found.device_name()),
        snapshot: ebs.snapshot_id().map(SnapshotId::from),
        volume_type: text(
            ebs.volume_type()
                .map(aws_sdk_ec2::types::VolumeType::as_str),
        ),
        size: ebs.volume_size(),
        iops: ebs.iops(),
        throughput: ebs.throughput(),
        encrypted: ebs.encrypted() == Some(true),
        kms_key: ebs.kms_key_id().map(str::to_owned),
        delete_on_termination: ebs.delete_on_termination() == Some(true),
    })
}
