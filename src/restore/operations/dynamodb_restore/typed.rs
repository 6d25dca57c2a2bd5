//! The same overrides as a request takes them.
//! They are held against those in AWS's words by what is really sent.

use aws_sdk_dynamodb::types::{
    BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex,
    OnDemandThroughput, Projection, ProjectionType, ProvisionedThroughput, SseSpecification,
    SseType,
};

use crate::domain::dynamodb::{Capacity, Index, Key, Overrides};
use crate::domain::failure::Failure;
use crate::restore::operations::dynamodb_table::{built, units};

/// Overrides as either request takes them.
pub(super) struct Typed {
    pub billing: Option<BillingMode>,
    pub units: Option<ProvisionedThroughput>,
    pub limits: Option<OnDemandThroughput>,
    pub indexes: Option<Vec<GlobalSecondaryIndex>>,
    pub local_indexes: Option<Vec<LocalSecondaryIndex>>,
    pub encryption: Option<SseSpecification>,
}

/// Makes them for one call.
///
/// # Errors
/// An index that cannot be sent.
pub(super) fn typed(call: &str, overrides: &Overrides) -> Result<Typed, Failure> {
    let capacity = overrides.capacity.as_ref();
    let mode = |on_demand| {
        if on_demand {
            BillingMode::PayPerRequest
        } else {
            BillingMode::Provisioned
        }
    };
    let encryption = |key: &String| {
        SseSpecification::builder()
            .enabled(true)
            .sse_type(SseType::Kms)
            .kms_master_key_id(key)
            .build()
    };
    let indexes = overrides.indexes.as_ref();
    let global = indexes.map(|all| all.iter().map(|index| global(call, index)).collect());
    let local = overrides.local_indexes.as_ref();
    let local = local.map(|all| all.iter().map(|index| of_table(call, index)).collect());
    Ok(Typed {
        billing: overrides.on_demand.map(mode),
        units: provisioned(call, capacity)?,
        limits: capacity.and_then(limits),
        indexes: global.transpose()?,
        local_indexes: local.transpose()?,
        encryption: overrides.kms_key.as_ref().map(encryption),
    })
}

fn provisioned(
    call: &str,
    capacity: Option<&Capacity>,
) -> Result<Option<ProvisionedThroughput>, Failure> {
    let capacity = capacity.filter(|capacity| !capacity.on_demand);
    capacity.map(|capacity| units(call, capacity)).transpose()
}

fn limits(capacity: &Capacity) -> Option<OnDemandThroughput> {
    let limited = capacity.max_read.is_some() || capacity.max_write.is_some();
    let limits = OnDemandThroughput::builder()
        .set_max_read_request_units(capacity.max_read)
        .set_max_write_request_units(capacity.max_write);
    (capacity.on_demand && limited).then(|| limits.build())
}

fn keys(call: &str, keys: &[Key]) -> Result<Vec<KeySchemaElement>, Failure> {
    let key = |key: &Key| {
        let element = KeySchemaElement::builder()
            .attribute_name(&key.attribute)
            .key_type(KeyType::from(key.kind.as_str()));
        built(call, element.build())
    };
    keys.iter().map(key).collect()
}

fn projection(index: &Index) -> Projection {
    let included = Some(index.included.clone()).filter(|included| !included.is_empty());
    Projection::builder()
        .projection_type(ProjectionType::from(index.projection.as_str()))
        .set_non_key_attributes(included)
        .build()
}

fn global(call: &str, index: &Index) -> Result<GlobalSecondaryIndex, Failure> {
    let capacity = index.capacity.as_ref();
    let whole = GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(keys(call, &index.keys)?))
        .projection(projection(index))
        .set_provisioned_throughput(provisioned(call, capacity)?)
        .set_on_demand_throughput(capacity.and_then(limits));
    built(call, whole.build())
}

fn of_table(call: &str, index: &Index) -> Result<LocalSecondaryIndex, Failure> {
    let whole = LocalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(keys(call, &index.keys)?))
        .projection(projection(index));
    built(call, whole.build())
}
