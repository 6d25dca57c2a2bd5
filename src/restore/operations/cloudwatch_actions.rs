//! Enables the actions of alarms that were put without, and disables them again.
//!
//! Alarms that are not there are passed over by AWS without a word (`EnableAlarmActions`, API reference), so they are
//! looked for first.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, accepted, present};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::listed;
use crate::restore::observations::alarms::{Named, named};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

#[cfg(test)]
mod tests;

const ENABLE: &str = "cloudwatch:EnableAlarmActions";
const DISABLE: &str = "cloudwatch:DisableAlarmActions";

/// The actions of alarms that watch a table are enabled.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnmuteAlarms {
    /// Name of the table.
    pub table: String,
    /// Names of the alarms, a hundred at most.
    pub alarms: Vec<String>,
}

/// The actions of alarms that watch a table are disabled.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MuteAlarms {
    /// Name of the table.
    pub table: String,
    /// Names of the alarms, a hundred at most.
    pub alarms: Vec<String>,
}

/// What was found of alarms, by their names.
#[derive(Debug, Default)]
struct Found {
    acting: Vec<String>,
    muted: Vec<String>,
    /// Those of which there is none on metrics.
    missing: Vec<String>,
}

impl Found {
    async fn of(cx: &Context, names: &[String]) -> Result<Self, Failure> {
        let there = named(&cx.clients, names).await?;
        let mut found = Self::default();
        for name in names {
            let alarm = there.iter().find_map(|one| match one {
                Named::Metric(alarm) if alarm.name == *name => Some(alarm),
                Named::Metric(_) | Named::Composite(_) => None,
            });
            let list = match alarm {
                Some(alarm) if alarm.acts => &mut found.acting,
                Some(_) => &mut found.muted,
                None => &mut found.missing,
            };
            list.push(name.clone());
        }
        Ok(found)
    }
}

fn told(names: &[String]) -> String {
    listed(names)
}

fn request(api: &'static str, alarms: &[String]) -> Request {
    Request {
        service: "cloudwatch",
        api,
        parameters: json!({"AlarmNames": alarms}),
    }
}

#[async_trait]
impl Operation for UnmuteAlarms {
    type Output = HandledTable;
    const NAME: &'static str = "cloudwatch:UnmuteAlarms";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("EnableAlarmActions", &self.alarms)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let found = Found::of(cx, &self.alarms).await?;
        Ok(if !found.missing.is_empty() {
            Probe::Conflict(format!("alarms are not there: {}", told(&found.missing)))
        } else if found.muted.is_empty() {
            present(&self.table, format!("enabled: {}", told(&self.alarms)))
        } else {
            Probe::Absent {
                found: json!({"disabled": found.muted}),
            }
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let enable = cx.clients.cloudwatch_once.enable_alarm_actions();
        let answer = enable.set_alarm_names(Some(self.alarms.clone())).send();
        let answer = answer.await.map_err(|error| failure(ENABLE, &error))?;
        Ok(accepted(&self.table, &answer))
    }
}

#[async_trait]
impl Operation for MuteAlarms {
    type Output = HandledTable;
    const NAME: &'static str = "cloudwatch:MuteAlarms";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("DisableAlarmActions", &self.alarms)
    }

    /// An alarm that somebody has deleted does nothing either.
    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let found = Found::of(cx, &self.alarms).await?;
        Ok(if found.acting.is_empty() {
            present(&self.table, format!("disabled: {}", told(&self.alarms)))
        } else {
            Probe::Absent {
                found: json!({"enabled": found.acting}),
            }
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let disable = cx.clients.cloudwatch_once.disable_alarm_actions();
        let answer = disable.set_alarm_names(Some(self.alarms.clone())).send();
        let answer = answer.await.map_err(|error| failure(DISABLE, &error))?;
        Ok(accepted(&self.table, &answer))
    }
}
