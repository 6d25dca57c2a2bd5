//! Observes, checks and plans a restore for the wizard.
//! It only reads; whatever fails is told and can be asked again.

use crate::clock::Clock;
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Plan, Step};
use crate::report::{FAILED, Report};
use crate::restore::export::text::command;
use crate::restore::flow::{AnyFlow, FlowError, find};
use crate::tui::effect::{Draft, Obstacle, Prepared, StepCall};
use crate::tui::msg::Msg;

use super::Effects;

impl Effects {
    pub(super) async fn prepare(
        &self,
        draft: Draft,
        revision: u64,
        flow: &'static str,
        place: Place,
        choices: Choices,
    ) {
        let outcome = self.prepared(flow, &place, &choices).await;
        let outcome = Box::new(outcome);
        self.tell(Msg::Prepared {
            draft,
            revision,
            outcome,
        })
        .await;
    }

    async fn prepared(
        &self,
        flow: &str,
        place: &Place,
        choices: &Choices,
    ) -> Result<Prepared, Report> {
        let flow =
            find(flow).ok_or_else(|| Report::new(FAILED, format!("there is no flow {flow}")))?;
        let clients = self.clients(place).await?;
        match flow.observe(&clients, choices, &self.world.clock).await {
            Ok(facts) => worked_out(flow, facts, choices),
            Err(FlowError::Choice { field, why }) => Ok(nothing_but(Obstacle {
                field: Some(field),
                why,
            })),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn write_calls(&self, plan: &Plan, undo: &[Step]) {
        let calls = calls_of(plan, undo);
        self.tell(Msg::CallsWritten(calls)).await;
    }

    /// The time of the estate, for what is written down.
    pub(super) fn clock(&self) -> &Clock {
        &self.world.clock
    }
}

/// What there is where a choice keeps even the facts from being read: no table, but what has to be said
/// differently.
fn nothing_but(obstacle: Obstacle) -> Prepared {
    Prepared {
        facts: serde_json::Value::Null,
        form: Vec::new(),
        checks: Vec::new(),
        plan: Err(obstacle),
        calls: Vec::new(),
    }
}

/// Everything that follows from facts and choices alone.
fn worked_out(
    flow: &dyn AnyFlow,
    facts: serde_json::Value,
    choices: &Choices,
) -> Result<Prepared, Report> {
    let form = flow.form(&facts, choices)?;
    let checks = flow.preflight(&facts, choices)?;
    let plan = match flow.plan(&facts, choices) {
        Ok(plan) => Ok(Box::new(plan)),
        Err(FlowError::Choice { field, why }) => Err(Obstacle {
            field: Some(field),
            why,
        }),
        Err(FlowError::Missing { what }) => Err(Obstacle {
            field: None,
            why: what,
        }),
        Err(error @ (FlowError::Read(_) | FlowError::Facts(_))) => return Err(error.into()),
    };
    let calls = plan
        .as_deref()
        .map(|plan| calls_of(plan, &[]))
        .unwrap_or_default();
    Ok(Prepared {
        facts,
        form,
        checks,
        plan,
        calls,
    })
}

fn calls_of(plan: &Plan, undo: &[Step]) -> Vec<StepCall> {
    let steps = plan.steps.iter().chain(undo);
    let line = |step: &Step| {
        let call = step.call.as_ref()?;
        Some(StepCall {
            step: step.id.clone(),
            line: command(plan, call),
        })
    };
    steps.filter_map(line).collect()
}
