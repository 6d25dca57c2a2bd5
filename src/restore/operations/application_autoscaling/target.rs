//! Has one throughput of a table or an index scaled.
//!
//! No role is sent: AWS takes the service-linked one, and makes it where there is none.

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace, SuspendedState};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Scaled, accepted, named, scaled};
use crate::aws::failure::failure;
use crate::domain::dynamodb::ScalableTarget;
use crate::domain::failure::Failure;
use crate::restore::observations::table_scaling::targets;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

const CALL: &str = "application-autoscaling:RegisterScalableTarget";

/// A throughput of a table or an index is scaled.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterTarget {
    /// Name of the table.
    pub table: String,
    /// What is scaled, and between which bounds; its role is not sent.
    pub target: ScalableTarget,
}

/// Tells whether a target is as it is wanted. Its role is AWS's affair.
fn is_set(found: &ScalableTarget, wanted: &ScalableTarget) -> bool {
    let set = |one: &ScalableTarget| (one.min, one.max, one.suspended);
    set(found) == set(wanted)
}

#[async_trait]
impl Operation for RegisterTarget {
    type Output = Scaled;
    const NAME: &'static str = "application-autoscaling:RegisterTarget";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let target = &self.target;
        let [scaling_in, scaling_out, scheduled] = target.suspended;
        Request {
            service: "application-autoscaling",
            api: "RegisterScalableTarget",
            parameters: json!({
                "ServiceNamespace": "dynamodb",
                "ResourceId": target.resource,
                "ScalableDimension": target.dimension,
                "MinCapacity": target.min,
                "MaxCapacity": target.max,
                "SuspendedState": {
                    "DynamicScalingInSuspended": scaling_in,
                    "DynamicScalingOutSuspended": scaling_out,
                    "ScheduledScalingSuspended": scheduled,
                },
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Scaled>, Failure> {
        let wanted = &self.target;
        let resources = [wanted.resource.clone()];
        let found = targets(&cx.clients, &resources).await?;
        let mut found = found.into_iter();
        let same = |one: &ScalableTarget| {
            one.resource == wanted.resource && one.dimension == wanted.dimension
        };
        let named = named(&wanted.resource, &wanted.dimension);
        Ok(match found.find(same) {
            None => Probe::Absent { found: Value::Null },
            Some(found) if is_set(&found, wanted) => Probe::Present {
                output: scaled(&wanted.resource, &wanted.dimension),
                detail: format!("scaled between {} and {}", found.min, found.max),
            },
            Some(found) => Probe::Conflict(format!(
                "{named} is scaled between {} and {} already, or otherwise suspended",
                found.min, found.max
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Scaled>, Failure> {
        let target = &self.target;
        let [scaling_in, scaling_out, scheduled] = target.suspended;
        let suspended = SuspendedState::builder()
            .dynamic_scaling_in_suspended(scaling_in)
            .dynamic_scaling_out_suspended(scaling_out)
            .scheduled_scaling_suspended(scheduled);
        let answer = cx
            .clients
            .application_autoscaling_once
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Dynamodb)
            .resource_id(&target.resource)
            .scalable_dimension(ScalableDimension::from(target.dimension.as_str()))
            .min_capacity(target.min)
            .max_capacity(target.max)
            .suspended_state(suspended.build())
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&target.resource, &target.dimension, &answer))
    }
}
