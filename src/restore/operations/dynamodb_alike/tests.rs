//! How differences between a table and what it has to be are told,
//! and what is read for them.

use serde_json::json;

use super::TableIsAlike;
use super::compare::{Compared, Found, compared};
use crate::domain::alarm::Alarm;
use crate::domain::dynamodb::{
    Capacity, Destination, Insights, Policy, ScalableTarget, Scaling, ScalingPolicy, Table, Wanted,
};
use crate::domain::ec2::Tags;
use crate::domain::text::shown;
use crate::domain::trigger::{Reading, Trigger};
use crate::restore::observations::alarms::Named;
use crate::restore::operation::Probe;
use crate::restore::operations::recorder::Recorder;
use crate::restore::operations::sent::samples::tables::{action, tracking};
use crate::restore::operations::sent::samples::triggers::reading;

fn units(read: i64, write: i64) -> Capacity {
    Capacity {
        on_demand: false,
        read,
        write,
        max_read: None,
        max_write: None,
    }
}

fn table() -> Table {
    Table {
        name: "orders-2".into(),
        arn: "arn".into(),
        id: "id".into(),
        status: "ACTIVE".into(),
        items: 0,
        bytes: 0,
        keys: Vec::new(),
        capacity: units(100, 20),
        class: "STANDARD".into(),
        indexes: Vec::new(),
        kms_key: None,
        stream: None,
        stream_arn: None,
        deletion_protection: true,
        replicas: Vec::new(),
        restored: None,
    }
}

fn tags(all: &[(&str, &str)]) -> Tags {
    let pair = |(key, value): &(&str, &str)| ((*key).into(), (*value).into());
    all.iter().map(pair).collect()
}

fn scaling() -> Scaling {
    let target = ScalableTarget {
        resource: "table/orders-2".into(),
        dimension: "dynamodb:table:ReadCapacityUnits".into(),
        min: 5,
        max: 500,
        suspended: [false; 3],
        role: "of the old one".into(),
    };
    Scaling {
        policies: vec![ScalingPolicy {
            name: "reads".into(),
            resource: target.resource.clone(),
            dimension: target.dimension.clone(),
            configuration: tracking(),
        }],
        actions: vec![action(true)],
        targets: vec![target],
    }
}

fn stream(name: &str, precision: Option<&str>) -> Destination {
    Destination {
        stream: name.into(),
        precision: precision.map(str::to_owned),
    }
}

fn insights(index: Option<&str>, mode: Option<&str>) -> Insights {
    Insights {
        index: index.map(str::to_owned),
        mode: mode.map(str::to_owned),
    }
}

fn wanted() -> Wanted {
    Wanted {
        class: Some("STANDARD".into()),
        deletion_protection: Some(true),
        capacity: Some(units(100, 20)),
        scaled: Vec::new(),
        indexes: Some(Vec::new()),
        stream: None,
        kinesis: Some(vec![stream("changes", Some("MICROSECOND"))]),
        insights: Some(vec![
            insights(None, None),
            insights(Some("by-day"), Some("THROTTLED_KEYS")),
        ]),
        triggers: None,
        alarms: Some(vec![alarm("slow", 5)]),
        recovery_days: Some(7),
        tags: tags(&[("team", "shop")]),
        policy: Some(r#"{"Statement":["a"]}"#.into()),
        scaling: Some(scaling()),
    }
}

fn found() -> Found {
    let mut there = scaling();
    there.targets[0].role = "of the new one".into();
    Found {
        table: Some(table()),
        recovery_days: Some(7),
        tags: tags(&[("team", "shop"), ("defib:run", "r")]),
        policy: Some(Policy {
            document: r#"{"Statement":"a"}"#.into(),
            revision: "1".into(),
        }),
        kinesis: vec![
            stream("others", None),
            stream("changes", Some("MICROSECOND")),
        ],
        insights: vec![
            insights(None, Some("ACCESSED_AND_THROTTLED_KEYS")),
            insights(Some("by-day"), Some("THROTTLED_KEYS")),
        ],
        triggers: Vec::new(),
        alarms: vec![
            Named::Composite("over".into()),
            Named::Metric(Alarm {
                acts: false,
                ..alarm("slow", 5)
            }),
        ],
        scaling: there,
    }
}

fn alarm(name: &str, periods: i32) -> Alarm {
    Alarm {
        name: name.into(),
        acts: true,
        settings: json!({"EvaluationPeriods": periods}),
        beyond: None,
    }
}

#[test]
fn what_is_as_it_was_is_counted() {
    let wanted = Compared {
        alike: 11,
        otherwise: Vec::new(),
    };
    assert_eq!(compared(&self::wanted(), &found()), wanted);
    assert_eq!(compared(&Wanted::default(), &found()), Compared::default());
}

/// What is said where something was found otherwise.
fn said_of(change: fn(&mut Found)) -> String {
    let mut found = found();
    change(&mut found);
    let Compared { alike, otherwise } = compared(&wanted(), &found);
    assert_eq!(alike + otherwise.len(), 11);
    otherwise.join(", ")
}

#[test]
fn what_differs_is_named_field_by_field() {
    let of_table = |change: fn(&mut Table)| {
        let mut found = found();
        found.table.iter_mut().for_each(change);
        compared(&wanted(), &found).otherwise.join(", ")
    };
    for (said, told) in [
        (
            of_table(|table| table.class = "STANDARD_INFREQUENT_ACCESS".into()),
            "class (STANDARD_INFREQUENT_ACCESS, not STANDARD)",
        ),
        (
            of_table(|table| table.deletion_protection = false),
            "deletion protection (off, not on)",
        ),
        (
            of_table(|table| table.capacity.read = 99),
            "capacity (99 reads and 20 writes a second, not 100 reads and 20 writes a second)",
        ),
        (
            said_of(|found| found.recovery_days = None),
            "recovery (off, not 7 days)",
        ),
        (said_of(|found| found.tags.clear()), "tags (team)"),
        (said_of(|found| found.policy = None), "policy (none)"),
        (
            said_of(|found| found.scaling.targets[0].max = 6),
            "auto scaling (dynamodb:table:ReadCapacityUnits of table/orders-2)",
        ),
        (
            said_of(|found| found.scaling.policies.clear()),
            "auto scaling (policy reads)",
        ),
        (
            said_of(|found| found.scaling.actions[0].min = Some(1)),
            "auto scaling (scheduled action evening)",
        ),
    ] {
        assert_eq!(said, told);
    }
}

#[test]
fn where_changes_go_and_what_is_recorded_differ_by_name() {
    for (said, told) in [
        (
            said_of(|found| found.kinesis[1].precision = None),
            "kinesis (changes)",
        ),
        (said_of(|found| found.kinesis.clear()), "kinesis (changes)"),
        (
            said_of(|found| {
                found.insights.remove(0);
            }),
            "insights (of the table)",
        ),
        (
            said_of(|found| found.alarms[1] = Named::Metric(alarm("slow", 6))),
            "alarms (slow)",
        ),
        (
            said_of(|found| found.alarms[1] = Named::Composite("slow".into())),
            "alarms (slow)",
        ),
        (
            said_of(|found| found.insights[1].mode = None),
            "insights (of index by-day)",
        ),
    ] {
        assert_eq!(said, told);
    }
}

#[test]
fn a_function_that_is_called_otherwise_or_not_at_all_is_named_whether_it_is_called_yet_or_not() {
    let wanted = Wanted {
        triggers: Some(vec![reading(true), Reading::default()]),
        ..Wanted::default()
    };
    let there = |readings: &[Reading]| {
        let trigger = |(reading, state): (&Reading, &str)| Trigger {
            mapping: "u".into(),
            state: state.into(),
            position: Some("LATEST".into()),
            hidden: None,
            reading: reading.clone(),
        };
        let states = ["Disabled", "Enabled", "Disabled"];
        let found = Found {
            triggers: readings.iter().zip(states).map(trigger).collect(),
            ..Found::default()
        };
        compared(&wanted, &found).otherwise
    };
    let none = Reading::default();
    assert!(there(&[none.clone(), reading(false), reading(true)]).is_empty());
    let function = shown(&reading(true).function);
    let lacking = format!("triggers ({function})");
    assert_eq!(
        there(&[none.clone(), reading(false)]),
        std::slice::from_ref(&lacking)
    );
    let mut otherwise = reading(true);
    otherwise.retries = Some(1);
    assert_eq!(there(&[none, otherwise]), [lacking]);
}

#[tokio::test]
async fn what_reads_the_stream_is_read_by_its_arn() {
    let stream = json!({"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"});
    let table = json!({"Table": {"TableStatus": "ACTIVE", "TableName": "orders-2",
        "LatestStreamArn": "arn:stream", "StreamSpecification": stream}});
    let list = json!({"EventSourceMappings": [{"UUID": "u", "FunctionArn": "arn:f"}]});
    let recorder = Recorder::default()
        .answers("DescribeTable", &table.to_string())
        .answers("GET /2015-03-31/event-source-mappings", &list.to_string());
    let alike = |function: &str| TableIsAlike {
        table: "orders-2".into(),
        arn: "arn".into(),
        wanted: Wanted {
            triggers: Some(vec![Reading {
                function: function.into(),
                ..Reading::default()
            }]),
            ..Wanted::default()
        },
    };
    let probe = recorder.probe(&alike("arn:f")).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    let probe = recorder.probe(&alike("arn:g")).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[test]
fn a_stream_and_indexes_differ_by_name() {
    let streamed = Wanted {
        stream: Some("NEW_IMAGE".into()),
        indexes: Some(vec!["by-customer".into()]),
        ..Wanted::default()
    };
    let said = compared(&streamed, &found()).otherwise;
    assert_eq!(
        said,
        [
            "indexes (none, not by-customer)",
            "stream (off, not NEW_IMAGE)"
        ]
    );
}

#[test]
fn what_is_scaled_by_itself_is_not_compared() {
    let scaled = Wanted {
        capacity: Some(units(5, 20)),
        scaled: vec!["table/orders-2:dynamodb:table:ReadCapacityUnits".into()],
        ..Wanted::default()
    };
    assert_eq!(compared(&scaled, &found()).alike, 1);
    let writes = Wanted {
        capacity: Some(units(5, 21)),
        ..scaled
    };
    assert_eq!(compared(&writes, &found()).otherwise.len(), 1);
}

#[tokio::test]
async fn a_difference_is_a_conflict_and_only_what_is_wanted_is_read() {
    let there = json!({"Table": {"TableStatus": "ACTIVE", "TableName": "orders-2"}});
    let recorder = Recorder::default().answers("DescribeTable", &there.to_string());
    let alike = |wanted: Wanted| TableIsAlike {
        table: "orders-2".into(),
        arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2".into(),
        wanted,
    };
    let unprotected = Wanted {
        deletion_protection: Some(false),
        ..Wanted::default()
    };
    let probe = recorder.probe(&alike(unprotected)).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    assert_eq!(recorder.sent().len(), 1);
    let protected = Wanted {
        deletion_protection: Some(true),
        ..Wanted::default()
    };
    let probe = recorder.probe(&alike(protected)).await;
    let why = "orders-2 is not as it was: deletion protection (off, not on)".to_owned();
    assert_eq!(probe, Probe::Conflict(why));
}
