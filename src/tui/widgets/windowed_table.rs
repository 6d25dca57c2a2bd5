//! A table that is given only the rows it shows, however many there are.
//!
//! Columns give way in the order of their priority as the width shrinks; ids are cut in the middle and last.
//! Below the rows stands what could not be listed; it never takes the place of what was.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::tui::theme::Look;
use crate::tui::width::{Align, Cut, cells, cut_end, highlighted, wrapped};

/// Cells in front of the first column: the bar of the cursor and a blank.
const LEAD: u16 = 2;
/// Cells between two columns.
const GAP: u16 = 2;

/// A column. Widths are in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Title.
    pub title: &'static str,
    /// On which side its text stands.
    pub align: Align,
    /// Where its text gives way.
    pub cut: Cut,
    /// The least width with which it is worth showing.
    pub min: u16,
    /// The width at which nothing usual is cut.
    pub wanted: u16,
    /// Whether it takes its share of what is left over.
    pub flex: bool,
    /// Order in which columns are dropped: the highest first, those with 0 never.
    pub priority: u8,
}

/// What stands in one column of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Text, fit to be shown.
    pub text: String,
    /// Style.
    pub style: Style,
    /// Numbers of the characters that the filter matched, ascending.
    pub positions: Vec<usize>,
    /// A sign in front of the row, where this is its first cell.
    pub lead: Option<&'static str>,
}

impl Cell {
    /// Makes a cell of plain text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Gives it a style.
    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Marks the characters that the filter matched.
    #[must_use]
    pub fn hits(mut self, positions: Vec<usize>) -> Self {
        self.positions = positions;
        self
    }
}

/// By which column the rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Number of the column.
    pub column: usize,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// What could not be listed.
#[derive(Clone, Copy, Debug)]
pub struct Failures<'a> {
    /// One sentence each, with its remedy.
    pub lines: &'a [String],
    /// The key that asks again.
    pub retry: &'a str,
    /// The key that tells all of why.
    pub why: &'a str,
}

/// The table.
pub struct WindowedTable<'a> {
    /// Columns.
    pub columns: &'a [Column],
    /// How many rows there are.
    pub total: usize,
    /// Makes a row by its number, one cell for each column. Called for the rows that are shown, once each.
    pub row: &'a dyn Fn(usize) -> Vec<Cell>,
    /// The first row that is shown, if the cursor allows; see [`scrolled`].
    pub top: usize,
    /// The row under the cursor.
    pub cursor: Option<usize>,
    /// How the rows are sorted.
    pub sort: Option<Sort>,
    /// What is said where there are no rows.
    pub empty: &'a str,
    /// What could not be listed.
    pub failures: Failures<'a>,
    /// Cells at the right of the rows that are left to somebody else; what failed has the whole width.
    pub aside: u16,
    /// Styles and signs.
    pub look: &'a Look,
}

/// Returns the first row to show, so that the cursor is seen and no row is missing at the end that there
/// would be room for.
#[must_use]
pub fn scrolled(top: usize, cursor: usize, height: usize, total: usize) -> usize {
    let cursor = cursor.min(total.saturating_sub(1));
    let top = top.min(total.saturating_sub(height)).min(cursor);
    top.max((cursor + 1).saturating_sub(height.max(1)))
}

/// Counts the rows that a table of this height shows, below its titles and above `failures`.
#[must_use]
pub fn rows_shown(height: u16, failures: usize) -> usize {
    let body = height.saturating_sub(1);
    usize::from(body - failure_lines(body, failures))
}

/// Counts the lines for what failed: all of it if that is little, and never more than two fifths.
fn failure_lines(body: u16, failures: usize) -> u16 {
    let most = (body.saturating_mul(2) / 5).max(1).min(body);
    u16::try_from(failures).unwrap_or(u16::MAX).min(most)
}

/// Returns the width of each column in `room` cells, `None` for those that are dropped.
#[must_use]
pub fn widths(columns: &[Column], room: u16) -> Vec<Option<u16>> {
    let mut widths: Vec<Option<u16>> = columns.iter().map(|one| Some(one.min.max(1))).collect();
    while taken(&widths) > room {
        let shown = columns.iter().zip(&mut widths);
        let droppable = shown.filter(|(column, width)| column.priority > 0 && width.is_some());
        match droppable.max_by_key(|(column, _)| column.priority) {
            Some((_, width)) => *width = None,
            None => break,
        }
    }
    squeeze(columns, &mut widths, room);
    grow(columns, &mut widths, room);
    widths
}

/// So many cells of a column that may be cut are left before one is cut that may not.
const SQUEEZED: u16 = 13;

fn taken(widths: &[Option<u16>]) -> u16 {
    let shown = widths.iter().flatten();
    let with_gaps = shown.fold(0u16, |sum, width| sum.saturating_add(width + GAP));
    with_gaps.saturating_sub(GAP)
}

/// Narrows what must stay until it fits: the widest first, and as long as that is enough none that is not to be cut. A
/// column without a cell is gone after all.
fn squeeze(columns: &[Column], widths: &mut [Option<u16>], room: u16) {
    while taken(widths) > room {
        let spares = |(column, width): &(&Column, &mut Option<u16>)| {
            column.cut != Cut::Never && **width > Some(SQUEEZED)
        };
        let any_spares = columns
            .iter()
            .zip(widths.iter_mut())
            .any(|one| spares(&one));
        let shown = columns.iter().zip(widths.iter_mut());
        let shown = shown.filter(|one| one.1.is_some() && (!any_spares || spares(one)));
        let Some((_, widest)) = shown.rev().max_by_key(|(_, width)| **width) else {
            return;
        };
        *widest = widest.and_then(|width| (width > 1).then(|| width - 1));
    }
}

/// Gives what is left over to the columns: to those that must not be cut, then by priority, then to those
/// that take any share.
fn grow(columns: &[Column], widths: &mut [Option<u16>], room: u16) {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|n| (columns[*n].cut != Cut::Never, columns[*n].priority));
    for n in order {
        let left = room.saturating_sub(taken(widths));
        if let Some(width) = &mut widths[n] {
            let wish = columns[n].wanted.saturating_sub(*width);
            *width += wish.min(left);
        }
    }
    let shares = |n: &usize| columns[*n].flex && widths[*n].is_some();
    let flexible: Vec<usize> = (0..columns.len()).filter(shares).collect();
    let left = room.saturating_sub(taken(widths));
    let count = u16::try_from(flexible.len()).unwrap_or(u16::MAX);
    for (number, n) in (0..count).zip(flexible) {
        let share = left / count + u16::from(number < left % count);
        widths[n] = widths[n].map(|width| width + share);
    }
}

impl Widget for &WindowedTable<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let list = Rect {
            width: area.width.saturating_sub(self.aside),
            ..area
        };
        let widths = widths(self.columns, list.width.saturating_sub(LEAD));
        self.titles(list, &widths, buffer);
        let shown = rows_shown(area.height, self.failures.lines.len());
        if self.total == 0 {
            self.nothing(list, shown, buffer);
        } else {
            self.rows(list, &widths, shown, buffer);
        }
        self.failed(area, buffer);
    }
}

impl WindowedTable<'_> {
    fn titles(&self, area: Rect, widths: &[Option<u16>], buffer: &mut Buffer) {
        let signs = self.look.signs;
        let titles = self.columns.iter().enumerate().map(|(n, column)| {
            let sign = match self.sort {
                Some(sort) if sort.column == n && sort.descending => signs.down,
                Some(sort) if sort.column == n => signs.up,
                Some(_) | None => "",
            };
            Cell::new(format!("{}{sign}", column.title)).styled(self.look.theme.title)
        });
        let titles: Vec<Cell> = titles.collect();
        self.line(area, widths, &titles, |_| Cut::End, buffer);
    }

    fn rows(&self, area: Rect, widths: &[Option<u16>], shown: usize, buffer: &mut Buffer) {
        let cursor = self.cursor.map(|cursor| cursor.min(self.total - 1));
        let top = scrolled(self.top, cursor.unwrap_or(self.top), shown, self.total);
        let numbers = (top..self.total).take(shown);
        for (number, y) in numbers.zip(area.y + 1..) {
            let line = Rect {
                y,
                height: 1,
                ..area
            };
            let row = (self.row)(number);
            self.line(line, widths, &row, |column| column.cut, buffer);
            if let Some(sign) = row.first().and_then(|cell| cell.lead) {
                buffer.set_stringn(line.x + 1, line.y, sign, 1, self.look.theme.dim);
            }
            if cursor == Some(number) {
                self.mark(line, buffer);
            }
        }
    }

    /// Draws one line of cells.
    fn line(
        &self,
        area: Rect,
        widths: &[Option<u16>],
        row: &[Cell],
        cut: impl Fn(&Column) -> Cut,
        buffer: &mut Buffer,
    ) {
        let mut x = area.x.saturating_add(LEAD);
        for ((column, width), cell) in self.columns.iter().zip(widths).zip(row) {
            let Some(width) = *width else { continue };
            let room = usize::from(width);
            let hit = self.look.theme.hit;
            let (cut, style) = (cut(column), cell.style);
            let spans = highlighted(&cell.text, &cell.positions, room, cut, style, hit);
            let taken: usize = spans.iter().map(|span| cells(&span.content)).sum();
            let blanks = match column.align {
                Align::Left => 0,
                Align::Right => room.saturating_sub(taken),
            };
            let mut line = Line::from(Span::raw(" ".repeat(blanks)));
            line.extend(spans);
            set_line(x, area, &line, buffer);
            x = x.saturating_add(width).saturating_add(GAP);
        }
    }

    /// Marks the line under the cursor: by the bar, and by a style from one end to the other.
    fn mark(&self, line: Rect, buffer: &mut Buffer) {
        let Look { theme, signs } = self.look;
        buffer.set_stringn(line.x, line.y, signs.bar, 1, theme.accent);
        let rest = Rect {
            x: line.x + 1,
            width: line.width.saturating_sub(1),
            ..line
        };
        buffer.set_style(rest, theme.selected);
    }

    fn nothing(&self, area: Rect, shown: usize, buffer: &mut Buffer) {
        let room = usize::from(area.width.saturating_sub(LEAD));
        let lines = wrapped(self.empty, room, 0).into_iter().take(shown);
        for (text, y) in lines.zip(area.y + 1..) {
            let line = Line::styled(text, self.look.theme.dim);
            set_line(area.x + LEAD, Rect { y, ..area }, &line, buffer);
        }
    }

    fn failed(&self, area: Rect, buffer: &mut Buffer) {
        let failed = self.failures.lines;
        let count = failure_lines(area.height - 1, failed.len());
        let room = usize::from(area.width.saturating_sub(LEAD));
        for (n, y) in (area.bottom() - count..area.bottom()).enumerate() {
            let is_last = n + 1 == usize::from(count);
            let text = match failed.len() - n {
                more if is_last && more > 1 => format!("and {more} more"),
                _one => failed[n].clone(),
            };
            let line = Line::styled(self.failure(&text, room, is_last), self.look.theme.warning);
            set_line(area.x + LEAD, Rect { y, ..area }, &line, buffer);
        }
    }

    /// Returns the line of a failure. The key that helps stays even where the sentence is cut, and so does the
    /// remedy: half of the line is for a command or an action's name, of use only as a whole, and a third for a sentence.
    fn failure(&self, text: &str, room: usize, is_last: bool) -> String {
        let signs = self.look.signs;
        let head = format!("{} ", signs.know);
        let dot = format!(" {} ", signs.dot);
        let Failures { retry, why, .. } = self.failures;
        let whole = ["aws ", "defib ", "allow "];
        let parts = text.rsplit_once(&dot);
        let is_whole = parts.is_some_and(|(_, todo)| whole.iter().any(|one| todo.starts_with(one)));
        let share = |kept: usize| if is_whole { kept / 2 } else { kept / 3 };
        let kept = |tail: &str| room.saturating_sub(cells(&head) + cells(tail));
        // What the keys do is told once, where the remedy has its room beside that.
        let long = format!("{dot}{retry} asks again, {why} why");
        let fits = cells(text) <= kept(&long)
            || parts.is_some_and(|(what, todo)| {
                let name = what.split(": ").next().unwrap_or_default();
                let left = kept(&long).saturating_sub(cells(todo) + cells(&dot));
                cells(todo) <= share(kept(&long)) && cells(name) < left
            });
        let told = is_last && fits;
        let tail = if told { long } else { format!("{dot}{retry}") };
        let kept = kept(&tail);
        let text = match parts {
            Some((what, todo)) if cells(text) > kept => {
                let todo = cut_end(todo, share(kept));
                let left = kept.saturating_sub(cells(&todo) + cells(&dot));
                format!("{}{dot}{todo}", cut_end(what, left))
            }
            Some(_) | None => cut_end(text, kept),
        };
        cut_end(&format!("{head}{text}{tail}"), room)
    }
}

/// Draws a line from `x` to the right end of `area`, in its first line.
fn set_line(x: u16, area: Rect, line: &Line<'_>, buffer: &mut Buffer) {
    if x < area.right() {
        buffer.set_line(x, area.y, line, area.right() - x);
    }
}

#[cfg(test)]
mod tests;
