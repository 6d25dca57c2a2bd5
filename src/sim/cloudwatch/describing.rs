//! `DescribeAlarms`, by names or by how they begin, page by page. Without a type only alarms on metrics are told
//! (`DescribeAlarms`, API reference).
//!
//! The token of a page is the name that it begins behind.

use aws_sdk_cloudwatch::operation::describe_alarms::{DescribeAlarmsInput, DescribeAlarmsOutput};
use aws_sdk_cloudwatch::types as cloudwatch;

use super::model::{Alarm, Alarms};
use super::{few, invalid};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// How many alarms a page has, and the most that can be asked for (`DescribeAlarms`, API reference).
const USUAL: usize = 50;
const MOST: usize = 100;

/// `DescribeAlarms`.
pub fn describe(input: &DescribeAlarmsInput, call: &mut Call<'_>) -> Answer<DescribeAlarmsOutput> {
    few(call, input.alarm_names())?;
    let most = match input.max_records() {
        None => USUAL,
        Some(most) => usize::try_from(most)
            .ok()
            .filter(|most| (1..=MOST).contains(most))
            .ok_or_else(|| invalid("MaxRecords must be between 1 and 100"))?,
    };
    let of = format!(
        "arn:aws:cloudwatch:{}:{}:alarm:",
        call.region(),
        call.account()
    );
    let alarms = call.estate().alarms.clone();
    let names = wanted(input, &alarms);
    let from = match input.next_token() {
        None => 0,
        Some(token) => names
            .iter()
            .position(|name| name == token)
            .map(|at| at + 1)
            .ok_or_else(|| Refusal::client("InvalidNextToken", "The next token is invalid"))?,
    };
    let page: Vec<String> = names.iter().skip(from).take(most).cloned().collect();
    let more = from + page.len() < names.len();
    let next = page.last().filter(|_| more).cloned();
    let metric = page.iter().filter_map(|name| alarms.metric.get(name));
    let metric: Vec<_> = metric.map(|alarm| row(&of, alarm)).collect();
    let composite = page
        .iter()
        .filter_map(|name| Some(over(&of, name, alarms.composite.get(name)?)));
    let composite: Vec<_> = composite.collect();
    answer(move |output: &mut DescribeAlarmsOutput| {
        output.metric_alarms = Some(metric);
        output.composite_alarms = Some(composite);
        output.next_token = next;
    })
}

/// The names of all that is asked for, sorted.
fn wanted(input: &DescribeAlarmsInput, alarms: &Alarms) -> Vec<String> {
    let types = input.alarm_types();
    let asks = |kind: &cloudwatch::AlarmType| types.contains(kind);
    let metric = types.is_empty() || asks(&cloudwatch::AlarmType::MetricAlarm);
    let composite = asks(&cloudwatch::AlarmType::CompositeAlarm);
    let metric = alarms.metric.keys().filter(|_| metric);
    let composite = alarms.composite.keys().filter(|_| composite);
    let names = input.alarm_names();
    let fits = |name: &&String| {
        (names.is_empty() || names.contains(name))
            && input
                .alarm_name_prefix()
                .is_none_or(|begins| name.starts_with(begins))
    };
    let mut all: Vec<String> = metric.chain(composite).filter(fits).cloned().collect();
    all.sort_unstable();
    all
}

fn row(of: &str, alarm: &Alarm) -> cloudwatch::MetricAlarm {
    let put = alarm.put.clone();
    let name = put.alarm_name().unwrap_or_default();
    let row = cloudwatch::MetricAlarm::builder()
        .alarm_name(name)
        .alarm_arn(format!("{of}{name}"))
        .alarm_configuration_updated_timestamp(date(alarm.updated))
        .state_value(cloudwatch::StateValue::Ok)
        .actions_enabled(alarm.acts);
    row.set_alarm_description(put.alarm_description)
        .set_ok_actions(Some(put.ok_actions.unwrap_or_default()))
        .set_alarm_actions(Some(put.alarm_actions.unwrap_or_default()))
        .set_insufficient_data_actions(Some(put.insufficient_data_actions.unwrap_or_default()))
        .set_metric_name(put.metric_name)
        .set_namespace(put.namespace)
        .set_statistic(put.statistic)
        .set_extended_statistic(put.extended_statistic)
        .set_dimensions(put.dimensions)
        .set_period(put.period)
        .set_unit(put.unit)
        .set_evaluation_periods(put.evaluation_periods)
        .set_datapoints_to_alarm(put.datapoints_to_alarm)
        .set_threshold(put.threshold)
        .set_comparison_operator(put.comparison_operator)
        .set_treat_missing_data(put.treat_missing_data)
        .set_evaluate_low_sample_count_percentile(put.evaluate_low_sample_count_percentile)
        .set_metrics(put.metrics)
        .set_threshold_metric_id(put.threshold_metric_id)
        .set_evaluation_window(put.evaluation_window)
        .set_warm_up_configuration(put.warm_up_configuration)
        .set_action_configuration(put.action_configuration)
        .build()
}

fn over(of: &str, name: &str, rule: &str) -> cloudwatch::CompositeAlarm {
    cloudwatch::CompositeAlarm::builder()
        .alarm_name(name)
        .alarm_arn(format!("{of}{name}"))
        .alarm_rule(rule)
        .actions_enabled(true)
        .state_value(cloudwatch::StateValue::Ok)
        .build()
}
