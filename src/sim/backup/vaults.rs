//! Vaults: `ListBackupVaults`, `DescribeBackupVault`, `GetBackupVaultAccessPolicy`.
//!
//! A vault of another account is listed only where `ByShared` asks for it.

use aws_sdk_backup::operation::describe_backup_vault::{
    DescribeBackupVaultInput, DescribeBackupVaultOutput,
};
use aws_sdk_backup::operation::get_backup_vault_access_policy::{
    GetBackupVaultAccessPolicyInput, GetBackupVaultAccessPolicyOutput,
};
use aws_sdk_backup::operation::list_backup_vaults::{
    ListBackupVaultsInput, ListBackupVaultsOutput,
};

use super::{absent, page, permit, rows, vault};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

/// `ListBackupVaults`, in the order of their names.
pub fn list(input: &ListBackupVaultsInput, call: &mut Call<'_>) -> Answer<ListBackupVaultsOutput> {
    permit(call, "ListBackupVaults")?;
    let account = call.account().to_owned();
    let shared = input.by_shared() == Some(true);
    let vaults = call.estate().vaults.values();
    let vaults = vaults.filter(|vault| (vault.owner != account) == shared);
    let wanted = |kind| input.by_vault_type().is_none_or(|wanted| wanted == kind);
    let vaults = vaults.filter(|vault| wanted(&vault.kind));
    let mut rows: Vec<_> = vaults.map(rows::vault).collect();
    rows.sort_by_key(|row| row.backup_vault_name.clone());
    let (rows, token) = page(input.max_results(), input.next_token(), rows, |row| {
        row.backup_vault_name.clone().unwrap_or_default()
    })?;
    answer(move |output: &mut ListBackupVaultsOutput| {
        output.backup_vault_list = Some(rows);
        output.next_token = token;
    })
}

/// `DescribeBackupVault`.
pub fn describe(
    input: &DescribeBackupVaultInput,
    call: &mut Call<'_>,
) -> Answer<DescribeBackupVaultOutput> {
    permit(call, "DescribeBackupVault")?;
    let name = input.backup_vault_name().unwrap_or_default();
    let found = vault(call, name, input.backup_vault_account_id())?.clone();
    answer(move |output: &mut DescribeBackupVaultOutput| {
        output.number_of_recovery_points = rows::counted(&found);
        output.encryption_key_type = Some(rows::key_type(found.key.as_ref()));
        output.backup_vault_name = Some(found.name);
        output.backup_vault_arn = Some(found.arn);
        output.vault_type = Some(found.kind);
        output.vault_state = Some(found.state);
        output.creation_date = Some(rows::date(found.created));
        output.encryption_key_arn = found.key;
        output.locked = Some(found.locked);
        output.lock_date = found.lock_date.map(rows::date);
        output.min_retention_days = found.min_retention_days;
        output.max_retention_days = found.max_retention_days;
    })
}

/// `GetBackupVaultAccessPolicy`; a vault without a policy answers `ResourceNotFoundException`.
pub fn access_policy(
    input: &GetBackupVaultAccessPolicyInput,
    call: &mut Call<'_>,
) -> Answer<GetBackupVaultAccessPolicyOutput> {
    permit(call, "GetBackupVaultAccessPolicy")?;
    let name = input.backup_vault_name().unwrap_or_default();
    let found = vault(call, name, None)?.clone();
    let Some(policy) = found.policy else {
        return Err(absent(format!("Backup vault {name} has no access policy.")));
    };
    answer(move |output: &mut GetBackupVaultAccessPolicyOutput| {
        output.backup_vault_name = Some(found.name);
        output.backup_vault_arn = Some(found.arn);
        output.policy = Some(policy);
    })
}
