//! Nothing is taken back, and in a protected account nothing goes on, unless a person said so.

use crate::estate::Make;
use crate::process::Output;
use crate::refusal::assert_clear;
use crate::stage::{Stage, run_of};

const GP3: Make = Make::gp3(10, 4000, 200);

fn protect(stage: &Stage) {
    let config = format!(
        "endpoint_honours_dry_run = true\nprotected_accounts = [\"{}\"]\n",
        stage.account.id
    );
    stage.home.write(".config/defib/config.toml", &config);
}

/// Returns the id of the old volume with the account's last four digits.
fn typed_id(stage: &Stage) -> String {
    let digits = &stage.account.id[8..];
    format!("{}@{digits}", stage.old.as_deref().expect("the old volume"))
}

fn assert_waits(output: Output, words: &[&str]) {
    assert_clear(&output.expect(&[3]), words);
}

#[test]
fn a_roll_back_without_a_yes_says_what_it_would_do_and_does_nothing() {
    let stage = Stage::with_data_volume(GP3);
    let run = run_of(&stage.run(&["--mode", "stop"]).expect(&[0]));
    let new = stage.swap(&run).assert_done(&stage.picture());
    let after = stage.picture();
    let output = stage.home.defib(&["rollback", &run]);
    let kept = format!("kept: volume {new}");
    assert_waits(
        output,
        &["undone, in this order", &kept, "--yes", "INTERRUPTED"],
    );
    assert_eq!(after.differences(&stage.picture()), "", "nothing was sent");
    assert_eq!(stage.home.only_run()["state"], "done", "nothing was asked");
    stage.roll_back(&run, &new);
}

#[test]
fn in_a_protected_account_a_run_and_its_way_back_need_the_name_typed() {
    let stage = Stage::with_data_volume(GP3);
    protect(&stage);
    let (typed, digits) = (typed_id(&stage), stage.account.id[8..].to_owned());
    let without = stage.run(&["--mode", "stop"]);
    assert_waits(
        without,
        &["is protected", &format!("@{digits}"), "--confirm"],
    );
    let wrong = stage.run(&["--mode", "stop", "--confirm", "vol-0@0000"]);
    assert_waits(wrong, &["“vol-0@0000” was typed", "asks for"]);
    crate::refusal::assert_no_run(&stage);
    let confirmed = ["--mode", "stop", "--confirm", &typed];
    let run = run_of(&stage.run(&confirmed).expect(&[0]));
    stage.swap(&run).assert_done(&stage.picture());
    let after = stage.picture();
    assert_waits(
        stage.home.defib(&["rollback", &run, "--yes"]),
        &["--confirm"],
    );
    assert_eq!(after.differences(&stage.picture()), "");
    let back = ["rollback", &run, "--yes", "--confirm", &typed];
    stage.home.defib(&back).expect(&[0]);
    assert_eq!(stage.home.only_run()["state"], "rolled-back");
}

#[test]
fn in_a_protected_account_a_run_goes_on_only_with_the_name_typed() {
    let stage = Stage::with_data_volume(GP3);
    let mut arguments = stage.arguments("run", &["--mode", "stop", "--json", "--yes"]);
    arguments.push("--no-safety-snapshot");
    let mut runner = stage.home.command(&arguments);
    runner.env("DEFIB_CRASH_AT", "6");
    let run = run_of(&crate::process::run(runner, ""));
    protect(&stage);
    let typed = typed_id(&stage);
    assert_waits(stage.home.defib(&["resume", &run]), &["--confirm"]);
    stage
        .home
        .defib(&["resume", &run, "--confirm", &typed])
        .expect(&[0]);
    stage.swap(&run).assert_done(&stage.picture());
}
