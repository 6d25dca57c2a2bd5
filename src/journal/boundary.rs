//! A journal whose every append can be stopped at, before it and after it.
//!
//! What a crash leaves behind is decided by which appends were durable. So whoever wants to try every
//! crash counts these boundaries and ends the process, or suspends the task, at the k-th. The hook
//! changes nothing of what is stored.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::damage::Damage;
use super::{Journal, JournalError, Lease};
use crate::domain::ids::RunId;
use crate::domain::run::{Command, Operator, RunEvent};

/// Which side of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The event is not stored.
    Before,
    /// The event is durable.
    After,
}

/// One side of one append.
#[derive(Clone, Copy, Debug)]
pub struct Boundary<'a> {
    /// Counts 1, 2, … over both sides of all appends of one [`Watched`].
    pub number: u64,
    /// Which side.
    pub side: Side,
    /// The event.
    pub event: &'a RunEvent,
}

/// What is called at a boundary; the append goes on when its future ends.
pub type Hook = Box<dyn for<'a> Fn(Boundary<'a>) -> BoxFuture<'static, ()> + Send + Sync>;

/// A journal with a hook at every boundary. An append that fails has no [`Side::After`].
pub struct Watched<J> {
    journal: J,
    passed: AtomicU64,
    hook: Hook,
}

impl<J> Watched<J> {
    /// Puts a hook around the appends of a journal.
    pub fn new(
        journal: J,
        hook: impl for<'a> Fn(Boundary<'a>) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            journal,
            passed: AtomicU64::new(0),
            hook: Box::new(hook),
        }
    }

    /// Returns how many boundaries were reached.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }

    async fn stop_at(&self, side: Side, event: &RunEvent) {
        let number = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        (self.hook)(Boundary {
            number,
            side,
            event,
        })
        .await;
    }
}

#[async_trait]
impl<J: Journal> Journal for Watched<J> {
    async fn append(&self, event: &RunEvent) -> Result<(), JournalError> {
        self.stop_at(Side::Before, event).await;
        self.journal.append(event).await?;
        self.stop_at(Side::After, event).await;
        Ok(())
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
        self.journal.lease(run).await
    }

    async fn is_held(&self, run: &RunId) -> Result<bool, JournalError> {
        self.journal.is_held(run).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::journal::samples::{event, run};
    use crate::journal::sqlite::SqliteJournal;

    #[tokio::test]
    async fn boundaries_are_counted_over_both_sides_of_every_append() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&seen);
        let journal = Watched::new(SqliteJournal::in_memory().unwrap(), move |at| {
            let note = (at.number, at.side, at.event.seq);
            notes.lock().unwrap().push(note);
            Box::pin(std::future::ready(()))
        });
        journal.append(&event(1)).await.unwrap();
        journal.append(&event(2)).await.unwrap();
        let wanted = [
            (1, Side::Before, 1),
            (2, Side::After, 1),
            (3, Side::Before, 2),
            (4, Side::After, 2),
        ];
        assert_eq!(*seen.lock().unwrap(), wanted);
        assert_eq!(journal.reached(), 4);
    }

    #[tokio::test]
    async fn an_append_that_fails_has_no_after() {
        let journal = Watched::new(SqliteJournal::in_memory().unwrap(), |_at| {
            Box::pin(std::future::ready(()))
        });
        journal.append(&event(7)).await.unwrap_err();
        assert_eq!(journal.reached(), 1);
    }

    #[tokio::test]
    async fn who_watches_a_journal_is_told_whether_a_run_is_held() {
        let journal = Watched::new(SqliteJournal::in_memory().unwrap(), |_| {
            Box::pin(std::future::ready(()))
        });
        assert!(!journal.is_held(&run()).await.unwrap());
        let _lease = journal.lease(&run()).await.unwrap().unwrap();
        assert!(journal.is_held(&run()).await.unwrap());
    }

    /// Appends events until the `k`-th boundary, drops the runtime there, and returns what is stored.
    fn stored_after_crash_at(k: u64) -> usize {
        let journal = Arc::new(SqliteJournal::in_memory().unwrap());
        let (reached, wait) = std::sync::mpsc::channel();
        let watched = Watched::new(Arc::clone(&journal), move |at| {
            if at.number == k {
                reached.send(()).unwrap();
                return Box::pin(std::future::pending());
            }
            Box::pin(std::future::ready(()))
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        runtime.spawn(async move {
            let _lease = watched.lease(&run()).await.unwrap().unwrap();
            for seq in 1..=3 {
                watched.append(&event(seq)).await.unwrap();
            }
        });
        wait.recv().unwrap();
        drop(runtime);
        let again = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        again.block_on(async {
            assert!(!journal.is_held(&run()).await.unwrap());
            match journal.read(&run(), 0).await {
                Ok(events) => events.len(),
                Err(JournalError::NoSuchRun(_)) => 0,
                Err(error) => panic!("{error}"),
            }
        })
    }

    #[test]
    fn a_runtime_dropped_at_a_boundary_leaves_what_was_durable() {
        let stored: Vec<usize> = (1..=6).map(stored_after_crash_at).collect();
        assert_eq!(stored, [0, 1, 1, 2, 2, 3]);
    }
}
