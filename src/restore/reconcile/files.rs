//! The work directory of a comparison: 0700, its files 0600, no link followed, one process at a time.
//!
//! What stands in it is of two tables with these ids. Of other tables, or of another version, it is thrown away.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Side;

const VERSION: u32 = 2;
const CARD: &str = "tables.json";
const LOCK: &str = "lock";

/// What a work directory is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    version: u32,
    /// Ids of the tables, old and new: a table that was made anew has another one.
    pub ids: [String; 2],
    /// Into how many segments both are read.
    pub segments: u32,
}

impl Card {
    /// Describes a comparison.
    #[must_use]
    pub fn new(ids: [String; 2], segments: u32) -> Self {
        Self {
            version: VERSION,
            ids,
            segments,
        }
    }
}

/// What was found of an earlier comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing.
    None,
    /// One of the same tables: it goes on.
    Same,
    /// One that is of no use: it was thrown away.
    Other,
}

/// A work directory that nobody else uses.
#[derive(Debug)]
pub struct Work {
    directory: PathBuf,
    /// Into how many segments both tables are read.
    pub segments: u32,
    /// What was there.
    pub earlier: Earlier,
    _lock: File,
}

/// Why there is no work directory.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// Another process compares the same tables.
    #[error("another defib compares these tables right now")]
    Taken,
    /// The file system.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// Returns the name of a directory for what is compared, which says nothing by itself.
#[must_use]
pub fn name_of(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    HEXLOWER.encode(&digest.finalize()[..12])
}

impl Work {
    /// Takes a directory, and makes it where it is missing. What is in it is kept if it is of the same tables; the
    /// number of segments is then the one that was begun with.
    ///
    /// # Errors
    /// [`WorkError`]
    pub fn open(directory: &Path, card: &Card, anew: bool) -> Result<Self, WorkError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
        let found = fs::symlink_metadata(directory)?;
        if !found.is_dir() {
            return Err(io::Error::from(ErrorKind::NotADirectory).into());
        }
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
        let lock = open_or_make(&directory.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(WorkError::Taken),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        let text = fs::read(directory.join(CARD));
        let known = text
            .ok()
            .and_then(|text| serde_json::from_slice::<Card>(&text).ok());
        let same = known.filter(|known| {
            !anew && known.version == VERSION && known.ids == card.ids && known.segments > 0
        });
        let earlier = match (&same, Self::is_empty(directory)?) {
            (Some(_), _) => Earlier::Same,
            (None, true) => Earlier::None,
            (None, false) => Earlier::Other,
        };
        let segments = same.as_ref().map_or(card.segments, |same| same.segments);
        if same.is_none() {
            // The card goes first: without it nothing of the rest counts.
            empty(directory)?;
            let text = serde_json::to_vec(card).map_err(io::Error::other)?;
            write_whole(&directory.join(CARD), &text)?;
            File::open(directory)?.sync_all()?;
        }
        Ok(Self {
            directory: directory.to_owned(),
            segments,
            earlier,
            _lock: lock,
        })
    }

    fn is_empty(directory: &Path) -> io::Result<bool> {
        let mut entries = fs::read_dir(directory)?;
        Ok(entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == LOCK)))
    }

    /// Returns the file of a segment.
    #[must_use]
    pub fn lane(&self, side: Side, segment: u32) -> PathBuf {
        self.directory
            .join(format!("{}-{segment:06}.lane", side.word()))
    }

    /// Returns the file of a bucket.
    #[must_use]
    pub fn bucket(&self, side: Side, number: usize) -> PathBuf {
        self.directory
            .join(format!("{}-{number:06}.bucket", side.word()))
    }

    /// Removes everything but the lock: one that is removed could be held and made anew at the same time.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn finish(&self) -> io::Result<()> {
        empty(&self.directory)
    }
}

/// Removes all files but the lock, the card first.
fn empty(directory: &Path) -> io::Result<()> {
    match fs::remove_file(directory.join(CARD)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Opens a file to read and write it, and makes it where it is missing; no link is followed.
///
/// # Errors
/// Those of the file system.
pub fn open_or_make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
    options.open(path)
}

/// Makes a file that must not be there.
///
/// # Errors
/// Those of the file system.
pub fn make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// Appends to a file, which is made where it is missing.
///
/// # Errors
/// Those of the file system.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    options.custom_flags(OFlag::O_NOFOLLOW.bits());
    options.open(path)?.write_all(bytes)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("unfinished");
    let mut file = make(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(new: &str, segments: u32) -> Card {
        Card::new(["a".to_owned(), new.to_owned()], segments)
    }

    #[test]
    fn what_is_of_other_tables_is_never_used() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().join("x/y");
        let work = Work::open(&at, &card("b", 3), false).unwrap();
        assert_eq!((work.earlier, work.segments), (Earlier::None, 3));
        fs::write(work.lane(Side::Old, 0), "x").unwrap();
        drop(work);
        let work = Work::open(&at, &card("b", 5), false).unwrap();
        assert_eq!(
            (work.earlier, work.segments),
            (Earlier::Same, 3),
            "as it began"
        );
        assert!(work.lane(Side::Old, 0).exists());
        drop(work);
        let work = Work::open(&at, &card("another", 5), false).unwrap();
        assert_eq!((work.earlier, work.segments), (Earlier::Other, 5));
        assert!(!work.lane(Side::Old, 0).exists());
        drop(work);
        let work = Work::open(&at, &card("another", 7), true).unwrap();
        assert_eq!((work.earlier, work.segments), (Earlier::Other, 7), "anew");
        work.finish().unwrap();
        assert!(Work::is_empty(&at).unwrap());
    }

    #[test]
    fn files_without_a_card_count_for_nothing() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().join("w");
        let work = Work::open(&at, &card("b", 3), false).unwrap();
        fs::write(work.lane(Side::New, 1), "x").unwrap();
        fs::remove_file(at.join(CARD)).unwrap();
        drop(work);
        let work = Work::open(&at, &card("b", 3), false).unwrap();
        assert_eq!(work.earlier, Earlier::Other);
        assert!(!work.lane(Side::New, 1).exists());
    }

    #[test]
    fn one_process_at_a_time_and_nobody_else_reads() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().join("w");
        let work = Work::open(&at, &card("b", 3), false).unwrap();
        let second = Work::open(&at, &card("b", 3), false);
        assert!(matches!(second, Err(WorkError::Taken)));
        open_or_make(&work.lane(Side::Old, 0)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&at), 0o700);
        for file in [work.lane(Side::Old, 0), at.join(CARD), at.join(LOCK)] {
            assert_eq!(mode(&file), 0o600);
        }
    }
}
