//! What reads the stream of a table: mappings are made and switched little by little, each by itself, and none comes
//! back with a restore.

use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, EventSourcePosition};
use serde_json::{Value, json};

use super::support::{ACCOUNT, Bench, REGION, code, message};
use crate::sim::{Fault, On};

const FULFIL: &str = "arn:aws:lambda:eu-west-1:111122223333:function:fulfil";
const AUDIT: &str = "arn:aws:lambda:eu-west-1:111122223333:function:audit:live";

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
stream = "KEYS_ONLY"
triggers = [
    {{ function = "fulfil", position = "TRIM_HORIZON", batch = 50, filters = ['{{"a":[1]}}'], failures_to = "arn:aws:sqs:q", bisect = true, reports_failures = true, counted = true }},
    {{ function = "{AUDIT}", enabled = false }},
]
[[place.table]]
name = "near"
stream = "KEYS_ONLY"
"#
    ))
}

async fn stream(bench: &Bench, table: &str) -> String {
    let read = bench.dynamodb.describe_table().table_name(table);
    let table = read.send().await.unwrap().table.unwrap();
    table.latest_stream_arn.unwrap()
}

async fn listed(bench: &Bench, stream: &str) -> Vec<EventSourceMappingConfiguration> {
    let read = bench.lambda.list_event_source_mappings();
    let told = read.event_source_arn(stream).send().await.unwrap();
    let mut all = told.event_source_mappings.unwrap();
    all.sort_by_key(|one| one.function_arn.clone());
    all
}

async fn create(bench: &Bench) -> CreateEventSourceMappingFluentBuilder {
    let call = bench.lambda.create_event_source_mapping();
    call.event_source_arn(stream(bench, "near").await)
        .function_name("fulfil")
        .starting_position(EventSourcePosition::Latest)
        .enabled(false)
}

async fn state(bench: &Bench, uuid: &str) -> String {
    let read = bench.lambda.get_event_source_mapping().uuid(uuid);
    read.send().await.unwrap().state.unwrap()
}

fn picture(bench: &Bench, table: &str, setting: &str) -> Value {
    bench.aws.picture()[format!("{ACCOUNT}/{REGION}")]["tables"][table][setting].clone()
}

#[tokio::test(start_paused = true)]
async fn what_a_scenario_says_is_told_with_defaults_for_the_rest() {
    let bench = bench();
    let far = stream(&bench, "far").await;
    let all = listed(&bench, &far).await;
    let [audit, fulfil] = &all[..] else {
        panic!("two of them: {all:?}");
    };
    assert_eq!(audit.function_arn(), Some(AUDIT));
    assert_eq!(
        (audit.state(), audit.batch_size()),
        (Some("Disabled"), Some(100))
    );
    assert_eq!(fulfil.function_arn(), Some(FULFIL));
    assert_eq!(
        (fulfil.state(), fulfil.batch_size()),
        (Some("Enabled"), Some(50))
    );
    let position = fulfil.starting_position().map(EventSourcePosition::as_str);
    assert_eq!(position, Some("TRIM_HORIZON"));
    let near = stream(&bench, "near").await;
    assert_eq!(listed(&bench, &near).await, []);
    let one = bench.lambda.list_event_source_mappings().max_items(1);
    let first = one.clone().send().await.unwrap();
    let second = one.marker(first.next_marker.unwrap()).send().await.unwrap();
    assert_eq!(second.next_marker, None);
    let uuids: Vec<_> = [first.event_source_mappings, second.event_source_mappings]
        .into_iter()
        .flat_map(Option::unwrap)
        .map(|one| one.uuid.unwrap())
        .collect();
    assert_eq!(uuids.len(), 2);
    assert_ne!(uuids[0], uuids[1]);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_is_made_and_switched_a_little_after_that_was_asked_for() {
    let bench = bench();
    let call = create(&bench).await;
    let made = call.clone().send().await.unwrap();
    assert_eq!(made.state(), Some("Creating"));
    let uuid = made.uuid.unwrap();
    let switch = bench.lambda.update_event_source_mapping().uuid(&uuid);
    let on = switch.clone().enabled(true);
    assert_eq!(code(on.clone().send().await), "ResourceInUseException");
    bench.wait(25).await;
    assert_eq!(state(&bench, &uuid).await, "Disabled");
    assert_eq!(
        picture(&bench, "near", "read_by"),
        json!({FULFIL: "Disabled"})
    );
    let told = on.clone().send().await.unwrap();
    assert_eq!(told.state(), Some("Enabling"));
    // What will be is pictured, so that two worlds are alike whenever they are looked at.
    assert_eq!(
        picture(&bench, "near", "read_by"),
        json!({FULFIL: "Enabled"})
    );
    bench.wait(25).await;
    assert_eq!(state(&bench, &uuid).await, "Enabled");
    on.send().await.unwrap();
    assert!(!bench.aws.calls().pop().unwrap().took_effect);
    switch.clone().enabled(false).send().await.unwrap();
    bench.wait(25).await;
    assert_eq!(state(&bench, &uuid).await, "Disabled");
    let other = switch.enabled(true).batch_size(1).send().await;
    assert!(message(other).contains("changes nothing else"));
    let told = bench.aws.calls().pop().unwrap().parameters;
    assert_eq!(told["UUID"], uuid);
}

#[tokio::test(start_paused = true)]
async fn a_second_mapping_and_what_is_not_there_are_refused() {
    let bench = bench();
    let call = create(&bench).await;
    call.clone().send().await.unwrap();
    assert_eq!(code(call.clone().send().await), "ResourceConflictException");
    let other = call.clone().function_name(format!("{FULFIL}:live"));
    other.send().await.unwrap();
    let nowhere = call.clone().event_source_arn("arn:aws:dynamodb:stream");
    assert!(message(nowhere.send().await).contains("Stream not found"));
    let hands = |words: Option<&'static str>| {
        let change = move |hands: &mut crate::sim::Hands<'_>| {
            hands.refuse_function("pack", words);
        };
        bench.aws.third_party(ACCOUNT, REGION, change);
    };
    hands(Some("Function does not exist"));
    let pack = call.function_name("pack");
    assert!(message(pack.clone().send().await).contains("does not exist"));
    hands(None);
    pack.send().await.unwrap();
    let gone = bench.lambda.get_event_source_mapping().uuid("u");
    assert_eq!(code(gone.send().await), "ResourceNotFoundException");
    let gone = bench.lambda.update_event_source_mapping().uuid("u");
    let gone = gone.enabled(true).send().await;
    assert_eq!(code(gone), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn encrypted_filters_are_told_one_by_one_and_throttles_in_lambdas_words() {
    let bench = bench();
    let criteria = aws_sdk_lambda::types::FilterCriteria::builder();
    let filter = aws_sdk_lambda::types::Filter::builder()
        .pattern("{}")
        .build();
    let call = create(&bench).await.kms_key_arn("arn:aws:kms:k");
    let call = call.filter_criteria(criteria.filters(filter).build());
    let uuid = call.send().await.unwrap().uuid.unwrap();
    let near = stream(&bench, "near").await;
    assert_eq!(listed(&bench, &near).await[0].filter_criteria(), None);
    let read = bench.lambda.get_event_source_mapping().uuid(&uuid);
    let told = read.clone().send().await.unwrap();
    assert_eq!(told.filter_criteria().unwrap().filters().len(), 1);
    let on = On::operation("GetEventSourceMapping");
    bench.aws.faults().inject(on, Fault::Throttled);
    assert_eq!(code(read.send().await), "TooManyRequestsException");
}

#[tokio::test(start_paused = true)]
async fn no_mapping_comes_back_with_a_restore() {
    let bench = bench();
    assert_eq!(
        picture(&bench, "far", "read_by"),
        json!({FULFIL: "Enabled", AUDIT: "Disabled"})
    );
    let restore = bench.dynamodb.restore_table_to_point_in_time();
    let restore = restore.source_table_name("far").target_table_name("again");
    let restore = restore.use_latest_restorable_time(true).send().await;
    restore.unwrap();
    bench.wait(24 * 60).await;
    assert_eq!(picture(&bench, "again", "triggers"), Value::Null);
    assert_eq!(
        picture(&bench, "far", "triggers")
            .as_object()
            .unwrap()
            .len(),
        2
    );
}
