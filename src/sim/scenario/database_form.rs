//! What a scenario file may say of databases and their snapshots. A field that is not here is an error.
//!
//! It knows nothing of the world; `databases` makes what is described.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::form::Length;

type Tags = BTreeMap<String, String>;

/// A DB instance (`db-instance`) or a DB cluster (`db-cluster`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The identifier.
    pub name: String,
    /// RDS's word: `mysql`, `aurora-postgresql`, `docdb`, `neptune`.
    pub engine: String,
    #[serde(default)]
    pub engine_version: String,
    #[serde(default)]
    pub class: String,
    /// In GiB; left out where storage grows by itself, as Aurora's does.
    pub size: Option<i32>,
    /// The key it is encrypted with, by id or alias.
    pub key: Option<String>,
    pub created_before: Option<Length>,
    /// When it was deleted; its automated backup is retained.
    pub deleted_before: Option<Length>,
    /// For how many days automated backups are kept; 0 turns them off, 7 if left out.
    pub retention_days: Option<i32>,
    /// RDS's word; `available` if left out.
    pub status: Option<String>,
    /// The cluster that an instance belongs to.
    pub cluster: Option<String>,
    /// Whether its automated backup is a continuous one of AWS Backup.
    #[serde(default)]
    pub aws_backup: bool,
    /// The Region where the database is, and from which its automated backup is replicated here.
    pub replicated_from: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

/// A snapshot of a DB instance (`db-snapshot`) or a DB cluster (`db-cluster-snapshot`), or several of them that
/// were taken regularly.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbSnapshot {
    /// The identifier; of several, what the date is put behind. Automated ones and those of AWS Backup are named
    /// as RDS names them if it is left out.
    pub id: Option<String>,
    /// The database, by identifier; it may be gone or elsewhere.
    pub database: String,
    /// `automated`, `manual` (if left out) or `awsbackup`.
    pub made: Option<String>,
    /// How long before the incident it, or the last of several, was taken.
    pub before: Option<Length>,
    /// How long after the incident.
    pub after: Option<Length>,
    pub every: Option<Length>,
    pub count: Option<u32>,
    /// The ARN of the snapshot that it was copied from.
    pub copied_from: Option<String>,
    /// How long before the copy that snapshot was taken.
    pub original_before: Option<Length>,
    /// The account that shares it.
    pub owner: Option<String>,
    #[serde(default)]
    pub public: bool,
    /// RDS's word; `available` if left out.
    pub status: Option<String>,
    /// The engine, if the database is not here.
    pub engine: Option<String>,
    /// In GiB, if the database is not here.
    pub size: Option<i32>,
    /// The key, if it is not the database's.
    pub key: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}
