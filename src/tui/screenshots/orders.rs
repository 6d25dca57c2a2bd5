//! The pictures of a table's restore: the demo's orders, with the plan that was recorded there.
//!
//! The second on its line, the fidelity table, and the run while it waits for a typed name before time to live.

use crossterm::event::KeyCode;
use jiff::Timestamp;

use super::shown;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::tui::fixtures::{model, press, scanned, snapshot, volume};
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::screens::run::specimens::expired_of;
use crate::tui::screens::wizard::specimen::table;
use crate::tui::update::{settle, update};

const ORDERS: &str = "orders";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Any second of the last 35 days.
fn window() -> RecoveryPoint {
    let latest = at("2026-03-10T14:14:00Z");
    RecoveryPoint {
        kind: PointKind::DynamodbWindow,
        resource: Some((ResourceKind::Table, ORDERS.into())),
        when: When::Window {
            earliest: at("2026-02-03T14:19:00Z"),
            latest,
        },
        data_at: DataTime::Known(latest),
        state: "ENABLED".into(),
        size_bytes: None,
        origin: Origin::Automated,
        ..snapshot(ORDERS, ORDERS, 0)
    }
}

/// What somebody took by hand the week before.
fn backup() -> RecoveryPoint {
    let made = at("2026-03-04T09:02:00Z");
    RecoveryPoint {
        id: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/backup/01772614920000-3f2a9c1e"
            .into(),
        kind: PointKind::DynamodbBackup,
        name: Some("before the price list".into()),
        when: When::At { at: made },
        data_at: DataTime::Known(made),
        state: "AVAILABLE".into(),
        size_bytes: Some(21_469_000),
        origin: Origin::ByHand,
        ..window()
    }
}

fn orders() -> Resource {
    Resource {
        kind: ResourceKind::Table,
        attached_to: None,
        ..volume(ORDERS, ORDERS)
    }
}

/// The table alone, after the migration.
fn shop() -> Model {
    let mut model = model(100, 30);
    model.known.now = at("2026-03-10T14:19:00Z");
    model.known.incident = Some(at("2026-03-10T14:05:00Z"));
    let mut flows = crate::tui::effects::flows();
    flows.retain(|flow| flow.name == "dynamodb-restore");
    model.known.settings.flows = flows;
    let (points, resources) = (vec![window(), backup()], vec![orders()]);
    scanned(&mut model, Scanned::Found { points, resources });
    settle(&mut model);
    model
}

/// The window as a line, with the incident on it.
pub(super) fn line() -> Model {
    let mut model = shop();
    press(&mut model, KeyCode::Enter);
    // The cursor is on the backup at first.
    press(&mut model, KeyCode::Up);
    model
}

/// The form: every setting, what AWS gives by itself and what is done about it.
pub(super) fn form() -> Model {
    let mut model = line();
    press(&mut model, KeyCode::Char('r'));
    let msg = Msg::Prepared {
        draft: model.drafts,
        revision: 1,
        outcome: Box::new(Ok(table())),
    };
    update(&mut model, msg);
    press(&mut model, KeyCode::Enter);
    model
}

/// The run, waiting for the name of the table before time to live is enabled on it.
pub(super) fn expired() -> Model {
    let plan = table().plan.expect("the recorded plan");
    shown(shop(), expired_of(*plan), at("2026-03-10T14:21:00Z"))
}
