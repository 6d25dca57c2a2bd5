//! What keys change in the list of runs, and what they ask of the run under the cursor.
//! What may be asked of it is decided where its own screen decides.

use crate::tui::keymap::Action;
use crate::tui::known::{Known, RunCard};
use crate::tui::model::{Go, Reaction};
use crate::tui::screens::Screen;
use crate::tui::screens::run::{
    RunScreen,
    update::{look, report},
    wishes,
};

use super::{RunList, view};

impl RunList {
    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let page = view::height(known).max(1);
        match action {
            Action::MoveDown => self.move_to(self.at.saturating_add(1)),
            Action::MoveUp => self.move_to(self.at.saturating_sub(1)),
            Action::PageDown => self.move_to(self.at.saturating_add(page)),
            Action::PageUp => self.move_to(self.at.saturating_sub(page)),
            Action::First => self.move_to(0),
            Action::Last => self.move_to(usize::MAX),
            Action::Leave => return Reaction::go(Go::Leave),
            Action::Back => {}
            Action::Open => return self.ask(known, open),
            Action::Resume => return self.ask(known, wishes::resume),
            Action::Undo => return self.ask(known, wishes::undo),
            Action::Report => return self.ask(known, report),
            Action::Instance => return self.ask(known, look),
            Action::Copy => {
                return self.ask(known, |card, _| Reaction::copies(card.state.run.as_str()));
            }
            other => return Reaction::nothing_here(other),
        }
        Reaction::none()
    }

    /// Asks something of the run under the cursor.
    fn ask(&self, known: &Known, wish: impl Fn(&RunCard, &Known) -> Reaction) -> Reaction {
        let card = self.card(known);
        card.map_or_else(
            || Reaction::in_vain("there is no run here"),
            |card| wish(card, known),
        )
    }
}

fn open(card: &RunCard, _known: &Known) -> Reaction {
    let screen = RunScreen::new(card.state.run.clone());
    Reaction::go(Go::To(Box::new(Screen::Run(screen))))
}
