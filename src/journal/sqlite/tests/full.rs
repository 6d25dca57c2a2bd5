//! A full disk: said so, nothing half written, and one more entry if there is ballast.
//!
//! The disk is made small by `max_page_count`, so that no test depends on how full the machine is.

use std::fs;

use super::super::ballast::{self, Ballast};
use super::super::store::Store;
use super::{Home, SqliteJournal};
use crate::domain::run::{EventBody, RunEvent};
use crate::journal::samples::{event, run};
use crate::journal::{Journal, JournalError};

/// An event that needs pages of its own.
fn long_event(seq: u64) -> RunEvent {
    let why = "x".repeat(20_000);
    RunEvent {
        body: EventBody::Failed { why },
        ..event(seq)
    }
}

/// Lets the database grow by so many pages from now on.
fn allow(store: &Store, pages: i64) {
    let connection = store.connection();
    let count = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let limit = count("page_count").unwrap() + pages;
    connection
        .pragma_update(None, "max_page_count", limit)
        .unwrap();
}

#[tokio::test]
async fn an_append_without_room_says_full_and_leaves_nothing_behind() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    fs::remove_file(home.file("ballast")).unwrap();
    allow(&journal.main().store, 0);
    let refused = journal.append(&long_event(2)).await;
    assert!(matches!(refused, Err(JournalError::Full)), "{refused:?}");
    assert_eq!(journal.read(&run(), 0).await.unwrap(), [event(1)]);
    allow(&journal.main().store, 100);
    journal.append(&long_event(2)).await.unwrap();
    assert_eq!(journal.read(&run(), 1).await.unwrap(), [long_event(2)]);
}

#[tokio::test]
async fn an_append_without_room_throws_the_ballast_off() {
    let home = Home::new();
    let journal = home.open().unwrap();
    let laid_in = fs::metadata(home.file("ballast")).unwrap();
    assert_eq!(laid_in.len(), ballast::SIZE as u64);
    journal.append(&event(1)).await.unwrap();
    allow(&journal.main().store, 0);
    let refused = journal.append(&long_event(2)).await;
    assert!(matches!(refused, Err(JournalError::Full)), "{refused:?}");
    assert!(!home.file("ballast").exists());
    drop(journal);
    drop(home.open().unwrap());
    assert!(home.file("ballast").exists());
}

#[tokio::test]
async fn the_room_of_the_ballast_is_enough_for_the_append_and_is_spent_once() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    let ballast = Ballast::of(&home.path);
    // The disk is full for as long as the ballast takes its room.
    let append = |event: &RunEvent, tries: &mut u32| {
        let mut main = journal.main();
        let store = &mut main.store;
        ballast.spend(|| {
            *tries += 1;
            let freed = !home.file("ballast").exists();
            allow(store, if freed && *tries == 2 { 16 } else { 0 });
            store.append(event)
        })
    };
    let mut tries = 0;
    append(&long_event(2), &mut tries).unwrap();
    assert_eq!(tries, 2);
    let mut tries = 0;
    let refused = append(&long_event(3), &mut tries);
    assert!(matches!(refused, Err(JournalError::Full)), "{refused:?}");
    assert_eq!(tries, 1);
    assert_eq!(journal.read(&run(), 1).await.unwrap(), [long_event(2)]);
}

#[test]
fn other_failures_leave_the_ballast_where_it_is() {
    let home = Home::new();
    drop(home.open().unwrap());
    let ballast = Ballast::of(&home.path);
    let outcome = ballast.spend(|| Err::<(), _>(JournalError::Busy));
    assert!(matches!(outcome, Err(JournalError::Busy)), "{outcome:?}");
    assert!(home.file("ballast").exists());
}

#[tokio::test]
async fn a_journal_in_memory_can_be_full_too() {
    let journal = SqliteJournal::in_memory().unwrap();
    journal.append(&event(1)).await.unwrap();
    allow(&journal.main().store, 0);
    let refused = journal.append(&long_event(2)).await;
    assert!(matches!(refused, Err(JournalError::Full)), "{refused:?}");
}
