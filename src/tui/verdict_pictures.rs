//! The list of resources whose points are not simply there: of unknown age, unusable, or to be had only once
//! something was done. As whole frames, text and styles, in both sizes.

use crossterm::event::KeyCode;
use jiff::SignedDuration;

use super::fixtures::{home, listed, model, now, press, scanned, snapshot, volume};
use super::looks::{looks, text_of};
use super::model::Model;
use super::msg::Scanned;
use super::screenshots::drawn;
use super::update::settle;
use crate::domain::recovery_point::{DataTime, IN_RECYCLE_BIN, RecoveryPoint};
use crate::domain::resource::Resource;

/// A volume of a name, and its points.
type Shown = (Resource, Vec<RecoveryPoint>);

/// So many minutes ago it went wrong.
const INCIDENT: i64 = 14;

fn of(nth: usize, name: &str, change: impl Fn(&mut RecoveryPoint)) -> Shown {
    let id = format!("vol-0{nth:016}");
    let mut point = snapshot(&format!("snap-0{nth:016}"), &id, INCIDENT + 30);
    point.kms_key = None;
    change(&mut point);
    (volume(&id, name), vec![point])
}

/// Makes it that only the instant is known at which a point was made, or thrown away, after the incident.
fn of_unknown_age(point: &mut RecoveryPoint) {
    let after = now().checked_sub(SignedDuration::from_mins(5)).unwrap();
    point.data_at = DataTime::AtMost(after);
}

fn open_questions() -> Vec<Shown> {
    let (gone, mut found) = of(1, "binned-after-t", |point| {
        of_unknown_age(point);
        point.state = IN_RECYCLE_BIN.into();
    });
    let (_, mut copy) = of(2, "", of_unknown_age);
    copy[0].resource.clone_from(&found[0].resource);
    found.append(&mut copy);
    vec![
        (gone, found),
        of(3, "broken", |point| point.state = "error".into()),
        of(4, "only-after-t", |point| {
            of_unknown_age(point);
            point.data_at = DataTime::Known(point.data_at.bound());
        }),
        (
            volume("vol-00000000000000005", "without-points"),
            Vec::new(),
        ),
    ]
}

fn list(shown: Vec<Shown>, columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    let (resources, points): (Vec<_>, Vec<_>) = shown.into_iter().unzip();
    let points = points.concat();
    scanned(&mut model, Scanned::Found { points, resources });
    model.known.catalog.coverage = listed(&home());
    let incident = now().checked_sub(SignedDuration::from_mins(INCIDENT));
    model.known.incident = incident.ok();
    settle(&mut model);
    model
}

/// Returns the lines of the screen that say something.
fn lines_with(model: &mut Model, text: &str) -> String {
    let buffer = drawn(model);
    let lines = (0..buffer.area.height).map(|row| text_of(&buffer, row));
    let lines: Vec<String> = lines.filter(|line| line.contains(text)).collect();
    lines.join("\n")
}

fn hold(name: &str, make: impl Fn(u16, u16) -> Model) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let buffer = drawn(&mut make(columns, rows));
        insta::assert_snapshot!(format!("{name}_{columns}"), looks(&buffer));
    }
}

#[test]
fn none_before_t_is_said_only_where_no_point_may_be() {
    let mut model = list(open_questions(), 80, 24);
    let binned = lines_with(&mut model, "binned-after-t");
    assert!(binned.contains("not known"), "{binned}");
    assert!(binned.contains("2 may be older"), "{binned}");
    let broken = lines_with(&mut model, "broken");
    assert!(broken.contains("none usable"), "{broken}");
    let after = lines_with(&mut model, "only-after-t");
    assert!(after.contains("none before T"), "{after}");
    let without = lines_with(&mut model, "without-points");
    assert!(without.contains("no points"), "{without}");
    hold("verdicts", |columns, rows| {
        list(open_questions(), columns, rows)
    });
}

#[test]
fn a_restore_of_what_may_be_older_leads_to_its_points_and_denies_none() {
    let mut model = list(open_questions(), 80, 24);
    press(&mut model, KeyCode::Char('r'));
    let told = lines_with(&mut model, "2 of unknown age may be");
    assert!(!told.is_empty());
}
