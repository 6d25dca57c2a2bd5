//! Draws a browser: the table, what failed, and below or beside it the resource under the cursor.
//! What failed stands beside what was found and never hides it.

mod beside;
pub(super) mod cells;
mod panel;
mod points;
mod welcome;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::words;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::{Known, SourceFailure, Story};
use crate::tui::widgets::typed;
use crate::tui::widgets::windowed_table::{Cell, Failures, WindowedTable, rows_shown, widths};
use crate::tui::width::{cut_end, wrapped};

use super::{Browser, Kind, SortKey, fields};

/// Rows of the panel below the table, its rule counted.
const PANEL: usize = 6;
/// The least rows between header and footer that leave room for the panel.
const ROOM_FOR_PANEL: usize = 17;

/// The least cells in which the conditions of the filter are explained.
const LEAST_HELP: usize = 20;

/// Rows of the table and what belongs to it that the page leaves alone.
const LEAST_ROWS: usize = 6;

/// Returns how many rows of the table are on the screen.
#[must_use]
pub fn height(known: &Known) -> usize {
    let table = u16::try_from(table_height(known)).unwrap_or(u16::MAX);
    rows_shown(table, known.catalog.failures.len())
}

/// What is left for the table: the line of the filter, the page and the panel have theirs.
fn table_height(known: &Known) -> usize {
    let middle = crate::tui::view::middle(known);
    middle.saturating_sub(panel_height(known) + pager_lines(known) + 1)
}

fn panel_height(known: &Known) -> usize {
    let middle = crate::tui::view::middle(known);
    // Until the clock is set, the page stands in its place.
    if beside::width(known) == 0 && middle >= ROOM_FOR_PANEL + pager_lines(known) {
        PANEL
    } else {
        0
    }
}

/// The page stands above the list until the clock is set: nothing can be judged before.
fn pager_lines(known: &Known) -> usize {
    match (&known.settings.story, known.incident) {
        (Some(story), None) => pager_texts(story, known).len() + 3,
        (Some(_), Some(_)) | (None, _) => 0,
    }
}

/// The page as it is wrapped to the width.
fn pager_texts(story: &Story, known: &Known) -> Vec<String> {
    let width = usize::from(known.room().0).saturating_sub(2);
    let texts = story
        .pager
        .iter()
        .map(|line| known.settings.look.signs.text(line).into_owned());
    // At least a few rows of the list stay in sight.
    let room = crate::tui::view::middle(known).saturating_sub(3 + LEAST_ROWS);
    texts
        .flat_map(|line| wrapped(&line, width, 11))
        .take(room)
        .collect()
}

/// Draws the browser.
pub fn draw(browser: &Browser, frame: &mut Frame, area: Rect, known: &Known) {
    if draw_welcome(frame, area, known) {
        return;
    }
    let (pager, rest) = split(area, pager_lines(known));
    draw_pager(frame, pager, known);
    let aside = beside::width(known);
    let list = Rect {
        width: rest.width - aside,
        ..rest
    };
    let (filter, _) = split(list, 1);
    let (_, below) = split(rest, 1);
    let (table, panel) = split(below, table_height(known));
    draw_filter(browser, frame, filter, known);
    // A blank before the upright rule.
    draw_table(browser, frame, table, known, aside + u16::from(aside > 0));
    if aside > 0 {
        // What failed needs the whole width, so that its remedy is seen.
        let rows = rows_shown(table.height, known.catalog.failures.len()) + 2;
        let (beside, _) = split(rest, rows);
        let beside = Rect {
            x: rest.x + list.width,
            width: aside,
            ..beside
        };
        beside::draw(browser, frame, beside, known);
    } else if panel.height > 0 {
        panel::draw(browser, frame, panel, known);
    }
}

/// Draws, where no place answered and nothing is known from before, how to get one; tells whether it did.
pub(in crate::tui::screens) fn draw_welcome(frame: &mut Frame, area: Rect, known: &Known) -> bool {
    let catalog = &known.catalog;
    let nothing = catalog.places.is_empty() && catalog.before.places.is_empty();
    let wanted = nothing && !catalog.is_growing() && !catalog.failures.is_empty();
    if wanted {
        welcome::draw(frame, area, known);
    }
    wanted
}

/// Splits an area below so many rows, as far as there are any.
fn split(area: Rect, rows: usize) -> (Rect, Rect) {
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(area.height);
    let above = Rect {
        height: rows,
        ..area
    };
    let below = Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    };
    (above, below)
}

fn draw_pager(frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let Some(story) = known.settings.story.as_ref().filter(|_| area.height > 0) else {
        return;
    };
    let width = usize::from(area.width).saturating_sub(2);
    let mut lines = vec![Line::styled(
        format!(" {}", cut_end(&story.title, width)),
        look.theme.strong,
    )];
    let texts = pager_texts(story, known).into_iter();
    lines.extend(texts.map(|line| Line::from(format!(" {line}"))));
    let key = key(Action::Incident, known);
    let press = format!(" Press {key}, enter when it went wrong: the best points are shown.");
    lines.push(Line::styled(cut_end(&press, width + 1), look.theme.accent));
    lines.push(Line::styled(
        look.signs.rule.repeat(width + 2),
        look.theme.rule,
    ));
    frame.render_widget(Paragraph::new(lines), area);
}

/// The filter while it is typed or set, and else, at the right, when all of this was listed.
pub(in crate::tui::screens) fn draw_filter(
    browser: &Browser,
    frame: &mut Frame,
    area: Rect,
    known: &Known,
) {
    let look = &known.settings.look;
    if browser.filtering {
        let sign = Rect {
            width: area.width.min(3),
            ..area
        };
        let field = Rect {
            x: area.x + sign.width,
            width: area.width - sign.width,
            ..area
        };
        frame.render_widget(Line::styled(" / ", look.theme.accent), sign);
        typed::draw(&browser.filter, frame, field, look);
        let help = fields::help(browser, known);
        draw_help(help, browser.filter.text().as_ref(), frame, field, known);
        return;
    }
    let text = browser.filter.text();
    if text.trim().is_empty() {
        draw_listed(frame, area, known);
        return;
    }
    let seen = if browser.is_working() {
        ", still filtering"
    } else if known.catalog.is_growing() {
        ", of what was found so far"
    } else {
        ""
    };
    let text = crate::domain::text::shown(text.trim());
    let order = if browser.is_ranked() {
        ", closest match first"
    } else {
        ""
    };
    let shown = browser.shown().len();
    let clears = key(Action::Back, known);
    let fine = format!(" / {text}   {shown} shown{order}{seen}; {clears} clears");
    let bad = browser.bad_time.as_ref();
    let bad = bad.map(|why| format!(" / {text}   not applied, {shown} shown as before: {why}"));
    let style = filter_style(bad.is_some(), known);
    let text = bad.unwrap_or(fine);
    let text = cut_end(&text, usize::from(area.width));
    frame.render_widget(Line::styled(text, style), area);
}

/// Returns the style of the line of a filter, some of which may not have been applied.
pub(in crate::tui::screens) fn filter_style(is_bad: bool, known: &Known) -> Style {
    let theme = &known.settings.look.theme;
    if is_bad { theme.warning } else { theme.accent }
}

/// Says when the last scan ended, in a corner: an instant, since an age would have to be drawn while nothing happens.
pub(in crate::tui::screens) fn draw_listed(frame: &mut Frame, area: Rect, known: &Known) {
    let at = known.catalog.listed_at;
    let Some(at) = at.filter(|_| !known.catalog.is_growing()) else {
        return;
    };
    let same_day = at.strftime("%F").to_string() == known.now.strftime("%F").to_string();
    let format = if same_day { "%H:%MZ" } else { "%F %H:%MZ" };
    let text = format!("listed {} ", at.strftime(format));
    let style = known.settings.look.theme.dim;
    frame.render_widget(Line::styled(text, style).right_aligned(), area);
}

/// Behind what is typed, as far as there is room: which conditions there are, how the one that is being
/// typed goes on, or what is wrong with it.
pub(in crate::tui::screens) fn draw_help(
    help: Option<fields::Help>,
    typed: &str,
    frame: &mut Frame,
    field: Rect,
    known: &Known,
) {
    let look = &known.settings.look;
    let typed = crate::tui::width::cells(typed) + 3;
    let room = usize::from(field.width).saturating_sub(typed);
    let Some(help) = help.filter(|_| room >= LEAST_HELP) else {
        return;
    };
    let (text, style) = match help {
        fields::Help::Says(text) => (text, look.theme.dim),
        fields::Help::Warns(text) => (text, look.theme.warning),
    };
    let text = cut_end(&look.signs.text(&text), room.saturating_sub(1));
    let width = u16::try_from(crate::tui::width::cells(&text)).unwrap_or(field.width);
    let area = Rect {
        x: field.right().saturating_sub(width + 1),
        width,
        ..field
    };
    frame.render_widget(Line::styled(text, style), area);
}

/// The rows, and what failed below them; so many columns at the right belong to what failed alone.
pub(in crate::tui::screens) fn draw_table(
    browser: &Browser,
    frame: &mut Frame,
    area: Rect,
    known: &Known,
    aside: u16,
) {
    let look = &known.settings.look;
    let columns = cells::columns(browser, known);
    let failures = failure_lines(known);
    let room = area.width.saturating_sub(aside + 2);
    let has_from = widths(&columns, room)
        .get(cells::FROM)
        .is_some_and(Option::is_some);
    let table = WindowedTable {
        columns: &columns,
        total: browser.shown().len(),
        row: &|n| {
            let row = browser.row_at(n);
            let cells = row.map_or_else(Vec::new, |row| cells::row(browser, row, known, has_from));
            grouped(cells, n, browser, known)
        },
        top: browser.top,
        cursor: Some(browser.at),
        sort: (!browser.is_ranked()).then(|| cells::sort(browser)),
        empty: &empty(browser, known),
        failures: Failures {
            lines: &failures,
            retry: &key(Action::Retry, known),
            why: &key(Action::Log, known),
        },
        aside,
        look,
    };
    frame.render_widget(&table, area);
}

/// In a vault the points of a resource stand below its name, which is told once, and under the cursor.
fn grouped(mut cells: Vec<Cell>, n: usize, browser: &Browser, known: &Known) -> Vec<Cell> {
    let by_resource = browser.sort == SortKey::Name && !browser.is_ranked();
    let is_group = matches!(browser.kind, Kind::Vault(_)) && by_resource;
    if !is_group || n == browser.top || n == browser.at {
        return cells;
    }
    let store = &known.catalog.store;
    let of = |n: usize| {
        let row = browser.row_at(n)?;
        store.point(row).resource_row()
    };
    if let (Some(above), Some(cell)) = (n.checked_sub(1), cells.first_mut())
        && of(n).is_some_and(|own| of(above) == Some(own))
    {
        cell.text.clear();
        cell.positions.clear();
    }
    cells
}

/// Returns what failed, a line each.
pub(in crate::tui::screens) fn failure_lines(known: &Known) -> Vec<String> {
    let failures = known.catalog.failures.iter();
    failures
        .map(|failure| failure_line(failure, known))
        .collect()
}

fn failure_line(failure: &SourceFailure, known: &Known) -> String {
    let report = &failure.report;
    let line = match failure.since {
        // The end of the line may be cut.
        Some(since) => {
            let age = words::span(known.now.duration_since(since));
            let name = &failure.name;
            format!(
                "{name}, showing what was known {age} ago: {}",
                report.line()
            )
        }
        None => format!("{}: {}", failure.name, report.line()),
    };
    known.settings.look.signs.text(&line).into_owned()
}

/// Returns what is said in place of rows: why there are none, and what to do about it.
fn empty(browser: &Browser, known: &Known) -> String {
    let what = match browser.kind {
        Kind::Windows => "point-in-time windows",
        kind => kind.what(),
    };
    if !browser.filter.text().trim().is_empty() {
        let clears = key(Action::Back, known);
        let edits = key(Action::Filter, known);
        let seen = if known.catalog.is_growing() {
            "None of what was found so far fits the filter".to_owned()
        } else {
            format!("No {what} fit the filter")
        };
        // While it is typed the field has the keys.
        return if browser.filtering {
            format!("{seen}: type less, or esc clears it.")
        } else {
            format!("{seen}: {edits} changes it, {clears} clears it.")
        };
    }
    if known.catalog.is_growing() {
        return format!("Looking for {what}…");
    }
    let again = key(Action::Retry, known);
    if known.catalog.failures.is_empty() && matches!(browser.kind, Kind::Vault(_)) {
        return format!("This vault holds no points. {again} asks again.");
    }
    if known.catalog.failures.is_empty() {
        return format!(
            "There are no {what} in these places. {again} asks again; {} picks other profiles and Regions.",
            key(Action::Profiles, known)
        );
    }
    format!("No {what} were found; what failed stands below, and {again} asks again.")
}

fn key(action: Action, known: &Known) -> String {
    known.key(action, &[Context::List, Context::Global])
}
