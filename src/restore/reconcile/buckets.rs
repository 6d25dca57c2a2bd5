//! Two sets of records are compared bucket by bucket, on disk: a key is in the same bucket of both, whatever the order
//! in which the tables told it.
//!
//! In memory there is one bucket at a time, or what waits to be appended to them; how much that was at most is counted.

use std::collections::HashMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::aside::Steps;
use super::files::{self, Work};
use super::lane::{self, Record};
use super::{Side, What};
use crate::domain::item::DIGEST;

/// So large a bucket is aimed at.
const BUCKET: u64 = 1 << 20;
/// With more buckets than this they become larger instead.
const MOST: u64 = 8192;
/// So much waits at most to be appended to buckets.
const WAITING: usize = 8 << 20;
/// What a record takes in memory beside its bytes.
const BESIDE: usize = 64;

/// A key whose items are not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key; see [`crate::domain::item::key_bytes`].
    pub key: Vec<u8>,
    /// In what way.
    pub what: What,
}

/// What came of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Keys whose items are the same.
    pub equal: u64,
    /// The others, in the order of their keys.
    pub differences: Vec<Difference>,
}

/// The buckets of both tables.
#[derive(Debug)]
pub struct Buckets {
    work: Arc<Work>,
    count: usize,
    /// The most bytes that were held at once.
    pub most_held: usize,
}

impl Buckets {
    /// Distributes what was read into buckets. What an attempt before has left of them is thrown away.
    ///
    /// # Errors
    /// Those of the file system, `Interrupted` where it may not go on.
    pub fn fill(work: Arc<Work>, steps: &Steps) -> io::Result<Self> {
        let mut bytes = 0;
        for side in Side::BOTH {
            for segment in 0..work.segments {
                bytes += fs::metadata(work.lane(side, segment))?.len();
            }
        }
        // Half of it is the other table's.
        let count = (bytes / 2).div_ceil(BUCKET).clamp(1, MOST);
        let count = usize::try_from(count).unwrap_or(1);
        let mut buckets = Self {
            work,
            count,
            most_held: 0,
        };
        for side in Side::BOTH {
            buckets.fill_side(side, steps)?;
        }
        Ok(buckets)
    }

    fn fill_side(&mut self, side: Side, steps: &Steps) -> io::Result<()> {
        for number in 0..self.count {
            steps.next()?;
            fs::write(self.made(side, number)?, [])?;
        }
        let mut waiting = vec![Vec::new(); self.count];
        let mut held = 0;
        for segment in 0..self.work.segments {
            lane::records(&self.work.lane(side, segment), steps, |record| {
                let bucket = &mut waiting[self.number_of(record.key)];
                let before = bucket.len();
                record.write(bucket);
                held += bucket.len() - before;
                self.most_held = self.most_held.max(held);
                if held >= WAITING {
                    held = 0;
                    self.flush(side, &mut waiting, steps)?;
                }
                Ok(())
            })?;
        }
        self.flush(side, &mut waiting, steps)
    }

    fn made(&self, side: Side, number: usize) -> io::Result<std::path::PathBuf> {
        let path = self.work.bucket(side, number);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        files::make(&path)?;
        Ok(path)
    }

    fn flush(&self, side: Side, waiting: &mut [Vec<u8>], steps: &Steps) -> io::Result<()> {
        for (number, bytes) in waiting.iter_mut().enumerate() {
            if !bytes.is_empty() {
                steps.next()?;
                files::append(&self.work.bucket(side, number), bytes)?;
                *bytes = Vec::new();
            }
        }
        Ok(())
    }

    fn number_of(&self, key: &[u8]) -> usize {
        let digest: [u8; 32] = Sha256::digest(key).into();
        let first = u64::from_le_bytes(*digest.first_chunk().expect("a digest is longer"));
        usize::try_from(first % u64::try_from(self.count).unwrap_or(1)).unwrap_or_default()
    }

    /// Returns how many buckets there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Compares a bucket.
    ///
    /// # Errors
    /// Those of the file system; also where a bucket is not what was written.
    pub fn compare(&mut self, number: usize) -> io::Result<Compared> {
        let old = fs::read(self.work.bucket(Side::Old, number))?;
        let new = fs::read(self.work.bucket(Side::New, number))?;
        let mut held = old.len() + new.len();
        let mut of_old: HashMap<&[u8], [u8; DIGEST]> = HashMap::new();
        each(&old, |record| {
            of_old.insert(record.key, record.digest);
            held += BESIDE;
        })?;
        let mut compared = Compared::default();
        let mut differs = |key: &[u8], what| {
            held += key.len() + BESIDE;
            let key = key.to_vec();
            compared.differences.push(Difference { key, what });
        };
        each(&new, |record| match of_old.remove(record.key) {
            Some(digest) if digest == record.digest => compared.equal += 1,
            Some(_) => differs(record.key, What::Differs),
            None => differs(record.key, What::OnlyNew),
        })?;
        for key in of_old.into_keys() {
            differs(key, What::OnlyOld);
        }
        self.most_held = self.most_held.max(held);
        compared
            .differences
            .sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok(compared)
    }
}

fn each<'b>(mut bytes: &'b [u8], mut take: impl FnMut(Record<'b>)) -> io::Result<()> {
    while !bytes.is_empty() {
        let (record, rest) = Record::read(bytes).ok_or(ErrorKind::InvalidData)?;
        take(record);
        bytes = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::{Item, Value, key_bytes};
    use crate::restore::reconcile::files::Card;
    use crate::restore::reconcile::lane::Lane;

    fn key(number: u32) -> Item {
        Item::from([("id".to_owned(), Value::Text(format!("order-{number:08}")))])
    }

    fn digest(number: u32) -> [u8; DIGEST] {
        let mut digest = [0; DIGEST];
        digest[..4].copy_from_slice(&number.to_le_bytes());
        digest
    }

    /// Writes records into the segments of one side, in pages.
    fn write(work: &Work, side: Side, records: impl Iterator<Item = (u32, u32)>) {
        let mut segments = vec![Vec::new(); usize::try_from(work.segments).unwrap()];
        for (n, (number, says)) in records.enumerate() {
            let page = (key_bytes(&key(number)), digest(says));
            let place = n % segments.len();
            segments[place].push(page);
        }
        for (segment, records) in (0..work.segments).zip(segments) {
            let mut lane = Lane::open(&work.lane(side, segment), &Steps::all()).unwrap();
            for page in records.chunks(3_000) {
                let at = jiff::Timestamp::UNIX_EPOCH;
                lane.append(page, Some(&key(0)), 1.0, at).unwrap();
            }
            let at = jiff::Timestamp::UNIX_EPOCH;
            lane.append(&[], None, 0.0, at).unwrap();
        }
    }

    fn work(home: &tempfile::TempDir) -> Arc<Work> {
        let card = Card::new(["a".to_owned(), "b".to_owned()], 3);
        Arc::new(Work::open(&home.path().join("w"), &card, false).unwrap())
    }

    /// What came of all buckets, and the most that was held.
    fn compared(work: &Arc<Work>) -> (Compared, usize) {
        let mut buckets = Buckets::fill(Arc::clone(work), &Steps::all()).unwrap();
        let mut all = Compared::default();
        for number in 0..buckets.count() {
            let one = buckets.compare(number).unwrap();
            all.equal += one.equal;
            all.differences.extend(one.differences);
        }
        all.differences.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        (all, buckets.most_held)
    }

    #[test]
    fn every_key_is_found_whatever_the_order() {
        let home = tempfile::tempdir().unwrap();
        let work = work(&home);
        write(&work, Side::Old, (0..10).map(|n| (n, n)));
        let new = (1..12).rev();
        write(
            &work,
            Side::New,
            new.map(|n| (n, if n == 5 { 99 } else { n })),
        );
        let difference = |number, what| Difference {
            key: key_bytes(&key(number)),
            what,
        };
        let wanted = Compared {
            equal: 8,
            differences: vec![
                difference(0, What::OnlyOld),
                difference(5, What::Differs),
                difference(10, What::OnlyNew),
                difference(11, What::OnlyNew),
            ],
        };
        assert_eq!(compared(&work).0, wanted);
        assert_eq!(
            compared(&work).0,
            wanted,
            "a second time, over what the first has left"
        );
    }

    #[test]
    fn what_is_held_at_once_does_not_grow_with_the_table() {
        let held = |count| {
            let home = tempfile::tempdir().unwrap();
            let work = work(&home);
            write(&work, Side::Old, (0..count).map(|n| (n, n)));
            write(&work, Side::New, (0..count).rev().map(|n| (n, n)));
            let (all, held) = compared(&work);
            assert_eq!(all.equal, u64::from(count));
            held
        };
        let (some, many) = (held(100_000), held(400_000));
        assert!(
            many < some + some / 2,
            "{some} bytes of 100,000, {many} of 400,000"
        );
    }

    #[test]
    fn a_segment_that_was_not_read_to_its_end_is_not_compared() {
        let home = tempfile::tempdir().unwrap();
        let work = work(&home);
        write(&work, Side::Old, (0..4).map(|n| (n, n)));
        write(&work, Side::New, (0..4).map(|n| (n, n)));
        let path = work.lane(Side::New, 1);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(Buckets::fill(work, &Steps::all()).is_err());
    }

    #[test]
    fn it_can_be_left_after_every_page_and_begun_again() {
        let home = tempfile::tempdir().unwrap();
        let work = work(&home);
        write(&work, Side::Old, (0..10).map(|n| (n, n)));
        write(&work, Side::New, (0..10).map(|n| (n, n)));
        let mut steps = 0;
        while let Err(error) = Buckets::fill(Arc::clone(&work), &Steps::of(steps)) {
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{steps}");
            steps += 1;
            assert!(steps < 100, "it never ends");
        }
        // Three segments of two tables, in two pages each.
        assert!(steps >= 12, "{steps}");
        assert_eq!(compared(&work).0.equal, 10);
    }
}
