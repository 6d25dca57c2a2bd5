//! The events of a run in words, one row each.
//!
//! Every event gets its row, also one that changed nothing: a report leaves nothing out.

use super::instant;
use super::markup::{head, row};
use crate::domain::ids::StepId;
use crate::domain::run::{Operator, RunEvent, RunState, told};

/// Writes every event of a run as a row.
pub(super) fn timeline(state: &RunState, events: &[RunEvent], out: &mut String) {
    out.push_str("## Timeline\n\n");
    out.push_str(&head(["at", "step", "what", "request id"]));
    for event in events {
        let title = event
            .step
            .as_ref()
            .map_or(String::new(), |id| title(state, id));
        let (what, request) = told(&event.body);
        let request = request.unwrap_or_default();
        out.push_str(&row([&instant(event.at), &title, &what, &request]));
    }
    out.push('\n');
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
