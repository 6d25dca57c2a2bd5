//! What reads the stream: made disabled, enabled before the application moves, and disabled for the old table after it.
//! What is not given back is said.

use serde_json::json;

use super::super::TableFacts;
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::plan::{Impact, Plan};
use crate::domain::trigger::Trigger;

/// A table with a stream, and nothing else but these.
fn with(triggers: Vec<Trigger>) -> TableFacts {
    let mut facts = bare();
    source(&mut facts).stream = Some("KEYS_ONLY".into());
    source(&mut facts).stream_arn = Some(format!("{ARN}/stream/2026"));
    facts.triggers = known(triggers);
    facts
}

fn about_triggers(plan: &Plan) -> Vec<&str> {
    let all = ids(plan).into_iter();
    all.filter(|id| id.contains("trigger")).collect()
}

#[test]
fn a_mapping_is_made_on_the_stream_that_the_run_makes() {
    let plan = plan(&with(vec![trigger("fulfil", "Enabled")]), &[]);
    let made = step(&plan, "trigger-1");
    assert_eq!((made.may_wait, made.impact), (true, Impact::Changes));
    assert_eq!(made.builds_on, ["stream".into()]);
    assert!(made.undo.is_empty(), "the new table is kept as it is");
    let input = input(&plan, "trigger-1");
    assert_eq!(input["stream"], json!({"$output": "stream.stream"}));
    assert_eq!(input["table"], NEW);
    let reading = json!(trigger("fulfil", "Enabled").reading);
    assert_eq!(input["reading"], reading);
    let held = &super::fixtures::input(&plan, "alike")["wanted"]["triggers"];
    assert_eq!(*held, json!([reading]));
}

#[test]
fn what_is_called_now_is_led_over_around_the_switch_and_back_the_other_way_round() {
    let all = vec![
        trigger("audit", "Disabled"),
        trigger("fulfil", "Enabled"),
        trigger("pack", "Enabling"),
    ];
    let plan = plan(&with(all), &[("freeze", "yes")]);
    let tail: Vec<&str> = ids(&plan)
        .into_iter()
        .skip_while(|id| *id != "look")
        .collect();
    let wanted = [
        "look",
        "enable-trigger-2",
        "enable-trigger-3",
        "switch",
        "healthy",
        "freeze",
        "disable-old-trigger-2",
        "disable-old-trigger-3",
        "unmark",
    ];
    assert_eq!(tail, wanted);
    let new = json!({"$output": "trigger-2.mapping"});
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:fulfil";
    for (id, there, back, table, mapping) in [
        ("enable-trigger-2", "Enable", "Disable", NEW, new),
        (
            "disable-old-trigger-2",
            "Disable",
            "Enable",
            "orders",
            json!("uuid-of-fulfil"),
        ),
    ] {
        let step = step(&plan, id);
        let call = step.call.as_ref().unwrap();
        let undo = step.undo[0].call.as_ref().unwrap();
        assert_eq!(call.operation, format!("lambda:{there}Mapping"));
        assert_eq!(undo.operation, format!("lambda:{back}Mapping"));
        let wanted = json!({"table": table, "mapping": mapping, "function": function});
        assert_eq!((&call.input, &undo.input), (&wanted, &wanted));
        assert!(!step.may_wait, "no application is led over without it");
    }
}

#[test]
fn without_a_stream_there_is_nothing_to_read_and_what_is_skipped_is_not_read() {
    let mut none = with(vec![trigger("fulfil", "Enabled")]);
    source(&mut none).stream = None;
    assert_eq!(about_triggers(&plan(&none, &[])), [""; 0]);
    assert_eq!(about_triggers(&plan(&with(Vec::new()), &[])), [""; 0]);
    for skip in ["triggers", "stream"] {
        let facts = with(vec![trigger("fulfil", "Enabled")]);
        let plan = plan(&facts, &[("skip", skip)]);
        assert_eq!(about_triggers(&plan), [""; 0], "{skip}");
        assert_eq!(input(&plan, "alike")["wanted"]["triggers"], json!(null));
    }
    let facts = with(vec![trigger("fulfil", "Enabled")]);
    let (verdict, said) = told(&facts, &[("skip", "stream")], "triggers");
    assert_eq!(verdict, Verdict::Know);
    assert!(said.contains("no stream"), "{said}");
}

#[test]
fn what_is_only_looked_at_calls_nobody_and_that_is_said() {
    let facts = with(vec![trigger("fulfil", "Enabled")]);
    let only = [("restore-only", "yes")];
    assert_eq!(about_triggers(&plan(&facts, &only)), ["trigger-1"]);
    let (_, said) = told(&facts, &only, "triggers");
    assert!(
        said.contains("they stay so") && said.contains("fulfil"),
        "{said}"
    );
}

#[test]
fn of_a_table_that_is_gone_the_old_mapping_is_left_alone() {
    let plan = plan(&deleted_and_saved(), &[]);
    let wanted = ["trigger-1", "trigger-2", "enable-trigger-2"];
    assert_eq!(about_triggers(&plan), wanted);
    let (_, said) = told(&deleted_and_saved(), &[], "triggers");
    assert!(said.contains("once you have looked at it"), "{said}");
    assert!(!said.contains("called until the application"), "{said}");
}

#[test]
fn the_order_is_told_with_what_is_missed_and_what_may_refuse_it() {
    let (verdict, said) = told(&facts(), &[], "triggers");
    assert_eq!(verdict, Verdict::Know);
    for words in [
        "just before the application moves: fulfil",
        "until the application is healthy",
        "No change is handled twice",
        "dynamodb:GetRecords",
        &format!("table/{NEW}/stream/*"),
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let off = with(vec![trigger("audit", "Disabled")]);
    let (_, said) = told(&off, &[], "triggers");
    assert!(said.contains("disabled as there: audit"), "{said}");
}

#[test]
fn what_is_not_as_it_should_be_is_told_each_by_itself() {
    type Change = fn(&mut Trigger);
    let told_of: [(Change, &str, Verdict, bool); 5] = [
        (
            |one| one.position = Some("TRIM_HORIZON".into()),
            "trigger-position",
            Verdict::Know,
            true,
        ),
        (
            |one| one.state = "Updating".into(),
            "trigger-state",
            Verdict::Know,
            true,
        ),
        (
            |one| one.state = "Deleting".into(),
            "trigger-state",
            Verdict::Know,
            false,
        ),
        (
            |one| one.hidden = Some("KMSAccessDenied: no".into()),
            "trigger-filters",
            Verdict::Unanswered,
            false,
        ),
        (
            |one| {
                one.reading.function =
                    "arn:aws:lambda:eu-west-1:999900001111:function:fulfil".into();
            },
            "trigger-account",
            Verdict::Know,
            false,
        ),
    ];
    for (change, name, verdict, is_given) in told_of {
        let mut one = trigger("fulfil", "Enabled");
        change(&mut one);
        let facts = with(vec![one]);
        let (found, said) = told(&facts, &[], name);
        assert_eq!(found, verdict, "{name}");
        assert!(said.contains("fulfil"), "{said}");
        let any = !about_triggers(&plan(&facts, &[])).is_empty();
        assert_eq!(any, is_given, "{name}");
    }
    let facts = with(vec![trigger("fulfil", "Enabled")]);
    let names = checks(&facts, &[]).into_iter().map(|check| check.name);
    let others = names.filter(|name| name.starts_with("trigger-"));
    assert_eq!(others.count(), 0);
}

#[test]
fn no_name_of_a_function_reaches_the_screen_raw() {
    let mut one = trigger("fulfil", "Enabled");
    one.reading.function =
        "arn:aws:lambda:eu-west-1:111122223333:function:\u{202e}\u{1b}[2J".into();
    one.state = "Enabling\u{1b}".into();
    let mut gone = trigger("gone", "Deleting");
    gone.hidden = Some("\u{1b}[2J".into());
    let plan = plan(&with(vec![one, gone]), &[]);
    let steps = plan.steps.iter().flat_map(|step| {
        let back = step.undo.iter().map(|undo| undo.title.clone());
        [step.title.clone(), format!("{:?}", step.gate)]
            .into_iter()
            .chain(back)
    });
    let checks = plan.checks.iter().map(|check| check.found.clone());
    let form = plan.form.iter().filter_map(|field| field.value.clone());
    for text in steps.chain(checks).chain(form) {
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text:?}");
    }
}
