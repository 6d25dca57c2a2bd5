//! EBS snapshots as a restore needs to know them.
//! A snapshot that is not there is an answer, not a failure.

use aws_sdk_ec2::types::Snapshot as SdkSnapshot;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::ec2::tags_of;
use crate::aws::failure::failure;
use crate::domain::ec2::Tags;
use crate::domain::failure::Failure;
use crate::domain::ids::{AccountId, SnapshotId, VolumeId};
use crate::domain::text::Untrusted;

use super::{filter, incomplete, instant, none_if_missing, text};

const CALL: &str = "ec2:DescribeSnapshots";

/// AWS writes this in place of the volume where a snapshot is a copy.
const NO_VOLUME: &str = "vol-ffffffff";

/// A snapshot. `size` is in GiB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its id.
    pub id: SnapshotId,
    /// `pending`, `completed`, `error`, `recoverable` …
    pub state: String,
    /// Why it is in that state.
    pub state_message: Option<Untrusted>,
    /// How far it is, `99%`.
    pub progress: Option<String>,
    /// `standard` or `archive`.
    pub tier: String,
    /// Size of the volume it was taken from, in GiB.
    pub size: i32,
    /// Bytes that are really in it, where AWS tells.
    pub full_bytes: Option<i64>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of its KMS key.
    pub kms_key: Option<String>,
    /// The volume it was taken from; `None` for a copy.
    pub volume: Option<VolumeId>,
    /// When it was taken, or copied.
    pub started_at: Timestamp,
    /// Account that owns it.
    pub owner: AccountId,
    /// Its tags.
    pub tags: Tags,
}

/// A snapshot taken together with another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sibling {
    /// Its id.
    pub id: SnapshotId,
    /// The volume it was taken from.
    pub volume: VolumeId,
}

/// Reads a snapshot; `None` if there is none of that id in the Region.
///
/// # Errors
/// The failure of the read.
pub async fn snapshot(clients: &Clients, id: &SnapshotId) -> Result<Option<Snapshot>, Failure> {
    let request = clients.ec2.describe_snapshots().snapshot_ids(id.as_str());
    let answer = request.send().await;
    let answer = answer.map_err(|error| failure(CALL, &error)).map(Some);
    let Some(answer) = none_if_missing(answer)? else {
        return Ok(None);
    };
    let found = answer
        .snapshots()
        .iter()
        .find(|snapshot| snapshot.snapshot_id() == Some(id.as_str()));
    found.map(read).transpose()
}

/// Reads the account's own snapshots of `volumes` that were taken within `seconds` of `at`.
///
/// # Errors
/// The failure of a read.
pub async fn taken_together(
    clients: &Clients,
    volumes: &[VolumeId],
    at: Timestamp,
    seconds: i64,
) -> Result<Vec<Sibling>, Failure> {
    if volumes.is_empty() {
        return Ok(Vec::new());
    }
    let ids = volumes.iter().map(|volume| volume.as_str().to_owned());
    let mut pages = clients
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .filters(filter("volume-id", ids))
        .max_results(1000)
        .into_paginator()
        .send();
    let mut siblings = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(CALL, &error))?;
        for snapshot in page.snapshots() {
            let near = instant(snapshot.start_time())
                .is_some_and(|start| start.duration_since(at).as_secs().abs() <= seconds);
            if near && snapshot.volume_id().is_some() {
                siblings.push(Sibling {
                    id: SnapshotId::new(text(snapshot.snapshot_id())),
                    volume: VolumeId::new(text(snapshot.volume_id())),
                });
            }
        }
    }
    siblings.sort_by(|a, b| (&a.volume, &a.id).cmp(&(&b.volume, &b.id)));
    Ok(siblings)
}

fn read(found: &SdkSnapshot) -> Result<Snapshot, Failure> {
    let volume = found.volume_id().filter(|volume| *volume != NO_VOLUME);
    Ok(Snapshot {
        id: SnapshotId::new(text(found.snapshot_id())),
        state: text(found.state().map(aws_sdk_ec2::types::SnapshotState::as_str)),
        state_message: found.state_message().map(Untrusted::from),
        progress: found.progress().map(str::to_owned),
        tier: found
            .storage_tier()
            .map_or("standard", |tier| tier.as_str())
            .to_owned(),
        size: found
            .volume_size()
            .ok_or_else(|| incomplete(CALL, "size of the volume"))?,
        full_bytes: found.full_snapshot_size_in_bytes(),
        encrypted: found.encrypted().unwrap_or(false),
        kms_key: found.kms_key_id().map(str::to_owned),
        volume: volume
            .filter(|volume| !volume.is_empty())
            .map(VolumeId::from),
        started_at: instant(found.start_time())
            .ok_or_else(|| incomplete(CALL, "start time of the snapshot"))?,
        owner: AccountId::new(text(found.owner_id())),
        tags: tags_of(found.tags()),
    })
}
