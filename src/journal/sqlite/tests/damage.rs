//! Damage of every kind is noticed, what stands before it is kept, and nothing is built upon it.
//!
//! Bits, rows, pages and whole files are harmed behind the journal's back; a silent success here would be a
//! run that goes on from a lie.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use rusqlite::{Connection, params};

use super::{
    Home, SqliteJournal, append_all, files, stored_commands, stored_events, without_triggers,
};
use crate::domain::ids::RunId;
use crate::domain::run::{CommandKind, RunEvent};
use crate::journal::damage::Evidence;
use crate::journal::samples::{command, event, event_of, run};
use crate::journal::{Journal, JournalError};

/// Fails unless the run is known to be damaged after `intact`.
#[track_caller]
fn assert_broken<T: std::fmt::Debug>(outcome: Result<T, JournalError>, intact: u64) {
    match outcome {
        Err(JournalError::Broken(damage)) => {
            assert_eq!((damage.run, damage.intact), (run(), intact));
        }
        other => panic!("{other:?}"),
    }
}

fn stored(raw: &Connection, seq: u64, column: &str) -> Vec<u8> {
    let select = format!("SELECT CAST({column} AS BLOB) FROM events WHERE seq = {seq}");
    raw.query_row(&select, [], |row| row.get(0)).unwrap()
}

fn store(raw: &Connection, seq: u64, column: &str, bytes: &[u8]) {
    let kind = if column == "event" { "TEXT" } else { "BLOB" };
    let update = format!("UPDATE events SET {column} = CAST(?1 AS {kind}) WHERE seq = {seq}");
    assert_eq!(raw.execute(&update, params![bytes]).unwrap(), 1);
}

#[tokio::test]
async fn a_flipped_bit_in_any_byte_of_any_event_is_noticed() {
    let home = Home::new();
    let journal = home.open().unwrap();
    let events = stored_events();
    append_all(&journal, &events).await;
    let raw = home.raw();
    without_triggers(&raw);
    let mut flips = 0;
    for seq in 1..=events.len() as u64 {
        for column in ["event", "previous", "hash"] {
            let bytes = stored(&raw, seq, column);
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << (at % 8);
                store(&raw, seq, column, &flipped);
                assert_broken(journal.read(&run(), 0).await, seq - 1);
                flips += 1;
            }
            let mut short = bytes.clone();
            short.pop();
            store(&raw, seq, column, &short);
            assert_broken(journal.read(&run(), 0).await, seq - 1);
            let kept = journal.read_intact(&run()).unwrap();
            assert_eq!(kept, events[..usize::try_from(seq).unwrap() - 1]);
            store(&raw, seq, column, &bytes);
        }
    }
    assert_eq!(journal.read(&run(), 0).await.unwrap(), events);
    assert!(flips > 8_000, "{flips}");
}

#[tokio::test]
async fn removed_moved_and_exchanged_events_are_noticed() {
    let cases = [
        ("DELETE FROM events WHERE seq = 1", 0),
        ("DELETE FROM events WHERE seq = 3", 2),
        ("DELETE FROM events WHERE seq = 5", 4),
        ("DELETE FROM events WHERE seq > 2", 2),
        ("DELETE FROM events", 0),
        ("DELETE FROM runs", 5),
        ("UPDATE runs SET seq = 4", 5),
        ("UPDATE runs SET hash = x'00'", 5),
        ("UPDATE events SET seq = 6 WHERE seq = 5", 4),
        (
            "UPDATE events SET seq = -seq WHERE seq IN (2, 3); UPDATE events SET seq = 5 + seq WHERE seq < 0",
            1,
        ),
        (
            "UPDATE events SET event = (SELECT event FROM events WHERE seq = 1) WHERE seq = 2",
            1,
        ),
        ("UPDATE events SET run = 'other' WHERE seq = 4", 3),
        (
            "INSERT INTO events SELECT run, 6, previous, hash, event FROM events WHERE seq = 5",
            5,
        ),
    ];
    for (tampering, intact) in cases {
        let home = Home::new();
        let journal = home.open().unwrap();
        for seq in 1..=5 {
            journal.append(&event(seq)).await.unwrap();
        }
        let raw = home.raw();
        without_triggers(&raw);
        raw.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
            .unwrap();
        raw.execute_batch(tampering).unwrap();
        assert_broken(journal.read(&run(), 0).await, intact);
        assert_broken(journal.read(&run(), 5).await, intact);
        let kept: Vec<RunEvent> = (1..=intact).map(event).collect();
        assert_eq!(journal.read_intact(&run()).unwrap(), kept, "{tampering}");
    }
}

#[tokio::test]
async fn how_far_a_run_went_is_known_from_its_row_where_its_mark_is_gone() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()[..5]).await;
    drop(journal);
    fs::remove_dir_all(home.file("marks")).unwrap();
    let raw = home.raw();
    without_triggers(&raw);
    raw.execute_batch("DELETE FROM events WHERE seq > 2")
        .unwrap();
    drop(raw);
    let damage = home.open().unwrap().damage(&run()).await.unwrap().unwrap();
    assert_eq!((damage.intact, damage.written), (2, Some(5)));
}

/// Writes a closed journal's file, then opens and reads it.
async fn read_file(home: &Home, bytes: &[u8]) -> Result<Vec<RunEvent>, JournalError> {
    for name in ["journal.db-wal", "journal.db-shm", "journal.db-journal"] {
        let _gone = fs::remove_file(home.file(name));
    }
    fs::write(home.file(files::DATABASE), bytes).unwrap();
    home.open()?.read(&run(), 0).await
}

#[tokio::test]
async fn a_flipped_byte_of_the_file_never_changes_what_is_read() {
    let home = Home::new();
    append_all(&home.open().unwrap(), &stored_events()).await;
    let whole = fs::read(home.file(files::DATABASE)).unwrap();
    let (mut noticed, mut harmless) = (0, 0);
    for at in (0..whole.len()).step_by(41) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        match read_file(&home, &flipped).await {
            Ok(events) => {
                assert_eq!(events, stored_events(), "byte {at}");
                harmless += 1;
            }
            Err(JournalError::NoSuchRun(_)) => panic!("byte {at}: the run is lost without a word"),
            Err(_) => noticed += 1,
        }
    }
    // Bytes between the entries mean nothing.
    assert!(noticed > 100 && harmless > 100, "{noticed} {harmless}");
}

#[tokio::test]
async fn a_truncated_file_is_noticed() {
    let home = Home::new();
    append_all(&home.open().unwrap(), &stored_events()).await;
    let whole = fs::read(home.file(files::DATABASE)).unwrap();
    for length in (1..whole.len()).step_by(509) {
        let outcome = read_file(&home, &whole[..length]).await;
        assert!(outcome.is_err(), "{length} of {} bytes", whole.len());
    }
}

#[tokio::test]
async fn a_journal_that_is_cut_short_never_looks_as_if_nothing_had_run() {
    let home = Home::new();
    append_all(&home.open().unwrap(), &stored_events()).await;
    let whole = fs::read(home.file(files::DATABASE)).unwrap();
    let (mut silent, mut rescued) = (0, 0);
    for length in (1..whole.len()).step_by(509) {
        fs::write(home.file(files::DATABASE), &whole[..length]).unwrap();
        let looked = match SqliteJournal::look(&home.path).await {
            Ok(looked) => looked.unwrap().runs().await,
            Err(error) => Err(error),
        };
        let opened = match home.open() {
            Ok(opened) => opened.runs().await,
            Err(error) => Err(error),
        };
        for outcome in [looked, opened] {
            match outcome {
                Ok(runs) => {
                    assert_eq!(runs, [run()], "{length} bytes");
                    rescued += 1;
                }
                Err(JournalError::Lost { evidence, .. }) => {
                    silent += usize::from(matches!(evidence, Evidence::Copied(_)));
                }
                Err(error) => panic!("{length} bytes: {error:?}"),
            }
        }
    }
    assert!(
        silent > 0 && rescued > 0,
        "{silent} are lost, {rescued} can be read"
    );
}

#[tokio::test]
async fn a_damaged_database_of_somebody_else_is_not_taken_for_a_damaged_journal() {
    let home = Home::new();
    append_all(&home.open().unwrap(), &stored_events()).await;
    let raw = home.raw();
    without_triggers(&raw);
    raw.execute_batch(
        "PRAGMA journal_mode = DELETE; DROP TABLE commands; DROP TABLE events; DROP TABLE runs;
         CREATE TABLE notes (text TEXT);
         INSERT INTO notes SELECT hex(randomblob(2000)) FROM
         (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9));",
    )
    .unwrap();
    drop(raw);
    let whole = fs::read(home.file(files::DATABASE)).unwrap();
    for cut in [4096, 8192] {
        fs::write(home.file(files::DATABASE), &whole[..whole.len() - cut]).unwrap();
        let opened = home.open().map(|_journal| "opened");
        assert!(
            matches!(opened, Err(JournalError::Lost { .. })),
            "{opened:?}"
        );
        let looked = SqliteJournal::look(&home.path).await;
        let looked = looked.map(|_journal| "looked at");
        assert!(
            matches!(looked, Err(JournalError::Lost { .. })),
            "{looked:?}"
        );
    }
}

#[tokio::test]
async fn a_copy_that_cannot_be_made_is_told_with_its_reason() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    let raw = home.raw();
    without_triggers(&raw);
    store(&raw, 3, "hash", b"?");
    fs::write(home.file("damaged"), "in the way").unwrap();
    let damage = journal.damage(&run()).await.unwrap().unwrap();
    let Evidence::Uncopied(why) = &damage.evidence else {
        panic!("{damage:?}");
    };
    assert!(why.contains("damaged"), "{why}");
    let by = crate::domain::run::Operator {
        user: "ada".into(),
        host: "bastion".into(),
    };
    let at = "2026-03-01T03:10:00Z".parse().unwrap();
    let refused = journal.salvage(&run(), &by, at).await;
    assert!(
        matches!(&refused, Err(JournalError::Uncopied { why: told, .. }) if told == why),
        "{refused:?}"
    );
    fs::remove_file(home.file("damaged")).unwrap();
    journal.salvage(&run(), &by, at).await.unwrap();
}

#[tokio::test]
async fn what_stands_before_a_page_that_cannot_be_read_is_kept() {
    let home = Home::new();
    let events: Vec<RunEvent> = (1..=100).map(event).collect();
    append_all(&home.open().unwrap(), &events).await;
    let mut bytes = fs::read(home.file(files::DATABASE)).unwrap();
    let marker = b"reason 95";
    let at = bytes
        .windows(marker.len())
        .position(|w| w == marker)
        .unwrap();
    // The first byte of a page says what kind of page it is.
    bytes[at / 4096 * 4096] = 0xff;
    let JournalError::Broken(damage) = read_file(&home, &bytes).await.unwrap_err() else {
        panic!("the page was read");
    };
    let intact = damage.intact;
    assert!(
        damage.file && matches!(damage.evidence, Evidence::Copied(_)),
        "{damage:?}"
    );
    assert!((1..95).contains(&intact), "{intact}");
    let kept = home.open().unwrap().read_intact(&run()).unwrap();
    assert_eq!(kept, events[..usize::try_from(intact).unwrap()]);
}

#[tokio::test]
async fn a_damaged_run_takes_no_more_and_others_go_on() {
    let home = Home::new();
    let journal = home.open().unwrap();
    for seq in 1..=3 {
        journal.append(&event(seq)).await.unwrap();
    }
    journal.append(&event_of("other", 1)).await.unwrap();
    let raw = home.raw();
    without_triggers(&raw);
    store(&raw, 3, "hash", b"?");
    assert_broken(journal.append(&event(4)).await, 2);
    let pause = command(CommandKind::Pause);
    assert_broken(journal.command(&run(), &pause).await, 2);
    journal.append(&event_of("other", 2)).await.unwrap();
    let others = journal.read(&RunId::from("other"), 0).await.unwrap();
    assert_eq!(others.len(), 2);
}

#[tokio::test]
async fn a_fresh_connection_verifies_before_it_appends() {
    let home = Home::new();
    for seq in 1..=3 {
        home.open().unwrap().append(&event(seq)).await.unwrap();
    }
    let raw = home.raw();
    let triggers: Vec<String> = raw
        .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    without_triggers(&raw);
    store(&raw, 1, "event", b"{}");
    for trigger in triggers {
        raw.execute_batch(&trigger).unwrap();
    }
    assert_broken(home.open().unwrap().append(&event(4)).await, 0);
}

#[tokio::test]
async fn the_files_of_a_damaged_journal_are_copied_aside_once() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    let raw = home.raw();
    without_triggers(&raw);
    store(&raw, 1, "event", b"{\"damaged\":true}");
    assert_broken(journal.read(&run(), 0).await, 0);

    let copies = only_copy(&home);
    let name = copies.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        name.ends_with("-01JD4Q0000000000000000007K-event-1"),
        "{name}"
    );
    let copy = copies.join(files::DATABASE);
    let first = fs::metadata(&copy).unwrap();
    assert_eq!(first.permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::metadata(&copies).unwrap().mode() & 0o7777, 0o700);
    assert_eq!(
        stored(&super::raw(&copy), 1, "event"),
        b"{\"damaged\":true}"
    );

    store(&raw, 1, "event", b"{\"damaged\":\"again\"}");
    assert_broken(journal.read(&run(), 0).await, 0);
    assert_eq!(fs::metadata(&copy).unwrap().ino(), first.ino());
    assert_eq!(only_copy(&home), copies);
    assert_eq!(
        stored(&super::raw(&copy), 1, "event"),
        b"{\"damaged\":true}"
    );
}

/// The one copy that was made of damaged files.
pub(super) fn only_copy(home: &Home) -> std::path::PathBuf {
    let copies: Vec<_> = fs::read_dir(home.file("damaged"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    copies[0].clone()
}

/// Counts the locks that are held on a file, by any process. The kernel lists them piece by piece, and
/// a list that changes meanwhile can leave one out, so the largest of several counts is taken: a lock
/// that was dropped is in none of them.
#[cfg(target_os = "linux")]
fn locks_on(path: &std::path::Path) -> usize {
    let inode = format!(":{} ", fs::metadata(path).unwrap().ino());
    let count = |_| {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        locks.lines().filter(|lock| lock.contains(&inode)).count()
    };
    (0..50).map(count).max().unwrap_or(0)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn copying_the_files_aside_drops_no_lock_of_the_connection() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    let raw = home.raw();
    without_triggers(&raw);
    store(&raw, 1, "event", b"{}");
    assert!(locks_on(&home.file(files::DATABASE)) > 0);
    assert_broken(journal.read(&run(), 0).await, 0);
    assert!(only_copy(&home).exists());
    // Closing any descriptor of the file drops every lock that this process holds on it, so one that
    // is left tells that none was dropped. Their number varies: ranges that touch are joined.
    assert!(locks_on(&home.file(files::DATABASE)) > 0);
}

#[tokio::test]
async fn damaged_commands_are_not_obeyed() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    for command in stored_commands() {
        journal.command(&run(), &command).await.unwrap();
    }
    let raw = home.raw();
    without_triggers(&raw);
    raw.execute_batch("UPDATE commands SET command = replace(command, 'pause', 'abort')")
        .unwrap();
    let error = journal.commands(&run(), 0).await.unwrap_err();
    let JournalError::Storage(source) = error else {
        panic!("{error}");
    };
    assert!(
        source.to_string().contains("damaged after number 3"),
        "{source}"
    );
    assert_eq!(journal.read(&run(), 0).await.unwrap(), [event(1)]);
}
