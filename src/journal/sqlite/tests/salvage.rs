//! A damaged run goes on from its longest valid prefix, and a file is harmed in every class of its bytes.
//!
//! Whatever is harmed: nothing panics, no event is read that was not written, and what is read is the whole
//! run or a prefix of it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::damage::only_copy;
use super::{
    Home, SqliteJournal, append_all, files, raw, stored_commands, stored_events, without_triggers,
};
use crate::domain::ids::RunId;
use crate::domain::run::{CommandKind, EventBody, Operator, RunState};
use crate::journal::damage::Evidence;
use crate::journal::samples::{command, event, event_of, run};
use crate::journal::{Journal, JournalError};

fn ada() -> Operator {
    Operator {
        user: "ada".to_owned(),
        host: "bastion".to_owned(),
    }
}

fn now() -> Timestamp {
    "2026-03-01T03:10:00Z".parse().unwrap()
}

/// A journal with a run, another run beside it, and one event of the first harmed.
async fn harmed(home: &Home, seq: u64) -> SqliteJournal {
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    journal.append(&event_of("other", 1)).await.unwrap();
    for command in stored_commands() {
        journal.command(&run(), &command).await.unwrap();
    }
    let triggers = home.raw();
    let sql = format!(
        "UPDATE events SET event = replace(event, '{{', '[') WHERE seq = {seq} AND run <> 'other'"
    );
    let names: Vec<(String, String)> = triggers
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    without_triggers(&triggers);
    assert_eq!(triggers.execute(&sql, []).unwrap(), 1);
    for (_name, sql) in names {
        triggers.execute_batch(&sql).unwrap();
    }
    journal
}

#[tokio::test]
async fn a_damaged_run_goes_on_from_its_valid_prefix_in_a_file_of_its_own() {
    let home = Home::new();
    let journal = harmed(&home, 15).await;
    let damage = journal.damage(&run()).await.unwrap().unwrap();
    assert_eq!(
        (damage.intact, damage.written, damage.file),
        (14, Some(22), false)
    );
    journal.salvage(&run(), &ada(), now()).await.unwrap();

    // Whoever had the journal open sees it as well as whoever opens it now.
    for reader in [&journal, &home.open().unwrap()] {
        assert_eq!(reader.damage(&run()).await.unwrap(), None);
        let events = reader.read(&run(), 0).await.unwrap();
        assert_eq!(events[..14], stored_events()[..14]);
        let EventBody::Salvaged {
            intact,
            written,
            copy,
            sha256,
            ..
        } = &events[14].body
        else {
            panic!("{:?}", events[14]);
        };
        assert_eq!((*intact, *written, events.len()), (14, Some(22), 15));
        assert_eq!(Path::new(copy), only_copy(&home));
        assert_eq!(sha256.len(), 64);
    }
    // What was asked before the damage is not obeyed again; what is asked now counts from 1.
    assert_eq!(journal.commands(&run(), 0).await.unwrap(), []);
    let state = RunState::fold(&journal.read(&run(), 0).await.unwrap()).unwrap();
    assert_eq!(state.last_command, 0);
    let pause = command(CommandKind::Pause);
    assert_eq!(journal.command(&run(), &pause).await.unwrap(), 1);
    journal.append(&event(16)).await.unwrap();
    assert_eq!(
        home.open().unwrap().read(&run(), 15).await.unwrap(),
        [event(16)]
    );
    // The damaged file stays as it is, and others go on in it.
    journal.append(&event_of("other", 2)).await.unwrap();
    let left: i64 = home
        .raw()
        .query_row(
            "SELECT count(*) FROM events WHERE run <> 'other'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 22);
    assert_eq!(journal.runs().await.unwrap(), [run(), RunId::from("other")]);
    // It counts even where the main database cannot be read any more.
    home.raw()
        .execute_batch("ALTER TABLE runs RENAME TO gone")
        .unwrap();
    assert_eq!(journal.runs().await.unwrap(), [run()]);
}

#[tokio::test]
async fn a_shared_journal_is_asked_and_told_everything_that_it_is_alone() {
    let home = Home::new();
    let journal: Arc<dyn Journal> = Arc::new(harmed(&home, 15).await);
    let commands = stored_commands();
    let lease = journal.lease(&run()).await.unwrap();
    assert!(lease.is_some() && journal.is_held(&run()).await.unwrap());
    assert!(journal.lease(&run()).await.unwrap().is_none());
    assert_eq!(
        journal.damage(&run()).await.unwrap().unwrap().written,
        Some(22)
    );
    assert!(journal.read(&run(), 0).await.is_err());
    assert_eq!(journal.read_intact(&run()).await.unwrap().len(), 14);
    assert_eq!(
        journal.commands(&run(), 0).await.unwrap().len(),
        commands.len()
    );
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    assert_eq!(journal.damage(&run()).await.unwrap(), None);
    assert_eq!(journal.read(&run(), 0).await.unwrap().len(), 15);
    journal.append(&event(16)).await.unwrap();
    assert_eq!(journal.read(&run(), 15).await.unwrap(), [event(16)]);
    let pause = command(CommandKind::Pause);
    assert_eq!(journal.command(&run(), &pause).await.unwrap(), 1);
    let runs = journal.runs().await.unwrap();
    assert_eq!(runs, [run(), RunId::from("other")]);
}

#[tokio::test]
async fn a_salvaged_run_is_listed_even_where_the_database_lists_nothing_any_more() {
    let home = Home::new();
    let journal = harmed(&home, 15).await;
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    let raw = home.raw();
    without_triggers(&raw);
    raw.execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE runs")
        .unwrap();
    assert_eq!(journal.runs().await.unwrap(), [run()]);
    let alone = Home::new();
    let journal = harmed(&alone, 15).await;
    let raw = alone.raw();
    without_triggers(&raw);
    raw.execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE runs")
        .unwrap();
    assert!(journal.runs().await.is_err());
}

#[tokio::test]
async fn a_run_that_is_whole_is_not_salvaged_and_one_without_a_plan_cannot_be() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    assert!(!home.file("salvaged").exists());

    let home = Home::new();
    let journal = harmed(&home, 1).await;
    let refused = journal.salvage(&run(), &ada(), now()).await;
    assert!(
        matches!(refused, Err(JournalError::NoSuchRun(_))),
        "{refused:?}"
    );
    assert!(!home.file("salvaged").exists());
}

#[tokio::test]
async fn a_salvage_that_was_cut_short_leaves_the_old_state_and_is_made_anew() {
    let home = Home::new();
    let journal = harmed(&home, 15).await;
    assert!(journal.damage(&run()).await.unwrap().is_some());
    fs::create_dir(home.file("salvaged")).unwrap();
    let part = home.file("salvaged").join(format!("{}.1.part", run()));
    fs::write(&part, "half").unwrap();
    fs::write(
        home.file("salvaged")
            .join(format!("{}.1.part-journal", run())),
        "half",
    )
    .unwrap();
    assert!(
        journal.read(&run(), 0).await.is_err(),
        "the old state counts"
    );
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap().len(), 15);
    assert!(!part.exists());
}

#[tokio::test]
async fn a_continuation_that_is_damaged_is_continued_by_the_next() {
    let home = Home::new();
    let journal = harmed(&home, 15).await;
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    journal.append(&event(16)).await.unwrap();
    drop(journal);
    let first = home.file("salvaged").join(format!("{}.1.db", run()));
    let harm = raw(&first);
    without_triggers(&harm);
    harm.execute_batch("UPDATE events SET hash = x'00' WHERE seq = 16")
        .unwrap();
    drop(harm);
    let journal = home.open().unwrap();
    let damage = journal.damage(&run()).await.unwrap().unwrap();
    assert_eq!((damage.intact, damage.written), (15, Some(16)));
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    let events = journal.read(&run(), 0).await.unwrap();
    assert_eq!(events.len(), 16);
    assert!(matches!(
        events[15].body,
        EventBody::Salvaged { intact: 15, .. }
    ));
    assert_eq!(fs::read_dir(home.file("damaged")).unwrap().count(), 2);
}

#[tokio::test]
async fn damaged_commands_are_left_behind_with_the_file_they_stand_in() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()[..14]).await;
    journal
        .command(&run(), &command(CommandKind::Resume))
        .await
        .unwrap();
    let harm = home.raw();
    without_triggers(&harm);
    harm.execute_batch("UPDATE commands SET command = replace(command, 'resume', 'abort')")
        .unwrap();
    drop(harm);
    let damage = journal.damage(&run()).await.unwrap().unwrap();
    assert!(
        damage.told().contains("all 14 events of the run are valid"),
        "{}",
        damage.told()
    );
    journal.salvage(&run(), &ada(), now()).await.unwrap();
    assert_eq!(journal.commands(&run(), 0).await.unwrap(), []);
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_told_from_one_that_ended_there() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()[..10]).await;
    let copy = Home::new();
    drop(copy.open().unwrap());
    fs::copy(home.file(files::DATABASE), copy.file(files::DATABASE)).unwrap();
    let log = fs::read(home.file("journal.db-wal")).unwrap();
    fs::write(copy.file("journal.db-wal"), &log[..log.len() * 9 / 10]).unwrap();
    let shorter = copy.open().unwrap().read(&run(), 0).await.unwrap();
    assert!((1..10).contains(&shorter.len()), "{}", shorter.len());
    drop(copy.open().unwrap());
    // The same with the marks that stand beside it.
    let mark = Path::new("marks").join(run().as_str());
    fs::copy(home.file("").join(&mark), copy.file("").join(&mark)).unwrap();
    let damage = copy.open().unwrap().damage(&run()).await.unwrap().unwrap();
    let intact = u64::try_from(shorter.len()).unwrap();
    assert_eq!((damage.intact, damage.written), (intact, Some(10)));
}

/// What is in the files of a journal whose log was not moved into the database.
fn on_disk(home: &Home) -> [Vec<u8>; 2] {
    ["journal.db", "journal.db-wal"].map(|name| fs::read(home.file(name)).unwrap())
}

/// Puts files in place of a journal's own, with the marks of `from`.
fn placed(files: &[Vec<u8>; 2], from: &Home) -> Home {
    let home = Home::new();
    drop(home.open().unwrap());
    for name in ["journal.db-shm", "journal.db-wal"] {
        let _gone = fs::remove_file(home.file(name));
    }
    fs::write(home.file("journal.db"), &files[0]).unwrap();
    if !files[1].is_empty() {
        fs::write(home.file("journal.db-wal"), &files[1]).unwrap();
    }
    let mark = Path::new("marks").join(run().as_str());
    fs::copy(from.file("").join(&mark), home.file("").join(&mark)).unwrap();
    home
}

/// How a harmed journal was read.
#[derive(Debug, PartialEq)]
enum Read {
    Whole,
    Prefix,
    Nothing,
}

/// Opens, reads and salvages what was harmed; fails where an event is read that was not written.
async fn read_and_salvage(home: &Home, told: &str) -> Read {
    let written = stored_events();
    let Ok(journal) = home.open() else {
        return Read::Nothing;
    };
    let damage = match journal.damage(&run()).await {
        Ok(damage) => damage,
        Err(JournalError::NoSuchRun(_)) => panic!("{told}: the run is lost without a word"),
        Err(_) => return Read::Nothing,
    };
    let intact = journal.read_intact(&run()).unwrap();
    assert!(written.starts_with(&intact), "{told}: other events");
    let Some(damage) = damage else {
        assert_eq!(journal.read(&run(), 0).await.unwrap(), written, "{told}");
        return Read::Whole;
    };
    assert!(
        matches!(damage.evidence, Evidence::Copied(_)),
        "{told}: no copy"
    );
    assert_eq!(damage.intact, intact.len() as u64, "{told}");
    assert!(
        journal.append(&event(damage.event())).await.is_err(),
        "{told}: it takes more"
    );
    match journal.salvage(&run(), &ada(), now()).await {
        Ok(()) => {
            let events = home.open().unwrap().read(&run(), 0).await.unwrap();
            assert_eq!(events[..intact.len()], intact, "{told}");
            assert_eq!(events.len(), intact.len() + 1, "{told}");
            Read::Prefix
        }
        Err(JournalError::NoSuchRun(_)) if intact.is_empty() => Read::Prefix,
        Err(error) => panic!("{told}: {error:?}"),
    }
}

/// A journal that is harmed in one place.
type Harmed = (String, [Vec<u8>; 2]);

/// One bit turned in every class of bytes: headers, pages, frames of the log.
fn turned(folded: &[Vec<u8>; 2], in_log: &[Vec<u8>; 2]) -> Vec<Harmed> {
    let mut cases = Vec::new();
    let mut flip = |class: &str, files: &[Vec<u8>; 2], file: usize, at: usize| {
        let mut files = files.clone();
        files[file][at] ^= 1 << (at % 8);
        cases.push((format!("{class}: bit in byte {at}"), files));
    };
    for at in (0..100).step_by(4) {
        flip("header of the database", folded, 0, at);
    }
    for page in 0..folded[0].len() / 4096 {
        let after_header = if page == 0 { 100 } else { 0 };
        // What kind of page it is, its cells, where they begin, and what stands in them.
        for offset in [0, 3, 5, 8, 12, 2048, 3990] {
            let at = page * 4096 + after_header + offset;
            flip("pages", folded, 0, at);
        }
    }
    for at in (0..32).step_by(4) {
        flip("header of the log", in_log, 1, at);
    }
    let frames = (32..in_log[1].len()).step_by(24 + 4096);
    for (n, start) in frames.enumerate().step_by(9) {
        for at in [0, 5, 9, 17, 24, 2000] {
            flip(&format!("frame {n} of the log"), in_log, 1, start + at);
        }
    }
    cases
}

fn cut(folded: &[Vec<u8>; 2], in_log: &[Vec<u8>; 2]) -> Vec<Harmed> {
    let part = |bytes: &[u8], hundredths| bytes[..bytes.len() * hundredths / 100].to_vec();
    let both = [1, 20, 40, 60, 80, 95, 99].map(|hundredths| {
        let database = [part(&folded[0], hundredths), Vec::new()];
        let log = [in_log[0].clone(), part(&in_log[1], hundredths)];
        [
            (format!("database cut to {hundredths} %"), database),
            (format!("log cut to {hundredths} %"), log),
        ]
    });
    both.into_iter().flatten().collect()
}

#[tokio::test]
async fn bits_and_cuts_in_every_class_of_bytes_leave_the_whole_run_or_a_prefix_of_it() {
    let home = Home::new();
    let journal = home.open().unwrap();
    append_all(&journal, &stored_events()).await;
    let in_log = on_disk(&home);
    drop(journal);
    let folded = [fs::read(home.file("journal.db")).unwrap(), Vec::new()];
    let mut seen = [0; 3];
    for (told, files) in turned(&folded, &in_log)
        .iter()
        .chain(&cut(&folded, &in_log))
    {
        let harmed = placed(files, &home);
        match read_and_salvage(&harmed, told).await {
            Read::Whole => seen[0] += 1,
            Read::Prefix => seen[1] += 1,
            Read::Nothing => seen[2] += 1,
        }
    }
    println!("whole, prefix, nothing: {seen:?}");
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
