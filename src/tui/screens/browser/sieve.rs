//! Which rows the filter lets through, and how well each fits: in steps that each fit into a frame.
//!
//! A text that many rows share is looked at once. A longer filter looks only at the rows that the shorter one
//! let through.

use crate::catalog::filter::{Condition, Field, Query, Word};
use crate::catalog::store::{Point, Row, Store};
use crate::domain::place::Place;
use crate::domain::recovery_point::{Origin, Tier};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::{Untrusted, shown};

use super::Kind;
use super::rows::called;

/// The rank of what does not fit, and of what fits without any word.
const NONE: u16 = 0;
const FITS: u16 = 1;
/// A rank that is not known yet.
const UNKNOWN: u16 = u16::MAX;

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
}

impl Sieve {
    /// Takes another filter.
    pub(super) fn take(&mut self, query: Query) {
        if self.query.is_empty() || !query.narrows(&self.query) {
            self.ranks.clear();
        }
        self.query = query;
        self.next = 0;
        self.done = self.query.is_empty();
        self.made += u64::from(self.done);
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
        if self.done && self.changes != changes {
            self.ranks.clear();
            self.next = 0;
        } else if self.done && self.next == end {
            return true;
        }
        if self.next == 0 {
            if self.changes != changes {
                // A row that is another now may fit after all.
                self.ranks.clear();
            }
            self.changes = changes;
        }
        self.done = false;
        let words: Vec<Word<'_>> = self.query.pattern.words().collect();
        let mut looking = Looking::new(store, &words, &self.query.conditions);
        while self.next < end && *budget > 0 {
            let row = self.next;
            self.next += 1;
            match self.ranks.get(row) {
                Some(&NONE) => continue,
                Some(_) => {}
                None => self.ranks.push(FITS),
            }
            *budget -= 1;
            self.ranks[row] = match kind {
                Kind::Resources => looking.resource(row),
                kind if kind.has(store, row) => looking.point(row),
                _another_list => NONE,
            };
        }
        self.done = self.next >= end;
        self.made += u64::from(self.done);
        // What has changed meanwhile is next.
        self.done && self.changes == changes
    }

    /// Puts rows that are let through into `shown`, the best first where that is wanted, and else in their
    /// order.
    pub(super) fn sifted(&self, rows: impl Iterator<Item = u32> + Clone, ranked: bool) -> Vec<u32> {
        let rank = |row: u32| self.ranks.get(row as usize).copied().unwrap_or(NONE);
        let through = rows.filter(|row| rank(*row) != NONE);
        if !ranked || self.query.pattern.is_empty() {
            return through.collect();
        }
        let best = self.ranks.iter().max().copied().unwrap_or(NONE);
        let mut places = vec![0usize; usize::from(best) + 1];
        for row in through.clone() {
            places[usize::from(best - rank(row))] += 1;
        }
        let mut begin = 0;
        for place in &mut places {
            begin += std::mem::replace(place, begin);
        }
        let mut sifted = vec![0; begin];
        for row in through {
            let place = &mut places[usize::from(best - rank(row))];
            sifted[*place] = row;
            *place += 1;
        }
        sifted
    }
}

/// What is looked for, and what is known of texts that rows share.
struct Looking<'a> {
    store: &'a Store,
    words: Vec<Seek<'a>>,
    checks: Vec<Check<'a>>,
}

/// A word, and how well places and resources fit it.
struct Seek<'a> {
    word: Word<'a>,
    places: Vec<u16>,
    resources: Vec<u16>,
}

/// A condition, and what is known of sets of tags.
struct Check<'a> {
    condition: &'a Condition,
    sets: Vec<u16>,
}

impl<'a> Looking<'a> {
    fn new(store: &'a Store, words: &[Word<'a>], conditions: &'a [Condition]) -> Self {
        let seek = |word: &Word<'a>| Seek {
            word: *word,
            places: store
                .places()
                .iter()
                .map(|place| of_place(*word, place))
                .collect(),
            resources: vec![UNKNOWN; store.resources().len()],
        };
        let check = |condition| Check {
            condition,
            sets: match condition {
                Condition::Tag(..) => vec![UNKNOWN; store.tag_sets()],
                Condition::Has(..) | Condition::Before(_) => Vec::new(),
            },
        };
        Self {
            store,
            words: words.iter().map(seek).collect(),
            checks: conditions.iter().map(check).collect(),
        }
    }

    /// Returns how well a point fits.
    fn point(&mut self, row: Row) -> u16 {
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
        let mut best = self.places[point.place_number()];
        let of = match point.resource_row() {
            Some(row) => {
                let known = &mut self.resources[row];
                if *known == UNKNOWN {
                    *known = name_rank(self.word, &store.resources()[row]);
                }
                *known
            }
            None => point.copy_of().map_or(NONE, |id| {
                let copy = format!("copy of {id}");
                self.word.rank(&copy, true).unwrap_or(NONE)
            }),
        };
        // What people have named comes first, and the rest need not be looked at then.
        best = best.max(of);
        if of > NONE {
            return best;
        }
        let name = point.raw_name();
        let name = name.and_then(|name| self.word.rank(name, true));
        if let Some(name) = name {
            return best.max(name);
        }
        best.max(self.word.rank(point.id(), false).unwrap_or(NONE))
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
            Condition::Tag(key, value) => {
                let known = &mut self.sets[point.tag_set()];
                if *known == UNKNOWN {
                    let value = value.as_deref();
                    let mut tags = point.raw_tags();
                    let fits = tags.any(|tag| Condition::fits_tag(key, value, tag));
                    *known = u16::from(fits);
                }
                *known == FITS
            }
        }
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

/// Returns the values of a field that occur in a list, in their order.
pub(super) fn values(field: Field, kind: Kind, store: &Store) -> Vec<String> {
    let of_places = |of: &dyn Fn(&Place) -> String| store.places().iter().map(of).collect();
    let mut values: Vec<String> = match field {
        Field::Kind if kind == Kind::Resources => {
            let stand = (0..store.resources().len()).filter(|row| store.stands(*row));
            distinct(stand.map(|row| store.resources()[row].kind.as_str()))
        }
        Field::Kind => distinct(points(kind, store).map(|point| point.kind().as_str())),
        Field::Origin => distinct(points(kind, store).map(|point| origin_word(point.origin()))),
        Field::State => distinct(points(kind, store).flat_map(|point| {
            let archived = (point.tier() == Tier::Archive).then_some("archived");
            [Some(point.state()), archived].into_iter().flatten()
        })),
        Field::Region => of_places(&|place| place.region.to_string()),
        Field::Account => of_places(&|place| place.account.to_string()),
        Field::Tag | Field::Before => Vec::new(),
    };
    values.sort();
    values.dedup();
    values
}

/// The points that a list has; that of resources is filtered by all of them.
fn points(kind: Kind, store: &Store) -> impl Iterator<Item = Point<'_>> {
    let kind = match kind {
        Kind::Resources => Kind::Snapshots,
        other => other,
    };
    let rows = (0..store.rows()).filter(move |row| kind.has(store, *row));
    rows.map(|row| store.point(row))
}

/// Returns each of a few words once, made fit to be shown.
fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen.into_iter().map(shown).collect()
}
