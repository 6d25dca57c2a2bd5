//! How far each run was written, kept beside the database: a log that lost its end looks like one that
//! ended there, and only this tells the difference.
//!
//! A mark is set after its event is durable and is not synced itself. So it is never ahead of what was
//! written; after a power failure it may be behind, and then it tells nothing.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::files;
use crate::domain::ids::RunId;
use crate::journal::JournalError;

/// Where they are, in a journal's directory.
const ALL: &str = "marks";
/// Digits of a mark: of the same length always, so that one overwrites the other as a whole.
const DIGITS: usize = 20;

/// The marks of one database.
#[derive(Clone, Debug)]
pub struct Marks {
    directory: PathBuf,
    /// Stands behind the name of the run: each continuation counts for itself.
    ending: String,
    writes: bool,
}

impl Marks {
    /// Returns the marks that belong to a database in a journal's directory, which are made where they are
    /// missing if something is written.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn of(home: &Path, file: &Path, writes: bool) -> Result<Self, JournalError> {
        let directory = home.join(ALL);
        if writes {
            files::provide_directory(&directory)?;
        }
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let ending = stem
            .rsplit_once('.')
            .map(|(_run, number)| format!(".{number}"));
        Ok(Self {
            directory,
            ending: ending.unwrap_or_default(),
            writes,
        })
    }

    /// Returns how many events of a run were certainly written; 0 where nothing tells.
    pub fn at(&self, run: &RunId) -> u64 {
        let text = self
            .path(run)
            .and_then(|path| fs::read_to_string(path).ok());
        text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    /// Notes that an event is durable. What cannot be noted is not worth failing for.
    pub fn set(&self, run: &RunId, seq: u64) {
        let Some(path) = self.path(run).filter(|_| self.writes) else {
            return;
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(path);
        let _noted = file.and_then(|mut file| write!(file, "{seq:0DIGITS$}"));
    }

    /// Returns the runs that have a mark of the main database.
    pub fn runs(&self) -> Vec<RunId> {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return Vec::new();
        };
        let names = entries
            .filter_map(Result::ok)
            .map(|entry| entry.file_name());
        let mut runs: Vec<RunId> = names
            .map(|name| RunId::from(&*name.to_string_lossy()))
            .filter(|run| files::safe_name(run).is_ok())
            .collect();
        runs.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        runs
    }

    fn path(&self, run: &RunId) -> Option<PathBuf> {
        let name = files::safe_name(run).ok()?;
        Some(self.directory.join(format!("{name}{}", self.ending)))
    }
}
