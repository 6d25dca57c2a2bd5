//! The order of a zone's records: by the labels of the name from the last to the first, then by type and identifier.
//! (Route 53 API reference, `ListResourceRecordSets`.)

use super::model::Record;

/// What records are sorted by, as a text.
pub fn of(record: &Record) -> String {
    let set = record.set.as_deref().unwrap_or_default();
    key(&record.name, &record.kind, set)
}

/// The place of a name, type and identifier in that order.
pub fn key(name: &str, kind: &str, set: &str) -> String {
    let labels: Vec<&str> = name.trim_end_matches('.').rsplit('.').collect();
    format!("{}\u{0}\u{0}{kind}\u{0}{set}", labels.join("\u{0}"))
}
