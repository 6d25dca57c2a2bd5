//! Counts the items of a table that are past their time to live: a read, which brings nothing about.
//!
//! A person decides by the count whether AWS may begin to delete them, so it says whether it is of all items.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::scan::ScanOutput;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use aws_types::request_id::RequestId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::no_table;
use crate::aws::failure::failure;
use crate::domain::dynamodb::Table;
use crate::domain::failure::Failure;
use crate::restore::observations::dynamodb_table::table;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

#[cfg(test)]
mod tests;

const CALL: &str = "dynamodb:Scan";

/// AWS deletes nothing that expired longer ago: five years, with their leap days ("How it works: TTL", developer
/// guide).
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1_827 * 24);

/// After so many items, or after so long, a count is given up.
const MOST_ITEMS: u64 = 1_000_000;
const LONGEST: Duration = Duration::from_mins(1);

/// The most read units that a page takes: 1 MiB, at half a unit for 4 KiB (`Scan`, API reference).
const UNITS_OF_A_PAGE: f64 = 128.0;
/// The part of a table's units that a count may take: applications read it too.
const SHARE: f64 = 0.5;

/// A number counts as a second of expiry between these two.
const FILTER: &str = "attribute_type(#t, :n) AND #t BETWEEN :from AND :now";

/// It is known how many items of a table are past their time to live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountExpired {
    /// Name of the table.
    pub table: String,
    /// The attribute that holds the second in which an item expires.
    pub attribute: String,
    /// The second as of which a script counts; a run counts as of the one in which it does.
    pub as_of: Timestamp,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Items that have expired.
    pub expired: u64,
    /// Items that were looked at.
    pub looked_at: u64,
    /// Whether these are all; else there may be more that have expired.
    pub complete: bool,
}

/// The first second and the last one between which an item has expired, and would be deleted.
fn seconds(as_of: Timestamp) -> (String, String) {
    let from = as_of
        .checked_sub(FORGOTTEN_AFTER)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    (from.as_second().to_string(), as_of.as_second().to_string())
}

#[async_trait]
impl Operation for CountExpired {
    type Output = Counted;
    const NAME: &'static str = "dynamodb:CountExpired";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let (from, now) = seconds(self.as_of);
        Request {
            service: "dynamodb",
            api: "Scan",
            parameters: json!({
                "TableName": self.table,
                "Select": "COUNT",
                "FilterExpression": FILTER,
                "ExpressionAttributeNames": {"#t": self.attribute},
                "ExpressionAttributeValues": {
                    ":n": {"S": "N"},
                    ":from": {"N": from},
                    ":now": {"N": now},
                },
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Counted>, Failure> {
        let Some(table) = table(&cx.clients, &self.table).await? else {
            return Ok(no_table(&self.table));
        };
        let counted = self.counted(cx, &table).await?;
        let word = if counted.complete { "" } else { "at least " };
        Ok(Probe::Present {
            detail: format!(
                "{word}{} of {} items that were looked at have expired",
                counted.expired, counted.looked_at
            ),
            output: counted,
        })
    }

    /// Sends the read of a first page: there is nothing else to send.
    async fn issue(&self, cx: &Context) -> Result<Issued<Counted>, Failure> {
        let page = self.page(&cx.clients.dynamodb_once, self.as_of, None);
        let answer = page.await?;
        let request_id = answer.request_id().map(str::to_owned);
        let mut counted = Counted::default();
        counted.add(&answer);
        Ok(Issued {
            request_id,
            output: Some(counted),
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("expired", "Count"), ("looked_at", "ScannedCount")]
    }
}

impl Counted {
    fn add(&mut self, page: &ScanOutput) {
        let count = |count: i32| u64::try_from(count).unwrap_or_default();
        self.expired += count(page.count());
        self.looked_at += count(page.scanned_count());
        self.complete = rest(page).is_none();
    }
}

/// From where a page is to be followed by another one; an empty one may be, too.
fn rest(page: &ScanOutput) -> Option<Start> {
    page.last_evaluated_key().cloned()
}

type Start = HashMap<String, AttributeValue>;

impl CountExpired {
    /// Counts page by page, until all is counted or it has taken enough.
    async fn counted(&self, cx: &Context, table: &Table) -> Result<Counted, Failure> {
        let now = cx.clients.clock.now();
        let pause = pause(table);
        let mut counted = Counted::default();
        let mut taken = Duration::ZERO;
        let mut from = None;
        loop {
            let begun = cx.clients.clock.now();
            let page = self.page(&cx.clients.dynamodb, now, from).await?;
            counted.add(&page);
            from = rest(&page);
            if from.is_none() || counted.looked_at >= MOST_ITEMS {
                return Ok(counted);
            }
            let asked = cx.clients.clock.now().duration_since(begun);
            taken += Duration::try_from(asked).unwrap_or_default() + pause;
            if taken >= LONGEST {
                return Ok(counted);
            }
            cx.clients.clock.sleep(pause).await;
        }
    }

    async fn page(
        &self,
        client: &Client,
        as_of: Timestamp,
        from: Option<Start>,
    ) -> Result<ScanOutput, Failure> {
        let (first, last) = seconds(as_of);
        let request = client
            .scan()
            .table_name(&self.table)
            .select(Select::Count)
            .filter_expression(FILTER)
            .expression_attribute_names("#t", &self.attribute)
            .expression_attribute_values(":n", AttributeValue::S("N".to_owned()))
            .expression_attribute_values(":from", AttributeValue::N(first))
            .expression_attribute_values(":now", AttributeValue::N(last))
            .set_exclusive_start_key(from);
        let answer = request.send().await;
        answer.map_err(|error| failure(CALL, &error))
    }
}

/// How long to wait from one page to the next so that a table has units left for others.
fn pause(table: &Table) -> Duration {
    let units = i32::try_from(table.capacity.read).unwrap_or(i32::MAX);
    if table.capacity.on_demand || units <= 0 {
        return Duration::ZERO;
    }
    Duration::from_secs_f64(UNITS_OF_A_PAGE / (f64::from(units) * SHARE))
}
