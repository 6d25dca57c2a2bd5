//! Which actions do something where the operator is: they are tried, and nothing comes of it.
//! Screens only tell what they want, so that a copy can be asked without any of it happening.

use crate::tui::keymap::Action;
use crate::tui::model::{Model, Reaction, View};
use crate::tui::screens::Screen;

/// Returns the actions that do something here, in the order of the table.
#[must_use]
pub fn useful(model: &Model) -> Vec<Action> {
    let mut asked = Asked::of(model);
    let all = Action::ALL.iter().copied();
    all.filter(|action| is_useful(*action, model, &mut asked))
        .collect()
}

/// A copy of what answers, to be asked.
enum Asked<'a> {
    Screen(&'a Screen, Box<Screen>),
    Browser(Box<crate::tui::screens::browser::Browser>),
    Runs(crate::tui::screens::runs::RunList),
}

impl<'a> Asked<'a> {
    fn of(model: &'a Model) -> Self {
        match (model.screens.last(), model.view) {
            (Some(screen), _) => Self::Screen(screen, Box::new(screen.clone())),
            (None, View::Resources) => Self::Browser(Box::new(model.resources.at_cursor())),
            (None, View::Snapshots) => Self::Browser(Box::new(model.snapshots.at_cursor())),
            (None, View::Runs) => Self::Runs(model.run_list.clone()),
        }
    }

    fn reaction(&mut self, action: Action, model: &Model) -> Reaction {
        let known = &model.known;
        match self {
            Self::Screen(screen, copy) => {
                let reaction = copy.act(action, known);
                // What it wants depends on its page, which may just have been turned.
                if matches!(screen, Screen::Wizard(_)) {
                    **copy = (*screen).clone();
                }
                reaction
            }
            Self::Browser(browser) => browser.act(action, known),
            Self::Runs(list) => list.act(action, known),
        }
    }
}

fn is_useful(action: Action, model: &Model, asked: &mut Asked<'_>) -> bool {
    let at = |view| model.screens.is_empty() && model.view == view;
    match action {
        Action::ViewResources => !at(View::Resources),
        Action::ViewSnapshots => !at(View::Snapshots),
        Action::ViewRuns => !at(View::Runs),
        Action::Palette => false,
        Action::Incident
        | Action::Help
        | Action::Log
        | Action::Quit
        | Action::Suspend
        | Action::Redraw => true,
        of_the_screen => !asked.reaction(of_the_screen, model).in_vain,
    }
}
