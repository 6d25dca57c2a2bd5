//! `EnableAlarmActions` and `DisableAlarmActions`.
//! Alarms that are not there are passed over.

use aws_sdk_cloudwatch::operation::disable_alarm_actions::{
    DisableAlarmActionsInput, DisableAlarmActionsOutput,
};
use aws_sdk_cloudwatch::operation::enable_alarm_actions::{
    EnableAlarmActionsInput, EnableAlarmActionsOutput,
};

use super::few;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `EnableAlarmActions`.
pub fn enable(
    input: &EnableAlarmActionsInput,
    call: &mut Call<'_>,
) -> Answer<EnableAlarmActionsOutput> {
    set(call, input.alarm_names(), true)?;
    answer(|_: &mut EnableAlarmActionsOutput| {})
}

/// `DisableAlarmActions`.
pub fn disable(
    input: &DisableAlarmActionsInput,
    call: &mut Call<'_>,
) -> Answer<DisableAlarmActionsOutput> {
    set(call, input.alarm_names(), false)?;
    answer(|_: &mut DisableAlarmActionsOutput| {})
}

fn set(call: &mut Call<'_>, names: &[String], acts: bool) -> Result<(), Refusal> {
    few(call, names)?;
    let now = call.now();
    let mut changed = false;
    for name in names {
        let alarm = call.estate().alarms.metric.get_mut(name);
        if let Some(alarm) = alarm.filter(|alarm| alarm.acts != acts) {
            alarm.acts = acts;
            alarm.updated = now;
            changed = true;
        }
    }
    if !changed {
        call.nothing_changed();
    }
    Ok(())
}
