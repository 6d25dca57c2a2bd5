//! What it means that the new table is made in another Region: what stays behind, and what the new one needs there.
//!
//! Nothing is changed in the Region of the old table: neither is it marked or frozen, nor do its readers move.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::domain::words;

use super::super::facts::Elsewhere;
use super::super::prepared::Prepared;
use super::super::settings::{self, Kind};
use super::super::triggers::called;
use super::{know, stop, unanswered};

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let Some(from) = &prepared.facts.from else {
        return Vec::new();
    };
    let mut checks = vec![transferred(prepared, from)];
    checks.extend(left(prepared, from));
    checks.extend(key(prepared, from));
    checks
}

fn transferred(prepared: &Prepared, from: &Elsewhere) -> Check {
    let (old, here) = (shown(&prepared.old.name), &prepared.facts.place.region);
    let from = &from.region;
    let found = format!(
        "the data goes from {from} to {here}, which AWS charges for, and which takes longer"
    );
    let at = words::instant(prepared.at);
    know("region", found).advise(format!(
        "nothing is changed in {from}: what is written to {old} there after {at} is not in the new table, and goes on; \
         stop its writers yourself"
    ))
}

/// What is of one Region is not given back in another one: by the names that it has there.
fn left(prepared: &Prepared, from: &Elsewhere) -> Vec<Check> {
    let (facts, from) = (prepared.facts, &from.region);
    let streams = facts.kinesis.value().into_iter().flatten();
    let streams = streams.map(|one| one.stream.clone()).collect();
    let functions = facts.triggers.value().into_iter().flatten();
    let functions = functions.map(|one| called(&one.reading)).collect();
    let alarms = facts.alarms.value().into_iter();
    let alarms = alarms.flat_map(|all| &all.metric);
    let alarms = alarms.map(|one| one.name.clone()).collect();
    let all: [(Kind, Option<&str>, Vec<String>, &str); 3] = [
        (
            Kind::Kinesis,
            facts.kinesis.why_unknown(),
            streams,
            "Kinesis streams take what is written in their own Region",
        ),
        (
            Kind::Triggers,
            facts.triggers.why_unknown(),
            functions,
            "Lambda functions are called with what is written in their own Region",
        ),
        (
            Kind::Alarms,
            facts.alarms.why_unknown(),
            alarms,
            "alarms watch and act in their own Region",
        ),
    ];
    let mut checks = Vec::new();
    for (kind, unread, names, why) in all {
        if prepared.chosen.skip.contains(&kind) {
            continue;
        }
        if let Some(unread) = unread.filter(|_| facts.described().is_some()) {
            checks.push(
                unanswered(kind.as_str(), unread).advise(format!("what is in {from} stays there")),
            );
        } else if !names.is_empty() {
            let found = format!("{why}: not given back: {}", shown(&names.join(", ")));
            let here = &facts.place.region;
            checks.push(know(kind.as_str(), found).advise(format!(
                "make those of {here} yourself, once you have looked at the table"
            )));
        }
    }
    checks
}

/// A key is of one Region; without another one the table would be encrypted otherwise than it was.
fn key(prepared: &Prepared, from: &Elsewhere) -> Option<Check> {
    let before = settings::key(prepared.facts)?;
    if prepared.chosen.kms_key.is_some() {
        return None;
    }
    let (from, here) = (&from.region, &prepared.facts.place.region);
    let found = format!(
        "{} is encrypted with a key of {from}: {}",
        shown(&prepared.old.name),
        shown(before)
    );
    Some(stop("key", found).advise(format!(
        "name one of {here} by --sse-key; alias/aws/dynamodb is the one that AWS manages for you"
    )))
}
