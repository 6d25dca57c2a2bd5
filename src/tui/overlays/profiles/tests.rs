//! What is picked by which keys, and how the picker looks: full, empty, with a login that is needed, with hostile
//! names, and with more profiles than there is room for.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;

use super::*;
use crate::catalog::store::Point;
use crate::domain::place::Place;
use crate::domain::profile::{SsoSession, Way};
use crate::report::{FAILED, Report};
use crate::tui::effect::Effect;
use crate::tui::fixtures::{
    estate, home, model, now, press, scan_begins, scanned, snapshot, type_text,
};
use crate::tui::looks::looks;
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::overlays::Overlay;
use crate::tui::screenshots::drawn;
use crate::tui::update::update;

fn profile(name: &str, region: Option<&str>, way: Way) -> Profile {
    Profile {
        name: name.into(),
        region: region.map(str::to_owned),
        way,
    }
}

fn session(minutes: i64, renews: bool) -> Way {
    let expires = now() + SignedDuration::from_mins(minutes);
    Way::Sso(Some(SsoSession { expires, renews }))
}

fn choice(profile: &str, regions: &[&str]) -> Choice {
    Choice {
        profile: Some(profile.into()),
        regions: regions.iter().map(ToString::to_string).collect(),
    }
}

/// The profiles of an on-call engineer.
fn profiles_of_acme() -> Vec<Profile> {
    vec![
        profile("acme-audit", None, Way::Code),
        profile("acme-build", Some("us-east-1"), Way::Program),
        profile("acme-dr", Some("eu-central-1"), Way::Sso(None)),
        profile("acme-prod", Some("eu-west-1"), session(431, false)),
        profile(
            "acme-staging",
            Some("eu-west-1"),
            Way::Role("acme-prod".into()),
        ),
        profile("default", None, Way::Keys),
    ]
}

/// Opens the picker, and has the files tell these profiles.
fn opened(mut model: Model, profiles: Result<Vec<Profile>, Report>) -> Model {
    assert_eq!(
        press(&mut model, KeyCode::Char('p')),
        [Effect::ReadProfiles]
    );
    let chosen = vec![choice("acme-prod", &["eu-west-1", "us-east-1"])];
    update(&mut model, Msg::Profiles { profiles, chosen });
    model
}

fn full(columns: u16, rows: u16) -> Model {
    let mut model = estate(columns, rows);
    let at = now() + SignedDuration::from_mins(43);
    model.known.expirations.insert(home(), at);
    opened(model, Ok(profiles_of_acme()))
}

fn hold(name: &str, make: impl Fn(u16, u16) -> Model) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut model = make(columns, rows);
        insta::assert_snapshot!(format!("{name}_{columns}"), looks(&drawn(&mut model)));
    }
}

fn picker(model: &Model) -> &Picker {
    match &model.overlay {
        Some(Overlay::Profiles(picker)) => picker,
        other => panic!("{other:?}"),
    }
}

fn names(model: &Model) -> Vec<&str> {
    let rows = picker(model).rows(&model.known);
    rows.into_iter().map(super::name_of).collect()
}

#[test]
fn every_profile_with_its_regions_who_it_is_and_how_long_its_login_holds() {
    hold("full", full);
}

#[test]
fn without_any_profile_it_is_said_how_to_make_one() {
    hold("empty", |columns, rows| {
        let mut model = opened(model(columns, rows), Ok(Vec::new()));
        let (profiles, chosen) = (Ok(Vec::new()), Vec::new());
        update(&mut model, Msg::Profiles { profiles, chosen });
        model
    });
}

#[test]
fn files_that_cannot_be_read_are_told_with_their_remedy() {
    let report = Report::new(FAILED, "the AWS files cannot be read: line 3").todo("mend them");
    let mut model = opened(model(80, 24), Err(report));
    model.known.chosen.clear();
    let looks = looks(&drawn(&mut model));
    assert!(
        looks.contains("cannot be read: line 3 · mend them"),
        "{looks}"
    );
}

#[test]
fn a_profile_that_needs_a_login_says_how() {
    hold("login", |columns, rows| {
        let mut model = full(columns, rows);
        for _ in 0..2 {
            press(&mut model, KeyCode::Down);
        }
        press(&mut model, KeyCode::Char(' '));
        model
    });
    let mut model = full(80, 24);
    type_text(&mut model, "dr");
    let looks = looks(&drawn(&mut model));
    assert!(
        looks.contains("needs a login: aws sso login --profile acme-dr"),
        "{looks}"
    );
}

#[test]
fn a_profile_that_failed_says_why() {
    let mut model = full(120, 40);
    scan_begins(&mut model);
    scanned(
        &mut model,
        Scanned::NotConnected {
            nth: 0,
            profile: Some("acme-staging".into()),
            name: "acme-staging eu-west-1".into(),
            report: Report::new(FAILED, "it has expired")
                .todo("aws sso login --profile acme-staging"),
        },
    );
    type_text(&mut model, "staging");
    let looks = looks(&drawn(&mut model));
    assert!(
        looks.contains("it has expired · aws sso login --profile acme-staging"),
        "{looks}"
    );
    assert!(looks.contains("needs login"), "{looks}");
}

#[test]
fn hostile_names_are_shown_harmless_and_stay_in_their_columns() {
    hold("hostile", |columns, rows| {
        let long = "x".repeat(255);
        let names = [
            "a\u{1b}[31mred\u{1b}[0m\u{202e}txt.exe",
            "表計算データベース・本番環境・東京リージョン",
            "👩‍👩‍👧‍👦 family 🏳️‍🌈",
            "tab\tnew\nline",
            &long,
        ];
        let way = Way::Role("\u{1b}]0;owned\u{7}".into());
        let region = Some("eu\u{202e}-west-1");
        let profiles = names.map(|name| profile(name, region, way.clone()));
        opened(model(columns, rows), Ok(profiles.into()))
    });
}

#[test]
fn a_long_list_is_windowed_around_the_cursor() {
    hold("long", |columns, rows| {
        let name = |n: u32| profile(&format!("team-{n:03}"), None, Way::Keys);
        let mut model = opened(model(columns, rows), Ok((0..500).map(name).collect()));
        for _ in 0..9 {
            press(&mut model, KeyCode::PageDown);
        }
        press(&mut model, KeyCode::Char(' '));
        press(&mut model, KeyCode::Down);
        model
    });
}

#[test]
fn regions_are_typed_for_the_profile_under_the_cursor() {
    hold("regions", |columns, rows| {
        let mut model = full(columns, rows);
        press(&mut model, KeyCode::Tab);
        type_text(&mut model, " eu-north-1");
        model
    });
}

#[test]
fn space_picks_and_takes_back_and_enter_has_them_listed() {
    let mut model = full(80, 24);
    assert_eq!(picker(&model).picked, model.known.chosen);
    type_text(&mut model, "staging");
    assert_eq!(names(&model), ["acme-staging"]);
    press(&mut model, KeyCode::Char(' '));
    let both = ["acme-prod", "acme-staging"].map(|name| choice(name, &["eu-west-1", "us-east-1"]));
    assert_eq!(
        picker(&model).picked,
        both,
        "with the Regions that are listed"
    );
    press(&mut model, KeyCode::Char(' '));
    assert_eq!(picker(&model).picked, both[..1]);
    press(&mut model, KeyCode::Char(' '));
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(effects, [Effect::Places(both.to_vec())]);
    assert!(model.overlay.is_none());
    assert_eq!(model.known.chosen, both);
}

#[test]
fn esc_leaves_all_as_it_was_and_so_does_enter_without_a_change() {
    let mut model = full(80, 24);
    let (chosen, points) = (
        model.known.chosen.clone(),
        model.known.catalog.store.count(),
    );
    press(&mut model, KeyCode::Char(' '));
    assert_eq!(press(&mut model, KeyCode::Esc), []);
    assert!(model.overlay.is_none());
    let mut model = opened(model, Ok(profiles_of_acme()));
    assert_eq!(press(&mut model, KeyCode::Enter), []);
    assert!(model.overlay.is_none());
    assert_eq!(model.known.chosen, chosen);
    assert_eq!(model.known.catalog.store.count(), points);
}

#[test]
fn what_was_picked_before_the_files_were_read_stays() {
    let mut model = full(80, 24);
    press(&mut model, KeyCode::Char(' '));
    let picked = picker(&model).picked.clone();
    let (profiles, chosen) = (Ok(profiles_of_acme()), model.known.chosen.clone());
    update(&mut model, Msg::Profiles { profiles, chosen });
    assert_eq!(picker(&model).picked, picked);
}

#[test]
fn regions_are_named_or_all_and_what_is_no_name_is_refused() {
    let mut model = full(80, 24);
    let clear = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
    let types = |model: &mut Model, text: &str| {
        press(model, KeyCode::Tab);
        update(model, Msg::Key(clear));
        type_text(model, text);
        press(model, KeyCode::Enter);
        let picked = picker(model).choice(Some("acme-audit"));
        picked.map(|choice| choice.regions.clone())
    };
    assert_eq!(types(&mut model, "eu-west-1, EU"), None);
    assert!(
        picker(&model)
            .refused
            .as_ref()
            .is_some_and(|why| why.contains("“EU”"))
    );
    press(&mut model, KeyCode::Esc);
    assert!(picker(&model).regions.is_none());
    for (text, regions) in [
        (
            "eu-west-1 us-east-1,eu-west-1",
            vec!["eu-west-1", "us-east-1"],
        ),
        ("eu-west-1 all", vec![ALL_REGIONS]),
        ("", vec![]),
    ] {
        let wanted = regions.into_iter().map(str::to_owned).collect();
        assert_eq!(types(&mut model, text), Some(wanted), "{text}");
    }
}

#[test]
fn nothing_picked_is_not_taken() {
    let mut model = full(80, 24);
    type_text(&mut model, "prod");
    press(&mut model, KeyCode::Char(' '));
    assert_eq!(press(&mut model, KeyCode::Enter), []);
    assert!(picker(&model).refused.is_some());
}

#[test]
fn what_nobody_wants_any_more_is_dropped_and_the_rest_stays() {
    let mut model = estate(80, 24);
    let other = |id: &str, region: &str| {
        let mut point = snapshot(id, "vol-other", 5);
        point.place = Place {
            profile: Some("acme-dr".into()),
            account: "444455556666".into(),
            region: region.into(),
        };
        point
    };
    let points = vec![
        other("snap-dr1", "eu-west-1"),
        other("snap-dr2", "us-east-1"),
    ];
    let place = points[0].place.clone();
    let resources = vec![];
    scanned(&mut model, Scanned::Found { points, resources });
    let connected = |place: Place| Scanned::Connected {
        place,
        role: "role".into(),
        endpoints: std::collections::BTreeSet::new(),
        nth: 1,
    };
    scanned(&mut model, connected(place.clone()));
    let mut model = opened(model, Ok(profiles_of_acme()));
    let all = model.known.catalog.store.count();
    model.known.expirations.insert(place, now());
    // The estate's own copies in another Region go, and one of the two others.
    let picked = vec![
        choice("acme-prod", &["eu-west-1"]),
        choice("acme-dr", &["us-east-1"]),
    ];
    if let Some(Overlay::Profiles(picker)) = &mut model.overlay {
        picker.picked.clone_from(&picked);
    }
    assert_eq!(press(&mut model, KeyCode::Enter), [Effect::Places(picked)]);
    let store = &model.known.catalog.store;
    assert_eq!(store.count(), all - 2);
    let ids: Vec<&str> = store.points().map(Point::id).collect();
    assert!(
        ids.contains(&"snap-dr2") && !ids.contains(&"snap-dr1"),
        "{ids:?}"
    );
    assert!(model.known.expirations.is_empty());
    let cards = model.known.catalog.places.iter();
    let accounts: Vec<&str> = cards.map(|card| card.place.account.as_str()).collect();
    assert!(!accounts.contains(&"444455556666"), "{accounts:?}");
    assert!(!model.resources.shown().is_empty(), "the list is made anew");
}
