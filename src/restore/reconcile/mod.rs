//! What differs between two tables, key by key: what was written to the old one after the instant that the new one
//! holds, and what both have said differently since.
//!
//! Only reads. Both tables are scanned in parallel segments; keys and digests of items are written down page by page,
//! so that an interrupted command goes on, and are compared in buckets, whatever the order in which they came. Nothing
//! here holds a table in memory.

mod buckets;
mod export;
pub mod exported;
mod files;
mod lane;
mod look;
pub mod pace;
pub mod progress;
mod scan;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::aws::connect::Clients;
use crate::domain::dynamodb::Table;
use crate::domain::failure::Failure;
use crate::domain::item;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::dynamodb_table::table;

use buckets::Buckets;
use export::Export;
use files::{Card, Earlier, Work, WorkError};
use look::{Seen, look};
use pace::Pace;
use progress::Progress;
use scan::{Reader, scan};

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

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Items that were looked at, in the old table and the new one.
    pub looked_at: [u64; 2],
    /// Read units that it took, about.
    pub units: [f64; 2],
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
        export::check(path).map_err(|error| of_export(path, error))?;
    }
    let tables = both(clients, asked).await?;
    let card = Card::new(tables.clone().map(|table| table.id), asked.segments);
    let work = Work::open(&directory(clients, cache, asked), &card, asked.anew)?;
    if work.earlier == Earlier::Other {
        progress.begins_afresh();
    }
    let items = tables
        .iter()
        .map(|table| u64::try_from(table.items).unwrap_or_default());
    progress.expects(items.sum(), work.segments);
    let [old, new] = tables;
    let reader = |side, table: Table| {
        let rate = asked.pace.of(&table);
        Reader::new(side, table, rate, clients, progress)
    };
    let readers = [reader(Side::Old, old), reader(Side::New, new)];
    scan(&readers, &work, progress).await?;
    progress.compares();
    still_there(clients, &readers).await?;
    let found = compare(&work, &readers, asked, progress).await?;
    work.finish().map_err(Failed::File)?;
    Ok(found)
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

async fn compare(
    work: &Work,
    readers: &[Reader<'_>; 2],
    asked: &Asked,
    progress: &Progress,
) -> Result<Found, Failed> {
    let export = asked.export.as_ref();
    let export = export.map(|path| Export::begin(path).map_err(|error| of_export(path, error)));
    let mut export = export.transpose()?;
    let mut buckets = Buckets::fill(work).map_err(of_spool)?;
    let mut found = Found::default();
    for number in 0..buckets.count() {
        let compared = buckets.compare(number).map_err(of_spool)?;
        found.equal += compared.equal;
        for difference in &compared.differences {
            *found.of(difference.what) += 1;
        }
        let missing = asked.sample.saturating_sub(found.sample.len());
        let wanted = match export {
            Some(_) => compared.differences.len(),
            None => missing.min(compared.differences.len()),
        };
        // Items are large, unlike their digests: only some of them are held at a time.
        for some in compared.differences[..wanted].chunks(AT_ONCE) {
            for (before, seen) in some.iter().zip(look(readers, some).await?) {
                found.correct(before.what, seen.what);
                found.add(&seen, asked.sample);
                if let (Some(export), Some(path)) = (&mut export, &asked.export) {
                    export
                        .write(&seen)
                        .map_err(|error| of_export(path, error))?;
                }
            }
        }
    }
    found.most_held = buckets.most_held;
    if let (Some(export), Some(path)) = (export, &asked.export) {
        found.exported = Some(export.finish().map_err(|error| of_export(path, error))?);
    }
    let reached = progress.reached();
    (found.looked_at, found.units) = (reached.items, reached.units);
    Ok(found)
}

/// Items of so many differences are held at a time; one may have 400 KB.
const AT_ONCE: usize = 50;

impl Found {
    fn of(&mut self, what: What) -> &mut u64 {
        match what {
            What::OnlyOld => &mut self.only_old,
            What::OnlyNew => &mut self.only_new,
            What::Differs => &mut self.differ,
        }
    }

    /// Counts a difference as what it is by now.
    fn correct(&mut self, before: What, now: Option<What>) {
        let was = self.of(before);
        *was = was.saturating_sub(1);
        match now {
            Some(now) => *self.of(now) += 1,
            None => self.settled += 1,
        }
    }

    fn add(&mut self, seen: &Seen, most: usize) {
        let Some(what) = seen.what else {
            return;
        };
        if self.sample.len() < most {
            let names = match (&seen.old, &seen.new) {
                (Some(old), Some(new)) => item::differing(old, new),
                (_, _) => Vec::new(),
            };
            self.sample.push(Sample {
                key: item::to_json(&seen.key),
                what,
                attributes: names.into_iter().map(Untrusted::from).collect(),
            });
        }
    }
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
