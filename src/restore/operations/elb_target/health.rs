//! Targets of a group, and what the load balancer thinks of them.
//! Shared by registering and deregistering; nothing here changes anything.

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthDescription};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Issued, Request, resolved};

/// A target of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Id of an instance, or an IP address.
    pub id: Ref<String>,
    /// Port; `None` where the group's own is meant.
    pub port: Option<i32>,
    /// Availability Zone, `all` for an address outside of the VPC.
    pub zone: Option<String>,
}

/// A target of a group that was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandledTarget {
    /// ARN of the group.
    pub group: String,
    /// Its id.
    pub target: String,
}

/// Health of one target, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Health {
    pub id: String,
    pub port: Option<i32>,
    pub state: String,
    pub reason: String,
    description: String,
}

impl Health {
    fn of(found: &TargetHealthDescription) -> Self {
        let target = found.target();
        let health = found.target_health();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            id: text(target.and_then(TargetDescription::id)),
            port: target.and_then(TargetDescription::port),
            state: text(health.and_then(|health| Some(health.state()?.as_str()))),
            reason: text(health.and_then(|health| Some(health.reason()?.as_str()))),
            description: text(health.and_then(|health| health.description())),
        }
    }

    /// A target that is in no group is described as unused, with this reason.
    pub(super) fn is_registered(&self) -> bool {
        self.reason != "Target.NotRegistered"
    }

    pub(super) fn shown(&self) -> String {
        let mut words = vec![self.state.as_str()];
        words.extend([self.reason.as_str(), self.description.as_str()]);
        words.retain(|word| !word.is_empty());
        shown(&words.join(", "))
    }
}

impl Target {
    pub(super) fn parameters(&self) -> Value {
        let mut target = json!({"Id": self.id});
        if let Some(port) = self.port {
            target["Port"] = json!(port);
        }
        if let Some(zone) = &self.zone {
            target["AvailabilityZone"] = json!(zone);
        }
        target
    }

    pub(super) fn described(&self, call: &str) -> Result<TargetDescription, Failure> {
        Ok(TargetDescription::builder()
            .id(resolved(&self.id, call)?)
            .set_port(self.port)
            .set_availability_zone(self.zone.clone())
            .build())
    }

    /// Tells whether health is this target's.
    pub(super) fn is(&self, health: &Health) -> bool {
        self.id.known() == Some(&health.id)
            && (self.port.is_none() || health.port.is_none() || self.port == health.port)
    }
}

pub(super) fn request(api: &'static str, group: &str, target: &Target) -> Request {
    Request {
        service: "elbv2",
        api,
        parameters: json!({"TargetGroupArn": group, "Targets": [target.parameters()]}),
    }
}

/// Reads the health of every target of a group; `None` if there is no such group.
pub(super) async fn health_of(cx: &Context, group: &str) -> Result<Option<Vec<Health>>, Failure> {
    let request = cx.clients.elb.describe_target_health();
    match request.target_group_arn(group).send().await {
        Ok(answer) => {
            let all = answer.target_health_descriptions().iter();
            Ok(Some(all.map(Health::of).collect()))
        }
        Err(error) => crate::restore::operations::ec2_read::gone_or(failure(
            "elasticloadbalancing:DescribeTargetHealth",
            &error,
        )),
    }
}

pub(super) fn handled(group: &str, target: &Target) -> HandledTarget {
    HandledTarget {
        group: group.to_owned(),
        target: target.id.known().cloned().unwrap_or_default(),
    }
}

pub(super) fn accepted(
    group: &str,
    target: &Target,
    answer: &impl RequestId,
) -> Issued<HandledTarget> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(handled(group, target)),
    }
}
