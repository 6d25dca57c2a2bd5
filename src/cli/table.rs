//! A table of text, aligned and fitted to a width. Ids are cut in the middle, so that their telling
//! end stays; what still does not fit loses its least important columns.

use crate::domain::text::{cells, fitting};

/// How a column gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Never cut.
    Whole,
    /// Never cut, aligned to the right.
    Right,
    /// Cut in the middle: ids.
    Middle,
    /// Cut at the end: names.
    End,
    /// Cut at the end, but never narrower than this.
    AtLeast(usize),
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Title.
    pub title: &'static str,
    /// How it gives way.
    pub fit: Fit,
    /// Order in which columns are dropped: the highest first, those with 0 never.
    pub drop: u8,
}

/// No cut makes a cell narrower than this, in cells of the terminal.
const NARROWEST: usize = 10;
const GAP: usize = 2;

/// Returns a column that tells nothing where all its cells are alike: then it is the first to go.
#[must_use]
pub fn telling(title: &'static str, n: usize, drop: u8, rows: &[Vec<String>]) -> Column {
    let mut cells = rows.iter().filter_map(|row| row.get(n));
    let first = cells.next();
    let alike = cells.all(|cell| Some(cell) == first);
    Column {
        title,
        fit: Fit::Whole,
        drop: if alike { u8::MAX } else { drop },
    }
}

/// Returns the lines of a table, the titles first. Without a width nothing is cut.
#[must_use]
pub fn lines(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let mut widths: Vec<Option<usize>> = columns
        .iter()
        .enumerate()
        .map(|(n, column)| {
            let column_cells = rows.iter().filter_map(|row| row.get(n));
            let widest = column_cells.map(|cell| cells(cell)).max().unwrap_or(0);
            Some(widest.max(cells(column.title)))
        })
        .collect();
    if let Some(width) = width {
        fit(columns, &mut widths, width);
    }
    let titles: Vec<String> = columns.iter().map(|one| one.title.to_owned()).collect();
    std::iter::once(&titles)
        .chain(rows)
        .map(|row| line(columns, &widths, row))
        .collect()
}

/// Drops columns until the rest could fit, and then narrows the widest until it does.
fn fit(columns: &[Column], widths: &mut [Option<usize>], limit: usize) {
    while total(&narrowed(columns, widths)) > limit {
        let dropped = columns
            .iter()
            .zip(widths.iter_mut())
            .filter(|(column, width)| column.drop > 0 && width.is_some())
            .max_by_key(|(column, _)| column.drop);
        match dropped {
            Some((_, width)) => *width = None,
            None => break,
        }
    }
    while total(widths) > limit {
        let widest = columns
            .iter()
            .zip(widths.iter_mut())
            .filter_map(|(column, width)| Some((narrowest(column)?, width.as_mut()?)))
            .filter(|(least, width)| **width > *least)
            .max_by_key(|(_, width)| **width);
        match widest {
            Some((_, width)) => *width -= 1,
            None => return,
        }
    }
}

/// Returns the widths with every column that can be cut at its narrowest.
fn narrowed(columns: &[Column], widths: &[Option<usize>]) -> Vec<Option<usize>> {
    let both = columns.iter().zip(widths);
    both.map(|(column, width)| {
        let least = narrowest(column).unwrap_or(usize::MAX);
        width.map(|width| width.min(least))
    })
    .collect()
}

/// Returns how narrow a column can be made, if it can be cut at all.
fn narrowest(column: &Column) -> Option<usize> {
    match column.fit {
        Fit::Middle | Fit::End => Some(NARROWEST),
        Fit::AtLeast(least) => Some(least),
        Fit::Whole | Fit::Right => None,
    }
}

fn total(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten();
    let gaps = shown.clone().count().saturating_sub(1) * GAP;
    shown.sum::<usize>() + gaps
}

fn line(columns: &[Column], widths: &[Option<usize>], row: &[String]) -> String {
    let mut out = String::new();
    for ((column, width), cell) in columns.iter().zip(widths).zip(row) {
        let Some(width) = *width else { continue };
        let cell = match column.fit {
            Fit::Middle => cut_middle(cell, width),
            Fit::End | Fit::AtLeast(_) => cut_end(cell, width),
            Fit::Whole | Fit::Right => cell.clone(),
        };
        let padding = " ".repeat(width.saturating_sub(cells(&cell)));
        if !out.is_empty() {
            out.push_str(&" ".repeat(GAP));
        }
        match column.fit {
            Fit::Right => out.extend([padding, cell]),
            Fit::Whole | Fit::Middle | Fit::End | Fit::AtLeast(_) => {
                out.extend([cell, padding]);
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Cuts a text in the middle to a width in cells: `snap-0a1f…89c2`.
#[must_use]
pub fn cut_middle(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let head = fitting(text.chars(), kept - kept / 3);
    let mut tail = fitting(text.chars().rev(), kept / 3);
    tail.reverse();
    head.into_iter().chain(['…']).chain(tail).collect()
}

fn cut_end(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let kept = fitting(text.chars(), width.saturating_sub(1));
    kept.into_iter().chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column {
            title: "ID",
            fit: Fit::Middle,
            drop: 0,
        },
        Column {
            title: "SIZE",
            fit: Fit::Right,
            drop: 0,
        },
        Column {
            title: "NAME",
            fit: Fit::End,
            drop: 1,
        },
    ];

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.iter().map(ToString::to_string).collect();
        vec![
            row(["snap-0123456789abcdef0", "8 GiB", "orders-database-of-acme"]),
            row(["snap-1", "200 GiB", "web"]),
        ]
    }

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_blanks() {
        let wanted = [
            "ID                         SIZE  NAME",
            "snap-0123456789abcdef0    8 GiB  orders-database-of-acme",
            "snap-1                  200 GiB  web",
        ];
        assert_eq!(lines(COLUMNS, &rows(), None), wanted);
    }

    #[test]
    fn a_narrow_table_cuts_ids_in_the_middle_and_names_at_the_end() {
        let lines = lines(COLUMNS, &rows(), Some(40));
        assert!(lines.iter().all(|line| cells(line) <= 40), "{lines:#?}");
        assert!(lines[1].starts_with("snap-0123"), "{lines:#?}");
        assert!(lines[1].contains("…"), "{lines:#?}");
        assert!(lines[1].contains("def0 "), "the end is kept: {lines:#?}");
    }

    #[test]
    fn a_table_that_cannot_be_narrowed_drops_its_least_column() {
        let lines = lines(COLUMNS, &rows(), Some(30));
        assert!(lines.iter().all(|line| cells(line) <= 30), "{lines:#?}");
        assert!(!lines[0].contains("NAME"), "{lines:#?}");
        assert!(lines[0].contains("SIZE"), "{lines:#?}");
    }

    #[test]
    fn a_column_whose_cells_are_alike_is_the_first_to_go() {
        let rows = rows();
        assert_eq!(telling("NAME", 2, 1, &rows).drop, 1);
        let alike = vec![rows[0].clone(), rows[0].clone()];
        assert_eq!(telling("NAME", 2, 1, &alike).drop, u8::MAX);
        assert_eq!(telling("NAME", 2, 1, &[]).drop, u8::MAX);
    }

    #[test]
    fn a_column_keeps_its_least_width_and_others_go_for_it() {
        let mut columns = COLUMNS.to_vec();
        columns[0].fit = Fit::AtLeast(20);
        let lines = lines(&columns, &rows(), Some(30));
        assert_eq!(lines[1], "snap-0123456789abcde…    8 GiB");
    }

    #[test]
    fn columns_that_must_stay_stay_even_where_they_do_not_fit() {
        let lines = lines(COLUMNS, &rows(), Some(3));
        assert!(lines[0].contains("SIZE") && lines[0].contains("ID"));
    }

    #[test]
    fn an_id_keeps_its_start_and_its_end() {
        assert_eq!(cut_middle("snap-0123456789abcdef0", 13), "snap-012…def0");
        assert_eq!(cut_middle("snap-1", 13), "snap-1");
        assert_eq!(cut_middle("表表表表表表", 8), "表表…表");
        assert_eq!(cut_middle("abc", 0), "…");
    }
}
