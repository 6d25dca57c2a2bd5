//! A text to read: a report, the calls of a plan. It scrolls, is copied and written to a file.
//! It is shown as it was made and never changed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::ids::RunId;
use crate::tui::effect::{Effect, StepCall};
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::theme::Look;
use crate::tui::view::is_scarce;
use crate::tui::widgets::{markdown, prose};
use crate::tui::width::{cut_middle, wrapped};

/// What kind of text it is, and so how it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Lines of a label and what is said of it.
    Facts,
    /// Commands, with what explains them.
    Commands,
    /// Markdown.
    Report,
}

/// A text with a place in it.
#[derive(Clone, Debug)]
pub struct TextScreen {
    /// One line above it.
    pub title: String,
    kind: Kind,
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
            kind: Kind::Report,
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
            kind: Kind::Commands,
            lines: lines.collect(),
            top: 0,
            file: "defib-calls.txt".to_owned(),
        }
    }

    /// Shows what is known of something, a line each.
    #[must_use]
    pub fn facts(title: String, lines: Vec<String>, file: String) -> Self {
        Self {
            title,
            kind: Kind::Facts,
            lines,
            top: 0,
            file,
        }
    }

    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let last = self.laid_out(known).len().saturating_sub(height(known));
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

    /// Lays it out for the width of the terminal.
    fn laid_out(&self, known: &Known) -> Vec<Line<'static>> {
        let look = &known.settings.look;
        let width = usize::from(known.room().0).saturating_sub(2);
        match self.kind {
            Kind::Report => markdown(&self.lines.join("\n"), width, look),
            Kind::Facts => headed(&self.lines, look, |line| prose(line, width, look)),
            Kind::Commands => headed(&self.lines, look, |line| {
                let lines = wrapped(&look.signs.text(line), width, 2).into_iter();
                lines
                    .map(|line| Line::styled(line, look.theme.text))
                    .collect()
            }),
        }
    }
}

/// Lays out lines one by one; those that begin with `#` head what follows.
fn headed(
    lines: &[String],
    look: &Look,
    lay_out: impl Fn(&str) -> Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    let one = |line: &String| match line.as_str() {
        "" => vec![Line::default()],
        head if head.starts_with('#') => {
            let head = head.trim_start_matches('#').trim_start();
            let mut head = lay_out(head);
            for line in &mut head {
                *line = std::mem::take(line).patch_style(look.theme.strong);
            }
            head
        }
        line => lay_out(line),
    };
    lines.iter().flat_map(one).collect()
}

/// Rows for the text between title, header and footer.
fn height(known: &Known) -> usize {
    crate::tui::view::middle(known).saturating_sub(above(known))
}

/// Rows of the title, and a blank one where there is room.
fn above(known: &Known) -> usize {
    if is_scarce(known) { 1 } else { 2 }
}

/// Draws the text.
pub fn draw(screen: &TextScreen, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let lines = screen.laid_out(known);
    let top = screen.top.min(lines.len());
    let title = cut_middle(&screen.title, usize::from(area.width).saturating_sub(2));
    let title = Line::styled(format!(" {title}"), look.theme.title);
    let mut drawn = vec![title];
    drawn.resize(above(known), Line::default());
    let shown = lines.into_iter().skip(top).take(height(known));
    drawn.extend(shown.map(|mut line| {
        line.spans.insert(0, Span::raw(" "));
        line
    }));
    frame.render_widget(ratatui::widgets::Paragraph::new(drawn), area);
}
