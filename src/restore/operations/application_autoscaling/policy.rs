//! Gives a scaled throughput a rule by which it is scaled.
//! A rule of its name that says something else is somebody's doing, and left to a person.

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types::{PolicyType, ScalableDimension, ServiceNamespace};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Scaled, accepted, named, scaled};
use crate::aws::failure::failure;
use crate::domain::dynamodb::ScalingPolicy;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::observations::table_scaling::{TRACKING, policies, typed};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};
use crate::restore::operations::dynamodb_table::incomplete;

const CALL: &str = "application-autoscaling:PutScalingPolicy";

/// A throughput of a table or an index is scaled by a rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutPolicy {
    /// Name of the table.
    pub table: String,
    /// The rule: a target to track, which is all that `DynamoDB` knows.
    pub policy: ScalingPolicy,
}

#[async_trait]
impl Operation for PutPolicy {
    type Output = Scaled;
    const NAME: &'static str = "application-autoscaling:PutPolicy";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let policy = &self.policy;
        let mut parameters = json!({
            "PolicyName": policy.name,
            "ServiceNamespace": "dynamodb",
            "ResourceId": policy.resource,
            "ScalableDimension": policy.dimension,
            "PolicyType": "TargetTrackingScaling",
        });
        if let Some(rule) = policy.configuration.get(TRACKING) {
            parameters[TRACKING] = rule.clone();
        }
        Request {
            service: "application-autoscaling",
            api: "PutScalingPolicy",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Scaled>, Failure> {
        let wanted = &self.policy;
        let found = policies(&cx.clients, &wanted.resource).await?;
        let mut found = found.into_iter();
        let same =
            |one: &ScalingPolicy| one.dimension == wanted.dimension && one.name == wanted.name;
        Ok(match found.find(same) {
            None => Probe::Absent { found: Value::Null },
            Some(found) if found.configuration == wanted.configuration => Probe::Present {
                output: scaled(&wanted.resource, &wanted.dimension),
                detail: format!("scaled by {}", shown(&wanted.name)),
            },
            Some(_) => Probe::Conflict(format!(
                "{} is scaled by a rule {} already, which says something else",
                named(&wanted.resource, &wanted.dimension),
                shown(&wanted.name)
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Scaled>, Failure> {
        let policy = &self.policy;
        let rule = typed(&policy.configuration)
            .ok_or_else(|| incomplete(CALL, "this defib does not know the kind of rule"))?;
        let answer = cx
            .clients
            .application_autoscaling_once
            .put_scaling_policy()
            .policy_name(&policy.name)
            .service_namespace(ServiceNamespace::Dynamodb)
            .resource_id(&policy.resource)
            .scalable_dimension(ScalableDimension::from(policy.dimension.as_str()))
            .policy_type(PolicyType::TargetTrackingScaling)
            .target_tracking_scaling_policy_configuration(rule)
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&policy.resource, &policy.dimension, &answer))
    }
}
