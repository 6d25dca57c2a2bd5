//! `PutMetricAlarm`: it makes an alarm, or replaces whatever was said of the one of that name.
//! Only what no metric is needed for is held against the rules.

use aws_sdk_cloudwatch::operation::put_metric_alarm::{PutMetricAlarmInput, PutMetricAlarmOutput};

use super::invalid;
use super::model::Alarm;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// The most characters of a name (`PutMetricAlarm`, API reference).
const MOST_CHARACTERS: usize = 255;

/// `PutMetricAlarm`.
pub fn put(input: &PutMetricAlarmInput, call: &mut Call<'_>) -> Answer<PutMetricAlarmOutput> {
    call.permit_elsewhere()?;
    let name = input.alarm_name().unwrap_or_default().to_owned();
    fits(input, &name)?;
    let now = call.now();
    let alarms = &mut call.estate().alarms;
    if alarms.composite.contains_key(&name) {
        return Err(invalid(format!(
            "An alarm of another type has the name {name} already"
        )));
    }
    let alarm = Alarm {
        put: input.clone(),
        acts: input.actions_enabled().unwrap_or(true),
        updated: now,
    };
    let was = alarms.metric.insert(name, alarm);
    if was
        .is_some_and(|was| was.put == *input && was.acts == input.actions_enabled().unwrap_or(true))
    {
        call.nothing_changed();
    }
    answer(|_: &mut PutMetricAlarmOutput| {})
}

fn fits(input: &PutMetricAlarmInput, name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.chars().count() > MOST_CHARACTERS {
        return Err(invalid(
            "1 validation error detected: Value at 'alarmName' failed to satisfy constraint: Member must have length \
             between 1 and 255",
        ));
    }
    let measured = input.metric_name().is_some();
    if measured != input.metrics().is_empty() {
        return Err(invalid(
            "Either MetricName or Metrics must be specified, and not both",
        ));
    }
    if input.evaluation_periods().is_none_or(|periods| periods < 1) {
        return Err(invalid("EvaluationPeriods is required"));
    }
    if input.comparison_operator().is_none() {
        return Err(invalid("ComparisonOperator is required"));
    }
    if input.threshold().is_some() == input.threshold_metric_id().is_some() {
        return Err(invalid(
            "Either Threshold or ThresholdMetricId must be specified, and not both",
        ));
    }
    let plain = input.statistic().is_some() != input.extended_statistic().is_some();
    if measured && (!plain || input.namespace().is_none() || input.period().is_none()) {
        return Err(invalid(
            "Namespace, Period and one of Statistic and ExtendedStatistic are required",
        ));
    }
    Ok(())
}
