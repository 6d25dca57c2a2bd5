//! The items of a `DynamoDB` table: page by page of a segment, or some by their keys. Both are consistent reads.
//!
//! What of an answer cannot be read is a failure and never left out: an item that is not seen would count as lost.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity,
};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::item::{Item, Value};

use super::incomplete;

const SCAN: &str = "dynamodb:Scan";
const BATCH: &str = "dynamodb:BatchGetItem";

/// How many items one call may name (`BatchGetItem`, API reference).
pub const MOST_AT_ONCE: usize = 100;

/// Bytes of one read unit of a consistent read (`DynamoDB` developer guide).
pub const UNIT: f64 = 4096.0;

/// A part of a table, by number of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// From 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// A page of a segment.
#[derive(Debug)]
pub struct Page {
    /// Its items, in no order; there may be none though others follow.
    pub items: Vec<Item>,
    /// The key from which to go on; `None` at the end of the segment.
    pub next: Option<Item>,
    /// Read units that it took, if AWS told.
    pub units: Option<f64>,
}

/// Some items that were asked for by their keys.
#[derive(Debug)]
pub struct Batch {
    /// Those that are there, in no order.
    pub items: Vec<Item>,
    /// Keys that were not looked at: they are to be asked for again, later.
    pub left: Vec<Item>,
    /// Read units that it took, if AWS told.
    pub units: Option<f64>,
}

/// Reads a page of a segment, of at most `limit` items.
///
/// # Errors
/// The failure of the read; also where an item is of a kind that is not known.
pub async fn page(
    clients: &Clients,
    table: &str,
    segment: Segment,
    from: Option<&Item>,
    limit: Option<i32>,
) -> Result<Page, Failure> {
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let read = clients
        .dynamodb
        .scan()
        .table_name(table)
        .consistent_read(true)
        .segment(whole(segment.number))
        .total_segments(whole(segment.of))
        .set_limit(limit)
        .set_exclusive_start_key(from.map(sent))
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let answer = read.send().await.map_err(|error| failure(SCAN, &error))?;
    let units = answer.consumed_capacity();
    Ok(Page {
        units: units.and_then(ConsumedCapacity::capacity_units),
        items: all(answer.items(), SCAN)?,
        next: match answer.last_evaluated_key() {
            Some(key) if !key.is_empty() => Some(item(key, SCAN)?),
            Some(_) | None => None,
        },
    })
}

/// Reads the items that have these keys, at most [`MOST_AT_ONCE`].
///
/// # Errors
/// The failure of the read; also where an item is of a kind that is not known.
pub async fn some(clients: &Clients, table: &str, keys: &[Item]) -> Result<Batch, Failure> {
    let wanted = KeysAndAttributes::builder()
        .set_keys(Some(keys.iter().map(sent).collect()))
        .consistent_read(true)
        .build()
        .map_err(|_| incomplete(BATCH, "Keys"))?;
    let read = clients.dynamodb.batch_get_item();
    let read = read
        .request_items(table, wanted)
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let answer = read.send().await.map_err(|error| failure(BATCH, &error))?;
    let units = answer.consumed_capacity().iter();
    let units: Vec<f64> = units.filter_map(ConsumedCapacity::capacity_units).collect();
    let found = answer.responses().and_then(|tables| tables.get(table));
    let left = answer
        .unprocessed_keys()
        .and_then(|tables| tables.get(table));
    Ok(Batch {
        items: all(found.map(Vec::as_slice).unwrap_or_default(), BATCH)?,
        left: all(left.map(KeysAndAttributes::keys).unwrap_or_default(), BATCH)?,
        units: (!units.is_empty()).then(|| units.iter().sum()),
    })
}

/// An item as the API has it.
pub type Told = HashMap<String, AttributeValue>;

fn all(told: &[Told], call: &'static str) -> Result<Vec<Item>, Failure> {
    told.iter().map(|one| item(one, call)).collect()
}

fn item(told: &Told, call: &'static str) -> Result<Item, Failure> {
    let read = || {
        told.iter()
            .map(|(name, value)| Some((name.clone(), value_of(value)?)))
            .collect::<Option<Item>>()
    };
    read().ok_or_else(|| incomplete(call, "AttributeValue"))
}

fn value_of(told: &AttributeValue) -> Option<Value> {
    let binary = |blob: &Blob| blob.as_ref().to_vec();
    Some(if let Ok(text) = told.as_s() {
        Value::Text(text.clone())
    } else if let Ok(number) = told.as_n() {
        Value::Number(number.clone())
    } else if let Ok(map) = told.as_m() {
        let fields = map.iter();
        let fields = fields.map(|(name, value)| Some((name.clone(), value_of(value)?)));
        Value::Map(fields.collect::<Option<Item>>()?)
    } else if let Ok(list) = told.as_l() {
        Value::List(list.iter().map(value_of).collect::<Option<_>>()?)
    } else if let Ok(truth) = told.as_bool() {
        Value::Bool(*truth)
    } else if told.as_null().is_ok() {
        Value::Null
    } else if let Ok(blob) = told.as_b() {
        Value::Binary(binary(blob))
    } else if let Ok(texts) = told.as_ss() {
        Value::Texts(texts.clone())
    } else if let Ok(numbers) = told.as_ns() {
        Value::Numbers(numbers.clone())
    } else if let Ok(blobs) = told.as_bs() {
        Value::Binaries(blobs.iter().map(binary).collect())
    } else {
        return None;
    })
}

/// Returns an item, or a key, as a request carries it.
#[must_use]
pub fn sent(key: &Item) -> Told {
    key.iter()
        .map(|(name, value)| (name.clone(), sent_value(value)))
        .collect()
}

fn sent_value(value: &Value) -> AttributeValue {
    let blob = |bytes: &Vec<u8>| Blob::new(bytes.clone());
    match value {
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => AttributeValue::N(number.clone()),
        Value::Binary(bytes) => AttributeValue::B(blob(bytes)),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
        Value::Null => AttributeValue::Null(true),
        Value::List(list) => AttributeValue::L(list.iter().map(sent_value).collect()),
        Value::Map(map) => AttributeValue::M(sent(map)),
        Value::Texts(texts) => AttributeValue::Ss(texts.clone()),
        Value::Numbers(numbers) => AttributeValue::Ns(numbers.clone()),
        Value::Binaries(binaries) => AttributeValue::Bs(binaries.iter().map(blob).collect()),
    }
}
