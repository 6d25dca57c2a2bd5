//! Reads the rows of a file, and what a plan is made of while AWS cannot be asked.
//! A file is read whole and found whole before any row of it is told.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::ec2::{Instance, Volume};
use crate::domain::estate::{Estate, Kept};
use crate::domain::place::Place;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};

use super::codec::{Damaged, Reader};
use super::frame::{self, CATALOG, ESTATE, Heading, KEPT, Section};
use super::rows::{self, Row};
use super::{Cache, CacheError, Found};
use crate::catalog::source::Batch;

/// Volumes and instances with their settings.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Described {
    pub volumes: Vec<Volume>,
    pub instances: Vec<Instance>,
}

/// A file that was read and found whole.
#[derive(Debug)]
pub struct Opened {
    path: PathBuf,
    pub(super) heading: Heading,
    rest: Vec<u8>,
}

impl Opened {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CacheError`]
    pub(super) fn read(path: &Path) -> Result<Self, CacheError> {
        let (heading, rest) = frame::open(path, CATALOG)?.rest(path)?;
        let path = path.to_path_buf();
        Ok(Self {
            path,
            heading,
            rest,
        })
    }

    fn damaged(&self) -> CacheError {
        let path = self.path.clone();
        CacheError::Damaged { path }
    }

    /// Returns the sections with their bytes, the youngest first.
    pub(super) fn sections(&self) -> Result<Vec<(&Section, &[u8])>, CacheError> {
        let (mut from, mut all) = (self.rest.as_slice(), Vec::new());
        for section in &self.heading.sections {
            let split = from.split_at_checked(section.length);
            let (own, rest) = split.ok_or_else(|| self.damaged())?;
            all.push((section, own));
            from = rest;
        }
        all.sort_by_key(|(section, _)| std::cmp::Reverse(section.at));
        Ok(all)
    }

    /// Returns the rows in pages of so many, those that were listed last first.
    pub fn batches(&self, size: usize) -> impl Iterator<Item = Result<Batch, CacheError>> + '_ {
        let (sections, failed) = match self.sections() {
            Ok(sections) => (sections, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        let place = &self.heading.card.place;
        let pages = sections
            .into_iter()
            .flat_map(move |(_, bytes)| Pages::new(bytes, place, size));
        let pages = pages.map(|page| page.map_err(|Damaged| self.damaged()));
        failed.into_iter().chain(pages)
    }
}

/// Cuts a section into pages.
struct Pages<'a> {
    from: Reader<'a>,
    place: &'a Place,
    size: usize,
    broken: bool,
}

impl<'a> Pages<'a> {
    fn new(bytes: &'a [u8], place: &'a Place, size: usize) -> Self {
        Self {
            from: Reader::new(bytes),
            place,
            size,
            broken: false,
        }
    }

    fn page(&mut self) -> Result<Batch, Damaged> {
        let mut batch = Batch::default();
        for row in rows_of(&mut self.from, self.place).take(self.size) {
            match row? {
                Row::Point(point) => batch.points.push(point),
                Row::Resource(resource) => batch.resources.push(resource),
            }
        }
        Ok(batch)
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Batch, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken || self.from.is_over() {
            return None;
        }
        let page = self.page();
        self.broken = page.is_err();
        Some(page)
    }
}

/// Reads rows to the end of a section, or to the first that is damaged.
pub(super) fn rows_of<'r, 'a>(
    from: &'r mut Reader<'a>,
    place: &'r Place,
) -> impl Iterator<Item = Result<Row, Damaged>> + use<'r, 'a> {
    std::iter::from_fn(move || (!from.is_over()).then(|| rows::read(from, place)))
}

impl Cache {
    /// Returns everything that is known of a place, to make a plan of.
    ///
    /// # Errors
    /// [`CacheError`] where its rows cannot be read; that nothing more is known is no error.
    pub fn estate(found: &Found) -> Result<Estate, CacheError> {
        let mut points: Vec<RecoveryPoint> = Vec::new();
        for batch in found.open()?.batches(usize::MAX) {
            points.extend(batch?.points);
        }
        let card = &found.card;
        let described: Described = json(&found.path, ESTATE).unwrap_or_default();
        Ok(Estate {
            place: card.place.clone(),
            role: card.role.clone(),
            // What there is of EC2 is listed with its snapshots.
            at: found
                .known_at
                .get(&PointKind::EbsSnapshot)
                .copied()
                .unwrap_or(found.at()),
            points,
            volumes: described.volumes,
            instances: described.instances,
            kept: Self::kept(&found.path).unwrap_or_default(),
        })
    }

    /// Returns what stands beside the file of a place.
    pub(super) fn kept(beside: &Path) -> Result<Vec<Kept>, CacheError> {
        json(beside, KEPT)
    }
}

fn json<T: for<'de> Deserialize<'de>>(beside: &Path, ending: &str) -> Result<T, CacheError> {
    let path = beside.with_extension(ending.trim_start_matches('.'));
    let (_, rest) = frame::open(&path, ending)?.rest(&path)?;
    serde_json::from_slice(&rest).map_err(|_| CacheError::Damaged { path })
}
