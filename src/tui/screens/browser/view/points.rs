//! The cells of a point in a list: what each column tells of it.
//! What names a point, and what the filter hits in that, is made beside.

use crate::catalog::store::{GONE, Point};
use crate::domain::detail::TierStatus;
use crate::domain::recovery_point::{PointKind, Tier, When};
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::screens::resource::detail::origin;
use crate::tui::screens::resource::standing;
use crate::tui::widgets::windowed_table::Cell;

use super::super::Kind;
use super::super::columns::{self, Told};
use super::cells::{Named, bound, instant, lost, when};

/// Returns the cells of a point, in a list of this kind.
pub(super) fn row(kind: Kind, point: Point<'_>, named: &Named<'_>, known: &Known) -> Vec<Cell> {
    let theme = &known.settings.look.theme;
    // What cannot be restored from as it stands is no choice: its state says why.
    let style = if !point.usable() || is_after(point, known) {
        theme.dim
    } else {
        theme.text
    };
    let cells = columns::told(kind).iter().enumerate();
    let cells = cells.map(|(n, told)| match told {
        Told::Id | Told::Of | Told::Name | Told::Region | Told::Account => named.cell(n),
        other => Cell::new(text_of(*other, kind, point, known)),
    });
    cells.map(|cell| Cell { style, ..cell }).collect()
}

/// Returns what a column tells of a point, but for what names it.
fn text_of(told: Told, kind: Kind, point: Point<'_>, known: &Known) -> String {
    let gone = point.state() == GONE;
    match (told, point.when()) {
        (Told::Kind, _) if kind == Kind::Windows => service(point.kind()).to_owned(),
        (Told::Kind, _) => {
            let of = point.resource();
            of.map_or_else(String::new, |(kind, _)| kind.as_str().to_owned())
        }
        (Told::From, _) => when(point, known),
        (Told::Earliest, When::Window { earliest, .. }) => instant(earliest, known),
        (Told::Latest, When::Window { latest, .. }) => {
            format!("{}{}", bound(point), instant(latest, known))
        }
        (Told::Lost, _) => lost(point, known),
        (Told::Size, _) => point.size_bytes().map_or_else(String::new, words::size),
        (Told::State, _) if point.tier() == Tier::Archive && !gone => {
            let answers = &known.catalog.answers;
            let status = answers.tier_status(point.place(), point.id());
            let coming_back = status.and_then(TierStatus::coming_back);
            standing::archived(point.kind(), coming_back)
        }
        (Told::State, _) => shown(point.state()),
        (Told::Source, _) => source(point, known).to_owned(),
        (Told::Origin, _) => origin(point.origin()).to_owned(),
        (Told::Kept, _) => held(point, known),
        (
            Told::Earliest
            | Told::Latest
            | Told::Id
            | Told::Of
            | Told::Name
            | Told::Region
            | Told::Account,
            _,
        ) => String::new(),
    }
}

/// Says what keeps a point beside the lock of its vault, which is the same for all of them.
fn held(point: Point<'_>, known: &Known) -> String {
    let Some(kept) = point.protection() else {
        return String::new();
    };
    let store = &known.catalog.store;
    let vault = store.vault_of(point.row());
    let lock = vault.and_then(|vault| store.vaults()[vault].lock.words());
    let words = kept.split(", ").flat_map(|words| words.split("; "));
    let own: Vec<String> = words
        .filter(|words| Some(*words) != lock.as_deref())
        .map(shown)
        .collect();
    own.join(", ")
}

/// Returns the service whose window it is.
fn service(kind: PointKind) -> &'static str {
    match kind {
        PointKind::RdsWindow | PointKind::RdsSnapshot => "rds",
        PointKind::RdsClusterWindow | PointKind::RdsClusterSnapshot => "cluster",
        PointKind::DynamodbWindow | PointKind::DynamodbBackup => "dynamodb",
        PointKind::BackupPoint => "backup",
        PointKind::EbsSnapshot | PointKind::EbsVolume => "ebs",
        PointKind::Ami => "ec2",
    }
}

/// Tells what has become of what a window goes back to: a window outlives it.
fn source(point: Point<'_>, known: &Known) -> &'static str {
    let store = &known.catalog.store;
    let found = point.resource_row().map(|row| &store.resources()[row]);
    match (point.state(), found) {
        (GONE, _) => "gone",
        ("retained", _) => "deleted",
        ("replicating", _) => "replica",
        ("STOPPED", _) => "stopped",
        (_, Some(found)) if store.is_gone(found) => "gone",
        (_, Some(found)) if found.exists => "live",
        (_, Some(_) | None) => "",
    }
}

/// Tells whether the data of a point is from after the incident, for all that is known.
fn is_after(point: Point<'_>, known: &Known) -> bool {
    let at = point.data_used(known.incident);
    known.incident.is_some_and(|incident| at >= incident)
}
