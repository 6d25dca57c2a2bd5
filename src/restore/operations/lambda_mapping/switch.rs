//! Enables and disables a mapping, and changes nothing else about it.
//!
//! A mapping that is disabled keeps its place in the stream, and goes on from there once it is enabled again, for as
//! long as the stream holds that: a day (`Enabled`, API reference: Lambda pauses polling and invocation).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DISABLED, ENABLED, HandledMapping, accepted, present};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::domain::trigger::Trigger;
use crate::restore::observations::table_triggers::mapping;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

const CALL: &str = "lambda:UpdateEventSourceMapping";

/// A function is called with what the stream of a table holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableMapping {
    /// Name of the table.
    pub table: String,
    /// UUID of the mapping.
    pub mapping: Ref<String>,
    /// ARN of the function that it calls.
    pub function: String,
}

/// A function is no longer called with what the stream of a table holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisableMapping {
    /// Name of the table.
    pub table: String,
    /// UUID of the mapping.
    pub mapping: Ref<String>,
    /// ARN of the function that it calls.
    pub function: String,
}

fn request(mapping: &Ref<String>, on: bool) -> Request {
    Request {
        service: "lambda",
        api: "UpdateEventSourceMapping",
        parameters: json!({"UUID": mapping, "Enabled": on}),
    }
}

async fn probe(
    cx: &Context,
    uuid: &Ref<String>,
    function: &str,
    on: bool,
) -> Result<Probe<HandledMapping>, Failure> {
    let uuid = resolved(uuid, CALL)?;
    let named = shown(uuid);
    let Some(found) = mapping(&cx.clients, uuid).await? else {
        return Ok(Probe::Conflict(format!("mapping {named} is not there")));
    };
    if found.reading.function != function {
        let other = shown(&found.reading.function);
        return Ok(Probe::Conflict(format!(
            "mapping {named} calls {other}, not {}",
            shown(function)
        )));
    }
    Ok(judged(&found, on))
}

fn judged(found: &Trigger, on: bool) -> Probe<HandledMapping> {
    let wanted = if on { ENABLED } else { DISABLED };
    let state = shown(&found.state);
    match found.state.as_str() {
        state if state == wanted => present(found, state),
        ENABLED | DISABLED => Probe::Absent {
            found: json!({"state": found.state}),
        },
        "Creating" | "Enabling" | "Updating" | "Disabling" => Probe::InProgress {
            detail: state,
            percent: None,
        },
        _other => Probe::Conflict(format!("mapping {} is {state}", shown(&found.mapping))),
    }
}

async fn issue(
    cx: &Context,
    uuid: &Ref<String>,
    on: bool,
) -> Result<Issued<HandledMapping>, Failure> {
    let call = cx.clients.lambda_once.update_event_source_mapping();
    let call = call.uuid(resolved(uuid, CALL)?).enabled(on);
    let answer = call.send().await.map_err(|error| failure(CALL, &error))?;
    Ok(accepted(answer.uuid(), &answer))
}

fn wait(mapping: &Ref<String>, wanted: &'static [&'static str]) -> Wait {
    Wait {
        service: "lambda",
        api: "GetEventSourceMapping",
        parameters: json!({"UUID": mapping}),
        query: "State".to_owned(),
        wanted,
        fatal: &["Deleting"],
    }
}

macro_rules! switches {
    ($operation:ty, $name:literal, $on:literal, $wanted:expr) => {
        #[async_trait]
        impl Operation for $operation {
            type Output = HandledMapping;
            const NAME: &'static str = $name;
            const VERSION: u32 = 1;
            const RESEND: Resend = Resend::AfterProbe;

            fn request(&self) -> Request {
                request(&self.mapping, $on)
            }

            async fn probe(&self, cx: &Context) -> Result<Probe<HandledMapping>, Failure> {
                probe(cx, &self.mapping, &self.function, $on).await
            }

            async fn issue(&self, cx: &Context) -> Result<Issued<HandledMapping>, Failure> {
                issue(cx, &self.mapping, $on).await
            }

            async fn obstacle(
                &self,
                cx: &Context,
                _ours: &[String],
            ) -> Result<Option<String>, Failure> {
                Ok(conflict_of(self.probe(cx).await?))
            }

            fn outputs(&self) -> &'static [(&'static str, &'static str)] {
                &[("mapping", "UUID")]
            }

            fn wait(&self) -> Option<Wait> {
                Some(wait(&self.mapping, &[$wanted]))
            }
        }
    };
}

switches!(EnableMapping, "lambda:EnableMapping", true, ENABLED);
switches!(DisableMapping, "lambda:DisableMapping", false, DISABLED);
