//! Asks about single points what no listing tells: only of those that somebody looks at.
//!
//! Where a call takes several ids, one call asks about all of them. Calls of a kind go one after another, kinds side by
//! side. A call that fails answers every question that it was made for with its failure.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_backup::operation::describe_recovery_point::DescribeRecoveryPointOutput;
use aws_sdk_backup::types::{IndexStatus, StorageClass, VaultType};
use aws_sdk_ec2::types::{
    DescribeFastSnapshotRestoreSuccessItem, Filter, ImageAttributeName, LaunchPermission,
    PermissionGroup, SnapshotAttributeName, SnapshotTierStatus, StorageTier,
};
use aws_smithy_types::DateTime;
use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::detail::{Answer, BackupPoint, FastRestore, Question, Sharing, TierStatus};
use crate::domain::failure::Failure;
use crate::domain::ids::AccountId;
use crate::domain::recovery_point::Tier;

use super::reading::{instant, require_end};
use super::vault;

const FAST_RESTORES: &str = "ec2:DescribeFastSnapshotRestores";
const TIERS: &str = "ec2:DescribeSnapshotTierStatus";
const SNAPSHOT: &str = "ec2:DescribeSnapshotAttribute";
const IMAGE: &str = "ec2:DescribeImageAttribute";
const POINT: &str = "backup:DescribeRecoveryPoint";

/// The filter of both calls that take several snapshots, and how many values a filter takes (EC2 API reference,
/// "Filtering": at most 200).
const BY_SNAPSHOT: &str = "snapshot-id";
const VALUES: usize = 200;
/// The largest page of fast snapshot restores, and one of tiers that the API takes for certain.
const FAST_RESTORE_PAGE: i32 = 200;
const TIER_PAGE: i32 = 1000;

/// A question with what came of it.
pub type Told = (Question, Result<Answer, Failure>);

/// One call, with the questions that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    FastRestores(Vec<String>),
    Tiers(Vec<String>),
    Snapshot(String),
    Image(String),
    Point {
        arn: String,
        vault: String,
        owner: Option<AccountId>,
    },
}

/// Asks everything; what comes of each call is told once it is there.
pub fn answers(
    clients: &Clients,
    questions: impl IntoIterator<Item = Question>,
) -> SelectAll<BoxStream<'_, Vec<Told>>> {
    let kinds = calls(questions).into_iter().map(|calls| {
        let calls = stream::iter(calls);
        calls.then(move |call| answered(clients, call)).boxed()
    });
    stream::select_all(kinds)
}

/// Returns the calls to make, those of a kind together.
fn calls(questions: impl IntoIterator<Item = Question>) -> Vec<Vec<Call>> {
    let (mut fast, mut tiers) = (BTreeSet::new(), BTreeSet::new());
    let (mut snapshots, mut images, mut points) = (Vec::new(), Vec::new(), Vec::new());
    for question in questions {
        match question {
            Question::FastRestores { snapshot } => {
                fast.insert(snapshot);
            }
            Question::TierStatus { snapshot } => {
                tiers.insert(snapshot);
            }
            Question::VolumePermission { snapshot } => snapshots.push(Call::Snapshot(snapshot)),
            Question::LaunchPermission { image } => images.push(Call::Image(image)),
            Question::BackupPoint { arn, vault, owner } => {
                points.push(Call::Point { arn, vault, owner });
            }
        }
    }
    let of_several = |ids: BTreeSet<String>, call: fn(Vec<String>) -> Call| -> Vec<Call> {
        let ids: Vec<String> = ids.into_iter().collect();
        ids.chunks(VALUES).map(|ids| call(ids.to_vec())).collect()
    };
    let kinds = [
        of_several(fast, Call::FastRestores),
        of_several(tiers, Call::Tiers),
        snapshots,
        images,
        points,
    ];
    kinds
        .into_iter()
        .filter(|calls| !calls.is_empty())
        .collect()
}

async fn answered(clients: &Clients, call: Call) -> Vec<Told> {
    match call {
        Call::FastRestores(ids) => {
            let read = fast_restores(clients, &ids).await;
            let question = |snapshot| Question::FastRestores { snapshot };
            each(ids, read, question, |rows| {
                Answer::FastRestores(rows.unwrap_or_default())
            })
        }
        Call::Tiers(ids) => {
            let read = tiers(clients, &ids).await;
            let question = |snapshot| Question::TierStatus { snapshot };
            each(ids, read, question, Answer::TierStatus)
        }
        Call::Snapshot(snapshot) => {
            let shared = shared_snapshot(clients, &snapshot).await;
            let question = Question::VolumePermission { snapshot };
            vec![(question, shared.map(Answer::Shared))]
        }
        Call::Image(image) => {
            let shared = shared_image(clients, &image).await;
            let question = Question::LaunchPermission { image };
            vec![(question, shared.map(Answer::Shared))]
        }
        Call::Point { arn, vault, owner } => {
            let point = backup_point(clients, &arn, &vault, owner.as_ref()).await;
            let question = Question::BackupPoint { arn, vault, owner };
            let answer = point.map(|point| Answer::BackupPoint(Box::new(point)));
            vec![(question, answer)]
        }
    }
}

/// Gives each of several points its own rows, or the failure of the one call.
fn each<R>(
    ids: Vec<String>,
    read: Result<BTreeMap<String, R>, Failure>,
    question: impl Fn(String) -> Question,
    answer: impl Fn(Option<R>) -> Answer,
) -> Vec<Told> {
    match read {
        Ok(mut rows) => {
            let told = ids.into_iter().map(|id| {
                let row = rows.remove(&id);
                (question(id), Ok(answer(row)))
            });
            told.collect()
        }
        Err(failure) => {
            let told = ids.into_iter();
            told.map(|id| (question(id), Err(failure.clone())))
                .collect()
        }
    }
}

fn by_snapshot(ids: &[String]) -> Filter {
    let values = Some(ids.to_vec());
    Filter::builder()
        .name(BY_SNAPSHOT)
        .set_values(values)
        .build()
}

async fn fast_restores(
    clients: &Clients,
    ids: &[String],
) -> Result<BTreeMap<String, Vec<FastRestore>>, Failure> {
    let call = clients.ec2.describe_fast_snapshot_restores();
    let call = call.filters(by_snapshot(ids)).into_paginator();
    let mut pages = call.page_size(FAST_RESTORE_PAGE).send();
    let (mut found, mut token) = (BTreeMap::<String, Vec<FastRestore>>::new(), None);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(FAST_RESTORES, &error))?;
        for row in page.fast_snapshot_restores() {
            if let Some((snapshot, restore)) = fast_restore(row) {
                found.entry(snapshot).or_default().push(restore);
            }
        }
        token = page.next_token;
    }
    require_end(FAST_RESTORES, token)?;
    for zones in found.values_mut() {
        zones.sort_by(|one, other| one.zone.cmp(&other.zone));
    }
    Ok(found)
}

fn fast_restore(row: &DescribeFastSnapshotRestoreSuccessItem) -> Option<(String, FastRestore)> {
    let state = row.state().map_or("unknown", |state| state.as_str());
    let zone = row.availability_zone().or(row.availability_zone_id())?;
    let restore = FastRestore {
        zone: zone.to_owned(),
        state: state.to_owned(),
    };
    Some((row.snapshot_id()?.to_owned(), restore))
}

async fn tiers(clients: &Clients, ids: &[String]) -> Result<BTreeMap<String, TierStatus>, Failure> {
    let call = clients.ec2.describe_snapshot_tier_status();
    let call = call.filters(by_snapshot(ids)).into_paginator();
    let mut pages = call.page_size(TIER_PAGE).send();
    let (mut found, mut token) = (BTreeMap::new(), None);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(TIERS, &error))?;
        let rows = page.snapshot_tier_statuses().iter();
        found.extend(rows.filter_map(|row| Some((row.snapshot_id()?.to_owned(), tier(row)))));
        token = page.next_token;
    }
    require_end(TIERS, token)?;
    Ok(found)
}

fn tier(row: &SnapshotTierStatus) -> TierStatus {
    let operation = row.last_tiering_operation_status();
    let message = row.last_tiering_operation_status_detail();
    TierStatus {
        tier: match row.storage_tier() {
            Some(StorageTier::Archive) => Some(Tier::Archive),
            Some(StorageTier::Standard) => Some(Tier::Standard),
            Some(_) | None => None,
        },
        operation: operation.map(|status| status.as_str().to_owned()),
        message: told(message),
        progress: row.last_tiering_progress(),
        archived_at: row.archival_complete_time().and_then(instant),
        expires_at: row.restore_expiry_time().and_then(instant),
    }
}

async fn shared_snapshot(clients: &Clients, snapshot: &str) -> Result<Sharing, Failure> {
    let call = clients.ec2.describe_snapshot_attribute();
    let call = call.attribute(SnapshotAttributeName::CreateVolumePermission);
    let answer = call.snapshot_id(snapshot).send().await;
    let answer = answer.map_err(|error| failure(SNAPSHOT, &error))?;
    let mut sharing = Sharing::default();
    for permission in answer.create_volume_permissions() {
        sharing.public |= permission.group() == Some(&PermissionGroup::All);
        sharing.accounts.extend(told(permission.user_id()));
    }
    Ok(sharing)
}

async fn shared_image(clients: &Clients, image: &str) -> Result<Sharing, Failure> {
    let call = clients.ec2.describe_image_attribute();
    let call = call.attribute(ImageAttributeName::LaunchPermission);
    let answer = call.image_id(image).send().await;
    let answer = answer.map_err(|error| failure(IMAGE, &error))?;
    Ok(launched_by(answer.launch_permissions()))
}

fn launched_by(permissions: &[LaunchPermission]) -> Sharing {
    let mut sharing = Sharing::default();
    for permission in permissions {
        sharing.public |= permission.group() == Some(&PermissionGroup::All);
        sharing.accounts.extend(told(permission.user_id()));
        let unit = told(permission.organizational_unit_arn());
        let organization = told(permission.organization_arn());
        sharing
            .organizations
            .extend(organization.into_iter().chain(unit));
    }
    sharing
}

/// A vault that another account shares is named by that account.
async fn backup_point(
    clients: &Clients,
    arn: &str,
    vault: &str,
    owner: Option<&AccountId>,
) -> Result<BackupPoint, Failure> {
    let call = clients.backup.describe_recovery_point();
    let call = call.backup_vault_name(vault).recovery_point_arn(arn);
    let call = call.set_backup_vault_account_id(owner.map(ToString::to_string));
    let answer = call.send().await;
    Ok(described(&answer.map_err(|error| failure(POINT, &error))?))
}

fn described(answer: &DescribeRecoveryPointOutput) -> BackupPoint {
    let date = |time: Option<&DateTime>| -> Option<Timestamp> { vault::date(time?) };
    let lifecycle = answer.calculated_lifecycle();
    BackupPoint {
        storage_class: told(answer.storage_class().map(StorageClass::as_str)),
        cold_at: date(lifecycle.and_then(|one| one.move_to_cold_storage_at())),
        delete_at: date(lifecycle.and_then(|one| one.delete_at())),
        is_parent: answer.is_parent(),
        parent: told(answer.parent_recovery_point_arn()),
        index: told(answer.index_status().map(IndexStatus::as_str)),
        index_message: told(answer.index_status_message()),
        vault_type: told(answer.vault_type().map(VaultType::as_str)),
        status_message: told(answer.status_message()),
        restored_at: date(answer.last_restore_time()),
    }
}

fn told(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier_of(number: usize) -> Question {
        Question::TierStatus {
            snapshot: format!("snap-{number:03}"),
        }
    }

    #[test]
    fn one_call_asks_about_as_many_snapshots_as_a_filter_takes() {
        let calls = calls((0..201).map(tier_of));
        let [tiers] = &calls[..] else {
            panic!("{calls:?}");
        };
        let ids = tiers.iter().filter_map(|call| {
            let Call::Tiers(ids) = call else { return None };
            Some(ids.len())
        });
        assert_eq!(ids.collect::<Vec<_>>(), [VALUES, 1]);
    }

    #[test]
    fn what_takes_one_id_is_asked_one_by_one_beside_the_rest() {
        let snapshot = |id: &str| Question::VolumePermission {
            snapshot: id.into(),
        };
        let fast = |id: &str| Question::FastRestores {
            snapshot: id.into(),
        };
        let asked = [
            snapshot("a"),
            fast("a"),
            snapshot("b"),
            fast("b"),
            fast("a"),
        ];
        let wanted = [
            vec![Call::FastRestores(vec!["a".into(), "b".into()])],
            vec![Call::Snapshot("a".into()), Call::Snapshot("b".into())],
        ];
        assert_eq!(calls(asked), wanted);
    }

    #[test]
    fn an_image_can_be_launched_by_everybody_by_accounts_and_by_organizations() {
        let by = LaunchPermission::builder;
        let told = launched_by(&[
            by().group(PermissionGroup::All).build(),
            by().user_id("444455556666").build(),
            by().organization_arn("arn:o").build(),
            by().organizational_unit_arn("arn:ou").build(),
            by().build(),
        ]);
        let wanted = Sharing {
            public: true,
            accounts: vec!["444455556666".into()],
            organizations: vec!["arn:o".into(), "arn:ou".into()],
        };
        assert_eq!(told, wanted);
        assert!(!told.is_private() && launched_by(&[]).is_private());
    }
}
