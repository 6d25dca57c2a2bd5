//! A keymap: which chords ask for which action, where.
//!
//! It is read once and never changes; what an action does is decided in `update`, and how long a chord
//! may stay unfinished is, too.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyModifiers};

use super::action::{Action, Context};
use super::chord::{Chord, Key};
use super::clash;
use super::file::{self, KeymapError};
use crate::config;

/// The chords of every action in every context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    chords: BTreeMap<(Context, Action), Vec<Chord>>,
}

/// What the keys that were pressed ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// This action.
    Action(Action),
    /// More keys may follow.
    Prefix,
    /// Nothing; the keys are to be forgotten.
    Nothing,
}

/// Leaves defib unless it is bound to something else, so that no keymap locks anybody in.
const WAY_OUT: Key = Key {
    code: KeyCode::Char('c'),
    modifiers: KeyModifiers::CONTROL,
};

impl Keymap {
    /// Returns a keymap that comes with defib.
    #[must_use]
    pub fn builtin(which: config::Keymap) -> Self {
        let (file, text) = match which {
            config::Keymap::Default => (
                "keymaps/default.toml",
                include_str!("../../../keymaps/default.toml"),
            ),
            config::Keymap::Vim => (
                "keymaps/vim.toml",
                include_str!("../../../keymaps/vim.toml"),
            ),
            config::Keymap::Emacs => (
                "keymaps/emacs.toml",
                include_str!("../../../keymaps/emacs.toml"),
            ),
        };
        Self::default()
            .overlaid(file, text)
            .expect("the tests read every keymap that is embedded")
    }

    /// Lays a file over this keymap: an action that it names in a section has the file's chords there
    /// instead of its own, and none if the list is empty.
    ///
    /// # Errors
    /// The first mistake of the file, or its first chord that clashes with another of the same context.
    pub fn overlaid(mut self, file: &str, text: &str) -> Result<Self, KeymapError> {
        let bindings = file::read(file, text)?;
        for binding in &bindings {
            let chords = binding.chords.iter().map(|(chord, _)| chord.clone());
            self.chords
                .insert((binding.context, binding.action), chords.collect());
        }
        match clash::first(&self, &bindings) {
            Some((line, what)) => Err(KeymapError::at(file, line, what, None)),
            None => Ok(self),
        }
    }

    /// Tells what the keys ask for; the contexts come nearest first.
    ///
    /// The first context in which the keys are a chord or begin one decides. Ctrl-c, where it is not bound
    /// at all, asks to quit.
    #[must_use]
    pub fn resolve(&self, contexts: &[Context], pressed: &[Key]) -> Resolved {
        let found = contexts
            .iter()
            .find_map(|context| self.resolve_in(*context, pressed));
        match found {
            Some(resolved) => resolved,
            None if pressed.last() == Some(&WAY_OUT) => Resolved::Action(Action::Quit),
            None => Resolved::Nothing,
        }
    }

    fn resolve_in(&self, context: Context, pressed: &[Key]) -> Option<Resolved> {
        let mut begun = None;
        for (action, chords) in self.bindings(context) {
            for chord in chords {
                if chord.keys() == pressed {
                    return Some(Resolved::Action(action));
                }
                if !pressed.is_empty() && chord.keys().starts_with(pressed) {
                    begun = Some(Resolved::Prefix);
                }
            }
        }
        begun
    }

    /// Returns the chords of an action in a context; none if it is unbound there.
    #[must_use]
    pub fn chords(&self, action: Action, context: Context) -> &[Chord] {
        self.chords
            .get(&(context, action))
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the first chord that asks for an action here, as the footer shows it; `None` if no key does,
    /// because it is unbound or because nearer bindings outrank all its chords.
    #[must_use]
    pub fn hint(&self, action: Action, contexts: &[Context]) -> Option<String> {
        contexts
            .iter()
            .flat_map(|context| self.chords(action, *context))
            .find(|chord| self.asks_for(action, contexts, chord))
            .map(Chord::to_string)
    }

    /// Tells whether typing a chord, key by key, asks for an action here.
    #[must_use]
    pub fn asks_for(&self, action: Action, contexts: &[Context], chord: &Chord) -> bool {
        let keys = chord.keys();
        (1..keys.len()).all(|n| self.resolve(contexts, &keys[..n]) == Resolved::Prefix)
            && self.resolve(contexts, keys) == Resolved::Action(action)
    }

    /// Returns the actions that are bound in a context, with their chords, in the order of the table.
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = (Action, &[Chord])> {
        Action::ALL
            .iter()
            .map(move |action| (*action, self.chords(*action, context)))
            .filter(|(_, chords)| !chords.is_empty())
    }
}

#[cfg(test)]
mod tests;
