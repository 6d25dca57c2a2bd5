//! Turns a run round: settles what was sent, looks ahead, and freezes the steps that take it back.
//!
//! It sends nothing new. A roll back that could not be finished is not begun.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Drive;
use super::inputs::resolve;
use super::step::AGREEING_LOOKS;
use crate::aws::connect::Clients;
use crate::domain::failure::Failure;
use crate::domain::plan::Step;
use crate::domain::run::{EventBody, PauseReason, RunState, StepStatus};
use crate::journal::JournalError;
use crate::restore::operation::{Context, Decoder, Stamp, started_by};

/// Reads that may fail before a roll back is not begun.
const MOST_LOOKS_BACK: u32 = 10;

impl Drive<'_> {
    /// Settles what was sent, then turns the run round. Tells whether it has turned.
    pub(super) async fn go_back(&mut self) -> Result<bool, JournalError> {
        self.winding_down.store(true, Ordering::Relaxed);
        let Some(clients) = self.connected().await? else {
            return Ok(false);
        };
        if !self.is_known(&clients).await? {
            return Ok(false);
        }
        for step in self.unsettled().await {
            self.settled.insert(step.id.clone());
            self.start(step, clients.clone());
        }
        if !self.under_way.is_empty() {
            return Ok(false);
        }
        self.let_late_ones_arrive().await?;
        let steps = self
            .ledger
            .look(|state| state.plan.undo_steps(&state.touched()))
            .await;
        let Some(obstacle) = self.obstacle(&clients, &steps).await? else {
            return Ok(false);
        };
        self.winding_down.store(false, Ordering::Relaxed);
        let Some((number, command)) = self.going_back.take() else {
            return Ok(true);
        };
        let body = match obstacle {
            Some(why) => EventBody::Paused {
                reason: PauseReason::Conflict,
                line: format!(
                    "the roll back cannot be finished, so it was not begun: {why}. Nothing was sent \
                     for it. Settle that and roll back again."
                ),
                command: Some(number),
            },
            None => EventBody::RollBackStarted {
                by: command.by,
                approval: command.approval,
                steps,
                command: Some(number),
            },
        };
        self.ledger.record(None, body).await?;
        Ok(true)
    }

    /// Returns the steps of which something was sent whose outcome is not known for certain.
    async fn unsettled(&mut self) -> Vec<Step> {
        let (busy, settled) = (self.busy.clone(), self.settled.clone());
        self.ledger
            .look(|state| {
                let open = |step: &&Step| {
                    let record = state.record(&step.id);
                    let sent = record.generation > 0 && !record.spent && !record.clean;
                    let known = busy.contains(&step.id) || settled.contains(&step.id);
                    sent && !known && record.status != StepStatus::Verified
                };
                state.plan.steps.iter().filter(open).cloned().collect()
            })
            .await
    }

    /// A request that had no answer may still arrive although another one brought the state about: after
    /// the undo it would do again what was taken back. It is given as long as any other.
    async fn let_late_ones_arrive(&mut self) -> Result<(), JournalError> {
        let late = |state: &RunState| {
            let steps = state.touched().into_iter();
            let steps = steps.filter(|id| state.plan.step(id).is_some_and(|s| !s.undo.is_empty()));
            let sent = steps.filter_map(|id| Some((state.record(&id).unanswered_at?, id)));
            sent.max_by_key(|(at, _)| *at)
        };
        let Some((at, step)) = self.ledger.look(late).await else {
            return Ok(());
        };
        // A clock that was set back says nothing of how long ago that was.
        let passed = self.engine.clock.now().duration_since(at);
        let passed = Duration::try_from(passed).unwrap_or_default();
        let wait = self.engine.pacing.settle.saturating_sub(passed);
        if wait.is_zero() {
            return Ok(());
        }
        let detail = format!(
            "a request for this of {at:.0} had no answer and may still arrive: it is waited for, {} s, \
             before it is taken back",
            wait.as_secs().max(1)
        );
        let told = EventBody::Progress {
            detail,
            percent: None,
        };
        self.ledger.record(Some(&step), told).await?;
        self.engine.clock.sleep(wait).await;
        Ok(())
    }

    /// Looks for anything that would stop the roll back half way. The outer `None` means that it could
    /// not be looked at yet.
    async fn obstacle(
        &mut self,
        clients: &Clients,
        steps: &[Step],
    ) -> Result<Option<Option<String>>, JournalError> {
        let state = self.ledger.state().await;
        match first_obstacle(self.engine.operations, clients, &state, steps).await {
            // A look may be of what was: it is believed when several in a row agree.
            Ok(Some(_why)) if self.obstacles + 1 < AGREEING_LOOKS => {
                self.obstacles += 1;
                let pause = self.engine.pacing.back_off(self.obstacles);
                self.engine.clock.sleep(pause).await;
                Ok(None)
            }
            Ok(found) => {
                self.obstacles = 0;
                Ok(Some(found))
            }
            Err(failure) if self.looks_back < MOST_LOOKS_BACK => {
                self.looks_back += 1;
                if failure.class.wants_login() {
                    self.clients = None;
                }
                let pause = self.engine.pacing.back_off(1);
                self.engine.clock.sleep(pause).await;
                Ok(None)
            }
            Err(failure) => Ok(Some(Some(failure.line()))),
        }
    }
}

/// Returns what stands in the way of the first undo that can never be done.
async fn first_obstacle(
    operations: Decoder,
    clients: &Clients,
    state: &RunState,
    steps: &[Step],
) -> Result<Option<String>, Failure> {
    let ours: Vec<String> = state.created.iter().map(|made| made.id.clone()).collect();
    for step in steps {
        let Some(call) = &step.call else { continue };
        let operation = match resolve(state, call).map(|call| operations(&call)) {
            Ok(Ok(operation)) => operation,
            Ok(Err(error)) => return Ok(Some(error.to_string())),
            Err(why) => return Ok(Some(why)),
        };
        let cx = Context {
            clients: clients.clone(),
            stamp: Stamp {
                run: state.run.clone(),
                step: step.id.clone(),
                generation: 1,
                token: String::new(),
                source: state.plan.point.id.clone(),
                by: started_by(state),
            },
            accepted: serde_json::Value::Null,
            sent_at: None,
            lost: false,
        };
        if let Some(why) = operation.obstacle(&cx, &ours).await? {
            return Ok(Some(format!("{}: {why}", step.title)));
        }
    }
    Ok(None)
}
