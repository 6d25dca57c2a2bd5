//! Facts and choices brought together, once, for the plan, its form and its checks.
//! They must not work them out differently.

use jiff::Timestamp;

use crate::domain::dynamodb::{Holds, Overrides};
use crate::domain::form::Choices;
use crate::domain::text::{Untrusted, listed, shown};
use crate::restore::flow::FlowError;

use super::chosen::{Chosen, Indexes, Subject, choice, proposed};
use super::facts::TableFacts;
use super::policy_text;
use super::replicas;
use super::settings::{Setting, all_indexes, overrides, settings};

/// A table by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    pub arn: String,
}

/// The parameter by which applications find the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    pub parameter: String,
    /// Whether its value is the ARN of the table, and not its name.
    pub by_arn: bool,
}

/// Denying writes to the old table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Freeze {
    /// The policy under which nobody writes.
    pub policy: Untrusted,
    /// The policy that is there, with its revision.
    pub before: Option<(Untrusted, String)>,
}

/// What the steps are made from.
pub(super) struct Prepared<'a> {
    pub facts: &'a TableFacts,
    pub chosen: Chosen,
    /// The old table, which may be gone.
    pub old: Named,
    pub new: Named,
    /// The instant whose data is restored.
    pub at: Timestamp,
    pub overrides: Overrides,
    pub settings: Vec<Setting>,
    /// `None` where a person leads the application to the table.
    pub pointer: Option<Pointer>,
    pub freeze: Option<Freeze>,
}

impl<'a> Prepared<'a> {
    /// Brings them together.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by what is missing or does not fit.
    pub(super) fn of(facts: &'a TableFacts, choices: &Choices) -> Result<Self, FlowError> {
        let chosen = Chosen::of(choices, facts.observed_at)?;
        let at = at(facts, &chosen)?;
        let name = target(facts, &chosen, at)?;
        let new = Named {
            arn: facts.arn_of(&name),
            name,
        };
        known_indexes(facts, &chosen)?;
        replicas::elsewhere(facts, &chosen, &new.name)?;
        Ok(Self {
            facts,
            at,
            old: Named {
                name: facts.name.clone(),
                arn: facts.old_arn(),
            },
            overrides: overrides(facts, &chosen),
            settings: settings(facts, &chosen, &new),
            pointer: pointer(facts, &chosen, &new)?,
            freeze: freeze(facts, &chosen)?,
            new,
            chosen,
        })
    }

    /// Tells whether the new table is found where the old one was, which is gone: under its name, and in its Region.
    pub(super) fn same_name(&self) -> bool {
        self.new.arn == self.old.arn
    }

    /// Returns the attribute whose time to live is to be enabled.
    pub(super) fn ttl(&self) -> Option<&str> {
        self.settings.iter().find_map(|setting| match setting {
            Setting::TimeToLive(attribute) => Some(attribute.as_str()),
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
            | Setting::Alarm(_) => None,
        })
    }
}

/// Whose data is restored: a backup knows it, of a window it is asked for.
fn at(facts: &TableFacts, chosen: &Chosen) -> Result<Timestamp, FlowError> {
    match (&chosen.subject, &facts.backup) {
        (Subject::Backup { table, .. }, Some(backup)) => match table {
            Some(table) if *table != backup.table => {
                let of = shown(&backup.table);
                Err(choice("table", format!("the backup is of {of}")))
            }
            Some(_) | None => Ok(backup.taken_at),
        },
        (Subject::Backup { .. }, None) => Err(choice("backup", "it was not read")),
        (Subject::Table(_), _) => chosen.at.ok_or_else(|| {
            choice(
                "at",
                "say whose data you want, the second before it went wrong: 2026-03-10T14:04:59Z, or 38m ago",
            )
        }),
    }
}

fn target(facts: &TableFacts, chosen: &Chosen, at: Timestamp) -> Result<String, FlowError> {
    let gone = facts.source.is_none();
    let name = chosen.target.clone();
    let name = name.unwrap_or_else(|| proposed(&facts.name, gone, at));
    if !gone && name == facts.name {
        let why = "that is the table itself, and DynamoDB restores into a new one: name another, which the application is led to";
        return Err(choice("target", why));
    }
    Ok(name)
}

fn known_indexes(facts: &TableFacts, chosen: &Chosen) -> Result<(), FlowError> {
    let Indexes::Only(names) = &chosen.indexes else {
        return Ok(());
    };
    let there: Vec<&str> = all_indexes(facts)
        .iter()
        .map(|index| index.name.as_str())
        .collect();
    match names.iter().find(|name| !there.contains(&name.as_str())) {
        None => Ok(()),
        Some(other) => {
            let why = format!(
                "there is no index “{}”; a restore can leave indexes out and add none: {}",
                shown(other),
                listed(&there)
            );
            Err(choice("index", why))
        }
    }
}

/// Under the old name, applications find the table as it is.
fn pointer(facts: &TableFacts, chosen: &Chosen, new: &Named) -> Result<Option<Pointer>, FlowError> {
    let Some(parameter) = &chosen.switch.parameter else {
        return Ok(None);
    };
    if chosen.restore_only || new.arn == facts.old_arn() {
        return Ok(None);
    }
    let name = "parameter";
    let found = facts.parameter.as_ref();
    let found = found.ok_or_else(|| choice(name, "it was not read"))?;
    let Some(found) = found.value() else {
        let why = found.why_unknown().unwrap_or("no reason given");
        return Err(choice(name, format!("it cannot be read: {why}")));
    };
    // In another Region it may have the same name.
    let holds_it = |found: &crate::domain::dynamodb::Parameter| found.holds == Holds::Name;
    if new.name == facts.name && found.as_ref().is_some_and(holds_it) {
        return Ok(None);
    }
    // One that cannot be switched is told by its check, which stops.
    let by_arn = found
        .as_ref()
        .is_some_and(|found| found.holds == Holds::Arn);
    Ok(Some(Pointer {
        parameter: parameter.clone(),
        by_arn,
    }))
}

fn freeze(facts: &TableFacts, chosen: &Chosen) -> Result<Option<Freeze>, FlowError> {
    let name = "freeze";
    if !chosen.switch.freeze {
        return Ok(None);
    }
    let source = facts.source.as_ref();
    let source = source.ok_or_else(|| match facts.stays_in() {
        None => choice(name, "there is no table to freeze: it is gone"),
        Some(region) => {
            let why = format!(
                "the table is in {region}, where a restore into another Region changes nothing: deny writes to it yourself"
            );
            choice(name, why)
        }
    })?;
    let Some(before) = facts.policy.value() else {
        let why = facts.policy.why_unknown().unwrap_or("no reason given");
        let why = format!("its resource policy cannot be read, and could not be put back: {why}");
        return Err(choice(name, why));
    };
    let document = before.as_ref().map(|policy| &policy.document);
    let policy = policy_text::frozen(document, &source.arn, &chosen.switch.break_glass);
    let policy = policy.ok_or_else(|| choice(name, "its resource policy is not one in JSON"))?;
    let before = before.as_ref();
    Ok(Some(Freeze {
        policy,
        before: before.map(|policy| (policy.document.clone(), policy.revision.clone())),
    }))
}
