//! A list of resources, or of points, all or some of them: windowed, filtered, sorted, growing while it is looked at.
//!
//! Rows of the store never move, so cursor and filter outlive every refresh. Nothing is read here.

mod columns;
pub(in crate::tui::screens) mod fields;
pub(in crate::tui::screens) mod hits;
mod order;
mod rows;
mod sieve;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod timed;
mod update;
mod values;
pub mod view;

use std::collections::BTreeSet;

use crate::catalog::store::{Row, Store, VaultRow};
use crate::domain::recovery_point::{PointKind, When};
use crate::tui::known::Known;
use crate::tui::widgets::text_input::TextInput;

pub use hits::Hit;
pub use rows::SortKey;

/// What a browser lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Resources, each with its best point.
    Resources,
    /// Recovery points of every kind.
    Snapshots,
    /// Amazon Machine Images.
    Amis,
    /// Point-in-time windows of any service.
    Windows,
    /// The points in a vault of AWS Backup.
    Vault(VaultRow),
}

impl Kind {
    /// Tells whether a list of this kind has the point of a row; one of resources has none.
    fn has(self, store: &Store, row: Row) -> bool {
        if store.is_hidden(row) {
            return false;
        }
        match self {
            Self::Resources => false,
            Self::Snapshots => true,
            Self::Amis => store.point(row).kind() == PointKind::Ami,
            Self::Windows => matches!(store.point(row).when(), When::Window { .. }),
            Self::Vault(vault) => store.lies_in(row, vault),
        }
    }

    /// Returns what it lists, in words.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Snapshots | Self::Vault(_) => "points",
            Self::Amis => "AMIs",
            Self::Windows => "windows",
        }
    }
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
    /// How many of them are gone, where that is not known of the store.
    pub gone: usize,
    /// How many rows are on the screen, where the list is a part of another one.
    pub height: Option<usize>,
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
    /// Why a time in it cannot be read: the rows are those of the filter before it then.
    bad_time: Option<String>,
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
    /// What the field of the filter that is being typed can be.
    values: values::Values,
}

impl Browser {
    /// Lists resources.
    #[must_use]
    pub fn resources() -> Self {
        Self::of(Kind::Resources, SortKey::Name)
    }

    /// Lists points, the youngest data first.
    #[must_use]
    pub fn snapshots() -> Self {
        Self::of(Kind::Snapshots, SortKey::Data)
    }

    /// Lists images, the youngest data first.
    #[must_use]
    pub fn amis() -> Self {
        Self::of(Kind::Amis, SortKey::Data)
    }

    /// Lists point-in-time windows by their resource.
    #[must_use]
    pub fn windows() -> Self {
        Self::of(Kind::Windows, SortKey::Name)
    }

    /// Lists the points in a vault by their resource.
    #[must_use]
    pub fn in_vault(vault: VaultRow) -> Self {
        Self::of(Kind::Vault(vault), SortKey::Name)
    }

    /// Returns how many rows are on the screen.
    #[must_use]
    pub fn rows_shown(&self, known: &Known) -> usize {
        self.height.unwrap_or_else(|| view::height(known))
    }

    fn of(kind: Kind, sort: SortKey) -> Self {
        Self {
            kind,
            filter: TextInput::default(),
            filtering: false,
            sort,
            reversed: false,
            all: 0,
            gone: 0,
            height: None,
            shown: Vec::new(),
            at: 0,
            top: 0,
            hit: BTreeSet::new(),
            ranked: false,
            follows: None,
            taken: String::new(),
            bad_time: None,
            told: None,
            order: Box::default(),
            sieve: Box::default(),
            working: false,
            made_of: None,
            window: rows::Window::default(),
            values: values::Values::default(),
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
            .take(self.rows_shown(known))
            .map(|row| *row as Row)
            .collect()
    }

    /// Returns the row at a place among those that are shown.
    #[must_use]
    pub fn row_at(&self, at: usize) -> Option<Row> {
        self.shown.get(at).map(|row| *row as Row)
    }
}
