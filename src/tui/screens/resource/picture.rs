//! The timeline of a resource as a picture: a lane for each place, the nearest first.
//! Used large on the screen of a resource, and small below the list of resources.

use ratatui::text::Line;

use crate::catalog::store::Point;
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, RecoveryPoint, Tier, When, is_lock};
use crate::tui::known::Known;
use crate::tui::view::is_scarce;
use crate::tui::widgets::timeline::{Cursor, Kind, Lane, Mark, TimelineView, legend};

use super::{Distance, Resource};

/// How many lanes are drawn, and where rows are scarce; further places stand in the list.
const LANES: usize = 4;
const FEW_LANES: usize = 2;

/// Returns how many rows the picture takes: its lanes, axis and legend.
#[must_use]
pub fn height(screen: &Resource, known: &Known) -> usize {
    let points = screen.points.iter().map(|(_, point)| point.into());
    let lanes = lanes(&screen.found.place, points).len();
    if is_scarce(known) {
        lanes.min(FEW_LANES) + 1
    } else {
        lanes + 2
    }
}

/// Draws the picture.
#[must_use]
pub fn lines(screen: &Resource, known: &Known, width: usize) -> Vec<Line<'static>> {
    let points = screen.points.iter().map(|(_, point)| point.into());
    let grouped = lanes(&screen.found.place, points);
    let cursor = screen.point().and_then(|point| {
        let lane = grouped
            .iter()
            .position(|(place, _)| *place == &point.place)?;
        let mark = grouped[lane].1.iter().position(|one| one.id == point.id)?;
        Some(Cursor { lane, mark })
    });
    let (from, to) = screen.stretch(known);
    let few = is_scarce(known);
    let drawn: Vec<Lane> = grouped
        .iter()
        .take(if few { FEW_LANES } else { LANES })
        .map(|(place, points)| lane(&screen.found.place, place, points))
        .collect();
    let view = TimelineView {
        from,
        to,
        lanes: &drawn,
        incident: known.incident,
        cursor: cursor.filter(|cursor| cursor.lane < drawn.len()),
    };
    let look = &known.settings.look;
    let mut lines = view.lines(width, look);
    if !few {
        lines.push(legend(width, look));
    }
    lines
}

/// A point as it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    place: &'a Place,
    /// Its id.
    pub id: &'a str,
    mark: Mark,
}

impl<'a> From<&'a RecoveryPoint> for Drawn<'a> {
    fn from(point: &'a RecoveryPoint) -> Self {
        let usable = point.usable();
        Self {
            place: &point.place,
            id: &point.id,
            mark: Mark {
                when: drawn_at(point.when, point.data_at),
                kind: kind(point.tier, usable, point.locked()),
            },
        }
    }
}

impl<'a> From<Point<'a>> for Drawn<'a> {
    fn from(point: Point<'a>) -> Self {
        Self {
            place: point.place(),
            id: point.id(),
            mark: Mark {
                when: drawn_at(point.when(), point.data_at()),
                kind: kind(
                    point.tier(),
                    point.usable(),
                    point.protection().as_deref().is_some_and(is_lock),
                ),
            },
        }
    }
}

/// Groups points by place, the nearest first.
#[must_use]
pub fn lanes<'a>(
    home: &Place,
    points: impl Iterator<Item = Drawn<'a>>,
) -> Vec<(&'a Place, Vec<Drawn<'a>>)> {
    let mut lanes: Vec<(&Place, Vec<Drawn<'_>>)> = Vec::new();
    for point in points {
        match lanes.iter_mut().find(|(place, _)| *place == point.place) {
            Some((_, points)) => points.push(point),
            None => lanes.push((point.place, vec![point])),
        }
    }
    lanes.sort_by_key(|(place, _)| (Distance::between(home, place), (*place).clone()));
    lanes.truncate(LANES);
    lanes
}

/// Returns the lane of a place: called by its Region, and by its account where that is another one.
#[must_use]
pub fn lane(home: &Place, place: &Place, points: &[Drawn<'_>]) -> Lane {
    let label = if place.account == home.account {
        place.region.to_string()
    } else {
        format!("{} {}", place.region, place.account)
    };
    Lane {
        label,
        marks: points.iter().map(|point| point.mark).collect(),
    }
}

/// A point stands where its data is from.
fn drawn_at(when: When, data_at: DataTime) -> When {
    match when {
        When::At { .. } => When::At {
            at: data_at.bound(),
        },
        window @ When::Window { .. } => window,
    }
}

fn kind(tier: Tier, usable: bool, protected: bool) -> Kind {
    match (tier, usable) {
        (Tier::Archive, _) => Kind::Archived,
        (Tier::Standard, false) => Kind::Unusable,
        (Tier::Standard, true) if protected => Kind::Locked,
        (Tier::Standard, true) => Kind::Usable,
    }
}
