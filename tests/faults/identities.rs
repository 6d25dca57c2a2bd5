//! Policies of users, groups and roles that name the table of a restore: found, told and never changed, whatever becomes
//! of the one call that reads them.

use defib::domain::check::{Check, Verdict, stops};
use defib::domain::plan::{Gate, Plan};
use defib::domain::run::{Approval, CommandKind, RunStatus};
use defib::restore::flow::find;
use defib::restore::planning::still_fits;
use defib::sim::{Fault, On};
use jiff::SignedDuration;
use serde_json::Value;

use crate::stage::{Said, Stage};

const CALL: &str = "GetAccountAuthorizationDetails";
const OLD: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

fn said(target: &str) -> Said {
    let all = [
        ("table", "orders"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", target),
        ("parameter", "/acme/shop/orders-table"),
    ];
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    all.into_iter().map(own).collect()
}

fn planned(stage: &mut Stage, target: &str) -> Plan {
    let flow = find("dynamodb-restore").unwrap();
    stage.plan_by(flow, &said(target)).unwrap()
}

fn check(plan: &Plan) -> &Check {
    let mut all = plan.checks.iter();
    all.find(|check| check.name == "identity-policies").unwrap()
}

fn asked(gate: &Gate) -> String {
    let Gate::Person { instructions, .. } = gate else {
        panic!("a person is asked: {gate:?}");
    };
    instructions.join("\n")
}

/// Whether the plan would begin now.
fn begins(stage: &mut Stage, plan: &Plan) -> Result<Plan, String> {
    let (connecting, clock) = (stage.connecting(), stage.clock.clone());
    stage.live(|| async {
        let clients = connecting.await;
        let fits = still_fits(plan, &clients, &clock).await;
        fits.map_err(|error| format!("{error:?}"))
    })
}

#[test]
fn two_that_name_it_are_told_and_one_that_covers_both_is_counted() {
    let mut stage = Stage::open("table");
    let plan = planned(&mut stage, "orders-back");
    let check = check(&plan);
    assert_eq!(check.verdict, Verdict::Know);
    for words in [
        "2 policies",
        "inline policy orders-write of role shop-api",
        "policy orders-read, attached to role reporting, role shop-api",
        "1 cover both",
    ] {
        assert!(check.found.contains(words), "{words} in {}", check.found);
    }
    assert!(!check.found.contains("shop-tables"), "{}", check.found);
    // Under another name the wildcard does not reach it.
    let plan = planned(&mut stage, "restored");
    let found = &self::check(&plan).found;
    assert!(
        found.contains("policy shop-tables, attached to group developers"),
        "{found}"
    );
}

#[test]
fn the_person_who_looks_gets_what_to_paste_and_the_run_changes_no_policy() {
    let mut stage = Stage::open("table");
    let before = stage.picture()["111122223333/iam"].clone();
    let plan = planned(&mut stage, "orders-back");
    let run = stage.record_with(plan, Approval::default());
    let mut looked = false;
    while stage.drive(&run) == RunStatus::Waiting {
        let state = stage.state(&run);
        let waiting = state
            .plan
            .steps
            .iter()
            .find(|step| step.id.as_str() == "look");
        let waiting = waiting.unwrap();
        if state.record(&waiting.id).status == defib::domain::run::StepStatus::Waiting {
            let told = asked(&state.gate_of(waiting));
            let new = format!("+        \"{OLD}-back\"");
            for words in [
                new.as_str(),
                "aws iam put-role-policy",
                "aws iam create-policy-version",
            ] {
                assert!(told.contains(words), "{words} in {told}");
            }
            looked = true;
            break;
        }
        let yes = Approval {
            yes: true,
            confirm: vec!["orders-back".into()],
            decline: Vec::new(),
        };
        stage.send_with(&run, CommandKind::Approve { step: None }, yes);
    }
    assert!(looked, "nobody was asked to look");
    let yes = Approval {
        yes: true,
        confirm: vec!["orders-back".into()],
        decline: Vec::new(),
    };
    stage.send_with(&run, CommandKind::Approve { step: None }, yes);
    stage.drive(&run);
    assert_eq!(stage.picture()["111122223333/iam"], before);
    let calls = stage.aws.calls();
    let iam = calls.iter().filter(|call| call.service == "IAM");
    assert!(iam.clone().count() > 0 && iam.clone().all(|call| call.operation == CALL));
}

#[test]
fn a_policy_that_is_mended_meanwhile_changes_no_plan() {
    let mut stage = Stage::open("table");
    let plan = planned(&mut stage, "orders-back");
    let aws = stage.aws.clone();
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"dynamodb:*","Resource":["{OLD}","{OLD}-back"]}}]}}"#
    );
    stage.live(|| async {
        aws.third_party("111122223333", "eu-west-1", |hands| {
            hands.put_role_policy("shop-api", "orders-write", &document);
        });
    });
    let fresh = begins(&mut stage, &plan).unwrap();
    let found = &check(&fresh).found;
    assert!(
        found.contains("1 policy") && found.contains("2 cover both"),
        "{found}"
    );
}

#[test]
fn a_plan_is_made_and_begins_whatever_becomes_of_the_read() {
    let faults: [(Fault, &str); 5] = [
        (Fault::Unauthorized, "AccessDenied"),
        (Fault::Throttled, "Throttling"),
        (Fault::ServerErrorBeforeEffect, "ServiceUnavailable"),
        (Fault::UnreadableBody, "iam:GetAccountAuthorizationDetails"),
        (Fault::NeverAnswersBeforeEffect, "longer than"),
    ];
    for (fault, why) in faults {
        let mut stage = Stage::open("table");
        let whole = planned(&mut stage, "orders-back");
        let id = stage
            .aws
            .faults()
            .inject(On::operation(CALL).for_ever(), fault.clone());
        let began = stage.now();
        let plan = planned(&mut stage, "orders-back");
        let took = stage.now().duration_since(began);
        assert!(
            took < SignedDuration::from_secs(15),
            "{why}: it took {took}"
        );
        let check = check(&plan);
        assert_eq!(check.verdict, Verdict::Unanswered, "{fault:?}");
        assert!(check.found.contains(why), "{why} in {}", check.found);
        let advice = check.advice.as_deref().unwrap();
        assert!(
            advice.contains("aws iam get-account-authorization-details"),
            "{advice}"
        );
        assert!(!stops(&plan.checks));
        assert_eq!(plan.steps, whole.steps);
        begins(&mut stage, &whole).unwrap();
        stage.aws.faults().lift(id);
        begins(&mut stage, &plan).unwrap();
    }
}

#[test]
fn what_was_read_before_a_page_fails_is_told_with_what_is_missing() {
    let mut stage = Stage::open("table");
    let on = On::operation(CALL).nth(2).for_ever();
    stage.aws.faults().inject(on, Fault::Throttled);
    let plan = planned(&mut stage, "orders-back");
    let check = check(&plan);
    assert_eq!(check.verdict, Verdict::Know);
    for words in [
        "inline policy orders-write",
        "there may be more",
        "Throttling",
    ] {
        assert!(check.found.contains(words), "{words} in {}", check.found);
    }
    assert!(
        !check.found.contains("orders-read"),
        "it is on the second page: {}",
        check.found
    );
    let told = &plan.facts["identities"]["observed"]["value"]["cut"];
    assert_ne!(*told, Value::Null);
}
