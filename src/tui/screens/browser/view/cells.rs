//! Columns and cells of a browser's table.
//! A column with a higher number goes first when it gets narrow.

use jiff::Timestamp;

use crate::catalog::store::{GONE, Point, Row};
use crate::domain::incident::Best;
use crate::domain::readiness::{NOT_USABLE, Readiness};
use crate::domain::recovery_point::{DataTime, When};
use crate::domain::resource::Resource;
use crate::domain::text::shown;
use crate::domain::verdict::Verdict;
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::widgets::windowed_table::{Cell, Column, Sort};
use crate::tui::width::{Align, Cut};

use super::super::columns::{self, Told};
use super::super::hits::{Hit, Searched};
use super::super::rows::{ACCOUNT, ID, ON, REGION};
use super::super::{Browser, Kind, SortKey};
use super::points;

/// Returns the columns.
#[must_use]
pub fn columns(browser: &Browser, known: &Known) -> Vec<Column> {
    let has_incident = known.incident.is_some();
    let mut columns = match browser.kind {
        Kind::Resources => resource_columns(known.incident),
        kind => {
            let told = columns::told(kind).iter();
            told.map(|told| columns::column(kind, *told, has_incident))
                .collect()
        }
    };
    // A hit that is out of sight would be a row without a reason.
    for n in &browser.hit {
        let column = &mut columns[*n];
        if column.priority > 0 {
            (column.priority, column.min) = (0, column.wanted);
        }
    }
    // So would an order be.
    columns[sort(browser).column].priority = 0;
    columns
}

const fn column(
    title: &'static str,
    align: Align,
    cut: Cut,
    widths: (u16, u16),
    priority: u8,
) -> Column {
    Column {
        align,
        ..columns::text(title, cut, widths, priority)
    }
}

/// Returns by which column the rows are sorted.
#[must_use]
pub fn sort(browser: &Browser) -> Sort {
    let told = match (browser.kind, browser.sort) {
        (_, SortKey::Name) => Told::Of,
        (Kind::Windows, SortKey::Data | SortKey::Lost) => Told::Latest,
        (_, SortKey::Data | SortKey::Lost) => Told::From,
        (_, SortKey::Size) => Told::Size,
        (_, SortKey::Place) => Told::Region,
    };
    let column = match (browser.kind, browser.sort) {
        (Kind::Resources, SortKey::Name) => 0,
        (Kind::Resources, SortKey::Lost | SortKey::Data | SortKey::Size) => 4,
        (Kind::Resources, SortKey::Place) => REGION,
        (kind, _) => columns::at(kind, told).unwrap_or(0),
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

/// Number of the column of resources that tells the instant of the best point.
pub const FROM: usize = 3;

/// Returns the cells of a row. A window has nothing but its end to tell: where there is no room for the column of that,
/// it is told in place of the point.
#[must_use]
pub fn row(browser: &Browser, row: Row, known: &Known, has_from: bool) -> Vec<Cell> {
    let store = &known.catalog.store;
    let named = Named {
        cells: browser.searched(store, row),
        hits: browser.hits(row),
    };
    match browser.kind {
        Kind::Resources => {
            let cells = resource_row(&store.resources()[row], &named, known, has_from);
            old(cells, known.catalog.resource_since(row).is_some(), known)
        }
        kind => {
            let cells = points::row(kind, store.point(row), &named, known);
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
pub(super) struct Named<'a> {
    cells: Vec<Searched>,
    hits: &'a [Hit],
}

impl Named<'_> {
    /// Returns the cell of a column, in the form that is hit; an empty one where the row has nothing there.
    pub(super) fn cell(&self, column: usize) -> Cell {
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

fn resource_row(one: &Resource, named: &Named<'_>, known: &Known, has_from: bool) -> Vec<Cell> {
    let theme = &known.settings.look.theme;
    let points = known.catalog.store.points_of(one);
    let best = known.catalog.store.best_before(one, known.incident);
    let (id, from, lost) = match &best {
        Some(best) => (
            Cell::new(best_of(best, known, has_from)),
            Cell::new(when(best.point, known)),
            Cell::new(unsure(best.point, loss(best, known), known)),
        ),
        None => none(one, known),
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
fn none(one: &Resource, known: &Known) -> (Cell, Cell, Cell) {
    let theme = &known.settings.look.theme;
    let verdict = verdict(one, known);
    let (words, from, style) = match &verdict {
        Verdict::SeeVolumes => (verdict.words(), String::new(), theme.dim),
        // A listing that is under way may still find one.
        _open if known.catalog.connecting => ("…", String::new(), theme.dim),
        Verdict::UnderWay => ("…", String::new(), theme.dim),
        Verdict::NotListed(_) => (verdict.words(), "listing failed".to_owned(), theme.warning),
        Verdict::AgeUnknown(count) => {
            let from = format!("{count} may be older");
            (verdict.words(), from, theme.warning)
        }
        Verdict::NoPoints | Verdict::NoneUsable | Verdict::NoneBefore => {
            (verdict.words(), String::new(), theme.danger)
        }
    };
    let said = Cell {
        style,
        ..Cell::new(words.to_owned())
    };
    (said, Cell::new(from), Cell::new("—".to_owned()))
}

/// Decides why a resource has no best point.
#[must_use]
pub fn verdict(one: &Resource, known: &Known) -> Verdict {
    let catalog = &known.catalog;
    let points = catalog.store.points_of(one).into_iter();
    let points = points.map(Point::candidate);
    Verdict::of(one, catalog.coverage.gap(one), points, known.incident)
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

/// Returns what names the best point, and what has to be done first.
fn best_of(best: &Best<Point<'_>>, known: &Known, has_from: bool) -> String {
    let named = point_of(best.point, known, has_from);
    match best.words() {
        Some(words) => format!("{words} {named}"),
        None => named,
    }
}

/// Returns what names a point beside its instant. A window is not gone back to by its id.
fn point_of(point: Point<'_>, known: &Known, has_from: bool) -> String {
    match point.when() {
        When::At { .. } => shown(words::short_id(point.id())),
        When::Window { .. } if has_from => "any second to".to_owned(),
        When::Window { .. } => format!("to {}", when(point, known)),
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
    let age = || known.now.duration_since(best.point.data_used(None));
    best.lost.map_or_else(
        || words::age(age(), best.certain),
        |lost| words::loss(lost, best.certain),
    )
}

/// Returns the instant of a point's data as short as it can be told: with its day unless that is today, and
/// with its year in place of the time where that is another one.
#[must_use]
pub fn when(point: Point<'_>, known: &Known) -> String {
    let at = instant(point.data_used(known.incident), known);
    format!("{}{at}", bound(point))
}

pub(super) fn bound(point: Point<'_>) -> &'static str {
    match point.data_at() {
        DataTime::Known(_) => "",
        DataTime::AtMost(_) => "≤ ",
    }
}

/// Returns an instant with its day unless that is today, and with its year in place of the time where that is another.
#[must_use]
pub fn instant(at: Timestamp, known: &Known) -> String {
    let now = known.now;
    let same = |part: &str| at.strftime(part).to_string() == now.strftime(part).to_string();
    let format = match (same("%F"), same("%Y")) {
        (true, _) => "%H:%M:%SZ",
        (false, true) => "%m-%d %H:%MZ",
        (false, false) => "%F",
    };
    at.strftime(format).to_string()
}

/// Returns what is lost by going back to a point, or its age where no incident is set.
#[must_use]
pub fn lost(point: Point<'_>, known: &Known) -> String {
    let at = point.data_used(known.incident);
    if point.state() == GONE {
        return "gone".to_owned();
    }
    let certain = matches!(point.data_at(), DataTime::Known(_));
    match (known.incident, point.data_at()) {
        (None, _) => words::age(known.now.duration_since(at), certain),
        (Some(_), _) if point.readiness() == Readiness::Never => NOT_USABLE.to_owned(),
        (Some(incident), _) if at < incident => words::loss(incident.duration_since(at), certain),
        (Some(_), DataTime::Known(_)) => "after T".to_owned(),
        (Some(_), DataTime::AtMost(_)) => "not known".to_owned(),
    }
}
