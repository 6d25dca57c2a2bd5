//! A run that took place once, and may be told with any text in the place of its names.

use std::sync::OnceLock;

use defib::domain::run::RunEvent;
use defib::domain::text::shown;
use defib::journal::Journal as _;
use serde_json::Value;

use crate::walk::{Walk, alive};

/// Stands for the text where it is kept as it is; no word of the product.
const RAW: &str = "QNAMEQ\u{200b}";

/// Returns the events of the run, recorded once.
pub fn run() -> &'static [RunEvent] {
    static RUN: OnceLock<Vec<RunEvent>> = OnceLock::new();
    RUN.get_or_init(|| {
        alive(async {
            let exports = tempfile::tempdir().expect("a temporary folder");
            let mut walk = Walk::begin(RAW, exports.path());
            walk.runs(RAW).await;
            let runs = walk.journal.runs().await.expect("the journal");
            let [run] = &runs[..] else {
                panic!("{runs:?}");
            };
            walk.journal.read(run, 0).await.expect("the run")
        })
    })
}

/// Returns the events with a text wherever there was a name: as it is where it was kept, and as it is
/// shown where the journal holds what a person reads.
pub fn with(events: &[RunEvent], text: &str) -> Vec<RunEvent> {
    replaced(events, text, &shown(text))
}

/// Returns the events with a text as it is wherever there was a name: a journal that somebody else has
/// written to.
pub fn spoilt(events: &[RunEvent], text: &str) -> Vec<RunEvent> {
    replaced(events, text, text)
}

fn replaced(events: &[RunEvent], raw: &str, read: &str) -> Vec<RunEvent> {
    let told = |event: &RunEvent| {
        let mut value = serde_json::to_value(event).expect("plain data");
        replace(&mut value, &|held| {
            held.replace(RAW, raw).replace(&shown(RAW), read)
        });
        serde_json::from_value(value).expect("the shape is the same")
    };
    events.iter().map(told).collect()
}

fn replace(value: &mut Value, with: &dyn Fn(&str) -> String) {
    match value {
        Value::String(held) => *held = with(held),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns the name of what an event tells.
pub fn kind_of(event: &RunEvent) -> String {
    let value = serde_json::to_value(event).expect("plain data");
    value["type"]
        .as_str()
        .expect("an event has a type")
        .to_owned()
}
