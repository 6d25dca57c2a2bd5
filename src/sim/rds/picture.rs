//! What can be told of the databases from outside, without a call.
//!
//! Windows are left out: they move by themselves, and two pictures are compared to show that nothing changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::model::{Database, Databases, Snapshot};

/// Dumps the databases and their snapshots, each kind by its name.
pub fn of(databases: &Databases, now: Timestamp) -> [(&'static str, Value); 4] {
    let these = |all: &BTreeMap<String, Database>| -> Value {
        let all = all.iter().map(|(id, one)| (id.clone(), database(one, now)));
        Value::Object(all.collect())
    };
    let taken = |all: &BTreeMap<String, Snapshot>| -> Value {
        let all = all.iter().map(|(id, one)| (id.clone(), snapshot(one)));
        Value::Object(all.collect())
    };
    [
        ("db_instances", these(&databases.instances)),
        ("db_clusters", these(&databases.clusters)),
        ("db_snapshots", taken(&databases.instance_snapshots)),
        ("db_cluster_snapshots", taken(&databases.cluster_snapshots)),
    ]
}

fn database(of: &Database, now: Timestamp) -> Value {
    json!({
        "id": of.id,
        "exists": of.exists(now),
        "status": of.status,
        "engine": of.engine,
        "class": of.class,
        "allocated_storage": of.allocated_storage,
        "kms_key_id": of.kms_key_id,
        "created": of.created.to_string(),
        "backup_retention_period": of.retention_days,
        "member_of": of.member_of,
        "tags": of.tags,
    })
}

fn snapshot(of: &Snapshot) -> Value {
    json!({
        "database": of.database,
        "owner": of.owner,
        "type": of.made,
        "status": of.status,
        "created": of.created.to_string(),
        "original": of.original.to_string(),
        "copied_from": of.copied_from,
        "kms_key_id": of.kms_key_id,
        "tags": of.tags,
    })
}
