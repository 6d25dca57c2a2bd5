//! EBS volumes with their attachments, and whether one is being modified.
//! A volume that is not there is an answer, not a failure.

use aws_sdk_ec2::types::{OperatorResponse, Volume as SdkVolume, VolumeAttachment};
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, VolumeId};

use super::{Tags, filter, none_if_missing, tags_of, text};

const CALL: &str = "ec2:DescribeVolumes";

/// An attachment of a volume to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The instance.
    pub instance: InstanceId,
    /// Device name of the block device mapping, `/dev/sdf`.
    pub device: String,
    /// `attaching`, `attached`, `detaching`, `busy` …
    pub state: String,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
    /// EBS card of the instance, where it has several.
    pub card: Option<i32>,
}

/// A volume. `size` is in GiB, `throughput` in MiB/s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its id.
    pub id: VolumeId,
    /// `gp3`, `io2` …
    pub volume_type: String,
    /// GiB.
    pub size: i32,
    /// As AWS shows it; for `gp2` it follows from the size.
    pub iops: Option<i32>,
    /// MiB/s.
    pub throughput: Option<i32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of its KMS key.
    pub kms_key: Option<String>,
    /// Whether several instances may attach it.
    pub multi_attach: bool,
    /// `available`, `in-use`, `error` …
    pub state: String,
    /// Availability Zone.
    pub zone: String,
    /// The AWS service that manages it, if one does.
    pub operator: Option<String>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Its tags.
    pub tags: Tags,
}

/// A modification of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modification {
    /// `modifying`, `optimizing`, `completed`, `failed`.
    pub state: String,
    /// Per cent.
    pub progress: Option<i64>,
}

/// Reads a volume; `None` if there is none of that id.
///
/// # Errors
/// The failure of the read.
pub async fn volume(clients: &Clients, id: &VolumeId) -> Result<Option<Volume>, Failure> {
    let request = clients.ec2.describe_volumes().volume_ids(id.as_str());
    let answer = request.send().await;
    let answer = answer.map_err(|error| failure(CALL, &error)).map(Some);
    let answer = none_if_missing(answer)?;
    Ok(answer.and_then(|answer| {
        let mut volumes = answer.volumes().iter();
        volumes
            .find(|volume| volume.volume_id() == Some(id.as_str()))
            .map(read)
    }))
}

/// Reads every volume attached to an instance, ordered by id.
///
/// # Errors
/// The failure of a read.
pub async fn volumes_of(clients: &Clients, instance: &InstanceId) -> Result<Vec<Volume>, Failure> {
    let of_instance = filter("attachment.instance-id", [instance.as_str().to_owned()]);
    let mut pages = clients
        .ec2
        .describe_volumes()
        .filters(of_instance)
        .max_results(500)
        .into_paginator()
        .send();
    let mut volumes = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(CALL, &error))?;
        volumes.extend(page.volumes().iter().map(read));
    }
    volumes.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(volumes)
}

/// Reads the latest modification of a volume; `None` if it was never modified, which AWS answers
/// with an error.
///
/// # Errors
/// The failure of the read.
pub async fn modification(
    clients: &Clients,
    id: &VolumeId,
) -> Result<Option<Modification>, Failure> {
    let request = clients
        .ec2
        .describe_volumes_modifications()
        .volume_ids(id.as_str());
    let answer = request.send().await;
    let answer = answer
        .map_err(|error| failure("ec2:DescribeVolumesModifications", &error))
        .map(Some);
    let answer = none_if_missing(answer)?;
    Ok(answer.and_then(|answer| {
        let latest = answer
            .volumes_modifications()
            .iter()
            .max_by_key(|modification| {
                modification
                    .start_time()
                    .map(aws_smithy_types::DateTime::as_nanos)
            })?;
        let state = latest
            .modification_state()
            .map(aws_sdk_ec2::types::VolumeModificationState::as_str);
        Some(Modification {
            state: text(state),
            progress: latest.progress(),
        })
    }))
}

/// Returns the service that manages a resource, if one does.
pub(super) fn operator(operator: Option<&OperatorResponse>) -> Option<String> {
    let operator = operator.filter(|operator| operator.managed() == Some(true))?;
    Some(operator.principal().unwrap_or("an AWS service").to_owned())
}

fn read(found: &SdkVolume) -> Volume {
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
