//! What a failure of `SQLite` means for a journal.
//!
//! A full disk, a busy file and damage are told apart, because each asks for something else.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use super::files;
use crate::journal::JournalError;

/// Turns a failure into the journal's own error.
pub fn of(error: Error) -> JournalError {
    let code = error.sqlite_error_code();
    // The shared index of the log is memory-mapped, so a full disk shows as an I/O error there.
    let no_index = error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE);
    if code == Some(ErrorCode::DiskFull) || no_index {
        JournalError::Full
    } else if code == Some(ErrorCode::DatabaseBusy) || code == Some(ErrorCode::DatabaseLocked) {
        JournalError::Busy
    } else {
        JournalError::Storage(Box::new(error))
    }
}

/// Turns a failure to open a file into the journal's own error, with the file's path.
pub fn of_file(path: &Path, error: Error) -> JournalError {
    let closed = [
        ErrorCode::CannotOpen,
        ErrorCode::PermissionDenied,
        ErrorCode::ReadOnly,
    ];
    if error
        .sqlite_error_code()
        .is_some_and(|code| closed.contains(&code))
    {
        files::failed(path, std::io::Error::other(error))
    } else {
        of(error)
    }
}

/// Tells whether a file of the database could not be opened although the database itself was there.
pub fn is_not_there(error: &JournalError) -> bool {
    let JournalError::Storage(source) = error else {
        return false;
    };
    let source = source.downcast_ref::<Error>();
    source.and_then(Error::sqlite_error_code) == Some(ErrorCode::CannotOpen)
}

/// Tells whether what is stored is damaged, as opposed to not being readable just now. A sector that
/// cannot be read is gone as well.
pub fn is_damage(error: &Error) -> bool {
    let code = error.sqlite_error_code();
    let extended = error.sqlite_error().map(|error| error.extended_code);
    let unreadable = [
        ffi::SQLITE_IOERR_READ,
        ffi::SQLITE_IOERR_SHORT_READ,
        ffi::SQLITE_IOERR_CORRUPTFS,
    ];
    code == Some(ErrorCode::DatabaseCorrupt)
        || code == Some(ErrorCode::NotADatabase)
        || extended.is_some_and(|code| unreadable.contains(&code))
}

/// Tells whether a database that cannot be opened may be damaged: then what is left of it is read.
pub fn may_be_damage(error: &JournalError) -> bool {
    match error {
        JournalError::Lost { .. } => true,
        JournalError::Storage(source) => source.downcast_ref::<Error>().is_some_and(|error| {
            // A damaged header can say that it must not be written.
            is_damage(error) || error.sqlite_error_code() == Some(ErrorCode::ReadOnly)
        }),
        JournalError::Taken { .. }
        | JournalError::NoSuchRun(_)
        | JournalError::Ambiguous { .. }
        | JournalError::Newer { .. }
        | JournalError::Broken(_)
        | JournalError::NoSalvage(_)
        | JournalError::Uncopied { .. }
        | JournalError::Damaged { .. }
        | JournalError::Unsafe { .. }
        | JournalError::Files { .. }
        | JournalError::Full
        | JournalError::Busy => false,
    }
}
