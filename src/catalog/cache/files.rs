//! Files that only their owner reads and writes: opened without following links, replaced whole.
//!
//! Nothing is trusted because of its name. What is not ours is left where it is.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use nix::fcntl::OFlag;

use super::CacheError;

const WRITABLE_BY_OTHERS: u32 = 0o022;
/// A larger file is none of ours: 1 GiB, more than a million points take.
const LARGEST: u64 = 1 << 30;

/// Numbers the files that this process writes.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

fn failed(path: &Path, source: io::Error) -> CacheError {
    let path = path.to_path_buf();
    CacheError::Failed { path, source }
}

fn foreign(path: &Path, why: impl Into<String>) -> CacheError {
    let (path, why) = (path.to_path_buf(), why.into());
    CacheError::NotOurs { path, why }
}

/// Opens a file for reading. A link is not followed, and a pipe is not waited for.
pub(super) fn open(path: &Path) -> Result<File, CacheError> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path);
    let file = file.map_err(|error| match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => foreign(path, "it is a symbolic link"),
        Ok(_) | Err(_) => failed(path, error),
    })?;
    let found = file.metadata().map_err(|error| failed(path, error))?;
    if !found.is_file() {
        return Err(foreign(path, "it is no regular file"));
    }
    check_owner(path, &found)?;
    if found.len() > LARGEST {
        return Err(foreign(path, "it is larger than any that defib writes"));
    }
    Ok(file)
}

/// Reads the next bytes of a file, fewer where it ends.
pub(super) fn read(path: &Path, file: &mut File, most: u64) -> Result<Vec<u8>, CacheError> {
    let mut bytes = Vec::new();
    let length = file.metadata().map_or(0, |found| found.len()).min(most);
    bytes.reserve_exact(usize::try_from(length).unwrap_or_default());
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|error| failed(path, error))?;
    Ok(bytes)
}

fn check_owner(path: &Path, found: &Metadata) -> Result<(), CacheError> {
    if found.uid() != nix::unistd::geteuid().as_raw() {
        return Err(foreign(path, format!("it belongs to user {}", found.uid())));
    }
    let mode = found.mode() & 0o7777;
    if mode & WRITABLE_BY_OTHERS != 0 {
        return Err(foreign(
            path,
            format!("others can write it (mode {mode:04o})"),
        ));
    }
    Ok(())
}

/// Makes the directory with mode 0700 where it is missing, and checks it.
pub(super) fn provide(directory: &Path) -> Result<(), CacheError> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    match made {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(directory, error)),
    }
    check_directory(directory)?;
    let closed = fs::set_permissions(directory, Permissions::from_mode(0o700));
    closed.map_err(|error| failed(directory, error))
}

/// Checks that a directory is one, and its owner's alone to write.
pub(super) fn check_directory(directory: &Path) -> Result<(), CacheError> {
    let found = fs::symlink_metadata(directory).map_err(|error| failed(directory, error))?;
    if !found.is_dir() {
        return Err(foreign(directory, "it is no directory"));
    }
    check_owner(directory, &found)
}

/// Replaces a file whole: readers find the one before or the one after. Needs no more care than that, since
/// everything in it can be read again from AWS.
pub(super) fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), CacheError> {
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = path.with_file_name(format!(
        "{name}.{}-{number}{UNFINISHED}",
        std::process::id()
    ));
    let written = write(&fresh, parts).and_then(|()| fs::rename(&fresh, path));
    written.map_err(|error| {
        fs::remove_file(&fresh).ok();
        failed(path, error)
    })
}

/// How a file ends that was not finished.
pub(super) const UNFINISHED: &str = ".unfinished";

fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = file?;
    for part in parts {
        file.write_all(part)?;
    }
    Ok(())
}

/// Returns the files of a directory whose names end so; none where there is no directory.
pub(super) fn named(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    paths.sort();
    paths
}
