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
            _typed => {
                self.input.press(key);
            }
        }
        Reaction::none()
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
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled("When did it go wrong?", look))
        .title_bottom(hinted("enter takes it, esc leaves it as it was", look))
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
