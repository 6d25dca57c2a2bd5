//! Which rows are shown, and in which order.
//! They are made anew only when something they depend on has changed.

use std::collections::BTreeSet;

use crate::catalog::filter::{Query, expanded};
use crate::catalog::store::{GONE, Point, Row, Store};
use crate::domain::incident::parse_typed;
use crate::domain::place::Place;
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::{Untrusted, shown};
use crate::domain::words::short_id;
use crate::tui::known::Known;
use crate::tui::widgets::windowed_table::scrolled;

use super::columns::Told;
use super::hits::{Hit, Searched, find};
use super::order::By;
use super::{Browser, Kind, columns};

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// By name, the nameless last; what has no point comes after what has.
    Name,
    /// By what is lost: the most first.
    Lost,
    /// By the instant of the data: the youngest first.
    Data,
    /// By size: the largest first.
    Size,
    /// By account and Region.
    Place,
}

impl SortKey {
    /// Returns the keys that a list can be sorted by, in the order of its columns.
    #[must_use]
    pub fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Resources => &[Self::Name, Self::Lost, Self::Place],
            Kind::Snapshots | Kind::Amis => &[Self::Data, Self::Name, Self::Size, Self::Place],
            Kind::Windows => &[Self::Name, Self::Data, Self::Place],
            Kind::Vault(_) => &[Self::Name, Self::Data, Self::Size],
        }
    }

    /// Returns the word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Lost => "data lost",
            Self::Data => "data",
            Self::Size => "size",
            Self::Place => "place",
        }
    }
}

/// So many rows are looked at for the order, and as many for the filter, before keys are again: together they
/// are less than a frame's work.
const BUDGET: usize = 60_000;

/// What the rows that are shown were made of; the same gives the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MadeOf {
    order: u64,
    sieve: u64,
    filter: String,
    ranked: bool,
    reversed: bool,
}

/// What the filter hits in the rows on the screen.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The first of them, and what they were made of.
    of: Option<(usize, usize, u64)>,
    /// How often rows were made.
    made: u64,
    hits: Vec<(u32, Vec<Hit>)>,
}

impl Browser {
    /// Works on the rows where something they depend on has changed, for a frame at most, and keeps the cursor
    /// in sight.
    pub fn settle(&mut self, known: &Known) {
        self.settle_within(known, BUDGET);
    }

    /// Works for as long as so many rows take.
    pub(super) fn settle_within(&mut self, known: &Known, rows: usize) {
        let catalog = &known.catalog;
        self.take_filter(known);
        let by = By {
            kind: self.kind,
            sort: self.sort,
            incident: known.incident.filter(|_| self.depends_on_incident()),
        };
        let (store, version) = (&catalog.store, catalog.version);
        let ordered = self.order.work(by, store, version, &mut { rows });
        let changes = match self.kind {
            Kind::Resources => version,
            _points => store.changes(),
        };
        let sifted = self.sieve.work(self.kind, store, changes, &mut { rows });
        let typed = self.filter.text();
        let proposed = self.values.settle(typed.as_ref(), self.kind, store, rows);
        self.working = !(ordered && sifted && proposed);
        if self.sieve.done {
            self.show(store);
        }
        let height = self.rows_shown(known);
        self.top = scrolled(self.top, self.at, height, self.shown.len());
        self.find_hits(known, height);
        self.told = self.told(known);
    }

    /// Tells whether the order is another one for each incident: what a window gives is.
    fn depends_on_incident(&self) -> bool {
        match self.kind {
            Kind::Resources => self.sort == SortKey::Lost,
            Kind::Snapshots | Kind::Windows | Kind::Vault(_) => true,
            Kind::Amis => false,
        }
    }

    fn take_filter(&mut self, known: &Known) {
        let typed = self.filter.text().trim().to_owned();
        if typed == self.taken {
            return;
        }
        // Whoever types wants the best first; whoever sorts then, wants that.
        self.ranked = true;
        let zone = &known.settings.zone;
        let time =
            |text: &str| parse_typed(text, known.now, zone).map_err(|error| error.to_string());
        let meant = expanded(&typed, &known.settings.filters);
        let mut query = Query::read(&meant, time);
        self.bad_time = query.bad_time.take();
        // What cannot be read lets nothing more through than what was typed before.
        if self.bad_time.is_none() {
            self.sieve.take(query);
        }
        self.taken = typed;
    }

    /// Makes the rows anew where they are not those that order and filter give now.
    fn show(&mut self, store: &Store) {
        let made_of = MadeOf {
            order: self.order.made,
            sieve: self.sieve.made,
            filter: self.taken.clone(),
            ranked: self.ranked,
            reversed: self.reversed,
        };
        if self.made_of.as_ref() == Some(&made_of) {
            return;
        }
        let before = self.made_of.as_ref();
        let narrowed = before.is_some_and(|before| before.filter != made_of.filter)
            && !made_of.filter.is_empty();
        let rows = self.order.rows();
        let forward = rows.iter().copied();
        self.all = rows.len();
        self.gone = match self.kind {
            Kind::Resources | Kind::Snapshots => 0,
            Kind::Amis | Kind::Windows | Kind::Vault(_) => {
                let is_gone = |row: &&u32| store.point(**row as Row).state() == GONE;
                rows.iter().filter(is_gone).count()
            }
        };
        self.shown = match (self.sieve.query().is_empty(), self.reversed) {
            (true, false) => rows.to_vec(),
            (true, true) => forward.rev().collect(),
            (false, false) => self.sieve.sifted(forward, self.ranked),
            (false, true) => self.sieve.sifted(forward.rev(), self.ranked),
        };
        self.window.made += 1;
        self.made_of = Some(made_of);
        self.find_cursor(narrowed);
    }

    /// Puts the cursor on the row that it was on; where that is gone, it stays where it was. With another
    /// filter it is on what fits best, and follows that.
    fn find_cursor(&mut self, filtered: bool) {
        if filtered && !self.shown.is_empty() {
            self.move_to(0);
            return;
        }
        let followed = self.follows.and_then(|row| {
            let mut rows = self.shown.iter();
            rows.position(|shown| *shown as Row == row)
        });
        let last = self.shown.len().saturating_sub(1);
        self.at = followed.unwrap_or(self.at).min(last);
    }

    /// Moves the cursor, and has it follow the row it is on now.
    pub(super) fn move_to(&mut self, at: usize) {
        self.at = at.min(self.shown.len().saturating_sub(1));
        self.follows = self.row();
    }

    /// Finds what the filter hits in the rows on the screen: the exact way is too long for all of them.
    fn find_hits(&mut self, known: &Known, height: usize) {
        let of = (
            self.top,
            height,
            self.window.made + (known.catalog.version << 32),
        );
        if self.window.of == Some(of) {
            return;
        }
        self.window.of = Some(of);
        self.window.hits.clear();
        self.hit = BTreeSet::new();
        let pattern = &self.sieve.query().pattern;
        if pattern.is_empty() {
            return;
        }
        for row in self.shown.iter().skip(self.top).take(height) {
            let cells = self.searched(&known.catalog.store, *row as Row);
            if let Some((_, hits)) = find(pattern, &cells) {
                self.hit.extend(hits.iter().map(|hit| hit.column));
                self.window.hits.push((*row, hits));
            }
        }
    }

    /// Returns what the filter hits in a row on the screen.
    pub(super) fn hits(&self, row: Row) -> &[Hit] {
        let mut rows = self.window.hits.iter();
        let found = rows.find(|(one, _)| *one as Row == row);
        found.map_or(&[], |(_, hits)| hits)
    }

    /// Returns the filter as it is understood.
    pub(super) fn query(&self) -> &Query {
        self.sieve.query()
    }

    /// Tells whether the order is that of the filter.
    pub(super) fn is_ranked(&self) -> bool {
        self.ranked && !self.query().pattern.is_empty()
    }

    /// Returns the cells of a row that the filter looks at, fit to be shown.
    pub(super) fn searched(&self, store: &Store, row: Row) -> Vec<Searched> {
        match self.kind {
            Kind::Resources => of_resource(&store.resources()[row], store),
            kind => of_point(kind, store.point(row), store),
        }
    }
}

fn of_resource(one: &Resource, store: &Store) -> Vec<Searched> {
    let on = one.attached_to.as_ref().map(|(instance, device)| {
        let (id, device) = (shown(instance), shown(device));
        let kind = ResourceKind::Instance;
        let found = store.resource(&one.place, kind, instance);
        let name = found.map_or_else(|| id.clone(), name_of);
        Searched::exact(ON, format!("{name} {device}")).or(format!("{id} {device}"))
    });
    let mut cells = vec![
        Searched::name(0, called(one, store)),
        Searched::exact(1, one.kind.as_str().to_owned()),
        Searched::exact(ID, shown(&one.id)),
    ];
    cells.extend(on);
    cells.extend(of_place(&one.place));
    cells
}

/// The cells of a point that name it, as far as the list has columns for them.
fn of_point(kind: Kind, one: Point<'_>, store: &Store) -> Vec<Searched> {
    let id = Searched::exact(0, shown(short_id(one.id())));
    let id = if short_id(one.id()) == one.id() {
        id
    } else {
        id.or(shown(one.id()))
    };
    let name = one.raw_name().map(shown).unwrap_or_default();
    let of = shown(&resource_name(store, one));
    // An image that was made of no instance is known by its name alone.
    let of = if kind == Kind::Amis && of.is_empty() {
        name.clone()
    } else {
        of
    };
    let [region, account] = of_place(one.place());
    let cells = [
        (Told::Id, id),
        (Told::Of, Searched::name(0, of)),
        (Told::Name, Searched::name(0, name)),
        (Told::Region, region),
        (Told::Account, account),
    ];
    let placed = cells.into_iter().filter_map(|(told, cell)| {
        let column = columns::at(kind, told)?;
        Some(Searched { column, ..cell })
    });
    placed.collect()
}

fn of_place(place: &Place) -> [Searched; 2] {
    let account = Searched::exact(ACCOUNT, place.account.to_string());
    let profile = place.profile.as_deref().map(shown);
    [
        Searched::exact(REGION, place.region.to_string()),
        profile.into_iter().fold(account, Searched::or),
    ]
}

/// Numbers of columns of resources that the filter looks at.
pub(super) const ON: usize = 6;
pub(super) const ID: usize = 7;
pub(super) const REGION: usize = 8;
pub(super) const ACCOUNT: usize = 9;

/// Said in front of what is gone, where it cannot be cut off.
const GONE_SIGN: &str = "(gone) ";

/// Returns what a resource is called in the list.
pub(super) fn called(resource: &Resource, store: &Store) -> String {
    let gone = if store.is_gone(resource) {
        GONE_SIGN
    } else {
        ""
    };
    format!("{gone}{}", name_of(resource))
}

/// Returns the name of a resource, or its id.
pub(super) fn name_of(resource: &Resource) -> String {
    let name = resource.name.as_ref().map(Untrusted::shown);
    name.filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| crate::domain::text::shown(&resource.id))
}

/// Said in front of the id that a copy was taken of, where its resource is not known.
pub(super) const COPY_OF: &str = "copy of ";

/// Returns the name of the resource that a point is of, or its id, or what it is a copy of.
pub(super) fn resource_name(store: &Store, point: Point<'_>) -> String {
    match point.resource_row() {
        Some(row) => name_of(&store.resources()[row]),
        None => point
            .copy_of()
            .map_or(String::new(), |id| format!("{COPY_OF}{id}")),
    }
}
