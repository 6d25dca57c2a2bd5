//! A table of Markdown in columns: as wide as needed where there is room, and else with cells that go on
//! below themselves. Words stay whole as long as every column can have its longest.

use ratatui::text::{Line, Span};

use crate::tui::theme::Look;
use crate::tui::width::{Align, cells, padded, wrapped};

use super::plain;

/// Cells between two columns.
const GAP: usize = 2;
/// Cells of a word that are kept whole.
const WORD: usize = 24;
/// Cells that a column keeps as long as the first one has any to give.
const LEAST: usize = 8;

/// A table as it is read.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// Whether the first row says what the columns are.
    headed: bool,
}

/// Returns the cells of a row.
fn cells_of(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut characters = row.trim().trim_start_matches('|').chars();
    while let Some(c) = characters.next() {
        let cell = cells.last_mut().expect("there is always a cell");
        match c {
            '|' => cells.push(String::new()),
            '\\' => {
                cell.push(c);
                cell.extend(characters.next());
            }
            c => cell.push(c),
        }
    }
    // Behind the last bar there is nothing.
    cells.pop_if(|last| last.trim().is_empty());
    cells.iter().map(|cell| plain(cell.trim())).collect()
}

impl Table {
    /// Begins with the row that says what the columns are; where it says nothing, there is none.
    pub(super) fn new(head: &str) -> Self {
        let head = cells_of(head);
        let headed = head.iter().any(|cell| !cell.is_empty());
        let rows = if headed { vec![head] } else { Vec::new() };
        Self { rows, headed }
    }

    /// Adds a row, unless it is the one that only Markdown reads.
    pub(super) fn add(&mut self, row: &str) {
        let is_ruled = |c: char| "|-: ".contains(c);
        if !(row.contains("---") && row.chars().all(is_ruled)) {
            self.rows.push(cells_of(row));
        }
    }

    /// Lays it out.
    pub(super) fn lines(&self, width: usize, look: &Look) -> Vec<Line<'static>> {
        let widths = self.widths(width);
        let rows = self.rows.iter().enumerate();
        rows.flat_map(|(n, row)| self.row(n == 0, row, &widths, look))
            .collect()
    }

    fn row(
        &self,
        is_first: bool,
        row: &[String],
        widths: &[usize],
        look: &Look,
    ) -> Vec<Line<'static>> {
        let theme = &look.theme;
        let broken: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| wrapped(cell, *width, 0))
            .collect();
        let height = broken.iter().map(Vec::len).max().unwrap_or(0);
        let line = |n: usize| {
            let cells = broken.iter().zip(widths).enumerate();
            let spans = cells.map(|(column, (lines, width))| {
                let text = lines.get(n).map_or("", String::as_str);
                let titled = (self.headed && is_first) || (!self.headed && column == 0);
                let style = if titled { theme.title } else { theme.text };
                let gap = if column + 1 < row.len() { GAP } else { 0 };
                let text = padded(text, *width, Align::Left) + &" ".repeat(gap);
                Span::styled(text, style)
            });
            Line::from(spans.collect::<Vec<_>>())
        };
        (0..height).map(line).collect()
    }

    /// Returns the width of each column. What is left over once each has its longest word goes, cell by
    /// cell, to the one that lacks most.
    fn widths(&self, width: usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let most = |measure: &dyn Fn(&str) -> usize, column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| measure(cell)).max().unwrap_or(0)
        };
        let word = |cell: &str| cell.split(' ').map(cells).max().unwrap_or(0).min(WORD);
        let wanted: Vec<usize> = (0..columns).map(|n| most(&cells, n)).collect();
        // What names the rows is not broken either.
        let least = |n: usize| match n {
            0 if !self.headed => wanted[0].min(WORD),
            n => most(&word, n),
        };
        let mut widths: Vec<usize> = (0..columns).map(least).collect();
        let room = width.saturating_sub(GAP * columns.saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            // What names the rows, mostly an instant, gives way last.
            let others = (1..columns).filter(|n| widths[*n] > LEAST);
            let widest = others.max_by_key(|n| widths[*n]);
            let widest = widest.or_else(|| (0..columns).max_by_key(|n| widths[*n]));
            let Some(widest) = widest.filter(|n| widths[*n] > 0) else {
                return widths;
            };
            widths[widest] -= 1;
        }
        for _cell in widths.iter().sum::<usize>()..room {
            let lacks = |n: &usize| wanted[*n].saturating_sub(widths[*n]);
            let most = (0..columns).max_by_key(lacks);
            if let Some(most) = most.filter(|n| lacks(n) > 0) {
                widths[most] += 1;
            }
        }
        widths
    }
}
