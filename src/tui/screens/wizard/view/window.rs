//! The window of a resource, drawn as a line below the second that is asked for: where in it that second
//! lies, and where the incident does.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use crate::domain::recovery_point::When;
use crate::domain::words;
use crate::tui::width::cells;

use super::sheet::Sheet;

/// Cells before the line, as before everything that explains a field.
const INDENT: &str = "    ";
/// Cells of the line itself: at least, so that it says something, and at most, so that it is one look.
const CELLS: std::ops::RangeInclusive<usize> = 10..=48;

/// Draws the window with the second in it; nothing for what is not a window, or where there is no room.
/// A second outside it is not drawn: what is wrong with it is said in words.
pub(super) fn draw(
    when: When,
    second: Option<Timestamp>,
    incident: Option<Timestamp>,
    sheet: &mut Sheet,
) {
    let When::Window { earliest, latest } = when else {
        return;
    };
    let (from, to) = (words::instant(earliest), words::instant(latest));
    let around = INDENT.len() + cells(&from) + cells(&to) + 2;
    let room = sheet.width.saturating_sub(around).min(*CELLS.end());
    if room < *CELLS.start() {
        return;
    }
    let (theme, signs) = (sheet.look.theme, sheet.look.signs);
    let at = |instant: Option<Timestamp>| cell((earliest, latest), instant?, room);
    let (chosen, broken) = (at(second), at(incident));
    let mut spans = vec![Span::styled(format!("{INDENT}{from} "), theme.dim)];
    for n in 0..room {
        spans.push(if chosen == Some(n) {
            Span::styled(signs.point, theme.point)
        } else if broken == Some(n) {
            Span::styled(signs.incident, theme.incident)
        } else {
            Span::styled(signs.window, theme.window)
        });
    }
    spans.push(Span::styled(format!(" {to}"), theme.dim));
    sheet.push(Line::from(spans));
}

/// Returns the cell of an instant in a window that is drawn over so many cells; `None` outside it.
fn cell((earliest, latest): (Timestamp, Timestamp), at: Timestamp, room: usize) -> Option<usize> {
    if at < earliest || at > latest {
        return None;
    }
    let length = (latest.as_second() - earliest.as_second()).max(1);
    let into = at.as_second() - earliest.as_second();
    let last = i64::try_from(room).ok()?.checked_sub(1)?;
    usize::try_from(into.saturating_mul(last) / length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_has_a_cell_within_its_window_and_none_outside() {
        let window = (at("2026-03-01T00:00:00Z"), at("2026-03-11T00:00:00Z"));
        let cell = |text: &str| cell(window, at(text), 11);
        assert_eq!(cell("2026-03-01T00:00:00Z"), Some(0));
        assert_eq!(cell("2026-03-04T12:00:00Z"), Some(3));
        assert_eq!(cell("2026-03-11T00:00:00Z"), Some(10));
        assert_eq!(cell("2026-02-28T23:59:59Z"), None);
        assert_eq!(cell("2026-03-11T00:00:01Z"), None);
    }

    #[test]
    fn a_window_of_one_instant_is_a_line_all_the_same() {
        let window = (at("2026-03-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        assert_eq!(cell(window, window.0, 11), Some(0));
    }
}
