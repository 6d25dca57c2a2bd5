//! Journals of other versions, and databases that are no journals.
//!
//! An older journal is copied before it is migrated, a newer one is only read, and a file that is not ours
//! stays as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::config::DbConfig;

use super::super::{opening, schema};
use super::{
    Home, SqliteJournal, append_all, files, raw, stored_commands, stored_events, without_triggers,
};
use crate::domain::run::CommandKind;
use crate::journal::samples::{JOURNAL_1, command, event, event_of, run};
use crate::journal::{Journal, JournalError};

/// A directory with a journal as version 1 left it.
fn of_version_1() -> Home {
    let home = Home::new();
    drop(home.open().unwrap());
    fs::remove_file(home.file(files::DATABASE)).unwrap();
    home.raw().execute_batch(JOURNAL_1).unwrap();
    home
}

#[tokio::test]
async fn a_journal_that_version_1_stored_is_read_and_goes_on() {
    let home = of_version_1();
    let journal = home.open().unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap(), stored_events());
    let commands: Vec<_> = (1..).zip(stored_commands()).collect();
    assert_eq!(journal.commands(&run(), 0).await.unwrap(), commands);
    journal.append(&event(23)).await.unwrap();
    let pause = command(CommandKind::Pause);
    assert_eq!(journal.command(&run(), &pause).await.unwrap(), 7);
    let other = home.open().unwrap();
    assert_eq!(other.read(&run(), 22).await.unwrap(), [event(23)]);
}

#[tokio::test]
async fn a_newer_journal_is_read_but_never_written() {
    let home = of_version_1();
    let raw = home.raw();
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    raw.pragma_update(None, "user_version", 2).unwrap();
    drop(raw);
    let contents =
        || ["journal.db", "journal.db-wal"].map(|name| fs::read(home.file(name)).unwrap());
    let before = contents();
    let journal = home.open().unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap(), stored_events());
    assert_eq!(journal.runs().await.unwrap(), [run()]);
    let newer = |outcome| match outcome {
        Err(JournalError::Newer { found, known }) => assert_eq!((found, known), (2, 1)),
        other => panic!("{other:?}"),
    };
    newer(journal.append(&event(23)).await);
    let pause = command(CommandKind::Pause);
    newer(journal.command(&run(), &pause).await.map(|_number| ()));
    drop(journal);
    assert!(contents() == before);
}

#[tokio::test]
async fn a_journal_that_another_process_made_meanwhile_is_not_made_again() {
    let home = of_version_1();
    let path = home.file(files::DATABASE);
    opening::modernise(&mut home.raw(), &home.path, &path).unwrap();
    let journal = home.open().unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap(), stored_events());
}

#[tokio::test]
async fn a_journal_with_other_tables_is_read_but_never_written() {
    let home = of_version_1();
    without_triggers(&home.raw());
    let journal = home.open().unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap(), stored_events());
    let refused = journal.append(&event(23)).await;
    assert!(
        matches!(&refused, Err(JournalError::Broken(damage)) if damage.file && damage.intact == 22),
        "{refused:?}"
    );
    let new = journal.append(&event_of("new", 1)).await;
    assert!(matches!(new, Err(JournalError::Unsafe { .. })), "{new:?}");
}

#[test]
fn a_database_that_is_no_journal_is_left_alone() {
    let contents = [
        ("CREATE TABLE notes (text)", "not a journal"),
        (
            "PRAGMA application_id = 7; PRAGMA user_version = 1",
            "not a journal",
        ),
        ("PRAGMA user_version = 1", "not a journal"),
    ];
    for (sql, reason) in contents {
        let home = Home::new();
        drop(home.open().unwrap());
        fs::remove_file(home.file(files::DATABASE)).unwrap();
        home.raw().execute_batch(sql).unwrap();
        let before = fs::read(home.file(files::DATABASE)).unwrap();
        let error = home.open().unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(fs::read(home.file(files::DATABASE)).unwrap(), before);
    }
    let home = Home::new();
    drop(home.open().unwrap());
    fs::write(
        home.file(files::DATABASE),
        "a letter, not a database".repeat(100),
    )
    .unwrap();
    let error = home.open().unwrap_err().to_string();
    assert!(error.contains("is not a database"), "{error}");
}

#[tokio::test]
async fn an_empty_file_is_a_journal_that_was_lost() {
    let home = Home::new();
    drop(home.open().unwrap());
    fs::write(home.file(files::DATABASE), "").unwrap();
    let error = home.open().unwrap_err().to_string();
    assert!(
        error.contains("journal.db") && error.contains("is empty"),
        "{error}"
    );
    let looked = SqliteJournal::look(&home.path)
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(looked, error);
}

#[tokio::test]
async fn a_journal_whose_making_was_cut_short_is_made_anew() {
    let home = Home::new();
    drop(home.open().unwrap());
    fs::rename(home.file(files::DATABASE), home.file("journal.part")).unwrap();
    fs::write(home.file("journal.part"), "half").unwrap();
    home.open().unwrap().append(&event(1)).await.unwrap();
    assert!(!home.file("journal.part").exists());
}

#[tokio::test]
async fn a_log_without_its_database_is_not_poured_into_a_new_one() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    fs::remove_file(home.file(files::DATABASE)).unwrap();
    let error = home.open().unwrap_err().to_string();
    assert!(error.contains("is missing"), "{error}");
}

/// Returns what is in a directory, to the last byte of the database and its log.
fn listed(home: &Home) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(&home.path).unwrap().flatten();
    let mut all: Vec<_> = entries
        .map(|entry| {
            let bytes = fs::read(entry.path()).unwrap_or_default();
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn looking_makes_nothing_and_changes_nothing() {
    let home = Home::new();
    assert!(SqliteJournal::look(&home.path).await.unwrap().is_none());
    assert!(!home.path.exists());
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    // First with somebody at work, then with nobody.
    for open in [Some(journal), None] {
        // Within one process all connections share what they know of the index.
        let theirs = |(name, _): &(String, Vec<u8>)| !name.ends_with("-shm");
        let listed = |home| listed(home).into_iter().filter(theirs).collect::<Vec<_>>();
        let before = listed(&home);
        let looked = SqliteJournal::look(&home.path).await.unwrap().unwrap();
        assert_eq!(looked.runs().await.unwrap(), [run()]);
        assert_eq!(looked.read(&run(), 0).await.unwrap(), stored_events());
        assert_eq!(looked.version(), 1);
        looked.could_be_written().unwrap();
        assert!(looked.append(&event(23)).await.is_err());
        drop(looked);
        assert!(listed(&home) == before, "with somebody: {}", open.is_some());
    }
}

#[tokio::test]
async fn looking_gets_on_with_writers_that_come_and_go() {
    let home = Home::new();
    drop(home.open().unwrap());
    let (over, path) = (Arc::new(AtomicBool::new(false)), home.path.clone());
    let told = over.clone();
    let writers = std::thread::spawn(move || {
        while !told.load(Ordering::Relaxed) {
            drop(SqliteJournal::open(&path).unwrap());
        }
    });
    let mut refused = Vec::new();
    for _look in 0..500 {
        refused.extend(SqliteJournal::look(&home.path).await.err());
    }
    over.store(true, Ordering::Relaxed);
    writers.join().unwrap();
    assert!(refused.is_empty(), "{refused:?}");
}

#[tokio::test]
async fn looking_finds_what_a_killed_writer_left_in_the_log() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    let copy = Home::new();
    drop(copy.open().unwrap());
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        fs::copy(home.file(name), copy.file(name)).unwrap();
    }
    let before = listed(&copy);
    let looked = SqliteJournal::look(&copy.path).await.unwrap().unwrap();
    assert_eq!(looked.read(&run(), 0).await.unwrap(), stored_events());
    drop(looked);
    assert!(listed(&copy) == before);
}

#[tokio::test]
async fn looking_tells_a_newer_journal_and_what_is_none() {
    let home = of_version_1();
    home.raw().pragma_update(None, "user_version", 2).unwrap();
    let looked = SqliteJournal::look(&home.path).await.unwrap().unwrap();
    assert_eq!(looked.version(), 2);
    let newer = looked.could_be_written();
    assert!(
        matches!(newer, Err(JournalError::Newer { .. })),
        "{newer:?}"
    );
    fs::write(home.file(files::DATABASE), "a letter".repeat(500)).unwrap();
    let error = SqliteJournal::look(&home.path)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("is not a database"), "{error}");
}

const NEXT: &str = "ALTER TABLE runs ADD COLUMN note TEXT";

fn version(path: &std::path::Path) -> i64 {
    let version = raw(path).pragma_query_value(None, "user_version", |row| row.get(0));
    version.unwrap()
}

#[tokio::test]
async fn an_older_journal_is_copied_before_it_is_migrated() {
    let home = of_version_1();
    // What an attempt that was cut short left.
    files::create_new(&home.file("before-version-2.part")).unwrap();
    fs::write(home.file("before-version-2.part"), "half").unwrap();
    let migrations = [schema::MIGRATIONS[0], NEXT];
    schema::migrate(&mut home.raw(), Some(&home.path), 1, &migrations).unwrap();

    assert_eq!(version(&home.file(files::DATABASE)), 2);
    home.raw()
        .execute("UPDATE runs SET note = '', seq = seq + 1", [])
        .unwrap();
    let copy = home.file("before-version-2.db");
    assert_eq!(version(&copy), 1);
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert!(!home.file("before-version-2.part").exists());

    let restored = Home::new();
    drop(restored.open().unwrap());
    fs::copy(&copy, restored.file(files::DATABASE)).unwrap();
    let journal = restored.open().unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap(), stored_events());
}

#[tokio::test]
async fn a_migration_that_fails_changes_nothing() {
    let home = of_version_1();
    let migrations = [schema::MIGRATIONS[0], NEXT, "no such statement"];
    schema::migrate(&mut home.raw(), Some(&home.path), 1, &migrations).unwrap_err();
    let journal = home.open().unwrap();
    journal.append(&event(23)).await.unwrap();
}

#[tokio::test]
async fn a_new_journal_leaves_no_copy() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    let names = fs::read_dir(&home.path).unwrap();
    let copies = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("before-")
    });
    assert_eq!(copies.count(), 0);
}
