//! Gives a scaled throughput bounds of its own at certain times.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Scaled;
use crate::domain::dynamodb::ScheduledAction;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};
use crate::restore::operations::dynamodb_table::not_ready;

const CALL: &str = "application-autoscaling:PutScheduledAction";

/// A throughput of a table or an index has bounds of its own at certain times.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutScheduledAction {
    /// Name of the table.
    pub table: String,
    /// When, and which. Instants are sent in whole seconds, as AWS keeps them.
    pub action: ScheduledAction,
}

#[async_trait]
impl Operation for PutScheduledAction {
    type Output = Scaled;
    const NAME: &'static str = "application-autoscaling:PutScheduledAction";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let action = &self.action;
        let mut parameters = json!({
            "ServiceNamespace": "dynamodb",
            "ScheduledActionName": action.name,
            "ResourceId": action.resource,
            "ScalableDimension": action.dimension,
            "Schedule": action.schedule,
        });
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                parameters[name] = value;
            }
        };
        put("Timezone", action.timezone.as_ref().map(|zone| json!(zone)));
        put("StartTime", action.start.map(|at| json!(at.as_second())));
        put("EndTime", action.end.map(|at| json!(at.as_second())));
        let bounds = [("MinCapacity", action.min), ("MaxCapacity", action.max)];
        let bounds: serde_json::Map<String, Value> = bounds
            .into_iter()
            .filter_map(|(name, units)| Some((name.to_owned(), json!(units?))))
            .collect();
        put(
            "ScalableTargetAction",
            (!bounds.is_empty()).then_some(Value::Object(bounds)),
        );
        Request {
            service: "application-autoscaling",
            api: "PutScheduledAction",
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
