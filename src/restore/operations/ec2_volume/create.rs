//! Makes a volume from a snapshot.
//!
//! Only creating takes a client token; what the token made is found by the tags of its step.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::{ResourceType, TagSpecification, Volume, VolumeType};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{is_dead, state_of_volume};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{SnapshotId, VolumeId};
use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;
use crate::domain::text::{Untrusted, pairs, shown};
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, own_output, stamp_marker,
};
use crate::restore::operations::ec2_read::{
    is_of_generation, sdk_tags, tag_parameters, volumes_of_step,
};

/// A volume made from a snapshot is available.
///
/// Everything that AWS would otherwise default (type gp2, key of the account) is said. Keys are
/// checked after the answer: with an unusable key the call succeeds and the volume goes to `error`
/// or disappears (EC2 API reference, `CreateVolume`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateVolume {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Availability Zone. Frozen in the plan: the same token in another zone is a second volume.
    pub zone: String,
    /// `gp3`, `io2` …
    pub volume_type: String,
    /// Size in GiB.
    pub size: i32,
    /// Provisioned IOPS.
    pub iops: Option<i32>,
    /// Throughput in MiB/s.
    pub throughput: Option<i32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// KMS key.
    pub kms_key: Option<String>,
    /// Whether several instances may attach it.
    pub multi_attach: bool,
    /// Initialization rate in MiB/s.
    pub initialization_rate: Option<i32>,
    /// Tags beside defib's own.
    #[serde(with = "pairs")]
    pub tags: BTreeMap<Untrusted, Untrusted>,
}

/// The volume made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeVolume {
    /// Its id.
    pub volume: VolumeId,
}

#[async_trait]
impl Operation for CreateVolume {
    type Output = MadeVolume;
    const NAME: &'static str = "ec2:CreateVolume";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::SameToken;

    fn request(&self) -> Request {
        let mut parameters = json!({
            "SnapshotId": self.snapshot,
            "AvailabilityZone": self.zone,
            "VolumeType": self.volume_type,
            "Size": self.size,
            "ClientToken": stamp_marker("token"),
            "TagSpecifications": [
                {"ResourceType": "volume", "Tags": tag_parameters(&self.tags)},
            ],
        });
        let mut set = |name: &str, value: Value| parameters[name] = value;
        if self.encrypted {
            set("Encrypted", json!(true));
        }
        if let Some(iops) = self.iops {
            set("Iops", json!(iops));
        }
        if let Some(throughput) = self.throughput {
            set("Throughput", json!(throughput));
        }
        if let Some(key) = &self.kms_key {
            set("KmsKeyId", json!(key));
        }
        if self.multi_attach {
            set("MultiAttachEnabled", json!(true));
        }
        if let Some(rate) = self.initialization_rate {
            set("VolumeInitializationRate", json!(rate));
        }
        Request {
            service: "ec2",
            api: "CreateVolume",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<MadeVolume>, Failure> {
        let made = volumes_of_step(cx).await?;
        let (live, dead): (Vec<&Volume>, Vec<&Volume>) =
            made.iter().partition(|volume| !is_dead(volume));
        Ok(match live.as_slice() {
            [volume] => self.classify(volume),
            [] => dead
                .iter()
                .find(|volume| is_of_generation(cx, volume.tags()))
                .map_or(Probe::Absent { found: Value::Null }, |volume| {
                    Probe::Failed(format!(
                        "volume {} went to {}; most often its KMS key cannot be used",
                        shown(volume.volume_id().unwrap_or_default()),
                        shown(state_of_volume(volume))
                    ))
                }),
            several => Probe::Conflict(format!(
                "{} volumes carry the tags of this step; expected one",
                several.len()
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<MadeVolume>, Failure> {
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::Volume)
            .set_tags(Some(sdk_tags(cx, &self.tags)))
            .build();
        let answer = cx
            .clients
            .ec2_once
            .create_volume()
            .snapshot_id(self.snapshot.as_str())
            .availability_zone(&self.zone)
            .volume_type(VolumeType::from(self.volume_type.as_str()))
            .size(self.size)
            .set_iops(self.iops)
            .set_throughput(self.throughput)
            .set_encrypted(self.encrypted.then_some(true))
            .set_kms_key_id(self.kms_key.clone())
            .set_multi_attach_enabled(self.multi_attach.then_some(true))
            .set_volume_initialization_rate(self.initialization_rate)
            .client_token(&cx.stamp.token)
            .tag_specifications(tags)
            .send()
            .await
            .map_err(|error| failure("ec2:CreateVolume", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: answer
                .volume_id()
                .map(|id| MadeVolume { volume: id.into() }),
        })
    }

    fn created(&self, output: &MadeVolume) -> Vec<Created> {
        vec![Created {
            id: output.volume.as_str().to_owned(),
            kind: ResourceKind::Volume,
        }]
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeVolumes",
            parameters: json!({"VolumeIds": [own_output("volume")]}),
            query: "Volumes[0].State".to_owned(),
            wanted: &["available", "in-use"],
            fatal: &["error", "deleting", "deleted"],
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("volume", "VolumeId")]
    }
}

impl CreateVolume {
    fn classify(&self, volume: &Volume) -> Probe<MadeVolume> {
        let id = volume.volume_id().unwrap_or_default();
        let ours = volume.snapshot_id() == Some(self.snapshot.as_str())
            && volume.availability_zone() == Some(self.zone.as_str());
        if !ours {
            return Probe::Conflict(format!(
                "{} carries the tags of this step but is not from {} in {}",
                shown(id),
                self.snapshot,
                shown(&self.zone)
            ));
        }
        let state = state_of_volume(volume);
        match state {
            "available" | "in-use" => Probe::Present {
                output: MadeVolume { volume: id.into() },
                detail: format!("{} {state}", shown(id)),
            },
            _on_the_way => Probe::InProgress {
                detail: format!("{} {}", shown(id), shown(state)),
                percent: None,
            },
        }
    }
}
