//! Work on files beside the tasks that wait for AWS: a slow disk, or a large table, holds up nobody, least of all whoever
//! wants to leave.
//!
//! Work that nobody waits for any more ends at its next step, which is a page of a scan or less.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many steps work may still take: as many as it likes, until nobody waits for it. Clones are one.
#[derive(Clone, Debug)]
pub struct Steps(Arc<AtomicU64>);

impl Steps {
    /// Allows so many.
    #[must_use]
    pub fn of(count: u64) -> Self {
        Self(Arc::new(AtomicU64::new(count)))
    }

    /// Allows as many as there are.
    #[must_use]
    pub fn all() -> Self {
        Self::of(u64::MAX)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// `Interrupted` where it may not be taken any more.
    pub fn next(&self) -> io::Result<()> {
        let taken = |left: u64| left.checked_sub(1);
        let before = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        before
            .map(drop)
            .map_err(|_none| ErrorKind::Interrupted.into())
    }
}

/// Waits for work, and lets it take no further step once it is dropped.
struct Waiting(Steps);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(0, Ordering::Relaxed);
    }
}

/// Has work done that would block. What it was handed, a lock as well, lives until it has ended, also where nobody waits
/// for that any more.
///
/// # Errors
/// Those of the work; one of the system where it panicked.
pub async fn aside<T, E>(work: impl FnOnce(&Steps) -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + Send + 'static,
{
    let steps = Steps::all();
    let _waiting = Waiting(steps.clone());
    let task = tokio::task::spawn_blocking(move || work(&steps));
    task.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_takes_no_further_step() {
        let (begins, begun) = oneshot::channel();
        let (go_on, goes_on) = mpsc::channel::<()>();
        let (tells, told) = oneshot::channel();
        let work = aside(move |steps| -> io::Result<()> {
            steps.next()?;
            begins.send(()).ok();
            goes_on.recv().ok();
            let mut taken = 0;
            while taken < 1_000 && steps.next().is_ok() {
                taken += 1;
            }
            tells.send(taken).ok();
            Ok(())
        });
        let mut work = Box::pin(work);
        tokio::select! {
            ended = &mut work => panic!("{ended:?}"),
            begun = begun => begun.unwrap(),
        }
        drop(work);
        go_on.send(()).unwrap();
        assert_eq!(told.await.unwrap(), 0);
    }

    /// One thread carries out all tasks here: were the work done by it, nobody could let it go on.
    #[tokio::test]
    async fn others_go_on_meanwhile() {
        let (go_on, goes_on) = mpsc::channel();
        let work = aside(move |_steps| {
            let longest = Duration::from_secs(10);
            goes_on.recv_timeout(longest).map_err(io::Error::other)
        });
        let other = async {
            tokio::task::yield_now().await;
            go_on.send(7).unwrap();
        };
        let (done, ()) = tokio::join!(work, other);
        assert_eq!(done.unwrap(), 7);
    }
}
