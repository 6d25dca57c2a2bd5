//! Attaches a volume at a device.
//!
//! Attaching takes no token: it looks at where the volume is, from both ends, and never moves one that
//! somebody else has attached.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Instance, Volume, VolumeAttachment};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{attachment_state, is_dead, place_of, state_of_volume};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};
use crate::restore::operations::ec2_read::{instance, is_over, mapping, volume};

/// A volume is attached to an instance at a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachVolume {
    /// The volume.
    pub volume: Ref<VolumeId>,
    /// The instance.
    pub instance: InstanceId,
    /// Device name of the block device mapping.
    pub device: String,
}

/// A volume with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The volume.
    pub volume: VolumeId,
    /// The instance.
    pub instance: InstanceId,
    /// The device.
    pub device: String,
}

#[async_trait]
impl Operation for AttachVolume {
    type Output = Attachment;
    const NAME: &'static str = "ec2:AttachVolume";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "AttachVolume",
            parameters: json!({
                "VolumeId": self.volume,
                "InstanceId": self.instance,
                "Device": self.device,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Attachment>, Failure> {
        let id = resolved(&self.volume, "ec2:AttachVolume")?;
        let (volume, instance) = tokio::try_join!(volume(cx, id), instance(cx, &self.instance))?;
        let Some(volume) = volume else {
            return Ok(Probe::Conflict(format!("volume {id} is not there")));
        };
        let Some(instance) = instance else {
            return Ok(Probe::Conflict(format!(
                "instance {} is not there",
                self.instance
            )));
        };
        Ok(match volume.attachments().first() {
            None => self.unattached(id, &volume, &instance),
            Some(attachment) => self.attached(id, attachment, &instance),
        })
    }

    async fn obstacle(&self, cx: &Context, ours: &[String]) -> Result<Option<String>, Failure> {
        let id = resolved(&self.volume, "ec2:AttachVolume")?;
        let (volume, instance) = tokio::try_join!(volume(cx, id), instance(cx, &self.instance))?;
        let Some(volume) = volume.filter(|volume| !is_dead(volume)) else {
            return Ok(Some(format!("volume {id} is not there any more")));
        };
        let Some(instance) = instance.filter(|found| !is_over(found)) else {
            return Ok(Some(format!(
                "instance {} is not there any more",
                self.instance
            )));
        };
        let elsewhere = volume.attachments().iter().find(|at| !self.is_here(at));
        if let Some(at) = elsewhere {
            return Ok(Some(format!("volume {id} is attached to {}", place_of(at))));
        }
        let holder = mapping(&instance, &self.device).and_then(|held| held.ebs()?.volume_id());
        Ok(holder
            .filter(|holder| *holder != id.as_str() && !ours.iter().any(|made| made == holder))
            .map(|holder| {
                let (device, holder) = (shown(&self.device), shown(holder));
                format!(
                    "{device} of {} holds {holder}, which this run did not make",
                    self.instance
                )
            }))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Attachment>, Failure> {
        let volume = resolved(&self.volume, "ec2:AttachVolume")?;
        let answer = cx
            .clients
            .ec2_once
            .attach_volume()
            .volume_id(volume.as_str())
            .instance_id(self.instance.as_str())
            .device(&self.device)
            .send()
            .await
            .map_err(|error| failure("ec2:AttachVolume", &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(self.output(volume)),
        })
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeVolumes",
            parameters: json!({"Filters": [
                {"Name": "volume-id", "Values": [self.volume]},
                {"Name": "attachment.instance-id", "Values": [self.instance]},
                {"Name": "attachment.device", "Values": [self.device]},
            ]}),
            query: "Volumes[0].[State,Attachments[0].State]".to_owned(),
            wanted: &["in-use attached"],
            fatal: &[],
        })
    }
}

impl AttachVolume {
    fn is_here(&self, at: &VolumeAttachment) -> bool {
        at.instance_id() == Some(self.instance.as_str())
            && at.device() == Some(self.device.as_str())
    }

    fn output(&self, volume: &VolumeId) -> Attachment {
        Attachment {
            volume: volume.clone(),
            instance: self.instance.clone(),
            device: self.device.clone(),
        }
    }

    fn unattached(&self, id: &VolumeId, volume: &Volume, on: &Instance) -> Probe<Attachment> {
        let taken = mapping(on, &self.device).and_then(|mapping| mapping.ebs());
        if let Some(other) = taken {
            let status = other.status().map_or("unknown", |status| status.as_str());
            let other = shown(other.volume_id().unwrap_or("another volume"));
            if other == id.as_str() || matches!(status, "detaching" | "detached") {
                return Probe::InProgress {
                    detail: format!("{} still shows {other}", shown(&self.device)),
                    percent: None,
                };
            }
            let device = shown(&self.device);
            return Probe::Conflict(format!("{device} of {} is taken by {other}", self.instance));
        }
        match state_of_volume(volume) {
            "available" => Probe::Absent {
                found: json!({"state": "available"}),
            },
            "creating" | "in-use" => Probe::InProgress {
                detail: format!("{id} {}", state_of_volume(volume)),
                percent: None,
            },
            other => Probe::Conflict(format!("volume {id} is {}", shown(other))),
        }
    }

    fn attached(&self, id: &VolumeId, at: &VolumeAttachment, on: &Instance) -> Probe<Attachment> {
        if !self.is_here(at) {
            return Probe::Conflict(format!("volume {id} is attached to {}", place_of(at)));
        }
        let mapped = mapping(on, &self.device)
            .and_then(|mapping| mapping.ebs()?.volume_id())
            .is_some_and(|mapped| mapped == id.as_str());
        let state = attachment_state(at);
        if state == "attached" && mapped {
            return Probe::Present {
                output: self.output(id),
                detail: format!("attached at {}", shown(&self.device)),
            };
        }
        Probe::InProgress {
            detail: shown(if mapped { state } else { "attaching" }),
            percent: None,
        }
    }
}
