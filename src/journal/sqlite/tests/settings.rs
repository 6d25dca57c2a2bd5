//! Entries cannot be changed, and the settings that make them durable hold.
//!
//! Each setting is read back on the journal's own connection: `SQLite` ignores a pragma that it does not know.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::super::pragmas;
use super::{Home, SqliteJournal};
use crate::domain::run::CommandKind;
use crate::journal::Journal;
use crate::journal::samples::{command, event, run};

#[tokio::test]
async fn nothing_stored_can_be_changed_replaced_or_deleted() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    journal.append(&event(2)).await.unwrap();
    let pause = command(CommandKind::Pause);
    journal.command(&run(), &pause).await.unwrap();
    let statements = [
        "UPDATE events SET event = '{}'",
        "UPDATE OR REPLACE events SET seq = 1 WHERE seq = 2",
        "DELETE FROM events",
        "REPLACE INTO events SELECT run, seq, previous, hash, '{}' FROM events",
        "UPDATE commands SET command = '{}'",
        "DELETE FROM commands",
        "REPLACE INTO commands SELECT run, number, previous, hash, '{}' FROM commands",
        "UPDATE runs SET seq = 1",
        "UPDATE runs SET run = 'other'",
        "DELETE FROM runs",
        "REPLACE INTO runs SELECT number, run, 1, hash FROM runs",
    ];
    for statement in statements {
        let outcome = journal.main().store.connection().execute(statement, []);
        let refused = outcome.unwrap_err().to_string();
        let spoken = refused.contains("never") || refused.contains("only grow");
        assert!(spoken, "{statement}: {refused}");
    }
    assert_eq!(journal.read(&run(), 0).await.unwrap(), [event(1), event(2)]);
    assert_eq!(journal.commands(&run(), 0).await.unwrap(), [(1, pause)]);
}

#[test]
fn the_settings_hold_on_the_journals_own_connection() {
    let home = Home::new();
    let journal = home.open().unwrap();
    let main = journal.main();
    let store = &main.store;
    let wanted = [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("mmap_size", 0),
        ("busy_timeout", 5000),
        ("application_id", 0x4445_4642),
        ("user_version", 1),
    ];
    for (name, value) in wanted {
        let found: i64 = store
            .connection()
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap();
        assert_eq!(found, value, "{name}");
    }
    pragmas::read_back(store.connection(), "wal").unwrap();
}

#[test]
fn a_setting_that_did_not_take_is_an_error_that_names_it() {
    let changed = [
        ("synchronous", 1),
        ("fullfsync", 0),
        ("foreign_keys", 0),
        ("recursive_triggers", 0),
        ("trusted_schema", 1),
        ("cell_size_check", 0),
        ("mmap_size", 4096),
    ];
    let home = Home::new();
    drop(home.open().unwrap());
    for (name, value) in changed {
        let connection = home.raw();
        pragmas::set(&connection).unwrap();
        pragmas::read_back(&connection, "wal").unwrap();
        connection.pragma_update(None, name, value).unwrap();
        assert_names(&connection, "wal", name);
    }
    let connection = home.raw();
    pragmas::set(&connection).unwrap();
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)
        .unwrap();
    assert_names(&connection, "wal", "defensive");
    let memory = Connection::open_in_memory().unwrap();
    pragmas::set(&memory).unwrap();
    assert_names(&memory, "wal", "journal_mode");
}

#[track_caller]
fn assert_names(connection: &Connection, mode: &str, name: &str) {
    let error = pragmas::read_back(connection, mode).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(name), "{source}");
}

#[tokio::test]
async fn a_journal_in_memory_keeps_the_same_rules() {
    let journal = SqliteJournal::in_memory().unwrap();
    journal.append(&event(1)).await.unwrap();
    let deleted = journal
        .main()
        .store
        .connection()
        .execute("DELETE FROM events", []);
    assert!(deleted.is_err());
}

#[test]
fn a_connection_for_rescue_reads_and_writes_nothing() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (a)").unwrap();
    pragmas::set_for_rescue(&connection).unwrap();
    for (name, wanted) in [
        ("query_only", 1),
        ("writable_schema", 1),
        ("synchronous", 2),
    ] {
        let found: i64 = connection
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap();
        assert_eq!(found, wanted, "{name}");
    }
    let refused = connection.execute("INSERT INTO t VALUES (1)", []);
    assert!(refused.unwrap_err().to_string().contains("readonly"));
}
