//! The list of vaults of AWS Backup: filtered, sorted, growing while it is looked at. A vault is opened from here.
//! There are few, so that all of them are looked at whenever anything has changed.

mod fields;
mod update;
pub mod view;

use jiff::Timestamp;

use crate::catalog::filter::{Condition, Field, Query, expanded};
use crate::catalog::store::VaultRow;
use crate::domain::text::shown;
use crate::domain::vault::{Lock, Vault};
use crate::tui::known::Known;
use crate::tui::screens::browser::hits::{Hit, Searched, find};
use crate::tui::widgets::text_input::TextInput;
use crate::tui::widgets::windowed_table::scrolled;

/// What vaults are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VaultSort {
    /// By name.
    #[default]
    Name,
    /// By their lock: what anybody can delete first.
    Lock,
    /// By the number of their points: the most first.
    Points,
    /// By account and Region.
    Place,
}

impl VaultSort {
    /// Returns the word for a person, and what it is sorted by after this.
    fn word_and_next(self) -> (&'static str, Self) {
        match self {
            Self::Name => ("name", Self::Lock),
            Self::Lock => ("lock", Self::Points),
            Self::Points => ("points", Self::Place),
            Self::Place => ("place", Self::Name),
        }
    }
}

/// A vault that is shown, and what the filter hits in it.
type Shown = (VaultRow, Vec<Hit>);

/// A list of vaults with a cursor.
#[derive(Clone, Debug, Default)]
pub struct VaultList {
    /// The filter, also while it is not being typed.
    pub filter: TextInput,
    /// Whether keys go to the filter.
    pub filtering: bool,
    /// The field in the filter that vaults do not have: that condition is left out.
    stray: Option<Field>,
    sort: VaultSort,
    reversed: bool,
    /// How many there are before the filter.
    pub all: usize,
    /// The vaults that are shown, in order.
    shown: Vec<Shown>,
    /// The cursor, as a place among them.
    at: usize,
    /// The first of them on the screen.
    top: usize,
    /// The vault under the cursor, which the cursor follows.
    follows: Option<VaultRow>,
}

impl VaultList {
    /// Forgets every row: the store has others now. Filter and order stay.
    pub fn forget(&mut self) {
        *self = Self {
            filter: std::mem::take(&mut self.filter),
            filtering: self.filtering,
            sort: self.sort,
            reversed: self.reversed,
            ..Self::default()
        };
    }

    /// Makes the rows anew, and keeps the cursor on its vault.
    pub fn settle(&mut self, known: &Known) {
        let vaults = known.catalog.store.vaults();
        self.all = vaults.len();
        let typed = self.filter.text();
        let meant = expanded(typed.trim(), &known.settings.filters);
        let mut query = Query::read(&meant, |_| Ok(Timestamp::UNIX_EPOCH));
        self.stray = fields::take_stray(&mut query);
        let rows = vaults.iter().enumerate();
        let fitting = rows.filter_map(|(row, vault)| Some((row, hits(&query, vault)?)));
        self.shown = fitting.collect();
        let key = |row: VaultRow| &vaults[row];
        let sort = self.sort;
        self.shown.sort_by(|(a, _), (b, _)| {
            let (a, b) = (key(*a), key(*b));
            let first = match sort {
                VaultSort::Name => std::cmp::Ordering::Equal,
                VaultSort::Lock => rank(a.lock).cmp(&rank(b.lock)),
                VaultSort::Points => b.points.cmp(&a.points),
                VaultSort::Place => a.place.cmp(&b.place),
            };
            first.then_with(|| (&a.name, &a.arn).cmp(&(&b.name, &b.arn)))
        });
        if self.reversed {
            self.shown.reverse();
        }
        let followed = self.follows;
        let at = followed.and_then(|vault| self.shown.iter().position(|(row, _)| *row == vault));
        self.at = at
            .unwrap_or(self.at)
            .min(self.shown.len().saturating_sub(1));
        self.top = scrolled(self.top, self.at, view::height(known), self.shown.len());
    }

    /// Returns how many vaults the filter lets through.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shown.len()
    }

    /// Returns the vault under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<VaultRow> {
        self.shown.get(self.at).map(|(row, _)| *row)
    }

    fn move_to(&mut self, at: usize) {
        self.at = at.min(self.shown.len().saturating_sub(1));
        self.follows = self.row();
    }
}

fn rank(lock: Lock) -> u8 {
    match lock {
        Lock::Open => 0,
        Lock::Governance => 1,
        Lock::CoolingOff(_) => 2,
        Lock::Compliance => 3,
    }
}

/// Numbers of the columns that the filter looks at.
const VAULT: usize = 0;
const TYPE: usize = 1;
const LOCK: usize = 2;
const REGION: usize = 5;
const ACCOUNT: usize = 6;

/// Returns what a filter hits in a vault; `None` where it does not let it through.
fn hits(query: &Query, vault: &Vault) -> Option<Vec<Hit>> {
    let fits = query.conditions.iter().all(|one| fits(one, vault));
    if !fits {
        return None;
    }
    find(&query.pattern, &searched(vault)).map(|(_, hits)| hits)
}

fn fits(condition: &Condition, vault: &Vault) -> bool {
    let Condition::Has(field, value) = condition else {
        return false;
    };
    let told = fields::told(*field, vault);
    told.iter().any(|text| Condition::fits(value, text))
}

/// Returns the cells that the filter looks at, fit to be shown.
fn searched(vault: &Vault) -> Vec<Searched> {
    let place = &vault.place;
    let account = Searched::exact(ACCOUNT, place.account.to_string());
    let profile = place.profile.as_deref().map(shown);
    vec![
        Searched::name(VAULT, shown(&vault.name)),
        Searched::exact(TYPE, vault.kind.as_str().to_owned()),
        Searched::exact(LOCK, vault.lock.short()),
        Searched::exact(REGION, place.region.to_string()),
        profile.into_iter().fold(account, Searched::or),
    ]
}
