//! `DescribeDBInstanceAutomatedBackups`: of the instances there are, of deleted ones, and of other Regions.
//!
//! An instance without automated backups has none; neither have the members of a cluster.

use aws_sdk_rds::operation::describe_db_instance_automated_backups::{
    DescribeDbInstanceAutomatedBackupsInput, DescribeDbInstanceAutomatedBackupsOutput,
};
use aws_sdk_rds::types::DbInstanceAutomatedBackup;

use super::{filters, not_found, paging, permit, rows};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

const FILTERS: &[&str] = &["db-instance-id", "dbi-resource-id", "status"];

/// `DescribeDBInstanceAutomatedBackups`
pub fn describe(
    input: &DescribeDbInstanceAutomatedBackupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeDbInstanceAutomatedBackupsOutput> {
    permit(call, "rds:DescribeDBInstanceAutomatedBackups")?;
    let now = call.now();
    let region = call.region().to_owned();
    let name = input.db_instance_identifier().map(str::to_lowercase);
    let named = name.as_deref().or(input.dbi_resource_id());
    let named = named.or(input.db_instance_automated_backups_arn());
    let all = call.estate().databases.instances.values();
    let shown: Vec<_> = all
        .filter(|one| one.has_automated_backup(now))
        .filter(|one| {
            let ids = [&one.id, &one.resource_id, &one.backup_arn];
            named.is_none_or(|named| ids.iter().any(|id| *id == named))
        })
        .map(|one| rows::instance_automated_backup(one, &region, now))
        .collect();
    if let Some(named) = named.filter(|_| shown.is_empty()) {
        let code = "DBInstanceAutomatedBackupNotFound";
        return Err(not_found(code, "DBInstanceAutomatedBackup", named));
    }
    let kept = filters::keep(shown, input.filters(), FILTERS, values)?;
    let page = (input.max_records(), input.marker());
    let (backups, marker) = paging::cut(kept, page, |row| {
        row.dbi_resource_id().unwrap_or_default().to_owned()
    })?;
    answer(
        move |output: &mut DescribeDbInstanceAutomatedBackupsOutput| {
            output.db_instance_automated_backups = Some(backups);
            output.marker = marker;
        },
    )
}

fn values(row: &DbInstanceAutomatedBackup, filter: &str) -> Vec<String> {
    let values = match filter {
        "db-instance-id" => [row.db_instance_identifier(), row.db_instance_arn()],
        "dbi-resource-id" => [row.dbi_resource_id(), None],
        _ => [row.status(), None],
    };
    values.into_iter().flatten().map(str::to_owned).collect()
}
