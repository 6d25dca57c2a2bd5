//! What putting an alarm makes of what has its name.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::PutAlarm;
use crate::domain::alarm::Alarm;
use crate::domain::failure::{Effect, FailureClass};
use crate::restore::operation::{AnyOperation, Context, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "DescribeAlarms";
const CALL: &str = "PutMetricAlarm";

fn settings() -> Value {
    json!({"MetricName": "SystemErrors", "Namespace": "AWS/DynamoDB", "Period": 60, "Threshold": 5.0,
        "Dimensions": [{"Name": "TableName", "Value": "orders-2"}], "EvaluationPeriods": 3,
        "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum"})
}

fn put() -> PutAlarm {
    PutAlarm {
        table: "orders-2".into(),
        alarm: Alarm {
            name: "orders-2-errors".into(),
            acts: true,
            settings: settings(),
            beyond: None,
        },
    }
}

/// An alarm of that name, otherwise in one thing.
fn found(change: impl FnOnce(&mut Value)) -> Recorder {
    let mut alarm = settings();
    alarm["AlarmName"] = json!("orders-2-errors");
    alarm["ActionsEnabled"] = json!(false);
    change(&mut alarm);
    let answer = json!({"MetricAlarms": [alarm]});
    Recorder::default().answers(READ, &answer.to_string())
}

fn sent(recorder: &Recorder) -> Context {
    Context {
        sent_at: Some("2026-03-10T14:20:00Z".parse().unwrap()),
        ..context(recorder)
    }
}

#[tokio::test]
async fn a_free_name_is_absent_and_what_was_put_is_there_and_nobody_elses() {
    let none = Recorder::default().answers(READ, "{}");
    let probe = none.probe(&put()).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    let asked: Value = serde_json::from_str(&none.sent()[0].body).unwrap();
    assert_eq!(asked["AlarmNames"], json!(["orders-2-errors"]));
    let muted = found(|_| {});
    let operation: &dyn AnyOperation = &put();
    let probe = operation.probe(&sent(&muted)).await.unwrap();
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    let probe = muted.probe(&put()).await;
    assert!(
        matches!(probe, Probe::Conflict(_)),
        "a stranger's: {probe:?}"
    );
}

#[tokio::test]
async fn what_has_the_name_and_is_not_as_wanted_is_left_as_it_is() {
    type Change = fn(&mut Value);
    let others: [Change; 4] = [
        |alarm| alarm["Threshold"] = json!(6.0),
        |alarm| alarm["Dimensions"][0]["Value"] = json!("orders"),
        |alarm| alarm["AlarmActions"] = json!(["arn:a"]),
        |alarm| alarm["ActionsEnabled"] = json!(true),
    ];
    for change in others {
        let probe = found(change).probe(&put()).await;
        assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    }
    let composite =
        json!({"CompositeAlarms": [{"AlarmName": "orders-2-errors", "AlarmRule": "TRUE"}]});
    let recorder = Recorder::default().answers(READ, &composite.to_string());
    let probe = recorder.probe(&put()).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn what_was_put_and_enabled_since_is_still_ours_and_what_was_changed_is_not() {
    let operation: &dyn AnyOperation = &put();
    let acting = found(|alarm| alarm["ActionsEnabled"] = json!(true));
    let lost = Context {
        lost: true,
        ..context(&acting)
    };
    for cx in [sent(&acting), lost] {
        let probe = operation.probe(&cx).await.unwrap();
        assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    }
    let changed = found(|alarm| alarm["Period"] = json!(300));
    let probe = operation.probe(&sent(&changed)).await.unwrap();
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn nothing_is_put_that_says_less_than_the_old_one() {
    let mut unknown = put();
    unknown.alarm.settings["Sounds"] = json!("loud");
    let mut beyond = put();
    beyond.alarm.beyond = Some("EvaluationWindow".into());
    for operation in [unknown, beyond] {
        let recorder = Recorder::default();
        let operation: &dyn AnyOperation = &operation;
        let failure = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.effect),
            (FailureClass::Refused, Effect::None)
        );
        assert!(recorder.sent().is_empty());
    }
}

#[tokio::test]
async fn a_quota_and_a_refusal_are_known_by_their_codes() {
    for (code, class) in [
        ("LimitExceeded", FailureClass::Quota),
        ("AccessDenied", FailureClass::Denied),
        ("Throttling", FailureClass::Throttled),
        ("ValidationError", FailureClass::Validation),
    ] {
        let recorder = Recorder::default().refuses(CALL, code);
        let operation: &dyn AnyOperation = &put();
        let failure = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.effect),
            (class, Effect::None),
            "{code}"
        );
    }
}
