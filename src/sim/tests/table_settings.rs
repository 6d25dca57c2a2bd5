//! The settings of a table: how they are changed, how long that takes, and what is refused meanwhile.
//! A restore loses them all, and whoever gives them back meets each of these limits.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate,
    PointInTimeRecoverySpecification, ProvisionedThroughput, Select, StreamSpecification,
    StreamViewType, TableClass, Tag, TimeToLiveSpecification, UpdateGlobalSecondaryIndexAction,
};

use super::support::{ACCOUNT, Bench, REGION, code, message};

/// A policy that is not there, or not as expected.
const GONE: &str = "PolicyNotFoundException";

fn arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

fn update(bench: &Bench, name: &str) -> UpdateTableFluentBuilder {
    bench.dynamodb.update_table().table_name(name)
}

fn units(read: i64, write: i64) -> ProvisionedThroughput {
    let units = ProvisionedThroughput::builder().read_capacity_units(read);
    units.write_capacity_units(write).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn one_update_at_a_time() {
    let bench = Bench::prompt("table");
    let unprotected = update(&bench, "orders").deletion_protection_enabled(false);
    unprotected.send().await.unwrap();
    let class = TableClass::StandardInfrequentAccess;
    let second = update(&bench, "orders").table_class(class);
    let refused = second.clone().send().await;
    assert_eq!(code(refused), "ResourceInUseException");
    bench.wait(20).await;
    second.send().await.unwrap();
    bench.wait(20).await;
    let read = bench.dynamodb.describe_table().table_name("orders").send();
    let table = read.await.unwrap().table.unwrap();
    assert_eq!(table.deletion_protection_enabled(), Some(false));
    let class = table.table_class_summary().unwrap().table_class();
    assert_eq!(class, Some(&TableClass::StandardInfrequentAccess));
    // What is so already is no update.
    let same = update(&bench, "orders").deletion_protection_enabled(false);
    let same = same.send().await.unwrap().table_description.unwrap();
    assert_eq!(same.table_status().unwrap().as_str(), "ACTIVE");
    assert!(!bench.aws.calls().pop().unwrap().took_effect);
    let absent = update(&bench, "nobody").deletion_protection_enabled(true);
    assert_eq!(code(absent.send().await), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn throughput_is_updated_with_that_of_the_indexes() {
    let bench = Bench::prompt("table");
    let of_index = UpdateGlobalSecondaryIndexAction::builder()
        .index_name("by-state")
        .provisioned_throughput(units(50, 60));
    let of_index = of_index.build().unwrap();
    let of_index = GlobalSecondaryIndexUpdate::builder()
        .update(of_index)
        .build();
    let call = update(&bench, "orders").provisioned_throughput(units(500, 160));
    let call = call.global_secondary_index_updates(of_index);
    call.clone().send().await.unwrap();
    bench.wait(20).await;
    assert!(message(call.send().await).contains("will not change"));
    let picture = bench.aws.picture();
    let shape = &picture[format!("{ACCOUNT}/{REGION}")]["tables"]["orders"]["shape"];
    let wanted = serde_json::json!({"read": 500, "write": 160});
    assert_eq!(shape["capacity"], wanted);
    let wanted = serde_json::json!({"read": 50, "write": 60});
    assert_eq!(shape["indexes"]["by-state"]["capacity"], wanted);

    let by_request = update(&bench, "orders").billing_mode(BillingMode::PayPerRequest);
    by_request.send().await.unwrap();
    bench.wait(20).await;
    let back = update(&bench, "orders").billing_mode(BillingMode::Provisioned);
    assert_eq!(code(back.send().await), "ValidationException");
    let gone = DeleteGlobalSecondaryIndexAction::builder().index_name("by-state");
    let gone = GlobalSecondaryIndexUpdate::builder().delete(gone.build().unwrap());
    let gone = update(&bench, "orders").global_secondary_index_updates(gone.build());
    assert_eq!(code(gone.send().await), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_switched_on_once_and_each_has_a_label_of_its_own() {
    let bench = Bench::prompt("table");
    let on = || {
        let specification = StreamSpecification::builder().stream_enabled(true);
        let specification = specification.stream_view_type(StreamViewType::KeysOnly);
        update(&bench, "customers").stream_specification(specification.build().unwrap())
    };
    let label = async || {
        let read = bench.dynamodb.describe_table().table_name("customers");
        let table = read.send().await.unwrap().table.unwrap();
        table.latest_stream_arn
    };
    assert_eq!(label().await, None);
    on().send().await.unwrap();
    let first = label().await.unwrap();
    assert!(first.starts_with(&format!("{}/stream/2026-03-10T14:19:00", arn("customers"))));
    bench.wait(20).await;
    assert_eq!(code(on().send().await), "ValidationException");
    let off = StreamSpecification::builder().stream_enabled(false);
    let off = update(&bench, "customers").stream_specification(off.build().unwrap());
    off.send().await.unwrap();
    bench.wait(20).await;
    assert_eq!(label().await.as_ref(), Some(&first));
    on().send().await.unwrap();
    assert_ne!(label().await.unwrap(), first);
}

#[tokio::test(start_paused = true)]
async fn time_to_live_changes_once_an_hour() {
    let bench = Bench::prompt("table");
    let change = async |enabled: bool, attribute: &str| {
        let specification = TimeToLiveSpecification::builder().enabled(enabled);
        let specification = specification.attribute_name(attribute).build().unwrap();
        let call = bench.dynamodb.update_time_to_live().table_name("customers");
        call.time_to_live_specification(specification).send().await
    };
    let told = async || {
        let read = bench
            .dynamodb
            .describe_time_to_live()
            .table_name("customers");
        let told = read.send().await.unwrap().time_to_live_description.unwrap();
        (
            told.time_to_live_status.unwrap().to_string(),
            told.attribute_name,
        )
    };
    assert_eq!(told().await, ("DISABLED".to_owned(), None));
    assert!(message(change(false, "until").await).contains("already disabled"));
    change(true, "until").await.unwrap();
    let until = Some("until".to_owned());
    assert_eq!(told().await, ("ENABLING".to_owned(), until.clone()));
    bench.wait(39 * 60).await;
    assert_eq!(told().await.0, "ENABLING");
    bench.wait(60).await;
    assert_eq!(told().await, ("ENABLED".to_owned(), until));
    let soon = change(false, "until").await;
    assert!(message(soon).contains("multiple times within a fixed interval"));
    bench.wait(20 * 60).await;
    assert!(message(change(true, "until").await).contains("already enabled"));
    assert!(message(change(true, "other").await).contains("a different AttributeName"));
    change(false, "until").await.unwrap();
    bench.wait(40 * 60).await;
    assert_eq!(told().await, ("DISABLED".to_owned(), None));
}

async fn tags(bench: &Bench, name: &str) -> BTreeMap<String, String> {
    let read = bench
        .dynamodb
        .list_tags_of_resource()
        .resource_arn(arn(name));
    let tags = read.send().await.unwrap().tags.unwrap_or_default();
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

#[tokio::test(start_paused = true)]
async fn tags_settle() {
    let bench = Bench::prompt("table");
    let before = tags(&bench, "sessions").await;
    let tag = async |key: &str| {
        let tag = Tag::builder().key(key).value("v").build().unwrap();
        let call = bench.dynamodb.tag_resource().resource_arn(arn("sessions"));
        call.tags(tag).send().await
    };
    tag("one").await.unwrap();
    bench.wait(1).await;
    tag("two").await.unwrap();
    assert_eq!(tags(&bench, "sessions").await, before);
    bench.wait(2).await;
    assert_eq!(tags(&bench, "sessions").await.len(), before.len() + 1);
    bench.wait(1).await;
    let all = tags(&bench, "sessions").await;
    assert_eq!(all.len(), before.len() + 2);
    assert_eq!(all["one"], "v");

    let untag = bench
        .dynamodb
        .untag_resource()
        .resource_arn(arn("sessions"));
    let untag = untag.tag_keys("one").tag_keys("two").tag_keys("three");
    untag.send().await.unwrap();
    bench.wait(3).await;
    assert_eq!(tags(&bench, "sessions").await, before);

    assert_eq!(code(tag("aws:mine").await), "ValidationException");
    for number in 0..4 {
        tag(&format!("k{number}")).await.unwrap();
    }
    assert_eq!(code(tag("k5").await), "ThrottlingException");
    let named = bench.dynamodb.tag_resource().resource_arn("sessions");
    let one = Tag::builder().key("k").value("v").build().unwrap();
    bench.wait(1).await;
    let named = named.tags(one).send().await;
    assert_eq!(code(named), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_put_by_revision() {
    let bench = Bench::prompt("table");
    let put = async |name: &str, text: &str, expected: Option<&str>| {
        let call = bench.dynamodb.put_resource_policy().resource_arn(arn(name));
        let call = call.set_expected_revision_id(expected.map(str::to_owned));
        let put = call.policy(text).send().await;
        put.map(|put| put.revision_id.unwrap())
    };
    let get = async |name: &str| {
        let read = bench.dynamodb.get_resource_policy().resource_arn(arn(name));
        read.send().await
    };
    let delete = async |name: &str, expected: &str| {
        let call = bench
            .dynamodb
            .delete_resource_policy()
            .resource_arn(arn(name));
        call.expected_revision_id(expected).send().await
    };
    assert_eq!(code(get("customers").await), GONE);
    let first = put("customers", r#"{"a": 1}"#, Some("NO_POLICY"))
        .await
        .unwrap();
    assert_eq!(code(put("customers", "{}", Some("NO_POLICY")).await), GONE);
    assert_eq!(code(put("customers", "{}", Some("1")).await), GONE);
    // The same again is the same revision, as the text was.
    let same = put("customers", r#"{"a":1}"#, Some(&first)).await.unwrap();
    assert_eq!(same, first);
    let there = get("customers").await.unwrap();
    assert_eq!(there.policy(), Some(r#"{"a": 1}"#));
    let second = put("customers", r#"{"a":2}"#, Some(&first)).await.unwrap();
    assert_ne!(second, first);
    assert_eq!(code(delete("customers", &first).await), GONE);
    delete("customers", &second).await.unwrap();
    assert_eq!(code(delete("customers", &second).await), GONE);
    assert_eq!(code(get("customers").await), GONE);

    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(20_480));
    assert_eq!(
        code(put("customers", &large, None).await),
        "ValidationException"
    );
    assert_eq!(
        code(put("customers", "nothing", None).await),
        "ValidationException"
    );
    let none = code(put("nobody", "{}", None).await);
    assert_eq!(none, "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn recovery_is_switched_on_a_little_after_a_table_was_made() {
    let bench = Bench::prompt("table");
    let listed = bench.dynamodb.list_backups().send().await.unwrap();
    let backup = listed.backup_summaries()[0]
        .backup_arn()
        .unwrap()
        .to_owned();
    let restore = bench.dynamodb.restore_table_from_backup();
    let restore = restore.backup_arn(backup).target_table_name("new");
    restore.send().await.unwrap();
    let switch = async |name: &str, on: bool, days: Option<i32>| {
        let specification = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(on)
            .set_recovery_period_in_days(days);
        let call = bench.dynamodb.update_continuous_backups().table_name(name);
        let specification = specification.build().unwrap();
        let call = call.point_in_time_recovery_specification(specification);
        call.send().await
    };
    let unavailable = "ContinuousBackupsUnavailableException";
    assert_eq!(code(switch("new", true, None).await), unavailable);
    bench.wait(24 * 60).await;
    assert_eq!(code(switch("new", true, None).await), unavailable);
    bench.wait(8).await;
    assert_eq!(
        code(switch("new", true, Some(36)).await),
        "ValidationException"
    );
    let told = switch("new", true, Some(7)).await.unwrap();
    let told = told.continuous_backups_description.unwrap();
    let told = told.point_in_time_recovery_description.unwrap();
    assert_eq!(told.recovery_period_in_days(), Some(7));
    let now = bench.clock.now().as_second();
    assert_eq!(told.earliest_restorable_date_time().unwrap().secs(), now);

    // Other days keep the window; off and on again does not.
    let earliest = async || {
        let read = bench.dynamodb.describe_continuous_backups();
        let told = read.table_name("orders").send().await.unwrap();
        let told = told.continuous_backups_description.unwrap();
        let told = told.point_in_time_recovery_description.unwrap();
        told.earliest_restorable_date_time.unwrap().secs()
    };
    switch("orders", true, Some(20)).await.unwrap();
    assert_eq!(now - earliest().await, 20 * 86_400);
    switch("orders", false, None).await.unwrap();
    switch("orders", true, None).await.unwrap();
    assert_eq!(earliest().await, now);
    assert_eq!(
        code(switch("nobody", true, None).await),
        "TableNotFoundException"
    );
}

/// Counts by all pages of all segments.
async fn counted(bench: &Bench, attribute: &str, segments: i32, to: i64) -> (i32, i32, usize) {
    let (mut count, mut scanned, mut pages) = (0, 0, 0);
    for segment in 0..segments {
        let mut start = None;
        loop {
            let call = bench
                .dynamodb
                .scan()
                .table_name("orders")
                .select(Select::Count);
            let call = call.segment(segment).total_segments(segments);
            let call = call
                .filter_expression("attribute_type(#t, :n) AND #t BETWEEN :from AND :now")
                .expression_attribute_names("#t", attribute)
                .expression_attribute_values(":n", AttributeValue::S("N".to_owned()))
                .expression_attribute_values(":from", AttributeValue::N("0".to_owned()))
                .expression_attribute_values(":now", AttributeValue::N(to.to_string()));
            let page = call.set_exclusive_start_key(start).send().await.unwrap();
            (count, scanned, pages) = (count + page.count, scanned + page.scanned_count, pages + 1);
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
    }
    (count, scanned, pages)
}

#[tokio::test(start_paused = true)]
async fn expired_items_are_counted_page_by_page_whatever_the_segments() {
    let bench = Bench::prompt("table");
    let now = bench.clock.now().as_second();
    for segments in [1, 3, 4] {
        let (count, scanned, pages) = counted(&bench, "expires_at", segments, now).await;
        assert_eq!((count, scanned), (18_412, 61_340), "{segments} segments");
        assert!((20..40).contains(&pages), "{pages} pages");
    }
    let earlier = counted(&bench, "expires_at", 4, now - 6 * 3600).await;
    assert_eq!(earlier.0, 6_140 + 7_031);
    assert_eq!(counted(&bench, "another", 1, now).await.0, 0);

    let scan = bench.dynamodb.scan().table_name("orders");
    let some = scan.clone().projection_expression("total").send().await;
    assert_eq!(code(some), "ValidationException");
    let other = scan
        .select(Select::Count)
        .filter_expression("size(#t) > :now");
    assert_eq!(code(other.send().await), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn what_else_a_table_has_is_told() {
    let bench = Bench::text(
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
replicas = ["us-east-1"]
class = "STANDARD_INFREQUENT_ACCESS"
"#,
    );
    let read = bench.dynamodb.describe_table().table_name("far").send();
    let table = read.await.unwrap().table.unwrap();
    assert_eq!(table.replicas()[0].region_name(), Some("us-east-1"));
    assert_eq!(table.global_secondary_indexes, None);
}
