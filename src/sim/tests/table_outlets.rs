//! Where what happens to a table goes to: Kinesis streams, and Contributor Insights of it and of its indexes.
//! Neither is on at once, and neither comes back with a restore.

use aws_sdk_dynamodb::operation::enable_kinesis_streaming_destination::builders::EnableKinesisStreamingDestinationFluentBuilder;
use aws_sdk_dynamodb::operation::update_contributor_insights::builders::UpdateContributorInsightsFluentBuilder;
use aws_sdk_dynamodb::types::{
    ApproximateCreationDateTimePrecision, ContributorInsightsAction, ContributorInsightsMode,
    EnableKinesisStreamingConfiguration, KinesisDataStreamDestination,
};
use serde_json::{Value, json};

use super::support::{ACCOUNT, Bench, REGION, code, message};

const STREAM: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/changes";
const NOT_FOUND: &str = "ResourceNotFoundException";

fn bench() -> Bench {
    Bench::text(&format!(
        r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[place]]
account = "111122223333"
region = "eu-west-1"
[[place.table]]
name = "far"
pitr_since = "9d"
kinesis = [{{ stream = "{STREAM}", precision = "MICROSECOND" }}]
insights = [{{}}, {{ index = "by-day", mode = "THROTTLED_KEYS" }}]
[[place.table.index]]
name = "by-day"
keys = ["day S"]
[[place.table.index]]
name = "by-hour"
local = true
keys = ["hour S"]
[[place.table]]
name = "near"
[[place.table.index]]
name = "by-day"
keys = ["day S"]
"#
    ))
}

async fn streams(bench: &Bench, table: &str) -> Vec<KinesisDataStreamDestination> {
    let read = bench.dynamodb.describe_kinesis_streaming_destination();
    let told = read.table_name(table).send().await.unwrap();
    told.kinesis_data_stream_destinations.unwrap()
}

async fn stream_status(bench: &Bench, table: &str) -> String {
    let all = streams(bench, table).await;
    let status = all[0].destination_status();
    status.unwrap().as_str().to_owned()
}

fn enable(bench: &Bench, stream: &str) -> EnableKinesisStreamingDestinationFluentBuilder {
    let call = bench.dynamodb.enable_kinesis_streaming_destination();
    call.table_name("near").stream_arn(stream)
}

/// Status and mode.
async fn insights(bench: &Bench, table: &str, index: Option<&str>) -> (String, Option<String>) {
    let read = bench.dynamodb.describe_contributor_insights();
    let read = read.set_index_name(index.map(str::to_owned));
    let told = read.table_name(table).send().await.unwrap();
    let mode = told.contributor_insights_mode();
    let mode = mode.map(|mode| mode.as_str().to_owned());
    let status = told.contributor_insights_status().unwrap();
    (status.as_str().to_owned(), mode)
}

fn switch(bench: &Bench, on: bool) -> UpdateContributorInsightsFluentBuilder {
    let call = bench.dynamodb.update_contributor_insights();
    let action = if on {
        ContributorInsightsAction::Enable
    } else {
        ContributorInsightsAction::Disable
    };
    call.table_name("near").contributor_insights_action(action)
}

fn picture(bench: &Bench, table: &str, setting: &str) -> Value {
    bench.aws.picture()[format!("{ACCOUNT}/{REGION}")]["tables"][table][setting].clone()
}

#[tokio::test(start_paused = true)]
async fn changes_go_to_a_stream_a_little_after_that_was_asked_for() {
    let bench = bench();
    assert!(streams(&bench, "near").await.is_empty());
    let micro = ApproximateCreationDateTimePrecision::Microsecond;
    let precise = EnableKinesisStreamingConfiguration::builder()
        .approximate_creation_date_time_precision(micro.clone());
    let call = enable(&bench, STREAM);
    let call = call.enable_kinesis_streaming_configuration(precise.build());
    let answer = call.clone().send().await.unwrap();
    assert_eq!(answer.destination_status().unwrap().as_str(), "ENABLING");
    assert_eq!(stream_status(&bench, "near").await, "ENABLING");
    // What will be is pictured, so that two worlds are alike whenever they are looked at.
    let pictured = json!({STREAM: {"how": "MICROSECOND", "status": "ACTIVE"}});
    assert_eq!(picture(&bench, "near", "kinesis"), pictured);
    assert!(message(call.clone().send().await).contains("not in a valid state"));
    bench.wait(30).await;
    let all = streams(&bench, "near").await;
    assert_eq!(all[0].destination_status().unwrap().as_str(), "ACTIVE");
    let told = all[0].approximate_creation_date_time_precision();
    assert_eq!(told, Some(&micro));
    assert_eq!(code(call.send().await), "ValidationException");
    assert_eq!(picture(&bench, "near", "kinesis"), pictured);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_there_is_refused_and_one_that_takes_nothing_fails_later() {
    let bench = bench();
    assert_eq!(
        code(enable(&bench, "arn:aws:kinesis").send().await),
        NOT_FOUND
    );
    let hands = |takes| {
        let change = move |hands: &mut crate::sim::Hands<'_>| {
            hands.set_kinesis_stream(STREAM, takes);
        };
        bench.aws.third_party(ACCOUNT, REGION, change);
    };
    hands(None);
    assert_eq!(code(enable(&bench, STREAM).send().await), NOT_FOUND);
    hands(Some(false));
    enable(&bench, STREAM).send().await.unwrap();
    bench.wait(30).await;
    let failed = streams(&bench, "near").await;
    assert_eq!(stream_status(&bench, "near").await, "ENABLE_FAILED");
    assert!(failed[0].destination_status_description().is_some());
    hands(Some(true));
    enable(&bench, STREAM).send().await.unwrap();
    bench.wait(30).await;
    assert_eq!(stream_status(&bench, "near").await, "ACTIVE");
}

#[tokio::test(start_paused = true)]
async fn contributor_insights_are_switched_by_table_and_by_index() {
    let bench = bench();
    let off = ("DISABLED".to_owned(), None);
    assert_eq!(insights(&bench, "near", None).await, off);
    let mode = ContributorInsightsMode::ThrottledKeys;
    let call = switch(&bench, true).contributor_insights_mode(mode);
    let of_index = call.clone().index_name("by-day");
    of_index.clone().send().await.unwrap();
    assert_eq!(insights(&bench, "near", None).await, off, "each by itself");
    let told = insights(&bench, "near", Some("by-day")).await;
    assert_eq!(told.0, "ENABLING");
    bench.wait(20).await;
    let told = insights(&bench, "near", Some("by-day")).await;
    assert_eq!(
        told,
        ("ENABLED".to_owned(), Some("THROTTLED_KEYS".to_owned()))
    );
    of_index.send().await.unwrap();
    assert!(!bench.aws.calls().pop().unwrap().took_effect);
    let pictured = json!({"index by-day": {"how": "THROTTLED_KEYS", "status": "ENABLED"}});
    assert_eq!(picture(&bench, "near", "insights"), pictured);
    assert_eq!(code(call.index_name("by-hour").send().await), NOT_FOUND);
    let away = switch(&bench, false).index_name("by-day");
    away.send().await.unwrap();
    bench.wait(20).await;
    assert_eq!(insights(&bench, "near", Some("by-day")).await.0, "DISABLED");
}

#[tokio::test(start_paused = true)]
async fn neither_comes_back_with_a_restore() {
    let bench = bench();
    let told = insights(&bench, "far", Some("by-day")).await;
    assert_eq!(told.0, "ENABLED");
    assert_eq!(insights(&bench, "far", None).await.0, "ENABLED");
    assert_eq!(stream_status(&bench, "far").await, "ACTIVE");
    let restore = bench.dynamodb.restore_table_to_point_in_time();
    let restore = restore.source_table_name("far").target_table_name("again");
    let restore = restore.use_latest_restorable_time(true).send().await;
    restore.unwrap();
    bench.wait(24 * 60).await;
    assert!(streams(&bench, "again").await.is_empty());
    for index in [None, Some("by-day")] {
        assert_eq!(insights(&bench, "again", index).await.0, "DISABLED");
    }
}
