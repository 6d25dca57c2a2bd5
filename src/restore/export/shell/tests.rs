//! Runs exported scripts with bash against a fake `aws` that records what it is given.
//!
//! The fake answers from files, a line a call, and keeps every argument byte for byte. No AWS, no network;
//! what is wrong in a script shows as a call too many or an argument too short.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::super::specimen;
use super::*;
use crate::domain::plan::Call;

/// Answers a call from the file `answers/API`, one line a call, the last line again and again; a
/// line `!` fails. Arguments go to `calls/NNN`, parted by NUL.
const FAKE: &str = r#"#!/usr/bin/env bash
cd "${FAKE_DIR:?}" || exit 9
n=$(printf '%03d' "$(ls calls | wc -l)")
printf '%s\0' "$@" >"calls/$n.$2"
printf '%s' "${AWS_MAX_ATTEMPTS:-}" >"attempts.$2"
[ -f "answers/$2" ] || exit 0
seen=$(ls calls | grep -c "\.$2\$")
line=$(sed -n "${seen}p" "answers/$2")
[ -n "$line" ] || line=$(tail -n 1 "answers/$2")
if [ "$line" = '!' ]; then printf 'An error \033[31m occurred\n' >&2; exit 254; fi
printf '%b\n' "$line"
"#;

struct Stage {
    dir: tempfile::TempDir,
}

impl Stage {
    fn new(answers: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["bin", "calls", "answers", "work"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let aws = dir.path().join("bin/aws");
        fs::write(&aws, FAKE).unwrap();
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
        let stage = Self { dir };
        let swap = [
            ("get-caller-identity", "111122223333"),
            ("create-snapshot", "snap-0new"),
            ("describe-snapshots", "pending"),
            ("create-volume", "vol-0new"),
            // create: creating, available · detach: looked before, after · attach: before, after
            (
                "describe-volumes",
                "creating\navailable\nin-use\navailable\nNone\nin-use\\tattached",
            ),
            // stop: before, twice after · delete on termination holds already
            ("describe-instances", "running\nstopping\nstopped\nFalse"),
            (
                "describe-instance-status",
                "stopped\\tnot-applicable\\tnot-applicable\nrunning\\tok\\tok",
            ),
        ];
        for (api, lines) in swap.iter().chain(answers) {
            stage.answer(api, lines);
        }
        stage
    }

    fn answer(&self, api: &str, lines: &str) {
        fs::write(self.path("answers").join(api), lines).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs a script without a terminal, so that gates read `answers`.
    fn run(&self, script: &str, answers: &str, environment: &[(&str, &str)]) -> Output {
        let file = self.path("work").join("swap.sh");
        fs::write(&file, script).unwrap();
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut child = Command::new("setsid")
            .args(["--wait", "bash", "swap.sh"])
            .current_dir(self.path("work"))
            .env("PATH", path)
            .env("FAKE_DIR", self.dir.path())
            .env("DEFIB_POLL", "0")
            .env_remove("AWS_PROFILE")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A script that stops early closes the pipe.
        let _ = stdin.write_all(answers.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    /// Returns the arguments of every call of an API, in order.
    fn calls(&self, api: &str) -> Vec<Vec<String>> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path("calls"))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        let of_api = |file: &&PathBuf| file.extension().is_some_and(|name| name == api);
        let arguments = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap();
            text.split_terminator('\0').map(str::to_owned).collect()
        };
        files.iter().filter(of_api).map(arguments).collect()
    }

    fn input(&self, api: &str) -> Value {
        let calls = self.calls(api);
        let call = calls
            .first()
            .unwrap_or_else(|| panic!("{api} was not called"));
        let at = call
            .iter()
            .position(|word| word == "--cli-input-json")
            .unwrap();
        serde_json::from_str(&call[at + 1]).unwrap()
    }

    fn record(&self) -> String {
        let files = fs::read_dir(self.path("work")).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        let record = files.find(|file| file.extension().is_some_and(|name| name == "record"));
        fs::read_to_string(record.unwrap()).unwrap()
    }
}

fn script(plan: &Plan) -> String {
    render(plan, &specimen::decode).unwrap()
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

const YES: &str = "yes\nyes\nyes\n";

#[test]
fn a_plan_as_a_script() {
    let script = script(&specimen::plan());
    let (head, rest) = script.split_once("# ---- what every step uses").unwrap();
    let (_, own) = rest.split_once("# Prints how to take back").unwrap();
    insta::assert_snapshot!(format!("{head}…\n# Prints how to take back{own}"));
}

#[test]
fn bash_can_read_every_script() {
    for plan in [specimen::plan(), specimen::hostile()] {
        let stage = Stage::new(&[]);
        let file = stage.path("work").join("swap.sh");
        fs::write(&file, script(&plan)).unwrap();
        let output = Command::new("bash").arg("-n").arg(&file).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            told(&output)
        );
    }
}

#[test]
fn a_swap_runs_to_its_end() {
    let stage = Stage::new(&[]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(stage.input("attach-volume")["VolumeId"], "vol-0new");
    assert_eq!(stage.input("attach-volume")["Device"], "/dev/sdf");
    assert_eq!(stage.calls("stop-instances").len(), 1);
    assert_eq!(stage.calls("start-instances").len(), 1);
    let call = &stage.calls("create-volume")[0];
    assert_eq!(call[..2], ["ec2", "create-volume"]);
    assert!(
        call.windows(2)
            .any(|pair| pair == ["--region", "eu-west-1"]),
        "{call:?}"
    );
    assert!(
        call.windows(2)
            .any(|pair| pair == ["--profile", "acme-prod"]),
        "{call:?}"
    );
    let attempts = fs::read_to_string(stage.path("attempts.create-volume")).unwrap();
    assert_eq!(attempts, "1");
}

#[test]
fn one_run_id_stands_in_every_tag_and_in_the_token() {
    let stage = Stage::new(&[]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    let run = told(&output)
        .lines()
        .find_map(|line| line.strip_prefix("run ").map(str::to_owned));
    let run = run.unwrap();
    assert_eq!(run.len(), 36, "{run}");
    let input = stage.input("create-volume");
    let token = input["ClientToken"].as_str().unwrap();
    assert!(token.starts_with(&run) && token.len() <= 64, "{token}");
    let tags = &input["TagSpecifications"][0]["Tags"];
    assert_eq!(tag(tags, "defib:run"), run);
    assert_eq!(tag(tags, "defib:step"), "create-volume");
    assert_eq!(tag(tags, "defib:source"), "snap-0a1f0000000000c2");
    assert_eq!(tag(&stage.input("create-tags")["Tags"], "defib:run"), run);
}

fn tag(tags: &Value, key: &str) -> String {
    let tag = tags
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["Key"] == key);
    tag.unwrap()["Value"].as_str().unwrap().to_owned()
}

#[test]
fn hostile_text_arrives_byte_equal_and_runs_nothing() {
    let stage = Stage::new(&[]);
    let plan = specimen::hostile();
    let name = visible(specimen::HOSTILE);
    let output = stage.run(&script(&plan), &format!("yes\n{name}\nyes\n"), &[]);
    assert!(output.status.success(), "{}", told(&output));
    let tags = &stage.input("create-volume")["TagSpecifications"][0]["Tags"];
    assert_eq!(tag(tags, "Name"), specimen::HOSTILE);
    assert!(!stage.path("work").join("pwned").exists());
    let hostile = |c: char| c != '\n' && crate::domain::text::is_hostile(c);
    assert!(!told(&output).contains(hostile), "{:?}", told(&output));
    assert!(!script(&plan).contains(hostile));
}

#[test]
fn a_fatal_state_stops_before_the_service_goes_down_and_tells_how_to_go_back() {
    let stage = Stage::new(&[("describe-volumes", "creating\nerror")]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert!(told.contains("went to “error”"), "{told}");
    assert!(told.contains("What was created is kept"), "{told}");
    assert!(!told.contains("THE SERVICE MAY BE DOWN"), "{told}");
    assert!(stage.calls("stop-instances").is_empty());
}

#[test]
fn a_failure_in_the_outage_prints_the_undo_of_what_was_sent() {
    let stage = Stage::new(&[("attach-volume", "!")]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert!(told.contains("An error ?[31m occurred"), "{told}");
    assert!(told.contains("THE SERVICE MAY BE DOWN"), "{told}");
    let detach = told
        .find("aws ec2 detach-volume --region 'eu-west-1' --profile 'acme-prod'")
        .unwrap();
    let attach = told.find("aws ec2 attach-volume").unwrap();
    let start = told.find("aws ec2 start-instances").unwrap();
    assert!(detach < attach && attach < start, "{told}");
    assert!(
        told[detach..].contains(r#""VolumeId":"vol-0new""#),
        "{told}"
    );
}

#[test]
fn a_run_that_stopped_goes_on_without_sending_anything_twice() {
    let stage = Stage::new(&[("attach-volume", "!\n")]);
    let plan = specimen::plan();
    let first = stage.run(&script(&plan), YES, &[("DEFIB_RUN", "run-1")]);
    assert_eq!(first.status.code(), Some(1), "{}", told(&first));
    stage.answer("attach-volume", "");
    let seen = stage.calls("describe-volumes").len();
    stage.answer(
        "describe-volumes",
        &format!("{}None\nin-use\\tattached", "x\n".repeat(seen)),
    );
    let again = stage.run(&script(&plan), YES, &[("DEFIB_RUN", "run-1")]);
    assert!(again.status.success(), "{}", told(&again));
    for api in [
        "create-snapshot",
        "create-volume",
        "stop-instances",
        "detach-volume",
    ] {
        assert_eq!(stage.calls(api).len(), 1, "{api}");
    }
    assert_eq!(stage.calls("attach-volume").len(), 2);
    assert_eq!(
        stage.calls("attach-volume")[0],
        stage.calls("attach-volume")[1]
    );
}

#[test]
fn a_snapshot_whose_answer_was_lost_is_not_made_a_second_time() {
    let stage = Stage::new(&[("create-snapshot", "!")]);
    let plan = specimen::plan();
    stage.run(&script(&plan), YES, &[("DEFIB_RUN", "run-1")]);
    let again = stage.run(&script(&plan), YES, &[("DEFIB_RUN", "run-1")]);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        told(&again).contains("could make a second one"),
        "{}",
        told(&again)
    );
    assert_eq!(stage.calls("create-snapshot").len(), 1);
}

#[test]
fn what_holds_already_is_not_sent() {
    let stage = Stage::new(&[("describe-instances", "stopped\nstopped\nFalse")]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(stage.calls("stop-instances").is_empty());
    assert!(!stage.record().contains("sent 3"), "{}", stage.record());
    assert!(stage.calls("modify-instance-attribute").is_empty());
}

#[test]
fn without_a_yes_nothing_is_sent() {
    for answers in ["", "no\n", "yes please\n"] {
        let stage = Stage::new(&[]);
        let output = stage.run(&script(&specimen::plan()), answers, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        assert!(stage.calls("create-snapshot").is_empty());
        assert!(stage.calls("create-volume").is_empty());
    }
}

#[test]
fn the_gate_before_the_outage_is_asked() {
    let stage = Stage::new(&[]);
    let output = stage.run(&script(&specimen::plan()), "yes\nno\n", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told(&output).contains("The service goes down now"),
        "{}",
        told(&output)
    );
    assert_eq!(stage.calls("create-volume").len(), 1);
    assert!(stage.calls("stop-instances").is_empty());
}

#[test]
fn a_typed_gate_wants_the_name_or_the_name_with_four_digits() {
    let mut plan = specimen::plan();
    plan.steps[2].gate = Gate::TypeName {
        name: "orders db".into(),
        why: "protected account".to_owned(),
    };
    for (typed, ends) in [
        ("yes", 1),
        ("orders db@9999", 1),
        ("orders db", 0),
        ("orders db@3333", 0),
    ] {
        let stage = Stage::new(&[]);
        let output = stage.run(&script(&plan), &format!("yes\n{typed}\nyes\n"), &[]);
        assert_eq!(
            output.status.code(),
            Some(ends),
            "{typed}: {}",
            told(&output)
        );
    }
}

/// A plan whose step 8, which tags the old volume, is asked for and may be left out; by its script.
fn with_a_step_to_leave_out() -> String {
    let mut plan = specimen::plan();
    let step = &mut plan.steps[7];
    assert_eq!(step.id.as_str(), "tag-old");
    step.gate = Gate::Confirm("Tag it?".to_owned());
    step.if_declined = Some("nobody knows whose it is".to_owned());
    script(&plan)
}

const RUN: (&str, &str) = ("DEFIB_RUN", "run-1");

#[test]
fn a_step_that_may_be_left_out_is_asked_for_and_left_out_for_good() {
    let script = with_a_step_to_leave_out();
    let stage = Stage::new(&[]);
    let output = stage.run(&script, "yes\nyes\nmaybe\nyes\nyes\n", &[]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(stage.calls("create-tags").is_empty());

    let stage = Stage::new(&[]);
    let output = stage.run(&script, "yes\nyes\nyes\nyes\nyes\n", &[RUN]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(stage.calls("create-tags").len(), 1);
    assert!(stage.record().contains("\ndone 8\n"), "{}", stage.record());

    let stage = Stage::new(&[]);
    let output = stage.run(&script, "yes\nyes\nno\nyes\n", &[RUN]);
    let first = told(&output);
    assert!(output.status.success(), "{first}");
    let offered = "it may be left out: then nobody knows whose it is";
    assert!(first.contains(offered), "{first}");
    assert!(first.contains("left out\n"), "{first}");
    let record = stage.record();
    assert!(record.contains("\nleft 8\n"), "{record}");
    assert!(
        record.contains("\ndone 9\n"),
        "what follows is done: {record}"
    );
    // Nobody is asked for it again, and it is not done.
    let again = stage.run(&script, "yes\nyes\nyes\n", &[RUN]);
    let again = told(&again);
    assert!(again.contains("(left out before)"), "{again}");
    assert!(!again.contains(offered), "{again}");
    for sent in ["sent 8", "done 8"] {
        assert!(!stage.record().contains(sent), "{}", stage.record());
    }
    assert!(stage.calls("create-tags").is_empty());
}

#[test]
fn what_may_have_happened_is_not_left_out_by_a_no() {
    let script = with_a_step_to_leave_out();
    let stage = Stage::new(&[("create-tags", "!")]);
    let cut = stage.run(&script, "yes\nyes\nyes\nyes\n", &[RUN]);
    assert_eq!(cut.status.code(), Some(1), "{}", told(&cut));
    assert!(stage.record().contains("\nsent 8\n"), "{}", stage.record());
    for no in ["no", "maybe"] {
        let output = stage.run(&script, &format!("yes\n{no}\nyes\nyes\n"), &[RUN]);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("whether it happened is not known"), "{told}");
        for untrue in ["left out\n", "nothing was sent for this"] {
            assert!(!told.contains(untrue), "{untrue}: {told}");
        }
        let record = stage.record();
        for line in ["left 8", "done 8", "done 9"] {
            assert!(!record.contains(line), "{line}: {record}");
        }
    }
    assert_eq!(stage.calls("create-tags").len(), 1);
    // A yes sends it once more.
    stage.answer("create-tags", "");
    let output = stage.run(&script, "yes\nyes\nyes\n", &[RUN]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(stage.calls("create-tags").len(), 2);
    assert!(stage.record().contains("\ndone 8\n"), "{}", stage.record());
}

#[test]
fn a_name_that_is_refused_after_the_call_was_sent_does_not_say_that_nothing_was() {
    let mut plan = specimen::plan();
    plan.steps[7].gate = Gate::TypeName {
        name: "orders db".into(),
        why: "protected account".to_owned(),
    };
    let script = script(&plan);
    let stage = Stage::new(&[("create-tags", "!")]);
    let wrong = stage.run(&script, "yes\nyes\norders\n", &[RUN]);
    let before = told(&wrong);
    assert!(before.contains("nothing was sent for this"), "{before}");
    stage.run(&script, "yes\norders db\n", &[RUN]);
    assert_eq!(stage.calls("create-tags").len(), 1);
    let wrong = stage.run(&script, "yes\norders\n", &[RUN]);
    assert_eq!(wrong.status.code(), Some(1));
    let after = told(&wrong);
    assert!(
        after.contains("whether it happened is not known"),
        "{after}"
    );
    assert!(!after.contains("nothing was sent for this"), "{after}");
}

#[test]
fn another_account_is_refused_before_anything_is_asked() {
    let stage = Stage::new(&[("get-caller-identity", "999988887777")]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told(&output).contains("of account 999988887777"),
        "{}",
        told(&output)
    );
    assert_eq!(fs::read_dir(stage.path("calls")).unwrap().count(), 1);
}

#[test]
fn the_profile_of_the_environment_wins() {
    let stage = Stage::new(&[]);
    stage.run(&script(&specimen::plan()), YES, &[("AWS_PROFILE", "mine")]);
    assert!(!stage.calls("create-volume")[0].contains(&"--profile".to_owned()));
}

#[test]
fn an_id_that_is_none_goes_into_no_command() {
    for id in ["None", "$(touch pwned)", "", "vol-1 --force"] {
        let stage = Stage::new(&[("create-volume", id)]);
        let output = stage.run(&script(&specimen::plan()), YES, &[]);
        assert_eq!(output.status.code(), Some(1), "{id}: {}", told(&output));
        assert_eq!(stage.calls("describe-volumes").len(), 0, "{id}");
        assert!(!stage.path("work").join("pwned").exists());
    }
}

#[test]
fn a_look_that_fails_once_is_made_again_and_one_that_always_fails_stops() {
    let stage = Stage::new(&[("describe-snapshots", "!\n!\npending")]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert!(output.status.success(), "{}", told(&output));
    let stage = Stage::new(&[("describe-snapshots", "!")]);
    let output = stage.run(&script(&specimen::plan()), YES, &[]);
    assert!(
        told(&output).contains("could not be read 12 times"),
        "{}",
        told(&output)
    );
}

#[test]
fn a_check_that_stops_the_plan_stops_the_script() {
    let mut plan = specimen::plan();
    plan.checks[0].verdict = Verdict::Stop;
    let stage = Stage::new(&[]);
    let output = stage.run(&script(&plan), YES, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stage.calls("create-snapshot").is_empty());
}

#[test]
fn steps_come_after_what_they_need() {
    let mut plan = specimen::plan();
    plan.steps.reverse();
    let stage = Stage::new(&[]);
    let output = stage.run(&script(&plan), YES, &[]);
    assert!(output.status.success(), "{}", told(&output));
    plan.steps[0].needs = vec!["healthy".into()];
    assert!(matches!(
        render(&plan, &specimen::decode),
        Err(ExportError::Order { .. })
    ));
}

#[test]
fn what_no_earlier_step_gives_is_an_error() {
    let mut plan = specimen::plan();
    plan.steps[4].call.as_mut().unwrap().input["volume"] = json!({"$output": "create-volume.size"});
    let error = render(&plan, &specimen::decode).unwrap_err();
    assert!(matches!(error, ExportError::Reference { .. }), "{error}");
    plan.steps[4].call.as_mut().unwrap().input["volume"] = json!({"$before": "detach.volume"});
    assert!(matches!(
        render(&plan, &specimen::decode),
        Err(ExportError::Reference { .. })
    ));
    plan.steps[4].call = Some(Call {
        operation: "ec2:Unknown".to_owned(),
        version: 1,
        input: Value::Null,
    });
    assert!(matches!(
        render(&plan, &specimen::decode),
        Err(ExportError::Decode { .. })
    ));
}
