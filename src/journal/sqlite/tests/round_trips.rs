//! What goes in comes out, in order, from any connection.
//!
//! Several connections stand for several processes: a viewer beside a runner, and two that race.

use std::time::Duration;

use super::{Home, SqliteJournal, append_all, stored_commands, stored_events};
use crate::domain::ids::RunId;
use crate::domain::run::CommandKind;
use crate::journal::samples::{command, event, event_of, run};
use crate::journal::{Journal, JournalError};

#[tokio::test]
async fn events_come_back_as_they_were_appended() {
    let home = Home::new();
    append_all(&home.open().unwrap(), &stored_events()).await;
    let again = home.open().unwrap();
    assert_eq!(again.read(&run(), 0).await.unwrap(), stored_events());
    assert_eq!(again.read_intact(&run()).unwrap(), stored_events());
}

#[tokio::test]
async fn a_reader_gets_only_what_comes_after_its_position() {
    let journal = SqliteJournal::in_memory().unwrap();
    append_all(&journal, &stored_events()).await;
    let tail = journal.read(&run(), 19).await.unwrap();
    assert_eq!(tail, stored_events()[19..]);
    assert_eq!(journal.read(&run(), 22).await.unwrap(), []);
    assert_eq!(journal.read(&run(), u64::MAX).await.unwrap(), []);
}

#[tokio::test]
async fn commands_are_numbered_from_1_in_each_run() {
    let home = Home::new();
    let journal = home.open().unwrap();
    let other = RunId::from("other");
    journal.append(&event(1)).await.unwrap();
    journal.append(&event_of("other", 1)).await.unwrap();
    for (number, command) in (1..).zip(stored_commands()) {
        assert_eq!(journal.command(&run(), &command).await.unwrap(), number);
    }
    let pause = command(CommandKind::Pause);
    assert_eq!(journal.command(&other, &pause).await.unwrap(), 1);

    let viewer = home.open().unwrap();
    let wanted: Vec<_> = (1..).zip(stored_commands()).collect();
    assert_eq!(viewer.commands(&run(), 0).await.unwrap(), wanted);
    assert_eq!(viewer.commands(&run(), 4).await.unwrap(), wanted[4..]);
    assert_eq!(viewer.commands(&other, 0).await.unwrap(), [(1, pause)]);
}

#[tokio::test]
async fn a_run_that_is_not_there_has_no_events_and_takes_no_commands() {
    let journal = SqliteJournal::in_memory().unwrap();
    let read = journal.read(&run(), 0).await;
    assert!(matches!(read, Err(JournalError::NoSuchRun(_))), "{read:?}");
    let told = journal.command(&run(), &command(CommandKind::Abort)).await;
    assert!(matches!(told, Err(JournalError::NoSuchRun(_))), "{told:?}");
    assert_eq!(journal.commands(&run(), 0).await.unwrap(), []);
    assert_eq!(journal.runs().await.unwrap(), []);
}

#[tokio::test]
async fn runs_are_listed_in_the_order_in_which_they_were_made() {
    let journal = SqliteJournal::in_memory().unwrap();
    for id in ["C", "A", "B"] {
        journal.append(&event_of(id, 1)).await.unwrap();
    }
    journal.append(&event_of("A", 2)).await.unwrap();
    let ids = ["C", "A", "B"].map(RunId::from);
    assert_eq!(journal.runs().await.unwrap(), ids);
}

#[tokio::test]
async fn only_the_next_position_is_free() {
    let journal = SqliteJournal::in_memory().unwrap();
    let taken = |seq, outcome| match outcome {
        Err(JournalError::Taken { run: of, seq: at }) => assert_eq!((of, at), (run(), seq)),
        other => panic!("{other:?}"),
    };
    for seq in [0, 2, u64::MAX] {
        taken(seq, journal.append(&event(seq)).await);
    }
    journal.append(&event(1)).await.unwrap();
    for seq in [0, 1, 3, u64::MAX] {
        taken(seq, journal.append(&event(seq)).await);
    }
    assert_eq!(journal.read(&run(), 0).await.unwrap(), [event(1)]);
}

#[tokio::test]
async fn a_position_that_another_connection_took_is_taken() {
    let home = Home::new();
    let (one, two) = (home.open().unwrap(), home.open().unwrap());
    one.append(&event(1)).await.unwrap();
    two.append(&event(2)).await.unwrap();
    let late = one.append(&event(2)).await;
    assert!(
        matches!(late, Err(JournalError::Taken { seq: 2, .. })),
        "{late:?}"
    );
    one.append(&event(3)).await.unwrap();
    two.append(&event(4)).await.unwrap();
    let wanted: Vec<_> = (1..=4).map(event).collect();
    assert_eq!(one.read(&run(), 0).await.unwrap(), wanted);
}

#[tokio::test]
async fn reading_goes_on_while_another_connection_writes_and_writing_says_busy() {
    let home = Home::new();
    let journal = SqliteJournal::open_with(&home.path, Duration::from_millis(20)).unwrap();
    journal.append(&event(1)).await.unwrap();
    let writer = home.raw();
    writer
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO runs VALUES (7, 'x', 1, x'00');")
        .unwrap();
    assert_eq!(journal.read(&run(), 0).await.unwrap(), [event(1)]);
    assert_eq!(journal.runs().await.unwrap(), [run()]);
    let refused = journal.append(&event(2)).await;
    assert!(matches!(refused, Err(JournalError::Busy)), "{refused:?}");
    writer.execute_batch("ROLLBACK").unwrap();
    journal.append(&event(2)).await.unwrap();
}

#[tokio::test]
async fn a_journal_opens_for_reading_while_another_connection_writes() {
    let home = Home::new();
    home.open().unwrap().append(&event(1)).await.unwrap();
    let writer = home.raw();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let viewer = SqliteJournal::open_with(&home.path, Duration::from_millis(20)).unwrap();
    assert_eq!(viewer.read(&run(), 0).await.unwrap(), [event(1)]);
}

#[tokio::test]
async fn two_writers_at_once_leave_one_chain() {
    let home = Home::new();
    let journals = [home.open().unwrap(), home.open().unwrap()];
    std::thread::scope(|scope| {
        for (journal, id) in journals.iter().zip(["A", "B"]) {
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                runtime.unwrap().block_on(async {
                    for seq in 1..=20 {
                        journal.append(&event_of(id, seq)).await.unwrap();
                    }
                });
            });
        }
    });
    for id in ["A", "B"] {
        let events = journals[0].read(&RunId::from(id), 0).await.unwrap();
        assert_eq!(events.len(), 20);
    }
}

#[test]
fn a_fresh_directory_can_be_opened_by_many_at_once() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| home.open().unwrap());
        }
    });
}
