//! The lines of a page, wrapped to its width. Text passes through here on its way to the screen, so this
//! is where it is made fit for a terminal that shows no more than ASCII.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::theme::Look;
use crate::tui::widgets::text_input::TextInput;
use crate::tui::width::{cells, line_cells, wrapped};

/// Cells for the names of facts.
const LABEL: usize = 11;
/// The narrowest room in which text is laid out.
const NARROWEST: usize = 12;
/// The widest room in which prose is read with ease.
const WIDEST: usize = 100;

/// A page in the making.
pub(super) struct Sheet<'a> {
    pub look: &'a Look,
    /// Cells of the page.
    pub width: usize,
    /// Heads of columns, which stay when what is below them scrolls.
    pub head: Vec<Line<'static>>,
    /// What scrolls.
    pub body: Vec<Line<'static>>,
    /// What is always in sight.
    pub foot: Vec<Line<'static>>,
    /// The lines that have to be in sight.
    pub focus: Option<Range<usize>>,
    /// Where text is typed: the row, those of the foot counted behind those of the body, and the column.
    pub cursor: Option<(usize, usize)>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(look: &'a Look, width: usize) -> Self {
        Self {
            look,
            width,
            head: Vec::new(),
            body: Vec::new(),
            foot: Vec::new(),
            focus: None,
            cursor: None,
        }
    }

    pub(super) fn blank(&mut self) {
        self.body.push(Line::default());
    }

    pub(super) fn push(&mut self, line: Line<'static>) {
        self.body.push(line);
    }

    /// Adds text behind a lead; its further lines hang below its first one.
    pub(super) fn prose(&mut self, lead: Vec<Span<'static>>, text: &str, style: Style) {
        let lines = self.lines(lead, text, style);
        self.body.extend(lines);
    }

    /// Adds text to what is always in sight.
    pub(super) fn foot(&mut self, lead: Vec<Span<'static>>, text: &str, style: Style) {
        let lines = self.lines(lead, text, style);
        self.foot.extend(lines);
    }

    /// Adds what to do about something.
    pub(super) fn advice(&mut self, indent: &str, text: &str) {
        let lead = Span::styled(
            format!("{indent}{} ", self.look.signs.to),
            self.look.theme.accent,
        );
        self.prose(vec![lead], text, self.look.theme.text);
    }

    /// Adds a named fact.
    pub(super) fn fact(&mut self, name: &str, text: &str, style: Style) {
        let lead = Span::styled(format!("   {name:<LABEL$}"), self.look.theme.dim);
        self.prose(vec![lead], text, style);
    }

    /// Adds text that is copied as it is, to the very edge of the page: never cut.
    pub(super) fn copied(&mut self, indent: &str, text: &str, style: Style) {
        let room = self.width.saturating_sub(cells(indent)).max(NARROWEST);
        for line in wrapped(&self.look.signs.text(text), room, 2) {
            self.push(Line::from(vec![
                Span::raw(indent.to_owned()),
                Span::styled(line, style),
            ]));
        }
    }

    /// Adds a title, and an empty line before it.
    pub(super) fn heading(&mut self, sign: &str, style: Style, title: &str) {
        if !self.body.is_empty() {
            self.blank();
        }
        let sign = Span::styled(format!(" {sign} "), style);
        let title = Span::styled(title.to_owned(), self.look.theme.strong);
        self.push(Line::from(vec![sign, title]));
    }

    /// Adds text, and something short at the right end of its first line.
    pub(super) fn prose_with(
        &mut self,
        lead: Span<'static>,
        text: &str,
        style: Style,
        right: Line<'static>,
    ) {
        let narrower = Self::new(self.look, self.width.saturating_sub(line_cells(&right) + 2));
        let indent = cells(&lead.content);
        let mut lines = narrower.lines(vec![lead], text, style);
        let taken = lines.first().map_or(0, |first| {
            let text = first.spans.last().map_or("", |span| span.content.as_ref());
            text.split_whitespace().count()
        });
        if lines.len() > 1 {
            // Only the first line shares its room.
            let rest: Vec<&str> = text.split_whitespace().skip(taken).collect();
            let hanging = vec![Span::raw(" ".repeat(indent))];
            lines.truncate(1);
            lines.extend(self.lines(hanging, &rest.join(" "), style));
        }
        if let Some(first) = lines.first_mut() {
            let taken = line_cells(first) + line_cells(&right);
            let gap = self.width.saturating_sub(taken + 1);
            first.push_span(Span::raw(" ".repeat(gap)));
            first.spans.extend(right.spans);
        }
        self.body.extend(lines);
    }

    /// Puts a sign into the first column of every line from `start` on; all of them begin with a blank.
    pub(super) fn mark(&mut self, start: usize, sign: &'static str, style: Style) {
        for line in self.body.iter_mut().skip(start) {
            let Some(first) = line.spans.first_mut() else {
                continue;
            };
            if let Some(rest) = first.content.strip_prefix(' ').map(str::to_owned) {
                first.content = rest.into();
                line.spans.insert(0, Span::styled(sign, style));
            }
        }
    }

    /// Makes the line of a text that is being typed, and puts the cursor there.
    pub(super) fn typed(
        &mut self,
        lead: Vec<Span<'static>>,
        input: &TextInput,
        room: usize,
        row: usize,
    ) -> Line<'static> {
        let before = width_of(&lead);
        let drawn = input.drawn(u16::try_from(room).unwrap_or(u16::MAX), self.look);
        self.cursor = Some((row, before + usize::from(drawn.cursor)));
        let mut line = Line::from(lead);
        line.spans.extend(drawn.line.spans);
        line
    }

    fn lines(&self, lead: Vec<Span<'static>>, text: &str, style: Style) -> Vec<Line<'static>> {
        let indent = width_of(&lead);
        let room = self
            .width
            .saturating_sub(indent + 1)
            .clamp(NARROWEST, WIDEST);
        let hanging = Span::raw(" ".repeat(indent));
        let wrapped = wrapped(&self.look.signs.text(text), room, 0);
        let mut lead = Some(lead);
        let line = |text: String| {
            let mut spans = lead.take().unwrap_or_else(|| vec![hanging.clone()]);
            spans.push(Span::styled(text, style));
            Line::from(spans)
        };
        wrapped.into_iter().map(line).collect()
    }
}

fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(|span| cells(&span.content)).sum()
}
