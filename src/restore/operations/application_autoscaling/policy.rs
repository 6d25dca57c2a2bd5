//! Gives a scaled throughput a rule by which it is scaled.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Scaled;
use crate::domain::dynamodb::ScalingPolicy;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};
use crate::restore::operations::dynamodb_table::not_ready;

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
        if let Value::Object(configuration) = &policy.configuration {
            for (name, value) in configuration {
                parameters[name] = value.clone();
            }
        }
        Request {
            service: "application-autoscaling",
            api: "PutScalingPolicy",
            parameters,
        }
    }

    async fn probe(&self, _cx: &Context) -> Result<Probe<Scaled>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<Scaled>, Failure> {
        Err(not_ready(CALL))
    }
}
