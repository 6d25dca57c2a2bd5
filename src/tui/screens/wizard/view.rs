//! How a restore that is being prepared is drawn: where the walk stands, the page, and below it what has
//! to be seen at all times. Draws only; what does not fit scrolls, and says so.

mod checks;
mod plan;
mod sheet;
mod table;
mod what;
mod window;
mod yes;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::resource::Resource;
use crate::domain::text::{Untrusted, shown};
use crate::report::Report;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::width::{cells, cut_end, cut_middle, line_cells};

use super::{Page, Wizard};
use sheet::Sheet;

/// Rows above the body: the walk, and an empty one.
const ABOVE: usize = 2;
/// Cells that a name is cut to at most, so that an id can stand whole beside it.
const NAME: usize = 12;

/// Draws the page that the operator is on.
pub fn draw(wizard: &Wizard, frame: &mut Frame, area: Rect, known: &Known) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let sheet = laid_out(wizard, known, width);
    let rows = rows(&sheet, height);
    let top = match &sheet.focus {
        Some(focus) => centred(focus.start, focus.end, rows, sheet.body.len()),
        None => wizard.top.min(sheet.body.len().saturating_sub(rows)),
    };
    let below = sheet.body.len().saturating_sub(top + rows);
    let mut lines = vec![walk(wizard, known, width), more(known, width, top, true)];
    lines.extend(sheet.head.iter().cloned());
    lines.extend(sheet.body.iter().skip(top).take(rows).cloned());
    lines.resize(ABOVE + sheet.head.len() + rows, Line::default());
    lines.push(more(known, width, below, false));
    lines.extend(sheet.foot.iter().cloned());
    frame.render_widget(Paragraph::new(lines), area);
    if let Some((row, column)) = cursor(&sheet, top, rows) {
        let place =
            |start: u16, at: usize| start.saturating_add(u16::try_from(at).unwrap_or(u16::MAX));
        let position = Position::new(place(area.x, column), place(area.y, row));
        if area.contains(position) {
            frame.set_cursor_position(position);
        }
    }
}

/// Returns row and column of the cursor, if it is in sight.
fn cursor(sheet: &Sheet, top: usize, rows: usize) -> Option<(usize, usize)> {
    let (row, column) = sheet.cursor?;
    let above = ABOVE + sheet.head.len();
    match row.checked_sub(sheet.body.len()) {
        Some(in_foot) => Some((above + rows + 1 + in_foot, column)),
        None => row
            .checked_sub(top)
            .filter(|row| *row < rows)
            .map(|row| (above + row, column)),
    }
}

/// Returns how far down the page can be scrolled.
pub(super) fn last_top(wizard: &Wizard, known: &Known) -> usize {
    let sheet = of_screen(wizard, known);
    sheet.body.len().saturating_sub(page(wizard, known))
}

/// Returns how many lines of the page are in sight at a time.
pub(super) fn page(wizard: &Wizard, known: &Known) -> usize {
    let height = crate::tui::view::middle(known);
    rows(&of_screen(wizard, known), height)
}

fn of_screen<'a>(wizard: &Wizard, known: &'a Known) -> Sheet<'a> {
    laid_out(wizard, known, usize::from(known.room().0))
}

fn rows(sheet: &Sheet, height: usize) -> usize {
    height.saturating_sub(ABOVE + sheet.head.len() + 1 + sheet.foot.len())
}

/// Puts the lines in focus into the middle, as far as the ends of the page allow.
fn centred(start: usize, end: usize, rows: usize, all: usize) -> usize {
    let middle = usize::midpoint(start, end).saturating_sub(rows / 2);
    // What is taller than the page shows its beginning.
    middle.min(start).min(all.saturating_sub(rows))
}

fn laid_out<'a>(wizard: &Wizard, known: &'a Known, width: usize) -> Sheet<'a> {
    let mut sheet = Sheet::new(&known.settings.look, width);
    match wizard.page {
        Page::What => what::lay_out(wizard, known, &mut sheet),
        Page::Where => table::lay_out(wizard, known, &mut sheet),
        Page::Checks => checks::lay_out(wizard, known, &mut sheet),
        Page::Plan => plan::lay_out(wizard, known, &mut sheet),
        Page::Yes => yes::lay_out(wizard, known, &mut sheet),
    }
    sheet
}

/// Where the walk stands, and on the right what it is about.
fn walk(wizard: &Wizard, known: &Known, width: usize) -> Line<'static> {
    let look = &known.settings.look;
    let mut line = Line::default();
    for (n, (page, name)) in Page::ALL.into_iter().enumerate() {
        let (sign, style) = match page.cmp(&wizard.page) {
            std::cmp::Ordering::Less => (" ", look.theme.text),
            std::cmp::Ordering::Equal => (look.signs.bar, look.theme.strong),
            std::cmp::Ordering::Greater => (" ", look.theme.dim),
        };
        line.push_span(Span::styled(sign.to_owned(), look.theme.accent));
        line.push_span(Span::styled(format!("{} {name} ", n + 1), style));
    }
    let room = width.saturating_sub(line_cells(&line) + 2);
    let about = about(wizard, known, room);
    let gap = width.saturating_sub(line_cells(&line) + cells(&about) + 1);
    line.push_span(Span::raw(" ".repeat(gap)));
    line.push_span(Span::styled(about, look.theme.dim));
    line
}

/// The name gives way first: the id tells points apart.
fn about(wizard: &Wizard, known: &Known, room: usize) -> String {
    let signs = &known.settings.look.signs;
    let id = shown(&wizard.point.id);
    let id = signs.text(&id);
    let name = resource_of(wizard, known).and_then(|resource| named(resource.name.as_ref()));
    let Some(name) = name else {
        return cut_middle(&id, room);
    };
    let arrow = format!(" {} ", signs.from);
    let name = signs.text(&name).into_owned();
    let left = room.saturating_sub(cells(&id) + cells(&arrow));
    if left >= cells(&name).min(NAME) {
        return cut_end(&name, left) + &arrow + &id;
    }
    cut_middle(&id, room)
}

fn resource_of<'a>(wizard: &Wizard, known: &'a Known) -> Option<&'a Resource> {
    let (kind, id) = wizard.point.resource.as_ref()?;
    let place = wizard.point.resource_place();
    known.catalog.store.resource(&place, *kind, id)
}

/// Returns a name fit to be shown, unless it is empty.
fn named(name: Option<&Untrusted>) -> Option<String> {
    let name = name.map(Untrusted::shown);
    name.filter(|name| !name.trim().is_empty())
}

/// Says how much of the page is out of sight.
fn more(known: &Known, width: usize, lines: usize, above: bool) -> Line<'static> {
    if lines == 0 {
        return Line::default();
    }
    let look = &known.settings.look;
    let sign = if above {
        look.signs.up
    } else {
        look.signs.down
    };
    let text = format!("{sign} {lines} more");
    let gap = width.saturating_sub(cells(&text) + 1);
    Line::from(vec![
        Span::raw(" ".repeat(gap)),
        Span::styled(text, look.theme.dim),
    ])
}

/// Returns the key of an action as the keymap has it, or its name.
fn key(wizard: &Wizard, known: &Known, action: Action) -> String {
    let hint = known.settings.keymap.hint(action, wizard.contexts());
    hint.unwrap_or_else(|| format!("“{}”", action.name()))
}

/// Says what happened, what is safe, and what to do.
fn report(report: &Report, indent: &str, sheet: &mut Sheet) {
    let look = sheet.look;
    let stop = Span::styled(format!("{indent}{} ", look.signs.stop), look.theme.danger);
    sheet.prose(vec![stop], &report.what, look.theme.strong);
    let below = format!("{indent}  ");
    sheet.prose(
        vec![Span::raw(below.clone())],
        &report.safe,
        look.theme.text,
    );
    for todo in &report.todo {
        sheet.advice(&below, todo);
    }
}
