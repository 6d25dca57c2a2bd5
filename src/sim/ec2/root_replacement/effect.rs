//! What becomes of the old root volume, of the new one, and of the instance between them.
//! All of it is written down at once, with the instants at which it will be so.

use super::RootTask;
use super::source::Source;
use crate::sim::call::Call;
use crate::sim::ec2::model::{Attachment, AttachmentState, Instance, Tags, Volume, VolumeState};
use crate::sim::timeline::{Timeline, after};
use crate::sim::visibility::Visibility;

/// The states that a replacement goes through.
pub fn states(instance: &Instance, call: &Call<'_>) -> Timeline<&'static str> {
    let (now, delay) = (call.now(), call.delays().replace_root);
    let (begins, ends) = (after(now, delay), after(after(now, delay), delay));
    let mut state = Timeline::new(now, "pending");
    state.then(begins, "in-progress");
    match instance.root_replacement_ends.as_deref() {
        None => state.then(ends, "succeeded"),
        Some("failed-detached") => {
            state.then(ends, "failing-detached");
            state.then(after(ends, delay), "failed-detached");
        }
        Some(_failed) => {
            state.then(ends, "failing");
            state.then(after(ends, delay), "failed");
        }
    }
    state
}

/// Writes down what becomes of the two volumes and of the instance. Returns the volume that is made, if one is.
pub fn replace(
    task: &RootTask,
    instance: &Instance,
    old: &Volume,
    from: Source,
    call: &mut Call<'_>,
) -> Option<String> {
    let (now, delay) = (call.now(), call.delays().replace_root);
    let (begins, ends) = (after(now, delay), after(after(now, delay), delay));
    let fate = *task.state.last();
    let made = from.volume_id.is_none();
    let new = match &from.volume_id {
        Some(id) => id.clone(),
        None => make(old, from, instance, call),
    };
    let device = instance.root_device_name.clone();
    let mut deletes = true;
    if let Some(root) = call.estate().volumes.get_mut(&old.id) {
        let held = root.attachments.iter_mut();
        for held in held.filter(|held| held.holds_on(&instance.id, now)) {
            deletes = held.delete_on_termination;
            if fate.1 != "failed" {
                held.state.turn(begins, AttachmentState::Detaching);
                held.state.then(ends, AttachmentState::Detached);
            }
        }
    }
    if fate.1 == "succeeded" {
        let mut state = Timeline::new(now, AttachmentState::Detached);
        state.then(begins, AttachmentState::Attaching);
        state.then(ends, AttachmentState::Attached);
        let held = Attachment {
            instance_id: instance.id.clone(),
            device,
            delete_on_termination: deletes,
            ebs_card_index: 0,
            attached: ends,
            state,
            mounted: true,
        };
        if let Some(volume) = call.estate().volumes.get_mut(&new) {
            volume.attachments.push(held);
        }
    }
    let checks = after(ends, call.delays().status_checks);
    let gone = fate.1 == "failed-detached";
    if let Some(instance) = call.estate().instances.get_mut(&instance.id) {
        instance.checks_pass = checks;
        instance.impaired |= gone;
    }
    made.then_some(new)
}

fn make(old: &Volume, from: Source, instance: &Instance, call: &mut Call<'_>) -> String {
    let now = call.now();
    let ready = after(now, call.delays().replace_root);
    let mut state = Timeline::new(now, VolumeState::Creating);
    state.then(ready, VolumeState::Available);
    let key = from.of.as_ref().and_then(|one| one.kms_key_id.clone());
    let key = key.or_else(|| old.kms_key_id.clone());
    let data = from
        .of
        .as_ref()
        .map_or_else(|| old.data.clone(), |one| one.data.clone());
    let volume = Volume {
        id: call.world().new_id("vol"),
        size: from.size,
        encrypted: key.is_some(),
        kms_key_id: key,
        snapshot_id: from.of.map(|one| one.id).or(from.snapshot_id),
        created: now,
        state,
        tags: Tags::new(),
        product_codes: instance.product_codes.clone(),
        attachments: Vec::new(),
        modification: None,
        data,
        damaged_from: None,
        token: None,
        visibility: Visibility::default(),
        ..old.clone()
    };
    let id = volume.id.clone();
    call.estate().volumes.insert(id.clone(), volume);
    id
}
