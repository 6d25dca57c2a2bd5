//! What `CloudWatch` keeps: alarms as they were put. Plain records.
//! Nothing is measured by them.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::put_metric_alarm::PutMetricAlarmInput;
use aws_sdk_cloudwatch::types as cloudwatch;
use jiff::Timestamp;

/// The alarms of one place, each kind by name. No two alarms have the same name, whatever their kind.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    pub metric: BTreeMap<String, Alarm>,
    /// Rules of alarms over alarms.
    pub composite: BTreeMap<String, String>,
}

/// An alarm on metrics.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// As it was put last.
    pub put: PutMetricAlarmInput,
    /// Whether its actions are enabled.
    pub acts: bool,
    pub updated: Timestamp,
}

impl Alarm {
    /// The dimensions of every metric that it watches or reckons with.
    pub fn dimensions(&self) -> impl Iterator<Item = &[cloudwatch::Dimension]> {
        let own = std::iter::once(self.put.dimensions());
        let within = self.put.metrics().iter();
        let within = within.filter_map(|query| query.metric_stat()?.metric());
        own.chain(within.map(cloudwatch::Metric::dimensions))
    }

    /// Tells whether one of its metrics is of a table.
    pub fn watches(&self, table: &str) -> bool {
        let is_of = |one: &cloudwatch::Dimension| {
            (one.name(), one.value()) == (Some("TableName"), Some(table))
        };
        self.dimensions().flatten().any(is_of)
    }
}
