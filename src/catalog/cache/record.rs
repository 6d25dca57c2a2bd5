//! Writes down what a scan finds while it finds it, and tells when a kind was listed completely in a place.
//!
//! Rows become bytes at once, so that nothing is held twice. Nothing reaches the disk before the last listing
//! of a place has ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::scan::Message;
use crate::catalog::source::{Batch, Source};
use crate::catalog::store::told_by;
use crate::domain::ec2::Seen;
use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;

use super::Card;
use super::codec::Writer;
use super::read::Described;
use super::rows;

/// What a scan finds, place by place.
#[derive(Debug)]
pub struct Recorder {
    at: Timestamp,
    /// Whether rows are written down, or only completeness.
    keeps: bool,
    places: BTreeMap<(AccountId, Region), Listed>,
    /// Places whose last listing has ended.
    ended: BTreeMap<(AccountId, Region), Ended>,
}

/// What is left of a place whose rows were handed on.
#[derive(Debug)]
struct Ended {
    card: Card,
    /// How many listings there are of each kind.
    listings: BTreeMap<PointKind, usize>,
    /// How many of them have failed.
    failed: BTreeMap<PointKind, usize>,
}

/// Everything that was found in a place.
#[derive(Debug)]
pub struct Finished {
    pub(super) card: Card,
    pub(super) at: Timestamp,
    pub(super) kinds: BTreeMap<PointKind, Recorded>,
    pub(super) described: Described,
}

/// The rows of a kind.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub out: Writer,
    pub rows: usize,
    pub whole: bool,
    /// Whether other listings of the kind have ended before, in the same scan, and their rows were handed on
    /// then.
    pub part: bool,
}

#[derive(Debug)]
struct Listed {
    finished: Finished,
    /// How many listings there are of a kind.
    listings: BTreeMap<PointKind, usize>,
    /// How many listings of a kind have not ended.
    open: BTreeMap<PointKind, usize>,
    /// How many listings of a kind have failed.
    failed: BTreeMap<PointKind, usize>,
}

impl Recorder {
    /// Records a scan that began at this time. Without `keeps` it only tells what is complete.
    #[must_use]
    pub fn new(at: Timestamp, keeps: bool) -> Self {
        Self {
            at,
            keeps,
            places: BTreeMap::new(),
            ended: BTreeMap::new(),
        }
    }

    /// Takes in that a place is being listed, by these sources.
    pub fn begins(&mut self, card: Card, sources: &[&'static dyn Source]) {
        let key = key(&card.place);
        let mut open = BTreeMap::new();
        let mut kinds = BTreeMap::new();
        for source in sources {
            *open.entry(source.kind()).or_default() += 1;
            kinds.insert(source.kind(), Recorded::default());
        }
        let finished = Finished {
            card,
            at: self.at,
            kinds,
            described: Described::default(),
        };
        let listed = Listed {
            finished,
            listings: open.clone(),
            open,
            failed: BTreeMap::new(),
        };
        self.places.entry(key).or_insert(listed);
    }

    /// Takes in what the scan tells, and returns a place whose last listing has ended by it.
    pub fn take(&mut self, message: &Message) -> Option<Finished> {
        match message {
            Message::Found(batch) => {
                if self.keeps {
                    self.write(batch);
                }
                None
            }
            Message::Finished { place, kind } => self.ended(place, *kind, true),
            Message::Failed { place, kind, .. } => self.ended(place, *kind, false),
        }
    }

    fn write(&mut self, batch: &Batch) {
        for point in &batch.points {
            if let Some(recorded) = self.of(&point.place, point.kind) {
                rows::write_point(point, &mut recorded.out);
                recorded.rows += 1;
            }
        }
        for resource in &batch.resources {
            if let Some(recorded) = self.of(&resource.place, told_by(resource.kind)) {
                rows::write_resource(resource, &mut recorded.out);
                recorded.rows += 1;
            }
        }
        let place = batch.resources.first().map(|one| key(&one.place));
        let Some(listed) = place.and_then(|place| self.places.get_mut(&place)) else {
            return;
        };
        let described = &mut listed.finished.described;
        for seen in &batch.seen {
            match seen {
                Seen::Volume(volume) => described.volumes.push((**volume).clone()),
                Seen::Instance(instance) => described.instances.push((**instance).clone()),
            }
        }
    }

    fn of(&mut self, place: &Place, kind: PointKind) -> Option<&mut Recorded> {
        let listed = self.places.get_mut(&key(place))?;
        listed.finished.kinds.get_mut(&kind)
    }

    fn ended(&mut self, place: &Place, kind: PointKind, completely: bool) -> Option<Finished> {
        let key = key(place);
        let listed = self.places.get_mut(&key)?;
        let open = listed.open.entry(kind).or_default();
        *open = open.saturating_sub(1);
        if !completely {
            *listed.failed.entry(kind).or_default() += 1;
        }
        let whole = *open == 0 && !listed.failed.contains_key(&kind);
        if let Some(recorded) = listed.finished.kinds.get_mut(&kind) {
            recorded.whole = whole;
        }
        let over = listed.open.values().all(|open| *open == 0);
        let listed = if over {
            self.places.remove(&key)?
        } else {
            return None;
        };
        let ended = Ended {
            card: listed.finished.card.clone(),
            listings: listed.listings,
            failed: listed.failed,
        };
        self.ended.insert(key, ended);
        Some(listed.finished)
    }

    /// Takes in that listings of these kinds that have failed in a place begin again, each as often as it
    /// stands there.
    pub fn again(&mut self, place: &Place, kinds: &[PointKind]) {
        let key = key(place);
        if let Some(ended) = self.ended.remove(&key) {
            self.places.insert(key.clone(), ended.again(self.at));
        }
        if let Some(listed) = self.places.get_mut(&key) {
            listed.again(kinds);
        }
    }
}

impl Ended {
    /// Begins with nothing: the rows were handed on.
    fn again(self, at: Timestamp) -> Listed {
        let finished = Finished {
            card: self.card,
            at,
            kinds: BTreeMap::new(),
            described: Described::default(),
        };
        Listed {
            finished,
            listings: self.listings,
            open: BTreeMap::new(),
            failed: self.failed,
        }
    }
}

impl Listed {
    fn again(&mut self, kinds: &[PointKind]) {
        for kind in kinds {
            let begun = kinds.iter().filter(|one| *one == kind).count();
            let part = self.listings.get(kind).is_some_and(|all| begun < *all);
            let recorded = self.finished.kinds.entry(*kind);
            recorded.or_insert_with(|| Recorded {
                part,
                ..Recorded::default()
            });
            let failed = self.failed.entry(*kind).or_default();
            *failed = failed.saturating_sub(1);
            *self.open.entry(*kind).or_default() += 1;
        }
        self.failed.retain(|_, failed| *failed > 0);
    }
}

impl Finished {
    /// Returns the place.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.card.place
    }

    /// Returns the kinds that were listed completely there.
    #[must_use]
    pub fn whole(&self) -> BTreeSet<PointKind> {
        let whole = self.kinds.iter().filter(|(_, recorded)| recorded.whole);
        whole.map(|(kind, _)| *kind).collect()
    }
}

fn key(place: &Place) -> (AccountId, Region) {
    (place.account.clone(), place.region.clone())
}
