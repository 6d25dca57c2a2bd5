//! Lists and times: what a window gives for an incident, what cannot be used at all, and a time that cannot be read.
//! Screens are drawn as the console draws them.

use crossterm::event::KeyCode;
use jiff::{SignedDuration, Timestamp};

use crate::domain::recovery_point::{DataTime, PointKind, RecoveryPoint, When};
use crate::tui::fixtures::{estate, now, press, scanned, snapshot, type_text};
use crate::tui::looks::looks;
use crate::tui::model::Model;
use crate::tui::msg::Scanned;
use crate::tui::screenshots::drawn;
use crate::tui::update::settle;

const ORDERS: &str = "vol-0a5d3c9e71b2f4608";

fn ago(minutes: i64) -> Timestamp {
    now()
        .checked_sub(SignedDuration::from_mins(minutes))
        .unwrap()
}

/// A window that ends so many minutes ago.
fn window(id: &str, latest: i64) -> RecoveryPoint {
    let mut one = snapshot(id, ORDERS, latest);
    one.kind = PointKind::RdsWindow;
    one.state = "active".into();
    one.when = When::Window {
        earliest: ago(60 * 24),
        latest: ago(latest),
    };
    one.data_at = DataTime::Known(ago(latest));
    one
}

fn found(model: &mut Model, points: Vec<RecoveryPoint>) {
    let resources = vec![];
    scanned(model, Scanned::Found { points, resources });
    settle(model);
}

fn ids(model: &Model) -> Vec<String> {
    let list = model.browser().unwrap();
    let store = &model.known.catalog.store;
    let rows = list.shown().iter();
    rows.map(|row| store.point(*row as usize).id().to_owned())
        .collect()
}

#[test]
fn points_are_sorted_by_the_data_that_they_give_for_the_incident() {
    let mut model = estate(120, 40);
    let points = vec![window("db-late", 2), window("db-early", 40)];
    found(&mut model, points);
    press(&mut model, KeyCode::Char('2'));
    let order = ids(&model);
    assert_eq!(order[..2], ["db-late", "snap-0f83d2a9c14e7b065"]);
    // Between the two youngest snapshots: the window that reaches over it gives the second before.
    model.known.incident = Some(ago(20));
    settle(&mut model);
    let wanted = [
        "snap-0f83d2a9c14e7b065",
        "db-late",
        "snap-0b7e41c8d92f3a650",
        "db-early",
    ];
    assert_eq!(ids(&model)[..4], wanted, "one is from after the incident");
    model.known.incident = None;
    settle(&mut model);
    assert_eq!(ids(&model), order);
}

#[test]
fn what_cannot_be_used_at_all_shows_no_figure_of_data_lost() {
    let mut model = estate(80, 24);
    let mut failed = snapshot("snap-0failed0000000001", ORDERS, 90);
    failed.state = "error".into();
    found(&mut model, vec![failed]);
    model.known.incident = Some(ago(20));
    press(&mut model, KeyCode::Char('2'));
    let line = |model: &mut Model| {
        let screen = looks(&drawn(model));
        let mut lines = screen.lines();
        let found = lines.find(|line| line.contains("snap-0failed"));
        found.map(str::to_owned).unwrap()
    };
    let listed = line(&mut model);
    assert!(
        listed.contains("not usable") && listed.contains("error"),
        "{listed}"
    );
    assert!(!listed.contains("1 h"), "{listed}");
    press(&mut model, KeyCode::Char('/'));
    type_text(&mut model, "snap-0failed");
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Enter);
    let screen = looks(&drawn(&mut model));
    let rows: Vec<&str> = screen
        .lines()
        .filter(|line| line.contains("snap-0failed"))
        .collect();
    assert!(
        rows.iter().all(|row| row.contains("not usable")),
        "{screen}"
    );
    press(&mut model, KeyCode::Enter);
    let detail = looks(&drawn(&mut model));
    assert!(detail.contains("data lost       not usable"), "{detail}");
}

#[test]
fn a_time_that_cannot_be_read_keeps_the_rows_of_before_and_is_said() {
    let mut model = estate(80, 24);
    press(&mut model, KeyCode::Char('2'));
    press(&mut model, KeyCode::Char('/'));
    type_text(&mut model, "region:us");
    let before = ids(&model);
    assert_eq!(before.len(), 1);
    type_text(&mut model, " before:9x");
    assert_eq!(ids(&model), before, "nothing more is let through");
    assert!(looks(&drawn(&mut model)).contains("“9x” is not a time"));
    press(&mut model, KeyCode::Enter);
    let screen = looks(&drawn(&mut model));
    let said = "not applied, 1 shown as before: “9x” is not a time";
    assert!(screen.contains(said), "{screen}");
    press(&mut model, KeyCode::Esc);
    assert!(ids(&model).len() > 1);
}

#[test]
fn what_lies_in_the_recycle_bin_is_found_by_one_word_in_both_fields() {
    let mut model = estate(80, 24);
    let mut binned = snapshot("snap-0binned000000001", ORDERS, 90);
    binned.state = "recycle-bin".into();
    binned.protection = Some(
        "in the Recycle Bin since 2026-03-14 01:00:00Z, deleted for good at 2026-03-21 01:00:00Z"
            .into(),
    );
    found(&mut model, vec![binned]);
    press(&mut model, KeyCode::Char('2'));
    for text in [
        "state:recycle-bin",
        "protection:recycle-bin",
        "protection:deleted",
    ] {
        press(&mut model, KeyCode::Char('/'));
        type_text(&mut model, text);
        assert_eq!(ids(&model), ["snap-0binned000000001"], "{text}");
        press(&mut model, KeyCode::Esc);
    }
    press(&mut model, KeyCode::Char('/'));
    type_text(&mut model, "protection:");
    let screen = looks(&drawn(&mut model));
    assert!(screen.contains("tab: recycle-bin"), "{screen}");
    assert!(!screen.contains("tab: deleted"), "{screen}");
}
