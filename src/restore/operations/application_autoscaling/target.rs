//! Has one throughput of a table or an index scaled.
//!
//! No role is sent: AWS takes the service-linked one, and makes it where there is none.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Scaled;
use crate::domain::dynamodb::ScalableTarget;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};
use crate::restore::operations::dynamodb_table::not_ready;

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

    async fn probe(&self, _cx: &Context) -> Result<Probe<Scaled>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<Scaled>, Failure> {
        Err(not_ready(CALL))
    }
}
