//! Recovery points in the vaults of AWS Backup, and the resources that it protects.
//!
//! A vault that cannot be read hides none of the others. Nothing is asked about single points: what their list does not
//! tell (the storage class) is inferred from it.

mod arn;
mod point;
mod vaults;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use aws_smithy_types::DateTime;
use jiff::{Timestamp, Unit};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;
use crate::domain::vault::Vault;

use super::reading::{instant, require_all, require_end};
use super::source::{Read, Sink, Source};
use point::Seen;
use vaults::found_vaults;
pub use vaults::{access_policy, list_vaults};

const VAULTS: &str = "backup:ListBackupVaults";
const POINTS: &str = "backup:ListRecoveryPointsByBackupVault";
const PROTECTED: &str = "backup:ListProtectedResources";
const HOLDS: &str = "backup:ListLegalHolds";
const HELD: &str = "backup:ListRecoveryPointsByLegalHold";

/// The largest page of every list of AWS Backup.
const PAGE: i32 = 1000;

/// The source of recovery points in vaults.
#[derive(Clone, Copy, Debug)]
pub struct BackupPoints;

#[async_trait]
impl Source for BackupPoints {
    fn kind(&self) -> PointKind {
        PointKind::BackupPoint
    }

    /// AWS publishes no quotas for these lists, so that no more than two calls are under way at a time.
    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let (found, held) = tokio::join!(found_vaults(clients), list_held(clients, sink));
        let ((vaults, read), (held, holds)) = (found, held);
        sink.vaults(vaults.clone()).await;
        let points = list_points(clients, vaults, &held, sink).await;
        let protected = list_protected(clients, sink).await;
        // Where the holds alone are not told, every point is there.
        read.and(points).and(protected).and(holds)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let backup = &clients.backup;
        let vaults = backup.list_backup_vaults().max_results(1).send().await;
        let name = vaults.as_ref().ok().and_then(|page| {
            let first = page.backup_vault_list().first()?;
            first.backup_vault_name().map(str::to_owned)
        });
        let holds = backup.list_legal_holds().max_results(1).send().await;
        let protected = backup.list_protected_resources().max_results(1).send();
        let protected = protected.await;
        let read = |call, outcome| Read { call, outcome };
        let mut reads = vec![
            read(VAULTS, vaults.map(drop).map_err(|e| failure(VAULTS, &e))),
            read(HOLDS, holds.map(drop).map_err(|e| failure(HOLDS, &e))),
            read(
                PROTECTED,
                protected.map(drop).map_err(|e| failure(PROTECTED, &e)),
            ),
        ];
        if let Some(name) = name {
            let points = backup.list_recovery_points_by_backup_vault();
            let points = points.backup_vault_name(name).max_results(1).send().await;
            let outcome = points.map(drop).map_err(|e| failure(POINTS, &e));
            reads.push(read(POINTS, outcome));
        }
        reads
    }
}

/// Lists vault after vault, two at a time.
async fn list_points(
    clients: &Clients,
    vaults: Vec<Vault>,
    held: &BTreeSet<String>,
    sink: &Sink,
) -> Result<(), Failure> {
    let waiting = Mutex::new(vaults.into_iter().filter(Vault::opens));
    let next = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.next()
    };
    let worker = async || {
        let mut failed = BTreeMap::new();
        while let Some(vault) = next() {
            if let Err(failure) = list_vault(clients, &vault, held, sink).await {
                failed.insert(vault.name, failure);
            }
        }
        failed
    };
    let (mut failed, more) = tokio::join!(worker(), worker());
    failed.extend(more);
    all_read(failed)
}

/// Makes one failure of those of single vaults, and names them in it.
fn all_read(failed: BTreeMap<String, Failure>) -> Result<(), Failure> {
    const NAMED: usize = 3;
    let mut names: Vec<&str> = failed.keys().map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut told = format!("vault {}", names.join(", "));
    if more > 0 {
        told = format!("{told} and {more} more");
    }
    match failed.into_values().next() {
        Some(first) => Err(Failure {
            message: Untrusted::new(format!("{told}: {}", first.message.raw())),
            ..first
        }),
        None => Ok(()),
    }
}

async fn list_vault(
    clients: &Clients,
    vault: &Vault,
    held: &BTreeSet<String>,
    sink: &Sink,
) -> Result<(), Failure> {
    let call = clients.backup.list_recovery_points_by_backup_vault();
    let owner = vault.is_shared().then(|| vault.owner.to_string());
    let call = call
        .backup_vault_name(&vault.name)
        .set_backup_vault_account_id(owner);
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let seen = Seen {
        place: &clients.place,
        now: clients.clock.now(),
        vault,
        held,
    };
    let (mut token, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(POINTS, &error))?;
        let rows = page.recovery_points();
        let points: Vec<_> = rows.iter().filter_map(|row| seen.point(row)).collect();
        unread += rows.len() - points.len();
        let resources: BTreeMap<_, _> = rows
            .iter()
            .filter_map(|row| seen.resource(row))
            .map(|one| ((one.kind, one.id.clone()), one))
            .collect();
        sink.resources(resources.into_values().collect()).await;
        sink.points(points).await;
        token = page.next_token;
    }
    require_all(
        POINTS,
        unread,
        ("recovery point", "an ARN or a creation date"),
    )?;
    require_end(POINTS, token)
}

/// Lists what AWS Backup has backed up, so that a resource without a point left is known too.
async fn list_protected(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.backup.list_protected_resources().into_paginator();
    let mut pages = call.page_size(PAGE).send();
    let mut token = None;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(PROTECTED, &error))?;
        let resources = page.results().iter().filter_map(|row| {
            let named = arn::Named::of(row.resource_arn()?, &clients.place);
            named.resource(&clients.place, row.resource_type(), row.resource_name())
        });
        sink.resources(resources.collect()).await;
        token = page.next_token;
    }
    require_end(PROTECTED, token)
}

/// Lists the ARNs of the points that an active legal hold keeps; what could be read stands even where another read
/// failed.
async fn list_held(clients: &Clients, sink: &Sink) -> (BTreeSet<String>, Result<(), Failure>) {
    let mut held = BTreeSet::new();
    let mut outcome = Ok(());
    let holds = vaults::active_holds(clients).await;
    for hold in holds.unwrap_or_else(|failure| {
        outcome = Err(failure);
        Vec::new()
    }) {
        let read = list_hold(clients, &hold, &mut held, sink).await;
        outcome = outcome.and(read);
    }
    (held, outcome)
}

async fn list_hold(
    clients: &Clients,
    hold: &str,
    arns: &mut BTreeSet<String>,
    sink: &Sink,
) -> Result<(), Failure> {
    let call = clients.backup.list_recovery_points_by_legal_hold();
    let call = call.legal_hold_id(hold).into_paginator();
    let mut pages = call.page_size(PAGE).send();
    let mut token = None;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(HELD, &error))?;
        let rows = page.recovery_points().iter();
        arns.extend(rows.filter_map(|row| row.recovery_point_arn().map(str::to_owned)));
        // Nothing has been found yet, but the place is answering.
        sink.points(Vec::new()).await;
        token = page.next_token;
    }
    require_end(HELD, token)
}

/// Reads a date of AWS Backup, which is accurate to milliseconds and travels as a binary fraction of seconds.
pub(super) fn date(time: &DateTime) -> Option<Timestamp> {
    instant(time)?.round(Unit::Millisecond).ok()
}

/// Tells whether only AWS Backup knows of resources of a kind: every other kind is listed by its own service, which
/// knows more of it.
fn is_ours_to_list(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::FileSystem | ResourceKind::Bucket | ResourceKind::Other => true,
        ResourceKind::Volume
        | ResourceKind::Snapshot
        | ResourceKind::Instance
        | ResourceKind::Image
        | ResourceKind::SecurityGroup
        | ResourceKind::NetworkInterface
        | ResourceKind::DbInstance
        | ResourceKind::DbCluster
        | ResourceKind::Table => false,
    }
}

impl arn::Named {
    /// Makes the row of a resource that lives here and that no other service lists. Whether it still exists is not
    /// told, so it is not said to be gone.
    fn resource(
        self,
        place: &crate::domain::place::Place,
        engine: Option<&str>,
        name: Option<&str>,
    ) -> Option<Resource> {
        let is_ours = self.home.is_none() && is_ours_to_list(self.kind);
        let name = name.filter(|name| !name.is_empty() && **name != *self.id);
        is_ours.then(|| Resource {
            kind: self.kind,
            name: name.map(Untrusted::from),
            place: place.clone(),
            exists: true,
            engine: engine.map(str::to_owned),
            attached_to: None,
            tags: BTreeMap::new(),
            id: self.id,
        })
    }
}

#[cfg(test)]
mod tests;
