//! Vaults and legal holds of AWS Backup, read but for what is in them.
//!
//! The access policy is a call for each vault, so it is read for one vault that somebody looks at.

use aws_sdk_backup::types::{BackupVaultListMember, LegalHoldStatus, VaultType};
use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::catalog::reading::{require_all, require_end};
use crate::domain::arn::Arn;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::AccountId;
use crate::domain::place::Place;
use crate::domain::text::Untrusted;
use crate::domain::vault::{Lock, Vault, VaultKind};

use super::{HOLDS, PAGE, VAULTS, date};

const POLICY: &str = "backup:GetBackupVaultAccessPolicy";

/// Lists the vaults of a place: the account's own, and those that others share with it.
///
/// # Errors
/// The first failure.
pub async fn list_vaults(clients: &Clients) -> Result<Vec<Vault>, Failure> {
    let (vaults, outcome) = found_vaults(clients).await;
    outcome.map(|()| vaults)
}

/// Does the same, and keeps the vaults that could be read where another read failed.
pub(super) async fn found_vaults(clients: &Clients) -> (Vec<Vault>, Result<(), Failure>) {
    let mut vaults = Vec::new();
    let own = read_vaults(clients, None, &mut vaults).await;
    let shared = read_vaults(clients, Some(true), &mut vaults).await;
    (vaults, own.and(shared))
}

async fn read_vaults(
    clients: &Clients,
    shared: Option<bool>,
    vaults: &mut Vec<Vault>,
) -> Result<(), Failure> {
    let now = clients.clock.now();
    let call = clients.backup.list_backup_vaults().set_by_shared(shared);
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let (mut token, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(VAULTS, &error))?;
        for row in page.backup_vault_list() {
            let Some(vault) = vault_of(row, &clients.place, now) else {
                unread += 1;
                continue;
            };
            // An endpoint that does not know of sharing lists everything twice.
            if !vaults.iter().any(|known| known.arn == vault.arn) {
                vaults.push(vault);
            }
        }
        token = page.next_token;
    }
    require_all(VAULTS, unread, ("vault", "an ARN or a name"))?;
    require_end(VAULTS, token)
}

/// Reads the access policy of one vault of the account; `None` where it has none.
///
/// # Errors
/// That of the call.
pub async fn access_policy(clients: &Clients, vault: &str) -> Result<Option<Untrusted>, Failure> {
    let call = clients.backup.get_backup_vault_access_policy();
    let answer = call.backup_vault_name(vault).send().await;
    match answer.map_err(|error| failure(POLICY, &error)) {
        Ok(answer) => Ok(answer.policy.map(Untrusted::from)),
        Err(failure) if failure.class == FailureClass::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Lists the ids of the legal holds that hold anything.
pub(super) async fn active_holds(clients: &Clients) -> Result<Vec<String>, Failure> {
    let call = clients.backup.list_legal_holds().into_paginator();
    let mut pages = call.page_size(PAGE).send();
    let (mut token, mut holds) = (None, Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(HOLDS, &error))?;
        let rows = page.legal_holds().iter();
        // What is being made or cancelled is not settled: to be told too much is safe here.
        let rows = rows.filter(|row| row.status() != Some(&LegalHoldStatus::Canceled));
        holds.extend(rows.filter_map(|row| row.legal_hold_id().map(str::to_owned)));
        token = page.next_token;
    }
    require_end(HOLDS, token)?;
    Ok(holds)
}

fn vault_of(row: &BackupVaultListMember, place: &Place, now: Timestamp) -> Option<Vault> {
    let arn = row.backup_vault_arn()?;
    let kind = match row.vault_type() {
        Some(VaultType::LogicallyAirGappedBackupVault) => VaultKind::AirGapped,
        Some(VaultType::RestoreAccessBackupVault) => VaultKind::RestoreAccess,
        Some(_) | None => VaultKind::Standard,
    };
    let owner = Arn::of(arn).map(|arn| arn.account);
    let owner = owner.filter(|owner| !owner.is_empty());
    Some(Vault {
        name: row.backup_vault_name()?.to_owned(),
        arn: arn.to_owned(),
        place: place.clone(),
        owner: owner.map_or_else(|| place.account.clone(), AccountId::new),
        kind,
        state: row.vault_state().map(|state| state.as_str().to_owned()),
        lock: lock_of(row, kind, now),
        min_retention_days: row.min_retention_days(),
        max_retention_days: row.max_retention_days(),
        points: u64::try_from(row.number_of_recovery_points()).unwrap_or(0),
        kms_key: row.encryption_key_arn().map(str::to_owned),
        created: row.creation_date().and_then(date),
    })
}

/// A governance lock has no date; a compliance lock is in force from its date on. An air-gapped vault comes with one.
fn lock_of(row: &BackupVaultListMember, kind: VaultKind, now: Timestamp) -> Lock {
    let at = row.lock_date().and_then(date);
    match (kind, row.locked(), at) {
        (VaultKind::AirGapped, _, _) => Lock::Compliance,
        (_, Some(true), Some(at)) if at > now => Lock::CoolingOff(at),
        (_, Some(true), Some(_)) => Lock::Compliance,
        (_, Some(true), None) => Lock::Governance,
        (_, Some(false) | None, _) => Lock::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_backup::types::builders::BackupVaultListMemberBuilder;
    use aws_smithy_types::DateTime;

    use crate::catalog::fixtures::place;

    const NOW: i64 = 1_772_330_400;

    fn row() -> BackupVaultListMemberBuilder {
        BackupVaultListMember::builder()
            .backup_vault_name("v")
            .backup_vault_arn("arn:aws:backup:eu-west-1:111122223333:backup-vault:v")
    }

    fn read(row: BackupVaultListMemberBuilder) -> Vault {
        let now = Timestamp::from_second(NOW).unwrap();
        vault_of(&row.build(), &place("a", "eu-west-1"), now).unwrap()
    }

    #[test]
    fn a_lock_is_told_by_its_date() {
        let at = |seconds| DateTime::from_secs(NOW + seconds);
        let words = |row: BackupVaultListMemberBuilder| read(row).lock.words();
        assert_eq!(words(row()), None);
        assert_eq!(words(row().locked(false)), None);
        assert_eq!(
            words(row().locked(true)).as_deref(),
            Some("governance lock")
        );
        let compliance = Some("compliance lock");
        assert_eq!(
            words(row().locked(true).lock_date(at(0))).as_deref(),
            compliance
        );
        assert_eq!(
            words(row().locked(true).lock_date(at(-1))).as_deref(),
            compliance
        );
        assert_eq!(
            words(row().locked(true).lock_date(at(3600))).as_deref(),
            Some("compliance lock from 2026-03-01 03:00:00Z")
        );
        let gapped = row().vault_type(VaultType::LogicallyAirGappedBackupVault);
        assert_eq!(words(gapped).as_deref(), compliance);
    }

    #[test]
    fn a_vault_that_is_not_there_yet_is_not_asked_for_its_points() {
        use aws_sdk_backup::types::VaultState;
        assert!(read(row()).opens());
        assert!(read(row().vault_state(VaultState::Available)).opens());
        assert!(!read(row().vault_state(VaultState::Creating)).opens());
        assert!(!read(row().vault_state(VaultState::Failed)).opens());
    }

    #[test]
    fn the_owner_stands_in_the_arn() {
        assert!(!read(row()).is_shared());
        let arn = "arn:aws:backup:eu-west-1:444455556666:backup-vault:v";
        let lent = read(row().backup_vault_arn(arn));
        assert!(lent.is_shared());
        assert_eq!(lent.owner.as_str(), "444455556666");
        assert_eq!(
            read(row().backup_vault_arn("v")).owner.as_str(),
            "111122223333"
        );
    }
}
