//! Eventual consistency: for how long reads do not yet know a new resource.
//!
//! EC2 API developer guide, "Ensure idempotency and eventual consistency": a describe right after a
//! create may answer that the id does not exist, and a listing may lag behind.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;

/// How reads see a resource that was just created.
#[derive(Debug, Default)]
pub struct Visibility {
    /// How many more reads by id answer `NotFound`.
    pub unknown_reads: AtomicU32,
    /// How many more listings leave it out.
    pub unlisted_reads: AtomicU32,
    /// Until when listings leave it out.
    pub unlisted_until: Option<Timestamp>,
}

impl Visibility {
    /// Counts one read by id and returns whether it finds the resource.
    pub fn read_by_id(&self) -> bool {
        spend(&self.unknown_reads)
    }

    /// Counts one listing at `now` and returns whether it shows the resource.
    pub fn listed(&self, now: Timestamp) -> bool {
        let late = self.unlisted_until.is_some_and(|until| now < until);
        spend(&self.unlisted_reads) && !late
    }
}

impl Clone for Visibility {
    fn clone(&self) -> Self {
        Self {
            unknown_reads: AtomicU32::new(self.unknown_reads.load(Ordering::Relaxed)),
            unlisted_reads: AtomicU32::new(self.unlisted_reads.load(Ordering::Relaxed)),
            unlisted_until: self.unlisted_until,
        }
    }
}

/// Takes one from the count; true when nothing was left.
fn spend(count: &AtomicU32) -> bool {
    count
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .is_err()
}
