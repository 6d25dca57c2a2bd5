//! The settings of a connection: set, then read back.
//!
//! A misspelt or refused pragma is silent in `SQLite`; a journal that only looks durable is worse
//! than none.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::failure;
use crate::journal::JournalError;

/// Name, what to set, and what must be read back.
const WANTED: [(&str, i64); 7] = [
    // FULL: with NORMAL a commit to the log is not synced at all.
    ("synchronous", 2),
    // On macOS `fsync` alone leaves the bytes in the drive's cache.
    ("fullfsync", 1),
    ("foreign_keys", 1),
    ("recursive_triggers", 1),
    ("trusted_schema", 0),
    ("cell_size_check", 1),
    ("mmap_size", 0),
];

/// A setting that did not take.
#[derive(Debug, thiserror::Error)]
#[error("SQLite was asked for {name} = {wanted} and says {found}")]
struct NotTaken {
    name: &'static str,
    wanted: String,
    found: String,
}

/// Sets what concerns this connection alone.
///
/// # Errors
/// Those of the storage.
pub fn set(connection: &Connection) -> Result<(), JournalError> {
    for (name, value) in WANTED {
        connection
            .pragma_update(None, name, value)
            .map_err(failure::of)?;
    }
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)
        .map_err(failure::of)?;
    Ok(())
}

/// Has a connection read pages of which not everything is sound.
///
/// # Errors
/// Those of the storage.
pub fn set_leniently(connection: &Connection) -> Result<(), JournalError> {
    connection
        .pragma_update(None, "cell_size_check", 0)
        .map_err(failure::of)
}

/// Sets a connection that only reads what damage has left.
///
/// # Errors
/// Those of the storage.
pub fn set_for_rescue(connection: &Connection) -> Result<(), JournalError> {
    // The one setting that makes a file readable which is shorter than its header says.
    for (name, value) in [("writable_schema", 1), ("query_only", 1)]
        .iter()
        .chain(&WANTED)
    {
        connection
            .pragma_update(None, name, value)
            .map_err(failure::of)?;
    }
    Ok(())
}

/// Sets the write-ahead log, which stays set in the file.
///
/// # Errors
/// Those of the storage.
pub fn set_log(connection: &Connection) -> Result<(), JournalError> {
    connection
        .pragma_update_and_check(None, "journal_mode", "wal", |_row| Ok(()))
        .map_err(failure::of)
}

/// Makes the connection leave the log alone when it is closed; it would move it into the database.
///
/// # Errors
/// Those of the storage.
pub fn leave_log(connection: &Connection) -> Result<(), JournalError> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map(|_set| ())
        .map_err(failure::of)
}

/// Reads every setting back.
///
/// # Errors
/// Names the first setting that did not take.
pub fn read_back(connection: &Connection, mode: &str) -> Result<(), JournalError> {
    for (name, wanted) in WANTED {
        // A database in memory has no mmap_size.
        if let Some(found) = integer(connection, name)? {
            confirm(name, wanted.to_string(), found.to_string())?;
        }
    }
    let found: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(failure::of)?;
    confirm("journal_mode", mode.to_owned(), found)?;
    let defensive = connection
        .db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE)
        .map_err(failure::of)?;
    confirm("defensive", true.to_string(), defensive.to_string())
}

fn integer(connection: &Connection, name: &str) -> Result<Option<i64>, JournalError> {
    match connection.pragma_query_value(None, name, |row| row.get(0)) {
        Ok(value) => Ok(Some(value)),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) => Err(failure::of(error)),
    }
}

fn confirm(name: &'static str, wanted: String, found: String) -> Result<(), JournalError> {
    if wanted == found {
        return Ok(());
    }
    Err(JournalError::Storage(Box::new(NotTaken {
        name,
        wanted,
        found,
    })))
}
