//! Finds what is known of the places that somebody asks for, before anybody is asked: by profile and Region.
//! To which account a profile leads is only known from the last time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;

use crate::domain::ids::Region;
use crate::domain::recovery_point::PointKind;

use super::frame::{self, CATALOG, Heading};
use super::rows::point_kind;
use super::{Cache, CacheError, Card, Opened, SHOWN_FOR, files};

/// A profile and a Region that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Profile; `None` for the environment's.
    pub profile: Option<String>,
    /// Region; `None` for the profile's own.
    pub region: Option<String>,
    /// Every Region that is known, whatever `region` says.
    pub all_regions: bool,
}

impl Asked {
    fn fits(&self, card: &Card) -> bool {
        if self.profile != card.place.profile {
            return false;
        }
        match &self.region {
            _ if self.all_regions => true,
            Some(region) => region == card.place.region.as_str(),
            None => card.own_at.is_some(),
        }
    }
}

/// What is known of a place, not yet read.
#[derive(Clone, Debug)]
pub struct Found {
    /// For which of those that were asked for, by number.
    pub nth: usize,
    /// Which place, as whom.
    pub card: Card,
    /// When each kind was listed; where rows of several listings stand side by side, the oldest.
    pub known_at: BTreeMap<PointKind, Timestamp>,
    /// The kinds whose last listing was not complete: there may have been more of them.
    pub partial: BTreeSet<PointKind>,
    /// How many rows there are.
    pub rows: usize,
    pub(super) path: PathBuf,
    /// Whether it was written with the same endpoints in the environment.
    exact: bool,
    /// When it was written, by its youngest rows.
    pub(super) youngest: Timestamp,
}

impl Found {
    fn new(nth: usize, path: PathBuf, heading: Heading) -> Option<Self> {
        let (mut known_at, mut partial) = (BTreeMap::new(), BTreeSet::new());
        for section in &heading.sections {
            let Ok(kind) = point_kind(&section.kind) else {
                continue;
            };
            let at: &mut Timestamp = known_at.entry(kind).or_insert(section.at);
            *at = section.at.min(*at);
            if !section.whole {
                partial.insert(kind);
            }
        }
        let youngest = heading.sections.iter().map(|one| one.at).max()?;
        Some(Self {
            nth,
            card: heading.card,
            known_at,
            partial,
            rows: heading.sections.iter().map(|one| one.rows).sum(),
            path,
            exact: true,
            youngest,
        })
    }

    /// Returns since when the oldest of its rows are known.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.known_at
            .values()
            .min()
            .copied()
            .unwrap_or(self.youngest)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`CacheError`]
    pub fn open(&self) -> Result<Opened, CacheError> {
        Opened::read(&self.path)
    }
}

impl Cache {
    /// Finds what is known of the places that are asked for, and what had to be left out.
    #[must_use]
    pub fn find(&self, asked: &[Asked], now: Timestamp) -> (Vec<Found>, Vec<CacheError>) {
        let (headings, left_out) = self.headings();
        let mut found: Vec<Found> = Vec::new();
        for (path, heading) in headings {
            // Never AWS's own estate in place of a test's, nor the other way round.
            if heading.variables.is_empty() != self.variables.is_empty() {
                continue;
            }
            let exact = heading.variables == self.variables;
            let mut numbers = asked.iter();
            let Some(nth) = numbers.position(|one| one.fits(&heading.card)) else {
                continue;
            };
            let one = Found::new(nth, path, heading).map(|one| Found { exact, ..one });
            found.extend(one.filter(|one| now.duration_since(one.youngest) <= SHOWN_FOR));
        }
        (the_youngest(found, asked), left_out)
    }

    /// Finds everything that is known, whoever asks.
    #[must_use]
    pub fn find_all(&self) -> (Vec<Found>, Vec<CacheError>) {
        let (headings, left_out) = self.headings();
        let headings = headings.into_iter();
        let found = headings.filter_map(|(path, heading)| Found::new(0, path, heading));
        (found.collect(), left_out)
    }

    fn headings(&self) -> (Vec<(PathBuf, Heading)>, Vec<CacheError>) {
        let (mut headings, mut left_out) = (Vec::new(), Vec::new());
        match files::check_directory(&self.directory) {
            Ok(()) => {}
            Err(error) => {
                left_out.extend((!error.is_absent()).then_some(error));
                return (headings, left_out);
            }
        }
        for path in files::named(&self.directory, CATALOG) {
            match frame::open(&path, CATALOG) {
                Ok(framed) => headings.push((path, framed.heading)),
                Err(error) => left_out.push(error),
            }
        }
        (headings, left_out)
    }
}

/// Where a profile has led to several accounts or been several roles, the last one counts; and of the Regions
/// that were once its own, too.
fn the_youngest(mut found: Vec<Found>, asked: &[Asked]) -> Vec<Found> {
    let own = |one: &Found| asked[one.nth].region.is_none() && !asked[one.nth].all_regions;
    found.sort_by_key(|one| {
        let at = if own(one) { one.card.own_at } else { None };
        let youngest_first = std::cmp::Reverse((at, one.youngest));
        (one.nth, !one.exact, youngest_first)
    });
    let mut seen: Vec<(usize, Option<Region>)> = Vec::new();
    found.retain(|one| {
        let region = (!own(one)).then(|| one.card.place.region.clone());
        let is_new = !seen.contains(&(one.nth, region.clone()));
        seen.push((one.nth, region));
        is_new
    });
    found
}
