//! What a scenario may say of tables, their backups, what scales them, and how they are found.
//! Whether the names lead somewhere is for the builder to find out.

use serde::Deserialize;

use super::{Alarm, Length, Tags, Trigger};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: String,
    pub created_before: Option<Length>,
    /// AWS's word; `ACTIVE` if left out.
    pub status: Option<String>,
    /// Size in bytes.
    #[serde(default)]
    pub size: i64,
    #[serde(default)]
    pub items: i64,
    /// Attributes with their types: `["order_id S", "line N"]`; `["id S"]` if left out.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Paid by request if left out.
    #[serde(default)]
    pub capacity: Capacity,
    #[serde(default, rename = "index")]
    pub indexes: Vec<Index>,
    /// The key it is encrypted with, by id or alias, if it is not DynamoDB's own.
    pub key: Option<String>,
    /// How long before the incident point-in-time recovery was switched on; off if left out.
    pub pitr_since: Option<Length>,
    /// For how many days it is kept; 35 if left out.
    pub pitr_days: Option<i32>,
    #[serde(default)]
    pub protected: bool,
    /// AWS's word; `STANDARD` if left out.
    pub class: Option<String>,
    /// What its stream holds; off if left out.
    pub stream: Option<String>,
    /// The attribute of time to live; off if left out.
    pub ttl: Option<String>,
    /// Items that expire, by the attribute of time to live.
    #[serde(default)]
    pub expiring: Vec<Expiring>,
    /// What happened to its items.
    pub change: Option<Change>,
    /// How long before the incident the instant is that its items are of; the present if left out.
    pub as_of: Option<Length>,
    /// The resource policy, as JSON.
    pub policy: Option<String>,
    /// Regions of replicas.
    #[serde(default)]
    pub replicas: Vec<String>,
    #[serde(default)]
    pub kinesis: Vec<Destination>,
    #[serde(default)]
    pub insights: Vec<Insights>,
    /// What reads its stream.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    #[serde(default)]
    pub scaling: Vec<Scaling>,
    #[serde(default)]
    pub scheduled: Vec<Scheduled>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default, rename = "alarm")]
    pub alarms: Vec<Alarm>,
}

/// Throughput: so much is provisioned, or so much is the most that is paid by request.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    pub read: Option<i64>,
    pub write: Option<i64>,
    pub max_read: Option<i64>,
    pub max_write: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    pub name: String,
    #[serde(default)]
    pub local: bool,
    pub keys: Vec<String>,
    /// AWS's word; `ALL` if left out.
    pub projection: Option<String>,
    #[serde(default)]
    pub included: Vec<String>,
    #[serde(default)]
    pub capacity: Capacity,
}

/// A Kinesis stream that changes go to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Its ARN.
    pub stream: String,
    /// AWS's word; not told if left out.
    pub precision: Option<String>,
}

/// Contributor Insights that are on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insights {
    /// The index, if it is not the table itself.
    pub index: Option<String>,
    /// AWS's word; not told if left out.
    pub mode: Option<String>,
}

/// So many items that expire so long before the incident.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiring {
    pub before: Length,
    pub items: i64,
}

/// What happened to the items of a table so long before the incident: so many became others, were added, were removed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub before: Length,
    #[serde(default)]
    pub changed: i64,
    #[serde(default)]
    pub added: i64,
    #[serde(default)]
    pub removed: i64,
}

/// A scalable target with its policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// The index, if it is not the table itself.
    pub index: Option<String>,
    /// `Read` or `Write`.
    pub of: String,
    pub min: i32,
    pub max: i32,
    /// The part of the capacity that is to be used, in percent; without it there is no policy.
    pub target: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    pub name: String,
    /// The index, if it is not the table itself.
    pub index: Option<String>,
    /// `Read` or `Write`.
    pub of: String,
    pub schedule: String,
    pub timezone: Option<String>,
    pub min: Option<i32>,
    pub max: Option<i32>,
}

/// A parameter of Systems Manager.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: String,
    pub value: String,
    /// AWS's word; `String` if left out.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How often it was changed; once if left out.
    pub version: Option<i64>,
}

/// A backup of a table, or several that were taken regularly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableBackup {
    pub table: String,
    /// Whether the table is gone.
    #[serde(default)]
    pub table_is_gone: bool,
    /// `{n}` in it is the number, counted from the youngest.
    pub name: String,
    /// `USER`, `SYSTEM` or `AWS_BACKUP`; `USER` if left out.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// AWS's word; `AVAILABLE` if left out.
    pub status: Option<String>,
    /// How long before the incident the youngest was taken.
    pub before: Length,
    pub every: Option<Length>,
    pub count: Option<u32>,
    /// Size in bytes, if it is not the table's.
    pub size: Option<i64>,
    /// How long it is kept, if that is decided; 35 days for one of the type `SYSTEM`.
    pub kept: Option<Length>,
}
