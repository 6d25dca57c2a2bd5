//! The append-only, hash-chained record of runs: the only link between a screen and the work.
//!
//! A runner appends events and takes commands; viewers append commands and read events. What was
//! appended is durable when the call returns.

pub mod boundary;
pub mod chain;
pub mod damage;
mod lease;
#[cfg(test)]
mod samples;
pub mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::ids::RunId;
use crate::domain::run::{Command, Operator, RunEvent};

use damage::{Damage, Evidence};

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The position is taken: somebody else wrote to the run.
    #[error("position {seq} of run {run} is already taken")]
    Taken {
        /// The run.
        run: RunId,
        /// The position.
        seq: u64,
    },
    /// The run is not in this journal.
    #[error("there is no run {0} in this journal")]
    NoSuchRun(String),
    /// Several runs end like this.
    #[error("“{text}” fits several runs: {}", .runs.join(", "))]
    Ambiguous {
        /// What was given.
        text: String,
        /// The runs it fits.
        runs: Vec<String>,
    },
    /// The journal was written by a newer defib.
    #[error("the journal has version {found}, this defib knows up to {known}")]
    Newer {
        /// Version found.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// The chain of hashes is broken, or the file under it.
    #[error("{}", .0.told())]
    Broken(Damage),
    /// A salvaged run was asked of a journal that keeps none.
    #[error("this journal keeps no copy of damaged files, so run {0} cannot go on from one")]
    NoSalvage(RunId),
    /// A damaged run goes on only from a copy of its files, and there is none.
    #[error("the damaged files of run {run} cannot be copied aside: {why}")]
    Uncopied {
        /// The run.
        run: RunId,
        /// Why not.
        why: String,
    },
    /// The directory or file cannot be trusted.
    #[error("{path}: {why}")]
    Unsafe {
        /// File or directory.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// What stood in the journal is gone.
    #[error("{path} {why}")]
    Lost {
        /// The database.
        path: String,
        /// What was found in its place.
        why: String,
        /// What became of what is left of it.
        evidence: Evidence,
    },
    /// The database is damaged: what can be read of it is read, and nothing more is written.
    #[error("{path} is damaged, and nothing more is written to it")]
    Damaged {
        /// The database.
        path: String,
        /// What became of it.
        evidence: Evidence,
    },
    /// A file or directory cannot be read or written.
    #[error("{path} cannot be read or written")]
    Files {
        /// File or directory.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// There is no room for another entry.
    #[error("the disk with the journal is full")]
    Full,
    /// Another process holds the journal for too long.
    #[error("the journal is locked by another process")]
    Busy,
    /// Anything else of the storage.
    #[error("the journal could not be read or written")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A record of runs. Implementations are shared between tasks.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Appends one event; durable on return.
    ///
    /// # Errors
    /// [`JournalError::Taken`] if `event.seq` is not the run's next position.
    async fn append(&self, event: &RunEvent) -> Result<(), JournalError>;

    /// Reads the events of a run after a position, oldest first, with their chain verified.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`], [`JournalError::Broken`].
    async fn read(&self, run: &RunId, after: u64) -> Result<Vec<RunEvent>, JournalError>;

    /// Reads the longest prefix of a run whose chain holds, oldest first: for looking back only.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`] and those of the storage.
    async fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        self.read(run, 0).await
    }

    /// Returns what is damaged of a run's record, and what became of its files; `None` where it takes new
    /// entries.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`] and those of the storage.
    async fn damage(&self, _run: &RunId) -> Result<Option<Damage>, JournalError> {
        Ok(None)
    }

    /// Continues a damaged run from its longest valid prefix: the prefix and one event that says what was
    /// lost are durable on return, or nothing is. Sends nothing and resumes nothing. The caller holds the
    /// run's lease. A run that is not damaged stays as it is.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`] for a run without any valid event, [`JournalError::NoSalvage`], and
    /// those of the storage.
    async fn salvage(
        &self,
        run: &RunId,
        _by: &Operator,
        _at: Timestamp,
    ) -> Result<(), JournalError> {
        Err(JournalError::NoSalvage(run.clone()))
    }

    /// Appends a command and returns its number, which counts from 1 in each run, and anew in each
    /// continuation of a salvaged one.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`] and those of the storage.
    async fn command(&self, run: &RunId, command: &Command) -> Result<u64, JournalError>;

    /// Reads the commands of a run after a number, oldest first.
    ///
    /// # Errors
    /// Those of the storage.
    async fn commands(&self, run: &RunId, after: u64) -> Result<Vec<(u64, Command)>, JournalError>;

    /// Returns the ids of all runs, oldest first.
    ///
    /// # Errors
    /// Those of the storage.
    async fn runs(&self) -> Result<Vec<RunId>, JournalError>;

    /// Takes the exclusive right to drive a run; `None` if another runner holds it.
    ///
    /// # Errors
    /// Those of the storage.
    async fn lease(&self, run: &RunId) -> Result<Option<Lease>, JournalError>;

    /// Tells whether a runner holds the run at this moment.
    ///
    /// # Errors
    /// Those of the storage.
    async fn is_held(&self, run: &RunId) -> Result<bool, JournalError>;
}

#[async_trait]
impl<J: Journal + ?Sized> Journal for Arc<J> {
    async fn append(&self, event: &RunEvent) -> Result<(), JournalError> {
        (**self).append(event).await
    }

    async fn read(&self, run: &RunId, after: u64) -> Result<Vec<RunEvent>, JournalError> {
        (**self).read(run, after).await
    }

    async fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        (**self).read_intact(run).await
    }

    async fn damage(&self, run: &RunId) -> Result<Option<Damage>, JournalError> {
        (**self).damage(run).await
    }

    async fn salvage(&self, run: &RunId, by: &Operator, at: Timestamp) -> Result<(), JournalError> {
        (**self).salvage(run, by, at).await
    }

    async fn command(&self, run: &RunId, command: &Command) -> Result<u64, JournalError> {
        (**self).command(run, command).await
    }

    async fn commands(&self, run: &RunId, after: u64) -> Result<Vec<(u64, Command)>, JournalError> {
        (**self).commands(run, after).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        (**self).runs().await
    }

    async fn lease(&self, run: &RunId) -> Result<Option<Lease>, JournalError> {
        (**self).lease(run).await
    }

    async fn is_held(&self, run: &RunId) -> Result<bool, JournalError> {
        (**self).is_held(run).await
    }
}

/// The exclusive right to drive a run, given back when dropped.
pub struct Lease {
    _held: Box<dyn Send + Sync>,
}

impl Lease {
    /// Wraps whatever keeps the right.
    pub fn new(held: impl Send + Sync + 'static) -> Self {
        Self {
            _held: Box::new(held),
        }
    }
}

/// Finds the run whose id ends with `text`, in any case.
///
/// # Errors
/// [`JournalError::NoSuchRun`] or [`JournalError::Ambiguous`].
pub fn find_run(runs: &[RunId], text: &str) -> Result<RunId, JournalError> {
    let wanted = text.to_ascii_uppercase();
    let fits: Vec<&RunId> = runs
        .iter()
        .filter(|run| !wanted.is_empty() && run.as_str().ends_with(&wanted))
        .collect();
    match fits.as_slice() {
        [] => Err(JournalError::NoSuchRun(crate::domain::text::shown(text))),
        [run] => Ok((*run).clone()),
        several => Err(JournalError::Ambiguous {
            text: crate::domain::text::shown(text),
            runs: several.iter().map(ToString::to_string).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_by_any_unique_ending_in_any_case() {
        let runs = ["01JD4QAAAA7K", "01JD4QBBBB7K", "01JD4QBBBB7M"].map(RunId::from);
        for text in ["7m", "7M", "01JD4QBBBB7M"] {
            assert_eq!(find_run(&runs, text).unwrap(), runs[2], "{text}");
        }
        let several = find_run(&runs, "7k").unwrap_err();
        assert!(
            matches!(&several, JournalError::Ambiguous { runs, .. } if runs.len() == 2),
            "{several}"
        );
        for text in ["", "01JD", "X", "\u{1b}"] {
            let none = find_run(&runs, text).unwrap_err();
            assert!(matches!(none, JournalError::NoSuchRun(_)), "{none}");
        }
    }
}
