//! A text field on the screen: what is typed, with the terminal's own cursor in it.
//! The field itself is a [`TextInput`]; here it is only drawn.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::text_input::TextInput;
use crate::tui::theme::Look;

/// Draws a field into the first line of `area` and puts the cursor there.
pub fn draw(input: &TextInput, frame: &mut Frame, area: Rect, look: &Look) {
    if area.is_empty() {
        return;
    }
    let drawn = input.drawn(area.width, look);
    frame
        .buffer_mut()
        .set_line(area.x, area.y, &drawn.line, area.width);
    frame.set_cursor_position(Position::new(area.x + drawn.cursor, area.y));
}
