//! One resource: its timeline as a picture, its points by place, and the detail of one.
//!
//! The three places are three failure modes: the same Region, another Region, another account.

pub mod asked;
pub mod detail;
pub mod picture;
pub mod standing;
mod update;
pub mod view;

use jiff::{SignedDuration, Timestamp};

use crate::catalog::store::{Point, Store, sort_time};
use crate::domain::place::Place;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};
use crate::domain::resource::{Resource as Found, ResourceKind};
use crate::tui::known::Known;
use crate::tui::widgets::timeline::whole;
use crate::tui::widgets::windowed_table::scrolled;

/// The stretch before the incident that the picture shows at first, and how many points make it worth it.
const NEAR: SignedDuration = SignedDuration::from_hours(36);
const ENOUGH: usize = 3;

/// A point, as a list that is made anew finds it again.
type PointKey = (Place, PointKind, String);

/// How far a point is from its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distance {
    /// The same account and Region.
    SameRegion,
    /// The same account.
    OtherRegion,
    /// Another account.
    OtherAccount,
}

impl Distance {
    fn between(home: &Place, place: &Place) -> Self {
        if home.account != place.account {
            Self::OtherAccount
        } else if home.region == place.region {
            Self::SameRegion
        } else {
            Self::OtherRegion
        }
    }

    /// Returns the heading of its points.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::SameRegion => "same Region",
            Self::OtherRegion => "other Region",
            Self::OtherAccount => "other account",
        }
    }
}

/// The screen of one resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The resource, as it was when the screen was opened.
    pub found: Found,
    /// A point that no resource leads to, where the screen is that point's alone.
    lone: Option<PointKey>,
    /// The points in the order of the list.
    pub points: Vec<(Distance, RecoveryPoint)>,
    /// The cursor.
    pub at: usize,
    /// The first line of the list on the screen, headings counted.
    pub top: usize,
    /// The point under the cursor, which the cursor follows.
    follows: Option<PointKey>,
    /// The stretch of time that the picture shows; all of it if none was chosen.
    pub chosen: Option<(Timestamp, Timestamp)>,
    /// What the points were made of.
    version: Option<u64>,
}

fn key_of(point: &RecoveryPoint) -> PointKey {
    (point.place.clone(), point.kind, point.id.clone())
}

impl Resource {
    /// Opens a resource with the cursor on its best point.
    #[must_use]
    pub fn of(found: &Found, known: &Known) -> Self {
        let best = known.catalog.store.best_before(found, known.incident);
        let best = best.map(|best| key_of(&best.point.whole()));
        Self::opened(found.clone(), best, None)
    }

    /// Opens the resource of a point, with the cursor on that point.
    #[must_use]
    pub fn of_point(point: &RecoveryPoint, known: &Known) -> Self {
        let store = &known.catalog.store;
        let key = key_of(point);
        match resource_of(point, store) {
            Some(found) => Self::opened(found.clone(), Some(key), None),
            None => Self::opened(stand_in(point), Some(key.clone()), Some(key)),
        }
    }

    fn opened(found: Found, follows: Option<PointKey>, lone: Option<PointKey>) -> Self {
        Self {
            found,
            lone,
            points: Vec::new(),
            at: 0,
            top: 0,
            follows,
            chosen: None,
            version: None,
        }
    }

    /// Makes the points anew where something was found, and keeps the cursor in sight.
    pub fn settle(&mut self, known: &Known) {
        if self.version != Some(known.catalog.version) {
            self.version = Some(known.catalog.version);
            self.find(&known.catalog.store);
        }
        let rows = view::rows(self, known);
        self.top = scrolled(self.top, self.line_of_cursor(), rows, self.list_lines());
        if self.line_of_cursor() == 1 {
            // The first heading is seen with the first point.
            self.top = 0;
        }
    }

    fn find(&mut self, store: &Store) {
        let Found {
            place, kind, id, ..
        } = &self.found;
        if let Some(found) = store.resource(place, *kind, id) {
            self.found = found.clone();
        }
        let points: Vec<RecoveryPoint> = match &self.lone {
            None => store
                .points_of(&self.found)
                .into_iter()
                .map(Point::whole)
                .collect(),
            Some((place, kind, id)) => {
                let found = store.find(place, *kind, id).into_iter();
                found.map(Point::whole).collect()
            }
        };
        self.points = by_distance(&self.found.place, points, |point| {
            (&point.place, sort_time(point), &point.id)
        });
        let followed = self.follows.as_ref().and_then(|key| {
            self.points
                .iter()
                .position(|(_, point)| key_of(point) == *key)
        });
        self.at = followed
            .unwrap_or(self.at)
            .min(self.points.len().saturating_sub(1));
    }

    /// Returns the point under the cursor.
    #[must_use]
    pub fn point(&self) -> Option<&RecoveryPoint> {
        self.points.get(self.at).map(|(_, point)| point)
    }

    fn move_to(&mut self, at: usize) {
        self.at = at.min(self.points.len().saturating_sub(1));
        self.follows = self.point().map(key_of);
    }

    /// Returns how many headings stand above the point at a place in the list, its own counted.
    fn headings_above(&self, at: usize) -> usize {
        let mut distances: Vec<Distance> = self
            .points
            .iter()
            .take(at + 1)
            .map(|(distance, _)| *distance)
            .collect();
        distances.dedup();
        distances.len()
    }

    fn line_of_cursor(&self) -> usize {
        self.at + self.headings_above(self.at)
    }

    /// Returns the points whose rows are on the screen.
    #[must_use]
    pub fn on_screen(&self, known: &Known) -> Vec<&RecoveryPoint> {
        let lines = self.top..self.top + view::rows(self, known);
        let (mut line, mut above, mut shown) = (0, None, Vec::new());
        for (distance, point) in &self.points {
            line += usize::from(above != Some(*distance));
            above = Some(*distance);
            if lines.contains(&line) {
                shown.push(point);
            }
            line += 1;
            if line >= lines.end {
                break;
            }
        }
        shown
    }

    fn list_lines(&self) -> usize {
        self.points.len() + self.headings_above(self.points.len())
    }

    /// Returns the stretch of time that the picture shows.
    #[must_use]
    pub fn stretch(&self, known: &Known) -> (Timestamp, Timestamp) {
        if let Some(chosen) = self.chosen {
            return chosen;
        }
        let points = self.points.iter().map(|(_, point)| point.into());
        let home = &self.found.place;
        let lanes = picture::lanes(home, points);
        let lanes: Vec<_> = lanes
            .iter()
            .map(|(place, points)| picture::lane(home, place, points))
            .collect();
        let all = whole(&lanes, known.incident);
        near(&self.points, known).or(all).unwrap_or((
            known.now.saturating_sub(NEAR).unwrap_or(known.now),
            known.now,
        ))
    }
}

/// Puts points in order: the nearest place first, and there the youngest data. `told` tells of a point where
/// it is, when its data is from, and its id.
#[must_use]
pub fn by_distance<P>(
    home: &Place,
    points: impl IntoIterator<Item = P>,
    told: impl Fn(&P) -> (&Place, Timestamp, &str),
) -> Vec<(Distance, P)> {
    let at = |point: P| (Distance::between(home, told(&point).0), point);
    let mut points: Vec<_> = points.into_iter().map(at).collect();
    points.sort_by(|(one, a), (other, b)| {
        let ((_, at, id), (_, other_at, other_id)) = (told(a), told(b));
        one.cmp(other)
            .then_with(|| other_at.cmp(&at))
            .then_with(|| id.cmp(other_id))
    });
    points
}

/// Returns the stretch before the incident in which the choice is made, where enough points lie in it.
fn near(points: &[(Distance, RecoveryPoint)], known: &Known) -> Option<(Timestamp, Timestamp)> {
    let centre = known.incident.unwrap_or(known.now);
    let from = centre.saturating_sub(NEAR).ok()?;
    let within = points
        .iter()
        .filter(|(_, point)| (from..=known.now).contains(&sort_time(point)));
    if within.count() < ENOUGH {
        return None;
    }
    let margin = known.now.duration_since(from) / 24;
    Some((from, known.now.saturating_add(margin).ok()?))
}

/// Finds the resource that a point, or what it is a copy of, belongs to.
fn resource_of<'a>(point: &RecoveryPoint, store: &'a Store) -> Option<&'a Found> {
    let point = store.find(&point.place, point.kind, &point.id)?;
    Some(&store.resources()[store.home(point.row())?])
}

/// Stands for the resource of a point that is known from nothing else.
#[must_use]
pub fn stand_in(point: &RecoveryPoint) -> Found {
    Found {
        id: point.id.clone(),
        kind: match point.kind {
            PointKind::Ami => ResourceKind::Image,
            PointKind::EbsVolume => ResourceKind::Volume,
            PointKind::EbsSnapshot | PointKind::RdsSnapshot | PointKind::RdsClusterSnapshot => {
                ResourceKind::Snapshot
            }
            PointKind::RdsWindow
            | PointKind::RdsClusterWindow
            | PointKind::DynamodbBackup
            | PointKind::DynamodbWindow
            | PointKind::BackupPoint => ResourceKind::Other,
        },
        name: point.name.clone(),
        place: point.place.clone(),
        exists: true,
        engine: None,
        attached_to: None,
        tags: std::collections::BTreeMap::new(),
    }
}
