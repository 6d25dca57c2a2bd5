//! `DescribeDBClusters`: Aurora and Multi-AZ clusters, and those of Neptune and `DocumentDB`.
//!
//! A cluster's window stands in this answer; a deleted cluster is not listed, whatever is left of it.

use aws_sdk_rds::operation::describe_db_clusters::{
    DescribeDbClustersInput, DescribeDbClustersOutput,
};
use aws_sdk_rds::types::DbCluster;

use super::{filters, not_found, paging, permit, rows};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

const FILTERS: &[&str] = &["db-cluster-id", "db-cluster-resource-id", "engine"];

/// `DescribeDBClusters`
pub fn describe(
    input: &DescribeDbClustersInput,
    call: &mut Call<'_>,
) -> Answer<DescribeDbClustersOutput> {
    permit(call, "rds:DescribeDBClusters")?;
    let now = call.now();
    let name = input.db_cluster_identifier();
    let wanted = name.map(str::to_lowercase);
    let all = call.estate().databases.clusters.values();
    let shown: Vec<_> = all
        .filter(|one| one.exists(now))
        .filter(|one| {
            wanted
                .as_ref()
                .is_none_or(|id| [&one.id, &one.arn].contains(&id))
        })
        .map(|one| rows::cluster(one, now))
        .collect();
    if let Some(name) = name.filter(|_| shown.is_empty()) {
        return Err(not_found("DBClusterNotFoundFault", "DBCluster", name));
    }
    let kept = filters::keep(shown, input.filters(), FILTERS, values)?;
    let page = (input.max_records(), input.marker());
    let (clusters, marker) = paging::cut(kept, page, |row| {
        row.db_cluster_identifier().unwrap_or_default().to_owned()
    })?;
    answer(move |output: &mut DescribeDbClustersOutput| {
        output.db_clusters = Some(clusters);
        output.marker = marker;
    })
}

fn values(row: &DbCluster, filter: &str) -> Vec<String> {
    let values = match filter {
        "db-cluster-id" => [row.db_cluster_identifier(), row.db_cluster_arn()],
        "db-cluster-resource-id" => [row.db_cluster_resource_id(), None],
        _ => [row.engine(), None],
    };
    values.into_iter().flatten().map(str::to_owned).collect()
}
