//! What is given back to a restored table, in the order in which it is done: the one list that steps, form and the
//! comparison at the end are made of.
//!
//! It says nothing of what a restore brings along by itself. What was not read is not in it; the checks say so.

mod kind;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::alarm::Alarm;
use crate::domain::dynamodb::{
    Capacity, Destination, Index, Insights, Overrides, ScalableTarget, Scaling, ScalingPolicy,
    ScheduledAction, Wanted,
};
use crate::domain::ec2::Tags;
use crate::domain::text::{Untrusted, shown};
use crate::domain::trigger::Trigger;

use super::alarms;
use super::chosen::{Chosen, Indexes};
use super::facts::TableFacts;
use super::policy_text;
use super::prepared::Named;
use super::replicas;
use super::triggers;

pub(super) use kind::Kind;

/// A class that AWS gives by itself.
pub(super) const STANDARD: &str = "STANDARD";

/// A setting to be given back.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    /// For how many days every second can be restored.
    Recovery(i32),
    /// The tags of the old table; those of the run come beside them.
    Tags(Tags),
    DeletionProtection,
    Class(String),
    /// Throughput of the table and of its global indexes.
    Capacity(Capacity, BTreeMap<String, Capacity>),
    ScalableTarget(ScalableTarget),
    ScalingPolicy(ScalingPolicy),
    ScheduledAction(ScheduledAction),
    /// Its JSON, with the ARN of the new table.
    Policy(Untrusted),
    /// What the stream holds.
    Stream(String),
    /// A Kinesis stream that its changes go to.
    Kinesis(Destination),
    /// Contributor Insights of the table, or of one index.
    Insights(Insights),
    /// What reads the stream.
    Trigger(Trigger),
    /// An alarm that watches it; whether it is to act once the application is led over.
    Alarm(Alarm),
    /// The attribute.
    TimeToLive(String),
}

/// Works out what is given back.
pub(super) fn settings(facts: &TableFacts, chosen: &Chosen, new: &Named) -> Vec<Setting> {
    let wants = |kind: Kind| !chosen.skip.contains(&kind);
    let mut all = Vec::new();
    let days = facts.recovery.value().and_then(|recovery| recovery.days);
    all.extend(
        days.filter(|_| wants(Kind::Recovery))
            .map(Setting::Recovery),
    );
    let own = wants(Kind::Tags).then(|| carried_tags(facts));
    all.push(Setting::Tags(own.unwrap_or_default()));
    if let Some(source) = facts.described() {
        if source.deletion_protection && wants(Kind::DeletionProtection) {
            all.push(Setting::DeletionProtection);
        }
        if source.class != STANDARD && wants(Kind::Class) {
            all.push(Setting::Class(source.class.clone()));
        }
    }
    if wants(Kind::Capacity) {
        all.extend(capacity_step(facts, chosen));
    }
    let scaling = scaling(facts, chosen, &new.name).unwrap_or_default();
    all.extend(scaling.targets.into_iter().map(Setting::ScalableTarget));
    all.extend(scaling.policies.into_iter().map(Setting::ScalingPolicy));
    all.extend(scaling.actions.into_iter().map(Setting::ScheduledAction));
    if wants(Kind::Policy) {
        all.extend(policy(facts, new).map(Setting::Policy));
    }
    let stream = replicas::stream(facts, chosen).filter(|_| wants(Kind::Stream));
    all.extend(stream.map(|view| Setting::Stream(view.to_owned())));
    all.extend(kinesis(facts, chosen).into_iter().map(Setting::Kinesis));
    all.extend(insights(facts, chosen).into_iter().map(Setting::Insights));
    let triggers = triggers::given(facts, chosen);
    all.extend(triggers.into_iter().map(Setting::Trigger));
    let alarms = alarms::given_back(facts, chosen, new);
    all.extend(alarms.into_iter().map(Setting::Alarm));
    // What has expired is wanted where a restore is only looked at.
    let ttl = ttl(facts).filter(|_| wants(Kind::TimeToLive) && !chosen.restore_only);
    all.extend(ttl.map(|attribute| Setting::TimeToLive(attribute.to_owned())));
    all
}

/// Returns how the new table has to be in the end, as far as that is known now.
pub(super) fn wanted(facts: &TableFacts, chosen: &Chosen, new: &Named) -> Wanted {
    let wants = |kind: Kind| !chosen.skip.contains(&kind);
    let source = facts.described();
    let scaling = scaling(facts, chosen, &new.name);
    let scaled = scaling.iter().flat_map(|scaling| &scaling.targets);
    let mut wanted = Wanted {
        class: source
            .filter(|_| wants(Kind::Class))
            .map(|source| source.class.clone()),
        deletion_protection: source
            .filter(|_| wants(Kind::DeletionProtection))
            .map(|source| source.deletion_protection),
        capacity: capacity(facts, chosen).filter(|_| wants(Kind::Capacity)),
        scaled: scaled
            .map(|target| format!("{}:{}", target.resource, target.dimension))
            .collect(),
        indexes: known_indexes(facts).map(|_all| {
            let kept = indexes(facts, chosen).into_iter();
            kept.map(|index| index.name).collect()
        }),
        scaling,
        ..Wanted::default()
    };
    for setting in settings(facts, chosen, new) {
        match setting {
            Setting::Recovery(days) => wanted.recovery_days = Some(days),
            Setting::Tags(tags) => wanted.tags = tags,
            Setting::Policy(document) => wanted.policy = Some(document),
            Setting::Stream(view) => wanted.stream = Some(view),
            Setting::Kinesis(one) => wanted.kinesis.get_or_insert_default().push(one),
            Setting::Insights(one) => wanted.insights.get_or_insert_default().push(one),
            Setting::Trigger(one) => wanted.triggers.get_or_insert_default().push(one.reading),
            Setting::Alarm(one) => wanted.alarms.get_or_insert_default().push(one),
            Setting::DeletionProtection
            | Setting::Class(_)
            | Setting::Capacity(..)
            | Setting::ScalableTarget(_)
            | Setting::ScalingPolicy(_)
            | Setting::ScheduledAction(_)
            | Setting::TimeToLive(_) => {}
        }
    }
    wanted
}

/// Returns what the restore itself is asked to make otherwise.
pub(super) fn overrides(facts: &TableFacts, chosen: &Chosen) -> Overrides {
    let all = all_indexes(facts);
    let only = |local: bool| {
        let any = all.iter().any(|index| index.local == local);
        (any && chosen.indexes != Indexes::AsBefore).then(|| {
            let kept = indexes(facts, chosen).into_iter();
            kept.filter(|index| index.local == local).collect()
        })
    };
    Overrides {
        on_demand: chosen.on_demand.then_some(true),
        capacity: None,
        indexes: only(false),
        local_indexes: only(true),
        kms_key: chosen.kms_key.clone(),
    }
}

/// The indexes that are there to be restored, as far as they are known.
pub(super) fn all_indexes(facts: &TableFacts) -> &[Index] {
    known_indexes(facts).unwrap_or_default()
}

/// The indexes of what is restored from; those that the table has now, where a backup does not tell its own. `None`
/// where nothing tells them.
fn known_indexes(facts: &TableFacts) -> Option<&[Index]> {
    let of_backup = facts.backup.as_ref().and_then(|one| one.indexes.as_deref());
    let of_table = facts.described().map(|one| one.indexes.as_slice());
    of_backup.or(of_table)
}

/// Returns the indexes that the new table gets, with the throughput that they get.
pub(super) fn indexes(facts: &TableFacts, chosen: &Chosen) -> Vec<Index> {
    let wanted = |index: &&Index| match &chosen.indexes {
        Indexes::AsBefore => true,
        Indexes::Only(names) => names.contains(&index.name),
    };
    let now = facts
        .described()
        .into_iter()
        .flat_map(|table| &table.indexes);
    let now: BTreeMap<&str, &Index> = now.map(|index| (index.name.as_str(), index)).collect();
    let mut kept: Vec<Index> = all_indexes(facts).iter().filter(wanted).cloned().collect();
    for index in kept.iter_mut().filter(|index| !index.local) {
        if let Some(now) = now.get(index.name.as_str()) {
            index.capacity.clone_from(&now.capacity);
        }
        if chosen.on_demand && index.capacity.as_ref().is_some_and(|held| !held.on_demand) {
            index.capacity = Some(unlimited());
        }
    }
    kept
}

/// Paid by request, without a limit.
fn unlimited() -> Capacity {
    Capacity {
        on_demand: true,
        read: 0,
        write: 0,
        max_read: None,
        max_write: None,
    }
}

/// Returns the throughput that the new table gets; `None` where nothing is known of the old one.
pub(super) fn capacity(facts: &TableFacts, chosen: &Chosen) -> Option<Capacity> {
    let of_backup = facts.backup.as_ref().map(|backup| &backup.capacity);
    let of_table = facts.described().map(|table| &table.capacity);
    let before = of_table.or(of_backup)?;
    Some(if chosen.on_demand && !before.on_demand {
        unlimited()
    } else {
        before.clone()
    })
}

/// By request and without a limit there is nothing to set.
fn capacity_step(facts: &TableFacts, chosen: &Chosen) -> Option<Setting> {
    let mut table = capacity(facts, chosen)?;
    let all = indexes(facts, chosen).into_iter();
    let mut indexes: BTreeMap<String, Capacity> = all
        .filter_map(|index| Some((index.name, index.capacity?)))
        .collect();
    let is_set =
        |held: &Capacity| !held.on_demand || held.max_read.is_some() || held.max_write.is_some();
    if !is_set(&table) && !indexes.values().any(is_set) {
        return None;
    }
    let scaling = scaling(facts, chosen, &facts.name).unwrap_or_default();
    for target in &scaling.targets {
        let held = match index_of(&target.resource) {
            None => Some(&mut table),
            Some(index) => indexes.get_mut(index),
        };
        // It would be raised to that at once.
        if let Some(held) = held {
            let units = if target.dimension.ends_with(":ReadCapacityUnits") {
                &mut held.read
            } else {
                &mut held.write
            };
            *units = (*units).max(i64::from(target.min));
        }
    }
    Some(Setting::Capacity(table, indexes))
}

/// The index in `table/T/index/I`; `None` for `table/T`.
fn index_of(resource: &str) -> Option<&str> {
    resource.split_once("/index/").map(|(_, index)| index)
}

/// Returns how the new table is to be scaled; `None` where that is left out, is not known, or means nothing since it is
/// paid by request.
pub(super) fn scaling(facts: &TableFacts, chosen: &Chosen, name: &str) -> Option<Scaling> {
    if chosen.skip.contains(&Kind::AutoScaling) || capacity(facts, chosen)?.on_demand {
        return None;
    }
    let before = facts.scaling.value()?;
    let there: BTreeSet<String> = indexes(facts, chosen)
        .into_iter()
        .map(|index| index.name)
        .collect();
    let own = |resource: &str| match index_of(resource) {
        None => Some(format!("table/{name}")),
        Some(index) if there.contains(index) => Some(format!("table/{name}/index/{index}")),
        Some(_left_out) => None,
    };
    let targets = before.targets.iter().filter_map(|target| {
        Some(ScalableTarget {
            resource: own(&target.resource)?,
            ..target.clone()
        })
    });
    let policies = before.policies.iter().filter_map(|policy| {
        Some(ScalingPolicy {
            resource: own(&policy.resource)?,
            ..policy.clone()
        })
    });
    let actions = before.actions.iter().filter_map(|action| {
        Some(ScheduledAction {
            resource: own(&action.resource)?,
            // What has begun needs no beginning, and AWS takes none that has passed.
            start: action.start.filter(|start| *start > facts.observed_at),
            ..action.clone()
        })
    });
    Some(Scaling {
        targets: targets.collect(),
        policies: policies.collect(),
        actions: actions
            .filter(|action| !is_over(action, facts.observed_at))
            .collect(),
    })
}

/// Returns in words how much there is to be scaled.
pub(super) fn told(scaling: &Scaling) -> String {
    let some = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    format!(
        "{}, {}, {}",
        some(scaling.targets.len(), "scalable target", "scalable targets"),
        some(scaling.policies.len(), "policy", "policies"),
        some(
            scaling.actions.len(),
            "scheduled action",
            "scheduled actions"
        ),
    )
}

/// Tells whether an action will never act again.
fn is_over(action: &ScheduledAction, now: Timestamp) -> bool {
    let ended = action.end.is_some_and(|end| end <= now);
    let once = action.schedule.strip_prefix("at(");
    let once = once.and_then(|text| text.strip_suffix(')')?.parse::<DateTime>().ok());
    let zone = action.timezone.as_deref().map(TimeZone::get);
    let zone = zone.and_then(Result::ok).unwrap_or(TimeZone::UTC);
    let at = once.and_then(|once| once.to_zoned(zone).ok());
    ended || at.is_some_and(|at| at.timestamp() <= now)
}

/// Returns the tags of the old table that the new one gets: AWS's own cannot be set, and a run's are about that run.
pub(super) fn carried_tags(facts: &TableFacts) -> Tags {
    let of_others = |key: &Untrusted| {
        let key = key.raw();
        !key.starts_with("aws:") && !key.starts_with("defib:")
    };
    let before = facts.tags.value().into_iter().flatten();
    before
        .filter(|(key, _)| of_others(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Returns the policy that the new table gets.
pub(super) fn policy(facts: &TableFacts, new: &Named) -> Option<Untrusted> {
    let before = facts.policy.value()?.as_ref()?;
    policy_text::carried(&before.document, &facts.old_arn(), &new.arn)
}

/// Returns the key that what is restored is encrypted with; `None` for the one that `DynamoDB` owns.
pub(super) fn key(facts: &TableFacts) -> Option<&str> {
    match (&facts.backup, facts.described()) {
        (Some(backup), _) => backup.kms_key.as_deref(),
        (None, Some(table)) => table.kms_key.as_deref(),
        (None, None) => None,
    }
}

/// Returns what the stream of the old table holds.
pub(super) fn stream(facts: &TableFacts) -> Option<&str> {
    match (facts.described(), &facts.backup) {
        (Some(table), _) => table.stream.as_deref(),
        (None, Some(backup)) => backup.stream.as_deref(),
        (None, None) => None,
    }
}

/// Returns the Kinesis streams that changes of the new table are to go to. None where it is only looked at: whatever is
/// tried out on it would reach those who go by what happens to the old one, which goes on serving. A stream of another
/// Region takes nothing.
pub(super) fn kinesis(facts: &TableFacts, chosen: &Chosen) -> Vec<Destination> {
    let nowhere = chosen.restore_only || facts.from.is_some();
    if chosen.skip.contains(&Kind::Kinesis) || nowhere {
        return Vec::new();
    }
    facts.kinesis.value().cloned().unwrap_or_default()
}

/// Returns where Contributor Insights are to be on: where they were, as far as the new table has it.
pub(super) fn insights(facts: &TableFacts, chosen: &Chosen) -> Vec<Insights> {
    if chosen.skip.contains(&Kind::Insights) {
        return Vec::new();
    }
    let kept = indexes(facts, chosen);
    let there = |one: &&Insights| {
        let name = one.index.as_ref();
        name.is_none_or(|name| kept.iter().any(|index| index.name == *name))
    };
    let before = facts.insights.value().into_iter().flatten();
    before.filter(there).cloned().collect()
}

/// Returns in words of what keys are recorded.
pub(super) fn recorded(insights: &Insights) -> String {
    let index = insights.index.as_ref();
    index.map_or_else(
        || "the table".to_owned(),
        |name| format!("index {}", shown(name)),
    )
}

/// Returns the attribute of the old table's time to live, where that was on.
pub(super) fn ttl(facts: &TableFacts) -> Option<&str> {
    if facts.described().is_none() {
        return facts.backup.as_ref()?.ttl.as_deref();
    }
    let known = facts.ttl.value()?.as_ref()?;
    let on = matches!(known.status.as_str(), "ENABLED" | "ENABLING");
    on.then_some(known.attribute.as_str())
}
