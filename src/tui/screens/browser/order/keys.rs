//! What rows are sorted by: as numbers that tell most of them apart, and the exact way.
//! It compares; what makes an order of that stands beside it.

use std::cmp::{Ordering, Reverse};

use crate::catalog::store::{Point, Row, Store};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::super::rows::{COPY_OF, name_of, resource_name};
use super::super::{Kind, SortKey};
use super::By;

/// What orders are made with.
#[derive(Clone, Copy)]
pub(super) struct With<'a> {
    pub store: &'a Store,
    pub by: By,
    pub places: &'a [u64],
    pub names: &'a Names,
    pub ids: &'a Ids,
}

/// The names of resources in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    read: Vec<String>,
    /// Each once.
    sorted: Vec<String>,
    /// Those among them before which something stands that is a copy.
    copies: std::ops::Range<usize>,
    /// The rank of each resource's name, by row; the same for the same name.
    of: Vec<u64>,
}

impl Names {
    /// Works on the names for as long as `budget` rows take; tells whether they are there.
    pub(super) fn work(&mut self, by: By, store: &Store, budget: &mut usize) -> bool {
        if by.kind == Kind::Resources || by.sort != SortKey::Name {
            return true;
        }
        let resources = store.resources();
        while self.read.len() < resources.len() {
            if *budget == 0 {
                return false;
            }
            *budget -= 1;
            self.read.push(name_of(&resources[self.read.len()]));
        }
        self.rank();
        true
    }

    fn rank(&mut self) {
        let names = std::mem::take(&mut self.read);
        let mut order: Vec<(u64, usize)> = (0..names.len())
            .map(|row| (beginning(&names[row], 0), row))
            .collect();
        order.sort_unstable_by(|a, b| (a.0.cmp(&b.0)).then_with(|| names[a.1].cmp(&names[b.1])));
        self.of = vec![0; names.len()];
        for (_, row) in order {
            if self.sorted.last() != Some(&names[row]) {
                self.sorted.push(names[row].clone());
            }
            self.of[row] = self.sorted.len() as u64 - 1;
        }
        let from = self.sorted.partition_point(|name| name.as_str() < COPY_OF);
        let begin = |name: &String| name.as_str() < COPY_OF || name.starts_with(COPY_OF);
        self.copies = from..self.sorted.partition_point(begin);
    }

    /// Counts the names before that of a copy.
    fn before_copy(&self, id: &str) -> u64 {
        let among = &self.sorted[self.copies.clone()];
        let before = among.partition_point(|one| one[COPY_OF.len()..] < *id);
        (self.copies.start + before) as u64
    }
}

/// Ranks the places, by number.
pub(super) fn place_ranks(by: By, store: &Store) -> Vec<u64> {
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

/// Eight letters of a text, as a number that keeps their order.
fn beginning(text: &str, from: usize) -> u64 {
    let text = text.as_bytes().get(from..).unwrap_or_default();
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(bytes)
}

/// Makes numbers of ids that keep their order: of what follows the beginning that most of them share.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    shared: String,
}

/// So many ids tell what most share.
const SAMPLED: usize = 64;

impl Ids {
    pub(super) fn of(by: By, store: &Store) -> Self {
        let apart = store.rows() / SAMPLED + 1;
        let points = (0..store.rows()).step_by(apart).map(|row| store.point(row));
        let mut ids: Vec<&str> = match (by.kind, by.sort) {
            (Kind::Resources, _) | (_, SortKey::Size | SortKey::Place) => Vec::new(),
            (_, SortKey::Name) => points.filter_map(Point::copy_of).collect(),
            (_, SortKey::Data | SortKey::Lost) => points.map(Point::id).collect(),
        };
        ids.sort_unstable();
        let quarter = ids.len() / 4;
        let Some((one, other)) = ids.get(quarter).zip(ids.iter().rev().nth(quarter)) else {
            return Self::default();
        };
        let pairs = one.chars().zip(other.chars());
        let shared = pairs.take_while(|(one, other)| one == other);
        Self {
            shared: shared.map(|(one, _)| one).collect(),
        }
    }

    /// Ids may share a number where they are not of small letters and digits, or are alike for long.
    fn number(&self, id: &str) -> u64 {
        const LETTERS: u64 = 48;
        let Some(rest) = id.strip_prefix(self.shared.as_str()) else {
            return if *id < *self.shared { 0 } else { u64::MAX };
        };
        let letter = |byte: &u8| match byte {
            0..b'-' => 0,
            b'-'..=b'@' => u64::from(byte - b'-'),
            b'A'..=b'`' => 20,
            b'a'..=b'z' => 21 + u64::from(byte - b'a'),
            b'{'.. => LETTERS - 1,
        };
        let letters = rest.as_bytes().iter().map(letter);
        let filled = letters.chain(std::iter::repeat(0)).take(11);
        1 + filled.fold(0, |sum, letter| sum * LETTERS + letter)
    }
}

impl<'a> With<'a> {
    fn resource(self, row: usize) -> &'a Resource {
        &self.store.resources()[row]
    }

    /// An instance has no points of its own: what can be restored are its volumes, and each tells where it is.
    pub(super) fn is_listed(self, row: Row) -> bool {
        match self.by.kind {
            Kind::Resources => {
                self.store.stands(row)
                    && (self.resource(row).kind != ResourceKind::Instance
                        || self.store.has_points_at(row))
            }
            kind => kind.has(self.store, row),
        }
    }

    /// Returns how many rows could be looked at while one is that has this order.
    pub(super) fn cost(self) -> usize {
        match (self.by.kind, self.by.sort) {
            (Kind::Resources, SortKey::Lost) => 32,
            (Kind::Resources, _) => 4,
            (_points, _) => 1,
        }
    }

    /// Returns a number by which most rows are told apart without looking at them again.
    pub(super) fn key(self, row: Row) -> u64 {
        match self.by.kind {
            Kind::Resources => self.resource_key(row),
            _points => self.point_key(self.store.point(row)),
        }
    }

    /// Tells whether rows with the same number are in their order once they are in that of the order before.
    pub(super) fn is_told_by(self, key: u64) -> bool {
        match (self.by.kind, self.by.sort) {
            (Kind::Resources, _) | (_, SortKey::Data | SortKey::Lost) => false,
            (_, SortKey::Size | SortKey::Place) => true,
            (_, SortKey::Name) => key % 2 == 1,
        }
    }

    /// Tells whether rows with the same first number are told apart by a second one, before they are compared.
    pub(super) fn is_whole(self, key: u64) -> bool {
        let by_data = matches!(self.by.sort, SortKey::Data | SortKey::Lost);
        if by_data && self.by.kind != Kind::Resources {
            return Point::is_moment(!key);
        }
        self.has_second()
    }

    /// Tells whether there are numbers for rows that the first left together.
    pub(super) fn has_second(self) -> bool {
        match (self.by.kind, self.by.sort) {
            (Kind::Resources, sort) => sort != SortKey::Lost,
            (_, SortKey::Size | SortKey::Place) => false,
            (_, SortKey::Data | SortKey::Lost | SortKey::Name) => true,
        }
    }

    /// Returns a number that tells rows apart which have the same first one.
    pub(super) fn second(self, row: Row) -> u64 {
        if self.by.kind == Kind::Resources {
            let (_, name, id) = named(self.resource(row));
            return beginning(name.unwrap_or(id), self.letters());
        }
        let point = self.store.point(row);
        match self.by.sort {
            SortKey::Name if point.resource_row().is_some() => 0,
            SortKey::Name => point.copy_of().map_or(0, |id| self.ids.number(id)),
            SortKey::Data | SortKey::Lost | SortKey::Size | SortKey::Place => {
                self.ids.number(point.id())
            }
        }
    }

    /// Counts the letters of a resource's name that its number has whole.
    fn letters(self) -> usize {
        if self.by.sort == SortKey::Place { 5 } else { 7 }
    }

    fn resource_key(self, row: Row) -> u64 {
        let named = || {
            let (nameless, name, id) = named(self.resource(row));
            u64::from(nameless) << 62 | beginning(name.unwrap_or(id), 0) >> 2
        };
        match self.by.sort {
            // What can be restored comes first.
            SortKey::Name | SortKey::Data | SortKey::Size => {
                u64::from(!self.store.has_points_at(row)) << 63 | named() >> 1
            }
            SortKey::Place => {
                let number = self.store.number_of(&self.resource(row).place);
                let rank = number.and_then(|number| self.places.get(number));
                let rank = rank.map_or(u64::from(u16::MAX), |rank| *rank);
                rank.min(u64::from(u16::MAX)) << 48 | named() >> 15
            }
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
            SortKey::Data | SortKey::Lost => !self.moment(point),
            SortKey::Size => !point.size_bytes().map_or(0, |size| size.saturating_add(1)),
            SortKey::Place => self.place_rank(point),
            // The ranks leave room before each name for what is a copy.
            SortKey::Name => match point.resource_row() {
                Some(row) => self.names.of.get(row).map_or(u64::MAX, |rank| rank * 2 + 1),
                None => point
                    .copy_of()
                    .map_or(0, |id| self.names.before_copy(id) * 2),
            },
        }
    }

    /// Returns the instant of the data that a restore would bring back, as a number that keeps its order. Of a window
    /// that is another one for each incident.
    fn moment(self, point: Point<'_>) -> u64 {
        match self.by.incident.filter(|_| point.kind().may_be_window()) {
            Some(_) => point.used_moment(self.by.incident),
            None => point.sort_moment(),
        }
    }

    pub(super) fn compare(self, a: u32, b: u32) -> Ordering {
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
            .then_with(|| self.compare_data(one, other))
            .then_with(|| one.id().cmp(other.id()))
            .then(a.cmp(&b))
    }

    /// Puts the youngest first of what restores would bring back.
    fn compare_data(self, one: Point<'_>, other: Point<'_>) -> Ordering {
        if self.by.incident.is_some() {
            let used = |point: Point<'_>| point.data_used(self.by.incident);
            return used(other).cmp(&used(one));
        }
        (other.sort_key().cmp(&one.sort_key()))
            .then_with(|| other.sort_time().cmp(&one.sort_time()))
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
        | ResourceKind::SecurityGroup
        | ResourceKind::NetworkInterface
        | ResourceKind::FileSystem
        | ResourceKind::Other => false,
    }
}
