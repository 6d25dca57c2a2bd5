//! A run's journal and its fold, kept in step: nothing is known to the engine that is not durable.
//!
//! Every event goes through here, one at a time; whoever keeps a state of its own beside it will disagree
//! with what a resumed run sees.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::domain::ids::{RunId, StepId};
use crate::domain::run::{Command, EventBody, RunEvent, RunState};
use crate::journal::{Journal, JournalError};

/// Somebody who looks at the journal for long must not end a run in the middle of an outage.
const BUSY_TRIES: u32 = 12;
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// The one writer of a run's events.
pub struct Ledger {
    journal: Arc<dyn Journal>,
    clock: Clock,
    run: RunId,
    state: Mutex<Arc<RunState>>,
}

impl Ledger {
    /// Reads a run.
    ///
    /// # Errors
    /// Those of the journal; a run without its plan counts as not there.
    pub async fn open(
        journal: Arc<dyn Journal>,
        clock: Clock,
        run: &RunId,
    ) -> Result<Self, JournalError> {
        let events = journal.read(run, 0).await?;
        let state = RunState::fold(&events)
            .ok_or_else(|| JournalError::NoSuchRun(run.as_str().to_owned()))?;
        Ok(Self {
            journal,
            clock,
            run: run.clone(),
            state: Mutex::new(Arc::new(state)),
        })
    }

    /// Makes an event durable, then applies it.
    ///
    /// # Errors
    /// Those of the journal; then nothing was applied and nothing may be sent on the strength of it.
    pub async fn record(&self, step: Option<&StepId>, body: EventBody) -> Result<(), JournalError> {
        let mut state = self.state.lock().await;
        let event = RunEvent {
            run: self.run.clone(),
            seq: state.last_seq + 1,
            at: self.now_after(state.last_at),
            step: step.cloned(),
            body,
        };
        self.patiently(|| self.journal.append(&event)).await?;
        Arc::make_mut(&mut state).apply(&event);
        Ok(())
    }

    /// Makes sure that nobody else has written to the run since: a runner that was suspended may have lost
    /// its lease meanwhile, and what it was about to send may have been done, and undone, by another. Asked
    /// right before each send; one that is suspended between the answer and the send is not kept from it.
    ///
    /// # Errors
    /// [`JournalError::Taken`] where somebody has, and those of the journal.
    pub async fn confirm_alone(&self) -> Result<(), JournalError> {
        let state = self.state.lock().await;
        let last = state.last_seq;
        let later = self
            .patiently(|| self.journal.read(&self.run, last))
            .await?;
        match later.first() {
            None => Ok(()),
            Some(event) => Err(JournalError::Taken {
                run: self.run.clone(),
                seq: event.seq,
            }),
        }
    }

    /// Waits for somebody who holds the journal, for a while.
    async fn patiently<T, F: Future<Output = Result<T, JournalError>>>(
        &self,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, JournalError> {
        let mut tries = 0;
        loop {
            match attempt().await {
                Err(JournalError::Busy) if tries < BUSY_TRIES => tries += 1,
                outcome => return outcome,
            }
            self.clock.sleep(BUSY_PAUSE).await;
        }
    }

    /// Reads something out of the fold.
    pub async fn look<T>(&self, read: impl FnOnce(&RunState) -> T) -> T {
        read(&**self.state.lock().await)
    }

    /// Returns the fold as it is. It is copied only if an event comes while somebody holds it.
    pub async fn state(&self) -> Arc<RunState> {
        self.state.lock().await.clone()
    }

    /// Reads the commands that were not dealt with yet.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn commands(&self) -> Result<Vec<(u64, Command)>, JournalError> {
        let last = self.look(|state| state.last_command).await;
        self.journal.commands(&self.run, last).await
    }

    /// Returns the present instant, never before the last event: clocks step back.
    fn now_after(&self, last: Timestamp) -> Timestamp {
        self.clock.now().max(last)
    }
}
