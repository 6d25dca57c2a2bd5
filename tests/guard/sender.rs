//! The other side of the tests in `sent`: a process whose environment names the listener as the
//! endpoint, and which makes every request as a viewer or as a runner would.
//!
//! It is a process of its own because the product takes its endpoint from the environment.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use defib::aws::connect::Connector;
use defib::aws::guard::Mode;
use defib::aws::logins::{Answer, AskForCode, Logins};
use defib::domain::code::{Code, CodeWanted};
use serde::{Deserialize, Serialize};

use crate::listener::{Listener, Seen};
use crate::requests::{Outcome, delete, mutate, mutate_elsewhere, read, remove_own_tags};

const PART: &str = "DEFIB_TEST_PART";
const OUTCOMES: &str = "DEFIB_TEST_OUTCOMES";

/// Whose requests are made, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The calls of a runner's plan; `None` for a viewer.
    pub plan: Option<BTreeSet<(String, String)>>,
    /// Whether the settings say that the endpoint honours `DryRun`.
    pub honours_dry_run: bool,
    /// Whether mutations are asked for as a dry run.
    pub dry_run: bool,
    /// Whether it works through a profile that asks for a code first.
    pub login: bool,
}

/// A profile whose role asks for a code.
const PROFILES: &str = "[profile base]\naws_access_key_id = AKIATEST\n\
    aws_secret_access_key = secret\n[profile ops]\nsource_profile = base\n\
    role_arn = arn:aws:iam::111122223333:role/ops\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n";

/// Gives a code to whoever asks.
struct Giver;

#[async_trait]
impl AskForCode for Giver {
    async fn ask(&self, _wanted: &CodeWanted) -> Answer {
        Answer::Given(Code::new("123456").expect("six digits"))
    }

    fn asks_again(&self) -> bool {
        false
    }
}

/// What came of each request by kind.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcomes {
    pub reads: Vec<Outcome>,
    pub mutations: Vec<Outcome>,
    pub elsewhere: Vec<Outcome>,
    pub own_tags: Vec<Outcome>,
    pub deletions: Vec<Outcome>,
}

/// Lets another process play a part and returns what it got, and what was really sent.
pub fn play(part: &Part) -> (Outcomes, Vec<Seen>) {
    let listener = Listener::start();
    let home = tempfile::tempdir().expect("a temporary folder");
    let outcomes = home.path().join("outcomes.json");
    fs::create_dir(home.path().join(".aws")).expect("a folder of AWS files");
    fs::write(home.path().join(".aws/config"), PROFILES).expect("an AWS file");
    let part = serde_json::to_string(part).expect("plain data");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "sender::a_part_is_played", "--ignored"])
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", &listener.url)
        .env(PART, part)
        .env(OUTCOMES, &outcomes)
        .output()
        .expect("this program starts again");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let outcomes = fs::read_to_string(outcomes).unwrap_or_else(|_| panic!("no outcomes: {said}"));
    let outcomes = serde_json::from_str(&outcomes).expect("what the other side wrote");
    (outcomes, listener.seen())
}

#[tokio::test]
#[ignore = "`play` starts it with the environment that it needs"]
async fn a_part_is_played() {
    let (Ok(part), Ok(file)) = (std::env::var(PART), std::env::var(OUTCOMES)) else {
        return;
    };
    let part: Part = serde_json::from_str(&part).unwrap();
    let connector = Connector {
        mode: part
            .plan
            .map_or(Mode::Viewer { dry_run: true }, Mode::Runner),
        endpoint_honours_dry_run: part.honours_dry_run,
        simulated: None,
        logins: Logins::asking(Arc::new(Giver)),
    };
    let profile = part.login.then_some("ops");
    let clients = connector.connect(profile, Some("eu-west-1")).await.unwrap();
    let outcomes = Outcomes {
        reads: read(&clients).await,
        mutations: mutate(&clients, part.dry_run).await,
        elsewhere: mutate_elsewhere(&clients).await,
        own_tags: remove_own_tags(&clients, part.dry_run).await,
        deletions: delete(&clients, part.dry_run).await,
    };
    fs::write(file, serde_json::to_string(&outcomes).unwrap()).unwrap();
}
