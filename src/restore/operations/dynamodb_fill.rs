//! Puts items that only one table has into another one, each only if that one has no item of its key.
//!
//! One step puts one part of an export, at most a hundred items, in one transaction: a single call, wholly done or not
//! at all. Sent twice, it changes nothing the second time. The items are read from the old table right before: neither
//! plan nor journal has more of them than where their keys stand. One that was put and that somebody has deleted since is
//! put again only where the answer to the first request was lost.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::request_id::RequestId;
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::try_join;

use super::dynamodb_table::{built, incomplete, settled};
use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::item::{self, Item};
use crate::domain::text::shown;
use crate::restore::observations::dynamodb_items;
use crate::restore::observations::dynamodb_table::table as table_of;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};
use crate::restore::reconcile::exported::{self, Part};

#[cfg(test)]
mod tests;

const CALL: &str = "dynamodb:TransactWriteItems";
/// Holds where the table has no item of the key, whatever else is in the table.
const CONDITION: &str = "attribute_not_exists(#key)";
/// How many characters a token of a transaction has at most (`TransactWriteItems`, API reference).
const TOKEN: usize = 36;
/// The longest wait before a part is looked at and put; what is too much is refused, and tried again later.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How often keys that were not looked at are asked for again, and how long after that.
const ROUNDS: u32 = 8;
const BETWEEN_ROUNDS: Duration = Duration::from_secs(1);

/// The items of one part of an export are in a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FillTable {
    /// The table they are put into.
    pub table: String,
    /// Its `TableId`, by which another one of the same name is told from it.
    pub table_id: String,
    /// The table they are read from.
    pub from: String,
    /// Its `TableId`.
    pub from_id: String,
    /// Attributes of the key, which both tables have: the partition key first.
    pub keys: Vec<String>,
    /// Where the keys of these items stand.
    pub part: Part,
    /// Write units a second that are asked of the table.
    pub rate: u32,
}

/// What became of the items of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The table.
    pub table: String,
    /// How many are there as the old table has them.
    pub there: u64,
    /// Of how many keys the table has an item that says something else, which is left as it is.
    pub different: u64,
    /// How many the old table does not have any more.
    pub gone: u64,
}

/// What is in both tables of the keys of a part.
#[derive(Debug, Default)]
struct Seen {
    /// Items of the old table that the other one lacks.
    missing: Vec<Item>,
    there: u64,
    different: u64,
    gone: u64,
}

#[async_trait]
impl Operation for FillTable {
    type Output = Filled;
    const NAME: &'static str = "dynamodb:FillTable";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    /// One put stands for all: the items are in no plan. Its token follows from the step's and from what is put.
    fn request(&self) -> Request {
        let Part {
            file,
            at,
            bytes,
            items,
            ..
        } = &self.part;
        let which = format!(
            "each of {items} items of {} that {} lacks: the only-old keys at byte {at} to {} of {file}",
            self.from,
            self.table,
            at + bytes,
        );
        let put = json!({
            "TableName": self.table,
            "Item": {"$item": which},
            "ConditionExpression": CONDITION,
            "ExpressionAttributeNames": {"#key": self.partition_key()},
        });
        Request {
            service: "dynamodb",
            api: "TransactWriteItems",
            parameters: json!({"TransactItems": [{"Put": put}]}),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Filled>, Failure> {
        let table = match settled(cx, &self.table).await? {
            Ok(table) => table,
            Err(instead) => return Ok(instead),
        };
        let from = table_of(&cx.clients, &self.from).await?;
        let from = from.map(|table| table.id);
        let ids = [
            (&self.table, Some(&table.id), &self.table_id),
            (&self.from, from.as_ref(), &self.from_id),
        ];
        for (name, there, planned) in ids {
            if there != Some(planned) {
                let name = shown(name);
                let why = format!("table {name} was deleted or made anew since the plan was made");
                return Ok(Probe::Conflict(why));
            }
        }
        let seen = match self.look(cx).await? {
            Ok(seen) => seen,
            Err(why) => return Ok(Probe::Conflict(why)),
        };
        // What AWS has said to be put is not put again where somebody has deleted it.
        let accepted = !cx.accepted.is_null();
        if !seen.missing.is_empty() && !accepted {
            return Ok(Probe::Absent {
                found: json!({"missing": seen.missing.len()}),
            });
        }
        Ok(Probe::Present {
            detail: if accepted || cx.sent_at.is_some() || cx.lost {
                self.told(&seen)
            } else {
                format!("nothing was missing, 0 items put: {}", self.told(&seen))
            },
            output: Filled {
                table: self.table.clone(),
                there: seen.there,
                different: seen.different,
                gone: seen.gone,
            },
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Filled>, Failure> {
        // First the table has its time: what is looked at before that is stale by when it is put.
        cx.clients.clock.sleep(self.time()).await;
        let seen = self.look(cx).await?;
        let seen = seen.map_err(|why| incomplete(CALL, &why))?;
        if seen.missing.is_empty() {
            let failure = incomplete(CALL, "nothing is missing any more");
            return Err(Failure {
                class: FailureClass::State,
                ..failure
            });
        }
        let puts = seen.missing.iter().map(|item| self.put(item));
        let answer = cx
            .clients
            .dynamodb_once
            .transact_write_items()
            .set_transact_items(Some(puts.collect::<Result<_, Failure>>()?))
            .client_request_token(token(&cx.stamp.token, &seen.missing))
            .send()
            .await
            .map_err(|error| refused(&error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(Filled {
                table: self.table.clone(),
                there: seen.there + count(&seen.missing),
                different: seen.different,
                gone: seen.gone,
            }),
        })
    }
}

/// Reads of both tables at once, until one of them fails.
async fn at_once<T>(
    one: impl Future<Output = Result<T, Failure>>,
    other: impl Future<Output = Result<T, Failure>>,
) -> Result<(T, T), Failure> {
    try_join!(one, other)
}

impl FillTable {
    fn partition_key(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }

    /// Reads what both tables have of the keys; the inner error says why the keys are not known.
    async fn look(&self, cx: &Context) -> Result<Result<Seen, String>, Failure> {
        let keys = match exported::keys(self.part.clone()).await {
            Ok(keys) => keys,
            Err(why) => return Ok(Err(format!("{} {why}", shown(&self.part.file)))),
        };
        let (mut new, mut old) = at_once(
            Box::pin(self.read(cx, &self.table, &keys)),
            Box::pin(self.read(cx, &self.from, &keys)),
        )
        .await?;
        let mut seen = Seen::default();
        for key in &keys {
            let key = item::key_bytes(key);
            match (old.remove(&key), new.remove(&key)) {
                (Some(old), None) => seen.missing.push(old),
                (Some(old), Some(new)) if item::digest(&old) == item::digest(&new) => {
                    seen.there += 1;
                }
                (Some(_), Some(_)) => seen.different += 1,
                (None, _) => seen.gone += 1,
            }
        }
        Ok(Ok(seen))
    }

    /// Reads the items of one table by their keys.
    async fn read(
        &self,
        cx: &Context,
        table: &str,
        keys: &[Item],
    ) -> Result<HashMap<Vec<u8>, Item>, Failure> {
        let mut found = HashMap::new();
        let mut left = keys.to_vec();
        for round in 0..ROUNDS {
            let batch = dynamodb_items::some(&cx.clients, table, &left).await?;
            let items = batch.items.into_iter();
            found.extend(items.map(|item| (item::key_bytes(&self.key_of(&item)), item)));
            if batch.left.is_empty() {
                return Ok(found);
            }
            left = batch.left;
            cx.clients.clock.sleep(BETWEEN_ROUNDS * (round + 1)).await;
        }
        let failure = incomplete("dynamodb:BatchGetItem", "it was too much for the table");
        Err(Failure {
            class: FailureClass::Throttled,
            ..failure
        })
    }

    fn key_of(&self, item: &Item) -> Item {
        let keys = self.keys.iter();
        keys.filter_map(|name| Some((name.clone(), item.get(name)?.clone())))
            .collect()
    }

    fn put(&self, item: &Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(dynamodb_items::sent(item)))
            .condition_expression(CONDITION)
            .expression_attribute_names("#key", self.partition_key())
            .build();
        let put = built(CALL, put)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// How long the table needs for all of the part at the rate that is asked of it, though some may be there by now.
    fn time(&self) -> Duration {
        let units = u32::try_from(self.part.units).unwrap_or(u32::MAX);
        let seconds = f64::from(units) / f64::from(self.rate.max(1));
        Duration::try_from_secs_f64(seconds)
            .unwrap_or(LONGEST_WAIT)
            .min(LONGEST_WAIT)
    }

    fn told(&self, seen: &Seen) -> String {
        let (old, new) = (shown(&self.from), shown(&self.table));
        let mut told = format!(
            "{} of {} are in {new} as {old} has them",
            seen.there, self.part.items
        );
        for (count, what) in [
            (
                seen.different,
                "say something else there and are left as they are",
            ),
            (seen.gone, "are not in the old table any more"),
            (count(&seen.missing), "were taken away again since"),
        ] {
            if count > 0 {
                let _ = write!(told, "; {count} {what}");
            }
        }
        told
    }
}

fn count(items: &[Item]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

/// One token for one content: with other items it would be refused (`IdempotentParameterMismatchException`).
fn token(step: &str, items: &[Item]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(step);
    for one in items {
        hasher.update(item::digest(one));
    }
    let mut token = BASE32_NOPAD.encode(&hasher.finalize());
    token.truncate(TOKEN);
    token
}

/// A cancelled transaction has changed nothing, and says why for each of its items by a word (`TransactWriteItems`, API
/// reference). What another transaction or somebody's write was the reason of is looked at again.
fn refused(error: &SdkError<TransactWriteItemsError, HttpResponse>) -> Failure {
    let failure = failure(CALL, error);
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return failure;
    };
    let codes = cancelled.cancellation_reasons().iter();
    let codes: Vec<&str> = codes.filter_map(|reason| reason.code()).collect();
    let told = |word: &str| codes.contains(&word) || failure.message.raw().contains(word);
    let any = |words: &[&str]| words.iter().any(|word| told(word));
    let class = if any(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        FailureClass::Throttled
    } else if any(&["ConditionalCheckFailed", "TransactionConflict"]) {
        FailureClass::State
    } else {
        FailureClass::Validation
    };
    Failure {
        class,
        effect: Effect::None,
        ..failure
    }
}

/// Whether a call carries items that are in no plan, and only defib can send it.
#[must_use]
pub fn carries_items(parameters: &Value) -> bool {
    match parameters {
        Value::Object(fields) => fields.contains_key("$item") || fields.values().any(carries_items),
        Value::Array(all) => all.iter().any(carries_items),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
