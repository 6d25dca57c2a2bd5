//! The events of a run in words, for reports and screens.
//!
//! Every event has its words, also one that changed nothing. What AWS said stands in them as it was told.

use super::RunState;
use super::command::Operator;
use super::event::EventBody;
use crate::domain::failure::Failure;
use crate::domain::text::shown;

/// Returns an event as words, and the request id of AWS that it brought. Neither is made harmless.
#[must_use]
pub fn told(body: &EventBody) -> (String, Option<String>) {
    let request = if let EventBody::Accepted { request_id, .. } = body {
        request_id.clone()
    } else if let EventBody::Ambiguous { failure }
    | EventBody::Refused { failure }
    | EventBody::StepFailed {
        failure: Some(failure),
        ..
    } = body
    {
        failure.request_id.clone()
    } else {
        None
    };
    (words(body), request)
}

fn words(body: &EventBody) -> String {
    match body {
        EventBody::Planned { by, version, .. } => {
            format!("plan approved by {}, defib {version}", operator(by))
        }
        EventBody::RunnerStarted { pid, host } => format!("runner {pid} started on {host}"),
        EventBody::RunnerStopped { why } => format!("runner stopped: {why}"),
        EventBody::GateOpened => "a person is asked".to_owned(),
        EventBody::GateAnswered { by, command } => answered(by, *command),
        EventBody::GateDeclined { by, command } => declined(by, *command),
        EventBody::Intent { generation, .. } if *generation > 1 => {
            format!("sending the request, generation {generation}")
        }
        EventBody::Intent { .. } => "sending the request".to_owned(),
        EventBody::Ambiguous { failure } => format!("outcome unknown: {}", failure.line()),
        EventBody::Refused { failure } => format!("refused without effect: {}", failure.line()),
        EventBody::Accepted { created, .. } => {
            with_ids("accepted", created.iter().map(|made| &made.id))
        }
        EventBody::Progress { detail, percent } => match percent {
            Some(percent) => format!("{detail} {percent} %"),
            None => detail.clone(),
        },
        EventBody::Verified { detail, .. } => format!("verified: {detail}"),
        EventBody::StepFailed { why, failure, .. } => failed(why, failure.as_ref()),
        EventBody::Conflict { why } => format!("conflict: {why}"),
        EventBody::Paused { line, .. } => format!("paused: {line}"),
        EventBody::Resumed { by, .. } => by.as_ref().map_or_else(
            || "resumed: credentials were renewed".to_owned(),
            |by| format!("resumed by {}", operator(by)),
        ),
        EventBody::RollBackStarted { by, .. } => format!("roll back asked by {}", operator(by)),
        EventBody::Failed { why } => format!("failed: {why}"),
        EventBody::Done => "done".to_owned(),
        EventBody::RolledBack => "rolled back".to_owned(),
        EventBody::Unreachable { why } => format!("not reachable, trying again: {}", shown(why)),
        EventBody::Adopted { found } => with_ids(
            "found by the tags of this run",
            found.iter().map(|made| &made.id),
        ),
        EventBody::Salvaged {
            by,
            intact,
            written,
            copy,
            ..
        } => {
            let lost = lost(*intact, *written);
            format!(
                "goes on from its {intact} valid events, by {}: {lost} (copy: {})",
                operator(by),
                shown(copy)
            )
        }
        EventBody::CommandIgnored { why, .. } => format!("a command had nothing to do: {why}"),
    }
}

fn answered(by: &Operator, command: Option<u64>) -> String {
    match command {
        Some(_) => format!("answered by {}", operator(by)),
        None => format!(
            "answered by a yes of {} that was not for this gate alone",
            operator(by)
        ),
    }
}

fn declined(by: &Operator, command: Option<u64>) -> String {
    let ahead = match command {
        Some(_) => "",
        None => " ahead",
    };
    format!("answered with no{ahead} by {}: left out", operator(by))
}

/// Returns a text without its digits: two that are alike then tell the same, counted on.
#[must_use]
pub fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

impl EventBody {
    /// Tells whether this says no more than a progress right before it, but for its numbers.
    #[must_use]
    pub fn repeats(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Progress { detail, .. }, Self::Progress { detail: before, .. }) => {
                without_numbers(detail) == without_numbers(before)
            }
            _other => false,
        }
    }
}

impl RunState {
    /// Returns why the run stands still, with the title of the step in place of its id. Not made harmless.
    #[must_use]
    pub fn reason_told(&self) -> Option<String> {
        self.reason.as_deref().map(|line| self.titled(line))
    }

    /// Puts the title of a step in place of its id in front of a line.
    #[must_use]
    pub fn titled(&self, line: &str) -> String {
        let step = line.split_once(": ").and_then(|(id, rest)| {
            let step = self.any_step(&id.into())?;
            Some(format!("{}: {rest}", step.title))
        });
        step.unwrap_or_else(|| line.to_owned())
    }
}

/// Says what of a damaged record is lost.
#[must_use]
pub fn lost(intact: u64, written: Option<u64>) -> String {
    match written {
        Some(written) if written == intact => "no event is lost".to_owned(),
        Some(written) if written > intact => {
            format!("events {} to {written} are lost", intact + 1)
        }
        Some(_) | None => format!("events from {} on are lost", intact + 1),
    }
}

fn with_ids<'a>(what: &str, ids: impl Iterator<Item = &'a String>) -> String {
    let ids: Vec<&str> = ids.map(String::as_str).collect();
    if ids.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {}", ids.join(", "))
    }
}

fn failed(why: &str, failure: Option<&Failure>) -> String {
    match failure.map(Failure::line) {
        Some(line) if line != why => format!("failed: {why} ({line})"),
        Some(_) | None => format!("failed: {why}"),
    }
}

fn operator(by: &Operator) -> String {
    format!("{}@{}", by.user, by.host)
}
