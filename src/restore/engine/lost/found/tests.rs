//! A small swap whose whole record is lost, looked at after each of its steps: whatever was done is found, and
//! nothing else is.

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Call, Gate, Impact, PointRef, Subject, Undo};
use crate::domain::resource::ResourceKind;
use crate::domain::run::{Approval, Operator, RunEvent};

const STORY: [&str; 8] = [
    "mark", "make", "stop", "detach", "attach", "start", "ask", "unmark",
];

fn call(operation: &str) -> Call {
    Call {
        operation: operation.to_owned(),
        version: 1,
        input: Value::Null,
    }
}

fn step(id: &str, needs: &[&str], undo: Option<&str>) -> Step {
    let undo = undo.map(|operation| Undo {
        title: operation.to_owned(),
        call: Some(call(operation)),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 1,
        ends_outage: false,
    });
    Step {
        id: id.into(),
        title: id.to_owned(),
        why: String::new(),
        call: (id != "ask").then(|| call(id)),
        needs: needs.iter().map(|need| StepId::from(*need)).collect(),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 1,
        ends_outage: false,
        undo: undo.into_iter().collect(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

fn steps() -> Vec<Step> {
    vec![
        step("mark", &[], Some("unmark")),
        step("make", &["mark"], None),
        step("stop", &["mark"], Some("start")),
        step("detach", &["stop"], Some("attach old")),
        step("attach", &["make", "detach"], Some("detach new")),
        step("start", &["attach"], Some("stop")),
        step("ask", &["start"], None),
        step("unmark", &["ask"], Some("mark")),
    ]
}

fn plan() -> Plan {
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
            kind: ResourceKind::Volume,
            id: "vol-1".to_owned(),
            name: None,
        },
        point: PointRef {
            id: "snap-1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        },
        facts: Value::Null,
        choices: Choices::default(),
        form: Vec::new(),
        checks: Vec::new(),
        steps: steps(),
        leftovers: Vec::new(),
        made_at: Timestamp::UNIX_EPOCH,
        hash: String::new(),
    }
}

/// A run of which these steps are in the record, each with what was told of it.
fn run(told: &[(&str, EventBody)]) -> RunState {
    let planned = EventBody::Planned {
        plan: Box::new(plan()),
        by: Operator {
            user: "ada".to_owned(),
            host: "bastion".to_owned(),
        },
        approval: Approval::default(),
        version: "0".to_owned(),
        endpoints: Vec::new(),
    };
    let told = told
        .iter()
        .map(|(step, body)| (Some(StepId::from(*step)), body.clone()));
    let all = std::iter::once((None, planned)).chain(told);
    let event = |(seq, (step, body))| RunEvent {
        run: "01R".into(),
        seq,
        at: Timestamp::UNIX_EPOCH,
        step,
        body,
    };
    let events: Vec<RunEvent> = (1..).zip(all).map(event).collect();
    RunState::fold(&events).expect("it begins with its plan")
}

fn there(id: &str) -> Sight {
    Sight::There {
        outputs: json!({ "of": id }),
        detail: "there".to_owned(),
        created: Vec::new(),
    }
}

/// What is seen of the world in which so many steps were done.
fn world(done: usize) -> Seen {
    let did = |id: &str| STORY[..done].contains(&id);
    let holds = |id: &str| match id {
        "mark" => did("mark") && !did("unmark"),
        // What runs before it is stopped, and what nobody has marked yet.
        "start" => !did("stop") || did("start"),
        "unmark" => !did("mark") || did("unmark"),
        "stop" => did("stop") && !did("start"),
        other => did(other),
    };
    let seen = STORY.iter().filter(|id| **id != "ask").map(|id| {
        let sight = if holds(id) { there(id) } else { Sight::Absent };
        (StepId::from(*id), sight)
    });
    seen.collect()
}

/// The steps that are found to be done, in order.
fn found(state: &RunState, seen: &Seen, back: bool) -> Vec<String> {
    let verified = findings(state, seen, back).into_iter();
    let verified = verified.filter(|(_, body)| matches!(body, EventBody::Verified { .. }));
    verified.map(|(step, _)| step.as_str().to_owned()).collect()
}

#[test]
fn of_a_lost_record_exactly_what_was_done_is_found_after_every_step() {
    let state = run(&[]);
    for done in 0..=STORY.len() - 2 {
        assert_eq!(found(&state, &world(done), false), &STORY[..done]);
        assert_eq!(found(&state, &world(done), true), &STORY[..done]);
    }
}

#[test]
fn what_holds_although_nothing_was_done_is_not_this_runs_doing() {
    let mut seen = world(0);
    seen.insert("detach".into(), there("detach"));
    // The instance runs, as it did; the volume hangs nowhere, as it may have done before.
    seen.insert("start".into(), Sight::Absent);
    assert_eq!(found(&run(&[]), &seen, false), [""; 0]);
}

#[test]
fn what_a_step_needs_is_done_before_it_counts() {
    // The new volume is attached, but nobody sees that it was made: it would be made once more.
    let mut seen = world(5);
    seen.insert("make".into(), Sight::Absent);
    let state = run(&[]);
    assert_eq!(found(&state, &seen, false), ["mark", "stop", "detach"]);
    seen.insert("make".into(), Sight::Unclear);
    assert_eq!(found(&state, &seen, false), ["mark", "stop", "detach"]);
}

#[test]
fn what_is_on_its_way_proves_what_came_before_it() {
    let mut seen = world(3);
    seen.insert("stop".into(), Sight::Absent);
    seen.insert("start".into(), Sight::Coming("pending".to_owned()));
    seen.insert("detach".into(), there("detach"));
    seen.insert("attach".into(), there("attach"));
    let state = run(&[]);
    assert_eq!(coming(&seen).unwrap(), "start: pending");
    assert_eq!(coming(&world(3)), None);
    // What is between two states is not recorded as done itself.
    assert!(!found(&state, &seen, false).contains(&"start".to_owned()));
}

#[test]
fn a_stop_that_nothing_has_ended_is_not_guessed_on_the_way_forward() {
    // The old volume hangs nowhere and the instance runs: somebody may have started it.
    let mut seen = world(4);
    seen.insert("stop".into(), Sight::Absent);
    seen.insert("start".into(), there("start"));
    assert_eq!(found(&run(&[]), &seen, false), ["mark", "make"]);
    let back = found(&run(&[]), &seen, true);
    assert_eq!(back, ["mark", "make", "stop", "detach"]);
}

#[test]
fn an_answer_is_taken_from_what_came_after_it_where_that_was_not_so_before() {
    let mut plan_less = world(6);
    plan_less.insert("unmark".into(), there("unmark"));
    plan_less.insert("mark".into(), Sight::Absent);
    let verified = |id: &str| EventBody::Verified {
        outputs: Value::Null,
        detail: id.to_owned(),
        created: Vec::new(),
    };
    // That nobody has marked it says nothing: the question stands.
    let known: Vec<(&str, EventBody)> = STORY[..6].iter().map(|id| (*id, verified(id))).collect();
    assert_eq!(found(&run(&known), &plan_less, false), [""; 0]);
    // Nor is anything recorded twice.
    assert!(findings(&run(&known), &world(6), true).is_empty());
}

#[test]
fn a_step_that_was_begun_in_the_record_proves_nothing_by_itself() {
    let intent = EventBody::Intent {
        generation: 1,
        token: "TOKEN".to_owned(),
        digest: String::new(),
        input: Value::Null,
        found: Value::Null,
    };
    let verified = EventBody::Verified {
        outputs: Value::Null,
        detail: "marked".to_owned(),
        created: Vec::new(),
    };
    let known = [("mark", verified), ("stop", intent)];
    // It was to be stopped and runs: what was sent did not arrive, or not yet.
    let mut seen = world(2);
    seen.remove(&StepId::from("mark"));
    assert_eq!(found(&run(&known), &seen, false), ["make"]);
    let mut stopped = world(3);
    stopped.remove(&StepId::from("mark"));
    assert_eq!(found(&run(&known), &stopped, false), ["make", "stop"]);
}

#[test]
fn what_cannot_be_told_is_not_taken_for_done_on_the_way_back() {
    // The volume hangs nowhere, and whether anybody stopped or started the instance cannot be told.
    let mut seen = world(2);
    seen.insert("detach".into(), there("detach"));
    seen.insert("stop".into(), Sight::Unclear);
    for start in [Sight::Unclear, Sight::Absent] {
        seen.insert("start".into(), start);
        assert_eq!(found(&run(&[]), &seen, true), ["mark", "make"]);
    }
}

#[test]
fn what_may_wait_may_be_lacking_before_what_may_wait_as_well() {
    let waiting = |id, needs: &[&str]| Step {
        may_wait: true,
        ..step(id, needs, None)
    };
    let mut state = run(&[]);
    state.plan.steps = vec![
        step("make", &[], None),
        waiting("a", &["make"]),
        waiting("b", &["a"]),
        Step {
            builds_on: vec!["a".into()],
            ..waiting("rule", &["b", "a"])
        },
        waiting("c", &["rule"]),
        step("end", &["c", "a", "b", "rule"], None),
    ];
    let table: [(&[&str], &[&str]); 7] = [
        (&["make", "b", "c"], &["make", "b", "c"]),
        (&["make", "c"], &["make", "c"]),
        // Without what was restored they are about something else.
        (&["a", "b", "c"], &[]),
        // Nobody makes the rule without what it builds on.
        (&["make", "b", "rule"], &["make", "b"]),
        (&["make", "a", "rule"], &["make", "a", "rule"]),
        // The end comes after all of them.
        (&["make", "a", "b", "c", "end"], &["make", "a", "b", "c"]),
        (
            &["make", "a", "b", "rule", "c", "end"],
            &["make", "a", "b", "rule", "c", "end"],
        ),
    ];
    for (done, wanted) in table {
        let sight = |step: &Step| {
            let id = step.id.as_str();
            if done.contains(&id) {
                there(id)
            } else {
                Sight::Absent
            }
        };
        let steps = state.plan.steps.iter();
        let seen: Seen = steps.map(|step| (step.id.clone(), sight(step))).collect();
        for back in [false, true] {
            assert_eq!(found(&state, &seen, back), wanted, "{done:?}, back: {back}");
        }
    }
}
