//! Finding recovery points: what is listed, where, and what is said when a place does not answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::account::Account;
use crate::estate::{Estate, HOSTILE_TAGS, Make};
use crate::home::Home;
use crate::process::Output;
use crate::stage::{REGION, Stage, text};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const DATA: Make = Make::gp3(10, 4000, 200);

/// Two accounts, reached by a role each, with two snapshots in each of two regions.
struct Places {
    accounts: [Account; 2],
    home: Home,
    snapshots: BTreeSet<String>,
}

impl Places {
    fn seeded() -> Self {
        let accounts = [Account::fresh(), Account::fresh()];
        let mut snapshots = BTreeSet::new();
        for account in &accounts {
            for region in REGIONS {
                let estate = Estate::new(account, region);
                let volume = estate.volume(DATA, &HOSTILE_TAGS);
                snapshots.insert(estate.snapshot(&volume, "2026-03-01T02:00:00Z", &HOSTILE_TAGS));
                snapshots.insert(estate.snapshot(&volume, "2026-03-01T04:00:00Z", &[]));
            }
        }
        let home = Home::new().role("red", &accounts[0].id, REGIONS[0]).role(
            "blue",
            &accounts[1].id,
            REGIONS[1],
        );
        Self {
            accounts,
            home,
            snapshots,
        }
    }

    /// Runs a command in both accounts and both regions.
    fn defib(&self, command: &[&str]) -> Output {
        let mut arguments = vec!["--profile", "red", "--profile", "blue"];
        arguments.extend(["--region", REGIONS[0], "--region", REGIONS[1]]);
        arguments.extend(command);
        self.home.defib(&arguments)
    }
}

fn ids(lines: &[Value]) -> BTreeSet<String> {
    lines.iter().map(|line| text(&line["id"])).collect()
}

#[test]
fn points_of_two_accounts_and_two_regions_are_exactly_the_seeded_snapshots() {
    let places = Places::seeded();
    let output = places.defib(&["points", "--json"]).expect(&[0]);
    let lines = output.json_lines();
    assert_eq!(
        lines.len(),
        places.snapshots.len(),
        "each is listed once\n{output}"
    );
    assert_eq!(ids(&lines), places.snapshots);
    let seen: BTreeSet<_> = (lines.iter())
        .map(|line| {
            (
                text(&line["place"]["account"]),
                text(&line["place"]["region"]),
            )
        })
        .collect();
    assert_eq!(seen.len(), 4, "two accounts in two regions: {seen:?}");
    for line in &lines {
        assert_eq!(line["kind"], "ebs-snapshot", "{line}");
        let profile = if line["place"]["account"] == places.accounts[0].id {
            "red"
        } else {
            "blue"
        };
        assert_eq!(line["place"]["profile"], profile, "{line}");
    }
}

#[test]
fn a_point_tells_all_that_the_contract_names() {
    let stage = Stage::with_data_volume(DATA);
    let points = [
        "--profile",
        "red",
        "points",
        "--json",
        "--resource",
        stage.old.as_deref().unwrap(),
    ];
    let lines = stage.home.defib(&points).expect(&[0]).json_lines();
    assert_eq!(
        ids(&lines),
        BTreeSet::from([stage.snapshot.clone()]),
        "of one resource"
    );
    let point = &lines[0];
    assert_eq!(point["at"], "2026-03-01T02:00:00Z");
    assert_eq!(point["resource"], stage.old.as_deref().unwrap());
    assert_eq!(point["state"], "completed");
    assert_eq!(point["size_bytes"], 10_u64 << 30);
    assert_eq!(point["encrypted"], false);
    assert_eq!(point["tier"], "standard");
    assert_eq!(point["tags"]["Name"], "nightly");
    let place = json!({ "profile": "red", "account": stage.account.id, "region": REGION });
    assert_eq!(point["place"], place);
    for field in [
        "name",
        "data_at",
        "kms_key",
        "protection",
        "origin",
        "copy_of",
    ] {
        assert!(point.get(field).is_some(), "{field} is there: {point}");
    }
}

#[test]
fn points_before_a_time_leave_out_what_came_later() {
    let places = Places::seeded();
    let before = ["points", "--json", "--before", "2026-03-01T03:00:00Z"];
    let output = places.defib(&before).expect(&[0]);
    let lines = output.json_lines();
    assert_eq!(lines.len(), 4, "one in each place\n{output}");
    assert!(
        lines
            .iter()
            .all(|line| line["at"] == "2026-03-01T02:00:00Z"),
        "{output}"
    );
}

#[test]
fn a_resource_shows_its_best_point_and_the_data_lost() {
    let stage = Stage::with_data_volume(DATA);
    let old = stage.old.as_deref().unwrap();
    stage.estate().snapshot(old, "2026-03-01T06:00:00Z", &[]);
    let resources = [
        "--profile",
        "red",
        "resources",
        "--json",
        "--before",
        "2026-03-01T02:14:00Z",
    ];
    let lines = stage.home.defib(&resources).expect(&[0]).json_lines();
    let row = lines
        .iter()
        .find(|line| line["id"] == old)
        .expect("the volume is listed");
    assert_eq!(row["best"]["id"], stage.snapshot, "{row}");
    assert_eq!(row["best"]["data_lost_seconds"], 14 * 60, "{row}");
    assert_eq!(row["points"], 2, "{row}");
}

#[test]
fn a_place_that_fails_is_one_line_and_hides_nothing_else() {
    let places = Places::seeded();
    places.accounts[1].fault(&json!([{ "service": "ec2", "action": "DescribeSnapshots",
        "code": "UnauthorizedOperation", "status": 403, "times": 1_000_000 }]));
    let output = places.defib(&["points", "--json"]).expect(&[5]);
    assert_eq!(
        output.json_lines().len(),
        4,
        "the other account is listed\n{output}"
    );
    for region in REGIONS {
        let named = output
            .stderr
            .lines()
            .filter(|line| line.contains(region))
            .count();
        assert_eq!(named, 1, "one line for {region}\n{output}");
    }
    assert!(
        output.stderr.contains("blue"),
        "the profile is named\n{output}"
    );
}

#[test]
fn hostile_names_reach_no_terminal_unescaped() {
    let places = Places::seeded();
    for command in [
        &["points"][..],
        &["points", "--json"],
        &["resources"],
        &["resources", "--json"],
    ] {
        let output = places.defib(command).expect(&[0]);
        for hostile in ['\u{202e}', '\u{200b}', '\u{feff}'] {
            let printed = output.stdout.contains(hostile) || output.stderr.contains(hostile);
            assert!(!printed, "{hostile:?} came through {command:?}\n{output}");
        }
    }
}

#[test]
fn the_doctor_says_who_answers_where() {
    let stage = Stage::with_data_volume(DATA);
    let output = stage
        .home
        .defib(&["--profile", "red", "--region", REGION, "doctor"]);
    let output = output.expect(&[0]);
    for word in [&stage.account.id, "red", REGION, "127.0.0.1"] {
        assert!(
            output.stdout.contains(word) || output.stderr.contains(word),
            "{word}\n{output}"
        );
    }
}
