//! Gives a table and its global indexes their throughput.
//!
//! Usually they have it, since a restore takes it over, and then nothing is sent.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{
    BillingMode, GlobalSecondaryIndexUpdate, OnDemandThroughput, UpdateGlobalSecondaryIndexAction,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::CALL;
use crate::aws::failure::failure;
use crate::domain::dynamodb::Capacity;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{
    HandledTable, accepted, built, passing, present, settled, units, wait_until_active,
};

/// What lifts a limit of what is paid by request (`OnDemandThroughput`, API reference).
const UNLIMITED: i64 = -1;

/// A table and its global indexes have their throughput.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetCapacity {
    /// Name of the table.
    pub table: String,
    /// What the table has.
    pub capacity: Capacity,
    /// What each of its global indexes has, by name; of those that are not named nothing is said.
    pub indexes: BTreeMap<String, Capacity>,
}

/// Name and value of a throughput in a request: of the table, or of an index.
fn throughput(on_demand: bool, capacity: &Capacity) -> (&'static str, Value) {
    if on_demand {
        let limit = |most: Option<i64>| most.unwrap_or(UNLIMITED);
        let limits = json!({
            "MaxReadRequestUnits": limit(capacity.max_read),
            "MaxWriteRequestUnits": limit(capacity.max_write),
        });
        ("OnDemandThroughput", limits)
    } else {
        let units =
            json!({"ReadCapacityUnits": capacity.read, "WriteCapacityUnits": capacity.write});
        ("ProvisionedThroughput", units)
    }
}

/// The same as a request takes it.
fn limits(capacity: &Capacity) -> OnDemandThroughput {
    OnDemandThroughput::builder()
        .max_read_request_units(capacity.max_read.unwrap_or(UNLIMITED))
        .max_write_request_units(capacity.max_write.unwrap_or(UNLIMITED))
        .build()
}

/// A throughput as people read it.
fn said(capacity: &Capacity) -> String {
    if capacity.on_demand {
        "paid by request".to_owned()
    } else {
        format!(
            "{} reads and {} writes a second",
            capacity.read, capacity.write
        )
    }
}

#[async_trait]
impl Operation for SetCapacity {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:SetCapacity";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let on_demand = self.capacity.on_demand;
        let mode = if on_demand {
            "PAY_PER_REQUEST"
        } else {
            "PROVISIONED"
        };
        let mut parameters = json!({"TableName": self.table, "BillingMode": mode});
        let (name, units) = throughput(on_demand, &self.capacity);
        parameters[name] = units;
        let update = |(index, capacity): (&String, &Capacity)| {
            let (name, units) = throughput(on_demand, capacity);
            json!({"Update": {"IndexName": index, name: units}})
        };
        if !self.indexes.is_empty() {
            let updates = self.indexes.iter().map(update);
            parameters["GlobalSecondaryIndexUpdates"] = updates.collect();
        }
        Request {
            service: "dynamodb",
            api: "UpdateTable",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let table = match settled(cx, &self.table).await? {
            Ok(table) => table,
            Err(otherwise) => return Ok(otherwise),
        };
        let mut found = BTreeMap::new();
        for name in self.indexes.keys() {
            let mut all = table.indexes.iter();
            let index = all.find(|index| index.name == *name);
            let Some(capacity) = index.and_then(|index| index.capacity.clone()) else {
                let named = shown(&self.table);
                let why = format!("table {named} has no global index {}", shown(name));
                return Ok(Probe::Conflict(why));
            };
            found.insert(name, capacity);
        }
        let equal = table.capacity == self.capacity
            && self
                .indexes
                .iter()
                .all(|(name, wanted)| found[name] == *wanted);
        Ok(if equal {
            present(&self.table, said(&table.capacity))
        } else {
            Probe::Absent {
                found: json!({"capacity": table.capacity, "indexes": found}),
            }
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let on_demand = self.capacity.on_demand;
        let mode = if on_demand {
            BillingMode::PayPerRequest
        } else {
            BillingMode::Provisioned
        };
        let provisioned = |capacity| (!on_demand).then(|| units(CALL, capacity)).transpose();
        let limited = |capacity| on_demand.then(|| limits(capacity));
        let mut updates = Vec::new();
        for (name, capacity) in &self.indexes {
            let update = UpdateGlobalSecondaryIndexAction::builder()
                .index_name(name)
                .set_provisioned_throughput(provisioned(capacity)?)
                .set_on_demand_throughput(limited(capacity));
            let update = built(CALL, update.build())?;
            updates.push(GlobalSecondaryIndexUpdate::builder().update(update).build());
        }
        let answer = cx
            .clients
            .dynamodb_once
            .update_table()
            .table_name(&self.table)
            .billing_mode(mode)
            .set_provisioned_throughput(provisioned(&self.capacity)?)
            .set_on_demand_throughput(limited(&self.capacity))
            .set_global_secondary_index_updates((!updates.is_empty()).then_some(updates))
            .send()
            .await
            .map_err(|error| passing(failure(CALL, &error)))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
