//! Hostile names and error texts through the real program: what it prints, and what its detached runner
//! leaves in its log. `tests/hostile` has the table; here it is the wire that carries the texts.

use std::fs;

use serde_json::json;

use crate::estate::Make;
use crate::process::Output;
use crate::stage::{Stage, run_of};
use crate::strings::assert_harmless;

/// As XML may carry it, C1 controls and the rest of what is no letter.
const NAME: &str = "a\u{9b}2J\u{85}\u{202e}b\u{2066}\u{200b}\u{feff}\u{2028}\t\n\u{e000}\u{fff9}\u{fe0f}\
    \u{e0041}\u{200d}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";

/// What AWS says, with what XML can only name by its number.
const MESSAGE: &str =
    "no&#x1b;[2J&#x1b;]0;title&#x7;&#xd;EVIL&#x8;&#x9b;31m&#x202e;&#x2066;&#x200b;&#x2028;";

fn assert_clean(output: &Output, what: &str) {
    assert_harmless(&output.stdout, what);
    assert_harmless(&output.stderr, what);
}

#[test]
fn no_name_and_no_error_of_aws_reaches_a_terminal_or_a_log_as_it_is() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let named = [("Name", NAME), (NAME, NAME)];
    let old = stage.old.clone().expect("the old volume");
    for resource in [&old, &stage.instance, &stage.snapshot] {
        stage.estate().tag(resource, &named);
    }
    // A rehearsal would meet the fault first.
    stage.home.write(".config/defib/config.toml", "");
    let refusal = json!([{ "service": "ec2", "action": "StopInstances", "status": 403,
        "code": "UnauthorizedOperation", "message": MESSAGE }]);
    stage.account.fault(&refusal);
    let failed = stage.run(&["--mode", "stop"]).expect(&[1]);
    assert_clean(&failed, "run");
    assert!(
        failed
            .stderr
            .contains("‹U+001B›[2J‹U+001B›]0;title‹U+0007›"),
        "{failed}"
    );
    let run = run_of(&failed);
    for format in ["text", "json", "markdown", "shell"] {
        let extra = ["--format", format];
        let output = stage.home.defib(&stage.arguments("plan", &extra));
        assert_clean(&output, format);
    }
    for arguments in [
        vec!["--profile", "red", "points"],
        vec!["--profile", "red", "points", "--json"],
        vec!["--profile", "red", "resources"],
        vec!["runs"],
        vec!["show", &run],
        vec!["show", &run, "--json"],
        vec!["report", &run],
        vec!["resume", &run, "--yes"],
        vec!["attach", &run],
        vec!["doctor"],
    ] {
        assert_clean(&stage.home.defib(&arguments), &format!("{arguments:?}"));
    }
    let logs = fs::read_dir(stage.home.state().join("logs")).expect("the logs");
    let logs: Vec<String> = logs
        .map(|log| fs::read_to_string(log.expect("a log").path()).expect("UTF-8"))
        .collect();
    assert!(!logs.is_empty());
    for log in logs {
        assert!(log.contains("runner started"), "{log}");
        assert_harmless(&log, "the runner's log");
    }
}
