//! The steps of a restore: their order, and that every setting has its own and no other.
//! An order that is wrong deletes what was restored, or lets an application in too early.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::{DynamodbRestore, TableFacts};
use super::fixtures::*;
use crate::domain::dynamodb::{Policy, Recovery, Scaling, TimeToLive};
use crate::domain::ids::StepId;
use crate::domain::plan::{EXPIRED, Gate, Impact, Plan};
use crate::domain::resource::ResourceKind;
use crate::restore::flow::Flow;

/// What every restore of a table that is there consists of, up to the look.
const HEAD: [&str; 3] = ["mark", "restore", "tags"];

#[test]
fn everything_is_given_back_before_anybody_looks_and_time_to_live_comes_last() {
    let plan = plan(&facts(), &[("parameter", PARAMETER), ("freeze", "yes")]);
    let wanted = [
        "mark",
        "restore",
        "recovery",
        "tags",
        "deletion-protection",
        "class",
        "capacity",
        "scaling-target-1",
        "scaling-target-2",
        "scaling-policy-1",
        "scheduled-1",
        "policy",
        "stream",
        "kinesis-1",
        "kinesis-2",
        "insights-1",
        "insights-2",
        "trigger-1",
        "trigger-2",
        "alarm-1",
        "alarm-2",
        "alike",
        "look",
        "enable-trigger-2",
        "switch",
        "unmute",
        "healthy",
        "freeze",
        "disable-old-trigger-2",
        "count-expired",
        "ttl",
        "unmark",
    ];
    assert_eq!(ids(&plan), wanted);
    for (step, before) in plan.steps[1..].iter().zip(&plan.steps) {
        assert_eq!(step.needs[0], before.id, "{}", step.id);
        let alone = step.needs.len() == 1;
        assert!(alone || step.builds_on.len() == 1 || step.id.as_str() == "alike");
    }
    assert_eq!(step(&plan, "restore").impact, Impact::Creates);
    assert_eq!(step(&plan, "freeze").impact, Impact::Retires);
    assert_eq!(plan.expected_outage(), None);
}

#[test]
fn a_setting_may_wait_and_what_comes_after_the_settings_needs_them_all() {
    let plan = plan(&facts(), &[("parameter", PARAMETER), ("freeze", "yes")]);
    let all = ids(&plan);
    let alike = all.iter().position(|id| *id == "alike").unwrap();
    let waits = all[2..alike].to_vec();
    assert_eq!(waits[0], "recovery");
    for step in &plan.steps {
        let id = step.id.as_str();
        assert_eq!(step.may_wait, waits.contains(&id), "{id}");
        let wanted: &[&str] = match id {
            "scaling-policy-1" | "scheduled-1" => &["scaling-target-1"],
            "trigger-1" | "trigger-2" => &["stream"],
            _other => &[],
        };
        assert_eq!(
            step.builds_on,
            wanted.iter().map(|id| (*id).into()).collect::<Vec<_>>()
        );
        assert!(
            step.builds_on.iter().all(|base| step.needs.contains(base)),
            "{id}"
        );
    }
    let needs: BTreeSet<&str> = step(&plan, "alike")
        .needs
        .iter()
        .map(StepId::as_str)
        .collect();
    assert_eq!(needs, waits.iter().copied().collect());
}

#[test]
fn a_rule_of_an_index_builds_on_the_target_of_that_index() {
    let mut facts = facts();
    let mut scaling = facts.scaling.value().unwrap().clone();
    let of_index = scaling.targets[1].resource.clone();
    scaling.policies[0].resource = of_index;
    scaling.policies[0].dimension = scaling.targets[1].dimension.clone();
    facts.scaling = known(scaling);
    let plan = plan(&facts, &[]);
    assert_eq!(
        step(&plan, "scaling-policy-1").builds_on,
        ["scaling-target-2".into()]
    );
}

/// What a change of a bare table adds to its steps.
fn added(change: impl FnOnce(&mut TableFacts)) -> Vec<String> {
    let mut changed = bare();
    changed.recovery = known(Recovery {
        days: None,
        ..changed.recovery.value().unwrap().clone()
    });
    let without = plan(&changed, &[]);
    change(&mut changed);
    let with = plan(&changed, &[]);
    let before = ids(&without);
    let all = ids(&with).into_iter();
    all.filter(|id| !before.contains(id))
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_setting_alone_has_its_own_step_and_no_other() {
    type Change = fn(&mut TableFacts);
    let alone: [(Change, &[&str]); 9] = [
        (|facts| facts.recovery = bare().recovery, &["recovery"]),
        (
            |facts| source(facts).deletion_protection = true,
            &["deletion-protection"],
        ),
        (
            |facts| source(facts).class = "STANDARD_INFREQUENT_ACCESS".into(),
            &["class"],
        ),
        (|facts| source(facts).capacity = units(5, 5), &["capacity"]),
        (
            |facts| source(facts).capacity = by_request(Some(100)),
            &["capacity"],
        ),
        (
            |facts| {
                source(facts).capacity = units(5, 5);
                facts.scaling = known(Scaling {
                    targets: vec![target("table/orders", "Read")],
                    ..Scaling::default()
                });
            },
            &["capacity", "scaling-target-1"],
        ),
        (
            |facts| {
                facts.policy = known(Some(Policy {
                    document: POLICY.into(),
                    revision: "1".into(),
                }));
            },
            &["policy"],
        ),
        (
            |facts| source(facts).stream = Some("KEYS_ONLY".into()),
            &["stream"],
        ),
        (
            |facts| {
                facts.ttl = known(Some(TimeToLive {
                    attribute: "ttl".into(),
                    status: "ENABLING".into(),
                }));
            },
            &["count-expired", "ttl"],
        ),
    ];
    for (change, wanted) in alone {
        assert_eq!(added(change), wanted);
    }
}

#[test]
fn where_changes_go_and_what_is_recorded_have_steps_of_their_own() {
    type Change = fn(&mut TableFacts);
    let alone: [(Change, &[&str]); 5] = [
        (
            |facts| facts.alarms = known(alarms()),
            &["alarm-1", "alarm-2", "unmute"],
        ),
        (
            |facts| {
                let mut muted = alarms();
                muted.metric.truncate(1);
                facts.alarms = known(muted);
            },
            &["alarm-1"],
        ),
        (
            |facts| facts.kinesis = known(vec![stream_to("changes")]),
            &["kinesis-1"],
        ),
        (
            |facts| facts.insights = known(vec![insights_of(None)]),
            &["insights-1"],
        ),
        (
            |facts| {
                source(facts).indexes = vec![index("by-customer", false)];
                facts.insights = known(vec![insights_of(Some("by-customer"))]);
            },
            &["capacity", "insights-1"],
        ),
    ];
    for (change, wanted) in alone {
        assert_eq!(added(change), wanted);
    }
}

#[test]
fn what_the_source_lacks_has_no_step() {
    let mut facts = bare();
    facts.recovery = known(Recovery {
        days: None,
        moving: None,
    });
    facts.ttl = known(Some(TimeToLive {
        attribute: "ttl".into(),
        status: "DISABLED".into(),
    }));
    let wanted = [&HEAD[..], &["alike", "look", "switch", "healthy", "unmark"]];
    assert_eq!(ids(&plan(&facts, &[])), wanted.concat());
}

#[test]
fn what_is_to_be_skipped_has_no_step_and_is_not_compared() {
    let all = "recovery,tags,deletion-protection,class,capacity,auto-scaling,policy,stream,kinesis,\
               insights,triggers,alarms,time-to-live";
    let plan = plan(&facts(), &[("skip", all)]);
    let wanted = [&HEAD[..], &["alike", "look", "switch", "healthy", "unmark"]];
    assert_eq!(ids(&plan), wanted.concat());
    let held = &input(&plan, "alike")["wanted"];
    for (field, value) in held.as_object().unwrap() {
        let names = json!(["by-customer", "by-day"]);
        let wanted = match field.as_str() {
            "indexes" => names,
            "scaled" | "tags" => json!([]),
            _other => json!(null),
        };
        assert_eq!(*value, wanted, "{field}");
    }
}

#[test]
fn time_to_live_is_last_and_behind_a_name() {
    let plan = plan(&facts(), &[]);
    let tail: Vec<&str> = ids(&plan).split_off(plan.steps.len() - 3);
    assert_eq!(tail, ["count-expired", "ttl", "unmark"]);
    let Gate::TypeName { name, why } = &step(&plan, "ttl").gate else {
        panic!("a yes is not enough");
    };
    assert_eq!(name.raw(), NEW);
    assert!(why.contains(EXPIRED), "{why}");
    assert_eq!(input(&plan, "count-expired")["attribute"], "expires_at");
}

#[test]
fn a_restore_alone_leaves_time_to_live_off() {
    let plan = plan(&facts(), &[("restore-only", "yes")]);
    let tail: Vec<&str> = ids(&plan).split_off(plan.steps.len() - 3);
    assert_eq!(tail, ["alike", "look", "unmark"]);
    assert!(plan.leftovers.is_empty());
    assert!(plan.replaces_nothing());
}

#[test]
fn a_moved_window_is_the_same_plan() {
    let mut later = facts();
    let before = plan(&later, &[]);
    later.observed_at = at("2026-03-10T14:21:00Z");
    later.recovery = known(window("2026-02-03T14:21:00Z", "2026-03-10T14:16:00Z"));
    assert_eq!(plan(&later, &[]).hash, before.hash);
    later.recovery = known(Recovery {
        days: Some(7),
        ..later.recovery.value().unwrap().clone()
    });
    assert_ne!(plan(&later, &[]).hash, before.hash);
}

#[test]
fn a_plan_made_again_of_its_own_choices_is_the_same_also_tomorrow() {
    let ago = plan(&facts(), &[("at", "14m 1s ago")]);
    assert_eq!(ago.choices.one("at"), Some(AT));
    let mut tomorrow = facts();
    tomorrow.observed_at = at("2026-03-11T08:00:00Z");
    let again = DynamodbRestore.plan(&tomorrow, &ago.choices).unwrap();
    assert_eq!(again.steps, ago.steps);
    assert_eq!(input(&ago, "restore")["at"], AT);
    assert_eq!(
        input(&ago, "count-expired")["as_of"],
        "2026-03-11T00:00:00Z"
    );
}

#[test]
fn the_restore_takes_longer_with_data_and_indexes() {
    let expected = |facts: &TableFacts| step(&plan(facts, &[]), "restore").expected;
    assert_eq!(expected(&bare()), 1800 + 2 * 60);
    assert_eq!(expected(&facts()), 1800 + 2 * 60 + 2 * 600);
    assert_eq!(expected(&from_backup()), 1800 + 2 * 600);
}

#[test]
fn what_scales_is_given_to_the_new_table_under_its_name_and_never_below_its_least() {
    let plan = plan(&facts(), &[]);
    let target = &input(&plan, "scaling-target-2")["target"];
    assert_eq!(target["resource"], format!("table/{NEW}/index/by-customer"));
    let capacity = input(&plan, "capacity");
    assert_eq!(capacity["capacity"]["read"], 100);
    assert_eq!(capacity["indexes"]["by-customer"]["read"], 20);
    assert_eq!(capacity["indexes"]["by-customer"]["write"], 25);
    let scaled = &input(&plan, "alike")["wanted"]["scaled"];
    assert_eq!(
        scaled[0],
        format!("table/{NEW}:dynamodb:table:ReadCapacityUnits")
    );
}

#[test]
fn an_index_that_is_left_out_is_not_scaled_either() {
    let plan = plan(&facts(), &[("no-indexes", "yes")]);
    assert!(!ids(&plan).contains(&"scaling-target-2"));
    assert_eq!(input(&plan, "capacity")["indexes"], json!({}));
    let overrides = &input(&plan, "restore")["overrides"];
    assert_eq!(overrides["indexes"], json!([]));
    assert_eq!(overrides["local_indexes"], json!([]));
    assert_eq!(input(&plan, "alike")["wanted"]["indexes"], json!([]));
}

#[test]
fn what_is_recorded_of_an_index_that_is_left_out_is_not_given_back() {
    let plan = plan(&facts(), &[("no-indexes", "yes")]);
    assert!(!ids(&plan).contains(&"insights-2"));
    let only = json!([{"index": null, "mode": "THROTTLED_KEYS"}]);
    assert_eq!(input(&plan, "alike")["wanted"]["insights"], only);
}

#[test]
fn changes_go_to_the_same_streams_as_precisely_but_not_while_it_is_only_looked_at() {
    let given = plan(&facts(), &[]);
    let second = &input(&given, "kinesis-2")["destination"];
    assert_eq!(*second, json!(stream_to("changes")));
    assert_eq!(input(&given, "kinesis-2")["table"], NEW);
    let compared = &input(&given, "alike")["wanted"]["kinesis"];
    assert_eq!(*compared, json!([stream_to("audit"), stream_to("changes")]));
    let kept = plan(&facts(), &[("restore-only", "yes")]);
    let none = ids(&kept).iter().all(|id| !id.starts_with("kinesis"));
    assert!(none, "{:?}", ids(&kept));
    assert_eq!(input(&kept, "alike")["wanted"]["kinesis"], json!(null));
    assert!(ids(&kept).contains(&"insights-2"));
}

#[test]
fn an_index_that_is_named_is_restored_with_the_throughput_it_has() {
    let plan = plan(&facts(), &[("index", "by-customer")]);
    let overrides = &input(&plan, "restore")["overrides"];
    assert_eq!(overrides["indexes"][0]["capacity"]["read"], 20);
    assert_eq!(overrides["local_indexes"], json!([]));
    let least = &input(&super::fixtures::plan(&facts(), &[]), "restore")["overrides"].clone();
    assert_eq!(least["indexes"], json!(null), "left to what is restored");
}

#[test]
fn what_is_paid_by_request_is_not_scaled() {
    let plan = plan(&facts(), &[("billing", "on-demand")]);
    let none = |prefix: &str| ids(&plan).iter().all(|id| !id.starts_with(prefix));
    assert!(none("scaling") && none("scheduled") && none("capacity"));
    assert_eq!(input(&plan, "restore")["overrides"]["on_demand"], true);
    let wanted = &input(&plan, "alike")["wanted"];
    assert_eq!(wanted["capacity"]["on_demand"], true);
    assert_eq!(wanted["scaling"], json!(null));
}

#[test]
fn an_action_that_is_over_is_not_given_back_and_one_that_has_begun_begins_at_once() {
    let mut facts = facts();
    let mut scaling = facts.scaling.value().unwrap().clone();
    let action = scaling.actions[0].clone();
    let once = |schedule: &str, end: Option<&str>| {
        let mut one = action.clone();
        one.schedule = schedule.to_owned();
        one.end = end.map(at);
        one
    };
    scaling.actions = vec![
        once("at(2026-03-10T14:00:00)", None),
        once("at(2026-03-10T15:00:00)", None),
        once("rate(1 day)", Some("2026-03-01T00:00:00Z")),
    ];
    scaling.actions[1].start = Some(at("2026-03-01T00:00:00Z"));
    facts.scaling = known(scaling);
    let plan = plan(&facts, &[]);
    assert!(!ids(&plan).contains(&"scheduled-2"));
    let only = &input(&plan, "scheduled-1")["action"];
    assert_eq!(only["schedule"], "at(2026-03-10T15:00:00)");
    assert_eq!(only["start"], json!(null));
}

#[test]
fn tags_say_which_run_made_the_table_and_aws_s_own_are_left_out() {
    let plan = plan(&facts(), &[]);
    let tags = input(&plan, "tags")["tags"].as_array().unwrap();
    let mut keys: Vec<&str> = tags
        .iter()
        .map(|tag| tag["key"].as_str().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["defib:run", "defib:source", "defib:step", "team"]);
    let step = tags.iter().find(|tag| tag["key"] == "defib:step").unwrap();
    assert_eq!(step["value"]["text"], "restore");
    assert_eq!(
        input(&plan, "alike")["wanted"]["tags"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_deleted_table_comes_back_under_its_name_with_what_its_backup_knows() {
    let plan = plan(&deleted(), &[]);
    let wanted = [
        "restore",
        "tags",
        "capacity",
        "stream",
        "alike",
        "look",
        "healthy",
        "count-expired",
        "ttl",
    ];
    assert_eq!(ids(&plan), wanted);
    assert_eq!(input(&plan, "restore")["target"], "orders");
    assert_eq!(input(&plan, "stream")["view"], "KEYS_ONLY");
    assert_eq!(input(&plan, "alike")["wanted"]["class"], json!(null));
    assert!(plan.leftovers.is_empty());
    assert_eq!(plan.subject.kind, ResourceKind::Table);
    assert_eq!(plan.point.id, BACKUP);
}

#[test]
fn a_backup_of_a_table_that_is_there_gets_the_settings_of_now() {
    let plan = plan(&from_backup(), &[]);
    assert_eq!(input(&plan, "restore")["target"], "orders-20260309-000000");
    assert_eq!(input(&plan, "stream")["view"], "NEW_AND_OLD_IMAGES");
    assert_eq!(input(&plan, "recovery")["days"], 35);
    assert_eq!(plan.point.at, at("2026-03-09T00:00:00Z"));
}

#[test]
fn indexes_that_a_backup_does_not_tell_are_those_of_the_table_and_of_none_is_compared() {
    let untold = |mut facts: TableFacts| {
        facts.backup.as_mut().unwrap().indexes = None;
        plan(&facts, &[])
    };
    let held = |plan: &Plan| input(plan, "alike")["wanted"]["indexes"].clone();
    let there = untold(from_backup());
    assert_eq!(held(&there), json!(["by-customer", "by-day"]));
    assert_eq!(held(&untold(deleted())), json!(null));
}

#[test]
fn the_old_table_is_left_over_where_the_application_has_moved() {
    let why = |pairs: &[(&str, &str)]| plan(&facts(), pairs).leftovers[0].why.clone();
    assert!(!why(&[]).contains("denied"));
    assert!(why(&[("freeze", "yes")]).contains("writes denied"));
    let told = why(&[("target", "orders-back")]);
    let command = "--table orders --with orders-back";
    assert!(told.contains(command), "{told}");
    let checks = plan(&facts(), &[("target", "orders-back")]).checks;
    let check = checks.iter().find(|check| check.name == "reconcile");
    let advice = check.and_then(|check| check.advice.clone()).unwrap();
    let whole = |line: &str| {
        line.starts_with("defib reconcile --region eu-west-1") && line.ends_with(command)
    };
    assert!(advice.lines().any(whole), "{advice}");
}

#[test]
fn every_call_is_one_that_can_be_read_back() {
    let all = [
        plan(&facts(), &[("parameter", PARAMETER), ("freeze", "yes")]),
        plan(&deleted(), &[]),
    ];
    for step in all.iter().flat_map(|plan| &plan.steps) {
        let undo = step.undo.iter().filter_map(|undo| undo.call.as_ref());
        for call in step.call.iter().chain(undo).chain(step.gate.check()) {
            assert!(!call.operation.is_empty() && call.input.is_object());
        }
    }
    let touched = all[0].touches();
    for name in ["orders", NEW, PARAMETER] {
        assert!(touched.contains(name), "{name} in {touched:?}");
    }
}
