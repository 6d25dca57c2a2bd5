//! RDS: what a listing leaves out unless it is asked for, its pages, its faults, and windows that move.
//!
//! One estate holds one of everything that the API treats in its own way.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{DbSnapshot, Filter};
use jiff::{SignedDuration, Timestamp};

use super::support::{ACCOUNT, Bench, code, message};
use crate::sim::{Fault, On};

const ESTATE: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"

[[account]]
id = "111122223333"
name = "acme"

[[account]]
id = "777788889999"
name = "locked"
denied = ["rds:DescribeDBSnapshots"]

[[place]]
account = "111122223333"
region = "eu-west-1"

[[place.db-cluster]]
name = "ledger"
engine = "aurora-postgresql"

[[place.db-cluster]]
name = "graph"
engine = "neptune"

[[place.db-cluster]]
name = "graph-old"
engine = "neptune"
deleted_before = "2d"

[[place.db-instance]]
name = "ledger-1"
cluster = "ledger"
engine = "aurora-postgresql"

[[place.db-instance]]
name = "shop"
engine = "mysql"
size = 200

[[place.db-instance]]
name = "bare"
engine = "mysql"
size = 20
retention_days = 0

[[place.db-instance]]
name = "shop-old"
engine = "mysql"
size = 20
deleted_before = "6d23h40m"

[[place.db-instance]]
name = "new"
engine = "mysql"
size = 20
created_before = "-12m"

[[place.db-instance]]
name = "far"
engine = "mysql"
size = 20
replicated_from = "us-east-1"

[[place.db-snapshot]]
database = "shop"
made = "automated"
every = "1d"
count = 30

[[place.db-snapshot]]
database = "shop"
id = "by-hand"
every = "1d"
count = 85

[[place.db-snapshot]]
database = "shop"
made = "awsbackup"
every = "1d"
count = 3

[[place.db-snapshot]]
database = "shop"
id = "being-made"
status = "creating"

[[place.db-snapshot]]
database = "golden"
id = "golden"
engine = "mysql"
owner = "444455556666"

[[place.db-snapshot]]
database = "sample"
id = "sample"
engine = "mysql"
owner = "444455556666"
public = true

[[place.db-cluster-snapshot]]
database = "ledger"
made = "automated"
count = 2

[[place.db-cluster-snapshot]]
database = "ledger"
made = "awsbackup"

[[place.db-cluster-snapshot]]
database = "ledger"
id = "copied"
before = "1h"
copied_from = "arn:aws:rds:us-east-1:111122223333:cluster-snapshot:rds:ledger-1"
"#;

fn bench() -> Bench {
    Bench::text(ESTATE)
}

fn count(snapshots: &[DbSnapshot], made: &str) -> usize {
    let of = |one: &&DbSnapshot| one.snapshot_type() == Some(made);
    snapshots.iter().filter(of).count()
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

async fn all(bench: &Bench, made: Option<&str>, shared: bool, public: bool) -> Vec<DbSnapshot> {
    let call = bench.rds.describe_db_snapshots();
    let call = call.set_snapshot_type(made.map(str::to_owned));
    let call = call.include_shared(shared).include_public(public);
    let pages = call.into_paginator().items().send();
    pages.try_collect().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn without_a_type_only_automated_and_manual_snapshots_are_listed() {
    let bench = bench();
    let found = all(&bench, None, false, false).await;
    assert_eq!(
        (count(&found, "automated"), count(&found, "manual")),
        (30, 86)
    );
    assert_eq!(found.len(), 116, "none of AWS Backup, shared or public");
    let found = all(&bench, Some("awsbackup"), false, false).await;
    assert_eq!((found.len(), count(&found, "awsbackup")), (3, 3));
    let id = found[0].db_snapshot_identifier().unwrap();
    assert!(id.starts_with("awsbackup:job-"), "{id}");
}

#[tokio::test(start_paused = true)]
async fn shared_and_public_snapshots_come_where_they_are_asked_for_and_by_their_arn() {
    let bench = bench();
    let ids = |found: Vec<DbSnapshot>| -> BTreeSet<String> {
        let foreign = found.into_iter().filter(|one| {
            let arn = one.db_snapshot_arn().unwrap();
            !arn.contains(ACCOUNT)
        });
        foreign
            .filter_map(|one| one.db_snapshot_identifier)
            .collect()
    };
    let golden = "arn:aws:rds:eu-west-1:444455556666:snapshot:golden";
    let sample = "arn:aws:rds:eu-west-1:444455556666:snapshot:sample";
    let own: [&str; 0] = [];
    let listed = |found, wanted: &[&str]| {
        let wanted: BTreeSet<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(ids(found), wanted);
    };
    listed(all(&bench, None, false, false).await, &own);
    listed(all(&bench, None, true, false).await, &[golden]);
    listed(all(&bench, None, true, true).await, &[golden, sample]);
    listed(all(&bench, Some("shared"), false, false).await, &[golden]);
    listed(all(&bench, Some("public"), true, false).await, &[sample]);
    // "don't apply for SnapshotType values of manual or automated"
    listed(all(&bench, Some("manual"), true, true).await, &own);
}

#[tokio::test(start_paused = true)]
async fn an_automated_snapshot_is_found_by_its_identifier_with_its_type_only() {
    let bench = bench();
    let named = |id: &str| bench.rds.describe_db_snapshots().db_snapshot_identifier(id);
    let automated = "rds:shop-2026-03-13-02-17";
    let refused = named(automated).send().await;
    assert_eq!(code(refused), "DBSnapshotNotFound");
    let found = named(automated).snapshot_type("automated").send().await;
    assert_eq!(found.unwrap().db_snapshots().len(), 1);
    let found = named("By-Hand-2026-03-13-02-17").send().await;
    assert_eq!(
        found.unwrap().db_snapshots().len(),
        1,
        "case does not count"
    );
    let wrong = bench.rds.describe_db_snapshots().snapshot_type("lucky");
    assert_eq!(code(wrong.send().await), "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn a_page_has_twenty_to_a_hundred_rows_and_a_hundred_where_nothing_is_said() {
    let bench = bench();
    let call = || bench.rds.describe_db_snapshots();
    let first = call().send().await.unwrap();
    assert_eq!(first.db_snapshots().len(), 100);
    let rest = call().set_marker(first.marker).send().await.unwrap();
    assert_eq!((rest.db_snapshots().len(), rest.marker), (16, None));
    for size in [19, 101, 0, -1] {
        let refused = call().max_records(size).send().await;
        assert_eq!(code(refused), "InvalidParameterValue", "{size}");
    }
    let forged = call().marker("%%%").send().await;
    assert_eq!(code(forged), "InvalidParameterValue");
    let small = call().max_records(20).into_paginator().items().send();
    let small: Vec<DbSnapshot> = small.try_collect().await.unwrap();
    let ids: BTreeSet<_> = small
        .iter()
        .map(|one| one.db_snapshot_identifier())
        .collect();
    assert_eq!((small.len(), ids.len()), (116, 116));
}

#[tokio::test(start_paused = true)]
async fn filters_are_rds_s_own_and_an_unknown_one_is_refused_by_name() {
    let bench = bench();
    let call = bench.rds.describe_db_snapshots();
    let call = call.filters(filter("snapshot-type", "automated"));
    assert_eq!(call.send().await.unwrap().db_snapshots().len(), 30);
    let call = bench.rds.describe_db_instances();
    let members = call.filters(filter("db-cluster-id", "ledger")).send().await;
    assert_eq!(members.unwrap().db_instances().len(), 1);
    let call = bench.rds.describe_db_clusters();
    let refused = call.filters(filter("status", "available")).send().await;
    assert_eq!(message(refused), "Unrecognized filter name: status");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_named_by_the_fault_of_its_kind() {
    let rds = bench().rds;
    let instance = rds.describe_db_instances().db_instance_identifier("x");
    assert_eq!(code(instance.send().await), "DBInstanceNotFound");
    let gone = rds
        .describe_db_instances()
        .db_instance_identifier("shop-old");
    assert_eq!(code(gone.send().await), "DBInstanceNotFound");
    let cluster = rds.describe_db_clusters().db_cluster_identifier("x");
    assert_eq!(code(cluster.send().await), "DBClusterNotFoundFault");
    let snapshot = rds.describe_db_cluster_snapshots();
    let snapshot = snapshot.db_cluster_snapshot_identifier("x").send().await;
    assert_eq!(code(snapshot), "DBClusterSnapshotNotFoundFault");
    let backup = rds.describe_db_instance_automated_backups();
    let backup = backup.db_instance_identifier("bare").send().await;
    assert_eq!(code(backup), "DBInstanceAutomatedBackupNotFound");
    let backup = rds.describe_db_cluster_automated_backups();
    let backup = backup.db_cluster_identifier("x").send().await;
    assert_eq!(code(backup), "DBClusterAutomatedBackupNotFoundFault");
}

#[tokio::test(start_paused = true)]
async fn snapshots_of_clusters_have_no_type_of_aws_backup_and_no_time_of_their_data() {
    let bench = bench();
    let call = bench.rds.describe_db_cluster_snapshots();
    let refused = call.clone().snapshot_type("awsbackup").send().await;
    assert_eq!(code(refused), "InvalidParameterValue");
    let found = call.send().await.unwrap();
    let found = found.db_cluster_snapshots();
    assert_eq!(found.len(), 4);
    let id = |start: &str| {
        let starts = |id: &str| id.starts_with(start);
        let mut all = found.iter();
        all.find(|one| one.db_cluster_snapshot_identifier().is_some_and(starts))
    };
    assert_eq!(
        id("awsbackup:job-").unwrap().snapshot_type(),
        Some("manual")
    );
    let source = id("copied").unwrap().source_db_cluster_snapshot_arn();
    assert!(source.unwrap().ends_with(":cluster-snapshot:rds:ledger-1"));
}

#[tokio::test(start_paused = true)]
async fn neptune_and_the_members_of_clusters_are_listed_and_deleted_databases_are_not() {
    let rds = bench().rds;
    let clusters = rds.describe_db_clusters().send().await.unwrap();
    let engines: Vec<_> = clusters
        .db_clusters()
        .iter()
        .map(|one| one.engine())
        .collect();
    assert_eq!(engines, [Some("neptune"), Some("aurora-postgresql")]);
    assert_eq!(clusters.db_clusters()[1].allocated_storage(), Some(1));
    let instances = rds.describe_db_instances().send().await.unwrap();
    let ids = instances.db_instances().iter();
    let ids: Vec<_> = ids.filter_map(|one| one.db_instance_identifier()).collect();
    assert_eq!(ids, ["bare", "ledger-1", "new", "shop"]);
}

/// Identifier and status of every automated backup of an instance.
async fn backups(bench: &Bench, status: Option<&str>) -> BTreeSet<(String, String)> {
    let call = bench.rds.describe_db_instance_automated_backups();
    let filters = status.map(|status| vec![filter("status", status)]);
    let found = call.set_filters(filters).send().await.unwrap();
    let found = found.db_instance_automated_backups.unwrap();
    let named = found.into_iter().map(|one| {
        let id = one.db_instance_identifier.unwrap();
        (id, one.status.unwrap())
    });
    named.collect()
}

fn these(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(id, status)| ((*id).to_owned(), (*status).to_owned()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn automated_backups_are_active_creating_retained_or_replicating() {
    let bench = bench();
    let active = ("shop", "active");
    let wanted = [
        ("far", "replicating"),
        ("new", "creating"),
        ("shop-old", "retained"),
        active,
    ];
    assert_eq!(backups(&bench, None).await, these(&wanted));
    assert_eq!(backups(&bench, Some("active")).await, these(&[active]));
    bench.wait(15 * 60).await;
    // The new one has its first window; what was retained for seven days is gone.
    let wanted = [("far", "replicating"), ("new", "active"), active];
    assert_eq!(backups(&bench, None).await, these(&wanted));
}

async fn window(bench: &Bench) -> (Timestamp, Timestamp) {
    let call = bench.rds.describe_db_clusters();
    let found = call.db_cluster_identifier("ledger").send().await.unwrap();
    let cluster = &found.db_clusters()[0];
    let at = |time: Option<&aws_smithy_types::DateTime>| {
        Timestamp::from_second(time.unwrap().secs()).unwrap()
    };
    let earliest = at(cluster.earliest_restorable_time());
    (earliest, at(cluster.latest_restorable_time()))
}

#[tokio::test(start_paused = true)]
async fn both_edges_of_a_window_move_on_and_the_latest_stays_behind() {
    let bench = bench();
    let (earliest, latest) = window(&bench).await;
    let behind = bench.clock.now().duration_since(latest);
    assert_eq!(behind.as_mins(), 5);
    let days = SignedDuration::from_hours(7 * 24).as_secs();
    assert_eq!(bench.clock.now().duration_since(earliest).as_secs(), days);
    bench.wait(3600).await;
    let later = window(&bench).await;
    let hour = SignedDuration::from_hours(1);
    assert_eq!(later, (earliest + hour, latest + hour));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_cluster_leaves_its_automated_backup() {
    let bench = bench();
    let call = bench.rds.describe_db_cluster_automated_backups();
    let call = call.filters(filter("status", "retained"));
    let found = call.send().await.unwrap();
    let found = found.db_cluster_automated_backups();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].db_cluster_identifier(), Some("graph-old"));
    assert!(found[0].restore_window().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_is_being_made_has_no_time_yet() {
    let bench = bench();
    let call = bench.rds.describe_db_snapshots();
    let found = call.db_snapshot_identifier("being-made").send().await;
    let found = found.unwrap().db_snapshots.unwrap().remove(0);
    assert_eq!(found.snapshot_create_time, None);
    assert_eq!(found.status(), Some("creating"));
}

#[tokio::test(start_paused = true)]
async fn faults_and_missing_permissions_are_worded_as_rds_does() {
    let bench = bench();
    let faults = bench.aws.faults();
    let on = || On::operation("DescribeDBSnapshots").service("RDS");
    faults.inject(on(), Fault::Throttled);
    let call = || bench.rds.describe_db_snapshots().send();
    assert_eq!(code(call().await), "Throttling");
    faults.inject(on(), Fault::Unauthorized);
    let denied = message(call().await);
    assert!(denied.ends_with("rds:DescribeDBSnapshots"), "{denied}");
    let record = bench.aws.calls().pop().unwrap();
    assert_eq!(
        (record.outcome.as_str(), record.mutates),
        ("AccessDenied", false)
    );
    call().await.unwrap();
}
