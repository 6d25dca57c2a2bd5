//! Replicas of a restored table: made one after the other where they were named, and in no other Region, once everything
//! else is done. One that AWS refuses is missing, and nothing else is; one that it has taken and cannot make stops the run
//! there, with AWS's word for it.

use std::collections::BTreeMap;

use defib::cli::follow::next_steps;
use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, RunState, RunStatus};
use defib::restore::export::report::{Asked, report};
use defib::restore::flow::find;
use defib::sim::Hands;
use serde_json::{Value, json};

use crate::stage::{Said, Stage};

const FULL: &str = include_str!("settings.toml");
const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const OLD: &str = "orders";
const NEW: &str = "orders-back";
const PARAMETER: &str = "/acme/shop/orders-table";
/// What DynamoDB asks for in the name of whoever makes a replica.
const MAKING: &str = "dynamodb:CreateTableReplica";

fn begun(stage: &mut Stage, regions: &str) -> RunId {
    let said = [("replica", regions), ("skip", "time-to-live")];
    begun_with(stage, &said)
}

fn begun_with(stage: &mut Stage, more: &[(&str, &str)]) -> RunId {
    let always = [
        ("table", OLD),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let said: Said = always.iter().chain(more).map(own).collect();
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said).unwrap();
    stage.record(plan)
}

fn hands(stage: &mut Stage, change: impl FnOnce(&mut Hands<'_>)) {
    let (account, region) = PLACE;
    let aws = stage.aws.clone();
    stage.live(|| async move { aws.third_party(account, region, change) });
}

fn thing(stage: &mut Stage, kind: &str, name: &str) -> Value {
    let (account, region) = PLACE;
    stage.picture()[format!("{account}/{region}")][kind][name].clone()
}

fn replicas(stage: &mut Stage, table: &str) -> Value {
    thing(stage, "tables", table)["replicas"].clone()
}

fn told(stage: &mut Stage, run: &RunId, state: &RunState) -> String {
    let (incident, now) = (None, state.last_at);
    report(state, &stage.events(run), Asked { incident, now })
}

fn missing(state: &RunState) -> Vec<String> {
    let missing = state.missing();
    missing.iter().map(|one| one.step.id.to_string()).collect()
}

/// What was sent to make replicas, in its order.
fn regions_sent(stage: &Stage) -> Vec<String> {
    let calls = stage.aws.calls();
    let named = |parameters: &BTreeMap<String, String>| {
        let mut named = parameters.iter();
        let region = named.find(|(name, _)| name.ends_with("Create.RegionName"));
        region.map(|(_, region)| region.clone())
    };
    let updates = calls.iter().filter(|call| call.operation == "UpdateTable");
    updates.filter_map(|call| named(&call.parameters)).collect()
}

#[test]
fn a_replica_is_made_in_every_region_that_was_named_and_in_no_other() {
    let mut stage = Stage::open_text(FULL);
    let before = replicas(&mut stage, "orders");
    let run = begun(&mut stage, "eu-north-1,us-west-2");
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let wanted = json!({"eu-north-1": "ACTIVE", "us-west-2": "ACTIVE"});
    assert_eq!(replicas(&mut stage, NEW), wanted);
    assert_eq!(replicas(&mut stage, "orders"), before);
    assert_eq!(regions_sent(&stage), ["eu-north-1", "us-west-2"]);
    // Taken back, the run leaves them with their table.
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(replicas(&mut stage, NEW), wanted);
    assert_eq!(regions_sent(&stage).len(), 2);
}

#[test]
fn one_that_comes_to_nothing_stops_the_run_until_somebody_has_deleted_it() {
    let mut stage = Stage::open_text(FULL);
    let run = begun(&mut stage, "eu-north-1,us-west-2");
    hands(&mut stage, |hands| {
        hands.set_replicas_in("eu-north-1", false);
    });
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.starts_with("replica-1: "), "{reason}");
    assert!(reason.contains("CREATION_FAILED"), "{reason}");
    let healthy = stage.state(&run).is_verified(&"healthy".into());
    assert!(healthy, "the application does not wait for it");
    let broken = json!({"eu-north-1": "CREATION_FAILED"});
    assert_eq!(replicas(&mut stage, NEW), broken);
    // It is in the way of another one, and defib deletes none.
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    assert_eq!(regions_sent(&stage), ["eu-north-1"]);
    hands(&mut stage, |hands| {
        hands.delete_replica(NEW, "eu-north-1");
        hands.set_replicas_in("eu-north-1", true);
    });
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let wanted = json!({"eu-north-1": "ACTIVE", "us-west-2": "ACTIVE"});
    assert_eq!(replicas(&mut stage, NEW), wanted);
    assert_eq!(
        regions_sent(&stage),
        ["eu-north-1", "eu-north-1", "us-west-2"]
    );
}

#[test]
fn a_region_that_aws_does_not_take_is_missing_with_its_words() {
    let mut stage = Stage::open_text(FULL);
    let run = begun(&mut stage, "xx-nowhere-1,us-west-2");
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("xx-nowhere-1"), "{reason}");
    assert!(reason.contains("ValidationException"), "{reason}");
    assert_eq!(replicas(&mut stage, NEW), json!({"us-west-2": "ACTIVE"}));
}

/// Asserts that replicas are missing, and that a person is told of it, while the application is where it is to be.
fn assert_only_replicas_are_missing(stage: &mut Stage, run: &RunId) {
    let state = stage.state(run);
    assert_eq!(missing(&state), ["replica-1", "replica-2"]);
    for step in &state.plan.steps {
        let last = step.id.as_str().starts_with("replica-");
        assert_eq!(state.is_verified(&step.id), !last, "{}", step.id);
    }
    assert_eq!(thing(stage, "parameters", PARAMETER)["value"], NEW);
    let policy = thing(stage, "tables", OLD)["policy"].to_string();
    assert!(policy.contains("DefibFreeze"), "{policy}");
    let tags = thing(stage, "tables", OLD)["tags"].to_string();
    assert!(!tags.contains("defib:active"), "{tags}");
    assert_eq!(replicas(stage, NEW), json!({}));
    let report = told(stage, run, &state);
    let lines = next_steps(&state, false, "/nowhere".as_ref(), state.last_at).join("\n");
    for (text, words) in [
        (&report, "## Missing"),
        (&report, "Everything else is done"),
        (&lines, "2 steps are missing, and everything else is done"),
        (
            &lines,
            "! missing: make a replica of orders-back in eu-north-1",
        ),
        (&lines, "try what is missing again: defib resume"),
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for region in ["eu-north-1", "us-west-2"] {
        let title = format!("make a replica of orders-back in {region}");
        assert!(report.contains(&title), "{report}");
    }
    for text in [&report, &lines] {
        assert!(text.contains(MAKING), "AWS's words: {text}");
    }
}

#[test]
fn a_replica_that_is_refused_keeps_no_application_from_being_led_over() {
    let mut stage = Stage::open_text(FULL);
    let said = [
        ("replica", "eu-north-1,us-west-2"),
        ("parameter", PARAMETER),
        ("freeze", "yes"),
    ];
    let run = begun_with(&mut stage, &said);
    hands(&mut stage, |hands| hands.set_denied(MAKING, true));
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    assert_only_replicas_are_missing(&mut stage, &run);
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    assert_only_replicas_are_missing(&mut stage, &run);

    hands(&mut stage, |hands| hands.set_denied(MAKING, false));
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let wanted = json!({"eu-north-1": "ACTIVE", "us-west-2": "ACTIVE"});
    assert_eq!(replicas(&mut stage, NEW), wanted);
    let state = stage.state(&run);
    assert_eq!(missing(&state), Vec::<String>::new());
    let report = told(&mut stage, &run, &state);
    assert!(!report.contains("## Missing"), "{report}");
}

#[test]
fn a_run_without_its_replicas_is_taken_back() {
    let mut stage = Stage::open_text(FULL);
    let before = thing(&mut stage, "tables", OLD)["policy"].clone();
    let said = [
        ("replica", "eu-north-1"),
        ("parameter", PARAMETER),
        ("freeze", "yes"),
    ];
    let run = begun_with(&mut stage, &said);
    hands(&mut stage, |hands| hands.set_denied(MAKING, true));
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    assert_eq!(thing(&mut stage, "parameters", PARAMETER)["value"], NEW);
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(thing(&mut stage, "parameters", PARAMETER)["value"], OLD);
    assert_eq!(thing(&mut stage, "tables", OLD)["policy"], before);
    assert_eq!(missing(&stage.state(&run)), Vec::<String>::new());
}
