//! Draws a resource: who it is, its timeline, and its points by place.
//! It draws what is known and changes nothing.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::catalog::store::GONE;
use crate::domain::incident::data_used;
use crate::domain::readiness::{NOT_USABLE, Readiness};
use crate::domain::recovery_point::{DataTime, RecoveryPoint, Tier, When};
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::view::is_scarce;
use crate::tui::widgets::rule;
use crate::tui::widgets::windowed_table::{Column, widths};
use crate::tui::width::{Align, Cut, cells, cut, cut_end, cut_middle, padded, wrapped};

use super::asked::coming_back;
use super::detail::{data_from, origin};
use super::{Resource, picture, standing};

/// Columns of the list; what is needed most gives way last.
const COLUMNS: [Column; 8] = [
    column("POINT", Cut::Never, 22, 0),
    column("DATA FROM", Cut::End, 22, 0),
    Column {
        align: Align::Right,
        ..column("DATA LOST", Cut::End, 10, 0)
    },
    column("STATE", Cut::End, 10, 1),
    Column {
        align: Align::Right,
        ..column("SIZE", Cut::End, 9, 2)
    },
    column("ORIGIN", Cut::End, 10, 3),
    column("LOCK", Cut::End, 4, 4),
    Column {
        flex: true,
        ..column("NAME", Cut::End, 10, 5)
    },
];

const fn column(title: &'static str, cut: Cut, width: u16, priority: u8) -> Column {
    Column {
        title,
        align: Align::Left,
        cut,
        min: width,
        wanted: width,
        flex: false,
        priority,
    }
}

/// Returns how many rows of the list are on the screen.
#[must_use]
pub fn rows(screen: &Resource, known: &Known) -> usize {
    let middle = crate::tui::view::middle(known);
    // A rule and the titles stand above the list.
    let above = head_rows(known) + picture::height(screen, known) + rule_rows(known) + 1;
    middle.saturating_sub(above)
}

/// Rows above the picture: who it is, the verdict, and a blank one where there is room.
fn head_rows(known: &Known) -> usize {
    if is_scarce(known) { 2 } else { 3 }
}

fn rule_rows(known: &Known) -> usize {
    usize::from(!is_scarce(known))
}

/// Draws the screen.
pub fn draw(screen: &Resource, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let width = usize::from(area.width);
    let mut lines = head(screen, known, width);
    lines.truncate(head_rows(known));
    lines.extend(picture::lines(screen, known, width));
    lines.extend((0..rule_rows(known)).map(|_| rule(width, look)));
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
    let name = match (gone, name.trim().is_empty()) {
        (true, true) => "(gone)".to_owned(),
        (true, false) => format!("(gone) {name}"),
        (false, _) => name,
    };
    let on = found.attached_to.as_ref();
    let on = on.map_or(String::new(), |(instance, device)| {
        format!("  on {} {}", shown(instance), shown(device))
    });
    let id = format!("{} {}", found.kind.as_str(), shown(&found.id));
    let gap = if name.is_empty() { "" } else { "  " };
    let rest = format!("{gap}{id}{on}");
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
    let id = screen
        .point()
        .map_or_else(String::new, |point| shown(words::short_id(&point.id)));
    let (verdict, style) = match (screen.point(), known.incident) {
        (None, _) => match known.catalog.coverage.gap(&screen.found) {
            Some(gap) => (format!("{} ({})", gap.verdict(), gap.why()), theme.warning),
            None => ("no recovery points".to_owned(), theme.danger),
        },
        (Some(point), _) if point.state == GONE => (" · gone".to_owned(), theme.danger),
        (Some(point), _) if !point.usable() => {
            let bar = standing::bar(point, known).unwrap_or_default();
            (format!(" · not usable: {bar}"), theme.danger)
        }
        (Some(point), None) => {
            let age = known
                .now
                .duration_since(data_used(point.when, point.data_at, None))
                .max(SignedDuration::ZERO);
            (format!(" · {} old", words::span(age)), theme.text)
        }
        (Some(point), Some(incident)) => {
            let lost =
                incident.duration_since(data_used(point.when, point.data_at, known.incident));
            if lost.is_positive() {
                let lost = words::loss(lost, is_certain(point));
                (format!(" · data lost: {lost}"), theme.accent)
            } else if matches!(point.data_at, DataTime::AtMost(_)) {
                let text = " · made after the incident, of data of unknown age";
                (text.to_owned(), theme.danger)
            } else {
                (" · taken after the incident".to_owned(), theme.danger)
            }
        }
    };
    let verdict = known.settings.look.signs.text(&verdict).into_owned();
    let fits = cells(place) + 3 + cells(&id) + cells(&verdict) <= width;
    // The header and the headings of the list tell the place too.
    let (place, gap) = if fits { (place, "   ") } else { ("", " ") };
    let room = width.saturating_sub(cells(place) + cells(gap));
    // The verdict is what counts: the id, which the list has whole, gives way.
    let id = cut_middle(&id, room.saturating_sub(cells(&verdict)));
    Line::from(vec![
        Span::styled(place.to_owned(), theme.dim),
        Span::styled(
            format!("{gap}{}", cut_end(&format!("{id}{verdict}"), room)),
            style,
        ),
    ])
}

fn is_certain(point: &RecoveryPoint) -> bool {
    matches!(point.data_at, DataTime::Known(_))
}

/// The columns that there is room for, with their widths.
fn parts(width: usize) -> Vec<(usize, Column, usize)> {
    let room = u16::try_from(width.saturating_sub(2)).unwrap_or(u16::MAX);
    let widths = widths(&COLUMNS, room).into_iter();
    let shown = COLUMNS.into_iter().zip(widths).enumerate();
    shown
        .filter_map(|(n, (column, width))| Some((n, column, usize::from(width?))))
        .collect()
}

fn titles(known: &Known, width: usize) -> Line<'static> {
    let lost = if known.incident.is_some() {
        "DATA LOST"
    } else {
        "AGE"
    };
    let title = |(_, column, room): &(usize, Column, usize)| {
        let title = if column.title == "DATA LOST" {
            lost
        } else {
            column.title
        };
        format!("  {}", padded(title, *room, column.align))
    };
    let text: String = parts(width).iter().map(title).collect();
    Line::styled(cut_end(&text, width), known.settings.look.theme.title)
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
         {} shows every point, copies too that do not tell what they are of.",
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
    let fitted = parts(width).into_iter().map(|(n, column, room)| {
        let text = cut(&look.signs.text(&texts[n]), room, column.cut);
        padded(&text, room, column.align)
    });
    let text: Vec<String> = fitted.collect();
    let text = padded(&text.join("  "), width.saturating_sub(2), Align::Left);
    let after = known
        .incident
        .is_some_and(|incident| data_used(point.when, point.data_at, known.incident) >= incident);
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

/// Returns the instant of a point's data; the year of a window would take the room of its end.
fn from(point: &RecoveryPoint) -> String {
    match (point.when, point.data_at) {
        (When::At { .. }, _) => data_from(point),
        (When::Window { latest, .. }, DataTime::Known(_)) => {
            latest.strftime("any to %m-%d %H:%M:%SZ").to_string()
        }
        // Where it ends is inferred.
        (When::Window { latest, .. }, DataTime::AtMost(_)) => {
            latest.strftime("any ≤ %m-%d %H:%M:%SZ").to_string()
        }
    }
}

fn texts(point: &RecoveryPoint, known: &Known) -> [String; COLUMNS.len()] {
    let gone = point.state == GONE;
    let state = match point.tier {
        Tier::Archive if !gone => standing::archived(point.kind, coming_back(point, known)),
        Tier::Archive | Tier::Standard => shown(&point.state),
    };
    let age = known
        .now
        .duration_since(data_used(point.when, point.data_at, None))
        .max(SignedDuration::ZERO);
    let lost = known.incident.map(|incident| {
        incident.duration_since(data_used(point.when, point.data_at, known.incident))
    });
    let lost = match lost {
        _ if gone => "gone".to_owned(),
        None => words::age(age, is_certain(point)),
        Some(_) if point.readiness() == Readiness::Never => NOT_USABLE.to_owned(),
        Some(lost) if lost.is_positive() => words::loss(lost, is_certain(point)),
        Some(_) if !is_certain(point) => "not known".to_owned(),
        Some(_) => "after T".to_owned(),
    };
    [
        shown(words::short_id(&point.id)),
        from(point),
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
