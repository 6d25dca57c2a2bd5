//! Puts a network interface into security groups.
//!
//! One interface at a time: by the instance, the groups of all its interfaces would be meant (EC2 API reference,
//! `ModifyInstanceAttribute`).

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{HandledInterface, accepted, gone, handled, interface};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{GroupId, InterfaceId};
use crate::domain::plan::Ref;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, conflict_of, resolved,
};

const CALL: &str = "ec2:ModifyNetworkInterfaceAttribute";

/// A network interface is in exactly these security groups.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetGroups {
    /// The interface.
    pub interface: Ref<InterfaceId>,
    /// The groups it is wanted in.
    pub groups: Vec<Ref<GroupId>>,
    /// The groups it is expected in. Any others are somebody else's doing.
    pub before: Vec<Ref<GroupId>>,
}

fn ids(groups: &[Ref<GroupId>]) -> Result<BTreeSet<&str>, Failure> {
    let each = groups.iter().map(|group| resolved(group, CALL));
    each.map(|id| id.map(GroupId::as_str)).collect()
}

fn told(groups: &BTreeSet<&str>) -> String {
    let all: Vec<&str> = groups.iter().copied().collect();
    crate::domain::text::listed(&all)
}

#[async_trait]
impl Operation for SetGroups {
    type Output = HandledInterface;
    const NAME: &'static str = "ec2:SetGroups";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "ModifyNetworkInterfaceAttribute",
            parameters: json!({
                "NetworkInterfaceId": self.interface,
                "Groups": self.groups,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledInterface>, Failure> {
        let id = resolved(&self.interface, CALL)?;
        let (wanted, before) = (ids(&self.groups)?, ids(&self.before)?);
        let Some(found) = interface(cx, id).await? else {
            return Ok(gone(id));
        };
        let there = found.groups().iter().filter_map(|group| group.group_id());
        let there: BTreeSet<&str> = there.collect();
        Ok(if there == wanted {
            Probe::Present {
                output: handled(id),
                detail: format!("{id} is in {}", told(&there)),
            }
        } else if there == before {
            Probe::Absent {
                found: json!({"groups": there}),
            }
        } else {
            Probe::Conflict(format!(
                "{id} is in {}, where the plan knew {}",
                told(&there),
                told(&before)
            ))
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledInterface>, Failure> {
        let id = resolved(&self.interface, CALL)?;
        let groups = self.groups.iter().map(|group| resolved(group, CALL));
        let groups: Result<Vec<String>, Failure> = groups
            .map(|id| id.map(|id| id.as_str().to_owned()))
            .collect();
        let request = cx.clients.ec2_once.modify_network_interface_attribute();
        let request = request
            .network_interface_id(id.as_str())
            .set_groups(Some(groups?));
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(id, &answer))
    }
}
