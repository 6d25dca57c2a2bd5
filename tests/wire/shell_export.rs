//! The exported shell script, run with the AWS CLI that others wrote: the same swap, to the byte.

use std::process::Command;

use crate::estate::{HOSTILE_TAGS, Make};
use crate::process::{self, Output};
use crate::stage::{REGION, Stage, text};

/// Exports the plan and runs the script with every question answered.
fn run_script(stage: &Stage, extra: &[&str]) -> Output {
    let mut arguments = stage.arguments("plan", extra);
    arguments.extend(["--format", "shell"]);
    let plan = stage.home.defib(&arguments).expect(&[0]);
    let script = stage.home.write("swap.sh", &plan.stdout);
    let shell = if plan.stdout.starts_with("#!/bin/sh") {
        "sh"
    } else {
        "bash"
    };
    let mut command = Command::new(shell);
    command
        .arg(script)
        .current_dir(stage.home.path())
        .env_clear();
    command.envs(stage.home.environment());
    command.env("AWS_PROFILE", "red").env("AWS_REGION", REGION);
    process::run(command, &"yes\n".repeat(100))
}

/// Returns the run that the script tagged everything with, as the old volume tells it.
fn run_tag(stage: &Stage) -> String {
    let old = stage.old.as_deref().expect("there is an old volume");
    text(&stage.picture().volumes[old]["tags"]["defib:run"])
}

#[test]
fn the_exported_script_does_the_same_swap_with_tags_byte_equal() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let output = run_script(&stage, &["--mode", "stop"]).expect(&[0]);
    let new = stage.swap(&run_tag(&stage)).assert_done(&stage.picture());
    let tags = &stage.picture().volumes[&new]["tags"];
    for (key, value) in HOSTILE_TAGS {
        assert_eq!(tags[key], value, "{key:?}\n{output}");
    }
    let hacked = stage.home.path().join("hacked");
    assert!(!hacked.exists(), "a tag was run as a command\n{output}");
    stage.assert_nothing_was_deleted();
}

#[test]
fn the_exported_script_swaps_an_io2_volume_that_a_person_unmounts() {
    let stage = Stage::with_data_volume(Make::io2(12, 640));
    run_script(&stage, &["--mode", "unmount"]).expect(&[0]);
    stage.swap(&run_tag(&stage)).assert_done(&stage.picture());
}

#[test]
fn the_exported_script_stops_when_a_call_is_refused() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    stage.account.fault(
        &serde_json::json!([{ "service": "ec2", "action": "StopInstances",
        "code": "OperationNotPermitted", "message": "stop protection", "times": 1_000_000 }]),
    );
    let plan = ["--mode", "stop"];
    let output = run_script(&stage, &plan);
    assert_ne!(output.status, Some(0), "{output}");
    let devices = &stage.picture().instances[&stage.instance]["devices"];
    assert_eq!(
        devices[&stage.device]["volume"],
        stage.old.as_deref().unwrap(),
        "{output}"
    );
}
