//! A run whose record was damaged looks for what was lost before it goes on: what it does when it is asked for
//! something else meanwhile, and when it cannot look.

use std::cell::RefCell;

use defib::domain::ids::{RunId, StepId};
use defib::domain::run::{
    Approval, CommandKind, EventBody, Halt, PauseReason, RunEvent, RunStatus,
};
use defib::restore::operation::{Context, Probe};
use defib::runner;
use defib::sim::{Fault, On};
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;

use crate::bent::{Bend, bent};
use crate::harm;
use crate::stage::Stage;

/// A call that nothing but the listing makes.
const LISTS: &str = "DescribeSnapshots";

/// A run that was refused its stop, of which the record from the created volume on is damaged.
fn damaged(home: &TempDir) -> (Stage, RunId) {
    let mut stage = Stage::open("bad-deploy")
        .with_journal_in(home.path())
        .unwrap();
    let plan = stage
        .plan(&[("snapshot", "snap-0b7e41c8d92f3a650")])
        .unwrap();
    let run = stage.record(plan);
    let faults = stage.aws.faults().clone();
    let refused = faults.inject(On::operation("StopInstances"), Fault::Unauthorized);
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    faults.lift(refused);
    let made = |event: &&RunEvent| matches!(event.body, EventBody::Intent { .. });
    let seq = stage.events(&run).iter().filter(made).nth(1).unwrap().seq;
    harm::event(home.path(), seq);
    stage.journal_in(home.path()).unwrap();
    assert!(stage.try_events(&run).is_err());
    (stage, run)
}

/// The same, once a person has let it go on, or back, from what is valid.
fn salvaged(kind: CommandKind, home: &TempDir) -> (Stage, RunId) {
    let (mut stage, run) = damaged(home);
    stage.salvage(&run, kind).unwrap();
    (stage, run)
}

/// Drives to rest; once an entry fits, a command is sent.
fn drive_and_send(
    stage: &mut Stage,
    run: &RunId,
    kind: CommandKind,
    once: impl Fn(&EventBody) -> bool,
) -> RunStatus {
    let (connector, clock) = stage.hands();
    let (pacing, journal, run) = (stage.pacing.clone(), stage.journal.clone(), run.clone());
    stage.live(|| async move {
        let sending = async {
            while !journal_has(&journal, &run, &once).await {
                clock.sleep(std::time::Duration::from_secs(1)).await;
            }
            let sent = runner::send(&*journal, &run, kind, Approval::default(), &clock);
            sent.await.unwrap();
        };
        let drive = runner::drive(journal.clone(), connector, clock.clone(), pacing, &run);
        let (status, ()) = tokio::join!(drive, sending);
        status.unwrap()
    })
}

async fn journal_has(
    journal: &impl defib::journal::Journal,
    run: &RunId,
    once: &impl Fn(&EventBody) -> bool,
) -> bool {
    let events = journal.read(run, 0).await.unwrap();
    events.iter().any(|event| once(&event.body))
}

fn since_salvage(stage: &mut Stage, run: &RunId) -> Vec<RunEvent> {
    let events = stage.events(run);
    let salvaged = |event: &RunEvent| matches!(event.body, EventBody::Salvaged { .. });
    let at = events.iter().position(salvaged).unwrap();
    events[at + 1..].to_vec()
}

fn cannot_list(body: &EventBody) -> bool {
    matches!(body, EventBody::Unreachable { why } if why.contains("cannot be listed"))
}

#[test]
fn a_damaged_run_does_not_go_on_before_its_id_was_typed() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = damaged(&home);
    stage.set_aside(&run).unwrap();
    let calls = stage.aws.calls().len();
    for typed in [None, Some(run.tail().to_owned())] {
        let mut approval = Approval {
            yes: true,
            ..Approval::default()
        };
        approval.confirm.extend(typed);
        stage.send_with(&run, CommandKind::Resume, approval);
        assert_ne!(stage.drive(&run), RunStatus::Done);
    }
    assert_eq!(stage.aws.calls().len(), calls, "nothing is asked or sent");
    let refused = since_salvage(&mut stage, &run);
    let ignored = |event: &&RunEvent| matches!(event.body, EventBody::CommandIgnored { .. });
    assert_eq!(refused.iter().filter(ignored).count(), 2);
    let approval = Approval {
        confirm: vec![run.to_string()],
        ..Approval::default()
    };
    stage.send_with(&run, CommandKind::Resume, approval);
    assert_eq!(stage.drive(&run), RunStatus::Done);
}

#[test]
fn a_command_is_obeyed_while_what_was_lost_is_looked_for() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    let faults = stage.aws.faults().clone();
    let id = faults.inject(On::operation(LISTS).for_ever(), Fault::Throttled);
    let status = drive_and_send(&mut stage, &run, CommandKind::Pause, cannot_list);
    assert_eq!(status, RunStatus::Paused);
    assert_eq!(stage.state(&run).halt, Halt::Paused(PauseReason::Operator));
    let since = since_salvage(&mut stage, &run);
    let sent = since
        .iter()
        .filter(|one| matches!(one.body, EventBody::Intent { .. }));
    assert_eq!(
        sent.count(),
        0,
        "nothing is sent before it is known what was done"
    );
    faults.lift(id);
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
}

#[test]
fn a_way_back_asked_for_after_the_search_looks_again_and_lets_everything_arrive() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    let intent = |body: &EventBody| matches!(body, EventBody::Intent { .. });
    let status = drive_and_send(&mut stage, &run, CommandKind::RollBack, intent);
    assert_eq!(status, RunStatus::RolledBack);
    let since = since_salvage(&mut stage, &run);
    let waits = |event: &RunEvent| matches!(&event.body, EventBody::Progress { detail, .. } if detail.contains("may still arrive"));
    assert_eq!(since.iter().filter(|one| waits(one)).count(), 1);
}

#[test]
fn a_way_back_begins_once_what_was_sent_last_must_have_arrived() {
    let minute = SignedDuration::from_mins(1);
    for already in [SignedDuration::ZERO, minute] {
        let home = TempDir::new().unwrap();
        let (mut stage, run) = salvaged(CommandKind::RollBack, &home);
        stage.pass(already);
        assert_eq!(stage.drive(&run), RunStatus::RolledBack);
        let events = stage.events(&run);
        let at = |what: fn(&EventBody) -> bool| {
            let event = events.iter().find(|event| what(&event.body));
            event.unwrap().at
        };
        let salvaged = at(|body| matches!(body, EventBody::Salvaged { .. }));
        let turned = at(|body| matches!(body, EventBody::RollBackStarted { .. }));
        assert!(turned.duration_since(salvaged) >= minute);
        let waits = |event: &&RunEvent| matches!(&event.body, EventBody::Progress { detail, .. } if detail.contains("what was sent last is lost"));
        let told: Vec<&RunEvent> = events.iter().filter(waits).collect();
        if !already.is_zero() {
            assert!(told.is_empty(), "it has passed already: {told:?}");
            continue;
        }
        // It is told of a step that may be the one.
        assert_eq!(told.len(), 1, "{told:?}");
        let step = told[0].step.as_ref().unwrap();
        let verified = |event: &RunEvent| {
            event.step.as_ref() == Some(step) && matches!(event.body, EventBody::Verified { .. })
        };
        let before = events.iter().take_while(|event| event.seq < told[0].seq);
        assert!(!before.clone().any(verified), "{step}");
    }
}

#[test]
fn logins_that_are_of_no_use_to_the_search_are_left_to_a_person() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    let faults = stage.aws.faults().clone();
    let id = faults.inject(On::operation(LISTS).for_ever(), Fault::ExpiredCredentials);
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("the login is accepted"), "{reason}");
    let renewed = |event: &&RunEvent| matches!(event.body, EventBody::Resumed { by: None, .. });
    let events = since_salvage(&mut stage, &run);
    assert_eq!(
        events.iter().filter(renewed).count(),
        3,
        "three logins are tried"
    );
    faults.lift(id);
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
}

#[test]
fn what_was_lost_is_recorded_as_found_before_anything_is_sent() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let since = since_salvage(&mut stage, &run);
    let found = |event: &RunEvent| matches!(&event.body, EventBody::Verified { detail, .. } if detail.contains("found so"));
    let sent = |event: &RunEvent| matches!(event.body, EventBody::Intent { .. });
    let of = |event: &&RunEvent| event.step.clone().unwrap().as_str().to_owned();
    let found: Vec<&RunEvent> = since.iter().filter(|event| found(event)).collect();
    let steps: Vec<String> = found.iter().map(of).collect();
    assert_eq!(steps, ["safety-snapshot", "create-volume"]);
    let sent: Vec<&RunEvent> = since.iter().filter(|event| sent(event)).collect();
    assert!(sent.iter().all(|event| event.seq > found[0].seq));
    assert!(!sent.iter().map(of).any(|step| steps.contains(&step)));
}

#[test]
fn a_look_that_fails_for_a_moment_is_made_again_before_a_person_is_asked() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    let faults = stage.aws.faults().clone();
    // A look is tried three times by the client: this one fails twice.
    let id = faults.inject(
        On::operation("DescribeInstances").times(6),
        Fault::Throttled,
    );
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(faults.fired(id), 6);
    let since = since_salvage(&mut stage, &run);
    let asked = |event: &RunEvent| matches!(event.body, EventBody::Paused { .. });
    assert!(!since.iter().any(asked));
}

#[test]
fn a_look_that_fails_for_ever_is_left_to_a_person() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    let faults = stage.aws.faults().clone();
    let id = faults.inject(
        On::operation("DescribeInstances").for_ever(),
        Fault::Unauthorized,
    );
    assert_eq!(stage.drive(&run), RunStatus::Paused);
    let since = since_salvage(&mut stage, &run);
    let sent = |event: &RunEvent| matches!(event.body, EventBody::Intent { .. });
    assert!(!since.iter().any(sent));
    faults.lift(id);
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
}

thread_local! {
    /// The looks that were taken: at which step, and whether its record may have lost something.
    static LOOKS: RefCell<Vec<(StepId, bool)>> = const { RefCell::new(Vec::new()) };
}

/// Notes every look.
struct Notes;

impl Bend for Notes {
    fn probe(&self, cx: &Context, found: Probe<Value>) -> Probe<Value> {
        let look = (cx.stamp.step.clone(), cx.lost);
        LOOKS.with_borrow_mut(|looks| looks.push(look));
        found
    }
}

/// Drives to rest. Returns the looks that were taken.
fn looks_of(stage: &mut Stage, run: &RunId) -> Vec<(StepId, bool)> {
    let engine = stage.engine(|call| bent(call, Notes));
    assert_eq!(stage.drive_by(&engine, run), RunStatus::Done);
    LOOKS.take()
}

#[test]
fn who_looks_is_told_that_the_record_may_have_lost_a_request_until_one_is_sent_again() {
    let home = TempDir::new().unwrap();
    let (mut stage, run) = salvaged(CommandKind::Resume, &home);
    let looks = looks_of(&mut stage, &run);
    let since = since_salvage(&mut stage, &run);
    let sends = since
        .iter()
        .filter(|event| matches!(event.body, EventBody::Intent { .. }));
    let sent: Vec<StepId> = sends.filter_map(|event| event.step.clone()).collect();
    assert!(!sent.is_empty());
    for step in &sent {
        let of_it = looks.iter().filter(|(of, _)| of == step);
        let lost: Vec<bool> = of_it.map(|(_, lost)| *lost).collect();
        assert_eq!(lost.first(), Some(&true), "{step}: {lost:?}");
        assert_eq!(lost.last(), Some(&false), "{step}: {lost:?}");
        assert!(
            lost.is_sorted_by(|one, next| one >= next),
            "{step}: {lost:?}"
        );
    }
    let mut sound = Stage::open("bad-deploy");
    let plan = sound.plan(&[("snapshot", "snap-0b7e41c8d92f3a650")]);
    let run = sound.record(plan.unwrap());
    let looks = looks_of(&mut sound, &run);
    assert!(!looks.is_empty() && looks.iter().all(|(_, lost)| !lost));
}
