//! Picks the profiles that are listed, and the Regions of each: several at once, narrowed by typing.
//! It only chooses: nothing is listed or dropped before enter, and esc leaves all as it was.

#[cfg(test)]
mod tests;
pub mod view;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::catalog::filter::Pattern;
use crate::domain::profile::Profile;
use crate::domain::text::shown;
use crate::tui::effect::{ALL_REGIONS, Choice};
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::widgets::text_input::TextInput;
use crate::tui::widgets::windowed_table::scrolled;

/// The picker.
#[derive(Debug)]
pub struct Picker {
    /// What was typed to narrow the list.
    pub input: TextInput,
    /// The Regions of the row under the cursor, while they are typed.
    pub regions: Option<TextInput>,
    /// What is picked.
    pub picked: Vec<Choice>,
    /// Why enter was not taken.
    pub refused: Option<String>,
    /// The cursor, as a place in the list.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Whether anything was picked or taken back.
    touched: bool,
}

/// A row: a profile, or the environment's.
pub type Row<'a> = Option<&'a str>;

impl Picker {
    /// Begins with what is listed.
    #[must_use]
    pub fn new(known: &Known) -> Self {
        Self {
            input: TextInput::default(),
            regions: None,
            picked: known.chosen.clone(),
            refused: None,
            at: 0,
            top: 0,
            touched: false,
        }
    }

    /// Takes in what is listed; what was picked meanwhile stays.
    pub fn told(&mut self, known: &Known) {
        if !self.touched {
            self.picked.clone_from(&known.chosen);
        }
    }

    /// Returns the rows that fit what was typed: what is listed outside of the files, and every profile.
    #[must_use]
    pub fn rows<'a>(&self, known: &'a Known) -> Vec<Row<'a>> {
        let profiles = profiles(known);
        let in_files = |name: &str| profiles.iter().any(|profile| profile.name == name);
        let listed = known.chosen.iter().map(|choice| choice.profile.as_deref());
        let elsewhere = listed.filter(|name| name.is_none_or(|name| !in_files(name)));
        let named = profiles.iter().map(|profile| Some(profile.name.as_str()));
        let text = self.input.text();
        let pattern = Pattern::new(text.trim());
        let fits = |row: &Row<'_>| pattern.matches(&shown(name_of(*row))).is_some();
        elsewhere.chain(named).filter(fits).collect()
    }

    /// Returns what is picked of a row.
    #[must_use]
    pub fn choice(&self, row: Row<'_>) -> Option<&Choice> {
        let mut picked = self.picked.iter();
        picked.find(|choice| choice.profile.as_deref() == row)
    }

    /// Answers a key.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Reaction {
        self.refused = None;
        if self.regions.is_some() {
            self.type_regions(key, known);
            return Reaction::none();
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let page = view::height(known).max(1);
        match (key.code, control) {
            (KeyCode::Esc, _) => return Reaction::go(Go::Close),
            (KeyCode::Enter, _) => return self.apply(known),
            (KeyCode::Char(' '), _) => self.toggle(known),
            (KeyCode::Tab, _) => self.edit_regions(known),
            (KeyCode::Down, _) | (KeyCode::Char('n'), true) => self.at += 1,
            (KeyCode::Up, _) | (KeyCode::Char('p'), true) => self.at = self.at.saturating_sub(1),
            (KeyCode::PageDown, _) => self.at += page,
            (KeyCode::PageUp, _) => self.at = self.at.saturating_sub(page),
            _typed => {
                if self.input.press(key) {
                    self.at = 0;
                }
            }
        }
        self.follow(known);
        Reaction::none()
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        match &mut self.regions {
            Some(regions) => regions.paste(text),
            None => self.input.paste(text),
        }
    }

    /// Keeps the cursor in the list and in sight.
    fn follow(&mut self, known: &Known) {
        let count = self.rows(known).len();
        self.at = self.at.min(count.saturating_sub(1));
        self.top = scrolled(self.top, self.at, view::height(known), count);
    }

    fn row<'a>(&self, known: &'a Known) -> Option<Row<'a>> {
        self.rows(known).get(self.at).copied()
    }

    fn toggle(&mut self, known: &Known) {
        let Some(row) = self.row(known) else { return };
        self.touched = true;
        let before = self.picked.len();
        self.picked
            .retain(|choice| choice.profile.as_deref() != row);
        if self.picked.len() == before {
            self.pick(row, usual_regions(known));
        }
    }

    fn pick(&mut self, row: Row<'_>, regions: Vec<String>) {
        self.picked.push(Choice {
            profile: row.map(str::to_owned),
            regions,
        });
    }

    fn edit_regions(&mut self, known: &Known) {
        let Some(row) = self.row(known) else { return };
        let usual = || usual_regions(known);
        let regions = self
            .choice(row)
            .map_or_else(usual, |choice| choice.regions.clone());
        self.regions = Some(TextInput::new(&regions.join(" ")));
    }

    /// Answers a key while Regions are typed.
    fn type_regions(&mut self, key: KeyEvent, known: &Known) {
        let Some(input) = &mut self.regions else {
            return;
        };
        match key.code {
            KeyCode::Esc => self.regions = None,
            KeyCode::Enter | KeyCode::Tab => match regions_of(&input.text()) {
                Ok(regions) => {
                    self.regions = None;
                    self.take_regions(regions, known);
                }
                Err(why) => self.refused = Some(why),
            },
            _typed => {
                input.press(key);
            }
        }
    }

    /// Whoever says where a profile is listed wants it listed.
    fn take_regions(&mut self, regions: Vec<String>, known: &Known) {
        let Some(row) = self.row(known) else { return };
        self.touched = true;
        let mut picked = self.picked.iter_mut();
        match picked.find(|choice| choice.profile.as_deref() == row) {
            Some(choice) => choice.regions = regions,
            None => self.pick(row, regions),
        }
    }

    fn apply(&mut self, known: &Known) -> Reaction {
        if self.picked.is_empty() {
            self.refused =
                Some("nothing is picked: space picks the profile under the cursor".into());
            return Reaction::none();
        }
        if self.picked == known.chosen {
            return Reaction {
                go: Some(Go::Close),
                ..Reaction::says("the same profiles as before: nothing was changed")
            };
        }
        Reaction::go(Go::Places(self.picked.clone()))
    }
}

/// Returns the profiles of the AWS files, as far as they could be read.
fn profiles(known: &Known) -> &[Profile] {
    match &known.profiles {
        Some(Ok(profiles)) => profiles,
        Some(Err(_)) | None => &[],
    }
}

/// Returns the name of a row.
fn name_of(row: Row<'_>) -> &str {
    row.unwrap_or("environment")
}

/// Returns the Regions that a profile gets which was not listed before: those of the first one, where they were
/// named.
fn usual_regions(known: &Known) -> Vec<String> {
    let first = known.chosen.first();
    first.map_or_else(Vec::new, |choice| choice.regions.clone())
}

/// Reads the names of Regions, with blanks or commas between them.
fn regions_of(text: &str) -> Result<Vec<String>, String> {
    let names = text.split([' ', ',']).filter(|name| !name.is_empty());
    let mut regions: Vec<String> = Vec::new();
    for name in names {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.chars().all(is_name) {
            let name = shown(name);
            return Err(format!(
                "“{name}” is no name of a Region: they are like eu-west-1, or {ALL_REGIONS}"
            ));
        }
        if !regions.iter().any(|known| known == name) {
            regions.push(name.to_owned());
        }
    }
    if regions.iter().any(|region| region == ALL_REGIONS) {
        regions = vec![ALL_REGIONS.to_owned()];
    }
    Ok(regions)
}
