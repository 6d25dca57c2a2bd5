//! Columns and cells of a browser's table.
//! A column with a higher number goes first when it gets narrow.

use jiff::{SignedDuration, Timestamp};

use crate::catalog::store::{GONE, Point, Row};
use crate::domain::incident::Best;
use crate::domain::recovery_point::{DataTime, Tier, When};
use crate::domain::resource::Resource;
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::screens::resource::detail::origin;
use crate::tui::widgets::windowed_table::{Cell, Column, Sort};
use crate::tui::width::{Align, Cut};

use super::super::hits::{Hit, Searched};
use super::super::rows::{ACCOUNT, ID, NAME, ON, REGION};
use super::super::{Browser, Kind, SortKey};

/// Returns the columns.
#[must_use]
pub fn columns(browser: &Browser, known: &Known) -> Vec<Column> {
    let mut columns = match browser.kind {
        Kind::Resources => resource_columns(known.incident),
        Kind::Snapshots => point_columns(known.incident),
    };
    // A hit that is out of sight would be a row without a reason.
    for n in &browser.hit {
        let column = &mut columns[*n];
        if column.priority > 0 {
            (column.priority, column.min) = (0, column.wanted);
        }
    }
    columns
}

const fn column(
    title: &'static str,
    align: Align,
    cut: Cut,
    (min, wanted): (u16, u16),
    priority: u8,
) -> Column {
    Column {
        title,
        align,
        cut,
        min,
        wanted,
        flex: false,
        priority,
    }
}

/// Returns by which column the rows are sorted.
#[must_use]
pub fn sort(browser: &Browser) -> Sort {
    let column = match (browser.kind, browser.sort) {
        (Kind::Resources, SortKey::Name) => 0,
        (Kind::Snapshots, SortKey::Name) => 1,
        (Kind::Snapshots, SortKey::Data | SortKey::Lost) => 2,
        (Kind::Resources, SortKey::Lost | SortKey::Data | SortKey::Size)
        | (Kind::Snapshots, SortKey::Size) => 4,
        (_, SortKey::Place) => 8,
    };
    let largest_first = matches!(browser.sort, SortKey::Lost | SortKey::Data | SortKey::Size);
    Sort {
        column,
        descending: largest_first != browser.reversed,
    }
}

fn resource_columns(incident: Option<Timestamp>) -> Vec<Column> {
    let (best, lost) = match incident {
        Some(_) => ("BEST BEFORE T", "DATA LOST"),
        None => ("YOUNGEST POINT", "AGE"),
    };
    vec![
        column("RESOURCE", Align::Left, Cut::End, (20, 40), 0),
        column("KIND", Align::Left, Cut::End, (8, 9), 4),
        column(best, Align::Left, Cut::Middle, (14, 22), 0),
        column("FROM", Align::Left, Cut::End, (14, 14), 1),
        column(lost, Align::Right, Cut::End, (10, 11), 0),
        column("ELSEWHERE", Align::Left, Cut::End, (9, 14), 3),
        column("ON", Align::Left, Cut::Middle, (20, 32), 5),
        column("ID", Align::Left, Cut::Never, (21, 22), 6),
        column("REGION", Align::Left, Cut::End, (11, 14), 2),
        column("ACCOUNT", Align::Left, Cut::Never, (12, 12), 7),
    ]
}

fn point_columns(incident: Option<Timestamp>) -> Vec<Column> {
    let age = if incident.is_some() {
        "DATA LOST"
    } else {
        "AGE"
    };
    vec![
        column("POINT", Align::Left, Cut::Never, (13, 22), 0),
        column("OF", Align::Left, Cut::End, (16, 30), 0),
        column("DATA FROM", Align::Left, Cut::End, (14, 14), 0),
        column(age, Align::Right, Cut::End, (10, 11), 0),
        column("SIZE", Align::Right, Cut::End, (7, 9), 4),
        column("STATE", Align::Left, Cut::End, (9, 10), 2),
        column("ORIGIN", Align::Left, Cut::End, (8, 10), 5),
        column("NAME", Align::Left, Cut::End, (10, 30), 6),
        column("REGION", Align::Left, Cut::End, (11, 14), 3),
        column("ACCOUNT", Align::Left, Cut::End, (12, 12), 7),
    ]
}

/// Returns the cells of a row.
#[must_use]
pub fn row(browser: &Browser, row: Row, known: &Known) -> Vec<Cell> {
    let store = &known.catalog.store;
    let named = Named {
        cells: browser.searched(store, row),
        hits: browser.hits(row),
    };
    match browser.kind {
        Kind::Resources => {
            let cells = resource_row(&store.resources()[row], &named, known);
            old(cells, known.catalog.resource_since(row).is_some(), known)
        }
        Kind::Snapshots => {
            let cells = point_row(store.point(row), &named, known);
            old(cells, known.catalog.point_since(row).is_some(), known)
        }
    }
}

/// Puts a sign in front of what nobody has confirmed.
fn old(mut cells: Vec<Cell>, is_old: bool, known: &Known) -> Vec<Cell> {
    if let Some(first) = cells.first_mut().filter(|_| is_old) {
        first.lead = Some(known.settings.look.signs.before);
    }
    cells
}

/// The cells that name a row, and what the filter hits in them.
struct Named<'a> {
    cells: Vec<Searched>,
    hits: &'a [Hit],
}

impl Named<'_> {
    /// Returns the cell of a column, in the form that is hit; an empty one where the row has nothing there.
    fn cell(&self, column: usize) -> Cell {
        let cell = self.cells.iter().find(|cell| cell.column == column);
        let hit = self.hits.iter().find(|hit| hit.column == column);
        let form = hit.map_or(0, |hit| hit.form);
        let text = cell.and_then(|cell| cell.forms.get(form));
        Cell {
            positions: hit.map(|hit| hit.positions.clone()).unwrap_or_default(),
            ..Cell::new(text.map_or_else(String::new, |form| form.text.clone()))
        }
    }
}

fn resource_row(one: &Resource, named: &Named<'_>, known: &Known) -> Vec<Cell> {
    let theme = &known.settings.look.theme;
    let points = known.catalog.store.points_of(one);
    let best = known.catalog.store.best_before(one, known.incident);
    let (id, from, lost) = match &best {
        Some(best) => (
            Cell::new(point_of(best.point)),
            Cell::new(when(best.point, known)),
            Cell::new(unsure(best.point, loss(best, known), known)),
        ),
        None => none(one, &points, known),
    };
    let style = if known.catalog.store.is_gone(one) {
        theme.dim
    } else {
        theme.strong
    };
    vec![
        Cell {
            style,
            ..named.cell(0)
        },
        named.cell(1),
        id,
        from,
        lost,
        Cell::new(elsewhere(one, &points)),
        named.cell(ON),
        named.cell(ID),
        named.cell(REGION),
        named.cell(ACCOUNT),
    ]
}

/// Returns what is said where there is no usable point.
fn none(one: &Resource, points: &[Point<'_>], known: &Known) -> (Cell, Cell, Cell) {
    let theme = &known.settings.look.theme;
    let said = |text: &str, style| {
        (
            Cell {
                style,
                ..Cell::new(text.to_owned())
            },
            Cell::new(String::new()),
            Cell::new("—".to_owned()),
        )
    };
    if one.kind == crate::domain::resource::ResourceKind::Instance {
        return said("see volumes", theme.dim);
    }
    // A listing that is under way may still find one.
    if known.catalog.is_growing() {
        return said("…", theme.dim);
    }
    if points.is_empty() {
        return said("no points", theme.danger);
    }
    let before = |point: &&Point<'_>| known.incident.is_none_or(|t| point.holds_data_before(t));
    match points
        .iter()
        .copied()
        .filter(|point| before(&point))
        .max_by_key(|one| one.sort_time())
    {
        None => said("none before T", theme.danger),
        // What would have to be done first is told by its state.
        Some(_) => said("none usable", theme.danger),
    }
}

/// Returns the places other than its own in which points of a resource are.
fn elsewhere(one: &Resource, points: &[Point<'_>]) -> String {
    let mut places: Vec<String> = points
        .iter()
        .filter(|point| {
            let place = point.place();
            place.account != one.place.account || place.region != one.place.region
        })
        .map(|point| {
            if point.place().account == one.place.account {
                point.place().region.to_string()
            } else {
                point.place().account.to_string()
            }
        })
        .collect();
    places.sort();
    places.dedup();
    places.join(" ")
}

/// Returns what names a point beside its instant. A window is not gone back to by its id.
fn point_of(point: Point<'_>) -> String {
    match point.when() {
        When::At { .. } => shown(point.id()),
        When::Window { .. } => "any second to".to_owned(),
    }
}

/// Says of what rests on a point that nobody has confirmed the point.
fn unsure(point: Point<'_>, said: String, known: &Known) -> String {
    match known.catalog.point_since(point.row()) {
        Some(_) => format!("{} {said}", known.settings.look.signs.before),
        None => said,
    }
}

fn loss(best: &Best<Point<'_>>, known: &Known) -> String {
    let lost = best
        .lost
        .unwrap_or_else(|| known.now.duration_since(best.point.data_used(None)));
    let lost = lost.max(SignedDuration::ZERO);
    if best.certain {
        words::span(lost)
    } else {
        words::at_least(lost)
    }
}

/// Returns a length of time up to a point's data, with `≥` where it may be longer.
#[must_use]
pub fn span_of(point: Point<'_>, span: SignedDuration) -> String {
    let span = span.max(SignedDuration::ZERO);
    match point.data_at() {
        DataTime::Known(_) => words::span(span),
        DataTime::AtMost(_) => words::at_least(span),
    }
}

/// Returns the instant of a point's data as short as it can be told: with its day unless that is today, and
/// with its year in place of the time where that is another one.
#[must_use]
pub fn when(point: Point<'_>, known: &Known) -> String {
    let (at, now) = (point.data_used(known.incident), known.now);
    let bound = match point.data_at() {
        DataTime::Known(_) => "",
        DataTime::AtMost(_) => "≤ ",
    };
    let same = |part: &str| at.strftime(part).to_string() == now.strftime(part).to_string();
    let format = match (same("%F"), same("%Y")) {
        (true, _) => "%H:%M:%SZ",
        (false, true) => "%m-%d %H:%MZ",
        (false, false) => "%F",
    };
    format!("{bound}{}", at.strftime(format))
}

fn point_row(point: Point<'_>, named: &Named<'_>, known: &Known) -> Vec<Cell> {
    let theme = &known.settings.look.theme;
    let at = point.data_used(known.incident);
    let after = known.incident.is_some_and(|incident| at >= incident);
    let gone = point.state() == GONE;
    let style = if after || gone { theme.dim } else { theme.text };
    let lost = known
        .incident
        .map_or_else(|| known.now.duration_since(at), |t| t.duration_since(at));
    let lost = if gone {
        "gone".to_owned()
    } else if after {
        "after T".to_owned()
    } else {
        span_of(point, lost)
    };
    let state = match point.tier() {
        Tier::Archive if !gone => "archived".to_owned(),
        Tier::Archive | Tier::Standard => shown(point.state()),
    };
    let cells = vec![
        named.cell(0),
        named.cell(1),
        Cell::new(when(point, known)),
        Cell::new(lost),
        Cell::new(point.size_bytes().map_or_else(String::new, words::size)),
        Cell::new(state),
        Cell::new(origin(point.origin()).to_owned()),
        named.cell(NAME),
        named.cell(REGION),
        named.cell(ACCOUNT),
    ];
    cells
        .into_iter()
        .map(|cell| Cell { style, ..cell })
        .collect()
}
