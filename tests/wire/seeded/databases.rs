//! DB instances, DB clusters and tables: their snapshots, backups and windows.
//!
//! The server keeps no times of its own for most of them; they are set.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    ScalarAttributeType,
};
use serde_json::{Value, json};

use super::seed::{Seeded, at, both};

/// What the server says of a cluster that is not encrypted.
const NO_KEY: &str = "default_kms_key_id";

/// A DB instance with an automated snapshot, one by hand, a copy of it and a window; and one that is too young.
pub(super) fn instances(here: &mut Seeded<'_>, elsewhere: usize) {
    let rds = here.account.rds(here.region);
    for name in ["shop", "idle"] {
        let call = rds
            .create_db_instance()
            .db_instance_identifier(name)
            .engine("mysql");
        let call = call.db_instance_class("db.t3.micro").allocated_storage(20);
        let call = call
            .master_username("admin")
            .master_user_password("not-a-secret");
        here.account.wait(call.send()).expect("CreateDBInstance");
    }
    let tag = aws_sdk_rds::types::Tag::builder()
        .key("Name")
        .value("by hand")
        .build();
    let call = rds
        .create_db_snapshot()
        .db_instance_identifier("shop")
        .db_snapshot_identifier("shop-1");
    here.account
        .wait(call.tags(tag).send())
        .expect("CreateDBSnapshot");
    let call = rds
        .copy_db_snapshot()
        .source_db_snapshot_identifier("shop-1");
    let call = call.target_db_snapshot_identifier("shop-copy");
    here.account.wait(call.send()).expect("CopyDBSnapshot");
    snapshots(here, &rds, elsewhere);
}

/// Sets the times of the snapshots of the instances, and expects them.
fn snapshots(here: &mut Seeded<'_>, rds: &aws_sdk_rds::Client, elsewhere: usize) {
    let sized = json!({ "size_bytes": 20_u64 << 30 });
    for (name, time) in [
        ("shop", "2026-03-01T00:30:00Z"),
        ("idle", "2026-03-01T05:00:00Z"),
    ] {
        let call = rds
            .describe_db_snapshots()
            .db_instance_identifier(name)
            .snapshot_type("automated");
        let told = here.account.wait(call.send()).expect("DescribeDBSnapshots");
        let id = told.db_snapshots()[0]
            .db_snapshot_identifier()
            .expect("an id")
            .to_owned();
        here.set_time("db-snapshot", &id, time, None);
        let made = json!({ "origin": "automated" });
        here.point(
            "rds-snapshot",
            &id,
            name,
            both(both(at(time), sized.clone()), made),
        );
    }
    here.set_time("db-snapshot", "shop-1", "2026-03-01T02:00:00Z", None);
    let named = json!({ "name": "by hand", "tags": { "Name": "by hand" } });
    let by_hand = both(both(at("2026-03-01T02:00:00Z"), sized.clone()), named);
    here.point("rds-snapshot", "shop-1", "shop", by_hand);
    here.set_time(
        "db-snapshot",
        "shop-copy",
        "2026-03-01T04:00:00Z",
        Some("2026-03-01T02:00:00Z"),
    );
    let copy = json!({ "at": "2026-03-01T04:00:00Z", "data_at": "2026-03-01T02:00:00Z" });
    here.point("rds-snapshot", "shop-copy", "shop", both(copy, sized));
    let shop = window(
        here,
        "shop",
        ("2026-02-01T00:00:00Z", "2026-03-01T02:55:00Z"),
    );
    let idle = window(
        here,
        "idle",
        ("2026-03-01T05:00:00Z", "2026-03-01T05:30:00Z"),
    );
    drop(idle);
    here.resource(
        "db-instance",
        "shop",
        None,
        Some((&shop, 300)),
        4 + elsewhere,
    );
    here.resource("db-instance", "idle", None, None, 2);
}

pub(super) fn window(here: &mut Seeded<'_>, name: &str, (earliest, latest): (&str, &str)) -> Value {
    here.set_time("db-window", name, earliest, Some(latest));
    let arn = here.arn("rds", &format!("auto-backup:ab-{name}"));
    let differs = json!({
        "earliest": earliest, "latest": latest, "data_at": latest, "state": "active", "origin": "automated",
    });
    here.point("rds-window", &arn, name, differs)
}

/// A cluster with an automated snapshot, one by hand, and a window that lasts until now.
pub(super) fn clusters(here: &mut Seeded<'_>) {
    let rds = here.account.rds(here.region);
    let call = rds
        .create_db_cluster()
        .db_cluster_identifier("ledger")
        .engine("aurora-postgresql");
    let call = call
        .master_username("admin")
        .master_user_password("not-a-secret");
    let made = here.account.wait(call.send()).expect("CreateDBCluster");
    let id = made
        .db_cluster()
        .and_then(|one| one.db_cluster_resource_id());
    let id = id.expect("an id").to_owned();
    let call = rds
        .create_db_cluster_snapshot()
        .db_cluster_identifier("ledger");
    let call = call.db_cluster_snapshot_identifier("ledger-1");
    here.account
        .wait(call.send())
        .expect("CreateDBClusterSnapshot");
    let call = rds
        .describe_db_cluster_snapshots()
        .snapshot_type("automated");
    let told = here
        .account
        .wait(call.send())
        .expect("DescribeDBClusterSnapshots");
    let automated = told.db_cluster_snapshots()[0].db_cluster_snapshot_identifier();
    let automated = automated.expect("an id").to_owned();
    for (snapshot, time, origin) in [
        (automated.as_str(), "2026-03-01T00:30:00Z", "automated"),
        ("ledger-1", "2026-03-01T02:00:00Z", "by-hand"),
    ] {
        here.set_time("db-cluster-snapshot", snapshot, time, None);
        let differs = json!({ "origin": origin, "kms_key": NO_KEY });
        here.point(
            "rds-cluster-snapshot",
            snapshot,
            "ledger",
            both(at(time), differs),
        );
    }
    here.set_time("db-cluster", "ledger", "2026-02-01T00:00:00Z", None);
    let differs = json!({
        "earliest": "2026-02-01T00:00:00Z", "latest": "now", "data_at": "now", "state": "active",
        "origin": "automated", "kms_key": NO_KEY,
    });
    let best = here.point("rds-cluster-window", &id, "ledger", differs);
    here.resource("db-cluster", "ledger", None, Some((&best, 1)), 3);
}

/// A table with a backup and a window, one with a backup that is too young, and one with nothing.
pub(super) fn tables(here: &mut Seeded<'_>, elsewhere: usize) {
    let dynamodb = here.account.dynamodb(here.region);
    for name in ["orders", "carts", "sessions"] {
        let key = KeySchemaElement::builder()
            .attribute_name("k")
            .key_type(KeyType::Hash);
        let attribute = AttributeDefinition::builder().attribute_name("k");
        let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
        let call = dynamodb
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest);
        let call = call.key_schema(key.build().expect("a key"));
        let call = call.attribute_definitions(attribute.expect("an attribute"));
        here.account.wait(call.send()).expect("CreateTable");
    }
    for (table, time) in [
        ("orders", "2026-03-01T02:00:00Z"),
        ("carts", "2026-03-01T04:00:00Z"),
    ] {
        let call = dynamodb
            .create_backup()
            .table_name(table)
            .backup_name("by hand");
        let made = here.account.wait(call.send()).expect("CreateBackup");
        let arn = made
            .backup_details()
            .expect("details")
            .backup_arn()
            .to_owned();
        here.set_time("table-backup", &arn, time, None);
        let differs = json!({ "name": "by hand", "state": "AVAILABLE", "size_bytes": 123, "encrypted": true });
        here.point("dynamodb-backup", &arn, table, both(at(time), differs));
    }
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
    let recovery = recovery
        .recovery_period_in_days(35)
        .build()
        .expect("a specification");
    let call = dynamodb.update_continuous_backups().table_name("orders");
    let call = call.point_in_time_recovery_specification(recovery);
    here.account
        .wait(call.send())
        .expect("UpdateContinuousBackups");
    let (earliest, latest) = ("2026-02-20T00:00:00Z", "2026-03-01T05:00:00Z");
    here.set_time("table-window", "orders", earliest, Some(latest));
    let differs = json!({
        "earliest": earliest, "latest": latest, "data_at": latest, "state": "ENABLED", "origin": "automated",
        "encrypted": true, "protection": "recovery period of 35 days",
    });
    let best = here.point("dynamodb-window", "orders", "orders", differs);
    here.resource("table", "orders", None, Some((&best, 1)), 2 + elsewhere);
    here.resource("table", "carts", None, None, 1);
    here.resource("table", "sessions", None, None, 0);
}
