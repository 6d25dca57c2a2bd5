//! What takes each step of a swap back. What was created is kept and listed, so it has none here.
//!
//! The engine runs these last step first, so each may count on the steps after it being undone.

use crate::domain::ids::VolumeId;
use crate::domain::plan::{Call, Gate, Impact, Ref, Undo};
use crate::restore::operation::Operation;
use crate::restore::operations::ec2_active::{MarkActive, UnmarkActive};
use crate::restore::operations::ec2_instance::{
    SetDeleteOnTermination, StartInstance, StopInstance,
};
use crate::restore::operations::ec2_volume::{AttachVolume, DetachVolume};

use super::person;
use super::steps::{Swap, new_volume, usual};
use super::target::Old;

pub(super) fn of_mark(swap: &Swap) -> Vec<Undo> {
    let call = UnmarkActive {
        resource: swap.target.instance.id.as_str().to_owned(),
    };
    vec![Undo {
        expected: usual::ATTRIBUTE,
        ..undo(
            format!("take the mark from {}", swap.target.facts.instance_called()),
            Some(call.call()),
        )
    }]
}

/// Whoever takes a finished run back is at the instance again.
pub(super) fn of_unmark(swap: &Swap) -> Vec<Undo> {
    let call = MarkActive {
        resource: swap.target.instance.id.as_str().to_owned(),
        instead_of: None,
    };
    vec![Undo {
        expected: usual::ATTRIBUTE,
        ..undo(
            format!("mark {} again", swap.target.facts.instance_called()),
            Some(call.call()),
        )
    }]
}

pub(super) fn of_stop(swap: &Swap) -> Vec<Undo> {
    let call = StartInstance {
        instance: swap.target.instance.id.clone(),
        until_ok: true,
    };
    vec![Undo {
        expected: usual::START,
        ends_outage: true,
        ..undo(
            format!(
                "start {}, both status checks",
                swap.target.facts.instance_called()
            ),
            Some(call.call()),
        )
    }]
}

pub(super) fn of_start(swap: &Swap) -> Vec<Undo> {
    let call = StopInstance {
        instance: swap.target.instance.id.clone(),
    };
    vec![Undo {
        impact: Impact::Interrupts,
        expected: swap.stopping(),
        ..undo(
            format!("stop {} again", swap.target.facts.instance_called()),
            Some(call.call()),
        )
    }]
}

pub(super) fn of_detach(swap: &Swap, old: Old) -> Vec<Undo> {
    let target = swap.target;
    let attach = AttachVolume {
        volume: Ref::Known(old.volume.id.clone()),
        instance: target.instance.id.clone(),
        device: target.device.clone(),
    };
    vec![
        Undo {
            expected: usual::ATTACH,
            ..undo(
                format!(
                    "attach {} again at {}",
                    target.old_called(),
                    target.device_shown()
                ),
                Some(attach.call()),
            )
        },
        on_termination(swap, old),
    ]
}

/// Stands with the unmounting and not with the detach: whoever was asked to unmount is asked to
/// mount again, even where nothing was detached in between.
pub(super) fn of_unmount(swap: &Swap) -> Vec<Undo> {
    let target = swap.target;
    vec![Undo {
        gate: person::mount_old(target),
        expected: usual::PERSON,
        ends_outage: true,
        ..undo(format!("you: mount {} again", target.old_called()), None)
    }]
}

fn on_termination(swap: &Swap, old: Old) -> Undo {
    let delete = old.mapping.delete_on_termination;
    let call = SetDeleteOnTermination {
        instance: swap.target.instance.id.clone(),
        device: swap.target.device.clone(),
        volume: Ref::Known(old.volume.id.clone()),
        delete,
    };
    let answer = if delete { "yes" } else { "no" };
    Undo {
        expected: usual::ATTRIBUTE,
        ..undo(
            format!("delete on termination: {answer}, as before"),
            Some(call.call()),
        )
    }
}

pub(super) fn of_attach(swap: &Swap) -> Vec<Undo> {
    let target = swap.target;
    let mut undos = Vec::new();
    if target.hot() {
        // Nothing served from this device before, so no outage of this run begins or ends with it;
        // what was put to use since then goes down all the same, and the title says so.
        let served_before = target.old.is_some();
        let title = if target.lost() {
            "you: stop what uses the restored volume, which goes down with it, and unmount it"
        } else {
            "you: unmount the restored volume"
        };
        undos.push(Undo {
            gate: person::unmount_new(target),
            impact: if served_before {
                Impact::Interrupts
            } else {
                Impact::Changes
            },
            expected: usual::PERSON,
            ..undo(title.to_owned(), None)
        });
    }
    let call = detach(swap, new_volume());
    let mut title = format!("detach the restored volume from {}", target.device_shown());
    if target.old.is_none() {
        title.push_str(", which is empty again");
    }
    undos.push(Undo {
        expected: usual::DETACH,
        ..undo(title, Some(call))
    });
    undos
}

fn detach(swap: &Swap, volume: Ref<VolumeId>) -> Call {
    DetachVolume {
        volume,
        instance: swap.target.instance.id.clone(),
        device: swap.target.device.clone(),
        while_running: swap.target.hot(),
    }
    .call()
}

pub(super) fn undo(title: String, call: Option<Call>) -> Undo {
    Undo {
        title,
        call,
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 0,
        ends_outage: false,
    }
}
