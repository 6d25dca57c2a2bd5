//! Draws the picker: a row for each profile with its Regions, who it is once that is known, and how long its
//! login holds; below it what the one under the cursor needs.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::domain::profile::{Profile, Way};
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::effect::Choice;
use crate::tui::known::{FailureOf, Known, PlaceCard, SourceFailure};
use crate::tui::widgets::typed;
use crate::tui::widgets::windowed_table::{Cell, Column, Failures, WindowedTable};
use crate::tui::width::{Align, Cut, wrapped};

use super::super::{below, hinted, panel, titled};
use super::{Picker, Row, name_of, profiles};

/// The most columns, and the rows around the list: border, filter, a blank, titles, and what is said below.
const WIDTH: u16 = 110;
const AROUND: u16 = 8;
/// In fewer columns the hint is told in fewer words.
const NARROW: u16 = 62;
/// Said where nothing is typed.
const NARROWS: &str = "type to narrow the list";
/// Lines for what is said below the list.
const SAID: u16 = 3;

/// Returns how many profiles are in sight at most.
#[must_use]
pub fn height(known: &Known) -> usize {
    usize::from(known.room().1.saturating_sub(AROUND))
}

/// Draws the picker.
pub fn draw(picker: &Picker, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let rows = picker.rows(known);
    let wanted = u16::try_from(rows.len().max(3)).unwrap_or(u16::MAX);
    let area = panel(area, WIDTH, wanted.saturating_add(AROUND));
    let title = format!("Which profiles? {} picked", picker.picked.len());
    let hint = if picker.regions.is_some() {
        "enter takes the Regions, esc goes back"
    } else if area.width < NARROW {
        "space picks, tab Regions, enter lists, esc leaves"
    } else {
        "space picks, tab Regions, enter lists them, esc leaves all"
    };
    let block = Block::bordered()
        .border_style(look.theme.rule)
        .title(titled(&title, look))
        .title_bottom(hinted(hint, look))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    let table = Rect {
        height: inner.height.saturating_sub(SAID + 2),
        ..below(inner, 2)
    };
    draw_rows(picker, &rows, frame, table, known);
    draw_said(picker, &rows, frame, inner, known);
    if picker.regions.is_none() {
        typed::draw(&picker.input, frame, inner, look);
        if picker.input.is_empty() {
            let aside = Rect {
                x: inner.x + inner.width.min(2),
                width: inner.width.saturating_sub(2),
                ..inner
            };
            frame.render_widget(Line::styled(NARROWS, look.theme.dim), aside);
        }
    }
}

fn draw_rows(picker: &Picker, rows: &[Row<'_>], frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let table = WindowedTable {
        columns: &COLUMNS,
        total: rows.len(),
        row: &|n| cells_of(picker, rows[n], known),
        top: picker.top,
        cursor: Some(picker.at),
        sort: None,
        empty: &empty(picker, known),
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

const COLUMNS: [Column; 6] = [
    column("", (3, 3), Cut::Never, 0),
    column("PROFILE", (14, 30), Cut::End, 0),
    column("REGIONS", (9, 20), Cut::End, 0),
    column("ACCOUNT", (12, 12), Cut::Never, 2),
    column("ROLE", (8, 16), Cut::End, 3),
    column("LOGIN", (16, 26), Cut::End, 0),
];

const fn column(title: &'static str, (min, wanted): (u16, u16), cut: Cut, priority: u8) -> Column {
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

fn cells_of(picker: &Picker, row: Row<'_>, known: &Known) -> Vec<Cell> {
    let look = &known.settings.look;
    let profile = profiles(known)
        .iter()
        .find(|one| Some(one.name.as_str()) == row);
    let choice = picker.choice(row);
    let card = card_of(row, known);
    let account = card.map(|card| card.place.account.clone());
    let style = match &account {
        Some(account) if known.is_protected(account) => look.theme.protected,
        Some(_) | None => look.theme.text,
    };
    let role = card.and_then(|card| card.role.rsplit([':', '/']).next());
    let (login, loud) = login(row, profile, known);
    let text = |text: String| Cell::new(look.signs.text(&text).into_owned());
    vec![
        Cell::new(if choice.is_some() { "[x]" } else { "[ ]" }),
        text(shown(name_of(row))),
        text(regions(choice, profile)),
        Cell::new(account.map_or_else(String::new, |one| shown(one.as_str()))).styled(style),
        text(role.map_or_else(String::new, shown)),
        text(login).styled(loud.unwrap_or(look.theme.text)),
    ]
}

/// Returns the Regions of a profile: those that are picked, or its own.
fn regions(choice: Option<&Choice>, profile: Option<&Profile>) -> String {
    let own = || profile.and_then(|one| one.region.as_deref());
    match choice {
        Some(choice) if !choice.regions.is_empty() => shown(&choice.regions.join(" ")),
        Some(_) | None => own().map_or_else(|| "its own".to_owned(), shown),
    }
}

fn card_of<'a>(row: Row<'_>, known: &'a Known) -> Option<&'a PlaceCard> {
    let mut cards = known.catalog.places.iter();
    cards.find(|card| card.place.profile.as_deref() == row)
}

/// Returns why a profile could not be connected to, if that is so.
fn failure_of<'a>(row: Row<'_>, known: &'a Known) -> Option<&'a SourceFailure> {
    let mut failures = known.catalog.failures.iter();
    failures.find(|failure| match &failure.of {
        FailureOf::Profile(profile, _) => profile.as_deref() == row,
        FailureOf::Listings(_) => false,
    })
}

/// Returns when the session in use of a profile ends, the soonest of its places.
fn session_of(row: Row<'_>, known: &Known) -> Option<Timestamp> {
    let of_profile = known.expirations.iter();
    let of_profile = of_profile.filter(|(place, _)| place.profile.as_deref() == row);
    of_profile.map(|(_, at)| *at).min()
}

/// Returns how a profile is logged in and for how long, and a style where that needs somebody.
fn login(row: Row<'_>, profile: Option<&Profile>, known: &Known) -> (String, Option<Style>) {
    let theme = &known.settings.look.theme;
    let needs_login = profile.is_some_and(|one| one.needs_login(known.now));
    if let Some(failure) = failure_of(row, known) {
        let todo = failure.report.todo.first();
        let login = todo.is_some_and(|todo| todo.starts_with("aws sso login"));
        let text = if login || needs_login {
            "needs login"
        } else {
            "failed"
        };
        return (text.to_owned(), Some(theme.warning));
    }
    let session = session_of(row, known).map(|at| format!("session {}", left(at, known)));
    if needs_login {
        return match session {
            // What the login gave goes on until its own end.
            Some(session) => (format!("{session}, then login"), Some(theme.warning)),
            None => ("needs login".to_owned(), Some(theme.warning)),
        };
    }
    let way = profile.map_or_else(
        || match row {
            Some(_) => "not in the AWS files".to_owned(),
            None => "variables, default".to_owned(),
        },
        |profile| way(profile, known),
    );
    (
        session.map_or(way.clone(), |session| format!("{session}, {way}")),
        None,
    )
}

fn way(profile: &Profile, known: &Known) -> String {
    match &profile.way {
        Way::Keys => "keys".to_owned(),
        Way::Sso(Some(session)) if session.renews => "login renews itself".to_owned(),
        Way::Sso(Some(session)) => format!("login {}", left(session.expires, known)),
        Way::Sso(None) => "login".to_owned(),
        Way::Role(source) => format!("role by {}", shown(source)),
        Way::Code => "role, MFA code".to_owned(),
        Way::Program => "a program".to_owned(),
        Way::WebIdentity => "web identity".to_owned(),
        Way::Unknown => "no credentials".to_owned(),
    }
}

/// Returns how long it is until then.
fn left(at: Timestamp, known: &Known) -> String {
    let left = at.duration_since(known.now);
    if left.is_positive() {
        words::span(left)
    } else {
        "over".to_owned()
    }
}

/// Draws what the row under the cursor needs, or the field for its Regions, or why enter was not taken.
fn draw_said(picker: &Picker, rows: &[Row<'_>], frame: &mut Frame, inner: Rect, known: &Known) {
    let look = &known.settings.look;
    let area = below(inner, inner.height.saturating_sub(SAID));
    let width = usize::from(area.width);
    let row = rows.get(picker.at).copied();
    if let (Some(regions), Some(row)) = (&picker.regions, row) {
        let ask = format!(
            "Regions of {}: names, all, or nothing for its own",
            shown(name_of(row))
        );
        frame.render_widget(
            Line::styled(look.signs.text(&ask).into_owned(), look.theme.dim),
            area,
        );
        typed::draw(regions, frame, below(area, 1), look);
        if let Some(why) = &picker.refused {
            let line = Line::styled(look.signs.text(why).into_owned(), look.theme.danger);
            frame.render_widget(line, below(area, 2));
        }
        return;
    }
    let (text, style) = match (&picker.refused, row) {
        (Some(why), _) => (why.clone(), look.theme.danger),
        (None, Some(row)) => (needs(picker, row, known), look.theme.dim),
        (None, None) => (String::new(), look.theme.dim),
    };
    let lines = wrapped(&look.signs.text(&text), width, 2).into_iter();
    let lines = lines.take(usize::from(SAID) - 1);
    let lines: Vec<Line> = lines.map(|line| Line::styled(line, style)).collect();
    frame.render_widget(Paragraph::new(lines), below(area, 1));
}

/// Returns what a profile needs; or who it is, where, and for how long, as far as its row may have cut that.
fn needs(picker: &Picker, row: Row<'_>, known: &Known) -> String {
    if let Some(failure) = failure_of(row, known) {
        return format!("{}: {}", failure.name, failure.report.line());
    }
    let profile = profiles(known)
        .iter()
        .find(|one| Some(one.name.as_str()) == row);
    if profile.is_some_and(|one| one.needs_login(known.now)) {
        return format!("needs a login: {}", login_command(name_of(row)));
    }
    let role = card_of(row, known).map(|card| shown(&card.role));
    let places = regions(picker.choice(row), profile);
    let login = login(row, profile, known).0;
    let told = role.into_iter().chain([places, login]);
    told.collect::<Vec<_>>().join(" · ")
}

/// Returns the command that logs a profile in, as a shell takes it.
fn login_command(profile: &str) -> String {
    let profile = shown(profile);
    let quoted = shlex::try_quote(&profile).unwrap_or_default();
    format!("aws sso login --profile {quoted}")
}

/// Returns what is said where there are no rows.
fn empty(picker: &Picker, known: &Known) -> String {
    match &known.profiles {
        None => "Reading the AWS files…".to_owned(),
        Some(Err(report)) => report.line(),
        Some(Ok(_)) if !picker.input.text().trim().is_empty() => {
            "No profile is called like this: type less.".to_owned()
        }
        Some(Ok(_)) => "The AWS files have no profile (~/.aws/config, ~/.aws/credentials). \
                        aws configure sso makes one that logs in through a browser, aws configure one with keys."
            .to_owned(),
    }
}
