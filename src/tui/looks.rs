//! What a drawn screen looks like, as text: its lines, and below them the style of every run of cells.
//! For snapshots alone; it draws nothing.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// The words for what a cell can be beside its colours.
const MODIFIERS: [(Modifier, &str); 9] = [
    (Modifier::BOLD, "bold"),
    (Modifier::DIM, "dim"),
    (Modifier::ITALIC, "italic"),
    (Modifier::UNDERLINED, "underlined"),
    (Modifier::SLOW_BLINK, "blinking"),
    (Modifier::RAPID_BLINK, "blinking fast"),
    (Modifier::REVERSED, "reversed"),
    (Modifier::HIDDEN, "hidden"),
    (Modifier::CROSSED_OUT, "crossed out"),
];

/// Returns the lines of a buffer without their trailing blanks, then a line `row: from..to style, …` for
/// every row that has a style. Columns are cells, the end is not part of a run.
pub(crate) fn looks(buffer: &Buffer) -> String {
    let rows = buffer.area.top()..buffer.area.bottom();
    let mut out: Vec<String> = rows.clone().map(|row| text_of(buffer, row)).collect();
    let styled = rows.filter_map(|row| {
        let runs = runs_of(buffer, row);
        let top = buffer.area.top();
        (!runs.is_empty()).then(|| format!("{:>2}: {}", row - top, runs.join(", ")))
    });
    out.push("-- styles".to_owned());
    out.extend(styled);
    out.join("\n")
}

/// Returns the text of one row; the cell behind a wide character is not told.
pub(crate) fn text_of(buffer: &Buffer, row: u16) -> String {
    let mut text = String::new();
    let mut column = buffer.area.left();
    while column < buffer.area.right() {
        let symbol = buffer[(column, row)].symbol();
        text.push_str(symbol);
        column += u16::try_from(symbol.width().max(1)).unwrap_or(1);
    }
    text.trim_end().to_owned()
}

fn runs_of(buffer: &Buffer, row: u16) -> Vec<String> {
    let styles = styles_of(buffer, row);
    let mut runs = Vec::new();
    let mut from = 0;
    for run in styles.chunk_by(|one, next| one == next) {
        let to = from + run.len();
        if !run[0].is_empty() {
            runs.push(format!("{from}..{to} {}", run[0]));
        }
        from = to;
    }
    runs
}

/// Returns the style of every cell; the one behind a wide character looks as that does.
fn styles_of(buffer: &Buffer, row: u16) -> Vec<String> {
    let mut styles: Vec<String> = Vec::new();
    let mut covered = 0;
    for column in buffer.area.left()..buffer.area.right() {
        let cell = &buffer[(column, row)];
        let style = styles.last().filter(|_| covered > 0).cloned();
        covered = match covered {
            0 => cell.symbol().width().saturating_sub(1),
            more => more - 1,
        };
        styles.push(style.unwrap_or_else(|| style_of(cell)));
    }
    styles
}

fn style_of(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg).to_lowercase());
    }
    let modifiers = MODIFIERS
        .iter()
        .filter(|(one, _)| cell.modifier.contains(*one));
    words.extend(modifiers.map(|(_, word)| (*word).to_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use ratatui::text::{Line, Span};
    use ratatui::widgets::Widget as _;

    use super::*;

    #[test]
    fn text_and_styles_are_told_by_the_cells_they_take() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        let line = Line::from(vec![
            Span::raw("a"),
            Span::styled("表b", Style::new().fg(Color::Red).bold()),
            Span::raw(" c"),
        ]);
        line.render(Rect::new(0, 0, 12, 1), &mut buffer);
        assert_eq!(looks(&buffer), "a表b c\n\n-- styles\n 0: 1..4 red bold");
    }

    #[test]
    fn a_background_shows_to_the_last_cell() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_style(buffer.area, Style::new().on_blue().reversed());
        assert_eq!(looks(&buffer), "\n-- styles\n 0: 0..4 on blue reversed");
    }
}
