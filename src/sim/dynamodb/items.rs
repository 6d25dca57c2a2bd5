//! What is in the items of a table: it follows from the number of the item, and from whether the table is of before or
//! after what happened to its items.
//!
//! Numbers up to `kept` are there before and after; then come those that were added, then those that were removed. No
//! item is kept, so a table of any size takes no room; but for those that are put, which come last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::model::Table;
use super::shape::{Change, KeyPart};

const STATES: [&str; 3] = ["open", "paid", "shipped"];

/// An item, or a key, as the API has it.
pub type Told = HashMap<String, AttributeValue>;

/// Numbers from the first on, without the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from: i64,
    pub to: i64,
}

impl Range {
    /// How many numbers two of them have in common.
    pub fn common(self, other: Self) -> i64 {
        (self.to.min(other.to) - self.from.max(other.from)).max(0)
    }
}

/// Which items are in a table, and in which order a scan tells them.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'t> {
    table: &'t Table,
    change: Option<Change>,
    /// Whether the table is of before what happened.
    before: bool,
}

impl<'t> Rule<'t> {
    /// The rule of a table.
    pub fn of(table: &'t Table) -> Self {
        let change = table.items.change;
        let at = table.items.as_of;
        let before = change.is_some_and(|change| at.is_some_and(|at| at < change.at));
        Self {
            table,
            change,
            before,
        }
    }

    fn added(&self) -> i64 {
        self.change.map_or(0, |change| change.added)
    }

    /// How many items are there before and after.
    fn kept(&self) -> i64 {
        (self.table.items.count - self.added()).max(0)
    }

    /// How many items are there.
    pub fn count(&self) -> i64 {
        let added = i64::try_from(self.table.items.put.added.len());
        self.by_rule() + added.unwrap_or(i64::MAX)
    }

    /// How many of them were not put.
    fn by_rule(&self) -> i64 {
        match (self.before, self.change) {
            (true, Some(change)) => self.kept() + change.removed,
            (_, _) => self.table.items.count,
        }
    }

    /// By how many places the order is another one: a restored table tells its items in an order of its own.
    fn turned(&self) -> i64 {
        match self.table.items.as_of {
            Some(_) => self.by_rule() / 3,
            None => 0,
        }
    }

    /// The number of the item at a place of the order.
    pub fn number(&self, place: i64) -> i64 {
        let added = usize::try_from(place - self.by_rule()).ok();
        if let Some(number) = added.and_then(|at| self.table.items.put.added.get(at)) {
            return *number;
        }
        let place = (place + self.turned()).rem_euclid(self.by_rule().max(1));
        if self.before && place >= self.kept() {
            place + self.added()
        } else {
            place
        }
    }

    /// The place of the item with this number; `None` if it is not there.
    pub fn place(&self, number: i64) -> Option<i64> {
        self.place_by_rule(number).or_else(|| {
            let mut added = self.table.items.put.added.iter();
            let at = added.position(|one| *one == number)?;
            Some(self.by_rule() + i64::try_from(at).ok()?)
        })
    }

    /// The place of an item that was not put.
    pub fn place_by_rule(&self, number: i64) -> Option<i64> {
        let place = if self.before && number >= self.kept() {
            let removed = number - self.added();
            (removed >= self.kept()).then_some(removed)?
        } else {
            number
        };
        let there = (0..self.by_rule()).contains(&place);
        there.then(|| (place - self.turned()).rem_euclid(self.by_rule().max(1)))
    }

    /// The numbers of the items at some places.
    pub fn numbers(&self, places: Range) -> Vec<Range> {
        let (all, turned) = (self.by_rule().max(1), self.turned());
        let by_rule = Range {
            from: places.from.min(self.by_rule()),
            to: places.to.min(self.by_rule()),
        };
        let put = (places.from.max(self.by_rule())..places.to).map(|place| {
            let from = self.number(place);
            Range { from, to: from + 1 }
        });
        let first = Range {
            from: (by_rule.from + turned).min(all),
            to: (by_rule.to + turned).min(all),
        };
        let second = Range {
            from: (by_rule.from + turned).max(all) - all,
            to: (by_rule.to + turned).max(all) - all,
        };
        let border = if self.before { self.kept() } else { all };
        let parts = [first, second].into_iter().flat_map(|part| {
            let below = Range {
                from: part.from.min(border),
                to: part.to.min(border),
            };
            let gap = if self.before { self.added() } else { 0 };
            let above = Range {
                from: part.from.max(border) + gap,
                to: part.to.max(border) + gap,
            };
            [below, above]
        });
        let parts = parts.filter(|part| part.from < part.to);
        parts.chain(put).collect()
    }

    /// The key of an item.
    pub fn key(&self, number: i64) -> Told {
        let keys = self.table.shape.keys.iter();
        keys.map(|part| (part.attribute.clone(), key_value(part, number)))
            .collect()
    }

    /// The number of the item that has a key; `None` where no item could have it.
    pub fn number_of(&self, key: &Told) -> Option<i64> {
        let parts = &self.table.shape.keys;
        if parts.len() != key.len() {
            return None;
        }
        let mut numbers = parts
            .iter()
            .map(|part| key_number(part, key.get(&part.attribute)?));
        let first = numbers.next()??;
        numbers.all(|other| other == Some(first)).then_some(first)
    }

    /// An item, without what it would say of no interest.
    pub fn item(&self, number: i64) -> Told {
        let put = self.table.items.put.items.get(&number);
        put.cloned().unwrap_or_else(|| self.made(number))
    }

    fn made(&self, number: i64) -> Told {
        let mut item = self.key(number);
        let text = |text: String| AttributeValue::S(text);
        let whole = |number: i64| AttributeValue::N(number.to_string());
        let cents = 500 + number * 7919 % 20_000;
        let total = if self.has_changed(number) {
            "0.00".to_owned()
        } else {
            format!("{}.{:02}", cents / 100, cents % 100)
        };
        let line = Told::from([
            ("sku".to_owned(), text(format!("sku-{:04}", number % 731))),
            ("pieces".to_owned(), whole(1 + number % 3)),
        ]);
        let more = [
            (
                "customer_id",
                text(format!("customer-{:05}", number % 18_022)),
            ),
            ("placed_at", whole(1_700_000_000 + number * 60)),
            (
                "state",
                text(STATES[usize::try_from(number % 3).unwrap_or_default()].to_owned()),
            ),
            ("total", AttributeValue::N(total)),
            ("currency", text("EUR".to_owned())),
            ("lines", AttributeValue::L(vec![AttributeValue::M(line)])),
            ("gift", AttributeValue::Bool(number % 10 == 0)),
            (
                "labels",
                AttributeValue::Ss(labels(number, self.table.items.as_of.is_some())),
            ),
        ];
        let expires = self.expires(number).map(|at| ("expires_at", whole(at)));
        for (name, value) in more.into_iter().chain(expires) {
            let name = match (&self.table.items.expires_by, name) {
                (Some(attribute), "expires_at") => attribute.clone(),
                (_, name) => name.to_owned(),
            };
            item.entry(name).or_insert(value);
        }
        item
    }

    /// The second in which an item expires; those that do stand first, in their order.
    fn expires(&self, number: i64) -> Option<i64> {
        let mut from = 0;
        self.table.items.expires_by.as_ref()?;
        for (at, count) in &self.table.items.expiring {
            from += count;
            if number < from {
                return Some(at.as_second());
            }
        }
        None
    }

    /// Whether an item became another one. They are spread over all that are kept.
    fn has_changed(&self, number: i64) -> bool {
        let Some(change) = self.change.filter(|_| !self.before) else {
            return false;
        };
        let kept = self.kept();
        let before =
            |number: i64| i128::from(number) * i128::from(change.changed) / i128::from(kept.max(1));
        number < kept && before(number) != before(number + 1)
    }
}

/// A set has no order, so a restored table may tell it in another one.
fn labels(number: i64, turned: bool) -> Vec<String> {
    let mut labels = vec![format!("batch-{}", number % 12), "web".to_owned()];
    if turned {
        labels.reverse();
    }
    labels
}

fn key_value(part: &KeyPart, number: i64) -> AttributeValue {
    match part.scalar.as_str() {
        "N" => AttributeValue::N(number.to_string()),
        "B" => AttributeValue::B(Blob::new(number.to_be_bytes())),
        _text => AttributeValue::S(format!("{}-{number:08}", part.attribute)),
    }
}

fn key_number(part: &KeyPart, value: &AttributeValue) -> Option<i64> {
    match part.scalar.as_str() {
        "N" => value.as_n().ok()?.parse().ok(),
        "B" => {
            let bytes = value.as_b().ok()?.as_ref();
            Some(i64::from_be_bytes(bytes.try_into().ok()?))
        }
        _text => {
            let number = value.as_s().ok()?.strip_prefix(&part.attribute)?;
            number.strip_prefix('-')?.parse().ok()
        }
    }
}

/// An item in one line, which is the same for items that say the same.
pub fn written(item: &Told) -> String {
    let fields: BTreeMap<&String, String> = item
        .iter()
        .map(|(name, value)| (name, written_value(value)))
        .collect();
    format!("{fields:?}")
}

fn written_value(value: &AttributeValue) -> String {
    match (value.as_m(), value.as_l(), value.as_ss()) {
        (Ok(map), _, _) => written(map),
        (_, Ok(list), _) => {
            let all: Vec<String> = list.iter().map(written_value).collect();
            format!("{all:?}")
        }
        (_, _, Ok(texts)) => {
            let all: BTreeSet<&String> = texts.iter().collect();
            format!("{all:?}")
        }
        (Err(_), Err(_), Err(_)) => format!("{value:?}"),
    }
}
