//! What differs between two tables, key by key: what was written to the old one after the instant that the new one
//! holds, and what both have said differently since.
//!
//! Only reads. Both tables are scanned in parallel segments; keys and digests of items are written down page by page,
//! so that an interrupted command goes on, and are compared in buckets, whatever the order in which they came. Nothing
//! here holds a table in memory, and nothing waits for a disk but beside the tasks.

mod aside;
mod buckets;
mod compare;
mod export;
pub mod exported;
mod files;
mod lane;
mod look;
pub mod pace;
pub mod progress;
mod scan;
#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::aws::connect::Clients;
use crate::domain::dynamodb::Table;
use crate::domain::failure::Failure;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words::{instant, span};
use crate::restore::observations::dynamodb_table::table;

use aside::aside;
use compare::{compare, of_file};
use files::{Card, Earlier, Work, WorkError};
use pace::Pace;
use progress::Progress;
use scan::{Reader, average, scan};

/// Into how many segments a table is read if nobody says another number.
pub const SEGMENTS: u32 = 4;
/// More segments bring nothing at the paces that are sensible.
pub const MOST_SEGMENTS: u32 = 64;

/// States in which a table can be read.
const READABLE: [&str; 2] = ["ACTIVE", "UPDATING"];

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The one that was there.
    Old,
    /// The one that was restored.
    New,
}

impl Side {
    const BOTH: [Self; 2] = [Self::Old, Self::New];

    fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// In what way two tables differ in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Only the old table has it.
    OnlyOld,
    /// Only the new table has it.
    OnlyNew,
    /// Both have it, and their items differ.
    Differs,
}

/// What is to be compared, and how.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Name of the old table.
    pub old: String,
    /// Name of the new table.
    pub new: String,
    /// Into how many segments; one that was begun keeps its number.
    pub segments: u32,
    /// How fast.
    pub pace: Pace,
    /// How many differences are told.
    pub sample: usize,
    /// Where all differences are written to.
    pub export: Option<PathBuf>,
    /// Whether what an earlier command has read is thrown away.
    pub anew: bool,
}

/// When something was read: its first page, and its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Between {
    /// When the first page came.
    pub from: Timestamp,
    /// When the last one came.
    pub until: Timestamp,
}

impl Between {
    fn at(at: Timestamp) -> Self {
        Self {
            from: at,
            until: at,
        }
    }

    /// From the earlier beginning to the later end.
    fn with(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(a), Some(b)) = (one, other) else {
            return one.or(other);
        };
        Some(Self {
            from: a.from.min(b.from),
            until: a.until.max(b.until),
        })
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Items that were looked at, in the old table and the new one.
    pub looked_at: [u64; 2],
    /// Read units that it took, about.
    pub units: [f64; 2],
    /// When both tables were read, what an interrupted command had read with it.
    pub read: Option<Between>,
    /// Keys whose items are the same.
    pub equal: u64,
    /// Keys whose items differ.
    pub differ: u64,
    /// Keys that only the old table has.
    pub only_old: u64,
    /// Keys that only the new table has.
    pub only_new: u64,
    /// Some of those that differ.
    pub sample: Vec<Sample>,
    /// Differences in the sample or the export that were gone when they were looked at again.
    pub settled: u64,
    /// How many differences were exported.
    pub exported: Option<u64>,
    /// The most bytes of keys and digests that were held in memory at once.
    pub most_held: usize,
}

impl Found {
    /// Returns how many keys are not the same in both tables.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.differ + self.only_old + self.only_new
    }
}

/// A difference, without any value but those of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The key in the JSON of `DynamoDB`.
    pub key: Json,
    /// In what way they differ.
    pub what: What,
    /// In which attributes, where both tables have the key.
    pub attributes: Vec<Untrusted>,
}

/// Why two tables were not compared. What was read until then is kept for the next command.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Both names are of one table.
    #[error("both names are of one table, {}", shown(.0))]
    Same(String),
    /// There is no such table.
    #[error("there is no table {}", shown(.0))]
    Missing(String),
    /// The table cannot be read as it is.
    #[error("table {} is {}", shown(table), shown(status))]
    NotReady {
        /// Its name.
        table: String,
        /// AWS's word.
        status: String,
    },
    /// Their keys are not of the same attributes and types.
    #[error("the tables have different keys: {}, and {}", shown(old), shown(new))]
    OtherKeys {
        /// Those of the old table.
        old: String,
        /// Those of the new table.
        new: String,
    },
    /// The table was deleted meanwhile.
    #[error("table {} is not there any more", shown(.0))]
    Vanished(String),
    /// Another table has its name by now.
    #[error("table {} was deleted and made anew meanwhile", shown(.0))]
    Replaced(String),
    /// An item without a key was told.
    #[error("table {} told an item without its key", shown(.0))]
    Keyless(String),
    /// A read failed, and would fail again.
    #[error("{}", .0.line())]
    Read(Failure),
    /// What an earlier command has read is of too long ago.
    #[error(
        "what an interrupted command has read is too old to go on from: it was read until {}, {} ago",
        instant(*until),
        span(*ago)
    )]
    TooOld {
        /// When the last page of it was read.
        until: Timestamp,
        /// How long ago that was.
        ago: SignedDuration,
    },
    /// Another process does the same.
    #[error("another defib compares these tables right now")]
    Taken,
    /// There is a file of that name.
    #[error("{} is there already, and no file is written over", shown(&.0.to_string_lossy()))]
    ExportIsThere(PathBuf),
    /// The export cannot be written.
    #[error("{} cannot be written: {source}", shown(&path.to_string_lossy()))]
    Export {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was read cannot be kept.
    #[error("what was read of the tables cannot be kept: {0}")]
    File(#[source] io::Error),
    /// What was kept is not what was written.
    #[error("what was kept of the tables is damaged")]
    Spool,
}

/// Compares two tables. `cache` is the directory under which what was read is kept until it is over.
///
/// # Errors
/// [`Failed`]
pub async fn reconcile(
    clients: &Clients,
    cache: &Path,
    asked: &Asked,
    progress: &Progress,
) -> Result<Found, Failed> {
    if let Some(path) = &asked.export {
        let own = path.clone();
        of_file(path, move || export::check(&own)).await?;
    }
    let tables = both(clients, asked).await?;
    let card = Card::new(tables.clone().map(|table| table.id), asked.segments);
    let (directory, anew) = (directory(clients, cache, asked), asked.anew);
    let work = aside(move |_steps| Work::open(&directory, &card, anew)).await?;
    let work = Arc::new(work);
    if work.earlier == Earlier::Other {
        progress.begins_afresh();
    }
    let items = tables
        .iter()
        .map(|table| u64::try_from(table.items).unwrap_or_default());
    progress.expects(items.sum(), work.segments);
    let [of_old, of_new] = tables.each_ref().map(average);
    let [old, new] = tables;
    let reader = |side, table: Table, average| {
        let rate = asked.pace.of(&table);
        Reader::new(side, table, average, rate, clients, progress)
    };
    // A table that was restored tells nothing of its items for hours: they are as large as those of the other one.
    let readers = [
        reader(Side::Old, old, of_old.or(of_new)),
        reader(Side::New, new, of_new.or(of_old)),
    ];
    let read = scan(&readers, &work, progress, clients.clock.now()).await?;
    progress.compares();
    still_there(clients, &readers).await?;
    let found = compare(&work, &readers, asked, progress).await?;
    let over = aside(move |_steps| work.finish());
    over.await.map_err(Failed::File)?;
    Ok(Found { read, ..found })
}

/// Reads what the two tables are, and whether they can be compared.
async fn both(clients: &Clients, asked: &Asked) -> Result<[Table; 2], Failed> {
    if asked.old == asked.new {
        return Err(Failed::Same(asked.old.clone()));
    }
    let one = async |name: &String| {
        let found = table(clients, name).await.map_err(Failed::Read)?;
        let table = found.ok_or_else(|| Failed::Missing(name.clone()))?;
        if READABLE.contains(&table.status.as_str()) {
            return Ok(table);
        }
        Err(Failed::NotReady {
            table: name.clone(),
            status: table.status,
        })
    };
    let (old, new) = (one(&asked.old).await?, one(&asked.new).await?);
    if old.id == new.id && old.arn == new.arn {
        return Err(Failed::Same(old.name));
    }
    if old.keys != new.keys {
        let (old, new) = (keys(&old), keys(&new));
        return Err(Failed::OtherKeys { old, new });
    }
    Ok([old, new])
}

fn keys(table: &Table) -> String {
    let keys = table.keys.iter();
    let keys: Vec<String> = keys
        .map(|key| format!("{} {} {}", key.attribute, key.kind, key.scalar))
        .collect();
    format!("{} in {}", keys.join(", "), table.name)
}

/// A table that was made anew has another id: what was read is of two tables then.
async fn still_there(clients: &Clients, readers: &[Reader<'_>; 2]) -> Result<(), Failed> {
    for reader in readers {
        let name = &reader.table.name;
        let found = table(clients, name).await.map_err(Failed::Read)?;
        let found = found.ok_or_else(|| Failed::Vanished(name.clone()))?;
        if found.id != reader.table.id {
            return Err(Failed::Replaced(name.clone()));
        }
    }
    Ok(())
}

/// Where what was read of these two tables is kept.
fn directory(clients: &Clients, cache: &Path, asked: &Asked) -> PathBuf {
    let (account, region) = (
        clients.place.account.as_str(),
        clients.place.region.as_str(),
    );
    let endpoints: Vec<&str> = clients.endpoints.iter().map(String::as_str).collect();
    let name = files::name_of(&[
        account,
        region,
        &asked.old,
        &asked.new,
        &endpoints.join(" "),
    ]);
    cache.join("reconcile").join(name)
}

impl From<WorkError> for Failed {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Taken => Self::Taken,
            WorkError::Failed(error) => Self::File(error),
        }
    }
}

fn of_export(path: &Path, source: io::Error) -> Failed {
    let path = path.to_owned();
    if source.kind() == ErrorKind::AlreadyExists {
        return Failed::ExportIsThere(path);
    }
    Failed::Export { path, source }
}

fn of_spool(error: io::Error) -> Failed {
    if error.kind() == ErrorKind::InvalidData {
        return Failed::Spool;
    }
    Failed::File(error)
}
