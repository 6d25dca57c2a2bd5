//! Below the list: the resource under the cursor, with its timeline in small.
//! It draws what is known and decides nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::catalog::store::{GONE, Point};
use crate::domain::recovery_point::{DataTime, When};
use crate::domain::resource::Resource;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::screens::resource::detail::between;
use crate::tui::screens::resource::picture::{Drawn, lane, lanes};
use crate::tui::screens::resource::standing;
use crate::tui::widgets::rule;
use crate::tui::widgets::timeline::{Cursor, Lane, TimelineView, legend, whole};
use crate::tui::width::{cells, cut_end};

use super::super::rows::{called, name_of, resource_name};
use super::super::{Browser, Kind};
use super::cells::instant;

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
            kind => {
                let point = known.catalog.store.point(row);
                let mut lines = of_point(point, known, width, room);
                if matches!(kind, Kind::Amis | Kind::Windows)
                    && let Some(first) = lines.first_mut()
                {
                    *first = told(point, known, width);
                }
                lines
            }
        });
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Says what the cells of an image or a window have no room for.
fn told(point: Point<'_>, known: &Known, width: usize) -> Line<'static> {
    let look = &known.settings.look;
    let whole = point.whole();
    let of = resource_name(&known.catalog.store, point);
    let place = format!("{} {}", whole.place.account, whole.place.region);
    let what = match whole.when {
        When::Window { earliest, latest } => {
            let ends = between((earliest, latest), whole.data_at, |at| instant(at, known));
            match whole.data_at {
                DataTime::Known(_) => format!("back to any second {ends}"),
                // Shorter, so that there is room to say that the ends are inferred.
                DataTime::AtMost(_) => format!("back {ends}"),
            }
        }
        When::At { .. } => {
            let name = whole.name.as_ref().map(Untrusted::shown);
            format!("{} {}", shown(&whole.id), name.unwrap_or_default())
        }
    };
    let bar = standing::bar(&whole, known).filter(|_| whole.state != GONE);
    let bar = bar.map_or_else(String::new, |bar| format!(" · not usable: {bar}"));
    let of = cut_end(&shown(&of), width / 3);
    let gap = if of.is_empty() { "" } else { "  " };
    let rest = look.signs.text(&format!("{gap}{what}{bar}")).into_owned();
    let room = width.saturating_sub(cells(&of) + 2);
    let far = cells(&rest) + cells(&place) + 2 <= room;
    let place = if far {
        format!("  {place}")
    } else {
        String::new()
    };
    Line::from(vec![
        Span::styled(format!(" {of}"), look.theme.strong),
        Span::raw(cut_end(&rest, room)),
        Span::styled(place, look.theme.dim),
    ])
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
    // What is named by its id is told once.
    let id = if name_of(found) == shown(&found.id) {
        found.kind.as_str().to_owned()
    } else {
        shown(&found.id)
    };
    let rest = format!("  {id}{on}{size}");
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
