//! Which rows the filter lets through, and how well each fits: in steps that each fit into a frame.
//!
//! A text that many rows share is looked at once. A longer filter looks only at the rows that the shorter one
//! let through.

use crate::catalog::filter::{Condition, Field, Query, Word};
use crate::catalog::store::{Point, Row, Store};
use crate::domain::place::Place;
use crate::domain::recovery_point::{Origin, PointKind, Tier};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::Kind;
use super::rows::{COPY_OF, called};

/// The rank of what does not fit, and of what fits without any word.
const NONE: u16 = 0;
const FITS: u16 = 1;
/// A rank that is not known yet.
const UNKNOWN: u16 = u16::MAX;

/// From so many rows on a thread beside this one is worth its while.
const MANY: usize = 1 << 14;
/// So many filters are kept that were typed before and let more through.
const WIDER: usize = 8;

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
        self.shared = Default::default();
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
            self.next = self.ranks.len();
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
            Kind::Snapshots => store.rows(),
        };
        if self.query.is_empty() {
            self.done = true;
            return true;
        }
        let is_whole = self.done || self.next == 0 || self.next == self.ranks.len();
        if is_whole && self.changes != changes {
            // A row that is another now may fit after all.
            self.ranks.clear();
            self.wider.clear();
            self.shared = Default::default();
            self.next = 0;
            self.changes = changes;
        } else if self.done && self.next == end {
            return true;
        }
        self.done = false;
        self.look(kind, store, end, budget);
        self.done = self.next >= end;
        self.made += u64::from(self.done);
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

/// What is known of texts that rows share: of each word and each condition in turn.
#[derive(Clone, Debug, Default)]
struct Shared {
    words: Vec<Ranks>,
    tags: Vec<Tagged>,
}

/// Which keys and values of tags fit a condition, by the numbers of their texts, and which sets of them.
#[derive(Clone, Debug, Default)]
struct Tagged {
    keys: Vec<u16>,
    values: Vec<u16>,
    sets: Vec<u16>,
}

impl Shared {
    /// Looks at the rows from a number on, each of which has a rank; none that has none is looked at.
    fn look(&mut self, query: &Query, kind: Kind, store: &Store, (from, ranks): (Row, &mut [u16])) {
        let words: Vec<Word<'_>> = query.pattern.words().collect();
        let mut looking = Looking::new(store, &words, &query.conditions, std::mem::take(self));
        for (row, rank) in (from..).zip(ranks) {
            if *rank != NONE {
                *rank = match kind {
                    Kind::Resources => looking.resource(row),
                    Kind::Snapshots => looking.point(row),
                };
            }
        }
        *self = looking.shared();
    }
}

/// How well places, resources and names fit a word.
#[derive(Clone, Debug, Default)]
struct Ranks {
    places: Vec<u16>,
    resources: Vec<u16>,
    /// By the number of the text.
    names: Vec<u16>,
}

/// What is looked for.
struct Looking<'a> {
    store: &'a Store,
    words: Vec<Seek<'a>>,
    checks: Vec<Check<'a>>,
}

/// A word, and what is known of it.
struct Seek<'a> {
    word: Word<'a>,
    ranks: Ranks,
    /// Room for the name of a copy.
    copy: String,
}

/// A condition, and what is known of sets of tags.
struct Check<'a> {
    condition: &'a Condition,
    tags: Tagged,
}

impl<'a> Looking<'a> {
    fn new(
        store: &'a Store,
        words: &[Word<'a>],
        conditions: &'a [Condition],
        mut shared: Shared,
    ) -> Self {
        shared.words.resize_with(words.len(), Ranks::default);
        shared.tags.resize_with(conditions.len(), Tagged::default);
        let seek = |(word, mut ranks): (&Word<'a>, Ranks)| {
            let fresh = store.places().iter().skip(ranks.places.len());
            ranks
                .places
                .extend(fresh.map(|place| of_place(*word, place)));
            ranks.resources.resize(store.resources().len(), UNKNOWN);
            ranks.names.resize(store.texts(), UNKNOWN);
            Seek {
                word: *word,
                ranks,
                copy: String::new(),
            }
        };
        let check = |(condition, mut tags): (&'a Condition, Tagged)| {
            match condition {
                Condition::Tag(..) => tags.make_room(store),
                Condition::Has(..) | Condition::Before(_) => {}
            }
            Check { condition, tags }
        };
        Self {
            store,
            words: words.iter().zip(shared.words).map(seek).collect(),
            checks: conditions.iter().zip(shared.tags).map(check).collect(),
        }
    }

    /// Returns what is known now.
    fn shared(self) -> Shared {
        Shared {
            words: self.words.into_iter().map(|seek| seek.ranks).collect(),
            tags: self.checks.into_iter().map(|check| check.tags).collect(),
        }
    }

    /// Returns how well a point fits.
    fn point(&mut self, row: Row) -> u16 {
        if self.store.is_hidden(row) {
            return NONE;
        }
        let (store, point) = (self.store, self.store.point(row));
        if !self.checks.iter_mut().all(|check| check.fits(point)) {
            return NONE;
        }
        let mut sum = FITS;
        for seek in &mut self.words {
            let rank = seek.of_point(store, point);
            if rank == NONE {
                return NONE;
            }
            sum = sum.saturating_add(rank).min(UNKNOWN - 1);
        }
        sum
    }

    /// Returns how well a resource fits. What is asked of points, one of its own has to fit alone.
    fn resource(&mut self, row: Row) -> u16 {
        let (store, resource) = (self.store, &self.store.resources()[row]);
        let of_points = |check: &&mut Check<'_>| !check.is_of_resource();
        let mut own = self.checks.iter().filter(|check| check.is_of_resource());
        if !own.all(|check| check.fits_resource(resource)) {
            return NONE;
        }
        if self.checks.iter_mut().any(|check| of_points(&check)) {
            let fits = |point: Point<'_>| {
                let mut asked = self.checks.iter_mut().filter(of_points);
                asked.all(|check| check.fits(point))
            };
            if !store.points_at(row).any(fits) {
                return NONE;
            }
        }
        let mut sum = FITS;
        for seek in &mut self.words {
            let rank = of_resource(seek.word, store, row).max(of_place(seek.word, &resource.place));
            if rank == NONE {
                return NONE;
            }
            sum = sum.saturating_add(rank).min(UNKNOWN - 1);
        }
        sum
    }
}

impl Seek<'_> {
    fn of_point(&mut self, store: &Store, point: Point<'_>) -> u16 {
        let mut best = self.ranks.places[point.place_number()];
        let of = match point.resource_row() {
            Some(row) => {
                let known = &mut self.ranks.resources[row];
                if *known == UNKNOWN {
                    *known = name_rank(self.word, &store.resources()[row]);
                }
                *known
            }
            None => point.copy_of().map_or(NONE, |id| {
                self.copy.clear();
                self.copy.push_str(COPY_OF);
                self.copy.push_str(id);
                self.word.rank(&self.copy, true).unwrap_or(NONE)
            }),
        };
        // What people have named comes first, and the rest need not be looked at then.
        best = best.max(of);
        if of > NONE {
            return best;
        }
        let name = self.of_name(point);
        if name > NONE {
            return best.max(name);
        }
        best.max(self.word.rank(point.id(), false).unwrap_or(NONE))
    }

    fn of_name(&mut self, point: Point<'_>) -> u16 {
        let Some(number) = point.name_number() else {
            return NONE;
        };
        let known = &mut self.ranks.names[number];
        if *known == UNKNOWN {
            let rank = point.raw_name().and_then(|name| self.word.rank(name, true));
            *known = rank.unwrap_or(NONE);
        }
        *known
    }
}

fn of_place(word: Word<'_>, place: &Place) -> u16 {
    let told = [
        Some(place.region.as_str()),
        Some(place.account.as_str()),
        place.profile.as_deref(),
    ];
    let ranks = told.into_iter().flatten();
    let ranks = ranks.filter_map(|text| word.rank(text, false));
    ranks.max().unwrap_or(NONE)
}

/// Returns how well the name of a resource fits, or its id where that stands for it.
fn name_rank(word: Word<'_>, resource: &Resource) -> u16 {
    let name = resource.name.as_ref().map(Untrusted::raw);
    let name = name.filter(|name| !name.trim().is_empty());
    let rank = word.rank(name.unwrap_or(&resource.id), true);
    rank.unwrap_or(NONE)
}

fn of_resource(word: Word<'_>, store: &Store, row: Row) -> u16 {
    let resource = &store.resources()[row];
    let name = if store.is_gone_at(row) {
        word.rank(&called(resource, store), true).unwrap_or(NONE)
    } else {
        name_rank(word, resource)
    };
    let mut best = name.max(word.rank(resource.kind.as_str(), false).unwrap_or(NONE));
    best = best.max(word.rank(&resource.id, false).unwrap_or(NONE));
    let Some((instance, device)) = &resource.attached_to else {
        return best;
    };
    for text in [instance, device] {
        best = best.max(word.rank(text, false).unwrap_or(NONE));
    }
    let on = store.resource(&resource.place, ResourceKind::Instance, instance);
    let name = on.and_then(|on| on.name.as_ref());
    let rank = name.and_then(|name| word.rank(name.raw(), false));
    best.max(rank.unwrap_or(NONE))
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

    fn fits(&mut self, point: Point<'_>) -> bool {
        match self.condition {
            Condition::Has(Field::Kind, value) => Condition::fits(value, point.kind().as_str()),
            Condition::Has(Field::Origin, value) => {
                Condition::fits(value, origin_word(point.origin()))
            }
            Condition::Has(Field::State, value) => {
                let archived = point.tier() == Tier::Archive && Condition::fits(value, "archived");
                archived || Condition::fits(value, point.state())
            }
            Condition::Has(field, value) => fits_place(*field, value, point.place()),
            Condition::Before(at) => point.holds_data_before(*at),
            Condition::Tag(key, value) => self.tags.fit(point, key, value.as_deref()),
        }
    }
}

impl Tagged {
    fn make_room(&mut self, store: &Store) {
        self.keys.resize(store.texts(), UNKNOWN);
        self.values.resize(store.texts(), UNKNOWN);
        self.sets.resize(store.tag_sets(), UNKNOWN);
    }

    /// Tells whether any tag of a point has a key, and a value where one is wanted.
    fn fit(&mut self, point: Point<'_>, key: &str, value: Option<&str>) -> bool {
        let set = point.tag_set();
        if self.sets[set] == UNKNOWN {
            let fits = point
                .tag_numbers()
                .any(|tag| self.fits(point, key, value, tag));
            self.sets[set] = u16::from(fits);
        }
        self.sets[set] == FITS
    }

    fn fits(
        &mut self,
        point: Point<'_>,
        key: &str,
        value: Option<&str>,
        tag: (usize, usize),
    ) -> bool {
        let known = &mut self.keys[tag.0];
        if *known == UNKNOWN {
            let fits = Condition::fits_key(key, value.is_some(), point.text_of(tag.0));
            *known = u16::from(fits);
        }
        if *known == NONE {
            return false;
        }
        let Some(value) = value else { return true };
        let known = &mut self.values[tag.1];
        if *known == UNKNOWN {
            *known = u16::from(Condition::fits(value, point.text_of(tag.1)));
        }
        *known == FITS
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

/// Returns the values of a field that something was found with, in their order.
pub(super) fn values(field: Field, kind: Kind, store: &Store) -> Vec<String> {
    let mut values: Vec<String> = match field {
        Field::Kind if kind == Kind::Resources => ResourceKind::ALL
            .map(|kind| kind.as_str().to_owned())
            .to_vec(),
        Field::Kind => PointKind::ALL.map(|kind| kind.as_str().to_owned()).to_vec(),
        Field::Origin => [
            Origin::AwsBackup,
            Origin::Dlm,
            Origin::Automated,
            Origin::Image,
            Origin::Defib,
            Origin::ByHand,
        ]
        .map(|origin| origin_word(origin).to_owned())
        .to_vec(),
        Field::State => [
            "completed",
            "available",
            "pending",
            "error",
            "archived",
            "gone",
        ]
        .map(str::to_owned)
        .to_vec(),
        Field::Region => {
            let regions = store.places().iter();
            regions.map(|place| place.region.to_string()).collect()
        }
        Field::Account => {
            let accounts = store.places().iter();
            accounts.map(|place| place.account.to_string()).collect()
        }
        Field::Tag | Field::Before => Vec::new(),
    };
    if matches!(field, Field::Region | Field::Account) {
        values.sort();
        values.dedup();
    }
    values
}
