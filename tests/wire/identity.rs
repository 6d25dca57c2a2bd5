//! A plan is for one account and one role: nobody else starts, resumes, approves or takes back its run.
//!
//! The profile keeps its name and leads elsewhere, as after a login into the wrong account.

use serde_json::Value;

use crate::account::Account;
use crate::console::{console, to_a_run};
use crate::estate::Make;
use crate::home::Home;
use crate::process::eventually;
use crate::refusal::{FAILED, assert_clear};
use crate::stage::{REGION, Stage, run_of, text};
use crate::window::Window;

const GP3: Make = Make::gp3(10, 4000, 200);

/// Has the profile assume another role, with another name for its sessions if that is wanted.
fn becomes(home: &Home, account: &str, role: &str, session: Option<&str>) {
    let session = session.map_or(String::new(), |name| {
        format!("role_session_name = {name}\n")
    });
    home.write(
        ".aws/config",
        &format!(
            "[profile red]\nrole_arn = arn:aws:iam::{account}:role/{role}\nsource_profile = base\n\
             region = {REGION}\n{session}"
        ),
    );
}

/// A run that was started from a console and waits for an answer, and its console.
fn waiting(stage: &Stage) -> (String, Window) {
    let mut window = console(stage, 120, 40);
    window.see("orders-db data");
    to_a_run(&mut window);
    eventually("the run to ask", || {
        (text(&stage.home.only_run()["state"]) == "waiting").then_some(())
    });
    (text(&stage.home.only_run()["run"]), window)
}

fn seq(stage: &Stage, run: &str) -> Value {
    let shown = stage.home.defib(&["show", run, "--json"]).expect(&[0]);
    shown.json_lines()[0]["last_seq"].clone()
}

/// Carries out a command as each other caller, and asserts that it names both and does nothing.
fn assert_refused_for_others(stage: &Stage, command: &[&str]) {
    let (own, other) = (stage.account.id.clone(), Account::fresh());
    let callers = [
        (&other.id, "restore"),
        (&own, "admin"),
        (&own, "Restore"),
        (&other.id, "admin"),
    ];
    for (account, role) in callers {
        becomes(&stage.home, account, role, None);
        let output = stage.home.defib(command);
        let both = [
            format!("assumed-role/restore in account {own}, {REGION}"),
            format!("assumed-role/{role} in account {account}, {REGION}"),
        ];
        assert_clear(&output.expect(FAILED), &both.each_ref().map(String::as_str));
    }
}

#[test]
fn nobody_else_resumes_approves_or_takes_back_a_run() {
    let stage = Stage::with_data_volume(GP3);
    let (run, mut window) = waiting(&stage);
    let (picture, before) = (stage.picture(), seq(&stage, &run));
    for command in ["approve", "resume", "rollback"] {
        assert_refused_for_others(&stage, &[command, &run, "--yes"]);
    }
    window.see("enter answers");
    window.press("\r");
    window.see("y  yes");
    window.press("y");
    window.see("the plan is for arn:aws:sts");
    assert_eq!(seq(&stage, &run), before, "nothing was journaled");
    assert_eq!(
        picture.differences(&stage.picture()),
        "",
        "nothing was sent"
    );
    becomes(
        &stage.home,
        &stage.account.id,
        "restore",
        Some("another-login"),
    );
    stage.home.defib(&["approve", &run, "--yes"]).expect(&[0]);
    stage.swap(&run).assert_done(&stage.picture());
    becomes(
        &stage.home,
        &stage.account.id,
        "restore",
        Some("a-third-login"),
    );
    stage.home.defib(&["rollback", &run, "--yes"]).expect(&[0]);
}

#[test]
fn nobody_else_carries_out_a_plan() {
    let stage = Stage::with_data_volume(GP3);
    let plan = stage.arguments("plan", &["--format", "json", "--mode", "stop"]);
    let plan = stage.home.defib(&plan).expect(&[0]).stdout;
    let file = stage.home.write("plan.json", &plan);
    let file = file.to_str().expect("UTF-8");
    let run = ["run", "--plan", file, "--yes", "--json"];
    assert_refused_for_others(&stage, &run);
    crate::refusal::assert_no_run(&stage);
    becomes(&stage.home, &stage.account.id, "restore", None);
    let elsewhere = ["--region", "us-east-1", "run", "--plan", file, "--yes"];
    let output = stage.home.defib(&elsewhere).expect(&[2]);
    assert_clear(&output, &[REGION, "us-east-1"]);
    crate::refusal::assert_no_run(&stage);
    assert_eq!(stage.before.differences(&stage.picture()), "");
    becomes(
        &stage.home,
        &stage.account.id,
        "restore",
        Some("another-login"),
    );
    let run = run_of(&stage.home.defib(&run).expect(&[0]));
    stage.swap(&run).assert_done(&stage.picture());
}

#[test]
fn a_runner_that_finds_itself_somebody_else_sends_nothing_and_says_who() {
    let stage = Stage::with_data_volume(GP3);
    let mut arguments = stage.arguments("run", &["--mode", "stop", "--json", "--yes"]);
    arguments.push("--no-safety-snapshot");
    let mut viewer = stage.home.command(&arguments);
    viewer.env("DEFIB_CRASH_AT", "6");
    let run = run_of(&crate::process::run(viewer, ""));
    let picture = stage.picture();
    becomes(&stage.home, &stage.account.id, "admin", None);
    stage.home.defib(&["runner", &run]).expect(&[0]);
    let summary = stage.home.only_run();
    assert_eq!(summary["state"], "paused", "{summary}");
    for role in ["restore", "admin"] {
        let named = format!("assumed-role/{role} in account {}", stage.account.id);
        assert!(summary["reason"].to_string().contains(&named), "{summary}");
    }
    assert_eq!(picture.differences(&stage.picture()), "");
    becomes(&stage.home, &stage.account.id, "restore", None);
    stage.home.defib(&["resume", &run, "--yes"]).expect(&[0]);
    stage.swap(&run).assert_done(&stage.picture());
}
