//! Signals that end a process, to the runner and to the viewer, while a request that changes something is
//! held by the server: before its effect, and after it.

use std::collections::BTreeMap;

use defib::domain::run::RunStatus;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::CommandBuilder;
use serde_json::json;

use super::course::{Course, Then};
use super::family::Case;
use super::shape::{Change, Clean, Shape};
use crate::terminal::Terminal;

pub fn cases(clean: &BTreeMap<Shape, Clean>) -> Vec<Case> {
    let mut cases = Vec::new();
    for (nth, change) in clean[&Shape::Running].changes.iter().enumerate() {
        for after in [false, true] {
            let back = (nth % 2 == 0) == after;
            let then = if back { Then::GoBack } else { Then::GoOn };
            cases.push(terminated(change.clone(), after, then));
            cases.push(hung_up(change.clone(), after));
        }
        for signal in [Signal::SIGHUP, Signal::SIGTERM, Signal::SIGKILL] {
            cases.push(viewer(change.clone(), signal));
        }
    }
    cases
}

fn side(after: bool) -> &'static str {
    if after { "after" } else { "before" }
}

/// A runner that is told to end ends there, and the next one recovers.
fn terminated(change: Change, after: bool, then: Then) -> Case {
    let told = format!("SIGTERM {} {change}; {then}", side(after));
    Case::new("a signal to the runner", &told, 60, move || {
        let course = Course::open(Shape::Running);
        // What it had not done when its sender died, it does not do later.
        course.fault(
            &change,
            &json!({ "after": after, "hold": true, "drop": true }),
        );
        let viewer = course.start(None);
        course.stage.account.wait_for_a_strike();
        course.signal_the_runner(Signal::SIGTERM);
        course.wait_for_the_runner_to_go();
        course.stage.account.release();
        let viewer = viewer.join().expect("the viewer ends").expect(&[1]);
        assert!(viewer.stderr.contains("defib resume"), "{viewer}");
        course.insist(then);
    })
}

/// A runner does not mind that a terminal goes: the same process carries the run to its end.
fn hung_up(change: Change, after: bool) -> Case {
    let told = format!("SIGHUP {} {change}", side(after));
    Case::new("a signal to the runner", &told, 5, move || {
        let course = Course::open(Shape::Running);
        course.fault(&change, &json!({ "after": after, "hold": true }));
        let viewer = course.start(None);
        course.stage.account.wait_for_a_strike();
        let runner = course.signal_the_runner(Signal::SIGHUP);
        course.stage.account.release();
        viewer.join().expect("the viewer ends").expect(&[0]);
        course.judge(Then::GoOn);
        assert_eq!(course.runners(), [i64::from(runner)]);
    })
}

/// A viewer dies in its terminal: the run goes on in the same process, and another viewer finds it.
fn viewer(change: Change, signal: Signal) -> Case {
    let told = format!("{signal} while {change} is under way");
    Case::new("a signal to the viewer", &told, 5, move || {
        let course = Course::open(Shape::Running);
        course.fault(&change, &json!({ "after": true, "hold": true }));
        let terminal = Terminal::open(typed(&course));
        course.stage.account.wait_for_a_strike();
        let runner = course.stage.home.runner().expect("the runner is there");
        let pid = terminal.pid();
        kill(Pid::from_raw(pid), signal).expect("it is there");
        assert!(!terminal.wait().success(), "it was killed");
        assert_eq!(course.state().status(), RunStatus::Running);
        assert_eq!(course.stage.home.runner(), Some(runner), "it goes on");
        let run = course.run();
        let another = course.spawn(&["attach", &run], None);
        course.stage.account.release();
        let another = another.join().expect("it ends").expect(&[0]);
        assert!(another.stderr.contains("done"), "{another}");
        course.judge(Then::GoOn);
        assert_eq!(course.runners(), [i64::from(runner)]);
    })
}

/// The run as typed into a terminal.
fn typed(course: &Course) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.args(Shape::Running.command(&course.stage));
    command.cwd(course.stage.home.path());
    command.env_clear();
    for (name, value) in course.stage.home.environment() {
        command.env(name, value);
    }
    command
}
