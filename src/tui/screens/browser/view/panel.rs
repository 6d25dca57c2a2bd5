//! Below the list: the resource under the cursor, with its timeline in small.
//! It draws what is known and decides nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::catalog::store::Point;
use crate::domain::resource::Resource;
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::screens::resource::picture::{Drawn, lane, lanes};
use crate::tui::widgets::rule;
use crate::tui::widgets::timeline::{Cursor, Lane, TimelineView, legend, whole};
use crate::tui::width::{cells, cut_end};

use super::super::rows::called;
use super::super::{Browser, Kind};

/// Draws the panel.
pub fn draw(browser: &Browser, frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let width = usize::from(area.width);
    let mut lines = vec![rule(width, look)];
    let room = usize::from(area.height).saturating_sub(1);
    if let Some(row) = browser.told(known) {
        lines.extend(match browser.kind {
            Kind::Resources => of_resource(
                &known.catalog.store.resources()[row],
                None,
                known,
                width,
                room,
            ),
            Kind::Snapshots => of_point(known.catalog.store.point(row), known, width, room),
        });
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn of_point(point: Point<'_>, known: &Known, width: usize, room: usize) -> Vec<Line<'static>> {
    let store = &known.catalog.store;
    let found = point.resource_row().map(|row| &store.resources()[row]);
    if let Some(found) = found {
        return of_resource(found, Some(point), known, width, room);
    }
    let copy = point
        .copy_of()
        .map_or(String::new(), |id| format!(", a copy of {}", shown(id)));
    let text = format!(" {}{copy}", shown(point.id()));
    vec![Line::styled(
        cut_end(&text, width),
        known.settings.look.theme.strong,
    )]
}

fn of_resource(
    found: &Resource,
    cursor: Option<Point<'_>>,
    known: &Known,
    width: usize,
    room: usize,
) -> Vec<Line<'static>> {
    let points = known.catalog.store.points_of(found);
    let mut lines = vec![title(found, &points, known, width)];
    lines.extend(timeline(
        found,
        cursor,
        known,
        width,
        room.saturating_sub(3),
    ));
    lines.truncate(room);
    lines
}

/// Returns the timeline of a resource, with at most so many lanes; nothing where there is none to draw.
pub(super) fn timeline(
    found: &Resource,
    cursor: Option<Point<'_>>,
    known: &Known,
    width: usize,
    lanes_shown: usize,
) -> Vec<Line<'static>> {
    let look = &known.settings.look;
    let points = known.catalog.store.points_of(found);
    let home = &found.place;
    let grouped = lanes(home, points.into_iter().map(Drawn::from));
    let drawn: Vec<Lane> = grouped
        .iter()
        .take(lanes_shown)
        .map(|(place, points)| lane(home, place, points))
        .collect();
    let Some((from, to)) = whole(&drawn, known.incident) else {
        return Vec::new();
    };
    let cursor = cursor.and_then(|point| {
        let lane = grouped
            .iter()
            .position(|(place, _)| *place == point.place())?;
        let mark = grouped[lane]
            .1
            .iter()
            .position(|one| one.id == point.id())?;
        (lane < drawn.len()).then_some(Cursor { lane, mark })
    });
    let view = TimelineView {
        from,
        to,
        lanes: &drawn,
        incident: known.incident,
        cursor,
    };
    let mut lines = view.lines(width, look);
    lines.push(legend(width, look));
    lines
}

fn title(found: &Resource, points: &[Point<'_>], known: &Known, width: usize) -> Line<'static> {
    let theme = &known.settings.look.theme;
    let on = found.attached_to.as_ref();
    let on = on.map_or(String::new(), |(instance, device)| {
        format!("  on {} {}", shown(instance), shown(device))
    });
    let size = points
        .iter()
        .find_map(|point| point.size_bytes())
        .map_or(String::new(), |size| format!("  {}", words::size(size)));
    let rest = format!("  {}{on}{size}", shown(&found.id));
    let name = cut_end(
        &called(found, &known.catalog.store),
        width.saturating_sub(cells(&rest) + 2).max(width / 3),
    );
    let rest = cut_end(&rest, width.saturating_sub(cells(&name) + 1));
    Line::from(vec![
        Span::styled(format!(" {name}"), theme.strong),
        Span::raw(rest),
    ])
}
