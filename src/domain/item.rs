//! Items of a `DynamoDB` table, in a form in which two that say the same are the same.
//!
//! The order of attributes and of the members of a set says nothing, and a number counts by its value: `DynamoDB`
//! itself keeps it so (`AttributeValue`, API reference). What is inside an item belongs to somebody else and may be
//! secret: it goes into files that are asked for, never on a screen.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

#[cfg(test)]
mod tests;

/// Bytes of a digest.
pub const DIGEST: usize = 32;

/// Nobody writes a number out that has more zeros than this; `DynamoDB` knows no exponent beyond 125.
const MOST_ZEROS: i64 = 200;

/// An item, or the key of one: its attributes by name.
pub type Item = BTreeMap<String, Value>;

/// The value of an attribute.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `S`
    Text(String),
    /// `N`, as it is written.
    Number(String),
    /// `B`
    Binary(Vec<u8>),
    /// `BOOL`
    Bool(bool),
    /// `NULL`
    Null,
    /// `L`
    List(Vec<Value>),
    /// `M`
    Map(Item),
    /// `SS`
    Texts(Vec<String>),
    /// `NS`
    Numbers(Vec<String>),
    /// `BS`
    Binaries(Vec<Vec<u8>>),
}

/// Nothing of an item gets into a log by accident.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
}

/// Returns the digest of an item, which two items share only if they say the same.
#[must_use]
pub fn digest(item: &Item) -> [u8; DIGEST] {
    digest_of(&encoded(item))
}

/// Returns the digest of an item by its canonical bytes.
#[must_use]
pub fn digest_of(encoded: &[u8]) -> [u8; DIGEST] {
    Sha256::digest(encoded).into()
}

/// Returns the canonical bytes of an item.
#[must_use]
pub fn encoded(item: &Item) -> Vec<u8> {
    let mut out = Vec::new();
    encode_map(item, &mut out);
    out
}

fn encode_map(map: &Item, out: &mut Vec<u8>) {
    head(b'M', map.len(), out);
    for (name, value) in map {
        text(b'K', name.as_bytes(), out);
        encode(value, out);
    }
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Text(told) => text(b'S', told.as_bytes(), out),
        Value::Number(told) => text(b'N', plain(told).as_bytes(), out),
        Value::Binary(told) => text(b'B', told, out),
        Value::Bool(told) => head(b'T', usize::from(*told), out),
        Value::Null => head(b'0', 0, out),
        Value::List(told) => {
            head(b'L', told.len(), out);
            for value in told {
                encode(value, out);
            }
        }
        Value::Map(told) => encode_map(told, out),
        Value::Texts(told) => set(b's', told.iter().map(String::clone).map(Vec::from), out),
        Value::Numbers(told) => set(b'n', told.iter().map(|one| Vec::from(plain(one))), out),
        Value::Binaries(told) => set(b'b', told.iter().cloned(), out),
    }
}

/// Every part says how long it is, so that no two items are written alike.
fn head(kind: u8, length: usize, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend(u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
}

fn text(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    head(kind, bytes.len(), out);
    out.extend(bytes);
}

fn set(kind: u8, members: impl Iterator<Item = Vec<u8>>, out: &mut Vec<u8>) {
    let mut members: Vec<Vec<u8>> = members.collect();
    members.sort_unstable();
    head(kind, members.len(), out);
    for member in &members {
        text(kind, member, out);
    }
}

/// Returns a number as it is written without an exponent and without zeros that say nothing. What is no number stays
/// as it is.
#[must_use]
pub fn plain(number: &str) -> String {
    written_out(number).unwrap_or_else(|| number.to_owned())
}

fn written_out(number: &str) -> Option<String> {
    let (negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], rest[at + 1..].parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let kept = significant.trim_end_matches('0');
    if kept.is_empty() {
        return Some("0".to_owned());
    }
    let length = |text: &str| i64::try_from(text.len()).ok();
    // The number is `kept` times ten to this.
    let scale = exponent
        .checked_sub(length(part)?)?
        .checked_add(length(significant)? - length(kept)?)?;
    let point = length(kept)?.checked_add(scale)?;
    if scale.abs() > MOST_ZEROS || point.abs() > MOST_ZEROS {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    let sign = if negative { "-" } else { "" };
    Some(if scale >= 0 {
        format!("{sign}{kept}{}", zeros(scale))
    } else if point <= 0 {
        format!("{sign}0.{}{kept}", zeros(-point))
    } else {
        let (whole, part) = kept.split_at(usize::try_from(point).ok()?);
        format!("{sign}{whole}.{part}")
    })
}

/// Returns the names of the attributes in which two items differ, those that one of them lacks, too.
#[must_use]
pub fn differing(old: &Item, new: &Item) -> Vec<String> {
    let same = |name: &String| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => alike(old, new),
        (_, _) => false,
    };
    let lacking = new.keys().filter(|name| !old.contains_key(*name));
    let mut names: Vec<String> = old.keys().chain(lacking).cloned().collect();
    names.retain(|name| !same(name));
    names.sort_unstable();
    names
}

fn alike(old: &Value, new: &Value) -> bool {
    let bytes = |value| {
        let mut out = Vec::new();
        encode(value, &mut out);
        out
    };
    bytes(old) == bytes(new)
}

/// Returns an item in the JSON of `DynamoDB`: `{"id":{"S":"1"}}`.
#[must_use]
pub fn to_json(item: &Item) -> Json {
    let fields = item
        .iter()
        .map(|(name, value)| (name.clone(), json_of(value)));
    Json::Object(fields.collect::<Map<_, _>>())
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Text(told) => json!({"S": told}),
        Value::Number(told) => json!({"N": told}),
        Value::Binary(told) => json!({"B": BASE64.encode(told)}),
        Value::Bool(told) => json!({"BOOL": told}),
        Value::Null => json!({"NULL": true}),
        Value::List(told) => json!({"L": told.iter().map(json_of).collect::<Vec<_>>()}),
        Value::Map(told) => json!({"M": to_json(told)}),
        Value::Texts(told) => json!({"SS": told}),
        Value::Numbers(told) => json!({"NS": told}),
        Value::Binaries(told) => {
            json!({"BS": told.iter().map(|one| BASE64.encode(one)).collect::<Vec<_>>()})
        }
    }
}

/// Returns the bytes that stand for a key: two of them are equal where the keys are.
#[must_use]
pub fn key_bytes(key: &Item) -> Vec<u8> {
    let canonical = |value: &Value| match value {
        Value::Number(told) => Value::Number(plain(told)),
        other @ (Value::Text(_)
        | Value::Binary(_)
        | Value::Bool(_)
        | Value::Null
        | Value::List(_)
        | Value::Map(_)
        | Value::Texts(_)
        | Value::Numbers(_)
        | Value::Binaries(_)) => other.clone(),
    };
    let key: Item = key
        .iter()
        .map(|(name, value)| (name.clone(), canonical(value)))
        .collect();
    to_json(&key).to_string().into_bytes()
}

/// Reads a key from its bytes; `None` where they are not those of a key of texts, numbers and binaries.
#[must_use]
pub fn key_of(bytes: &[u8]) -> Option<Item> {
    let told: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_slice(bytes).ok()?;
    let value = |told: BTreeMap<String, String>| {
        let (kind, text) = told.into_iter().next()?;
        match kind.as_str() {
            "S" => Some(Value::Text(text)),
            "N" => Some(Value::Number(text)),
            "B" => BASE64.decode(text.as_bytes()).ok().map(Value::Binary),
            _other => None,
        }
    };
    told.into_iter()
        .map(|(name, told)| Some((name, value(told)?)))
        .collect()
}
