//! Text to read, in paragraphs that keep to the width.
//! Lines only; where they are drawn and how they are scrolled is the screen's business.

use ratatui::text::{Line, Span};

use crate::tui::theme::Look;
use crate::tui::width::{cells, wrapped};

/// The widest label that hangs in front of its text, in cells.
const WIDEST_LABEL: usize = 20;

/// Lays out a text of several lines, such as a report. What stands behind a label and two blanks, or behind
/// an indentation, hangs: it goes on below itself. Empty lines stay.
#[must_use]
pub fn prose(text: &str, width: usize, look: &Look) -> Vec<Line<'static>> {
    let paragraphs = text.lines();
    paragraphs
        .flat_map(|paragraph| laid_out(&look.signs.text(paragraph), width, look))
        .collect()
}

fn laid_out(paragraph: &str, width: usize, look: &Look) -> Vec<Line<'static>> {
    let (lead, body) = paragraph.split_at(lead(paragraph));
    if body.is_empty() {
        return vec![Line::default()];
    }
    let hanging = cells(lead);
    // Where little would be left beside the label, the text gets the width and the label a line.
    if hanging > width / 2 {
        let label = wrapped(lead.trim(), width, 0)
            .into_iter()
            .filter(|line| !line.is_empty());
        let label = label.map(|line| Line::styled(line, look.theme.strong));
        let body = wrapped(body, width, 0).into_iter();
        return label
            .chain(body.map(|line| Line::styled(line, look.theme.text)))
            .collect();
    }
    let body = wrapped(body, width - hanging, 0).into_iter().enumerate();
    body.map(|(n, line)| {
        let lead = if n == 0 {
            lead.to_owned()
        } else {
            " ".repeat(hanging)
        };
        Line::from(vec![
            Span::styled(lead, look.theme.strong),
            Span::styled(line, look.theme.text),
        ])
    })
    .collect()
}

/// Returns where the text of a paragraph begins, in bytes: behind its indentation, and behind a label if it
/// has one.
fn lead(paragraph: &str) -> usize {
    let indent = paragraph.len() - paragraph.trim_start().len();
    let Some(gap) = paragraph[indent..].find("  ") else {
        return indent;
    };
    let label = indent + gap;
    let blanks = paragraph[label..].len() - paragraph[label..].trim_start().len();
    if cells(&paragraph[indent..label]) <= WIDEST_LABEL && label + blanks < paragraph.len() {
        label + blanks
    } else {
        indent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::theme::Signs;

    fn look() -> Look {
        Look::new(config::Theme::Mono, Signs::unicode())
    }

    fn page(text: &str, width: usize) -> Vec<String> {
        let lines = prose(text, width, &look());
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn labels_hang_in_front_of_their_text() {
        let report = "what happened  the credentials of profile acme have expired\n\
                      what to do     aws sso login\n               then R";
        assert_eq!(
            page(report, 40),
            [
                "what happened  the credentials of",
                "               profile acme have expired",
                "what to do     aws sso login",
                "               then R",
            ]
        );
    }

    #[test]
    fn where_it_is_narrow_a_label_gets_a_line_of_its_own() {
        assert_eq!(
            page("what happened  it expired just now", 20),
            ["what happened", "it expired just now"]
        );
    }

    #[test]
    fn paragraphs_keep_their_indentation_and_empty_lines_stay() {
        assert_eq!(
            page("one two three\n\n  four five six", 9),
            ["one two", "three", "", "  four", "  five", "  six"]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_page() {
        let text = "label  表の名前がとても長い e\u{301}e\u{301} 👩\u{200d}👧\n      deep\n\u{1b}[31m  \n  a  b  c\n";
        for width in 0..50 {
            for line in page(text, width) {
                assert!(cells(&line) <= width, "{width}: {line:?}");
            }
        }
    }

    #[test]
    fn prose_is_ascii_where_it_must_be() {
        let lines = prose(
            "≥ 5 min · “x” …",
            40,
            &Look::new(config::Theme::Mono, Signs::ascii()),
        );
        assert_eq!(lines[0].to_string(), ">= 5 min - \"x\" ..");
    }
}
