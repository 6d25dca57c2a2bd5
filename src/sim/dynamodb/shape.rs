//! What a table is made of: its keys, its indexes, its throughput, and how many items it holds.
//! This much is in a backup and in a restored table; everything else about a table is a setting of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::items::Told;

/// What a table is made as.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The `HASH` key, then the `RANGE` key if there is one.
    pub keys: Vec<KeyPart>,
    /// By name.
    pub indexes: BTreeMap<String, Index>,
    pub capacity: Capacity,
    /// The key it is encrypted with, if it is not DynamoDB's own.
    pub key_arn: Option<String>,
}

/// An attribute of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPart {
    pub attribute: String,
    /// `S`, `N` or `B`.
    pub scalar: String,
}

/// A secondary index.
#[derive(Clone, Debug)]
pub struct Index {
    pub local: bool,
    /// The `HASH` key, then the `RANGE` key if there is one.
    pub keys: Vec<KeyPart>,
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    pub included: Vec<String>,
    /// Of a local index nobody asks.
    pub capacity: Capacity,
}

/// Throughput of a table or a global index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    pub on_demand: bool,
    /// 0 on demand.
    pub read: i64,
    /// 0 on demand.
    pub write: i64,
    pub max_read: Option<i64>,
    pub max_write: Option<i64>,
}

impl Capacity {
    /// Paid by request, without a limit.
    pub const ON_DEMAND: Self = Self {
        on_demand: true,
        read: 0,
        write: 0,
        max_read: None,
        max_write: None,
    };

    /// So many units a second.
    pub fn provisioned(read: i64, write: i64) -> Self {
        Self {
            on_demand: false,
            read,
            write,
            ..Self::ON_DEMAND
        }
    }
}

/// What is in a table. Items are not kept one by one: there are so many, some of them expire, and what is in each
/// follows from its number.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// How many there are at present, and as many as the table tells whatever instant it is of: AWS counts items every
    /// six hours only.
    pub count: i64,
    pub size_bytes: i64,
    /// The attribute that holds when an item expires, whether anything goes by it or not.
    pub expires_by: Option<String>,
    /// When how many of them expire. They stay all the same: nothing is deleted here.
    pub expiring: Vec<(Timestamp, i64)>,
    /// The instant that they are of, if it is not the present.
    pub as_of: Option<Timestamp>,
    /// What happened to them.
    pub change: Option<Change>,
    /// What was put since, into this very table.
    pub put: Put,
}

/// Items that were put, which are kept one by one.
#[derive(Clone, Debug, Default)]
pub struct Put {
    /// By their numbers.
    pub items: BTreeMap<i64, Told>,
    /// Numbers of those that were not there, in the order in which they came.
    pub added: Vec<i64>,
}

/// What happened to the items of a table at an instant; a table that is of an earlier one does not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: Timestamp,
    /// How many of those that are there before and after became others.
    pub changed: i64,
    /// How many were added.
    pub added: i64,
    /// How many were removed.
    pub removed: i64,
}

/// Which part of a key an attribute is, in AWS's words, by its place.
pub fn part(place: usize) -> &'static str {
    if place == 0 { "HASH" } else { "RANGE" }
}
