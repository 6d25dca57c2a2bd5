//! What can be told of vaults and what they hold from outside, without a call.
//!
//! A point turns cold by itself, so it is told when and not whether.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Hold, Point, Vault};

/// Dumps the vaults, their recovery points and the legal holds, each kind by its name.
pub fn of(
    vaults: &BTreeMap<String, Vault>,
    holds: &BTreeMap<String, Hold>,
) -> [(&'static str, Value); 3] {
    let points = vaults.values().flat_map(|vault| {
        let points = vault.points.values();
        points.map(move |point| (point.arn.clone(), point_picture(vault, point)))
    });
    let points = Value::Object(points.collect());
    let vaults = vaults.values();
    let vaults = vaults.map(|vault| (vault.arn.clone(), vault_picture(vault)));
    let holds = holds.values();
    let holds = holds.map(|hold| (hold.title.clone(), json!({"points": hold.points})));
    [
        ("vaults", Value::Object(vaults.collect())),
        ("recovery_points", points),
        ("legal_holds", Value::Object(holds.collect())),
    ]
}

fn vault_picture(vault: &Vault) -> Value {
    json!({
        "type": vault.kind.as_str(),
        "state": vault.state.as_str(),
        "locked": vault.locked,
        "lock_date": vault.lock_date.map(|at| at.to_string()),
        "retention_days": [vault.min_retention_days, vault.max_retention_days],
        "kms_key": vault.key,
        "policy": vault.policy,
    })
}

fn point_picture(vault: &Vault, point: &Point) -> Value {
    json!({
        "vault": vault.arn,
        "status": point.status.as_str(),
        "resource": point.resource_arn,
        "created": point.created.to_string(),
        "size": point.size,
        "cold_at": point.cold_at().map(|at| at.to_string()),
        "kms_key": point.key,
        "parent": point.parent,
        "source_vault": point.source_vault,
    })
}
