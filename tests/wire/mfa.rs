//! Profiles whose role asks for the code of a second factor: who is asked, what is sent, and that a run works
//! with the session in a process of its own, which is told of it by nothing that stays.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portable_pty::CommandBuilder;
use serde_json::{Value, json};

use crate::account::Account;
use crate::console::{console, to_a_run};
use crate::estate::{Estate, Make};
use crate::process::eventually;
use crate::refusal::{FAILED, assert_clear, assert_no_run};
use crate::stage::{BEFORE_THE_INCIDENT, REGION, Stage, text};
use crate::window::Window;

const GP3: Make = Make::gp3(10, 4000, 200);
const ENTER: &str = "\r";
const WRONG: &str = "000000";

/// Has the profile of a stage assume a role that wants a code.
fn asks_for_codes(stage: &Stage, role: &str) {
    let id = &stage.account.id;
    stage.home.write(
        ".aws/config",
        &format!(
            "[profile red]\nrole_arn = arn:aws:iam::{id}:role/{role}\nsource_profile = base\n\
             region = {REGION}\nmfa_serial = {}\n",
            device(stage)
        ),
    );
}

fn device(stage: &Stage) -> String {
    format!("arn:aws:iam::{}:mfa/ada", stage.account.id)
}

fn with_codes() -> Stage {
    let stage = Stage::with_data_volume(GP3);
    asks_for_codes(&stage, "mfa-restore");
    stage
}

/// `defib` as typed into a terminal.
fn typed(stage: &Stage, arguments: &[&str]) -> Window {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.args(arguments);
    command.cwd(stage.home.path());
    command.env_clear();
    for (name, value) in stage.home.environment() {
        command.env(name, value);
    }
    Window::open(command, 120, 40)
}

/// Answers the question of a terminal.
fn give(window: &mut Window, code: &str) {
    window.type_text(code);
    window.press(ENTER);
}

/// The sessions that were handed out in the account of a stage, oldest first.
fn sessions(stage: &Stage) -> Vec<Value> {
    let sessions = stage.account.control("GET", "sessions", &Value::Null);
    sessions.as_array().expect("a list of sessions").clone()
}

/// Returns what was sent for each of them: device and code.
fn asked(stage: &Stage) -> Vec<(String, String)> {
    let pair = |row: &Value| (text(&row["serial"]), text(&row["code"]));
    sessions(stage).iter().map(pair).collect()
}

/// Asserts that these codes and no others were sent, each with its device.
fn assert_asked(stage: &Stage, codes: &[&str]) {
    let wanted: Vec<_> = codes
        .iter()
        .map(|code| (device(stage), (*code).to_owned()))
        .collect();
    assert_eq!(asked(stage), wanted);
}

/// Returns with whose keys an EC2 action was sent.
fn keys_of(stage: &Stage, action: &str) -> BTreeSet<String> {
    let calls = stage.account.control("GET", "calls", &Value::Null);
    let calls = calls.as_array().expect("a list of calls").iter();
    let sent = calls.filter(|call| call["action"] == action && call["dry_run"] == false);
    sent.map(|call| text(&call["access_key"])).collect()
}

fn key(session: &Value) -> BTreeSet<String> {
    BTreeSet::from([text(&session["key"])])
}

/// Tells whether a code stands in a text by itself: hashes and times are full of digits.
fn has_code(text: &[u8], code: &str) -> bool {
    let goes_on = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let windows = text.windows(code.len()).enumerate();
    let mut found = windows.filter(|(_, window)| *window == code.as_bytes());
    found.any(|(n, _)| !(goes_on(n + code.len()) || n > 0 && goes_on(n - 1)))
}

/// Asserts that no secret of a session and no code stands in a text.
fn assert_untold(stage: &Stage, place: &str, told: &[u8]) {
    for session in sessions(stage) {
        for name in ["secret", "token"] {
            let secret = text(&session[name]);
            let mut windows = told.windows(secret.len());
            let found = windows.any(|window| window == secret.as_bytes());
            assert!(!found, "the {name} of a session stands in {place}");
        }
        let code = text(&session["code"]);
        assert!(!has_code(told, &code), "a code stands in {place}");
    }
}

/// The same for everything that lies in the home: journal, logs, exports.
fn assert_no_file_tells(stage: &Stage, folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files = 0;
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files += assert_no_file_tells(stage, &path);
        } else if let Ok(bytes) = fs::read(&path) {
            assert_untold(stage, &path.display().to_string(), &bytes);
            files += 1;
        }
    }
    files
}

/// The same for everything that is told of a run, with files and outputs.
fn assert_nothing_tells(stage: &Stage, run: &str) {
    assert!(has_code(b"TokenCode=918273&x", "918273"), "it can be found");
    let commands = [
        vec!["report", run],
        vec!["show", run, "--json"],
        vec!["attach", run, "--json"],
        vec!["runs", "--json"],
    ];
    for command in commands {
        let output = stage.home.defib(&command);
        let told = format!("{}{}", output.stdout, output.stderr);
        assert_untold(stage, command[0], told.as_bytes());
    }
    let files = assert_no_file_tells(stage, stage.home.path());
    assert!(files > 3, "journal, log, settings and AWS files");
}

/// The same for what the machine tells of the runner while it works.
fn assert_runner_is_discreet(stage: &Stage) {
    let runner = eventually("the runner", || stage.home.runner());
    for file in ["environ", "cmdline"] {
        let told = fs::read(format!("/proc/{runner}/{file}")).expect("it works still");
        assert!(!told.is_empty());
        assert_untold(stage, file, &told);
    }
}

fn until(stage: &Stage, wanted: &str) {
    eventually(wanted, || {
        (stage.home.only_run()["state"] == wanted).then_some(())
    });
}

/// Has AWS take a session no more, while the run is in the middle.
fn session_ends(stage: &Stage) {
    let over = json!([{ "service": "ec2", "code": "RequestExpired", "times": 1_000_000 }]);
    stage.account.fault(&over);
    until(stage, "paused");
    eventually("the runner to let go", || {
        stage.home.runner().is_none().then_some(())
    });
    stage.account.fault(&json!([]));
}

#[test]
fn a_code_is_asked_for_at_the_terminal_and_a_process_of_its_own_works_with_the_session() {
    let stage = with_codes();
    let mut window = typed(
        &stage,
        &stage.arguments("run", &["--mode", "stop", "--yes"]),
    );
    let question = format!("MFA code of {} for profile red:", device(&stage));
    window.until("the question", |shown| {
        shown.replace('\n', "").contains(&question)
    });
    give(&mut window, "12345");
    window.see("a code has 6 digits");
    assert_eq!(sessions(&stage).len(), 0, "nothing was sent yet");
    give(&mut window, "918273");
    let viewer = window.pid();
    assert!(window.ended().success(), "{}", window.shown());
    let run = text(&stage.home.only_run()["run"]);
    stage.swap(&run).assert_done(&stage.picture());
    assert_asked(&stage, &["918273"]);
    let only = key(&sessions(&stage)[0]);
    for action in [
        "StopInstances",
        "CreateVolume",
        "AttachVolume",
        "StartInstances",
    ] {
        assert_eq!(keys_of(&stage, action), only, "{action}");
    }
    let log = stage.home.state().join(format!("logs/{run}.log"));
    let log = fs::read_to_string(log).expect("the log of the runner");
    assert!(log.contains("as process "), "{log}");
    assert!(!log.contains(&format!("as process {viewer}\n")), "{log}");
    assert_nothing_tells(&stage, &run);
}

#[test]
fn without_a_terminal_or_with_a_wrong_code_it_is_said_and_nothing_is_done() {
    let stage = with_codes();
    for command in ["points", "resources"] {
        let output = stage.home.defib(&["--profile", "red", command]);
        assert_clear(&output.expect(FAILED), &["profile red", "MFA", "terminal"]);
    }
    let output = stage.run(&["--mode", "stop"]);
    assert_clear(&output.expect(FAILED), &["profile red", "MFA", "terminal"]);
    let mut window = typed(
        &stage,
        &stage.arguments("run", &["--mode", "stop", "--yes"]),
    );
    window.see("MFA code of");
    give(&mut window, WRONG);
    window.until_ended("was refused");
    window.until_ended("wait for the next one");
    assert!(!window.ended().success());
    assert_no_run(&stage);
    assert_eq!(sessions(&stage).len(), 0);
    assert_eq!(stage.before.differences(&stage.picture()), "");
}

#[test]
fn keys_with_a_device_and_no_role_are_used_as_they_are() {
    let stage = Stage::with_data_volume(GP3);
    stage.home.write(
        ".aws/config",
        &format!(
            "[profile base]\nregion = {REGION}\nmfa_serial = {}\n",
            device(&stage)
        ),
    );
    stage
        .home
        .defib(&["--profile", "base", "points"])
        .expect(&[0]);
}

#[test]
fn a_run_whose_session_ends_pauses_and_goes_on_with_another_code() {
    let stage = with_codes();
    stage.account.slow_down(250);
    let mut window = typed(
        &stage,
        &stage.arguments("run", &["--mode", "stop", "--yes"]),
    );
    window.see("MFA code of");
    give(&mut window, "111222");
    stage.wait_for_call("StopInstances");
    assert_runner_is_discreet(&stage);
    session_ends(&stage);
    let summary = stage.home.only_run();
    let run = text(&summary["run"]);
    let resume = format!("defib resume {}", &run[run.len() - 6..]);
    for part in ["the MFA session is over", &resume, "asks for a new code"] {
        assert!(text(&summary["reason"]).contains(part), "{part}: {summary}");
    }
    assert_eq!(window.ended().exit_code(), 3, "{}", window.shown());

    let seq = || stage.home.defib(&["show", &run, "--json"]).json_lines()[0]["last_seq"].clone();
    let before = seq();
    let output = stage.home.defib(&["resume", &run, "--yes"]).expect(FAILED);
    assert_clear(&output, &["MFA code", "terminal"]);
    asks_for_codes(&stage, "mfa-admin");
    let mut window = typed(&stage, &["resume", &run, "--yes"]);
    window.see("MFA code of");
    give(&mut window, "222333");
    window.until_ended("the plan is for");
    assert_eq!(seq(), before, "nothing was journaled");

    asks_for_codes(&stage, "mfa-restore");
    let mut window = typed(&stage, &["resume", &run, "--yes"]);
    window.see("MFA code of");
    give(&mut window, "333444");
    assert!(window.ended().success(), "{}", window.shown());
    stage.swap(&run).assert_done(&stage.picture());
    assert_asked(&stage, &["111222", "222333", "333444"]);
    let (first, last) = (key(&sessions(&stage)[0]), key(&sessions(&stage)[2]));
    assert_eq!(keys_of(&stage, "StopInstances"), first);
    assert_eq!(keys_of(&stage, "StartInstances"), last);
    assert_nothing_tells(&stage, &run);
}

/// Opens a console on the profile that asks for a code, and on one that does not and leads elsewhere.
fn beside(stage: &Stage, other: &Account, (columns, rows): (u16, u16)) -> Window {
    let estate = Estate::new(other, REGION);
    let volume = estate.volume(GP3, &[("Name", "blue data")]);
    estate.snapshot(&volume, BEFORE_THE_INCIDENT, &[]);
    let config = stage.home.path().join(".aws/config");
    let red = fs::read_to_string(config).expect("the AWS file");
    let blue = format!(
        "[profile blue]\nrole_arn = arn:aws:iam::{}:role/restore\nsource_profile = base\n",
        other.id
    );
    stage.home.write(".aws/config", &(red + &blue));
    let profiles = "profiles = [\"red\", \"blue\"]\n";
    stage.home.write(".config/defib/config.toml", profiles);
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.args(["--region", REGION]);
    command.cwd(stage.home.path());
    command.env_clear();
    for (name, value) in stage.home.environment() {
        command.env(name, value);
    }
    Window::open(command, columns, rows)
}

#[test]
fn the_console_asks_beside_everything_else_and_again_where_it_was_declined() {
    for size in [(80, 24), (120, 40)] {
        let (stage, other) = (with_codes(), Account::fresh());
        let mut window = beside(&stage, &other, size);
        window.see("mfa/ada");
        window.see("1+ resources");
        give(&mut window, WRONG);
        window.see("was refused");
        window.press("\u{1b}");
        window.see("no MFA code was given");
        window.see("blue data");
        assert_eq!(sessions(&stage).len(), 0);
        window.press("R");
        window.see("mfa/ada");
        give(&mut window, "918273");
        window.see("orders-db data");
        window.see_gone("no MFA code was given");
        assert_asked(&stage, &["918273"]);
        window.press("\u{3}");
        assert!(window.ended().success());
    }
}

#[test]
fn a_run_of_the_console_works_with_the_session_and_goes_on_with_the_next() {
    let stage = with_codes();
    let mut window = console(&stage, 80, 24);
    window.see("mfa/ada");
    give(&mut window, "111222");
    window.see("orders-db data");
    stage.account.slow_down(250);
    to_a_run(&mut window);
    stage.wait_for_call("StopInstances");
    assert_runner_is_discreet(&stage);
    session_ends(&stage);
    window.see("the MFA session is over");
    // What AWS takes no more is given up, although it has not ended by the clock.
    let expired = json!([{ "service": "sts", "code": "ExpiredToken", "status": 403 }]);
    stage.account.fault(&expired);
    window.press("R");
    window.see("mfa/ada");
    give(&mut window, "333444");
    window.see("enter answers");
    window.press(ENTER);
    window.see("y  yes");
    window.press("y");
    until(&stage, "done");
    let run = text(&stage.home.only_run()["run"]);
    stage.swap(&run).assert_done(&stage.picture());
    assert_asked(&stage, &["111222", "333444"]);
    let both = sessions(&stage);
    assert_eq!(keys_of(&stage, "StopInstances"), key(&both[0]));
    assert_eq!(keys_of(&stage, "StartInstances"), key(&both[1]));
    window.press("\u{3}");
    assert!(window.ended().success());
    assert_nothing_tells(&stage, &run);
}
