//! What the run has to say, laid out: a short word in front, sentences wrapped behind it.
//! Commands keep their blanks, so that they can be pasted.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::known::{Known, RunCard};
use crate::tui::screens::run::advice::{Said, Tone, said};
use crate::tui::width::{Align, code, padded, wrapped};

/// Cells for the word in front.
const LABEL: usize = 6;

/// Returns the lines of what a run has to say, and at which of them the last sentence begins.
pub fn lines(card: &RunCard, known: &Known, width: usize) -> (Vec<Line<'static>>, usize) {
    let said = said(card, known);
    let labelled = said.iter().any(|one| !one.label.is_empty());
    let mut lines = Vec::new();
    let mut last = 0;
    for one in &said {
        last = lines.len();
        lines.extend(laid_out(one, labelled, known, width));
    }
    (lines, last)
}

fn laid_out(said: &Said, labelled: bool, known: &Known, width: usize) -> Vec<Line<'static>> {
    let theme = &known.settings.look.theme;
    let indent = if labelled && said.tone != Tone::Loud {
        LABEL
    } else {
        0
    };
    let room = width.saturating_sub(indent + 2);
    let texts = match said.tone {
        Tone::Command => code(&said.text, room),
        Tone::Loud | Tone::Strong | Tone::Plain => wrapped(&said.text, room, 0),
    };
    let texts = texts.into_iter().enumerate();
    texts
        .map(|(n, text)| {
            let label = if n == 0 { said.label } else { "" };
            let label = Span::styled(padded(label, indent, Align::Left), theme.dim);
            let text = Span::styled(text, style(said.tone, known));
            Line::from(vec![Span::raw(" "), label, text])
        })
        .collect()
}

fn style(tone: Tone, known: &Known) -> Style {
    let theme = &known.settings.look.theme;
    match tone {
        Tone::Loud => theme.danger,
        Tone::Strong => theme.strong,
        Tone::Plain | Tone::Command => theme.text,
    }
}
