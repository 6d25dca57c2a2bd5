//! What is known from before, marked with its age: while nobody has answered, and where one place has and
//! another has failed.

use std::collections::BTreeSet;

use crossterm::event::KeyCode;
use jiff::SignedDuration;

use super::{hold, looking, with_incident};
use crate::catalog::store::Point;
use crate::config;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::report::{FAILED, Report};
use crate::tui::before::{KnownPlace, Recalled};
use crate::tui::fixtures::{estate, home, model, now, press, scan_begins, scanned, volume};
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::update::update;

/// The estate as it was known two hours ago; nobody has answered yet.
fn known_from_before(columns: u16, rows: u16) -> Model {
    let mut full = estate(columns, rows);
    let mut model = model(columns, rows);
    model.known.catalog.places.clear();
    model.known.catalog.connecting = true;
    let at = now() - SignedDuration::from_hours(2);
    let elsewhere = Place {
        region: "us-east-1".into(),
        ..home()
    };
    for (nth, place) in [home(), elsewhere].into_iter().enumerate() {
        let known = KnownPlace {
            place,
            endpoints: BTreeSet::new(),
            nth,
            known_at: PointKind::ALL.into_iter().map(|kind| (kind, at)).collect(),
            partial: std::collections::BTreeSet::new(),
        };
        update(&mut model, Msg::Recalled(Recalled::Place(known)));
    }
    let store = &mut full.known.catalog.store;
    let points = store.points().map(Point::whole).collect();
    let resources = store.resources().to_vec();
    let resources = resources.into_iter().filter(|one| one.exists).collect();
    update(
        &mut model,
        Msg::Recalled(Recalled::Rows { points, resources }),
    );
    model
}

/// One of the places has answered, the other has failed.
fn answered_in_part(mut model: Model, columns: u16, rows: u16) -> Model {
    scan_begins(&mut model);
    let report = Report::new(FAILED, "AWS gave no answer: connection refused");
    let name = "acme-prod us-east-1".into();
    let told = Scanned::NotConnected {
        nth: 1,
        profile: Some("acme-prod".into()),
        name,
        report: report.todo("look at the network"),
    };
    scanned(&mut model, told);
    let told = Scanned::Connected {
        place: home(),
        role: "arn:aws:iam::111122223333:role/OnCall".into(),
        endpoints: BTreeSet::new(),
        nth: 0,
    };
    scanned(&mut model, told);
    let told = Scanned::Listing {
        sources: 1,
        more: false,
    };
    scanned(&mut model, told);
    let mut live = estate(columns, rows);
    let store = &mut live.known.catalog.store;
    let points = store.points().map(Point::whole);
    let points = points.filter(|point| point.place == home()).collect();
    let resources = vec![volume("vol-0a5d3c9e71b2f4608", "orders-db-data")];
    scanned(&mut model, Scanned::Found { points, resources });
    let whole = PointKind::ALL.into_iter().collect();
    scanned(
        &mut model,
        Scanned::Ended {
            place: home(),
            whole,
        },
    );
    scanned(
        &mut model,
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        },
    );
    model
}

#[test]
fn what_is_known_from_before_is_marked_with_its_age() {
    hold("known", known_from_before);
    hold("known_incident", |columns, rows| {
        with_incident(known_from_before(columns, rows))
    });
    let half = |columns, rows| {
        answered_in_part(
            with_incident(known_from_before(columns, rows)),
            columns,
            rows,
        )
    };
    hold("known_in_part", half);
    hold("known_in_part_snapshots", |columns, rows| {
        let mut model = half(columns, rows);
        press(&mut model, KeyCode::Char('2'));
        model
    });
    hold("known_ascii", move |columns, rows| {
        looking(half(columns, rows), config::Theme::Mono, true)
    });
}
