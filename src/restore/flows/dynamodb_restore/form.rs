//! The fidelity table: for every setting of the old table what will be done, and what AWS gives by itself.
//!
//! It never fails: what does not fit, or is still asked for, is shown as it was typed, planning says what is wrong, and
//! everything else stands as it would be done.

use crate::domain::dynamodb::Capacity;
use crate::domain::facts::Fact;
use crate::domain::form::{Choices, Field, FieldSpec, Form, ValueFrom};
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::restore::flow::FlowError;

use super::facts::TableFacts;
use super::prepared::Prepared;
use super::settings::{self, Kind, STANDARD};

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
                let key = prepared.chosen.kms_key.as_deref();
                field(key.map_or_else(|| self.key(), shown), ValueFrom::AsBefore)
            }
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
                let all: Vec<&str> = prepared
                    .chosen
                    .skip
                    .iter()
                    .map(|kind| kind.as_str())
                    .collect();
                field(list(&all), ValueFrom::Proposed)
            }
            other => self.setting(other, prepared),
        }
    }

    fn key(&self) -> String {
        let of_backup = self.facts.backup.as_ref();
        let of_table = self.facts.source.as_ref();
        let key = of_backup.map_or_else(
            || of_table.and_then(|table| table.kms_key.as_deref()),
            |backup| backup.kms_key.as_deref(),
        );
        key.map_or_else(|| "the key that DynamoDB owns".to_owned(), shown)
    }

    /// What is done about a setting.
    fn setting(&self, name: &str, prepared: &Prepared) -> Option<Line> {
        let skipped = prepared
            .chosen
            .skip
            .iter()
            .any(|kind| kind.as_str() == name);
        if skipped {
            return Some((Some("not given back".to_owned()), ValueFrom::Yours));
        }
        let source = self.facts.source.as_ref();
        let (facts, chosen) = (self.facts, &prepared.chosen);
        Some(match name {
            "recovery" => of_fact(&facts.recovery, |recovery| {
                recovery.days.map(|days| format!("{days} days"))
            }),
            "tags" => of_fact(&facts.tags, |_| {
                let own = settings::carried_tags(facts);
                let keys: Vec<String> = own.keys().map(Untrusted::shown).collect();
                (!keys.is_empty()).then(|| format!("{}: {}", keys.len(), shown(&keys.join(", "))))
            }),
            "deletion-protection" => {
                as_before(source.map(|source| yes(source.deletion_protection)))
            }
            "class" => as_before(source.map(|source| shown(&source.class))),
            "capacity" => as_before(settings::capacity(facts, chosen).map(|held| told(&held))),
            "indexes" => {
                let kept = settings::indexes(facts, chosen).len();
                let all = settings::all_indexes(facts).len();
                (Some(format!("{kept} of {all}")), ValueFrom::AsBefore)
            }
            "encryption" => (
                Some(chosen.kms_key.as_deref().map_or_else(|| self.key(), shown)),
                if chosen.kms_key.is_some() {
                    ValueFrom::Yours
                } else {
                    ValueFrom::AsBefore
                },
            ),
            "auto-scaling" => self.scaling(prepared),
            "policy" => of_fact(&facts.policy, |_| {
                let carried = settings::policy(facts, &prepared.new)?;
                Some(format!("{} bytes, with the new ARN", carried.raw().len()))
            }),
            "stream" => as_before(Some(settings::stream(facts).map_or_else(off, shown))),
            "time-to-live" => self.time_to_live(prepared),
            "kinesis" => self.left(&facts.kinesis, |streams| {
                (!streams.is_empty()).then(|| shown(&streams.join(", ")))
            }),
            "insights" => self.left(&facts.insights, |on| on.then(|| "on".to_owned())),
            "replicas" => as_left(
                source
                    .map(|source| &source.replicas)
                    .filter(|all| !all.is_empty())
                    .map(|all| shown(&all.join(", "))),
            ),
            "alarms" | "triggers" => (
                Some("not looked at, and not carried over".to_owned()),
                ValueFrom::Proposed,
            ),
            _other => return None,
        })
    }

    fn scaling(&self, prepared: &Prepared) -> Line {
        let facts = self.facts;
        let any = facts
            .scaling
            .value()
            .is_some_and(|held| !held.targets.is_empty());
        match settings::scaling(facts, &prepared.chosen, &prepared.new.name) {
            None if any => (
                Some("none: paid by request".to_owned()),
                ValueFrom::Proposed,
            ),
            None => of_fact(&facts.scaling, |_| None),
            Some(scaling) => as_before(Some(if scaling.targets.is_empty() {
                "none".to_owned()
            } else {
                format!(
                    "{} targets, {} policies, {} scheduled actions",
                    scaling.targets.len(),
                    scaling.policies.len(),
                    scaling.actions.len()
                )
            })),
        }
    }

    fn time_to_live(&self, prepared: &Prepared) -> Line {
        match (settings::ttl(self.facts), prepared.ttl()) {
            (Some(_), Some(attribute)) => (
                Some(format!(
                    "by {}, last, behind a typed name",
                    shown(attribute)
                )),
                ValueFrom::AsBefore,
            ),
            (Some(attribute), None) => (
                Some(format!("off; it was by {}", shown(attribute))),
                ValueFrom::Yours,
            ),
            (None, _) if self.facts.source.is_none() => as_before(Some(off())),
            (None, _) => of_fact(&self.facts.ttl, |_| None),
        }
    }

    /// What is not carried over.
    fn left<T>(&self, fact: &Fact<T>, there: impl FnOnce(&T) -> Option<String>) -> Line {
        match fact.value() {
            None if self.facts.source.is_none() => as_left(None),
            None => (Some("not known".to_owned()), ValueFrom::Missing),
            Some(value) => as_left(there(value)),
        }
    }
}

fn of_fact<T>(fact: &Fact<T>, told: impl FnOnce(&T) -> Option<String>) -> Line {
    match fact.value() {
        Some(value) => as_before(Some(told(value).unwrap_or_else(off))),
        None => as_before(None),
    }
}

/// What is not known is not given back.
fn as_before(value: Option<String>) -> Line {
    match value {
        Some(value) => (Some(value), ValueFrom::AsBefore),
        None => (
            Some("not known, and not given back".to_owned()),
            ValueFrom::AwsDefault,
        ),
    }
}

fn as_left(there: Option<String>) -> Line {
    match there {
        Some(there) => (
            Some(format!("not carried over: {there}")),
            ValueFrom::Proposed,
        ),
        None => (Some(off()), ValueFrom::AsBefore),
    }
}

fn off() -> String {
    "none".to_owned()
}

fn yes(on: bool) -> String {
    if on { "yes" } else { "no" }.to_owned()
}

fn list<T: AsRef<str>>(all: &[T]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    if all.is_empty() {
        off()
    } else {
        shown(&all.join(", "))
    }
}

fn billing(capacity: &Capacity) -> &'static str {
    if capacity.on_demand {
        "on-demand"
    } else {
        "provisioned"
    }
}

fn told(capacity: &Capacity) -> String {
    if !capacity.on_demand {
        return format!("{} read, {} write", capacity.read, capacity.write);
    }
    let limits: Vec<String> = [("read", capacity.max_read), ("write", capacity.max_write)]
        .into_iter()
        .filter_map(|(name, most)| Some(format!("{name} at most {}", most?)))
        .collect();
    if limits.is_empty() {
        "by request".to_owned()
    } else {
        format!("by request, {}", limits.join(", "))
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
        "kinesis" | "insights" => "off",
        "replicas" | "alarms" | "triggers" => "none",
        _other => return None,
    })
}
