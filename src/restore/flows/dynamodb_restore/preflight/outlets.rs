//! Where what happens to the new table goes to: to the Kinesis streams of the old one, and its keys to `CloudWatch`.
//!
//! Nothing is sent before the application is led over, unless somebody writes to the new table; that is told, since the
//! readers of a stream see two tables from then on.

use crate::domain::check::Check;
use crate::domain::text::{listed, shown};
use crate::restore::flows::command;

use super::super::prepared::Prepared;
use super::super::settings::{self, Kind};
use super::carried::unread;
use super::know;

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let all = [kinesis(prepared), insights(prepared)];
    all.into_iter().flatten().collect()
}

fn kinesis(prepared: &Prepared) -> Option<Check> {
    let (kind, facts) = (Kind::Kinesis, prepared.facts);
    if facts.from.is_some() {
        return None;
    }
    let Some(before) = facts.kinesis.value() else {
        return unread(prepared, kind, &facts.kinesis);
    };
    if before.is_empty() || prepared.chosen.skip.contains(&kind) {
        return None;
    }
    let streams: Vec<&str> = before.iter().map(|one| one.stream.as_str()).collect();
    let streams = listed(&streams);
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    if prepared.chosen.restore_only {
        let found = format!(
            "{new} sends nothing to the Kinesis streams of {old}: what is tried out in it would reach their readers as \
             if it had happened: {streams}"
        );
        let options = command::options(&facts.place);
        let table = command::word(&prepared.new.name, "TABLE");
        return Some(know(kind.as_str(), found).advise(format!(
            "once it serves: aws dynamodb enable-kinesis-streaming-destination {options} --table-name {table} \
             --stream-arn STREAM"
        )));
    }
    let found = format!(
        "what is written to {new} goes to the same Kinesis streams as that of {old}: {streams}. What was restored is \
         not sent, and nothing is before somebody writes to {new}, which no application does before it is led over; \
         from then on readers see both tables for as long as both are written to"
    );
    let deletions = match prepared.ttl() {
        Some(_) => ". What time to live deletes goes there, too, and comes last",
        None => "",
    };
    Some(know(kind.as_str(), found).advise(format!(
        "write nothing to {new} while you look; a record names its table: readers that go by that have to know {new}\
         {deletions}. To send nothing, say --skip kinesis"
    )))
}

fn insights(prepared: &Prepared) -> Option<Check> {
    let (kind, facts) = (Kind::Insights, prepared.facts);
    if facts.insights.value().is_none() {
        return unread(prepared, kind, &facts.insights);
    }
    let given = settings::insights(facts, &prepared.chosen);
    let given: Vec<String> = given.iter().map(settings::recorded).collect();
    if given.is_empty() {
        return None;
    }
    let found = format!(
        "Contributor Insights show keys of items in plain text in CloudWatch, also of an encrypted table, as they did \
         before: of {}",
        listed(&given)
    );
    Some(know(kind.as_str(), found).advise("to leave them off, say --skip insights"))
}
