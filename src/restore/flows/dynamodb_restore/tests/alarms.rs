//! The alarms of a restored table: which are copied and under which names, when they act, and what is said of the others.
//! The old ones appear in no step.

use serde_json::json;

use super::super::TableFacts;
use super::super::saved::parsed;
use super::fixtures::*;
use crate::domain::alarm::{Alarm, Alarms};
use crate::domain::check::Verdict;
use crate::domain::facts::Fact;
use crate::domain::plan::{Impact, Plan};

fn of(metric: Vec<Alarm>) -> TableFacts {
    TableFacts {
        alarms: known(Alarms {
            metric,
            composite: Vec::new(),
        }),
        ..bare()
    }
}

fn alarm_steps(plan: &Plan) -> Vec<&str> {
    let all = ids(plan).into_iter();
    all.filter(|id| id.starts_with("alarm-") || id.starts_with("unmute"))
        .collect()
}

#[test]
fn a_copy_watches_the_new_table_under_its_name_and_acts_from_the_switch_over_on() {
    let plan = plan(&facts(), &[("parameter", PARAMETER)]);
    let (lag, failed) = (format!("lag-{NEW}"), format!("{NEW}-failed"));
    assert_eq!(input(&plan, "alarm-1")["alarm"]["name"], lag);
    let second = input(&plan, "alarm-2");
    assert_eq!(second["table"], NEW);
    assert_eq!(second["alarm"]["name"], failed);
    let dimensions = json!([
        {"Name": "Operation", "Value": "Query"}, {"Name": "TableName", "Value": NEW},
    ]);
    assert_eq!(second["alarm"]["settings"]["Dimensions"], dimensions);
    let unmute = step(&plan, "unmute");
    assert_eq!(unmute.needs, ["switch".into()]);
    assert_eq!(unmute.impact, Impact::Changes);
    assert_eq!(
        input(&plan, "unmute")["alarms"],
        json!([failed]),
        "the other one was muted"
    );
    let back = unmute.undo[0].call.as_ref().unwrap();
    assert_eq!(back.operation.as_str(), "cloudwatch:MuteAlarms");
    assert_eq!(back.input["alarms"], json!([failed]));
    let wanted = &input(&plan, "alike")["wanted"]["alarms"];
    assert_eq!(wanted.as_array().unwrap().len(), 2);
    let (verdict, said) = told(&facts(), &[], "alarms");
    assert_eq!(verdict, Verdict::Know);
    for words in [
        "muted",
        "1 of them act from the switch-over",
        "left as they are",
        &failed,
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
}

#[test]
fn a_restore_alone_leaves_them_muted_and_says_so() {
    let alone = [("restore-only", "yes")];
    let plan = plan(&facts(), &alone);
    assert_eq!(alarm_steps(&plan), ["alarm-1", "alarm-2"]);
    let (_, said) = told(&facts(), &alone, "alarms");
    assert!(said.contains("They stay muted"), "{said}");
    assert!(said.contains("enable-alarm-actions"), "{said}");
    let form = super::super::form::form(&facts(), &choices(&facts(), &alone), super::super::FIELDS);
    let line = form.iter().find(|field| field.name == "alarms").unwrap();
    assert!(
        line.value.as_ref().unwrap().ends_with("(muted)"),
        "{line:?}"
    );
}

#[test]
fn of_many_alarms_whole_names_are_told_and_the_rest_is_counted() {
    let name = |n: usize| format!("orders-{n:02}");
    let many = of((1..=50).map(|n| alarm(&name(n), &[])).collect());
    let (_, said) = told(&many, &[], "alarms");
    let (_, list) = said.split_once("muted: ").unwrap();
    let (list, rest) = list.split_once(" more. ").unwrap();
    let (list, more) = list.rsplit_once(" and ").unwrap();
    let names: Vec<&str> = list.split(", ").collect();
    let copies: Vec<String> = (1..=names.len())
        .map(|n| name(n).replace("orders", NEW))
        .collect();
    assert_eq!(names, copies, "each is a whole name");
    assert_eq!(more, (50 - names.len()).to_string());
    assert!(rest.contains("left as they are"), "{said}");
}

#[test]
fn a_name_that_is_taken_stops() {
    let mut taken = facts();
    taken.taken = known(vec![format!("{NEW}-failed")]);
    let (verdict, said) = told(&taken, &[], "alarm-names");
    assert_eq!(verdict, Verdict::Stop);
    assert!(
        said.contains(&format!("{NEW}-failed")) && !said.contains("lag"),
        "{said}"
    );
    assert!(said.contains("--skip alarms"), "{said}");
    let skipped = checks(&taken, &[("skip", "alarms")]);
    assert!(skipped.iter().all(|check| !check.name.starts_with("alarm")));
    taken.taken = denied();
    assert_eq!(told(&taken, &[], "alarm-names").0, Verdict::Unanswered);
}

#[test]
fn what_cannot_be_said_anew_or_has_nothing_to_watch_is_left_and_named() {
    let index = ("GlobalSecondaryIndexName", "by-customer");
    let beyond = Alarm {
        beyond: Some("EvaluationWindow".into()),
        ..alarm("by-the-hour", &[])
    };
    let facts = of(vec![
        beyond,
        alarm("of-index", &[index]),
        alarm("of-stream", &[("StreamLabel", "2026")]),
    ]);
    assert_eq!(alarm_steps(&plan(&facts, &[])), Vec::<&str>::new());
    let all = checks(&facts, &[]);
    let left: Vec<&str> = all
        .iter()
        .filter(|check| check.name == "alarms-left")
        .map(|check| check.found.as_str())
        .collect();
    assert_eq!(left.len(), 3, "{left:?}");
    for name in ["by-the-hour", "of-index", "of-stream"] {
        let name = format!("{name}-{NEW}");
        assert_eq!(left.iter().filter(|said| said.contains(&name)).count(), 1);
    }
    let mut with_index = facts;
    source(&mut with_index).indexes = vec![index_of_customers()];
    assert_eq!(alarm_steps(&plan(&with_index, &[])), ["alarm-1", "unmute"]);
}

fn index_of_customers() -> crate::domain::dynamodb::Index {
    index("by-customer", false)
}

#[test]
fn an_alarm_over_alarms_is_named_and_never_changed() {
    let (verdict, said) = told(&facts(), &[], "composite-alarms");
    assert_eq!(verdict, Verdict::Know);
    assert!(said.contains("shop-is-down (by orders-failed)"), "{said}");
    let text = serde_json::to_string(&plan(&facts(), &[]).steps).unwrap();
    assert!(!text.contains("shop-is-down"), "{text}");
}

#[test]
fn under_its_old_name_a_table_is_watched_by_what_is_still_there() {
    let mut gone = deleted_and_saved();
    gone.taken = known(vec!["orders-failed".into()]);
    let plan = plan(&gone, &[]);
    assert_eq!(alarm_steps(&plan), ["alarm-1"]);
    assert_eq!(input(&plan, "alarm-1")["alarm"]["name"], "lag");
    let (verdict, said) = told(&gone, &[], "alarms-left");
    assert_eq!(verdict, Verdict::Know);
    assert!(said.contains("as they are: orders-failed"), "{said}");
    let all = checks(&gone, &[]);
    assert!(all.iter().all(|check| check.verdict != Verdict::Stop));
}

#[test]
fn what_is_there_is_rather_gone_by_than_the_file() {
    let live = |metric| {
        let alarms = Alarms {
            metric,
            composite: Vec::new(),
        };
        let mut gone = deleted_and_saved();
        super::super::alarms::found(&mut gone, known(alarms));
        gone.alarms.value().unwrap().metric.len()
    };
    assert_eq!((live(vec![alarm("new", &[])]), live(Vec::new())), (1, 2));
}

#[test]
fn a_file_of_before_knows_of_no_alarms_and_says_so() {
    let saved = super::super::saved::SavedTable::of(facts(), source(&mut facts()).clone());
    let mut value = serde_json::to_value(saved).unwrap();
    value.as_object_mut().unwrap().remove("alarms").unwrap();
    let home = facts().place.home();
    let old = parsed(value.to_string().as_bytes(), "orders", &home).unwrap();
    assert_eq!(old.unread()[0].0, "alarms");
    let mut gone = deleted();
    old.give_to(&mut gone);
    super::super::alarms::found(
        &mut gone,
        Fact::Unknown("cloudwatch:DescribeAlarms AccessDenied: no".into()),
    );
    let (verdict, said) = told(&gone, &[], "alarms");
    assert_eq!(verdict, Verdict::Unanswered);
    assert!(said.contains("did not keep them yet"), "{said}");
}
