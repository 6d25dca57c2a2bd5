//! Every reason not to begin: which check names it, how, and that nothing is harmed where one begins
//! all the same.

use std::collections::BTreeSet;

use defib::domain::check::{Check, Verdict, stops};
use defib::domain::plan::Plan;
use defib::domain::run::{CommandKind, RunStatus};
use defib::restore::flow::FlowError;
use defib::restore::planning;
use defib::sim::{Fault, On};
use serde_json::Value;

use crate::cases::each;
use crate::oracle::{PLACE, check};
use crate::stage::Stage;
use crate::variants::{snapshot_of, volume_called};

const LOCKED: &str = "444455556666/eu-west-1";

mod table;

use Comes::{Checks, Choice, Missing};
use Verdict::{Stop, Unanswered};
use table::{CASES, Case, Comes};

impl Case {
    fn words(&self) -> String {
        format!("{} {:?}", self.subject, self.choices)
    }

    fn profile(&self) -> Option<&'static str> {
        (self.subject == "denied").then_some("acme-locked")
    }

    fn plan(&self, stage: &mut Stage) -> Result<Plan, FlowError> {
        let picture = stage.picture();
        let place = if self.profile().is_some() {
            LOCKED
        } else {
            PLACE
        };
        let volume = named(&picture[place]["volumes"], self.volume);
        let volume = volume.unwrap_or_else(|| self.volume.to_owned());
        let snapshot = any_snapshot(&picture[place], &volume).unwrap_or_default();
        let instances = &picture[place]["instances"];
        let value = |value: &str| match value.strip_prefix('@') {
            Some(name) => named(instances, name).expect("the instance is in the scenario"),
            None => value.to_owned(),
        };
        let mut choices = vec![("snapshot", snapshot)];
        choices.extend(
            self.choices
                .iter()
                .map(|(field, said)| (*field, value(said))),
        );
        let choices: Vec<(&str, &str)> = choices
            .iter()
            .map(|(field, value)| (*field, value.as_str()))
            .collect();
        stage.plan_as(self.profile(), &choices)
    }
}

fn named(things: &Value, name: &str) -> Option<String> {
    let mut things = things.as_object().unwrap().iter();
    let found = things.find(|(_, thing)| thing["tags"]["Name"] == name);
    found.map(|(id, _)| id.clone())
}

fn any_snapshot(place: &Value, volume: &str) -> Option<String> {
    let mut snapshots = place["snapshots"].as_object().unwrap().iter();
    let found = snapshots.find(|(_, snapshot)| snapshot["volume_id"] == volume);
    found.map(|(id, _)| id.clone())
}

/// Every instance, every volume that is attached nowhere, and every snapshot of somebody else's.
fn subjects(picture: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let name = |thing: &Value| thing["tags"]["Name"].as_str().unwrap().to_owned();
    for place in picture.as_object().unwrap().values() {
        let of = |kind: &str| place[kind].as_object().unwrap().values();
        all.extend(of("instances").map(name));
        let lonely = of("volumes").filter(|volume| volume["attachments"] == Value::Array(vec![]));
        all.extend(lonely.map(name));
        let foreign = of("snapshots").filter(|snapshot| {
            !picture.as_object().unwrap().keys().any(|place| {
                snapshot["owner"]
                    .as_str()
                    .is_some_and(|owner| place.starts_with(owner))
            })
        });
        all.extend(foreign.map(|snapshot| snapshot["volume_id"].as_str().unwrap().to_owned()));
    }
    all
}

#[test]
fn every_subject_of_the_scenario_has_a_case() {
    let mut cases: BTreeSet<String> = CASES.iter().map(|case| case.subject.to_owned()).collect();
    // The volume of the terminated instance is what is left of that subject.
    cases.insert("terminated-data".to_owned());
    assert_eq!(subjects(&Stage::open("refusals").picture()), cases);
    let unique: BTreeSet<String> = CASES.iter().map(Case::words).collect();
    assert_eq!(unique.len(), CASES.len(), "a case is there twice");
}

#[test]
fn every_reason_not_to_begin_is_named_by_its_check() {
    each("refusals: checks", 79, CASES, |case| {
        let words = case.words();
        let mut stage = Stage::open("refusals");
        let before = stage.picture();
        let outcome = case.plan(&mut stage);
        let changed = stage
            .aws
            .calls()
            .iter()
            .filter(|call| call.took_effect)
            .count();
        assert_eq!(changed, 0, "{words}: planning changed something");
        assert_eq!(stage.picture(), before, "{words}");
        match (&case.comes, outcome) {
            (Checks(wanted), Ok(plan)) => of_plan(&plan, wanted, &words),
            (Choice(wanted), Err(FlowError::Choice { field, why })) => {
                assert_eq!(field, *wanted, "{words}: {why}");
            }
            (Missing(word), Err(FlowError::Missing { what })) => {
                assert!(what.contains(word), "{words}: {what}");
                assert!(what.contains("Nothing was changed"), "{words}: {what}");
            }
            (wanted, other) => panic!("{words}: wanted {wanted:?}, came {other:?}"),
        }
    });
}

fn not_fine(plan: &Plan) -> Vec<&Check> {
    let checks = plan.checks.iter();
    checks
        .filter(|check| check.verdict != Verdict::Fine)
        .collect()
}

fn of_plan(plan: &Plan, wanted: &[(&str, Verdict)], words: &str) {
    let found: Vec<(&str, Verdict)> = not_fine(plan)
        .iter()
        .map(|check| (check.name.as_str(), check.verdict))
        .collect();
    assert_eq!(found, wanted, "{words}: {:#?}", not_fine(plan));
    let stopped = wanted.iter().any(|(_, verdict)| *verdict == Stop);
    assert_eq!(stops(&plan.checks), stopped, "{words}");
    for check in plan.checks.iter().filter(|check| check.verdict == Stop) {
        assert!(
            check.advice.is_some(),
            "{words}: {} without advice",
            check.name
        );
    }
    planning::verify(plan).unwrap_or_else(|error| panic!("{words}: {error}"));
}

#[test]
fn missing_permissions_are_collected_by_their_iam_names() {
    let denied = CASES.iter().find(|case| case.subject == "denied").unwrap();
    let plan = denied.plan(&mut Stage::open("refusals")).unwrap();
    let missing: BTreeSet<&str> = plan
        .checks
        .iter()
        .flat_map(|check| &check.missing_actions)
        .map(String::as_str)
        .collect();
    let wanted = ["ec2:DetachVolume", "ec2:StopInstances", "kms:DescribeKey"];
    assert_eq!(missing, BTreeSet::from(wanted));
    let allowed = [
        "CreateSnapshot",
        "CreateVolume",
        "AttachVolume",
        "StartInstances",
        "CreateTags",
    ];
    for api in allowed {
        let name = format!("permission-{api}");
        let found = plan.checks.iter().find(|check| check.name == name);
        assert_eq!(found.unwrap().verdict, Verdict::Fine, "{name}");
    }
    assert_eq!(plan.place.account.as_str(), "444455556666");
}

/// Reads of preflight, each with the check that it answers.
const READS: &[(&str, &str, &str)] = &[
    ("EC2", "DescribeInstanceTypes", "instance-store"),
    ("EC2", "DescribeInstanceAttribute", "stop-protection"),
    ("EC2", "DescribeSpotInstanceRequests", "spot"),
    ("EC2", "DescribeVolumesModifications", "volume-modification"),
    ("EC2", "GetEbsEncryptionByDefault", "encryption"),
    (
        "Auto Scaling",
        "DescribeAutoScalingInstances",
        "auto-scaling",
    ),
    ("KMS", "DescribeKey", "snapshot-key"),
    ("EC2", "CreateVolume", "permission-CreateVolume"),
    ("EC2", "CreateSnapshot", "permission-CreateSnapshot"),
    ("EC2", "StopInstances", "permission-StopInstances"),
    ("EC2", "StartInstances", "permission-StartInstances"),
    ("EC2", "DetachVolume", "permission-DetachVolume"),
    ("EC2", "AttachVolume", "permission-AttachVolume"),
    (
        "EC2",
        "ModifyInstanceAttribute",
        "permission-ModifyInstanceAttribute",
    ),
    ("EC2", "CreateTags", "permission-CreateTags"),
    ("EC2", "DeleteTags", "permission-DeleteTags"),
];

#[test]
fn a_read_that_was_not_answered_never_counts_as_fine() {
    let faults = [
        Fault::ServerErrorBeforeEffect,
        Fault::ResetBeforeEffect,
        Fault::UnreadableBody,
        Fault::Throttled,
        Fault::NeverAnswersBeforeEffect,
    ];
    let cases: Vec<_> = READS
        .iter()
        .flat_map(|read| faults.iter().map(move |fault| (read, fault)))
        .collect();
    each(
        "refusals: unanswered reads",
        80,
        &cases,
        |((service, operation, name), fault)| {
            let words = format!("{operation} {fault:?}");
            let mut stage = Stage::open("refusals");
            // An encrypted volume asks about keys, a Spot Instance about its request.
            let volume = match *name {
                "spot" => "spot-persistent-data",
                "snapshot-key" => "key-good-data",
                _other => "plain-data",
            };
            let picture = stage.picture();
            let snapshot = snapshot_of(&picture, &volume_called(&picture, volume));
            let on = On::operation(operation).service(service);
            let id = stage
                .aws
                .faults()
                .inject(on.dry_runs_too().for_ever(), (*fault).clone());
            let plan = stage.plan(&[("snapshot", &snapshot)]).unwrap();
            assert!(stage.aws.faults().fired(id) > 0, "{words}: never fired");
            let found = plan.checks.iter().find(|check| check.name == *name);
            let found = found.unwrap_or_else(|| panic!("{words}: no check {name}"));
            assert_eq!(found.verdict, Unanswered, "{words}: {found:?}");
            assert!(found.found.contains("not answered"), "{words}: {found:?}");
        },
    );
}

#[test]
fn a_run_that_a_check_would_have_stopped_harms_nothing() {
    let stopping = |case: &&Case| {
        let stops = matches!(case.comes, Checks(checks) if checks.iter().any(|(_, verdict)| *verdict == Stop));
        stops && case.subject != "denied" && !case.subject.starts_with("cluster")
    };
    let cases: Vec<&Case> = CASES.iter().filter(stopping).collect();
    each("refusals: begun all the same", 15, &cases, |case| {
        let words = case.words();
        let mut stage = Stage::open("refusals");
        let before = stage.picture();
        let plan = case.plan(&mut stage).unwrap();
        let run = stage.record(plan);
        let end = stage.drive(&run);
        let (now, events) = (stage.picture(), stage.events(&run));
        check(&stage.aws.clone(), &before, &now, &events, &words);
        let state = stage.state(&run);
        // Without its new volume a run takes nothing down.
        assert_eq!(end, RunStatus::Failed, "{words}: {:?}", state.reason);
        let named = state.reason.clone().unwrap_or_default();
        assert!(
            named.contains("ec2:") || named.contains("KMS") || named.contains("not there"),
            "{words}: {named}"
        );
        if case.subject.starts_with("snapshot") || case.subject.starts_with("key") {
            assert_eq!(state.outages, [], "{words}");
        }
        stage.send(&run, CommandKind::RollBack);
        assert_eq!(stage.drive(&run), RunStatus::RolledBack, "{words}");
        let (back, events) = (stage.picture(), stage.events(&run));
        check(&stage.aws.clone(), &before, &back, &events, &words);
        for kind in ["instances", "volumes"] {
            let was = before[PLACE][kind].as_object().unwrap();
            for (id, thing) in was {
                assert_eq!(&back[PLACE][kind][id], thing, "{words}: {id}");
            }
        }
    });
}
