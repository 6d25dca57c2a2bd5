//! Bad input and bad luck: each is a clear sentence and the right exit code, and nothing is touched.

use crate::estate::Make;
use crate::home::Home;
use crate::refusal::{FAILED, USAGE, assert_clear, assert_no_run, assert_refused};
use crate::stage::{REGION, Stage};

const GP3: Make = Make::gp3(10, 4000, 200);
#[test]
fn an_unknown_profile_is_named() {
    let home = Home::new().role("red", "100000000000", REGION);
    let output = home.defib(&["--profile", "green", "--region", REGION, "points"]);
    assert_clear(&output.expect(USAGE), &["green"]);
    let mut command = home.command(&["points"]);
    command.env("AWS_PROFILE", "green");
    let output = crate::process::run(command, "").expect(USAGE);
    assert_clear(&output, &["green", "red"]);
}

/// Writes a profile that logs in through a session of its own.
fn with_sso(home: &Home) {
    home.write(
        ".aws/config",
        "[profile sso]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = restore\n\
         region = eu-west-1\n[sso-session acme]\nsso_region = eu-west-1\n\
         sso_start_url = https://acme.awsapps.com/start\nsso_registration_scopes = sso:account:access\n",
    );
}

#[test]
fn a_login_that_never_was_says_the_command_that_makes_it() {
    let home = Home::new();
    with_sso(&home);
    let output = home.defib(&["--profile", "sso", "points"]).expect(FAILED);
    assert_clear(&output, &["aws sso login --profile sso"]);
    assert!(!output.stderr.contains(" { "), "no debug text\n{output}");
}

#[test]
fn an_endpoint_that_is_not_there_is_told_in_words() {
    let home = Home::new().role("red", "100000000000", REGION);
    let mut command = home.command(&["--profile", "red", "points"]);
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        command.env(name, "https://sts.eu-wset-1.invalid");
    }
    let output = crate::process::run(command, "").expect(FAILED);
    assert_clear(&output, &["dispatch failure"]);
    for debug in ["ConnectorError", "DispatchFailure", " { ", "Some("] {
        assert!(!output.stderr.contains(debug), "{debug}\n{output}");
    }
}

#[test]
fn a_time_that_is_still_to_come_is_refused() {
    let home = Home::new().role("red", "100000000000", REGION);
    let plan = [
        "plan",
        "dynamodb-restore",
        "--table",
        "orders",
        "--incident",
    ];
    let listed = [["points", "--before"], ["resources", "--before"]];
    let all = listed.iter().map(|words| &words[..]).chain([&plan[..]]);
    for command in all {
        let later = [command, &["2999-01-01T00:00:00Z"]].concat();
        let output = home.defib(&later).expect(USAGE);
        assert_clear(&output, &["2999-01-01T00:00:00Z", "is in the future"]);
    }
}

#[test]
fn what_is_wrong_in_itself_is_told_before_anybody_is_asked() {
    let home = Home::new().role("red", "100000000000", REGION);
    let restore = ["dynamodb-restore", "--table", "orders"];
    let fill = ["dynamodb-fill", "--into", "orders", "--differences", "keys"];
    let cases: [(&[&str], &[&str], &str); 6] = [
        (&restore, &["--target", "a b"], "--target"),
        (&restore, &["--at", "2999-01-01T00:00:00Z"], "--at"),
        (&restore, &["--restore-only", "--freeze"], "--freeze"),
        (&restore, &["--skip", "everything"], "--skip"),
        (&fill, &["--from", "orders"], "--from"),
        (&fill, &["--from", "carts", "--pace", "fast"], "--pace"),
    ];
    for (flow, more, field) in cases {
        for does in [&["plan"][..], &["plan", "--cached"], &["run", "--yes"]] {
            let words = [&["--profile", "red"][..], does, flow, more].concat();
            let mut command = home.command(&words);
            for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
                command.env(name, "https://sts.eu-wset-1.invalid");
            }
            let output = crate::process::run(command, "").expect(USAGE);
            assert_clear(&output, &[field]);
        }
    }
}

#[test]
fn without_a_region_it_is_said_how_to_give_one() {
    let home = Home::new().role("red", "100000000000", "");
    let output = home.defib(&["--profile", "red", "points"]).expect(USAGE);
    assert_clear(&output, &["--region"]);
}

#[test]
fn an_expired_login_says_the_command_that_renews_it() {
    let home = Home::new();
    with_sso(&home);
    // The cache file is named by the SHA-1 of the session's name.
    home.write(
        ".aws/sso/cache/293abb6b76d7791c0732cc517d38c4b5c734b87f.json",
        r#"{"accessToken":"old","expiresAt":"2020-01-01T00:00:00Z","region":"eu-west-1"}"#,
    );
    let output = home.defib(&["--profile", "sso", "points"]).expect(FAILED);
    assert_clear(&output, &["aws sso login --profile sso"]);
}

#[test]
fn a_snapshot_that_is_pending_stops_at_the_check() {
    let mut stage = Stage::with_data_volume(GP3);
    stage
        .estate()
        .set_snapshot_state(&stage.snapshot, "pending");
    stage.before = stage.picture();
    let output = stage.run(&["--mode", "stop"]);
    assert_refused(&stage, output, FAILED, &[&stage.snapshot, "pending"]);
    assert_no_run(&stage);
}

#[test]
fn a_snapshot_that_is_archived_stops_at_the_check() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.estate().archive_snapshot(&stage.snapshot);
    stage.before = stage.picture();
    let output = stage.run(&["--mode", "stop"]);
    assert_refused(&stage, output, FAILED, &[&stage.snapshot, "archive"]);
    assert_no_run(&stage);
}

#[test]
fn a_snapshot_that_is_deleted_is_named() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.estate().delete_snapshot(&stage.snapshot);
    stage.before = stage.picture();
    let output = stage.run(&["--mode", "stop"]);
    assert_refused(&stage, output, FAILED, &[&stage.snapshot]);
    assert_no_run(&stage);
}

#[test]
fn a_snapshot_of_another_region_is_named_with_the_region() {
    let stage = Stage::with_data_volume(GP3);
    let arguments = [
        "--profile",
        "red",
        "--region",
        "us-east-1",
        "run",
        "volume-swap",
    ];
    let snapshot = ["--snapshot", &stage.snapshot, "--mode", "stop", "--yes"];
    let output = stage.home.defib(&[&arguments[..], &snapshot].concat());
    assert_refused(&stage, output, FAILED, &[&stage.snapshot, "us-east-1"]);
    assert_no_run(&stage);
}

#[test]
fn a_device_that_does_not_exist_is_named() {
    let stage = Stage::with_data_volume(GP3);
    let output = stage.run(&["--instance", &stage.instance, "--device", "/dev/sdz9"]);
    assert_refused(&stage, output, USAGE, &["/dev/sdz9"]);
    assert_no_run(&stage);
}

#[test]
fn an_instance_that_is_terminated_is_named() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.estate().terminate(&stage.instance);
    stage.before = stage.picture();
    let place = ["--instance", &stage.instance, "--device", &stage.device];
    let extra = [&place[..], &["--delete-on-termination", "no"]].concat();
    let output = stage.run(&extra);
    assert_refused(&stage, output, FAILED, &[&stage.instance, "terminated"]);
    assert_no_run(&stage);
}

#[test]
fn a_config_with_an_unknown_field_names_file_and_field() {
    let stage = Stage::with_data_volume(GP3);
    stage.home.write(
        ".config/defib/config.toml",
        "endpoint_honors_dryrun = true\n",
    );
    let output = stage.run(&["--mode", "stop"]);
    assert_refused(
        &stage,
        output,
        USAGE,
        &["config.toml", "endpoint_honors_dryrun"],
    );
}

#[test]
fn an_unknown_flag_is_usage() {
    let stage = Stage::with_data_volume(GP3);
    assert_refused(
        &stage,
        stage.run(&["--mode", "sideways"]),
        USAGE,
        &["sideways", "unmount"],
    );
    assert_refused(
        &stage,
        stage.run(&["--frobnicate"]),
        USAGE,
        &["--frobnicate"],
    );
    assert_no_run(&stage);
}

#[test]
fn a_run_that_does_not_exist_is_named() {
    let stage = Stage::with_data_volume(GP3);
    for command in [
        "show", "attach", "report", "approve", "pause", "abort", "resume", "rollback",
    ] {
        let output = stage.home.defib(&[command, "01ZZZZZZZZ"]);
        assert_refused(&stage, output, FAILED, &["01ZZZZZZZZ"]);
    }
}

#[test]
fn read_only_refuses_to_run() {
    let stage = Stage::with_data_volume(GP3);
    let mut arguments = stage.arguments("run", &["--mode", "stop", "--yes"]);
    arguments.insert(0, "--read-only");
    let output = stage.home.defib(&arguments);
    assert_refused(&stage, output, FAILED, &["read-only"]);
    assert_no_run(&stage);
}
