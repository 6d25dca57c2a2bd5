//! Draws the list of vaults, and below it what keeps the points of the one under the cursor.
//! What failed stands beside what was found and never hides it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::catalog::store::VaultRow;
use crate::domain::text::shown;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::screens::browser::hits::Hit;
use crate::tui::screens::browser::view::{
    draw_help, draw_listed, draw_welcome, failure_lines, filter_style,
};
use crate::tui::screens::vault::view::facts;
use crate::tui::view::middle;
use crate::tui::widgets::windowed_table::{
    Cell, Column, Failures, Sort, WindowedTable, rows_shown,
};
use crate::tui::widgets::{rule, typed};
use crate::tui::width::{Align, Cut, cells, cut_end, cut_middle};

use super::{LOCK, REGION, VAULT, VaultList, VaultSort, fields, searched};

/// Rows of the panel below the list, its rule counted, and the least rows that leave room for it.
const PANEL: usize = 9;
const ROOM_FOR_PANEL: usize = 18;
/// Where there is much room.
const LONG_PANEL: usize = 13;
const ROOM_FOR_LONG_PANEL: usize = 30;

const RETENTION: usize = 3;
const POINTS: usize = 4;

/// Returns how many vaults are on the screen.
#[must_use]
pub fn height(known: &Known) -> usize {
    let table = u16::try_from(table_height(known)).unwrap_or(u16::MAX);
    rows_shown(table, known.catalog.failures.len())
}

fn table_height(known: &Known) -> usize {
    middle(known).saturating_sub(panel_height(known) + 1)
}

fn panel_height(known: &Known) -> usize {
    match middle(known) {
        ROOM_FOR_LONG_PANEL.. => LONG_PANEL,
        ROOM_FOR_PANEL.. => PANEL,
        _scarce => 0,
    }
}

/// Draws the list.
pub fn draw(list: &VaultList, frame: &mut Frame, area: Rect, known: &Known) {
    if draw_welcome(frame, area, known) {
        return;
    }
    let part = |y: usize, height: usize| {
        let y = u16::try_from(y).unwrap_or(u16::MAX).min(area.height);
        let height = u16::try_from(height).unwrap_or(u16::MAX);
        Rect {
            y: area.y + y,
            height: height.min(area.height - y),
            ..area
        }
    };
    let table = table_height(known);
    draw_filter(list, frame, part(0, 1), known);
    draw_table(list, frame, part(1, table), known);
    if let Some(row) = list.row().filter(|_| panel_height(known) > 0) {
        draw_panel(row, frame, part(1 + table, panel_height(known)), known);
    }
}

fn draw_filter(list: &VaultList, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    if list.filtering {
        let sign = Rect {
            width: area.width.min(3),
            ..area
        };
        let field = Rect {
            x: area.x + sign.width,
            width: area.width - sign.width,
            ..area
        };
        frame.render_widget(Line::styled(" / ", look.theme.accent), sign);
        typed::draw(&list.filter, frame, field, look);
        let help = fields::help(list, known);
        draw_help(help, list.filter.text().as_ref(), frame, field, known);
        return;
    }
    let text = list.filter.text();
    if text.trim().is_empty() {
        draw_listed(frame, area, known);
        return;
    }
    let (text, count) = (shown(text.trim()), list.count());
    let clears = key(Action::Back, known);
    let fine = format!(" / {text}   {count} shown; {clears} clears");
    let bad = list.stray.map(fields::has_no);
    let bad = bad.map(|why| format!(" / {text}   {count} shown without that: {why}"));
    let style = filter_style(bad.is_some(), known);
    let text = bad.unwrap_or(fine);
    let text = cut_end(&text, usize::from(area.width));
    frame.render_widget(Line::styled(text, style), area);
}

/// The columns: those of text as wide as what they hold.
fn columns(list: &VaultList, known: &Known) -> Vec<Column> {
    let vaults = known.catalog.store.vaults();
    let widest = |column: usize, least: u16, most: u16| {
        let rows = list.shown.iter();
        let texts = rows.flat_map(|(row, _)| searched(&vaults[*row]));
        let texts = texts.filter(|cell| cell.column == column);
        let widths = texts.filter_map(|cell| u16::try_from(cells(&cell.forms[0].text)).ok());
        widths.max().unwrap_or(least).clamp(least, most)
    };
    let column = |title, cut, widths: (u16, u16), priority| Column {
        title,
        align: Align::Left,
        cut,
        min: widths.0,
        wanted: widths.1,
        flex: false,
        priority,
    };
    vec![
        column("VAULT", Cut::Middle, (16, widest(VAULT, 16, 50)), 0),
        column("TYPE", Cut::End, (10, 14), 3),
        column("LOCK", Cut::End, (11, widest(LOCK, 11, 30)), 0),
        column("RETENTION", Cut::End, (11, 13), 2),
        Column {
            align: Align::Right,
            ..column("POINTS", Cut::End, (7, 7), 0)
        },
        column("REGION", Cut::End, (9, 14), 1),
        column("ACCOUNT", Cut::Never, (12, 12), 4),
        column("KEY", Cut::Middle, (20, 60), 5),
    ]
}

fn draw_table(list: &VaultList, frame: &mut Frame, area: Rect, known: &Known) {
    let columns = columns(list, known);
    let failures = failure_lines(known);
    let table = WindowedTable {
        columns: &columns,
        total: list.shown.len(),
        row: &|n| {
            let row = list.shown.get(n);
            row.map_or_else(Vec::new, |(row, hits)| cells_of(*row, hits, known))
        },
        top: list.top,
        cursor: Some(list.at),
        sort: Some(sort(list)),
        empty: &empty(list, known),
        failures: Failures {
            lines: &failures,
            retry: &key(Action::Retry, known),
            why: &key(Action::Log, known),
        },
        aside: 0,
        look: &known.settings.look,
    };
    frame.render_widget(&table, area);
}

fn sort(list: &VaultList) -> Sort {
    let (column, descending) = match list.sort {
        VaultSort::Name => (VAULT, false),
        VaultSort::Lock => (LOCK, false),
        VaultSort::Points => (POINTS, true),
        VaultSort::Place => (REGION, false),
    };
    Sort {
        column,
        descending: descending != list.reversed,
    }
}

fn cells_of(row: VaultRow, hits: &[Hit], known: &Known) -> Vec<Cell> {
    let theme = &known.settings.look.theme;
    let store = &known.catalog.store;
    let vault = &store.vaults()[row];
    let gone = store.is_vault_gone(row);
    let style = if gone { theme.dim } else { theme.text };
    let mut texts = vec![String::new(); 8];
    texts[RETENTION] = vault.retention();
    texts[POINTS] = if gone {
        "gone".to_owned()
    } else {
        vault.points.to_string()
    };
    texts[7] = vault
        .kms_key
        .as_deref()
        .map_or_else(|| "AWS's own".to_owned(), shown);
    let mut line: Vec<Cell> = texts
        .into_iter()
        .map(|text| Cell::new(text).styled(style))
        .collect();
    for cell in searched(vault) {
        let hit = hits.iter().find(|hit| hit.column == cell.column);
        let form = &cell.forms[hit.map_or(0, |hit| hit.form)];
        let positions = hit.map(|hit| hit.positions.clone());
        line[cell.column] = Cell::new(form.text.clone())
            .styled(style)
            .hits(positions.unwrap_or_default());
    }
    line
}

/// Below the list: who can take back that the points of the vault under the cursor stay.
fn draw_panel(row: VaultRow, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let width = usize::from(area.width);
    let vault = &known.catalog.store.vaults()[row];
    let arn = shown(&vault.arn);
    let name = shown(&vault.name);
    let name = cut_middle(&name, width / 2);
    let room = width.saturating_sub(cells(&name) + 3);
    let mut lines = vec![
        rule(width, look),
        Line::from(vec![
            Span::styled(format!(" {name}"), look.theme.strong),
            Span::styled(format!("  {}", cut_middle(&arn, room)), look.theme.dim),
        ]),
    ];
    lines.extend(facts(vault, known, width));
    lines.truncate(usize::from(area.height));
    frame.render_widget(Paragraph::new(lines), area);
}

/// Returns what is said in place of rows: why there are none, and what to do about it.
fn empty(list: &VaultList, known: &Known) -> String {
    let again = key(Action::Retry, known);
    if !list.filter.text().trim().is_empty() && list.all > 0 {
        let clears = key(Action::Back, known);
        return format!("No vault fits the filter: {clears} clears it.");
    }
    if known.catalog.is_growing() {
        return "Looking for vaults…".to_owned();
    }
    if known.catalog.failures.is_empty() {
        return format!(
            "There are no vaults of AWS Backup in these places. {again} asks again; {} picks other profiles and \
             Regions.",
            key(Action::Profiles, known)
        );
    }
    format!("No vaults were found; what failed stands below, and {again} asks again.")
}

fn key(action: Action, known: &Known) -> String {
    known.key(action, &[Context::List, Context::Global])
}
