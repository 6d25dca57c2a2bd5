//! The restore of a table from its plan to its end and back, in the simulated AWS: what no agreement of a person may
//! pass over, what comes of a switch-over on its way back, whose table a taken name is, and where its changes go.

use defib::domain::ids::RunId;
use defib::domain::plan::Gate;
use defib::domain::run::{Approval, CommandKind, RunStatus};
use defib::restore::flow::find;
use defib::sim::Hands;
use serde_json::{Value, json};

use crate::stage::{Said, Stage};

const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const NEW: &str = "orders-back";
const PARAMETER: &str = "/acme/shop/orders-table";
/// A table that has every setting there is.
const EVERY: &str = include_str!("tables.toml");
const AUDIT: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/ledger-audit";
const CHANGES: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/ledger-changes";

fn said(more: &[(&str, &str)]) -> Said {
    let always = [
        ("table", "orders"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
        ("parameter", PARAMETER),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    always.iter().chain(more).map(own).collect()
}

/// Agrees to everything that a yes agrees to.
fn a_yes() -> Approval {
    Approval {
        yes: true,
        confirm: Vec::new(),
    }
}

fn begun(stage: &mut Stage, more: &[(&str, &str)], approval: Approval) -> RunId {
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(more)).unwrap();
    stage.record_with(plan, approval)
}

fn table(stage: &mut Stage, name: &str) -> Value {
    let (account, region) = PLACE;
    stage.picture()[format!("{account}/{region}")]["tables"][name].clone()
}

fn parameter(stage: &mut Stage) -> Value {
    let (account, region) = PLACE;
    stage.picture()[format!("{account}/{region}")]["parameters"][PARAMETER]["value"].clone()
}

fn hands(stage: &mut Stage, change: impl FnOnce(&mut Hands<'_>)) {
    let (account, region) = PLACE;
    let aws = stage.aws.clone();
    stage.live(|| async move { aws.third_party(account, region, change) });
}

#[test]
fn a_yes_alone_never_enables_time_to_live() {
    let mut stage = Stage::open("table");
    let run = begun(&mut stage, &[("freeze", "yes")], a_yes());
    for _life in 0..3 {
        assert_eq!(stage.drive(&run), RunStatus::Waiting);
        stage.send_with(&run, CommandKind::Approve { step: None }, a_yes());
    }
    let state = stage.state(&run);
    let last = state
        .plan
        .steps
        .iter()
        .find(|step| step.id.as_str() == "ttl");
    let Gate::TypeName { why, .. } = state.gate_of(last.unwrap()) else {
        panic!("time to live is enabled by name");
    };
    assert!(why.contains("18,412") || why.contains("18412"), "{why}");
    assert_eq!(table(&mut stage, NEW)["ttl"], Value::Null);
    let wrong = Approval {
        yes: true,
        confirm: vec!["orders".to_owned()],
    };
    stage.send_with(&run, CommandKind::Approve { step: None }, wrong);
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    assert_eq!(table(&mut stage, NEW)["ttl"], Value::Null);
    let typed = Approval {
        yes: true,
        confirm: vec![NEW.to_owned()],
    };
    stage.send_with(&run, CommandKind::Approve { step: None }, typed);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(table(&mut stage, NEW)["ttl"], "expires_at");
}

#[test]
fn what_was_frozen_and_switched_goes_back() {
    let mut stage = Stage::open("table");
    let before = table(&mut stage, "orders");
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(&[("freeze", "yes")])).unwrap();
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(parameter(&mut stage), NEW);
    let frozen = table(&mut stage, "orders");
    assert!(
        frozen["policy"].as_str().unwrap().contains("Deny"),
        "{frozen}"
    );
    let made = table(&mut stage, NEW);
    for setting in ["class", "protected", "stream", "ttl", "scaling"] {
        assert_eq!(made[setting], before[setting], "{setting}");
    }
    assert_eq!(made["continuous"]["days"], before["continuous"]["days"]);
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    stage.pass(jiff::SignedDuration::from_hours(1));
    assert_eq!(parameter(&mut stage), "orders");
    assert_eq!(table(&mut stage, "orders"), before, "both tables stay");
    assert_eq!(table(&mut stage, NEW), made);
}

#[test]
fn a_stranger_in_the_parameter_stops_the_way_back_before_it_begins() {
    let mut stage = Stage::open("table");
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(&[("freeze", "yes")])).unwrap();
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    hands(&mut stage, |hands| {
        hands.set_parameter(PARAMETER, "elsewhere");
    });
    let frozen = table(&mut stage, "orders");
    stage.send(&run, CommandKind::RollBack);
    assert_ne!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(parameter(&mut stage), "elsewhere");
    assert_eq!(
        table(&mut stage, "orders"),
        frozen,
        "nothing was taken back"
    );
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains(PARAMETER), "{reason}");
}

#[test]
fn a_colleagues_table_of_the_same_name_is_a_conflict() {
    let mut stage = Stage::open("table");
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(&[])).unwrap();
    let run = stage.record(plan);
    hands(&mut stage, |hands| hands.make_table(NEW));
    let theirs = table(&mut stage, NEW);
    assert_ne!(stage.drive(&run), RunStatus::Done);
    let state = stage.state(&run);
    assert!(state.created.is_empty(), "{:?}", state.created);
    let calls = stage.aws.calls();
    let restores = calls
        .iter()
        .filter(|call| call.operation.starts_with("Restore"));
    assert_eq!(restores.count(), 0);
    assert_eq!(table(&mut stage, NEW), theirs);
    assert_eq!(parameter(&mut stage), "orders");
}

/// Records a restore of the table with every setting, agreed to wholly.
fn of_every(stage: &mut Stage, more: &[(&str, &str)]) -> RunId {
    let always = [
        ("table", "ledger"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let said: Said = always.iter().chain(more).map(own).collect();
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said).unwrap();
    stage.record(plan)
}

#[test]
fn changes_go_where_they_went_and_keys_are_recorded_as_they_were() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    let active = |precision: Option<&str>| json!({"how": precision, "status": "ACTIVE"});
    let kinesis = json!({AUDIT: active(Some("MICROSECOND")), CHANGES: active(None)});
    assert_eq!(made["kinesis"], kinesis);
    let on = |mode: &str| json!({"how": mode, "status": "ENABLED"});
    let insights = json!({
        "the table": on("ACCESSED_AND_THROTTLED_KEYS"),
        "index by-day": on("THROTTLED_KEYS"),
    });
    assert_eq!(made["insights"], insights);
    let before = table(&mut stage, "ledger");
    for setting in ["kinesis", "insights", "stream", "class", "protected", "ttl"] {
        assert_eq!(made[setting], before[setting], "{setting}");
    }
    let calls = stage.aws.calls();
    let at = |operation: &str| {
        let of = |call: &&defib::sim::CallRecord| call.operation == operation;
        calls.iter().find(of).unwrap().at
    };
    // What time to live deletes is sent, too: it comes once everything else is done.
    assert!(at("EnableKinesisStreamingDestination") < at("UpdateTimeToLive"));
}

#[test]
fn what_is_left_out_or_only_looked_at_sends_nothing() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("skip", "kinesis,insights")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    assert_eq!(
        (&made["kinesis"], &made["insights"]),
        (&json!({}), &json!({}))
    );
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("restore-only", "yes")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    assert_eq!(made["kinesis"], json!({}));
    assert_eq!(made["insights"].as_object().unwrap().len(), 2);
}

#[test]
fn a_stream_that_fails_says_why_and_resume_enables_it() {
    for (broken, words) in [
        (None, "ResourceNotFoundException"),
        (
            Some(false),
            "ENABLE_FAILED: The Kinesis data stream takes no records",
        ),
    ] {
        let mut stage = Stage::open_text(EVERY);
        let run = of_every(&mut stage, &[]);
        hands(&mut stage, |hands| {
            hands.set_kinesis_stream(CHANGES, broken);
        });
        assert_eq!(stage.drive(&run), RunStatus::Failed);
        let reason = stage.state(&run).reason.unwrap();
        assert!(reason.contains(words), "{reason}");
        hands(&mut stage, |hands| {
            hands.set_kinesis_stream(CHANGES, Some(true));
        });
        stage.send(&run, CommandKind::Resume);
        assert_eq!(stage.drive(&run), RunStatus::Done);
        let made = table(&mut stage, NEW);
        assert_eq!(made["kinesis"][CHANGES]["status"], "ACTIVE");
    }
}
