//! A table held against what it has to be, setting by setting.
//!
//! What is scaled by itself changes while nobody looks, so its units are not compared.

use crate::domain::alarm::Alarm;
use crate::domain::dynamodb::{
    Capacity, Destination, Insights, Policy, ScalableTarget, Scaling, Table, Wanted,
};
use crate::domain::ec2::Tags;
use crate::domain::text::{self, shown};
use crate::domain::trigger::{Reading, Trigger};
use crate::restore::observations::alarms::Named;
use crate::restore::operations::dynamodb_policy::same;

/// What was read of a table.
#[derive(Default)]
pub(super) struct Found {
    pub table: Option<Table>,
    pub recovery_days: Option<i32>,
    pub tags: Tags,
    pub policy: Option<Policy>,
    pub kinesis: Vec<Destination>,
    pub insights: Vec<Insights>,
    pub triggers: Vec<Trigger>,
    pub alarms: Vec<Named>,
    pub scaling: Scaling,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// How many settings are as they have to be.
    pub alike: usize,
    /// Those that are not, each with what is there instead.
    pub otherwise: Vec<String>,
}

impl Compared {
    fn setting(&mut self, name: &str, difference: Option<String>) {
        match difference {
            None => self.alike += 1,
            Some(difference) => self.otherwise.push(format!("{name} ({difference})")),
        }
    }
}

/// Compares whatever is wanted, and nothing else.
pub(super) fn compared(wanted: &Wanted, found: &Found) -> Compared {
    let mut result = Compared::default();
    if let Some(table) = &found.table {
        of_table(&mut result, wanted, table);
    }
    if let Some(days) = wanted.recovery_days {
        let there = found.recovery_days;
        let said = there.map_or_else(|| "off".to_owned(), |days| days.to_string());
        let difference = (there != Some(days)).then(|| format!("{said}, not {days} days"));
        result.setting("recovery", difference);
    }
    if !wanted.tags.is_empty() {
        result.setting("tags", tags(&wanted.tags, &found.tags));
    }
    if let Some(policy) = &wanted.policy {
        let there = found.policy.as_ref().map(|found| found.document.raw());
        let difference = match there {
            None => Some("none".to_owned()),
            Some(there) => (!same(there, policy.raw())).then(|| "another one".to_owned()),
        };
        result.setting("policy", difference);
    }
    if let Some(streams) = &wanted.kinesis {
        result.setting("kinesis", streamed(streams, &found.kinesis));
    }
    if let Some(insights) = &wanted.insights {
        result.setting("insights", recorded(insights, &found.insights));
    }
    if let Some(readings) = &wanted.triggers {
        result.setting("triggers", read(readings, &found.triggers));
    }
    if let Some(alarms) = &wanted.alarms {
        result.setting("alarms", watched(alarms, &found.alarms));
    }
    if let Some(scaling) = &wanted.scaling {
        result.setting("auto scaling", scaled(scaling, &found.scaling));
    }
    result
}

fn of_table(result: &mut Compared, wanted: &Wanted, table: &Table) {
    if let Some(class) = &wanted.class {
        result.setting("class", differs(&table.class, class));
    }
    if let Some(on) = wanted.deletion_protection {
        let word = |on: bool| if on { "on" } else { "off" };
        let difference = differs(word(table.deletion_protection), word(on));
        result.setting("deletion protection", difference);
    }
    if let Some(capacity) = &wanted.capacity {
        let is_scaled = |unit: &str| {
            let dimension = format!("table/{}:dynamodb:table:{unit}CapacityUnits", table.name);
            wanted.scaled.contains(&dimension)
        };
        let compared = |capacity: &Capacity| said(capacity, is_scaled("Read"), is_scaled("Write"));
        let difference = differs(&compared(&table.capacity), &compared(capacity));
        result.setting("capacity", difference);
    }
    if let Some(indexes) = &wanted.indexes {
        let mut there: Vec<&str> = table.indexes.iter().map(|one| one.name.as_str()).collect();
        there.sort_unstable();
        let mut wanted: Vec<&str> = indexes.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        result.setting("indexes", differs(&list(&there), &list(&wanted)));
    }
    if let Some(view) = &wanted.stream {
        let there = table.stream.as_deref().unwrap_or("off");
        result.setting("stream", differs(there, view));
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(" ")
    }
}

fn differs(there: &str, wanted: &str) -> Option<String> {
    (there != wanted).then(|| format!("{}, not {}", shown(there), shown(wanted)))
}

/// A throughput as people read it, without what is scaled by itself.
fn said(capacity: &Capacity, read_is_scaled: bool, write_is_scaled: bool) -> String {
    let limit = |most: Option<i64>| most.map_or_else(|| "any".to_owned(), |most| most.to_string());
    let units = |units: i64, is_scaled| {
        if is_scaled {
            "scaled".to_owned()
        } else {
            units.to_string()
        }
    };
    if capacity.on_demand {
        let (read, write) = (limit(capacity.max_read), limit(capacity.max_write));
        format!("on demand, {read} reads and {write} writes a second")
    } else {
        let read = units(capacity.read, read_is_scaled);
        let write = units(capacity.write, write_is_scaled);
        format!("{read} reads and {write} writes a second")
    }
}

/// Names the tags that are not there, or say something else.
fn tags(wanted: &Tags, there: &Tags) -> Option<String> {
    let lacking = wanted
        .iter()
        .filter(|(key, value)| there.get(*key) != Some(*value));
    let keys: Vec<String> = lacking.map(|(key, _)| key.shown()).collect();
    (!keys.is_empty()).then(|| keys.join(" "))
}

/// Names the streams that changes do not go to, or not as precisely as they have to. What AWS did not tell of the old
/// table is not compared.
fn streamed(wanted: &[Destination], there: &[Destination]) -> Option<String> {
    let same = |wanted: &Destination, there: &Destination| {
        wanted.stream == there.stream
            && (wanted.precision.is_none() || wanted.precision == there.precision)
    };
    let lacking = wanted.iter();
    let lacking = lacking.filter(|wanted| !there.iter().any(|there| same(wanted, there)));
    let lacking: Vec<String> = lacking.map(|wanted| wanted.stream.clone()).collect();
    listed(&lacking)
}

/// Names of what Contributor Insights do not record what they have to.
fn recorded(wanted: &[Insights], there: &[Insights]) -> Option<String> {
    let same = |wanted: &Insights, there: &Insights| {
        wanted.index == there.index && (wanted.mode.is_none() || wanted.mode == there.mode)
    };
    let lacking = wanted.iter();
    let lacking = lacking.filter(|wanted| !there.iter().any(|there| same(wanted, there)));
    let lacking = lacking.map(|wanted| match &wanted.index {
        None => "of the table".to_owned(),
        Some(index) => format!("of index {index}"),
    });
    listed(&lacking.collect::<Vec<_>>())
}

/// Names the functions that are not called with what the stream holds, or otherwise than they have to be. Whether they
/// are called yet is a matter of the switch-over.
fn read(wanted: &[Reading], there: &[Trigger]) -> Option<String> {
    let lacking = wanted.iter();
    let lacking = lacking.filter(|wanted| !there.iter().any(|there| wanted.fits(&there.reading)));
    let lacking: Vec<String> = lacking.map(|wanted| wanted.function.clone()).collect();
    listed(&lacking)
}

/// Names the alarms that are not there, or say something else. Whether they act is not compared: they do not before
/// the application is led over.
fn watched(wanted: &[Alarm], there: &[Named]) -> Option<String> {
    let same = |wanted: &Alarm, there: &Named| match there {
        Named::Metric(there) => wanted.name == there.name && wanted.settings == there.settings,
        Named::Composite(_) => false,
    };
    let lacking = wanted.iter();
    let lacking = lacking.filter(|wanted| !there.iter().any(|there| same(wanted, there)));
    let lacking: Vec<String> = lacking.map(|wanted| wanted.name.clone()).collect();
    listed(&lacking)
}

fn listed(lacking: &[String]) -> Option<String> {
    (!lacking.is_empty()).then(|| text::listed(lacking))
}

/// Names what is not scaled as it has to be. Roles are AWS's affair, and what is scaled besides is nobody's doing here.
fn scaled(wanted: &Scaling, there: &Scaling) -> Option<String> {
    let set = |one: &ScalableTarget| ScalableTarget {
        role: String::new(),
        ..one.clone()
    };
    let targets: Vec<ScalableTarget> = there.targets.iter().map(set).collect();
    let lacking = wanted.targets.iter();
    let lacking = lacking.filter(|target| !targets.contains(&set(target)));
    let mut lacking: Vec<String> = lacking
        .map(|target| format!("{} of {}", target.dimension, target.resource))
        .collect();
    let policies = wanted.policies.iter();
    let policies = policies.filter(|policy| !there.policies.contains(policy));
    lacking.extend(policies.map(|policy| format!("policy {}", policy.name)));
    let actions = wanted.actions.iter();
    let actions = actions.filter(|action| !there.actions.contains(action));
    lacking.extend(actions.map(|action| format!("scheduled action {}", action.name)));
    listed(&lacking)
}
