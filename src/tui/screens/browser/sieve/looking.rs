//! Looks at rows for the filter, one after the other, and remembers what it has found out about texts that many
//! of them share: places, resources, names, tags.

use crate::catalog::filter::{Condition, Query, Word};
use crate::catalog::store::{Point, Row, Store};
use crate::domain::place::Place;
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::super::Kind;
use super::super::rows::{COPY_OF, called};
use super::{Check, FITS, NONE, UNKNOWN};

/// What is known of texts that rows share: of each word and each condition in turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    words: Vec<Ranks>,
    tags: Vec<Tagged>,
}

/// Which keys and values of tags fit a condition, by the numbers of their texts, and which sets of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Tagged {
    keys: Vec<u16>,
    values: Vec<u16>,
    sets: Vec<u16>,
}

impl Shared {
    /// Looks at the rows from a number on, each of which has a rank; none that has none is looked at.
    pub(super) fn look(
        &mut self,
        query: &Query,
        kind: Kind,
        store: &Store,
        (from, ranks): (Row, &mut [u16]),
    ) {
        let words: Vec<Word<'_>> = query.pattern.words().collect();
        let mut looking = Looking::new(store, &words, &query.conditions, std::mem::take(self));
        for (row, rank) in (from..).zip(ranks) {
            if *rank != NONE {
                *rank = match kind {
                    Kind::Resources => looking.resource(row),
                    kind if kind.has(store, row) => looking.point(row),
                    _another_list => NONE,
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
        let (store, point) = (self.store, self.store.point(row));
        if !self.checks.iter_mut().all(|check| check.fits(point, store)) {
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
        // A tag of its own is as good as one of a point.
        let tagged = |check: &mut Check<'_>| check.fits_tags_of(row, store);
        let asked = self.checks.iter_mut().filter(of_points);
        let mut asked: Vec<&mut Check<'_>> = asked
            .filter_map(|check| (!tagged(check)).then_some(check))
            .collect();
        if !asked.is_empty() {
            let fits = |point: Point<'_>| asked.iter_mut().all(|check| check.fits(point, store));
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

impl Tagged {
    fn make_room(&mut self, store: &Store) {
        self.keys.resize(store.texts(), UNKNOWN);
        self.values.resize(store.texts(), UNKNOWN);
        self.sets.resize(store.tag_sets(), UNKNOWN);
    }

    /// Tells whether any tag of a set has a key, and a value where one is wanted.
    pub(super) fn fit(
        &mut self,
        store: &Store,
        set: usize,
        key: &str,
        value: Option<&str>,
    ) -> bool {
        if self.sets[set] == UNKNOWN {
            let mut tags = store.tags_of_set(set);
            let fits = tags.any(|tag| self.fits(store, key, value, tag));
            self.sets[set] = u16::from(fits);
        }
        self.sets[set] == FITS
    }

    fn fits(&mut self, store: &Store, key: &str, value: Option<&str>, tag: (usize, usize)) -> bool {
        let known = &mut self.keys[tag.0];
        if *known == UNKNOWN {
            let fits = Condition::fits_key(key, value.is_some(), store.text_numbered(tag.0));
            *known = u16::from(fits);
        }
        if *known == NONE {
            return false;
        }
        let Some(value) = value else { return true };
        let known = &mut self.values[tag.1];
        if *known == UNKNOWN {
            *known = u16::from(Condition::fits(value, store.text_numbered(tag.1)));
        }
        *known == FITS
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
