//! The list of resources, or of snapshots: windowed, filtered, sorted, growing while it is looked at.
//!
//! Rows of the store never move, so cursor and filter outlive every refresh. Nothing is read here.

mod fields;
mod hits;
mod order;
mod rows;
mod sieve;
#[cfg(test)]
mod tests;
mod update;
pub mod view;

use std::collections::BTreeSet;

use crate::catalog::store::Row;
use crate::tui::known::Known;
use crate::tui::widgets::text_input::TextInput;

pub use hits::Hit;
pub use rows::SortKey;

/// What a browser lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Resources, each with its best point.
    Resources,
    /// EBS snapshots.
    Snapshots,
}

/// A list with a cursor.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, and all their combinations occur"
)]
pub struct Browser {
    /// What it lists.
    pub kind: Kind,
    /// The filter, also while it is not being typed.
    pub filter: TextInput,
    /// Whether keys go to the filter.
    pub filtering: bool,
    /// What it is sorted by.
    pub sort: SortKey,
    /// Whether the order is turned around.
    pub reversed: bool,
    /// How many rows there are before the filter.
    pub all: usize,
    /// The rows that are shown, in order.
    shown: Vec<u32>,
    /// The cursor, as a place among them.
    pub at: usize,
    /// The first of them on the screen.
    pub top: usize,
    /// Columns in which the filter hits anything.
    pub hit: BTreeSet<usize>,
    /// Whether what fits the filter best comes first.
    ranked: bool,
    /// The row under the cursor, which the cursor follows.
    follows: Option<Row>,
    /// The filter that was taken last.
    taken: String,
    /// The row that is told of beside the list, while keys come too fast.
    told: Option<Row>,
    order: Box<order::Order>,
    sieve: Box<sieve::Sieve>,
    /// Whether order or filter are still being worked on: what is shown is that of before.
    working: bool,
    /// What `shown` was made of.
    made_of: Option<rows::MadeOf>,
    /// What the filter hits in the rows on the screen.
    window: rows::Window,
}

impl Browser {
    /// Lists resources.
    #[must_use]
    pub fn resources() -> Self {
        Self::of(Kind::Resources, SortKey::Name)
    }

    /// Lists snapshots, the youngest data first.
    #[must_use]
    pub fn snapshots() -> Self {
        Self::of(Kind::Snapshots, SortKey::Data)
    }

    fn of(kind: Kind, sort: SortKey) -> Self {
        Self {
            kind,
            filter: TextInput::default(),
            filtering: false,
            sort,
            reversed: false,
            all: 0,
            shown: Vec::new(),
            at: 0,
            top: 0,
            hit: BTreeSet::new(),
            ranked: false,
            follows: None,
            taken: String::new(),
            told: None,
            order: Box::default(),
            sieve: Box::default(),
            working: false,
            made_of: None,
            window: rows::Window::default(),
        }
    }

    /// Forgets every row: the store has others now. Filter and order stay.
    pub fn forget(&mut self) {
        let fresh = Self::of(self.kind, self.sort);
        *self = Self {
            filter: std::mem::take(&mut self.filter),
            filtering: self.filtering,
            reversed: self.reversed,
            ..fresh
        };
    }

    /// Returns the rows that are shown, in order.
    #[must_use]
    pub fn shown(&self) -> &[u32] {
        &self.shown
    }

    /// Tells whether what is shown is not yet what was asked for: more work than fits into a frame is under way.
    #[must_use]
    pub fn is_working(&self) -> bool {
        self.working
    }

    /// Returns a copy that has the row under the cursor alone.
    #[must_use]
    pub fn at_cursor(&self) -> Self {
        Self {
            filter: self.filter.clone(),
            filtering: self.filtering,
            reversed: self.reversed,
            shown: self.shown.get(self.at).copied().into_iter().collect(),
            follows: self.follows,
            ..Self::of(self.kind, self.sort)
        }
    }

    /// Returns the row under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        self.row_at(self.at)
    }

    /// Returns the row that is told of beside the list: that under the cursor, once keys rest.
    fn told(&self, known: &Known) -> Option<Row> {
        let told = self.told.filter(|_| known.hurry.is_on());
        self.row().map(|row| told.unwrap_or(row))
    }

    /// Returns the rows that are on the screen.
    #[must_use]
    pub fn on_screen(&self, known: &Known) -> Vec<Row> {
        let shown = self.shown.iter().skip(self.top);
        shown
            .take(view::height(known))
            .map(|row| *row as Row)
            .collect()
    }

    /// Returns the row at a place among those that are shown.
    #[must_use]
    pub fn row_at(&self, at: usize) -> Option<Row> {
        self.shown.get(at).map(|row| *row as Row)
    }
}
