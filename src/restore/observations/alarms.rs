//! The alarms of `CloudWatch` that watch a table, and those that go by them.
//!
//! AWS filters alarms by neither table nor dimension, so all of a Region are read, page by page, and few are kept
//! (`DescribeAlarms`, API reference).

mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::alarm::{Alarm, Alarms, Composite, named_in};
use crate::domain::failure::{Effect, Failure, FailureClass};

use super::text;

pub(in crate::restore) use settings::Settings;

const CALL: &str = "cloudwatch:DescribeAlarms";

/// The most alarms of a page, and the most names that can be asked for at once (`DescribeAlarms`, API reference).
pub(in crate::restore) const MOST: usize = 100;
/// How long reading all of a Region may take: a person waits for it.
const WITHIN: Duration = Duration::from_secs(8);
/// How the names of alarms begin that Application Auto Scaling makes for a table; it makes them again by itself.
const SCALING: &str = "TargetTracking-table/";

/// Reads the alarms that watch a table, by a dimension of their metric or of one that they reckon with, and the alarms
/// that go by one of them.
///
/// # Errors
/// The failure of a read, also where reading all of them takes too long.
pub async fn alarms(clients: &Clients, table: &str) -> Result<Alarms, Failure> {
    let read = tokio::time::timeout(WITHIN, all(clients, table));
    read.await.unwrap_or_else(|_elapsed| Err(too_slow()))
}

fn too_slow() -> Failure {
    Failure {
        class: FailureClass::Unanswered,
        effect: Effect::None,
        call: CALL.to_owned(),
        code: None,
        message: format!("it took longer than {} s", WITHIN.as_secs()).into(),
        request_id: None,
    }
}

async fn all(clients: &Clients, table: &str) -> Result<Alarms, Failure> {
    let mut metric = Vec::new();
    let mut composite: Vec<Composite> = Vec::new();
    let mut next = None;
    loop {
        let page = page(clients, None, next).await?;
        let found = page.metric_alarms().iter();
        let found = found.filter(|one| one.alarm_name().is_none_or(|it| !it.starts_with(SCALING)));
        metric.extend(found.map(alarm).filter(|one| one.watches(table)));
        // By which alarms one goes is known; which of these are of the table, once all pages are read.
        composite.extend(page.composite_alarms().iter().map(going_by));
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    metric.sort_by(|one, other| one.name.cmp(&other.name));
    let names: BTreeSet<&str> = metric.iter().map(|one| one.name.as_str()).collect();
    for one in &mut composite {
        one.goes_by.retain(|name| names.contains(name.as_str()));
    }
    composite.retain(|one| !one.goes_by.is_empty());
    composite.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Alarms { metric, composite })
}

/// What has a name that alarms can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) enum Named {
    /// An alarm on metrics.
    Metric(Alarm),
    /// An alarm over alarms, by its name.
    Composite(String),
}

impl Named {
    /// Returns the name.
    pub(in crate::restore) fn name(&self) -> &str {
        match self {
            Self::Metric(alarm) => &alarm.name,
            Self::Composite(name) => name,
        }
    }
}

/// Reads what has one of these names, in the order of the names.
pub(in crate::restore) async fn named(
    clients: &Clients,
    names: &[String],
) -> Result<Vec<Named>, Failure> {
    let mut all = Vec::new();
    for names in names.chunks(MOST) {
        let mut next = None;
        loop {
            let page = page(clients, Some(names), next).await?;
            all.extend(page.metric_alarms().iter().map(alarm).map(Named::Metric));
            let composite = page.composite_alarms().iter();
            let composite = composite.map(|one| Named::Composite(text(one.alarm_name())));
            all.extend(composite);
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
    }
    // A server that knows no names tells of everything.
    all.retain(|one| names.iter().any(|name| name == one.name()));
    all.sort_by(|one, other| one.name().cmp(other.name()));
    Ok(all)
}

async fn page(
    clients: &Clients,
    names: Option<&[String]>,
    next: Option<String>,
) -> Result<DescribeAlarmsOutput, Failure> {
    let most = i32::try_from(MOST).unwrap_or(i32::MAX);
    let read = clients.cloudwatch.describe_alarms();
    let read = read.alarm_types(AlarmType::MetricAlarm);
    let read = read.alarm_types(AlarmType::CompositeAlarm);
    let answer = read
        .set_alarm_names(names.map(<[String]>::to_vec))
        .max_records(most)
        .set_next_token(next)
        .send()
        .await;
    answer.map_err(|error| failure(CALL, &error))
}

fn alarm(found: &MetricAlarm) -> Alarm {
    Alarm {
        name: text(found.alarm_name()),
        // They are enabled where nothing else was said (`PutMetricAlarm`, API reference).
        acts: found.actions_enabled().unwrap_or(true),
        settings: settings::of(found),
        beyond: settings::beyond(found).map(str::to_owned),
    }
}

/// Keeps of an alarm its name, and of which alarms its rule is or which one suppresses it: little of what was told.
fn going_by(found: &CompositeAlarm) -> Composite {
    let mut all = named_in(found.alarm_rule().unwrap_or_default());
    let suppressor = found.actions_suppressor().map(|name| {
        let name = name.split_once(":alarm:").map_or(name, |(_, name)| name);
        name.to_owned()
    });
    all.extend(suppressor);
    Composite {
        name: text(found.alarm_name()),
        goes_by: all.into_iter().collect(),
    }
}
