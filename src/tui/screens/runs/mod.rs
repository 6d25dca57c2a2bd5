//! The list of runs: those that are not over on top, then the youngest first. A run is opened, resumed and
//! rolled back from here; what that means is for the run's own screen to say.

mod update;
pub mod view;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use crate::domain::ids::RunId;
use crate::tui::known::{Known, RunCard};
use crate::tui::widgets::windowed_table::scrolled;

/// A list of runs with a cursor.
#[derive(Clone, Debug, Default)]
pub struct RunList {
    /// The runs in order.
    shown: Vec<RunId>,
    /// The cursor, as a place among them.
    at: usize,
    /// The first of them on the screen.
    top: usize,
    /// The run that the cursor follows, once it was moved: one that is begun elsewhere takes its place.
    follows: Option<RunId>,
}

impl RunList {
    /// Puts the runs in order, and keeps the cursor on its run.
    pub fn settle(&mut self, known: &Known) {
        let mut cards: Vec<&RunCard> = known.runs.cards.values().collect();
        cards.sort_by_key(|card| (card.state.status().is_over(), Reverse(&card.state.run)));
        self.shown = cards.iter().map(|card| card.state.run.clone()).collect();
        let followed = self.follows.as_ref();
        let at = followed.and_then(|run| self.shown.iter().position(|one| one == run));
        let last = self.shown.len().saturating_sub(1);
        self.at = at.unwrap_or(self.at).min(last);
        self.top = scrolled(self.top, self.at, view::height(known), self.shown.len());
    }

    /// Returns the run under the cursor.
    #[must_use]
    pub fn card<'a>(&self, known: &'a Known) -> Option<&'a RunCard> {
        known.runs.cards.get(self.shown.get(self.at)?)
    }

    fn move_to(&mut self, at: usize) {
        self.at = at.min(self.shown.len().saturating_sub(1));
        self.follows = self.shown.get(self.at).cloned();
    }
}
