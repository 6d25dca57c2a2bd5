//! `DescribeDBSnapshots`: snapshots of DB instances.
//!
//! Without a type it lists those made by RDS and by hand, and none of AWS Backup's.

use aws_sdk_rds::operation::describe_db_snapshots::{
    DescribeDbSnapshotsInput, DescribeDbSnapshotsOutput,
};
use aws_sdk_rds::types::DbSnapshot;

use super::snapshots::Wanted;
use super::{filters, not_found, paging, permit, rows};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

const FILTERS: &[&str] = &[
    "db-instance-id",
    "db-snapshot-id",
    "dbi-resource-id",
    "engine",
    "snapshot-type",
];

/// `DescribeDBSnapshots`
pub fn describe(
    input: &DescribeDbSnapshotsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeDbSnapshotsOutput> {
    permit(call, "rds:DescribeDBSnapshots")?;
    let account = call.account().to_owned();
    let wanted = Wanted {
        account: &account,
        id: input.db_snapshot_identifier(),
        made: input.snapshot_type(),
        include_shared: input.include_shared() == Some(true),
        include_public: input.include_public() == Some(true),
        kinds: &["automated", "manual", "awsbackup"],
    };
    let found = wanted.of(&call.estate().databases.instance_snapshots)?;
    let id = input.db_snapshot_identifier().unwrap_or_default();
    let found = found.ok_or_else(|| not_found("DBSnapshotNotFound", "DBSnapshot", id))?;
    let of = input.db_instance_identifier().map(str::to_lowercase);
    let shown = found
        .into_iter()
        .filter(|one| of.as_ref().is_none_or(|of| one.database == *of))
        .filter(|one| {
            input
                .dbi_resource_id()
                .is_none_or(|id| one.resource_id == id)
        })
        .map(|one| rows::instance_snapshot(one, &account))
        .collect();
    let kept = filters::keep(shown, input.filters(), FILTERS, values)?;
    let page = (input.max_records(), input.marker());
    let (snapshots, marker) = paging::cut(kept, page, |row| {
        row.db_snapshot_identifier().unwrap_or_default().to_owned()
    })?;
    answer(move |output: &mut DescribeDbSnapshotsOutput| {
        output.db_snapshots = Some(snapshots);
        output.marker = marker;
    })
}

fn values(row: &DbSnapshot, filter: &str) -> Vec<String> {
    let value = match filter {
        "db-instance-id" => row.db_instance_identifier(),
        "db-snapshot-id" => row.db_snapshot_identifier(),
        "dbi-resource-id" => row.dbi_resource_id(),
        "engine" => row.engine(),
        _ => row.snapshot_type(),
    };
    value.map(str::to_owned).into_iter().collect()
}
