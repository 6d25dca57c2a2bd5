//! Snapshots: `DescribeSnapshots`, `DescribeSnapshotTierStatus`, `CreateSnapshot`.
//!
//! A new snapshot may be hidden for a while, as `Lag` says. Nothing deletes, archives or shares one.

use aws_sdk_ec2::operation::create_snapshot::{CreateSnapshotInput, CreateSnapshotOutput};
use aws_sdk_ec2::operation::describe_snapshot_tier_status::{
    DescribeSnapshotTierStatusInput, DescribeSnapshotTierStatusOutput,
};
use aws_sdk_ec2::operation::describe_snapshots::{DescribeSnapshotsInput, DescribeSnapshotsOutput};
use aws_sdk_ec2::types as ec2;

use super::model::{Permissions, Snapshot, SnapshotState, VolumeState};
use super::{ids, rows, tags};
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};

impl Filtered for ec2::Snapshot {
    const NAMES: &'static [&'static str] = &[
        "description",
        "encrypted",
        "owner-id",
        "progress",
        "snapshot-id",
        "start-time",
        "status",
        "storage-tier",
        "volume-id",
        "volume-size",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "description" => shown::text(self.description()),
            "encrypted" => shown::shown(self.encrypted()),
            "owner-id" => shown::text(self.owner_id()),
            "progress" => shown::text(self.progress()),
            "snapshot-id" => shown::text(self.snapshot_id()),
            "start-time" => shown::date(self.start_time()).into_iter().collect(),
            "status" => shown::text(self.state().map(ec2::SnapshotState::as_str)),
            "storage-tier" => shown::text(self.storage_tier().map(ec2::StorageTier::as_str)),
            "volume-id" => shown::text(self.volume_id()),
            "volume-size" => shown::shown(self.volume_size()),
            _ => Vec::new(),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeSnapshots`. Without an owner it lists everything the caller can restore, as on AWS.
pub fn describe(
    input: &DescribeSnapshotsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSnapshotsOutput> {
    call.permit()?;
    let now = call.now();
    let account = call.account().to_owned();
    let shown = seen(call, input.snapshot_ids())?
        .into_iter()
        .filter(|snapshot| is_owned(&snapshot.owner, input.owner_ids(), &account))
        .map(|snapshot| rows::snapshot(snapshot, now))
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .with_ids(input.snapshot_ids(), "snapshotSet");
    let (snapshots, token) =
        page.cut(kept, |row| row.snapshot_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeSnapshotsOutput| {
        output.snapshots = Some(snapshots);
        output.next_token = token;
    })
}

/// Returns whether one of the wanted owners (`self`, an account) is the owner.
fn is_owned(owner: &str, wanted: &[String], account: &str) -> bool {
    let is = |wanted: &String| match wanted.as_str() {
        "self" => owner == account,
        other => owner == other,
    };
    wanted.is_empty() || wanted.iter().any(is)
}

fn seen<'a>(call: &'a mut Call<'_>, wanted: &[String]) -> Result<Vec<&'a Snapshot>, Refusal> {
    let now = call.now();
    let estate = call.estate();
    if wanted.is_empty() {
        let all = estate.snapshots.values();
        return Ok(all
            .filter(|snapshot| snapshot.bin.is_none() && snapshot.visibility.listed(now))
            .collect());
    }
    for id in wanted {
        if !ids::snapshot(estate, id)?.visibility.read_by_id() {
            return Err(ids::no_snapshot(id));
        }
    }
    let named = estate.snapshots.values();
    Ok(named
        .filter(|snapshot| wanted.contains(&snapshot.id))
        .collect())
}

impl Filtered for ec2::SnapshotTierStatus {
    const NAMES: &'static [&'static str] = &["last-tiering-operation", "snapshot-id", "volume-id"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "snapshot-id" => shown::text(self.snapshot_id()),
            "volume-id" => shown::text(self.volume_id()),
            _ => shown::text(
                self.last_tiering_operation_status()
                    .map(ec2::TieringOperationStatus::as_str),
            ),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeSnapshotTierStatus`
pub fn describe_tiers(
    input: &DescribeSnapshotTierStatusInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSnapshotTierStatusOutput> {
    call.permit()?;
    let now = call.now();
    let account = call.account().to_owned();
    let shown = seen(call, &[])?
        .into_iter()
        .filter(|snapshot| snapshot.owner == account)
        .map(|snapshot| tier_row(snapshot, now))
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token());
    let (statuses, token) =
        page.cut(kept, |row| row.snapshot_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeSnapshotTierStatusOutput| {
        output.snapshot_tier_statuses = Some(statuses);
        output.next_token = token;
    })
}

fn tier_row(snapshot: &Snapshot, now: jiff::Timestamp) -> ec2::SnapshotTierStatus {
    let moved = snapshot.tiering.as_ref();
    let operation = moved.map(|moved| ec2::TieringOperationStatus::from(moved.operation.as_str()));
    ec2::SnapshotTierStatus::builder()
        .snapshot_id(&snapshot.id)
        .volume_id(&snapshot.volume_id)
        .owner_id(&snapshot.owner)
        .status(ec2::SnapshotState::from(snapshot.state.at(now).name()))
        .storage_tier(rows::tier(snapshot))
        .set_last_tiering_operation_status(operation)
        .set_last_tiering_operation_status_detail(moved.and_then(|moved| moved.message.clone()))
        .set_last_tiering_progress(moved.and_then(|moved| moved.progress))
        .set_archival_complete_time(moved.and_then(|moved| moved.archived).map(rows::date))
        .set_restore_expiry_time(moved.and_then(|moved| moved.expires).map(rows::date))
        .set_tags(Some(rows::tags(&snapshot.tags)))
        .build()
}

/// `CreateSnapshot`: `pending` at once, `completed` after a while, the data of the instant of the call.
pub fn create(input: &CreateSnapshotInput, call: &mut Call<'_>) -> Answer<CreateSnapshotOutput> {
    let now = call.now();
    let volume_id = ids::required(input.volume_id(), "volumeId")?.to_owned();
    let tags = tags::of_creation(input.tag_specifications(), &ec2::ResourceType::Snapshot)?;
    ids::volume(call.estate(), &volume_id, now)?;
    call.permit()?;
    let volume = ids::volume(call.estate(), &volume_id, now)?.clone();
    if *volume.state.at(now) != VolumeState::Available {
        let state = volume.state_name(now);
        return Err(Refusal::incorrect_state(format!(
            "Volume '{volume_id}' is in the '{state}' state."
        )));
    }
    let mut state = Timeline::new(now, SnapshotState::Pending);
    let done = after(now, call.delays().create_snapshot);
    state.then(done, SnapshotState::Completed);
    let snapshot = Snapshot {
        id: call.world().new_id("snap"),
        volume_id,
        owner: call.account().to_owned(),
        started: now,
        state,
        state_message: None,
        size: volume.size,
        full_size_bytes: i64::from(volume.size) * 1024 * 1024 * 1024 / 2,
        encrypted: volume.encrypted,
        kms_key_id: volume.kms_key_id.clone(),
        description: input.description().unwrap_or_default().to_owned(),
        archived: false,
        tiering: None,
        permissions: Permissions::default(),
        bin: None,
        lock: None,
        fast_restores: Vec::new(),
        tags,
        product_codes: volume.product_codes.clone(),
        data: volume.data_at(now),
        visibility: call.new_visibility(),
    };
    let row = rows::snapshot(&snapshot, now);
    call.estate()
        .snapshots
        .insert(snapshot.id.clone(), snapshot);
    answer(move |output| copy(row, output))
}

fn copy(row: ec2::Snapshot, output: &mut CreateSnapshotOutput) {
    output.snapshot_id = row.snapshot_id;
    output.volume_id = row.volume_id;
    output.owner_id = row.owner_id;
    output.state = row.state;
    output.start_time = row.start_time;
    output.progress = row.progress;
    output.volume_size = row.volume_size;
    output.encrypted = row.encrypted;
    output.kms_key_id = row.kms_key_id;
    output.description = row.description;
    output.storage_tier = row.storage_tier;
    output.tags = row.tags;
}
