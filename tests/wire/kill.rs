//! What is said of a runner that is gone, and what a runner does not hear. That a kill loses nothing,
//! wherever it strikes, is shown by `matrix`.

use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::estate::Make;
use crate::process::{self, eventually};
use crate::refusal::assert_clear;
use crate::stage::{Stage, text};

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
