//! Deregisters a target, and waits until its connections are drained.
//! A group is not left without a healthy target, unless the plan says so.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::health::{HandledTarget, Health, Target, accepted, handled, health_of, request};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};

const CALL: &str = "elasticloadbalancing:DeregisterTargets";

/// A target is in a group no longer, and its connections are drained if that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeregisterTarget {
    /// ARN of the group.
    pub group: String,
    /// The target.
    pub target: Target,
    /// Seconds for which AWS drains connections.
    pub drains: u32,
    /// Whether another healthy target must be there before.
    pub keep_serving: bool,
    /// Whether it is waited for until its connections are drained.
    #[serde(default = "is_waited_for")]
    pub until_drained: bool,
}

/// It was always waited for before a plan could say otherwise.
fn is_waited_for() -> bool {
    true
}

#[async_trait]
impl Operation for DeregisterTarget {
    type Output = HandledTarget;
    const NAME: &'static str = "elb:DeregisterTarget";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("DeregisterTargets", &self.group, &self.target)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTarget>, Failure> {
        resolved(&self.target.id, CALL)?;
        let Some(all) = health_of(cx, &self.group).await? else {
            let group = shown(&self.group);
            return Ok(Probe::Conflict(format!(
                "target group {group} is not there"
            )));
        };
        Ok(self.classify(&all))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTarget>, Failure> {
        let request = cx.clients.elb_once.deregister_targets();
        let request = request
            .target_group_arn(&self.group)
            .targets(self.target.described(CALL)?);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.group, &self.target, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "elbv2",
            api: "DescribeTargetHealth",
            parameters: json!({
                "TargetGroupArn": self.group,
                "Targets": [self.target.parameters()],
            }),
            query: "TargetHealthDescriptions[0].TargetHealth.Reason".to_owned(),
            wanted: if self.until_drained {
                &["Target.NotRegistered", "None"]
            } else {
                &[
                    "Target.DeregistrationInProgress",
                    "Target.NotRegistered",
                    "None",
                ]
            },
            fatal: &[],
        })
    }
}

impl DeregisterTarget {
    fn classify(&self, all: &[Health]) -> Probe<HandledTarget> {
        let own = all.iter().find(|health| self.target.is(health));
        let Some(own) = own.filter(|health| health.is_registered()) else {
            return Probe::Present {
                output: handled(&self.group, &self.target),
                detail: "not registered".to_owned(),
            };
        };
        if own.state == "draining" && !self.until_drained {
            return Probe::Present {
                output: handled(&self.group, &self.target),
                detail: "draining".to_owned(),
            };
        }
        if own.state == "draining" {
            return Probe::InProgress {
                detail: format!("draining, which takes up to {} s", self.drains),
                percent: None,
            };
        }
        let others = all.iter().filter(|health| !self.target.is(health));
        let healthy = others.filter(|health| health.state == "healthy").count();
        if self.keep_serving && healthy == 0 {
            return Probe::Conflict(format!(
                "no other target of {} is healthy: nothing would be served",
                shown(&self.group)
            ));
        }
        Probe::Absent {
            found: json!({"state": own.state, "others": healthy}),
        }
    }
}
