//! What a person is asked to do: look at the restored table, lead the application to it where no parameter does, and
//! judge the application. Commands are complete enough to be pasted.

use crate::domain::identity::GATE_LINE;
use crate::domain::plan::{Gate, Ref};
use crate::domain::text::shown;
use crate::domain::words;
use crate::restore::flows::command;
use crate::restore::operation::Operation;
use crate::restore::operations::dynamodb_ready::TableIsReady;

use super::prepared::Prepared;
use super::settings;
use super::steps::RESTORE;
use super::switch::{frozen_before, lifting};
use super::triggers;

/// Asks for a look at what was restored, before anything uses it.
pub(super) fn look(prepared: &Prepared) -> Gate {
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let at = words::instant(prepared.at);
    let command = |rest: &str| {
        let options = command::options(&prepared.facts.place);
        let table = command::word(&prepared.new.name, "TABLE");
        format!("  aws dynamodb {rest} {options} --table-name {table}")
    };
    let mut lines = vec![
        format!("Look at {new}, which was restored with the data of {at}."),
        "Is it the data you want back?".to_owned(),
        command("scan --max-items 5"),
    ];
    lines.extend(one_item(prepared).map(|key| format!("{} --key '{key}'", command("get-item"))));
    lines.push(
        "AWS counts the items of a table about every six hours: a count of 0 says nothing yet."
            .to_owned(),
    );
    if let Some(region) = prepared.facts.stays_in() {
        lines.push(format!(
            "What was written to {old} in {region} after {at} is not in it, and stays there."
        ));
    }
    if prepared.facts.source.is_some() {
        lines.push(format!(
            "What was written to {old} after {at} is not in it, and stays in {old}."
        ));
    }
    if settings::ttl(prepared.facts).is_some() {
        lines.push("Time to live is off: what has expired since then is in it again.".to_owned());
    }
    if !prepared.chosen.restore_only && !prepared.same_name() {
        lines.push(GATE_LINE.to_owned());
    }
    lines.push(next(prepared));
    with_check(lines)
}

/// The key of an item to be filled in; `None` where its types are not known or a name could mean something to a shell.
fn one_item(prepared: &Prepared) -> Option<String> {
    let keys = &prepared.facts.described()?.keys;
    let one = |key: &crate::domain::dynamodb::Key| {
        let name = command::word(&key.attribute, "");
        let known = matches!(key.scalar.as_str(), "S" | "N" | "B") && !name.is_empty();
        known.then(|| format!("\"{name}\": {{\"{}\": \"…\"}}", key.scalar))
    };
    let all: Option<Vec<String>> = keys.iter().map(one).collect();
    Some(format!("{{{}}}", all?.join(", ")))
}

fn next(prepared: &Prepared) -> String {
    let new = shown(&prepared.new.name);
    if prepared.chosen.restore_only {
        return if prepared.chosen.replicas.is_empty() {
            format!(
                "Answer when you have what you need. Nothing else changes: {new} is kept as it is."
            )
        } else {
            format!("Answer yes to have the replicas of {new} made. Nothing else changes.")
        };
    }
    match &prepared.pointer {
        Some(pointer) => format!(
            "Answer yes to set {} to {new}: applications use it from then on.",
            shown(&pointer.parameter)
        ),
        None if prepared.same_name() => {
            format!("Applications find {new} under its old name. Answer yes to go on.")
        }
        None => "Answer yes to go on: you are asked to lead the application to it.".to_owned(),
    }
}

/// The two tables, with their Regions where these differ: their names may be the same then.
pub(super) fn called(prepared: &Prepared) -> (String, String) {
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    match &prepared.facts.from {
        None => (old, new),
        Some(from) => (
            format!("{old} in {}", from.region),
            format!("{new} in {}", prepared.facts.place.region),
        ),
    }
}

/// Asks for the switch-over where no parameter was named.
pub(super) fn switch(prepared: &Prepared) -> Gate {
    let (old, new) = called(prepared);
    with_check(vec![
        format!("Lead the application to {new}: wherever its configuration names {old}."),
        "Configuration, environment variables, policies that name the table, caches that know it."
            .to_owned(),
        format!("The new ARN is {}", shown(&prepared.new.arn)),
        "Answer yes once that is done.".to_owned(),
    ])
}

/// Asks for the way back.
pub(super) fn switch_back(prepared: &Prepared) -> Gate {
    let (old, new) = called(prepared);
    let mut lines = vec![format!(
        "Lead the application back to {old}, wherever its configuration names {new} now."
    )];
    if prepared.facts.source.is_none() && prepared.facts.stays_in().is_none() {
        lines.push(format!(
            "There was no table {old} when this plan was made: without one the application has none."
        ));
    }
    if let Some(policy) = frozen_before(prepared) {
        lines.push(format!(
            "Writes to {old} have been denied since before this run, and it cannot be written to until that is lifted:"
        ));
        lines.push(format!("  {}", lifting(prepared, policy)));
    }
    lines.push("Answer yes once that is done.".to_owned());
    Gate::Person {
        instructions: lines,
        check: None,
    }
}

/// Asks whether the application is healthy, after the switch-over.
pub(super) fn healthy(prepared: &Prepared) -> Gate {
    let (old, new) = called(prepared);
    let mut lines = vec![format!(
        "Is the application healthy with {new}, and does it use it?"
    )];
    lines.extend(triggers::asked(prepared));
    lines.push(match (&prepared.freeze, prepared.ttl()) {
        (Some(_), _) => format!("Answer yes to go on: then nobody writes to {old} any more."),
        (None, Some(_)) => "Answer yes to go on: time to live comes last.".to_owned(),
        (None, None) if !prepared.chosen.replicas.is_empty() => {
            "Answer yes to go on: the replicas come last.".to_owned()
        }
        (None, None) => "Answer yes to finish.".to_owned(),
    });
    lines.push(if prepared.same_name() {
        format!("Otherwise roll back: {new} stays as it is.")
    } else {
        format!("Otherwise roll back: the application is led to {old} again, and {new} stays.")
    });
    lines.push(
        "Your yes counts while the table and its indexes are active; otherwise you are asked again."
            .to_owned(),
    );
    with_check(lines)
}

/// By reference to what was restored: what a person leads an application to is in service.
fn with_check(instructions: Vec<String>) -> Gate {
    let check = TableIsReady {
        table: Ref::output(RESTORE, "table"),
    };
    Gate::Person {
        instructions,
        check: Some(check.call()),
    }
}
