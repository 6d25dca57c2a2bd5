//! A console that knows something from before: what it shows until the places answer, or fail.
//! Nothing in here reads a file.

use jiff::SignedDuration;

use super::*;
use crate::report::{FAILED, Report};
use crate::tui::fixtures::{home, model, now, scan_begins, scanned, snapshot, volume};
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::update::{settle, update};

const ORDERS: &str = "vol-0a5d3c9e71b2f4608";

pub(crate) fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn tell(model: &mut Model, told: Recalled) {
    update(model, Msg::Recalled(told));
}

fn known_place(nth: usize, hours: i64) -> KnownPlace {
    let at = hours_ago(hours);
    KnownPlace {
        place: home(),
        endpoints: BTreeSet::new(),
        nth,
        known_at: [(PointKind::EbsSnapshot, at), (PointKind::Ami, at)].into(),
        partial: BTreeSet::new(),
    }
}

/// A console that has read what was known two hours ago, and has reached nobody yet.
fn known() -> Model {
    let mut model = model(80, 24);
    model.known.catalog.places.clear();
    model.known.catalog.connecting = true;
    tell(&mut model, Recalled::Place(known_place(0, 2)));
    let points = vec![
        snapshot("snap-1", ORDERS, 300),
        snapshot("snap-2", ORDERS, 200),
    ];
    let resources = vec![volume(ORDERS, "orders-db-data")];
    tell(&mut model, Recalled::Rows { points, resources });
    tell(&mut model, Recalled::End);
    settle(&mut model);
    model
}

fn connected(model: &mut Model, account: &str) {
    let place = Place {
        account: account.into(),
        ..home()
    };
    scanned(
        model,
        Scanned::Connected {
            place,
            role: "role".into(),
            endpoints: BTreeSet::new(),
            nth: 0,
        },
    );
    scanned(
        model,
        Scanned::Listing {
            sources: 2,
            more: false,
        },
    );
}

fn denied() -> Report {
    Report::new(FAILED, "it is denied").todo("allow it")
}

fn ids(model: &Model) -> Vec<&str> {
    let points = model.known.catalog.store.points();
    points.map(crate::catalog::store::Point::id).collect()
}

#[test]
fn what_is_known_is_there_before_anybody_answers_and_says_since_when() {
    let model = known();
    let catalog = &model.known.catalog;
    assert_eq!(ids(&model), ["snap-1", "snap-2"]);
    assert_eq!(catalog.cached_since(), Some(hours_ago(2)));
    assert_eq!(catalog.point_since(0), Some(hours_ago(2)));
    assert_eq!(catalog.resource_since(0), Some(hours_ago(2)));
    assert!(!catalog.is_whole(), "more may come");
}

#[test]
fn the_listing_of_a_place_takes_the_place_of_what_was_known() {
    let mut model = known();
    scan_begins(&mut model);
    connected(&mut model, "111122223333");
    let points = vec![snapshot("snap-2", ORDERS, 200)];
    let resources = vec![volume(ORDERS, "orders-db-data")];
    scanned(&mut model, Scanned::Found { points, resources });
    let catalog = &model.known.catalog;
    assert_eq!(catalog.point_since(1), None, "it was confirmed");
    assert_eq!(
        catalog.point_since(0),
        Some(hours_ago(2)),
        "it may still come"
    );
    let whole = [PointKind::EbsSnapshot, PointKind::Ami].into();
    scanned(
        &mut model,
        Scanned::Ended {
            place: home(),
            whole,
        },
    );
    assert_eq!(
        ids(&model),
        ["snap-2"],
        "what was not found again is forgotten"
    );
    assert_eq!(model.known.catalog.cached_since(), None);
    assert_eq!(model.known.catalog.store.gone_points(), 0);
}

#[test]
fn a_place_that_fails_keeps_what_was_known_and_says_so() {
    let mut model = known();
    scan_begins(&mut model);
    scanned(
        &mut model,
        Scanned::NotConnected {
            nth: 0,
            profile: Some("acme-prod".into()),
            name: "acme-prod".into(),
            report: denied(),
        },
    );
    scanned(
        &mut model,
        Scanned::Listing {
            sources: 0,
            more: false,
        },
    );
    let catalog = &model.known.catalog;
    assert_eq!(ids(&model), ["snap-1", "snap-2"]);
    assert_eq!(catalog.failures[0].since, Some(hours_ago(2)));
    assert_eq!(catalog.point_since(0), Some(hours_ago(2)));
    assert_eq!(catalog.cached_since(), Some(hours_ago(2)));
}

#[test]
fn a_kind_that_fails_keeps_its_rows_alone() {
    let mut model = known();
    scan_begins(&mut model);
    connected(&mut model, "111122223333");
    scanned(
        &mut model,
        Scanned::NotListed {
            place: home(),
            kind: PointKind::EbsSnapshot,
            failure: Box::new(crate::tui::fixtures::denied("ec2:DescribeSnapshots")),
        },
    );
    let whole = [PointKind::Ami].into();
    scanned(
        &mut model,
        Scanned::Ended {
            place: home(),
            whole,
        },
    );
    let catalog = &model.known.catalog;
    assert_eq!(ids(&model), ["snap-1", "snap-2"]);
    assert_eq!(catalog.failures[0].since, Some(hours_ago(2)));
    assert_eq!(catalog.point_since(0), Some(hours_ago(2)));
    assert_eq!(catalog.before.since(&home(), PointKind::Ami), Some(now()));
}

#[test]
fn what_was_listed_in_this_session_gets_an_age_once_its_place_fails() {
    let mut model = known();
    scan_begins(&mut model);
    connected(&mut model, "111122223333");
    let points = vec![snapshot("snap-2", ORDERS, 200)];
    scanned(
        &mut model,
        Scanned::Found {
            points,
            resources: vec![],
        },
    );
    let whole = [PointKind::EbsSnapshot, PointKind::Ami].into();
    scanned(
        &mut model,
        Scanned::Ended {
            place: home(),
            whole,
        },
    );
    scan_begins(&mut model);
    assert_eq!(
        model.known.catalog.point_since(1),
        None,
        "it is being asked"
    );
    scanned(
        &mut model,
        Scanned::NotConnected {
            nth: 0,
            profile: Some("acme-prod".into()),
            name: "acme-prod".into(),
            report: denied(),
        },
    );
    assert_eq!(model.known.catalog.point_since(1), Some(now()));
    assert_eq!(model.known.catalog.failures[0].since, Some(now()));
}

#[test]
fn what_was_known_of_another_account_is_forgotten_when_the_profile_leads_elsewhere() {
    let mut model = known();
    scan_begins(&mut model);
    connected(&mut model, "999900001111");
    assert!(ids(&model).is_empty());
    assert!(model.known.catalog.before.places.is_empty());
    assert_eq!(model.known.catalog.cached_since(), None);
}

#[test]
fn what_is_read_late_does_not_bring_back_what_a_listing_has_not_found() {
    let mut model = known();
    scan_begins(&mut model);
    connected(&mut model, "111122223333");
    let whole = [PointKind::EbsSnapshot].into();
    scanned(
        &mut model,
        Scanned::Ended {
            place: home(),
            whole,
        },
    );
    let points = vec![snapshot("snap-3", ORDERS, 100)];
    let resources = vec![volume("vol-late", "late")];
    tell(&mut model, Recalled::Rows { points, resources });
    assert!(ids(&model).is_empty());
    assert!(!model.known.catalog.store.has_recalled());
}

#[test]
fn what_had_to_be_left_out_is_a_line_of_the_log() {
    let mut model = known();
    tell(
        &mut model,
        Recalled::LeftOut("cache x is left out: it is damaged".into()),
    );
    let last = model.known.log.back().map(|(_, line)| line.as_str());
    assert_eq!(last, Some("cache x is left out: it is damaged"));
}

#[test]
fn a_protected_account_is_framed_from_what_is_known_of_it() {
    let mut model = known();
    model.known.settings.protected = [home().account].into();
    settle(&mut model);
    assert_eq!(model.known.framed, Some(home().account));
}

#[test]
fn what_was_not_listed_completely_has_an_age_and_no_complete_listing() {
    let mut model = model(80, 24);
    let place = KnownPlace {
        partial: [PointKind::EbsSnapshot].into(),
        ..known_place(0, 2)
    };
    tell(&mut model, Recalled::Place(place));
    let points = vec![snapshot("snap-9", ORDERS, 300)];
    let resources = vec![];
    let row = model.known.catalog.store.rows();
    tell(&mut model, Recalled::Rows { points, resources });
    let catalog = &model.known.catalog;
    let since = |kind| catalog.before.since(&home(), kind);
    assert_eq!(since(PointKind::EbsSnapshot), None);
    assert_eq!(since(PointKind::Ami), Some(hours_ago(2)));
    assert_eq!(catalog.point_since(row), Some(hours_ago(2)));
}
