//! What EC2 says of an instance's health, and the read that a person's answer is held against.
//!
//! Nothing here changes anything: its one operation is a read, for the gates that carry a check.

use async_trait::async_trait;
use aws_sdk_ec2::types::{InstanceStatus, InstanceStatusSummary};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::InstanceId;
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};

use super::ec2_instance::{Handled, present};

const CALL: &str = "ec2:DescribeInstanceStatus";

/// State and status checks of an instance, each in AWS's own word.
pub(super) struct Health {
    state: String,
    system: String,
    instance: String,
}

impl Health {
    /// Tells whether it runs and both of its checks are ok. The instance check alone says nothing
    /// about the host under it.
    pub(super) fn is_ok(&self) -> bool {
        self.state == "running" && self.system == "ok" && self.instance == "ok"
    }

    /// Returns it as people read it.
    pub(super) fn shown(&self) -> String {
        if self.is_ok() {
            return "running, both status checks ok".to_owned();
        }
        let [state, system, instance] =
            [&self.state, &self.system, &self.instance].map(|w| shown(w));
        if self.state == "running" {
            format!("running, system check {system}, instance check {instance}")
        } else {
            state
        }
    }
}

/// Reads the health of an instance; `None` if EC2 lists no such instance.
pub(super) async fn health(cx: &Context, id: &InstanceId) -> Result<Option<Health>, Failure> {
    let read = cx.clients.ec2.describe_instance_status();
    let read = read.instance_ids(id.as_str()).include_all_instances(true);
    let answer = read.send().await.map_err(|error| failure(CALL, &error))?;
    Ok(answer.instance_statuses().first().map(health_in))
}

fn health_in(status: &InstanceStatus) -> Health {
    let word = |summary: Option<&InstanceStatusSummary>| {
        let status = summary.and_then(InstanceStatusSummary::status);
        status
            .map_or("unknown", |status| status.as_str())
            .to_owned()
    };
    let state = status.instance_state().and_then(|state| state.name());
    Health {
        state: state.map_or("unknown", |state| state.as_str()).to_owned(),
        system: word(status.system_status()),
        instance: word(status.instance_status()),
    }
}

/// Returns the read of an instance's health in AWS's own words.
pub(super) fn parameters(id: &Value) -> Value {
    json!({"InstanceIds": [id], "IncludeAllInstances": true})
}

/// Returns what to look at to see that an instance runs and both of its status checks are ok.
pub(super) fn wait_until_ok(id: &InstanceId) -> Wait {
    wait_until_ok_at(&json!(id))
}

/// The same of an instance whose id is only known while running.
pub(super) fn wait_until_ok_at(id: &Value) -> Wait {
    Wait {
        service: "ec2",
        api: "DescribeInstanceStatus",
        parameters: parameters(id),
        query: "InstanceStatuses[0].[InstanceState.Name,SystemStatus.Status,InstanceStatus.Status]"
            .to_owned(),
        wanted: &["running ok ok"],
        fatal: &[
            "shutting-down not-applicable not-applicable",
            "terminated not-applicable not-applicable",
        ],
    }
}

/// An instance is running and both of its status checks are ok: a read, which brings nothing about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceIsHealthy {
    /// The instance.
    pub instance: Ref<InstanceId>,
}

#[async_trait]
impl Operation for InstanceIsHealthy {
    type Output = Handled;
    const NAME: &'static str = "ec2:InstanceIsHealthy";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "DescribeInstanceStatus",
            parameters: parameters(&json!(self.instance)),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        let id = resolved(&self.instance, CALL)?;
        let Some(health) = health(cx, id).await? else {
            return Ok(Probe::Conflict(format!("instance {id} is not there")));
        };
        Ok(if health.is_ok() {
            present(id, health.shown())
        } else {
            Probe::InProgress {
                detail: format!("instance {id} is {}", health.shown()),
                percent: None,
            }
        })
    }

    /// Sends the read: there is nothing else to send.
    async fn issue(&self, cx: &Context) -> Result<Issued<Handled>, Failure> {
        let id = resolved(&self.instance, CALL)?;
        let read = cx.clients.ec2_once.describe_instance_status();
        let read = read.instance_ids(id.as_str());
        let answer = read.include_all_instances(true).send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: None,
        })
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_ok_at(&json!(self.instance)))
    }
}
