//! What scales a table, as it is read out of answers.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::{TRACKING, scaling, tracking, typed};
use crate::restore::operations::recorder::{Recorder, context};
use crate::restore::operations::sent::samples::tables;

fn target(resource: &str, dimension: &str) -> Value {
    json!({"ServiceNamespace": "dynamodb", "ResourceId": resource,
        "ScalableDimension": dimension, "MinCapacity": 5, "MaxCapacity": 500,
        "RoleARN": "arn:r", "CreationTime": 1_773_000_000,
        "SuspendedState": {"ScheduledScalingSuspended": true}})
}

#[tokio::test]
async fn rules_and_times_are_asked_for_of_what_is_scaled() {
    let (table, index) = ("table/orders", "table/orders/index/by-customer");
    let targets = [
        target(table, "dynamodb:table:WriteCapacityUnits"),
        target(table, "dynamodb:table:ReadCapacityUnits"),
    ];
    let targets = json!({ "ScalableTargets": targets });
    let recorder = Recorder::default().answers("DescribeScalableTargets", &targets.to_string());
    let cx = context(&recorder);
    let names = ["by-customer".to_owned()];
    let found = scaling(&cx.clients, "orders", &names).await.unwrap();
    let dimensions: Vec<&str> = found
        .targets
        .iter()
        .map(|target| target.dimension.as_str())
        .collect();
    assert_eq!(
        dimensions,
        [
            "dynamodb:table:ReadCapacityUnits",
            "dynamodb:table:WriteCapacityUnits"
        ]
    );
    assert_eq!(found.targets[0].suspended, [false, false, true]);
    let sent = recorder.sent();
    let asked: Vec<(String, Value)> = sent
        .into_iter()
        .map(|sent| (sent.action, serde_json::from_str(&sent.body).unwrap()))
        .collect();
    let calls: Vec<&str> = asked.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(
        calls,
        [
            "DescribeScalableTargets",
            "DescribeScalingPolicies",
            "DescribeScheduledActions"
        ]
    );
    assert_eq!(asked[0].1["ResourceIds"], json!([table, index]));
    assert_eq!(asked[1].1["ResourceId"], json!(table));
}

#[test]
fn a_rule_is_the_same_there_and_back() {
    let rule = tables::tracking();
    let there = typed(&rule).unwrap();
    assert_eq!(tracking::configuration(Some(&there)), rule);
    let mut new = rule;
    new[TRACKING]["SomethingNew"] = json!(1);
    assert!(typed(&new).is_none(), "it would be left out unseen");
}
