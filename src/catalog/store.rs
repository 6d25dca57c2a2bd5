//! Everything a scan has found so far: rows, and indexes by resource and by time.
//!
//! Rows never move, so a screen can keep their numbers while more stream in. What arrives again
//! replaces its row. Knows neither places that failed nor how rows are shown.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::recovery_point::{PointKind, RecoveryPoint, When};
use crate::domain::resource::{Resource, ResourceKind};

use super::source::Batch;

/// Number of a row, for as long as its store lives.
pub type Row = usize;

/// State of a point that the last complete listing of its place no longer found.
pub const GONE: &str = "gone";

/// Account and Region, kept once and named by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Spot(usize);

type PointKey = (Spot, PointKind, String);
type ResourceKey = (Spot, ResourceKind, String);

/// Recovery points and resources, each kept once by account, Region, kind and id.
#[derive(Debug, Default)]
pub struct Store {
    spots: HashMap<(AccountId, Region), Spot>,
    points: Vec<RecoveryPoint>,
    point_rows: HashMap<PointKey, Row>,
    resources: Vec<Resource>,
    resource_rows: HashMap<ResourceKey, Row>,
    points_of: HashMap<ResourceKey, Vec<Row>>,
    copies_of: HashMap<String, Vec<Row>>,
    by_time: BTreeSet<(Timestamp, Row)>,
    /// Number of the scan under way, or of the last one.
    scan: u64,
    /// The scan that found a row last, by row.
    points_seen: Vec<u64>,
    resources_seen: Vec<u64>,
    gone: HashSet<Row>,
    gone_points: usize,
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
        for (point, seen) in self.points.iter_mut().zip(&self.points_seen) {
            if *seen < scan && point.state != GONE && is_listed(&point.place) {
                GONE.clone_into(&mut point.state);
                self.gone_points += 1;
            }
        }
        for (row, resource) in self.resources.iter_mut().enumerate() {
            if !is_listed(&resource.place) {
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
        row.is_some_and(|row| self.gone.contains(&row))
    }

    /// Takes in a page.
    pub fn insert(&mut self, batch: Batch) {
        self.take(batch.points, batch.resources);
    }

    /// Takes in points and resources.
    pub fn take(&mut self, points: Vec<RecoveryPoint>, resources: Vec<Resource>) {
        for resource in resources {
            self.insert_resource(resource);
        }
        for point in points {
            self.insert_point(point);
        }
    }

    /// Returns the points in the order they arrived; the index is the row.
    #[must_use]
    pub fn points(&self) -> &[RecoveryPoint] {
        &self.points
    }

    /// Returns the points from the youngest data to the oldest.
    pub fn youngest_first(&self) -> impl Iterator<Item = &RecoveryPoint> {
        self.by_time.iter().rev().map(|(_, row)| &self.points[*row])
    }

    /// Returns the resources in the order they arrived. One of which only points were found so far
    /// is among them, and does not count as existing.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Returns one resource.
    #[must_use]
    pub fn resource(&self, place: &Place, kind: ResourceKind, id: &str) -> Option<&Resource> {
        let row = self.row_of(place, kind, id)?;
        Some(&self.resources[row])
    }

    fn row_of(&self, place: &Place, kind: ResourceKind, id: &str) -> Option<Row> {
        let key = (self.known_spot(place)?, kind, id.to_owned());
        self.resource_rows.get(&key).copied()
    }

    /// Tells whether any point is known to be of a resource itself; copies are not looked for.
    #[must_use]
    pub fn has_points(&self, resource: &Resource) -> bool {
        let Some(spot) = self.known_spot(&resource.place) else {
            return false;
        };
        let key = (spot, resource.kind, resource.id.clone());
        self.points_of
            .get(&key)
            .is_some_and(|rows| !rows.is_empty())
    }

    /// Returns the points of a resource wherever they are: its own, their copies, and copies of
    /// copies.
    #[must_use]
    pub fn points_of(&self, resource: &Resource) -> Vec<&RecoveryPoint> {
        let key = self.known_spot(&resource.place).map(|spot| {
            let id = resource.id.clone();
            (spot, resource.kind, id)
        });
        let own = key.and_then(|key| self.points_of.get(&key));
        let mut rows: Vec<Row> = own.cloned().unwrap_or_default();
        let mut seen: HashSet<Row> = rows.iter().copied().collect();
        let mut next = 0;
        while let Some(row) = rows.get(next) {
            let copies = self.copies_of.get(&self.points[*row].id);
            let fresh = copies
                .into_iter()
                .flatten()
                .filter(|row| seen.insert(**row));
            let fresh: Vec<Row> = fresh.copied().collect();
            rows.extend(fresh);
            next += 1;
        }
        rows.into_iter().map(|row| &self.points[row]).collect()
    }

    fn insert_point(&mut self, point: RecoveryPoint) {
        let spot = self.spot(&point.place);
        if let Some((kind, id)) = &point.resource {
            self.expect_resource(&point.place, *kind, id);
        }
        let key = (spot, point.kind, point.id.clone());
        let row = *self.point_rows.entry(key).or_insert(self.points.len());
        if row == self.points.len() {
            self.points.push(point);
            self.points_seen.push(self.scan);
        } else {
            self.forget(row);
            self.gone_points -= usize::from(self.points[row].state == GONE);
            self.points[row] = point;
            self.points_seen[row] = self.scan;
        }
        self.remember(row);
    }

    fn insert_resource(&mut self, resource: Resource) {
        let spot = self.spot(&resource.place);
        let key = (spot, resource.kind, resource.id.clone());
        let next = self.resources.len();
        let row = *self.resource_rows.entry(key).or_insert(next);
        if row == next {
            self.resources.push(resource);
            self.resources_seen.push(self.scan);
        } else if resource.exists || !self.resources[row].exists {
            self.resources[row] = resource;
            self.resources_seen[row] = self.scan;
            self.gone.remove(&row);
        }
        // What is known from its points alone does not displace what was found: the end of the scan tells.
    }

    /// Makes room for a resource that is so far known from its points alone.
    fn expect_resource(&mut self, place: &Place, kind: ResourceKind, id: &str) {
        if self.resource(place, kind, id).is_none() {
            self.insert_resource(Resource {
                id: id.to_owned(),
                kind,
                name: None,
                place: place.clone(),
                exists: false,
                engine: None,
                attached_to: None,
            });
        }
    }

    fn remember(&mut self, row: Row) {
        self.by_time.insert((sort_time(&self.points[row]), row));
        if let Some(key) = self.resource_of(row) {
            self.points_of.entry(key).or_default().push(row);
        }
        if let Some(source) = self.points[row].copy_of.clone() {
            self.copies_of.entry(source).or_default().push(row);
        }
    }

    fn forget(&mut self, row: Row) {
        self.by_time.remove(&(sort_time(&self.points[row]), row));
        let key = self.resource_of(row);
        if let Some(rows) = key.and_then(|key| self.points_of.get_mut(&key)) {
            rows.retain(|other| *other != row);
        }
        let source = self.points[row].copy_of.as_ref();
        if let Some(rows) = source.and_then(|id| self.copies_of.get_mut(id)) {
            rows.retain(|other| *other != row);
        }
    }

    fn resource_of(&self, row: Row) -> Option<ResourceKey> {
        let point = &self.points[row];
        let (kind, id) = point.resource.as_ref()?;
        Some((self.known_spot(&point.place)?, *kind, id.clone()))
    }

    fn spot(&mut self, place: &Place) -> Spot {
        let next = Spot(self.spots.len());
        let key = (place.account.clone(), place.region.clone());
        *self.spots.entry(key).or_insert(next)
    }

    fn known_spot(&self, place: &Place) -> Option<Spot> {
        let key = (place.account.clone(), place.region.clone());
        self.spots.get(&key).copied()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::{copy, place, point, store, volume};

    fn ids(points: &[&RecoveryPoint]) -> Vec<String> {
        let mut ids: Vec<String> = points.iter().map(|point| point.id.clone()).collect();
        ids.sort();
        ids
    }

    #[test]
    fn what_arrives_again_replaces_its_row() {
        let here = place("a", "eu-west-1");
        let mut pending = point("snap-1", &here, "2026-03-01T02:00:00Z");
        pending.state = "pending".into();
        let mut store = store(vec![pending], vec![]);
        let done = point("snap-1", &place("b", "eu-west-1"), "2026-03-01T02:00:01Z");
        store.insert(Batch {
            points: vec![done],
            resources: vec![],
        });
        assert_eq!(store.points().len(), 1);
        assert_eq!(store.points()[0].state, "completed");
        assert_eq!(store.youngest_first().count(), 1);
        assert_eq!(store.points_of(&volume("vol-1", &here)).len(), 1);
    }

    #[test]
    fn the_same_id_in_another_region_is_another_point() {
        let at = "2026-03-01T02:00:00Z";
        let one = point("snap-1", &place("a", "eu-west-1"), at);
        let two = point("snap-1", &place("a", "us-east-1"), at);
        assert_eq!(store(vec![one, two], vec![]).points().len(), 2);
    }

    #[test]
    fn copies_elsewhere_belong_to_the_resource_of_their_source_in_any_order() {
        let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
        let second = copy("snap-3", "snap-2", &there);
        let first = copy("snap-2", "snap-1", &there);
        let own = point("snap-1", &here, "2026-03-01T02:00:00Z");
        let store = store(vec![second, first, own], vec![volume("vol-1", &here)]);
        let points = store.points_of(&store.resources()[0]);
        assert_eq!(ids(&points), ["snap-1", "snap-2", "snap-3"]);
    }

    #[test]
    fn copies_that_name_each_other_do_not_hang() {
        let here = place("a", "eu-west-1");
        let mut own = point("snap-1", &here, "2026-03-01T02:00:00Z");
        own.copy_of = Some("snap-2".into());
        let other = copy("snap-2", "snap-1", &here);
        let store = store(vec![own, other], vec![volume("vol-1", &here)]);
        assert_eq!(store.points_of(&store.resources()[0]).len(), 2);
    }

    #[test]
    fn a_resource_known_from_its_points_alone_does_not_count_as_existing() {
        let here = place("a", "eu-west-1");
        let own = point("snap-1", &here, "2026-03-01T02:00:00Z");
        let mut store = store(vec![own], vec![]);
        assert!(!store.resources()[0].exists);
        store.insert(Batch {
            points: vec![],
            resources: vec![volume("vol-1", &here)],
        });
        assert_eq!(store.resources().len(), 1);
        assert!(store.resources()[0].exists);
        assert_eq!(store.points_of(&store.resources()[0]).len(), 1);
    }

    #[test]
    fn what_is_left_of_a_resource_does_not_hide_that_it_exists() {
        let here = place("a", "eu-west-1");
        let remembered = || Resource {
            exists: false,
            ..volume("vol-1", &here)
        };
        let mut store = Store::default();
        store.begin_scan();
        store.insert(found(vec![], vec![volume("vol-1", &here)]));
        store.insert(found(vec![], vec![remembered()]));
        assert!(store.resources()[0].exists);

        // Where it is not found again, the end of a complete scan says so.
        store.begin_scan();
        store.insert(found(vec![], vec![remembered()]));
        assert!(store.resources()[0].exists);
        store.end_scan(&[(here.account.clone(), here.region.clone())].into());
        assert!(!store.resources()[0].exists);
        assert!(store.is_gone(&store.resources()[0]));
    }

    fn found(points: Vec<RecoveryPoint>, resources: Vec<Resource>) -> Batch {
        Batch { points, resources }
    }

    #[test]
    fn what_a_complete_scan_does_not_find_again_is_gone_and_stays_as_a_row() {
        let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
        let at = "2026-03-01T02:00:00Z";
        let points = || vec![point("snap-1", &here, at), point("snap-2", &there, at)];
        let volumes = || vec![volume("vol-1", &here), volume("vol-1", &there)];
        let mut store = Store::default();
        let listed = |places: &[&Place]| {
            let key = |place: &&Place| (place.account.clone(), place.region.clone());
            places.iter().map(key).collect()
        };
        store.begin_scan();
        store.insert(found(points(), volumes()));
        store.end_scan(&listed(&[&here, &there]));
        assert!(store.points().iter().all(RecoveryPoint::usable));
        assert!(!store.resources().iter().any(|one| store.is_gone(one)));

        store.begin_scan();
        store.end_scan(&listed(&[&here]));
        let states: Vec<&str> = store.points().iter().map(|one| &*one.state).collect();
        assert_eq!(
            states,
            [GONE, "completed"],
            "where listing failed, nothing is gone"
        );
        assert!(!store.points()[0].usable());
        assert_eq!(store.gone_points(), 1);
        assert!(store.is_gone(&volume("vol-1", &here)) && !store.resources()[0].exists);
        assert!(!store.is_gone(&volume("vol-1", &there)) && store.resources()[1].exists);

        store.begin_scan();
        store.insert(found(points(), volumes()));
        assert!(store.points()[0].usable(), "it is back");
        assert_eq!(store.gone_points(), 0);
        assert!(!store.is_gone(&volume("vol-1", &here)));
    }

    #[test]
    fn a_volume_of_which_only_snapshots_are_found_is_gone_at_the_end_and_not_before() {
        let here = place("a", "eu-west-1");
        let mut store = Store::default();
        store.begin_scan();
        store.insert(found(
            vec![point("snap-1", &here, "2026-03-01T02:00:00Z")],
            vec![],
        ));
        assert!(!store.is_gone(&store.resources()[0]));
        store.end_scan(&[(here.account.clone(), here.region.clone())].into());
        assert!(store.is_gone(&store.resources()[0]));
        assert!(store.points()[0].usable());
    }

    #[test]
    fn points_are_sorted_by_their_data() {
        let here = place("a", "eu-west-1");
        let at = |id: &str, at: &str| point(id, &here, at);
        let points = vec![
            at("old", "2026-03-01T01:00:00Z"),
            at("new", "2026-03-01T03:00:00Z"),
            at("mid", "2026-03-01T02:00:00Z"),
        ];
        let store = store(points, vec![]);
        let ids: Vec<&str> = store.youngest_first().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["new", "mid", "old"]);
    }
}
