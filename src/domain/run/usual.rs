//! How long a step usually takes here, by what it took in earlier runs that are over.
//!
//! It is told and decides nothing: deadlines and the plan's own estimates stay what they are.

use jiff::SignedDuration;
use serde_json::Value;

use super::{Halt, RunState, StepStatus};
use crate::domain::plan::{Plan, Step};
use crate::domain::words;

/// Of how many runs at most, the youngest first.
const MOST_RUNS: usize = 20;

/// What a step took in earlier runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// The median; of an even number the mean of the two in the middle.
    pub lasts: SignedDuration,
    /// In how many runs.
    pub runs: usize,
}

impl Usual {
    /// Works it out for a step of a plan from earlier runs, the youngest first: those that have ended in the same
    /// account and Region, have taken the same step by the same call, and moved as much, where that is known. What was
    /// so already when a run came to it, and what was not brought to its end, tells nothing. `None` if none tells.
    #[must_use]
    pub fn of<'a>(
        step: &Step,
        plan: &Plan,
        earlier: impl Iterator<Item = &'a RunState>,
    ) -> Option<Self> {
        let told = earlier.filter(|run| is_like(&run.plan, plan));
        let told = told.filter_map(|run| lasted(run, step));
        let mut all: Vec<SignedDuration> = told.take(MOST_RUNS).collect();
        all.sort_unstable();
        let (runs, middle) = (all.len(), all.len() / 2);
        let upper = *all.get(middle)?;
        let lasts = if runs.is_multiple_of(2) {
            let lower = *all.get(middle.checked_sub(1)?)?;
            lower.saturating_add(upper.saturating_sub(lower) / 2)
        } else {
            upper
        };
        Some(Self { lasts, runs })
    }

    /// Says it: `usually 12 min here (3 runs)`.
    #[must_use]
    pub fn told(&self) -> String {
        let runs = if self.runs == 1 {
            "1 run".to_owned()
        } else {
            format!("{} runs", self.runs)
        };
        format!("usually {} here ({runs})", words::span(self.lasts))
    }
}

fn is_like(one: &Plan, other: &Plan) -> bool {
    let place = |plan: &Plan| (plan.place.account.clone(), plan.place.region.clone());
    one.flow == other.flow && magnitude(one) == magnitude(other) && place(one) == place(other)
}

/// Returns the number of digits of the bytes that are restored, where the facts tell them: those of a table do.
fn magnitude(plan: &Plan) -> Option<usize> {
    let bytes = |path: &str| plan.facts.pointer(path).and_then(Value::as_u64);
    let mut paths = ["/backup/bytes", "/source/bytes", "/from/table/bytes"].into_iter();
    let bytes = paths.find_map(bytes)?;
    Some(bytes.to_string().len())
}

/// Returns how long a step took in a run, from its last request until its state was there.
fn lasted(run: &RunState, step: &Step) -> Option<SignedDuration> {
    let call = step.call.as_ref()?;
    let steps = run.plan.steps.iter().chain(run.undo.iter().flatten());
    let mut same = steps.filter(|one| one.id == step.id);
    let same = same.find_map(|one| one.call.as_ref())?;
    let record = run.steps.get(&step.id)?;
    let told = run.halt == Halt::Over
        && same.operation == call.operation
        && record.status == StepStatus::Verified
        && record.generation > 0;
    let lasted = record.ended_at?.duration_since(record.intent_at?);
    (told && !lasted.is_negative()).then_some(lasted)
}
