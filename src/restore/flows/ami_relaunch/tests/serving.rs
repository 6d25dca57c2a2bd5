//! What a run of a relaunch says of itself: what serves, what is kept, and what taking it back would mean.
//! The runs are folded from events that are made up here; nothing asks AWS.

use serde_json::json;

use super::fixtures::{at, facts, plan};
use crate::domain::ids::StepId;
use crate::domain::plan::Plan;
use crate::domain::resource::ResourceKind;
use crate::domain::run::{Approval, Created, EventBody, Operator, RunEvent, RunState};
use crate::domain::words::lasting;

const NEW: &str = "i-0bbbbbbbbbbbbbbbb";

/// Says that every step up to one has come about, and that it is over where that was the last.
fn run(plan: Plan, through: &str) -> RunState {
    let last = plan
        .steps
        .iter()
        .position(|step| step.id.as_str() == through);
    let ids: Vec<StepId> = plan.steps.iter().map(|step| step.id.clone()).collect();
    let by = Operator {
        user: "ada".into(),
        host: "bastion".into(),
    };
    let planned = EventBody::Planned {
        plan: Box::new(plan),
        by,
        approval: Approval::default(),
        version: "1".into(),
        endpoints: Vec::new(),
    };
    let mut bodies = vec![(None, planned)];
    for id in &ids[..=last.unwrap()] {
        let intent = EventBody::Intent {
            generation: 1,
            token: String::new(),
            digest: String::new(),
            input: json!(null),
            found: json!(null),
        };
        let verified = EventBody::Verified {
            outputs: json!(null),
            detail: String::new(),
            created: made_by(id),
        };
        bodies.push((Some(id.clone()), intent));
        bodies.push((Some(id.clone()), verified));
    }
    if last.unwrap() + 1 == ids.len() {
        bodies.push((None, EventBody::Done));
    }
    fold(bodies)
}

fn fold(bodies: Vec<(Option<StepId>, EventBody)>) -> RunState {
    let event = |(seq, (step, body))| RunEvent {
        run: "01RUN".into(),
        seq,
        at: at("2026-03-01T02:40:00Z"),
        step,
        body,
    };
    let events: Vec<RunEvent> = (1..).zip(bodies).map(event).collect();
    RunState::fold(&events).unwrap()
}

fn made_by(step: &StepId) -> Vec<Created> {
    let made = |id: &str, kind| Created {
        id: id.into(),
        kind,
    };
    match step.as_str() {
        "create-group" => vec![made("sg-shut", ResourceKind::SecurityGroup)],
        "launch" => vec![
            made("vol-new", ResourceKind::Volume),
            made("eni-new", ResourceKind::NetworkInterface),
            made(NEW, ResourceKind::Instance),
        ],
        _other => Vec::new(),
    }
}

fn kept(state: &RunState) -> Vec<String> {
    state.kept().into_iter().map(|kept| kept.id).collect()
}

#[test]
fn what_the_traffic_moved_to_is_in_service_and_not_left_over() {
    let state = run(plan(&facts(), &[]), "unmark");
    assert_eq!(
        state.in_service().unwrap(),
        format!("instance {NEW} is in service, with vol-new, eni-new")
    );
    assert_eq!(kept(&state), [super::fixtures::OLD, "sg-shut"]);
    assert!(state.idle().is_empty());
}

#[test]
fn what_is_only_looked_at_serves_nobody_and_is_told_to_cost() {
    let state = run(plan(&facts(), &[("isolate-only", "")]), "unmark");
    assert_eq!(state.in_service(), None);
    assert!(kept(&state).contains(&NEW.to_owned()), "{:?}", kept(&state));
    assert!(state.idle()[0].contains("still runs"), "{:?}", state.idle());
    assert!(state.written_since().is_none());
}

#[test]
fn taking_back_what_serves_takes_the_service_down_until_the_old_one_is_up() {
    let state = run(plan(&facts(), &[]), "healthy");
    let back = state.way_back(false);
    let down = state.down_on_way_back(&back).expect("it is interrupted");
    let all: u64 = back.iter().map(|step| step.expected).sum();
    let seconds = u64::try_from(down.as_secs()).unwrap();
    assert!(seconds >= 60 && seconds <= all, "{}", lasting(down));
    let written = state.written_since().unwrap();
    assert!(
        written.contains(NEW) && written.contains("not on the old one"),
        "{written}"
    );
}

#[test]
fn before_the_traffic_moved_taking_it_back_loses_and_interrupts_nothing() {
    let state = run(plan(&facts(), &[]), "look");
    assert_eq!(state.down_on_way_back(&state.way_back(false)), None);
    assert_eq!(state.written_since(), None);
    assert_eq!(state.in_service(), None);
}

#[test]
fn where_two_serve_the_old_one_is_back_before_the_new_one_goes() {
    let state = run(plan(&facts(), &[("order", "no-gap")]), "healthy");
    assert_eq!(state.down_on_way_back(&state.way_back(false)), None);
    assert!(
        state.written_since().is_some(),
        "what it wrote is on it alone"
    );
}

#[test]
fn what_stays_with_the_new_one_after_a_way_back_is_told() {
    let mut state = run(plan(&facts(), &[]), "unmark");
    let steps = state.way_back(false);
    state.undo = Some(steps);
    let idle = state.idle().join(" ");
    assert!(
        idle.contains("Not taken back: protect the new instance from being stopped"),
        "{idle}"
    );
    assert_eq!(state.in_service(), None);
}

#[test]
fn where_nothing_moves_no_data_is_said_to_be_lost() {
    let isolated = plan(&facts(), &[("isolate-only", "")]);
    assert!(isolated.replaces_nothing());
    let boot = |plan: &Plan| {
        let checks = plan.checks.iter();
        let mut boot = checks.filter(|check| check.name == "starts-on-boot");
        boot.next().unwrap().found.clone()
    };
    assert!(!boot(&isolated).contains("cut-over"), "{}", boot(&isolated));
    let moved = plan(&facts(), &[]);
    assert!(!moved.replaces_nothing());
    assert!(boot(&moved).contains("cut-over"));
}

#[test]
fn a_block_is_shown_as_the_network_that_it_is_with_how_many_it_lets_in() {
    let plan = plan(&facts(), &[("operator-cidr", "203.0.113.7/24")]);
    let field = plan.form.iter().find(|field| field.name == "operator-cidr");
    let value = field.unwrap().value.clone().unwrap();
    assert_eq!(value, "203.0.113.0/24 (256 addresses)");
}

#[test]
fn the_commands_of_the_look_say_where_they_go() {
    let plan = plan(&facts(), &[]);
    let look = super::fixtures::step(&plan, "look");
    let crate::domain::plan::Gate::Person { instructions, .. } = &look.gate else {
        panic!("a person looks");
    };
    let text = instructions.join("\n");
    let wanted = "aws ec2 get-console-output --region eu-west-1 --profile acme ";
    assert!(text.contains(wanted), "{text}");
}
