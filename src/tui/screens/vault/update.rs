//! What keys change on the screen of a vault, and where they lead: its list answers for its points.
//! Nothing here waits for the policy.

use crossterm::event::KeyEvent;

use crate::domain::text::shown;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::policies::VaultKey;
use crate::tui::screens::text::TextScreen;
use crate::tui::screens::{Screen, retry};

use super::{Vault, told};

impl Vault {
    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        match action {
            Action::Back if self.list.filter.text().is_empty() => Reaction::go(Go::Back),
            Action::Retry => self.retry(known),
            Action::Details => {
                let vault = self.found(known);
                let name = shown(&vault.name);
                let text = TextScreen::facts(
                    format!("vault {name}"),
                    told::lines(vault, known),
                    format!("defib-vault-{}.txt", vault.name),
                );
                Reaction::go(Go::To(Box::new(Screen::Text(text))))
            }
            of_its_list => self.list.act(of_its_list, known),
        }
    }

    /// Asks again for what is listed, and for the policy.
    fn retry(&self, known: &Known) -> Reaction {
        let Some(key) = VaultKey::of(self.found(known)) else {
            return retry(known);
        };
        let scan = (!known.catalog.is_growing()).then_some(Effect::Scan);
        Reaction {
            effects: scan.into_iter().chain([Effect::ReadPolicy(key)]).collect(),
            ..Reaction::says("asking again")
        }
    }

    /// Gives a key to the filter while it is being typed.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        self.list.type_key(key, known)
    }

    /// Takes pasted text into the filter while it is being typed.
    pub fn paste(&mut self, text: &str) -> Reaction {
        self.list.paste(text)
    }
}
