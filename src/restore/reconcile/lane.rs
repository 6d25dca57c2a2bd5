//! What was read of one segment of one table, on disk: a file of frames, one for each page.
//!
//! A frame holds the page's keys, a digest of each item, when it was read, and the key from which the scan goes on:
//! there is no second file that a crash could leave behind or ahead. A frame that was not written whole is cut off, and
//! its page is read again. Nothing is held in memory but one frame.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Between;
use super::aside::Steps;
use super::files;
use crate::domain::item::{self, DIGEST, Item};

#[cfg(test)]
mod tests;

/// Length and check of a frame.
const HEAD: usize = 4 + CHECK;
const CHECK: usize = 16;
/// No page takes so much: 1 MiB of items have far fewer bytes of keys and digests.
const LARGEST: u32 = 1 << 28;
/// Stands for the end of a segment.
const END: u32 = u32::MAX;

/// Where a scan goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// At the beginning of the segment.
    Begin,
    /// After a key.
    After(Item),
    /// Nowhere: all of it was read.
    Nowhere,
}

/// A key and the digest of its item, as they stand in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The key; see [`item::key_bytes`].
    pub key: &'a [u8],
    /// The digest of the item.
    pub digest: [u8; DIGEST],
}

impl Record<'_> {
    /// Appends it to what is to be written.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend(length(self.key).to_le_bytes());
        out.extend(self.key);
        out.extend(self.digest);
    }

    /// Reads the first record of some bytes, and returns the rest; `None` where there is no whole one.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
        let (key, rest) = short(bytes)?;
        let (digest, rest) = rest.split_first_chunk::<DIGEST>()?;
        let digest = *digest;
        Some((Record { key, digest }, rest))
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(END)
}

/// Bytes with their length before them.
fn short(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// The file of a segment, open to be written.
#[derive(Debug)]
pub struct Lane {
    file: File,
    /// Where the scan goes on.
    pub next: Next,
    /// Items that were read.
    pub items: u64,
    /// Read units that they took.
    pub units: f64,
    /// When they were read; `None` where nothing was.
    pub read: Option<Between>,
}

impl Lane {
    /// Opens the file of a segment, or makes it, and cuts off what was not written whole.
    ///
    /// # Errors
    /// Those of the file system, `Interrupted` where it may not go on: nothing is cut off then.
    pub fn open(path: &Path, steps: &Steps) -> io::Result<Self> {
        let file = files::open_or_make(path)?;
        let (mut next, mut items, mut units) = (Next::Begin, 0, 0.0);
        let mut read = None;
        let whole = frames(&file, steps, |frame| {
            (next, units) = (frame.next.clone(), units + frame.units);
            items += frame.items;
            read = Between::with(read, Some(Between::at(frame.at)));
            Ok(())
        })?;
        let mut file = file;
        file.set_len(whole)?;
        file.seek(SeekFrom::Start(whole))?;
        Ok(Self {
            file,
            next,
            items,
            units,
            read,
        })
    }

    /// Writes a page down that was read at an instant; once this returns it outlasts a crash.
    ///
    /// # Errors
    /// Those of the file system. What was written of the page does not count then.
    pub fn append(
        &mut self,
        page: &[(Vec<u8>, [u8; DIGEST])],
        next: Option<&Item>,
        units: f64,
        at: Timestamp,
    ) -> io::Result<()> {
        let mut frame = vec![0; HEAD];
        frame.extend(u64::try_from(page.len()).unwrap_or(u64::MAX).to_le_bytes());
        frame.extend(units.to_le_bytes());
        frame.extend(at.as_millisecond().to_le_bytes());
        match next {
            Some(key) => {
                let key = item::key_bytes(key);
                frame.extend(length(&key).to_le_bytes());
                frame.extend(key);
            }
            None => frame.extend(END.to_le_bytes()),
        }
        for (key, digest) in page {
            let digest = *digest;
            Record { key, digest }.write(&mut frame);
        }
        let check = check(&frame[HEAD..]);
        let size = u32::try_from(frame.len() - HEAD).map_err(|_| ErrorKind::FileTooLarge)?;
        frame[..4].copy_from_slice(&size.to_le_bytes());
        frame[4..HEAD].copy_from_slice(&check);
        let end = self.file.stream_position()?;
        let written = self
            .file
            .write_all(&frame)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A later page must not stand behind half of this one.
            self.file.set_len(end)?;
            self.file.seek(SeekFrom::Start(end))?;
            return Err(error);
        }
        self.next = next.map_or(Next::Nowhere, |key| Next::After(key.clone()));
        self.items += u64::try_from(page.len()).unwrap_or_default();
        self.units += units;
        self.read = Between::with(self.read, Some(Between::at(at)));
        Ok(())
    }
}

/// Goes through all records of a file that was read to its end, a page at each step.
///
/// # Errors
/// Those of the file system and of whoever takes the records; also where the file is not whole.
pub fn records(
    path: &Path,
    steps: &Steps,
    mut each: impl FnMut(Record<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let file = files::open_or_make(path)?;
    let mut over = false;
    let whole = frames(&file, steps, |frame| {
        over = frame.next == Next::Nowhere;
        let mut rest = frame.records;
        while let Some((record, after)) = Record::read(rest) {
            each(record)?;
            rest = after;
        }
        Ok(())
    })?;
    if !over || whole != file.metadata()?.len() {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(())
}

/// A page, as it was written down.
struct Frame<'a> {
    next: Next,
    items: u64,
    units: f64,
    at: Timestamp,
    records: &'a [u8],
}

/// Goes through the frames of a file, and returns how many bytes of it are whole frames.
fn frames(
    file: &File,
    steps: &Steps,
    mut each: impl FnMut(&Frame<'_>) -> io::Result<()>,
) -> io::Result<u64> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0))?;
    let mut whole = 0;
    let mut frame = Vec::new();
    while let Some(length) = framed(&mut reader, &mut frame)? {
        steps.next()?;
        let Some(read) = unframed(&frame) else { break };
        each(&read)?;
        whole += length;
    }
    Ok(whole)
}

/// Reads the bytes of a frame; `None` where no whole one follows.
fn framed(reader: &mut impl Read, frame: &mut Vec<u8>) -> io::Result<Option<u64>> {
    let mut head = [0; HEAD];
    match reader.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (size, told) = head.split_at(4);
    let size = u32::from_le_bytes(size.try_into().expect("it was split there"));
    if size > LARGEST {
        return Ok(None);
    }
    frame.clear();
    let read = reader.take(u64::from(size)).read_to_end(frame)?;
    let whole = u64::try_from(read).ok() == Some(u64::from(size)) && check(frame) == told;
    Ok(whole.then(|| u64::from(size) + HEAD as u64))
}

fn unframed(frame: &[u8]) -> Option<Frame<'_>> {
    let (items, rest) = frame.split_first_chunk::<8>()?;
    let (units, rest) = rest.split_first_chunk::<8>()?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (next, records) = match rest.split_first_chunk::<4>()? {
        (length, rest) if u32::from_le_bytes(*length) == END => (Next::Nowhere, rest),
        (_, _) => {
            let (key, rest) = short(rest)?;
            (Next::After(item::key_of(key)?), rest)
        }
    };
    Some(Frame {
        next,
        items: u64::from_le_bytes(*items),
        units: f64::from_le_bytes(*units),
        at: Timestamp::from_millisecond(i64::from_le_bytes(*at)).ok()?,
        records,
    })
}

fn check(bytes: &[u8]) -> [u8; CHECK] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    *digest.first_chunk().expect("a digest is longer")
}
