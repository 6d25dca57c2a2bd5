//! What can be told from outside, without a call, of the alarms that watch a table: they stand among its settings.
//! When one was put is left out.

use aws_sdk_cloudwatch::types as cloudwatch;
use serde_json::{Map, Value, json};

use super::model::{Alarm, Alarms};

/// Stands for the table's name, so that alarms of two tables that are set alike are alike.
const TABLE: &str = "TABLE";

/// Dumps the alarms that watch a table by their names; nothing where none does.
pub fn of_table(alarms: &Alarms, table: &str) -> Option<Value> {
    let of = |name: &str| name.replace(table, TABLE);
    let watching = alarms.metric.iter();
    let watching = watching.filter(|(_, alarm)| alarm.watches(table));
    let all: Map<String, Value> = watching
        .map(|(name, alarm)| (of(name), picture(alarm, table)))
        .collect();
    (!all.is_empty()).then_some(Value::Object(all))
}

fn picture(alarm: &Alarm, table: &str) -> Value {
    let put = &alarm.put;
    json!({
        "acts": alarm.acts,
        "description": put.alarm_description(),
        "actions": [put.ok_actions(), put.alarm_actions(), put.insufficient_data_actions()],
        "metric": [put.namespace(), put.metric_name()],
        "dimensions": dimensions(put.dimensions(), table),
        "statistic": put.statistic().map(cloudwatch::Statistic::as_str).or(put.extended_statistic()),
        "unit": put.unit().map(cloudwatch::StandardUnit::as_str),
        "periods": [put.period(), put.evaluation_periods(), put.datapoints_to_alarm()],
        "operator": put.comparison_operator().map(cloudwatch::ComparisonOperator::as_str),
        "threshold": put.threshold(),
        "threshold_metric": put.threshold_metric_id(),
        "missing": put.treat_missing_data(),
        "few": put.evaluate_low_sample_count_percentile(),
        "metrics": metrics(put.metrics(), table),
    })
}

fn dimensions(all: &[cloudwatch::Dimension], table: &str) -> Value {
    let one = |one: &cloudwatch::Dimension| {
        let value = one.value().unwrap_or_default();
        let own = one.name() == Some("TableName") && value == table;
        let value = if own { TABLE } else { value };
        (one.name().unwrap_or_default().to_owned(), json!(value))
    };
    Value::Object(all.iter().map(one).collect())
}

fn metrics(all: &[cloudwatch::MetricDataQuery], table: &str) -> Value {
    let one = |query: &cloudwatch::MetricDataQuery| {
        let stat = query.metric_stat();
        let metric = stat.and_then(|stat| stat.metric());
        let picture = json!({
            "expression": query.expression(),
            "label": query.label(),
            "told": query.return_data(),
            "metric": metric.map(|metric| [metric.namespace(), metric.metric_name()]),
            "dimensions": metric.map(|metric| dimensions(metric.dimensions(), table)),
            "stat": stat.and_then(|stat| stat.stat()),
            "unit": stat.and_then(|stat| stat.unit()).map(cloudwatch::StandardUnit::as_str),
            "period": stat.and_then(cloudwatch::MetricStat::period).or(query.period()),
            "account": query.account_id(),
        });
        (query.id().unwrap_or_default().to_owned(), picture)
    };
    Value::Object(all.iter().map(one).collect())
}
