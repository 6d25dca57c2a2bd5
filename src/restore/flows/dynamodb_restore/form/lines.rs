//! The lines of the fidelity table that nobody chooses: what is done about each setting.
//! What is not known is said not to be given back.

use crate::domain::dynamodb::{Capacity, Destination};
use crate::domain::facts::Fact;
use crate::domain::form::ValueFrom;
use crate::domain::text::{Untrusted, listed, shown};

use super::super::alarms;
use super::super::facts::TableFacts;
use super::super::prepared::Prepared;
use super::super::replicas;
use super::super::settings;
use super::super::triggers;
use super::Line;

/// Returns the key that what is restored is encrypted with.
pub(super) fn key(facts: &TableFacts) -> String {
    let key = settings::key(facts);
    key.map_or_else(|| "the key that DynamoDB owns".to_owned(), shown)
}

/// What is done about a setting.
pub(super) fn setting(facts: &TableFacts, prepared: &Prepared, name: &str) -> Option<Line> {
    let mut skipped = prepared.chosen.skip.iter();
    if skipped.any(|kind| kind.as_str() == name) {
        return Some((Some("not given back".to_owned()), ValueFrom::Yours));
    }
    if let Some(left) = left_behind(facts, name) {
        return Some(left);
    }
    let source = facts.described();
    let chosen = &prepared.chosen;
    Some(match name {
        "recovery" => of_fact(&facts.recovery, |recovery| {
            recovery.days.map(|days| format!("{days} days"))
        }),
        "tags" => of_fact(&facts.tags, |_| {
            let own = settings::carried_tags(facts);
            let keys: Vec<String> = own.keys().map(Untrusted::shown).collect();
            (!keys.is_empty()).then(|| format!("{}: {}", keys.len(), listed(&keys)))
        }),
        "deletion-protection" => as_before(source.map(|source| yes(source.deletion_protection))),
        "class" => as_before(source.map(|source| shown(&source.class))),
        "capacity" => as_before(settings::capacity(facts, chosen).map(|held| told(&held))),
        "indexes" => {
            let kept = settings::indexes(facts, chosen).len();
            let all = settings::all_indexes(facts).len();
            (Some(format!("{kept} of {all}")), ValueFrom::AsBefore)
        }
        "encryption" => (
            Some(chosen.kms_key.as_deref().map_or_else(|| key(facts), shown)),
            if chosen.kms_key.is_some() {
                ValueFrom::Yours
            } else {
                ValueFrom::AsBefore
            },
        ),
        "auto-scaling" => scaling(facts, prepared),
        "policy" => of_fact(&facts.policy, |_| {
            let carried = settings::policy(facts, &prepared.new)?;
            Some(format!("{} bytes, with the new ARN", carried.raw().len()))
        }),
        "stream" => as_before(Some(
            replicas::stream(facts, chosen).map_or_else(off, shown),
        )),
        "time-to-live" => time_to_live(facts, prepared),
        "kinesis" => kinesis(facts, prepared),
        "insights" => of_fact(&facts.insights, |_| {
            let all = settings::insights(facts, chosen);
            let all: Vec<String> = all.iter().map(settings::recorded).collect();
            (!all.is_empty()).then(|| listed(&all))
        }),
        "replicas" => self::replicas(facts, prepared),
        "triggers" => triggers(facts, prepared),
        "alarms" => of_fact(&facts.alarms, |_| alarms::told(facts, prepared)),
        _other => return None,
    })
}

/// What is of the Region that is restored from, and stays there.
fn left_behind(facts: &TableFacts, name: &str) -> Option<Line> {
    let from = facts.from.as_ref()?;
    let any = match name {
        "kinesis" => facts.kinesis.value()?.len(),
        "triggers" => facts.triggers.value()?.len(),
        "alarms" => facts.alarms.value()?.metric.len(),
        _other => 0,
    };
    let told = format!("not given back: {any} in {}", from.region);
    (any > 0).then_some((Some(told), ValueFrom::Proposed))
}

fn scaling(facts: &TableFacts, prepared: &Prepared) -> Line {
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
            settings::told(&scaling)
        })),
    }
}

/// Where the new table is only looked at, its changes go nowhere.
fn kinesis(facts: &TableFacts, prepared: &Prepared) -> Line {
    let before = facts.kinesis.value();
    let told = before.filter(|streams| !streams.is_empty()).map(|streams| {
        let one = |stream: &Destination| match &stream.precision {
            Some(precision) => format!("{} ({precision})", stream.stream),
            None => stream.stream.clone(),
        };
        let all: Vec<String> = streams.iter().map(one).collect();
        listed(&all)
    });
    match told {
        Some(told) if prepared.chosen.restore_only => {
            (Some(format!("not given back: {told}")), ValueFrom::Yours)
        }
        told => of_fact(&facts.kinesis, |_| told),
    }
}

/// Those that were enabled are so again at the switch-over.
fn triggers(facts: &TableFacts, prepared: &Prepared) -> Line {
    let given = triggers::given(facts, &prepared.chosen);
    let told = given.iter().map(|one| {
        let later = if !one.is_on() {
            "disabled, as before"
        } else if prepared.chosen.restore_only {
            "stays disabled"
        } else {
            "enabled at the switch-over"
        };
        format!("{} ({later})", triggers::called(&one.reading))
    });
    let told: Vec<String> = told.collect();
    let any = facts.triggers.value().is_some_and(|all| !all.is_empty());
    match told.is_empty() {
        true if any => (Some("not given back".to_owned()), ValueFrom::Proposed),
        true => of_fact(&facts.triggers, |_| None),
        false => as_before(Some(told.join(", "))),
    }
}

/// What the old table has, and what is made; a replica is made where one was asked for, whatever there was.
fn replicas(facts: &TableFacts, prepared: &Prepared) -> Line {
    let told = replicas::told(facts, &prepared.chosen);
    match told {
        None => as_before(Some(off())),
        Some(told) if prepared.chosen.replicas.is_empty() => (Some(told), ValueFrom::Proposed),
        Some(told) => (Some(told), ValueFrom::Yours),
    }
}

fn time_to_live(facts: &TableFacts, prepared: &Prepared) -> Line {
    match (settings::ttl(facts), prepared.ttl()) {
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
        (None, _) if facts.described().is_none() => as_before(Some(off())),
        (None, _) => of_fact(&facts.ttl, |_| None),
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

fn off() -> String {
    "none".to_owned()
}

fn yes(on: bool) -> String {
    if on { "yes" } else { "no" }.to_owned()
}

pub(super) fn list<T: AsRef<str>>(all: &[T]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    if all.is_empty() { off() } else { listed(&all) }
}

pub(super) fn billing(capacity: &Capacity) -> &'static str {
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
