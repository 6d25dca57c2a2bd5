//! Draws the console: header, what lies between, footer, and an overlay over all of it.
//!
//! A pure function of the model. It decides nothing; what takes long to work out was worked out before.

mod footer;
mod header;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};

use super::known::Known;
use super::model::{Model, View};
use super::screens::{browser, runs, vaults};

/// Rows of the header, its rule counted, and of the footer.
const HEADER: u16 = 3;
const FOOTER: u16 = 2;
/// Below so many rows every one is needed: rules, blank lines and legends give way.
const SCARCE: u16 = 18;
/// The smallest terminal in which anything can be told.
const LEAST: (u16, u16) = (60, 15);

/// Returns how many rows lie between header and footer.
#[must_use]
pub fn middle(known: &Known) -> usize {
    let (_, rows) = known.room();
    usize::from(rows.saturating_sub(header_rows(known) + footer_rows(known)))
}

/// Tells whether there are so few rows that only what matters gets any.
#[must_use]
pub fn is_scarce(known: &Known) -> bool {
    known.room().1 < SCARCE
}

fn header_rows(known: &Known) -> u16 {
    HEADER - u16::from(is_scarce(known))
}

fn footer_rows(known: &Known) -> u16 {
    FOOTER - u16::from(is_scarce(known))
}

/// Draws a frame.
pub fn draw(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    let look = &model.known.settings.look;
    frame.buffer_mut().set_style(area, look.theme.text);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(frame, area, &model.known);
        return;
    }
    let area = framed(frame, area, &model.known);
    let (above, below) = (header_rows(&model.known), footer_rows(&model.known));
    let header = Rect {
        height: above,
        ..area
    };
    let middle = Rect {
        y: area.y + above,
        height: area.height - above - below,
        ..area
    };
    let footer = Rect {
        y: area.y + area.height - below,
        height: below,
        ..area
    };
    header::draw(model, frame, header);
    match (model.screens.last(), model.view) {
        (Some(screen), _) => screen.draw(frame, middle, &model.known),
        (None, View::Vaults) => vaults::view::draw(&model.vaults, frame, middle, &model.known),
        (None, View::Runs) => runs::view::draw(&model.run_list, frame, middle, &model.known),
        (None, _list) => {
            if let Some(list) = model.browser() {
                browser::view::draw(list, frame, middle, &model.known);
            }
        }
    }
    footer::draw(model, frame, footer);
    if let Some(overlay) = &model.overlay {
        overlay.draw(frame, area, &model.known);
    }
    look.settle(frame.buffer_mut());
}

/// Draws the frame of a protected account and returns what lies within; without one that is everything.
fn framed(frame: &mut Frame, area: Rect, known: &Known) -> Rect {
    let Some(account) = &known.framed else {
        return area;
    };
    let style = known.settings.look.theme.protected;
    let title = format!(" PROTECTED {account} ");
    let block = Block::bordered()
        .border_style(style)
        .title(Line::styled(title, style));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

fn too_small(frame: &mut Frame, area: Rect, known: &Known) {
    let (columns, rows) = LEAST;
    let down = known.runs.down().map_or("", |_| "SERVICE IS DOWN. ");
    let text = format!(
        "{down}defib needs {columns}x{rows}, this is {}x{}",
        area.width, area.height
    );
    let lines = super::width::wrapped(&text, usize::from(area.width), 0);
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}
