//! What keys change in the list of vaults, and where they lead.
//! What is asked of AWS along with that is data, carried out elsewhere.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::screens::vault::{self, Vault};
use crate::tui::screens::{Screen, retry};

use super::{VaultList, fields, view};

impl VaultList {
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
            Action::Filter => self.filtering = true,
            Action::Sort => {
                self.sort = self.sort.word_and_next().1;
                self.reversed = false;
                self.follows = self.row();
                return Reaction::says(format!("sorted by {}", self.sort.word_and_next().0));
            }
            Action::SortReverse => self.reversed = !self.reversed,
            Action::Back => self.filter.clear(),
            Action::Leave => return Reaction::go(Go::Leave),
            Action::Retry => return retry(known),
            Action::Open | Action::Details => return self.open(known),
            Action::Restore => {
                return Reaction::in_vain("open the vault: a restore begins at one of its points");
            }
            Action::Copy => {
                let vaults = known.catalog.store.vaults();
                let arn = self.row().map(|row| vaults[row].arn.clone());
                return arn.map_or_else(nothing_there, |arn: String| Reaction::copies(&arn));
            }
            other => return Reaction::nothing_here(other),
        }
        Reaction::none()
    }

    /// Opens the vault under the cursor, and asks for its policy.
    fn open(&self, known: &Known) -> Reaction {
        let Some(row) = self.row() else {
            return nothing_there();
        };
        let asks = vault::asks(&known.catalog.store.vaults()[row], known);
        Reaction {
            effects: asks.into_iter().collect(),
            ..Reaction::go(Go::To(Box::new(Screen::Vault(Box::new(Vault::of(row))))))
        }
    }

    /// Gives a key to the filter while it is being typed.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        if !self.filtering {
            return None;
        }
        match key.code {
            KeyCode::Enter => self.filtering = false,
            KeyCode::Esc => {
                self.filtering = false;
                self.filter.clear();
            }
            KeyCode::Tab => {
                if let Some(whole) = fields::completed(self, known) {
                    self.filter.clear();
                    self.filter.paste(&whole);
                }
            }
            KeyCode::Down => self.move_to(self.at.saturating_add(1)),
            KeyCode::Up => self.move_to(self.at.saturating_sub(1)),
            _typed => {
                self.filter.press(key);
            }
        }
        Some(Reaction::none())
    }

    /// Takes pasted text into the filter while it is being typed.
    pub fn paste(&mut self, text: &str) -> Reaction {
        if self.filtering {
            self.filter.paste(text);
        }
        Reaction::none()
    }
}

fn nothing_there() -> Reaction {
    Reaction::in_vain("the list is empty: there is nothing under the cursor")
}
