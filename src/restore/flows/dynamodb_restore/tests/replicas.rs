//! Replicas of the new table: what is chosen, what is done for it, and what stops.
//! A Region is only ever one that was named.

use super::super::facts::Before;
use super::super::replicas::regions;
use super::super::{DynamodbRestore, TableFacts};
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::facts::Fact;
use crate::domain::form::{Choices, Field, ValueFrom};
use crate::domain::plan::{Gate, Step};
use crate::restore::export::{markdown, shell, text};
use crate::restore::flow::Flow;

const TWO: (&str, &str) = ("replica", "us-east-1, eu-north-1");

/// A bare table that streams what a replica needs.
fn streaming() -> TableFacts {
    let mut facts = bare();
    source(&mut facts).stream = Some("NEW_AND_OLD_IMAGES".into());
    facts
}

/// A table with a write capacity that is scaled, and that of its index too if so wanted.
fn provisioned(index: bool, policy: bool) -> TableFacts {
    let mut facts = facts();
    let source = source(&mut facts);
    source.kms_key = None;
    facts.key = None;
    let mut scaling = facts.scaling.value().unwrap().clone();
    let mut all = vec!["table/orders"];
    if index {
        all.push("table/orders/index/by-customer");
    }
    scaling.targets = all.iter().map(|of| target(of, "Write")).collect();
    let one = scaling.policies[0].clone();
    scaling.policies = scaling
        .targets
        .iter()
        .filter(|_| policy)
        .map(|of| crate::domain::dynamodb::ScalingPolicy {
            resource: of.resource.clone(),
            dimension: of.dimension.clone(),
            ..one.clone()
        })
        .collect();
    facts.scaling = known(scaling);
    facts
}

/// Names and verdicts of the checks that are about replicas.
fn about(facts: &TableFacts, pairs: &[(&str, &str)]) -> Vec<(String, Verdict)> {
    let all = checks(facts, pairs).into_iter();
    all.filter(|check| check.name.starts_with("replica"))
        .map(|check| (check.name, check.verdict))
        .collect()
}

fn stopped(name: &str) -> Vec<(String, Verdict)> {
    vec![
        (name.to_owned(), Verdict::Stop),
        ("replicas".to_owned(), Verdict::Know),
    ]
}

fn fine() -> Vec<(String, Verdict)> {
    vec![("replicas".to_owned(), Verdict::Know)]
}

#[test]
fn regions_are_read_in_their_order_whichever_part_of_aws_they_are_of() {
    let read = |text: &str| {
        let mut choices = Choices::default();
        choices.set("replica", text);
        regions(&choices)
    };
    let all = "us-gov-west-1,eusc-de-east-1, ap-southeast-2,cn-north-1,us-iso-east-1,il-central-1";
    let wanted: Vec<&str> = all.split(',').map(str::trim).collect();
    assert_eq!(read(all).unwrap(), wanted);
    assert_eq!(read("").unwrap(), Vec::<String>::new());
    for text in [
        "us-east-1a",
        "US-EAST-1",
        "us-east-",
        "us-east-100",
        "us-1",
        "é-east-1",
        "*",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn each_region_is_a_step_after_everything_else_and_none_is_there_unless_named() {
    let without = plan(&streaming(), &[]);
    assert!(!ids(&without).iter().any(|id| id.starts_with("replica")));
    let plan = plan(&streaming(), &[TWO]);
    let mut wanted = ids(&without);
    wanted.extend(["replica-1", "replica-2"]);
    assert_eq!(ids(&plan), wanted);
    for (id, region) in [("replica-1", "us-east-1"), ("replica-2", "eu-north-1")] {
        let step = step(&plan, id);
        assert!(step.may_wait, "the other one does not wait for it");
        assert!(step.undo.is_empty());
        assert!(step.title.contains(region), "{}", step.title);
        assert_eq!(input(&plan, id)["region"], region);
        assert_eq!(input(&plan, id)["table"], NEW);
        let waits = |other: &&Step| !other.may_wait && other.needs.contains(&step.id);
        let waits: Vec<&str> = plan
            .steps
            .iter()
            .filter(waits)
            .map(|other| other.id.as_str())
            .collect();
        assert_eq!(waits, Vec::<&str>::new(), "no application waits for {id}");
    }
    assert_eq!(step(&plan, "replica-1").needs, ["unmark".into()]);
    assert_eq!(input(&plan, "alike"), input(&without, "alike"));
}

#[test]
fn whoever_is_asked_last_is_told_that_replicas_follow() {
    let asked = |pairs: &[(&str, &str)], id: &str| {
        let plan = plan(&streaming(), pairs);
        let Gate::Person { instructions, .. } = &step(&plan, id).gate else {
            panic!("a person is asked at {id}");
        };
        instructions.join("\n")
    };
    assert!(asked(&[], "healthy").contains("Answer yes to finish"));
    assert!(asked(&[TWO], "healthy").contains("the replicas come last"));
    let alone = ("restore-only", "yes");
    assert!(asked(&[alone], "look").contains("Nothing else changes: orders-"));
    assert!(asked(&[alone, TWO], "look").contains("have the replicas of orders-"));
}

#[test]
fn what_is_exported_has_the_command() {
    let plan = plan(&streaming(), &[("replica", "us-east-1")]);
    let script = shell::script(&plan).unwrap();
    let runbook = markdown::runbook(&plan).unwrap();
    for text in [&script, &runbook] {
        assert!(text.contains("dynamodb update-table"), "{text}");
        let sent = r#""ReplicaUpdates":[{"Create":{"RegionName":"us-east-1"}}]"#;
        let packed: String = text.split_whitespace().collect();
        assert!(packed.contains(sent), "{text}");
    }
    assert!(script.contains("ACTIVE ACTIVE"), "{script}");
    let call = step(&plan, "replica-1").call.as_ref().unwrap();
    let shown = text::command(&plan, call);
    assert!(shown.contains("--replica-updates"), "{shown}");
}

#[test]
fn a_table_without_a_stream_gets_the_one_that_a_replica_needs() {
    assert_eq!(about(&bare(), &[TWO]), fine());
    let plan = plan(&bare(), &[TWO]);
    assert_eq!(input(&plan, "stream")["view"], "NEW_AND_OLD_IMAGES");
    assert_eq!(ids(&plan).last(), Some(&"replica-2"));
}

#[test]
fn what_aws_would_refuse_later_stops_now() {
    let mut other = streaming();
    source(&mut other).stream = Some("KEYS_ONLY".into());
    assert_eq!(about(&other, &[TWO]), stopped("replica-stream"));
    let without = [TWO, ("skip", "stream")];
    assert_eq!(about(&streaming(), &without), stopped("replica-stream"));

    let mut keyed = streaming();
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    source(&mut keyed).kms_key = Some(key.into());
    assert_eq!(about(&keyed, &[TWO]), stopped("replica-key"));
    let (_, told) = told(&keyed, &[TWO], "replica-key");
    for word in [key, "update-table", NEW, "KMSMasterKeyId"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    let chosen = [TWO, ("sse-key", key)];
    assert_eq!(about(&streaming(), &chosen), stopped("replica-key"));
    let managed = [TWO, ("sse-key", "alias/aws/dynamodb")];
    assert_eq!(about(&keyed, &managed), fine());

    assert_eq!(about(&provisioned(true, true), &[TWO]), fine());
    let capacity = stopped("replica-capacity");
    assert_eq!(about(&provisioned(false, true), &[TWO]), capacity);
    assert_eq!(about(&provisioned(true, false), &[TWO]), capacity);
    let skipped = [TWO, ("skip", "auto-scaling")];
    assert_eq!(about(&provisioned(true, true), &skipped), capacity);
    let mut unread = provisioned(true, true);
    unread.scaling = Fact::Unknown("AccessDeniedException: no".into());
    assert_eq!(about(&unread, &[TWO]), capacity);
    // Without the index there is nothing of it to scale; and by request nothing at all.
    let no_index = [TWO, ("no-indexes", "yes")];
    assert_eq!(about(&provisioned(false, true), &no_index), fine());
    let by_request = [TWO, ("billing", "on-demand")];
    assert_eq!(about(&provisioned(false, false), &by_request), fine());
}

#[test]
fn replicas_that_the_old_table_has_are_told_and_made_where_they_are_named() {
    let mut facts = streaming();
    source(&mut facts).replicas = vec!["ap-south-1".into(), "us-east-1".into()];
    let line = |pairs: &[(&str, &str)], name: &str| {
        let form = DynamodbRestore.form(&facts, &choices(&facts, pairs));
        let mut named = form.into_iter().filter(|field| field.name == name);
        let Field {
            value,
            from,
            aws_default,
            ..
        } = named.next().unwrap();
        assert_eq!(aws_default.as_deref(), Some("none"));
        (value.unwrap(), from)
    };
    let left = "not carried over: ap-south-1, us-east-1".to_owned();
    assert_eq!(line(&[], "replicas"), (left, ValueFrom::Proposed));
    assert_eq!(
        line(&[], "replica"),
        ("none".to_owned(), ValueFrom::Proposed)
    );
    let told_of = "us-east-1, eu-north-1; not carried over: ap-south-1".to_owned();
    assert_eq!(line(&[TWO], "replicas"), (told_of, ValueFrom::Yours));
    let typed = "us-east-1, eu-north-1".to_owned();
    assert_eq!(line(&[TWO], "replica"), (typed, ValueFrom::Yours));
    let (verdict, said) = told(&facts, &[], "replicas");
    assert_eq!(verdict, Verdict::Know);
    assert!(said.contains("--replica ap-south-1,us-east-1"), "{said}");
    let (_, said) = told(&facts, &[TWO], "replicas");
    assert!(
        said.contains("and not in ap-south-1, where the old table has one"),
        "{said}"
    );
}

#[test]
fn no_replica_is_made_or_advised_where_the_old_table_is_in_its_way() {
    let mut facts = streaming();
    source(&mut facts).replicas = vec!["ap-south-1".into(), "eu-north-1".into()];
    let mut deleted = facts.clone();
    let place = crate::domain::place::Place {
        region: "us-east-1".into(),
        ..facts.place.clone()
    };
    facts.led_to(&place);
    let same = ("target", "orders");
    let refused = |region: &str, pairs: &[(&str, &str)]| {
        let all = [&[("replica", region)], pairs].concat();
        try_plan(&facts, &all).map(drop)
    };
    for region in ["eu-west-1", "eu-north-1", "us-west-2,ap-south-1"] {
        let why = refused(region, &[same]).unwrap_err().to_string();
        assert!(why.contains("there is a table orders in "), "{why}");
        assert!(why.contains("--target"), "{why}");
        refused(region, &[("target", "orders-2")]).unwrap();
    }
    refused("us-west-2", &[same]).unwrap();
    let own = refused("us-east-1", &[same]).unwrap_err().to_string();
    assert!(own.contains("is made in us-east-1"), "{own}");

    let (_, said) = told(&facts, &[same], "replicas");
    assert!(said.contains("has replicas in ap-south-1"), "{said}");
    assert!(said.contains("--target"), "{said}");
    assert!(!said.contains("--replica"), "{said}");
    // Which of them a deleted table has left behind nobody knows here.
    let table = deleted.source.take().unwrap();
    let at = deleted.observed_at;
    deleted.before = Some(Before {
        at,
        table,
        last_seen: false,
    });
    let (_, said) = told(&deleted, &[same], "replicas");
    assert!(said.contains("had replicas in ap-south-1"), "{said}");
    assert!(said.contains("outlives a table that is deleted"), "{said}");
    assert!(!said.contains("--replica"), "{said}");
    let (_, said) = told(&deleted, &[("target", "orders-2")], "replicas");
    assert!(said.contains("--replica ap-south-1,eu-north-1"), "{said}");
}
