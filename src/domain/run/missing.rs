//! What a run goes on without: steps that may wait and have failed, and those that build on them.
//!
//! It follows from the events; nothing of it is stored. What is started is for the engine to say.

use std::collections::BTreeSet;

use super::RunState;
use super::record::StepStatus;
use crate::domain::ids::StepId;
use crate::domain::plan::Step;

/// A step that a run goes on without, until it is resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing<'a> {
    /// The step.
    pub step: &'a Step,
    /// Why it was not done, one line. Not made harmless.
    pub why: String,
}

/// How the steps of the present direction stand.
#[derive(Default)]
struct Standing<'a> {
    missing: Vec<Missing<'a>>,
    /// Steps that are at rest, with everything that they need: those after them have their turn.
    passed: BTreeSet<&'a StepId>,
}

impl Standing<'_> {
    fn lacks(&self, id: &StepId) -> bool {
        self.missing.iter().any(|one| one.step.id == *id)
    }
}

impl RunState {
    /// Returns what the run goes on without, or has stopped for want of, in the order of the plan: what has failed
    /// and may wait, and what builds on that. Empty once it is tried again.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing<'_>> {
        self.standing().missing
    }

    /// Tells whether the run goes on although a step has failed. A step of which anything may be on its way is none.
    #[must_use]
    pub fn goes_on_without(&self, id: &StepId) -> bool {
        let may_wait = self.any_step(id).is_some_and(|step| step.may_wait);
        may_wait && self.record(id).failed_without_effect()
    }

    /// Returns the steps of the present direction whose needs are met and that are neither done nor left for later.
    #[must_use]
    pub fn ready(&self) -> Vec<&Step> {
        let standing = self.standing();
        let met = |step: &Step, need: &StepId| {
            let verified = self.is_settled(need);
            if !step.may_wait {
                return verified;
            }
            let without = standing.lacks(need) && !step.builds_on.contains(need);
            standing.passed.contains(need) && (verified || without)
        };
        let open = |step: &&Step| !self.is_settled(&step.id) && !standing.lacks(&step.id);
        let steps = self.current_steps().iter().filter(open);
        steps
            .filter(|step| step.needs.iter().all(|need| met(step, need)))
            .collect()
    }

    /// Tells whether anything else is still to be done: it waits for what is missing, or has its turn.
    #[must_use]
    pub fn lacks_more(&self) -> bool {
        let standing = self.standing();
        let mut steps = self.current_steps().iter();
        steps.any(|step| !self.is_settled(&step.id) && !standing.lacks(&step.id))
    }

    /// Says how much is missing, and what became of the rest. `None` where nothing is.
    #[must_use]
    pub fn missing_head(&self) -> Option<String> {
        let (missing, it) = match self.missing().len() {
            0 => return None,
            1 => ("1 step is missing".to_owned(), "it"),
            many => (format!("{many} steps are missing"), "them"),
        };
        Some(if self.lacks_more() {
            format!("{missing}, and what needs {it} was not begun")
        } else {
            format!("{missing}, and everything else is done")
        })
    }

    /// Says in one line what is missing, why, and what to do. `None` where nothing is. Not made harmless.
    #[must_use]
    pub fn missing_told(&self) -> Option<String> {
        let head = self.missing_head()?;
        let missing = self.missing();
        let each = missing.iter();
        let each: Vec<String> = each
            .map(|one| format!("{}: {}", one.step.title, one.why))
            .collect();
        let rest = if self.lacks_more() {
            "Resume tries again; then the rest follows"
        } else {
            "Resume tries again"
        };
        Some(format!("{head}. {}. {rest}", each.join("; ")))
    }

    fn standing(&self) -> Standing<'_> {
        let mut standing = Standing::default();
        for step in self.current_steps() {
            let passed = |need: &StepId| standing.passed.contains(need);
            let its_turn = step.needs.iter().all(passed);
            if !self.is_settled(&step.id) {
                let Some(why) = self.why_missing(step, &standing) else {
                    continue;
                };
                standing.missing.push(Missing { step, why });
            }
            if its_turn {
                standing.passed.insert(&step.id);
            }
        }
        standing
    }

    /// Returns why the run goes on without a step, if it does.
    fn why_missing(&self, step: &Step, before: &Standing<'_>) -> Option<String> {
        if !step.may_wait {
            return None;
        }
        let record = self.record(&step.id);
        if record.failed_without_effect() {
            return Some(record.detail);
        }
        let base = step.builds_on.iter().find(|base| before.lacks(base))?;
        let base = self.any_step(base)?;
        let untouched = record.status == StepStatus::Planned;
        untouched.then(|| format!("not tried, since it needs this first: {}", base.title))
    }
}
