//! Recovery points: `ListRecoveryPointsByBackupVault`, `DescribeRecoveryPoint`, `ListProtectedResources`.
//!
//! A list goes from the youngest to the oldest, as AWS Backup shows it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use aws_sdk_backup::operation::describe_recovery_point::{
    DescribeRecoveryPointInput, DescribeRecoveryPointOutput,
};
use aws_sdk_backup::operation::list_protected_resources::{
    ListProtectedResourcesInput, ListProtectedResourcesOutput,
};
use aws_sdk_backup::operation::list_recovery_points_by_backup_vault::{
    ListRecoveryPointsByBackupVaultInput, ListRecoveryPointsByBackupVaultOutput,
};
use aws_sdk_backup::types as backup;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::model::{Point, Vault};
use super::{absent, no_privileges, page, permit, rows, vault};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

type ListInput = ListRecoveryPointsByBackupVaultInput;

/// `ListRecoveryPointsByBackupVault`, with all of its filters.
pub fn list(
    input: &ListInput,
    call: &mut Call<'_>,
) -> Answer<ListRecoveryPointsByBackupVaultOutput> {
    permit(call, "ListRecoveryPointsByBackupVault")?;
    let name = input.backup_vault_name().unwrap_or_default();
    let found = open(vault(call, name, input.backup_vault_account_id())?)?;
    let mut points: Vec<&Point> = found.points.values().collect();
    points.retain(|point| fits(point, input));
    points.sort_by_key(|point| order(point));
    let (points, token) = page(input.max_results(), input.next_token(), points, |point| {
        order(point)
    })?;
    let rows: Vec<_> = points.iter().map(|one| rows::point(one, found)).collect();
    answer(move |output: &mut ListRecoveryPointsByBackupVaultOutput| {
        output.recovery_points = Some(rows);
        output.next_token = token;
    })
}

/// The youngest first, as a key that a token can hold.
fn order(point: &Point) -> String {
    let age = u64::MAX - u64::try_from(point.created.as_millisecond()).unwrap_or(0);
    format!("{age:020} {}", point.arn)
}

fn fits(point: &Point, input: &ListInput) -> bool {
    let is =
        |wanted: Option<&str>, is: Option<&str>| wanted.is_none_or(|wanted| is == Some(wanted));
    let plan = point.plan.as_ref().map(|plan| plan.id.as_str());
    is(input.by_resource_arn(), Some(&point.resource_arn))
        && is(input.by_resource_type(), Some(&point.resource_type))
        && is(input.by_backup_plan_id(), plan)
        && is(
            input.by_parent_recovery_point_arn(),
            point.parent.as_deref(),
        )
        && within(
            point.created,
            input.by_created_after(),
            input.by_created_before(),
        )
}

fn within(at: Timestamp, after: Option<&DateTime>, before: Option<&DateTime>) -> bool {
    let at = rows::date(at);
    after.is_none_or(|after| at > *after) && before.is_none_or(|before| at < *before)
}

/// Refuses a vault whose access policy shuts the caller out.
fn open(vault: &Vault) -> Result<&Vault, Refusal> {
    if vault.denied {
        return Err(no_privileges());
    }
    Ok(vault)
}

/// `DescribeRecoveryPoint`: the one call that tells the storage class.
pub fn describe(
    input: &DescribeRecoveryPointInput,
    call: &mut Call<'_>,
) -> Answer<DescribeRecoveryPointOutput> {
    permit(call, "DescribeRecoveryPoint")?;
    let now = call.now();
    let name = input.backup_vault_name().unwrap_or_default();
    let found = open(vault(call, name, input.backup_vault_account_id())?)?;
    let arn = input.recovery_point_arn().unwrap_or_default();
    let point = found.points.get(arn);
    let point = point.ok_or_else(|| absent(format!("Could not find recovery point {arn}.")))?;
    let (row, class) = (rows::point(point, found), point.storage_class(now));
    answer(move |output: &mut DescribeRecoveryPointOutput| rows::described(output, row, class))
}

/// `ListProtectedResources`: what was backed up, whether or not anything is left of it.
pub fn protected(
    input: &ListProtectedResourcesInput,
    call: &mut Call<'_>,
) -> Answer<ListProtectedResourcesOutput> {
    permit(call, "ListProtectedResources")?;
    let account = call.account().to_owned();
    let estate = call.estate();
    let mut latest: BTreeMap<&str, (Reverse<Timestamp>, backup::ProtectedResource)> =
        BTreeMap::new();
    for row in &estate.protected {
        let arn = row.resource_arn().unwrap_or_default();
        latest.insert(arn, (Reverse(Timestamp::MIN), row.clone()));
    }
    for vault in estate.vaults.values().filter(|one| one.owner == account) {
        // A copy protects nothing in its own place: its resource is elsewhere.
        let own = vault
            .points
            .values()
            .filter(|one| one.source_vault.is_none());
        for point in own.filter(|point| point.parent.is_none()) {
            let row = (Reverse(point.created), last_backup(point, vault));
            let known = latest
                .entry(&point.resource_arn)
                .or_insert_with(|| row.clone());
            if row.0 < known.0 {
                *known = row;
            }
        }
    }
    let rows: Vec<_> = latest.into_values().map(|(_, row)| row).collect();
    let (rows, token) = page(input.max_results(), input.next_token(), rows, |row| {
        row.resource_arn.clone().unwrap_or_default()
    })?;
    answer(move |output: &mut ListProtectedResourcesOutput| {
        output.results = Some(rows);
        output.next_token = token;
    })
}

fn last_backup(point: &Point, vault: &Vault) -> backup::ProtectedResource {
    backup::ProtectedResource::builder()
        .resource_arn(&point.resource_arn)
        .resource_type(&point.resource_type)
        .set_resource_name(point.resource_name.clone())
        .last_backup_time(rows::date(point.created))
        .last_backup_vault_arn(&vault.arn)
        .last_recovery_point_arn(&point.arn)
        .build()
}
