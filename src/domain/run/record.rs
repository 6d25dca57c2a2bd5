//! What is known of one step, folded from the events that are about it.
//!
//! It decides nothing: whether something may be sent again is for the engine to say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{EventBody, RunEvent};

/// How far a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// Nothing was sent.
    #[default]
    Planned,
    /// A person is asked.
    Waiting,
    /// A request may have been sent.
    Intent,
    /// AWS accepted the request.
    Accepted,
    /// The wanted state holds.
    Verified,
    /// Stopped by a failure.
    Failed,
    /// Stopped by a conflict.
    Conflict,
    /// Left out: a person has answered its gate with no.
    Declined,
}

/// What is known of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each becomes known by an event of its own, in any combination"
)]
pub struct StepRecord {
    /// How far it is.
    pub status: StepStatus,
    /// Whether its gate was answered.
    pub answered: bool,
    /// Position at which its gate was opened again, since what was answered was not so; 0 if never.
    pub asked_again_seq: u64,
    /// Generation of the last intent; 0 before the first.
    pub generation: u32,
    /// Token of the last intent.
    pub token: String,
    /// Resolved input of the last intent.
    pub input: Value,
    /// State found before the first intent.
    pub found: Value,
    /// What it produced.
    pub outputs: Value,
    /// Request ids of AWS.
    pub request_ids: Vec<String>,
    /// Last state in AWS's words, or the last failure.
    pub detail: String,
    /// Nothing can come of the last generation any more; the next one needs a new token.
    pub spent: bool,
    /// The last request is proven to have had no effect; the same may be sent again.
    pub clean: bool,
    /// The outcome of the last request is not known.
    pub ambiguous: bool,
    /// First event.
    pub started_at: Option<Timestamp>,
    /// Last intent.
    pub intent_at: Option<Timestamp>,
    /// Position of the last intent; 0 before the first.
    pub intent_seq: u64,
    /// When a request was sent that had no answer although its state was brought about, perhaps by another
    /// request or by somebody else: it may still arrive.
    pub unanswered_at: Option<Timestamp>,
    /// When AWS accepted the last request.
    pub accepted_at: Option<Timestamp>,
    /// Verified or stopped.
    pub ended_at: Option<Timestamp>,
}

impl StepRecord {
    /// Tells whether the wanted state held before anything was sent for it: somebody else did it.
    #[must_use]
    pub fn was_so_already(&self) -> bool {
        self.status == StepStatus::Verified && self.generation == 0
    }

    /// Tells whether it is certain that nothing came, or will come, of what was sent for it.
    #[must_use]
    pub fn came_to_nothing(&self) -> bool {
        let unheard = self.accepted_at.is_none() && self.unanswered_at.is_none();
        self.generation > 0 && self.clean && unheard && self.status != StepStatus::Verified
    }

    /// Tells whether it has failed, and nothing that was sent for it is on its way: nothing was sent, or all of it was
    /// refused without effect. Of a request whose outcome is not known nobody can say that, nor of one that AWS has
    /// accepted.
    #[must_use]
    pub fn failed_without_effect(&self) -> bool {
        let nothing_sent = self.generation == 0;
        self.status == StepStatus::Failed && (nothing_sent || self.came_to_nothing())
    }

    /// Applies an event that is about this step.
    pub(super) fn apply(&mut self, event: &RunEvent) {
        match &event.body {
            EventBody::GateOpened => self.asks(event),
            EventBody::GateAnswered { .. } => {
                self.answered = true;
                self.status = StepStatus::Planned;
            }
            EventBody::GateDeclined { .. } => self.end(StepStatus::Declined, "left out", event),
            EventBody::Intent {
                generation,
                token,
                input,
                found,
                ..
            } => {
                if self.generation == 0 {
                    self.found = found.clone();
                }
                self.attempt_begins(event, *generation, token, input);
            }
            EventBody::Ambiguous { failure } => self.attempt_is_unanswered(&failure.line()),
            EventBody::Refused { failure } => {
                self.clean = true;
                self.detail = failure.line();
            }
            EventBody::Accepted {
                request_id,
                outputs,
                ..
            } => {
                self.attempt_succeeds(event, outputs);
                self.request_ids.extend(request_id.clone());
            }
            // What is told of a verified step afterwards is no longer about its state.
            EventBody::Progress { .. } if self.status == StepStatus::Verified => {}
            EventBody::Progress { detail, .. } => self.detail.clone_from(detail),
            EventBody::Verified {
                outputs, detail, ..
            } => self.is_verified(event, outputs, detail),
            EventBody::StepFailed { why, spent, .. } => {
                self.spent = *spent;
                self.clean |= event.body.refuses();
                self.end(StepStatus::Failed, why, event);
            }
            EventBody::Conflict { why } => self.end(StepStatus::Conflict, why, event),
            EventBody::Planned { .. }
            | EventBody::RunnerStarted { .. }
            | EventBody::RunnerStopped { .. }
            | EventBody::Paused { .. }
            | EventBody::Resumed { .. }
            | EventBody::RollBackStarted { .. }
            | EventBody::Failed { .. }
            | EventBody::Done
            | EventBody::RolledBack
            | EventBody::Unreachable { .. }
            | EventBody::Adopted { .. }
            | EventBody::Salvaged { .. }
            | EventBody::CommandIgnored { .. } => {}
        }
    }

    fn asks(&mut self, event: &RunEvent) {
        if self.answered {
            self.asked_again_seq = event.seq;
        }
        self.answered = false;
        self.status = StepStatus::Waiting;
    }

    /// Nothing is known of an attempt yet, whatever was known of the one before.
    fn attempt_begins(&mut self, event: &RunEvent, generation: u32, token: &str, input: &Value) {
        self.attempt_is_over();
        self.status = StepStatus::Intent;
        self.generation = generation;
        token.clone_into(&mut self.token);
        self.input = input.clone();
        self.spent = false;
        self.clean = false;
        self.ambiguous = false;
        self.intent_at = Some(event.at);
        self.intent_seq = event.seq;
        self.accepted_at = None;
    }

    fn attempt_is_unanswered(&mut self, detail: &str) {
        self.ambiguous = true;
        detail.clone_into(&mut self.detail);
        self.unanswered_at = self.unanswered_at.and(self.intent_at);
    }

    /// What was sent and had no answer is not proven to be what brought the state about.
    fn attempt_is_over(&mut self) {
        let unheard = self.generation > 0 && self.accepted_at.is_none();
        if unheard && !self.clean && !self.spent {
            self.unanswered_at = self.intent_at;
        }
    }

    fn attempt_succeeds(&mut self, event: &RunEvent, outputs: &Value) {
        self.status = StepStatus::Accepted;
        self.ambiguous = false;
        self.outputs = outputs.clone();
        self.accepted_at = Some(event.at);
    }

    fn is_verified(&mut self, event: &RunEvent, outputs: &Value, detail: &str) {
        self.attempt_is_over();
        self.ambiguous = false;
        self.outputs = outputs.clone();
        self.end(StepStatus::Verified, detail, event);
    }

    fn end(&mut self, status: StepStatus, detail: &str, event: &RunEvent) {
        self.status = status;
        detail.clone_into(&mut self.detail);
        self.ended_at = Some(event.at);
    }
}
