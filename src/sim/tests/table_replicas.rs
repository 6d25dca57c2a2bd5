//! Replicas of a table: what a table needs for them, that one is made at a time, and how they are told.
//! What cannot be made is refused, or fails later.

use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    CreateReplicationGroupMemberAction, DeleteReplicationGroupMemberAction, ReplicationGroupUpdate,
};
use serde_json::json;

use super::support::{ACCOUNT, Bench, REGION, code, message};

const REFUSED: &str = "ValidationException";

fn bench() -> Bench {
    Bench::text(
        r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[place]]
account = "111122223333"
region = "eu-west-1"
[[place.key]]
id = "33333333-0000-4000-8000-000000000003"
alias = "alias/t"
[[place.table]]
name = "plain"
stream = "NEW_AND_OLD_IMAGES"
pitr_since = "9d"
replicas = ["eu-north-1"]
[[place.table]]
name = "silent"
[[place.table]]
name = "brief"
stream = "KEYS_ONLY"
[[place.table]]
name = "keyed"
stream = "NEW_AND_OLD_IMAGES"
key = "alias/t"
[[place.table]]
name = "fixed"
stream = "NEW_AND_OLD_IMAGES"
capacity = { read = 5, write = 5 }
[[place.table]]
name = "half"
stream = "NEW_AND_OLD_IMAGES"
capacity = { read = 5, write = 5 }
scaling = [{ of = "Write", min = 5, max = 9, target = 70.0 }]
[[place.table.index]]
name = "by-day"
keys = ["day S"]
capacity = { read = 5, write = 5 }
[[place.table]]
name = "scaled"
stream = "NEW_AND_OLD_IMAGES"
capacity = { read = 5, write = 5 }
scaling = [
    { of = "Write", min = 5, max = 9, target = 70.0 },
    { index = "by-day", of = "Write", min = 5, max = 9, target = 70.0 },
]
[[place.table.index]]
name = "by-day"
keys = ["day S"]
capacity = { read = 5, write = 5 }
"#,
    )
}

fn create(region: &str) -> ReplicationGroupUpdate {
    let create = CreateReplicationGroupMemberAction::builder().region_name(region);
    ReplicationGroupUpdate::builder()
        .create(create.build().unwrap())
        .build()
}

fn add(bench: &Bench, table: &str, region: &str) -> UpdateTableFluentBuilder {
    let call = bench.dynamodb.update_table().table_name(table);
    call.replica_updates(create(region))
}

/// Regions and states of the replicas, and the state of the table.
async fn told(bench: &Bench, table: &str) -> (Vec<(String, String)>, String) {
    let read = bench.dynamodb.describe_table().table_name(table);
    let table = read.send().await.unwrap().table.unwrap();
    let one = |one: &aws_sdk_dynamodb::types::ReplicaDescription| {
        let status = one.replica_status().unwrap().as_str();
        (one.region_name().unwrap().to_owned(), status.to_owned())
    };
    let replicas = table.replicas().iter().map(one).collect();
    (replicas, table.table_status().unwrap().as_str().to_owned())
}

fn pair(region: &str, status: &str) -> (String, String) {
    (region.to_owned(), status.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_replica_takes_minutes_and_its_table_no_other_update_meanwhile() {
    let bench = bench();
    let there = pair("eu-north-1", "ACTIVE");
    add(&bench, "plain", "us-east-1").send().await.unwrap();
    let (replicas, status) = told(&bench, "plain").await;
    assert_eq!(replicas, [there.clone(), pair("us-east-1", "CREATING")]);
    assert_eq!(status, "UPDATING");
    let second = add(&bench, "plain", "us-west-2").send().await;
    assert_eq!(code(second), "ResourceInUseException");
    bench.wait(6 * 60 + 1).await;
    let (replicas, status) = told(&bench, "plain").await;
    assert_eq!(replicas, [there, pair("us-east-1", "ACTIVE")]);
    assert_eq!(status, "ACTIVE");
    let again = add(&bench, "plain", "us-east-1").send().await;
    assert!(message(again).contains("already exists"));
    let world = bench.aws.picture();
    let table = &world[format!("{ACCOUNT}/{REGION}")]["tables"]["plain"];
    let wanted = json!({"eu-north-1": "ACTIVE", "us-east-1": "ACTIVE"});
    assert_eq!(table["replicas"], wanted);
}

#[tokio::test(start_paused = true)]
async fn a_table_has_to_fit_before_it_is_replicated() {
    let bench = bench();
    for (table, why) in [
        ("silent", "stream"),
        ("brief", "NEW_AND_OLD_IMAGES"),
        ("keyed", "KMSMasterKeyId"),
        ("fixed", "AutoScaled"),
        ("half", "AutoScaled"),
    ] {
        let refused = add(&bench, table, "us-east-1").send().await;
        assert!(message(refused).contains(why), "{table}");
        assert_eq!(told(&bench, table).await, (Vec::new(), "ACTIVE".to_owned()));
    }
    assert!(add(&bench, "scaled", "us-east-1").send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn its_own_region_one_that_is_none_and_anything_but_one_new_replica_are_refused() {
    let bench = bench();
    for region in [REGION, "eu-nowhere-9"] {
        assert_eq!(
            code(add(&bench, "plain", region).send().await),
            REFUSED,
            "{region}"
        );
    }
    let two = add(&bench, "plain", "us-east-1").replica_updates(create("us-west-2"));
    assert_eq!(code(two.send().await), REFUSED);
    let more = add(&bench, "plain", "us-east-1").deletion_protection_enabled(true);
    assert_eq!(code(more.send().await), REFUSED);
    let gone = DeleteReplicationGroupMemberAction::builder().region_name("eu-north-1");
    let gone = ReplicationGroupUpdate::builder().delete(gone.build().unwrap());
    let call = bench.dynamodb.update_table().table_name("plain");
    assert_eq!(
        code(call.replica_updates(gone.build()).send().await),
        REFUSED
    );
    assert_eq!(
        told(&bench, "plain").await.0,
        [pair("eu-north-1", "ACTIVE")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_cannot_be_made_says_so_later() {
    let bench = bench();
    let change = |hands: &mut crate::sim::Hands<'_>| hands.set_replicas_in("us-east-1", false);
    bench.aws.third_party(ACCOUNT, REGION, change);
    add(&bench, "plain", "us-east-1").send().await.unwrap();
    bench.wait(6 * 60 + 1).await;
    let (replicas, status) = told(&bench, "plain").await;
    assert_eq!(replicas[1], pair("us-east-1", "CREATION_FAILED"));
    assert_eq!(status, "ACTIVE");
}

#[tokio::test(start_paused = true)]
async fn no_replica_comes_back_with_a_restore() {
    let bench = bench();
    let restore = bench.dynamodb.restore_table_to_point_in_time();
    let restore = restore
        .source_table_name("plain")
        .target_table_name("again");
    let restore = restore.use_latest_restorable_time(true).send().await;
    restore.unwrap();
    bench.wait(24 * 60).await;
    assert_eq!(told(&bench, "again").await.0, []);
}
