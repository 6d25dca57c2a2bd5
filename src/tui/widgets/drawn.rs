//! What was drawn, as tests read it: lines of text, and runs of one style.
//! For tests only.

use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Returns the lines of a buffer, without blanks at their ends.
pub(crate) fn lines(buffer: &Buffer) -> Vec<String> {
    let Rect { width, height, .. } = buffer.area;
    let line = |y| {
        let mut text = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(buffer.area.x + x, buffer.area.y + y)].symbol();
            text.push_str(symbol);
            x += symbol.cell_width().max(1);
        }
        text.trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

/// Returns the characters of a line that have a modifier, others as blanks.
pub(crate) fn modified(buffer: &Buffer, y: u16, modifier: Modifier) -> String {
    let cells = (buffer.area.left()..buffer.area.right()).map(|x| &buffer[(x, y)]);
    let text: String = cells
        .map(|cell| {
            if cell.modifier.contains(modifier) {
                cell.symbol()
            } else {
                " "
            }
        })
        .collect();
    text.trim_end().to_owned()
}
