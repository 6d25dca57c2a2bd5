//! A keymap file: sections of actions, each with a list of chords.
//!
//! Whatever is wrong is told with the line and the nearest known name; nothing in the file is dropped in
//! silence. Whether its chords get along is decided in `clash`.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::action::{Action, Context};
use super::chord::Chord;
use super::spelling::Misspelled;
use crate::domain::text::{nearest, shown};

/// What is wrong in a keymap file. All of it is fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}{}", perhaps(nearest.as_deref()))]
pub struct KeymapError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, as a sentence without its full stop.
    pub what: String,
    /// The known name that may have been meant.
    pub nearest: Option<String>,
}

impl KeymapError {
    pub(super) fn at(file: &str, line: usize, what: String, nearest: Option<String>) -> Self {
        Self {
            file: shown(file),
            line,
            what,
            nearest,
        }
    }
}

fn perhaps(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; perhaps “{name}” was meant"))
}

/// The chords of one action in one context, as the file has them.
#[derive(Debug)]
pub(super) struct Binding {
    pub context: Context,
    pub action: Action,
    /// Each with its line, from 1.
    pub chords: Vec<(Chord, usize)>,
}

type Name<'a> = Spanned<DeString<'a>>;
type Value<'a> = Spanned<DeValue<'a>>;

/// A keymap file that is being read.
struct Page<'a> {
    file: &'a str,
    text: &'a str,
}

/// Reads a keymap file, in the order of its lines.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Binding>, KeymapError> {
    let page = Page { file, text };
    let parsed = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        page.refuse(at, shown(error.message()), None)
    })?;
    let mut bindings = Vec::new();
    for (name, value) in in_order(parsed.get_ref()) {
        let (context, section) = page.section(name, value)?;
        for (name, value) in in_order(section) {
            bindings.push(Binding {
                context,
                action: page.action(context, name)?,
                chords: page.chords(name, value)?,
            });
        }
    }
    Ok(bindings)
}

/// Returns what a table holds as it stands in the file, so that the first mistake is told first.
fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t Name<'a>, &'t Value<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

impl Page<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    fn refuse(&self, at: usize, what: String, nearest: Option<String>) -> KeymapError {
        KeymapError::at(self.file, self.line(at), what, nearest)
    }

    fn section<'t, 'a>(
        &self,
        name: &Name<'_>,
        value: &'t Value<'a>,
    ) -> Result<(Context, &'t DeTable<'a>), KeymapError> {
        let word = name.get_ref();
        let context = Context::ALL.into_iter().find(|known| known.name() == word);
        let action = Action::named(word);
        let (what, nearest) = match (context, value.get_ref().as_table(), action) {
            (Some(context), Some(section), _) => return Ok((context, section)),
            (Some(context), None, _) => (
                format!(
                    "“{0}” is the name of a section: write [{0}]",
                    context.name()
                ),
                None,
            ),
            (None, _, Some(action)) => (
                format!(
                    "“{word}” stands outside its section: write it below {}",
                    sections(action)
                ),
                None,
            ),
            (None, _, None) => (
                format!("there is no section [{}]", shown(word)),
                nearest(word, Context::ALL.map(Context::name)).map(str::to_owned),
            ),
        };
        Err(self.refuse(name.span().start, what, nearest))
    }

    fn action(&self, context: Context, name: &Name<'_>) -> Result<Action, KeymapError> {
        let word = name.get_ref();
        let (what, nearest) = match Action::named(word) {
            Some(action) if action.contexts().contains(&context) => return Ok(action),
            Some(action) => (
                format!(
                    "“{word}” does nothing in [{}]: it belongs below {}",
                    context.name(),
                    sections(action)
                ),
                None,
            ),
            None => (
                format!("there is no action “{}”", shown(word)),
                nearest_action(context, word),
            ),
        };
        Err(self.refuse(name.span().start, what, nearest))
    }

    fn chords(
        &self,
        name: &Name<'_>,
        value: &Value<'_>,
    ) -> Result<Vec<(Chord, usize)>, KeymapError> {
        let word = name.get_ref();
        let no_list = |at| {
            let what = format!("“{word}” takes a list of chords, like [\"j\", \"g g\"]");
            self.refuse(at, what, None)
        };
        let list = value.get_ref().as_array();
        let list = list.ok_or_else(|| no_list(value.span().start))?;
        list.iter()
            .map(|item| {
                let at = item.span().start;
                let spelling = item.get_ref().as_str().ok_or_else(|| no_list(at))?;
                let chord = spelling.parse();
                let chord =
                    chord.map_err(|Misspelled { what, nearest }| self.refuse(at, what, nearest))?;
                Ok((chord, self.line(at)))
            })
            .collect()
    }
}

/// Finds the action that was meant, first among those of the section in which it stands.
fn nearest_action(context: Context, word: &str) -> Option<String> {
    let (here, elsewhere): (Vec<Action>, Vec<Action>) = Action::ALL
        .iter()
        .partition(|action| action.contexts().contains(&context));
    let among = |actions: Vec<Action>| nearest(word, actions.into_iter().map(Action::name));
    among(here).or_else(|| among(elsewhere)).map(str::to_owned)
}

/// Names the sections of an action: `[plan], [run] or [text]`.
fn sections(action: Action) -> String {
    let names: Vec<String> = action
        .contexts()
        .iter()
        .map(|context| format!("[{}]", context.name()))
        .collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
