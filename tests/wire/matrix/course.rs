//! The moves that cases are made of: start a run, wait until something strikes, recover, and judge the end.

use std::collections::BTreeSet;
use std::fmt;
use std::thread::{self, JoinHandle};

use defib::domain::run::{EventBody, RunEvent, RunState, RunStatus};
use defib::journal::Journal;
use defib::journal::sqlite::SqliteJournal;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::shape::{Change, Shape};
use crate::process::{self, Output, eventually};
use crate::stage::Stage;

/// A patient person asks this often.
const MOST_TRIES: usize = 4;

/// What is asked of a run after the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    GoOn,
    GoBack,
}

impl Then {
    /// Returns the command that asks for it.
    pub fn verb(self) -> &'static str {
        match self {
            Self::GoOn => "resume",
            Self::GoBack => "rollback",
        }
    }

    fn status(self) -> RunStatus {
        match self {
            Self::GoOn => RunStatus::Done,
            Self::GoBack => RunStatus::RolledBack,
        }
    }
}

impl fmt::Display for Then {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoOn => "goes on",
            Self::GoBack => "goes back",
        })
    }
}

/// One run of a shape, in an account and a home of its own.
pub struct Course {
    pub stage: Stage,
    shape: Shape,
}

impl Course {
    pub fn open(shape: Shape) -> Self {
        let stage = shape.stage();
        Self { stage, shape }
    }

    /// Starts the run with a viewer that follows it. Its runner dies at a boundary of its journal, if one
    /// is given.
    pub fn start(&self, dies_at: Option<u64>) -> JoinHandle<Output> {
        let words = self.shape.command(&self.stage);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        self.spawn(&words, dies_at)
    }

    /// Runs a command beside the test.
    pub fn spawn(&self, words: &[&str], dies_at: Option<u64>) -> JoinHandle<Output> {
        let mut command = self.stage.home.command(words);
        if let Some(boundary) = dies_at {
            command.env("DEFIB_CRASH_AT", boundary.to_string());
        }
        thread::spawn(move || process::run(command, ""))
    }

    /// Has a request that changes something meet a fault, which is a row for the server's control surface.
    pub fn fault(&self, change: &Change, fault: &Value) {
        let mut row = fault.clone();
        row["service"] = json!("ec2");
        row["dry_run"] = json!(false);
        row["action"] = json!(change.action);
        row["skip"] = json!(change.occurrence - 1);
        self.stage.account.fault(&json!([row]));
    }

    /// Sends a signal to the runner, which must be there; returns its process.
    pub fn signal_the_runner(&self, signal: Signal) -> i32 {
        let runner = self.stage.home.runner().expect("the runner is there");
        kill(Pid::from_raw(runner), signal).expect("it is there");
        runner
    }

    pub fn wait_for_the_runner_to_go(&self) {
        eventually("the runner to be gone", || {
            self.stage.home.runner().is_none().then_some(())
        });
    }

    /// Returns every entry of the run, its chain verified.
    pub fn events(&self) -> Vec<RunEvent> {
        let journal = SqliteJournal::open(&self.stage.home.state()).expect("a journal");
        self.stage.account.wait(async {
            let runs = journal.runs().await.expect("a journal that can be read");
            let [run] = &runs[..] else {
                panic!("one run is expected: {runs:?}")
            };
            journal.read(run, 0).await.expect("its chain is whole")
        })
    }

    pub fn state(&self) -> RunState {
        RunState::fold(&self.events()).expect("a run begins with its plan")
    }

    pub fn run(&self) -> String {
        self.state().run.to_string()
    }

    /// Returns how many entries the run has.
    pub fn entries(&self) -> u64 {
        self.events().len() as u64
    }

    /// Returns the processes that have driven the run.
    pub fn runners(&self) -> Vec<i64> {
        let events = self.events();
        let pid = |event: &RunEvent| {
            if let EventBody::RunnerStarted { pid, .. } = &event.body {
                return Some(i64::from(*pid));
            }
            None
        };
        events.iter().filter_map(pid).collect()
    }

    /// Recovers with one command, as after a kill: it must be enough.
    pub fn recover(&self, then: Then) {
        let run = self.run();
        let back = self.stage.home.defib(&[then.verb(), &run, "--yes"]);
        back.expect(&[0]);
        self.judge(then);
    }

    /// Asks as often as a patient person would.
    pub fn insist(&self, then: Then) {
        let (run, mut said) = (self.run(), String::new());
        for _try in 0..MOST_TRIES {
            if self.state().status() == then.status() {
                break;
            }
            let output = self.stage.home.defib(&[then.verb(), &run, "--yes"]);
            said += &output.to_string();
        }
        assert_eq!(self.state().status(), then.status(), "{said}");
        self.judge(then);
    }

    /// Asserts that the run ended so, that the world is what that promises, that nothing was made twice,
    /// and that whatever was made is in the journal.
    pub fn judge(&self, then: Then) {
        let state = self.state();
        assert_eq!(state.status(), then.status(), "{:?}", state.reason);
        let run = state.run.to_string();
        let (swap, picture) = (self.stage.swap(&run), self.stage.picture());
        match then {
            Then::GoOn if self.shape == Shape::Beside => drop(swap.assert_beside(&picture)),
            Then::GoOn => drop(swap.assert_done(&picture)),
            Then::GoBack => swap.assert_back(&picture),
        }
        self.stage.assert_nothing_was_deleted();
        let known: BTreeSet<_> = state.created.iter().map(|made| made.id.as_str()).collect();
        let before = &self.stage.before;
        let volumes = picture.volumes.keys();
        let volumes = volumes.filter(|id| !before.volumes.contains_key(*id));
        let snapshots = picture.snapshots.keys();
        let snapshots = snapshots.filter(|id| !before.snapshots.contains_key(*id));
        for made in volumes.chain(snapshots) {
            assert!(
                known.contains(&made[..]),
                "{made} is in no entry: {known:?}"
            );
        }
    }
}
