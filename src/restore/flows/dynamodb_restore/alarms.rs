//! The alarms of a restored table: copies of those that watch the old one, with the new one's name in them.
//!
//! The old ones are left as they are. Under its old name a table is watched again by whatever alarm is still there;
//! only those that are gone, too, are made anew.

use std::collections::BTreeSet;

use crate::domain::alarm::{Alarm, Alarms, copied_name};
use crate::domain::facts::Fact;
use crate::domain::text::listed;

use super::chosen::Chosen;
use super::facts::TableFacts;
use super::prepared::{Named, Prepared};
use super::settings::{Kind, Setting, indexes};

/// Lets the facts have what was found. Where the table is gone and no alarm is left, the file knows what there was.
pub(super) fn found(facts: &mut TableFacts, found: Fact<Alarms>) {
    let nothing = found.value().is_none_or(|found| found.metric.is_empty());
    if nothing && facts.source.is_none() && facts.before.is_some() {
        return;
    }
    facts.alarms = found;
}

/// Returns a copy of every alarm, under the names that they would have.
pub(super) fn copies(facts: &TableFacts, new: &str) -> Vec<Alarm> {
    let old = facts.name.as_str();
    let mut names = BTreeSet::new();
    let before = facts.alarms.value().into_iter();
    let mut all = Vec::new();
    for alarm in before.flat_map(|alarms| &alarms.metric) {
        let name = copied_name(&alarm.name, old, new, &names);
        names.insert(name.clone());
        all.push(alarm.for_table(name, old, new));
    }
    all
}

/// Why an alarm is not given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It is there, and watches the table again under its old name.
    There,
    /// It says something that this defib does not know.
    Beyond(String),
    /// It watches an index that is left out.
    Index(String),
    /// It watches the stream of the old table.
    Stream,
}

/// Returns the copies, each with the reason why it is not made, if there is one.
pub(super) fn all(facts: &TableFacts, chosen: &Chosen, new: &Named) -> Vec<(Alarm, Option<Left>)> {
    let same_name = new.name == facts.name;
    let taken = facts.taken.value().map(Vec::as_slice).unwrap_or_default();
    let kept = indexes(facts, chosen);
    let left = |copy: &Alarm| {
        let out = |name: &&str| !kept.iter().any(|index| index.name == **name);
        let index = copy.indexes(&new.name).into_iter().find(out);
        if same_name && taken.contains(&copy.name) {
            Some(Left::There)
        } else if let Some(beyond) = &copy.beyond {
            Some(Left::Beyond(beyond.clone()))
        } else if copy.watches_stream(&new.name) {
            Some(Left::Stream)
        } else {
            index.map(|name| Left::Index(name.to_owned()))
        }
    };
    let copies = copies(facts, &new.name).into_iter();
    copies
        .map(|copy| (left(&copy), copy))
        .map(|(left, copy)| (copy, left))
        .collect()
}

/// Returns the alarms that the new table gets.
pub(super) fn given_back(facts: &TableFacts, chosen: &Chosen, new: &Named) -> Vec<Alarm> {
    // What an alarm acts on is in its own Region.
    if chosen.skip.contains(&Kind::Alarms) || facts.from.is_some() {
        return Vec::new();
    }
    let all = all(facts, chosen, new).into_iter();
    all.filter(|(_, left)| left.is_none())
        .map(|(copy, _)| copy)
        .collect()
}

/// Returns the names of the alarms that are to act once the application is led over: those whose old ones do.
pub(super) fn to_unmute(settings: &[Setting]) -> Vec<String> {
    let acting = settings.iter().filter_map(|setting| match setting {
        Setting::Alarm(alarm) => alarm.acts.then(|| alarm.name.clone()),
        Setting::Recovery(_)
        | Setting::Tags(_)
        | Setting::DeletionProtection
        | Setting::Class(_)
        | Setting::Capacity(..)
        | Setting::ScalableTarget(_)
        | Setting::ScalingPolicy(_)
        | Setting::ScheduledAction(_)
        | Setting::Policy(_)
        | Setting::Stream(_)
        | Setting::Kinesis(_)
        | Setting::Insights(_)
        | Setting::Trigger(_)
        | Setting::TimeToLive(_) => None,
    });
    acting.collect()
}

/// Says what becomes of the alarms, for the form; `None` where there is nothing to be done.
pub(super) fn told(facts: &TableFacts, prepared: &Prepared) -> Option<String> {
    let given = given_back(facts, &prepared.chosen, &prepared.new);
    let names: Vec<String> = given.iter().map(|alarm| alarm.name.clone()).collect();
    if names.is_empty() {
        return None;
    }
    let muted = if prepared.chosen.restore_only {
        "muted"
    } else {
        "muted until the switch-over"
    };
    Some(format!("{} ({muted})", listed(&names)))
}
