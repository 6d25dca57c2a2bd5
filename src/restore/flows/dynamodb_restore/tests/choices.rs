//! What the operator may say, what is asked, and what the form shows of it.
//! Every refusal names the field that has to be corrected.

use super::super::{DynamodbRestore, TableFacts};
use super::fixtures::*;
use crate::domain::facts::Fact;
use crate::domain::form::{Choices, Field, ValueFrom};
use crate::domain::recovery_point::PointKind;
use crate::restore::flow::{Flow, FlowError};

fn refused(facts: &TableFacts, pairs: &[(&str, &str)]) -> (String, String) {
    let made = try_plan(facts, pairs);
    let Err(FlowError::Choice { field, why }) = made else {
        panic!("{pairs:?} must be refused: {made:?}");
    };
    (field, why)
}

#[test]
fn a_choice_that_does_not_fit_is_named_by_its_field() {
    let long = "x".repeat(256);
    for (field, value) in [
        ("table", "or"),
        ("at", "yesterday"),
        ("at", "2026-03-10T14:04:59"),
        ("at", "2026-03-10T18:00:00Z"),
        ("target", "a b"),
        ("target", "ab"),
        ("target", &long),
        ("target", "orders"),
        ("index", "by-nobody"),
        ("billing", "free"),
        ("replica", "Virginia"),
        ("replica", "us-east"),
        ("replica", "us--1"),
        ("replica", "us-east-1,us-east-1"),
        ("replica", "us-east-1,eu-west-1"),
        ("parameter", "/shop/orders:3"),
        ("break-glass", "ada"),
        ("skip", "everything"),
        ("backup", "nightly"),
    ] {
        assert_eq!(refused(&facts(), &[(field, value)]).0, field, "{value}");
    }
    let two = [
        (
            "no-indexes",
            vec![("index", "by-day"), ("no-indexes", "yes")],
        ),
        ("freeze", vec![("restore-only", "yes"), ("freeze", "yes")]),
        ("at", vec![("table", "-")]),
    ];
    for (field, pairs) in two {
        let facts = if pairs.len() == 1 {
            from_backup()
        } else {
            facts()
        };
        let mut pairs = pairs;
        if field == "at" {
            pairs.push(("at", AT));
        }
        assert_eq!(refused(&facts, &pairs).0, field, "{pairs:?}");
    }
}

#[test]
fn what_is_wrong_whatever_the_world_is_like_needs_no_look_at_it() {
    let now = at("2026-03-10T14:19:00Z");
    let wrong = |pairs: &[(&str, &str)]| {
        let mut choices = Choices::default();
        for (field, value) in [("table", "orders")].iter().chain(pairs) {
            choices.set(field, *value);
        }
        match DynamodbRestore.wrong(&choices, now) {
            Err(FlowError::Choice { field, .. }) => Some(field),
            Err(other) => panic!("{other}"),
            Ok(()) => None,
        }
    };
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("target", "a b")], "target"),
        (&[("at", "2026-03-10T14:19:01Z")], "at"),
        (&[("restore-only", "yes"), ("freeze", "yes")], "freeze"),
        (&[("skip", "everything")], "skip"),
        (&[("table", " ")], "table"),
    ];
    for (pairs, field) in cases {
        assert_eq!(wrong(pairs).as_deref(), Some(field), "{pairs:?}");
    }
    // Whether they are there is for the world to say.
    assert_eq!(wrong(&[("target", "orders"), ("index", "by-nobody")]), None);
}

#[test]
fn one_subject_is_needed_and_a_backup_is_of_its_table() {
    assert_eq!(refused(&facts(), &[("table", "-")]).0, "table");
    assert_eq!(refused(&from_backup(), &[("table", "carts")]).0, "table");
    assert!(try_plan(&from_backup(), &[("table", "orders")]).is_ok());
}

#[test]
fn the_second_is_asked_for_and_read_as_people_say_it() {
    assert_eq!(refused(&facts(), &[("at", "-")]).0, "at");
    let plan = plan(&facts(), &[("at", "14:04:59Z")]);
    assert_eq!(plan.choices.one("at"), Some(AT));
    assert_eq!(input(&plan, "restore")["target"], NEW);
    let part = super::fixtures::plan(&facts(), &[("at", "2026-03-10T14:04:59.9Z")]);
    assert_eq!(part.point.at, at(AT), "a window is known by the second");
}

#[test]
fn a_long_name_is_cut_where_the_second_is_added() {
    let mut facts = facts();
    facts.name = "x".repeat(255);
    source(&mut facts).name = facts.name.clone();
    let named = [("table", facts.name.as_str())];
    let plan = plan(&facts, &named);
    let target = input(&plan, "restore")["target"].as_str().unwrap();
    assert_eq!(target.len(), 255);
    assert!(target.ends_with("-20260310-140459"), "{target}");
}

#[test]
fn a_table_that_is_gone_can_be_restored_under_another_name_too() {
    let plan = plan(&deleted(), &[("target", "orders-again")]);
    assert_eq!(input(&plan, "restore")["target"], "orders-again");
    assert!(ids(&plan).contains(&"switch"));
}

#[test]
fn what_cannot_be_read_is_not_written_over() {
    let mut facts = facts();
    facts.parameter = Some(Fact::Unknown(
        "ssm:GetParameter AccessDeniedException: no".into(),
    ));
    assert_eq!(refused(&facts, &[("parameter", PARAMETER)]).0, "parameter");
    assert!(try_plan(&facts, &[]).is_ok());
    facts.policy = denied();
    let (field, why) = refused(&facts, &[("freeze", "yes")]);
    assert_eq!(field, "freeze");
    assert!(why.contains("AccessDenied"), "{why}");
    assert_eq!(refused(&deleted(), &[("freeze", "yes")]).0, "freeze");
}

#[test]
fn windows_and_backups_of_tables_can_be_restored_and_nothing_else() {
    assert!(DynamodbRestore.applies_to(PointKind::DynamodbWindow));
    assert!(DynamodbRestore.applies_to(PointKind::DynamodbBackup));
    assert!(!DynamodbRestore.applies_to(PointKind::BackupPoint));
    assert!(!DynamodbRestore.applies_to(PointKind::Ami));
}

fn line(facts: &TableFacts, choices: &Choices, name: &str) -> (String, ValueFrom, String) {
    let form = DynamodbRestore.form(facts, choices);
    let mut named = form.into_iter().filter(|field| field.name == name);
    let Field {
        value,
        from,
        aws_default,
        ..
    } = named.next().unwrap();
    assert!(named.next().is_none(), "{name} stands there twice");
    (
        value.unwrap_or_else(|| "–".into()),
        from,
        aws_default.unwrap_or_default(),
    )
}

#[test]
fn the_table_says_of_every_setting_what_is_done_and_what_aws_gives() {
    let facts = facts();
    let choices = choices(&facts, &[]);
    let told = |name: &str| line(&facts, &choices, name);
    let before = |value: &str, gives: &str| (value.into(), ValueFrom::AsBefore, gives.into());
    assert_eq!(told("recovery"), before("35 days", "off"));
    assert_eq!(told("tags"), before("1: team", "none"));
    assert_eq!(told("deletion-protection"), before("yes", "no"));
    assert_eq!(
        told("class"),
        before("STANDARD_INFREQUENT_ACCESS", "STANDARD")
    );
    assert_eq!(
        told("auto-scaling"),
        before("2 scalable targets, 1 policy, 1 scheduled action", "none")
    );
    assert_eq!(told("indexes"), before("2 of 2", "all"));
    assert_eq!(told("stream"), before("NEW_AND_OLD_IMAGES", "off"));
    let stream = "arn:aws:kinesis:eu-west-1:111122223333:stream";
    let streams = format!("{stream}/audit (MICROSECOND), {stream}/changes (MICROSECOND)");
    assert_eq!(told("kinesis"), before(&streams, "off"));
    assert_eq!(
        told("insights"),
        before("the table, index by-customer", "off")
    );
    let triggers = "audit (disabled, as before), fulfil (enabled at the switch-over)";
    assert_eq!(told("triggers"), before(triggers, "none"));
    assert_eq!(told("target").0, NEW);
    assert_eq!(told("at").0, "2026-03-10 14:04:59Z");
    assert!(told("time-to-live").0.contains("behind a typed name"));
    let alarms = format!("lag-{NEW}, {NEW}-failed (muted until the switch-over)");
    assert_eq!(told("alarms"), before(&alarms, "none"));
}

#[test]
fn what_is_not_known_is_not_said_to_be_given_back() {
    let mut facts = facts();
    facts.tags = denied();
    facts.insights = denied();
    let kept = choices(&facts, &[("restore-only", "yes")]);
    let (streams, from, _) = line(&facts, &kept, "kinesis");
    assert!(streams.starts_with("not given back: arn:"), "{streams}");
    assert_eq!(from, ValueFrom::Yours);
    let choices = choices(&facts, &[("skip", "policy")]);
    let told = |name: &str| line(&facts, &choices, name);
    assert_eq!(told("insights").0, "not known, and not given back");
    assert_eq!(told("tags").0, "not known, and not given back");
    assert_eq!(told("tags").1, ValueFrom::AwsDefault);
    assert_eq!(told("policy").0, "not given back");
    assert_eq!(told("policy").1, ValueFrom::Yours);
}

#[test]
fn what_is_still_asked_for_hides_nothing_else() {
    let facts = facts();
    let choices = choices(&facts, &[("at", "-"), ("billing", "free")]);
    let told = |name: &str| line(&facts, &choices, name);
    assert_eq!(told("at"), ("–".into(), ValueFrom::Missing, String::new()));
    assert_eq!(told("billing").0, "free");
    assert_eq!(told("billing").1, ValueFrom::Yours);
    assert_eq!(told("target").1, ValueFrom::Missing);
    assert_eq!(told("recovery").0, "35 days");
    let form = format!("{:?}", DynamodbRestore.form(&facts, &choices));
    assert!(
        !form.contains("14:19:00"),
        "what stands in is shown nowhere"
    );
}
