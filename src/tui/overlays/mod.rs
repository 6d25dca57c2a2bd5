//! What lies over a screen and takes the keys until it is closed.
//!
//! An overlay answers with a reaction, as a screen does, and never reaches into what lies below.

pub mod code;
pub mod confirm;
pub mod help;
pub mod incident;
pub mod instance;
pub mod log;
pub mod palette;
pub mod profiles;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::keymap::{Action, Context};
use super::known::Known;
use super::model::{Go, Reaction};
use super::theme::Look;

/// What can lie over a screen.
#[derive(Debug)]
pub enum Overlay {
    /// The incident clock is set.
    Incident(incident::IncidentPrompt),
    /// An action is chosen by its name.
    Palette(palette::Palette),
    /// What every key does.
    Help(Reading),
    /// What happened.
    Log(Reading),
    /// A yes is asked for.
    Confirm(confirm::Confirm),
    /// The code of a second factor is asked for.
    Code(code::CodePrompt),
    /// The instance of a run is looked at.
    Instance(Box<instance::Looking>),
    /// Profiles and Regions are picked.
    Profiles(Box<profiles::Picker>),
}

/// A text that is read in an overlay.
#[derive(Debug, Default)]
pub struct Reading {
    /// Where keys were pressed when it was opened.
    pub here: &'static [Context],
    /// The first line on the screen.
    pub top: usize,
}

impl Overlay {
    /// Asks when it went wrong.
    #[must_use]
    pub fn incident(known: &Known) -> Self {
        Self::Incident(incident::IncidentPrompt::new(known))
    }

    /// Asks for the name of an action.
    #[must_use]
    pub fn palette(here: &'static [Context], useful: Vec<Action>) -> Self {
        Self::Palette(palette::Palette::new(here, useful))
    }

    /// Shows what keys do here.
    #[must_use]
    pub fn help(here: &'static [Context]) -> Self {
        Self::Help(Reading { here, top: 0 })
    }

    /// Shows what happened, its end first in sight.
    #[must_use]
    pub fn log() -> Self {
        Self::Log(Reading {
            here: &[],
            top: usize::MAX,
        })
    }

    /// Returns where keys are pressed, the nearest first.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        &[Context::Text, Context::Global]
    }

    /// Gives a key to the text field that has it. Returns `None` where the keymap decides.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        match self {
            Self::Incident(prompt) => Some(prompt.type_key(key, known)),
            Self::Palette(palette) => Some(palette.type_key(key)),
            Self::Confirm(confirm) => Some(confirm.type_key(key, known)),
            Self::Code(prompt) => Some(prompt.type_key(key)),
            Self::Profiles(picker) => Some(picker.type_key(key, known)),
            Self::Help(_) | Self::Log(_) | Self::Instance(_) => None,
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) -> Reaction {
        match self {
            Self::Incident(prompt) => prompt.paste(text),
            Self::Palette(palette) => palette.paste(text),
            Self::Confirm(confirm) => confirm.paste(text),
            Self::Code(prompt) => prompt.take(text),
            Self::Profiles(picker) => picker.paste(text),
            Self::Help(_) | Self::Log(_) | Self::Instance(_) => {}
        }
        Reaction::none()
    }

    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let (reading, lines) = match self {
            Self::Help(reading) => {
                let lines = help::lines(reading.here, known).len();
                (reading, lines)
            }
            Self::Log(reading) => {
                let lines = log::lines(known).len();
                (reading, lines)
            }
            Self::Instance(looking) => return looking.act(action, known),
            Self::Incident(_)
            | Self::Palette(_)
            | Self::Confirm(_)
            | Self::Code(_)
            | Self::Profiles(_) => {
                return Reaction::none();
            }
        };
        let page = height(known).max(1);
        let last = lines.saturating_sub(page);
        let top = reading.top.min(last);
        reading.top = match action {
            Action::MoveDown => (top + 1).min(last),
            Action::MoveUp => top.saturating_sub(1),
            Action::PageDown => (top + page).min(last),
            Action::PageUp => top.saturating_sub(page),
            Action::First => 0,
            Action::Last => last,
            Action::Back | Action::Leave => return Reaction::go(Go::Close),
            other => return Reaction::nothing_here(other),
        };
        Reaction::none()
    }

    /// Draws it over what is there.
    pub fn draw(&self, frame: &mut Frame, area: Rect, known: &Known) {
        match self {
            Self::Incident(prompt) => incident::draw(prompt, frame, area, known),
            Self::Palette(palette) => palette::draw(palette, frame, area, known),
            Self::Help(reading) => read(
                reading,
                "help",
                help::lines(reading.here, known),
                frame,
                area,
                known,
            ),
            Self::Log(reading) => read(reading, "log", log::lines(known), frame, area, known),
            Self::Confirm(confirm) => confirm.draw(frame, area, known),
            Self::Code(prompt) => code::draw(prompt, frame, area, known),
            Self::Instance(looking) => instance::view::draw(looking, frame, area, known),
            Self::Profiles(picker) => profiles::view::draw(picker, frame, area, known),
        }
    }
}

/// Rows for the lines of a text that is read in an overlay: all but its border.
fn height(known: &Known) -> usize {
    usize::from(known.room().1).saturating_sub(2)
}

/// Draws a text over the whole screen.
fn read(
    reading: &Reading,
    title: &str,
    lines: Vec<Line<'static>>,
    frame: &mut Frame,
    area: Rect,
    known: &Known,
) {
    let look = &known.settings.look;
    let last = lines.len().saturating_sub(height(known));
    let top = reading.top.min(last);
    let shown: Vec<Line> = lines.into_iter().skip(top).take(height(known)).collect();
    let more = if last == 0 {
        String::new()
    } else {
        format!("{}/{} ", top + 1, last + 1)
    };
    let closes = known.key(Action::Back, &[Context::Text, Context::Global]);
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled(title, look))
        .title_bottom(hinted(format!("{closes} closes {more}").trim_end(), look))
        .padding(Padding::horizontal(1));
    frame.render_widget(Clear, area);
    frame.render_widget(
        Paragraph::new(shown).block(block).style(look.theme.text),
        area,
    );
}

/// Returns the title of an overlay: its border is faint, and this has to be read.
fn titled(title: &str, look: &Look) -> Line<'static> {
    // A style without a colour of its own would take the border's.
    let style = Style::new().fg(Color::Reset).patch(look.theme.strong);
    Line::styled(format!(" {title} "), style)
}

/// Returns what keys do, for the lower border.
fn hinted(hint: &str, look: &Look) -> Line<'static> {
    Line::styled(format!(" {hint} "), look.theme.dim).right_aligned()
}

/// Returns the area of a panel in the middle, as wide and high as there is room.
#[must_use]
pub fn panel(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 3,
        width,
        height,
    }
}

/// Returns the line of an area that is so many rows below its first.
#[must_use]
pub fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}
