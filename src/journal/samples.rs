//! Events and commands for the tests of this room: all kinds, as version 1 stored them.
//!
//! The lines are written by hand and never made anew; a type that changes must still read them.

use crate::domain::ids::RunId;
use crate::domain::run::{Approval, Command, CommandKind, EventBody, Operator, RunEvent};

/// One event of every kind a line, as JSON.
pub(super) const EVENTS_1: &str = include_str!("fixtures/events-1.jsonl");
/// The same of a run that goes on from a part of its record, which stands in a journal of its own.
pub(super) const SALVAGED_1: &str = include_str!("fixtures/events-1-salvaged.jsonl");
/// What was stored first once a gate could be declined.
const DECLINED_1: &str = include_str!("fixtures/events-1-declined.jsonl");
/// One command of every kind a line, as JSON.
pub(super) const COMMANDS_1: &str = include_str!("fixtures/commands-1.jsonl");
/// A journal of version 1 as SQL: its tables as they were, with the events and commands above.
pub(super) const JOURNAL_1: &str = include_str!("fixtures/journal-1.sql");

pub(super) fn run() -> RunId {
    RunId::from("01JD4Q0000000000000000007K")
}

/// An event at a position of [`run`].
pub(super) fn event(seq: u64) -> RunEvent {
    RunEvent {
        run: run(),
        seq,
        at: "2026-03-01T02:52:49Z".parse().unwrap(),
        step: None,
        body: EventBody::Failed {
            why: format!("reason {seq}"),
        },
    }
}

/// An event of another run.
pub(super) fn event_of(run: &str, seq: u64) -> RunEvent {
    RunEvent {
        run: RunId::from(run),
        ..event(seq)
    }
}

pub(super) fn command(kind: CommandKind) -> Command {
    Command {
        by: Operator {
            user: "ada".to_owned(),
            host: "bastion".to_owned(),
        },
        at: "2026-03-01T02:53:00Z".parse().unwrap(),
        kind,
        approval: Approval::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Returns the names of an enum's variants from the complaint about one that it has not.
    fn known_names(complaint: &serde_json::Error) -> BTreeSet<String> {
        let text = complaint.to_string();
        assert!(text.contains("unknown variant"), "{text}");
        let names = text.split('`').skip(3).step_by(2);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn every_event_of_version_1_still_reads_and_writes_the_same_bytes() {
        let lines = EVENTS_1.lines().chain(SALVAGED_1.lines());
        for line in lines.chain(DECLINED_1.lines()) {
            let event: RunEvent = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), line);
        }
    }

    #[test]
    fn every_kind_of_event_is_among_the_stored_ones() {
        let lines = EVENTS_1.lines().chain(SALVAGED_1.lines());
        let stored = lines.chain(DECLINED_1.lines()).map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            event["type"].as_str().unwrap().to_owned()
        });
        let unknown = serde_json::from_str::<EventBody>(r#"{"type":"no-such"}"#).unwrap_err();
        assert_eq!(stored.collect::<BTreeSet<_>>(), known_names(&unknown));
    }

    #[test]
    fn every_command_of_version_1_still_reads_and_writes_the_same_bytes() {
        for line in COMMANDS_1.lines() {
            let command: Command = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&command).unwrap(), line);
        }
    }

    #[test]
    fn every_kind_of_command_is_among_the_stored_ones() {
        let stored = COMMANDS_1.lines().map(|line| {
            let command: Value = serde_json::from_str(line).unwrap();
            let kind = &command["kind"];
            let named = kind
                .as_object()
                .and_then(|kind| kind.keys().next().cloned());
            named.unwrap_or_else(|| kind.as_str().unwrap().to_owned())
        });
        let unknown = serde_json::from_str::<CommandKind>(r#""no-such""#).unwrap_err();
        assert_eq!(stored.collect::<BTreeSet<_>>(), known_names(&unknown));
    }

    #[test]
    fn the_plan_of_version_1_still_has_its_hash() {
        let first = EVENTS_1.lines().next().unwrap();
        let event: RunEvent = serde_json::from_str(first).unwrap();
        let EventBody::Planned { plan, .. } = event.body else {
            panic!("the first event is the plan");
        };
        assert_eq!(plan.digest(), plan.hash);
    }
}
