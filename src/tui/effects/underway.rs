//! Counts what the operator has agreed to and the journal does not hold yet. Whoever ends the console waits
//! for it: a yes must not be lost because the key after it was quicker than the disk.

use std::sync::Arc;

use tokio::sync::watch;

/// How many commands are on their way; clones count together.
#[derive(Clone, Debug)]
pub(super) struct Underway(Arc<watch::Sender<usize>>);

/// A command on its way; it has arrived when this is dropped.
#[derive(Debug)]
pub(super) struct Command(Underway);

impl Default for Underway {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Underway {
    /// Counts another one.
    pub(super) fn begin(&self) -> Command {
        self.0.send_modify(|count| *count += 1);
        Command(self.clone())
    }

    /// Tells how many there are, and when that changes.
    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.0.subscribe()
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        let Underway(count) = &self.0;
        count.send_modify(|count| *count = count.saturating_sub(1));
    }
}
