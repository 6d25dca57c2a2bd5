//! What reads the stream: Lambda's mappings, made disabled with the settings and switched with the application.
//!
//! The new one is enabled before the application moves: it reads from the end of its stream. The old one is disabled
//! once the application is healthy, after a freeze: what it has not handled waits a day, and is lost to the function
//! then. No record is in both streams, so none is handled twice; what time to live deletes would be, in either table,
//! but that is enabled later. The way back is the same the other way round.

use crate::domain::plan::{Impact, Ref, Step, Undo};
use crate::domain::text::shown;
use crate::domain::trigger::{Reading, Trigger};
use crate::restore::operation::Operation;
use crate::restore::operations::lambda_mapping::{CreateMapping, DisableMapping, EnableMapping};

use super::chosen::Chosen;
use super::facts::TableFacts;
use super::given_back::Given;
use super::prepared::Prepared;
use super::settings::{self, Kind, Setting};
use super::steps::{Chain, STREAM, step, undo, usual};

/// Returns the mappings that the new table gets. None where it gets no stream.
pub(super) fn given(facts: &TableFacts, chosen: &Chosen) -> Vec<Trigger> {
    let unwanted = [Kind::Triggers, Kind::Stream];
    let skipped = unwanted.iter().any(|kind| chosen.skip.contains(kind));
    // A function is called with what happens in its own Region.
    if skipped || facts.from.is_some() || settings::stream(facts).is_none() {
        return Vec::new();
    }
    let before = facts.triggers.value().into_iter().flatten();
    let carried = before.filter(|one| lacking(facts, one).is_none());
    carried.cloned().collect()
}

/// Why a mapping is not given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lacking {
    /// Its function is another account's, or none at all.
    Elsewhere,
    /// Its filters were not told: without them the function would be called with everything.
    Filters,
    /// Somebody is deleting it.
    Going,
}

/// Says why a mapping is not given back; `None` if it is.
pub(super) fn lacking(facts: &TableFacts, trigger: &Trigger) -> Option<Lacking> {
    if trigger.reading.account() != Some(facts.place.account.as_str()) {
        Some(Lacking::Elsewhere)
    } else if trigger.hidden.is_some() {
        Some(Lacking::Filters)
    } else if trigger.state == "Deleting" {
        Some(Lacking::Going)
    } else {
        None
    }
}

/// Returns the name of a function as people know it, with its version or alias.
pub(super) fn called(reading: &Reading) -> String {
    let name = reading.function.split_once(":function:");
    shown(name.map_or(reading.function.as_str(), |(_, name)| name))
}

fn id(number: usize) -> String {
    format!("trigger-{number}")
}

/// The step that makes a mapping, switched off.
pub(super) fn created(prepared: &Prepared, trigger: &Trigger, number: usize) -> Given {
    let call = CreateMapping {
        table: prepared.new.name.clone(),
        stream: Ref::output(STREAM, "stream"),
        reading: trigger.reading.clone(),
    };
    let (function, new) = (called(&trigger.reading), shown(&prepared.new.name));
    Given {
        id: id(number),
        title: format!("map the stream of {new} to the function {function}, disabled"),
        why: "the function reads the stream of the old table, and does not know this one; nothing is called yet",
        call: call.call(),
        expected: usual::ENABLE,
    }
}

/// The mappings that are to be enabled, each with its number.
fn to_be_enabled<'a>(prepared: &'a Prepared) -> impl Iterator<Item = (usize, &'a Trigger)> {
    let all = prepared
        .settings
        .iter()
        .filter_map(|setting| match setting {
            Setting::Trigger(trigger) => Some(trigger),
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
            | Setting::Alarm(_)
            | Setting::TimeToLive(_) => None,
        });
    (1..).zip(all).filter(|(_, trigger)| trigger.is_on())
}

/// Adds what has functions called with what happens in the new table.
pub(super) fn enabled(prepared: &Prepared, chain: &mut Chain) {
    let new = &prepared.new.name;
    for (number, trigger) in to_be_enabled(prepared) {
        let mapping = || Ref::output(&id(number), "mapping");
        let function = || trigger.reading.function.clone();
        let there = EnableMapping {
            table: new.clone(),
            mapping: mapping(),
            function: function(),
        };
        let back = DisableMapping {
            table: new.clone(),
            mapping: mapping(),
            function: function(),
        };
        let (called, new) = (called(&trigger.reading), shown(new));
        chain.push(Step {
            call: Some(there.call()),
            impact: Impact::Changes,
            expected: usual::ENABLE,
            keeps_found: true,
            undo: vec![Undo {
                call: Some(back.call()),
                expected: usual::ENABLE,
                ..undo(format!("call {called} no longer with what changes in {new}"))
            }],
            ..step(
                &format!("enable-trigger-{number}"),
                format!("call {called} with what changes in {new}"),
                "it reads from now on: what would be written before that is lost to the function, so it comes first",
            )
        });
    }
}

/// Adds what has functions called no longer with what happens in the old table, if that is there.
pub(super) fn disabled(prepared: &Prepared, chain: &mut Chain) {
    if prepared.facts.source.is_none() {
        return;
    }
    let old = &prepared.old.name;
    for (number, trigger) in to_be_enabled(prepared) {
        let mapping = || Ref::Known(trigger.mapping.clone());
        let function = || trigger.reading.function.clone();
        let there = DisableMapping {
            table: old.clone(),
            mapping: mapping(),
            function: function(),
        };
        let back = EnableMapping {
            table: old.clone(),
            mapping: mapping(),
            function: function(),
        };
        let (called, old) = (called(&trigger.reading), shown(old));
        chain.push(Step {
            call: Some(there.call()),
            impact: Impact::Changes,
            expected: usual::ENABLE,
            keeps_found: true,
            undo: vec![Undo {
                call: Some(back.call()),
                expected: usual::ENABLE,
                ..undo(format!("call {called} with what changes in {old} again"))
            }],
            ..step(
                &format!("disable-old-trigger-{number}"),
                format!("call {called} no longer with what changes in {old}"),
                "what time to live deletes there would be handled beside what it deletes in the new table",
            )
        });
    }
}

/// What a person is told who judges the application.
pub(super) fn asked(prepared: &Prepared) -> Option<String> {
    let called: Vec<String> = to_be_enabled(prepared)
        .map(|(_, trigger)| called(&trigger.reading))
        .collect();
    if called.is_empty() {
        return None;
    }
    let (called, new) = (called.join(", "), shown(&prepared.new.name));
    let then = if prepared.facts.source.is_some() {
        "; with yes they are called no longer with what changes in the old table"
    } else {
        ""
    };
    Some(format!(
        "Functions that are called with what changes in {new}: {called}{then}."
    ))
}
