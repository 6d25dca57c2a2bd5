//! One step, carried to its wanted state: probe, intent, issue, observe, verify.
//!
//! The rules stand at [`carry_out`]. Only from here, in [`sending`], is an operation issued, and nothing
//! here knows what it does.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::place::Place;
use crate::domain::plan::{Call, Step};
use crate::domain::run::{EventBody, StepRecord, StepStatus};
use crate::journal::JournalError;
use crate::restore::operation::{AnyOperation, Context, Decoder, Probe, Stamp, started_by};
use crate::restore::pacing::Pacing;

use super::gate::{self, Held};
use super::inputs::{resolve, token};
use super::ledger::Ledger;

mod sending;

/// How a step came to rest.
#[derive(Clone, Debug, PartialEq)]
pub enum Rest {
    /// The wanted state holds.
    Verified,
    /// The run was halted before anything was sent, is winding down, or a person is asked again.
    Left,
    /// It cannot go on by itself; one line says why.
    Failed(String),
    /// A person decides; one line says why.
    Conflict(String),
    /// Credentials must be renewed.
    Credentials(Failure),
}

/// What a step needs to be carried out.
#[derive(Clone)]
pub struct Hands {
    /// Journal and fold.
    pub ledger: Arc<Ledger>,
    /// Clients of the plan's place.
    pub clients: Clients,
    /// Time.
    pub clock: Clock,
    /// Pauses and deadlines.
    pub pacing: Pacing,
    /// What a plan's calls mean.
    pub operations: Decoder,
    /// The run is about to be rolled back: settle what was sent, send nothing more.
    pub winding_down: Arc<std::sync::atomic::AtomicBool>,
}

/// Looks that must agree before a conflict is believed.
pub(super) const AGREEING_LOOKS: u32 = 3;
/// Longer than any two looks at one thing are apart.
const LEAP: SignedDuration = SignedDuration::from_mins(15);
/// Reads that may fail for a reason that does not pass.
const FAILED_READS: u32 = 3;

/// Carries out one step whose needs are verified and whose gate is answered.
///
/// The rules, in the order in which they apply:
/// 1. Always probe before sending. What holds already is not done again.
/// 2. An intent is durable before each request is sent.
/// 3. A request whose outcome is unknown is sent again only as its operation allows.
/// 4. After an accepted request a missing result is a lagging read, for a while.
/// 5. A conflict counts only when three looks in a row agree on it.
/// 6. What a person has answered is held against what the gate's check reads, before anything else.
///
/// # Errors
/// Those of the journal; then nothing more was sent.
pub async fn carry_out(hands: Hands, step: Step) -> Result<Rest, JournalError> {
    let begun = hands.ledger.look(|state| state.record(&step.id)).await;
    let check = step.gate.check().filter(|_| begun.generation == 0);
    let confirmed = match check {
        Some(check) => match gate::hold(&hands, &step, check).await? {
            Held::Holds(detail) => format!("confirmed; {detail}"),
            Held::Rests(rest) => return Ok(rest),
        },
        None => "confirmed".to_owned(),
    };
    let Some(call) = &step.call else {
        let body = EventBody::Verified {
            outputs: Value::Null,
            detail: confirmed,
            created: Vec::new(),
        };
        hands.ledger.record(Some(&step.id), body).await?;
        return Ok(Rest::Verified);
    };
    let mut work = match Work::prepare(hands, step.clone(), call).await? {
        Ok(work) => work,
        Err(rest) => return Ok(rest),
    };
    loop {
        if let Some(rest) = work.turn().await? {
            return Ok(rest);
        }
    }
}

impl Hands {
    async fn fail(
        &self,
        step: &Step,
        why: String,
        failure: Option<Failure>,
        spent: bool,
    ) -> Result<Rest, JournalError> {
        let body = EventBody::StepFailed {
            why: why.clone(),
            failure,
            spent,
        };
        self.ledger.record(Some(&step.id), body).await?;
        Ok(Rest::Failed(why))
    }

    fn is_winding_down(&self) -> bool {
        self.winding_down.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// One step under way.
pub(super) struct Work {
    pub(super) hands: Hands,
    pub(super) step: Step,
    operation: Arc<dyn AnyOperation>,
    input: Value,
    place: Place,
    source: String,
    by: String,
    run: crate::domain::ids::RunId,
    /// Up to where in the journal the record may have lost what was sent; `None` where it was never damaged.
    damaged: Option<u64>,
    began: Timestamp,
    /// When it was last looked at what this waits for.
    looked: Timestamp,
    /// What the last look failed with, if it did.
    unread: Option<String>,
    pub(super) failed_reads: u32,
    failed_sends: u32,
    pub(super) conflicts: u32,
    refusals: u32,
}

impl Work {
    /// Makes ready to carry out a call for a step; the inner error is how the step came to rest where
    /// that cannot be done.
    pub(super) async fn prepare(
        hands: Hands,
        step: Step,
        call: &Call,
    ) -> Result<Result<Self, Rest>, JournalError> {
        let state = hands.ledger.state().await;
        let call = match resolve(&state, call) {
            Ok(prepared) => prepared,
            Err(why) => return hands.fail(&step, why, None, false).await.map(Err),
        };
        let operation: Arc<dyn AnyOperation> = match (hands.operations)(&call) {
            Ok(operation) => Arc::from(operation),
            Err(error) => {
                let why = error.to_string();
                return hands.fail(&step, why, None, false).await.map(Err);
            }
        };
        Ok(Ok(Self {
            by: started_by(&state),
            source: state.plan.point.id.clone(),
            place: state.plan.place.clone(),
            run: state.run.clone(),
            damaged: state.salvaged.as_ref().map(|salvaged| salvaged.seq),
            input: call.input,
            operation,
            step,
            began: hands.clock.now(),
            looked: hands.clock.now(),
            unread: None,
            hands,
            failed_reads: 0,
            failed_sends: 0,
            conflicts: 0,
            refusals: 0,
        }))
    }

    /// One look, and what follows from it. `None` means: look again.
    async fn turn(&mut self) -> Result<Option<Rest>, JournalError> {
        let record = self.record().await;
        let cx = self.context(&record);
        let found = match self.probe(cx.clone()).await {
            Ok(found) => found,
            Err(failure) => return self.after_failed_read(failure).await,
        };
        self.failed_reads = 0;
        self.unread = None;
        if !matches!(found, Probe::Conflict(_)) {
            self.conflicts = 0;
        }
        match found {
            Probe::Present { output, detail } => self.verified(output, detail).await.map(Some),
            Probe::InProgress { detail, percent } => self.watch(&record, detail, percent).await,
            Probe::Conflict(why) => self.conflict(why).await,
            Probe::Failed(why) => self.hands.fail(&self.step, why, None, true).await.map(Some),
            Probe::Absent { found } => self.absent(&record, cx, found).await,
        }
    }

    pub(super) async fn record(&self) -> StepRecord {
        let step = &self.step.id;
        self.hands.ledger.look(|state| state.record(step)).await
    }

    pub(super) fn context(&self, record: &StepRecord) -> Context {
        let fresh = record.generation == 0 || record.spent;
        let generation = record.generation + u32::from(fresh);
        let step = &self.step.id;
        let name = self.operation.name();
        Context {
            clients: self.hands.clients.clone(),
            stamp: Stamp {
                token: token(&self.place, self.run.as_str(), step, name, generation),
                run: self.run.clone(),
                step: step.clone(),
                generation,
                source: self.source.clone(),
                by: self.by.clone(),
            },
            accepted: match record.status {
                StepStatus::Accepted => record.outputs.clone(),
                StepStatus::Planned
                | StepStatus::Waiting
                | StepStatus::Intent
                | StepStatus::Verified
                | StepStatus::Failed
                | StepStatus::Conflict
                | StepStatus::Declined => Value::Null,
            },
            sent_at: record.intent_at.filter(|_| !fresh),
            lost: self.damaged.is_some_and(|seq| record.intent_seq <= seq),
        }
    }

    /// Reads in a task of its own: a panic inside the SDK must not take the run down.
    pub(super) async fn probe(&self, cx: Context) -> Result<Probe<Value>, Failure> {
        let operation = self.operation.clone();
        let task = tokio::spawn(async move { operation.probe(&cx).await });
        task.await
            .unwrap_or_else(|error| Err(self.broken_off(&error)))
    }

    fn broken_off(&self, error: &tokio::task::JoinError) -> Failure {
        Failure {
            class: FailureClass::Unanswered,
            effect: Effect::Unknown,
            call: self.operation.name().to_owned(),
            code: None,
            message: format!("the call broke off: {error}").into(),
            request_id: None,
        }
    }

    async fn verified(&self, outputs: Value, detail: String) -> Result<Rest, JournalError> {
        let created = self.operation.created(&outputs);
        let theirs = self.record().await.generation == 0 && !self.step.undo.is_empty();
        let detail = if theirs {
            format!("{detail}; it was so already, this run sent nothing for it")
        } else {
            detail
        };
        let body = EventBody::Verified {
            outputs,
            detail,
            created,
        };
        self.hands.ledger.record(Some(&self.step.id), body).await?;
        Ok(Rest::Verified)
    }

    async fn watch(
        &mut self,
        record: &StepRecord,
        detail: String,
        percent: Option<u8>,
    ) -> Result<Option<Rest>, JournalError> {
        let sent = record.accepted_at.is_some() || record.generation == 0;
        if self.hands.is_winding_down() && sent && !self.owes_what_takes_it_back(record) {
            return Ok(Some(Rest::Left));
        }
        if record.detail != detail {
            let body = EventBody::Progress { detail, percent };
            self.hands.ledger.record(Some(&self.step.id), body).await?;
        }
        self.wait_for_next_look().await
    }

    /// Tells whether what takes this step back refers to an output that is not there yet: a new root has no id
    /// before its task is done.
    fn owes_what_takes_it_back(&self, record: &StepRecord) -> bool {
        let own = |field: &str| {
            record
                .outputs
                .get(field)
                .is_some_and(|value| !value.is_null())
        };
        let calls = self.step.undo.iter().filter_map(|undo| undo.call.as_ref());
        let mut fields = calls.flat_map(|call| call.outputs_of(&self.step.id));
        record.generation > 0 && fields.any(|field| !own(&field))
    }

    /// Waits, unless the look that was just taken came after the deadline. A machine that slept looks
    /// once more before it gives up.
    async fn wait_for_next_look(&mut self) -> Result<Option<Rest>, JournalError> {
        let pause = self.hands.pacing.poll(self.watched());
        self.pause_or_give_up(pause).await
    }

    async fn pause_or_give_up(&mut self, pause: Duration) -> Result<Option<Rest>, JournalError> {
        self.leave_out_what_was_leapt();
        if let Some(rest) = self.give_up_when_overdue().await? {
            return Ok(Some(rest));
        }
        self.hands.clock.sleep(pause).await;
        Ok(None)
    }

    /// Fails the step once it takes unusually long; what was sent may still get there.
    async fn give_up_when_overdue(&mut self) -> Result<Option<Rest>, JournalError> {
        let watched = self.watched();
        if watched < self.hands.pacing.overdue(self.step.expected()) {
            return Ok(None);
        }
        let record = self.record().await;
        let detail = self.unread.clone().unwrap_or_else(|| record.detail.clone());
        let minutes = watched.as_secs() / 60;
        let next = if record.came_to_nothing() {
            "every request was refused, and nothing is on its way: resume tries again"
        } else {
            "AWS may still get there: resume keeps watching"
        };
        let why = format!("not there after {minutes} min ({detail}); {next}");
        let rest = self.hands.fail(&self.step, why, None, false).await?;
        Ok(Some(rest))
    }

    /// A machine that slept, or a clock that was set, has watched for none of the time in between.
    fn leave_out_what_was_leapt(&mut self) {
        let now = self.hands.clock.now();
        let gap = now.duration_since(self.looked);
        if gap > LEAP {
            self.began = self.began.checked_add(gap).unwrap_or(self.began);
        }
        self.looked = now;
    }

    fn watched(&self) -> Duration {
        let since = self.hands.clock.now().duration_since(self.began);
        Duration::try_from(since).unwrap_or_default()
    }

    async fn conflict(&mut self, why: String) -> Result<Option<Rest>, JournalError> {
        self.conflicts += 1;
        if self.conflicts < AGREEING_LOOKS {
            self.hands.clock.sleep(self.hands.pacing.back_off(1)).await;
            return Ok(None);
        }
        let body = EventBody::Conflict { why: why.clone() };
        self.hands.ledger.record(Some(&self.step.id), body).await?;
        Ok(Some(Rest::Conflict(why)))
    }

    pub(super) async fn after_failed_read(
        &mut self,
        failure: Failure,
    ) -> Result<Option<Rest>, JournalError> {
        self.failed_reads += 1;
        self.unread = Some(failure.line());
        if failure.class.wants_login() {
            return Ok(Some(Rest::Credentials(failure)));
        }
        if !failure.class.passes() && self.failed_reads >= FAILED_READS {
            let line = failure.line();
            let rest = self.hands.fail(&self.step, line, Some(failure), false);
            return rest.await.map(Some);
        }
        let pause = self.hands.pacing.back_off(self.failed_reads);
        self.pause_or_give_up(pause).await
    }

    /// The wanted state does not hold: what was sent so far decides what follows.
    async fn absent(
        &mut self,
        record: &StepRecord,
        cx: Context,
        found: Value,
    ) -> Result<Option<Rest>, JournalError> {
        match record.status {
            StepStatus::Accepted => self.accepted_but_absent(record).await,
            StepStatus::Intent if !record.clean => self.unresolved(record, cx, found).await,
            StepStatus::Planned
            | StepStatus::Waiting
            | StepStatus::Intent
            | StepStatus::Verified
            | StepStatus::Failed
            | StepStatus::Conflict
            | StepStatus::Declined => {
                if self.must_not_send().await {
                    return Ok(Some(Rest::Left));
                }
                if let Some(left) = self.opposite_under_way(record).await? {
                    let pause = self.hands.pacing.poll(self.watched()).min(left);
                    return self.pause_or_give_up(pause).await;
                }
                self.send(record, cx, found).await
            }
        }
    }

    async fn accepted_but_absent(
        &mut self,
        record: &StepRecord,
    ) -> Result<Option<Rest>, JournalError> {
        if self.since(record.accepted_at) < self.hands.pacing.lag {
            return self.wait_for_next_look().await;
        }
        let why = "AWS accepted the request, but its result is not there".to_owned();
        self.hands.fail(&self.step, why, None, true).await.map(Some)
    }

    fn since(&self, at: Option<Timestamp>) -> Duration {
        let passed = at.map(|at| self.hands.clock.now().duration_since(at));
        let passed = passed.and_then(|passed| Duration::try_from(passed).ok());
        passed.unwrap_or_default()
    }
}
