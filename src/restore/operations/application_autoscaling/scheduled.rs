//! Gives a scaled throughput bounds of its own at certain times.
//! An action of its name that says something else is somebody's doing, and left to a person.

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTargetAction, ServiceNamespace,
};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Scaled, accepted, named, scaled};
use crate::aws::failure::failure;
use crate::domain::dynamodb::ScheduledAction;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::observations::table_scaling::actions;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

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

/// An action with its instants as they are sent.
fn in_seconds(action: &ScheduledAction) -> ScheduledAction {
    let whole = |at: Timestamp| Timestamp::from_second(at.as_second()).unwrap_or(at);
    ScheduledAction {
        start: action.start.map(whole),
        end: action.end.map(whole),
        ..action.clone()
    }
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

    async fn probe(&self, cx: &Context) -> Result<Probe<Scaled>, Failure> {
        let wanted = &self.action;
        let found = actions(&cx.clients, &wanted.resource).await?;
        let mut found = found.into_iter();
        let same =
            |one: &ScheduledAction| one.dimension == wanted.dimension && one.name == wanted.name;
        Ok(match found.find(same) {
            None => Probe::Absent { found: Value::Null },
            Some(found) if in_seconds(&found) == in_seconds(wanted) => Probe::Present {
                output: scaled(&wanted.resource, &wanted.dimension),
                detail: format!("scaled at {}", shown(&wanted.schedule)),
            },
            Some(_) => Probe::Conflict(format!(
                "{} has a scheduled action {} already, which says something else",
                named(&wanted.resource, &wanted.dimension),
                shown(&wanted.name)
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Scaled>, Failure> {
        let action = &self.action;
        let instant = |at: Timestamp| DateTime::from_secs(at.as_second());
        let bounds = ScalableTargetAction::builder()
            .set_min_capacity(action.min)
            .set_max_capacity(action.max)
            .build();
        let bounded = action.min.is_some() || action.max.is_some();
        let answer = cx
            .clients
            .application_autoscaling_once
            .put_scheduled_action()
            .service_namespace(ServiceNamespace::Dynamodb)
            .scheduled_action_name(&action.name)
            .resource_id(&action.resource)
            .scalable_dimension(ScalableDimension::from(action.dimension.as_str()))
            .schedule(&action.schedule)
            .set_timezone(action.timezone.clone())
            .set_start_time(action.start.map(instant))
            .set_end_time(action.end.map(instant))
            .set_scalable_target_action(bounded.then_some(bounds))
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&action.resource, &action.dimension, &answer))
    }
}
