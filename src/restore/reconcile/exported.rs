//! What an export says is only in the old table: surveyed once for a plan that puts it into the new one, and read again
//! part by part when that is done.
//!
//! Only keys are read out of it. A part is known by its place in the file and by the digest of its bytes, so that a
//! plan means the same keys as long as it lives, and holds none of them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::What;
use super::aside::{Steps, aside};
use crate::domain::dynamodb::Key;
use crate::domain::item::{Item, Value, key_of};

#[cfg(test)]
mod tests;

/// Longer than any line with two items of 400 KB, whose bytes take more room as JSON.
const LONGEST: u64 = 8 << 20;
/// Bytes of the items of a part at most: a transaction has 4 MB (`TransactWriteItems`, API reference), and they may
/// grow.
const MOST_BYTES: u64 = 1 << 20;
/// How many items a transaction has at most (`TransactWriteItems`, API reference).
pub const MOST_ITEMS: u32 = 100;
/// Bytes of a write unit (`DynamoDB` developer guide).
const UNIT: u64 = 1024;
/// A transaction takes so many units where one write would take one (`DynamoDB` developer guide).
const OF_A_TRANSACTION: u64 = 2;

/// Some keys that only the old table has, by where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The file, from the root.
    pub file: String,
    /// The byte at which it begins.
    pub at: u64,
    /// How many bytes it has; what both tables have stands between them.
    pub bytes: u64,
    /// SHA-256 of these bytes, in hexadecimal.
    pub digest: String,
    /// How many keys there are.
    pub items: u32,
    /// Write units that they take in one transaction, about.
    pub units: u64,
}

/// How a file is parted.
#[derive(Clone, Debug)]
pub struct Parting {
    /// The key that every item has.
    pub keys: Vec<Key>,
    /// From which of the keys that only the old table has, counted from 1.
    pub first: u64,
    /// Write units of a part at most, but for one that is larger alone.
    pub units: u64,
    /// How many parts at most.
    pub parts: usize,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The file, from the root.
    pub file: String,
    /// SHA-256 of all of it, in hexadecimal.
    pub digest: String,
    /// When it was written, to the second.
    pub written_at: Timestamp,
    /// How many keys only the old table has.
    pub only_old: u64,
    /// How many keys only the new table has.
    pub only_new: u64,
    /// How many keys have other items in both.
    pub differ: u64,
    /// Keys that only the old table has, in parts.
    pub parts: Vec<Part>,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file system.
    #[error("cannot be read: {0}")]
    File(#[from] io::Error),
    /// It is none of ours.
    #[error("is no export of defib reconcile: line {0} is no difference")]
    Line(u64),
    /// It is of other tables.
    #[error("is of other tables: the key of line {0} is not of theirs")]
    Key(u64),
    /// Somebody has written to it.
    #[error("is not what it was when the plan was made")]
    Changed,
}

/// Surveys a file.
///
/// # Errors
/// [`Unreadable`]
pub async fn survey(path: PathBuf, parting: Parting) -> Result<Survey, Unreadable> {
    aside(move |steps| survey_now(&path, &parting, steps)).await
}

/// Reads the keys of a part.
///
/// # Errors
/// [`Unreadable`]
pub async fn keys(part: Part) -> Result<Vec<Item>, Unreadable> {
    aside(move |_steps| keys_now(&part)).await
}

/// What of a line counts here.
#[derive(Deserialize)]
struct Line {
    key: BTreeMap<String, BTreeMap<String, String>>,
    what: What,
}

impl Line {
    fn key(&self) -> Option<Item> {
        key_of(&serde_json::to_vec(&self.key).ok()?)
    }
}

/// Reads a file line by line.
struct Lines<R> {
    from: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn of(from: R) -> Self {
        let line = Vec::new();
        Self {
            from,
            line,
            number: 0,
        }
    }

    /// Reads the next line; `None` at the end.
    fn next(&mut self) -> Result<Option<(Line, &[u8])>, Unreadable> {
        self.line.clear();
        let mut limited = (&mut self.from).take(LONGEST);
        if limited.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = serde_json::from_slice(&self.line);
        let line = line.map_err(|_| Unreadable::Line(self.number))?;
        Ok(Some((line, &self.line)))
    }
}

/// A part that is being made.
struct Making {
    part: Part,
    /// Over everything since it began.
    hasher: Sha256,
    /// Bytes of its own lines, without what stands between them.
    held: u64,
}

impl Making {
    fn begin(file: &str, at: u64) -> Self {
        Self {
            part: Part {
                file: file.to_owned(),
                at,
                bytes: 0,
                digest: String::new(),
                items: 0,
                units: 0,
            },
            hasher: Sha256::new(),
            held: 0,
        }
    }

    fn takes(&self, line: u64, units: u64, most: u64) -> bool {
        self.part.items < MOST_ITEMS
            && self.held + line <= MOST_BYTES
            && self.part.units + units <= most
    }

    /// It ends with the line that was added last.
    fn add(&mut self, line: &[u8], at: u64, units: u64) {
        self.hasher.update(line);
        self.held += length(line);
        self.part.bytes = at + length(line) - self.part.at;
        self.part.digest = HEXLOWER.encode(&self.hasher.clone().finalize());
        self.part.items += 1;
        self.part.units += units;
    }
}

fn survey_now(path: &Path, parting: &Parting, steps: &Steps) -> Result<Survey, Unreadable> {
    let path = fs::canonicalize(path)?;
    let file = path
        .to_str()
        .ok_or_else(|| io::Error::from(ErrorKind::InvalidFilename))?;
    let file = file.to_owned();
    let (open, written_at) = opened(&path)?;
    let mut survey = Survey {
        file: file.clone(),
        digest: String::new(),
        written_at,
        only_old: 0,
        only_new: 0,
        differ: 0,
        parts: Vec::new(),
    };
    let (mut hasher, mut at) = (Sha256::new(), 0);
    let mut making: Option<Making> = None;
    let mut lines = Lines::of(BufReader::new(open));
    loop {
        steps.next()?;
        let number = lines.number + 1;
        let Some((line, bytes)) = lines.next()? else {
            break;
        };
        hasher.update(bytes);
        survey.count(line.what);
        let key = line.key().ok_or(Unreadable::Line(number))?;
        if !fits(&key, &parting.keys) {
            return Err(Unreadable::Key(number));
        }
        let wanted = line.what == What::OnlyOld && survey.only_old >= parting.first;
        // As JSON an item is longer than it is, and its key stands there twice: no fewer units than it takes.
        let units = length(bytes).div_ceil(UNIT) * OF_A_TRANSACTION;
        let full = |making: &mut Making| !making.takes(length(bytes), units, parting.units);
        if wanted && let Some(full) = making.take_if(full) {
            survey.parts.push(full.part);
        }
        match &mut making {
            Some(making) if wanted => making.add(bytes, at, units),
            Some(making) => making.hasher.update(bytes),
            None if wanted && survey.parts.len() < parting.parts => {
                making
                    .insert(Making::begin(&file, at))
                    .add(bytes, at, units);
            }
            None => {}
        }
        at += length(bytes);
    }
    survey.parts.extend(making.map(|making| making.part));
    survey.digest = HEXLOWER.encode(&hasher.finalize());
    Ok(survey)
}

impl Survey {
    fn count(&mut self, what: What) {
        match what {
            What::OnlyOld => self.only_old += 1,
            What::OnlyNew => self.only_new += 1,
            What::Differs => self.differ += 1,
        }
    }
}

fn keys_now(part: &Part) -> Result<Vec<Item>, Unreadable> {
    let (mut open, _) = opened(Path::new(&part.file))?;
    open.seek(SeekFrom::Start(part.at))?;
    let mut lines = Lines::of(BufReader::new(open.take(part.bytes)));
    let (mut hasher, mut keys) = (Sha256::new(), Vec::new());
    loop {
        // What does not even parse has been written to.
        let next = lines.next().map_err(|error| match error {
            Unreadable::Line(_) => Unreadable::Changed,
            other @ (Unreadable::File(_) | Unreadable::Key(_) | Unreadable::Changed) => other,
        })?;
        let Some((line, bytes)) = next else {
            break;
        };
        hasher.update(bytes);
        if line.what == What::OnlyOld {
            keys.push(line.key().ok_or(Unreadable::Changed)?);
        }
    }
    let same = HEXLOWER.encode(&hasher.finalize()) == part.digest;
    let all = u32::try_from(keys.len()).is_ok_and(|count| count == part.items);
    if same && all {
        Ok(keys)
    } else {
        Err(Unreadable::Changed)
    }
}

/// Opens a file, and nothing that only looks like one, with when it was written.
fn opened(path: &Path) -> Result<(File, Timestamp), Unreadable> {
    let known = fs::metadata(path)?;
    if !known.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is no file").into());
    }
    let written = Timestamp::try_from(known.modified()?).map_err(io::Error::other)?;
    let second = Timestamp::from_second(written.as_second()).map_err(io::Error::other)?;
    Ok((File::open(path)?, second))
}

fn fits(key: &Item, keys: &[Key]) -> bool {
    let scalar = |value: &Value| match value {
        Value::Text(_) => "S",
        Value::Number(_) => "N",
        Value::Binary(_) => "B",
        Value::Bool(_)
        | Value::Null
        | Value::List(_)
        | Value::Map(_)
        | Value::Texts(_)
        | Value::Numbers(_)
        | Value::Binaries(_) => "",
    };
    let is = |one: &Key| key.get(&one.attribute).map(scalar) == Some(one.scalar.as_str());
    key.len() == keys.len() && keys.iter().all(is)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
