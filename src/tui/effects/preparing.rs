//! Observes, checks and plans a restore for the wizard.
//! It only reads; whatever fails is told and can be asked again.

use std::time::Duration;

use crate::clock::Clock;
use crate::domain::check::{Check, Verdict};
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Plan, Step};
use crate::report::{FAILED, Report};
use crate::restore::export::text::command;
use crate::restore::flow::{AnyFlow, FlowError, find};
use crate::restore::flows::dynamodb_restore::last_seen;
use crate::runner::unfinished::{InTheWay, by_choices, by_plan};
use crate::tui::effect::{Draft, Obstacle, Prepared, StepCall};
use crate::tui::msg::Msg;

use super::Effects;

/// How long AWS is asked where something is known from before.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why there are no fresh facts.
enum Unread {
    /// AWS could not be asked.
    NotAsked(Report),
    /// It was asked, and that was the answer.
    Otherwise(Report),
}

/// What to do about a run that is in the way.
const WAY_OUT: &str = "open it in the list of runs, and let it go on or take it back";

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
        // Before anything is observed: in the middle of a restore the estate looks as if something were lost.
        let journal = self.journal().await;
        if let Ok(journal) = &journal
            && let Ok(Some(found)) = by_choices(&**journal, flow, choices).await
        {
            return Err(Report::new(FAILED, found.told())
                .safe("Nothing was changed, and that run stays as it is.")
                .todo(WAY_OUT));
        }
        let mut prepared = match self.observed(flow, place, choices).await {
            Ok(prepared) => prepared,
            Err(Unread::Otherwise(report)) => return Err(report),
            Err(Unread::NotAsked(report)) => self.as_known(flow, place, choices, report).await?,
        };
        if let Ok(plan) = &prepared.plan {
            let found = match journal {
                Ok(journal) => by_plan(&*journal, plan).await.map_err(Report::from),
                Err(report) => Err(report),
            };
            prepared.checks.extend(own_run(found));
        }
        Ok(prepared)
    }

    /// Asks AWS, no longer than anybody waits where it is known from before, too.
    async fn observed(
        &self,
        flow: &'static dyn AnyFlow,
        place: &Place,
        choices: &Choices,
    ) -> Result<Prepared, Unread> {
        if self.memory.is_none() {
            return self.asked(flow, place, choices).await;
        }
        let asked = tokio::time::timeout(PATIENCE, self.asked(flow, place, choices));
        asked.await.unwrap_or_else(|_elapsed| {
            let what = format!("AWS gave no answer within {} seconds", PATIENCE.as_secs());
            Err(Unread::NotAsked(Report::new(FAILED, what)))
        })
    }

    async fn asked(
        &self,
        flow: &'static dyn AnyFlow,
        place: &Place,
        choices: &Choices,
    ) -> Result<Prepared, Unread> {
        let clients = self.clients(place).await.map_err(Unread::NotAsked)?;
        let observing = last_seen::observing(choices, self.seen(&clients).as_deref());
        match flow.observe(&clients, &observing, &self.world.clock).await {
            Ok(facts) => {
                let prepared = worked_out(flow, facts, choices).map_err(Unread::Otherwise)?;
                self.keep_facts(&clients, &prepared);
                self.keep_settings(&clients, flow.name(), &prepared.facts);
                Ok(prepared)
            }
            Err(FlowError::Choice { field, why }) => Ok(nothing_but(Obstacle {
                field: Some(field),
                why,
            })),
            Err(error @ FlowError::Read(_)) => Err(Unread::NotAsked(error.into())),
            Err(error @ (FlowError::Missing { .. } | FlowError::Facts(_))) => {
                Err(Unread::Otherwise(error.into()))
            }
        }
    }

    /// Prepares with what was known, and says why AWS was not asked; where nothing is known that is all.
    async fn as_known(
        &self,
        flow: &'static dyn AnyFlow,
        place: &Place,
        choices: &Choices,
        why: Report,
    ) -> Result<Prepared, Report> {
        let Some(estate) = self.known_estate(place).await else {
            return Err(why);
        };
        let prepared = match flow.recall(&estate, choices, self.world.clock.now()) {
            Ok(facts) => worked_out(flow, facts, choices),
            Err(FlowError::Choice { field, why }) => Ok(nothing_but(Obstacle {
                field: Some(field),
                why,
            })),
            Err(error) => Err(Report::from(error)),
        };
        let not_asked = Check::new("not-asked", Verdict::Unanswered, &why.what);
        let mut prepared = prepared.map_err(|report| report.todo(why.line()))?;
        let not_asked = match why.todo.first() {
            Some(todo) => not_asked.advise(todo),
            None => not_asked,
        };
        prepared.checks.insert(0, not_asked);
        Ok(prepared)
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

/// Returns the check of the runs in this journal. A journal that cannot be read keeps nobody from planning;
/// running will ask again.
fn own_run(found: Result<Option<InTheWay>, Report>) -> Option<Check> {
    const NAME: &str = "own-runs";
    match found {
        Ok(None) => None,
        Ok(Some(found)) => Some(Check::new(NAME, Verdict::Stop, found.told()).advise(WAY_OUT)),
        Err(report) => {
            let what = format!("the journal cannot be read: {}", report.what);
            let check = Check::new(NAME, Verdict::Unanswered, what);
            Some(check.advise(report.todo.join("; ")))
        }
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
