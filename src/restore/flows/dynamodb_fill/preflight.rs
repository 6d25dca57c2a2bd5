//! What to know before a table is filled: how it stands, what is put, what is left as it is, and what nobody can tell.
//! Pure: it judges facts.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::restore::flows::verdicts::{fine, know, stop, unanswered};
use crate::restore::observations::ec2_dry_run::action;

use super::counted;
use super::facts::{FillFacts, Seen};
use super::steps::steps;

/// States in which items of a table can be read and written.
const USABLE: [&str; 2] = ["ACTIVE", "UPDATING"];

pub(super) fn checks(facts: &FillFacts) -> Vec<Check> {
    let mut checks = vec![
        table("into", &facts.into),
        table("from", &facts.from),
        differences(facts),
    ];
    checks.extend(rest(facts));
    checks.extend(conflicts(facts));
    checks.extend(only_new(facts));
    checks.push(removed(facts));
    checks.extend(stream(facts));
    checks.push(pace(facts));
    checks.push(no_way_back(facts));
    checks.push(permissions(facts));
    checks
}

fn table(name: &str, table: &Seen) -> Check {
    let told = format!("table {} is {}", shown(&table.name), shown(&table.status));
    if USABLE.contains(&table.status.as_str()) {
        return fine(name, told);
    }
    stop(name, told).advise("wait until it is ACTIVE, and make the plan again")
}

fn differences(facts: &FillFacts) -> Check {
    let survey = &facts.survey;
    fine(
        "differences",
        format!(
            "{}: {} only in {}, {} only in {}, {} different in both",
            shown(&survey.file),
            survey.only_old,
            shown(&facts.from.name),
            survey.only_new,
            shown(&facts.into.name),
            survey.differ,
        ),
    )
}

fn rest(facts: &FillFacts) -> Option<Check> {
    let left = facts.left();
    if left == 0 {
        return None;
    }
    let next = facts.first + facts.items();
    let found = format!(
        "one plan does not take them all: {} are left",
        counted(left)
    );
    Some(know("rest", found).advise(format!("let another plan follow, with --first {next}")))
}

fn conflicts(facts: &FillFacts) -> Option<Check> {
    let differ = facts.survey.differ;
    if differ == 0 {
        return None;
    }
    let found = format!(
        "{} in both tables say something else, and stay as they are in {}",
        counted(differ),
        shown(&facts.into.name)
    );
    Some(
        know("conflicts", found)
            .advise("both are in the file, side by side: somebody has to decide"),
    )
}

fn only_new(facts: &FillFacts) -> Option<Check> {
    let count = facts.survey.only_new;
    let found = format!(
        "{} only {} has: nothing is deleted, and nothing is put into {}",
        counted(count),
        shown(&facts.into.name),
        shown(&facts.from.name)
    );
    (count > 0).then(|| know("only-new", found))
}

/// What is only in the old table was added there, or deleted in the new one: nothing in an item tells which.
fn removed(facts: &FillFacts) -> Check {
    let (into, from) = (shown(&facts.into.name), shown(&facts.from.name));
    let found = format!(
        "what an application has deleted from {into} since is only in {from} as well, and is put again; so is what \
         went wrong and was only added"
    );
    know("added-or-deleted", found).advise("look through the file before")
}

fn stream(facts: &FillFacts) -> Option<Check> {
    let view = facts.into.stream.as_ref()?;
    let found = format!(
        "the stream of {} ({}) tells every put to who reads it, as any other write",
        shown(&facts.into.name),
        shown(view)
    );
    Some(know("stream", found))
}

fn pace(facts: &FillFacts) -> Check {
    let units: u64 = facts.survey.parts.iter().map(|part| part.units).sum();
    let seconds = units / u64::from(facts.rate.max(1));
    fine(
        "pace",
        format!(
            "about {units} write units, at {} a second: {} s at least",
            facts.rate,
            seconds.max(1)
        ),
    )
}

fn no_way_back(facts: &FillFacts) -> Check {
    let found = format!(
        "there is no way back: what is put stays in {}",
        shown(&facts.into.name)
    );
    know("no-way-back", found)
        .advise("keep the file: it has every key, and the run reads it until it is done")
}

/// `DynamoDB` cannot be asked in advance.
fn permissions(facts: &FillFacts) -> Check {
    let steps = steps(facts);
    let mut actions: Vec<String> = steps
        .iter()
        .filter_map(|step| step.call.as_ref())
        .map(action)
        .collect();
    actions.dedup();
    let why = format!(
        "whether you may call these cannot be asked in advance: {}",
        actions.join(", ")
    );
    unanswered("permissions", &why).advise(
        "a call that is denied fails its step, which changes nothing: have it allowed, and resume. The policy that \
         this takes is in the README, under Permissions",
    )
}
