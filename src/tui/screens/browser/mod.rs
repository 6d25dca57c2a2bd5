//! The list of resources, or of snapshots: windowed, filtered, sorted, growing while it is looked at.
//!
//! Rows of the store never move, so cursor and filter outlive every refresh. Nothing is read here.

mod hits;
mod rows;
mod update;
pub mod view;

use std::collections::BTreeSet;

use crate::catalog::store::Row;
use crate::tui::widgets::text_input::TextInput;

pub use hits::Hit;
pub use rows::{Shown, SortKey};

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
    pub shown: Vec<Shown>,
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
    /// What `shown` was made of.
    made_of: Option<rows::MadeOf>,
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
            made_of: None,
        }
    }

    /// Returns a copy that has the row under the cursor alone.
    #[must_use]
    pub fn at_cursor(&self) -> Self {
        Self {
            kind: self.kind,
            filter: self.filter.clone(),
            hit: BTreeSet::new(),
            shown: self.shown.get(self.at).cloned().into_iter().collect(),
            at: 0,
            made_of: None,
            ..*self
        }
    }

    /// Returns the row under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        self.shown.get(self.at).map(|shown| shown.row)
    }
}
