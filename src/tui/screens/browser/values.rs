//! The values of a field that occur in a list: what the filter proposes while one is typed.
//! They are gathered in steps that each fit into a frame.

use std::collections::BTreeSet;

use crate::catalog::filter::Field;
use crate::catalog::store::{Point, Row, Store};
use crate::domain::readiness::stored;
use crate::domain::recovery_point::{IN_RECYCLE_BIN, Tier};
use crate::domain::text::shown;

use super::Kind;
use super::sieve::origin_word;

/// What the field that is being typed can be: gathered once, and never while drawing.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    of: Option<(Field, u64)>,
    /// Up to which row they are gathered.
    next: Row,
    seen: BTreeSet<String>,
    /// Whether every row was looked at.
    done: bool,
}

impl Values {
    /// Gathers for as long as `budget` rows take: anew where another field is typed, or rows have become others.
    /// Tells whether all are there.
    pub(super) fn settle(
        &mut self,
        filter: &str,
        kind: Kind,
        store: &Store,
        budget: usize,
    ) -> bool {
        let word = filter.split(' ').next_back().unwrap_or_default();
        let of = Field::of(word).map(|(field, _)| (field, store.changes()));
        if self.of != of {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        let Some((field, _)) = of else {
            return true;
        };
        let end = match field {
            Field::Kind if kind == Kind::Resources => store.resources().len(),
            Field::Kind | Field::Origin | Field::State | Field::Protection => store.rows(),
            Field::Region | Field::Account => store.places().len(),
            Field::Tag | Field::Before => 0,
        };
        let until = end.min(self.next.saturating_add(budget));
        for row in self.next..until {
            self.take(field, kind, store, row);
        }
        self.next = until;
        self.done = until == end;
        self.done
    }

    /// Returns them in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(String::as_str)
    }

    /// Tells whether every row was looked at.
    pub(super) fn are_complete(&self) -> bool {
        self.done
    }

    fn take(&mut self, field: Field, kind: Kind, store: &Store, row: Row) {
        match field {
            Field::Region => self.add(store.places()[row].region.as_str()),
            Field::Account => self.add(store.places()[row].account.as_str()),
            Field::Kind if kind == Kind::Resources => {
                if store.stands(row) {
                    self.add(store.resources()[row].kind.as_str());
                }
            }
            Field::Kind | Field::Origin | Field::State | Field::Protection => {
                if has(kind, store, row) {
                    self.take_point(field, store.point(row));
                }
            }
            Field::Tag | Field::Before => {}
        }
    }

    fn take_point(&mut self, field: Field, point: Point<'_>) {
        match field {
            Field::Kind => self.add(point.kind().as_str()),
            Field::Origin => self.add(origin_word(point.origin())),
            Field::State => {
                self.add(point.state());
                if point.tier() == Tier::Archive {
                    self.add(stored(point.kind()));
                }
            }
            Field::Protection => {
                if point.state() == IN_RECYCLE_BIN {
                    self.add(IN_RECYCLE_BIN);
                    return;
                }
                let kept = point.protection();
                let clauses = kept.iter().flat_map(|kept| kept.split([',', ';']));
                // The first word of each: `compliance`, `legal`, `expires`.
                for word in clauses.filter_map(|clause| clause.split_whitespace().next()) {
                    self.add(word);
                }
            }
            Field::Region | Field::Account | Field::Tag | Field::Before => {}
        }
    }

    /// Adds one, fit to be shown; of many rows that share it the first alone costs more than a look.
    fn add(&mut self, value: &str) {
        if !self.seen.contains(value) {
            self.seen.insert(shown(value));
        }
    }
}

/// Tells whether a list has a point; that of resources is filtered by all of them.
fn has(kind: Kind, store: &Store, row: Row) -> bool {
    let kind = match kind {
        Kind::Resources => Kind::Snapshots,
        other => other,
    };
    kind.has(store, row)
}
