//! What follows from what is seen of the steps that a damaged record does not show as done. Pure: it neither
//! reads the world nor records anything.
//!
//! A state that holds is taken for this run's doing only where the steps it needs were done as well; else a
//! running instance would count as started before it was ever stopped.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::ids::StepId;
use crate::domain::plan::{Plan, Step};
use crate::domain::run::{Created, EventBody, RunState, StepStatus};

/// What is seen of each step that the record does not show as done.
pub(super) type Seen = BTreeMap<StepId, Sight>;

/// How a step's wanted state stands in the world.
#[derive(Clone, Debug)]
pub(super) enum Sight {
    /// The wanted state holds.
    There {
        outputs: Value,
        detail: String,
        created: Vec<Created>,
    },
    /// It is on its way.
    Coming(String),
    /// It does not hold.
    Absent,
    /// It cannot be told.
    Unclear,
}

/// Returns the first step whose wanted state is on its way, and how far it is, if any is.
pub(super) fn coming(seen: &Seen) -> Option<String> {
    seen.iter().find_map(|(step, sight)| match sight {
        Sight::Coming(detail) => Some(format!("{step}: {detail}")),
        Sight::There { .. } | Sight::Absent | Sight::Unclear => None,
    })
}

/// Returns what the record has lost, as events in the order of the plan. A step counts only with all that
/// it needs: else what it needs would be done once more, beside it.
pub(super) fn findings(state: &RunState, seen: &Seen, back: bool) -> Vec<(StepId, EventBody)> {
    let done = done(state, seen);
    let mut found = BTreeSet::new();
    // What the run may have gone on without.
    let mut without = BTreeSet::new();
    let mut events = Vec::new();
    for (at, step) in state.plan.steps.iter().enumerate() {
        let closed = |need: &StepId| state.is_settled(need) || found.contains(need);
        let passed = |need: &StepId| closed(need) || step.may_wait && without.contains(need);
        if state.is_settled(&step.id) || !step.needs.iter().all(passed) {
            continue;
        }
        let bodies = if step.builds_on.iter().all(closed) {
            finding(state, seen, &done, at, back)
        } else {
            Vec::new()
        };
        if !bodies.is_empty() {
            found.insert(step.id.clone());
        } else if step.may_wait {
            without.insert(step.id.clone());
        }
        events.extend(bodies.into_iter().map(|body| (step.id.clone(), body)));
    }
    events
}

/// Returns what is to be recorded of one step: that it was done, or that what comes after it was.
fn finding(
    state: &RunState,
    seen: &Seen,
    done: &BTreeSet<StepId>,
    at: usize,
    back: bool,
) -> Vec<EventBody> {
    let steps = &state.plan.steps;
    let step = &steps[at];
    let sight = seen.get(&step.id).filter(|_| done.contains(&step.id));
    if let Some(Sight::There {
        outputs,
        detail,
        created,
    }) = sight
    {
        let detail = format!("{detail}; found so, what was sent for it is not in the record");
        return vec![verified(outputs.clone(), detail, created.clone())];
    }
    let relies = |later: &Step| later.needs.contains(&step.id) && later.relies_on(step);
    let after = |later: &Step| relies(later) && done.contains(&later.id);
    if done.contains(&step.id) || !steps.iter().any(after) {
        return Vec::new();
    }
    if step.call.is_none() {
        let opened =
            (state.record(&step.id).status != StepStatus::Waiting).then_some(EventBody::GateOpened);
        let detail = "what comes after it was done; the answer is not in the record";
        let passed = verified(Value::Null, detail.to_owned(), Vec::new());
        return opened.into_iter().chain([passed]).collect();
    }
    let ended = reverting(&state.plan, at).any(|later| done.contains(&later.id));
    if !back && !ended {
        return Vec::new();
    }
    let detail = "what comes after it was done, so it was; a later step has ended that state";
    vec![verified(Value::Null, detail.to_owned(), Vec::new())]
}

fn verified(outputs: Value, detail: String, created: Vec<Created>) -> EventBody {
    EventBody::Verified {
        outputs,
        detail,
        created,
    }
}

/// Returns the steps whose wanted state holds, or is on its way, by this run's doing.
fn done(state: &RunState, seen: &Seen) -> BTreeSet<StepId> {
    let steps = &state.plan.steps;
    let holds = |step: &Step| matches!(seen.get(&step.id), Some(Sight::There { .. }));
    let comes = |step: &Step| matches!(seen.get(&step.id), Some(Sight::Coming(_)));
    let mut done = BTreeSet::new();
    // What the run may have gone on without.
    let mut without = BTreeSet::new();
    for (at, step) in steps.iter().enumerate() {
        let met = |need: &StepId| {
            let record = state.record(need);
            if state.is_settled(need) || record.generation > 0 || done.contains(need) {
                return true;
            }
            let Some(needed) = steps.iter().position(|one| one.id == *need) else {
                return true;
            };
            // A person's answer cannot be seen; a state that a later step ends cannot either.
            let mut ended = reverting(&state.plan, needed);
            let later = ended.any(|one| steps[at + 1..].contains(one) && holds(one));
            // Nor does a state that held before the run say that anybody was asked: no mark, no stop.
            steps[needed].call.is_none() && !takes_back(&state.plan, at) || later
        };
        let passed = |need: &StepId| met(need) || step.may_wait && without.contains(need);
        if !step.needs.iter().all(passed) {
            continue;
        }
        if (holds(step) || comes(step)) && step.builds_on.iter().all(met) {
            done.insert(step.id.clone());
        } else if step.may_wait {
            without.insert(step.id.clone());
        }
    }
    done
}

/// Tells whether a step does what takes an earlier one back.
fn takes_back(plan: &Plan, at: usize) -> bool {
    (0..at).any(|earlier| reverting(plan, earlier).any(|later| later.id == plan.steps[at].id))
}

/// Returns the steps that end the state which a step brings about: they do what takes it back.
fn reverting(plan: &Plan, at: usize) -> impl Iterator<Item = &Step> {
    let call = plan.steps.get(at).and_then(|step| step.call.as_ref());
    let later = plan.steps.iter().skip(at + 1);
    later.filter(move |later| {
        let calls = call.zip(later.call.as_ref());
        calls.is_some_and(|(one, other)| plan.are_opposite(one, other))
    })
}
