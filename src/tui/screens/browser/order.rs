//! The order of all rows, before any filter: made in steps that each fit into a frame, and kept.
//!
//! Rows that arrive later are merged in. An order that is being made is finished even where more has arrived
//! meanwhile, since else it would never be.

use std::cmp::{Ordering, Reverse};

use jiff::Timestamp;

use crate::catalog::store::{Point, Row, Store};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::rows::{name_of, resource_name};
use super::{Kind, SortKey};

/// Rows that are sorted at once.
const RUN: usize = 1 << 14;

/// A row, with a number by which most are told apart.
type Keyed = (u64, u32);

/// What an order is wanted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct By {
    pub kind: Kind,
    pub sort: SortKey,
    /// The incident, where the order depends on it.
    pub incident: Option<Timestamp>,
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
}

/// The order, and the one that is being made.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// Rows in their order.
    pub rows: Vec<u32>,
    /// Raised whenever the rows are others.
    pub made: u64,
    by: Option<By>,
    seen: Seen,
    making: Option<Making>,
}

#[derive(Clone, Debug)]
struct Making {
    by: By,
    seen: Seen,
    /// Rows whose key is known.
    next: usize,
    /// Ranks of the places, by number, where the order depends on them.
    places: Vec<u64>,
    names: Names,
    keyed: Vec<Keyed>,
    /// Up to where runs are sorted.
    sorted: usize,
    /// The length of the runs that are sorted, once all are.
    run: usize,
    /// What is merged of this pass.
    merged: Vec<Keyed>,
}

/// What orders are made with.
#[derive(Clone, Copy)]
struct With<'a> {
    store: &'a Store,
    by: By,
    places: &'a [u64],
    names: &'a Names,
}

impl Order {
    /// Works on the order that is wanted, for as long as `budget` rows take; tells whether it is there.
    pub(super) fn work(&mut self, by: By, store: &Store, version: u64, budget: &mut usize) -> bool {
        if self.making.as_ref().is_some_and(|making| making.by != by) {
            self.making = None;
        }
        let seen = Seen::now(store, version);
        if self.making.is_none() {
            if self.by == Some(by) && self.seen.is_current(by.kind, seen) {
                return true;
            }
            if self.by == Some(by) && self.merges(by, store, seen) {
                return true;
            }
            self.making = Some(Making::new(by, seen, store));
        }
        let Some(making) = &mut self.making else {
            return true;
        };
        if !making.step(store, budget) {
            return false;
        }
        self.rows = making.keyed.iter().map(|(_, row)| *row).collect();
        (self.by, self.seen) = (Some(making.by), making.seen);
        self.making = None;
        self.made += 1;
        // What has arrived meanwhile is next.
        self.seen.is_current(by.kind, seen)
    }

    /// Merges the rows that are new into the order, where there are few and nothing else has changed.
    fn merges(&mut self, by: By, store: &Store, seen: Seen) -> bool {
        let new = seen.rows - self.seen.rows;
        if by.kind == Kind::Resources || seen.changes != self.seen.changes || new * 4 > seen.rows {
            return false;
        }
        let hidden = seen.rows - seen.points != self.seen.rows - self.seen.points;
        let places = place_ranks(by, store);
        let with = With {
            store,
            by,
            places: &places,
            names: &Names::default(),
        };
        let mut fresh: Vec<u32> = (self.seen.rows..seen.rows)
            .filter(|row| with.is_listed(*row))
            .map(narrow)
            .collect();
        fresh.sort_unstable_by(|a, b| with.compare(*a, *b));
        if hidden {
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
        self.seen = seen;
        self.made += 1;
        true
    }
}

impl Seen {
    fn is_current(self, kind: Kind, now: Self) -> bool {
        match kind {
            Kind::Resources => self.version == now.version,
            _points => {
                (self.rows, self.points, self.changes) == (now.rows, now.points, now.changes)
            }
        }
    }
}

impl Making {
    fn new(by: By, seen: Seen, store: &Store) -> Self {
        Self {
            by,
            seen,
            next: 0,
            places: place_ranks(by, store),
            names: Names::of(by, store),
            keyed: Vec::new(),
            sorted: 0,
            run: 0,
            merged: Vec::new(),
        }
    }

    /// Goes on for as long as `budget` rows take; tells whether it is done.
    fn step(&mut self, store: &Store, budget: &mut usize) -> bool {
        let with = With {
            store,
            by: self.by,
            places: &self.places,
            names: &self.names,
        };
        let end = match self.by.kind {
            Kind::Resources => store.resources().len(),
            _points => self.seen.rows,
        };
        while self.next < end {
            if *budget == 0 {
                return false;
            }
            let rows = (end - self.next).min(RUN).min(*budget);
            *budget -= rows;
            let rows = self.next..self.next + rows;
            self.next = rows.end;
            let listed = rows.filter(|row| with.is_listed(*row));
            self.keyed
                .extend(listed.map(|row| (with.key(row), narrow(row))));
        }
        let whole = self.keyed.len();
        while self.run == 0 {
            if self.sorted >= whole {
                self.run = RUN;
            } else if *budget == 0 {
                return false;
            } else {
                let run = self.sorted..whole.min(self.sorted + RUN);
                self.sorted = run.end;
                // It takes some times as long as looking at the rows.
                *budget = budget.saturating_sub(run.len() * 2);
                self.keyed[run].sort_unstable_by(|a, b| with.compare_keyed(*a, *b));
            }
        }
        while self.run < whole {
            if self.merged.len() >= whole {
                std::mem::swap(&mut self.keyed, &mut self.merged);
                self.merged.clear();
                self.run *= 2;
            } else if *budget == 0 {
                return false;
            } else {
                let from = self.merged.len();
                let pair = &self.keyed[from..whole.min(from + 2 * self.run)];
                *budget = budget.saturating_sub(pair.len());
                with.merge(pair.split_at(self.run.min(pair.len())), &mut self.merged);
            }
        }
        true
    }
}

fn narrow(row: Row) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// The names of resources in their order.
#[derive(Clone, Debug, Default)]
struct Names {
    sorted: Vec<String>,
    /// The rank of each resource's name, by row; the same for the same name.
    of: Vec<u64>,
}

impl Names {
    fn of(by: By, store: &Store) -> Self {
        if by.kind == Kind::Resources || by.sort != SortKey::Name {
            return Self::default();
        }
        let names: Vec<String> = store.resources().iter().map(name_of).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let mut all = Self {
            sorted,
            of: Vec::new(),
        };
        all.of = names.iter().map(|name| all.before(name)).collect();
        all
    }

    /// Counts the names before another.
    fn before(&self, name: &str) -> u64 {
        self.sorted.partition_point(|one| one.as_str() < name) as u64
    }
}

/// Ranks the places, by number.
fn place_ranks(by: By, store: &Store) -> Vec<u64> {
    if by.sort != SortKey::Place {
        return Vec::new();
    }
    let places = store.places();
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|n| &places[*n]);
    let mut ranks = vec![0; places.len()];
    for (rank, n) in (0..).zip(order) {
        ranks[n] = rank;
    }
    ranks
}

/// The first letters of a text, as a number that keeps their order.
fn beginning(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

impl<'a> With<'a> {
    fn resource(self, row: usize) -> &'a Resource {
        &self.store.resources()[row]
    }

    /// An instance has no points of its own: what can be restored are its volumes, and each tells where it is.
    fn is_listed(self, row: Row) -> bool {
        match self.by.kind {
            Kind::Resources => {
                self.store.stands(row)
                    && (self.resource(row).kind != ResourceKind::Instance
                        || self.store.has_points_at(row))
            }
            kind => kind.has(self.store, row),
        }
    }

    /// Returns a number by which most rows are told apart without looking at them again.
    fn key(self, row: Row) -> u64 {
        match self.by.kind {
            Kind::Resources => self.resource_key(row),
            _points => self.point_key(self.store.point(row)),
        }
    }

    fn resource_key(self, row: Row) -> u64 {
        let named = || {
            let (nameless, name, id) = named(self.resource(row));
            u64::from(nameless) << 62 | beginning(name.unwrap_or(id)) >> 2
        };
        match self.by.sort {
            // What can be restored comes first.
            SortKey::Name | SortKey::Data | SortKey::Size => {
                u64::from(!self.store.has_points_at(row)) << 63 | named() >> 1
            }
            SortKey::Place => 0,
            // The least of what is left comes first; where there is nothing to go back to, nothing is to choose.
            SortKey::Lost => {
                let best = self.store.best_at(row, self.by.incident);
                best.map_or(u64::MAX, |best| {
                    let at = best.point.data_used(self.by.incident).as_second();
                    at.wrapping_sub(i64::MIN).cast_unsigned()
                })
            }
        }
    }

    /// A place that has come since the order was begun is last; the order is made again then.
    fn place_rank(self, point: Point<'_>) -> u64 {
        let rank = self.places.get(point.place_number());
        rank.copied().unwrap_or(u64::MAX)
    }

    fn point_key(self, point: Point<'_>) -> u64 {
        match self.by.sort {
            SortKey::Data | SortKey::Lost => !point.sort_key(),
            SortKey::Size => point.size_bytes().map_or(u64::MAX, |size| !size),
            SortKey::Place => self.place_rank(point),
            // The ranks leave room before each name for what is a copy.
            SortKey::Name => match point.resource_row() {
                Some(row) => self.names.of.get(row).map_or(u64::MAX, |rank| rank * 2 + 1),
                None => self.names.before(&resource_name(self.store, point)) * 2,
            },
        }
    }

    /// Merges two sorted runs behind what is merged already.
    fn merge(self, (mut one, mut other): (&[Keyed], &[Keyed]), merged: &mut Vec<Keyed>) {
        while let (Some(a), Some(b)) = (one.first(), other.first()) {
            let side = if self.compare_keyed(*a, *b) == Ordering::Greater {
                &mut other
            } else {
                &mut one
            };
            merged.push(side[0]);
            *side = &side[1..];
        }
        merged.extend_from_slice(one);
        merged.extend_from_slice(other);
    }

    fn compare_keyed(self, a: Keyed, b: Keyed) -> Ordering {
        a.0.cmp(&b.0).then_with(|| self.compare(a.1, b.1))
    }

    fn compare(self, a: u32, b: u32) -> Ordering {
        let (a, b) = (a as usize, b as usize);
        match self.by.kind {
            Kind::Resources => self.compare_resources(a, b),
            _points => self.compare_points(a, b),
        }
    }

    fn compare_resources(self, a: Row, b: Row) -> Ordering {
        let by_name = || {
            let names = named(self.resource(a)).cmp(&named(self.resource(b)));
            names.then(a.cmp(&b))
        };
        match self.by.sort {
            SortKey::Name | SortKey::Data | SortKey::Size => {
                let restorable = |row: Row| !self.store.has_points_at(row);
                restorable(a).cmp(&restorable(b)).then_with(by_name)
            }
            SortKey::Place => {
                let places = self.resource(a).place.cmp(&self.resource(b).place);
                places.then_with(by_name)
            }
            SortKey::Lost => {
                let lost = |row: Row| {
                    let best = self.store.best_at(row, self.by.incident);
                    best.map_or((true, None), |best| {
                        (false, Some(best.point.data_used(self.by.incident)))
                    })
                };
                lost(a).cmp(&lost(b)).then_with(by_name)
            }
        }
    }

    fn compare_points(self, a: Row, b: Row) -> Ordering {
        let (one, other) = (self.store.point(a), self.store.point(b));
        let first = match self.by.sort {
            SortKey::Data | SortKey::Lost => Ordering::Equal,
            SortKey::Size => Reverse(one.size_bytes()).cmp(&Reverse(other.size_bytes())),
            SortKey::Place => self.place_rank(one).cmp(&self.place_rank(other)),
            SortKey::Name => match (one.resource_row(), other.resource_row()) {
                (Some(a), Some(b)) if a == b => Ordering::Equal,
                (None, None) => one.copy_of().cmp(&other.copy_of()),
                (_, _) => resource_name(self.store, one).cmp(&resource_name(self.store, other)),
            },
        };
        first
            .then_with(|| other.sort_key().cmp(&one.sort_key()))
            .then_with(|| other.sort_time().cmp(&one.sort_time()))
            .then_with(|| one.id().cmp(other.id()))
            .then(a.cmp(&b))
    }
}

type Name<'a> = (bool, Option<&'a str>, &'a str);

fn named(resource: &Resource) -> Name<'_> {
    let name = resource.name.as_ref().map(Untrusted::raw);
    let name = name.or_else(|| is_named_by_its_id(resource.kind).then_some(&*resource.id));
    (name.is_none(), name, &resource.id)
}

/// Tells whether people choose the id themselves, so that it is as good as a name.
fn is_named_by_its_id(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::DbInstance
        | ResourceKind::DbCluster
        | ResourceKind::Table
        | ResourceKind::Bucket => true,
        ResourceKind::Volume
        | ResourceKind::Snapshot
        | ResourceKind::Instance
        | ResourceKind::Image
        | ResourceKind::FileSystem
        | ResourceKind::Other => false,
    }
}
