//! `DescribeLockedSnapshots`: the locks of the account's snapshots, those that have expired among them.
//! A lock turns by itself with time; nothing here sets or lifts one.

use aws_sdk_ec2::operation::describe_locked_snapshots::{
    DescribeLockedSnapshotsInput, DescribeLockedSnapshotsOutput,
};
use aws_sdk_ec2::types as ec2;
use jiff::{SignedDuration, Timestamp};

use super::ids;
use super::model::{Lock, Snapshot};
use super::rows::date;
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::registry::{Answer, answer};

impl Filtered for ec2::LockedSnapshotsInfo {
    const NAMES: &'static [&'static str] = &["lock-state"];

    fn values(&self, _: &str) -> Vec<String> {
        shown::text(self.lock_state().map(ec2::LockState::as_str))
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeLockedSnapshots`: pages from 5 to 1000.
pub fn describe(
    input: &DescribeLockedSnapshotsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeLockedSnapshotsOutput> {
    call.permit()?;
    let (now, account) = (call.now(), call.account().to_owned());
    for id in input.snapshot_ids() {
        ids::snapshot(call.estate(), id)?;
    }
    let asked = |id: &String| input.snapshot_ids().is_empty() || input.snapshot_ids().contains(id);
    let all = call.estate().snapshots.values();
    let rows = all
        .filter(|snapshot| snapshot.owner == account && asked(&snapshot.id))
        .filter_map(|snapshot| Some(row(snapshot, snapshot.lock.as_ref()?, now)))
        .collect();
    let kept = filters::keep(rows, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .at_most(1000)
        .with_ids(input.snapshot_ids(), "snapshotSet");
    let (rows, token) = page.cut(kept, |row| row.snapshot_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeLockedSnapshotsOutput| {
        output.snapshots = Some(rows);
        output.next_token = token;
    })
}

fn row(snapshot: &Snapshot, lock: &Lock, now: Timestamp) -> ec2::LockedSnapshotsInfo {
    let length = lock.expires.duration_since(lock.created);
    let cooling = lock
        .cools_off
        .map(|until| until.duration_since(lock.created));
    let whole = |length: SignedDuration, hours: i64| i32::try_from(length.as_hours() / hours).ok();
    ec2::LockedSnapshotsInfo::builder()
        .owner_id(&snapshot.owner)
        .snapshot_id(&snapshot.id)
        .lock_state(ec2::LockState::from(lock.state_name(now)))
        .set_lock_duration(whole(length, 24))
        .set_cool_off_period(cooling.and_then(|length| whole(length, 1)))
        .set_cool_off_period_expires_on(lock.cools_off.map(date))
        .lock_created_on(date(lock.created))
        .lock_duration_start_time(date(lock.created))
        .lock_expires_on(date(lock.expires))
        .build()
}
