//! Many places at once, of which some are dead, throttled or expired: the rest is usable meanwhile, what fails is
//! one line with its remedy, and asking again finds it mended.

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use portable_pty::CommandBuilder;
use serde_json::{Value, json};

use crate::account::Account;
use crate::dead_end::DeadEnd;
use crate::estate::{Estate, Make};
use crate::home::Home;
use crate::process::{self, eventually};
use crate::server::server;
use crate::stage::{BEFORE_THE_INCIDENT, REGION};
use crate::window::Window;

const GP3: Make = Make::gp3(10, 4000, 200);
const ENTER: &str = "\r";

/// Opens the console in a home.
fn console(home: &Home, without: &[&str], (columns, rows): (u16, u16)) -> Window {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.cwd(home.path());
    command.env_clear();
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    for name in without {
        command.env_remove(name);
    }
    Window::open(command, columns, rows)
}

/// A volume of that name with a snapshot.
fn seed(account: &Account, name: &str) {
    let estate = Estate::new(account, REGION);
    let volume = estate.volume(GP3, &[("Name", name)]);
    estate.snapshot(&volume, BEFORE_THE_INCIDENT, &[]);
}

/// Keys of a session in an account, as the AWS files have them.
fn session(account: &Account) -> String {
    let base = Credentials::new("AKIABASE", "base", None, None, "wire test");
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&server().url)
        .region(Region::new(REGION))
        .credentials_provider(base)
        .build();
    let request = aws_sdk_sts::Client::from_conf(config)
        .assume_role()
        .role_arn(format!("arn:aws:iam::{}:role/restore", account.id))
        .role_session_name("operator");
    let answer = account.wait(request.send()).expect("AssumeRole");
    let keys = answer.credentials().expect("keys");
    format!(
        "aws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        keys.access_key_id(),
        keys.secret_access_key(),
        keys.session_token()
    )
}

/// The variable would outrank what the profiles say.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Four profiles, of which one works, and is throttled in one API.
struct Ruins {
    home: Home,
    red: Account,
    old: Account,
    silent: DeadEnd,
    refusing: DeadEnd,
}

impl Ruins {
    fn new() -> Self {
        let (red, old) = (Account::fresh(), Account::fresh());
        seed(&red, "red data");
        seed(&old, "old data");
        red.fault(&for_ever(
            "ec2",
            "DescribeImages",
            "RequestLimitExceeded",
            503,
        ));
        old.fault(&for_ever("sts", "GetCallerIdentity", "ExpiredToken", 403));
        let (silent, refusing) = (DeadEnd::silent(), DeadEnd::refusing());
        let home = Home::new();
        let all = &server().url;
        let live = |name: &str, account: &Account| {
            format!(
                "[profile {name}]\nregion = {REGION}\nendpoint_url = {all}\n{}",
                session(account)
            )
        };
        let dead = |name: &str, end: &DeadEnd| {
            let keys = "aws_access_key_id = AKIADEAD\naws_secret_access_key = dead\n";
            format!(
                "[profile {name}]\nregion = {REGION}\nendpoint_url = {all}\nservices = {name}\n{keys}\
                 [services {name}]\nsts =\n  endpoint_url = {}\n",
                end.url()
            )
        };
        let files = [
            dead("silent", &silent),
            dead("refusing", &refusing),
            live("old", &old),
            live("red", &red),
        ];
        home.write(".aws/config", &files.concat());
        home.write(
            ".config/defib/config.toml",
            "profiles = [\"silent\", \"refusing\", \"old\", \"red\"]\n",
        );
        Self {
            home,
            red,
            old,
            silent,
            refusing,
        }
    }

    fn mend(&mut self) {
        self.red.fault(&json!([]));
        self.old.fault(&json!([]));
        self.silent.mend();
        self.refusing.mend();
    }
}

fn for_ever(service: &str, action: &str, code: &str, status: u16) -> Value {
    json!([{ "service": service, "action": action, "code": code, "status": status,
        "times": 1_000_000 }])
}

/// What failed, as the console shows it: the start of a line, and a piece of its remedy.
const FAILURES: [(&str, &str); 4] = [
    ("! silent", "check the Region's name"),
    ("! refusing", "check the Region's name"),
    ("! old", "aws sso login --profile old"),
    ("! eu-west-1 ", "wait a minute"),
];

fn lines_of<'a>(shown: &'a str, start: &str) -> Vec<&'a str> {
    let lines = shown.lines().map(str::trim);
    lines.filter(|line| line.starts_with(start)).collect()
}

#[test]
fn the_rest_is_usable_at_once_and_each_failure_is_one_line_that_a_retry_mends() {
    for size in [(80, 24), (120, 40)] {
        let mut ruins = Ruins::new();
        let mut window = console(&ruins.home, &[ENDPOINT], size);
        // A place is listed and its keys are answered while the silent one is waited for; should it have been
        // given up already, it is asked again.
        window.see("red data");
        let mut answered = 0;
        eventually("keys that are answered while a call hangs", || {
            if !ruins.silent.is_waited_for() {
                window.press("R");
                let asked = ruins.silent.accepted();
                eventually("another attempt", || {
                    (ruins.silent.accepted() > asked || ruins.silent.is_waited_for()).then_some(())
                });
            }
            for (key, sees) in [("2", "DATA FROM"), ("1", "YOUNGEST POINT")] {
                window.press(key);
                window.see(sees);
                answered += usize::from(ruins.silent.is_waited_for());
            }
            (answered >= 4).then_some(())
        });
        window.until("each failure, with its remedy", |shown| {
            FAILURES.iter().all(|(start, remedy)| {
                let lines = lines_of(shown, start);
                lines.len() == 1 && lines[0].contains(remedy)
            })
        });
        let shown = window.shown();
        assert_eq!(lines_of(&shown, "!").len(), FAILURES.len(), "{shown}");
        assert!(shown.contains("red data") && !shown.contains("old data"));

        ruins.mend();
        window.press("R");
        window.see("old data");
        window.until("no failure any more", |shown| {
            lines_of(shown, "!").is_empty() && shown.contains(" 2 resources")
        });
        window.press("\u{3}");
        assert!(window.ended().success());
    }
}

#[test]
fn on_the_command_line_each_failure_is_one_line_with_its_remedy_and_the_rest_is_printed() {
    let ruins = Ruins::new();
    let mut command = ruins.home.command(&["resources"]);
    command.env_remove(ENDPOINT);
    let output = process::run(command, "").expect(&[5]);
    assert!(output.stdout.contains("red data"), "{output}");
    for (start, remedy) in FAILURES {
        let lines = lines_of(&output.stderr, start);
        assert_eq!(lines.len(), 1, "{start}: {output}");
        assert!(lines[0].contains(remedy), "{start}: {output}");
    }
    let lines = lines_of(&output.stderr, "! ").into_iter();
    let failures = lines.filter(|line| !line.starts_with("! CUSTOM ENDPOINT"));
    assert_eq!(failures.count(), FAILURES.len(), "{output}");
}

#[test]
fn a_second_profile_is_picked_in_the_console_and_one_that_is_taken_back_is_dropped() {
    for size in [(80, 24), (120, 40)] {
        let (red, blue) = (Account::fresh(), Account::fresh());
        seed(&red, "red data");
        seed(&blue, "blue data");
        let home = Home::new()
            .role("red", &red.id, REGION)
            .role("blue", &blue.id, REGION);
        home.write(".config/defib/config.toml", "profiles = [\"red\"]\n");
        let mut window = console(&home, &[], size);
        window.see("red data");
        window.press("p");
        window.see("[x]  red");
        window.type_text("blue");
        window.see_gone("[x]  red");
        window.press(" ");
        let shown = window.see("[x]  blue");
        assert!(
            !shown.contains("blue data"),
            "nothing is listed before enter"
        );
        window.press(ENTER);
        window.see("blue data");
        let shown = window.until("both", |shown| shown.contains(" 2 resources"));
        assert!(shown.contains("red data"), "{shown}");

        window.press("p");
        window.type_text("red");
        window.until("the one that is to go", |shown| {
            shown.contains("[x]  red") && !shown.contains("[x]  blue")
        });
        window.press(" ");
        window.see("[ ]  red");
        window.press(ENTER);
        window.see_gone("red data");
        let shown = window.until("the other one", |shown| shown.contains(" 1 resource"));
        assert!(shown.contains("blue data"), "{shown}");
        window.press("\u{3}");
        assert!(window.ended().success());
    }
}
