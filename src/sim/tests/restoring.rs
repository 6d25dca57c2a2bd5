//! Tables that are restored: what they come with, what they come without, and what is refused.
//! The name alone keeps a restore from being done twice, so every way to meet a taken one is here.

use aws_sdk_dynamodb::operation::restore_table_to_point_in_time::builders::RestoreTableToPointInTimeFluentBuilder;
use aws_sdk_dynamodb::types::{
    BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, OnDemandThroughput,
    ProvisionedThroughput, SseSpecification, TableDescription,
};
use aws_smithy_types::DateTime;
use serde_json::Value;

use super::support::{ACCOUNT, Bench, REGION, code, message};
use crate::sim::{Hands, Lag};

/// The second before the incident of the story.
const T: &str = "2026-03-10T14:04:59Z";

const NEW: &str = "orders-new";

fn at(text: &str) -> DateTime {
    let at: jiff::Timestamp = text.parse().unwrap();
    DateTime::from_secs(at.as_second())
}

fn restore(bench: &Bench) -> RestoreTableToPointInTimeFluentBuilder {
    let call = bench.dynamodb.restore_table_to_point_in_time();
    let call = call.source_table_name("orders").target_table_name(NEW);
    call.restore_date_time(at(T))
}

async fn described(bench: &Bench, name: &str) -> TableDescription {
    let read = bench.dynamodb.describe_table().table_name(name).send();
    read.await.unwrap().table.unwrap()
}

async fn status(bench: &Bench, name: &str) -> String {
    let table = described(bench, name).await;
    table.table_status.unwrap().to_string()
}

fn hands(bench: &Bench, change: impl FnOnce(&mut Hands<'_>)) {
    bench.aws.third_party(ACCOUNT, REGION, change);
}

fn pictured(bench: &Bench, name: &str) -> Value {
    let picture = bench.aws.picture();
    picture[format!("{ACCOUNT}/{REGION}")]["tables"][name].clone()
}

#[tokio::test(start_paused = true)]
async fn a_restored_table_has_none_of_its_settings() {
    let bench = Bench::prompt("table");
    let made = restore(&bench).send().await.unwrap().table_description;
    let made = made.unwrap();
    assert_eq!(made.table_status().unwrap().as_str(), "CREATING");
    let from = made.restore_summary().unwrap();
    assert!(from.restore_in_progress());
    assert_eq!(from.restore_date_time(), &at(T));
    let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders");
    assert_eq!(from.source_table_arn(), Some(arn.as_str()));
    bench.wait(23 * 60).await;
    assert_eq!(status(&bench, NEW).await, "CREATING");
    bench.wait(61).await;
    let table = described(&bench, NEW).await;
    assert_eq!(table.table_status().unwrap().as_str(), "ACTIVE");
    assert!(!table.restore_summary().unwrap().restore_in_progress());
    // The data, the key, the indexes and the throughput are the source's.
    let source = described(&bench, "orders").await;
    assert_eq!(table.item_count(), source.item_count());
    assert_eq!(table.key_schema(), source.key_schema());
    assert_eq!(table.sse_description(), source.sse_description());
    assert_eq!(table.global_secondary_indexes().len(), 2);
    assert_eq!(
        table.provisioned_throughput(),
        source.provisioned_throughput()
    );
    // Nothing else is.
    assert_eq!(source.deletion_protection_enabled(), Some(true));
    assert_eq!(table.deletion_protection_enabled(), Some(false));
    assert_eq!(table.stream_specification(), None);
    let (was, is) = (pictured(&bench, "orders"), pictured(&bench, NEW));
    for setting in ["continuous", "stream", "ttl", "policy", "scaling"] {
        assert!(!was[setting].is_null(), "{setting} of the source");
        assert!(is[setting].is_null(), "{setting}: {}", is[setting]);
    }
    assert_eq!(is["tags"], serde_json::json!({}));
    assert_eq!(was["data"]["as_of"], Value::Null);
    assert_eq!(is["data"]["as_of"], T);
}

#[tokio::test(start_paused = true)]
async fn a_second_outside_the_window_is_refused() {
    let bench = Bench::prompt("table");
    let now = bench.clock.now().as_second();
    let ask = async |second: i64| {
        let call = restore(&bench).restore_date_time(DateTime::from_secs(second));
        call.send().await
    };
    for outside in [now - 35 * 86_400 - 1, now - 299, now + 60] {
        assert_eq!(code(ask(outside).await), "InvalidRestoreTimeException");
    }
    assert_eq!(
        bench
            .aws
            .calls()
            .iter()
            .filter(|call| call.took_effect)
            .count(),
        0
    );
    ask(now - 300).await.unwrap();

    hands(&bench, |hands| hands.switch_recovery_off("orders"));
    let refused = restore(&bench).target_table_name("other").send().await;
    assert_eq!(code(refused), "PointInTimeRecoveryUnavailableException");
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_once_and_has_to_be_a_name() {
    let bench = Bench::prompt("table");
    let named = async |name: &str| restore(&bench).target_table_name(name).send().await;
    assert_eq!(
        code(named("customers").await),
        "TableAlreadyExistsException"
    );
    for name in ["ab", "new table", &"a".repeat(256), "prïces"] {
        assert_eq!(code(named(name).await), "ValidationException", "{name}");
    }
    let unknown = restore(&bench).source_table_name("nobody").send().await;
    assert_eq!(code(unknown), "TableNotFoundException");
    named(NEW).await.unwrap();
    bench.wait(1).await;
    assert_eq!(code(named(NEW).await), "TableAlreadyExistsException");
    let two = restore(&bench).target_table_name("two");
    let two = two.use_latest_restorable_time(true).send().await;
    assert!(message(two).contains("Exactly one"));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_disabled_shows_later() {
    let bench = Bench::prompt("table");
    hands(&bench, |hands| {
        hands.set_key_state("alias/acme-orders", "Disabled");
    });
    restore(&bench).send().await.unwrap();
    assert_eq!(status(&bench, NEW).await, "CREATING");
    bench.wait(25 * 60).await;
    let status = status(&bench, NEW).await;
    assert_eq!(status, "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
    // With a key that DynamoDB owns nothing depends on it.
    let own = SseSpecification::builder().enabled(false).build();
    let other = restore(&bench).target_table_name("other");
    other.sse_specification_override(own).send().await.unwrap();
    bench.wait(25 * 60).await;
    let other = described(&bench, "other").await;
    assert_eq!(other.table_status().unwrap().as_str(), "ACTIVE");
    assert_eq!(other.sse_description(), None);
}

fn index(name: &str, key: &str) -> GlobalSecondaryIndex {
    let element = KeySchemaElement::builder().attribute_name(key);
    let element = element.key_type(KeyType::Hash).build().unwrap();
    let index = GlobalSecondaryIndex::builder().index_name(name);
    index.key_schema(element).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_otherwise_is_made_so() {
    let bench = Bench::prompt("table");
    let call = restore(&bench).billing_mode_override(BillingMode::PayPerRequest);
    let most = OnDemandThroughput::builder().max_read_request_units(900);
    let call = call.on_demand_throughput_override(most.build());
    let call = call.global_secondary_index_override(index("by-state", "state"));
    call.send().await.unwrap();
    let table = described(&bench, NEW).await;
    let billing = table.billing_mode_summary().unwrap().billing_mode();
    assert_eq!(billing, Some(&BillingMode::PayPerRequest));
    let limit = table.on_demand_throughput().unwrap();
    assert_eq!(limit.max_read_request_units(), Some(900));
    let kept = table.global_secondary_indexes();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].index_name(), Some("by-state"));
    let units = kept[0].provisioned_throughput().unwrap();
    assert_eq!(units.read_capacity_units(), Some(0));

    let none = restore(&bench).target_table_name("none");
    let none = none.set_global_secondary_index_override(Some(Vec::new()));
    none.send().await.unwrap();
    let none = described(&bench, "none").await;
    assert!(none.global_secondary_indexes().is_empty());
    assert_eq!(none.billing_mode_summary(), None, "as the source was");

    let refused = async |call: RestoreTableToPointInTimeFluentBuilder| {
        code(call.target_table_name("more").send().await)
    };
    for wrong in [index("by-price", "price"), index("by-state", "price")] {
        let call = restore(&bench).global_secondary_index_override(wrong);
        assert_eq!(refused(call).await, "ValidationException");
    }
    let units = ProvisionedThroughput::builder().read_capacity_units(1);
    let units = units.write_capacity_units(1).build().unwrap();
    let both = restore(&bench).billing_mode_override(BillingMode::PayPerRequest);
    let both = both.provisioned_throughput_override(units);
    assert_eq!(refused(both).await, "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_backup_tells_what_it_keeps_and_is_restored_as_that() {
    let bench = Bench::prompt("table");
    let listed = bench.dynamodb.list_backups().send().await.unwrap();
    let arn = listed.backup_summaries()[0]
        .backup_arn()
        .unwrap()
        .to_owned();
    let read = bench.dynamodb.describe_backup().backup_arn(&arn).send();
    let told = read.await.unwrap().backup_description.unwrap();
    let table = told.source_table_details().unwrap();
    assert_eq!(table.table_name(), "orders");
    assert_eq!(table.billing_mode(), Some(&BillingMode::Provisioned));
    let units = table.provisioned_throughput().unwrap();
    assert_eq!(
        (units.read_capacity_units(), units.write_capacity_units()),
        (400, 150)
    );
    let features = told.source_table_feature_details().unwrap();
    assert_eq!(features.global_secondary_indexes().len(), 2);
    let ttl = features.time_to_live_description().unwrap();
    assert_eq!(ttl.attribute_name(), Some("expires_at"));
    assert!(features.stream_description().unwrap().stream_enabled());

    let from = async |arn: &str, name: &str| {
        let call = bench.dynamodb.restore_table_from_backup();
        call.backup_arn(arn).target_table_name(name).send().await
    };
    from(&arn, NEW).await.unwrap();
    let made = described(&bench, NEW).await;
    let summary = made.restore_summary().unwrap();
    assert_eq!(summary.source_backup_arn(), Some(arn.as_str()));
    let details = told.backup_details().unwrap();
    assert_eq!(
        summary.restore_date_time(),
        details.backup_creation_date_time()
    );
    assert_eq!(code(from(&arn, NEW).await), "TableAlreadyExistsException");
    let gone = format!("{arn}0");
    assert_eq!(code(from(&gone, "other").await), "BackupNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn fifty_restores_go_on_at_once_and_ten_begin_within_a_second() {
    let bench = Bench::prompt("table");
    let begin = async |number: usize| {
        let call = restore(&bench).target_table_name(format!("new-{number:02}"));
        call.send().await
    };
    for number in 0..50 {
        begin(number).await.unwrap();
        if number == 9 {
            assert_eq!(code(begin(90).await), "ThrottlingException");
        }
        if number % 10 == 9 {
            bench.wait(1).await;
        }
    }
    assert_eq!(code(begin(50).await), "LimitExceededException");
    bench.wait(25 * 60).await;
    begin(50).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_new_table_may_be_seen_late() {
    let bench = Bench::prompt("table");
    bench.aws.faults().set_lag(Lag {
        unknown_reads: 2,
        unlisted_reads: 1,
        ..Lag::default()
    });
    restore(&bench).send().await.unwrap();
    let listed = async || {
        let tables = bench.dynamodb.list_tables().send().await.unwrap();
        tables.table_names().contains(&NEW.to_owned())
    };
    assert!(!listed().await);
    assert!(listed().await);
    for _unknown in 0..2 {
        let read = bench.dynamodb.describe_table().table_name(NEW).send().await;
        assert_eq!(code(read), "ResourceNotFoundException");
    }
    assert_eq!(status(&bench, NEW).await, "CREATING");
}

#[tokio::test(start_paused = true)]
async fn two_worlds_with_one_history_are_alike() {
    let (one, two) = (Bench::prompt("table"), Bench::prompt("table"));
    for bench in [&one, &two] {
        restore(bench).send().await.unwrap();
    }
    assert!(
        one.aws.picture() == two.aws.picture(),
        "the pictures differ"
    );
    let ids = (described(&one, NEW).await, described(&one, "orders").await);
    assert_ne!(ids.0.table_id(), ids.1.table_id());
}
