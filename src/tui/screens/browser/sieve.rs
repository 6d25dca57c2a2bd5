//! Which rows the filter lets through, and how well each fits: in steps that each fit into a frame.
//!
//! A text that many rows share is looked at once. A longer filter looks only at the rows that the shorter one
//! let through.

mod looking;

use crate::catalog::filter::{Condition, Field, Query};
use crate::catalog::store::{Point, Row, Store};
use crate::domain::place::Place;
use crate::domain::readiness::stored;
use crate::domain::recovery_point::{IN_RECYCLE_BIN, Origin, PointKind, Tier};
use crate::domain::resource::Resource;

use super::Kind;
use looking::{Shared, Tagged};

/// The rank of what does not fit, and of what fits without any word.
const NONE: u16 = 0;
const FITS: u16 = 1;
/// A rank that is not known yet.
const UNKNOWN: u16 = u16::MAX;

/// From so many rows on a thread beside this one is worth its while.
const MANY: usize = 1 << 14;
/// So many filters are kept that were typed before and let more through.
const WIDER: usize = 4;

/// The ranks of rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Sieve {
    /// The filter.
    query: Query,
    /// How well each row fits, from 1.
    ranks: Vec<u16>,
    /// Up to which row they are those of this filter; behind that, of one that it narrows.
    next: Row,
    /// Whether every row was looked at.
    pub done: bool,
    /// What the ranks were made of.
    changes: u64,
    /// Raised whenever they are complete.
    pub made: u64,
    /// What is known of texts that rows share, by thread.
    shared: [Shared; 2],
    /// Filters that let more through, each more than the next: whoever takes a letter back has their ranks.
    wider: Vec<Wider>,
}

/// The ranks of a filter that was typed before.
#[derive(Clone, Debug)]
struct Wider {
    query: Query,
    ranks: Vec<u16>,
    changes: u64,
}

impl Sieve {
    /// Takes another filter.
    pub(super) fn take(&mut self, query: Query) {
        let before = std::mem::replace(&mut self.query, query);
        self.shared = <[Shared; 2]>::default();
        self.next = 0;
        if before.is_empty() || !self.query.narrows(&before) {
            self.ranks = Vec::new();
        } else if self.done {
            self.wider.push(Wider {
                query: before,
                ranks: self.ranks.clone(),
                changes: self.changes,
            });
        }
        self.wider.retain(|wider| self.query.narrows(&wider.query));
        if self.wider.len() > WIDER {
            self.wider.remove(0);
        }
        self.done = self.query.is_empty();
        self.made += u64::from(self.done);
        if self.ranks.is_empty() {
            self.take_back();
        }
    }

    /// Takes what is known from a filter that was typed before, and let through the same or more.
    fn take_back(&mut self) {
        let Some(wider) = self.wider.last() else {
            return;
        };
        self.changes = wider.changes;
        self.ranks.clone_from(&wider.ranks);
        if wider.query.narrows(&self.query) {
            // Each narrows the other: it is the same.
            (self.next, self.done) = (self.ranks.len(), true);
            self.made += 1;
            self.wider.pop();
        }
    }

    /// Returns the filter.
    pub(super) fn query(&self) -> &Query {
        &self.query
    }

    /// Works on the ranks for as long as `budget` rows take; tells whether all are there.
    pub(super) fn work(
        &mut self,
        kind: Kind,
        store: &Store,
        changes: u64,
        budget: &mut usize,
    ) -> bool {
        let end = match kind {
            Kind::Resources => store.resources().len(),
            _points => store.rows(),
        };
        if self.query.is_empty() {
            self.done = true;
            return true;
        }
        // What has been begun is finished first: a listing that is under way would never let it.
        if (self.done || self.next == 0) && self.changes != changes {
            // A row that is another now may fit after all.
            self.ranks.clear();
            self.wider.clear();
            self.shared = <[Shared; 2]>::default();
            self.next = 0;
            self.changes = changes;
        } else if self.done && self.next == end {
            return true;
        }
        self.done = false;
        self.look(kind, store, end, budget);
        self.done = self.next >= end;
        if self.done {
            self.made += 1;
            // A few rows that come later are soon looked at without it.
            self.shared = <[Shared; 2]>::default();
        }
        // What has changed meanwhile is next.
        self.done && self.changes == changes
    }

    /// Looks at rows, on two threads where they are many.
    fn look(&mut self, kind: Kind, store: &Store, end: Row, budget: &mut usize) {
        let rows = self.next..self.reached(end, budget);
        self.next = rows.end;
        if self.ranks.len() < rows.end {
            self.ranks.resize(rows.end, FITS);
        }
        let (from, ranks) = (rows.start, &mut self.ranks[rows]);
        let [one, other] = &mut self.shared;
        let query = &self.query;
        if ranks.len() < MANY {
            one.look(query, kind, store, (from, ranks));
            return;
        }
        let half = ranks.len() / 2;
        let (here, beside) = ranks.split_at_mut(half);
        std::thread::scope(|scope| {
            scope.spawn(|| other.look(query, kind, store, (from + half, beside)));
            one.look(query, kind, store, (from, here));
        });
    }

    /// Returns up to which row the budget is enough: one that a wider filter has kept back costs nothing.
    fn reached(&self, end: Row, budget: &mut usize) -> Row {
        let mut row = self.next;
        while row < end && *budget > 0 {
            *budget -= usize::from(self.ranks.get(row) != Some(&NONE));
            row += 1;
        }
        row
    }

    /// Puts rows that are let through into `shown`, the best first where that is wanted, and else in their
    /// order.
    pub(super) fn sifted(&self, rows: impl Iterator<Item = u32>, ranked: bool) -> Vec<u32> {
        let rank = |row: u32| self.ranks.get(row as usize).copied().unwrap_or(NONE);
        let ranks = rows.map(|row| (rank(row), row));
        let through = ranks.filter(|(rank, _)| *rank != NONE);
        if !ranked || self.query.pattern.is_empty() {
            return through.map(|(_, row)| row).collect();
        }
        let through: Vec<(u16, u32)> = through.collect();
        let best = through.iter().map(|(rank, _)| *rank).max().unwrap_or(NONE);
        let mut places = vec![0usize; usize::from(best) + 1];
        for (rank, _) in &through {
            places[usize::from(best - rank)] += 1;
        }
        let mut begin = 0;
        for place in &mut places {
            begin += std::mem::replace(place, begin);
        }
        let mut sifted = vec![0; begin];
        for (rank, row) in through {
            let place = &mut places[usize::from(best - rank)];
            sifted[*place] = row;
            *place += 1;
        }
        sifted
    }
}

/// A condition, and what is known of sets of tags.
struct Check<'a> {
    condition: &'a Condition,
    tags: Tagged,
}

impl Check<'_> {
    /// Tells whether it is asked of a resource itself, and not of its points.
    fn is_of_resource(&self) -> bool {
        match self.condition {
            Condition::Has(field, _) => {
                matches!(field, Field::Kind | Field::Region | Field::Account)
            }
            Condition::Tag(..) | Condition::Before(_) => false,
        }
    }

    fn fits_resource(&self, resource: &Resource) -> bool {
        match self.condition {
            Condition::Has(Field::Kind, value) => Condition::fits(value, resource.kind.as_str()),
            Condition::Has(field, value) => fits_place(*field, value, &resource.place),
            Condition::Tag(..) | Condition::Before(_) => false,
        }
    }

    fn fits(&mut self, point: Point<'_>, store: &Store) -> bool {
        match self.condition {
            Condition::Has(Field::Kind, value) => {
                let in_vault = || point.backup_arn().is_some();
                Condition::fits(value, point.kind().as_str())
                    || (Condition::fits(value, PointKind::BackupPoint.as_str()) && in_vault())
            }
            Condition::Has(Field::Origin, value) => {
                Condition::fits(value, origin_word(point.origin()))
            }
            Condition::Has(Field::State, value) => {
                let archived =
                    point.tier() == Tier::Archive && Condition::fits(value, stored(point.kind()));
                archived || Condition::fits(value, point.state())
            }
            Condition::Has(Field::Protection, value) => {
                // One word for it, as for the state, beside what is said of it.
                let binned = point.state() == IN_RECYCLE_BIN;
                let kept = point.protection();
                (binned && Condition::fits(value, IN_RECYCLE_BIN))
                    || kept.is_some_and(|kept| Condition::fits(value, &kept))
            }
            Condition::Has(field, value) => fits_place(*field, value, point.place()),
            Condition::Before(at) => point.may_hold_data_before(*at),
            Condition::Tag(key, value) => {
                let row = point.resource_row();
                self.tags.fit(store, point.tag_set(), key, value.as_deref())
                    || row.is_some_and(|row| self.fits_tags_of(row, store))
            }
        }
    }

    /// Tells whether a resource has the tag that is looked for.
    fn fits_tags_of(&mut self, row: Row, store: &Store) -> bool {
        let Condition::Tag(key, value) = self.condition else {
            return false;
        };
        let set = store.resource_tag_set(row);
        self.tags.fit(store, set, key, value.as_deref())
    }
}

fn fits_place(field: Field, value: &str, place: &Place) -> bool {
    if field == Field::Region {
        return Condition::fits(value, place.region.as_str());
    }
    let profile = place.profile.as_deref();
    Condition::fits(value, place.account.as_str())
        || profile.is_some_and(|profile| Condition::fits(value, profile))
}

/// Returns the word for who made a point, as JSON has it.
pub(super) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::AwsBackup => "aws-backup",
        Origin::Dlm => "dlm",
        Origin::Automated => "automated",
        Origin::Image => "image",
        Origin::Defib => "defib-safety-snapshot",
        Origin::ByHand => "by-hand",
    }
}
