//! What a restore is asked to make otherwise than it was, in AWS's words.
//!
//! Indexes can be left out and not added: an empty list restores none (`RestoreTableToPointInTime`, API reference).

use serde_json::{Map, Value, json};

use crate::domain::dynamodb::{Capacity, Index, Key, Overrides};

/// Adds the overrides to the parameters of either call.
pub(super) fn add(parameters: &mut Map<String, Value>, overrides: &Overrides) {
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            parameters.insert(name.to_owned(), value);
        }
    };
    let mode = |on_demand| {
        if on_demand {
            "PAY_PER_REQUEST"
        } else {
            "PROVISIONED"
        }
    };
    put(
        "BillingModeOverride",
        overrides.on_demand.map(|it| json!(mode(it))),
    );
    let capacity = overrides.capacity.as_ref();
    put(
        "ProvisionedThroughputOverride",
        capacity.and_then(provisioned),
    );
    put("OnDemandThroughputOverride", capacity.and_then(limits));
    let list = |indexes: &Vec<Index>| Value::Array(indexes.iter().map(index).collect());
    put(
        "GlobalSecondaryIndexOverride",
        overrides.indexes.as_ref().map(list),
    );
    put(
        "LocalSecondaryIndexOverride",
        overrides.local_indexes.as_ref().map(list),
    );
    put(
        "SSESpecificationOverride",
        overrides.kms_key.as_deref().map(encryption),
    );
}

fn encryption(key: &str) -> Value {
    json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key})
}

fn provisioned(capacity: &Capacity) -> Option<Value> {
    (!capacity.on_demand)
        .then(|| json!({"ReadCapacityUnits": capacity.read, "WriteCapacityUnits": capacity.write}))
}

/// The limits of what is paid by request, if it has any.
fn limits(capacity: &Capacity) -> Option<Value> {
    let mut limits = Map::new();
    for (name, most) in [
        ("MaxReadRequestUnits", capacity.max_read),
        ("MaxWriteRequestUnits", capacity.max_write),
    ] {
        if let Some(most) = most.filter(|_| capacity.on_demand) {
            limits.insert(name.to_owned(), json!(most));
        }
    }
    (!limits.is_empty()).then_some(Value::Object(limits))
}

fn index(index: &Index) -> Value {
    let key = |key: &Key| json!({"AttributeName": key.attribute, "KeyType": key.kind});
    let mut projection = json!({"ProjectionType": index.projection});
    if !index.included.is_empty() {
        projection["NonKeyAttributes"] = json!(index.included);
    }
    let mut whole = json!({
        "IndexName": index.name,
        "KeySchema": index.keys.iter().map(key).collect::<Vec<_>>(),
        "Projection": projection,
    });
    let capacity = index.capacity.as_ref().filter(|_| !index.local);
    if let Some(units) = capacity.and_then(provisioned) {
        whole["ProvisionedThroughput"] = units;
    }
    if let Some(limits) = capacity.and_then(limits) {
        whole["OnDemandThroughput"] = limits;
    }
    whole
}
