//! A table with every setting there is and a table with none. Tests change these facts in one place each.
//! Nothing of it is read from anywhere.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::alarm::{Alarm, Alarms, Composite};
use crate::domain::check::{Check, Verdict};
use crate::domain::dynamodb::{
    Backup, BackupRow, Capacity, Destination, Holds, Index, Insights, Key, Parameter, Policy,
    Recovery, ScalableTarget, Scaling, ScalingPolicy, ScheduledAction, Table, TimeToLive, Window,
};
use crate::domain::ec2::Tags;
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::identity::Identities;
use crate::domain::place::Place;
use crate::domain::plan::{Plan, Step};
use crate::domain::trigger::{Reading, Trigger};
use crate::restore::flow::{Flow, FlowError};
use crate::restore::observations::kms;

use super::super::saved::SavedTable;
use super::super::{DynamodbRestore, TableFacts};

pub const ARN: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
pub const AT: &str = "2026-03-10T14:04:59Z";
/// The name that is proposed for the second [`AT`].
pub const NEW: &str = "orders-20260310-140459";
pub const BACKUP: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/backup/01-a";
pub const PARAMETER: &str = "/acme/shop/orders-table";
pub const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"dynamodb:GetItem","Resource":["arn:aws:dynamodb:eu-west-1:111122223333:table/orders","arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-customer","arn:aws:dynamodb:eu-west-1:111122223333:table/orders-old"]}}"#;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn known<T>(value: T) -> Fact<T> {
    Fact::Observed {
        value,
        at: at("2026-03-10T14:19:01Z"),
    }
}

pub fn denied<T>() -> Fact<T> {
    Fact::Unknown("dynamodb:ListTagsOfResource AccessDeniedException: no".to_owned())
}

pub fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect()
}

pub fn units(read: i64, write: i64) -> Capacity {
    Capacity {
        on_demand: false,
        read,
        write,
        max_read: None,
        max_write: None,
    }
}

pub fn by_request(max_read: Option<i64>) -> Capacity {
    Capacity {
        on_demand: true,
        read: 0,
        write: 0,
        max_read,
        max_write: None,
    }
}

fn key(attribute: &str, kind: &str) -> Key {
    Key {
        attribute: attribute.into(),
        kind: kind.into(),
        scalar: "S".into(),
    }
}

pub fn index(name: &str, local: bool) -> Index {
    Index {
        name: name.into(),
        local,
        keys: vec![key(name, "HASH")],
        projection: "ALL".into(),
        included: Vec::new(),
        capacity: (!local).then(|| units(20, 5)),
        status: if local { "" } else { "ACTIVE" }.into(),
    }
}

/// Nothing but a key, paid by request.
fn bare_table() -> Table {
    Table {
        name: "orders".into(),
        arn: ARN.into(),
        id: "id-1".into(),
        status: "ACTIVE".into(),
        items: 250_000,
        bytes: 25 << 30,
        keys: vec![key("pk", "HASH"), key("sk", "RANGE")],
        capacity: by_request(None),
        class: "STANDARD".into(),
        indexes: Vec::new(),
        kms_key: None,
        stream: None,
        stream_arn: None,
        deletion_protection: false,
        replicas: Vec::new(),
        restored: None,
    }
}

fn table() -> Table {
    Table {
        capacity: units(100, 40),
        class: "STANDARD_INFREQUENT_ACCESS".into(),
        indexes: vec![index("by-customer", false), index("by-day", true)],
        kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/k".into()),
        stream: Some("NEW_AND_OLD_IMAGES".into()),
        stream_arn: Some(format!("{ARN}/stream/2026")),
        deletion_protection: true,
        ..bare_table()
    }
}

pub fn target(resource: &str, units: &str) -> ScalableTarget {
    let kind = if resource.contains("/index/") {
        "index"
    } else {
        "table"
    };
    ScalableTarget {
        resource: resource.into(),
        dimension: format!("dynamodb:{kind}:{units}CapacityUnits"),
        min: 25,
        max: 400,
        suspended: [false; 3],
        role: "arn:aws:iam::111122223333:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable".into(),
    }
}

fn scaling() -> Scaling {
    let read = target("table/orders", "Read");
    Scaling {
        policies: vec![ScalingPolicy {
            name: "half".into(),
            resource: read.resource.clone(),
            dimension: read.dimension.clone(),
            configuration: json!({"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0}}),
        }],
        actions: vec![ScheduledAction {
            name: "morning".into(),
            resource: read.resource.clone(),
            dimension: read.dimension.clone(),
            schedule: "cron(0 6 * * ? *)".into(),
            timezone: None,
            start: None,
            end: None,
            min: Some(50),
            max: None,
        }],
        targets: vec![read, target("table/orders/index/by-customer", "Write")],
    }
}

pub fn stream_to(name: &str) -> Destination {
    Destination {
        stream: format!("arn:aws:kinesis:eu-west-1:111122223333:stream/{name}"),
        precision: Some("MICROSECOND".into()),
    }
}

pub fn insights_of(index: Option<&str>) -> Insights {
    Insights {
        index: index.map(str::to_owned),
        mode: Some("THROTTLED_KEYS".into()),
    }
}

pub fn trigger(name: &str, state: &str) -> Trigger {
    Trigger {
        mapping: format!("uuid-of-{name}"),
        state: state.into(),
        position: Some("LATEST".into()),
        hidden: None,
        reading: Reading {
            function: format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}"),
            batch_size: Some(100),
            retries: Some(-1),
            ..Reading::default()
        },
    }
}

/// An alarm on a metric of the table, besides other dimensions.
pub fn alarm(name: &str, more: &[(&str, &str)]) -> Alarm {
    let own = [("TableName", "orders")];
    let all = more.iter().chain(&own);
    let dimensions: Vec<Value> = all
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect();
    Alarm {
        name: name.into(),
        acts: true,
        settings: json!({"MetricName": "SystemErrors", "Dimensions": dimensions}),
        beyond: None,
    }
}

/// One that acts, one that does not, and one over both.
pub fn alarms() -> Alarms {
    Alarms {
        metric: vec![
            Alarm {
                acts: false,
                ..alarm("lag", &[])
            },
            alarm("orders-failed", &[("Operation", "Query")]),
        ],
        composite: vec![Composite {
            name: "shop-is-down".into(),
            goes_by: vec!["orders-failed".into()],
        }],
    }
}

pub fn window(earliest: &str, latest: &str) -> Recovery {
    Recovery {
        days: Some(35),
        moving: Some(Window {
            earliest: at(earliest),
            latest: at(latest),
        }),
    }
}

/// A table of which there is nothing to give back but that it can be restored.
pub fn bare() -> TableFacts {
    TableFacts {
        observed_at: at("2026-03-10T14:19:00Z"),
        place: Place {
            profile: Some("acme".into()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:sts::111122223333:assumed-role/ops".into(),
        name: "orders".into(),
        source: Some(bare_table()),
        before: None,
        from: None,
        last_seen: None,
        backup: None,
        backups: known(vec![BackupRow {
            arn: BACKUP.into(),
            taken_at: at("2026-03-09T00:00:00Z"),
            state: "AVAILABLE".into(),
        }]),
        target: known(None),
        recovery: known(window("2026-02-03T14:19:00Z", "2026-03-10T14:14:00Z")),
        tags: known(Tags::new()),
        ttl: known(None),
        policy: known(None),
        scaling: known(Scaling::default()),
        kinesis: known(Vec::new()),
        insights: known(Vec::new()),
        triggers: known(Vec::new()),
        alarms: known(Alarms::default()),
        taken: known(Vec::new()),
        parameter: Some(known(Some(Parameter {
            kind: "String".into(),
            version: 3,
            holds: Holds::Name,
        }))),
        key: None,
        identities: known(Identities::default()),
    }
}

/// A table with everything.
pub fn facts() -> TableFacts {
    TableFacts {
        source: Some(table()),
        tags: known(tags(&[
            ("team", "shop"),
            ("aws:cloudformation:stack-name", "shop"),
            ("defib:run", "01OLD"),
        ])),
        ttl: known(Some(TimeToLive {
            attribute: "expires_at".into(),
            status: "ENABLED".into(),
        })),
        policy: known(Some(Policy {
            document: POLICY.into(),
            revision: "rev-7".into(),
        })),
        scaling: known(scaling()),
        kinesis: known(vec![stream_to("audit"), stream_to("changes")]),
        insights: known(vec![insights_of(None), insights_of(Some("by-customer"))]),
        triggers: known(vec![
            trigger("audit", "Disabled"),
            trigger("fulfil", "Enabled"),
        ]),
        alarms: known(alarms()),
        key: Some(known(kms::Key {
            arn: "arn:aws:kms:eu-west-1:111122223333:key/k".into(),
            state: "Enabled".into(),
        })),
        ..bare()
    }
}

pub fn source(facts: &mut TableFacts) -> &mut Table {
    facts.source.as_mut().unwrap()
}

pub fn backup() -> Backup {
    let table = table();
    Backup {
        arn: BACKUP.into(),
        name: "nightly".into(),
        state: "AVAILABLE".into(),
        kind: "SYSTEM".into(),
        taken_at: at("2026-03-09T00:00:00Z"),
        expires_at: None,
        bytes: 1 << 30,
        table: "orders".into(),
        table_arn: ARN.into(),
        capacity: table.capacity,
        keys: table.keys,
        indexes: Some(table.indexes),
        stream: Some("KEYS_ONLY".into()),
        ttl: Some("expires_at".into()),
        kms_key: None,
    }
}

/// The same restored from a backup.
pub fn from_backup() -> TableFacts {
    TableFacts {
        backup: Some(backup()),
        ..facts()
    }
}

/// A table that was deleted, of which there is a backup.
pub fn deleted() -> TableFacts {
    let gone = || "the table is gone".to_owned();
    TableFacts {
        source: None,
        backup: Some(backup()),
        recovery: Fact::Unknown(gone()),
        tags: Fact::Unknown(gone()),
        ttl: Fact::Unknown(gone()),
        policy: Fact::Unknown(gone()),
        scaling: Fact::Unknown(gone()),
        kinesis: Fact::Unknown(gone()),
        insights: Fact::Unknown(gone()),
        triggers: Fact::Unknown(gone()),
        key: None,
        ..bare()
    }
}

/// A table that was deleted, with a file of its settings.
pub fn deleted_and_saved() -> TableFacts {
    let mut gone = deleted();
    SavedTable::of(facts(), table()).give_to(&mut gone);
    gone
}

/// Choices with the subject and, for a window, the second; a value of `-` leaves one out.
pub fn choices(facts: &TableFacts, pairs: &[(&str, &str)]) -> Choices {
    let always: &[(&str, &str)] = if facts.backup.is_some() {
        &[("backup", BACKUP)]
    } else {
        &[("table", "orders"), ("at", AT)]
    };
    let all: BTreeMap<&str, &str> = always.iter().chain(pairs).copied().collect();
    let mut choices = Choices::default();
    for (name, value) in all.into_iter().filter(|(_, value)| *value != "-") {
        choices.set(name, value);
    }
    choices
}

pub fn try_plan(facts: &TableFacts, pairs: &[(&str, &str)]) -> Result<Plan, FlowError> {
    DynamodbRestore.plan(facts, &choices(facts, pairs))
}

pub fn plan(facts: &TableFacts, pairs: &[(&str, &str)]) -> Plan {
    try_plan(facts, pairs).unwrap()
}

pub fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

pub fn step<'a>(plan: &'a Plan, id: &str) -> &'a Step {
    let found = plan.step(&id.into());
    found.unwrap_or_else(|| panic!("no step {id} in {:?}", ids(plan)))
}

pub fn input<'a>(plan: &'a Plan, id: &str) -> &'a Value {
    &step(plan, id).call.as_ref().unwrap().input
}

pub fn checks(facts: &TableFacts, pairs: &[(&str, &str)]) -> Vec<Check> {
    DynamodbRestore.preflight(facts, &choices(facts, pairs))
}

/// The one check of a name, with what it found and advises as one text.
pub fn told(facts: &TableFacts, pairs: &[(&str, &str)], name: &str) -> (Verdict, String) {
    let all = checks(facts, pairs);
    let mut named = all.iter().filter(|check| check.name == name);
    let (Some(check), None) = (named.next(), named.next()) else {
        panic!("not one {name} in {all:#?}");
    };
    let advice = check.advice.clone().unwrap_or_default();
    (check.verdict, format!("{}: {advice}", check.found))
}
