//! Detaches a volume, never by force.
//!
//! It waits for a stopped instance or a person's word: a mounted file system can be torn apart.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Volume, VolumeAttachment};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{attachment_state, place_of, state_of_volume};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};
use crate::restore::operations::ec2_read::{instance, mapping, state_of, volume};

/// A volume is no longer attached to an instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetachVolume {
    /// The volume.
    pub volume: Ref<VolumeId>,
    /// The instance.
    pub instance: InstanceId,
    /// Device name of the block device mapping.
    pub device: String,
    /// A person has confirmed that it is unmounted; otherwise the instance must be stopped.
    pub while_running: bool,
}

/// The volume that was detached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detached {
    /// The volume.
    pub volume: VolumeId,
}

#[async_trait]
impl Operation for DetachVolume {
    type Output = Detached;
    const NAME: &'static str = "ec2:DetachVolume";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "DetachVolume",
            parameters: json!({
                "VolumeId": self.volume,
                "InstanceId": self.instance,
                "Device": self.device,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Detached>, Failure> {
        let id = resolved(&self.volume, "ec2:DetachVolume")?;
        let Some(volume) = volume(cx, id).await? else {
            return self.gone(cx, id).await;
        };
        let Some(at) = volume.attachments().first() else {
            return Ok(detached(id, &volume));
        };
        let here = at.instance_id() == Some(self.instance.as_str())
            && at.device() == Some(self.device.as_str());
        if !here {
            let place = place_of(at);
            return Ok(Probe::Conflict(format!(
                "volume {id} is attached to {place}"
            )));
        }
        match attachment_state(at) {
            "attached" => self.may_detach(cx, at).await,
            "detached" => Ok(detached(id, &volume)),
            "busy" => Ok(Probe::InProgress {
                detail: "busy: it is still mounted; unmount it".to_owned(),
                percent: None,
            }),
            on_the_way => Ok(Probe::InProgress {
                detail: shown(on_the_way),
                percent: None,
            }),
        }
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        let id = resolved(&self.volume, "ec2:DetachVolume")?;
        let volume = volume(cx, id).await?;
        let elsewhere = volume.iter().flat_map(Volume::attachments).find(|at| {
            at.instance_id() != Some(self.instance.as_str())
                || at.device() != Some(self.device.as_str())
        });
        Ok(elsewhere.map(|at| format!("volume {id} is attached to {}", place_of(at))))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Detached>, Failure> {
        let volume = resolved(&self.volume, "ec2:DetachVolume")?;
        let answer = cx
            .clients
            .ec2_once
            .detach_volume()
            .volume_id(volume.as_str())
            .instance_id(self.instance.as_str())
            .device(&self.device)
            .send()
            .await
            .map_err(|error| failure("ec2:DetachVolume", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(Detached {
                volume: volume.clone(),
            }),
        })
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeVolumes",
            parameters: json!({"VolumeIds": [self.volume]}),
            query: "Volumes[0].State".to_owned(),
            wanted: &["available"],
            fatal: &["error", "deleting", "deleted"],
        })
    }
}

fn detached(id: &VolumeId, volume: &Volume) -> Probe<Detached> {
    match state_of_volume(volume) {
        // A volume that broke is attached nowhere either, and will never be available.
        state @ ("available" | "error" | "deleting" | "deleted") => Probe::Present {
            output: Detached { volume: id.clone() },
            detail: format!("{id} {state}"),
        },
        other => Probe::InProgress {
            detail: format!("{id} {}", shown(other)),
            percent: None,
        },
    }
}

impl DetachVolume {
    /// A volume that is gone holds no device; the instance is asked, since reads of volumes lag.
    async fn gone(&self, cx: &Context, id: &VolumeId) -> Result<Probe<Detached>, Failure> {
        let instance = instance(cx, &self.instance).await?;
        let held = instance
            .as_ref()
            .and_then(|instance| mapping(instance, &self.device)?.ebs()?.volume_id())
            .is_some_and(|held| held == id.as_str());
        if held {
            return Ok(Probe::Conflict(format!(
                "volume {id} is not there, but {} still shows it",
                self.instance
            )));
        }
        Ok(Probe::Present {
            output: Detached { volume: id.clone() },
            detail: format!("{id} is not there any more"),
        })
    }

    /// Detaching under a running instance can tear a mounted file system apart, so it needs either
    /// a stopped instance or a person's word.
    async fn may_detach(
        &self,
        cx: &Context,
        at: &VolumeAttachment,
    ) -> Result<Probe<Detached>, Failure> {
        if !self.while_running {
            let state = instance(cx, &self.instance).await?;
            let state = state.as_ref().map_or_else(|| "gone".to_owned(), state_of);
            if state != "stopped" {
                let instance = &self.instance;
                return Ok(Probe::Conflict(format!(
                    "instance {instance} is {}, and nobody has confirmed that the volume is unmounted",
                    shown(&state)
                )));
            }
        }
        Ok(Probe::Absent {
            found: json!({
                "device": at.device(),
                "delete_on_termination": at.delete_on_termination(),
            }),
        })
    }
}
