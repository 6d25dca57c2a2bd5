//! `DescribeDBClusterSnapshots`: snapshots of DB clusters, those of Neptune and `DocumentDB` among them.
//!
//! It has no type for AWS Backup, whose snapshots count as manual here.

use aws_sdk_rds::operation::describe_db_cluster_snapshots::{
    DescribeDbClusterSnapshotsInput, DescribeDbClusterSnapshotsOutput,
};
use aws_sdk_rds::types::DbClusterSnapshot;

use super::snapshots::Wanted;
use super::{filters, not_found, paging, permit, rows};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

const FILTERS: &[&str] = &[
    "db-cluster-id",
    "db-cluster-snapshot-id",
    "engine",
    "snapshot-type",
];

/// `DescribeDBClusterSnapshots`
pub fn describe(
    input: &DescribeDbClusterSnapshotsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeDbClusterSnapshotsOutput> {
    permit(call, "rds:DescribeDBClusterSnapshots")?;
    let id = input.db_cluster_snapshot_identifier();
    let of = input.db_cluster_identifier().map(str::to_lowercase);
    if id.is_some() && of.is_some() {
        return Err(Refusal::invalid_combination(
            "DBClusterSnapshotIdentifier and DBClusterIdentifier cannot be used together",
        ));
    }
    let account = call.account().to_owned();
    let wanted = Wanted {
        account: &account,
        id,
        made: input.snapshot_type(),
        include_shared: input.include_shared() == Some(true),
        include_public: input.include_public() == Some(true),
        kinds: &["automated", "manual"],
    };
    let found = wanted.of(&call.estate().databases.cluster_snapshots)?;
    let found = found.ok_or_else(|| {
        let code = "DBClusterSnapshotNotFoundFault";
        not_found(code, "DBClusterSnapshot", id.unwrap_or_default())
    })?;
    let shown = found
        .into_iter()
        .filter(|one| of.as_ref().is_none_or(|of| one.database == *of))
        .map(|one| rows::cluster_snapshot(one, &account))
        .collect();
    let kept = filters::keep(shown, input.filters(), FILTERS, values)?;
    let page = (input.max_records(), input.marker());
    let (snapshots, marker) = paging::cut(kept, page, |row| {
        row.db_cluster_snapshot_identifier()
            .unwrap_or_default()
            .to_owned()
    })?;
    answer(move |output: &mut DescribeDbClusterSnapshotsOutput| {
        output.db_cluster_snapshots = Some(snapshots);
        output.marker = marker;
    })
}

fn values(row: &DbClusterSnapshot, filter: &str) -> Vec<String> {
    let value = match filter {
        "db-cluster-id" => row.db_cluster_identifier(),
        "db-cluster-snapshot-id" => row.db_cluster_snapshot_identifier(),
        "engine" => row.engine(),
        _ => row.snapshot_type(),
    };
    value.map(str::to_owned).into_iter().collect()
}
