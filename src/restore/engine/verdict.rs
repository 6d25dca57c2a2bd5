//! What follows for a run from how its steps stand. Pure: it reads the fold and sends nothing.
//!
//! A failure that the run goes on without does not stop it here; the drive says so once nothing else is left.

use std::collections::BTreeSet;

use crate::domain::ids::StepId;
use crate::domain::run::{EventBody, PauseReason, RunState, StepStatus};

/// A step that a person has to decide about stops the run also where something else had halted it.
/// What is under way is not stopped, whatever its last event says.
pub(super) fn stopped_before(state: &RunState, busy: &BTreeSet<StepId>) -> Option<EventBody> {
    let stopped = |wanted: StepStatus| {
        let steps = state.current_steps().iter();
        let steps =
            steps.filter(|step| !busy.contains(&step.id) && !state.goes_on_without(&step.id));
        let mut records = steps.map(|step| (step, state.record(&step.id)));
        records.find(|(_, record)| record.status == wanted)
    };
    if let Some((step, record)) = stopped(StepStatus::Failed) {
        return Some(EventBody::Failed {
            why: format!("{}: {}", step.id, record.detail),
        });
    }
    let (step, record) = stopped(StepStatus::Conflict)?;
    Some(EventBody::Paused {
        reason: PauseReason::Conflict,
        line: format!("{}: {}", step.id, record.detail),
        command: None,
    })
}

/// Tells whether there is nothing left to do.
pub(super) fn all_settled(state: &RunState) -> bool {
    let mut steps = state.current_steps().iter();
    steps.all(|step| state.is_settled(&step.id))
}
