//! The steps of a replacement, one after the other, and what takes each back.
//! The new root is named by what the task yields, since nobody knows its id before.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::form::Choices;
use crate::domain::ids::{StepId, VolumeId};
use crate::domain::plan::{Gate, Impact, Ref, Step, Undo};
use crate::domain::text::{Untrusted, shown};
use crate::restore::flow::FlowError;
use crate::restore::flows::put_aside;
use crate::restore::observations::autoscaling::Group;
use crate::restore::operation::{Operation, TAG_RUN, TAG_SOURCE, TAG_STEP};
use crate::restore::operations::autoscaling_group::{ResumeProcesses, SuspendProcesses};
use crate::restore::operations::ec2_active::{MarkActive, TAG_ACTIVE, UnmarkActive};
use crate::restore::operations::ec2_instance::SetDeleteOnTermination;
use crate::restore::operations::ec2_instance_status::InstanceIsHealthy;
use crate::restore::operations::ec2_root::{ReplaceRootVolume, RootFrom};
use crate::restore::operations::ec2_snapshot::CreateSnapshot;
use crate::restore::operations::ec2_tags::{TagResource, TagValue};

use super::facts::{RootFacts, choice};

const REPLACE: &str = "replace";
const TAG_OLD: &str = "tag-old-volume";
/// How long an old volume is kept, in days.
const KEEP_DAYS: i64 = 7;
/// What a group would do to an instance that it finds unhealthy.
const PROCESSES: [&str; 3] = ["HealthCheck", "ReplaceUnhealthy", "Terminate"];

/// Usual durations in seconds.
const CALL: u64 = 2;
const SNAPSHOT: u64 = 5;
const TASK: u64 = 180;
const CHECKS: u64 = 120;
const PERSON: u64 = 60;

/// Works out until when the old volume is kept.
///
/// # Errors
/// [`FlowError::Choice`] where it is no date, or has passed.
pub(super) fn keep_until(facts: &RootFacts, choices: &Choices) -> Result<String, FlowError> {
    let now = facts.observed_at;
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let Some(chosen) = choices.one("keep-until") else {
        let keep = SignedDuration::from_hours(24 * KEEP_DAYS);
        return Ok(date(now.checked_add(keep).unwrap_or(Timestamp::MAX)).to_string());
    };
    let (text, past) = match (chosen.parse::<Timestamp>(), chosen.parse::<Date>()) {
        (Ok(at), _) => (at.to_string(), at < now),
        (_, Ok(day)) => (day.to_string(), day < date(now)),
        (Err(_), Err(_)) => {
            let why = format!("“{}” is not a date such as 2026-03-08", shown(chosen));
            return Err(choice("keep-until", why));
        }
    };
    if past {
        return Err(choice("keep-until", format!("{text} has passed")));
    }
    Ok(text)
}

/// Makes the steps.
///
/// # Errors
/// [`FlowError::Missing`] where the instance shows no root.
pub(super) fn steps(
    facts: &RootFacts,
    choices: &Choices,
    keep_until: &str,
) -> Result<Vec<Step>, FlowError> {
    let mapping = facts.mapping().ok_or_else(|| FlowError::Missing {
        what: format!("{} shows no root volume", facts.called()),
    })?;
    let delete = mapping.delete_on_termination;
    let (point, _) = facts.point()?;
    let group = facts.group.value().and_then(Option::as_ref);
    let held = group.map(|group| (group, processes(group)));
    let held = held.filter(|(_, processes)| !processes.is_empty());
    let mut all = vec![mark(facts)];
    if !choices.flag("no-safety-snapshot") {
        all.push(safety_snapshot(facts));
    }
    if let Some((group, processes)) = &held {
        all.push(hold(group, processes));
    }
    all.push(replace(facts, delete));
    all.push(checks(facts));
    all.push(on_termination(facts, delete));
    all.push(tag_new(facts, &point));
    all.push(tag_old(facts, keep_until));
    all.push(healthy(facts));
    if let Some((group, processes)) = &held {
        all.push(let_go(group, processes));
    }
    all.push(unmark(facts));
    for n in 1..all.len() {
        all[n].needs = vec![all[n - 1].id.clone()];
    }
    Ok(all)
}

/// Those that run, of those that would do harm.
fn processes(group: &Group) -> Vec<String> {
    let running = PROCESSES
        .into_iter()
        .filter(|name| !group.suspended.iter().any(|one| one == name));
    running.map(str::to_owned).collect()
}

fn mark(facts: &RootFacts) -> Step {
    let resource = facts.instance.id.as_str().to_owned();
    let before = facts.instance.tags.get(&Untrusted::from(TAG_ACTIVE));
    let gate = before.map_or(Gate::None, |run| Gate::TypeName {
        name: Untrusted::from(facts.instance.id.as_str()),
        why: format!(
            "{} is marked by run {}, which may still be under way; this run takes over from it",
            facts.called(),
            run.shown()
        ),
    });
    let call = MarkActive {
        resource: resource.clone(),
        instead_of: before.cloned(),
    };
    Step {
        call: Some(call.call()),
        gate,
        impact: Impact::Changes,
        expected: CALL,
        undo: vec![Undo {
            call: Some(UnmarkActive { resource }.call()),
            expected: CALL,
            ..undo(format!("take the mark from {}", facts.called()))
        }],
        ..step(
            "mark",
            format!("mark {} as being restored", facts.called()),
            "tells whoever else wants to restore it that somebody is at it; it is no lock",
        )
    }
}

fn unmark(facts: &RootFacts) -> Step {
    let resource = facts.instance.id.as_str().to_owned();
    let again = MarkActive {
        resource: resource.clone(),
        instead_of: None,
    };
    Step {
        call: Some(UnmarkActive { resource }.call()),
        impact: Impact::Changes,
        expected: CALL,
        undo: vec![Undo {
            call: Some(again.call()),
            expected: CALL,
            ..undo(format!("mark {} again", facts.called()))
        }],
        ..step(
            "unmark",
            format!("take the mark from {}", facts.called()),
            "the restore is over",
        )
    }
}

fn safety_snapshot(facts: &RootFacts) -> Step {
    let call = CreateSnapshot {
        volume: facts.root.id.clone(),
        description: format!("defib: {} before it was replaced", facts.root.id),
        tags: BTreeMap::new(),
    };
    Step {
        call: Some(call.call()),
        impact: Impact::Creates,
        expected: SNAPSHOT,
        ..step(
            "safety-snapshot",
            format!("safety snapshot of {}", facts.root.id),
            "keeps the present state, damaged as it may be",
        )
    }
}

fn hold(group: &Group, processes: &[String]) -> Step {
    let suspend = suspend(group, processes);
    let resume = resume(group, processes);
    let name = shown(&group.name);
    Step {
        call: Some(suspend.call()),
        impact: Impact::Changes,
        expected: CALL,
        undo: vec![Undo {
            call: Some(resume.call()),
            expected: CALL,
            ..undo(format!("let {name} replace members again"))
        }],
        ..step(
            "suspend",
            format!("keep {name} from replacing members"),
            "it would find the instance unhealthy while it reboots, and terminate it",
        )
    }
}

fn let_go(group: &Group, processes: &[String]) -> Step {
    let suspend = suspend(group, processes);
    let resume = resume(group, processes);
    let name = shown(&group.name);
    Step {
        call: Some(resume.call()),
        impact: Impact::Changes,
        expected: CALL,
        undo: vec![Undo {
            call: Some(suspend.call()),
            expected: CALL,
            ..undo(format!("keep {name} from replacing members"))
        }],
        ..step(
            "resume",
            format!("let {name} replace members again"),
            "as before",
        )
    }
}

fn suspend(group: &Group, processes: &[String]) -> SuspendProcesses {
    SuspendProcesses {
        group: group.name.clone(),
        processes: processes.to_vec(),
    }
}

fn resume(group: &Group, processes: &[String]) -> ResumeProcesses {
    ResumeProcesses {
        group: group.name.clone(),
        processes: processes.to_vec(),
    }
}

fn new_root() -> Ref<VolumeId> {
    Ref::output(REPLACE, "volume")
}

fn replace(facts: &RootFacts, delete: bool) -> Step {
    let old = &facts.root.id;
    let call = |from, old| ReplaceRootVolume {
        instance: facts.instance.id.clone(),
        from,
        device: facts.instance.root_device.clone(),
        old,
    };
    let there = call(facts.from(), Ref::Known(old.clone()));
    let back = call(RootFrom::Volume(old.clone()), new_root());
    let as_before = delete_on_termination(facts, Ref::Known(old.clone()), delete);
    Step {
        call: Some(there.call()),
        impact: Impact::Interrupts,
        expected: TASK,
        undo: vec![
            Undo {
                call: Some(back.call()),
                impact: Impact::Interrupts,
                expected: TASK,
                ends_outage: true,
                ..undo(format!("put {old} back as the root, by one more reboot"))
            },
            Undo {
                call: Some(as_before.call()),
                expected: CALL,
                ..undo(format!("{old} goes with its instance as before"))
            },
        ],
        ..step(
            REPLACE,
            format!("replace the root of {}", facts.called()),
            "EC2 makes the new root, swaps it and reboots; data volumes and addresses stay",
        )
    }
}

fn checks(facts: &RootFacts) -> Step {
    let call = InstanceIsHealthy {
        instance: Ref::Known(facts.instance.id.clone()),
    };
    Step {
        call: Some(call.call()),
        expected: CHECKS,
        ends_outage: true,
        ..step(
            "checks",
            format!("wait for both status checks of {}", facts.called()),
            "a root that does not boot shows here",
        )
    }
}

fn delete_on_termination(
    facts: &RootFacts,
    volume: Ref<VolumeId>,
    delete: bool,
) -> SetDeleteOnTermination {
    SetDeleteOnTermination {
        instance: facts.instance.id.clone(),
        device: facts.instance.root_device.clone(),
        volume,
        delete,
    }
}

fn on_termination(facts: &RootFacts, delete: bool) -> Step {
    let word = if delete { "goes" } else { "does not go" };
    Step {
        call: Some(delete_on_termination(facts, new_root(), delete).call()),
        impact: Impact::Changes,
        expected: CALL,
        ..step(
            "delete-on-termination",
            format!("the new root {word} with its instance"),
            "as the old one did",
        )
    }
}

/// EC2 gives the new root no tags: it gets those of the old one, and what says where it is from.
fn tag_new(facts: &RootFacts, point: &str) -> Step {
    let ours = |key: &str| key.starts_with("aws:") || key.starts_with("defib:");
    let before = facts.root.tags.iter();
    let carried = before
        .filter(|(key, _)| !ours(key.raw()))
        .map(|(key, value)| (key.raw().to_owned(), TagValue::Text(value.clone())));
    let own = [
        (TAG_RUN.to_owned(), TagValue::Run),
        (TAG_STEP.to_owned(), TagValue::Text(REPLACE.into())),
        (TAG_SOURCE.to_owned(), TagValue::Text(point.into())),
    ];
    let call = TagResource {
        resource: Ref::output(REPLACE, "volume"),
        tags: carried.chain(own).collect(),
    };
    Step {
        call: Some(call.call()),
        impact: Impact::Changes,
        expected: CALL,
        ..step(
            "tag-new-volume",
            "tag the new root as the old one, and with this run".to_owned(),
            "EC2 gives it no tags",
        )
    }
}

fn tag_old(facts: &RootFacts, keep_until: &str) -> Step {
    let root = &facts.root;
    let call = TagResource {
        resource: Ref::Known(root.id.as_str().to_owned()),
        tags: put_aside::tags(TAG_OLD, keep_until),
    };
    Step {
        call: Some(call.call()),
        impact: Impact::Changes,
        expected: CALL,
        undo: put_aside::back(root.id.as_str(), &root.tags, call.tags.keys()),
        ..step(
            TAG_OLD,
            format!(
                "tag {} to be kept until {}",
                facts.root.id,
                shown(keep_until)
            ),
            "whoever tidies up sees why it is there",
        )
    }
}

fn healthy(facts: &RootFacts) -> Step {
    let check = InstanceIsHealthy {
        instance: Ref::Known(facts.instance.id.clone()),
    };
    Step {
        gate: Gate::Person {
            instructions: vec![
                "Is the application healthy, with the system you expect?".to_owned(),
                "Answer yes to finish. Otherwise roll back: the old root is still there."
                    .to_owned(),
            ],
            check: Some(check.call()),
        },
        expected: PERSON,
        ..step(
            "healthy",
            "you: is the application healthy?".to_owned(),
            "status checks say nothing of the application",
        )
    }
}

fn step(id: &str, title: String, why: &str) -> Step {
    Step {
        id: StepId::from(id),
        title,
        why: why.to_owned(),
        call: None,
        needs: Vec::new(),
        gate: Gate::None,
        impact: Impact::Reads,
        expected: 0,
        ends_outage: false,
        undo: Vec::new(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

fn undo(title: String) -> Undo {
    Undo {
        title,
        call: None,
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 0,
        ends_outage: false,
    }
}
