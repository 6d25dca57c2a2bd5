//! Mappings as Lambda tells them: over several pages, with everything and with nothing.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::{mapping, triggers};
use crate::domain::trigger::{Reading, Trigger};
use crate::restore::operations::recorder::{Recorder, context};

const LIST: &str = "GET /2015-03-31/event-source-mappings";
const STREAM: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026";

fn function(name: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}")
}

fn full() -> Value {
    json!({
        "UUID": "u-1",
        "State": "Enabled",
        "StartingPosition": "TRIM_HORIZON",
        "FunctionArn": function("fulfil"),
        "EventSourceArn": STREAM,
        "BatchSize": 50,
        "MaximumBatchingWindowInSeconds": 5,
        "ParallelizationFactor": 2,
        "TumblingWindowInSeconds": 30,
        "FilterCriteria": {"Filters": [{"Pattern": "{\"eventName\":[\"INSERT\"]}"}]},
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": "arn:aws:sqs:q"}},
        "MaximumRecordAgeInSeconds": 3600,
        "MaximumRetryAttempts": 4,
        "BisectBatchOnFunctionError": true,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MetricsConfig": {"Metrics": ["EventCount"]},
    })
}

fn read() -> Trigger {
    Trigger {
        mapping: "u-1".into(),
        state: "Enabled".into(),
        position: Some("TRIM_HORIZON".into()),
        hidden: None,
        reading: Reading {
            function: function("fulfil"),
            batch_size: Some(50),
            window: Some(5),
            parallel: Some(2),
            tumbling: Some(30),
            filters: vec![r#"{"eventName":["INSERT"]}"#.into()],
            kms_key: None,
            failures_to: Some("arn:aws:sqs:q".into()),
            max_age: Some(3600),
            retries: Some(4),
            bisect: Some(true),
            answers: vec!["ReportBatchItemFailures".into()],
            metrics: vec!["EventCount".into()],
        },
    }
}

#[tokio::test]
async fn every_field_is_read_and_every_page() {
    let least = json!({"UUID": "u-2", "State": "Disabled", "FunctionArn": function("audit"),
        "DestinationConfig": {"OnFailure": {}}});
    let first = json!({"EventSourceMappings": [full()], "NextMarker": "m-2"});
    let second = json!({"EventSourceMappings": [least]});
    let recorder = Recorder::default()
        .answers(LIST, &first.to_string())
        .answers(&format!("{LIST}?m-2"), &second.to_string());
    let all = triggers(&context(&recorder).clients, STREAM).await.unwrap();
    let audit = Trigger {
        mapping: "u-2".into(),
        state: "Disabled".into(),
        position: None,
        hidden: None,
        reading: Reading {
            function: function("audit"),
            ..Reading::default()
        },
    };
    assert_eq!(all, [audit, read()], "by function");
}

#[tokio::test]
async fn encrypted_filters_are_asked_for_one_by_one() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let mut listed = full();
    listed["KMSKeyArn"] = json!(key);
    listed.as_object_mut().unwrap().remove("FilterCriteria");
    let mut told = full();
    told["KMSKeyArn"] = json!(key);
    let list = json!({"EventSourceMappings": [listed.clone()]});
    let recorder = Recorder::default().answers(LIST, &list.to_string());
    let one = format!("{LIST}/u-1");
    let open = recorder.clone().answers(&one, &told.to_string());
    let all = triggers(&context(&open).clients, STREAM).await.unwrap();
    assert_eq!(all[0].reading.filters, read().reading.filters);
    assert_eq!(all[0].reading.kms_key.as_deref(), Some(key));
    listed["FilterCriteriaError"] = json!({"ErrorCode": "KMSAccessDenied", "Message": "no"});
    let shut = recorder.answers(&one, &listed.to_string());
    let all = triggers(&context(&shut).clients, STREAM).await.unwrap();
    let why = all[0].hidden.as_ref().map(|why| why.raw().to_owned());
    assert_eq!(why.as_deref(), Some("KMSAccessDenied: no"));
}

#[tokio::test]
async fn a_mapping_that_is_not_there_is_none_and_no_failure() {
    let one = format!("{LIST}/u-1");
    let gone = Recorder::default().refuses(&one, "ResourceNotFoundException");
    let found = mapping(&context(&gone).clients, "u-1").await.unwrap();
    assert_eq!(found, None);
    let denied = Recorder::default().refuses(&one, "AccessDeniedException");
    assert!(mapping(&context(&denied).clients, "u-1").await.is_err());
    let there = Recorder::default().answers(&one, &full().to_string());
    let found = mapping(&context(&there).clients, "u-1").await.unwrap();
    assert_eq!(found, Some(read()));
}
