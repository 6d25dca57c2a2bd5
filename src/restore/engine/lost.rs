//! Looks for what a run has done although its record has lost it: once, before a run whose record was
//! damaged goes on or back. It only reads the world, and records what it finds.
//!
//! What follows from what is seen is said in `found`.

mod found;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Drive;
use super::inputs::{resolve, token};
use crate::aws::connect::Clients;
use crate::domain::failure::Failure;
use crate::domain::plan::Step;
use crate::domain::run::{EventBody, PauseReason, RunState};
use crate::journal::JournalError;
use crate::restore::operation::{AnyOperation, Context, Decoder, Probe, Stamp, started_by};

use found::{Seen, Sight, coming, findings};

/// Reads that may fail, one after the other, before a person is asked.
const MOST_FAILED: u32 = 10;
/// And that are refused.
const MOST_REFUSED: u32 = 3;
/// Looks that must agree before a conflict is believed.
const AGREEING: u32 = 3;

/// How far the search has come. Between two looks the drive takes its turn, so that it obeys meanwhile.
#[derive(Default)]
pub(super) struct Search {
    /// Whether it is over.
    done: bool,
    began: Option<Timestamp>,
    /// When it goes on.
    next: Option<Timestamp>,
    failed_lists: u32,
    failed_looks: u32,
    unclear: u32,
    /// Whether what was sent last was waited for.
    arrived: bool,
}

impl Search {
    fn pauses(&mut self, now: Timestamp, pause: Duration) {
        self.next = now.checked_add(pause).ok();
    }

    /// A clock that was set back must not keep the next look away.
    fn is_pausing(&self, now: Timestamp) -> bool {
        self.next.is_some_and(|next| {
            now < next && next.duration_since(now) <= SignedDuration::from_mins(5)
        })
    }
}

impl Drive<'_> {
    /// Tells whether it is known what was done: at once, unless the record was damaged. Then what carries
    /// the run's tags must have been adopted, and what was lost looked for.
    pub(super) async fn is_known(&mut self, clients: &Clients) -> Result<bool, JournalError> {
        let state = self.ledger.state().await;
        let Some(salvaged) = state.salvaged.as_ref().filter(|_| !self.search.done) else {
            return Ok(true);
        };
        if !self.swept && !self.is_listed(clients).await? {
            return Ok(false);
        }
        let back = self.going_back.is_some();
        if back && !self.search.arrived {
            self.let_everything_arrive(&state, salvaged.at).await?;
            self.search.arrived = true;
        }
        if state.undo.is_some() || self.find_lost(clients, back).await? {
            self.search.done = true;
        }
        Ok(self.search.done)
    }

    /// Adopts whatever carries the run's tags, where nothing depends on it: the probes find what they need
    /// themselves, and what is damaged is swept by the search.
    pub(super) async fn sweep_in_passing(&mut self, clients: &Clients) -> Result<(), JournalError> {
        let now = self.engine.clock.now();
        let salvaged = self.ledger.look(|state| state.salvaged.is_some()).await;
        let searched = salvaged && !self.search.done;
        if self.swept || searched || self.passing.is_pausing(now) {
            return Ok(());
        }
        if self.sweep(clients).await?.is_some() {
            self.passing.failed_lists += 1;
            let pause = self.engine.pacing.back_off(self.passing.failed_lists);
            self.passing.pauses(now, pause);
        }
        Ok(())
    }

    /// Lists what came about late, before a roll back is called done. Where listing is refused for good, that is
    /// told, and the roll back is done all the same: everything that is known was taken back.
    pub(super) async fn is_listed_at_the_end(
        &mut self,
        clients: &Clients,
    ) -> Result<bool, JournalError> {
        if self.search.is_pausing(self.engine.clock.now()) {
            return Ok(false);
        }
        match self.sweep(clients).await? {
            None => Ok(true),
            Some(failure) if failure.class.passes() || failure.class.wants_login() => {
                self.cannot_list(&failure).await?;
                Ok(false)
            }
            Some(failure) => {
                let why = format!(
                    "what may have come about late cannot be listed by its tag defib:run: {}",
                    failure.line()
                );
                self.tell_once(EventBody::Unreachable { why }).await?;
                Ok(true)
            }
        }
    }

    /// Adopts whatever carries the run's tags. Tells whether that could be listed.
    async fn is_listed(&mut self, clients: &Clients) -> Result<bool, JournalError> {
        if self.search.is_pausing(self.engine.clock.now()) {
            return Ok(false);
        }
        if let Some(failure) = self.sweep(clients).await? {
            self.cannot_list(&failure).await?;
            return Ok(false);
        }
        self.search.failed_lists = 0;
        Ok(true)
    }

    /// Says why what the run has made cannot be listed, and waits; after a while a person is asked.
    async fn cannot_list(&mut self, failure: &Failure) -> Result<(), JournalError> {
        if failure.class.wants_login() {
            return self.login_is_not_taken(failure).await;
        }
        self.search.failed_lists += 1;
        let why = format!(
            "what this run has made cannot be listed by its tags: {}",
            failure.line()
        );
        if self.search.failed_lists >= most_tries(failure) {
            return self.give_up(format!("{why}. Nothing more was sent.")).await;
        }
        self.tell_once(EventBody::Unreachable { why }).await?;
        let pause = self.engine.pacing.back_off(self.search.failed_lists);
        self.search.pauses(self.engine.clock.now(), pause);
        Ok(())
    }

    /// Before anything is taken back, whatever was sent last must have arrived.
    async fn let_everything_arrive(
        &mut self,
        state: &RunState,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let passed = self.engine.clock.now().duration_since(at);
        let passed = Duration::try_from(passed).unwrap_or_default();
        let wait = self.engine.pacing.settle.saturating_sub(passed);
        let open = |step: &&Step| step.call.is_some() && !state.is_settled(&step.id);
        let Some(step) = state
            .plan
            .steps
            .iter()
            .find(open)
            .filter(|_| !wait.is_zero())
        else {
            return Ok(());
        };
        let told = EventBody::Progress {
            detail: format!(
                "the record of what was sent last is lost, and it may still arrive: it is waited for, {} s",
                wait.as_secs().max(1)
            ),
            percent: None,
        };
        self.ledger.record(Some(&step.id), told).await?;
        self.engine.clock.sleep(wait).await;
        Ok(())
    }

    /// Looks at what was done and records it once it is clear. Tells whether it is.
    async fn find_lost(&mut self, clients: &Clients, back: bool) -> Result<bool, JournalError> {
        let now = self.engine.clock.now();
        if self.search.is_pausing(now) {
            return Ok(false);
        }
        let began = *self.search.began.get_or_insert(now);
        let state = self.ledger.state().await;
        let seen = match look(self.engine.operations, clients, &state).await {
            Ok(seen) => seen,
            Err(failure) => {
                self.cannot_look(&failure).await?;
                return Ok(false);
            }
        };
        self.search.failed_looks = 0;
        let watched = Duration::try_from(now.duration_since(began)).unwrap_or_default();
        // What is between two states could be on its way to either.
        if let Some(coming) = coming(&seen) {
            if watched < self.engine.pacing.overdue {
                self.search.pauses(now, self.engine.pacing.poll(watched));
                return Ok(false);
            }
            if back {
                self.give_up_looking(&coming).await?;
                return Ok(false);
            }
        }
        self.search.unclear += 1;
        let unclear = seen.values().any(|sight| matches!(sight, Sight::Unclear));
        if unclear && self.search.unclear < AGREEING {
            self.search.pauses(now, self.engine.pacing.back_off(1));
            return Ok(false);
        }
        for (step, body) in findings(&state, &seen, back) {
            self.ledger.record(Some(&step), body).await?;
        }
        Ok(true)
    }

    /// Says why it cannot be looked, and looks again later; after a while a person is asked.
    async fn cannot_look(&mut self, failure: &Failure) -> Result<(), JournalError> {
        if failure.class.wants_login() {
            return self.login_is_not_taken(failure).await;
        }
        self.search.failed_looks += 1;
        if self.search.failed_looks >= most_tries(failure) {
            return self.give_up_looking(&failure.line()).await;
        }
        let pause = self.engine.pacing.back_off(self.search.failed_looks);
        self.search.pauses(self.engine.clock.now(), pause);
        Ok(())
    }

    /// Waits for another login. Where one after the other is accepted and of no use, renewing them gives up.
    async fn login_is_not_taken(&mut self, failure: &Failure) -> Result<(), JournalError> {
        // How long the login takes says nothing of what is on its way.
        self.search.began = None;
        self.search.unclear = 0;
        let body = self.refused_line(&failure.line()).await;
        self.tell_once(body).await
    }

    async fn give_up_looking(&mut self, why: &str) -> Result<(), JournalError> {
        self.give_up(format!(
            "it cannot be told what was done of what the record has lost: {why}. Nothing was sent."
        ))
        .await
    }

    /// Halts the run: a person has to settle what cannot be told.
    async fn give_up(&mut self, why: String) -> Result<(), JournalError> {
        self.search = Search::default();
        let command = self.going_back.take().map(|(number, _)| number);
        self.winding_down
            .store(false, std::sync::atomic::Ordering::Relaxed);
        let body = EventBody::Paused {
            reason: PauseReason::Conflict,
            line: format!("{why} Settle that, and resume or roll back again."),
            command,
        };
        self.ledger.record(None, body).await
    }
}

/// What is refused for good is not asked for as long as what passes.
fn most_tries(failure: &Failure) -> u32 {
    if failure.class.passes() {
        MOST_FAILED
    } else {
        MOST_REFUSED
    }
}

/// Probes every step that the record does not show as done, each with what those before it have yielded.
async fn look(operations: Decoder, clients: &Clients, state: &RunState) -> Result<Seen, Failure> {
    let mut known = state.clone();
    let mut seen = Seen::new();
    // What was sent since is in the record.
    let seq = state.salvaged.as_ref().map_or(0, |salvaged| salvaged.seq);
    let lost = |step: &Step| {
        let record = state.record(&step.id);
        !state.is_settled(&step.id) && record.intent_seq <= seq
    };
    for step in &state.plan.steps {
        let Some(call) = step.call.as_ref().filter(|_| lost(step)) else {
            continue;
        };
        // What needs something that was never made was not done either.
        let operation = resolve(&known, call).ok();
        let Some(Ok(operation)) = operation.map(|call| operations(&call)) else {
            seen.insert(step.id.clone(), Sight::Absent);
            continue;
        };
        let cx = context(clients, state, step, operation.name());
        let operation: Arc<dyn AnyOperation> = Arc::from(operation);
        let probing = operation.clone();
        // In a task of its own: a panic inside the SDK must not take the run down.
        let probed = tokio::spawn(async move { probing.probe(&cx).await }).await;
        let Ok(probed) = probed else {
            seen.insert(step.id.clone(), Sight::Unclear);
            continue;
        };
        let sight = match probed? {
            Probe::Present { output, detail } => {
                known.steps.entry(step.id.clone()).or_default().outputs = output.clone();
                Sight::There {
                    created: operation.created(&output),
                    outputs: output,
                    detail,
                }
            }
            Probe::InProgress { detail, .. } => Sight::Coming(detail),
            Probe::Absent { .. } | Probe::Failed(_) => Sight::Absent,
            Probe::Conflict(_) => Sight::Unclear,
        };
        seen.insert(step.id.clone(), sight);
    }
    Ok(seen)
}

fn context(clients: &Clients, state: &RunState, step: &Step, name: &str) -> Context {
    let generation = state.record(&step.id).generation.max(1);
    let run = state.run.as_str();
    Context {
        clients: clients.clone(),
        stamp: Stamp {
            token: token(&state.plan.place, run, &step.id, name, generation),
            run: state.run.clone(),
            step: step.id.clone(),
            generation,
            source: state.plan.point.id.clone(),
            by: started_by(state),
        },
        accepted: Value::Null,
        sent_at: None,
        lost: true,
    }
}
