//! What is known of places from before, how old it is, and what of it is still to be confirmed.
//!
//! A row has an age where nobody has told in the present scan that it is still so: it came from the cache, or
//! its place or kind could not be listed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::store::{Row, told_by};
use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};
use crate::domain::resource::Resource;

use super::known::{Catalog, PlaceCard};

/// A place of which something is known from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPlace {
    /// The place; that its profile still leads to this account is not known.
    pub place: Place,
    /// Endpoints, other than AWS's own, that calls could go to.
    pub endpoints: BTreeSet<String>,
    /// For which of those that the operator named.
    pub nth: usize,
    /// When each kind was listed there.
    pub known_at: BTreeMap<PointKind, Timestamp>,
    /// The kinds of which that listing was not complete.
    pub partial: BTreeSet<PointKind>,
}

/// What is read of the cache.
#[derive(Clone, Debug)]
pub enum Recalled {
    /// A place; its rows follow.
    Place(KnownPlace),
    /// Rows.
    Rows {
        /// Recovery points.
        points: Vec<RecoveryPoint>,
        /// Resources.
        resources: Vec<Resource>,
    },
    /// Something could not be read, or not be written.
    LeftOut(String),
    /// That was all.
    End,
}

type Spot = (AccountId, Region);

/// What is known from before.
#[derive(Debug, Default)]
pub struct Before {
    /// Places of the cache.
    pub places: Vec<KnownPlace>,
    /// When a kind was last listed completely in a place.
    since: BTreeMap<(Spot, PointKind), Timestamp>,
    /// Places whose listing has ended in the present scan, with the kinds that were complete.
    ended: BTreeMap<Spot, BTreeSet<PointKind>>,
    /// Places that were not reached in the present scan.
    down: BTreeSet<Spot>,
}

fn spot(place: &Place) -> Spot {
    (place.account.clone(), place.region.clone())
}

impl Before {
    /// Takes in that a scan begins.
    pub fn begin(&mut self) {
        self.ended.clear();
        self.down.clear();
    }

    /// Returns since when a kind is known in a place; `None` where that was never listed.
    #[must_use]
    pub fn since(&self, place: &Place, kind: PointKind) -> Option<Timestamp> {
        self.since.get(&(spot(place), kind)).copied()
    }

    /// Returns since when rows of a kind are known from the cache, whether or not there may be more of them.
    fn known_at(&self, place: &Place, kind: PointKind) -> Option<Timestamp> {
        let spot = spot(place);
        let mut places = self.places.iter();
        let known = places.find(|known| self::spot(&known.place) == spot)?;
        known.known_at.get(&kind).copied()
    }

    /// Returns since when the oldest of what is known of a place is known.
    fn oldest(&self, place: &Spot) -> Option<Timestamp> {
        let of_place = self.since.iter().filter(|((one, _), _)| one == place);
        of_place.map(|(_, at)| *at).min()
    }

    /// Tells whether a place was reached, or a kind listed there, in vain.
    fn is_missed(&self, place: &Place, kind: PointKind) -> bool {
        let spot = spot(place);
        let incomplete = |whole: &BTreeSet<PointKind>| !whole.contains(&kind);
        self.down.contains(&spot) || self.ended.get(&spot).is_some_and(incomplete)
    }
}

impl Catalog {
    /// Takes in what is read of the cache. What a scan has told already stays as it is.
    pub fn recall(&mut self, told: Recalled) {
        match told {
            Recalled::Place(known) => {
                for (kind, at) in &known.known_at {
                    if !known.partial.contains(kind) {
                        let key = (spot(&known.place), *kind);
                        self.before.since.entry(key).or_insert(*at);
                    }
                }
                self.before.places.push(known);
            }
            Recalled::Rows {
                mut points,
                mut resources,
            } => {
                let ended = &self.before.ended;
                let is_listed = |place: &Place, kind| {
                    let whole = ended.get(&spot(place));
                    whole.is_some_and(|whole| whole.contains(&kind))
                };
                points.retain(|one| !is_listed(&one.place, one.kind));
                resources.retain(|one| !is_listed(&one.place, told_by(one.kind)));
                self.store.recall(&points, resources);
                self.version += 1;
            }
            Recalled::LeftOut(_) | Recalled::End => {}
        }
    }

    /// Takes in that the last listing of a place has ended at `now`, and which kinds were complete: what is
    /// known of those from before, and was not found again, is forgotten.
    pub fn place_ended(&mut self, place: &Place, whole: BTreeSet<PointKind>, now: Timestamp) {
        let ended = spot(place);
        self.store.forget(|account, region, kind| {
            (account, region) == (&ended.0, &ended.1) && whole.contains(&kind)
        });
        for kind in &whole {
            self.before.since.insert((ended.clone(), *kind), now);
        }
        self.before.ended.entry(ended).or_default().extend(whole);
        self.version += 1;
    }

    /// Takes in that one of those that the operator named was not reached. Returns since when is known what
    /// stays of it.
    pub fn not_reached(&mut self, nth: usize) -> Option<Timestamp> {
        let before = self.before.places.iter();
        let before = before.filter(|one| one.nth == nth).map(|one| &one.place);
        let answered = self.places.iter().filter(|card| card.nth == nth);
        let answered = answered.map(|card| &card.place);
        let down: BTreeSet<Spot> = before.chain(answered).map(spot).collect();
        let since = down
            .iter()
            .filter_map(|spot| self.before.oldest(spot))
            .min();
        self.before.down.extend(down);
        self.version += 1;
        since
    }

    /// Forgets the places of the cache to which those that have answered do not lead any more: another account,
    /// another endpoint, a Region that is disabled.
    pub fn forget_strangers(&mut self) {
        let answered = |card: &PlaceCard, known: &KnownPlace| {
            spot(&card.place) == spot(&known.place) && card.endpoints == known.endpoints
        };
        let places = &self.places;
        let is_stranger = |known: &KnownPlace| {
            places.iter().any(|card| card.nth == known.nth)
                && !places.iter().any(|card| answered(card, known))
        };
        let known = std::mem::take(&mut self.before.places).into_iter();
        let (strangers, known): (Vec<_>, Vec<_>) = known.partition(is_stranger);
        self.before.places = known;
        for stranger in strangers {
            let gone = spot(&stranger.place);
            if self
                .before
                .places
                .iter()
                .any(|one| spot(&one.place) == gone)
            {
                continue;
            }
            self.store
                .forget(|account, region, _| (account, region) == (&gone.0, &gone.1));
            self.before.since.retain(|(place, _), _| *place != gone);
            self.version += 1;
        }
    }

    /// Returns since when the oldest rows are known that nobody has confirmed yet; `None` where none are shown.
    #[must_use]
    pub fn cached_since(&self) -> Option<Timestamp> {
        if !self.store.has_recalled() {
            return None;
        }
        let open = |known: &KnownPlace, kind: PointKind| {
            let whole = self.before.ended.get(&spot(&known.place));
            whole.is_none_or(|whole| !whole.contains(&kind))
        };
        let places = self.before.places.iter();
        let kinds = places.flat_map(|known| {
            let kinds = known.known_at.iter();
            kinds.filter(move |(kind, _)| open(known, **kind))
        });
        kinds.map(|(_, at)| *at).min()
    }

    /// Returns since when a point is known, where nobody has confirmed it.
    #[must_use]
    pub fn point_since(&self, row: Row) -> Option<Timestamp> {
        let store = &self.store;
        if !store.is_unconfirmed(row) {
            return None;
        }
        let point = store.point(row);
        self.old(store.is_recalled(row), point.place(), point.kind())
    }

    /// Returns since when a resource is known, where nobody has confirmed it.
    #[must_use]
    pub fn resource_since(&self, row: Row) -> Option<Timestamp> {
        let store = &self.store;
        if !store.is_unconfirmed_resource(row) {
            return None;
        }
        let resource = &store.resources()[row];
        let kind = told_by(resource.kind);
        self.old(store.is_recalled_resource(row), &resource.place, kind)
    }

    fn old(&self, recalled: bool, place: &Place, kind: PointKind) -> Option<Timestamp> {
        let since = || self.before.since(place, kind);
        if recalled {
            since().or_else(|| self.before.known_at(place, kind))
        } else if self.before.is_missed(place, kind) {
            since()
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
