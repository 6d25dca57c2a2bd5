//! Operations on EBS snapshots.
//!
//! `CreateSnapshot` takes no client token, so the run's tags alone tell whether one was made: after a lost
//! answer it is looked for, and never made again on a guess.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::{ResourceType, Snapshot, TagSpecification};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{SnapshotId, VolumeId};
use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;
use crate::domain::text::{Untrusted, pairs, shown};
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, own_output,
};

use super::ec2_read::{is_of_generation, sdk_tags, snapshots_of_step, tag_parameters};

/// A snapshot of a volume exists. It counts as soon as AWS has accepted it: its data is that of
/// this moment, and it completes by itself (EC2 API reference, `CreateSnapshot`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSnapshot {
    /// The volume.
    pub volume: VolumeId,
    /// Description, at most 255 characters.
    pub description: String,
    /// Tags beside defib's own.
    #[serde(with = "pairs")]
    pub tags: BTreeMap<Untrusted, Untrusted>,
}

/// The snapshot made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeSnapshot {
    /// Its id.
    pub snapshot: SnapshotId,
}

#[async_trait]
impl Operation for CreateSnapshot {
    type Output = MadeSnapshot;
    const NAME: &'static str = "ec2:CreateSnapshot";
    const VERSION: u32 = 1;
    // The call takes no token.
    const RESEND: Resend = Resend::AfterMisses;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "CreateSnapshot",
            parameters: json!({
                "VolumeId": self.volume,
                "Description": self.description,
                "TagSpecifications": [
                    {"ResourceType": "snapshot", "Tags": tag_parameters(&self.tags)},
                ],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<MadeSnapshot>, Failure> {
        let made = snapshots_of_step(cx).await?;
        let is_dead = |snapshot: &&Snapshot| state_of(snapshot) == "error";
        let (dead, live): (Vec<&Snapshot>, Vec<&Snapshot>) = made.iter().partition(is_dead);
        Ok(match live.as_slice() {
            [snapshot] => self.classify(snapshot),
            [] => dead
                .iter()
                .find(|snapshot| is_of_generation(cx, snapshot.tags()))
                .map_or(Probe::Absent { found: Value::Null }, |snapshot| {
                    Probe::Failed(format!(
                        "snapshot {} went to error: {}",
                        shown(snapshot.snapshot_id().unwrap_or_default()),
                        shown(snapshot.state_message().unwrap_or("no reason given"))
                    ))
                }),
            several => Probe::Conflict(format!(
                "{} snapshots carry the tags of this step; expected one",
                several.len()
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<MadeSnapshot>, Failure> {
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::Snapshot)
            .set_tags(Some(sdk_tags(cx, &self.tags)))
            .build();
        let answer = cx
            .clients
            .ec2_once
            .create_snapshot()
            .volume_id(self.volume.as_str())
            .description(&self.description)
            .tag_specifications(tags)
            .send()
            .await
            .map_err(|error| failure("ec2:CreateSnapshot", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: answer.snapshot_id().map(|id| MadeSnapshot {
                snapshot: id.into(),
            }),
        })
    }

    fn created(&self, output: &MadeSnapshot) -> Vec<Created> {
        vec![Created {
            id: output.snapshot.as_str().to_owned(),
            kind: ResourceKind::Snapshot,
        }]
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeSnapshots",
            parameters: json!({"SnapshotIds": [own_output("snapshot")]}),
            query: "Snapshots[0].State".to_owned(),
            wanted: &["pending", "completed"],
            fatal: &["error"],
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("snapshot", "SnapshotId")]
    }
}

impl CreateSnapshot {
    fn classify(&self, snapshot: &Snapshot) -> Probe<MadeSnapshot> {
        let id = snapshot.snapshot_id().unwrap_or_default();
        if snapshot.volume_id() != Some(self.volume.as_str()) {
            return Probe::Conflict(format!(
                "{} carries the tags of this step but is not of {}",
                shown(id),
                self.volume
            ));
        }
        Probe::Present {
            output: MadeSnapshot {
                snapshot: id.into(),
            },
            detail: format!("accepted {} ({})", shown(id), shown(state_of(snapshot))),
        }
    }
}

fn state_of(snapshot: &Snapshot) -> &str {
    snapshot.state().map_or("unknown", |state| state.as_str())
}
