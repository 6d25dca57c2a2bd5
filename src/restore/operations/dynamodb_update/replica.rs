//! Gives a table a replica in another Region, which makes it a global table of version 2019.11.21.
//!
//! The replica is made by the settings of its table and gets its items; the table is `UPDATING` until then (`UpdateTable`,
//! `ReplicaDescription`, API reference). No replica is ever changed or deleted.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{CreateReplicationGroupMemberAction, ReplicationGroupUpdate};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CALL;
use crate::aws::failure::failure;
use crate::domain::dynamodb::Table;
use crate::domain::failure::Failure;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::dynamodb_table::{DescribedReplica, described_replica};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{
    HandledTable, Unsettled, accepted, built, no_table, passing, present, unsettled,
};

#[cfg(test)]
mod tests;

/// States of table and replica out of which neither comes by itself. A replica fails while its table is updated, or
/// once it is active again.
const LOST: &[&str] = &[
    "UPDATING CREATION_FAILED",
    "ACTIVE CREATION_FAILED",
    "UPDATING INACCESSIBLE_ENCRYPTION_CREDENTIALS",
    "ACTIVE INACCESSIBLE_ENCRYPTION_CREDENTIALS",
    "UPDATING REGION_DISABLED",
    "ACTIVE REGION_DISABLED",
    "UPDATING REPLICATION_NOT_AUTHORIZED",
    "ACTIVE REPLICATION_NOT_AUTHORIZED",
];

/// A table has a replica in another Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddReplica {
    /// Name of the table.
    pub table: String,
    /// The Region of the replica, `us-east-1`.
    pub region: String,
}

#[async_trait]
impl Operation for AddReplica {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:AddReplica";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateTable",
            parameters: json!({
                "TableName": self.table,
                "ReplicaUpdates": [{"Create": {"RegionName": self.region}}],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let found = described_replica(&cx.clients, &self.table, &self.region).await?;
        let Some((table, replica)) = found else {
            return Ok(no_table(&self.table));
        };
        Ok(self.judged(&table, replica.as_ref()))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let create = CreateReplicationGroupMemberAction::builder().region_name(&self.region);
        let update = ReplicationGroupUpdate::builder().create(built(CALL, create.build())?);
        let request = cx.clients.dynamodb_once.update_table();
        let request = request
            .table_name(&self.table)
            .replica_updates(update.build());
        let answer = request.send().await;
        let answer = answer.map_err(|error| passing(failure(CALL, &error)))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        // A raw text of JMESPath ends at a quote.
        let region = self.region.replace('\'', "\\'");
        let of = format!("Replicas[?RegionName=='{region}']");
        Some(Wait {
            service: "dynamodb",
            api: "DescribeTable",
            parameters: json!({"TableName": self.table}),
            query: format!("Table.[TableStatus,{of}.ReplicaStatus | [0]]"),
            wanted: &["ACTIVE ACTIVE"],
            fatal: LOST,
        })
    }
}

impl AddReplica {
    /// Says what the state of table and replica means. What has failed to be made stays until somebody deletes it, and
    /// keeps another from being made.
    fn judged(&self, table: &Table, replica: Option<&DescribedReplica>) -> Probe<HandledTable> {
        let busy = match unsettled(table) {
            Some(Unsettled::Lost(why)) => return Probe::Failed(why),
            Some(Unsettled::Passing(detail)) => Some(detail),
            None => None,
        };
        let waiting = |detail: String, percent| Probe::InProgress { detail, percent };
        let region = shown(&self.region);
        let Some(replica) = replica else {
            return busy.map_or_else(
                || Probe::Absent {
                    found: json!({"replicas": table.replicas}),
                },
                |detail| waiting(detail, None),
            );
        };
        let is = format!("the replica in {region} is {}", shown(&replica.status));
        match (replica.status.as_str(), busy) {
            ("ACTIVE", None) => present(&self.table, format!("replicated to {region}")),
            ("ACTIVE", Some(detail)) => waiting(detail, None),
            ("CREATING" | "UPDATING", _) => waiting(is, replica.percent),
            ("DELETING", _) => Probe::Conflict(is),
            (_lost, _) => {
                let why = replica.description.as_ref().map(Untrusted::shown);
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                Probe::Failed(format!(
                    "{is}{why}; none is made beside it: look at it there, delete it if it is to be made again, and resume"
                ))
            }
        }
    }
}
