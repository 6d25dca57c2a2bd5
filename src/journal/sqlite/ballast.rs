//! A file that only takes room, to be thrown overboard when the disk is full.
//!
//! One entry more can decide whether a resource is tracked or lost. The room that the ballast gives
//! back is enough for that entry and for saying why the run stops.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{files, network};
use crate::journal::JournalError;

/// Size of the ballast in bytes.
pub const SIZE: usize = 64 * 1024;
/// It is not laid in while there is less room than this, in bytes: a reader that opens the journal of
/// a run in need must not take back what the run was given.
const ENOUGH: u64 = 1024 * 1024;

/// The ballast of one journal.
#[derive(Debug)]
pub struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// Returns the ballast that belongs into a journal's directory.
    pub fn of(home: &Path) -> Self {
        Self {
            path: home.join("ballast"),
        }
    }

    /// Lays the ballast in if it is missing and there is room for it.
    ///
    /// # Errors
    /// Those of the file system, save for a full disk.
    pub fn lay_in(&self) -> Result<(), JournalError> {
        let home = self.path.parent().unwrap_or(Path::new("."));
        if files::check_file(&self.path)? || network::room(home)? < ENOUGH {
            return Ok(());
        }
        let made = match files::create_new(&self.path) {
            // Another process opened the journal in the same moment, and was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return files::check_file(&self.path).map(drop);
            }
            made => made,
        };
        let written = made.and_then(|mut file| {
            file.write_all(&incompressible())?;
            file.sync_all()
        });
        match written.map_err(|error| files::failed(&self.path, error)) {
            Ok(()) => Ok(()),
            Err(JournalError::Full) => {
                self.throw_off();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Removes the ballast; tells whether that made room.
    pub fn throw_off(&self) -> bool {
        std::fs::remove_file(&self.path).is_ok()
    }

    /// Makes an attempt and, if it met a full disk and there is ballast to throw off, one more.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn spend<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        match attempt() {
            Err(JournalError::Full) if self.throw_off() => attempt(),
            outcome => outcome,
        }
    }
}

/// Returns bytes that a compressing file system cannot make smaller.
fn incompressible() -> Vec<u8> {
    (0u32..)
        .flat_map(|block| Sha256::digest(block.to_be_bytes()))
        .take(SIZE)
        .collect()
}
