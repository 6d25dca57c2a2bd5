//! Legal holds: `ListLegalHolds`, `ListRecoveryPointsByLegalHold`.
//!
//! A cancelled hold is still listed, and holds nothing.

use aws_sdk_backup::operation::list_legal_holds::{ListLegalHoldsInput, ListLegalHoldsOutput};
use aws_sdk_backup::operation::list_recovery_points_by_legal_hold::{
    ListRecoveryPointsByLegalHoldInput, ListRecoveryPointsByLegalHoldOutput,
};
use aws_sdk_backup::types as backup;

use super::model::{Hold, Point, Vault};
use super::{absent, page, permit, rows};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::Estate;

/// `ListLegalHolds`.
pub fn list(input: &ListLegalHoldsInput, call: &mut Call<'_>) -> Answer<ListLegalHoldsOutput> {
    permit(call, "ListLegalHolds")?;
    let rows: Vec<_> = call.estate().holds.values().map(rows::hold).collect();
    let (rows, token) = page(input.max_results(), input.next_token(), rows, |row| {
        row.legal_hold_id.clone().unwrap_or_default()
    })?;
    answer(move |output: &mut ListLegalHoldsOutput| {
        output.legal_holds = Some(rows);
        output.next_token = token;
    })
}

/// `ListRecoveryPointsByLegalHold`.
pub fn points(
    input: &ListRecoveryPointsByLegalHoldInput,
    call: &mut Call<'_>,
) -> Answer<ListRecoveryPointsByLegalHoldOutput> {
    permit(call, "ListRecoveryPointsByLegalHold")?;
    let id = input.legal_hold_id().unwrap_or_default();
    let estate = call.estate();
    let hold = estate.holds.get(id);
    let hold = hold.ok_or_else(|| absent(format!("Legal hold {id} does not exist.")))?;
    let (rows, token) = page(
        input.max_results(),
        input.next_token(),
        members(hold, estate),
        |row| row.recovery_point_arn.clone().unwrap_or_default(),
    )?;
    answer(move |output: &mut ListRecoveryPointsByLegalHoldOutput| {
        output.recovery_points = Some(rows);
        output.next_token = token;
    })
}

fn members(hold: &Hold, estate: &Estate) -> Vec<backup::RecoveryPointMember> {
    let vaults = estate.vaults.values();
    let all = vaults.flat_map(|vault| vault.points.values().map(move |point| (vault, point)));
    let own = all.filter(|(_, point)| hold.points.contains(&point.arn));
    let mut rows: Vec<_> = own.map(|(vault, point)| member(vault, point)).collect();
    rows.sort_by_key(|row| row.recovery_point_arn.clone());
    rows
}

fn member(vault: &Vault, point: &Point) -> backup::RecoveryPointMember {
    backup::RecoveryPointMember::builder()
        .recovery_point_arn(&point.arn)
        .resource_arn(&point.resource_arn)
        .resource_type(&point.resource_type)
        .backup_vault_name(&vault.name)
        .build()
}
