//! Tables as DynamoDB tells them.
//! What AWS leaves out where it is the usual is left out here: who reads it must know.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types as dynamodb;
use aws_smithy_types::error::operation::BuildError;
use jiff::Timestamp;

use super::model::Table;
use super::shape::{Capacity, Index, KeyPart, Shape, part};
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;

/// A row that lacks something is a mistake of the simulation.
pub fn built<T>(row: Result<T, BuildError>) -> Result<T, Refusal> {
    row.map_err(|error| Refusal::new(500, "InternalServerError", error.to_string()))
}

/// Describes a table.
pub fn table(table: &Table, now: Timestamp) -> Result<dynamodb::TableDescription, Refusal> {
    let (shape, settings) = (&table.shape, &table.settings);
    let status = table.status_at(now);
    let local = shape.indexes.iter().filter(|(_, index)| index.local);
    let local: Result<Vec<_>, _> = local
        .map(|(name, index)| local_index(name, index))
        .collect();
    let global = shape.indexes.iter().filter(|(_, index)| !index.local);
    let global: Result<Vec<_>, _> = global
        .map(|(name, index)| global_index(name, index, status))
        .collect();
    let row = dynamodb::TableDescription::builder()
        .table_name(&table.name)
        .table_id(&table.id)
        .table_arn(&table.arn)
        .table_status(dynamodb::TableStatus::from(status))
        .creation_date_time(date(table.created))
        .item_count(table.items.count)
        .table_size_bytes(table.items.size_bytes)
        .set_key_schema(Some(key_schema(&shape.keys)?))
        .set_attribute_definitions(Some(attributes(shape)?))
        .provisioned_throughput(provisioned(&shape.capacity))
        .set_billing_mode_summary(billing(&shape.capacity))
        .set_on_demand_throughput(on_demand(&shape.capacity))
        .set_local_secondary_indexes(some(local?))
        .set_global_secondary_indexes(some(global?))
        .set_sse_description(shape.key_arn.as_deref().map(encryption))
        .set_restore_summary(restored(table, status)?)
        .deletion_protection_enabled(settings.protected);
    Ok(with_settings(row, table, now)?.build())
}

fn with_settings(
    row: dynamodb::builders::TableDescriptionBuilder,
    table: &Table,
    now: Timestamp,
) -> Result<dynamodb::builders::TableDescriptionBuilder, Refusal> {
    let settings = &table.settings;
    let stream = settings.stream.view.as_deref().map(stream).transpose()?;
    let label = settings.stream.label.map(|at| at.to_string());
    let arn = table.stream_arn();
    let class = (settings.class != "STANDARD").then(|| {
        let class = dynamodb::TableClass::from(settings.class.as_str());
        let summary = dynamodb::TableClassSummary::builder();
        summary.table_class(class).build()
    });
    let replicas = settings.replicas.iter().map(|(region, status)| {
        let status = dynamodb::ReplicaStatus::from(*status.at(now));
        let replica = dynamodb::ReplicaDescription::builder().region_name(region);
        replica.replica_status(status).build()
    });
    Ok(row
        .set_stream_specification(stream)
        .set_latest_stream_label(label)
        .set_latest_stream_arn(arn)
        .set_table_class_summary(class)
        .set_replicas(some(replicas.collect())))
}

/// What there is none of is left out.
fn some<T>(rows: Vec<T>) -> Option<Vec<T>> {
    (!rows.is_empty()).then_some(rows)
}

fn restored(table: &Table, status: &str) -> Result<Option<dynamodb::RestoreSummary>, Refusal> {
    let row = table.restored.as_ref().map(|restored| {
        let row = dynamodb::RestoreSummary::builder()
            .source_table_arn(&restored.table_arn)
            .set_source_backup_arn(restored.backup_arn.clone())
            .restore_date_time(date(restored.at));
        row.restore_in_progress(status == "CREATING").build()
    });
    row.map(built).transpose()
}

pub fn encryption(key_arn: &str) -> dynamodb::SseDescription {
    dynamodb::SseDescription::builder()
        .status(dynamodb::SseStatus::Enabled)
        .sse_type(dynamodb::SseType::Kms)
        .kms_master_key_arn(key_arn)
        .build()
}

pub fn stream(view: &str) -> Result<dynamodb::StreamSpecification, Refusal> {
    let view = dynamodb::StreamViewType::from(view);
    let row = dynamodb::StreamSpecification::builder();
    built(row.stream_enabled(true).stream_view_type(view).build())
}

pub fn key_schema(keys: &[KeyPart]) -> Result<Vec<dynamodb::KeySchemaElement>, Refusal> {
    let element = |(place, key): (usize, &KeyPart)| {
        let row = dynamodb::KeySchemaElement::builder().attribute_name(&key.attribute);
        built(row.key_type(dynamodb::KeyType::from(part(place))).build())
    };
    keys.iter().enumerate().map(element).collect()
}

/// Every attribute that is in a key, once.
fn attributes(shape: &Shape) -> Result<Vec<dynamodb::AttributeDefinition>, Refusal> {
    let indexes = shape.indexes.values().flat_map(|index| &index.keys);
    let all: BTreeMap<&str, &str> = shape
        .keys
        .iter()
        .chain(indexes)
        .map(|key| (key.attribute.as_str(), key.scalar.as_str()))
        .collect();
    let row = |(attribute, scalar): (&str, &str)| {
        let row = dynamodb::AttributeDefinition::builder().attribute_name(attribute);
        let scalar = dynamodb::ScalarAttributeType::from(scalar);
        built(row.attribute_type(scalar).build())
    };
    all.into_iter().map(row).collect()
}

/// Zeros where it is paid by request.
fn provisioned(capacity: &Capacity) -> dynamodb::ProvisionedThroughputDescription {
    dynamodb::ProvisionedThroughputDescription::builder()
        .read_capacity_units(capacity.read)
        .write_capacity_units(capacity.write)
        .number_of_decreases_today(0)
        .build()
}

/// A table that was always provisioned has none.
fn billing(capacity: &Capacity) -> Option<dynamodb::BillingModeSummary> {
    capacity.on_demand.then(|| {
        let summary = dynamodb::BillingModeSummary::builder();
        summary
            .billing_mode(dynamodb::BillingMode::PayPerRequest)
            .build()
    })
}

/// Left out where nothing is limited.
pub fn on_demand(capacity: &Capacity) -> Option<dynamodb::OnDemandThroughput> {
    let limited = capacity.max_read.is_some() || capacity.max_write.is_some();
    limited.then(|| {
        dynamodb::OnDemandThroughput::builder()
            .set_max_read_request_units(capacity.max_read)
            .set_max_write_request_units(capacity.max_write)
            .build()
    })
}

pub fn projection(index: &Index) -> dynamodb::Projection {
    dynamodb::Projection::builder()
        .projection_type(dynamodb::ProjectionType::from(index.projection.as_str()))
        .set_non_key_attributes(some(index.included.clone()))
        .build()
}

fn local_index(
    name: &str,
    index: &Index,
) -> Result<dynamodb::LocalSecondaryIndexDescription, Refusal> {
    Ok(dynamodb::LocalSecondaryIndexDescription::builder()
        .index_name(name)
        .set_key_schema(Some(key_schema(&index.keys)?))
        .projection(projection(index))
        .build())
}

/// An index is made with its table.
fn global_index(
    name: &str,
    index: &Index,
    status: &str,
) -> Result<dynamodb::GlobalSecondaryIndexDescription, Refusal> {
    let status = if status == "CREATING" {
        dynamodb::IndexStatus::Creating
    } else {
        dynamodb::IndexStatus::Active
    };
    Ok(dynamodb::GlobalSecondaryIndexDescription::builder()
        .index_name(name)
        .index_status(status)
        .set_key_schema(Some(key_schema(&index.keys)?))
        .projection(projection(index))
        .provisioned_throughput(provisioned(&index.capacity))
        .set_on_demand_throughput(on_demand(&index.capacity))
        .build())
}
