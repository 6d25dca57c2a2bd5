//! The order of all rows, before any filter: made in steps that each fit into a frame, and kept for each column.
//!
//! Rows that arrive later are merged in. An order that is being made is finished even where more has arrived
//! meanwhile, since else it would never be.

mod keys;
mod making;

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::catalog::store::{Row, Store};

use super::{Kind, SortKey};
use keys::{Ids, Names, With, place_ranks};
use making::Making;

/// What an order is wanted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct By {
    pub kind: Kind,
    pub sort: SortKey,
    /// The incident, where the order depends on it: what a window gives does.
    pub incident: Option<Timestamp>,
}

impl By {
    /// Returns the order in which rows stand that are alike in what this one is by: it need only be told
    /// apart what that one left together.
    fn base(self) -> Option<Self> {
        match (self.kind, self.sort) {
            (Kind::Resources, _) | (_, SortKey::Data | SortKey::Lost) => None,
            (_, SortKey::Name | SortKey::Size | SortKey::Place) => Some(Self {
                sort: SortKey::Data,
                ..self
            }),
        }
    }
}

/// What of the store an order was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    rows: usize,
    points: usize,
    changes: u64,
    version: u64,
}

impl Seen {
    fn now(store: &Store, version: u64) -> Self {
        Self {
            rows: store.rows(),
            points: store.count(),
            changes: store.changes(),
            version,
        }
    }

    fn is_current(self, kind: Kind, now: Self) -> bool {
        match kind {
            Kind::Resources => self.version == now.version,
            _points => {
                (self.rows, self.points, self.changes) == (now.rows, now.points, now.changes)
            }
        }
    }
}

/// An order that was made.
#[derive(Clone, Debug)]
struct Kept {
    by: By,
    seen: Seen,
    rows: Vec<u32>,
}

/// The order, those of other columns, and the one that is being made.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// Raised whenever the rows are others.
    pub made: u64,
    shown: Option<By>,
    /// One for each column at most.
    kept: Vec<Kept>,
    making: Option<Making>,
}

impl Order {
    /// Returns the rows in their order: that of before, while another is being made.
    pub(super) fn rows(&self) -> &[u32] {
        let shown = self.kept.iter().find(|one| Some(one.by) == self.shown);
        shown.map_or(&[], |one| &one.rows)
    }

    /// Works on the order that is wanted, for as long as `budget` rows take; tells whether it is there.
    pub(super) fn work(&mut self, by: By, store: &Store, version: u64, budget: &mut usize) -> bool {
        let now = Seen::now(store, version);
        let of_use = |making: &Making| making.by == by || Some(making.by) == by.base();
        if !self.making.as_ref().is_some_and(of_use) {
            if self.has(by, store, now) {
                self.show(by);
                return true;
            }
            self.begin(by, store, now);
        }
        while let Some(making) = &mut self.making {
            let base = making.by.base();
            let base = self.kept.iter().find(|one| Some(one.by) == base);
            let base = base.map_or(&[][..], |one| &one.rows);
            if !making.step(store, base, budget) {
                return false;
            }
            self.end(by, store);
        }
        // What has arrived meanwhile is next.
        let made = self.kept.iter().find(|one| one.by == by);
        made.is_some_and(|made| made.seen.is_current(by.kind, now))
    }

    /// Tells whether an order is there already, or is once a few rows are merged in.
    fn has(&mut self, by: By, store: &Store, now: Seen) -> bool {
        let Some(one) = self.kept.iter_mut().find(|one| one.by == by) else {
            return false;
        };
        if one.seen.is_current(by.kind, now) {
            return true;
        }
        let merged = one.merges(store, now);
        self.made += u64::from(merged);
        merged
    }

    fn show(&mut self, by: By) {
        if self.shown != Some(by) {
            self.shown = Some(by);
            self.made += 1;
        }
    }

    /// Begins to make an order, or the one that it is made from.
    fn begin(&mut self, by: By, store: &Store, now: Seen) {
        let first = by.base().filter(|base| !self.has(*base, store, now));
        self.making = Some(Making::new(first.unwrap_or(by), now, store));
    }

    /// Keeps the order that was made, and goes on with the one that it was made for.
    fn end(&mut self, by: By, store: &Store) {
        let Some(making) = self.making.take() else {
            return;
        };
        let one = making.made();
        if one.by == by {
            self.shown = Some(by);
            self.made += 1;
        } else {
            self.making = Some(Making::new(by, one.seen, store));
        }
        let sort = one.by.sort;
        self.kept.retain(|kept| kept.by.sort != sort);
        self.kept.push(one);
    }
}

impl Kept {
    /// Merges the rows that are new into the order, where there are few and nothing else has changed.
    fn merges(&mut self, store: &Store, now: Seen) -> bool {
        let (by, before) = (self.by, self.seen);
        let new = now.rows - before.rows;
        if by.kind == Kind::Resources || now.changes != before.changes || new * 4 > now.rows {
            return false;
        }
        let places = place_ranks(by, store);
        let (names, ids) = (Names::default(), Ids::default());
        let with = With {
            store,
            by,
            places: &places,
            names: &names,
            ids: &ids,
        };
        let mut fresh: Vec<u32> = (before.rows..now.rows)
            .filter(|row| with.is_listed(*row))
            .map(narrow)
            .collect();
        fresh.sort_unstable_by(|a, b| with.compare(*a, *b));
        if now.rows - now.points != before.rows - before.points {
            self.rows.retain(|row| !store.is_hidden(*row as usize));
        }
        let mut merged = Vec::with_capacity(self.rows.len() + fresh.len());
        let mut rest = &self.rows[..];
        for row in fresh {
            let before = rest.partition_point(|one| with.compare(*one, row) == Ordering::Less);
            merged.extend_from_slice(&rest[..before]);
            merged.push(row);
            rest = &rest[before..];
        }
        merged.extend_from_slice(rest);
        self.rows = merged;
        self.seen = now;
        true
    }
}

fn narrow(row: Row) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}
