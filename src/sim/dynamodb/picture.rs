//! What can be told of tables and their backups from outside, without a call.
//!
//! Windows are told by their beginning: they move by themselves.

use serde_json::{Value, json};

use super::model::{Backup, DynamoDb, Table};

/// Dumps the tables and their backups, each kind by its name.
pub fn of(dynamodb: &DynamoDb) -> [(&'static str, Value); 2] {
    let tables = dynamodb.tables.values();
    let tables = tables.map(|table| (table.name.clone(), table_picture(table)));
    let backups = dynamodb.backups.values();
    let backups = backups.map(|backup| (backup.arn.clone(), backup_picture(backup)));
    [
        ("tables", Value::Object(tables.collect())),
        ("table_backups", Value::Object(backups.collect())),
    ]
}

fn table_picture(table: &Table) -> Value {
    json!({
        "id": table.id,
        "status": table.status,
        "created": table.created.to_string(),
        "items": table.items,
        "size_bytes": table.size_bytes,
        "key_arn": table.key_arn,
        "continuous": table.continuous.map(|on| json!({"since": on.since.to_string(), "days": on.days})),
        "tags": table.tags,
    })
}

fn backup_picture(backup: &Backup) -> Value {
    json!({
        "name": backup.name,
        "table": backup.table_name,
        "type": backup.kind.name(),
        "status": backup.status,
        "created": backup.created.to_string(),
        "expires": backup.expires.map(|at| at.to_string()),
        "size_bytes": backup.size_bytes,
    })
}
