//! A text to read: a report, the calls of a plan. It scrolls, is copied and written to a file.
//! It is shown as it was made and never changed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::ids::RunId;
use crate::tui::effect::{Effect, StepCall};
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::width::wrapped;

/// A text with a place in it.
#[derive(Clone, Debug)]
pub struct TextScreen {
    /// One line above it.
    pub title: String,
    /// The text, harmless, one line each.
    pub lines: Vec<String>,
    /// The first line on the screen, counted after wrapping.
    pub top: usize,
    /// Name of the file that it is written to.
    pub file: String,
}

impl TextScreen {
    /// Shows the report of a run.
    #[must_use]
    pub fn report(run: &RunId, text: &str) -> Self {
        Self {
            title: format!("report of run {run}"),
            lines: text.lines().map(str::to_owned).collect(),
            top: 0,
            file: format!("defib-report-{}.md", run.as_str()),
        }
    }

    /// Shows the call of each step.
    #[must_use]
    pub fn calls(calls: &[StepCall]) -> Self {
        let lines = calls.iter().flat_map(|call| {
            let comment = format!("# {}", call.step);
            [comment, call.line.clone(), String::new()]
        });
        Self {
            title: "the call of each step".to_owned(),
            lines: lines.collect(),
            top: 0,
            file: "defib-calls.txt".to_owned(),
        }
    }

    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let last = self.wrapped(known).len().saturating_sub(height(known));
        let page = height(known).max(1);
        match action {
            Action::MoveDown => self.top = (self.top + 1).min(last),
            Action::MoveUp => self.top = self.top.min(last).saturating_sub(1),
            Action::PageDown => self.top = (self.top + page).min(last),
            Action::PageUp => self.top = self.top.min(last).saturating_sub(page),
            Action::First => self.top = 0,
            Action::Last => self.top = last,
            Action::Back => return Reaction::go(Go::Back),
            Action::Leave => return Reaction::go(Go::Leave),
            Action::Copy => {
                return Reaction {
                    effects: vec![Effect::Copy(self.lines.join("\n"))],
                    ..Reaction::says("copied the whole text")
                };
            }
            Action::Export => {
                let (name, text) = (self.file.clone(), self.lines.join("\n") + "\n");
                return Reaction::effect(Effect::ExportText { name, text });
            }
            other => return Reaction::nothing_here(other),
        }
        Reaction::none()
    }

    fn wrapped(&self, known: &Known) -> Vec<String> {
        let width = usize::from(known.room().0).saturating_sub(2);
        self.lines
            .iter()
            .flat_map(|line| wrapped(line, width, 2))
            .collect()
    }
}

/// Rows for the text between title, header and footer.
fn height(known: &Known) -> usize {
    crate::tui::view::middle(known).saturating_sub(2)
}

/// Draws the text.
pub fn draw(screen: &TextScreen, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let lines = screen.wrapped(known);
    let top = screen.top.min(lines.len());
    let shown = lines.iter().skip(top).take(height(known));
    let title = Line::styled(format!(" {}", screen.title), look.theme.title);
    let mut drawn = vec![title, Line::default()];
    drawn.extend(shown.map(|line| {
        let style = if line.starts_with('#') {
            look.theme.strong
        } else {
            look.theme.text
        };
        Line::styled(format!(" {}", look.signs.text(line)), style)
    }));
    frame.render_widget(ratatui::widgets::Paragraph::new(drawn), area);
}
