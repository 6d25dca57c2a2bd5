//! Plans of filling a table: their steps, their gate, and what the checks say.
//! Facts are written here; nobody is asked and no file is read.

use super::facts::Seen;
use super::*;
use crate::domain::check::Verdict;
use crate::domain::dynamodb::Key;
use crate::domain::place::Place;
use crate::domain::plan::{Gate, Impact};
use crate::restore::reconcile::exported::{Part, Survey};

fn seen(name: &str) -> Seen {
    let key = |attribute: &str, kind: &str| Key {
        attribute: attribute.into(),
        kind: kind.into(),
        scalar: "S".into(),
    };
    Seen {
        name: name.into(),
        id: format!("id of {name}"),
        status: "ACTIVE".into(),
        keys: vec![key("id", "HASH"), key("line", "RANGE")],
        stream: None,
    }
}

fn part(at: u64, items: u32) -> Part {
    Part {
        file: "/home/ops/lost.jsonl".into(),
        at,
        bytes: 100,
        digest: format!("digest of {at}"),
        items,
        units: u64::from(items) * 2,
    }
}

/// A file with 250 items that only the old table has.
fn facts() -> FillFacts {
    let at = "2026-03-10T14:30:00Z".parse().unwrap();
    FillFacts {
        observed_at: at,
        place: Place {
            profile: Some("acme-prod".into()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:iam::111122223333:role/ops".into(),
        into: seen("orders-back"),
        from: seen("orders"),
        survey: Survey {
            file: "/home/ops/lost.jsonl".into(),
            digest: "digest".into(),
            written_at: at,
            only_old: 250,
            only_new: 0,
            differ: 0,
            parts: vec![part(0, 100), part(400, 100), part(900, 50)],
        },
        first: 1,
        rate: 25,
    }
}

fn choices() -> Choices {
    let mut choices = Choices::default();
    choices.set(INTO, "orders-back");
    choices.set(FROM, "orders");
    choices.set(DIFFERENCES, "lost.jsonl");
    choices
}

fn plan(facts: &FillFacts) -> Plan {
    DynamodbFill.plan(facts, &choices()).unwrap()
}

#[test]
fn every_part_is_a_step_after_the_one_before_and_none_is_taken_back() {
    let plan = plan(&facts());
    assert_eq!(plan.title, "orders-back ← 250 items that only orders has");
    let titles: Vec<&str> = plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "put items 1 to 100 of 250 into orders-back",
            "put items 101 to 200 of 250 into orders-back",
            "put items 201 to 250 of 250 into orders-back",
        ]
    );
    for (n, step) in plan.steps.iter().enumerate() {
        let before: Vec<_> = plan.steps[..n]
            .last()
            .map(|step| step.id.clone())
            .into_iter()
            .collect();
        assert_eq!(step.needs, before);
        assert!(step.undo.is_empty());
        assert_eq!(step.impact, Impact::Changes);
        assert_eq!(step.gate, Gate::None);
        let input = &step.call.as_ref().unwrap().input;
        assert_eq!(input["table"], "orders-back");
        assert_eq!(input["part"]["at"], [0, 400, 900][n]);
        assert_eq!(input["keys"], serde_json::json!(["id", "line"]));
    }
    assert_eq!(plan.steps[0].expected, 10);
    assert!(plan.replaces_nothing());
    assert!(plan.touches().contains("orders-back"));
}

#[test]
fn where_both_tables_say_something_else_the_name_is_typed_first() {
    let mut facts = facts();
    facts.survey.differ = 4_118;
    let plan = plan(&facts);
    let Gate::TypeName { name, why } = &plan.steps[0].gate else {
        panic!("{:?}", plan.steps[0].gate);
    };
    assert_eq!(name.raw(), "orders-back");
    assert!(why.starts_with("4118 keys have other items"), "{why}");
    assert!(plan.steps[1..].iter().all(|step| step.gate == Gate::None));
}

/// Verdict and finding of a check.
fn check(facts: &FillFacts, name: &str) -> Option<(Verdict, String)> {
    let checks = DynamodbFill.preflight(facts, &choices());
    let found = checks.into_iter().find(|check| check.name == name);
    found.map(|check| {
        (
            check.verdict,
            format!("{} {}", check.found, check.advice.unwrap_or_default()),
        )
    })
}

#[test]
fn what_is_left_as_it_is_and_what_is_left_to_another_plan_is_told() {
    let mut facts = facts();
    for name in ["rest", "conflicts", "only-new", "stream"] {
        assert_eq!(check(&facts, name), None, "{name}");
    }
    facts.survey.differ = 3;
    facts.survey.only_new = 1;
    facts.survey.only_old = 300;
    facts.into.stream = Some("KEYS_ONLY".into());
    for (name, words) in [
        ("rest", "50 items are left"),
        ("rest", "--first 251"),
        ("conflicts", "3 items in both tables"),
        ("only-new", "1 item only orders-back has"),
        ("stream", "KEYS_ONLY"),
        ("added-or-deleted", "is put again"),
        ("no-way-back", "what is put stays in orders-back"),
    ] {
        let (verdict, found) = check(&facts, name).unwrap();
        assert_eq!(verdict, Verdict::Know, "{name}");
        assert!(found.contains(words), "{name}: {found}");
    }
    let (verdict, found) = check(&facts, "permissions").unwrap();
    assert_eq!(verdict, Verdict::Unanswered);
    assert!(
        found.contains("dynamodb:PutItem") && !found.contains("Transact"),
        "{found}"
    );
    let (_, found) = check(&facts, "pace").unwrap();
    assert!(
        found.contains("500 write units, at 25 a second: 20 s"),
        "{found}"
    );
}

#[test]
fn a_table_that_cannot_be_used_stops_it() {
    for (status, verdict) in [
        ("ACTIVE", Verdict::Fine),
        ("UPDATING", Verdict::Fine),
        ("CREATING", Verdict::Stop),
        ("ARCHIVED", Verdict::Stop),
    ] {
        let mut facts = facts();
        facts.into.status = status.into();
        assert_eq!(check(&facts, "into").unwrap().0, verdict, "{status}");
        assert_eq!(check(&facts, "from").unwrap().0, Verdict::Fine);
    }
}

#[test]
fn a_plan_is_of_what_was_looked_at() {
    let facts = facts();
    for (field, value) in [
        (INTO, "other"),
        (FROM, "other"),
        (FROM, " "),
        (FIRST, "2"),
        (FIRST, "0"),
        (FIRST, "all"),
        (PACE, "fast"),
    ] {
        let mut choices = choices();
        choices.set(field, value);
        let error = DynamodbFill.plan(&facts, &choices).unwrap_err();
        let FlowError::Choice { field: named, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(named, field, "{value}");
    }
}

#[test]
fn which_way_items_go_is_asked_for_and_shown() {
    let subjects = FIELDS.iter().filter(|field| field.subject);
    assert_eq!(
        subjects.count(),
        0,
        "a table that was looked at may be either"
    );
    let form = plan(&facts()).form;
    let names: Vec<&str> = form.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names,
        ["from", "into", "differences", "pace", "first", "direction"]
    );
    let told = form.last().unwrap().value.as_deref();
    assert_eq!(
        told,
        Some("orders → orders-back: orders is only read, orders-back is written to")
    );
}
