//! Opening a database: to work in it, to look at it, or to read what damage has left of it.
//!
//! What is damaged is never opened for writing: `SQLite` would move its log into it when it is closed.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{Refusal, failure, files, pragmas, schema};
use crate::journal::JournalError;

/// How long a call waits for another process's commit.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A connection, and why nothing is written over it.
pub type Opened = (Connection, Option<Refusal>);

/// Opens the database of a directory, making it if it is missing.
///
/// # Errors
/// Those of the storage and of the files.
pub fn provide(home: &Path, patience: Duration) -> Result<Opened, JournalError> {
    let path = files::provide_database(home, |path| fill(path, |_connection| Ok(())))?;
    existing(home, &path, patience)
}

/// Makes a database in an empty file: the tables, and whatever else.
///
/// # Errors
/// Those of the storage.
pub fn fill(
    path: &Path,
    more: impl FnOnce(&mut Connection) -> Result<(), JournalError>,
) -> Result<(), JournalError> {
    let mut connection = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE, PATIENCE)?;
    pragmas::set(&connection)?;
    schema::migrate(&mut connection, None, 0, schema::MIGRATIONS)?;
    more(&mut connection)?;
    // Before others can see it: two that change the mode at the same time refuse each other.
    pragmas::set_log(&connection)
}

/// Opens a database that is there; for reading only where it is damaged.
///
/// # Errors
/// Those of the storage and of the files; [`JournalError::Lost`] where nothing can be read of it.
pub fn existing(home: &Path, path: &Path, patience: Duration) -> Result<Opened, JournalError> {
    let opened = connect(home, path, patience);
    let again = || open_file(path, OpenFlags::SQLITE_OPEN_READ_ONLY, patience);
    rescued_if_damaged(path, opened, again)
}

fn connect(home: &Path, path: &Path, patience: Duration) -> Result<Opened, JournalError> {
    let mut connection = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    let found = schema::version(&connection, path)?;
    if found > schema::known() {
        pragmas::leave_log(&connection)?;
        drop(connection);
        let connection = open_file(path, OpenFlags::SQLITE_OPEN_READ_ONLY, patience)?;
        pragmas::set(&connection)?;
        return Ok((connection, Some(Refusal::Newer { found })));
    }
    pragmas::set(&connection)?;
    if found < schema::known() {
        modernise(&mut connection, home, path)?;
    }
    pragmas::set_log(&connection)?;
    pragmas::read_back(&connection, "wal")?;
    let refusal = (!schema::is_intact(&connection)?).then_some(Refusal::OtherTables);
    Ok((connection, refusal))
}

/// Opens a database for reading only, with the index of its log left as it is. Without a log nobody
/// has written to it lately, and its file alone is read: an index would have to be made.
///
/// # Errors
/// Those of the storage and of the files.
pub fn look(found: &files::Examined) -> Result<Opened, JournalError> {
    let opened = look_into(found).and_then(|connection| {
        let version = schema::version(&connection, &found.path)?;
        pragmas::set(&connection)?;
        let refusal = if version > schema::known() {
            Refusal::Newer { found: version }
        } else if version == schema::known() && !schema::is_intact(&connection)? {
            Refusal::OtherTables
        } else {
            Refusal::OnlyLooked
        };
        Ok((connection, Some(refusal)))
    });
    rescued_if_damaged(&found.path, opened, || look_into(found))
}

/// Reads what is left where a database cannot be opened as a whole; else the first error stands.
fn rescued_if_damaged(
    path: &Path,
    opened: Result<Opened, JournalError>,
    again: impl FnOnce() -> Result<Connection, JournalError>,
) -> Result<Opened, JournalError> {
    match opened {
        Err(error) if failure::may_be_damage(&error) => {
            match again().and_then(|connection| rescued(connection, path)) {
                Ok(connection) => Ok((connection, Some(Refusal::Damaged))),
                Err(_nothing_left) => Err(error),
            }
        }
        opened => opened,
    }
}

/// With a writable schema `SQLite` also reads a file that is shorter than it should be, as far as it
/// goes; nothing is written over this connection.
fn rescued(connection: Connection, path: &Path) -> Result<Connection, JournalError> {
    pragmas::set_for_rescue(&connection)?;
    if schema::has_tables(&connection)? {
        Ok(connection)
    } else {
        Err(files::distrust(path, "is not a journal of defib"))
    }
}

fn open_file(path: &Path, mode: OpenFlags, patience: Duration) -> Result<Connection, JournalError> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let connection = opened.map_err(|error| failure::of_file(path, error))?;
    connection.busy_timeout(patience).map_err(failure::of)?;
    Ok(connection)
}

/// Brings an older journal to the newest version, one process at a time.
pub fn modernise(
    connection: &mut Connection,
    home: &Path,
    path: &Path,
) -> Result<(), JournalError> {
    let _alone = files::alone(home)?;
    let found = schema::version(connection, path)?;
    if found >= schema::known() {
        return Ok(());
    }
    schema::migrate(connection, Some(home), found, schema::MIGRATIONS)
}

fn look_into(found: &files::Examined) -> Result<Connection, JournalError> {
    let name = found
        .path
        .to_str()
        .ok_or_else(|| files::distrust(&found.path, "is not UTF-8"))?;
    let mut address = String::from("file:");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address.push_str(if found.log {
        "?mode=ro&readonly_shm=1"
    } else {
        "?mode=ro&immutable=1"
    });
    let mode = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    open_file(Path::new(&address), mode, PATIENCE)
}
