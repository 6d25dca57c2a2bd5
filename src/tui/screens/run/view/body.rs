//! What stands below the heading: steps, what the run has to say, and what happened, as lines.
//!
//! Without scrolling each part gets the rows that it needs most; what was scrolled is one long text in which
//! nothing is left out.

use ratatui::text::Line;

use crate::tui::keymap::Action;
use crate::tui::known::{Known, RunCard};
use crate::tui::screens::run::words::key;

use super::{events, panel, rule, steps};

/// Steps that stay in sight whatever there is to say.
const FEWEST_STEPS: usize = 3;
/// Events that stay in sight as long as there is room for anything else.
const FEWEST_EVENTS: usize = 2;

/// The lines of each part.
#[derive(Debug)]
pub struct Body {
    steps: Vec<Line<'static>>,
    /// The step that it is about now, as a line.
    focus: usize,
    panel: Vec<Line<'static>>,
    /// The line of it with which its last sentence begins.
    last_said: usize,
    events: Vec<Line<'static>>,
    width: usize,
}

/// Rows for each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share {
    steps: usize,
    panel: usize,
    events: usize,
}

impl Body {
    /// Lays a run out.
    #[must_use]
    pub fn of(card: &RunCard, known: &Known, width: usize) -> Self {
        let (steps, focus) = steps::lines(card, known, width);
        let (panel, last_said) = panel::lines(card, known, width);
        Self {
            steps,
            focus,
            panel,
            last_said,
            events: events::lines(card, known, width),
            width,
        }
    }

    /// Returns every line, with `None` for a rule between two parts.
    #[must_use]
    pub fn document(&self) -> Vec<Option<&Line<'static>>> {
        let mut lines: Vec<Option<&Line>> = self.steps.iter().map(Some).collect();
        for part in [&self.panel, &self.events] {
            if !part.is_empty() {
                lines.push(None);
                lines.extend(part.iter().map(Some));
            }
        }
        lines
    }

    /// Returns the first step that is in sight without scrolling.
    #[must_use]
    pub fn steps_top(&self, rows: usize) -> usize {
        self.top_of_steps(self.share(rows).steps)
    }

    fn top_of_steps(&self, rows: usize) -> usize {
        let last = self.steps.len().saturating_sub(rows);
        self.focus.saturating_sub(rows / 2).min(last)
    }

    /// Returns what matters now, in `rows` rows.
    pub(super) fn now(&self, rows: usize, known: &Known) -> Vec<Line<'static>> {
        let share = self.share(rows);
        let top = self.top_of_steps(share.steps);
        let signs = known.settings.look.signs;
        let above = hidden(top, signs.up);
        let mut below = hidden(
            self.steps.len().saturating_sub(top + share.steps),
            signs.down,
        );
        let mut lines = vec![rule(&above, self.width, known)];
        lines.extend(self.steps.iter().skip(top).take(share.steps).cloned());
        let panel = self.panel_in(share.panel, known);
        let events = self.events.iter().take(share.events).cloned().collect();
        for part in [panel, events] {
            if !part.is_empty() {
                lines.push(rule(&std::mem::take(&mut below), self.width, known));
                lines.extend(part);
            }
        }
        lines.truncate(rows);
        lines
    }

    /// Returns what is said, in so many rows: where it is cut it tells so, and its last sentence, which says
    /// what to do, stays with its beginning.
    fn panel_in(&self, rows: usize, known: &Known) -> Vec<Line<'static>> {
        let look = &known.settings.look;
        let Some(last) = self
            .panel
            .get(self.last_said)
            .filter(|_| rows >= 3 && rows < self.panel.len())
        else {
            return self.panel.iter().take(rows).cloned().collect();
        };
        let more = self.panel.len() - rows + 1;
        let scroll = key(Action::MoveDown, known);
        let more = format!(" {} {more} more lines: {scroll} scrolls", look.signs.down);
        let shown = self.panel.iter().take(rows - 2).cloned();
        shown
            .chain([Line::styled(more, look.theme.accent), last.clone()])
            .collect()
    }

    /// Returns what stands from line `top` on, in `rows` rows.
    pub(super) fn from(&self, top: usize, rows: usize, known: &Known) -> Vec<Line<'static>> {
        let document = self.document();
        let room = rows.saturating_sub(1);
        let top = top.min(document.len().saturating_sub(room));
        let to = (top + room).min(document.len());
        let word = format!("{}-{to} of {}", top + 1, document.len());
        let shown = document.iter().skip(top).take(room);
        let shown = shown.map(|line| line.map_or_else(|| rule("", self.width, known), Line::clone));
        [rule(&word, self.width, known)]
            .into_iter()
            .chain(shown)
            .collect()
    }

    /// Shares the rows out: what the run has to say comes first, then the steps, then the events.
    fn share(&self, rows: usize) -> Share {
        let (all, said, told) = (self.steps.len(), self.panel.len(), self.events.len());
        let rule_of = |lines: usize| usize::from(lines > 0);
        // Where that lets everything be said, one step in sight is enough.
        let fits = |steps: &usize| rows >= 2 + said + steps;
        let few_steps = (1..=FEWEST_STEPS).rev().find(fits).unwrap_or(FEWEST_STEPS);
        let few_steps = all.min(few_steps);
        let few_events = told.min(FEWEST_EVENTS);
        let room = rows.saturating_sub(1 + rule_of(said));
        let tight = room < said + few_steps + few_events + rule_of(told);
        // Below what is said there is either room for events and their rule, or for neither.
        let told = if said > 0 && tight { 0 } else { told };
        let few_events = told.min(few_events);
        let room = room.saturating_sub(rule_of(told));
        let panel = said.min(room.saturating_sub(few_steps + few_events));
        let steps = all.min(room.saturating_sub(panel + few_events));
        let events = told.min(room.saturating_sub(panel + steps));
        Share {
            steps,
            panel,
            events,
        }
    }
}

fn hidden(count: usize, sign: &str) -> String {
    match count {
        0 => String::new(),
        more => format!("{sign} {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(steps: usize, panel: usize, events: usize) -> Body {
        let lines = |count| vec![Line::default(); count];
        Body {
            steps: lines(steps),
            focus: 0,
            panel: lines(panel),
            last_said: panel.saturating_sub(1),
            events: lines(events),
            width: 80,
        }
    }

    #[test]
    fn no_part_takes_more_rows_than_there_are() {
        for rows in 0..40 {
            for panel in [0, 1, 5, 30] {
                let body = body(9, panel, 50);
                let share = body.share(rows);
                let rules = 1 + usize::from(share.panel > 0) + usize::from(share.events > 0);
                let taken = share.steps + share.panel + share.events + rules;
                assert!(
                    taken <= rows.max(rules),
                    "{rows} rows, {panel} said: {share:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_said_comes_before_steps_and_events() {
        let share = body(9, 10, 50).share(17);
        assert_eq!((share.steps, share.panel, share.events), (5, 10, 0));
        let share = body(9, 4, 50).share(17);
        assert_eq!((share.steps, share.panel, share.events), (8, 4, 2));
        let share = body(9, 0, 50).share(17);
        assert_eq!((share.steps, share.panel, share.events), (9, 0, 6));
    }
}
