//! Which actions do something where the operator is: they are tried, and nothing comes of it.
//! Screens only tell what they want, so that a copy can be asked without any of it happening.

use crate::tui::keymap::Action;
use crate::tui::model::{Model, Reaction, View};
use crate::tui::screens::Screen;

/// Returns the actions that do something here, in the order of the table.
#[must_use]
pub fn useful(model: &Model) -> Vec<Action> {
    let all = Action::ALL.iter().copied();
    all.filter(|action| is_useful(*action, model)).collect()
}

/// What an action would do. Each asks a copy of its own, for one that was asked may have moved its cursor or turned
/// its page.
fn reaction(action: Action, model: &Model) -> Reaction {
    let known = &model.known;
    match (model.screens.last(), model.view) {
        (Some(Screen::Vault(screen)), _) => screen.at_cursor().act(action, known),
        (Some(screen), _) => screen.clone().act(action, known),
        (None, View::Resources) => model.resources.at_cursor().act(action, known),
        (None, View::Snapshots) => model.snapshots.at_cursor().act(action, known),
        (None, View::Amis) => model.amis.at_cursor().act(action, known),
        (None, View::Windows) => model.windows.at_cursor().act(action, known),
        (None, View::Vaults) => model.vaults.clone().act(action, known),
        (None, View::Runs) => model.run_list.clone().act(action, known),
    }
}

/// Tells whether an action does something here.
#[must_use]
pub fn is_useful(action: Action, model: &Model) -> bool {
    let at = |view| model.screens.is_empty() && model.view == view;
    match action {
        Action::ViewResources => !at(View::Resources),
        Action::ViewSnapshots => !at(View::Snapshots),
        Action::ViewAmis => !at(View::Amis),
        Action::ViewWindows => !at(View::Windows),
        Action::ViewVaults => !at(View::Vaults),
        Action::ViewRuns => !at(View::Runs),
        Action::Palette => false,
        Action::Incident
        | Action::Help
        | Action::Log
        | Action::Profiles
        | Action::Quit
        | Action::Suspend
        | Action::Redraw => true,
        of_the_screen => !reaction(of_the_screen, model).in_vain,
    }
}
