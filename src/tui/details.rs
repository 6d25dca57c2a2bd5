//! What of the screen has to be asked about by itself: the KMS keys of the points that are shown, and what no listing
//! tells of them. Pure; the loop asks once the screen has rested, and for each once.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::store::{GONE, Point};
use crate::domain::arn::is_key_of;
use crate::domain::detail::Question;
use crate::domain::ids::AccountId;
use crate::domain::place::Place;
use crate::domain::recovery_point::RecoveryPoint;

use super::effect::Effect;
use super::known::Known;
use super::model::{Model, View};
use super::screens::Screen;
use super::screens::browser::{Browser, Kind};

/// What is to be asked, by the place to ask in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// KMS keys.
    keys: BTreeMap<Place, BTreeSet<String>>,
    /// What only a call about a point tells.
    questions: BTreeMap<Place, BTreeSet<Question>>,
}

impl Wanted {
    /// Tells whether nothing is to be asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.questions.is_empty()
    }

    /// Takes in that all of it is asked, and returns how.
    #[must_use]
    pub fn asked(self, model: &mut Model) -> Vec<Effect> {
        let catalog = &mut model.known.catalog;
        let mut effects = Vec::new();
        for (place, keys) in self.keys {
            catalog.keys_asked.extend(keys.iter().cloned());
            let keys = keys.into_iter().collect();
            effects.push(Effect::DescribeKeys { place, keys });
        }
        for (place, questions) in self.questions {
            let questions: Vec<Question> = questions.into_iter().collect();
            catalog.answers.asks(&place, &questions);
            model.dirty = true;
            effects.push(Effect::DescribePoints { place, questions });
        }
        effects
    }
}

/// Returns what is on the screen and was not asked about yet.
#[must_use]
pub fn wanted(model: &Model) -> Wanted {
    Wanted {
        keys: keys_wanted(model),
        questions: questions_wanted(model),
    }
}

/// Returns everything that can be asked about a point by itself. Of one that is gone there is nothing to tell.
#[must_use]
pub fn questions(point: &RecoveryPoint, known: &Known) -> Vec<Question> {
    if point.state == GONE {
        return Vec::new();
    }
    let store = &known.catalog.store;
    let found = store.find(&point.place, point.kind, &point.id);
    Question::all(point, found.and_then(|found| sharer(found, known)))
}

/// Tells whether a place has answered: only there can be asked.
#[must_use]
pub fn is_reached(place: &Place, known: &Known) -> bool {
    let mut places = known.catalog.places.iter();
    places.any(|card| card.place == *place)
}

/// Returns the account that shares the vault of a point, if it is another one's.
fn sharer<'a>(point: Point<'_>, known: &'a Known) -> Option<&'a AccountId> {
    let store = &known.catalog.store;
    let vault = &store.vaults()[store.vault_of(point.row())?];
    vault.is_shared().then_some(&vault.owner)
}

/// Returns what is to be asked about the point whose detail is open, or else about the rows on the screen.
fn questions_wanted(model: &Model) -> BTreeMap<Place, BTreeSet<Question>> {
    let known = &model.known;
    let mut wanted: BTreeMap<Place, BTreeSet<Question>> = BTreeMap::new();
    let mut take = |place: &Place, question: Question| {
        if is_reached(place, known) && known.catalog.answers.is_open(place, &question) {
            wanted.entry(place.clone()).or_default().insert(question);
        }
    };
    if let Some(Screen::Point(screen)) = model.screens.last() {
        for question in questions(&screen.point, known) {
            take(&screen.point.place, question);
        }
    }
    let store = &known.catalog.store;
    let mut rows: Vec<Point<'_>> = Vec::new();
    if let Some(Screen::Resource(screen)) = model.screens.last() {
        let shown = screen.on_screen(known).into_iter();
        rows.extend(shown.filter_map(|point| store.find(&point.place, point.kind, &point.id)));
    }
    if let Some(browser) = list(model) {
        rows.extend(shown(browser, model));
    }
    for point in rows {
        if let Some(question) = in_list(point, known) {
            take(point.place(), question);
        }
    }
    wanted
}

/// Returns what a row of a list waits for.
fn in_list(point: Point<'_>, known: &Known) -> Option<Question> {
    let (kind, tier) = (point.kind(), point.listed_tier());
    if point.state() == GONE {
        return None;
    }
    let named = (point.id(), point.vault());
    Question::in_list(kind, tier, named, sharer(point, known))
}

/// Returns the keys that are on the screen and that were not asked about yet, by the place to ask in.
fn keys_wanted(model: &Model) -> BTreeMap<Place, BTreeSet<String>> {
    let mut wanted = BTreeMap::new();
    let known = &model.known;
    let mut take = |key: Option<&str>, place: &Place| {
        let fresh =
            key.filter(|key| !known.catalog.keys_asked.contains(*key) && is_key_of(key, place));
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
    if let Some(Screen::Point(screen)) = model.screens.last() {
        take(screen.point.kms_key.as_deref(), &screen.point.place);
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
        (
            Some(
                Screen::Resource(_)
                | Screen::Point(_)
                | Screen::Wizard(_)
                | Screen::Run(_)
                | Screen::Text(_),
            ),
            _,
        )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::detail::{Answer, BackupPoint, TierStatus};
    use crate::domain::readiness::First;
    use crate::domain::recovery_point::{PointKind, Tier};
    use crate::report::{FAILED, Report};
    use crate::tui::fixtures::{
        estate, home, model, press, scan_begins, scanned, snapshot, vault, volume,
    };
    use crate::tui::msg::{Msg, Scanned};
    use crate::tui::update::{settle, update};
    use crossterm::event::KeyCode;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e";

    #[test]
    fn a_key_is_wanted_once_and_a_point_whose_key_is_disabled_says_what_to_do_first() {
        let mut model = estate(120, 40);
        settle(&mut model);
        let keys_wanted = |model: &Model| wanted(model).keys;
        let first = keys_wanted(&model);
        let keys: BTreeSet<String> = [KEY.to_owned()].into();
        assert_eq!(
            first,
            [(home(), keys)].into(),
            "the copy's key is of another Region"
        );
        let asked = wanted(&model).asked(&mut model);
        assert!(
            matches!(&asked[..], [Effect::DescribeKeys { .. }]),
            "{asked:?}"
        );
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
        assert!(wanted(&model).is_empty());
    }

    const COLD: &str = "arn:aws:backup:eu-west-1:444455556666:recovery-point:cold";
    const ARCHIVED: &str = "snap-015aa0c7e1f94663c";

    /// The estate with one snapshot archived and two cold points in a vault of another account, without keys.
    fn cold_estate() -> Model {
        let mut model = model(120, 40);
        let mut archived = snapshot(ARCHIVED, "vol-1", 88);
        let mut cold = snapshot(COLD, "vol-1", 90);
        (archived.tier, cold.tier) = (Tier::Archive, Tier::Archive);
        cold.kind = PointKind::BackupPoint;
        cold.state = "COMPLETED".into();
        cold.vault = Some("shared".into());
        let mut warm = cold.clone();
        (warm.id, warm.tier) = (COLD.replace("cold", "warm"), Tier::Standard);
        let mut points = vec![archived, cold, warm, snapshot("snap-2", "vol-1", 10)];
        for point in &mut points {
            point.kms_key = None;
        }
        let mut found = vault("shared");
        found.owner = "444455556666".into();
        let resources = vec![volume("vol-1", "data")];
        scanned(&mut model, Scanned::Found { points, resources });
        scanned(&mut model, Scanned::Vaults(vec![found]));
        settle(&mut model);
        model
    }

    fn tier_status() -> Question {
        Question::TierStatus {
            snapshot: ARCHIVED.into(),
        }
    }

    fn cold_point() -> Question {
        Question::BackupPoint {
            arn: COLD.into(),
            vault: "shared".into(),
            owner: Some("444455556666".into()),
        }
    }

    /// Asks for all that is wanted, and returns the questions.
    fn ask(model: &mut Model) -> Vec<Question> {
        let effects = wanted(model).asked(model).into_iter();
        let questions = effects.flat_map(|effect| match effect {
            Effect::DescribePoints { place, questions } => {
                assert_eq!(place, home());
                questions
            }
            other => panic!("{other:?}"),
        });
        questions.collect()
    }

    fn answered(model: &mut Model, question: Question, answer: Answer) {
        let told = vec![(question, Ok(answer))];
        let place = home();
        update(model, Msg::PointsDescribed { place, told });
        settle(model);
    }

    #[test]
    fn a_list_asks_once_about_what_it_shows_as_archived_and_nothing_else() {
        let mut model = cold_estate();
        press(&mut model, KeyCode::Char('2'));
        assert_eq!(ask(&mut model), [tier_status(), cold_point()]);
        assert!(wanted(&model).is_empty());
        scan_begins(&mut model);
        assert!(wanted(&model).is_empty(), "they are being asked");
        for question in [tier_status(), cold_point()] {
            answered(&mut model, question, Answer::TierStatus(None));
        }
        assert!(wanted(&model).is_empty());
        scan_begins(&mut model);
        assert_eq!(ask(&mut model).len(), 2, "a younger scan asks anew");
    }

    #[test]
    fn nobody_is_asked_in_a_place_that_has_not_answered() {
        let mut model = cold_estate();
        model.known.catalog.places.clear();
        press(&mut model, KeyCode::Char('2'));
        assert!(wanted(&model).is_empty());
    }

    #[test]
    fn an_answer_about_the_tier_outranks_what_the_listing_let_infer_and_not_what_it_told_later() {
        let mut model = cold_estate();
        press(&mut model, KeyCode::Char('2'));
        ask(&mut model);
        let tier = |model: &Model, row: usize| model.known.catalog.store.point(row).tier();
        assert_eq!(
            (tier(&model, 0), tier(&model, 1)),
            (Tier::Archive, Tier::Archive)
        );
        let back = TierStatus {
            tier: Some(Tier::Standard),
            ..TierStatus::default()
        };
        answered(&mut model, tier_status(), Answer::TierStatus(Some(back)));
        let warm = BackupPoint {
            storage_class: Some("WARM".into()),
            ..BackupPoint::default()
        };
        answered(
            &mut model,
            cold_point(),
            Answer::BackupPoint(Box::new(warm)),
        );
        assert_eq!(
            (tier(&model, 0), tier(&model, 1)),
            (Tier::Standard, Tier::Standard)
        );
        assert!(model.known.catalog.store.point(0).usable());
        let again = cold_estate().known.catalog.store;
        let points = (0..2).map(|row| again.point(row).whole()).collect();
        let resources = Vec::new();
        scanned(&mut model, Scanned::Found { points, resources });
        assert_eq!(
            (tier(&model, 0), tier(&model, 1)),
            (Tier::Archive, Tier::Standard)
        );
    }

    #[test]
    fn the_detail_of_a_point_asks_about_everything_and_again_on_a_key() {
        let mut model = cold_estate();
        press(&mut model, KeyCode::Char('2'));
        ask(&mut model);
        answered(&mut model, tier_status(), Answer::TierStatus(None));
        while !matches!(model.snapshots.row(), Some(0)) {
            press(&mut model, KeyCode::Down);
        }
        press(&mut model, KeyCode::Char('d'));
        let snapshot = || ARCHIVED.to_owned();
        let fast = Question::FastRestores {
            snapshot: snapshot(),
        };
        let shared = Question::VolumePermission {
            snapshot: snapshot(),
        };
        assert_eq!(ask(&mut model), [fast.clone(), shared.clone()]);
        assert!(wanted(&model).is_empty());
        let denied = Report::new(FAILED, "it is denied").todo("allow ec2:X");
        let told = vec![(shared.clone(), Err(denied))];
        update(
            &mut model,
            Msg::PointsDescribed {
                place: home(),
                told,
            },
        );
        settle(&mut model);
        let lines = |model: &Model| match model.screens.last() {
            Some(Screen::Point(screen)) => screen.text.lines.join("\n"),
            other => panic!("{other:?}"),
        };
        for line in [
            "tier status     it was never moved between tiers",
            "fast restore    asking AWS…",
            "shared with     not known: it is denied · allow ec2:X · R",
        ] {
            assert!(lines(&model).contains(line), "{}", lines(&model));
        }
        assert!(model.known.log.back().unwrap().1.contains("it is denied"));
        assert!(
            wanted(&model).is_empty(),
            "a failure is not asked about again"
        );
        let asked = press(&mut model, KeyCode::Char('R'));
        let again = Effect::DescribePoints {
            place: home(),
            questions: vec![tier_status(), shared],
        };
        assert_eq!(asked, [again], "what is being asked is not asked again");
        assert!(lines(&model).contains("shared with     asking AWS…"));
        answered(&mut model, fast, Answer::FastRestores(Vec::new()));
        assert!(lines(&model).contains("fast restore    off in every zone"));
    }
}
