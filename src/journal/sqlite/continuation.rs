//! Continuations: runs that go on from the longest valid prefix of a damaged record.
//!
//! Each stands in a database of its own, `salvaged/RUN.N.db`, and counts instead of what stands in the main
//! database or in the continuation before it. The damaged file is never written again, so it stays
//! evidence, and the runners of other runs, who have it open, notice nothing. A continuation gets its name
//! when prefix and last event are durable in it: killed at any moment, either the old record counts or the new.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{self, failed};
use super::{aside, opening, store};
use crate::domain::ids::RunId;
use crate::domain::run::RunEvent;
use crate::journal::JournalError;

/// Where they are, in a journal's directory.
const ALL: &str = "salvaged";
/// What `SQLite` may have left beside one whose making was cut short.
const BESIDE: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// Returns every run that has a continuation, with the number of its last.
///
/// # Errors
/// Those of the file system.
pub fn all(home: &Path) -> Result<Vec<(RunId, u32)>, JournalError> {
    let directory = home.join(ALL);
    if !files::is_there(&directory)? {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&directory).map_err(|error| failed(&directory, error))?;
    let mut last: Vec<(RunId, u32)> = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let Some((run, number)) = parsed(&entry.file_name().to_string_lossy()) else {
            continue;
        };
        match last.iter_mut().find(|(known, _)| *known == run) {
            Some((_, most)) => *most = number.max(*most),
            None => last.push((run, number)),
        }
    }
    last.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    Ok(last)
}

fn parsed(name: &str) -> Option<(RunId, u32)> {
    let (run, number) = name.strip_suffix(".db")?.rsplit_once('.')?;
    let run = RunId::from(run);
    files::safe_name(&run).ok()?;
    Some((run, number.parse().ok()?))
}

/// Returns the number of a run's last continuation; 0 where it has none.
///
/// # Errors
/// Those of the file system.
pub fn last(home: &Path, run: &RunId) -> Result<u32, JournalError> {
    let all = all(home)?;
    let own = all.into_iter().find(|(known, _)| known == run);
    Ok(own.map_or(0, |(_, number)| number))
}

/// Returns the file of a continuation.
pub fn file(home: &Path, run: &RunId, number: u32) -> PathBuf {
    home.join(ALL).join(format!("{run}.{number}.db"))
}

/// Makes a continuation out of what was stored and one event more.
///
/// # Errors
/// Those of the storage; then there is none.
pub fn make(
    home: &Path,
    run: &RunId,
    number: u32,
    stored: &[Vec<u8>],
    last: &RunEvent,
) -> Result<(), JournalError> {
    let _alone = files::alone(home)?;
    let directory = home.join(ALL);
    files::provide_directory(&directory)?;
    let part = directory.join(format!("{}.{number}.part", files::safe_name(run)?));
    for left in BESIDE.map(|ending| aside::beside(&part, ending)) {
        if files::check_file(&left)? {
            fs::remove_file(&left).map_err(|error| failed(&left, error))?;
        }
    }
    files::create_new(&part).map_err(|error| failed(&part, error))?;
    opening::fill(&part, |connection| {
        store::carry_over(connection, run, stored, last)
    })?;
    let path = file(home, run, number);
    fs::rename(&part, &path).map_err(|error| failed(&path, error))?;
    files::sync_directory(&directory)?;
    files::sync_directory(home)
}
