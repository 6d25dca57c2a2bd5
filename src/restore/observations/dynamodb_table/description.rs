//! What `DescribeTable` tells, as plain data.
//! What AWS leaves out where it is the usual is filled in here.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndexDescription, IndexStatus,
    KeySchemaElement, LocalSecondaryIndexDescription, OnDemandThroughput, Projection,
    ProjectionType, ProvisionedThroughputDescription, ReplicaDescription, RestoreSummary,
    SseDescription, SseType, StreamSpecification, TableDescription, TableStatus,
};

use crate::domain::dynamodb::{Capacity, Index, Key, Restored, Table};
use crate::restore::observations::{instant, text};

/// The class of a table of which AWS tells none.
const STANDARD: &str = "STANDARD";

/// Reads a table out of its description.
pub(super) fn read(name: &str, table: &TableDescription) -> Table {
    let definitions = table.attribute_definitions();
    let units = table.provisioned_throughput();
    let on_demand = is_on_demand(table);
    let class = table.table_class_summary();
    let class = class.and_then(|summary| summary.table_class());
    let mut replicas: Vec<String> = table.replicas().iter().filter_map(region).collect();
    replicas.sort();
    let mut indexes: Vec<Index> = table
        .global_secondary_indexes()
        .iter()
        .map(|index| global(index, definitions, on_demand))
        .collect();
    let local = table.local_secondary_indexes().iter();
    indexes.extend(local.map(|index| of_table(index, definitions)));
    Table {
        name: table.table_name().unwrap_or(name).to_owned(),
        arn: text(table.table_arn()),
        id: text(table.table_id()),
        status: text(table.table_status().map(TableStatus::as_str)),
        items: table.item_count().unwrap_or_default(),
        bytes: table.table_size_bytes().unwrap_or_default(),
        keys: keys_of(table.key_schema(), definitions),
        capacity: described(on_demand, units, table.on_demand_throughput()),
        class: class.map_or(STANDARD, |class| class.as_str()).to_owned(),
        indexes: indexes_of(indexes),
        kms_key: key_of(table.sse_description()),
        stream: streamed(table.stream_specification()),
        stream_arn: table.latest_stream_arn().map(str::to_owned),
        deletion_protection: table.deletion_protection_enabled() == Some(true),
        replicas,
        restored: table.restore_summary().and_then(restored),
    }
}

/// AWS tells how a table is paid only once that was changed; one that has no units is paid by request
/// (`BillingModeSummary`, API reference).
fn is_on_demand(table: &TableDescription) -> bool {
    let mode = table.billing_mode_summary();
    let mode = mode.and_then(|summary| summary.billing_mode());
    let units = table.provisioned_throughput();
    let no_units = units.and_then(ProvisionedThroughputDescription::read_capacity_units) == Some(0);
    mode.map_or(no_units, |mode| *mode == BillingMode::PayPerRequest)
}

fn region(replica: &ReplicaDescription) -> Option<String> {
    replica.region_name().map(str::to_owned)
}

fn described(
    on_demand: bool,
    units: Option<&ProvisionedThroughputDescription>,
    limits: Option<&OnDemandThroughput>,
) -> Capacity {
    let units = units.map(|units| {
        let read = units.read_capacity_units().unwrap_or_default();
        (read, units.write_capacity_units().unwrap_or_default())
    });
    capacity_of(on_demand, units, limits)
}

/// Makes a throughput of what is told of it: units of reads and writes, and the limits of what is paid by request,
/// of which -1 is none.
pub(in crate::restore::observations) fn capacity_of(
    on_demand: bool,
    units: Option<(i64, i64)>,
    limits: Option<&OnDemandThroughput>,
) -> Capacity {
    let (read, write) = units.filter(|_| !on_demand).unwrap_or_default();
    let limits = limits.filter(|_| on_demand);
    let limit = |most: Option<i64>| most.filter(|most| *most >= 0);
    Capacity {
        on_demand,
        read,
        write,
        max_read: limit(limits.and_then(OnDemandThroughput::max_read_request_units)),
        max_write: limit(limits.and_then(OnDemandThroughput::max_write_request_units)),
    }
}

/// Reads a key, and of which type its attributes are where that is told.
pub(in crate::restore::observations) fn keys_of(
    schema: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Vec<Key> {
    let key = |element: &KeySchemaElement| {
        let named = |one: &&AttributeDefinition| one.attribute_name() == element.attribute_name();
        let definition = definitions.iter().find(named);
        let scalar = definition.map(|one| one.attribute_type().as_str());
        Key {
            attribute: element.attribute_name().to_owned(),
            kind: element.key_type().as_str().to_owned(),
            scalar: scalar.unwrap_or_default().to_owned(),
        }
    };
    schema.iter().map(key).collect()
}

/// Sorts indexes by their names.
pub(in crate::restore::observations) fn indexes_of(mut indexes: Vec<Index>) -> Vec<Index> {
    indexes.sort_by(|one, other| one.name.cmp(&other.name));
    indexes
}

/// Which attributes an index holds: the kind of its projection, and those besides the keys, sorted.
pub(in crate::restore::observations) fn projected(
    projection: Option<&Projection>,
) -> (String, Vec<String>) {
    let kind = projection.and_then(|projection| projection.projection_type());
    let included = projection.map(|projection| projection.non_key_attributes().to_vec());
    let mut included = included.unwrap_or_default();
    included.sort();
    (text(kind.map(ProjectionType::as_str)), included)
}

fn global(
    index: &GlobalSecondaryIndexDescription,
    definitions: &[AttributeDefinition],
    on_demand: bool,
) -> Index {
    let (projection, included) = projected(index.projection());
    let units = index.provisioned_throughput();
    Index {
        name: text(index.index_name()),
        local: false,
        keys: keys_of(index.key_schema(), definitions),
        projection,
        included,
        capacity: Some(described(on_demand, units, index.on_demand_throughput())),
        status: text(index.index_status().map(IndexStatus::as_str)),
    }
}

fn of_table(index: &LocalSecondaryIndexDescription, definitions: &[AttributeDefinition]) -> Index {
    let (projection, included) = projected(index.projection());
    Index {
        name: text(index.index_name()),
        local: true,
        keys: keys_of(index.key_schema(), definitions),
        projection,
        included,
        capacity: None,
        status: String::new(),
    }
}

/// Returns the ARN of a KMS key; `None` for the key that `DynamoDB` owns.
pub(in crate::restore::observations) fn key_of(sse: Option<&SseDescription>) -> Option<String> {
    let sse = sse.filter(|sse| sse.sse_type() == Some(&SseType::Kms))?;
    sse.kms_master_key_arn().map(str::to_owned)
}

/// Returns what a stream holds; `None` where it is off.
pub(in crate::restore::observations) fn streamed(
    stream: Option<&StreamSpecification>,
) -> Option<String> {
    let stream = stream.filter(|stream| stream.stream_enabled())?;
    let view = stream.stream_view_type()?;
    Some(view.as_str().to_owned())
}

fn restored(summary: &RestoreSummary) -> Option<Restored> {
    Some(Restored {
        from_table: summary.source_table_arn().map(str::to_owned),
        from_backup: summary.source_backup_arn().map(str::to_owned),
        at: instant(Some(summary.restore_date_time()))?,
        in_progress: summary.restore_in_progress(),
    })
}
