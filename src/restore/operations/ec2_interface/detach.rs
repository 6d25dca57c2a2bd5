//! Detaches a secondary network interface from an instance. Never by force.
//! One that is not where the plan knows it stays where it is.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{HandledInterface, accepted, attachment_state, gone, handled, holder, interface};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstanceId, InterfaceId};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

const CALL: &str = "ec2:DetachNetworkInterface";

/// A secondary network interface is attached to nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetachInterface {
    /// The interface.
    pub interface: InterfaceId,
    /// The instance that it is expected at.
    pub instance: Ref<InstanceId>,
    /// Id of the attachment.
    pub attachment: Ref<String>,
    /// The instance that it goes to next: there it is detached from this one, too.
    pub next: Option<Ref<InstanceId>>,
}

#[async_trait]
impl Operation for DetachInterface {
    type Output = HandledInterface;
    const NAME: &'static str = "ec2:DetachInterface";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "DetachNetworkInterface",
            parameters: json!({"AttachmentId": self.attachment}),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledInterface>, Failure> {
        let (id, instance) = (&self.interface, resolved(&self.instance, CALL)?);
        let attachment = resolved(&self.attachment, CALL)?;
        let Some(found) = interface(cx, id).await? else {
            return Ok(gone(id));
        };
        let Some(at) = found
            .attachment()
            .filter(|at| attachment_state(at) != "detached")
        else {
            let status = found.status().map_or("unknown", |status| status.as_str());
            return Ok(if status == "available" {
                Probe::Present {
                    output: handled(id),
                    detail: format!("{id} available"),
                }
            } else {
                Probe::InProgress {
                    detail: format!("{id} {}", shown(status)),
                    percent: None,
                }
            });
        };
        let next = self.next.as_ref().and_then(Ref::known);
        if next.is_some_and(|next| at.instance_id() == Some(next.as_str())) {
            return Ok(Probe::Present {
                output: handled(id),
                detail: format!("{id} has gone on to {}", holder(at)),
            });
        }
        let expected = at.instance_id() == Some(instance.as_str())
            && at.attachment_id() == Some(attachment.as_str());
        Ok(match attachment_state(at) {
            _state if !expected => Probe::Conflict(format!("{id} is attached to {}", holder(at))),
            _state if at.device_index() == Some(0) => {
                Probe::Conflict(format!("{id} is the primary interface of {instance}"))
            }
            "attached" => Probe::Absent {
                found: json!({
                    "device_index": at.device_index(),
                    "delete_on_termination": at.delete_on_termination(),
                }),
            },
            on_the_way => Probe::InProgress {
                detail: shown(on_the_way),
                percent: None,
            },
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledInterface>, Failure> {
        let attachment = resolved(&self.attachment, CALL)?;
        let request = cx.clients.ec2_once.detach_network_interface();
        let answer = request.attachment_id(attachment).send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.interface, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeNetworkInterfaces",
            parameters: json!({"NetworkInterfaceIds": [self.interface]}),
            query: "NetworkInterfaces[0].Status".to_owned(),
            wanted: &["available"],
            fatal: &[],
        })
    }
}
