//! Draws a resource: who it is, its timeline, and its points by place.
//! It draws what is known and changes nothing.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::catalog::store::{GONE, sort_time};
use crate::domain::recovery_point::{DataTime, RecoveryPoint, Tier};
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::width::{Align, Cut, cells, cut, cut_end, padded, wrapped};

use super::detail::{data_from, origin};
use super::{Resource, picture};

/// Rows above the picture: who it is, and a blank one.
const HEAD: usize = 3;
/// The widest terminal in which the list has only what it needs.
const NARROW: usize = 100;

/// Returns how many rows of the list are on the screen.
#[must_use]
pub fn rows(screen: &Resource, known: &Known) -> usize {
    let middle = crate::tui::view::middle(known);
    middle.saturating_sub(HEAD + picture::height(screen) + 2)
}

/// Draws the screen.
pub fn draw(screen: &Resource, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let width = usize::from(area.width);
    let mut lines = head(screen, known, width);
    lines.extend(picture::lines(screen, known, width));
    lines.push(Line::styled(look.signs.rule.repeat(width), look.theme.rule));
    lines.push(titles(known, width));
    let list = list(screen, known, width);
    lines.extend(list.into_iter().skip(screen.top).take(rows(screen, known)));
    frame.render_widget(Paragraph::new(lines), area);
}

/// Who it is, and what is lost with the point under the cursor.
fn head(screen: &Resource, known: &Known, width: usize) -> Vec<Line<'static>> {
    let theme = &known.settings.look.theme;
    let found = &screen.found;
    let name = found
        .name
        .as_ref()
        .map(Untrusted::shown)
        .unwrap_or_default();
    let gone = known.catalog.store.is_gone(found);
    let name = if gone { format!("(gone) {name}") } else { name };
    let on = found.attached_to.as_ref();
    let on = on.map_or(String::new(), |(instance, device)| {
        format!("  on {} {}", shown(instance), shown(device))
    });
    let id = format!("{} {}", found.kind.as_str(), shown(&found.id));
    let rest = format!("  {id}{on}");
    let name = cut_end(&name, width.saturating_sub(cells(&rest) + 2).max(width / 3));
    let first = Line::from(vec![
        Span::styled(format!(" {name}"), theme.strong),
        Span::raw(cut_end(&rest, width.saturating_sub(cells(&name) + 1))),
    ]);
    let place = &found.place;
    let place = format!(" {} {}", place.account, place.region);
    vec![
        first,
        verdict(screen, known, &place, width),
        Line::default(),
    ]
}

fn verdict(screen: &Resource, known: &Known, place: &str, width: usize) -> Line<'static> {
    let theme = &known.settings.look.theme;
    let (text, style) = match (screen.point(), known.incident) {
        (None, _) => ("no recovery points".to_owned(), theme.danger),
        (Some(point), None) => {
            let age = known
                .now
                .duration_since(sort_time(point))
                .max(SignedDuration::ZERO);
            (
                format!("{} · {} old", shown(&point.id), words::span(age)),
                theme.text,
            )
        }
        (Some(point), Some(incident)) => {
            let lost = incident.duration_since(sort_time(point));
            if lost.is_positive() {
                (
                    format!("{} · data lost: {}", shown(&point.id), span_of(point, lost)),
                    theme.accent,
                )
            } else {
                (
                    format!("{} · taken after the incident", shown(&point.id)),
                    theme.danger,
                )
            }
        }
    };
    let text = known.settings.look.signs.text(&text).into_owned();
    let room = width.saturating_sub(cells(place) + 3);
    Line::from(vec![
        Span::styled(place.to_owned(), theme.dim),
        Span::styled(format!("   {}", cut_end(&text, room)), style),
    ])
}

fn span_of(point: &RecoveryPoint, span: SignedDuration) -> String {
    match point.data_at {
        DataTime::Known(_) => words::span(span),
        DataTime::AtMost(_) => words::at_least(span),
    }
}

/// The parts of a row of the list, with their widths.
fn parts(width: usize) -> Vec<(&'static str, usize, Align)> {
    let mut parts = vec![
        ("POINT", 22, Align::Left),
        ("DATA FROM", 22, Align::Left),
        ("DATA LOST", 10, Align::Right),
        ("STATE", 10, Align::Left),
    ];
    if width > NARROW {
        parts.extend([
            ("SIZE", 9, Align::Right),
            ("ORIGIN", 10, Align::Left),
            ("LOCK", 4, Align::Left),
            ("NAME", width.saturating_sub(103), Align::Left),
        ]);
    }
    parts
}

fn titles(known: &Known, width: usize) -> Line<'static> {
    let lost = if known.incident.is_some() {
        "DATA LOST"
    } else {
        "AGE"
    };
    let title = |(title, room, align): &(&'static str, usize, Align)| {
        let title = if *title == "DATA LOST" { lost } else { title };
        format!("{}  ", padded(title, *room, *align))
    };
    let text: String = parts(width).iter().map(title).collect();
    Line::styled(
        cut_end(&format!("  {text}"), width),
        known.settings.look.theme.title,
    )
}

fn list(screen: &Resource, known: &Known, width: usize) -> Vec<Line<'static>> {
    let theme = &known.settings.look.theme;
    let mut lines = Vec::new();
    let mut above = None;
    for (n, (distance, point)) in screen.points.iter().enumerate() {
        if above != Some(*distance) {
            above = Some(*distance);
            lines.push(Line::styled(format!("  {}", distance.heading()), theme.dim));
        }
        lines.push(row(point, n == screen.at, known, width));
    }
    if lines.is_empty() {
        lines.extend(nothing(known, width));
    }
    lines
}

/// Says that there is no point, and what to do now.
fn nothing(known: &Known, width: usize) -> Vec<Line<'static>> {
    let key = |action| known.key(action, &[Context::Timeline, Context::List, Context::Global]);
    let text = format!(
        "There is no recovery point of this resource in these places. {} asks again, {} goes back; \
         {} shows every snapshot, copies too that do not tell what they are of.",
        key(Action::Retry),
        key(Action::Back),
        key(Action::ViewSnapshots)
    );
    let lines = wrapped(&text, width.saturating_sub(3), 0).into_iter();
    lines
        .map(|line| Line::styled(format!("  {line}"), known.settings.look.theme.dim))
        .collect()
}

fn row(point: &RecoveryPoint, under_cursor: bool, known: &Known, width: usize) -> Line<'static> {
    let look = &known.settings.look;
    let texts = texts(point, known);
    let fitted = parts(width)
        .into_iter()
        .zip(texts)
        .map(|((title, room, align), text)| {
            let how = if title == "POINT" {
                Cut::Never
            } else {
                Cut::End
            };
            format!("{}  ", padded(&cut(&text, room, how), room, align))
        });
    let text: String = fitted.collect();
    let text = padded(
        &look.signs.text(&text),
        width.saturating_sub(2),
        Align::Left,
    );
    let after = known
        .incident
        .is_some_and(|incident| sort_time(point) >= incident);
    let after = after || point.state == GONE;
    let style = match (under_cursor, after) {
        (true, _) => look.theme.selected,
        (false, true) => look.theme.dim,
        (false, false) => Style::default(),
    };
    let bar = if under_cursor { look.signs.bar } else { " " };
    Line::from(vec![
        Span::styled(bar.to_owned(), look.theme.accent),
        Span::styled(format!(" {text}"), style),
    ])
}

fn texts(point: &RecoveryPoint, known: &Known) -> Vec<String> {
    let gone = point.state == GONE;
    let state = match point.tier {
        Tier::Archive if !gone => "archived".to_owned(),
        Tier::Archive | Tier::Standard => shown(&point.state),
    };
    let age = known
        .now
        .duration_since(sort_time(point))
        .max(SignedDuration::ZERO);
    let lost = known
        .incident
        .map(|incident| incident.duration_since(sort_time(point)));
    let lost = match lost {
        None => span_of(point, age),
        Some(lost) if lost.is_positive() => span_of(point, lost),
        Some(_) => "after T".to_owned(),
    };
    vec![
        shown(&point.id),
        data_from(point),
        lost,
        state,
        point.size_bytes.map_or_else(String::new, words::size),
        origin(point.origin).to_owned(),
        point.protection.as_deref().map_or_else(String::new, shown),
        point
            .name
            .as_ref()
            .map_or_else(String::new, Untrusted::shown),
    ]
}
