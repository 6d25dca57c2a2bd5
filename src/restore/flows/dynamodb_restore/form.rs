//! The fidelity table: for every setting of the old table what will be done, and what AWS gives by itself.
//!
//! It never fails: what does not fit, or is still asked for, is shown as it was typed, planning says what is wrong, and
//! everything else stands as it would be done.

mod lines;

use crate::domain::facts::Fact;
use crate::domain::form::{Choices, Field, FieldSpec, Form, ValueFrom};
use crate::domain::text::shown;
use crate::domain::words;
use crate::restore::flow::FlowError;

use super::chosen::TO_REGION;
use super::facts::{Before, TableFacts};
use super::last_seen::WORD;
use super::prepared::Prepared;
use super::settings::{self, Kind, STANDARD};
use lines::{billing, key, list, setting};

/// Lines that cannot be chosen, behind those that can: every setting there is.
const DERIVED: &[&str] = &[
    "recovery",
    "tags",
    "deletion-protection",
    "class",
    "capacity",
    "indexes",
    "encryption",
    "auto-scaling",
    "policy",
    "stream",
    "time-to-live",
    "kinesis",
    "insights",
    "replicas",
    "alarms",
    "triggers",
];

/// A value fit to be shown, and where it comes from.
type Line = (Option<String>, ValueFrom);

/// Makes the table in the order of the fields, with the settings behind it.
pub(super) fn form(facts: &TableFacts, choices: &Choices, specs: &[FieldSpec]) -> Form {
    let settled = settled(facts, choices);
    let table = Table {
        facts,
        choices,
        open: &settled.1,
        prepared: Prepared::of(facts, &settled.0).ok(),
    };
    let named = specs.iter().map(|spec| spec.name);
    named
        .chain(DERIVED.iter().copied())
        .map(|name| table.line(name))
        .collect()
}

/// The choices without those that do not fit, with something in place of what is still asked for; and the fields at
/// fault.
fn settled(facts: &TableFacts, choices: &Choices) -> (Choices, Vec<String>) {
    let mut choices = choices.clone();
    let mut open: Vec<String> = Vec::new();
    loop {
        match Prepared::of(facts, &choices) {
            Err(FlowError::Choice { field, .. }) if !open.contains(&field) => {
                choices = without(&choices, &field, facts);
                open.push(field);
            }
            _other => return (choices, open),
        }
    }
}

/// Where there is nothing to propose, the instant at which the facts were read; it is shown nowhere.
fn without(choices: &Choices, field: &str, facts: &TableFacts) -> Choices {
    let mut without = Choices::default();
    for spec in super::FIELDS {
        if spec.name != field && choices.flag(spec.name) {
            let values = choices.many(spec.name);
            without.set_many(spec.name, values.into_iter().map(str::to_owned).collect());
        }
    }
    match field {
        "at" if facts.backup.is_none() => without.set("at", facts.observed_at.to_string()),
        "table" if facts.backup.is_none() => without.set("table", facts.name.clone()),
        _left_out => {}
    }
    without
}

struct Table<'a> {
    facts: &'a TableFacts,
    choices: &'a Choices,
    open: &'a [String],
    prepared: Option<Prepared<'a>>,
}

impl Table<'_> {
    fn line(&self, name: &str) -> Field {
        let at_fault = self.open.iter().any(|open| open == name);
        let typed = || match self.choices.one(name) {
            Some(typed) => (Some(shown(typed)), ValueFrom::Yours),
            None => (None, ValueFrom::Missing),
        };
        let (value, from) = if at_fault {
            typed()
        } else {
            self.worked_out(name).unwrap_or_else(typed)
        };
        Field {
            name: name.to_owned(),
            value,
            from,
            aws_default: aws_default(name).map(str::to_owned),
        }
    }

    fn or_yours(&self, name: &str, from: ValueFrom) -> ValueFrom {
        if self.choices.flag(name) {
            ValueFrom::Yours
        } else {
            from
        }
    }

    fn saved(&self) -> Line {
        if self.facts.stays_in().is_some() {
            return (Some("none".to_owned()), ValueFrom::Proposed);
        }
        let since = |before: &Before| {
            let word = if before.last_seen { "last seen: " } else { "" };
            format!("{word}those of {}", words::instant(before.at))
        };
        let seen = self.facts.last_seen.as_ref().and_then(Fact::value);
        match (self.facts.before.as_ref().map(since), seen) {
            (Some(since), _) => (Some(since), ValueFrom::Yours),
            (None, Some(at)) => {
                let since = words::instant(*at);
                (
                    Some(format!("none; {WORD} has those of {since}")),
                    ValueFrom::Proposed,
                )
            }
            (None, None) => (Some("none".to_owned()), ValueFrom::Proposed),
        }
    }

    fn region(&self) -> String {
        let here = shown(self.facts.place.region.as_str());
        match &self.facts.from {
            None => here,
            Some(from) => format!("{here} (restored from {})", from.region),
        }
    }

    fn worked_out(&self, name: &str) -> Option<Line> {
        let prepared = self.prepared.as_ref()?;
        let field =
            |value: String, unless: ValueFrom| Some((Some(value), self.or_yours(name, unless)));
        match name {
            "table" => field(shown(&self.facts.name), ValueFrom::AsBefore),
            "backup" => match &self.facts.backup {
                Some(backup) => field(shown(&backup.arn), ValueFrom::Yours),
                None => field("none".to_owned(), ValueFrom::Proposed),
            },
            // What stands in for a missing instant names nothing.
            "target" if self.open.iter().any(|open| open == "at") && !self.choices.flag(name) => {
                None
            }
            "target" => field(shown(&prepared.new.name), ValueFrom::Proposed),
            "at" => field(words::instant(prepared.at), ValueFrom::Proposed),
            TO_REGION => field(self.region(), ValueFrom::AsBefore),
            "index" => {
                let kept = settings::indexes(self.facts, &prepared.chosen);
                let names: Vec<&str> = kept.iter().map(|index| index.name.as_str()).collect();
                field(list(&names), ValueFrom::AsBefore)
            }
            "billing" => {
                let capacity = settings::capacity(self.facts, &prepared.chosen)?;
                field(billing(&capacity).to_owned(), ValueFrom::AsBefore)
            }
            "no-indexes" | "freeze" | "restore-only" => {
                let value = if self.choices.flag(name) { "yes" } else { "no" };
                field(value.to_owned(), ValueFrom::Proposed)
            }
            "sse-key" => {
                let chosen = prepared.chosen.kms_key.as_deref();
                field(
                    chosen.map_or_else(|| key(self.facts), shown),
                    ValueFrom::AsBefore,
                )
            }
            "replica" => field(list(&prepared.chosen.replicas), ValueFrom::Proposed),
            "parameter" => match &prepared.pointer {
                Some(pointer) => field(shown(&pointer.parameter), ValueFrom::Yours),
                None if prepared.chosen.restore_only => {
                    field("nothing is led over".to_owned(), ValueFrom::Proposed)
                }
                None => field(
                    "none: you are asked to lead it over".to_owned(),
                    ValueFrom::Proposed,
                ),
            },
            "break-glass" => field(
                list(&prepared.chosen.switch.break_glass),
                ValueFrom::Proposed,
            ),
            "skip" => {
                let skipped = prepared.chosen.skip.iter();
                let all: Vec<&str> = skipped.map(|kind| kind.as_str()).collect();
                field(list(&all), ValueFrom::Proposed)
            }
            "settings" => Some(self.saved()),
            other => setting(self.facts, prepared, other),
        }
    }
}

/// From the developer guide, “Restoring a table to a point in time” and “Restoring a backup”.
fn aws_default(name: &str) -> Option<&'static str> {
    let kinds = [
        (Kind::Recovery, "off"),
        (Kind::Tags, "none"),
        (Kind::DeletionProtection, "no"),
        (Kind::Class, STANDARD),
        (Kind::Capacity, "as what is restored had it"),
        (Kind::AutoScaling, "none"),
        (Kind::Policy, "none"),
        (Kind::Stream, "off"),
        (Kind::Kinesis, "off"),
        (Kind::Insights, "off"),
        (Kind::Triggers, "none"),
        (Kind::Alarms, "none"),
        (Kind::TimeToLive, "off"),
    ];
    let of_kind = kinds.into_iter().find(|(kind, _)| kind.as_str() == name);
    if let Some((_, gives)) = of_kind {
        return Some(gives);
    }
    Some(match name {
        "index" | "indexes" => "all",
        "billing" => "as what is restored had it",
        "sse-key" | "encryption" => "the same key",
        "replica" | "replicas" => "none",
        _other => return None,
    })
}
