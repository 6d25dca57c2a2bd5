//! The runner is killed at every boundary of its journal, and the run resumed or taken back.
//!
//! The debug build kills itself at the k-th boundary when `DEFIB_CRASH_AT` says k. The test counts
//! k up until a run gets to its end untouched, so a new boundary is covered by being there.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::estate::Make;
use crate::process::{self, Output, eventually};
use crate::refusal::assert_clear;
use crate::stage::{Stage, text};

/// Steps of this swap, each with an intent and an outcome before and after whose append it may die.
const FEWEST: usize = 20;
/// Only a run that never ends would get here.
const MOST: usize = 400;
/// Two are busy on a small machine while the others wait for the server.
const SIDE_BY_SIDE: usize = 4;

/// Every how many-th boundary a killed run is taken back: each waits for the server in real time.
const SAMPLE: usize = 5;

#[test]
fn a_runner_killed_at_any_boundary_is_resumed_to_the_same_end() {
    let boundaries = at_each_boundary(1, 1, dies_and_is_resumed);
    println!("killed at {boundaries} boundaries, resumed to the same end each time");
    assert!(
        (FEWEST..MOST - 1).contains(&boundaries),
        "{boundaries} boundaries"
    );
}

#[test]
fn a_run_whose_runner_was_killed_is_taken_back_to_the_first_state() {
    let taken_back = at_each_boundary(3, SAMPLE, dies_and_is_taken_back);
    println!("killed at {taken_back} boundaries, taken back to the first state each time");
    assert!(taken_back >= FEWEST / SAMPLE, "{taken_back} boundaries");
}

/// Dies at every `step`-th boundary from `first` on until a run has none; returns at how many it died.
fn at_each_boundary(first: usize, step: usize, dies: fn(usize) -> bool) -> usize {
    let next = AtomicUsize::new(first);
    let first_untouched = AtomicUsize::new(MOST);
    thread::scope(|scope| {
        let work = || {
            loop {
                let boundary = next.fetch_add(step, Ordering::SeqCst);
                if boundary >= first_untouched.load(Ordering::SeqCst) {
                    break;
                }
                if !dies(boundary) {
                    first_untouched.fetch_min(boundary, Ordering::SeqCst);
                }
            }
        };
        let workers: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    (first_untouched.into_inner() - first) / step
}

/// Starts a swap whose runner kills itself at a boundary; without a run to show for it, nothing may have
/// changed.
fn dies_at(boundary: usize) -> (Stage, Option<Value>, Output) {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes", "--json"]);
    let mut command = stage.home.command(&arguments);
    command.env("DEFIB_CRASH_AT", boundary.to_string());
    let output = process::run(command, "");
    let summary = stage.home.runs().pop();
    if summary.is_none() {
        let changed = stage.before.differences(&stage.picture());
        assert_eq!(changed, "", "no run, no change\n{output}");
    }
    (stage, summary, output)
}

/// Returns false when the run has no such boundary, and so came to its end at once.
fn dies_and_is_taken_back(boundary: usize) -> bool {
    let (stage, summary, output) = dies_at(boundary);
    let Some(summary) = summary else {
        return true;
    };
    if output.status == Some(0) {
        return false;
    }
    let run = text(&summary["run"]);
    eventually("the runner to be gone", || gone(&stage));
    let back = stage.home.defib(&["rollback", &run, "--yes"]);
    assert_eq!(
        back.status,
        Some(0),
        "boundary {boundary}: first\n{output}\nthen\n{back}"
    );
    let summary = stage.home.only_run();
    assert_eq!(summary["state"], "rolled-back", "boundary {boundary}");
    stage.swap(&run).assert_back(&stage.picture());
    stage.assert_nothing_was_deleted();
    true
}

/// Returns false when the run has no such boundary, and so came to its end at once.
fn dies_and_is_resumed(boundary: usize) -> bool {
    let (stage, summary, output) = dies_at(boundary);
    let Some(summary) = summary else {
        return true;
    };
    let run = text(&summary["run"]);
    let died = output.status != Some(0);
    if died && summary["state"] != "done" {
        eventually("the runner to be gone", || gone(&stage));
        let resumed = stage.home.defib(&["resume", &run, "--yes"]);
        assert_eq!(
            resumed.status,
            Some(0),
            "boundary {boundary}: first\n{output}\nthen\n{resumed}"
        );
    }
    let summary = stage.home.only_run();
    assert_eq!(summary["state"], "done", "boundary {boundary}: {summary}");
    stage.swap(&run).assert_done(&stage.picture());
    stage.assert_nothing_was_deleted();
    assert_created_is_journaled(&stage, &summary, &run);
    died
}

#[test]
fn a_runner_that_is_gone_leaves_its_last_words_and_the_way_on() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes"]);
    let mut command = stage.home.command(&arguments);
    command.env("DEFIB_CRASH_AT", "8");
    let output = process::run(command, "").expect(&[1]);
    let summary = stage.home.only_run();
    let run = text(&summary["run"]);
    assert_eq!(summary["state"], "running");
    assert_eq!(summary["runner"], "gone");
    let resume = format!("defib resume {}", &run[run.len() - 6..]);
    let log = format!("logs/{run}.log");
    let shown = stage.home.defib(&["show", &run]).expect(&[0]);
    let attached = stage.home.defib(&["attach", &run]).expect(&[1]);
    for output in [output, shown, attached] {
        let words = ["NO RUNNER", "it left no word", "safe: ", &log, &resume];
        assert_clear(&output, &words);
        assert!(!output.stderr.contains("it goes on"), "{output}");
    }
    let log = stage.home.state().join(log);
    let mut said = std::fs::read_to_string(&log).expect("the runner's log");
    said.push_str("what happened  the disk\u{1b}[2J is full\n");
    std::fs::write(&log, said).expect("the runner's log");
    let shown = stage.home.defib(&["show", &run]).expect(&[0]);
    assert_clear(&shown, &["its last words", "the disk‹U+001B›[2J is full"]);
    stage.home.defib(&["resume", &run]).expect(&[0]);
    stage.swap(&run).assert_done(&stage.picture());
}

#[test]
fn a_runner_does_not_hear_what_is_typed_at_the_terminal() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    stage.account.slow_down(250);
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes", "--json"]);
    let command = stage.home.command(&arguments);
    let viewer = thread::spawn(move || process::run(command, ""));
    let runner = eventually("the runner", || stage.home.runner());
    for typed in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP] {
        kill(Pid::from_raw(runner), typed).expect("it is there");
    }
    stage.account.fault(&serde_json::json!([]));
    let output = viewer.join().expect("the viewer ends").expect(&[0]);
    assert!(output.stdout.contains("\"done\""), "{output}");
}

fn gone(stage: &Stage) -> Option<()> {
    (stage.home.only_run()["runner"] == "gone").then_some(())
}

/// Nothing that carries the tag of this run may be missing in its journal.
fn assert_created_is_journaled(stage: &Stage, summary: &Value, run: &str) {
    let created = summary["created"].to_string();
    let picture = stage.picture();
    let new = (picture
        .volumes
        .iter()
        .filter(|(id, _)| !stage.before.volumes.contains_key(*id)))
    .chain(
        picture
            .snapshots
            .iter()
            .filter(|(id, _)| !stage.before.snapshots.contains_key(*id)),
    );
    for (id, row) in new {
        assert_eq!(row["tags"]["defib:run"], run, "{id} is marked: {row}");
        assert!(created.contains(id), "{id} is in the journal: {summary}");
    }
    let safety = picture.snapshots.len() - stage.before.snapshots.len();
    assert_eq!(safety, 1, "one safety snapshot, not one per attempt");
}
