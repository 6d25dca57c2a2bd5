//! Runs an action by its name: what was typed narrows the list, the best one first.
//! It only names the action; what it does is decided where it was opened.

use std::cmp::Reverse;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::catalog::filter::Pattern;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::widgets::text_input::TextInput;
use crate::tui::widgets::typed;
use crate::tui::widgets::windowed_table::scrolled;
use crate::tui::width::{Align, cut_end, padded};

use super::{hinted, panel, titled};

/// How many actions are in sight at most.
const LINES: u16 = 12;

/// The palette.
#[derive(Debug)]
pub struct Palette {
    /// What was typed.
    pub input: TextInput,
    /// Where it was opened.
    here: &'static [Context],
    /// The actions that do something there.
    useful: Vec<Action>,
    /// The action that enter runs, as a place in the list.
    at: usize,
}

impl Palette {
    /// Lists every action, those that do something in this place first.
    #[must_use]
    pub fn new(here: &'static [Context], useful: Vec<Action>) -> Self {
        Self {
            input: TextInput::default(),
            here,
            useful,
            at: 0,
        }
    }

    /// Returns the actions that fit what was typed, the best first.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        let text = self.input.text();
        let pattern = Pattern::new(text.trim());
        let fit = |action: &Action| Some((score(&pattern, *action)?, *action));
        let mut fits: Vec<(i64, Action)> = Action::ALL.iter().filter_map(fit).collect();
        // A name that is typed whole is meant, wherever it applies.
        let meant = |action: Action| action.name() == text.trim();
        let order = |(score, action): &(i64, Action)| {
            let action = *action;
            let here = self.is_here(action);
            (!meant(action), !here, Reverse(*score), self.rank(action))
        };
        fits.sort_by_key(order);
        fits.into_iter().map(|(_, action)| action).collect()
    }

    fn is_here(&self, action: Action) -> bool {
        self.useful.contains(&action)
    }

    /// Where nothing is typed: what this place is there for comes first, and last what every hand knows.
    fn rank(&self, action: Action) -> usize {
        let nearest = |contexts: &[Context]| {
            let at = self.here.iter().position(|here| contexts.contains(here));
            // What goes everywhere is no more here than anywhere else.
            let everywhere = contexts.contains(&Context::Global);
            at.filter(|_| !everywhere).unwrap_or(self.here.len())
        };
        match action {
            Action::MoveDown
            | Action::MoveUp
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last => usize::MAX,
            other => nearest(other.contexts()),
        }
    }

    /// Answers a key.
    pub fn type_key(&mut self, key: KeyEvent) -> Reaction {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (key.code, control) {
            (KeyCode::Esc, _) => return Reaction::go(Go::Close),
            (KeyCode::Enter, _) => {
                let action = self.actions().get(self.at).copied();
                return action.map_or_else(Reaction::none, |action| Reaction::go(Go::Act(action)));
            }
            (KeyCode::Down | KeyCode::Tab, _) | (KeyCode::Char('n'), true) => {
                self.at = (self.at + 1).min(self.actions().len().saturating_sub(1));
            }
            (KeyCode::Up | KeyCode::BackTab, _) | (KeyCode::Char('p'), true) => {
                self.at = self.at.saturating_sub(1);
            }
            _typed => {
                if self.input.press(key) {
                    self.at = 0;
                }
            }
        }
        Reaction::none()
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.input.paste(text);
        self.at = 0;
    }
}

/// Returns how well an action fits: by its name, or less by words that are in its sentence.
fn score(pattern: &Pattern, action: Action) -> Option<i64> {
    let by_name = pattern.matches(action.name()).map(|hit| hit.score * 2);
    let words = pattern.words();
    let hits = words.map(|word| word.in_one_piece(action.sentence()).map(|hit| hit.score));
    let by_sentence: Option<i64> = hits.sum();
    by_name.max(by_sentence)
}

/// Draws the palette.
pub fn draw(palette: &Palette, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let area = panel(area, 76, LINES + 4);
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled("Do what?", look))
        .title_bottom(hinted("enter runs it, esc closes", look))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    let width = usize::from(inner.width);
    let height = usize::from(inner.height).saturating_sub(2);
    let actions = palette.actions();
    let mut lines = vec![Line::default(), Line::default()];
    if actions.is_empty() {
        lines.push(Line::styled(
            "No action is called like this: type less, or esc closes.",
            look.theme.dim,
        ));
    }
    let top = scrolled(0, palette.at, height, actions.len());
    for (n, action) in actions.iter().enumerate().skip(top).take(height) {
        lines.push(one(palette, *action, n == palette.at, width, known));
    }
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
    typed::draw(&palette.input, frame, inner, look);
}

fn one(
    palette: &Palette,
    action: Action,
    under_cursor: bool,
    width: usize,
    known: &Known,
) -> Line<'static> {
    let look = &known.settings.look;
    let here = palette.is_here(action);
    let contexts = if here {
        palette.here
    } else {
        action.contexts()
    };
    let key = known
        .settings
        .keymap
        .hint(action, contexts)
        .unwrap_or_default();
    let name = padded(action.name(), 15, Align::Left);
    let key = padded(&key, 11, Align::Left);
    let sentence = cut_end(action.sentence(), width.saturating_sub(26));
    let base = match (under_cursor, here) {
        (true, _) => look.theme.selected,
        (false, true) => look.theme.text,
        (false, false) => look.theme.dim,
    };
    let text = padded(
        &format!("{key}{sentence}"),
        width.saturating_sub(15),
        Align::Left,
    );
    Line::from(vec![
        Span::styled(name, base.patch(look.theme.strong)),
        Span::styled(text, base),
    ])
}
