//! Gives a table and its global indexes their throughput.
//!
//! Usually they have it, since a restore takes it over, and then nothing is sent.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::CALL;
use crate::domain::dynamodb::Capacity;
use crate::domain::failure::Failure;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{HandledTable, not_ready, wait_until_active};

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

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(CALL))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
