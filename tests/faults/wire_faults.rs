//! A swap with the instance stopped into which somebody breaks: a colleague, a guest, an end of the keys.
//!
//! However it ends at first, it must be possible to go on to the end and to go back to the start, with
//! one new volume.

use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, Halt, PauseReason, RunState, RunStatus};
use defib::sim::{Fault, On};
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

/// What is asked of a run once it has come to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    GoBack,
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
