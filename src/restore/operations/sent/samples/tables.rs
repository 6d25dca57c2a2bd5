//! Samples of the operations on tables, what scales them, and the parameter that names one.
//! Of what takes overrides there is one with each, and one without any.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::hostile_tags;
use crate::domain::alarm::Alarm;
use crate::domain::dynamodb::{
    Capacity, Destination, Index, Insights, Key, Overrides, ScalableTarget, ScalingPolicy,
    ScheduledAction, Wanted,
};
use crate::domain::plan::Ref;
use crate::restore::operation::AnyOperation;
use crate::restore::operations::application_autoscaling::{
    PutPolicy, PutScheduledAction, RegisterTarget,
};
use crate::restore::operations::cloudwatch_actions::{MuteAlarms, UnmuteAlarms};
use crate::restore::operations::cloudwatch_alarm::PutAlarm;
use crate::restore::operations::dynamodb_active::{MarkActive, UnmarkActive};
use crate::restore::operations::dynamodb_alike::TableIsAlike;
use crate::restore::operations::dynamodb_count::CountExpired;
use crate::restore::operations::dynamodb_fill::FillTable;
use crate::restore::operations::dynamodb_insights::EnableContributorInsights;
use crate::restore::operations::dynamodb_kinesis::EnableKinesisDestination;
use crate::restore::operations::dynamodb_policy::{NO_POLICY, RemovePolicy, SetPolicy};
use crate::restore::operations::dynamodb_ready::TableIsReady;
use crate::restore::operations::dynamodb_recovery::SetRecovery;
use crate::restore::operations::dynamodb_restore::{RestoreFromBackup, RestoreToPointInTime};
use crate::restore::operations::dynamodb_tags::TagTable;
use crate::restore::operations::dynamodb_ttl::EnableTimeToLive;
use crate::restore::operations::dynamodb_update::{
    AddReplica, EnableStream, SetCapacity, SetDeletionProtection, SetTableClass,
};
use crate::restore::operations::ec2_tags::TagValue;
use crate::restore::operations::recorder::Recorder;
use crate::restore::operations::ssm_parameter::SetParameter;
use crate::restore::reconcile::exported::Part;

const ARN: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

pub(super) fn all() -> Vec<Box<dyn AnyOperation>> {
    let mut all = restores();
    all.extend(settings());
    all.extend(updates());
    all.extend(outlets());
    all.extend(alarms());
    all.extend(policies());
    all.extend(scaling());
    all.extend(reads());
    all.push(Box::new(fill()));
    all
}

/// Keys that only one table has, as an export tells them.
const KEYS: &str = r#"{"key":{"customer":{"S":"a"},"at":{"N":"1"}},"what":"only-old"}
{"key":{"customer":{"S":"a"},"at":{"N":"2"}},"what":"only-old"}
"#;

/// Answers with their items, which are in the table that they are read from.
pub(in crate::restore) fn items() -> Recorder {
    let item = |at: &str| json!({"customer": {"S": "a"}, "at": {"N": at}, "more": {"BOOL": true}});
    let answer = json!({"Responses": {"orders": [item("1"), item("2")]}});
    Recorder::default().answers("BatchGetItem", &answer.to_string())
}

/// Puts the items of a file of keys, which a test may write as often as it likes: it is always the same.
fn fill() -> FillTable {
    let path = std::env::temp_dir().join(format!("defib-sample-{}.jsonl", std::process::id()));
    std::fs::write(&path, KEYS).unwrap();
    FillTable {
        table: "orders-back".into(),
        table_id: "T-1".into(),
        from_id: "T-1".into(),
        from: "orders".into(),
        keys: vec!["customer".into(), "at".into()],
        part: Part {
            file: path.to_str().unwrap().to_owned(),
            at: 0,
            bytes: KEYS.len() as u64,
            digest: HEXLOWER.encode(&Sha256::digest(KEYS)),
            items: 2,
            units: 4,
        },
        rate: 1_000,
    }
}

fn provisioned(read: i64, write: i64) -> Capacity {
    Capacity {
        on_demand: false,
        read,
        write,
        max_read: None,
        max_write: None,
    }
}

fn on_demand(max_read: Option<i64>) -> Capacity {
    Capacity {
        on_demand: true,
        read: 0,
        write: 0,
        max_read,
        max_write: max_read,
    }
}

fn index(name: &str, capacity: Option<Capacity>) -> Index {
    let key = |attribute: &str, kind: &str| Key {
        attribute: attribute.into(),
        kind: kind.into(),
        scalar: "S".into(),
    };
    Index {
        name: name.into(),
        local: capacity.is_none(),
        keys: vec![key("customer", "HASH"), key("at", "RANGE")],
        projection: "INCLUDE".into(),
        included: vec!["total".into(), "state".into()],
        capacity,
        status: "ACTIVE".into(),
    }
}

/// With every override there is; or without any.
fn overrides(capacity: Option<Capacity>) -> Overrides {
    let Some(capacity) = capacity else {
        return Overrides::default();
    };
    Overrides {
        on_demand: Some(capacity.on_demand),
        indexes: Some(vec![index("by-customer", Some(capacity.clone()))]),
        capacity: Some(capacity),
        local_indexes: Some(vec![index("by-day", None)]),
        kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/k".into()),
    }
}

fn restores() -> Vec<Box<dyn AnyOperation>> {
    let to_point = |overrides| RestoreToPointInTime {
        source: "orders".into(),
        source_arn: ARN.into(),
        at: "2026-03-10T14:04:59Z".parse().unwrap(),
        target: "orders-20260310-140459".into(),
        overrides,
        by_arn: false,
    };
    let by_arn = RestoreToPointInTime {
        by_arn: true,
        ..to_point(overrides(None))
    };
    let from_backup = |overrides| RestoreFromBackup {
        backup: format!("{ARN}/backup/01"),
        target: "orders-20260310-140459".into(),
        overrides,
    };
    let without_indexes = Overrides {
        indexes: Some(Vec::new()),
        local_indexes: Some(Vec::new()),
        ..Overrides::default()
    };
    vec![
        Box::new(to_point(overrides(None))),
        Box::new(to_point(overrides(Some(provisioned(100, 20))))),
        Box::new(to_point(overrides(Some(on_demand(Some(500)))))),
        Box::new(to_point(overrides(Some(on_demand(None))))),
        Box::new(to_point(without_indexes)),
        Box::new(by_arn),
        Box::new(from_backup(overrides(None))),
        Box::new(from_backup(overrides(Some(provisioned(100, 20))))),
    ]
}

fn settings() -> Vec<Box<dyn AnyOperation>> {
    let mut tags: BTreeMap<String, TagValue> = hostile_tags()
        .into_iter()
        .map(|(key, value)| (key.raw().to_owned(), TagValue::Text(value)))
        .collect();
    tags.insert("defib:run".into(), TagValue::Run);
    vec![
        Box::new(SetRecovery {
            table: "orders".into(),
            days: 7,
        }),
        Box::new(TagTable {
            table: "orders".into(),
            arn: ARN.into(),
            tags,
        }),
        Box::new(MarkActive {
            table: "orders".into(),
            arn: ARN.into(),
            instead_of: Some("another".into()),
        }),
        Box::new(UnmarkActive {
            table: "orders".into(),
            arn: ARN.into(),
        }),
        Box::new(EnableTimeToLive {
            table: "orders".into(),
            attribute: "expires_at".into(),
        }),
        Box::new(SetParameter {
            parameter: "/acme/shop/orders-table".into(),
            value: Ref::Known("orders-20260310-140459".into()),
            instead_of: Ref::Known("orders".into()),
        }),
    ]
}

fn updates() -> Vec<Box<dyn AnyOperation>> {
    let capacity = |capacity: Capacity, indexes: &[&str]| SetCapacity {
        table: "orders".into(),
        indexes: indexes
            .iter()
            .map(|name| ((*name).to_owned(), capacity.clone()))
            .collect(),
        capacity,
    };
    vec![
        Box::new(SetDeletionProtection {
            table: "orders".into(),
            on: true,
        }),
        Box::new(SetTableClass {
            table: "orders".into(),
            class: "STANDARD_INFREQUENT_ACCESS".into(),
        }),
        Box::new(capacity(provisioned(100, 20), &["by-customer", "by-day"])),
        Box::new(capacity(provisioned(1, 1), &[])),
        Box::new(capacity(on_demand(Some(500)), &["by-customer"])),
        Box::new(capacity(on_demand(None), &[])),
        Box::new(EnableStream {
            table: "orders".into(),
            view: "NEW_AND_OLD_IMAGES".into(),
        }),
        Box::new(AddReplica {
            table: "orders".into(),
            region: "us-east-1".into(),
        }),
    ]
}

/// Where what happens to a table goes to.
fn outlets() -> Vec<Box<dyn AnyOperation>> {
    let to = |precision: Option<&str>| EnableKinesisDestination {
        table: "orders".into(),
        destination: Destination {
            stream: "arn:aws:kinesis:eu-west-1:111122223333:stream/changes".into(),
            precision: precision.map(str::to_owned),
        },
    };
    let of = |index: Option<&str>, mode: Option<&str>| EnableContributorInsights {
        table: "orders".into(),
        insights: Insights {
            index: index.map(str::to_owned),
            mode: mode.map(str::to_owned),
        },
    };
    vec![
        Box::new(to(Some("MICROSECOND"))),
        Box::new(to(None)),
        Box::new(of(Some("by-customer"), Some("THROTTLED_KEYS"))),
        Box::new(of(None, None)),
    ]
}

/// An alarm on a metric with everything that one can have, one on an expression, and their actions.
fn alarms() -> Vec<Box<dyn AnyOperation>> {
    let names = || vec!["orders-slow".to_owned(), "orders-share".to_owned()];
    let put = |name: &str, settings: Value| PutAlarm {
        table: "orders".into(),
        alarm: Alarm {
            name: name.into(),
            acts: true,
            settings,
            beyond: None,
        },
    };
    vec![
        Box::new(put("orders-slow", plain_alarm())),
        Box::new(put("orders-share", reckoning_alarm())),
        Box::new(UnmuteAlarms {
            table: "orders".into(),
            alarms: names(),
        }),
        Box::new(MuteAlarms {
            table: "orders".into(),
            alarms: names(),
        }),
    ]
}

fn plain_alarm() -> Value {
    json!({
        "AlarmDescription": "it's \"slow\"",
        "OKActions": ["arn:aws:sns:eu-west-1:111122223333:ok"],
        "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:oncall"],
        "InsufficientDataActions": ["arn:aws:sns:eu-west-1:111122223333:quiet"],
        "MetricName": "SuccessfulRequestLatency",
        "Namespace": "AWS/DynamoDB",
        "ExtendedStatistic": "p99",
        "Dimensions": [
            {"Name": "Operation", "Value": "Query"},
            {"Name": "TableName", "Value": "orders"},
        ],
        "Period": 60,
        "Unit": "Milliseconds",
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
        "Threshold": 25.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "ignore",
    })
}

fn reckoning_alarm() -> Value {
    let metric = |name: &str| {
        json!({
            "Namespace": "Shop",
            "MetricName": name,
            "Dimensions": [{"Name": "TableName", "Value": "orders"}],
        })
    };
    let query = |id: &str, name: &str| {
        json!({
            "Id": id,
            "MetricStat": {"Metric": metric(name), "Period": 300, "Stat": "Sum", "Unit": "Count"},
            "ReturnData": true,
            "AccountId": "111122223333",
        })
    };
    json!({
        "EvaluationPeriods": 2,
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "ThresholdMetricId": "band",
        "Metrics": [
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m)", "Label": "usual", "Period": 300},
            query("m", "Orders"),
        ],
    })
}

fn policies() -> Vec<Box<dyn AnyOperation>> {
    let policy = r#"{"Statement":[{"Effect":"Deny","Sid":"a\"b"}],"Version":"2012-10-17"}"#;
    let set = |before: Option<&str>, revision: &str| SetPolicy {
        table: "orders".into(),
        arn: ARN.into(),
        policy: policy.into(),
        instead_of: before.map(Into::into),
        revision: Ref::Known(revision.into()),
    };
    vec![
        Box::new(set(None, NO_POLICY)),
        Box::new(set(Some("{}"), "1709")),
        Box::new(RemovePolicy {
            table: "orders".into(),
            arn: ARN.into(),
            policy: policy.into(),
            revision: Ref::Known("1709".into()),
        }),
    ]
}

pub(in crate::restore) fn tracking() -> Value {
    json!({"TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "DynamoDBReadCapacityUtilization",
            "ResourceLabel": "a",
        },
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 0,
        "DisableScaleIn": false,
    }})
}

/// A rule on a metric of one's own, and on one that is computed.
fn customized() -> [Value; 2] {
    let dimensions = json!([{"Name": "TableName", "Value": "orders"}]);
    let plain = json!({"TargetValue": 0.5, "CustomizedMetricSpecification": {
        "MetricName": "Reads",
        "Namespace": "acme",
        "Dimensions": dimensions,
        "Statistic": "Average",
        "Unit": "Percent",
    }});
    let metric = json!({"MetricName": "Reads", "Namespace": "acme", "Dimensions": dimensions});
    let computed = json!({"TargetValue": 0.5, "CustomizedMetricSpecification": {"Metrics": [
        {"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum", "Unit": "Count"},
         "ReturnData": false},
        {"Id": "e", "Expression": "m / 60", "Label": "a second", "ReturnData": true},
    ]}});
    [plain, computed].map(|rule| json!({"TargetTrackingScalingPolicyConfiguration": rule}))
}

fn scaling() -> Vec<Box<dyn AnyOperation>> {
    let resource = || "table/orders".to_owned();
    let dimension = || "dynamodb:table:ReadCapacityUnits".to_owned();
    let target = |suspended| RegisterTarget {
        table: "orders".into(),
        target: ScalableTarget {
            resource: resource(),
            dimension: dimension(),
            min: 5,
            max: 500,
            suspended,
            role: "arn:aws:iam::111122223333:role/r".into(),
        },
    };
    let rule = |configuration| PutPolicy {
        table: "orders".into(),
        policy: ScalingPolicy {
            name: "reads".into(),
            resource: resource(),
            dimension: dimension(),
            configuration,
        },
    };
    let [plain, computed] = customized();
    vec![
        Box::new(target([false, false, false])),
        Box::new(target([true, false, true])),
        Box::new(rule(tracking())),
        Box::new(rule(plain)),
        Box::new(rule(computed)),
        Box::new(PutScheduledAction {
            table: "orders".into(),
            action: action(true),
        }),
        Box::new(PutScheduledAction {
            table: "orders".into(),
            action: action(false),
        }),
    ]
}

pub(in crate::restore) fn action(full: bool) -> ScheduledAction {
    ScheduledAction {
        name: "evening".into(),
        resource: "table/orders".into(),
        dimension: "dynamodb:table:ReadCapacityUnits".into(),
        schedule: "cron(0 18 * * ? *)".into(),
        timezone: full.then(|| "Europe/Berlin".into()),
        start: full.then(|| "2026-03-10T14:04:59.25Z".parse().unwrap()),
        end: full.then(|| "2027-03-10T14:04:59Z".parse().unwrap()),
        min: full.then_some(50),
        max: full.then_some(900),
    }
}

fn reads() -> Vec<Box<dyn AnyOperation>> {
    vec![
        Box::new(CountExpired {
            table: "orders".into(),
            attribute: "expires_at".into(),
            as_of: "2026-03-10T14:04:59Z".parse().unwrap(),
        }),
        Box::new(TableIsReady {
            table: Ref::Known("orders".into()),
        }),
        Box::new(TableIsAlike {
            table: "orders".into(),
            arn: ARN.into(),
            wanted: Wanted::default(),
        }),
    ]
}
