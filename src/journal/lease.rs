//! The exclusive right to drive a run: an `flock` on a file per run, or a set in memory.
//!
//! The kernel gives a lock back when its holder dies, however it dies. Lock files are never deleted:
//! a deleted one could be held and made anew at the same time. Nothing here waits for a holder.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::sqlite::files;
use super::{JournalError, Lease};
use crate::clock::Clock;
use crate::domain::ids::RunId;

/// How often a lock that seems held is tried, and how long apart. Whoever asks whether a run is
/// held takes its lock for some microseconds, which must not turn a runner away.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(10);

/// Where leases are kept.
#[derive(Debug)]
pub(super) enum Leases {
    /// In a directory of lock files, for all processes of this user on this machine.
    Files(PathBuf),
    /// In memory, for the holders of one journal.
    Memory(Arc<Mutex<HashSet<RunId>>>),
}

impl Leases {
    /// Takes the lease of a run; `None` if it is held.
    pub(super) async fn take(&self, run: &RunId) -> Result<Option<Lease>, JournalError> {
        match self {
            Self::Files(directory) => {
                let path = directory.join(file_name(run)?);
                for attempt in 1..=TRIES {
                    let file = files::open_lock(&path)?;
                    if locked(&path, &file)? {
                        return Ok(Some(Lease::new(file)));
                    }
                    if attempt < TRIES {
                        Clock::real().sleep(PAUSE).await;
                    }
                }
                Ok(None)
            }
            Self::Memory(held) => Ok(Held::take(held, run).map(Lease::new)),
        }
    }

    /// Tells whether the lease of a run is held by anybody.
    pub(super) fn is_held(&self, run: &RunId) -> Result<bool, JournalError> {
        match self {
            Self::Files(directory) => {
                let path = directory.join(file_name(run)?);
                if !files::is_there(&path)? {
                    return Ok(false);
                }
                let file = files::open_lock(&path)?;
                Ok(!locked(&path, &file)?)
            }
            Self::Memory(held) => Ok(entries(held).contains(run)),
        }
    }
}

fn locked(path: &std::path::Path, file: &File) -> Result<bool, JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(files::failed(path, error)),
    }
}

/// Returns the name of a run's lock file.
fn file_name(run: &RunId) -> Result<String, JournalError> {
    Ok(format!("{}.lock", files::safe_name(run)?))
}

/// An entry of the set, taken out when dropped.
struct Held {
    set: Arc<Mutex<HashSet<RunId>>>,
    run: RunId,
}

impl Held {
    fn take(set: &Arc<Mutex<HashSet<RunId>>>, run: &RunId) -> Option<Self> {
        entries(set).insert(run.clone()).then(|| Self {
            set: Arc::clone(set),
            run: run.clone(),
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        entries(&self.set).remove(&self.run);
    }
}

fn entries(set: &Mutex<HashSet<RunId>>) -> std::sync::MutexGuard<'_, HashSet<RunId>> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}
