//! A restore into another Region: what is read where, what is given back there, and what stays behind.
//! Nothing is changed in the Region that is restored from.

use serde_json::json;

use super::super::chosen::{Way, way};
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Gate, Impact};
use crate::restore::flow::{Flow, FlowError};
use crate::restore::flows::dynamodb_restore::{DynamodbRestore, TableFacts};

const HERE: &str = "us-east-1";
const THERE_ARN: &str = "arn:aws:dynamodb:us-east-1:111122223333:table/orders";
const KEY: (&str, &str) = ("sse-key", "alias/aws/dynamodb");

fn place(region: &str) -> Place {
    Place {
        region: region.into(),
        ..bare().place
    }
}

/// A table with everything, restored into another Region.
fn elsewhere() -> TableFacts {
    let mut facts = facts();
    facts.led_to(&place(HERE));
    facts.key = None;
    facts
}

fn going(pairs: &[(&str, &str)]) -> Result<(String, String), String> {
    let mut choices = Choices::default();
    for (name, value) in pairs {
        choices.set(name, *value);
    }
    match way(&choices, &place("eu-west-1")) {
        Ok(Way { from, to }) => Ok((from.to_string(), to.to_string())),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn an_arn_says_where_a_restore_comes_from_and_a_choice_where_it_goes() {
    let both = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
    let west = "eu-west-1";
    assert_eq!(going(&[("table", "orders")]), both(west, west));
    let to = ("to-region", HERE);
    assert_eq!(going(&[("table", "orders"), to]), both(west, HERE));
    let unsaid = going(&[("table", THERE_ARN)]).unwrap_err();
    assert!(unsaid.contains("--to-region eu-west-1"), "{unsaid}");
    let back = ("to-region", west);
    assert_eq!(going(&[("table", THERE_ARN), back]), both(HERE, west));
    assert_eq!(going(&[("table", THERE_ARN), to]), both(HERE, HERE));
    assert_eq!(going(&[("backup", BACKUP), to]), both(west, HERE));
    for wrong in [
        "us-east",
        "US-EAST-1",
        "us-east-1 ",
        "us-east-1\u{1b}[2J",
        "--help",
    ] {
        let refused = going(&[("table", "orders"), ("to-region", wrong)]);
        assert_eq!(refused.is_err(), wrong.trim() != HERE, "{wrong}");
    }
    let other = "arn:aws:dynamodb:us-east-1:444455556666:table/orders";
    let refused = going(&[("table", other)]).unwrap_err();
    assert!(refused.contains("444455556666"), "{refused}");
}

#[test]
fn a_table_is_named_by_its_arn_too_and_by_no_other() {
    let here = facts();
    let by_arn = plan(&here, &[("table", ARN)]);
    assert_eq!(by_arn.steps, plan(&here, &[]).steps);
    for wrong in [
        "arn:aws:s3:::orders",
        "arn:aws:dynamodb:::table/orders",
        BACKUP,
        "arn:aws:dynamodb:eu-west-1:111122223333:table/or/ders",
    ] {
        let Err(FlowError::Choice { field, .. }) = try_plan(&here, &[("table", wrong)]) else {
            panic!("{wrong} is the ARN of no table");
        };
        assert_eq!(field, "table");
    }
}

#[test]
fn the_same_region_is_no_other_one() {
    let mut same = facts();
    same.led_to(&place("eu-west-1"));
    assert_eq!(same, facts());
}

#[test]
fn the_new_table_gets_the_settings_that_mean_something_there_under_the_name_that_is_free_there() {
    let plan = plan(&elsewhere(), &[KEY]);
    let none = ["kinesis", "trigger", "alarm", "unmute", "mark", "freeze"];
    for id in ids(&plan) {
        assert!(none.iter().all(|other| !id.contains(other)), "{id}");
    }
    for id in [
        "recovery",
        "tags",
        "class",
        "policy",
        "stream",
        "scaling-target-1",
        "ttl",
    ] {
        assert_eq!(step(&plan, id).impact, Impact::Changes);
    }
    let restore = input(&plan, "restore");
    assert_eq!(restore["source_arn"], ARN);
    assert_eq!(
        (&restore["target"], &restore["by_arn"]),
        (&json!("orders"), &json!(true))
    );
    let policy = input(&plan, "policy");
    assert_eq!(policy["arn"], THERE_ARN);
    let text = policy["policy"].as_str().unwrap();
    assert!(text.contains(THERE_ARN) && !text.contains("eu-west-1:111122223333:table/orders\""));
    assert_eq!(plan.place, place(HERE));
    assert!(plan.title.contains("from eu-west-1"), "{}", plan.title);
    let [left] = &plan.leftovers[..] else {
        panic!("the old table stays: {:?}", plan.leftovers);
    };
    assert!(left.why.contains("eu-west-1"), "{}", left.why);
}

#[test]
fn the_plan_says_where_its_table_is_and_is_the_same_when_it_is_made_again() {
    let facts = elsewhere();
    let first = plan(&facts, &[KEY]);
    assert_eq!(first.choices.one("table"), Some(ARN));
    assert_eq!(first.choices.one("to-region"), Some(HERE));
    let again = DynamodbRestore.plan(&facts, &first.choices).unwrap();
    assert_eq!(again, first);
    let mut later = facts;
    later.observed_at = at("2026-03-10T14:20:00Z");
    let again = DynamodbRestore.plan(&later, &first.choices).unwrap();
    assert_eq!(again.hash, first.hash, "nothing has changed");
    // From the place of the plan, the same choices lead to the same two Regions.
    let found = way(&first.choices, &place(HERE)).unwrap();
    let wanted = Way {
        from: "eu-west-1".into(),
        to: HERE.into(),
    };
    assert_eq!(found, wanted);
}

#[test]
fn a_person_leads_the_application_to_the_other_region_and_back() {
    let plan = plan(&elsewhere(), &[KEY]);
    let switch = step(&plan, "switch");
    let Gate::Person { instructions, .. } = &switch.gate else {
        panic!("a person does it");
    };
    let told = instructions.join("\n");
    assert!(
        told.contains("orders in us-east-1") && told.contains("orders in eu-west-1"),
        "{told}"
    );
    assert!(switch.undo[0].title.contains("orders in eu-west-1"));
    let Gate::Person { instructions, .. } = &switch.undo[0].gate else {
        panic!("a person does it");
    };
    assert!(!instructions.join("\n").contains("There was no table"));
}

#[test]
fn writes_to_a_table_elsewhere_are_not_denied_from_here() {
    let refused = try_plan(&elsewhere(), &[KEY, ("freeze", "yes")]).unwrap_err();
    assert!(refused.to_string().contains("eu-west-1"), "{refused}");
}

#[test]
fn what_stays_behind_is_told_by_its_names() {
    let facts = elsewhere();
    for (name, one) in [
        ("kinesis", "audit"),
        ("triggers", "fulfil"),
        ("alarms", "orders-failed"),
    ] {
        let (verdict, told) = told(&facts, &[KEY], name);
        assert_eq!(verdict, Verdict::Know);
        assert!(
            told.contains(one) && told.contains("not given back"),
            "{told}"
        );
    }
    let (verdict, told) = told(&facts, &[KEY], "region");
    assert_eq!(verdict, Verdict::Know);
    assert!(told.contains("eu-west-1") && told.contains(HERE), "{told}");
}

#[test]
fn a_key_is_of_one_region_so_another_one_is_asked_for() {
    let (verdict, told) = told(&elsewhere(), &[], "key");
    assert_eq!(verdict, Verdict::Stop);
    assert!(told.contains("--sse-key"), "{told}");
    let named = checks(&elsewhere(), &[KEY]);
    assert!(named.iter().all(|check| check.name != "key"));
    let mut unkeyed = bare();
    unkeyed.led_to(&place(HERE));
    assert!(
        checks(&unkeyed, &[])
            .iter()
            .all(|check| check.name != "key")
    );
}

#[test]
fn a_table_that_is_gone_elsewhere_comes_back_here_with_what_the_file_holds() {
    let mut gone = deleted_and_saved();
    gone.led_to(&place(HERE));
    let plan = plan(&gone, &[KEY]);
    assert_eq!(input(&plan, "restore")["target"], "orders");
    assert!(step(&plan, "recovery").may_wait);
    assert!(plan.leftovers.is_empty());
    let (_, table) = told(&gone, &[KEY], "table");
    assert!(table.contains("is gone"), "{table}");
}
