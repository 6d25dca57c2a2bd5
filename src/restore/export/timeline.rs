//! The events of a run in words, one row each.
//!
//! Every event gets its row, also one that changed nothing: a report leaves nothing out. Only a progress that
//! counts on is one row, with its first and its last word.

use super::instant;
use super::markup::{head, row};
use crate::domain::ids::StepId;
use crate::domain::run::{EventBody, Operator, RunEvent, RunState, told};

/// Writes what happened in a run row by row.
pub(super) fn timeline(state: &RunState, events: &[RunEvent], out: &mut String) {
    out.push_str("## Timeline\n\n");
    out.push_str(&head(["at", "step", "what", "request id"]));
    for same in events.chunk_by(counts_on) {
        let [event, rest @ ..] = same else {
            continue;
        };
        let title = event
            .step
            .as_ref()
            .map_or(String::new(), |id| title(state, id));
        let (what, request) = told(&event.body);
        let what = if let EventBody::Paused { line, .. } = &event.body {
            format!("paused: {}", state.titled(line))
        } else {
            what
        };
        let until = rest.last().map(|last| {
            let (what, at) = (told(&last.body).0, instant(last.at));
            format!("; told {} times, at {at} last: {what}", same.len())
        });
        let request = request.unwrap_or_default();
        let what = what + &until.unwrap_or_default();
        out.push_str(&row([&instant(event.at), &title, &what, &request]));
    }
    out.push('\n');
}

fn counts_on(before: &RunEvent, event: &RunEvent) -> bool {
    event.step == before.step && event.body.repeats(&before.body)
}

/// Returns number and title of a step, or the title of one that takes the run back.
pub(super) fn title(state: &RunState, id: &StepId) -> String {
    let number = state.plan.steps.iter().position(|step| &step.id == id);
    let title = state
        .any_step(id)
        .map_or(id.to_string(), |step| step.title.clone());
    number.map_or_else(|| title.clone(), |n| format!("{} {title}", n + 1))
}

/// Returns who did something.
pub(super) fn operator(by: &Operator) -> String {
    format!("{}@{}", by.user, by.host)
}
