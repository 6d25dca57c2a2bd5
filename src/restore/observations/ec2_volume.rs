//! EBS volumes with their attachments, and whether one is being modified.
//! A volume that is not there is an answer, not a failure.

use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::ec2;
use crate::aws::failure::failure;
use crate::domain::ec2::Volume;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, VolumeId};

use super::{filter, none_if_missing, text};

const CALL: &str = "ec2:DescribeVolumes";

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
            .map(ec2::volume)
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
        volumes.extend(page.volumes().iter().map(ec2::volume));
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
