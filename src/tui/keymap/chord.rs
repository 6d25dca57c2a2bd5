//! Keys, each in one form, and chords of them.
//!
//! Terminals tell the same key in several ways; here each key has one form, so that a binding and a
//! key that was pressed can be compared. Nothing here knows what a key does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key as it is pressed once. Made by [`Key::new`], so that each key has only one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key; shift-tab is `BackTab`.
    pub code: KeyCode,
    /// What is held with it; never shift with a character or with `BackTab`, which tell it themselves.
    pub modifiers: KeyModifiers,
}

/// Keys that are pressed one after the other; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chord(pub(super) Vec<Key>);

impl Key {
    /// Brings a key into its one form.
    ///
    /// Shift is dropped where the character tells it. With ctrl, letters are lower case, and what a
    /// terminal cannot tell apart is one key: ctrl-i is tab, ctrl-m is enter, ctrl-[ is esc.
    #[must_use]
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let shifted = modifiers.contains(KeyModifiers::SHIFT);
        let without_shift = modifiers.difference(KeyModifiers::SHIFT);
        let (code, modifiers) = if let KeyCode::Char(c) = code {
            if modifiers.contains(KeyModifiers::CONTROL) {
                with_control(c, without_shift)
            } else {
                let c = if shifted { upper(c) } else { c };
                (KeyCode::Char(c), without_shift)
            }
        } else if code == KeyCode::BackTab || (code == KeyCode::Tab && shifted) {
            (KeyCode::BackTab, without_shift)
        } else {
            (code, modifiers)
        };
        Self { code, modifiers }
    }

    /// Returns the character that it types into a text field; `None` for a key that is no text.
    #[must_use]
    pub fn character(self) -> Option<char> {
        if let KeyCode::Char(c) = self.code
            && self.modifiers.is_empty()
        {
            Some(c)
        } else {
            None
        }
    }
}

/// Tells what a terminal makes of a character with ctrl: 32 codes have to do for all of them.
fn with_control(c: char, modifiers: KeyModifiers) -> (KeyCode, KeyModifiers) {
    let plain = modifiers.difference(KeyModifiers::CONTROL);
    match c.to_ascii_lowercase() {
        'i' => (KeyCode::Tab, plain),
        'm' => (KeyCode::Enter, plain),
        '[' => (KeyCode::Esc, plain),
        '@' => (KeyCode::Char(' '), modifiers),
        // crossterm names the last four codes after the digits that send them, too.
        '4' => (KeyCode::Char('\\'), modifiers),
        '5' => (KeyCode::Char(']'), modifiers),
        '6' => (KeyCode::Char('^'), modifiers),
        '7' | '/' => (KeyCode::Char('_'), modifiers),
        c => (KeyCode::Char(c), modifiers),
    }
}

/// Returns the capital of a letter, if that is one character; other characters as they are.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) => capital,
        (_, _) => c,
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl Chord {
    /// Returns its keys, in the order in which they are pressed; at least one.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Tells whether it begins with the keys of a shorter chord, which then is complete first.
    #[must_use]
    pub fn hidden_by(&self, shorter: &Self) -> bool {
        self.0.len() > shorter.0.len() && self.0.starts_with(&shorter.0)
    }
}

#[cfg(test)]
mod tests;
