//! The list of resources whose points are not simply there: of unknown age, unusable, or to be had only once
//! something was done. As whole frames, text and styles, in both sizes.

use crossterm::event::KeyCode;
use jiff::SignedDuration;

use super::fixtures::{home, listed, model, now, press, scanned, snapshot, type_text, volume};
use super::looks::{looks, text_of};
use super::model::Model;
use super::msg::{Msg, Scanned};
use super::screenshots::drawn;
use super::update::{settle, update};
use crate::domain::recovery_point::{
    DataTime, IN_RECYCLE_BIN, PointKind, RecoveryPoint, Tier, When,
};
use crate::domain::resource::{Resource, ResourceKind};

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

/// A point of AWS Backup in a state, and its bucket.
fn stored(nth: usize, name: &str, state: &str) -> Shown {
    let (mut bucket, mut points) = of(nth, name, |_point| {});
    bucket.kind = ResourceKind::Bucket;
    bucket.attached_to = None;
    let point = &mut points[0];
    point.id = format!("arn:aws:backup:eu-west-1:111122223333:recovery-point:{nth}F2E3D4C");
    (point.kind, point.state) = (PointKind::BackupPoint, state.to_owned());
    point.resource = Some((ResourceKind::Bucket, bucket.id.clone()));
    (bucket, points)
}

/// Makes a window of it that was inferred, and ends after the incident.
fn inferred(point: &mut RecoveryPoint) {
    of_unknown_age(point);
    let latest = point.data_at.bound();
    let earliest = latest - SignedDuration::from_hours(35 * 24);
    point.when = When::Window { earliest, latest };
}

fn to_be_had() -> Vec<Shown> {
    let closed = |state: &'static str| {
        move |point: &mut RecoveryPoint| point.kms_key = Some(format!("{KEY}{state}"))
    };
    let mut cold = stored(4, "cold", "COMPLETED");
    cold.1[0].tier = Tier::Archive;
    let mut image = of(5, "image-disabled", |_point| {});
    image.1[0].id = "ami-05f0c2f7e91b3a44d".into();
    (image.1[0].kind, image.1[0].state) = (PointKind::Ami, "disabled".into());
    let mut stopped = stored(6, "stopped", "STOPPED");
    inferred(&mut stopped.1[0]);
    vec![
        of(1, "key-disabled", closed("Disabled")),
        of(2, "key-going", closed("PendingDeletion")),
        of(3, "key-gone", closed("NotFound")),
        cold,
        image,
        stopped,
        stored(7, "expired", "EXPIRED"),
        of(8, "shared", |point| point.copy_first = true),
    ]
}

/// ARN of a key, to which its state is added.
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/";

/// The list of these, once AWS has told of their keys.
fn list_to_be_had(columns: u16, rows: u16) -> Model {
    let mut model = list(to_be_had(), columns, rows);
    let states = ["Disabled", "PendingDeletion", "NotFound"];
    let told = states.map(|state| (format!("{KEY}{state}"), Ok(state.to_owned())));
    update(&mut model, Msg::KeysDescribed(told.into()));
    settle(&mut model);
    model
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

#[test]
fn what_can_be_had_again_says_what_to_do_first() {
    let mut model = list_to_be_had(80, 24);
    for (name, said) in [
        ("key-disabled", "key first"),
        ("key-going", "key first"),
        ("key-gone", "none usable"),
        ("cold", "cold "),
        ("image-disabled", "disabled "),
        ("stopped", "verify "),
        ("expired", "verify "),
        ("shared", "copy firs"),
    ] {
        let line = lines_with(&mut model, &format!(" {name} "));
        assert!(line.contains(said), "{line}");
    }
    hold("to_be_had", list_to_be_had);
    hold("inferred", |columns, rows| {
        let mut model = list_to_be_had(columns, rows);
        type_filter(&mut model, "stopped");
        press(&mut model, KeyCode::Enter);
        model
    });
    hold("key_going", |columns, rows| {
        let mut model = list_to_be_had(columns, rows);
        type_filter(&mut model, "key-going");
        press(&mut model, KeyCode::Enter);
        model
    });
}

/// Leaves one row in the list.
fn type_filter(model: &mut Model, text: &str) {
    press(model, KeyCode::Char('/'));
    type_text(model, text);
    press(model, KeyCode::Enter);
}
