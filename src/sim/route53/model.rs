//! What Route 53 keeps: zones with their record sets, and the changes that are on their way.
//! Plain records; names end with a point and are lower case.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The zones and changes of an account.
#[derive(Clone, Debug, Default)]
pub struct Dns {
    pub zones: BTreeMap<String, Zone>,
    pub changes: BTreeMap<String, Submitted>,
}

/// A hosted zone.
#[derive(Clone, Debug)]
pub struct Zone {
    pub id: String,
    /// With a point at its end.
    pub name: String,
    pub private: bool,
    pub comment: String,
    pub records: Vec<Record>,
}

/// A record set. Two of one zone never have the same name, type and identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// With a point at its end.
    pub name: String,
    /// AWS's word: `A`, `CNAME`.
    pub kind: String,
    pub set: Option<String>,
    pub weight: Option<i64>,
    pub ttl: Option<i64>,
    pub values: Vec<String>,
    pub alias: Option<Alias>,
    pub health_check: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    pub zone: String,
    /// With a point at its end.
    pub name: String,
    pub evaluate_health: bool,
}

/// A batch that has been accepted.
#[derive(Clone, Debug)]
pub struct Submitted {
    pub at: Timestamp,
    pub in_sync: Timestamp,
    pub comment: Option<String>,
}

/// Writes a name as Route 53 keeps it.
pub fn name(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    if text.ends_with('.') {
        text
    } else {
        format!("{text}.")
    }
}

impl Record {
    /// What it is found by.
    pub fn key(&self) -> (&str, &str, Option<&str>) {
        (&self.name, &self.kind, self.set.as_deref())
    }
}
