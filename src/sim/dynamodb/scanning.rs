//! `Scan`, where it only counts: `Select=COUNT`, in segments and pages, with one form of filter.
//! Items are not simulated one by one; whatever would have to tell one is refused.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::scan::{ScanInput, ScanOutput};
use aws_sdk_dynamodb::types::{AttributeValue, Select};

use super::model::Table;
use super::permit;
use super::shape::Items;
use super::tables::{find, not_found};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// How many bytes a page reads (DynamoDB developer guide: 1 MB).
const PAGE: i64 = 1 << 20;

/// The words of the only filter that is understood, with what stands for the attribute, the type and the bounds.
const FILTER: [&str; 3] = ["attribute_type", "BETWEEN", "AND"];

/// Numbers from the first on, without the last.
#[derive(Clone, Copy)]
struct Range {
    from: i64,
    to: i64,
}

impl Range {
    fn common(self, other: Self) -> i64 {
        (self.to.min(other.to) - self.from.max(other.from)).max(0)
    }
}

/// `Scan` with `Select=COUNT`. A page ends after 1 MB; the last one names no key to go on from.
pub fn scan(input: &ScanInput, call: &mut Call<'_>) -> Answer<ScanOutput> {
    permit(call, "Scan")?;
    let now = call.now();
    if input.select() != Some(&Select::Count) || input.index_name().is_some() {
        return Err(invalid(
            "The simulated AWS counts the items of a table only",
        ));
    }
    let name = input.table_name().unwrap_or_default();
    let table = find(call, name)?;
    if matches!(table.status_at(now), "CREATING" | "DELETING" | "ARCHIVED") {
        return Err(not_found(name));
    }
    let segment = segment(input, table.items.count)?;
    let page = page(input, table, segment)?;
    let wanted = wanted(input, &table.items)?;
    let scanned = page.to - page.from;
    let count = wanted.map_or(scanned, |wanted| {
        wanted.iter().map(|one| one.common(page)).sum()
    });
    let next = (page.to < segment.to).then(|| key(table, page.to));
    let narrow = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let (count, scanned) = (narrow(count), narrow(scanned));
    answer(move |output: &mut ScanOutput| {
        output.count = count;
        output.scanned_count = scanned;
        output.last_evaluated_key = next;
    })
}

/// The items of a segment; without segments it is all of them.
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

/// The items of the page that is asked for, by the key that the one before has named.
fn page(input: &ScanInput, table: &Table, segment: Range) -> Result<Range, Refusal> {
    let from = match input.exclusive_start_key() {
        None => segment.from,
        Some(key) => place(key).ok_or_else(|| invalid("The provided starting key is invalid"))?,
    };
    let each = (table.items.size_bytes / table.items.count.max(1)).max(1);
    let most = input.limit().map_or(i64::MAX, i64::from);
    let count = (PAGE / each).max(1).min(most);
    Ok(Range {
        from,
        to: (from + count).min(segment.to),
    })
}

/// A key that holds the place of the item after it.
fn key(table: &Table, place: i64) -> HashMap<String, AttributeValue> {
    let value = AttributeValue::S(place.to_string());
    let keys = table.shape.keys.iter();
    keys.map(|key| (key.attribute.clone(), value.clone()))
        .collect()
}

fn place(key: &HashMap<String, AttributeValue>) -> Option<i64> {
    key.values().next()?.as_s().ok()?.parse().ok()
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
