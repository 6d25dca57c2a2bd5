//! Asks when it went wrong, and shows at every key how that is understood.
//! A time that cannot be read is said and never set.

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::domain::incident::parse_typed;
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::widgets::text_input::TextInput;
use crate::tui::widgets::typed;

use super::{below, hinted, panel, titled};

/// The prompt of the incident clock.
#[derive(Debug)]
pub struct IncidentPrompt {
    /// What was typed.
    pub input: TextInput,
    /// Whether enter was pressed on what cannot be taken.
    refused: bool,
    /// Whether the time that was set stands there untouched: what is typed replaces it.
    untouched: bool,
}

/// How what was typed is understood.
enum Understood {
    /// Nothing is typed: the clock is cleared.
    Nothing,
    At(Timestamp),
    Not(String),
}

impl IncidentPrompt {
    /// Starts with the time that is set, if one is.
    #[must_use]
    pub fn new(known: &Known) -> Self {
        let mut input = TextInput::default();
        if let Some(at) = known.incident {
            input.paste(&at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
        Self {
            input,
            refused: false,
            untouched: known.incident.is_some(),
        }
    }

    fn understood(&self, known: &Known) -> Understood {
        let text = self.input.text();
        if text.trim().is_empty() {
            return Understood::Nothing;
        }
        match parse_typed(&text, known.now, &known.settings.zone) {
            Ok(at) if at > known.now => Understood::Not(format!(
                "{} has not come yet: the incident lies in the past",
                words::instant(at)
            )),
            Ok(at) => Understood::At(at),
            Err(error) => Understood::Not(error.to_string()),
        }
    }

    /// Answers a key.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Reaction {
        self.refused = false;
        match key.code {
            KeyCode::Esc => return Reaction::go(Go::Close),
            KeyCode::Enter => match self.understood(known) {
                Understood::At(at) => return Reaction::go(Go::Incident(Some(at))),
                Understood::Nothing => return Reaction::go(Go::Incident(None)),
                Understood::Not(_) => self.refused = true,
            },
            code => {
                if matches!(code, KeyCode::Char(_)) && key.modifiers.is_empty() {
                    self.replace();
                }
                self.input.press(key);
                self.untouched = false;
            }
        }
        Reaction::none()
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.replace();
        self.input.paste(text);
    }

    fn replace(&mut self) {
        if std::mem::take(&mut self.untouched) {
            self.input.clear();
        }
    }
}

/// Draws the prompt.
pub fn draw(prompt: &IncidentPrompt, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let area = panel(area, 70, 8);
    let (echo, style) = match prompt.understood(known) {
        Understood::Nothing => ("enter clears the clock".to_owned(), look.theme.dim),
        Understood::At(at) => {
            let text = words::understood(at, known.now, &known.settings.zone);
            (format!("= {text}"), look.theme.good)
        }
        Understood::Not(why) if prompt.refused => (why, look.theme.danger),
        Understood::Not(why) => (why, look.theme.dim),
    };
    let hint = if known.incident.is_some() {
        "enter takes it, empty: no clock, esc leaves it"
    } else {
        "enter takes it, esc leaves it as it was"
    };
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled("When did it go wrong?", look))
        .title_bottom(hinted(hint, look))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    let zone = known.settings.zone.iana_name().unwrap_or("the set zone");
    let width = usize::from(inner.width);
    let mut lines = vec![Line::default(), Line::default(), Line::default()];
    let echo = crate::tui::width::wrapped(&look.signs.text(&echo), width, 2);
    lines.extend(
        echo.into_iter()
            .take(2)
            .map(|line| Line::styled(line, style)),
    );
    lines.push(Line::styled(
        look.signs
            .text(&format!(
                "02:14 (latest past, {zone}) · 38m ago · 2026-03-01T02:14:00Z"
            ))
            .into_owned(),
        look.theme.dim,
    ));
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
    typed::draw(&prompt.input, frame, below(inner, 1), look);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixtures::{now, settings};
    use crossterm::event::KeyModifiers;

    #[test]
    fn what_is_typed_replaces_the_time_that_was_set_and_what_is_edited_stays() {
        let mut known = Known::new(settings(), now(), (80, 24));
        known.incident = Some("2026-03-14T02:17:00Z".parse().unwrap());
        let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
        let mut prompt = IncidentPrompt::new(&known);
        for c in "2:05".chars() {
            prompt.type_key(key(KeyCode::Char(c)), &known);
        }
        assert_eq!(prompt.input.text(), "2:05");
        let mut prompt = IncidentPrompt::new(&known);
        prompt.type_key(key(KeyCode::Backspace), &known);
        prompt.type_key(key(KeyCode::Char('z')), &known);
        assert_eq!(prompt.input.text(), "2026-03-14T02:17:00z");
        let mut prompt = IncidentPrompt::new(&known);
        prompt.paste("38m ago");
        assert_eq!(prompt.input.text(), "38m ago");
    }
}
