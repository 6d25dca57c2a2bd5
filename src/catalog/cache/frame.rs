//! The frame of a file: what it is, of which version, and whether all of it is as it was written.
//!
//! Forty bytes, then the heading as JSON, then the rest. The heading is checked by itself, so that it can be
//! read without the rest.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::codec::checksum;
use super::{CacheError, Card, files};

/// Version of the frame and of what is in it.
pub(super) const VERSION: u32 = 2;

const MAGIC: [u8; 8] = *b"defib\0\r\n";
const FRAME: usize = 40;
/// A longer heading is none of ours.
const LONGEST_HEADING: u32 = 1 << 20;

/// Endings of the files of a place.
pub(super) const CATALOG: &str = ".catalog";
pub(super) const ESTATE: &str = ".estate";
pub(super) const KEPT: &str = ".facts";

/// What stands in front of everything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heading {
    /// Which of the endings.
    pub holds: String,
    pub card: Card,
    /// Digest of the variables that name endpoints.
    pub variables: String,
    pub sections: Vec<Section>,
}

/// The rows of one kind that were listed at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Section {
    /// Kind of its points.
    pub kind: String,
    /// When its listing began.
    pub at: Timestamp,
    /// Whether that listing was complete.
    pub whole: bool,
    /// How many rows it has.
    pub rows: usize,
    /// How many bytes they take.
    pub length: usize,
}

/// Writes a file.
pub(super) fn write(path: &Path, heading: &Heading, rest: &[u8]) -> Result<(), CacheError> {
    let heading = serde_json::to_vec(heading).expect("a heading is plain data");
    let length = u32::try_from(heading.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(FRAME);
    frame.extend_from_slice(&MAGIC);
    frame.extend_from_slice(&VERSION.to_le_bytes());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&checksum(&heading).to_le_bytes());
    frame.extend_from_slice(&(rest.len() as u64).to_le_bytes());
    frame.extend_from_slice(&checksum(rest).to_le_bytes());
    files::replace(path, &[&frame, &heading, rest])
}

/// A file whose heading was read.
#[derive(Debug)]
pub(super) struct Framed {
    pub heading: Heading,
    file: std::fs::File,
    length: u64,
    sum: u64,
}

/// Reads the heading of a file.
pub(super) fn open(path: &Path, holds: &str) -> Result<Framed, CacheError> {
    let damaged = || CacheError::Damaged {
        path: path.to_path_buf(),
    };
    let mut file = files::open(path)?;
    let frame = files::read(path, &mut file, FRAME as u64)?;
    let frame: [u8; FRAME] = frame.try_into().map_err(|_| damaged())?;
    let number = |at: usize| {
        let bytes: [u8; 8] = frame[at..at + 8].try_into().unwrap_or_default();
        u64::from_le_bytes(bytes)
    };
    if frame[..8] != MAGIC {
        let why = "it is no catalog of defib".to_owned();
        let path = path.to_path_buf();
        return Err(CacheError::NotOurs { path, why });
    }
    // Version and length of the heading share eight bytes.
    let (version, length) = ((number(8) & 0xFFFF_FFFF) as u32, (number(8) >> 32) as u32);
    if version != VERSION {
        let path = path.to_path_buf();
        return Err(CacheError::OtherVersion { path, version });
    }
    if length > LONGEST_HEADING {
        return Err(damaged());
    }
    let heading = files::read(path, &mut file, u64::from(length))?;
    if heading.len() as u64 != u64::from(length) || checksum(&heading) != number(16) {
        return Err(damaged());
    }
    let heading: Heading = serde_json::from_slice(&heading).map_err(|_| damaged())?;
    if heading.holds != holds {
        return Err(damaged());
    }
    Ok(Framed {
        heading,
        file,
        length: number(24),
        sum: number(32),
    })
}

impl Framed {
    /// Reads the rest.
    pub fn rest(mut self, path: &Path) -> Result<(Heading, Vec<u8>), CacheError> {
        let rest = files::read(path, &mut self.file, self.length.saturating_add(1))?;
        if rest.len() as u64 != self.length || checksum(&rest) != self.sum {
            let path = path.to_path_buf();
            return Err(CacheError::Damaged { path });
        }
        Ok((self.heading, rest))
    }
}
