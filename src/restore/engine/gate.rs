//! Gates: asks a person, and holds the answer against what can be read.
//!
//! It reads and asks; nothing is sent from here that changes something.

use super::Drive;
use super::step::{AGREEING_LOOKS, Hands, Rest, Work};
use crate::domain::plan::{Call, Gate, Step};
use crate::domain::run::{EventBody, StepStatus};
use crate::journal::JournalError;
use crate::restore::operation::Probe;

/// What came of holding an answer against the world.
pub(super) enum Held {
    /// It is so; in AWS's words.
    Holds(String),
    /// The step rests: it is not so and the person is asked again, or it could not be read.
    Rests(Rest),
}

impl Drive<'_> {
    /// Asks at a step's gate once; tells whether it is answered with yes. One that is declined is over: it is not
    /// started, and what comes after it has its turn.
    ///
    /// A gate that was opened again is not answered by what was agreed to before: that answer was
    /// found not to be so.
    pub(super) async fn is_answered(&mut self, step: &Step) -> Result<bool, JournalError> {
        if step.gate == Gate::None {
            return Ok(true);
        }
        let (record, agreed, declined, by) = self
            .ledger
            .look(|state| {
                let last_four = state.plan.place.account.last_four();
                let record = state.record(&step.id);
                let since = state.resumed_seq >= record.asked_again_seq;
                let declined = since && state.approval.declines(step);
                let agreed = since && !declined && state.approval.answers(&step.gate, last_four);
                (record, agreed, declined, state.by.clone())
            })
            .await;
        // Who agreed and says no before anything was sent has changed their mind.
        let withdrawn = declined && record.generation == 0;
        if record.answered && !withdrawn {
            return Ok(true);
        }
        if record.status != StepStatus::Waiting {
            self.ledger
                .record(Some(&step.id), EventBody::GateOpened)
                .await?;
        }
        let answer = match (declined, agreed) {
            (true, _) => Some(EventBody::GateDeclined { by, command: None }),
            (false, true) => Some(EventBody::GateAnswered { by, command: None }),
            (false, false) => None,
        };
        if let Some(body) = answer {
            self.ledger.record(Some(&step.id), body).await?;
        }
        Ok(agreed)
    }
}

/// Looks whether what a person has answered is so. Where it is not, the gate opens again.
///
/// # Errors
/// Those of the journal.
pub(super) async fn hold(hands: &Hands, step: &Step, check: &Call) -> Result<Held, JournalError> {
    let mut work = match Work::prepare(hands.clone(), step.clone(), check).await? {
        Ok(work) => work,
        Err(rest) => return Ok(Held::Rests(rest)),
    };
    loop {
        if let Some(held) = work.hold().await? {
            return Ok(held);
        }
    }
}

impl Work {
    /// One look at what was answered. `None` means: look again.
    async fn hold(&mut self) -> Result<Option<Held>, JournalError> {
        let record = self.record().await;
        let found = match self.probe(self.context(&record)).await {
            Ok(found) => found,
            Err(failure) => {
                let rest = self.after_failed_read(failure).await?;
                return Ok(rest.map(Held::Rests));
            }
        };
        self.failed_reads = 0;
        let found = match found {
            Probe::Present { detail, .. } => return Ok(Some(Held::Holds(detail))),
            Probe::InProgress { detail, .. } => detail,
            Probe::Conflict(why) | Probe::Failed(why) => why,
            Probe::Absent { found } => {
                format!("found {}", crate::domain::text::shown(&found.to_string()))
            }
        };
        // One look may be stale.
        self.conflicts += 1;
        if self.conflicts < AGREEING_LOOKS {
            self.hands.clock.sleep(self.hands.pacing.back_off(1)).await;
            return Ok(None);
        }
        self.ask_again(&found).await?;
        Ok(Some(Held::Rests(Rest::Left)))
    }

    async fn ask_again(&self, found: &str) -> Result<(), JournalError> {
        let detail = format!("not so: {found}. Answer again once that is mended, or roll back");
        let told = EventBody::Progress {
            detail,
            percent: None,
        };
        let step = Some(&self.step.id);
        self.hands.ledger.record(step, told).await?;
        self.hands.ledger.record(step, EventBody::GateOpened).await
    }
}
