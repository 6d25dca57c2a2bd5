//! `DescribeDBClusterAutomatedBackups`: of the clusters there are and of deleted ones.
//!
//! Its only documented status is `retained`; all are returned where none is asked for.

use aws_sdk_rds::operation::describe_db_cluster_automated_backups::{
    DescribeDbClusterAutomatedBackupsInput, DescribeDbClusterAutomatedBackupsOutput,
};
use aws_sdk_rds::types::DbClusterAutomatedBackup;

use super::{filters, not_found, paging, permit, rows};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

const FILTERS: &[&str] = &["db-cluster-id", "db-cluster-resource-id", "status"];

/// `DescribeDBClusterAutomatedBackups`
pub fn describe(
    input: &DescribeDbClusterAutomatedBackupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeDbClusterAutomatedBackupsOutput> {
    permit(call, "rds:DescribeDBClusterAutomatedBackups")?;
    let now = call.now();
    let region = call.region().to_owned();
    let name = input.db_cluster_identifier().map(str::to_lowercase);
    let named = name.as_deref().or(input.db_cluster_resource_id());
    let all = call.estate().databases.clusters.values();
    let shown: Vec<_> = all
        .filter(|one| one.has_automated_backup(now))
        .filter(|one| {
            let ids = [&one.id, &one.resource_id];
            named.is_none_or(|named| ids.iter().any(|id| *id == named))
        })
        .map(|one| rows::cluster_automated_backup(one, &region, now))
        .collect();
    if let Some(named) = named.filter(|_| shown.is_empty()) {
        let code = "DBClusterAutomatedBackupNotFoundFault";
        return Err(not_found(code, "DBClusterAutomatedBackup", named));
    }
    let kept = filters::keep(shown, input.filters(), FILTERS, values)?;
    let page = (input.max_records(), input.marker());
    let (backups, marker) = paging::cut(kept, page, |row| {
        row.db_cluster_resource_id().unwrap_or_default().to_owned()
    })?;
    answer(
        move |output: &mut DescribeDbClusterAutomatedBackupsOutput| {
            output.db_cluster_automated_backups = Some(backups);
            output.marker = marker;
        },
    )
}

fn values(row: &DbClusterAutomatedBackup, filter: &str) -> Vec<String> {
    let values = match filter {
        "db-cluster-id" => [row.db_cluster_identifier(), row.db_cluster_arn()],
        "db-cluster-resource-id" => [row.db_cluster_resource_id(), None],
        _ => [row.status(), None],
    };
    values.into_iter().flatten().map(str::to_owned).collect()
}
