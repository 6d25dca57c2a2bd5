//! Credentials expire in the middle of a swap: the runner sends nothing more, says what to run, and goes on by
//! itself, in the same process, once somebody has renewed them.
//!
//! From one request on the server refuses whatever is signed with the old keys, reads and logins too. They
//! are renewed from outside, as a helper program or a login would: the environment of the runner stays.

use std::thread;

use aws_sdk_sts::config::{BehaviorVersion, Region};
use defib::domain::run::{EventBody, PauseReason, RunStatus};
use serde_json::{Value, json};

use crate::matrix::course::{Course, Then};
use crate::matrix::shape::Shape;
use crate::process::eventually;
use crate::refusal::assert_clear;
use crate::server::server;
use crate::stage::{REGION, Stage};

/// A request by its action, and how many of that action come before it.
type Change = (&'static str, usize);

/// What a swap sends to change something, in its order.
const CHANGES: [Change; 10] = [
    ("CreateTags", 0),
    ("CreateVolume", 0),
    ("CreateSnapshot", 0),
    ("StopInstances", 0),
    ("DetachVolume", 0),
    ("AttachVolume", 0),
    ("CreateTags", 1),
    ("ModifyInstanceAttribute", 0),
    ("StartInstances", 0),
    ("DeleteTags", 0),
];

/// Where a profile has its keys from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A program that the profile names.
    Process,
    /// The credentials file.
    File,
}

/// A session of a role.
struct Keys {
    id: String,
    secret: String,
    token: String,
}

/// Returns new keys of a session in the account of a stage.
fn login(stage: &Stage, role: &str) -> Keys {
    let base = aws_sdk_sts::config::Credentials::new("AKIABASE", "base", None, None, "wire test");
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&server().url)
        .region(Region::new(REGION))
        .credentials_provider(base)
        .build();
    let request = aws_sdk_sts::Client::from_conf(config)
        .assume_role()
        .role_arn(format!("arn:aws:iam::{}:role/{role}", stage.account.id))
        .role_session_name("operator");
    let answer = stage.account.wait(request.send()).expect("AssumeRole");
    let keys = answer.credentials().expect("keys");
    Keys {
        id: keys.access_key_id().to_owned(),
        secret: keys.secret_access_key().to_owned(),
        token: keys.session_token().to_owned(),
    }
}

impl Source {
    /// Has the profile use these keys from now on.
    fn provide(self, stage: &Stage, keys: &Keys) {
        let Keys { id, secret, token } = keys;
        let profile = match self {
            Self::Process => {
                let told = json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": secret,
                    "SessionToken": token });
                let file = stage.home.write("keys.json", &told.to_string());
                format!("credential_process = cat {}\n", file.display())
            }
            Self::File => {
                let lines = format!(
                    "[red]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\
                     aws_session_token = {token}\n"
                );
                stage.home.write(".aws/credentials", &lines);
                String::new()
            }
        };
        let config = format!("[profile red]\nregion = {REGION}\n{profile}");
        stage.home.write(".aws/config", &config);
    }
}

/// Rows with which the server refuses whatever these keys have signed.
fn expired(keys: &Keys) -> Value {
    let row = |service: &str, code: &str| {
        json!({ "access_key": keys.id, "service": service, "code": code, "status": 403,
            "message": "Request has expired.", "times": 1_000_000 })
    };
    json!([row("ec2", "RequestExpired"), row("sts", "ExpiredToken")])
}

/// A run whose keys have just been refused for the first time.
struct Paused {
    course: Course,
    runner: i32,
    old: Keys,
    /// Requests that had arrived when the first refusal was sent.
    arrived: usize,
}

/// Has the keys of a run expire at a request, and asserts that it stops there and says what to do.
fn pauses_at(source: Source, (action, before): Change) -> Paused {
    let course = Course::open(Shape::Running);
    let (stage, old) = (&course.stage, login(&course.stage, "restore"));
    source.provide(stage, &old);
    stage.account.fault(
        &json!([{ "service": "ec2", "action": action, "skip": before, "dry_run": false, "hold": true,
            "code": "RequestExpired", "message": "Request has expired.", "status": 403 }]),
    );
    let viewer = course.start(None);
    stage.account.wait_for_a_strike();
    stage.account.fault(&expired(&old));
    let arrived = stage.account.calls().len();
    let runner = stage.home.runner().expect("the runner is there");
    stage.account.release();
    let viewer = viewer.join().expect("the viewer leaves").expect(&[3]);
    let command = "aws sso login --profile red";
    assert_clear(&viewer, &[command, "RequestExpired", "continues by itself"]);
    let paused = course.events().into_iter().any(|event| {
        let reason = PauseReason::Credentials;
        matches!(&event.body, EventBody::Paused { reason: why, line, .. }
            if *why == reason && line.contains(command))
    });
    assert!(paused, "the journal says so: {:?}", course.events());
    let paused = Paused {
        course,
        runner,
        old,
        arrived,
    };
    paused.stays_so();
    paused
}

impl Paused {
    fn later_calls(&self) -> Vec<Value> {
        self.course.stage.account.calls().split_off(self.arrived)
    }

    /// Waits until the runner has tried the old keys in vain, and asserts that it sent nothing else.
    fn stays_so(&self) {
        eventually("the runner to look for new keys", || {
            let calls = self.later_calls();
            let tries = calls
                .iter()
                .any(|call| call["action"] == "GetCallerIdentity");
            tries.then_some(())
        });
        let changes = self
            .later_calls()
            .iter()
            .filter(|call| changes(call))
            .count();
        assert!(changes <= 1, "{changes} requests after the first refusal");
        assert_eq!(self.course.state().status(), RunStatus::Paused);
        assert_eq!(self.course.stage.home.runner(), Some(self.runner));
    }

    /// Renews the keys from outside; returns what was sent with the new ones once the run is at rest so.
    fn renewed(&self, source: Source, role: &str, rest: RunStatus) -> Vec<Value> {
        let keys = login(&self.course.stage, role);
        assert_ne!(keys.id, self.old.id);
        source.provide(&self.course.stage, &keys);
        eventually("the new keys to be used", || {
            let signed = |call: &Value| call["access_key"] == keys.id;
            self.later_calls().iter().any(signed).then_some(())
        });
        eventually("the run to rest", || {
            (self.course.state().status() == rest && self.course.stage.home.runner().is_none())
                .then_some(())
        });
        let mut calls = self.later_calls();
        let before = calls.iter().position(|call| call["access_key"] == keys.id);
        calls.split_off(before.expect("it was seen"))
    }
}

/// Tells whether a request would change something.
fn changes(call: &Value) -> bool {
    let action = call["action"].as_str().unwrap_or_default();
    call["service"] == "ec2"
        && call["dry_run"] == false
        && CHANGES.iter().any(|(known, _)| *known == action)
}

fn expires_and_is_renewed(source: Source, change: Change) {
    let paused = pauses_at(source, change);
    let sent = paused.renewed(source, "restore", RunStatus::Done);
    // Nothing is done with new keys before it is known whose they are.
    assert_eq!(sent[0]["action"], "GetCallerIdentity", "{sent:?}");
    assert!(
        sent.iter().any(|call| call["action"] == change.0),
        "{sent:?}"
    );
    paused.course.judge(Then::GoOn);
    assert_eq!(paused.course.runners(), [i64::from(paused.runner)]);
}

#[test]
fn a_run_whose_credentials_expire_pauses_at_once_and_ends_in_the_same_process_when_they_are_renewed()
 {
    let places = CHANGES
        .iter()
        .flat_map(|change| [(Source::Process, *change), (Source::File, *change)]);
    thread::scope(|scope| {
        let cases: Vec<_> = places
            .map(|(source, change)| scope.spawn(move || expires_and_is_renewed(source, change)))
            .collect();
        println!("credentials expire at {} places", cases.len());
        assert_eq!(cases.len(), 2 * CHANGES.len());
    });
}

#[test]
fn keys_of_somebody_else_do_not_carry_a_paused_run_on() {
    let paused = pauses_at(Source::Process, ("DetachVolume", 0));
    let before = paused.course.stage.picture();
    let sent = paused.renewed(Source::Process, "admin", RunStatus::Paused);
    let only_asked = sent
        .iter()
        .all(|call| call["action"] == "GetCallerIdentity");
    assert!(only_asked, "{sent:?}");
    let reason = paused.course.state().reason.unwrap_or_default();
    for role in ["restore", "admin"] {
        assert!(reason.contains(&format!("assumed-role/{role}")), "{reason}");
    }
    assert_eq!(before.differences(&paused.course.stage.picture()), "");
    Source::Process.provide(
        &paused.course.stage,
        &login(&paused.course.stage, "restore"),
    );
    paused.course.recover(Then::GoOn);
}
