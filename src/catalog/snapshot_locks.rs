//! Locks of EBS snapshots: which may not be deleted, and until when.
//!
//! A lock bars deletion and never a restore. It is told of a snapshot by no other call than this one.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_ec2::types::LockedSnapshotsInfo;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::words;

use super::reading::{Pages, instant};
use super::source::Read;

const LOCKS: &str = "ec2:DescribeLockedSnapshots";

/// Pages as large as EC2 gives them, and the smallest.
const PAGE: i32 = 1000;
const SMALLEST_PAGE: i32 = 5;
/// How long the list of snapshots waits for their locks.
const WITHIN: Duration = Duration::from_secs(10);
/// State of a lock that holds no longer.
const EXPIRED: &str = "expired";

/// What is said of the lock of a snapshot, by snapshot.
#[derive(Debug, Default)]
pub(super) struct Locks(HashMap<String, String>);

impl Locks {
    /// Says how a snapshot is locked, if it is.
    pub fn words(&self, snapshot: &str) -> Option<String> {
        self.0.get(snapshot).cloned()
    }

    fn take(&mut self, row: &LockedSnapshotsInfo) {
        let state = row.lock_state().map_or("unknown", |state| state.as_str());
        let Some(id) = row.snapshot_id().filter(|_| state != EXPIRED) else {
            return;
        };
        let until = row.lock_expires_on().and_then(instant);
        let until = until.map(|at| format!(" until {}", words::instant(at)));
        let said = format!("{state} lock{}", until.unwrap_or_default());
        self.0.insert(id.to_owned(), said);
    }
}

/// Lists the locks of the account's snapshots.
///
/// # Errors
/// The call failed, or there was no end of it in time.
pub(super) async fn list(clients: &Clients) -> Result<Locks, Failure> {
    let listed = tokio::time::timeout(WITHIN, every_page(clients)).await;
    listed.unwrap_or_else(|_elapsed| Err(too_late()))
}

async fn every_page(clients: &Clients) -> Result<Locks, Failure> {
    let mut locks = Locks::default();
    let (mut token, mut pages) = (None, Pages::of(LOCKS));
    loop {
        let page = clients.ec2.describe_locked_snapshots().max_results(PAGE);
        let page = page.set_next_token(token).send().await;
        let page = page.map_err(|error| failure(LOCKS, &error))?;
        page.snapshots().iter().for_each(|row| locks.take(row));
        token = pages.next(page.next_token)?;
        if token.is_none() {
            return Ok(locks);
        }
    }
}

fn too_late() -> Failure {
    let seconds = WITHIN.as_secs();
    let message = format!("the locks of snapshots were not all told within {seconds} seconds");
    Failure {
        class: FailureClass::Unanswered,
        effect: Effect::None,
        call: LOCKS.to_owned(),
        code: None,
        message: message.as_str().into(),
        request_id: None,
    }
}

/// Tries the call with the smallest page.
pub(super) async fn try_read(clients: &Clients) -> Read {
    let asked = clients.ec2.describe_locked_snapshots();
    let outcome = asked.max_results(SMALLEST_PAGE).send().await;
    Read {
        call: LOCKS,
        outcome: outcome.map(drop).map_err(|error| failure(LOCKS, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::LockState;
    use aws_smithy_types::DateTime;

    fn said(state: LockState) -> Option<String> {
        let row = LockedSnapshotsInfo::builder()
            .snapshot_id("snap-1")
            .lock_state(state)
            .lock_expires_on(DateTime::from_secs(1_773_454_620));
        let mut locks = Locks::default();
        locks.take(&row.build());
        locks.words("snap-1")
    }

    #[test]
    fn a_lock_is_told_in_the_words_of_aws_and_with_its_end() {
        let until = "2026-03-14 02:17:00Z";
        for (state, word) in [
            (LockState::Compliance, "compliance"),
            (LockState::ComplianceCooloff, "compliance-cooloff"),
            (LockState::Governance, "governance"),
        ] {
            assert_eq!(said(state), Some(format!("{word} lock until {until}")));
        }
    }

    #[test]
    fn a_lock_that_has_expired_protects_nothing() {
        assert_eq!(said(LockState::Expired), None);
        let mut locks = Locks::default();
        locks.take(&LockedSnapshotsInfo::builder().build());
        assert!(locks.0.is_empty());
    }
}
