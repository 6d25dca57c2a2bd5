//! Beside the list, where there is room: all that is known of what is under the cursor, its timeline, and
//! its points, the nearest place first. It draws what is known and decides nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::catalog::store::Point;
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::shown;
use crate::domain::words::short_id;
use crate::tui::known::Known;
use crate::tui::screens::resource::asked::Told;
use crate::tui::screens::resource::{self, Distance, detail};
use crate::tui::theme::Look;
use crate::tui::widgets::prose;
use crate::tui::width::{Align, cut_end, cut_middle, padded, wrapped};

use super::super::rows::{called, name_of};
use super::super::{Browser, Kind, columns};
use super::{cells, panel};

/// Columns of the least terminal that has room for it.
const FROM: u16 = 120;
/// Its columns, with the upright rule: a third, between these.
const WIDTH: (u16, u16) = (40, 64);

/// Returns how many columns it takes; none where the terminal is too narrow for it.
#[must_use]
pub fn width(known: &Known) -> u16 {
    if known.size.0 < FROM {
        return 0;
    }
    (known.size.0 / 3).clamp(WIDTH.0, WIDTH.1)
}

/// Draws it.
pub fn draw(browser: &Browser, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let upright = Rect { width: 1, ..area };
    let rule = vec![Line::styled(look.signs.upright, look.theme.rule); usize::from(area.height)];
    frame.render_widget(Paragraph::new(rule), upright);
    let area = Rect {
        x: area.x + 1,
        width: area.width - 1,
        ..area
    };
    let Some(row) = browser.told(known) else {
        return;
    };
    let width = usize::from(area.width);
    let store = &known.catalog.store;
    let lines = match browser.kind {
        Kind::Resources => of_resource(
            &store.resources()[row],
            known,
            width,
            usize::from(area.height),
        ),
        _points => of_point(store.point(row), known, width),
    };
    frame.render_widget(Paragraph::new(lines), area);
}

fn of_resource(found: &Resource, known: &Known, width: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = head(found, known, width);
    let timeline = panel::timeline(found, None, known, width, usize::MAX);
    if !timeline.is_empty() {
        lines.push(Line::default());
        lines.extend(timeline);
    }
    lines.push(Line::default());
    let room = height.saturating_sub(lines.len());
    lines.extend(points(found, known, width, room));
    lines
}

fn of_point(point: Point<'_>, known: &Known, width: usize) -> Vec<Line<'static>> {
    let store = &known.catalog.store;
    let found = point.resource_row().map(|row| &store.resources()[row]);
    let whole = point.whole();
    let found = found.cloned();
    let found = found.unwrap_or_else(|| resource::stand_in(&whole));
    let mut lines = head(&found, known, width);
    let timeline = panel::timeline(&found, Some(point), known, width, usize::MAX);
    if !timeline.is_empty() {
        lines.push(Line::default());
        lines.extend(timeline);
    }
    lines.push(Line::default());
    let facts = detail::lines(&whole, &found, known, Told::Beside);
    let facts: Vec<&str> = facts
        .iter()
        .map(|line| line.trim_start_matches("# "))
        .collect();
    let facts = facts.join("\n");
    let facts = prose(&facts, width.saturating_sub(1), &known.settings.look);
    lines.extend(facts.into_iter().map(|mut line| {
        line.spans.insert(0, Span::raw(" "));
        line
    }));
    lines
}

/// Who it is: name, kind and id, what it is attached to, and where.
fn head(found: &Resource, known: &Known, width: usize) -> Vec<Line<'static>> {
    let Look { theme, signs } = &known.settings.look;
    let name = called(found, &known.catalog.store);
    let place = &found.place;
    let profile = place.profile.as_deref().map(shown).unwrap_or_default();
    let mut texts = vec![(
        format!("{} {}", found.kind.as_str(), shown(&found.id)),
        theme.text,
    )];
    if let Some((instance, device)) = &found.attached_to {
        let on = known
            .catalog
            .store
            .resource(place, ResourceKind::Instance, instance);
        let on = on
            .filter(|on| on.name.is_some())
            .map(|on| format!("{} ", name_of(on)));
        let on = on.unwrap_or_default();
        texts.push((
            format!("on {on}{} {}", shown(instance), shown(device)),
            theme.text,
        ));
    }
    let place = format!("{profile} {} {}", place.account, place.region);
    texts.push((place.trim().to_owned(), theme.dim));
    let mut lines = vec![Line::styled(
        format!(" {}", cut_end(&signs.text(&name), width.saturating_sub(1))),
        theme.strong,
    )];
    for (text, style) in texts {
        let broken = wrapped(&signs.text(&text), width.saturating_sub(1), 2);
        lines.extend(
            broken
                .into_iter()
                .map(|line| Line::styled(format!(" {line}"), style)),
        );
    }
    lines
}

/// The points of a resource by place, as far as there is room.
fn points(found: &Resource, known: &Known, width: usize, room: usize) -> Vec<Line<'static>> {
    let theme = &known.settings.look.theme;
    let store = &known.catalog.store;
    let best = store.best_before(found, known.incident);
    let best = best.map(|best| best.point);
    let mut above = None;
    let mut lines = Vec::new();
    let points = resource::by_distance(&found.place, store.points_of(found), |point| {
        (point.place(), point.sort_time(), point.id())
    });
    for (distance, point) in points {
        if lines.len() >= room {
            break;
        }
        if above != Some(distance) {
            above = Some(distance);
            lines.push(heading(distance, known, width));
        }
        let is_after = known
            .incident
            .is_some_and(|t| point.data_used(known.incident) >= t);
        let style = if best == Some(point) {
            theme.strong
        } else if is_after || !point.usable() {
            theme.dim
        } else {
            theme.text
        };
        lines.push(row(point, style, known, width));
    }
    lines
}

fn heading(distance: Distance, known: &Known, width: usize) -> Line<'static> {
    let lost = columns::lost(known.incident.is_some());
    let text = format!(
        " {} {} ",
        padded(distance.heading(), WHEN, Align::Left),
        padded(lost, LOST, Align::Right)
    );
    Line::styled(cut_end(&text, width), known.settings.look.theme.title)
}

/// Cells for the instant of a point's data, and for what is lost.
const WHEN: usize = 14;
const LOST: usize = 10;

fn row(point: Point<'_>, style: Style, known: &Known, width: usize) -> Line<'static> {
    let signs = &known.settings.look.signs;
    let when = cells::when(point, known);
    let lost = cells::lost(point, known);
    let room = width.saturating_sub(WHEN + LOST + 4);
    let text = format!(
        " {} {}  {}",
        padded(&signs.text(&when), WHEN, Align::Left),
        padded(&signs.text(&lost), LOST, Align::Right),
        cut_middle(&signs.text(&shown(short_id(point.id()))), room)
    );
    Line::styled(cut_end(&text, width), style)
}
