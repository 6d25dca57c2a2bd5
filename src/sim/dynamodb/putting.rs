//! `TransactWriteItems` of puts into one table or several: all of them or none.
//!
//! An item without a condition is written over, as AWS does; the condition that is understood is that an attribute is
//! not there. A token is known for ten minutes (`TransactWriteItems`, API reference).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsInput, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};

use super::items::{Rule, Told, written};
use super::model::Table;
use super::permit;
use super::scanning::readable;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// How many items a transaction has at most.
const MOST: usize = 100;
/// For how long a token is known.
const KNOWN: SignedDuration = SignedDuration::from_mins(10);

/// A transaction that was made.
#[derive(Clone, Debug)]
pub struct Made {
    at: Timestamp,
    /// What it put.
    what: String,
}

/// `TransactWriteItems`.
pub fn transact(
    input: &TransactWriteItemsInput,
    call: &mut Call<'_>,
) -> Answer<TransactWriteItemsOutput> {
    permit(call, "PutItem")?;
    let now = call.now();
    let puts = puts(input)?;
    let what: Vec<String> = puts.iter().map(|put| described(put)).collect();
    let what = what.join("\n");
    let token = input.client_request_token().unwrap_or_default().to_owned();
    let known = call.estate().dynamodb.transactions.get(&token);
    let known = known.filter(|made| now.duration_since(made.at) < KNOWN);
    if let Some(known) = known {
        if known.what != what {
            return Err(Refusal::client(
                "IdempotentParameterMismatchException",
                "A previous request with the same client token had other parameters",
            ));
        }
        call.nothing_changed();
        return answer(|_: &mut TransactWriteItemsOutput| {});
    }
    let items = checked(&puts, call, now)?;
    for (put, (table, number)) in puts.iter().zip(items) {
        if let Some(table) = call.estate().dynamodb.table_mut(&table) {
            put_into(table, number, put.item().clone());
        }
    }
    let made = Made { at: now, what };
    call.estate().dynamodb.transactions.insert(token, made);
    answer(|_: &mut TransactWriteItemsOutput| {})
}

/// Puts an item into a table, whatever is there.
pub fn put_into(table: &mut Table, number: i64, item: Told) {
    if Rule::of(table).place(number).is_none() {
        table.items.put.added.push(number);
    }
    table.items.put.items.insert(number, item);
}

fn puts(input: &TransactWriteItemsInput) -> Result<Vec<&Put>, Refusal> {
    let parts = input.transact_items();
    if !(1..=MOST).contains(&parts.len()) {
        return Err(invalid(
            "Member must have length less than or equal to 100, and greater than or equal to 1",
        ));
    }
    let all: Option<Vec<&Put>> = parts.iter().map(TransactWriteItem::put).collect();
    all.ok_or_else(|| invalid("The simulated AWS knows transactions of puts alone"))
}

fn described(put: &Put) -> String {
    let condition = put.condition_expression().unwrap_or_default();
    format!("{} {condition} {}", put.table_name(), written(put.item()))
}

/// Returns table and number of each item, if every condition holds.
fn checked(
    puts: &[&Put],
    call: &mut Call<'_>,
    now: Timestamp,
) -> Result<Vec<(String, i64)>, Refusal> {
    let (mut items, mut reasons) = (Vec::new(), Vec::new());
    for put in puts {
        let table = readable(call, put.table_name(), now)?;
        let rule = Rule::of(table);
        let number = number(rule, table, put.item())?;
        let there = rule.place(number).map(|_| rule.item(number));
        reasons.push(if holds(put, there.as_ref())? {
            "None"
        } else {
            "ConditionalCheckFailed"
        });
        items.push((table.name.clone(), number));
    }
    if items.iter().collect::<BTreeSet<_>>().len() < items.len() {
        return Err(invalid(
            "Transaction request cannot include multiple operations on one item",
        ));
    }
    if reasons.iter().all(|reason| *reason == "None") {
        return Ok(items);
    }
    let reasons = reasons.join(", ");
    Err(Refusal::client(
        "TransactionCanceledException",
        format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}]"
        ),
    ))
}

/// The number of an item, by its key.
fn number(rule: Rule<'_>, table: &Table, item: &Told) -> Result<i64, Refusal> {
    let mut key = Told::new();
    for part in &table.shape.keys {
        let value = item.get(&part.attribute).ok_or_else(|| {
            invalid("One or more parameter values were invalid: Missing the key in the item")
        })?;
        key.insert(part.attribute.clone(), value.clone());
    }
    let number = rule.number_of(&key);
    number.ok_or_else(|| invalid("The simulated AWS keeps items that have numbers for keys"))
}

/// Tells whether the condition of a put holds for what is there.
fn holds(put: &Put, there: Option<&Told>) -> Result<bool, Refusal> {
    let Some(condition) = put.condition_expression() else {
        return Ok(true);
    };
    let name = condition.strip_prefix("attribute_not_exists(");
    let name = name.and_then(|name| name.strip_suffix(')'));
    let names = put.expression_attribute_names();
    let attribute = name.and_then(|name| names?.get(name));
    let attribute =
        attribute.ok_or_else(|| invalid("The simulated AWS does not understand this condition"))?;
    Ok(there.is_none_or(|there| !there.contains_key(attribute)))
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
