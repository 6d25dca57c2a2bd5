//! Whether a restored table is set as the one was that it stands in for: a read, which brings nothing about.
//!
//! What it is held against was written down when the plan was made, so it does not matter what has become of the
//! other table since.

mod compare;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, present, read, settled, wait_until_active};
use crate::domain::dynamodb::{Table, Wanted};
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::observations::alarms::named;
use crate::restore::observations::dynamodb_table::{insights, kinesis, policy, recovery, tags};
use crate::restore::observations::table_scaling::scaling;
use crate::restore::observations::table_triggers::triggers;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

use compare::{Compared, Found};

/// A table is set as it has to be: a read, which brings nothing about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableIsAlike {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
    /// How it has to be.
    pub wanted: Wanted,
}

#[async_trait]
impl Operation for TableIsAlike {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:TableIsAlike";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "DescribeTable",
            parameters: json!({"TableName": self.table}),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let table = match settled(cx, &self.table).await? {
            Ok(table) => table,
            Err(otherwise) => return Ok(otherwise),
        };
        let found = self.found(cx, table).await?;
        let Compared { alike, otherwise } = compare::compared(&self.wanted, &found);
        Ok(if otherwise.is_empty() {
            present(&self.table, format!("{alike} settings as they were"))
        } else {
            Probe::Conflict(format!(
                "{} is not as it was: {}",
                shown(&self.table),
                otherwise.join(", ")
            ))
        })
    }

    /// Sends the read: there is nothing else to send.
    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        read(cx, &self.table).await
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}

impl TableIsAlike {
    /// Reads what there is to compare, and nothing else.
    async fn found(&self, cx: &Context, table: Table) -> Result<Found, Failure> {
        let (clients, wanted) = (&cx.clients, &self.wanted);
        let mut found = Found::default();
        if wanted.recovery_days.is_some() {
            found.recovery_days = recovery(clients, &self.table).await?.days;
        }
        if !wanted.tags.is_empty() {
            found.tags = tags(clients, &self.arn).await?;
        }
        if wanted.policy.is_some() {
            found.policy = policy(clients, &self.arn).await?;
        }
        let global = table.indexes.iter().filter(|index| !index.local);
        let names: Vec<String> = global.map(|index| index.name.clone()).collect();
        if wanted.kinesis.is_some() {
            found.kinesis = kinesis(clients, &self.table).await?;
        }
        if wanted.insights.is_some() {
            found.insights = insights(clients, &self.table, &names).await?;
        }
        if let Some(stream) = table
            .stream_arn
            .as_deref()
            .filter(|_| wanted.triggers.is_some())
        {
            found.triggers = triggers(clients, stream).await?;
        }
        if let Some(alarms) = &wanted.alarms {
            let names: Vec<String> = alarms.iter().map(|alarm| alarm.name.clone()).collect();
            found.alarms = named(clients, &names).await?;
        }
        if wanted.scaling.is_some() {
            found.scaling = scaling(clients, &self.table, &names).await?;
        }
        found.table = Some(table);
        Ok(found)
    }
}
