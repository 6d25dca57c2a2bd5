//! Runs that are not over and stand in the way of a new one on the same resource.
//!
//! They are looked for before anything is observed: in the middle of a swap the instance looks as if
//! its volume were lost, and a new plan would ask the wrong questions.

use crate::domain::form::Choices;
use crate::domain::ids::RunId;
use crate::domain::plan::Plan;
use crate::domain::run::{RunState, RunStatus};
use crate::domain::text::shown;
use crate::domain::words;
use crate::journal::Journal;
use crate::restore::flow::AnyFlow;

use super::{RunnerError, is_open, refuse_second};

/// Beginnings of the ids of what runs work on.
const WORKED_ON: [&str; 2] = ["i-", "vol-"];

/// A run that is not over and works on what another one is wanted for.
#[derive(Debug)]
pub struct InTheWay {
    state: Box<RunState>,
    /// Whether a runner is at it.
    alive: bool,
}

/// Finds the run that is not over and works on what choices name.
///
/// # Errors
/// Those of the journal.
pub async fn by_choices(
    journal: &dyn Journal,
    flow: &dyn AnyFlow,
    choices: &Choices,
) -> Result<Option<InTheWay>, RunnerError> {
    for run in journal.runs().await? {
        let state = RunState::fold(&journal.read_intact(&run).await?);
        if let Some(state) = state.filter(|state| meets(&state.plan, flow, choices))
            && is_open(journal, &state).await?
        {
            return InTheWay::of(journal, state).await.map(Some);
        }
    }
    Ok(None)
}

/// Finds the run that is not over and works on what a plan touches.
///
/// # Errors
/// Those of the journal.
pub async fn by_plan(journal: &dyn Journal, plan: &Plan) -> Result<Option<InTheWay>, RunnerError> {
    let Err(error) = refuse_second(journal, plan, None).await else {
        return Ok(None);
    };
    let RunnerError::Occupied { run, .. } = &error else {
        return Err(error);
    };
    match RunState::fold(&journal.read_intact(run).await?) {
        Some(state) => InTheWay::of(journal, state).await.map(Some),
        None => Err(error),
    }
}

/// What is named decides; where only the point is named, it leads to the same resource again.
fn meets(plan: &Plan, flow: &dyn AnyFlow, choices: &Choices) -> bool {
    let fields = flow.fields();
    let named = fields.iter().filter_map(|field| choices.one(field.name));
    let mut named = named.filter(|value| WORKED_ON.iter().any(|start| value.starts_with(start)));
    let touches = plan.touches();
    if let Some(first) = named.next() {
        return touches.contains(first) || named.any(|other| touches.contains(other));
    }
    let mut subjects = fields.iter().filter(|field| field.subject).peekable();
    // Where none is asked for, no choice names what is worked on: the plan does, once it is made.
    plan.flow == flow.name()
        && subjects.peek().is_some()
        && subjects.all(|field| choices.one(field.name) == plan.choices.one(field.name))
}

impl InTheWay {
    async fn of(journal: &dyn Journal, state: RunState) -> Result<Self, RunnerError> {
        let alive = journal.is_held(&state.run).await?;
        Ok(Self {
            state: Box::new(state),
            alive,
        })
    }

    /// Says who works on what, since when, and how that stands.
    #[must_use]
    pub fn told(&self) -> String {
        let state = &self.state;
        let (run, by) = (&state.run, &state.by);
        let under_way = matches!(state.status(), RunStatus::Running | RunStatus::RollingBack);
        let status = if state.status().is_over() {
            "at work, and its record has lost at what"
        } else if under_way && !self.alive {
            "without a runner"
        } else {
            state.status().as_str()
        };
        format!(
            "run {run} by {}@{} works on {} since {} and is not over: it is {}",
            shown(&by.user),
            shown(&by.host),
            state.plan.subject.shown(),
            words::instant(state.started_at),
            status
        )
    }

    /// Returns its id.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.state.run
    }

    /// Returns how it stands, and whether a runner is at it.
    #[must_use]
    pub fn stands(&self) -> (RunStatus, bool) {
        (self.state.status(), self.alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::export::specimen;
    use crate::restore::flow::find;

    fn chosen(values: &[(&str, &str)]) -> Choices {
        let mut choices = Choices::default();
        for (name, value) in values {
            choices.set(name, *value);
        }
        choices
    }

    fn in_the_way(of_run: &[(&str, &str)], wanted: &[(&str, &str)]) -> bool {
        let mut plan = specimen::plan();
        plan.flow = "volume-swap".into();
        plan.subject.id = "vol-1".into();
        plan.choices = chosen(of_run);
        meets(&plan, find("volume-swap").unwrap(), &chosen(wanted))
    }

    #[test]
    fn the_same_snapshot_leads_to_the_same_run_even_where_its_volume_is_detached() {
        let snapshot = ("snapshot", "snap-1");
        assert!(in_the_way(&[snapshot], &[snapshot, ("mode", "stop")]));
        assert!(!in_the_way(&[snapshot], &[("snapshot", "snap-2")]));
    }

    #[test]
    fn a_resource_that_is_named_decides() {
        let snapshot = ("snapshot", "snap-1");
        assert!(!in_the_way(
            &[snapshot],
            &[snapshot, ("instance", "i-other")]
        ));
        let own = [("snapshot", "snap-2"), ("instance", "vol-1")];
        assert!(in_the_way(&[snapshot], &own));
    }
}
