//! The directory and files of a journal: private, ours, on a local disk, and no symbolic links.
//!
//! The database is checked by its path and never opened here once a connection may exist: closing any
//! descriptor of a file drops every POSIX lock that the process holds on it, `SQLite`'s too.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::iter;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use crate::domain::ids::RunId;
use crate::domain::text::shown;
use crate::journal::JournalError;
use crate::journal::damage::Evidence;

/// The database in a journal's directory.
pub const DATABASE: &str = "journal.db";
/// What `SQLite` may put beside it.
const COMPANIONS: [&str; 3] = ["journal.db-wal", "journal.db-shm", "journal.db-journal"];
/// Bits that let somebody else write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// Bits that let somebody else do anything.
const OPEN_TO_OTHERS: u32 = 0o077;

/// Turns a failed file operation into an error with its path.
pub fn failed(path: &Path, source: io::Error) -> JournalError {
    if source.kind() == ErrorKind::StorageFull || source.kind() == ErrorKind::QuotaExceeded {
        return JournalError::Full;
    }
    JournalError::Files {
        path: shown(&path.to_string_lossy()),
        source,
    }
}

/// Says that a path cannot be trusted, and why.
pub fn distrust(path: &Path, why: impl Into<String>) -> JournalError {
    JournalError::Unsafe {
        path: shown(&path.to_string_lossy()),
        why: why.into(),
    }
}

/// Says that what stood in a database is gone, and how that is known.
pub fn lost(path: &Path, why: impl Into<String>) -> JournalError {
    JournalError::Lost {
        path: shown(&path.to_string_lossy()),
        why: why.into(),
        evidence: Evidence::InPlace,
    }
}

/// Returns the id of a run if it can be a file name.
pub fn safe_name(run: &RunId) -> Result<&str, JournalError> {
    let id = run.as_str();
    let safe =
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if safe {
        Ok(id)
    } else {
        Err(distrust(Path::new(id), "is not the id of a run"))
    }
}

/// Makes the directory of a journal if it is missing, checks it, and returns its real path.
///
/// # Errors
/// [`JournalError::Unsafe`] for a symbolic link, somebody else's directory, one that others may
/// write to, and one on a network file system.
pub fn provide_home(directory: &Path) -> Result<PathBuf, JournalError> {
    // A trailing slash would make the check look through a symbolic link.
    let directory: PathBuf = directory.components().collect();
    provide_directory(&directory)?;
    super::network::refuse(&directory)?;
    // `SQLite` refuses links anywhere in a path; those above the directory are the system's own.
    fs::canonicalize(&directory).map_err(|error| failed(&directory, error))
}

/// Makes a directory with mode 0700 if it is missing, and checks it.
pub fn provide_directory(path: &Path) -> Result<(), JournalError> {
    if look(path)?.is_none() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| failed(path, error))?;
    }
    let found = look(path)?.ok_or_else(|| distrust(path, "was removed just now"))?;
    check(path, &found, Kind::Directory)
}

/// Makes the database with mode 0600 by `fill` if it is missing, and checks it and what stands
/// beside it. It gets its name only when it is whole, so one that is empty was not left by us.
///
/// # Errors
/// [`JournalError::Lost`] for an empty database, and for a log without its database.
pub fn provide_database(
    home: &Path,
    fill: impl FnOnce(&Path) -> Result<(), JournalError>,
) -> Result<PathBuf, JournalError> {
    let path = home.join(DATABASE);
    for companion in COMPANIONS.map(|name| home.join(name)) {
        check_file(&companion)?;
    }
    if !check_file(&path)? {
        let _alone = alone(home)?;
        if !check_file(&path)? {
            make_database(home, &path, fill)?;
        }
    }
    refuse_empty(&path)?;
    Ok(path)
}

fn make_database(
    home: &Path,
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), JournalError>,
) -> Result<(), JournalError> {
    let log = home.join(COMPANIONS[0]);
    if is_there(&log)? {
        return Err(lost(path, "is missing, and its log is still there"));
    }
    let part = home.join("journal.part");
    let beside = ["-journal", "-wal", "-shm"].map(|end| home.join(format!("journal.part{end}")));
    for left in iter::once(part.clone()).chain(beside) {
        if check_file(&left)? {
            fs::remove_file(&left).map_err(|error| failed(&left, error))?;
        }
    }
    create_new(&part).map_err(|error| failed(&part, error))?;
    fill(&part)?;
    fs::rename(&part, path).map_err(|error| failed(path, error))?;
    sync_directory(home)
}

/// Checks a database that is there, and what stands beside it.
///
/// # Errors
/// [`JournalError::Lost`] for an empty database, [`JournalError::Unsafe`] for what cannot be trusted.
pub fn check_database(path: &Path) -> Result<(), JournalError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        check_file(&super::aside::beside(path, ending))?;
    }
    refuse_empty(path)
}

/// Refuses a database of no bytes: what stood in it is gone.
pub fn refuse_empty(path: &Path) -> Result<(), JournalError> {
    match look(path)? {
        Some(found) if found.len() == 0 => Err(lost(
            path,
            "is empty, and a journal never is: what stood in it is gone",
        )),
        Some(_) | None => Ok(()),
    }
}

/// Keeps other processes from making or migrating the database meanwhile.
pub fn alone(home: &Path) -> Result<File, JournalError> {
    let lock = home.join("schema.lock");
    let file = open_lock(&lock)?;
    file.lock().map_err(|error| failed(&lock, error))?;
    Ok(file)
}

/// Checks the directory and the database without making or changing anything. `None` where there is
/// no database.
///
/// # Errors
/// As [`provide_home`] and [`provide_database`].
pub fn examine(directory: &Path) -> Result<Option<Examined>, JournalError> {
    let directory: PathBuf = directory.components().collect();
    let Some(found) = look(&directory)? else {
        return Ok(None);
    };
    check(&directory, &found, Kind::Directory)?;
    super::network::refuse(&directory)?;
    let home = fs::canonicalize(&directory).map_err(|error| failed(&directory, error))?;
    let [log, ..] = COMPANIONS.map(|name| home.join(name));
    let log = look(&log)?.is_some();
    let path = home.join(DATABASE);
    let Some(found) = look(&path)? else {
        if log {
            return Err(lost(&path, "is missing, and its log is still there"));
        }
        return Ok(None);
    };
    check(&path, &found, Kind::File)?;
    refuse_empty(&path)?;
    Ok(Some(Examined { home, path, log }))
}

/// A database that is there, and looks trustworthy from outside.
pub struct Examined {
    /// Its directory.
    pub home: PathBuf,
    /// Its file.
    pub path: PathBuf,
    /// Whether entries may stand in a log beside it.
    pub log: bool,
}

/// Makes the names in a directory durable.
pub fn sync_directory(path: &Path) -> Result<(), JournalError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| failed(path, error))
}

/// Makes a file that does not exist, with mode 0600; never follows a link.
pub fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a lock file, making it if it is missing; never follows a link.
pub fn open_lock(path: &Path) -> Result<File, JournalError> {
    check_file(path)?;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
        .map_err(|error| failed(path, error))
}

/// Tells whether there is anything at a path, a dangling link included.
pub fn is_there(path: &Path) -> Result<bool, JournalError> {
    Ok(look(path)?.is_some())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
}

/// Checks a file if it exists, closes it to others, and tells whether it exists.
pub fn check_file(path: &Path) -> Result<bool, JournalError> {
    let Some(found) = look(path)? else {
        return Ok(false);
    };
    check(path, &found, Kind::File)?;
    if found.mode() & OPEN_TO_OTHERS != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(|error| failed(path, error))?;
    }
    Ok(true)
}

fn check(path: &Path, found: &Metadata, kind: Kind) -> Result<(), JournalError> {
    let is_kind = match kind {
        Kind::Directory => found.is_dir(),
        Kind::File => found.is_file(),
    };
    if found.is_symlink() {
        return Err(distrust(path, "is a symbolic link"));
    }
    if !is_kind {
        let word = match kind {
            Kind::Directory => "is not a directory",
            Kind::File => "is not a regular file",
        };
        return Err(distrust(path, word));
    }
    if found.uid() != nix::unistd::geteuid().as_raw() {
        return Err(distrust(
            path,
            format!("belongs to another user ({})", found.uid()),
        ));
    }
    let mode = found.mode() & 0o7777;
    if mode & WRITABLE_BY_OTHERS != 0 {
        return Err(distrust(
            path,
            format!("can be written by others (mode {mode:04o})"),
        ));
    }
    Ok(())
}

fn look(path: &Path) -> Result<Option<Metadata>, JournalError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}
