//! `ModifyVolume` and `DescribeVolumesModifications`: modifying, optimizing, completed.
//!
//! A volume takes one modification at a time; its shape is the new one from the call on.

use aws_sdk_ec2::operation::describe_volumes_modifications::{
    DescribeVolumesModificationsInput, DescribeVolumesModificationsOutput,
};
use aws_sdk_ec2::operation::modify_volume::{ModifyVolumeInput, ModifyVolumeOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::model::{Modification, ModificationState, Shape, Volume, VolumeState};
use super::{ids, rows, volumes};
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};

impl ModificationState {
    fn shown(self) -> (ec2::VolumeModificationState, i64) {
        match self {
            Self::Modifying => (ec2::VolumeModificationState::Modifying, 0),
            Self::Optimizing => (ec2::VolumeModificationState::Optimizing, 50),
            Self::Completed => (ec2::VolumeModificationState::Completed, 100),
        }
    }
}

/// `ModifyVolume`: at most one at a time, and a volume never shrinks.
pub fn modify(input: &ModifyVolumeInput, call: &mut Call<'_>) -> Answer<ModifyVolumeOutput> {
    let now = call.now();
    let id = ids::required(input.volume_id(), "volumeId")?.to_owned();
    ids::volume(call.estate(), &id, now)?;
    call.permit()?;
    let step = call.delays().modify_volume;
    let volume = ids::volume(call.estate(), &id, now)?;
    may_modify(volume, input, now)?;
    let original = volume.shape();
    let kind = input.volume_type().map(ec2::VolumeType::as_str);
    volume.size = input.size().unwrap_or(volume.size);
    volume.volume_type = kind.unwrap_or(&volume.volume_type).to_owned();
    volume.iops = input.iops().or(volume.iops);
    volume.throughput = input.throughput().or(volume.throughput);
    let mut state = Timeline::new(now, ModificationState::Modifying);
    state.then(after(now, step), ModificationState::Optimizing);
    state.then(after(after(now, step), step), ModificationState::Completed);
    let modification = Modification {
        state,
        original,
        target: volume.shape(),
    };
    let row = row(&id, &modification, now);
    volume.modification = Some(modification);
    answer(move |output: &mut ModifyVolumeOutput| output.volume_modification = Some(row))
}

fn may_modify(volume: &Volume, input: &ModifyVolumeInput, now: Timestamp) -> Result<(), Refusal> {
    let id = &volume.id;
    let under_way = volume
        .modification
        .as_ref()
        .is_some_and(|modification| *modification.state.at(now) != ModificationState::Completed);
    if under_way || *volume.state.at(now) != VolumeState::Available {
        return Err(Refusal::client(
            "IncorrectModificationState",
            format!("Cannot modify volume {id} currently in modification state MODIFYING"),
        ));
    }
    if input.size().is_some_and(|size| size < volume.size) {
        return Err(Refusal::invalid_value(format!(
            "New size cannot be smaller than existing size of volume {id}"
        )));
    }
    Ok(())
}

impl Filtered for ec2::VolumeModification {
    const NAMES: &'static [&'static str] = &["modification-state", "volume-id"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "modification-state" => shown::text(
                self.modification_state()
                    .map(ec2::VolumeModificationState::as_str),
            ),
            _ => shown::text(self.volume_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeVolumesModifications`: only volumes that were ever modified; naming another one is an error.
pub fn describe(
    input: &DescribeVolumesModificationsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeVolumesModificationsOutput> {
    call.permit()?;
    let now = call.now();
    let mut shown = Vec::new();
    for volume in volumes::seen(call, input.volume_ids())? {
        match &volume.modification {
            Some(modification) => shown.push(row(&volume.id, modification, now)),
            None if input.volume_ids().is_empty() => {}
            None => {
                return Err(Refusal::client(
                    "InvalidVolumeModification.NotFound",
                    format!("Modification for volume '{}' does not exist.", volume.id),
                ));
            }
        }
    }
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token()).at_least(1);
    let (rows, token) = page.cut(kept, |row| row.volume_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeVolumesModificationsOutput| {
        output.volumes_modifications = Some(rows);
        output.next_token = token;
    })
}

fn row(volume_id: &str, of: &Modification, now: Timestamp) -> ec2::VolumeModification {
    let state = *of.state.at(now);
    let (shown, progress) = state.shown();
    let ended = (state == ModificationState::Completed).then(|| rows::date(of.state.since(now)));
    let kind = |shape: &Shape| ec2::VolumeType::from(shape.volume_type.as_str());
    ec2::VolumeModification::builder()
        .volume_id(volume_id)
        .modification_state(shown)
        .progress(progress)
        .start_time(rows::date(of.state.since(Timestamp::MIN)))
        .set_end_time(ended)
        .original_size(of.original.size)
        .original_volume_type(kind(&of.original))
        .set_original_iops(of.original.iops)
        .set_original_throughput(of.original.throughput)
        .target_size(of.target.size)
        .target_volume_type(kind(&of.target))
        .set_target_iops(of.target.iops)
        .set_target_throughput(of.target.throughput)
        .build()
}
