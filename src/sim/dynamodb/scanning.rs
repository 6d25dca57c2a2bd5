//! `Scan` and `BatchGetItem`: items by rule (see `items`), in segments and pages; `Select=COUNT` with one form of filter.
//! What else could be asked for is refused.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::scan::{ScanInput, ScanOutput};
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity, Select};

use super::items::{Range, Rule, Told};
use super::model::Table;
use super::permit;
use super::shape::Items;
use super::tables::{find, not_found};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// How many bytes a page reads (DynamoDB developer guide: 1 MB).
const PAGE: i64 = 1 << 20;
/// Bytes of a read unit (DynamoDB developer guide).
const UNIT: i64 = 4096;
/// How many keys one call may name (`BatchGetItem`, API reference).
const MOST_KEYS: usize = 100;

/// The words of the only filter that is understood, with what stands for the attribute, the type and the bounds.
const FILTER: [&str; 3] = ["attribute_type", "BETWEEN", "AND"];

/// `Scan`. A page ends after 1 MB; the last one names no key to go on from, any other one that of its last item.
pub fn scan(input: &ScanInput, call: &mut Call<'_>) -> Answer<ScanOutput> {
    permit(call, "Scan")?;
    let now = call.now();
    let counts = input.select() == Some(&Select::Count);
    let odd = input.select().is_some() && !counts;
    let filtered = input.filter_expression().is_some() && !counts;
    if odd || filtered || input.index_name().is_some() || input.projection_expression().is_some() {
        return Err(invalid(
            "The simulated AWS tells all items of a table, or counts some of them",
        ));
    }
    let name = input.table_name().unwrap_or_default();
    let table = readable(call, name, now)?;
    let rule = Rule::of(table);
    let segment = segment(input, rule.count())?;
    let page = page(input, table, rule, segment)?;
    let ranges = rule.numbers(page);
    let wanted = wanted(input, &table.items)?;
    let scanned = page.to - page.from;
    let count = wanted.map_or(scanned, |wanted| {
        let pairs = wanted
            .iter()
            .flat_map(|one| ranges.iter().map(|part| one.common(*part)));
        pairs.sum()
    });
    let next = (page.to < segment.to).then(|| rule.key(rule.number(page.to - 1)));
    let units = units(scanned * each(table), input.consistent_read() == Some(true));
    let told = input.return_consumed_capacity() == Some(&ReturnConsumedCapacity::Total);
    let consumed = told.then(|| consumed(&table.name, units));
    let items: Option<Vec<Told>> = (!counts).then(|| {
        let numbers = (page.from..page.to).map(|place| rule.number(place));
        numbers.map(|number| rule.item(number)).collect()
    });
    let narrow = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let (count, scanned) = (narrow(count), narrow(scanned));
    answer(move |output: &mut ScanOutput| {
        output.items = items;
        output.count = count;
        output.scanned_count = scanned;
        output.last_evaluated_key = next;
        output.consumed_capacity = consumed;
    })
}

/// `BatchGetItem`, of one table.
pub fn batch_get(input: &BatchGetItemInput, call: &mut Call<'_>) -> Answer<BatchGetItemOutput> {
    permit(call, "BatchGetItem")?;
    let now = call.now();
    let mut asked = input.request_items().into_iter().flatten();
    let (Some((name, wanted)), None) = (asked.next(), asked.next()) else {
        return Err(invalid(
            "The simulated AWS reads items of one table at a time",
        ));
    };
    if !(1..=MOST_KEYS).contains(&wanted.keys().len()) {
        return Err(invalid(
            "Too many items requested for the BatchGetItem call",
        ));
    }
    let table = readable(call, name, now)?;
    let rule = Rule::of(table);
    let mut items = Vec::new();
    for key in wanted.keys() {
        let number = rule.number_of(key);
        let there = number.filter(|number| rule.place(*number).is_some());
        items.extend(there.map(|number| rule.item(number)));
    }
    let each = units(each(table), wanted.consistent_read() == Some(true)).ceil();
    let told = input.return_consumed_capacity() == Some(&ReturnConsumedCapacity::Total);
    let keys = u32::try_from(wanted.keys().len()).unwrap_or_default();
    let consumed = told.then(|| vec![consumed(&table.name, each * f64::from(keys))]);
    let responses = HashMap::from([(name.clone(), items)]);
    answer(move |output: &mut BatchGetItemOutput| {
        output.responses = Some(responses);
        output.unprocessed_keys = Some(HashMap::new());
        output.consumed_capacity = consumed;
    })
}

/// Finds a table whose items can be read.
pub fn readable<'w>(
    call: &'w mut Call<'_>,
    name: &str,
    now: jiff::Timestamp,
) -> Result<&'w Table, Refusal> {
    let table = find(call, name)?;
    if matches!(table.status_at(now), "CREATING" | "DELETING" | "ARCHIVED") {
        return Err(not_found(name));
    }
    Ok(table)
}

/// Read units of so many bytes; half of them where the read need not be consistent.
fn units(bytes: i64, consistent: bool) -> f64 {
    let units = f64::from(i32::try_from((bytes + UNIT - 1) / UNIT).unwrap_or(i32::MAX));
    if consistent { units } else { units / 2.0 }
}

fn consumed(table: &str, units: f64) -> ConsumedCapacity {
    ConsumedCapacity::builder()
        .table_name(table)
        .capacity_units(units)
        .build()
}

/// Bytes of an item.
fn each(table: &Table) -> i64 {
    (table.items.size_bytes / table.items.count.max(1)).max(1)
}

/// The places of a segment; without segments it is all of them.
fn segment(input: &ScanInput, items: i64) -> Result<Range, Refusal> {
    let (number, of) = match (input.segment(), input.total_segments()) {
        (None, None) => (0, 1),
        (Some(number), Some(of)) if (0..of).contains(&number) => (i64::from(number), i64::from(of)),
        (_, _) => return Err(invalid("Segment and TotalSegments do not fit each other")),
    };
    Ok(Range {
        from: items * number / of,
        to: items * (number + 1) / of,
    })
}

/// The places of the page that is asked for, by the key of the last item of the one before.
fn page(
    input: &ScanInput,
    table: &Table,
    rule: Rule<'_>,
    segment: Range,
) -> Result<Range, Refusal> {
    let from = match input.exclusive_start_key() {
        None => segment.from,
        Some(key) => {
            let place = rule.number_of(key).and_then(|number| rule.place(number));
            let place = place.filter(|place| (segment.from..segment.to).contains(place));
            place.ok_or_else(|| invalid("The provided starting key is invalid"))? + 1
        }
    };
    let most = input.limit().map_or(i64::MAX, i64::from);
    let count = (PAGE / each(table)).max(1).min(most);
    Ok(Range {
        from,
        to: (from + count).min(segment.to),
    })
}

/// The items that a filter lets through; without a filter it is all of them. Those that expire stand first, in their
/// order.
fn wanted(input: &ScanInput, items: &Items) -> Result<Option<Vec<Range>>, Refusal> {
    let Some(filter) = input.filter_expression() else {
        return Ok(None);
    };
    let [attribute, kind, again, from, to] = names(filter)
        .ok_or_else(|| invalid("The simulated AWS does not understand this filter"))?;
    let attribute_names = input.expression_attribute_names();
    let named = attribute_names.and_then(|names| names.get(attribute));
    let value = |name: &str| input.expression_attribute_values()?.get(name);
    let number = |name: &str| value(name)?.as_n().ok()?.parse::<i64>().ok();
    let is_number = value(kind).and_then(|kind| kind.as_s().ok()) == Some(&"N".to_owned());
    let (Some(named), Some(from), Some(to)) = (named, number(from), number(to)) else {
        return Err(invalid("An expression names what it does not say"));
    };
    if attribute != again || !is_number {
        return Err(invalid("The simulated AWS does not understand this filter"));
    }
    let (mut place, mut ranges) = (0, Vec::new());
    for (expires, count) in &items.expiring {
        let range = Range {
            from: place,
            to: place + count,
        };
        place += count;
        if items.expires_by.as_ref() == Some(named) && (from..=to).contains(&expires.as_second()) {
            ranges.push(range);
        }
    }
    Ok(Some(ranges))
}

/// What stands for the attribute, its type, the attribute, and the bounds, in
/// `attribute_type(#a, :type) AND #a BETWEEN :from AND :to`.
fn names(filter: &str) -> Option<[&str; 5]> {
    let separated = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',');
    let words = filter.split(separated).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    let [
        function,
        attribute,
        kind,
        and,
        again,
        between,
        from,
        also,
        to,
    ] = words[..]
    else {
        return None;
    };
    let known = [function, between, and] == FILTER && also == FILTER[2];
    known.then_some([attribute, kind, again, from, to])
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
