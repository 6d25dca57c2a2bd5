//! Where a restore begins, and what is said where it cannot: there is nothing left, or nothing here does it yet.
//! What a restore does is for its own screen to say.

use crate::catalog::store::GONE;
use crate::domain::recovery_point::RecoveryPoint;
use crate::domain::text::shown;
use crate::domain::words::short_id;
use crate::tui::keymap::Action;
use crate::tui::model::{Model, Reaction, View};
use crate::tui::screens::Screen;
use crate::tui::screens::wizard::Wizard;

/// Begins a restore from a point, unless nothing can come of it.
pub(super) fn begun(model: &mut Model, point: &RecoveryPoint) -> Reaction {
    if point.state == GONE {
        return Reaction::warns("this point is gone: the last listing did not find it any more");
    }
    let flows = &model.known.settings.flows;
    if !flows.iter().any(|flow| flow.kinds.contains(&point.kind)) {
        return Reaction::warns(no_flow(point, model));
    }
    model.drafts += 1;
    let (wizard, reaction) = Wizard::begin(model.drafts, point, &model.known);
    model.screens.push(Screen::Wizard(Box::new(wizard)));
    reaction
}

/// Says that nothing here restores from a kind of point, and by which id it is restored elsewhere. Where the cursor is
/// on the point, its id can be copied.
fn no_flow(point: &RecoveryPoint, model: &Model) -> String {
    let (kind, id) = (point.kind.as_str(), shown(short_id(&point.id)));
    let by = if model.screens.is_empty() && model.view == View::Resources {
        "with".to_owned()
    } else {
        let key = model.known.key(Action::Copy, super::contexts(model));
        format!("{key} copies")
    };
    format!("no flow for {kind} yet: use the AWS console or CLI, {by} {id}")
}
