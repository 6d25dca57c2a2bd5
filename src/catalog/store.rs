//! Everything a scan has found so far, in compact rows, with its points by resource and by age.
//!
//! Rows never move, so a screen can keep their numbers while more stream in. What arrives again
//! replaces its row. A native point and its face in AWS Backup are one point: the native row shows both,
//! and the row of the face is hidden and stays. Knows neither places that failed nor how rows are shown.

mod arns;
mod packed;
mod point;
mod recalled;
mod retained;
mod rows;
#[cfg(test)]
mod tests;
mod texts;
mod ties;
mod vaults;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::ids::{AccountId, Region};
use crate::domain::place::{Home, Place};
use crate::domain::recovery_point::{PointKind, RecoveryPoint, Tier, When, is_usable_key};
use crate::domain::resource::{Resource, ResourceKind};

use super::source::Batch;

use packed::{Head, Odd, Rest};
use texts::{Index, Nth, TagSets, Text, Texts, bytes_of};

pub use point::{Point, Tags};
pub use recalled::told_by;
pub use vaults::VaultRow;
use vaults::Vaults;

/// Number of a row, for as long as its store lives.
pub type Row = usize;

/// State of a point that the last complete listing of its place no longer found.
pub const GONE: &str = "gone";

/// Account and Region, kept once and named by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Spot(usize);

/// Recovery points and resources, each kept once by account, Region, kind and id.
#[derive(Debug, Default)]
pub struct Store {
    texts: Texts,
    sets: TagSets,
    places: Vec<Place>,
    place_numbers: HashMap<Place, Nth>,
    /// The spot of each place.
    spots: Vec<Spot>,
    spot_numbers: HashMap<(AccountId, Region), Spot>,
    heads: Vec<Head>,
    rests: Vec<Rest>,
    odds: Vec<Odd>,
    free_odds: Vec<Nth>,
    /// Rows by the id of their point.
    ids: Index,
    /// The first row that was copied from the point of an id.
    copies: HashMap<Text, Nth>,
    /// Faces whose native point has not come, by that.
    waiting: HashMap<(Spot, PointKind, Text), Nth>,
    resources: Vec<Resource>,
    resource_keys: Vec<(Spot, ResourceKind, Text)>,
    resource_ids: Index,
    /// The points that stand under each resource, in the order in which the best one is chosen.
    points: Vec<Vec<Nth>>,
    /// Whether a resource was listed itself, or is only told of by its points.
    listed: Vec<bool>,
    /// The set of tags of each resource.
    resource_sets: Vec<Nth>,
    resources_seen: Vec<u32>,
    /// The states of the KMS keys that cannot be used.
    closed_keys: HashMap<Text, String>,
    /// The tiers of points that were asked about by themselves, where they are others than was listed.
    asked_tiers: HashMap<Nth, Tier>,
    gone: HashSet<Row>,
    recalled: recalled::Recalled,
    /// Number of the scan under way, or of the last one.
    scan: u32,
    hidden: usize,
    gone_points: usize,
    changes: u64,
    vaults: Vaults,
}

impl Store {
    /// Begins another scan: what it does not find again can be told at its end.
    pub fn begin_scan(&mut self) {
        self.scan += 1;
    }

    /// Ends a scan: whatever it has not found in places that it has listed completely is gone. Rows stay.
    pub fn end_scan(&mut self, listed: &BTreeSet<(AccountId, Region)>) {
        let scan = self.scan;
        let is_listed =
            |place: &Place| listed.contains(&(place.account.clone(), place.region.clone()));
        let of_places: Vec<bool> = self.places.iter().map(is_listed).collect();
        let gone = self.texts.keep(GONE);
        for (head, rest) in self.heads.iter().zip(&mut self.rests) {
            if rest.links.seen < scan && rest.state != gone && of_places[head.place.n()] {
                rest.state = gone;
                self.gone_points += usize::from(!head.hidden);
                self.changes += 1;
            }
        }
        self.vaults.end_scan(scan, is_listed);
        for (row, resource) in self.resources.iter_mut().enumerate() {
            if !is_listed(&resource.place) {
                continue;
            }
            // What is known from before alone is forgotten, not gone.
            if self.resources_seen[row] == u32::MAX {
                continue;
            }
            resource.exists &= self.resources_seen[row] == scan;
            if !resource.exists {
                self.gone.insert(row);
            }
        }
    }

    /// Counts the points that are gone.
    #[must_use]
    pub fn gone_points(&self) -> usize {
        self.gone_points
    }

    /// Tells whether a resource was not found by the last scan that has listed its place completely.
    #[must_use]
    pub fn is_gone(&self, resource: &Resource) -> bool {
        let row = self.row_of(&resource.place, resource.kind, &resource.id);
        row.is_some_and(|row| self.is_gone_at(row))
    }

    /// Tells the same of the resource of a row.
    #[must_use]
    pub fn is_gone_at(&self, resource: Row) -> bool {
        self.gone.contains(&resource)
    }

    /// Takes in a page.
    pub fn insert(&mut self, batch: Batch) {
        self.take(batch.points, batch.resources);
        self.take_vaults(batch.vaults);
    }

    /// Takes in points and resources.
    pub fn take(&mut self, points: Vec<RecoveryPoint>, resources: Vec<Resource>) {
        for resource in resources {
            self.insert_resource(resource);
        }
        for point in points {
            self.insert_point(&point);
        }
    }

    /// Takes in the state of a KMS key, in AWS's words.
    pub fn key_is(&mut self, key: &str, state: &str) {
        let key = self.texts.keep(key);
        let before = if is_usable_key(state) {
            self.closed_keys.remove(&key)
        } else {
            self.closed_keys.insert(key, state.to_owned())
        };
        self.changes += u64::from(before.as_deref() != Some(state));
    }

    /// Takes in the tier of a point that was asked about by itself, which outranks what its listing has told or let
    /// infer. Tells whether that makes another point of it.
    pub fn tier_is(&mut self, place: &Place, kind: PointKind, id: &str, tier: Tier) -> bool {
        let Some(row) = self.find(place, kind, id).map(Point::row) else {
            return false;
        };
        let before = self.point(row).tier();
        if self.heads[row].tier == tier {
            self.asked_tiers.remove(&Nth::new(row));
        } else {
            self.asked_tiers.insert(Nth::new(row), tier);
        }
        self.changes += u64::from(before != tier);
        before != tier
    }

    /// Counts the rows of points, the hidden ones too: their numbers are those below it.
    #[must_use]
    pub fn rows(&self) -> Row {
        self.heads.len()
    }

    /// Counts the points: the rows that are not hidden.
    #[must_use]
    pub fn count(&self) -> usize {
        self.heads.len() - self.hidden
    }

    /// Tells whether a row is the face of a point in AWS Backup that another row shows. It may become so
    /// whenever that arrives, and no screen shows it then.
    #[must_use]
    pub fn is_hidden(&self, row: Row) -> bool {
        self.heads[row].hidden
    }

    /// Returns a number that is raised whenever a row that was there before becomes another, or is shown
    /// that was hidden; that rows become hidden is told by [`Store::rows`] and [`Store::count`].
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Counts the bytes that it takes on the heap, as far as its own lists tell; a resource is counted with
    /// twice what its id takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        /// A hash table keeps an eighth free, and a byte for each place.
        fn table<K, V>(map: &HashMap<K, V>) -> usize {
            (map.capacity() * 8 / 7) * (size_of::<(K, V)>() + 1)
        }
        let rows = bytes_of(&self.heads) + bytes_of(&self.rests) + bytes_of(&self.odds);
        let ties = self.ids.bytes() + table(&self.copies) + table(&self.waiting);
        let homes = self.points.iter().map(bytes_of);
        let homes = bytes_of(&self.points) + homes.sum::<usize>();
        let ids = self.resources.iter().map(|one| one.id.len() * 2);
        let resources = bytes_of(&self.resource_sets)
            + bytes_of(&self.resources)
            + bytes_of(&self.resource_keys)
            + ids.sum::<usize>();
        let texts = self.texts.taken() + self.sets.taken() + self.resource_ids.bytes();
        rows + ties + homes + resources + texts
    }

    /// Returns the point of a row.
    #[must_use]
    pub fn point(&self, row: Row) -> Point<'_> {
        Point::new(self, row)
    }

    /// Returns the points in the order they arrived, without hidden rows.
    pub fn points(&self) -> impl Iterator<Item = Point<'_>> + Clone {
        let shown = (0..self.rows()).filter(|row| !self.is_hidden(*row));
        shown.map(|row| self.point(row))
    }

    /// Returns the point of a place, kind and id.
    #[must_use]
    pub fn find(&self, place: &Place, kind: PointKind, id: &str) -> Option<Point<'_>> {
        let spot = self.known_spot(place)?;
        let row = self.row_at(spot, kind, self.texts.find(id)?)?;
        Some(self.point(row))
    }

    /// Returns the resources in the order they arrived. One of which only points were found so far
    /// is among them, and does not count as existing.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Tells whether a resource is one to show: not where only copies told of it, which stand under the
    /// resource that they were taken of.
    #[must_use]
    pub fn stands(&self, resource: Row) -> bool {
        self.listed[resource] || !self.points[resource].is_empty()
    }

    /// Returns one resource.
    #[must_use]
    pub fn resource(&self, place: &Place, kind: ResourceKind, id: &str) -> Option<&Resource> {
        let row = self.row_of(place, kind, id)?;
        Some(&self.resources[row])
    }

    fn row_of(&self, place: &Place, kind: ResourceKind, id: &str) -> Option<Row> {
        let key = (self.known_spot(place)?, kind, self.texts.find(id)?);
        self.resource_at(key)
    }

    fn resource_at(&self, key: (Spot, ResourceKind, Text)) -> Option<Row> {
        let mut rows = self.resource_ids.with(key.2.0.hash()).map(Nth::n);
        rows.find(|row| self.resource_keys[*row] == key)
    }

    /// Tells whether any point stands under a resource.
    #[must_use]
    pub fn has_points(&self, resource: &Resource) -> bool {
        let row = self.row_of(&resource.place, resource.kind, &resource.id);
        row.is_some_and(|row| self.has_points_at(row))
    }

    /// Tells whether any point stands under the resource of a row.
    #[must_use]
    pub fn has_points_at(&self, resource: Row) -> bool {
        !self.points[resource].is_empty()
    }

    /// Returns the points of a resource wherever they are: its own, their copies, and copies of
    /// copies. Windows come first, then the youngest data that is known, then bounded data.
    #[must_use]
    pub fn points_of(&self, resource: &Resource) -> Vec<Point<'_>> {
        let row = self.row_of(&resource.place, resource.kind, &resource.id);
        row.map_or_else(Vec::new, |row| self.points_at(row).collect())
    }

    /// Returns the points of the resource of a row, in the same order.
    pub fn points_at(&self, resource: Row) -> impl Iterator<Item = Point<'_>> + Clone {
        let rows = self.points[resource].iter();
        rows.map(|row| self.point(row.n()))
    }

    fn insert_resource(&mut self, mut resource: Resource) {
        let row = self.resource_row(&resource.place, resource.kind, &resource.id);
        // What is known from its points alone does not displace what was found: the end of the scan tells.
        if !resource.exists && self.resources[row].exists {
            return;
        }
        let tags = std::mem::take(&mut resource.tags);
        let tags = self.kept_tags(&tags);
        if self.resources[row] != resource || self.resource_sets[row] != tags {
            self.resources[row] = resource;
            self.resource_sets[row] = tags;
            self.changes += 1;
        }
        self.found_resource_again(row);
        self.listed[row] = true;
        self.resources_seen[row] = self.scan;
        self.gone.remove(&row);
    }

    /// Returns the row of a resource; one that is so far known from its points alone gets one.
    fn resource_row(&mut self, place: &Place, kind: ResourceKind, id: &str) -> Row {
        let key = (self.spot(place), kind, self.texts.keep(id));
        if let Some(row) = self.resource_at(key) {
            return row;
        }
        let row = self.resources.len();
        self.resources.push(Resource {
            id: id.to_owned(),
            kind,
            name: None,
            place: place.clone(),
            exists: false,
            engine: None,
            attached_to: None,
            tags: BTreeMap::new(),
        });
        let none = self.sets.keep(&[]);
        self.resource_sets.push(none);
        self.resource_keys.push(key);
        self.points.push(Vec::new());
        self.listed.push(false);
        self.resources_seen.push(self.scan);
        let keys = &self.resource_keys;
        self.resource_ids
            .insert(Nth::new(row), key.2.0.hash(), |one| {
                keys[one.n()].2.0.hash()
            });
        row
    }

    fn spot(&mut self, place: &Place) -> Spot {
        let number = self.place_number(place);
        self.spots[number.n()]
    }

    fn place_number(&mut self, place: &Place) -> Nth {
        if let Some(known) = self.place_numbers.get(place) {
            return *known;
        }
        self.learn_profile(place);
        let number = Nth::new(self.places.len());
        let next = Spot(self.spot_numbers.len());
        let key = (place.account.clone(), place.region.clone());
        self.spots
            .push(*self.spot_numbers.entry(key).or_insert(next));
        self.places.push(place.clone());
        self.place_numbers.insert(place.clone(), number);
        number
    }

    /// Returns the number of a place, if anything was found there.
    #[must_use]
    pub fn number_of(&self, place: &Place) -> Option<usize> {
        self.place_numbers.get(place).map(|number| number.n())
    }

    /// Takes the profile that leads to a place over to the resources of it that only points elsewhere have told of.
    fn learn_profile(&mut self, place: &Place) {
        let is_told = |known: &Place| known.profile.is_none() && known.is_of(&place.home());
        if place.profile.is_none() || !self.places.iter().any(is_told) {
            return;
        }
        for (row, resource) in self.resources.iter_mut().enumerate() {
            if !self.listed[row] && is_told(&resource.place) {
                resource.place = place.clone();
            }
        }
    }

    /// Returns a place of an account and Region, with a profile that leads there if any is known.
    fn place_of(&self, home: &Home) -> Place {
        let known = self.places.iter().find(|place| place.is_of(home));
        known.cloned().unwrap_or_else(|| Place {
            profile: None,
            account: home.account.clone(),
            region: home.region.clone(),
        })
    }

    fn known_spot(&self, place: &Place) -> Option<Spot> {
        if let Some(number) = self.place_numbers.get(place) {
            return Some(self.spots[number.n()]);
        }
        let key = (place.account.clone(), place.region.clone());
        self.spot_numbers.get(&key).copied()
    }
}

/// Returns the instant by which a point is sorted: its data's, or the end of its window.
#[must_use]
pub fn sort_time(point: &RecoveryPoint) -> Timestamp {
    match point.when {
        When::At { .. } => point.data_at.bound(),
        When::Window { latest, .. } => latest,
    }
}
