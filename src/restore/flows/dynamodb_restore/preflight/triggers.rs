//! What is to be known of the functions that are called with what happens in the table: when which of them reads, what
//! is not given back, and what may refuse it.
//!
//! Functions are not read: whether one is still there, and what its role may do, shows when it is mapped.

use crate::domain::check::Check;
use crate::domain::text::{Untrusted, shown};
use crate::domain::trigger::Trigger;
use crate::domain::words;
use crate::restore::flows::command;

use super::super::prepared::Prepared;
use super::super::settings::Kind;
use super::super::triggers::{Lacking, called, given, lacking};
use super::carried::unread;
use super::{know, unanswered};

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let (kind, facts) = (Kind::Triggers, prepared.facts);
    if facts.described().is_none() || facts.from.is_some() {
        return Vec::new();
    }
    let Some(before) = facts.triggers.value() else {
        return unread(prepared, kind, &facts.triggers)
            .into_iter()
            .collect();
    };
    if before.is_empty() || prepared.chosen.skip.contains(&kind) {
        return Vec::new();
    }
    if prepared.chosen.skip.contains(&Kind::Stream) {
        let found = format!(
            "the new table gets no stream, so no function is called with what changes there: {}",
            named(before.iter())
        );
        return vec![know(kind.as_str(), found).advise("leave stream out of --skip")];
    }
    let given = given(facts, &prepared.chosen);
    let mut checks = Vec::new();
    if !given.is_empty() {
        checks.push(moved(prepared, &given));
    }
    checks.extend(positions(&given));
    checks.extend(moving(&given));
    checks.extend(left_out(prepared, before));
    checks
}

fn named<'a>(all: impl Iterator<Item = &'a Trigger>) -> String {
    let all: Vec<String> = all.map(|one| called(&one.reading)).collect();
    all.join(", ")
}

/// When which of them reads, and what may refuse it.
fn moved(prepared: &Prepared, given: &[Trigger]) -> Check {
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let all = named(given.iter());
    let role = format!(
        "AWS refuses a function whose role may not read the new stream (dynamodb:GetRecords, GetShardIterator, \
         DescribeStream on {}/stream/*), or that is gone: allow it, and resume",
        shown(&prepared.new.arn)
    );
    if prepared.chosen.restore_only {
        let found = format!(
            "{new} is mapped to the same functions as {old}, disabled, and they stay so: what is tried out in it calls \
             none of them: {all}"
        );
        let options = command::options(&prepared.facts.place);
        return know(Kind::Triggers.as_str(), found).advise(format!(
            "once it serves: aws lambda update-event-source-mapping {options} --enabled --uuid UUID. {role}"
        ));
    }
    let on = named(given.iter().filter(|one| one.is_on()));
    if on.is_empty() {
        let found =
            format!("{new} is mapped to the same functions as {old}, disabled as there: {all}");
        return know(Kind::Triggers.as_str(), found).advise(role);
    }
    let found = if prepared.same_name() {
        format!(
            "functions are called with what changes in {new} once you have looked at it: {on}. They read from then on: \
             what applications write there before that, under the old name, is not handled"
        )
    } else {
        format!(
            "functions are called with what changes in {new} from just before the application moves: {on}. Nothing \
             that was restored is handled again; Lambda may take minutes to begin to read, and what is written there \
             until then is missed"
        )
    };
    let found = match &prepared.facts.source {
        Some(_) => format!(
            "{found}. With what changes in {old} they are called until the application is healthy with {new}; what is \
             written to {old} later is not handled. No change is handled twice"
        ),
        None => found,
    };
    know(Kind::Triggers.as_str(), found).advise(format!(
        "write nothing to {new} that they are not to handle; what they did for changes after {} is not taken back. A \
         mapping that is disabled goes on where it was once it is enabled again, within a day. {role}",
        words::instant(prepared.at)
    ))
}

fn positions(given: &[Trigger]) -> Option<Check> {
    let from_the_first = |one: &&Trigger| one.position.as_deref() == Some("TRIM_HORIZON");
    let all = named(given.iter().filter(from_the_first));
    (!all.is_empty()).then(|| {
        know(
            "trigger-position",
            format!(
                "the new mapping begins at LATEST, and not at TRIM_HORIZON as the old one did, which would call the \
                 function with everything that the stream holds: {all}"
            ),
        )
    })
}

/// What is between two states may be on its way to either.
fn moving(given: &[Trigger]) -> Option<Check> {
    let told = given.iter().filter(|one| one.is_moving()).map(|one| {
        let taken = if one.is_on() { "enabled" } else { "disabled" };
        format!(
            "{} is {}, and taken for {taken}",
            called(&one.reading),
            shown(&one.state)
        )
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| {
        let found = format!(
            "not every mapping is Enabled or Disabled: {}",
            told.join("; ")
        );
        know("trigger-state", found).advise("plan again once they are")
    })
}

/// What is not given back, and why.
fn left_out(prepared: &Prepared, before: &[Trigger]) -> Vec<Check> {
    let check = |one: &Trigger| {
        let function = called(&one.reading);
        Some(match lacking(prepared.facts, one)? {
            Lacking::Elsewhere => know(
                "trigger-account",
                format!(
                    "{} is not a function of this account: no mapping to it is made",
                    shown(&one.reading.function)
                ),
            )
            .advise("whoever owns it has to map the new stream"),
            Lacking::Filters => {
                let why = one
                    .hidden
                    .as_ref()
                    .map_or_else(String::new, Untrusted::shown);
                unanswered(
                    "trigger-filters",
                    &format!("the filters of {function} are encrypted, and not told: {why}"),
                )
                .advise(
                    "it is not given back then, since the function would be called with everything; to decrypt them \
                     takes kms:Decrypt on their key",
                )
            }
            Lacking::Going => know(
                "trigger-state",
                format!("the mapping to {function} is being deleted, and is not given back"),
            ),
        })
    };
    before.iter().filter_map(check).collect()
}
