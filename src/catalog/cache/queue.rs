//! What waits to be written: one after the other, in the order in which it was found.
//!
//! A listing that ended later reads what one before it has written. Were both written at once, the one that
//! comes last would put back what it has read too early.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Cache, CacheError, Finished};

/// Places whose listing has ended and that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<VecDeque<Finished>>,
    writer: Mutex<()>,
}

impl Queue {
    /// Waits until nobody else writes.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        locked(&self.writer)
    }
}

impl Cache {
    /// Puts what was found in a place behind whatever waits to be written. Waits for nothing.
    pub fn enqueue(&self, finished: Finished) {
        locked(&self.queue.waiting).push_back(finished);
    }

    /// Writes what has waited longest, once nobody else writes: call it once for everything that was put in the
    /// queue, from threads that may wait, in any order.
    ///
    /// # Errors
    /// Those of [`Cache::write`].
    pub fn write_next(&self) -> Result<(), CacheError> {
        let _alone = self.queue.alone();
        let next = locked(&self.queue.waiting).pop_front();
        next.map_or(Ok(()), |finished| self.write(&finished))
    }
}

/// What was put there is whole, whatever became of a thread.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
