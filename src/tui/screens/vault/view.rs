//! Draws a vault: what it is and what keeps its points, and below that its points by resource.
//! It draws what is known and changes nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::text::shown;
use crate::domain::vault::Vault as Found;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::screens::browser::view::{draw_filter, draw_table};
use crate::tui::view::{is_scarce, middle};
use crate::tui::widgets::rule;
use crate::tui::widgets::windowed_table::rows_shown;
use crate::tui::width::{Align, cells, cut_end, cut_middle, padded, wrapped};

use super::{Vault, told};

/// Cells for the labels.
const LABELS: usize = 11;
/// The least rows above the list.
const LEAST: usize = 3;

/// Returns how many points are on the screen.
#[must_use]
pub fn rows(screen: &Vault, known: &Known) -> usize {
    let width = usize::from(known.room().0);
    let table = middle(known).saturating_sub(above(screen, known, width).len() + 1);
    let table = u16::try_from(table).unwrap_or(u16::MAX);
    rows_shown(table, known.catalog.failures.len())
}

/// Draws the screen.
pub fn draw(screen: &Vault, frame: &mut Frame, area: Rect, known: &Known) {
    let above = above(screen, known, usize::from(area.width));
    let rows = u16::try_from(above.len())
        .unwrap_or(u16::MAX)
        .min(area.height);
    let part = |y: u16, height: u16| Rect {
        y: area.y + y.min(area.height),
        height: height.min(area.height.saturating_sub(y)),
        ..area
    };
    frame.render_widget(Paragraph::new(above), part(0, rows));
    draw_filter(&screen.list, frame, part(rows, 1), known);
    draw_table(&screen.list, frame, part(rows + 1, area.height), known, 0);
}

/// What stands above the list: half of the screen at most.
fn above(screen: &Vault, known: &Known, width: usize) -> Vec<Line<'static>> {
    let vault = screen.found(known);
    let gone = known.catalog.store.is_vault_gone(screen.vault);
    let mut lines = vec![title(vault, gone, known, width)];
    lines.extend(facts(vault, known, width));
    let most = (middle(known) / 2).max(LEAST);
    if lines.len() > most {
        lines.truncate(most - 1);
        let key = known.key(Action::Details, &[Context::List, Context::Global]);
        let text = format!(" {key} shows all of it, and its policy");
        lines.push(Line::styled(text, known.settings.look.theme.dim));
    }
    if !is_scarce(known) {
        lines.push(rule(width, &known.settings.look));
    }
    lines
}

fn title(vault: &Found, gone: bool, known: &Known, width: usize) -> Line<'static> {
    let theme = &known.settings.look.theme;
    let place = &vault.place;
    let rest = format!("  vault  {} {}", place.account, place.region);
    let sign = if gone { "(gone) " } else { "" };
    let room = width.saturating_sub(cells(&rest) + 2);
    let name = cut_middle(
        &format!("{sign}{}", shown(&vault.name)),
        room.max(width / 3),
    );
    let rest = cut_end(&rest, width.saturating_sub(cells(&name) + 1));
    Line::from(vec![
        Span::styled(format!(" {name}"), theme.strong),
        Span::styled(rest, theme.dim),
    ])
}

/// Returns what is known of a vault, wrapped beside its labels.
pub(in crate::tui::screens) fn facts(
    vault: &Found,
    known: &Known,
    width: usize,
) -> Vec<Line<'static>> {
    let look = &known.settings.look;
    let room = width.saturating_sub(LABELS + 2);
    let mut lines = Vec::new();
    for told in told::facts(vault, known) {
        let style = if told.bad {
            look.theme.warning
        } else {
            look.theme.text
        };
        for (n, text) in wrapped(&look.signs.text(&told.text), room, 0)
            .into_iter()
            .enumerate()
        {
            let label = if n == 0 { told.label } else { "" };
            lines.push(Line::from(vec![
                Span::styled(
                    format!(" {}", padded(label, LABELS, Align::Left)),
                    look.theme.dim,
                ),
                Span::styled(text, style),
            ]));
        }
    }
    lines
}
