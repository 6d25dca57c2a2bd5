//! The reads that probes of EC2 operations share. A thing that is not there is `None`, not an error.
//!
//! They go through the client whose reads the SDK retries; a failure that is no absence stays a failure.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    Filter, Instance, InstanceBlockDeviceMapping, Reservation, Snapshot, Tag, Volume,
};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::text::Untrusted;
use crate::restore::operation::{Context, TAG_GENERATION, TAG_RUN, TAG_STEP, stamp_tags};

/// Reads one volume.
pub(super) async fn volume(cx: &Context, id: &VolumeId) -> Result<Option<Volume>, Failure> {
    let answer = cx
        .clients
        .ec2
        .describe_volumes()
        .volume_ids(id.as_str())
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(answer.volumes().first().cloned()),
        Err(error) => gone_or(failure("ec2:DescribeVolumes", &error)),
    }
}

/// Reads one instance.
pub(super) async fn instance(cx: &Context, id: &InstanceId) -> Result<Option<Instance>, Failure> {
    let request = cx
        .clients
        .ec2
        .describe_instances()
        .instance_ids(id.as_str());
    match request.send().await {
        Ok(answer) => Ok(answer
            .reservations()
            .iter()
            .flat_map(Reservation::instances)
            .next()
            .cloned()),
        Err(error) => gone_or(failure("ec2:DescribeInstances", &error)),
    }
}

pub(super) fn gone_or<T>(failure: Failure) -> Result<Option<T>, Failure> {
    if failure.class == FailureClass::NotFound {
        Ok(None)
    } else {
        Err(failure)
    }
}

/// Returns the state name of an instance, in AWS's words.
pub(super) fn state_of(instance: &Instance) -> String {
    let state = instance.state().and_then(|state| state.name());
    state.map_or_else(|| "unknown".to_owned(), |state| state.as_str().to_owned())
}

/// Tells whether an instance is terminated or about to be.
pub(super) fn is_over(instance: &Instance) -> bool {
    matches!(state_of(instance).as_str(), "terminated" | "shutting-down")
}

/// Returns what is mapped at a device of an instance.
pub(super) fn mapping<'a>(
    instance: &'a Instance,
    device: &str,
) -> Option<&'a InstanceBlockDeviceMapping> {
    instance
        .block_device_mappings()
        .iter()
        .find(|mapping| mapping.device_name() == Some(device))
}

/// Filters for what one step of one run made, in any generation: one that was given up for lost can
/// still have taken effect, and is adopted then.
pub(super) fn made_by_step(cx: &Context) -> Vec<Filter> {
    let filter = |key: &str, value: &str| {
        Filter::builder()
            .name(format!("tag:{key}"))
            .values(value)
            .build()
    };
    vec![
        filter(TAG_RUN, cx.stamp.run.as_str()),
        filter(TAG_STEP, cx.stamp.step.as_str()),
    ]
}

/// Tells whether a resource was made by the generation that is under way.
pub(super) fn is_of_generation(cx: &Context, tags: &[Tag]) -> bool {
    tag(tags, TAG_GENERATION) == Some(cx.stamp.generation.to_string().as_str())
}

/// Reads the volumes that one step made: by id once AWS has told it, since lists by tag lag.
pub(super) async fn volumes_of_step(cx: &Context) -> Result<Vec<Volume>, Failure> {
    if let Some(id) = cx.accepted_id("volume") {
        return Ok(volume(cx, &VolumeId::from(id)).await?.into_iter().collect());
    }
    let request = cx.clients.ec2.describe_volumes();
    let answer = request.set_filters(Some(made_by_step(cx))).send().await;
    let answer = answer.map_err(|error| failure("ec2:DescribeVolumes", &error))?;
    Ok(answer.volumes().to_vec())
}

/// Reads the snapshots that one step made: by id once AWS has told it, since lists by tag lag.
pub(super) async fn snapshots_of_step(cx: &Context) -> Result<Vec<Snapshot>, Failure> {
    let request = cx.clients.ec2.describe_snapshots();
    let request = match cx.accepted_id("snapshot") {
        Some(id) => request.snapshot_ids(id),
        None => request
            .owner_ids("self")
            .set_filters(Some(made_by_step(cx))),
    };
    match request.send().await {
        Ok(answer) => Ok(answer.snapshots().to_vec()),
        Err(error) => {
            let gone: Option<Vec<Snapshot>> = gone_or(failure("ec2:DescribeSnapshots", &error))?;
            Ok(gone.unwrap_or_default())
        }
    }
}

/// Reads a tag out of a list.
pub(super) fn tag<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter()
        .find(|tag| tag.key() == Some(key))
        .and_then(Tag::value)
}

/// Returns carried-over tags and the stamp as the SDK takes them.
pub(super) fn sdk_tags(cx: &Context, tags: &BTreeMap<Untrusted, Untrusted>) -> Vec<Tag> {
    let make = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let carried = tags.iter().map(|(key, value)| make(key.raw(), value.raw()));
    let stamp = cx.stamp.tags();
    let stamped = stamp.iter().map(|(key, value)| make(key, value));
    carried.chain(stamped).collect()
}

/// Returns carried-over tags and the stamp as API parameters.
pub(super) fn tag_parameters(tags: &BTreeMap<Untrusted, Untrusted>) -> Vec<Value> {
    let carried = tags
        .iter()
        .map(|(key, value)| json!({"Key": key.raw(), "Value": value.raw()}));
    carried.chain(stamp_tags()).collect()
}
