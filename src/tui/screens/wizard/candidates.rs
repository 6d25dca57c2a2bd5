//! What a field that names a resource can be set to: the resources of its kind that are listed in the place
//! of the point.

use crate::domain::form::FieldKind;
use crate::domain::recovery_point::RecoveryPoint;
use crate::domain::resource::Resource;
use crate::domain::text::Untrusted;
use crate::tui::known::Known;

use super::way::{Entry, Way, round};

/// Returns the resources that the field with the keys can be set to, where it is asked for or begun: those that
/// fit what is typed, in the order of their names; all of them where nothing is typed, or one of their ids.
pub(super) fn fitting<'a>(way: &Way, point: &RecoveryPoint, known: &'a Known) -> Vec<&'a Resource> {
    let asked = way.obstructed() == Some(way.focus);
    let Some(entry) = way.entry().filter(|entry| asked || !entry.typed.is_empty()) else {
        return Vec::new();
    };
    let all = all(entry, point, known);
    let typed = entry.typed.text().trim().to_lowercase();
    if typed.is_empty() || all.iter().any(|one| one.id == typed) {
        return all;
    }
    let fits =
        |one: &&Resource| one.id.contains(&typed) || name(one).to_lowercase().contains(&typed);
    all.into_iter().filter(fits).collect()
}

fn all<'a>(entry: &Entry, point: &RecoveryPoint, known: &'a Known) -> Vec<&'a Resource> {
    let FieldKind::Resource(wanted) = entry.spec.kind else {
        return Vec::new();
    };
    let is_there = |one: &&Resource| {
        let place = (&one.place.account, &one.place.region);
        one.kind == wanted && one.exists && place == (&point.place.account, &point.place.region)
    };
    let resources = known.catalog.store.resources().iter();
    let mut all: Vec<&Resource> = resources.filter(is_there).collect();
    all.sort_by_key(|one| (name(one), &one.id));
    all
}

/// Returns the id of the candidate after what is typed, or before it.
pub(super) fn next(
    way: &Way,
    point: &RecoveryPoint,
    known: &Known,
    forward: bool,
) -> Option<String> {
    let fitting = fitting(way, point, known);
    let typed = way.entry()?.typed.text();
    let at = fitting.iter().position(|one| one.id == typed.trim());
    let next = match (at, forward) {
        (Some(at), _) => round(at, fitting.len(), forward),
        (None, true) => 0,
        (None, false) => fitting.len().saturating_sub(1),
    };
    fitting.get(next).map(|one| one.id.clone())
}

/// Returns the name of a resource, fit to be shown.
pub(super) fn name(resource: &Resource) -> String {
    let name = resource.name.as_ref();
    name.map_or_else(String::new, Untrusted::shown)
}
