//! What the operations of Application Auto Scaling make of what they find. AWS answers by documents that are written
//! here.

use serde_json::{Value, json};

use super::{PutPolicy, PutScheduledAction, RegisterTarget};
use crate::domain::dynamodb::{ScalableTarget, ScalingPolicy};
use crate::domain::failure::{Effect, FailureClass};
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::{Recorder, context};
use crate::restore::operations::sent::samples::tables::{action, tracking};

const RESOURCE: &str = "table/orders";
const DIMENSION: &str = "dynamodb:table:ReadCapacityUnits";

/// An answer with one thing in a list, which has what everything here has.
fn found(call: &str, list: &str, mut thing: Value) -> Recorder {
    for (name, value) in [
        ("ServiceNamespace", "dynamodb"),
        ("ResourceId", RESOURCE),
        ("ScalableDimension", DIMENSION),
        ("RoleARN", "arn:r"),
        ("PolicyARN", "arn:p"),
        ("PolicyType", "TargetTrackingScaling"),
        ("ScheduledActionARN", "arn:a"),
    ] {
        thing[name] = json!(value);
    }
    thing["CreationTime"] = json!(1_773_000_000);
    Recorder::default().answers(call, &json!({ list: [thing] }).to_string())
}

fn target(found_max: i32, suspended: bool) -> Recorder {
    let state = json!({"DynamicScalingInSuspended": suspended});
    let target = json!({"MinCapacity": 5, "MaxCapacity": found_max, "SuspendedState": state});
    found("DescribeScalableTargets", "ScalableTargets", target)
}

async fn is(recorder: Recorder, operation: &dyn AnyOperation) -> &'static str {
    match recorder.probe(operation).await {
        Probe::Present { .. } => "present",
        Probe::Absent { .. } => "absent",
        Probe::Conflict(_) => "conflict",
        Probe::InProgress { .. } => "in progress",
        Probe::Failed(_) => "failed",
    }
}

#[tokio::test]
async fn a_target_is_there_with_its_bounds_or_it_is_somebody_elses() {
    let register = RegisterTarget {
        table: "orders".into(),
        target: ScalableTarget {
            resource: RESOURCE.into(),
            dimension: DIMENSION.into(),
            min: 5,
            max: 500,
            suspended: [false; 3],
            role: "arn:another".into(),
        },
    };
    assert_eq!(is(target(500, false), &register).await, "present");
    assert_eq!(is(target(400, false), &register).await, "conflict");
    assert_eq!(is(target(500, true), &register).await, "conflict");
    assert_eq!(is(Recorder::default(), &register).await, "absent");
    let writes = RegisterTarget {
        target: ScalableTarget {
            dimension: "dynamodb:table:WriteCapacityUnits".into(),
            ..register.target.clone()
        },
        ..register
    };
    assert_eq!(is(target(500, false), &writes).await, "absent");
}

#[tokio::test]
async fn a_rule_is_there_once_it_says_the_same() {
    let put = |configuration| PutPolicy {
        table: "orders".into(),
        policy: ScalingPolicy {
            name: "reads".into(),
            resource: RESOURCE.into(),
            dimension: DIMENSION.into(),
            configuration,
        },
    };
    let there = |name: &str, mut rule: Value| {
        rule["PolicyName"] = json!(name);
        found("DescribeScalingPolicies", "ScalingPolicies", rule)
    };
    let rule = put(tracking());
    assert_eq!(is(there("reads", tracking()), &rule).await, "present");
    assert_eq!(is(there("other", tracking()), &rule).await, "absent");
    let mut higher = tracking();
    higher["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] = json!(71.5);
    assert_eq!(is(there("reads", higher), &rule).await, "conflict");
    assert_eq!(is(Recorder::default(), &rule).await, "absent");
}

#[tokio::test]
async fn a_rule_of_another_kind_is_not_sent() {
    let recorder = Recorder::default();
    for configuration in [json!({}), json!({"StepScalingPolicyConfiguration": {}})] {
        let put = PutPolicy {
            table: "orders".into(),
            policy: ScalingPolicy {
                name: "reads".into(),
                resource: RESOURCE.into(),
                dimension: DIMENSION.into(),
                configuration,
            },
        };
        let operation: &dyn AnyOperation = &put;
        let refused = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(refused.class, FailureClass::Refused);
        assert_eq!(refused.effect, Effect::None);
    }
    assert!(recorder.sent().is_empty());
}

#[tokio::test]
async fn a_scheduled_action_is_compared_in_whole_seconds() {
    let there = |start: f64| {
        let action = json!({
            "ScheduledActionName": "evening",
            "Schedule": "cron(0 18 * * ? *)",
            "Timezone": "Europe/Berlin",
            "StartTime": start,
            "EndTime": 1_804_687_499,
            "ScalableTargetAction": {"MinCapacity": 50, "MaxCapacity": 900},
        });
        found("DescribeScheduledActions", "ScheduledActions", action)
    };
    let put = PutScheduledAction {
        table: "orders".into(),
        action: action(true),
    };
    let start = action(true).start.unwrap().as_second();
    let end = action(true).end.unwrap().as_second();
    assert_eq!(end, 1_804_687_499);
    let start = i32::try_from(start).map(f64::from).unwrap();
    assert_eq!(is(there(start), &put).await, "present");
    assert_eq!(is(there(start + 60.0), &put).await, "conflict");
    assert_eq!(is(Recorder::default(), &put).await, "absent");
}
