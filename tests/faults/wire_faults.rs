//! A swap with the instance stopped, in which every call that changes something meets every fault.
//!
//! However it ends at first, it must be possible to go on to the end and to go back to the start, with
//! one new volume and nothing sent that no durable intent stands for.

use std::time::Duration;

use defib::domain::ids::RunId;
use defib::domain::run::{
    CommandKind, EventBody, Halt, PauseReason, RunEvent, RunState, RunStatus,
};
use defib::restore::operation::decode;
use defib::sim::{CallRecord, Fault, Lag, On, Refusal};
use serde_json::Value;

use crate::cases::each;
use crate::judge::Swap;
use crate::oracle::{check, made_by};
use crate::stage::Stage;
use crate::variants::{ESTATE, of_volume};

mod others;

/// The volume that is swapped: deleted with its instance, so that every step has its call to make.
const VOLUME: &str = "vol-0000000000000a001";
const SNAPSHOT: &str = "snap-0000000000000a001";
const INSTANCE: &str = "i-0000000000000a001";

/// The calls of the swap in their order.
const FORWARD: [&str; 8] = [
    "CreateSnapshot",
    "CreateVolume",
    "StopInstances",
    "DetachVolume",
    "AttachVolume",
    "ModifyInstanceAttribute",
    "StartInstances",
    "CreateTags",
];

/// The calls that take it back.
const BACK: [&str; 6] = [
    "DeleteTags",
    "StopInstances",
    "DetachVolume",
    "AttachVolume",
    "ModifyInstanceAttribute",
    "StartInstances",
];

/// The calls that only look.
const READS: [&str; 5] = [
    "DescribeVolumes",
    "DescribeSnapshots",
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeTags",
];

/// What is asked of a run once it has come to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    GoBack,
}

/// A fault by its name, and how often it strikes in a row.
type Named = (&'static str, Fault, u32);

fn faults_of_a_call() -> Vec<Named> {
    vec![
        ("throttled three times", Fault::Throttled, 3),
        ("throttled for long", Fault::Throttled, 12),
        ("503 before", Fault::ServerErrorBeforeEffect, 1),
        ("503 before, thrice", Fault::ServerErrorBeforeEffect, 3),
        ("503 after", Fault::ServerErrorAfterEffect, 1),
        ("503 after, thrice", Fault::ServerErrorAfterEffect, 3),
        ("no connection", Fault::NotConnected, 2),
        ("reset before", Fault::ResetBeforeEffect, 1),
        ("reset after", Fault::ResetAfterEffect, 1),
        ("time-out before", Fault::TimeoutBeforeEffect, 1),
        ("time-out after", Fault::TimeoutAfterEffect, 1),
        ("never answers, before", Fault::NeverAnswersBeforeEffect, 1),
        ("never answers, after", Fault::NeverAnswersAfterEffect, 1),
        ("unreadable", Fault::UnreadableBody, 1),
        ("5 s late", Fault::LateArrival(Duration::from_secs(5)), 1),
        ("40 s late", Fault::LateArrival(Duration::from_secs(40)), 1),
        ("denied", Fault::Unauthorized, 1),
        ("credentials expired", Fault::ExpiredCredentials, 1),
    ]
}

/// One run over the estate, with its oracles.
struct Course {
    stage: Stage,
    run: RunId,
    before: Value,
    swap: Swap,
    case: String,
}

impl Course {
    fn new(case: String) -> Self {
        Self::by(None, case)
    }

    /// Plans with a profile, whose credentials a runner can see renewed, or with those of its environment.
    fn by(profile: Option<&str>, case: String) -> Self {
        let mut stage = Stage::open_text(ESTATE);
        let before = stage.picture();
        let plan = stage.plan_as(profile, &[("snapshot", SNAPSHOT)]).unwrap();
        let run = stage.record(plan);
        Self {
            run,
            before,
            swap: of_volume("estate", VOLUME, "").swap,
            stage,
            case,
        }
    }

    /// Drives to rest and checks what must hold there.
    fn drive(&mut self) -> RunStatus {
        let status = self.stage.drive(&self.run);
        self.rest();
        status
    }

    fn rest(&mut self) {
        let (now, events) = (self.stage.picture(), self.stage.events(&self.run));
        check(
            &self.stage.aws.clone(),
            &self.before,
            &now,
            &events,
            &self.case,
        );
        no_effect_without_intent(&self.stage.aws.calls(), &events, &self.case);
    }

    fn send(&mut self, kind: CommandKind) {
        self.stage.send(&self.run, kind);
    }

    fn state(&mut self) -> RunState {
        self.stage.state(&self.run)
    }

    fn why(&mut self) -> String {
        let state = self.state();
        format!("{}: {:?} {:?}", self.case, state.status(), state.reason)
    }

    /// Goes on, or back, as often as a patient person would, and holds the end against its promise.
    fn end(&mut self, then: Then) {
        let mut status = self.drive();
        for _try in 0..4 {
            match (then, status) {
                (Then::GoOn, RunStatus::Done) | (Then::GoBack, RunStatus::RolledBack) => break,
                (Then::GoOn, RunStatus::Failed | RunStatus::Paused) => {
                    self.send(CommandKind::Resume);
                }
                (Then::GoBack, RunStatus::Done | RunStatus::Failed | RunStatus::Paused) => {
                    self.send(CommandKind::RollBack);
                }
                (_, other) => panic!("{} rests {other:?}", self.why()),
            }
            assert_ne!(self.state().reason.as_deref(), Some(""), "{}", self.case);
            status = self.drive();
        }
        self.judge(then, status);
        let down = self.state().down_since();
        assert!(down.is_none(), "{}: still down", self.case);
    }

    fn judge(&mut self, then: Then, status: RunStatus) {
        let (now, state, why) = (self.stage.picture(), self.state(), self.why());
        let made = made_by(&now, "volumes", self.run.as_str(), "create-volume");
        match then {
            Then::GoOn => {
                assert_eq!(status, RunStatus::Done, "{why}");
                assert_eq!(made.len(), 1, "{why}");
                self.swap
                    .assert_done(&self.before, &now, &state, &self.case);
            }
            Then::GoBack => {
                assert_eq!(status, RunStatus::RolledBack, "{why}");
                self.swap
                    .assert_back(&self.before, &now, &state, &self.case);
            }
        }
    }
}

/// Every call that had an effect has an intent before it, of a step that makes this call.
fn no_effect_without_intent(calls: &[CallRecord], events: &[RunEvent], case: &str) {
    let state = RunState::fold(events).unwrap();
    let intents: Vec<(&str, jiff::Timestamp)> = events
        .iter()
        .filter(|event| matches!(event.body, EventBody::Intent { .. }))
        .filter_map(|event| {
            let step = state.any_step(event.step.as_ref()?)?;
            let operation = decode(step.call.as_ref()?).unwrap();
            Some((operation.request().api, event.at))
        })
        .collect();
    for call in calls.iter().filter(|call| call.took_effect) {
        let stands = |(api, at): &(&str, jiff::Timestamp)| *api == call.operation && *at <= call.at;
        assert!(
            intents.iter().any(stands),
            "{case}: {call:?} without intent"
        );
    }
}

/// A run with one fault, ended one way.
fn course_with(
    family: &str,
    operation: &str,
    fault: &Named,
    then: Then,
) -> (Course, defib::sim::FaultId) {
    let (name, fault, times) = fault;
    let mut course = Course::new(format!("{family}: {operation} {name}, then {then:?}"));
    if family == "back" {
        assert_eq!(course.drive(), RunStatus::Done, "{}", course.case);
    }
    let on = On::operation(operation).times(*times);
    let id = course.stage.aws.faults().inject(on, fault.clone());
    (course, id)
}

fn product<'a>(
    operations: &'a [&'a str],
    faults: &'a [Named],
    ends: &'a [Then],
) -> Vec<(&'a str, &'a Named, Then)> {
    let mut cases = Vec::new();
    for operation in operations {
        for fault in faults {
            cases.extend(ends.iter().map(|then| (*operation, fault, *then)));
        }
    }
    cases
}

/// Takes every call forward through every fault, and then where it is to end.
fn forward(family: &'static str, then: Then) {
    let (faults, ends) = (faults_of_a_call(), [then]);
    let cases = product(&FORWARD, &faults, &ends);
    each(family, 144, &cases, |(operation, fault, then)| {
        let (mut course, id) = course_with("forward", operation, fault, *then);
        course.end(*then);
        let fired = course.stage.aws.faults().fired(id);
        assert!(fired > 0, "{}: never fired", course.case);
    });
}

#[test]
fn every_call_survives_every_fault_and_goes_on() {
    forward("wire: forward, go on", Then::GoOn);
}

#[test]
fn every_call_survives_every_fault_and_goes_back() {
    forward("wire: forward, go back", Then::GoBack);
}

#[test]
fn every_call_that_takes_back_survives_every_fault() {
    let faults = faults_of_a_call();
    let cases = product(&BACK, &faults, &[Then::GoBack]);
    each("wire: back", 108, &cases, |(operation, fault, then)| {
        let (mut course, id) = course_with("back", operation, fault, *then);
        course.send(CommandKind::RollBack);
        course.end(*then);
        let fired = course.stage.aws.faults().fired(id);
        assert!(fired > 0, "{}: never fired", course.case);
    });
}

#[test]
fn every_look_survives_every_fault() {
    let faults: Vec<Named> = vec![
        ("throttled", Fault::Throttled, 20),
        ("503", Fault::ServerErrorBeforeEffect, 20),
        ("reset", Fault::ResetBeforeEffect, 8),
        ("never answers", Fault::NeverAnswersBeforeEffect, 4),
        ("unreadable", Fault::UnreadableBody, 4),
        ("denied once", Fault::Unauthorized, 1),
        ("denied for a while", Fault::Unauthorized, 8),
        ("credentials expired", Fault::ExpiredCredentials, 2),
    ];
    let cases = product(&READS, &faults, &[Then::GoOn, Then::GoBack]);
    each("wire: looks", 80, &cases, |(operation, fault, then)| {
        let (mut course, id) = course_with("look", operation, fault, *then);
        course.end(*then);
        let fired = course.stage.aws.faults().fired(id);
        assert!(fired > 0, "{}: never fired", course.case);
    });
}

#[test]
fn a_run_waits_for_new_credentials_and_goes_on_by_itself() {
    // Everything is refused from the n-th call on: one call, or for as long as two tries to renew.
    let cases: Vec<(u32, u32)> = (1..=38)
        .map(|n| 2 * n)
        .flat_map(|n| [(n, 1), (n, 3)])
        .collect();
    each("wire: credentials", 76, &cases, |(n, times)| {
        let mut course = Course::by(
            Some("acme-prod"),
            format!("credentials expire at call {n} for {times}"),
        );
        let on = On::any().nth(*n).times(*times);
        let id = course
            .stage
            .aws
            .faults()
            .inject(on, Fault::ExpiredCredentials);
        let status = course.drive();
        assert_eq!(
            course.stage.aws.faults().fired(id),
            *times,
            "{}",
            course.case
        );
        let events = course.stage.events(&course.run);
        let paused = events.iter().any(|event| {
            let reason = PauseReason::Credentials;
            matches!(&event.body, EventBody::Paused { reason: is, .. } if *is == reason)
        });
        let resumed = events
            .iter()
            .any(|event| matches!(event.body, EventBody::Resumed { by: None, .. }));
        assert!(paused && resumed, "{}: {paused} {resumed}", course.why());
        course.judge(Then::GoOn, status);
    });
}

#[test]
fn keys_of_the_environment_are_asked_for_and_the_run_goes_on_with_new_ones() {
    let cases: Vec<u32> = (1..=19).map(|n| 4 * n).collect();
    each("wire: keys of the environment", 19, &cases, |n| {
        let mut course = Course::new(format!("the environment's keys expire at call {n}"));
        let on = On::any().nth(*n);
        let id = course
            .stage
            .aws
            .faults()
            .inject(on, Fault::ExpiredCredentials);
        let status = course.drive();
        let halt = course.state().halt;
        assert_eq!(status, RunStatus::Paused, "{}", course.why());
        let credentials = Halt::Paused(PauseReason::Credentials);
        assert_eq!(halt, credentials, "{}", course.why());
        course.send(CommandKind::Resume);
        course.end(Then::GoOn);
        assert_eq!(course.stage.aws.faults().fired(id), 1, "{}", course.case);
    });
}

#[test]
fn what_was_made_may_be_seen_late() {
    let lag = |unknown_reads, unlisted_reads, seconds| Lag {
        unknown_reads,
        unlisted_reads,
        unlisted_for: Duration::from_secs(seconds),
    };
    let lags = [
        lag(1, 0, 0),
        lag(2, 0, 0),
        lag(4, 0, 0),
        lag(0, 1, 0),
        lag(0, 5, 0),
        lag(0, 20, 0),
        lag(0, 0, 5),
        lag(0, 0, 30),
        lag(0, 0, 80),
        lag(0, 0, 150),
        lag(2, 3, 60),
    ];
    let lost: [Option<Fault>; 3] = [
        None,
        Some(Fault::ResetAfterEffect),
        Some(Fault::LateArrival(Duration::from_secs(5))),
    ];
    let mut cases = Vec::new();
    for lag in &lags {
        for lost in &lost {
            for creates in ["CreateVolume", "CreateSnapshot"] {
                // A create without a token whose answer is lost is looked for over two minutes.
                let beyond = lag.unlisted_for > Duration::from_mins(2) || lag.unlisted_reads >= 5;
                if beyond && lost.is_some() && creates == "CreateSnapshot" {
                    continue;
                }
                cases.extend([Then::GoOn, Then::GoBack].map(|then| (lag, lost, creates, then)));
            }
        }
    }
    each(
        "wire: seen late",
        120,
        &cases,
        |(lag, lost, creates, then)| {
            let mut course = Course::new(format!("{lag:?}, {creates} {lost:?}, then {then:?}"));
            course.stage.aws.faults().set_lag((*lag).clone());
            let id = lost.as_ref().map(|fault| {
                let on = On::operation(creates);
                course.stage.aws.faults().inject(on, fault.clone())
            });
            course.end(*then);
            let fired = id.is_none_or(|id| course.stage.aws.faults().fired(id) > 0);
            assert!(fired, "{}: never fired", course.case);
        },
    );
}

#[test]
fn refusals_that_pass_are_waited_for() {
    let state = || Fault::Refused(Refusal::new(400, "IncorrectState", "not now"));
    let instance = || Fault::Refused(Refusal::new(400, "IncorrectInstanceState", "not now"));
    let odd = || Fault::Refused(Refusal::new(400, "SomethingNew", "never heard of"));
    let faults: Vec<Named> = vec![
        ("incorrect state", state(), 3),
        ("incorrect instance state", instance(), 3),
        ("incorrect state for long", state(), 8),
        ("a code that nobody knows", odd(), 1),
        ("no capacity for a while", Fault::insufficient_capacity(), 3),
    ];
    let ends = [Then::GoOn, Then::GoBack];
    let long: Vec<Named> = vec![("no capacity for long", Fault::insufficient_capacity(), 12)];
    let mut cases = product(&FORWARD, &faults, &ends);
    cases.extend(product(&["StartInstances"], &long, &ends));
    each(
        "wire: refusals that pass",
        82,
        &cases,
        |(operation, fault, then)| {
            let (mut course, id) = course_with("refusal", operation, fault, *then);
            course.end(*then);
            let fired = course.stage.aws.faults().fired(id);
            assert!(fired > 0, "{}: never fired", course.case);
        },
    );
}
