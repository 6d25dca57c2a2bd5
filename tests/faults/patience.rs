//! How often the engine looks before it believes what it sees, or gives up reading: to the last look.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use defib::aws::connect::Clients;
use defib::clock::Clock;
use defib::domain::failure::{Effect, Failure, FailureClass};
use defib::domain::ids::RunId;
use defib::domain::plan::Plan;
use defib::domain::run::{
    Approval, CommandKind, CreatedBy, EventBody, Halt, PauseReason, RunEvent, RunStatus,
};
use defib::restore::engine::{Door, Engine, NoClients};
use defib::restore::operation::{Context, Decoder, Probe, decode};
use defib::sim::{Fault, On};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::bent::{Bend, bent};
use crate::stage::Stage;

/// The step that is looked at.
const STEP: &str = "attach-volume";

thread_local! {
    /// How many of its looks go wrong; a case has a thread of its own.
    static WRONG: Cell<u32> = const { Cell::new(0) };
    /// Whether the step was looked at ahead of its send.
    static AHEAD: Cell<bool> = const { Cell::new(false) };
}

fn goes_wrong(cx: &Context) -> bool {
    let left = WRONG.get();
    let wrong = cx.stamp.step.as_str() == STEP && left > 0;
    WRONG.set(left - u32::from(wrong));
    wrong
}

/// Sees a conflict.
struct SeesConflict;

impl Bend for SeesConflict {
    fn probe(&self, cx: &Context, found: Probe<Value>) -> Probe<Value> {
        if goes_wrong(cx) {
            return Probe::Conflict("somebody else holds it".to_owned());
        }
        found
    }
}

/// Is not allowed to look.
struct IsRefused;

impl Bend for IsRefused {
    fn unread(&self, cx: &Context) -> Option<Failure> {
        goes_wrong(cx).then(|| Failure {
            class: FailureClass::Denied,
            effect: Effect::None,
            call: "ec2:DescribeVolumes".to_owned(),
            code: Some("UnauthorizedOperation".to_owned()),
            message: "You are not authorized to perform this operation.".into(),
            request_id: None,
        })
    }
}

/// Is allowed the look ahead of the send, and none after it.
struct IsRefusedOnceSent;

impl Bend for IsRefusedOnceSent {
    fn unread(&self, cx: &Context) -> Option<Failure> {
        let first = cx.stamp.step.as_str() == STEP && !AHEAD.replace(true);
        if first { None } else { IsRefused.unread(cx) }
    }
}

/// Drives a swap to rest while so many looks at its attachment go wrong. Returns the stage and the status.
fn after(looks: u32, operations: Decoder) -> (Stage, defib::domain::ids::RunId, RunStatus) {
    WRONG.set(looks);
    let mut stage = Stage::open("bad-deploy");
    let plan = stage
        .plan(&[("snapshot", "snap-0b7e41c8d92f3a650")])
        .unwrap();
    assert!(plan.steps.iter().any(|step| step.id.as_str() == STEP));
    let run = stage.record(plan);
    let engine = stage.engine(operations);
    let status = stage.drive_by(&engine, &run);
    assert_eq!(WRONG.get(), 0, "every one of them was looked at");
    (stage, run, status)
}

#[test]
fn a_conflict_is_believed_once_three_looks_in_a_row_agree() {
    let conflicts = |stage: &mut Stage, run| {
        let events = stage.events(run);
        let told = |body: &EventBody| matches!(body, EventBody::Conflict { .. });
        events.iter().filter(|event| told(&event.body)).count()
    };
    let (mut stage, run, status) = after(2, |call| bent(call, SeesConflict));
    assert_eq!((status, conflicts(&mut stage, &run)), (RunStatus::Done, 0));
    let (mut stage, run, status) = after(3, |call| bent(call, SeesConflict));
    assert_eq!(
        (status, conflicts(&mut stage, &run)),
        (RunStatus::Paused, 1)
    );
    assert_eq!(stage.state(&run).halt, Halt::Paused(PauseReason::Conflict));
}

#[test]
fn a_look_that_is_refused_is_tried_three_times() {
    let (_stage, _run, status) = after(2, |call| bent(call, IsRefused));
    assert_eq!(status, RunStatus::Done);
    let (mut stage, run, status) = after(3, |call| bent(call, IsRefused));
    assert_eq!(status, RunStatus::Failed);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("not authorized"), "{reason}");
}

#[test]
fn what_was_sent_is_known_for_certain_before_the_way_back_begins() {
    let (mut stage, run, status) = after(3, |call| bent(call, IsRefusedOnceSent));
    assert_eq!(status, RunStatus::Failed);
    let first = |stage: &mut Stage, what: fn(&EventBody) -> bool| {
        let events = stage.events(&run);
        let is_it = |event: &&RunEvent| what(&event.body);
        events.iter().find(is_it).map(|event| event.seq)
    };
    let of_it = |event: &RunEvent| event.step.as_ref().is_some_and(|id| id.as_str() == STEP);
    let found = |event: &RunEvent| of_it(event) && matches!(event.body, EventBody::Verified { .. });
    assert!(!stage.events(&run).iter().any(found), "nobody has seen it");
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    let turned = first(&mut stage, |body| {
        matches!(body, EventBody::RollBackStarted { .. })
    });
    let events = stage.events(&run);
    let seen = events
        .iter()
        .find(|event| found(event))
        .map(|event| event.seq);
    assert!(seen.is_some() && seen < turned, "{seen:?} {turned:?}");
}

#[test]
fn a_look_ahead_of_the_way_back_that_fails_for_a_moment_is_made_again() {
    let mut stage = Stage::open("bad-deploy");
    let plan = stage
        .plan(&[("snapshot", "snap-0b7e41c8d92f3a650")])
        .unwrap();
    let run = stage.record_with(plan, Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    let faults = stage.aws.faults().clone();
    // A look is tried three times by the client: this one fails twice.
    let id = faults.inject(
        On::operation("DescribeInstances").times(6),
        Fault::Throttled,
    );
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(faults.fired(id), 6);
    let conflict = |body: &EventBody| matches!(body, EventBody::Paused { reason, .. } if *reason == PauseReason::Conflict);
    assert!(!stage.events(&run).iter().any(|event| conflict(&event.body)));
}

/// Takes no login for the first few tries, and notes when each was made.
struct Shut {
    door: Arc<dyn Door>,
    clock: Clock,
    tries: Mutex<Vec<Timestamp>>,
}

/// Tries that are refused.
const REFUSED_LOGINS: usize = 4;
/// The try after which the clock is set back.
const SET_BACK_AFTER: usize = 2;

#[async_trait]
impl Door for Shut {
    async fn open(&self, plan: &Plan) -> Result<Clients, NoClients> {
        let so_far = {
            let mut tries = self.tries.lock().unwrap();
            tries.push(self.clock.now());
            tries.len()
        };
        if so_far == SET_BACK_AFTER {
            self.clock.jump(-SignedDuration::from_mins(2));
        }
        if so_far <= REFUSED_LOGINS {
            return Err(NoClients::Credentials("the session has expired".to_owned()));
        }
        self.door.open(plan).await
    }

    async fn sweep(
        &self,
        clients: &Clients,
        plan: &Plan,
        run: &RunId,
    ) -> Result<Vec<CreatedBy>, Failure> {
        self.door.sweep(clients, plan, run).await
    }
}

#[test]
fn a_login_that_is_not_taken_is_tried_again_in_good_time_and_not_at_every_turn() {
    let mut stage = Stage::open("bad-deploy");
    let plan = stage
        .plan(&[("snapshot", "snap-0b7e41c8d92f3a650")])
        .unwrap();
    let run = stage.record(plan);
    let engine = stage.engine(decode);
    let shut = Arc::new(Shut {
        door: engine.door.clone(),
        clock: engine.clock.clone(),
        tries: Mutex::default(),
    });
    let engine = Engine {
        door: shut.clone(),
        ..engine
    };
    let status = stage.drive_by(&engine, &run);
    assert_eq!(status, RunStatus::Done, "{:?}", stage.state(&run).reason);
    let tries = shut.tries.lock().unwrap().clone();
    assert_eq!(tries.len(), REFUSED_LOGINS + 1);
    let pause = SignedDuration::try_from(stage.pacing.credentials).unwrap();
    for (n, pair) in (1..).zip(tries.windows(2)) {
        let waited = pair[1].duration_since(pair[0]);
        if n == SET_BACK_AFTER {
            assert!(
                waited < SignedDuration::ZERO,
                "two minutes are not waited for"
            );
            continue;
        }
        assert!((pause..pause * 2).contains(&waited), "{n}: {waited:?}");
    }
    let events = stage.events(&run);
    let refused = |event: &&RunEvent| matches!(event.body, EventBody::Paused { .. });
    assert_eq!(events.iter().filter(refused).count(), 1, "told once");
}
