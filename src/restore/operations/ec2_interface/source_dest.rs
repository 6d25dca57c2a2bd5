//! Whether a network interface takes only what is sent to its own addresses. Routers and NAT instances do not.
//! A launch cannot say it, so it is set afterwards.

use async_trait::async_trait;
use aws_sdk_ec2::types::AttributeBooleanValue;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{HandledInterface, accepted, gone, handled, interface};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::InterfaceId;
use crate::domain::plan::Ref;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

const CALL: &str = "ec2:ModifyNetworkInterfaceAttribute";

/// A network interface checks source and destination, or does not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetSourceDestCheck {
    /// The interface.
    pub interface: Ref<InterfaceId>,
    /// Whether it checks.
    pub check: bool,
}

#[async_trait]
impl Operation for SetSourceDestCheck {
    type Output = HandledInterface;
    const NAME: &'static str = "ec2:SetSourceDestCheck";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "ModifyNetworkInterfaceAttribute",
            parameters: json!({
                "NetworkInterfaceId": self.interface,
                "SourceDestCheck": {"Value": self.check},
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledInterface>, Failure> {
        let id = resolved(&self.interface, CALL)?;
        let Some(found) = interface(cx, id).await? else {
            return Ok(gone(id));
        };
        Ok(match found.source_dest_check() {
            Some(check) if check == self.check => Probe::Present {
                output: handled(id),
                detail: format!("source/destination check: {check}"),
            },
            check => Probe::Absent {
                found: json!({"check": check}),
            },
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledInterface>, Failure> {
        let id = resolved(&self.interface, CALL)?;
        let value = AttributeBooleanValue::builder().value(self.check).build();
        let request = cx.clients.ec2_once.modify_network_interface_attribute();
        let request = request
            .network_interface_id(id.as_str())
            .source_dest_check(value);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(id, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeNetworkInterfaces",
            parameters: json!({"NetworkInterfaceIds": [self.interface]}),
            query: "NetworkInterfaces[0].SourceDestCheck".to_owned(),
            wanted: if self.check { &["True"] } else { &["False"] },
            fatal: &[],
        })
    }
}
