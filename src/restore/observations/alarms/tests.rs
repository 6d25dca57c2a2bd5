//! What is read of alarms, from documents that are written here.
//! The recorder turns them into what `CloudWatch` speaks.

use serde_json::{Value, json};

use super::{Named, alarms, named};
use crate::domain::alarm::Composite;
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "DescribeAlarms";

fn dimensions(table: &str) -> Value {
    json!([{"Name": "TableName", "Value": table}, {"Name": "Operation", "Value": "Query"}])
}

/// Alarms about two tables, one of Application Auto Scaling, and two over alarms.
fn answer() -> Value {
    let plain = |name: &str, table: &str| {
        json!({"AlarmName": name, "MetricName": "SystemErrors", "Namespace": "AWS/DynamoDB",
            "Dimensions": dimensions(table), "Period": 60, "EvaluationPeriods": 3, "Threshold": 5.0,
            "Statistic": "Sum", "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": ["arn:b", "arn:a"], "OKActions": [], "StateValue": "OK"})
    };
    let mut muted = plain("by-hand", "orders");
    muted["ActionsEnabled"] = json!(false);
    muted["EvaluationWindow"] = json!({"WallClockWindow": {}});
    let share = json!({"AlarmName": "share", "EvaluationPeriods": 1, "Threshold": 0.5,
    "ActionsEnabled": true, "EvaluationWindow": {"SlidingWindow": {}}, "Metrics": [
        {"Id": "share", "Expression": "failed/asked", "ReturnData": true},
        {"Id": "failed", "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": {
            "Namespace": "Shop", "MetricName": "Failed", "Dimensions": dimensions("orders")}}},
    ]});
    let rule = |name: &str, rule: &str| json!({"AlarmName": name, "AlarmRule": rule});
    let mut muted_by = rule("muted-by", "ALARM(others)");
    muted_by["ActionsSuppressor"] =
        json!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:by-hand");
    json!({
        "MetricAlarms": [
            share, muted, plain("others", "orders-old"),
            plain("TargetTracking-table/orders-AlarmHigh-1", "orders"),
        ],
        "CompositeAlarms": [
            rule("shop", "ALARM(\"share\") OR ALARM(others)"), rule("else", "ALARM(others)"), muted_by,
            rule("scaling", "ALARM(TargetTracking-table/orders-AlarmHigh-1)"), rule("over", "OK(shop)"),
            rule("never", "FALSE"), rule("like", "ALARM(shared) AND NOT ALARM(by-hand-2)"),
        ],
    })
}

fn recorder() -> Recorder {
    Recorder::default().answers(READ, &answer().to_string())
}

#[tokio::test]
async fn the_alarms_of_a_table_are_those_whose_metrics_are_of_it() {
    let recorder = recorder();
    let found = alarms(&context(&recorder).clients, "orders").await.unwrap();
    let told = found.metric.iter().map(|one| (one.name.as_str(), one.acts));
    assert!(told.eq([("by-hand", false), ("share", true)]), "{found:?}");
    let beyond = found.metric.iter().map(|one| one.beyond.as_deref());
    assert!(beyond.eq([Some("EvaluationWindow"), None]));
    let by_hand = json!({"MetricName": "SystemErrors", "Namespace": "AWS/DynamoDB", "Statistic": "Sum",
        "Dimensions": [{"Name": "Operation", "Value": "Query"}, {"Name": "TableName", "Value": "orders"}],
        "Period": 60, "EvaluationPeriods": 3, "Threshold": 5.0, "AlarmActions": ["arn:a", "arn:b"],
        "ComparisonOperator": "GreaterThanThreshold"});
    assert_eq!(found.metric[0].settings, by_hand);
    assert_eq!(found.metric[1].settings["Metrics"][0]["Id"], "failed");
    // Of an alarm that goes by none of them nothing is kept.
    let by = |name: &str, goes_by: &str| Composite {
        name: name.into(),
        goes_by: vec![goes_by.into()],
    };
    assert_eq!(
        found.composite,
        [by("muted-by", "by-hand"), by("shop", "share")]
    );
    let sent: Value = serde_json::from_str(&recorder.sent()[0].body).unwrap();
    let wanted = json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100});
    assert_eq!(sent, wanted);
}

#[tokio::test]
async fn what_has_a_name_is_told_whatever_kind_it_is() {
    let recorder = recorder();
    let names = ["share", "shop", "free"].map(str::to_owned);
    let found = named(&context(&recorder).clients, &names).await.unwrap();
    assert!(matches!(&found[0], Named::Metric(alarm) if alarm.name == "share"));
    assert_eq!(found[1..], [Named::Composite("shop".into())]);
    let none = named(&context(&recorder).clients, &[]).await.unwrap();
    assert_eq!((none, recorder.sent().len()), (Vec::new(), 1));
}

#[tokio::test]
async fn alarms_that_may_not_be_read_are_not_taken_for_none() {
    let refused = Recorder::default().refuses(READ, "AccessDenied");
    let failed = alarms(&context(&refused).clients, "orders").await;
    assert_eq!(failed.unwrap_err().code.as_deref(), Some("AccessDenied"));
}
