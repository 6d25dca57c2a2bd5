//! The pictures of a relaunch: the demo's web server, with the plan that was recorded there.
//!
//! The form as it is first met, and the run while it waits for a person to look.

use crossterm::event::KeyCode;
use jiff::Timestamp;

use super::shown;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::tui::fixtures::{model, press, scanned, snapshot, volume};
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::screens::run::specimens::looked_at_of;
use crate::tui::screens::wizard::specimen::relaunch;
use crate::tui::update::{settle, update};

const WEB: &str = "i-0b61d7e3a9f2c4850";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn image() -> RecoveryPoint {
    let made = at("2026-04-21T08:34:00Z");
    RecoveryPoint {
        id: "ami-09c4e7a1f5d8b2630".into(),
        kind: PointKind::Ami,
        resource: Some((ResourceKind::Instance, WEB.into())),
        when: When::At { at: made },
        data_at: DataTime::Known(made),
        state: "available".into(),
        encrypted: Some(false),
        kms_key: None,
        origin: Origin::ByHand,
        ..snapshot("ami", WEB, 0)
    }
}

fn server() -> Resource {
    Resource {
        kind: ResourceKind::Instance,
        attached_to: None,
        ..volume(WEB, "web-1")
    }
}

/// The web server alone, after the package update.
fn web() -> Model {
    let mut model = model(100, 30);
    model.known.now = at("2026-04-21T09:31:00Z");
    model.known.incident = Some(at("2026-04-21T09:12:00Z"));
    let mut flows = crate::tui::effects::flows();
    flows.retain(|flow| flow.name == "ami-relaunch");
    model.known.settings.flows = flows;
    let (points, resources) = (vec![image()], vec![server()]);
    scanned(&mut model, Scanned::Found { points, resources });
    settle(&mut model);
    model
}

/// The form, with what was asked for said.
pub(super) fn form() -> Model {
    let mut model = web();
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Char('r'));
    let msg = Msg::Prepared {
        draft: model.drafts,
        revision: 1,
        outcome: Box::new(Ok(relaunch())),
    };
    update(&mut model, msg);
    press(&mut model, KeyCode::Enter);
    model
}

/// The run, waiting for a person to look at what was launched.
pub(super) fn look() -> Model {
    let plan = relaunch().plan.expect("the recorded plan");
    shown(web(), looked_at_of(*plan), at("2026-04-21T09:33:00Z"))
}
