//! The switch-over and the freeze with their ways back, and what a person is asked.
//! What leads an application somewhere must lead it back to where it was.

use serde_json::json;

use super::super::TableFacts;
use super::fixtures::*;
use crate::domain::dynamodb::{Holds, Parameter, Policy};
use crate::domain::plan::{Gate, Impact, Plan, Undo};
use crate::domain::text::Untrusted;

fn only_undo<'a>(plan: &'a Plan, id: &str) -> &'a Undo {
    let [undo] = &step(plan, id).undo[..] else {
        panic!("{id} has one way back");
    };
    undo
}

fn asked(gate: &Gate) -> String {
    let Gate::Person { instructions, .. } = gate else {
        panic!("a person is asked: {gate:?}");
    };
    instructions.join("\n")
}

#[test]
fn a_parameter_is_switched_from_what_it_was_and_back_from_what_it_was_set_to() {
    for (holds, old, field) in [(Holds::Name, "orders", "table"), (Holds::Arn, ARN, "arn")] {
        let mut facts = facts();
        facts.parameter = Some(known(Some(Parameter {
            kind: "String".into(),
            version: 3,
            holds,
        })));
        let plan = plan(&facts, &[("parameter", PARAMETER)]);
        let new = json!({"$output": format!("restore.{field}")});
        let there = input(&plan, "switch");
        assert_eq!(
            *there,
            json!({"parameter": PARAMETER, "value": new, "instead_of": old})
        );
        let back = &only_undo(&plan, "switch").call.as_ref().unwrap().input;
        assert_eq!(
            *back,
            json!({"parameter": PARAMETER, "value": old, "instead_of": new})
        );
    }
}

#[test]
fn without_a_parameter_a_person_leads_the_application_there_and_back() {
    let plan = plan(&facts(), &[]);
    let switch = step(&plan, "switch");
    assert_eq!(
        (switch.call.as_ref(), switch.impact),
        (None, Impact::Changes)
    );
    assert!(asked(&switch.gate).contains(NEW));
    let check = switch.gate.check().unwrap();
    assert_eq!(check.input["table"], json!({"$output": "restore.table"}));
    let back = only_undo(&plan, "switch");
    assert!(asked(&back.gate).contains("back to orders"));
    assert_eq!(back.call, None);
}

#[test]
fn a_freeze_goes_back_to_the_policy_that_was_there_by_the_revision_it_set() {
    let plan = plan(&facts(), &[("freeze", "yes")]);
    let there = input(&plan, "freeze");
    assert_eq!(there["revision"], "rev-7");
    assert_eq!(there["instead_of"], POLICY);
    let back = only_undo(&plan, "freeze").call.as_ref().unwrap();
    assert_eq!(back.operation, "dynamodb:SetPolicy");
    assert_eq!(back.input["policy"], POLICY);
    assert_eq!(back.input["instead_of"], there["policy"]);
    assert_eq!(
        back.input["revision"],
        json!({"$output": "freeze.revision"})
    );
}

#[test]
fn a_freeze_where_there_was_no_policy_goes_back_to_none() {
    let plan = plan(&bare(), &[("freeze", "yes")]);
    let there = input(&plan, "freeze");
    assert_eq!(there["revision"], "NO_POLICY");
    assert_eq!(there["instead_of"], json!(null));
    let back = only_undo(&plan, "freeze").call.as_ref().unwrap();
    assert_eq!(back.operation, "dynamodb:RemovePolicy");
    assert_eq!(back.input["policy"], there["policy"]);
}

#[test]
fn a_freeze_of_somebody_elses_leaves_open_how_it_is_lifted() {
    let open = |facts: &TableFacts, pairs: &[(&str, &str)]| {
        let plan = plan(facts, &[&[("freeze", "yes")], pairs].concat());
        step(&plan, "freeze").if_kept.clone().unwrap()
    };
    let told = open(&bare(), &[]);
    let lift = format!(
        "aws dynamodb delete-resource-policy --region eu-west-1 --profile acme --resource-arn {ARN}"
    );
    for words in [
        "orders stays frozen",
        "nobody can write to it until that is lifted: ",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(told.ends_with(&lift), "{told}");
    let role = "arn:aws:iam::111122223333:role/break-glass";
    let told = open(&bare(), &[("break-glass", role)]);
    assert!(
        told.contains(&format!("nobody but {role} can write to it")),
        "{told}"
    );
    // With other statements in it, it is not for anybody to delete.
    let told = open(&facts(), &[]);
    assert!(!told.contains("delete-resource-policy"), "{told}");
    for words in [
        "aws dynamodb get-resource-policy ",
        "without its DefibFreeze: aws dynamodb put-resource-policy ",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn the_way_back_to_a_table_that_was_frozen_before_says_so() {
    let mut frozen = facts();
    let before = super::super::policy_text::frozen(Some(&POLICY.into()), ARN, &[]).unwrap();
    let revision = "1".into();
    frozen.policy = known(Some(Policy {
        document: before,
        revision,
    }));
    let spared = ("break-glass", "arn:aws:iam::111122223333:role/other");
    let pairs = [("parameter", PARAMETER), ("freeze", "yes"), spared];
    for (facts, so) in [(facts(), false), (frozen.clone(), true)] {
        let plan = plan(&facts, &pairs);
        for (id, words) in [
            ("switch", "denied writes"),
            ("freeze", "which denied writes as well"),
        ] {
            let title = &only_undo(&plan, id).title;
            assert_eq!(title.contains(words), so, "{title}");
        }
        let by_person = super::fixtures::plan(&facts, &[]);
        let back = asked(&only_undo(&by_person, "switch").gate);
        assert_eq!(
            back.contains("  aws dynamodb get-resource-policy "),
            so,
            "{back}"
        );
        let all = checks(&facts, &pairs);
        assert_eq!(all.iter().any(|check| check.name == "frozen"), so);
        let alone = checks(&facts, &[("restore-only", "yes")]);
        assert!(alone.iter().all(|check| check.name != "frozen"));
    }
    let (_, said) = told(&frozen, &pairs, "frozen");
    assert!(
        said.contains("cannot write to it until that is lifted: aws "),
        "{said}"
    );
    // Where the table is in another Region, it is lifted there.
    frozen.led_to(&crate::domain::place::Place {
        region: "us-east-1".into(),
        ..frozen.place.clone()
    });
    frozen.key = None;
    let (_, said) = told(&frozen, &[("sse-key", "alias/aws/dynamodb")], "frozen");
    assert!(
        said.contains("get-resource-policy --region eu-west-1 "),
        "{said}"
    );
}

#[test]
fn a_roll_back_takes_back_the_freeze_before_the_switch_and_leaves_both_tables() {
    let plan = plan(&facts(), &[("parameter", PARAMETER), ("freeze", "yes")]);
    let done: Vec<_> = plan.steps.iter().map(|step| step.id.clone()).collect();
    let back = plan.undo_steps(&done);
    let ids: Vec<&str> = back.iter().map(|step| step.id.as_str()).collect();
    let wanted = [
        "undo-unmark-1",
        "undo-disable-old-trigger-2-1",
        "undo-freeze-1",
        "undo-unmute-1",
        "undo-switch-1",
        "undo-enable-trigger-2-1",
        "undo-mark-1",
    ];
    assert_eq!(ids, wanted);
}

#[test]
fn a_mark_of_another_run_is_taken_over_by_its_name() {
    let mut facts = facts();
    facts.tags = known(tags(&[
        ("defib:active", "01JD4Q"),
        ("defib:active-by", "ada"),
    ]));
    let plan = plan(&facts, &[]);
    let Gate::TypeName { name, why } = &step(&plan, "mark").gate else {
        panic!("a name is asked for");
    };
    assert_eq!(name.raw(), "01JD4Q");
    assert!(why.contains("ada"), "{why}");
    assert_eq!(input(&plan, "mark")["instead_of"], "01JD4Q");
    assert_eq!(
        step(&super::fixtures::plan(&bare(), &[]), "mark").gate,
        Gate::None
    );
}

#[test]
fn the_look_has_commands_that_can_be_pasted() {
    let told = asked(&step(&plan(&facts(), &[]), "look").gate);
    let options = format!("--region eu-west-1 --profile acme --table-name {NEW}");
    assert!(
        told.contains(&format!("aws dynamodb scan --max-items 5 {options}")),
        "{told}"
    );
    assert!(
        told.contains(r#"--key '{"pk": {"S": "…"}, "sk": {"S": "…"}}'"#),
        "{told}"
    );
    let mut hostile = facts();
    let keys = &mut source(&mut hostile).keys;
    keys[0].attribute = "p'; rm -rf $HOME; '".into();
    let told = asked(&step(&plan(&hostile, &[]), "look").gate);
    assert!(!told.contains("rm -rf"), "{told}");
    let alone = asked(&step(&plan(&facts(), &[("restore-only", "yes")]), "look").gate);
    assert!(alone.contains("Nothing else changes"), "{alone}");
}

#[test]
fn nothing_that_was_read_reaches_a_title_raw() {
    let mut facts = facts();
    let evil = "\u{202e}\u{1b}[2J";
    let mut scaling = facts.scaling.value().unwrap().clone();
    scaling.policies[0].name = evil.into();
    scaling.actions[0].schedule = evil.into();
    scaling.targets[1].resource = format!("table/orders/index/{evil}");
    facts.scaling = known(scaling);
    let table = source(&mut facts);
    table.class = evil.into();
    table.stream = Some(evil.into());
    table.indexes[0].name = evil.into();
    facts.tags = known([(Untrusted::from(evil), Untrusted::from(evil))].into());
    let plan = plan(&facts, &[]);
    for step in &plan.steps {
        let told = format!("{} {}", step.title, step.why);
        assert!(!told.contains(['\u{202e}', '\u{1b}']), "{told:?}");
    }
    for check in &plan.checks {
        let told = format!("{} {:?}", check.found, check.advice);
        assert!(!told.contains(['\u{202e}', '\u{1b}']), "{told:?}");
    }
    let form = plan.form.iter().filter_map(|field| field.value.as_deref());
    for value in form {
        assert!(!value.contains(['\u{202e}', '\u{1b}']), "{value:?}");
    }
}
