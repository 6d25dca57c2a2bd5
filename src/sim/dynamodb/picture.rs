//! What can be told of tables and their backups from outside, without a call.
//!
//! Windows are told by their beginning: they move by themselves. What passes by itself is told as it will be: tags that
//! are not settled, time to live that is being switched on. What every change makes anew is left out: revisions, labels.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::items::{Rule, Told, written};
use super::model::{Backup, Destination, DynamoDb, Insights, Kept, Settings, Table};
use super::shape::{Capacity, Index, KeyPart, Shape};
use crate::sim::app_scaling::model::AppScaling;
use crate::sim::app_scaling::picture::of_table;
use crate::sim::cloudwatch;
use crate::sim::cloudwatch::model::Alarms;
use crate::sim::timeline::Timeline;

/// Dumps the tables and their backups, each kind by its name.
pub fn of(
    dynamodb: &DynamoDb,
    scaling: &AppScaling,
    alarms: &Alarms,
    now: Timestamp,
) -> [(&'static str, Value); 3] {
    let tables = dynamodb.tables.values();
    let tables = tables.map(|table| {
        let mut picture = table_picture(table, now);
        if let Some(scaling) = of_table(scaling, &table.name) {
            picture["scaling"] = scaling;
        }
        if let Some(alarms) = cloudwatch::picture::of_table(alarms, &table.name) {
            picture["alarms"] = alarms;
        }
        (table.name.clone(), picture)
    });
    let items = dynamodb.tables.values().flat_map(items_picture);
    let backups = dynamodb.backups.values();
    let backups = backups.map(|backup| (backup.arn.clone(), backup_picture(backup)));
    [
        ("tables", Value::Object(tables.collect())),
        ("table_backups", Value::Object(backups.collect())),
        ("table_items", Value::Object(items.collect())),
    ]
}

/// The items that were put into a table, each a thing of its own; that one was written over shows in its table.
fn items_picture(table: &Table) -> Vec<(String, Value)> {
    let rule = Rule::of(table);
    let added = table.items.put.items.iter();
    let added = added.filter(|(number, _)| rule.place_by_rule(**number).is_none());
    let one = |(number, item): (&i64, &Told)| {
        let picture = json!({"part_of": table.name, "data": written(item)});
        (
            format!("{} {}", table.name, written(&rule.key(*number))),
            picture,
        )
    };
    added.map(one).collect()
}

/// Items that were put over others.
fn overwritten(table: &Table) -> Option<BTreeMap<String, String>> {
    let rule = Rule::of(table);
    let put = table.items.put.items.iter();
    let over = put.filter(|(number, _)| rule.place_by_rule(**number).is_some());
    let over: BTreeMap<String, String> = over
        .map(|(number, item)| (number.to_string(), written(item)))
        .collect();
    (!over.is_empty()).then_some(over)
}

fn table_picture(table: &Table, now: Timestamp) -> Value {
    let Settings {
        continuous,
        tags,
        protected,
        class,
        stream,
        ttl,
        policy,
        replicas,
        kinesis,
        insights,
    } = &table.settings;
    json!({
        "id": table.id,
        "status": table.status_at(now),
        "created": table.created.to_string(),
        "data": {
            "items": table.items.count,
            "size_bytes": table.items.size_bytes,
            "as_of": table.items.as_of.map(|at| at.to_string()),
            "overwritten": overwritten(table),
        },
        "shape": shape_picture(&table.shape),
        "restored": table.restored.as_ref().map(|from| json!({
            "table": from.table_arn, "backup": from.backup_arn, "at": from.at.to_string()})),
        "continuous": continuous.map(|on| json!({"since": on.since.to_string(), "days": on.days})),
        "tags": tags.last().1,
        "protected": protected,
        "class": class,
        "stream": stream.view,
        "ttl": ttl.as_ref().filter(|ttl| ttl.is_on()).map(|ttl| &ttl.attribute),
        "policy": policy.as_ref().map(|policy| &policy.text),
        "replicas": replicas_picture(replicas),
        "kinesis": kinesis_picture(kinesis),
        "insights": insights_picture(insights),
    })
}

/// How each will be.
fn replicas_picture(replicas: &BTreeMap<String, Timeline<&'static str>>) -> Value {
    let one = |(region, status): (&String, &Timeline<&'static str>)| {
        (region.clone(), json!(status.last().1))
    };
    Value::Object(replicas.iter().map(one).collect())
}

fn kinesis_picture(kinesis: &BTreeMap<String, Destination>) -> Value {
    let one = |(arn, one): (&String, &Destination)| {
        let how = outlet(one.precision.as_deref(), &one.status);
        (arn.clone(), how)
    };
    Value::Object(kinesis.iter().map(one).collect())
}

fn insights_picture(insights: &BTreeMap<Option<String>, Insights>) -> Value {
    let one = |(index, one): (&Option<String>, &Insights)| {
        let of = index.as_ref().map(|name| format!("index {name}"));
        let of = of.unwrap_or_else(|| "the table".to_owned());
        (of, outlet(one.mode.as_deref(), &one.status))
    };
    Value::Object(insights.iter().map(one).collect())
}

/// How something is, as it will be.
fn outlet(how: Option<&str>, status: &Timeline<&'static str>) -> Value {
    json!({"how": how, "status": status.last().1})
}

fn shape_picture(shape: &Shape) -> Value {
    let index = |(name, index): (&String, &Index)| {
        let picture = json!({
            "local": index.local,
            "keys": keys(&index.keys),
            "projection": index.projection,
            "included": index.included,
            "capacity": capacity(&index.capacity),
        });
        (name.clone(), picture)
    };
    let indexes: serde_json::Map<_, _> = shape.indexes.iter().map(index).collect();
    json!({
        "keys": keys(&shape.keys),
        "indexes": indexes,
        "capacity": capacity(&shape.capacity),
        "key_arn": shape.key_arn,
    })
}

fn keys(keys: &[KeyPart]) -> Vec<String> {
    let keys = keys.iter();
    keys.map(|key| format!("{} {}", key.attribute, key.scalar))
        .collect()
}

fn capacity(capacity: &Capacity) -> Value {
    if capacity.on_demand {
        return json!({"most": [capacity.max_read, capacity.max_write]});
    }
    json!({"read": capacity.read, "write": capacity.write})
}

fn backup_picture(backup: &Backup) -> Value {
    let Kept {
        shape,
        items,
        stream,
        ttl,
    } = &backup.kept;
    json!({
        "name": backup.name,
        "table": backup.table_name,
        "type": backup.kind.name(),
        "status": backup.status,
        "created": backup.created.to_string(),
        "expires": backup.expires.map(|at| at.to_string()),
        "size_bytes": items.size_bytes,
        "shape": shape_picture(shape),
        "stream": stream,
        "ttl": ttl,
    })
}
