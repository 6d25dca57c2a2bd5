//! Directory and files are private and ours, or the journal is not opened.
//!
//! Modes are set and read back on real files. A link where a file of ours belongs is refused, not followed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{Home, SqliteJournal};
use crate::journal::samples::{event, run};
use crate::journal::{Journal, JournalError};

fn mode(path: &Path) -> u32 {
    let found = fs::symlink_metadata(path).unwrap();
    found.permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn assert_unsafe<T>(outcome: Result<T, JournalError>, reason: &str) {
    match outcome {
        Err(JournalError::Unsafe { why, .. }) => assert!(why.contains(reason), "{why}"),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was trusted"),
    }
}

#[tokio::test]
async fn everything_is_made_for_its_owner_alone() {
    let home = Home::new();
    let journal = home.open().unwrap();
    journal.append(&event(1)).await.unwrap();
    let _lease = journal.lease(&run()).await.unwrap().unwrap();
    let lock = format!("locks/{}.lock", run().as_str());
    assert_eq!(mode(&home.path), 0o700);
    assert_eq!(mode(&home.file("locks")), 0o700);
    let files = [
        "journal.db",
        "journal.db-wal",
        "journal.db-shm",
        "ballast",
        "schema.lock",
        &lock,
    ];
    for name in files {
        assert_eq!(mode(&home.file(name)), 0o600, "{name}");
    }
}

#[test]
fn directories_above_are_made_private_too() {
    let home = Home::new();
    let deep = home.file("a/b");
    SqliteJournal::open(&deep).unwrap();
    assert_eq!(mode(&home.path), 0o700);
    assert_eq!(mode(&deep), 0o700);
}

#[test]
fn symbolic_links_are_refused() {
    for name in [
        "journal.db",
        "journal.db-wal",
        "journal.db-shm",
        "journal.db-journal",
        "ballast",
        "locks",
    ] {
        let home = Home::new();
        let elsewhere = Home::new();
        drop(elsewhere.open().unwrap());
        drop(home.open().unwrap());
        let path = home.file(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else if path.exists() {
            fs::remove_file(&path).unwrap();
        }
        symlink(elsewhere.file(name), &path).unwrap();
        assert_unsafe(home.open(), "symbolic link");
    }
}

#[test]
fn a_link_to_the_directory_is_refused_and_one_above_it_is_not() {
    let home = Home::new();
    drop(home.open().unwrap());
    let above = Home::new();
    drop(above.open().unwrap());
    let link = above.file("link");
    symlink(&home.path, &link).unwrap();
    assert_unsafe(SqliteJournal::open(&link), "symbolic link");
    assert_unsafe(SqliteJournal::open(&link.join("")), "symbolic link");
    SqliteJournal::open(&link.join("deeper")).unwrap();
}

#[tokio::test]
async fn a_linked_lock_is_refused() {
    let home = Home::new();
    let journal = home.open().unwrap();
    let lock = home.file(&format!("locks/{}.lock", run().as_str()));
    symlink(home.file("elsewhere"), lock).unwrap();
    assert_unsafe(journal.lease(&run()).await, "symbolic link");
    assert_unsafe(journal.is_held(&run()).await, "symbolic link");
    assert!(!home.file("elsewhere").exists());
}

#[test]
fn what_others_may_write_to_is_refused() {
    let home = Home::new();
    drop(home.open().unwrap());
    for others in [0o720, 0o702, 0o777, 0o1777] {
        set_mode(&home.path, others);
        assert_unsafe(home.open(), "written by others");
    }
    set_mode(&home.path, 0o755);
    for name in ["journal.db", "ballast"] {
        for others in [0o620, 0o602, 0o666] {
            set_mode(&home.file(name), others);
            assert_unsafe(home.open(), "written by others");
        }
        set_mode(&home.file(name), 0o600);
    }
    home.open().unwrap();
}

#[test]
fn a_database_that_others_could_read_is_closed_to_them() {
    let home = Home::new();
    drop(home.open().unwrap());
    set_mode(&home.file("journal.db"), 0o644);
    home.open().unwrap();
    assert_eq!(mode(&home.file("journal.db")), 0o600);
}

#[test]
fn what_is_not_of_the_right_kind_is_refused() {
    let home = Home::new();
    fs::write(&home.path, "").unwrap();
    assert_unsafe(home.open(), "not a directory");
    let home = Home::new();
    drop(home.open().unwrap());
    fs::remove_file(home.file("journal.db")).unwrap();
    fs::create_dir(home.file("journal.db")).unwrap();
    assert_unsafe(home.open(), "not a regular file");
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    if nix::unistd::geteuid().is_root() {
        let home = Home::new();
        drop(home.open().unwrap());
        std::os::unix::fs::chown(home.file("journal.db"), Some(12345), None).unwrap();
        assert_unsafe(home.open(), "another user (12345)");
        std::os::unix::fs::chown(&home.path, Some(12345), None).unwrap();
        assert_unsafe(home.open(), "another user (12345)");
    } else {
        assert_unsafe(SqliteJournal::open(Path::new("/usr")), "another user (0)");
    }
}

#[tokio::test]
async fn a_run_whose_id_is_no_file_name_gets_no_lock() {
    let home = Home::new();
    let journal = home.open().unwrap();
    for id in ["", "../x", "a/b", ".", "a\0b", "é", &"x".repeat(65)] {
        assert_unsafe(journal.lease(&id.into()).await, "not the id of a run");
        assert_unsafe(journal.is_held(&id.into()).await, "not the id of a run");
    }
}
