//! Replacements of the root of an instance that are over, as EC2 remembers them.
//! It names what a root was made from, and not the volume that was there before.

use aws_sdk_ec2::types::ReplaceRootVolumeTaskState;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, SnapshotId};

use super::filter;

/// Tells whether a root of the instance was made from a snapshot before.
///
/// # Errors
/// The failure of a read.
pub async fn replaced_from(
    clients: &Clients,
    instance: &InstanceId,
    snapshot: &SnapshotId,
) -> Result<bool, Failure> {
    let of_instance = filter("instance-id", [instance.as_str().to_owned()]);
    let request = clients.ec2.describe_replace_root_volume_tasks();
    let mut pages = request.filters(of_instance).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ec2:DescribeReplaceRootVolumeTasks", &error))?;
        let mut tasks = page.replace_root_volume_tasks().iter();
        let found = tasks.any(|task| {
            let state = task.task_state();
            state == Some(&ReplaceRootVolumeTaskState::Succeeded)
                && task.snapshot_id() == Some(snapshot.as_str())
        });
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}
