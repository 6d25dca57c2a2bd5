//! Lines of a given width for a terminal: wrapping, hanging indentation, tables.
//!
//! Everything passes through [`visible`], so no text can move the cursor.

use unicode_width::UnicodeWidthChar as _;

use super::visible;
use crate::domain::text::{cells, wrapped};

/// The narrowest page that is laid out; a narrower terminal wraps by itself.
const NARROWEST: usize = 40;

/// No column is narrower, in cells.
const NARROWEST_CELL: usize = 6;

/// A page of text with a width in cells.
pub(super) struct Page {
    width: usize,
    out: String,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width: width.max(NARROWEST),
            out: String::new(),
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// Adds a heading with an empty line before it.
    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        self.wrapped("", text);
    }

    /// Adds one line as it is: a command or an id that must be copied whole.
    pub(super) fn whole(&mut self, lead: &str, text: &str) {
        self.push(lead, &visible(text));
    }

    /// Adds text behind a lead; further lines are indented as far as the lead is wide.
    pub(super) fn wrapped(&mut self, lead: &str, text: &str) {
        let room = self.width.saturating_sub(cells(lead)).max(8);
        let indent = " ".repeat(cells(lead));
        for (n, line) in wrap(&visible(text), room).iter().enumerate() {
            self.push(if n == 0 { lead } else { &indent }, line);
        }
    }

    /// Adds a table whose cells wrap; the last columns give way first.
    pub(super) fn table(&mut self, lead: &str, rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |n: usize| {
            rows.iter()
                .filter_map(|row| row.get(n))
                .map(|cell| cells(cell))
                .max()
        };
        let mut widths: Vec<usize> = (0..columns).map(|n| widest(n).unwrap_or(0)).collect();
        let gaps = cells(lead) + 2 * columns.saturating_sub(1);
        let longest = |n: usize| {
            let column = rows.iter().filter_map(|row| row.get(n));
            let words = column.flat_map(|cell| cell.split_whitespace());
            words.filter(|word| is_copied(word)).map(cells).max()
        };
        let least: Vec<usize> = (0..columns).map(|n| longest(n).unwrap_or(0)).collect();
        fit(&mut widths, &least, self.width.saturating_sub(gaps));
        for row in rows {
            self.row(lead, row, &widths);
        }
    }

    fn row(&mut self, lead: &str, row: &[String], widths: &[usize]) {
        let wrapped: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| wrap(&visible(cell), *width))
            .collect();
        for n in 0..wrapped.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            for (cell, width) in wrapped.iter().zip(widths) {
                let text = cell.get(n).map_or("", String::as_str);
                line.push_str(text);
                // What could not be broken still keeps a distance to what follows.
                let padding = (width + 2).saturating_sub(cells(text)).max(2);
                line.push_str(&" ".repeat(padding));
            }
            self.push(lead, &line);
        }
    }

    fn push(&mut self, lead: &str, text: &str) {
        let line = format!("{lead}{text}");
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }
}

/// Narrows the widest column but the first, which names the row, until the table fits. None is made narrower than
/// what has to be copied from it.
fn fit(widths: &mut [usize], least: &[usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        let others = widths.iter_mut().zip(least).skip(1).rev();
        let wider = others.filter(|(width, least)| **width > (**least).max(NARROWEST_CELL));
        let Some((widest, _)) = wider.max_by_key(|(width, _)| **width) else {
            return;
        };
        *widest -= 1;
    }
}

/// Breaks text into lines of at most `room` cells. Words that are wider are broken, but ARNs and ids, which
/// are copied, are not.
fn wrap(text: &str, room: usize) -> Vec<String> {
    wrapped(text, |_line| room, cells, broken)
}

/// Tells whether a word is copied as a whole: an ARN, or an id of AWS, with what stands around it.
fn is_copied(word: &str) -> bool {
    let id = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let hex = id.rsplit_once('-').map(|(_kind, digits)| digits);
    let long = |digits: &str| digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    word.starts_with("arn:") || hex.is_some_and(long)
}

fn broken(word: &str, room: usize) -> Vec<String> {
    if cells(word) <= room || is_copied(word) {
        return vec![word.to_owned()];
    }
    let mut parts = vec![String::new()];
    for c in word.chars() {
        let last = parts.last_mut().expect("there is always a part");
        if !last.is_empty() && cells(last) + c.width().unwrap_or(0) > room {
            parts.push(c.to_string());
        } else {
            last.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_a_word_that_is_too_wide_is_broken() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a bbbbbbbbb c", 4), ["a", "bbbb", "bbbb", "b c"]);
        assert_eq!(wrap("魚魚魚", 4), ["魚魚", "魚"]);
        assert_eq!(
            wrap("x arn:aws:kms:eu-west-1", 4),
            ["x", "arn:aws:kms:eu-west-1"]
        );
    }

    #[test]
    fn a_table_keeps_to_the_width() {
        let mut page = Page::new(40);
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        page.table("  ", &[row("name", &"long ".repeat(20)), row("x", "y")]);
        let text = page.finish();
        assert!(text.lines().all(|line| cells(line) <= 40), "{text}");
    }

    #[test]
    fn an_id_in_a_table_is_never_broken() {
        let mut page = Page::new(40);
        let id = "(i-cf84fb4734e352636)";
        let row = [
            "replaces",
            "web-1 (i-cf84fb4734e352636)",
            "as before",
            "nobody's instance",
        ];
        page.table("  ", &[row.map(str::to_owned).to_vec()]);
        let text = page.finish();
        assert!(text.contains(id), "{text}");
    }
}
