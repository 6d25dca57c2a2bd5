//! What a restore is asked to make otherwise than it was: throughput, indexes, encryption.
//! Indexes can be left out and not be added (DynamoDB API reference).

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::restore_table_from_backup::RestoreTableFromBackupInput;
use aws_sdk_dynamodb::operation::restore_table_to_point_in_time::RestoreTableToPointInTimeInput;
use aws_sdk_dynamodb::types as dynamodb;

use super::shape::{Capacity, Index, Shape, part};
use crate::sim::refusal::Refusal;
use crate::sim::world::Estate;

/// The overrides of a restore, of either kind.
pub struct Overrides {
    billing: Option<dynamodb::BillingMode>,
    provisioned: Option<dynamodb::ProvisionedThroughput>,
    on_demand: Option<dynamodb::OnDemandThroughput>,
    global: Option<Vec<dynamodb::GlobalSecondaryIndex>>,
    local: Option<Vec<dynamodb::LocalSecondaryIndex>>,
    encryption: Option<dynamodb::SseSpecification>,
}

/// An index as an override tells it.
struct Asked<'a> {
    name: &'a str,
    keys: &'a [dynamodb::KeySchemaElement],
    provisioned: Option<&'a dynamodb::ProvisionedThroughput>,
    on_demand: Option<&'a dynamodb::OnDemandThroughput>,
}

impl Overrides {
    /// Takes them out of a request.
    pub fn of_point(input: &RestoreTableToPointInTimeInput) -> Self {
        Self {
            billing: input.billing_mode_override.clone(),
            provisioned: input.provisioned_throughput_override.clone(),
            on_demand: input.on_demand_throughput_override.clone(),
            global: input.global_secondary_index_override.clone(),
            local: input.local_secondary_index_override.clone(),
            encryption: input.sse_specification_override.clone(),
        }
    }

    /// Takes them out of a request.
    pub fn of_backup(input: &RestoreTableFromBackupInput) -> Self {
        Self {
            billing: input.billing_mode_override.clone(),
            provisioned: input.provisioned_throughput_override.clone(),
            on_demand: input.on_demand_throughput_override.clone(),
            global: input.global_secondary_index_override.clone(),
            local: input.local_secondary_index_override.clone(),
            encryption: input.sse_specification_override.clone(),
        }
    }

    /// Makes of what was what is asked for.
    pub fn apply(&self, mut shape: Shape, estate: &Estate) -> Result<Shape, Refusal> {
        let was = shape.capacity;
        let asked = (self.provisioned.as_ref(), self.on_demand.as_ref());
        let billing = self.billing.as_ref();
        shape.capacity = capacity(was, billing, asked.0, asked.1)?;
        let kept = |local: bool| {
            let of_kind = shape
                .indexes
                .iter()
                .filter(move |(_, index)| index.local == local);
            of_kind.map(|(name, index)| (name.clone(), index.clone()))
        };
        let global = match &self.global {
            Some(asked) => self.chosen(&shape, asked.iter().map(Asked::global).collect(), false)?,
            None => kept(false).collect(),
        };
        let local = match &self.local {
            Some(asked) => self.chosen(&shape, asked.iter().map(Asked::local).collect(), true)?,
            None => kept(true).collect(),
        };
        shape.indexes = global.into_iter().chain(local).collect();
        if shape.capacity.on_demand && !was.on_demand {
            for index in shape
                .indexes
                .values_mut()
                .filter(|index| !index.capacity.on_demand)
            {
                index.capacity = Capacity::ON_DEMAND;
            }
        }
        let mut global = shape.indexes.values().filter(|index| !index.local);
        if !shape.capacity.on_demand && global.any(|index| index.capacity.on_demand) {
            return Err(invalid(
                "One or more parameter values were invalid: ProvisionedThroughput is not specified for index",
            ));
        }
        if let Some(encryption) = &self.encryption {
            shape.key_arn = key_arn(encryption, estate);
        }
        Ok(shape)
    }

    /// The indexes that are asked for, out of those there were.
    fn chosen(
        &self,
        shape: &Shape,
        asked: Vec<Asked<'_>>,
        local: bool,
    ) -> Result<BTreeMap<String, Index>, Refusal> {
        let mut chosen = BTreeMap::new();
        for one in asked {
            let was = shape.indexes.get(one.name);
            let was = was.filter(|was| was.local == local && one.is_keyed_as(was));
            let mut index = was.cloned().ok_or_else(|| {
                invalid(&format!(
                    "One or more parameter values were invalid: {} is not an index of the source",
                    one.name
                ))
            })?;
            if !local {
                let billing = self.billing.as_ref();
                index.capacity = capacity(index.capacity, billing, one.provisioned, one.on_demand)?;
            }
            chosen.insert(one.name.to_owned(), index);
        }
        Ok(chosen)
    }
}

impl<'a> Asked<'a> {
    fn global(index: &'a dynamodb::GlobalSecondaryIndex) -> Self {
        Self {
            name: index.index_name(),
            keys: index.key_schema(),
            provisioned: index.provisioned_throughput(),
            on_demand: index.on_demand_throughput(),
        }
    }

    fn local(index: &'a dynamodb::LocalSecondaryIndex) -> Self {
        Self {
            name: index.index_name(),
            keys: index.key_schema(),
            provisioned: None,
            on_demand: None,
        }
    }

    fn is_keyed_as(&self, was: &Index) -> bool {
        let asked = self.keys.iter();
        let asked = asked.map(|key| (key.attribute_name(), key.key_type().as_str()));
        let was = was.keys.iter().enumerate();
        asked.eq(was.map(|(place, key)| (key.attribute.as_str(), part(place))))
    }
}

/// Throughput as it was, where nothing else is asked for.
fn capacity(
    was: Capacity,
    billing: Option<&dynamodb::BillingMode>,
    provisioned: Option<&dynamodb::ProvisionedThroughput>,
    on_demand: Option<&dynamodb::OnDemandThroughput>,
) -> Result<Capacity, Refusal> {
    let by_request = match billing {
        Some(mode) => *mode == dynamodb::BillingMode::PayPerRequest,
        None => was.on_demand && provisioned.is_none(),
    };
    if by_request && provisioned.is_some() {
        return Err(invalid(
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor \
             WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        ));
    }
    if by_request {
        let was = if was.on_demand {
            was
        } else {
            Capacity::ON_DEMAND
        };
        let read = on_demand.and_then(dynamodb::OnDemandThroughput::max_read_request_units);
        let write = on_demand.and_then(dynamodb::OnDemandThroughput::max_write_request_units);
        return Ok(Capacity {
            max_read: read.or(was.max_read),
            max_write: write.or(was.max_write),
            ..was
        });
    }
    match provisioned {
        Some(asked) => Ok(Capacity::provisioned(
            asked.read_capacity_units(),
            asked.write_capacity_units(),
        )),
        None if !was.on_demand => Ok(was),
        None => Err(invalid(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits \
             must both be specified when BillingMode is PROVISIONED",
        )),
    }
}

/// The key that is asked for; none is DynamoDB's own.
fn key_arn(asked: &dynamodb::SseSpecification, estate: &Estate) -> Option<String> {
    let name = asked
        .kms_master_key_id()
        .filter(|_| asked.enabled() != Some(false))?;
    let mut keys = estate.keys.values();
    let known = keys.find(|key| key.answers_to(name));
    Some(known.map_or_else(|| name.to_owned(), |key| key.arn.clone()))
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
