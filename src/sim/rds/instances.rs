//! `DescribeDBInstances`: the members of clusters are among them, those of Neptune and `DocumentDB` too.
//!
//! A deleted instance is not listed, whatever is left of it.

use aws_sdk_rds::operation::describe_db_instances::{
    DescribeDbInstancesInput, DescribeDbInstancesOutput,
};
use aws_sdk_rds::types::DbInstance;

use super::{filters, not_found, paging, permit, rows};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

const FILTERS: &[&str] = &[
    "db-cluster-id",
    "db-instance-id",
    "dbi-resource-id",
    "engine",
];

/// `DescribeDBInstances`
pub fn describe(
    input: &DescribeDbInstancesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeDbInstancesOutput> {
    permit(call, "rds:DescribeDBInstances")?;
    let now = call.now();
    let name = input.db_instance_identifier();
    let wanted = name.map(str::to_lowercase);
    let all = call.estate().databases.instances.values();
    let shown: Vec<_> = all
        .filter(|one| one.exists(now))
        .filter(|one| {
            wanted
                .as_ref()
                .is_none_or(|id| [&one.id, &one.arn].contains(&id))
        })
        .map(|one| rows::instance(one, now))
        .collect();
    if let Some(name) = name.filter(|_| shown.is_empty()) {
        return Err(not_found("DBInstanceNotFound", "DBInstance", name));
    }
    let kept = filters::keep(shown, input.filters(), FILTERS, values)?;
    let page = (input.max_records(), input.marker());
    let (instances, marker) = paging::cut(kept, page, |row| {
        row.db_instance_identifier().unwrap_or_default().to_owned()
    })?;
    answer(move |output: &mut DescribeDbInstancesOutput| {
        output.db_instances = Some(instances);
        output.marker = marker;
    })
}

fn values(row: &DbInstance, filter: &str) -> Vec<String> {
    let values = match filter {
        "db-cluster-id" => [row.db_cluster_identifier(), None],
        "db-instance-id" => [row.db_instance_identifier(), row.db_instance_arn()],
        "dbi-resource-id" => [row.dbi_resource_id(), None],
        _ => [row.engine(), None],
    };
    values.into_iter().flatten().map(str::to_owned).collect()
}
