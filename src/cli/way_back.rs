//! What a roll back would undo, keep and leave behind, told before anybody says yes to it.
//! It only reads the run; the engine decides what is really undone.

use jiff::SignedDuration;

use crate::domain::plan::Step;
use crate::domain::run::RunState;
use crate::domain::text::shown;

use super::follow::{left_line, minutes};

/// Returns what a person must know before agreeing to a roll back, line by line. Of a run that has lost events
/// only the most can be told that may come.
#[must_use]
pub fn lines(state: &RunState, lost: bool) -> Vec<String> {
    let steps = state.way_back(lost);
    let mut lines = vec![format!(
        "roll back of run {} · {}",
        state.run, state.plan.title
    )];
    if lost {
        lines.push(
            "events of it are lost: what it did is looked for first, which can take minutes"
                .to_owned(),
        );
        lines.push("undone, in this order, is at most:".to_owned());
    } else if steps.is_empty() {
        lines.push("undone: nothing; nothing was changed that must be put back".to_owned());
    } else {
        lines.push("undone, in this order:".to_owned());
    }
    let numbered = steps.iter().enumerate();
    lines.extend(numbered.map(|(n, step)| format!("  {} {}", n + 1, step.title)));
    lines.extend(state.left_as_found().map(left_line));
    let outage = outage(state, &steps, lost);
    let touched = !steps.is_empty() || state.serving().next().is_some();
    let quiet = outage.is_none() && touched && !lost;
    lines.extend(outage);
    lines.extend(quiet.then(|| still(state, &steps)));
    lines.extend(state.created.iter().map(|made| {
        let (kind, id) = (made.kind.as_str(), shown(&made.id));
        format!("kept: {kind} {id}, made by this run")
    }));
    let parts = state.parts_told().into_iter();
    lines.extend(parts.map(|told| format!("kept: {told}, made by this run")));
    let written = state.written_since();
    lines.extend(written.map(|written| format!("lost to the service: {}", shown(&written))));
    lines
}

/// Says what becomes of the service where no step interrupts it.
fn still(state: &RunState, steps: &[Step]) -> String {
    match state.serving().next() {
        Some(made) if !state.old_still_serves() => {
            let id = shown(&made.id);
            if state.traffic_moved() && steps.iter().any(|step| step.ends_outage) {
                "the service is not interrupted: the old one serves before this one stops"
                    .to_owned()
            } else {
                format!("taken out of use: {id}; what uses it goes down")
            }
        }
        Some(_) | None => "the service is not interrupted".to_owned(),
    }
}

/// Says what the way back means for the service.
fn outage(state: &RunState, steps: &[Step], lost: bool) -> Option<String> {
    let down = state.down_since().is_some();
    let ends = steps.iter().any(|step| step.ends_outage);
    let length = if down {
        let through = steps.iter().position(|step| step.ends_outage);
        let through = through.map_or(steps.len(), |through| through + 1);
        let seconds: u64 = steps.iter().take(through).map(|step| step.expected).sum();
        SignedDuration::from_secs(i64::try_from(seconds).ok()?)
    } else {
        state.down_on_way_back(steps)?
    };
    let about = minutes(length);
    Some(match (down, ends) {
        (true, true) => format!("THE SERVICE IS DOWN and is up again after about {about}"),
        (true, false) => "THE SERVICE IS DOWN, and no step of this ends that".to_owned(),
        (false, _) if lost => {
            format!("THE SERVICE MAY BE DOWN ALREADY, or is interrupted by this for up to {about}")
        }
        (false, _) => format!("THE SERVICE IS INTERRUPTED for about {about}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::{Impact, Undo};
    use crate::domain::run::{Approval, Created, EventBody, Operator, RunEvent, StepStatus};
    use crate::restore::export::specimen;

    fn state(with: impl FnOnce(&mut crate::domain::plan::Plan), bodies: &[EventBody]) -> RunState {
        let mut plan = specimen::plan();
        with(&mut plan);
        let step = plan.steps[0].id.clone();
        let planned = EventBody::Planned {
            plan: Box::new(plan),
            by: Operator {
                user: "me".into(),
                host: "here".into(),
            },
            approval: Approval::default(),
            version: "1".into(),
            endpoints: Vec::new(),
        };
        let bodies = std::iter::once((None, planned))
            .chain(bodies.iter().map(|body| (Some(step.clone()), body.clone())));
        let events: Vec<RunEvent> = (1..)
            .zip(bodies)
            .map(|(seq, (step, body))| RunEvent {
                run: "01RUN".into(),
                seq,
                at: "2026-03-01T02:00:00Z".parse().unwrap(),
                step,
                body,
            })
            .collect();
        RunState::fold(&events).unwrap()
    }

    fn intent() -> EventBody {
        EventBody::Intent {
            generation: 1,
            token: String::new(),
            digest: String::new(),
            input: serde_json::Value::Null,
            found: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_run_that_changed_nothing_has_nothing_to_undo() {
        let lines = lines(&state(|_plan| {}, &[]), false);
        assert!(lines[1].starts_with("undone: nothing"), "{lines:?}");
        assert_eq!(lines.len(), 2, "{lines:?}");
    }

    #[test]
    fn what_is_undone_and_what_is_kept_is_named_with_the_outage() {
        let made = EventBody::Accepted {
            request_id: None,
            outputs: serde_json::Value::Null,
            created: vec![Created {
                id: "vol-9\u{1b}".into(),
                kind: crate::domain::resource::ResourceKind::Volume,
            }],
        };
        let undo = |title: &str, impact, expected, ends_outage| Undo {
            title: title.to_owned(),
            call: None,
            gate: crate::domain::plan::Gate::None,
            impact,
            expected,
            ends_outage,
        };
        let state = state(
            |plan| {
                plan.steps[0].impact = Impact::Changes;
                plan.steps[0].undo = vec![
                    undo("stop it", Impact::Interrupts, 40, false),
                    undo("start it", Impact::Changes, 50, true),
                ];
            },
            &[intent(), made],
        );
        let lines = lines(&state, false);
        let wanted = [
            "undone, in this order:",
            "  1 stop it",
            "  2 start it",
            "THE SERVICE IS INTERRUPTED for about 1 min 30 s",
            "kept: volume vol-9‹U+001B›, made by this run",
        ];
        assert_eq!(lines[1..], wanted);
    }

    #[test]
    fn of_a_run_that_has_lost_events_the_most_that_may_come_is_told() {
        let undo = Undo {
            title: "stop it".to_owned(),
            call: None,
            gate: crate::domain::plan::Gate::None,
            impact: Impact::Interrupts,
            expected: 40,
            ends_outage: true,
        };
        let state = state(|plan| plan.steps[0].undo = vec![undo], &[]);
        assert!(lines(&state, false)[1].starts_with("undone: nothing"));
        let told = lines(&state, true).join("\n");
        for words in [
            "events of it are lost",
            "at most:",
            "stop it",
            "MAY BE DOWN ALREADY",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }

    #[test]
    fn what_was_put_to_use_goes_down_although_the_run_took_nothing_down() {
        let made = EventBody::Accepted {
            request_id: None,
            outputs: serde_json::Value::Null,
            created: vec![Created {
                id: "vol-9".into(),
                kind: crate::domain::resource::ResourceKind::Volume,
            }],
        };
        let mut state = state(|_plan| {}, &[intent(), made]);
        let attach = crate::domain::run::StepRecord {
            status: StepStatus::Verified,
            outputs: serde_json::json!({"volume": "vol-9"}),
            ..Default::default()
        };
        let other = state.plan.steps[1].id.clone();
        state.steps.insert(other, attach);
        let lines = lines(&state, false);
        let line = "taken out of use: vol-9; what uses it goes down";
        assert!(lines.iter().any(|told| told == line), "{lines:?}");
    }
}
