//! The help, made from the keymap: what keys do here first, then everywhere, then elsewhere.
//! It names no key of its own.

use ratatui::text::{Line, Span};

use crate::tui::keymap::Context;
use crate::tui::known::Known;
use crate::tui::width::{Align, padded, wrapped};

/// Cells for the keys of an action.
const KEYS: usize = 20;

/// Returns the lines of the help as it is opened in a place.
#[must_use]
pub fn lines(here: &[Context], known: &Known) -> Vec<Line<'static>> {
    let elsewhere = Context::ALL
        .iter()
        .filter(|context| !here.contains(context));
    let mut lines = Vec::new();
    for context in here {
        section(*context, true, known, &mut lines);
    }
    for context in elsewhere {
        section(*context, false, known, &mut lines);
    }
    lines
}

fn section(context: Context, here: bool, known: &Known, lines: &mut Vec<Line<'static>>) {
    let look = &known.settings.look;
    let width = usize::from(known.room().0).saturating_sub(KEYS + 6);
    let (title, style) = match (context, here) {
        (Context::Global, _) => ("everywhere".to_owned(), look.theme.title),
        (other, true) => (format!("here: {}", other.name()), look.theme.title),
        (other, false) => (format!("elsewhere: {}", other.name()), look.theme.dim),
    };
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.push(Line::styled(title, style));
    for (action, chords) in known.settings.keymap.bindings(context) {
        let keys: Vec<String> = chords.iter().map(ToString::to_string).collect();
        let keys = keys.join(", ");
        let mut sentence = wrapped(action.sentence(), width.max(20), 0).into_iter();
        let first = sentence.next().unwrap_or_default();
        // More keys than fit stand on a line of their own.
        if crate::tui::width::cells(&keys) >= KEYS {
            lines.push(Line::styled(keys, look.theme.accent));
            lines.push(Line::from(format!("{}{first}", " ".repeat(KEYS))));
        } else {
            let keys = Span::styled(padded(&keys, KEYS, Align::Left), look.theme.accent);
            lines.push(Line::from(vec![keys, Span::raw(first)]));
        }
        lines.extend(sentence.map(|rest| Line::from(format!("{}{rest}", " ".repeat(KEYS)))));
    }
}
