//! Sends a step's request, and decides what follows where the answer is missing or a refusal.
//!
//! Nothing is sent before its intent is durable, and nothing whose outcome is unknown is sent again but
//! as its operation allows.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Rest, Work};
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::run::{EventBody, Halt, RunState, StepRecord};
use crate::journal::JournalError;
use crate::restore::operation::{Context, Resend};

/// Longest wait between two looks for what a request without an answer may have made.
const LONGEST_MISS: Duration = Duration::from_secs(5);
/// Refusals because of a state that may pass, before a step fails.
const PASSING_REFUSALS: u32 = 6;

impl Work {
    pub(super) async fn must_not_send(&self) -> bool {
        let halted = |state: &RunState| state.halt != Halt::None;
        self.hands.is_winding_down() || self.hands.ledger.look(halted).await
    }

    /// A request that had no answer may still arrive although another one brought its state about, and would
    /// then take back what this step does: a late stop stops what was started since. It is given as long as
    /// any other; returns how long that still is.
    pub(super) async fn opposite_under_way(
        &mut self,
        record: &StepRecord,
    ) -> Result<Option<Duration>, JournalError> {
        let Some(call) = &self.step.call else {
            return Ok(None);
        };
        let late = |state: &RunState| {
            let (at, step) = state.unanswered_opposite(call)?;
            Some((at, step.title.clone()))
        };
        let Some((at, title)) = self.hands.ledger.look(late).await else {
            return Ok(None);
        };
        let left = self
            .hands
            .pacing
            .settle
            .saturating_sub(self.since(Some(at)));
        if left.is_zero() {
            return Ok(None);
        }
        let detail = format!(
            "a request of {at:.0} to {title} had no answer and may still arrive: it is waited for, \
             up to {} s",
            self.hands.pacing.settle.as_secs()
        );
        if record.detail != detail {
            let percent = None;
            let told = EventBody::Progress { detail, percent };
            self.hands.ledger.record(Some(&self.step.id), told).await?;
        }
        Ok(Some(left))
    }

    /// A request was perhaps sent and nothing is to be seen of it.
    pub(super) async fn unresolved(
        &mut self,
        record: &StepRecord,
        cx: Context,
        found: Value,
    ) -> Result<Option<Rest>, JournalError> {
        let winding_down = self.hands.is_winding_down();
        if !winding_down && self.must_not_send().await {
            // It stays unresolved: the next runner looks again and sends the same, if anything.
            return Ok(Some(Rest::Left));
        }
        let resend = self.operation.resend();
        if resend != Resend::AfterMisses && !winding_down {
            return self.send(record, cx, found).await;
        }
        let age = self.since(record.intent_at);
        let window = match resend {
            Resend::AfterMisses => self.hands.pacing.misses,
            Resend::SameToken | Resend::AfterProbe => self.hands.pacing.settle,
        };
        if age < window {
            self.failed_sends += 1;
            let left = window.saturating_sub(age) + Duration::from_secs(1);
            let pause = self.hands.pacing.back_off(self.failed_sends);
            let pause = pause.min(LONGEST_MISS).min(left);
            self.hands.clock.sleep(pause).await;
            return Ok(None);
        }
        self.missed(record, winding_down).await
    }

    /// The time is over in which a request without an answer could have shown.
    async fn missed(
        &mut self,
        record: &StepRecord,
        winding_down: bool,
    ) -> Result<Option<Rest>, JournalError> {
        let nothing = Some(Failure {
            class: FailureClass::Unanswered,
            effect: Effect::None,
            call: self.operation.name().to_owned(),
            code: None,
            message: "no answer, and no effect".into(),
            request_id: None,
        });
        if winding_down {
            let why = "the request had no answer and no effect".to_owned();
            self.hands.fail(&self.step, why, nothing, true).await?;
            return Ok(Some(Rest::Left));
        }
        let why = "the request had no answer, and nothing of it is to be seen after two \
                   minutes; resume sends it anew, roll back takes the run back"
            .to_owned();
        let resumed = self.hands.ledger.look(|state| state.resumed_seq).await;
        let decided = resumed > record.intent_seq;
        let rest = self.hands.fail(&self.step, why, nothing, true).await?;
        // A person who resumed after the intent has decided: the next turn sends it anew.
        Ok((!decided).then_some(rest))
    }

    /// Makes the intent durable, sends once, and records what came of it.
    pub(super) async fn send(
        &mut self,
        record: &StepRecord,
        cx: Context,
        found: Value,
    ) -> Result<Option<Rest>, JournalError> {
        if let Some(instead) = self.may_be_there(record).await? {
            return Ok(instead);
        }
        let request = self.operation.request().stamped(&cx.stamp);
        let parameters = request.parameters.to_string();
        let text = format!("{} {} {parameters}", request.service, request.api);
        let intent = EventBody::Intent {
            generation: cx.stamp.generation,
            token: cx.stamp.token.clone(),
            digest: data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())),
            input: self.input.clone(),
            found: if record.generation == 0 {
                found
            } else {
                record.found.clone()
            },
        };
        self.hands
            .ledger
            .record(Some(&self.step.id), intent)
            .await?;
        self.hands.ledger.confirm_alone().await?;
        let operation = self.operation.clone();
        let task = tokio::spawn(async move { operation.issue(&cx).await });
        let outcome = task
            .await
            .unwrap_or_else(|error| Err(self.broken_off(&error)));
        match outcome {
            Ok(issued) => {
                let outputs = issued.output.unwrap_or(Value::Null);
                let body = EventBody::Accepted {
                    request_id: issued.request_id,
                    created: self.operation.created(&outputs),
                    outputs,
                };
                self.hands.ledger.record(Some(&self.step.id), body).await?;
                Ok(None)
            }
            Err(failure) if failure.effect == Effect::None => self.refused(failure).await,
            Err(failure) => {
                self.failed_sends += 1;
                let body = EventBody::Ambiguous { failure };
                self.hands.ledger.record(Some(&self.step.id), body).await?;
                let pause = self.hands.pacing.back_off(self.failed_sends);
                self.pause_or_give_up(pause).await
            }
        }
    }

    /// A record that was damaged may have lost that this was sent: what makes something waits until it would
    /// show, and is not sent where the run's tags have brought something to light. Returns what to do
    /// instead of sending.
    async fn may_be_there(
        &mut self,
        record: &StepRecord,
    ) -> Result<Option<Option<Rest>>, JournalError> {
        let step = self.step.id.clone();
        let salvaged = self.hands.ledger.look(|state| {
            let salvaged = state.salvaged.clone()?;
            Some((salvaged, state.found_since(&step).cloned()))
        });
        let Some((salvaged, made)) = salvaged.await else {
            return Ok(None);
        };
        if self.operation.resend() == Resend::AfterProbe || record.intent_seq > salvaged.seq {
            return Ok(None);
        }
        if let Some(made) = made {
            let why = format!(
                "{} carries the tags of this step, whose record is lost, and is not what it wants",
                crate::domain::text::shown(&made.id)
            );
            // What was adopted is in the journal: looking again would find nothing else.
            let body = EventBody::Conflict { why: why.clone() };
            self.hands.ledger.record(Some(&self.step.id), body).await?;
            return Ok(Some(Some(Rest::Conflict(why))));
        }
        let left = self
            .hands
            .pacing
            .misses
            .saturating_sub(self.since(Some(salvaged.at)));
        if left.is_zero() {
            return Ok(None);
        }
        let detail = "the record of whether this was sent is lost: it is looked for, two minutes long, \
                      before it is sent";
        if record.detail != detail {
            let body = EventBody::Progress {
                detail: detail.to_owned(),
                percent: None,
            };
            self.hands.ledger.record(Some(&self.step.id), body).await?;
        }
        self.hands.clock.sleep(left.min(LONGEST_MISS)).await;
        Ok(Some(None))
    }

    /// AWS refused without any effect: some reasons pass by themselves, the others need a person.
    async fn refused(&mut self, failure: Failure) -> Result<Option<Rest>, JournalError> {
        if failure.class.wants_login() {
            let body = EventBody::Refused {
                failure: failure.clone(),
            };
            self.hands.ledger.record(Some(&self.step.id), body).await?;
            return Ok(Some(Rest::Credentials(failure)));
        }
        // A send may have to read first, and that may fail as any read does.
        let may_pass = matches!(
            failure.class,
            FailureClass::State | FailureClass::Server | FailureClass::Unanswered
        );
        self.refusals += u32::from(may_pass);
        let passes = failure.class == FailureClass::Throttled
            || (may_pass && self.refusals < PASSING_REFUSALS);
        if !passes {
            let line = failure.line();
            let rest = self
                .hands
                .fail(&self.step, line, Some(failure), true)
                .await?;
            return Ok(Some(rest));
        }
        self.failed_sends += 1;
        let body = EventBody::Refused { failure };
        self.hands.ledger.record(Some(&self.step.id), body).await?;
        let pause = self.hands.pacing.back_off(self.failed_sends);
        self.pause_or_give_up(pause).await
    }
}
