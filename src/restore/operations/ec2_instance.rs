//! Operations on EC2 instances: stop, start, and what happens to a volume on termination.
//!
//! None of them terminates anything. Starting is done when both status checks are ok, not when the state says
//! `running`.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    EbsInstanceBlockDeviceSpecification, InstanceBlockDeviceMappingSpecification,
};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};

use super::ec2_instance_status::{Health, health, wait_until_ok};
use super::ec2_read::{instance, is_over, mapping, state_of};

/// The instance an operation was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// The instance.
    pub instance: InstanceId,
}

/// An instance is stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopInstance {
    /// The instance.
    pub instance: InstanceId,
}

#[async_trait]
impl Operation for StopInstance {
    type Output = Handled;
    const NAME: &'static str = "ec2:StopInstance";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("StopInstances", &self.instance)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        let seen = towards(cx, &self.instance, "running", "stopped").await?;
        Ok(seen.unwrap_or_else(|| present(&self.instance, "stopped".to_owned())))
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        lost(cx, &self.instance).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Handled>, Failure> {
        let answer = cx
            .clients
            .ec2_once
            .stop_instances()
            .instance_ids(self.instance.as_str())
            .send()
            .await
            .map_err(|error| failure("ec2:StopInstances", &error))?;
        Ok(accepted(&self.instance, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_for_state(
            &self.instance,
            &["stopped"],
            &["shutting-down", "terminated"],
        ))
    }
}

/// Tells whether an instance is gone for good.
async fn lost(cx: &Context, id: &InstanceId) -> Result<Option<String>, Failure> {
    let found = instance(cx, id).await?.filter(|found| !is_over(found));
    Ok(found
        .is_none()
        .then(|| format!("instance {id} is terminated or gone")))
}

fn request(api: &'static str, id: &InstanceId) -> Request {
    Request {
        service: "ec2",
        api,
        parameters: json!({"InstanceIds": [id]}),
    }
}

fn accepted(id: &InstanceId, answer: &impl RequestId) -> Issued<Handled> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(Handled {
            instance: id.clone(),
        }),
    }
}

fn wait_for_state(
    id: &InstanceId,
    wanted: &'static [&'static str],
    fatal: &'static [&'static str],
) -> Wait {
    Wait {
        service: "ec2",
        api: "DescribeInstances",
        parameters: json!({"InstanceIds": [id]}),
        query: "Reservations[0].Instances[0].State.Name".to_owned(),
        wanted,
        fatal,
    }
}

/// Returns where an instance stands between two states; `None` once it is in the latter.
async fn towards(
    cx: &Context,
    id: &InstanceId,
    from: &str,
    to: &str,
) -> Result<Option<Probe<Handled>>, Failure> {
    let Some(found) = instance(cx, id).await?.filter(|found| !is_over(found)) else {
        return Ok(Some(gone(id)));
    };
    let state = state_of(&found);
    if state == to {
        return Ok(None);
    }
    Ok(Some(if state == from {
        Probe::Absent {
            found: json!({"state": from}),
        }
    } else {
        Probe::InProgress {
            detail: shown(&state),
            percent: None,
        }
    }))
}

pub(super) fn present(id: &InstanceId, detail: String) -> Probe<Handled> {
    Probe::Present {
        output: Handled {
            instance: id.clone(),
        },
        detail,
    }
}

fn gone(instance: &InstanceId) -> Probe<Handled> {
    Probe::Conflict(format!("instance {instance} is terminated or gone"))
}

/// An instance is running, and both of its status checks are ok if that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartInstance {
    /// The instance.
    pub instance: InstanceId,
    /// Whether its status checks are waited for.
    #[serde(default = "is_waited_for")]
    pub until_ok: bool,
}

/// The checks were always waited for before a plan could say otherwise.
fn is_waited_for() -> bool {
    true
}

#[async_trait]
impl Operation for StartInstance {
    type Output = Handled;
    const NAME: &'static str = "ec2:StartInstance";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("StartInstances", &self.instance)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        match towards(cx, &self.instance, "stopped", "running").await? {
            Some(seen) => Ok(seen),
            None if self.until_ok => self.checks(cx).await,
            None => Ok(present(&self.instance, "running".to_owned())),
        }
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        lost(cx, &self.instance).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Handled>, Failure> {
        let answer = cx
            .clients
            .ec2_once
            .start_instances()
            .instance_ids(self.instance.as_str())
            .send()
            .await
            .map_err(|error| failure("ec2:StartInstances", &error))?;
        Ok(accepted(&self.instance, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(if self.until_ok {
            wait_until_ok(&self.instance)
        } else {
            wait_for_state(
                &self.instance,
                &["running"],
                &["shutting-down", "terminated"],
            )
        })
    }
}

impl StartInstance {
    async fn checks(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        let health = health(cx, &self.instance).await?;
        let detail = health
            .as_ref()
            .map_or_else(|| "running, no answer yet".to_owned(), Health::shown);
        if health.as_ref().is_some_and(Health::is_ok) {
            return Ok(present(&self.instance, detail));
        }
        Ok(Probe::InProgress {
            detail,
            percent: None,
        })
    }
}

/// A volume is, or is not, deleted when its instance is terminated.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetDeleteOnTermination {
    /// The instance.
    pub instance: InstanceId,
    /// Device name of the block device mapping.
    pub device: String,
    /// The volume expected there.
    pub volume: Ref<VolumeId>,
    /// Whether termination deletes it. Always sent: an entry without a value means yes.
    pub delete: bool,
}

#[async_trait]
impl Operation for SetDeleteOnTermination {
    type Output = Handled;
    const NAME: &'static str = "ec2:SetDeleteOnTermination";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "ModifyInstanceAttribute",
            parameters: json!({
                "InstanceId": self.instance,
                "BlockDeviceMappings": [
                    {"DeviceName": self.device, "Ebs": {"DeleteOnTermination": self.delete}},
                ],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        let wanted = resolved(&self.volume, "ec2:ModifyInstanceAttribute")?;
        let Some(found) = instance(cx, &self.instance).await? else {
            return Ok(gone(&self.instance));
        };
        let device = shown(&self.device);
        let Some(ebs) = mapping(&found, &self.device).and_then(|mapping| mapping.ebs()) else {
            return Ok(Probe::Conflict(format!(
                "{device} of {} is empty",
                self.instance
            )));
        };
        if ebs.volume_id() != Some(wanted.as_str()) {
            let other = shown(ebs.volume_id().unwrap_or("another volume"));
            return Ok(Probe::Conflict(format!(
                "{device} holds {other}, not {wanted}"
            )));
        }
        let delete = ebs.delete_on_termination().unwrap_or(false);
        Ok(if delete == self.delete {
            let detail = format!("delete on termination: {}", yes_or_no(delete));
            present(&self.instance, detail)
        } else {
            Probe::Absent {
                found: json!({"delete": delete}),
            }
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        lost(cx, &self.instance).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Handled>, Failure> {
        let ebs = EbsInstanceBlockDeviceSpecification::builder()
            .delete_on_termination(self.delete)
            .build();
        let mapping = InstanceBlockDeviceMappingSpecification::builder()
            .device_name(&self.device)
            .ebs(ebs)
            .build();
        let answer = cx
            .clients
            .ec2_once
            .modify_instance_attribute()
            .instance_id(self.instance.as_str())
            .block_device_mappings(mapping)
            .send()
            .await
            .map_err(|error| failure("ec2:ModifyInstanceAttribute", &error))?;
        Ok(accepted(&self.instance, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        let device = self.device.replace('\\', "\\\\").replace('\'', "\\'");
        Some(Wait {
            service: "ec2",
            api: "DescribeInstances",
            parameters: json!({"InstanceIds": [self.instance]}),
            query: format!(
                "Reservations[0].Instances[0].BlockDeviceMappings[?DeviceName=='{device}'] | [0].Ebs.DeleteOnTermination"
            ),
            wanted: if self.delete { &["True"] } else { &["False"] },
            fatal: &[],
        })
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
