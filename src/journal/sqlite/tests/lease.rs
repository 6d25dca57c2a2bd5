//! One runner drives a run.
//!
//! Looking whether a run is held must never take the lease from a runner, nor leave a file behind.

use std::fs::File;

use super::{Home, SqliteJournal};
use crate::domain::ids::RunId;
use crate::journal::Journal;
use crate::journal::samples::run;

async fn one_at_a_time(one: &SqliteJournal, two: &SqliteJournal) {
    assert!(!two.is_held(&run()).await.unwrap());
    let lease = one.lease(&run()).await.unwrap();
    assert!(lease.is_some());
    assert!(one.is_held(&run()).await.unwrap());
    assert!(two.is_held(&run()).await.unwrap());
    assert!(one.lease(&run()).await.unwrap().is_none());
    assert!(two.lease(&run()).await.unwrap().is_none());
    let other = RunId::from("other");
    assert!(!two.is_held(&other).await.unwrap());
    assert!(two.lease(&other).await.unwrap().is_some());
    drop(lease);
    assert!(!two.is_held(&run()).await.unwrap());
    assert!(two.lease(&run()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_run_is_held_by_one_at_a_time() {
    let home = Home::new();
    one_at_a_time(&home.open().unwrap(), &home.open().unwrap()).await;
}

#[tokio::test]
async fn a_run_in_memory_is_held_by_one_at_a_time() {
    let journal = SqliteJournal::in_memory().unwrap();
    one_at_a_time(&journal, &journal).await;
    let unrelated = SqliteJournal::in_memory().unwrap();
    let _lease = journal.lease(&run()).await.unwrap().unwrap();
    assert!(!unrelated.is_held(&run()).await.unwrap());
}

#[tokio::test]
async fn asking_whether_a_run_is_held_makes_no_lock_file() {
    let home = Home::new();
    let journal = home.open().unwrap();
    assert!(!journal.is_held(&run()).await.unwrap());
    assert_eq!(std::fs::read_dir(home.file("locks")).unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_only_looks_turns_no_runner_away() {
    let home = Home::new();
    let journal = home.open().unwrap();
    let run = run();
    drop(journal.lease(&run).await.unwrap());
    let lock = format!("locks/{}.lock", run.as_str());
    let looking = File::open(home.file(&lock)).unwrap();
    looking.try_lock().unwrap();
    let (lease, ()) = tokio::join!(journal.lease(&run), async { drop(looking) });
    assert!(lease.unwrap().is_some());
}
