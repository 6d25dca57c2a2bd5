//! Registers a target, and waits until the load balancer finds it healthy.
//! A target that stays unhealthy is waited for until the step is overdue, with the reason that AWS gives.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::health::{HandledTarget, Health, Target, accepted, handled, health_of, request};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

const CALL: &str = "elasticloadbalancing:RegisterTargets";

/// A target is in a group, and healthy where that is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterTarget {
    /// ARN of the group.
    pub group: String,
    /// The target.
    pub target: Target,
    /// Whether it must be healthy: not so where the group checks nothing or is used by no load balancer, and
    /// where the target is only started later.
    pub until_healthy: bool,
}

#[async_trait]
impl Operation for RegisterTarget {
    type Output = HandledTarget;
    const NAME: &'static str = "elb:RegisterTarget";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("RegisterTargets", &self.group, &self.target)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTarget>, Failure> {
        resolved(&self.target.id, CALL)?;
        let Some(all) = health_of(cx, &self.group).await? else {
            let group = shown(&self.group);
            return Ok(Probe::Conflict(format!(
                "target group {group} is not there"
            )));
        };
        let own = all.iter().find(|health| self.target.is(health));
        Ok(self.classify(own.filter(|health| health.is_registered())))
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTarget>, Failure> {
        let request = cx.clients.elb_once.register_targets();
        let request = request
            .target_group_arn(&self.group)
            .targets(self.target.described(CALL)?);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.group, &self.target, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        let healthy: &[&str] = &["healthy"];
        let there: &[&str] = &["healthy", "initial", "unhealthy", "unavailable", "unused"];
        Some(Wait {
            service: "elbv2",
            api: "DescribeTargetHealth",
            parameters: json!({
                "TargetGroupArn": self.group,
                "Targets": [self.target.parameters()],
            }),
            query: "TargetHealthDescriptions[0].TargetHealth.State".to_owned(),
            wanted: if self.until_healthy { healthy } else { there },
            fatal: &[],
        })
    }
}

impl RegisterTarget {
    fn classify(&self, own: Option<&Health>) -> Probe<HandledTarget> {
        let Some(own) = own else {
            return Probe::Absent {
                found: json!({"state": "not registered"}),
            };
        };
        match own.state.as_str() {
            // Registering again ends it (ELB API reference, RegisterTargets).
            "draining" => Probe::Absent {
                found: json!({"state": "draining"}),
            },
            "healthy" => self.present(own),
            _whatever if !self.until_healthy => self.present(own),
            _not_yet => Probe::InProgress {
                detail: own.shown(),
                percent: None,
            },
        }
    }

    fn present(&self, own: &Health) -> Probe<HandledTarget> {
        Probe::Present {
            output: handled(&self.group, &self.target),
            detail: format!("registered, {}", own.shown()),
        }
    }
}
