//! What a scenario may say of tables and their backups.
//! Whether the names lead somewhere is for the builder to find out.

use serde::Deserialize;

use super::{Length, Tags};

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
    /// The key it is encrypted with, by id or alias, if it is not DynamoDB's own.
    pub key: Option<String>,
    /// How long before the incident point-in-time recovery was switched on; off if left out.
    pub pitr_since: Option<Length>,
    /// For how many days it is kept; 35 if left out.
    pub pitr_days: Option<i32>,
    #[serde(default)]
    pub tags: Tags,
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
