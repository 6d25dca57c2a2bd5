//! The table of keys in the README, as Markdown.
//!
//! It is made from the table of actions and a keymap, so that it cannot say what no key does.

use std::fmt::Write as _;

use super::action::{Action, Context};
use super::bindings::Keymap;
use super::chord::Chord;

/// Returns a keymap as a Markdown table: a row for each action, in the order of the help, and another
/// where its keys differ between contexts.
#[must_use]
pub fn table(keymap: &Keymap) -> String {
    let mut out = String::from("| Where | Keys | Action | What it does |\n|---|---|---|---|\n");
    for action in Action::ALL {
        for (contexts, chords) in rows(keymap, *action) {
            let contexts: Vec<&str> = contexts.into_iter().map(Context::name).collect();
            let _ = writeln!(
                out,
                "| {} | {} | `{}` | {} |",
                contexts.join(", "),
                keys(chords),
                action.name(),
                action.sentence(),
            );
        }
    }
    out
}

fn rows(keymap: &Keymap, action: Action) -> Vec<(Vec<Context>, &[Chord])> {
    let mut rows: Vec<(Vec<Context>, &[Chord])> = Vec::new();
    for context in action.contexts() {
        let chords = keymap.chords(action, *context);
        match rows.iter_mut().find(|(_, known)| *known == chords) {
            Some((contexts, _)) => contexts.push(*context),
            None => rows.push((vec![*context], chords)),
        }
    }
    rows
}

fn keys(chords: &[Chord]) -> String {
    if chords.is_empty() {
        return "—".to_owned();
    }
    let codes: Vec<String> = chords
        .iter()
        .map(|chord| code(&chord.to_string()))
        .collect();
    codes.join(" ")
}

/// Sets a chord as code; a bar would end the cell, and a backtick the code.
fn code(chord: &str) -> String {
    let chord = chord.replace('|', "\\|");
    if chord.contains('`') {
        format!("`` {chord} ``")
    } else {
        format!("`{chord}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn table_of(text: &str) -> String {
        table(
            &Keymap::builtin(config::Keymap::Default)
                .overlaid("keymap.toml", text)
                .unwrap(),
        )
    }

    #[test]
    fn every_action_has_a_row_with_its_keys_and_its_sentence() {
        let table = table_of("");
        for action in Action::ALL {
            let cell = format!("| `{}` | {} |", action.name(), action.sentence());
            assert!(table.contains(&cell), "{table}");
        }
        let row = "| list, plan, run, text | `g g` `home` | `first` | Moves to the first line. |\n";
        assert!(table.contains(row), "{table}");
        assert_eq!(table.matches("| `calls` |").count(), 1);
    }

    #[test]
    fn contexts_with_other_keys_have_a_row_of_their_own() {
        let table = table_of("[run]\ncalls = []\n");
        assert!(table.contains("| plan | `v` | `calls` |"), "{table}");
        assert!(table.contains("| run | — | `calls` |"), "{table}");
    }

    #[test]
    fn a_key_that_means_something_in_markdown_is_escaped() {
        let table = table_of("[list]\nsort = [\"|\", \"`\"]\n");
        assert!(table.contains("| `\\|` `` ` `` | `sort` |"), "{table}");
    }
}
