//! The timeline of a resource as a picture: a lane for each place, the nearest first.
//! Used large on the screen of a resource, and small below the list of resources.

use ratatui::text::Line;

use crate::domain::place::Place;
use crate::domain::recovery_point::{RecoveryPoint, Tier, When};
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
    let points = screen.points.iter().map(|(_, point)| point);
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
    let points = screen.points.iter().map(|(_, point)| point);
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

/// Groups points by place, the nearest first.
#[must_use]
pub fn lanes<'a>(
    home: &Place,
    points: impl Iterator<Item = &'a RecoveryPoint>,
) -> Vec<(&'a Place, Vec<&'a RecoveryPoint>)> {
    let mut lanes: Vec<(&Place, Vec<&RecoveryPoint>)> = Vec::new();
    for point in points {
        match lanes.iter_mut().find(|(place, _)| *place == &point.place) {
            Some((_, points)) => points.push(point),
            None => lanes.push((&point.place, vec![point])),
        }
    }
    lanes.sort_by_key(|(place, _)| (Distance::between(home, place), (*place).clone()));
    lanes.truncate(LANES);
    lanes
}

/// Returns the lane of a place: called by its Region, and by its account where that is another one.
#[must_use]
pub fn lane(home: &Place, place: &Place, points: &[&RecoveryPoint]) -> Lane {
    let label = if place.account == home.account {
        place.region.to_string()
    } else {
        format!("{} {}", place.region, place.account)
    };
    let mark = |point: &&RecoveryPoint| Mark {
        when: drawn_at(point),
        kind: kind(point),
    };
    Lane {
        label,
        marks: points.iter().map(mark).collect(),
    }
}

/// A point stands where its data is from.
fn drawn_at(point: &RecoveryPoint) -> When {
    match point.when {
        When::At { .. } => When::At {
            at: point.data_at.bound(),
        },
        window @ When::Window { .. } => window,
    }
}

fn kind(point: &RecoveryPoint) -> Kind {
    match point.tier {
        Tier::Archive => Kind::Archived,
        Tier::Standard if !point.usable() => Kind::Unusable,
        Tier::Standard if point.locked() => Kind::Locked,
        Tier::Standard => Kind::Usable,
    }
}
