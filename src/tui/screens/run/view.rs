//! Draws a run: what and where, the outage clock, and below them what matters now, or what was scrolled to.
//! Lines are made part by part; nothing about the run is decided here.

pub mod body;
mod events;
mod heading;
mod panel;
mod steps;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::known::Known;
use crate::tui::width::cells;

use super::RunScreen;
use body::Body;

/// Rows of the heading.
const HEADING: usize = 2;

/// Returns how many rows lie below the heading.
#[must_use]
pub fn rows(known: &Known) -> usize {
    crate::tui::view::middle(known).saturating_sub(HEADING)
}

/// Draws the run.
pub fn draw(screen: &RunScreen, frame: &mut Frame, area: Rect, known: &Known) {
    let width = usize::from(area.width);
    let look = &known.settings.look;
    let Some(card) = screen.card(known) else {
        let text = format!(" run {} is being read {}", screen.run, look.signs.ellipsis);
        frame.render_widget(Line::styled(text, look.theme.dim), area);
        return;
    };
    let mut lines = heading::lines(card, known, width);
    let body = Body::of(card, known, width);
    let rows = usize::from(area.height).saturating_sub(lines.len());
    lines.extend(match screen.top {
        None => body.now(rows, known),
        Some(top) => body.from(top, rows, known),
    });
    frame.render_widget(Paragraph::new(lines), area);
}

/// Draws a line across, with a word at its right end.
pub(in crate::tui) fn rule(word: &str, width: usize, known: &Known) -> Line<'static> {
    let look = &known.settings.look;
    if word.is_empty() {
        return Line::styled(look.signs.rule.repeat(width), look.theme.rule);
    }
    let word = format!(" {word} ");
    let long = width.saturating_sub(cells(&word) + 2);
    Line::from(vec![
        Span::styled(look.signs.rule.repeat(long), look.theme.rule),
        Span::styled(word, look.theme.dim),
        Span::styled(look.signs.rule.repeat(2), look.theme.rule),
    ])
}

#[cfg(test)]
mod tests;
