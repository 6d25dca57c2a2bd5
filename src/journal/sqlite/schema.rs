//! The tables of a journal, their versions, and the way from one version to the next.
//!
//! Version n is reached from version n - 1 by the n-th migration. What was released is never edited:
//! a change is a new migration. Entries cannot be changed or deleted, whatever statement tries it.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{failure, files};
use crate::journal::JournalError;

/// Marks a database as a journal of defib: `DEFB`.
pub const APPLICATION_ID: i64 = 0x4445_4642;

/// The migrations of this defib, from an empty database on.
pub const MIGRATIONS: &[&str] = &[VERSION_1];

// `REPLACE` deletes without asking a trigger, unless `recursive_triggers` is on.
const VERSION_1: &str = "
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE events (
    run TEXT NOT NULL REFERENCES runs (run),
    seq INTEGER NOT NULL CHECK (seq > 0),
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT;

CREATE TABLE commands (
    run TEXT NOT NULL REFERENCES runs (run),
    number INTEGER NOT NULL CHECK (number > 0),
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    command TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT;

CREATE TRIGGER runs_are_kept BEFORE DELETE ON runs
BEGIN SELECT RAISE(ABORT, 'runs are never deleted'); END;

CREATE TRIGGER runs_only_grow BEFORE UPDATE ON runs
WHEN new.number IS NOT old.number OR new.run IS NOT old.run OR new.seq IS NOT old.seq + 1
BEGIN SELECT RAISE(ABORT, 'runs only grow'); END;

CREATE TRIGGER events_are_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

CREATE TRIGGER commands_are_kept BEFORE DELETE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are never deleted'); END;

CREATE TRIGGER commands_stay_as_they_are BEFORE UPDATE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are never changed'); END;
";

/// Returns the newest version that this defib knows.
pub fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("there are few migrations")
}

/// Tells whether there are tables to read a run from, in whatever state the rest is.
///
/// # Errors
/// Those of the storage.
pub fn has_tables(connection: &Connection) -> Result<bool, JournalError> {
    connection
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('runs', 'events')",
            [],
            |row| row.get::<_, i64>(0),
        )
        .map(|tables| tables == 2)
        .map_err(failure::of)
}

/// Tells whether `SQLite` finds the file sound: what it is made of, not what stands in it.
///
/// # Errors
/// Those of the storage, other than damage.
pub fn is_sound(connection: &Connection) -> Result<bool, JournalError> {
    let answer = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match answer {
        Ok(answer) => Ok(answer == "ok"),
        Err(error) if failure::is_damage(&error) => Ok(false),
        Err(error) => Err(failure::of(error)),
    }
}

/// Returns the version of a journal.
///
/// # Errors
/// [`JournalError::Lost`] for what is no database or has nothing in it, [`JournalError::Unsafe`] for one that is not a
/// journal of defib.
pub fn version(connection: &Connection, path: &Path) -> Result<u32, JournalError> {
    let (application, version, tables) = header(connection).map_err(|error| {
        if failure::is_damage(&error) {
            files::lost(path, "is not a database, or its beginning is damaged")
        } else {
            failure::of(error)
        }
    })?;
    match u32::try_from(version) {
        // SQLite takes what is shorter than its header for an empty database.
        Ok(0) if application == 0 && tables == 0 => Err(files::lost(
            path,
            "has no tables, and a journal always has: what stood in it is gone",
        )),
        Ok(version @ 1..) if application == APPLICATION_ID => Ok(version),
        // Nobody else makes exactly these tables.
        Ok(_) | Err(_) if is_intact(connection)? => {
            Err(files::lost(path, "is a journal whose beginning is damaged"))
        }
        Ok(_) | Err(_) => Err(files::distrust(path, "is not a journal of defib")),
    }
}

fn header(connection: &Connection) -> rusqlite::Result<(i64, i64, i64)> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    Ok((number("application_id")?, number("user_version")?, tables?))
}

/// Brings a journal to the newest version; one with entries is first copied to
/// `before-version-N.db` beside it.
///
/// # Errors
/// Those of the storage; the journal is then as it was before.
pub fn migrate(
    connection: &mut Connection,
    home: Option<&Path>,
    from: u32,
    migrations: &[&str],
) -> Result<(), JournalError> {
    if let Some(home) = home.filter(|_| from > 0) {
        copy(connection, home, migrations.len())?;
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failure::of)?;
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    for migration in migrations.iter().skip(done) {
        transaction.execute_batch(migration).map_err(failure::of)?;
    }
    let version = i64::try_from(migrations.len()).expect("there are few migrations");
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| transaction.pragma_update(None, "user_version", version))
        .and_then(|()| transaction.commit())
        .map_err(failure::of)
}

fn copy(connection: &Connection, home: &Path, version: usize) -> Result<(), JournalError> {
    let path = home.join(format!("before-version-{version}.db"));
    let part = home.join(format!("before-version-{version}.part"));
    // An unfinished copy of an earlier attempt.
    if files::check_file(&part)? {
        std::fs::remove_file(&part).map_err(|error| files::failed(&part, error))?;
    }
    // `VACUUM INTO` would make it readable for everybody; it accepts an empty file.
    let file = files::create_new(&part).map_err(|error| files::failed(&part, error))?;
    let name = part
        .to_str()
        .ok_or_else(|| files::distrust(&part, "is not UTF-8"))?;
    connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(failure::of)?;
    file.sync_all()
        .and_then(|()| std::fs::rename(&part, &path))
        .map_err(|error| files::failed(&path, error))?;
    files::sync_directory(home)
}

/// Tells whether tables and triggers are exactly those of the newest version.
///
/// # Errors
/// Those of the storage.
pub fn is_intact(connection: &Connection) -> Result<bool, JournalError> {
    let wanted = Connection::open_in_memory().map_err(failure::of)?;
    for migration in MIGRATIONS {
        wanted.execute_batch(migration).map_err(failure::of)?;
    }
    let wanted = definitions(&wanted).map_err(failure::of)?;
    match definitions(connection) {
        Ok(found) => Ok(found == wanted),
        Err(error) if failure::is_damage(&error) => Ok(false),
        Err(error) => Err(failure::of(error)),
    }
}

fn definitions(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
