//! The journal against its promises: what is appended stays, damage is noticed, nobody else writes.
//!
//! Tampering goes through connections of the tests' own, with the triggers taken away.

mod damage;
mod full;
mod lease;
mod place;
mod round_trips;
mod salvage;
mod settings;
mod versions;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{SqliteJournal, files};
use crate::domain::run::{Command, RunEvent};
use crate::journal::samples::{COMMANDS_1, EVENTS_1};
use crate::journal::{Journal, JournalError};

/// A directory that does not exist yet, in one that is removed afterwards.
struct Home {
    _above: TempDir,
    path: PathBuf,
}

impl Home {
    fn new() -> Self {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("state");
        Self {
            _above: above,
            path,
        }
    }

    fn open(&self) -> Result<SqliteJournal, JournalError> {
        SqliteJournal::open(&self.path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A connection that obeys no rule of the journal.
    fn raw(&self) -> Connection {
        raw(&self.file(files::DATABASE))
    }
}

fn raw(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "synchronous", 0).unwrap();
    connection
}

fn without_triggers(connection: &Connection) {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for name in names {
        let drop = format!("DROP TRIGGER {name}");
        connection.execute_batch(&drop).unwrap();
    }
}

fn stored_events() -> Vec<RunEvent> {
    let lines = EVENTS_1.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn stored_commands() -> Vec<Command> {
    let lines = COMMANDS_1.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

async fn append_all(journal: &SqliteJournal, events: &[RunEvent]) {
    for event in events {
        journal.append(event).await.unwrap();
    }
}
