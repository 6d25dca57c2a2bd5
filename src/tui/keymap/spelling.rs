//! How keys and chords are spelled, in keymap files and on the screen.
//!
//! What is read can be shown again and means the same; a spelling that is no key is never guessed at, but
//! told with the one that may have been meant.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyModifiers};

use super::chord::{Chord, Key, upper};
use crate::domain::text::{cells, is_hostile, nearest, shown};

/// A spelling that is no key or no chord. Fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Misspelled {
    /// What is wrong with it.
    pub what: String,
    /// The spelling that may have been meant.
    pub nearest: Option<String>,
}

/// Keys that have a name; every other one is spelled as the character that it types.
const NAMES: [(KeyCode, &str); 15] = [
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::PageUp, "pageup"),
    (KeyCode::PageDown, "pagedown"),
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::Char(' '), "space"),
    (KeyCode::Backspace, "backspace"),
    (KeyCode::Delete, "delete"),
    (KeyCode::Insert, "insert"),
];

/// The modifiers that every terminal can send.
const MODIFIERS: [(KeyModifiers, &str); 3] = [
    (KeyModifiers::CONTROL, "ctrl-"),
    (KeyModifiers::ALT, "alt-"),
    (KeyModifiers::SHIFT, "shift-"),
];

/// The modifiers that only some terminals send; no keymap can name them.
const RARE_MODIFIERS: [(KeyModifiers, &str); 3] = [
    (KeyModifiers::SUPER, "super-"),
    (KeyModifiers::HYPER, "hyper-"),
    (KeyModifiers::META, "meta-"),
];

/// The highest function key that terminals send.
const LAST_FUNCTION_KEY: u8 = 24;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, mut modifiers) = (self.code, self.modifiers);
        let back_tab = code == KeyCode::BackTab;
        modifiers.set(
            KeyModifiers::SHIFT,
            back_tab || modifiers.contains(KeyModifiers::SHIFT),
        );
        for (modifier, name) in MODIFIERS.iter().chain(&RARE_MODIFIERS) {
            if modifiers.contains(*modifier) {
                f.write_str(name)?;
            }
        }
        let named = if back_tab { KeyCode::Tab } else { code };
        if let Some((_, name)) = NAMES.iter().find(|(code, _)| *code == named) {
            f.write_str(name)
        } else if let KeyCode::Char(c) = code {
            f.write_str(&shown(c.encode_utf8(&mut [0; 4])))
        } else {
            let name = code.to_string().to_lowercase().replace(' ', "-");
            f.write_str(&shown(&name))
        }
    }
}

impl FromStr for Key {
    type Err = Misspelled;

    fn from_str(spelling: &str) -> Result<Self, Misspelled> {
        let (modifiers, code) = read(spelling).ok_or_else(|| Misspelled::no_key(spelling))?;
        if shift_is_not_told(modifiers, code) {
            return Err(Misspelled {
                what: format!(
                    "“{}” says shift, which a terminal does not tell with this key: leave it out, and \
                     write the character that is typed",
                    shown(spelling)
                ),
                nearest: None,
            });
        }
        Ok(Self::new(code, modifiers))
    }
}

fn read(spelling: &str) -> Option<(KeyModifiers, KeyCode)> {
    let (modifiers, name) = split(spelling);
    Some((modifiers, code_of(name)?))
}

/// Tells whether only the keyboard knows of the shift: a terminal sends the character that is typed, and
/// with ctrl the same for both cases.
fn shift_is_not_told(modifiers: KeyModifiers, code: KeyCode) -> bool {
    let letter = matches!(code, KeyCode::Char(c) if upper(c) != c);
    let character = matches!(code, KeyCode::Char(_));
    let control = modifiers.contains(KeyModifiers::CONTROL);
    modifiers.contains(KeyModifiers::SHIFT) && character && (control || !letter)
}

/// Takes the modifiers off a spelling; a key remains, so that `ctrl--` is ctrl with `-`.
fn split(spelling: &str) -> (KeyModifiers, &str) {
    let (mut modifiers, mut name) = (KeyModifiers::NONE, spelling);
    while let Some((modifier, rest)) = MODIFIERS.iter().find_map(|(modifier, prefix)| {
        let rest = name.strip_prefix(prefix)?;
        (!rest.is_empty()).then_some((*modifier, rest))
    }) {
        modifiers |= modifier;
        name = rest;
    }
    (modifiers, name)
}

fn code_of(name: &str) -> Option<KeyCode> {
    if let Some((code, _)) = NAMES.iter().find(|(_, known)| *known == name) {
        return Some(*code);
    }
    let mut characters = name.chars();
    match (characters.next(), characters.as_str()) {
        (Some(c), "") => is_typed(c).then_some(KeyCode::Char(c)),
        (Some('f'), number) => function_key(number),
        (_, _) => None,
    }
}

fn function_key(number: &str) -> Option<KeyCode> {
    let plain = !number.starts_with(['0', '+']);
    let number = number.parse().ok().filter(|_| plain)?;
    (1..=LAST_FUNCTION_KEY)
        .contains(&number)
        .then_some(KeyCode::F(number))
}

/// Tells whether a character can stand for a key: it can be seen, and stands on its own.
fn is_typed(c: char) -> bool {
    !is_hostile(c) && !c.is_whitespace() && cells(c.encode_utf8(&mut [0; 4])) > 0
}

impl Misspelled {
    fn no_key(spelling: &str) -> Self {
        let names: Vec<&str> = NAMES.iter().map(|(_, name)| *name).collect();
        Self {
            what: format!(
                "“{}” is no key: a key is a character, {} or f1 to f{LAST_FUNCTION_KEY}, \
                 after ctrl-, alt- or shift- if need be",
                shown(spelling),
                names.join(", "),
            ),
            nearest: meant(spelling).filter(|meant| meant.split(' ').all(is_key)),
        }
    }
}

fn is_key(spelling: &str) -> bool {
    read(spelling).is_some_and(|(modifiers, code)| !shift_is_not_told(modifiers, code))
}

/// Finds what a spelling may have been meant to be: other capitals, a slip in a name or in a modifier,
/// or two keys without a space between them.
fn meant(spelling: &str) -> Option<String> {
    let lower = spelling.to_lowercase();
    if is_key(&lower) {
        return Some(lower);
    }
    let (_, name) = split(&lower);
    let modifiers = &lower[..lower.len() - name.len()];
    if let Some(known) = nearest(name, NAMES.iter().map(|(_, name)| *name)) {
        return Some(format!("{modifiers}{known}"));
    }
    if let Some((modifier, key)) = name.split_once('-') {
        let known = MODIFIERS.iter().map(|(_, name)| &name[..name.len() - 1]);
        return Some(format!("{modifiers}{}-{key}", nearest(modifier, known)?));
    }
    let mut letters = spelling
        .chars()
        .filter(|c| c.is_alphabetic() && is_typed(*c));
    match (letters.next(), letters.next()) {
        (Some(a), Some(b)) if spelling.chars().eq([a, b]) => Some(format!("{a} {b}")),
        (_, _) => None,
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, key) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            key.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for Chord {
    type Err = Misspelled;

    fn from_str(spelling: &str) -> Result<Self, Misspelled> {
        let keys: Vec<Key> = spelling
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(Misspelled {
                what: "a chord has at least one key; the key of the space bar is “space”".into(),
                nearest: None,
            });
        }
        Ok(Self(keys))
    }
}
