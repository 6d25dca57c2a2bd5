//! Copies of damaged files: made once for each damage, never overwritten, never deleted.
//!
//! A copy is a directory below `damaged`, named with the time and with what is damaged. It gets its name
//! only when it is whole, so one that was cut short is made anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};

use super::files::{self, failed};
use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::journal::JournalError;

/// Where copies are, in a journal's directory.
const COPIES: &str = "damaged";
/// What is copied: the database, its log and the index of the log.
const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];
/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Returns what names the damage to a run in a file: another event of it is another damage.
pub fn label(file: &Path, run: &RunId, event: u64) -> Result<String, JournalError> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let run = files::safe_name(run)?;
    Ok(if stem.starts_with(run) {
        format!("{stem}-event-{event}")
    } else {
        format!("{run}-event-{event}")
    })
}

/// Returns what names the damage to a whole file. A file that was put in its place is another.
pub fn label_of_file(file: &Path) -> Result<String, JournalError> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let found = fs::symlink_metadata(file).map_err(|error| failed(file, error))?;
    Ok(format!("{stem}-file-{}", found.ino()))
}

/// Tells whether anything was ever copied aside here: then damage may be about.
pub fn any(home: &Path) -> bool {
    fs::read_dir(home.join(COPIES)).is_ok_and(|mut copies| copies.next().is_some())
}

/// Returns the copy that was made of a damage, if there is one.
pub fn find(home: &Path, label: &str) -> Option<PathBuf> {
    let copies = fs::read_dir(home.join(COPIES)).ok()?;
    let ending = format!("-{label}");
    let mut found: Vec<PathBuf> = copies
        .filter_map(Result::ok)
        .filter(|copy| copy.file_name().to_string_lossy().ends_with(&ending))
        .map(|copy| copy.path())
        .collect();
    found.sort();
    found.into_iter().next()
}

/// Copies a database with what stands beside it, unless that was done before. Returns the copy.
///
/// The caller holds off writers meanwhile.
///
/// # Errors
/// Those of the file system; a copy that was begun is then made anew.
pub fn copy(home: &Path, file: &Path, label: &str) -> Result<PathBuf, JournalError> {
    let _alone = files::alone(home)?;
    if let Some(done) = find(home, label) {
        return Ok(done);
    }
    let all = home.join(COPIES);
    let part = all.join(format!("{label}.part"));
    files::provide_directory(&all)?;
    files::provide_directory(&part)?;
    for ending in ENDINGS {
        let from = beside(file, ending);
        if files::check_file(&from)? {
            let name = from.file_name().unwrap_or_default();
            copy_file(&from, &part.join(name)).map_err(|error| failed(&from, error))?;
        }
    }
    files::sync_directory(&part)?;
    let time = Clock::real().now().strftime("%Y%m%dT%H%M%SZ");
    let done = all.join(format!("{time}-{label}"));
    fs::rename(&part, &done).map_err(|error| failed(&done, error))?;
    files::sync_directory(&all)?;
    Ok(done)
}

/// Returns the SHA-256 of a copied database and its log, one after the other, in hexadecimal.
///
/// # Errors
/// Those of the file system.
pub fn digest(copy: &Path, file: &Path) -> Result<String, JournalError> {
    let mut hash = Sha256::new();
    let name = file.file_name().unwrap_or_default();
    for ending in &ENDINGS[..2] {
        let path = beside(&copy.join(name), ending);
        if files::check_file(&path)? {
            feed(&mut hash, &path).map_err(|error| failed(&path, error))?;
        }
    }
    Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
}

fn feed(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        hash.update(chunk.get(..read).unwrap_or_default());
    }
}

/// Returns the path of what `SQLite` puts beside a database.
pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(from)?;
    let copied = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(to)
        .and_then(|mut target| {
            io::copy(&mut source, &mut target)?;
            target.sync_all()
        });
    // Closing it would drop the locks of the connection that is open in this process.
    std::mem::forget(source);
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_put_in_the_place_of_another_has_another_label() {
        let home = tempfile::tempdir().unwrap();
        let (file, next) = (home.path().join("journal.db"), home.path().join("next"));
        fs::write(&file, "one").unwrap();
        fs::write(&next, "two").unwrap();
        let label = label_of_file(&file).unwrap();
        assert!(label.starts_with("journal-file-"), "{label}");
        fs::write(&file, "other").unwrap();
        assert_eq!(label_of_file(&file).unwrap(), label);
        fs::rename(&next, &file).unwrap();
        assert_ne!(label_of_file(&file).unwrap(), label);
        assert!(label_of_file(&next).is_err());
    }
}
