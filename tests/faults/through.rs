//! A journal with something between it and those who write to it.

use async_trait::async_trait;
use defib::domain::ids::RunId;
use defib::domain::run::{Command, Operator, RunEvent};
use defib::journal::damage::Damage;
use defib::journal::{Journal, JournalError, Lease};
use jiff::Timestamp;

/// What stands in between; by itself it changes nothing.
#[async_trait]
pub trait Between: Send + Sync {
    /// Appends an event, or does not.
    async fn append(&self, journal: &dyn Journal, event: &RunEvent) -> Result<(), JournalError> {
        journal.append(event).await
    }

    /// Hands out a lease, or does not.
    async fn lease(
        &self,
        journal: &dyn Journal,
        run: &RunId,
    ) -> Result<Option<Lease>, JournalError> {
        journal.lease(run).await
    }
}

/// A journal and what stands before it.
pub struct Through<J, B> {
    /// The journal.
    pub journal: J,
    /// What stands before it.
    pub between: B,
}

#[async_trait]
impl<J: Journal, B: Between> Journal for Through<J, B> {
    async fn append(&self, event: &RunEvent) -> Result<(), JournalError> {
        self.between.append(&self.journal, event).await
    }

    async fn read(&self, run: &RunId, after: u64) -> Result<Vec<RunEvent>, JournalError> {
        self.journal.read(run, after).await
    }

    async fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        self.journal.read_intact(run).await
    }

    async fn damage(&self, run: &RunId) -> Result<Option<Damage>, JournalError> {
        self.journal.damage(run).await
    }

    async fn salvage(&self, run: &RunId, by: &Operator, at: Timestamp) -> Result<(), JournalError> {
        self.journal.salvage(run, by, at).await
    }

    async fn command(&self, run: &RunId, command: &Command) -> Result<u64, JournalError> {
        self.journal.command(run, command).await
    }

    async fn commands(&self, run: &RunId, after: u64) -> Result<Vec<(u64, Command)>, JournalError> {
        self.journal.commands(run, after).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        self.journal.runs().await
    }

    async fn lease(&self, run: &RunId) -> Result<Option<Lease>, JournalError> {
        self.between.lease(&self.journal, run).await
    }

    async fn is_held(&self, run: &RunId) -> Result<bool, JournalError> {
        self.journal.is_held(run).await
    }
}
