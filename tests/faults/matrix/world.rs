//! Two pictures of a world, made comparable: what a run made has its step for a name, and no instant is
//! told. It knows no service: a picture is places, kinds, and things with tags.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

/// A thing of a picture.
#[derive(Clone, Debug)]
pub struct Thing<'a> {
    /// Account and Region.
    pub place: &'a str,
    /// What it is: `volumes`.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Everything else.
    pub body: &'a Value,
}

impl Thing<'_> {
    /// Returns one of its tags, or of what made it, which tells what a thing without tags comes from.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let own = self.body["tags"][key].as_str();
        own.or_else(|| self.body["maker_tags"][key].as_str())
    }

    /// Tells whether it can still be used for anything.
    pub fn is_live(&self) -> bool {
        self.body["state"] != "error"
    }
}

/// Everything in a picture.
pub fn things(picture: &Value) -> Vec<Thing<'_>> {
    let mut all = Vec::new();
    for (place, kinds) in fields(picture) {
        for (kind, found) in fields(kinds) {
            let found = fields(found);
            all.extend(found.map(|(id, body)| Thing {
                place,
                kind,
                id,
                body,
            }));
        }
    }
    all
}

/// What is in one picture and not in an earlier one.
pub fn added<'a>(before: &Value, now: &'a Value) -> Vec<Thing<'a>> {
    let known: BTreeSet<String> = things(before).iter().map(|one| one.id.to_owned()).collect();
    let mut all = things(now);
    all.retain(|one| !known.contains(one.id));
    all
}

/// The ids of what was there in an earlier picture and stands otherwise now; instants do not count.
pub fn changed(before: &Value, now: &Value) -> BTreeSet<String> {
    let (before, now) = (timeless(before), timeless(now));
    let now = things(&now);
    let now: BTreeMap<_, _> = now
        .iter()
        .map(|one| ((one.place, one.kind, one.id), one.body))
        .collect();
    let changed = things(&before).into_iter().filter(|was| {
        let is = now.get(&(was.place, was.kind, was.id));
        is.is_some_and(|is| *is != was.body)
    });
    changed.map(|was| was.id.to_owned()).collect()
}

/// A picture after a run, with what the run made under the names of its steps. Dead generations are
/// left out: they are no part of what was wanted.
pub fn after(before: &Value, now: &Value, run: &str) -> Value {
    let mut names = names_of(run);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut dead = BTreeSet::new();
    for made in added(before, now) {
        if !made.is_live() {
            dead.insert(made.id.to_owned());
            continue;
        }
        let step = made.tag("defib:step").unwrap_or("untagged");
        let name = format!("{} of {step}", made.kind);
        let count = counts.entry(name.clone()).or_default();
        *count += 1;
        names.insert(made.id.to_owned(), format!("{name} {count}"));
    }
    told(now, &names, &dead)
}

/// A picture without what a run made.
pub fn without_made(before: &Value, now: &Value, run: &str) -> Value {
    let made = added(before, now);
    let made = made.iter().map(|one| one.id.to_owned()).collect();
    let names = names_of(run);
    told(now, &names, &made)
}

/// A run by the names that it has in the world: as it is, and in the names of what it makes.
fn names_of(run: &str) -> BTreeMap<String, String> {
    let as_it_is = (run.to_owned(), "RUN".to_owned());
    let in_names = (run.to_ascii_lowercase(), "run".to_owned());
    BTreeMap::from([as_it_is, in_names])
}

/// A picture without its instants.
pub fn timeless(picture: &Value) -> Value {
    told(picture, &BTreeMap::new(), &BTreeSet::new())
}

fn told(value: &Value, names: &BTreeMap<String, String>, left_out: &BTreeSet<String>) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, value)| {
                // Which generation came to life is told by the journal.
                *key != "defib:generation" && !left_out.contains(*key) && !value.is_null()
            });
            let told = kept.map(|(key, value)| (renamed(key, names), told(value, names, left_out)));
            Value::Object(told.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(|one| told(one, names, left_out)).collect(),
        Value::String(text) if is_instant(text) => Value::from("an instant"),
        Value::String(text) => Value::from(renamed(text, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Parsing is what a picture costs most, and few texts begin like a year.
fn is_instant(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && text.parse::<Timestamp>().is_ok()
}

fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for (id, name) in names {
        text = text.replace(id, name);
    }
    text
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(key, value)| (key.as_str(), value))
}
