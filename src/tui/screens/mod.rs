//! The screens, each in a room of its own: its state, what keys change in it, and how it is drawn.
//!
//! A screen reads what is known and answers keys with a reaction; it never reaches into another one.

pub mod browser;
pub mod point;
pub mod resource;
pub mod run;
pub mod runs;
pub mod text;
pub mod vault;
pub mod vaults;
pub mod wizard;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::ids::AccountId;

use super::effect::Effect;
use super::keymap::{Action, Context};
use super::known::Known;
use super::model::Reaction;

/// What can lie on top of a view.
#[derive(Clone, Debug)]
pub enum Screen {
    /// A resource with its points.
    Resource(Box<resource::Resource>),
    /// A point with everything that is known of it.
    Point(Box<point::PointScreen>),
    /// A vault with its points.
    Vault(Box<vault::Vault>),
    /// A restore that is being prepared.
    Wizard(Box<wizard::Wizard>),
    /// A run.
    Run(run::RunScreen),
    /// A text to read.
    Text(text::TextScreen),
}

impl Screen {
    /// Returns where keys are pressed, the nearest first.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        match self {
            Self::Resource(_) => &[Context::Timeline, Context::List, Context::Global],
            Self::Vault(_) => &[Context::List, Context::Global],
            Self::Wizard(wizard) => wizard.contexts(),
            Self::Run(_) => &[Context::Run, Context::Global],
            Self::Point(_) | Self::Text(_) => &[Context::Text, Context::Global],
        }
    }

    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        match self {
            Self::Resource(screen) => screen.act(action, known),
            Self::Point(screen) => screen.act(action, known),
            Self::Vault(screen) => screen.act(action, known),
            Self::Wizard(screen) => screen.act(action, known),
            Self::Run(screen) => screen.act(action, known),
            Self::Text(screen) => screen.act(action, known),
        }
    }

    /// Gives a key to the text field that has it, if one does. Returns `None` where no field wants it.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        match self {
            Self::Wizard(wizard) => wizard.type_key(key, known),
            Self::Vault(screen) => screen.type_key(key, known),
            Self::Resource(_) | Self::Point(_) | Self::Run(_) | Self::Text(_) => None,
        }
    }

    /// Gives pasted text to the text field that has the keys, if one does.
    pub fn paste(&mut self, text: &str, known: &Known) -> Reaction {
        match self {
            Self::Wizard(wizard) => wizard.paste(text, known),
            Self::Vault(screen) => screen.paste(text),
            Self::Resource(_) | Self::Point(_) | Self::Run(_) | Self::Text(_) => Reaction::none(),
        }
    }

    /// Says why no view may take its place; `None` where nothing would be lost by that.
    #[must_use]
    pub fn keeps(&self) -> Option<Reaction> {
        match self {
            Self::Wizard(wizard) => wizard.keeps(),
            Self::Resource(_) | Self::Point(_) | Self::Vault(_) | Self::Run(_) | Self::Text(_) => {
                None
            }
        }
    }

    /// Makes anew what depends on what is known, before a frame is drawn.
    pub fn settle(&mut self, known: &Known) {
        match self {
            Self::Resource(screen) => screen.settle(known),
            Self::Point(screen) => screen.settle(known),
            Self::Vault(screen) => screen.settle(known),
            Self::Run(screen) => screen.settle(known),
            Self::Wizard(_) | Self::Text(_) => {}
        }
    }

    /// Returns the account that it is about.
    #[must_use]
    pub fn account<'a>(&'a self, known: &'a Known) -> Option<&'a AccountId> {
        match self {
            Self::Resource(screen) => Some(&screen.found.place.account),
            Self::Point(screen) => Some(&screen.point.place.account),
            Self::Vault(screen) => Some(&screen.found(known).place.account),
            Self::Wizard(wizard) => Some(wizard.account()),
            Self::Run(run) => {
                let card = run.card(known)?;
                Some(&card.state.plan.place.account)
            }
            Self::Text(_) => None,
        }
    }

    /// Tells whether its list is still being filtered or sorted.
    #[must_use]
    pub fn is_working(&self) -> bool {
        match self {
            Self::Vault(screen) => screen.list.is_working(),
            Self::Resource(_) | Self::Point(_) | Self::Wizard(_) | Self::Run(_) | Self::Text(_) => {
                false
            }
        }
    }

    /// Tells whether a filter is being typed on it.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        match self {
            Self::Vault(screen) => screen.list.filtering,
            Self::Resource(_) | Self::Point(_) | Self::Wizard(_) | Self::Run(_) | Self::Text(_) => {
                false
            }
        }
    }

    /// Draws it between header and footer.
    pub fn draw(&self, frame: &mut Frame, area: Rect, known: &Known) {
        match self {
            Self::Resource(screen) => resource::view::draw(screen, frame, area, known),
            Self::Point(screen) => text::draw(&screen.text, frame, area, known),
            Self::Vault(screen) => vault::view::draw(screen, frame, area, known),
            Self::Wizard(screen) => wizard::view::draw(screen, frame, area, known),
            Self::Run(screen) => run::view::draw(screen, frame, area, known),
            Self::Text(screen) => text::draw(screen, frame, area, known),
        }
    }

    /// Tells whether a clock on it counts by the second.
    #[must_use]
    pub fn counts(&self, known: &Known) -> bool {
        match self {
            Self::Run(run) => run.counts(known),
            Self::Resource(_)
            | Self::Point(_)
            | Self::Vault(_)
            | Self::Wizard(_)
            | Self::Text(_) => false,
        }
    }

    /// Tells whether something moves on it while nothing is told.
    #[must_use]
    pub fn moves(&self, known: &Known) -> bool {
        match self {
            Self::Wizard(wizard) => wizard.moves(),
            Self::Run(run) => run.moves(known),
            Self::Resource(_) | Self::Point(_) | Self::Vault(_) | Self::Text(_) => false,
        }
    }
}

/// Asks again: while places are still listed, for what has failed so far; once they are, for everything.
#[must_use]
pub fn retry(known: &Known) -> Reaction {
    let catalog = &known.catalog;
    let (effect, text) = match (catalog.is_growing(), catalog.failures.is_empty()) {
        (true, true) => return Reaction::says("still listing, and nothing has failed"),
        (true, false) => (
            Effect::Retry,
            "asking again for what has failed; the rest is still being listed",
        ),
        (false, _) => (Effect::Scan, "asking for everything again"),
    };
    Reaction {
        effects: vec![effect],
        ..Reaction::says(text)
    }
}
