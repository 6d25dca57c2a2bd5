//! What makes two plans the same, and what two runs must not share.
//!
//! The plans are of no flow; their facts and inputs hold what a case is about and nothing else.

use serde_json::json;

use super::*;
use crate::domain::check::Verdict;

fn step(id: &str, input: Value) -> Step {
    Step {
        id: id.into(),
        title: id.to_owned(),
        why: String::new(),
        call: Some(call(input)),
        needs: Vec::new(),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 1,
        ends_outage: false,
        undo: Vec::new(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

fn call(input: Value) -> Call {
    Call {
        operation: "test".to_owned(),
        version: 1,
        input,
    }
}

fn plan(facts: Value, steps: Vec<Step>) -> Plan {
    Plan {
        flow: "test".to_owned(),
        version: 1,
        title: String::new(),
        place: Place {
            profile: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: String::new(),
        subject: Subject {
            kind: ResourceKind::Table,
            id: "orders".to_owned(),
            name: None,
        },
        point: PointRef {
            id: "orders".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        },
        facts,
        choices: Choices::default(),
        form: Vec::new(),
        checks: Vec::new(),
        steps,
        leftovers: Vec::new(),
        made_at: Timestamp::UNIX_EPOCH,
        hash: String::new(),
    }
}

#[test]
fn what_moves_while_people_read_is_no_part_of_the_hash() {
    let hash = |days: u32, latest: &str, at: &str| {
        let moving = json!({"earliest": "2026-02-03T14:20:00Z", "latest": latest});
        let value = json!({"days": days, "moving": moving});
        let recovery = json!({"observed": {"value": value, "at": at}});
        plan(json!({"recovery": recovery}), Vec::new()).digest()
    };
    let first = hash(35, "2026-03-10T14:15:00Z", "2026-03-10T14:20:00Z");
    let later = hash(35, "2026-03-10T14:15:01Z", "2026-03-10T14:20:01Z");
    assert_eq!(first, later);
    let other = hash(7, "2026-03-10T14:15:00Z", "2026-03-10T14:20:00Z");
    assert_ne!(first, other);
}

#[test]
fn what_is_told_of_policies_is_no_part_of_the_hash() {
    let hash = |identities: Value, found: &str| {
        let mut plan = plan(
            json!({"name": "orders", "identities": identities}),
            Vec::new(),
        );
        let told = Check::new("identity-policies", Verdict::Know, found);
        plan.checks = vec![told, Check::new("window", Verdict::Know, "narrow")];
        plan.digest()
    };
    let known = json!({"observed": {"value": {"cut": null}, "at": "2026-03-10T14:20:00Z"}});
    let first = hash(known, "2 policies");
    assert_eq!(first, hash(json!({"unknown": "throttled"}), "not answered"));
    let mut other = plan(json!({"name": "orders"}), Vec::new());
    assert_ne!(first, other.digest(), "the other check counts");
    other.checks = vec![Check::new("window", Verdict::Know, "narrow")];
    assert_eq!(first, other.digest());
}

#[test]
fn a_plan_touches_what_its_calls_name_there_and_back() {
    let restore = json!({"source": "orders", "target": "orders-2"});
    let switch = json!({"parameter": "/shop/table", "value": {"$output": "restore.table"}});
    let mut switch = step("switch", switch);
    switch.undo.push(Undo {
        title: "back".to_owned(),
        call: Some(call(
            json!({"table": "orders-1", "volume": {"$output": "x.volume"}}),
        )),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 1,
        ends_outage: false,
    });
    let attach = json!({"instance": "i-1", "volume": "vol-1", "device": "/dev/sdf"});
    let steps = vec![step("restore", restore), switch, step("attach", attach)];
    let touched = plan(Value::Null, steps).touches();
    let wanted = [
        "/shop/table",
        "i-1",
        "orders",
        "orders-1",
        "orders-2",
        "vol-1",
    ];
    assert_eq!(touched.into_iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn a_plan_in_which_nothing_may_wait_is_written_and_hashed_as_before_there_was_such_a_thing() {
    let plain = plan(Value::Null, vec![step("stop", json!({"instance": "i-1"}))]);
    let text = serde_json::to_string(&plain).unwrap();
    assert!(
        !text.contains("may_wait") && !text.contains("builds_on"),
        "{text}"
    );
    let read: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!((read.digest(), &read), (plain.digest(), &plain));
    let mut waits = plain.clone();
    waits.steps[0].may_wait = true;
    assert_ne!(
        waits.digest(),
        plain.digest(),
        "what it may do is part of it"
    );
    let text = serde_json::to_string(&waits).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), waits);
}

#[test]
fn only_what_may_wait_begins_before_a_need_is_verified() {
    let mut steps = [step("a", Value::Null), step("b", Value::Null)];
    assert!(steps[1].relies_on(&steps[0]));
    steps[0].may_wait = true;
    assert!(steps[1].relies_on(&steps[0]));
    steps[1].may_wait = true;
    assert!(!steps[1].relies_on(&steps[0]));
    steps[1].builds_on = vec!["a".into()];
    assert!(steps[1].relies_on(&steps[0]));
}
