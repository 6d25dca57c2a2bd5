//! Attaches a secondary network interface to an instance.
//!
//! Attaching takes no token: it looks at where the interface is, and never takes one from whom the plan did not name.

use async_trait::async_trait;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{attachment_state, gone, holder, interface};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, InterfaceId};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

const CALL: &str = "ec2:AttachNetworkInterface";

/// A network interface is attached to an instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachInterface {
    /// The interface.
    pub interface: InterfaceId,
    /// The instance.
    pub instance: Ref<InstanceId>,
    /// Its number on the instance, from 1.
    pub device_index: i32,
    /// Network card, where the instance has several.
    pub card: Option<i32>,
}

/// An interface with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedInterface {
    /// The interface.
    pub interface: InterfaceId,
    /// Id of the attachment.
    pub attachment: String,
}

#[async_trait]
impl Operation for AttachInterface {
    type Output = AttachedInterface;
    const NAME: &'static str = "ec2:AttachInterface";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = json!({
            "NetworkInterfaceId": self.interface,
            "InstanceId": self.instance,
            "DeviceIndex": self.device_index,
        });
        if let Some(card) = self.card {
            parameters["NetworkCardIndex"] = json!(card);
        }
        Request {
            service: "ec2",
            api: "AttachNetworkInterface",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<AttachedInterface>, Failure> {
        let (id, instance) = (&self.interface, resolved(&self.instance, CALL)?);
        let Some(found) = interface(cx, id).await? else {
            return Ok(gone(id));
        };
        let Some(at) = found
            .attachment()
            .filter(|at| attachment_state(at) != "detached")
        else {
            let status = found.status().map_or("unknown", |status| status.as_str());
            return Ok(if status == "available" {
                Probe::Absent {
                    found: json!({"status": status}),
                }
            } else {
                Probe::InProgress {
                    detail: format!("{id} {}", shown(status)),
                    percent: None,
                }
            });
        };
        let here = at.instance_id() == Some(instance.as_str())
            && at.device_index() == Some(self.device_index);
        Ok(match attachment_state(at) {
            "detaching" => Probe::InProgress {
                detail: format!("{id} is being detached from {}", holder(at)),
                percent: None,
            },
            _state if !here => Probe::Conflict(format!("{id} is attached to {}", holder(at))),
            "attached" => Probe::Present {
                output: AttachedInterface {
                    interface: id.clone(),
                    attachment: at.attachment_id().unwrap_or_default().to_owned(),
                },
                detail: format!("attached to {instance} as {}", self.device_index),
            },
            on_the_way => Probe::InProgress {
                detail: shown(on_the_way),
                percent: None,
            },
        })
    }

    async fn obstacle(&self, cx: &Context, ours: &[String]) -> Result<Option<String>, Failure> {
        // One of the run's own lets go of it before.
        let found = interface(cx, &self.interface).await?;
        let at = found.as_ref().and_then(|found| found.attachment());
        let holder = at.and_then(|at| at.instance_id());
        if holder.is_some_and(|holder| ours.iter().any(|own| own == holder)) {
            return Ok(None);
        }
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<AttachedInterface>, Failure> {
        let instance = resolved(&self.instance, CALL)?;
        let request = cx.clients.ec2_once.attach_network_interface();
        let request = request
            .network_interface_id(self.interface.as_str())
            .instance_id(instance.as_str())
            .device_index(self.device_index)
            .set_network_card_index(self.card);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: answer.attachment_id().map(|id| AttachedInterface {
                interface: self.interface.clone(),
                attachment: id.to_owned(),
            }),
        })
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeNetworkInterfaces",
            parameters: json!({"NetworkInterfaceIds": [self.interface]}),
            query: "NetworkInterfaces[0].Attachment.Status".to_owned(),
            wanted: &["attached"],
            fatal: &[],
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("attachment", "AttachmentId")]
    }
}
