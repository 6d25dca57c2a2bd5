//! What the sources of RDS find in the simulated AWS: every database with its points, partial failures, and the
//! points that no listing shows unless it is asked for.

use defib::catalog::rds_cluster_snapshot::RdsClusterSnapshots;
use defib::catalog::rds_cluster_window::RdsClusterWindows;
use defib::catalog::rds_snapshot::RdsSnapshots;
use defib::catalog::rds_window::RdsWindows;
use defib::catalog::source::Source;
use defib::catalog::store::{Point, Store};
use defib::domain::failure::FailureClass;
use defib::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, When};
use defib::domain::resource::{Resource, ResourceKind};
use defib::sim::{Fault, On};
use jiff::{SignedDuration, Timestamp};

use crate::stage::Stage;

const SOURCES: &[&dyn Source] = &[
    &RdsSnapshots,
    &RdsClusterSnapshots,
    &RdsWindows,
    &RdsClusterWindows,
];

/// One of everything that another account or Region can lend a place, and names that bite.
const LENT: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
account = "111122223333"
region = "eu-west-1"

[[account]]
id = "111122223333"
name = "acme"

[[place]]
account = "111122223333"
region = "eu-west-1"

[[place.db-instance]]
name = "shop"
engine = "mysql"
size = 200
tags = { Name = "\u001b[2J\u001b[Hshop", "\u202Ekey" = "\u0007" }

[[place.db-snapshot]]
database = "shop"
id = "shop-by-hand"
every = "1d"
count = 230
tags = { Name = "\u001b]0;root@prod\u0007shop" }

[[place.db-snapshot]]
database = "shop"
id = "shop-copied-here"
before = "1h"
original_before = "3h"

[[place.db-snapshot]]
database = "shop"
id = "being-made"
status = "creating"

[[place.db-snapshot]]
database = "shop"
id = "golden"
engine = "mysql"
size = 100
owner = "444455556666"
key = "arn:aws:kms:eu-west-1:444455556666:key/1"

[[place.db-snapshot]]
database = "shop"
id = "sample"
engine = "mysql"
size = 100
owner = "444455556666"

[[place.db-snapshot]]
database = "shop"
id = "of-all-the-world"
engine = "mysql"
size = 100
owner = "444455556666"
public = true

[[place.db-instance]]
name = "far"
engine = "postgres"
size = 20
replicated_from = "us-east-1"

[[place.db-cluster]]
name = "graph-old"
engine = "neptune"
deleted_before = "2d"

[[place.db-cluster-snapshot]]
database = "graph-old"
made = "awsbackup"

[[place.db-cluster-snapshot]]
database = "gone"
engine = "neptune"
id = "the-last-of-gone"
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn resource<'a>(store: &'a Store, id: &str, region: &str) -> &'a Resource {
    let mut all = store.resources().iter();
    // What others lend is of databases of theirs, which may have the same names.
    let own = |one: &&Resource| one.place.account.as_str() == "111122223333";
    let found = all.find(|one| own(one) && one.id == id && one.place.region.as_str() == region);
    found.unwrap_or_else(|| panic!("no {id} in {region}"))
}

fn all(store: &Store) -> Vec<RecoveryPoint> {
    store.points().map(Point::whole).collect()
}

fn of(store: &Store, one: &Resource) -> Vec<RecoveryPoint> {
    let points = store.points_of(one).into_iter();
    points.map(Point::whole).collect()
}

fn point(store: &Store, id: &str) -> RecoveryPoint {
    let found = all(store).into_iter().find(|one| one.id == id);
    found.unwrap_or_else(|| panic!("no point {id}"))
}

/// How many points of each kind a database has, wherever they are.
fn counted(store: &Store, one: &Resource) -> Vec<(PointKind, usize)> {
    let points = of(store, one);
    let count = |kind| points.iter().filter(|point| point.kind == kind).count();
    let counts = PointKind::ALL.map(|kind| (kind, count(kind)));
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn every_database_of_the_demo_is_listed_with_what_there_is_of_it() {
    let mut stage = Stage::open("bad-deploy");
    let (store, failed) = stage.listed(SOURCES);
    assert_eq!(failed, []);
    let home = |id: &str| resource(&store, id, "eu-west-1");
    let of = |id: &str| counted(&store, home(id));
    assert_eq!(
        of("ledger"),
        [
            (PointKind::RdsClusterSnapshot, 16),
            (PointKind::RdsClusterWindow, 1)
        ],
        "the copy in the other Region is among them"
    );
    let shop = [(PointKind::RdsSnapshot, 18), (PointKind::RdsWindow, 1)];
    assert_eq!(of("shop"), shop);
    assert_eq!(of("invoices-old"), [(PointKind::RdsWindow, 1)]);
    assert_eq!(
        of("feature-flags"),
        [],
        "nothing, and it is listed all the same"
    );
    let live = |id: &str| (home(id).exists, home(id).engine.as_deref());
    assert_eq!(live("feature-flags"), (true, Some("mariadb")));
    assert_eq!(live("product-catalog"), (true, Some("docdb")));
    assert_eq!(live("invoices-old"), (false, Some("postgres")));
    assert!(store.is_gone(home("invoices-old")));
    let ids: Vec<&str> = store
        .resources()
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(
        ids.len(),
        5,
        "no member of a cluster, and nothing twice: {ids:?}"
    );
}

#[test]
fn a_copy_in_another_region_belongs_to_the_cluster_of_its_source() {
    let mut stage = Stage::open("bad-deploy");
    let (store, _) = stage.listed(SOURCES);
    let copy = point(&store, "ledger-nightly-copy");
    assert_eq!(
        copy.copy_of.as_deref(),
        Some("arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:rds:ledger-2026-03-13-01-07")
    );
    assert_eq!(copy.data_at, DataTime::AtMost(at("2026-03-13T02:17:00Z")));
    let ledger = resource(&store, "ledger", "eu-west-1");
    assert!(of(&store, ledger).contains(&copy));
    let home = copy.resource_home.expect("its cluster lives elsewhere");
    assert_eq!(home, ledger.place.home());
}

#[test]
fn origins_windows_and_sizes_are_what_rds_says() {
    let mut stage = Stage::open("bad-deploy");
    let (store, _) = stage.listed(SOURCES);
    let shop = of(&store, resource(&store, "shop", "eu-west-1"));
    let count = |origin| {
        let of = |one: &&RecoveryPoint| one.origin == origin && one.kind == PointKind::RdsSnapshot;
        shop.iter().filter(of).count()
    };
    let counts = [Origin::Automated, Origin::AwsBackup, Origin::ByHand].map(count);
    assert_eq!(counts, [7, 10, 1]);
    let window = shop.iter().find(|one| one.kind == PointKind::RdsWindow);
    let window = window.unwrap();
    assert!(
        window
            .id
            .starts_with("arn:aws:rds:eu-west-1:111122223333:auto-backup:ab-")
    );
    let earliest = at("2026-03-07T02:31:00Z");
    let latest = at("2026-03-14T02:26:00Z");
    let (found, behind) = match window.when {
        When::Window { earliest, latest } => (earliest, latest),
        When::At { .. } => panic!("no window"),
    };
    let near = |a: Timestamp, b| a.duration_since(b).abs() < SignedDuration::from_mins(1);
    assert!(
        near(found, earliest) && near(behind, latest),
        "{:?}",
        window.when
    );
    assert_eq!((window.state.as_str(), window.usable()), ("active", true));
    assert_eq!(window.size_bytes, Some(200 << 30));
    let ledger = of(&store, resource(&store, "ledger", "eu-west-1"));
    assert!(ledger.iter().all(|one| one.size_bytes.is_none()));
    let window = ledger
        .iter()
        .find(|one| one.kind == PointKind::RdsClusterWindow);
    assert!(window.unwrap().id.starts_with("cluster-"));
    let gone = of(&store, resource(&store, "invoices-old", "eu-west-1"));
    assert_eq!(
        (gone[0].state.as_str(), gone[0].usable()),
        ("retained", true)
    );
}

#[test]
fn what_others_lend_is_listed_and_put_to_no_database_of_the_same_name_here() {
    let mut stage = Stage::open_text(LENT);
    let (store, failed) = stage.listed(SOURCES);
    assert_eq!(failed, [], "a snapshot that is being made is no failure");
    let golden = point(&store, "arn:aws:rds:eu-west-1:444455556666:snapshot:golden");
    assert_eq!(
        (golden.state.as_str(), golden.copy_first, golden.usable()),
        ("available", true, false)
    );
    let home = golden.resource_home.clone().unwrap();
    assert_eq!(home.account.as_str(), "444455556666");
    let sample = point(&store, "arn:aws:rds:eu-west-1:444455556666:snapshot:sample");
    assert!(sample.usable() && sample.resource_home == Some(home));
    let public = |one: &RecoveryPoint| one.id.ends_with("of-all-the-world");
    assert!(!all(&store).iter().any(public));
    let of_others =
        |one: &&RecoveryPoint| one.kind == PointKind::RdsWindow && one.resource_home.is_some();
    let replica = all(&store).iter().filter(of_others).count();
    assert_eq!(
        replica, 1,
        "what was replicated here is of a database elsewhere"
    );
    let here = point(&store, "shop-copied-here");
    assert_eq!(here.data_at, DataTime::Known(at("2026-03-13T22:17:00Z")));
    let shop = resource(&store, "shop", "eu-west-1");
    let wanted = [(PointKind::RdsSnapshot, 231), (PointKind::RdsWindow, 1)];
    assert_eq!(counted(&store, shop), wanted, "over three pages");
}

#[test]
fn deleted_clusters_are_known_by_what_is_left_of_them() {
    let mut stage = Stage::open_text(LENT);
    let (store, _) = stage.listed(SOURCES);
    let old = resource(&store, "graph-old", "eu-west-1");
    assert_eq!(
        (old.exists, old.engine.as_deref()),
        (false, Some("neptune"))
    );
    let points = of(&store, old);
    let origin = |kind| points.iter().find(|one| one.kind == kind).unwrap().origin;
    assert_eq!(origin(PointKind::RdsClusterSnapshot), Origin::AwsBackup);
    assert_eq!(origin(PointKind::RdsClusterWindow), Origin::Automated);
    let gone = resource(&store, "gone", "eu-west-1");
    assert_eq!((gone.kind, gone.exists), (ResourceKind::DbCluster, false));
}

#[test]
fn hostile_names_arrive_byte_for_byte_and_are_shown_harmless() {
    let mut stage = Stage::open_text(LENT);
    let (store, _) = stage.listed(SOURCES);
    let shop = resource(&store, "shop", "eu-west-1").name.clone().unwrap();
    assert_eq!(shop.raw(), "\u{1b}[2J\u{1b}[Hshop");
    assert!(!shop.shown().contains('\u{1b}'), "{}", shop.shown());
    let snapshot = point(&store, "shop-by-hand-2026-03-13-02-17").name.clone();
    assert_eq!(snapshot.unwrap().raw(), "\u{1b}]0;root@prod\u{7}shop");
}

#[test]
fn a_throttled_page_is_tried_again_and_one_that_stays_throttled_fails_its_kind_alone() {
    let mut stage = Stage::open_text(LENT);
    let faults = stage.aws.faults().clone();
    let second_page = || On::operation("DescribeDBSnapshots").nth(2);
    let id = faults.inject(second_page(), Fault::Throttled);
    let (whole, failed) = stage.listed(SOURCES);
    assert_eq!((failed, faults.fired(id)), (vec![], 1));
    faults.lift(id);

    faults.inject(second_page().for_ever(), Fault::Throttled);
    let (store, failed) = stage.listed(SOURCES);
    let classes: Vec<_> = failed
        .iter()
        .map(|(kind, why)| (*kind, why.class))
        .collect();
    assert_eq!(classes, [(PointKind::RdsSnapshot, FailureClass::Throttled)]);
    let of = |store: &Store| {
        let points = all(store).into_iter();
        points
            .filter(|one| one.kind == PointKind::RdsSnapshot)
            .count()
    };
    // One of the hundred rows is being made.
    assert_eq!((of(&store), of(&whole)), (99, 233), "the first page stays");
    assert!(store.points().count() > of(&store), "and the other kinds");
}

#[test]
fn where_a_call_is_forbidden_the_others_of_its_kind_still_answer() {
    for (call, kind, left) in [
        ("DescribeDBInstances", PointKind::RdsWindow, 2),
        (
            "DescribeDBInstanceAutomatedBackups",
            PointKind::RdsWindow,
            0,
        ),
        ("DescribeDBClusters", PointKind::RdsClusterWindow, 1),
        (
            "DescribeDBClusterAutomatedBackups",
            PointKind::RdsClusterWindow,
            0,
        ),
        ("DescribeDBSnapshots", PointKind::RdsSnapshot, 0),
        (
            "DescribeDBClusterSnapshots",
            PointKind::RdsClusterSnapshot,
            0,
        ),
    ] {
        let mut stage = Stage::open_text(LENT);
        let faults = stage.aws.faults();
        faults.inject(On::operation(call).for_ever(), Fault::Unauthorized);
        let (store, failed) = stage.listed(SOURCES);
        assert_eq!(failed.len(), 1, "{call}");
        let (of, why) = &failed[0];
        assert_eq!((*of, why.class), (kind, FailureClass::Denied), "{call}");
        assert_eq!(why.call, format!("rds:{call}"));
        let found = store.points().filter(|one| one.kind() == kind);
        assert_eq!(found.count(), left, "{call}");
    }
}

#[test]
fn every_read_is_tried_with_the_smallest_page() {
    let mut stage = Stage::open_text(LENT);
    let reads = stage.tried(SOURCES);
    let calls: Vec<&str> = reads.iter().map(|read| read.call).collect();
    assert_eq!(
        calls,
        [
            "rds:DescribeDBSnapshots",
            "rds:DescribeDBClusterSnapshots",
            "rds:DescribeDBInstanceAutomatedBackups",
            "rds:DescribeDBInstances",
            "rds:DescribeDBClusters",
            "rds:DescribeDBClusterAutomatedBackups",
        ]
    );
    assert!(reads.iter().all(|read| read.outcome.is_ok()), "{reads:?}");
    let asked = stage.aws.calls().into_iter();
    let sizes = asked.filter_map(|call| call.parameters.get("MaxRecords").cloned());
    assert!(sizes.clone().count() == 6 && sizes.into_iter().all(|size| size == "20"));
}
