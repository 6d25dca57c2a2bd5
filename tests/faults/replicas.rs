//! Replicas of a restored table: made one after the other where they were named, and in no other Region. One that AWS
//! refuses is missing; one that it has taken and cannot make stops the run there, with AWS's word for it.

use std::collections::BTreeMap;

use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, RunStatus};
use defib::restore::flow::find;
use defib::sim::Hands;
use serde_json::{Value, json};

use crate::stage::{Said, Stage};

const FULL: &str = include_str!("settings.toml");
const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const NEW: &str = "orders-back";

fn begun(stage: &mut Stage, regions: &str) -> RunId {
    let said: Said = [
        ("table", "orders"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
        ("replica", regions),
        ("skip", "time-to-live"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said).unwrap();
    stage.record(plan)
}

fn hands(stage: &mut Stage, change: impl FnOnce(&mut Hands<'_>)) {
    let (account, region) = PLACE;
    let aws = stage.aws.clone();
    stage.live(|| async move { aws.third_party(account, region, change) });
}

fn replicas(stage: &mut Stage, table: &str) -> Value {
    let (account, region) = PLACE;
    stage.picture()[format!("{account}/{region}")]["tables"][table]["replicas"].clone()
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
