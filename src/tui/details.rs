//! What of the screen has to be asked about by itself: the KMS keys of the points that are shown. Pure; the loop asks
//! once the screen has rested, and for each key once.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::store::Point;
use crate::domain::place::Place;

use super::model::{Model, View};
use super::screens::Screen;
use super::screens::browser::{Browser, Kind};

/// Returns the keys that are on the screen and that were not asked about yet, by the place to ask in.
#[must_use]
pub fn keys_wanted(model: &Model) -> BTreeMap<Place, BTreeSet<String>> {
    let mut wanted = BTreeMap::new();
    let known = &model.known;
    let mut take = |key: Option<&str>, place: &Place| {
        let fresh = key.filter(|key| !known.catalog.keys_asked.contains(*key) && is_of(key, place));
        if let Some(key) = fresh {
            let keys: &mut BTreeSet<String> = wanted.entry(place.clone()).or_default();
            keys.insert(key.to_owned());
        }
    };
    if let Some(Screen::Resource(screen)) = model.screens.last() {
        for (_, point) in &screen.points {
            take(point.kms_key.as_deref(), &point.place);
        }
    }
    if let Some(browser) = list(model) {
        for point in shown(browser, model) {
            take(point.kms_key(), point.place());
        }
    }
    wanted
}

/// Returns the list that is on the screen, if one is.
fn list(model: &Model) -> Option<&Browser> {
    match (model.screens.last(), model.view) {
        (Some(Screen::Vault(screen)), _) => Some(&screen.list),
        (None, View::Resources) => Some(&model.resources),
        (None, View::Snapshots) => Some(&model.snapshots),
        (None, View::Amis) => Some(&model.amis),
        (None, View::Windows) => Some(&model.windows),
        (Some(Screen::Resource(_) | Screen::Wizard(_) | Screen::Run(_) | Screen::Text(_)), _)
        | (None, View::Vaults | View::Runs) => None,
    }
}

/// Returns the points of the rows on the screen; of a resource the best one.
fn shown<'a>(browser: &Browser, model: &'a Model) -> Vec<Point<'a>> {
    let (store, incident) = (&model.known.catalog.store, model.known.incident);
    let rows = browser.on_screen(&model.known).into_iter();
    match browser.kind {
        Kind::Resources => rows
            .filter_map(|row| store.best_at(row, incident))
            .map(|best| best.point)
            .collect(),
        _points => rows.map(|row| store.point(row)).collect(),
    }
}

/// A key can be asked about where it is.
fn is_of(key: &str, place: &Place) -> bool {
    let parts: Vec<&str> = key.splitn(6, ':').collect();
    parts.len() == 6
        && parts[2] == "kms"
        && (parts[4], parts[3]) == (place.account.as_str(), place.region.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::readiness::First;
    use crate::tui::fixtures::{estate, home, press};
    use crate::tui::msg::Msg;
    use crate::tui::update::{settle, update};
    use crossterm::event::KeyCode;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e";

    #[test]
    fn a_key_is_wanted_once_and_a_point_whose_key_is_disabled_says_what_to_do_first() {
        let mut model = estate(120, 40);
        settle(&mut model);
        let wanted = keys_wanted(&model);
        let keys: BTreeSet<String> = [KEY.to_owned()].into();
        assert_eq!(
            wanted,
            [(home(), keys)].into(),
            "the copy's key is of another Region"
        );
        model.known.catalog.keys_asked.insert(KEY.to_owned());
        assert!(keys_wanted(&model).is_empty());
        let best = |model: &Model| {
            let store = &model.known.catalog.store;
            store.best_at(0, None).map(|best| best.first)
        };
        assert_eq!(best(&model), Some(None));
        let told = vec![(KEY.to_owned(), Ok("Disabled".to_owned()))];
        update(&mut model, Msg::KeysDescribed(told));
        assert_eq!(best(&model), Some(Some(First::EnableKey)));
        let point = model.known.catalog.store.point(0).whole();
        assert_eq!(point.key_state.as_deref(), Some("Disabled"));
        let told = vec![(KEY.to_owned(), Ok("Enabled".to_owned()))];
        update(&mut model, Msg::KeysDescribed(told));
        assert_eq!(best(&model), Some(None));
    }

    #[test]
    fn what_is_on_no_screen_is_not_asked_about() {
        let mut model = estate(120, 40);
        press(&mut model, KeyCode::Char('6'));
        assert!(keys_wanted(&model).is_empty());
    }
}
