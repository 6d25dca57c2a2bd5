//! Which rows are shown, and in which order.
//! They are made anew only when something they depend on has changed.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::catalog::filter::Pattern;
use crate::catalog::store::{Row, Store, sort_time};
use crate::domain::incident::{best_before, data_used};
use crate::domain::place::Place;
use crate::domain::recovery_point::RecoveryPoint;
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::{Untrusted, shown};
use crate::tui::known::Known;
use crate::tui::widgets::windowed_table::scrolled;

use super::hits::{Hit, Searched, find};
use super::{Browser, Kind};

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
            Kind::Snapshots => &[Self::Data, Self::Name, Self::Size, Self::Place],
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

/// A row that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number in the store.
    pub row: Row,
    /// What the filter hits in it.
    pub hits: Vec<Hit>,
}

/// What a list was made of; the same gives the same list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MadeOf {
    version: u64,
    incident: Option<Timestamp>,
    filter: String,
    ranked: bool,
    sort: SortKey,
    reversed: bool,
}

impl Browser {
    /// Makes the list anew where something it depends on has changed, and keeps the cursor in sight.
    pub fn settle(&mut self, known: &Known) {
        let typed = self.made_of.as_ref().map(|before| before.filter.as_str());
        // Whoever types wants the best first; whoever sorts then, wants that.
        self.ranked |= typed.unwrap_or_default() != self.filter.text().trim();
        let made_of = MadeOf {
            version: known.catalog.version,
            incident: known.incident.filter(|_| self.sort == SortKey::Lost),
            filter: self.filter.text().trim().to_owned(),
            ranked: self.ranked,
            sort: self.sort,
            reversed: self.reversed,
        };
        if self.made_of.as_ref() != Some(&made_of) {
            let before = self.made_of.as_ref();
            let narrowed = before.is_some_and(|before| before.filter != made_of.filter)
                && !made_of.filter.is_empty();
            self.shown = self.found(known, &made_of.filter);
            self.made_of = Some(made_of);
            self.find_cursor(narrowed);
        }
        self.top = scrolled(
            self.top,
            self.at,
            super::view::height(known),
            self.shown.len(),
        );
    }

    /// Puts the cursor on the row that it was on; where that is gone, it stays where it was. With another
    /// filter it is on what fits best, and follows that.
    fn find_cursor(&mut self, filtered: bool) {
        if filtered && !self.shown.is_empty() {
            self.move_to(0);
            return;
        }
        let followed = self
            .follows
            .and_then(|row| self.shown.iter().position(|shown| shown.row == row));
        let last = self.shown.len().saturating_sub(1);
        self.at = followed.unwrap_or(self.at).min(last);
    }

    /// Moves the cursor, and has it follow the row it is on now.
    pub(super) fn move_to(&mut self, at: usize) {
        self.at = at.min(self.shown.len().saturating_sub(1));
        self.follows = self.row();
    }

    fn found(&mut self, known: &Known, filter: &str) -> Vec<Shown> {
        let store = &known.catalog.store;
        let mut rows = self.ordered(store, known.incident);
        self.all = rows.len();
        if self.reversed {
            rows.reverse();
        }
        if filter.is_empty() {
            self.hit = BTreeSet::new();
            let shown = |row| Shown {
                row,
                hits: Vec::new(),
            };
            return rows.into_iter().map(shown).collect();
        }
        let pattern = Pattern::new(filter);
        let hit = |row: Row| {
            let (how_well, hits) = find(&pattern, &self.searched(store, row))?;
            Some((how_well, Shown { row, hits }))
        };
        let mut found: Vec<(i64, Shown)> = rows.into_iter().filter_map(hit).collect();
        if self.ranked {
            found.sort_by_key(|(how_well, _)| Reverse(*how_well));
        }
        let shown: Vec<Shown> = found.into_iter().map(|(_, shown)| shown).collect();
        let hits = shown.iter().flat_map(|shown| &shown.hits);
        self.hit = hits.map(|hit| hit.column).collect();
        shown
    }

    /// Tells whether the order is that of the filter.
    pub(super) fn is_ranked(&self) -> bool {
        self.ranked && !self.filter.text().trim().is_empty()
    }

    fn ordered(&self, store: &Store, incident: Option<Timestamp>) -> Vec<Row> {
        match self.kind {
            Kind::Resources => resources_by(self.sort, store, incident),
            Kind::Snapshots => points_by(self.sort, store),
        }
    }

    /// Returns the cells of a row that the filter looks at, fit to be shown.
    pub(super) fn searched(&self, store: &Store, row: Row) -> Vec<Searched> {
        match self.kind {
            Kind::Resources => of_resource(&store.resources()[row], store),
            Kind::Snapshots => of_point(&store.points()[row], store),
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

fn of_point(one: &RecoveryPoint, store: &Store) -> Vec<Searched> {
    let name = one.name.as_ref().map(Untrusted::shown).unwrap_or_default();
    let mut cells = vec![
        Searched::exact(0, shown(&one.id)),
        Searched::name(1, shown(&resource_name(store, one))),
        Searched::name(NAME, name),
    ];
    cells.extend(of_place(&one.place));
    cells
}

fn of_place(place: &Place) -> [Searched; 2] {
    let account = Searched::exact(ACCOUNT, place.account.to_string());
    let profile = place.profile.as_deref().map(shown);
    [
        Searched::exact(REGION, place.region.to_string()),
        profile.into_iter().fold(account, Searched::or),
    ]
}

/// Numbers of columns that the filter looks at: of resources, of snapshots, of both.
pub(super) const ON: usize = 6;
pub(super) const ID: usize = 7;
pub(super) const NAME: usize = 7;
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

/// Returns the name of the resource that a point is of, or its id, or what it is a copy of.
pub(super) fn resource_name(store: &Store, point: &RecoveryPoint) -> String {
    let Some((kind, id)) = &point.resource else {
        let copy = point.copy_of.as_ref();
        return copy.map_or(String::new(), |id| format!("copy of {id}"));
    };
    store
        .resource(&point.place, *kind, id)
        .map_or_else(|| id.clone(), name_of)
}

fn resources_by(sort: SortKey, store: &Store, incident: Option<Timestamp>) -> Vec<Row> {
    let all = store.resources();
    // An instance has no points of its own: what can be restored are its volumes, and each tells where it is.
    let restorable =
        |row: &Row| all[*row].kind != ResourceKind::Instance || store.has_points(&all[*row]);
    let mut rows: Vec<Row> = (0..all.len()).filter(restorable).collect();
    let by_name = |a: &Row, b: &Row| named(&all[*a]).cmp(&named(&all[*b]));
    match sort {
        SortKey::Name | SortKey::Data | SortKey::Size => {
            rows.sort_by(by_name);
            // What can be restored comes first.
            rows.sort_by_cached_key(|row| !store.has_points(&all[*row]));
        }
        SortKey::Place => rows.sort_by(|a, b| {
            all[*a]
                .place
                .cmp(&all[*b].place)
                .then_with(|| by_name(a, b))
        }),
        SortKey::Lost => {
            // The least of what is left comes first; where there is nothing to go back to, nothing is to choose.
            let lost = |row: &Row| {
                let points = store.points_of(&all[*row]);
                let best = best_before(&points, incident);
                best.map_or((true, None), |best| {
                    (false, Some(data_used(best.point, incident)))
                })
            };
            rows.sort_by(|a, b| by_name(a, b));
            rows.sort_by_cached_key(lost);
        }
    }
    rows
}

/// Tells whether people choose the id themselves, so that it is as good as a name.
fn is_named_by_its_id(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::DbInstance
        | ResourceKind::DbCluster
        | ResourceKind::Table
        | ResourceKind::Bucket => true,
        ResourceKind::Volume
        | ResourceKind::Snapshot
        | ResourceKind::Instance
        | ResourceKind::Image
        | ResourceKind::FileSystem
        | ResourceKind::Other => false,
    }
}

type Name<'a> = (bool, Option<&'a str>, &'a str);

fn named(resource: &Resource) -> Name<'_> {
    let name = resource.name.as_ref().map(Untrusted::raw);
    let name = name.or_else(|| is_named_by_its_id(resource.kind).then_some(&*resource.id));
    (name.is_none(), name, &resource.id)
}

fn points_by(sort: SortKey, store: &Store) -> Vec<Row> {
    let all = store.points();
    let mut rows: Vec<Row> = (0..all.len()).collect();
    let youngest = |a: &Row, b: &Row| -> Ordering {
        sort_time(&all[*b])
            .cmp(&sort_time(&all[*a]))
            .then_with(|| all[*a].id.cmp(&all[*b].id))
    };
    rows.sort_by(youngest);
    match sort {
        SortKey::Data | SortKey::Lost => {}
        SortKey::Size => rows.sort_by_key(|row| Reverse(all[*row].size_bytes)),
        SortKey::Place => rows.sort_by(|a, b| all[*a].place.cmp(&all[*b].place)),
        SortKey::Name => rows.sort_by_cached_key(|row| resource_name(store, &all[*row])),
    }
    rows
}
