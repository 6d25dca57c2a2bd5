//! Makes the alarms that watch the tables of a place, and those over them.
//! An alarm on one metric has that of its table; one on an expression reckons with several of them.

use aws_sdk_cloudwatch::operation::put_metric_alarm::PutMetricAlarmInput;
use aws_sdk_cloudwatch::types as cloudwatch;

use super::build::{Builder, Built, DAY, unknown};
use super::form;
use crate::sim::cloudwatch::model::Alarm;

/// Where `DynamoDB` keeps its metrics.
const DYNAMODB: &str = "AWS/DynamoDB";

impl Builder {
    /// Makes the alarms that watch a table.
    pub(super) fn alarms(&mut self, table: &form::Table) -> Built<()> {
        for told in &table.alarms {
            let index = |name: &&String| !table.indexes.iter().any(|one| one.name == **name);
            if let Some(other) = told.index.as_ref().filter(index) {
                return Err(self.no_such("index", other));
            }
            let alarm = Alarm {
                put: put(told, &table.name)?,
                acts: !told.muted,
                updated: self.before(None, DAY * 30)?,
            };
            let alarms = &mut self.estate.alarms.metric;
            let replaced = alarms.insert(told.name.clone(), alarm);
            self.once("alarm", &told.name, replaced.is_some())?;
        }
        Ok(())
    }

    /// Makes an alarm over others.
    pub(super) fn composite_alarm(&mut self, form: form::CompositeAlarm) -> Built<()> {
        let alarms = &mut self.estate.alarms;
        let taken = alarms.metric.contains_key(&form.name);
        let replaced = alarms.composite.insert(form.name.clone(), form.rule);
        self.once("composite-alarm", &form.name, taken || replaced.is_some())
    }
}

fn put(told: &form::Alarm, table: &str) -> Built<PutMetricAlarmInput> {
    let operator = told.operator.as_deref().unwrap_or("GreaterThanThreshold");
    let namespace = told.namespace.as_deref().unwrap_or(DYNAMODB);
    let stat = told.statistic.as_deref().unwrap_or("Sum");
    let dimensions = dimensions(told, table);
    let put = PutMetricAlarmInput::builder()
        .alarm_name(&told.name)
        .actions_enabled(!told.muted)
        .set_alarm_description(told.description.clone())
        .set_alarm_actions(Some(told.actions.clone()))
        .evaluation_periods(told.periods.unwrap_or(3))
        .threshold(told.threshold)
        .comparison_operator(cloudwatch::ComparisonOperator::from(operator))
        .set_treat_missing_data(told.missing.clone());
    let put = match (&told.metric, &told.expression) {
        (Some(metric), None) => put
            .metric_name(metric)
            .namespace(namespace)
            .statistic(cloudwatch::Statistic::from(stat))
            .period(60)
            .set_dimensions(Some(dimensions)),
        (None, Some(expression)) => {
            let reckons = cloudwatch::MetricDataQuery::builder().id("reckoned");
            let reckons = reckons.expression(expression).return_data(true).build();
            let with = told.with.iter().map(|(id, metric)| {
                let metric = cloudwatch::Metric::builder()
                    .namespace(namespace)
                    .metric_name(metric)
                    .set_dimensions(Some(dimensions.clone()))
                    .build();
                let stat = cloudwatch::MetricStat::builder().metric(metric).stat(stat);
                let query = cloudwatch::MetricDataQuery::builder().id(id);
                let query = query.metric_stat(stat.period(60).build());
                query.return_data(false).build()
            });
            put.set_metrics(Some(std::iter::once(reckons).chain(with).collect()))
        }
        (_, _) => {
            return Err(unknown(
                "alarm, which has metric or expression:",
                &told.name,
            ));
        }
    };
    put.build()
        .map_err(|error| unknown("setting of an alarm", &error.to_string()))
}

fn dimensions(told: &form::Alarm, table: &str) -> Vec<cloudwatch::Dimension> {
    let own = [("TableName", table)].into_iter();
    let index = told.index.as_deref();
    let index = index.map(|name| ("GlobalSecondaryIndexName", name));
    let more = told.dimensions.iter();
    let more = more.map(|(name, value)| (name.as_str(), value.as_str()));
    own.chain(index)
        .chain(more)
        .map(|(name, value)| {
            let dimension = cloudwatch::Dimension::builder().name(name);
            dimension.value(value).build()
        })
        .collect()
}
