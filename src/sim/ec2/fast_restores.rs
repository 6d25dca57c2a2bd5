//! `DescribeFastSnapshotRestores`: a row for each snapshot and zone.
//! Nothing here switches it on or off, and no credits are counted.

use aws_sdk_ec2::operation::describe_fast_snapshot_restores::{
    DescribeFastSnapshotRestoresInput, DescribeFastSnapshotRestoresOutput,
};
use aws_sdk_ec2::types as ec2;

use super::model::{FastRestore, Snapshot};
use super::rows::date;
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::registry::{Answer, answer};

type Row = ec2::DescribeFastSnapshotRestoreSuccessItem;

impl Filtered for Row {
    const NAMES: &'static [&'static str] =
        &["availability-zone", "owner-id", "snapshot-id", "state"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "availability-zone" => shown::text(self.availability_zone()),
            "owner-id" => shown::text(self.owner_id()),
            "snapshot-id" => shown::text(self.snapshot_id()),
            _ => shown::text(self.state().map(ec2::FastSnapshotRestoreStateCode::as_str)),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeFastSnapshotRestores`: pages of up to 200.
pub fn describe(
    input: &DescribeFastSnapshotRestoresInput,
    call: &mut Call<'_>,
) -> Answer<DescribeFastSnapshotRestoresOutput> {
    call.permit()?;
    let all = call.estate().snapshots.values();
    let rows = all
        .filter(|snapshot| snapshot.bin.is_none())
        .flat_map(|snapshot| {
            snapshot
                .fast_restores
                .iter()
                .map(|in_zone| row(snapshot, in_zone))
        })
        .collect();
    let kept = filters::keep(rows, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token());
    let page = page.at_least(1).at_most(200);
    let key = |row: &Row| {
        let zone = row.availability_zone().unwrap_or_default();
        format!("{} {zone}", row.snapshot_id().unwrap_or_default())
    };
    let (rows, token) = page.cut(kept, key)?;
    answer(move |output: &mut DescribeFastSnapshotRestoresOutput| {
        output.fast_snapshot_restores = Some(rows);
        output.next_token = token;
    })
}

fn row(snapshot: &Snapshot, in_zone: &FastRestore) -> Row {
    Row::builder()
        .snapshot_id(&snapshot.id)
        .availability_zone(&in_zone.availability_zone)
        .state(ec2::FastSnapshotRestoreStateCode::from(
            in_zone.state.as_str(),
        ))
        .owner_id(&snapshot.owner)
        .enabled_time(date(in_zone.enabled))
        .build()
}
