//! `CreateReplaceRootVolumeTask` and `DescribeReplaceRootVolumeTasks`.
//!
//! EC2 user guide, "Replace the root volume": the instance runs on and is rebooted, and its old root volume stays. What the new
//! one may be made of is in `source`, what becomes of the two in `effect`.

mod effect;
mod rows;
mod source;

use aws_sdk_ec2::operation::create_replace_root_volume_task::{
    CreateReplaceRootVolumeTaskInput, CreateReplaceRootVolumeTaskOutput,
};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::attachments::held_on;
use super::model::{Instance, InstanceState, Tags, Token, Volume};
use super::{ids, tags};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::Timeline;
use crate::sim::world::Estate;

pub use rows::describe;

/// A replacement of a root volume.
#[derive(Clone, Debug)]
pub struct RootTask {
    pub id: String,
    pub instance_id: String,
    /// AWS's word.
    pub state: Timeline<&'static str>,
    pub started: Timestamp,
    pub snapshot_id: Option<String>,
    pub image_id: Option<String>,
    /// The volume that it makes, unless it puts one back that was there.
    pub makes: Option<String>,
    pub tags: Tags,
    pub token: Option<Token>,
}

/// `CreateReplaceRootVolumeTask`
pub fn create(
    input: &CreateReplaceRootVolumeTaskInput,
    call: &mut Call<'_>,
) -> Answer<CreateReplaceRootVolumeTaskOutput> {
    let kind = ec2::ResourceType::ReplaceRootVolumeTask;
    let tags = tags::of_creation(input.tag_specifications(), &kind)?;
    let now = call.now();
    let id = ids::required(input.instance_id(), "instanceId")?.to_owned();
    ids::instance(call.estate(), &id)?;
    call.permit()?;
    let token = token(input);
    if let Some(made) = replay(token.as_ref(), call)? {
        call.nothing_changed();
        return respond(&made, now);
    }
    let instance = ids::instance(call.estate(), &id)?.clone();
    may_replace(input, &instance, call.estate(), now)?;
    let old = root_of(call.estate(), &instance, now)?;
    let source = source::of(input, &instance, &old, call)?;
    let mut task = RootTask {
        id: call.world().new_id("replacevol"),
        instance_id: id,
        state: effect::states(&instance, call),
        started: now,
        snapshot_id: source.snapshot_id.clone(),
        image_id: source.image_id.clone(),
        makes: None,
        tags,
        token,
    };
    task.makes = effect::replace(&task, &instance, &old, source, call);
    call.estate()
        .root_tasks
        .insert(task.id.clone(), task.clone());
    respond(&task, now)
}

fn token(input: &CreateReplaceRootVolumeTaskInput) -> Option<Token> {
    let token = input.client_token().filter(|token| !token.is_empty())?;
    Some(Token {
        token: token.to_owned(),
        parameters: format!("{input:?}"),
    })
}

fn replay(token: Option<&Token>, call: &mut Call<'_>) -> Result<Option<RootTask>, Refusal> {
    let Some(token) = token else {
        return Ok(None);
    };
    let mut tasks = call.estate().root_tasks.values();
    let known = |task: &&RootTask| task.token.as_ref().is_some_and(|t| t.token == token.token);
    match tasks.find(known) {
        Some(task) if task.token.as_ref() != Some(token) => Err(Refusal::client(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous \
             request(s).",
        )),
        found => Ok(found.cloned()),
    }
}

fn may_replace(
    input: &CreateReplaceRootVolumeTaskInput,
    instance: &Instance,
    estate: &Estate,
    now: Timestamp,
) -> Result<(), Refusal> {
    let id = &instance.id;
    if *instance.state.at(now) != InstanceState::Running {
        let message = format!("The instance '{id}' is not in the 'running' state.");
        return Err(Refusal::client("IncorrectInstanceState", message));
    }
    if instance.root_on_instance_store {
        let message = format!("The instance '{id}' does not have an 'ebs' root device type.");
        return Err(Refusal::client("UnsupportedOperation", message));
    }
    if input.delete_replaced_root_volume() == Some(true) {
        let message = "The simulated AWS deletes nothing";
        return Err(Refusal::invalid_combination(message));
    }
    let sources = [input.snapshot_id(), input.image_id(), input.volume_id()];
    if sources.iter().flatten().count() > 1 {
        let message = "Only one of SnapshotId, ImageId and VolumeId can be specified.";
        return Err(Refusal::invalid_combination(message));
    }
    let mut tasks = estate.root_tasks.values();
    let under_way = |task: &RootTask| {
        let over = ["succeeded", "failed", "failed-detached"].contains(task.state.at(now));
        task.instance_id == *id && !over
    };
    if tasks.any(under_way) {
        let message = format!("A root volume replacement of '{id}' is already in progress.");
        return Err(Refusal::incorrect_state(message));
    }
    Ok(())
}

fn root_of(estate: &Estate, instance: &Instance, now: Timestamp) -> Result<Volume, Refusal> {
    let mut held = held_on(estate, &instance.id, now);
    let root = held.find(|(_, held)| held.device == instance.root_device_name);
    root.map(|(volume, _)| volume.clone()).ok_or_else(|| {
        let message = format!("The instance '{}' has no root volume.", instance.id);
        Refusal::incorrect_state(message)
    })
}

fn respond(task: &RootTask, now: Timestamp) -> Answer<CreateReplaceRootVolumeTaskOutput> {
    let row = rows::task(task, now);
    answer(move |output: &mut CreateReplaceRootVolumeTaskOutput| {
        output.replace_root_volume_task = Some(row);
    })
}
