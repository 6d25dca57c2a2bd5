//! Draws the list of runs, and below it what the run under the cursor is and says.
//! What is wrong with the journal stands above; it never hides the runs that were read.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::words::ticking;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::{Known, RunCard};
use crate::tui::screens::run::advice::{KEPT, Said, reported, said};
use crate::tui::screens::run::standing::Standing;
use crate::tui::screens::run::view::rule;
use crate::tui::screens::run::words::{fit, subject_of};
use crate::tui::widgets::windowed_table::{Cell, Column, Failures, WindowedTable};
use crate::tui::width::{Align, Cut, cells, cut_end, wrapped};

use super::RunList;

/// Rows below the list: a rule and what is said of one run.
const DETAIL: usize = 5;
/// Rows from which on there is room for them.
const WITH_DETAIL: usize = 9;
/// The same where there is much room.
const LONG_DETAIL: usize = 10;
const WITH_LONG_DETAIL: usize = 24;

const COLUMNS: [Column; 8] = [
    column("STATE", Cut::End, 14, 14, 0),
    column("WHEN", Cut::End, 6, 6, 4),
    Column {
        flex: true,
        ..column("WHAT", Cut::End, 16, 24, 0)
    },
    column("FROM", Cut::Middle, 11, 22, 6),
    column("ACCOUNT", Cut::End, 12, 12, 1),
    column("REGION", Cut::End, 9, 14, 5),
    Column {
        align: Align::Right,
        ..column("OUTAGE", Cut::End, 6, 7, 2)
    },
    column("RUN", Cut::End, 6, 6, 3),
];

const fn column(title: &'static str, cut: Cut, min: u16, wanted: u16, priority: u8) -> Column {
    Column {
        title,
        align: Align::Left,
        cut,
        min,
        wanted,
        flex: false,
        priority,
    }
}

/// Returns how many runs are in sight.
#[must_use]
pub fn height(known: &Known) -> usize {
    let rows = crate::tui::view::middle(known);
    let width = usize::from(known.room().0);
    let rows = rows.saturating_sub(trouble(known, width).len());
    rows.saturating_sub(1 + detail_rows(rows))
}

fn detail_rows(rows: usize) -> usize {
    match rows {
        WITH_LONG_DETAIL.. => LONG_DETAIL,
        WITH_DETAIL.. => DETAIL,
        _too_few => 0,
    }
}

/// Draws the list.
pub fn draw(list: &RunList, frame: &mut Frame, area: Rect, known: &Known) {
    let width = usize::from(area.width);
    let trouble = trouble(known, width);
    let above = u16::try_from(trouble.len())
        .unwrap_or(u16::MAX)
        .min(area.height);
    frame.render_widget(
        Paragraph::new(trouble),
        Rect {
            height: above,
            ..area
        },
    );
    let rest = Rect {
        y: area.y + above,
        height: area.height - above,
        ..area
    };
    let card = list.card(known);
    let below = card.map_or(0, |_| detail_rows(usize::from(rest.height)));
    let below = u16::try_from(below).unwrap_or(0);
    let table = Rect {
        height: rest.height - below,
        ..rest
    };
    draw_table(list, frame, table, known);
    if let Some(card) = card {
        let area = Rect {
            y: table.y + table.height,
            height: below,
            ..rest
        };
        let lines = detail(card, known, width, usize::from(below));
        frame.render_widget(Paragraph::new(lines), area);
    }
}

fn draw_table(list: &RunList, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let row = |n: usize| {
        let run = list.shown.get(n);
        let card = run.and_then(|run| known.runs.cards.get(run));
        card.map_or_else(Vec::new, |card| row_of(card, known))
    };
    let empty = empty(known);
    let table = WindowedTable {
        columns: &COLUMNS,
        total: list.shown.len(),
        row: &row,
        top: list.top,
        cursor: Some(list.at),
        sort: None,
        empty: &empty,
        failures: Failures {
            lines: &[],
            retry: "",
            why: "",
        },
        aside: 0,
        look,
    };
    frame.render_widget(&table, area);
}

fn row_of(card: &RunCard, known: &Known) -> Vec<Cell> {
    let look = &known.settings.look;
    let state = &card.state;
    let standing = Standing::of(card, known);
    let word = format!("{} {}", standing.sign(look, known.turn()), standing.word());
    let (outage, style) = outage(card, known);
    let account = if known.is_protected(&state.plan.place.account) {
        look.theme.protected
    } else {
        look.theme.text
    };
    vec![
        Cell::new(word).styled(standing.style(&look.theme)),
        Cell::new(when(card, known)).styled(look.theme.dim),
        Cell::new(subject_of(state, known)),
        Cell::new(fit(&state.plan.point.id, known)).styled(look.theme.dim),
        Cell::new(fit(state.plan.place.account.as_str(), known)).styled(account),
        Cell::new(fit(state.plan.place.region.as_str(), known)).styled(look.theme.dim),
        Cell::new(outage).styled(style),
        Cell::new(fit(state.run.tail(), known)).styled(look.theme.dim),
    ]
}

/// Returns the time of day, or the day where it was another one.
fn when(card: &RunCard, known: &Known) -> String {
    let at = card.state.started_at;
    let today = at.strftime("%F").to_string() == known.now.strftime("%F").to_string();
    at.strftime(if today { "%H:%MZ" } else { "%b %d" })
        .to_string()
}

fn outage(card: &RunCard, known: &Known) -> (String, Style) {
    let theme = &known.settings.look.theme;
    let state = &card.state;
    match (state.outage(known.now), state.down_since()) {
        // What became of it is not recorded.
        (Some(_), Some(_)) if card.broken.is_some() => ("?".to_owned(), theme.danger),
        (Some(lasts), Some(_)) => (format!("{}!", ticking(lasts)), theme.danger),
        (_, None) if card.has_lost_events() => ("?".to_owned(), theme.danger),
        (Some(lasted), None) => (ticking(lasted), theme.text),
        (None, _) => ("none".to_owned(), theme.dim),
    }
}

/// Returns what the run under the cursor is, and what it says, in so many rows.
fn detail(card: &RunCard, known: &Known, width: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = &known.settings.look.theme;
    let state = &card.state;
    let place = &state.plan.place;
    let room = width.saturating_sub(2);
    let by = fit(&format!("by {}@{}", state.by.user, state.by.host), known);
    let profile = place.profile.as_deref().unwrap_or_default();
    let place = format!(
        "{profile} {} {}",
        place.account.as_str(),
        place.region.as_str()
    );
    let facts = format!("run {}  {}  {by}", state.run, fit(place.trim(), known));
    let line = |text: &str, style: Style| Line::styled(format!(" {}", cut_end(text, room)), style);
    let mut lines = vec![
        rule("", width, known),
        line(&fit(&state.plan.title, known), theme.strong),
        line(&facts, theme.dim),
    ];
    let says = briefly(said(card, known), rows.saturating_sub(lines.len()), room);
    lines.extend(says.iter().map(|text| line(text, theme.text)));
    lines
}

/// Cuts what a run says to so many lines. What is kept is never left out without a word: where it does not
/// fit one by one, the first is named, and how many more there are.
fn briefly(said: Vec<Said>, rows: usize, room: usize) -> Vec<String> {
    let said = said.into_iter().filter(|one| !one.text.trim().is_empty());
    let (kept, mut others): (Vec<Said>, Vec<Said>) = said.partition(|one| one.label == KEPT);
    let texts = |said: &[Said]| -> Vec<String> {
        let text = |one: &Said| match one.label {
            KEPT => format!("{KEPT}: {}", one.text),
            _plain => one.text.clone(),
        };
        said.iter().map(text).collect()
    };
    let at = others.len().min(1);
    if others.len() + kept.len() <= rows {
        others.splice(at..at, kept);
        return texts(&others);
    }
    let mut lines = texts(&others);
    if let Some((first, more)) = texts(&kept).split_first() {
        let more = match more.len() {
            0 => String::new(),
            more => format!(" +{more}"),
        };
        let first = cut_end(first, room.saturating_sub(cells(&more)));
        lines.insert(at, format!("{first}{more}"));
    }
    lines.truncate(rows);
    lines
}

/// Returns what is wrong with the journal, with a rule below it.
fn trouble(known: &Known, width: usize) -> Vec<Line<'static>> {
    let theme = &known.settings.look.theme;
    let Some(report) = &known.runs.unreadable else {
        return Vec::new();
    };
    let room = width.saturating_sub(8);
    let mut lines = Vec::new();
    for (n, one) in reported(report, "why", known).iter().enumerate() {
        let style = if n == 0 { theme.warning } else { theme.text };
        for (n, text) in wrapped(&one.text, room, 0).into_iter().enumerate() {
            let label = if n == 0 { one.label } else { "" };
            let label = Span::styled(format!(" {label:<6}"), theme.dim);
            lines.push(Line::from(vec![label, Span::styled(text, style)]));
        }
    }
    let again = " ".repeat(7) + "it is tried again by itself";
    lines.push(Line::styled(cut_end(&again, width), theme.dim));
    lines.push(rule("", width, known));
    lines
}

fn empty(known: &Known) -> String {
    let key = |action| known.key(action, &[Context::Runs, Context::List, Context::Global]);
    match (&known.runs.unreadable, known.runs.read) {
        (Some(_), _) => "the runs cannot be read".to_owned(),
        (None, false) => format!("reading the journal {}", known.settings.look.signs.ellipsis),
        (None, true) => format!(
            "no run yet: {} shows the resources; open one, choose a point, and {} starts a restore from it",
            key(Action::ViewResources),
            known.key(Action::Restore, &[Context::List])
        ),
    }
}
