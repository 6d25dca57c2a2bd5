//! What a scenario may say of alarms: those that watch a table stand with it, those over alarms with their place.
//! Every one of them reckons by the minute.

use std::collections::BTreeMap;

use serde::Deserialize;

/// An alarm that watches a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    pub name: String,
    pub description: Option<String>,
    /// The metric that it watches, unless it reckons.
    pub metric: Option<String>,
    /// What it reckons, by the names in `with`.
    pub expression: Option<String>,
    /// The metrics that it reckons with, by the names that they have in the expression.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// `AWS/DynamoDB` if left out.
    pub namespace: Option<String>,
    /// The index, if it is not the table itself.
    pub index: Option<String>,
    /// Dimensions besides those of table and index.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// `Sum` if left out.
    pub statistic: Option<String>,
    /// Minutes; three if left out.
    pub periods: Option<i32>,
    pub threshold: f64,
    /// AWS's word; `GreaterThanThreshold` if left out.
    pub operator: Option<String>,
    /// AWS's word for how it takes a minute without data.
    pub missing: Option<String>,
    /// ARNs of what it does.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Whether its actions are disabled.
    #[serde(default)]
    pub muted: bool,
}

/// An alarm over alarms.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeAlarm {
    pub name: String,
    /// As AWS writes it: `ALARM(a) OR ALARM(b)`.
    pub rule: String,
}
