//! The settings of a table as they were last seen: whoever plans for a table that is there keeps them, and a plan for
//! one that is gone says that they are there, and takes them where that is chosen.
//!
//! Where they are kept is told beside the choices, and never becomes part of a plan.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::last_seen;
use crate::domain::place::Home;
use crate::domain::text::shown;
use crate::domain::words;
use crate::restore::flow::{Flow as _, FlowError};

use super::DynamodbRestore;
use super::chosen::choice;
use super::facts::TableFacts;
use super::prepared::Prepared;
use super::saved::{self, FIELD, SavedTable};

/// What is said in place of a file.
pub(super) const WORD: &str = "last-seen";
/// Behind the fields, and only while observing: the front part of the paths where whoever asks keeps what was seen.
const FRONT: &str = "last-seen-front";
/// Permissions that let others write a file.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Returns the choices with where what was last seen in an account is kept: the path of its files but for what
/// [`last_seen::path`] adds. They are for observing; a plan is made of those without.
#[must_use]
pub fn observing(choices: &Choices, front: Option<&Path>) -> Choices {
    let mut choices = choices.clone();
    if let Some(front) = front.and_then(Path::to_str) {
        choices.set(FRONT, front);
    }
    choices
}

/// Returns what is to be kept of the table that a flow has observed; `None` where it is gone, where it is only being
/// made or deleted, and for any other flow.
#[must_use]
pub fn of(flow: &str, facts: &Value) -> Option<SavedTable> {
    if flow != DynamodbRestore::NAME {
        return None;
    }
    let facts: TableFacts = serde_json::from_value(facts.clone()).ok()?;
    let table = facts.source.clone()?;
    let itself = ["ACTIVE", "UPDATING"].contains(&table.status.as_str());
    itself.then(|| SavedTable::of(facts, table))
}

/// Reads what was last seen of a table that is gone, because that was chosen.
///
/// # Errors
/// [`FlowError::Choice`]: it was not seen here, or what is kept of it cannot be read or is of another table.
pub(super) async fn chosen(
    choices: &Choices,
    name: &str,
    home: &Home,
) -> Result<SavedTable, FlowError> {
    let kept = match path(choices, name, home) {
        Some(path) => kept(&path, name, home).await,
        None => Ok(None),
    };
    let kept = kept.map_err(|why| choice(FIELD, why))?;
    kept.ok_or_else(|| {
        let why = format!(
            "nothing was kept of {} here while it was there: name a file of defib snapshot-settings",
            shown(name)
        );
        choice(FIELD, why)
    })
}

/// Tells when a table that is gone was last seen, if it was, or why that cannot be read.
pub(super) async fn offered(choices: &Choices, name: &str, home: &Home) -> Option<Fact<Timestamp>> {
    match kept(&path(choices, name, home)?, name, home).await {
        Ok(saved) => {
            let at = saved?.at;
            Some(Fact::Cached { value: at, at })
        }
        Err(why) => Some(Fact::Unknown(why)),
    }
}

/// By the Region of the table, which is not the one that a plan for another Region is made in.
fn path(choices: &Choices, name: &str, home: &Home) -> Option<PathBuf> {
    let front = choices.one(FRONT)?;
    Some(last_seen::path(Path::new(front), &home.region, name))
}

/// Reads a file of the cache; `None` where there is none. It is ours alone, or it is not read.
async fn kept(path: &Path, name: &str, home: &Home) -> Result<Option<SavedTable>, String> {
    let told = |why: String| format!("{} {why}", shown(&path.to_string_lossy()));
    let found = match tokio::fs::symlink_metadata(path).await {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(format!("cannot be read: {error}"))),
    };
    if !found.is_file() {
        return Err(told("is no regular file".to_owned()));
    }
    let own = found.uid() == nix::unistd::geteuid().as_raw();
    if !own || found.mode() & WRITABLE_BY_OTHERS != 0 {
        return Err(told("may have been written by somebody else".to_owned()));
    }
    let bytes = saved::read(path).await.map_err(told)?;
    let mut saved = saved::parsed(&bytes, name, home).map_err(told)?;
    saved.last_seen = true;
    Ok(Some(saved))
}

/// Says when the table was seen, and how long before what is restored.
pub(super) fn when(at: Timestamp, prepared: &Prepared) -> String {
    let before = prepared.at.duration_since(at);
    let (length, side) = if before.is_negative() {
        (-before, "after")
    } else {
        (before, "before")
    };
    format!(
        "{}, {} {side} the backup was taken",
        words::instant(at),
        words::span(length)
    )
}
