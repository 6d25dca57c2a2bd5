//! Puts an alarm that watches a restored table. Its actions stay disabled until somebody enables them.
//!
//! `PutMetricAlarm` overwrites whatever has the name (API reference), so what has it is looked at first, and what is
//! not as it has to be is left to a person.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::dynamodb_table::{HandledTable, accepted, incomplete, present};
use crate::aws::failure::failure;
use crate::domain::alarm::Alarm;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::observations::alarms::{Named, Settings, named};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

#[cfg(test)]
mod tests;

const CALL: &str = "cloudwatch:PutMetricAlarm";

/// An alarm watches a table, and does nothing about it yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutAlarm {
    /// Name of the table.
    pub table: String,
    /// The alarm. Whether it is to act in the end does not matter here.
    pub alarm: Alarm,
}

#[async_trait]
impl Operation for PutAlarm {
    type Output = HandledTable;
    const NAME: &'static str = "cloudwatch:PutAlarm";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = Map::from_iter([
            ("AlarmName".to_owned(), json!(self.alarm.name)),
            ("ActionsEnabled".to_owned(), json!(false)),
        ]);
        for (name, value) in self.alarm.settings.as_object().into_iter().flatten() {
            parameters
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        Request {
            service: "cloudwatch",
            api: "PutMetricAlarm",
            parameters: Value::Object(parameters),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let called = shown(&self.alarm.name);
        let found = named(&cx.clients, std::slice::from_ref(&self.alarm.name)).await?;
        // Once it was put, its actions may have been enabled by a later step.
        let ours = cx.sent_at.is_some() || cx.lost;
        Ok(match found.first() {
            None => Probe::Absent { found: Value::Null },
            Some(Named::Metric(there)) if !self.is_as_wanted(there) => Probe::Conflict(format!(
                "there is an alarm {called} already, which says something else"
            )),
            Some(Named::Metric(_)) if !ours => Probe::Conflict(format!(
                "there is an alarm {called} already, which this run has not put"
            )),
            Some(Named::Metric(there)) => {
                let acts = if there.acts { "enabled" } else { "disabled" };
                present(&self.table, format!("{called}, its actions {acts}"))
            }
            Some(Named::Composite(_)) => Probe::Conflict(format!(
                "there is an alarm {called} already, over other alarms"
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let settings = Settings::read(&self.alarm.settings)
            .filter(|_| self.alarm.beyond.is_none())
            .ok_or_else(|| incomplete(CALL, "this defib does not know all that it is set to"))?;
        let put = cx.clients.cloudwatch_once.put_metric_alarm();
        let put = put.alarm_name(&self.alarm.name).actions_enabled(false);
        let answer = settings.ask(put).send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.table, &answer))
    }
}

impl PutAlarm {
    fn is_as_wanted(&self, there: &Alarm) -> bool {
        there.settings == self.alarm.settings && there.beyond.is_none()
    }
}
