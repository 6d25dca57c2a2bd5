//! Which instant falls into which cell of a timeline, and how its view moves in time.
//! Arithmetic only; every instant that can be written down is taken.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::Lane;
use crate::domain::recovery_point::When;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The shortest and the longest time in view, in milliseconds: a minute, and about a century.
const SPANS: (i64, i64) = (MINUTE, 36_525 * DAY);

/// Cells side by side that stand for a span of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: i64,
    span: i64,
    cells: usize,
}

/// Where an instant falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Before the first cell.
    Earlier,
    /// Into a cell.
    Cell(usize),
    /// After the last cell.
    Later,
}

impl Scale {
    /// Makes a scale of at least one cell. An empty span counts as its first second.
    pub(super) fn new(from: Timestamp, to: Timestamp, cells: usize) -> Self {
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        Self {
            from,
            span: (to - from).max(1000),
            cells: cells.max(1),
        }
    }

    pub(super) fn cells(self) -> usize {
        self.cells
    }

    /// Returns the time that is in view, in seconds, at least one.
    pub(super) fn seconds(self) -> i64 {
        self.span / 1000
    }

    /// Finds the cell of an instant; the end of the view falls into the last one.
    pub(super) fn spot(self, at: Timestamp) -> Spot {
        let passed = at.as_millisecond() - self.from;
        match u128::try_from(passed) {
            Err(_) => Spot::Earlier,
            Ok(_) if passed > self.span => Spot::Later,
            Ok(passed) => {
                let cell = passed * self.cells as u128 / u128::from(self.span.unsigned_abs());
                let cell = usize::try_from(cell).unwrap_or(usize::MAX);
                Spot::Cell(cell.min(self.cells - 1))
            }
        }
    }

    /// Returns the first instant of a cell.
    pub(super) fn start_of(self, cell: usize) -> Timestamp {
        let passed = i128::from(self.span) * cell as i128 / self.cells as i128;
        instant(i128::from(self.from) + passed)
    }

    /// Returns the cells of a window, if any of it is in view.
    pub(super) fn range(self, first: Timestamp, last: Timestamp) -> Option<RangeInclusive<usize>> {
        let start = match self.spot(first) {
            Spot::Earlier => 0,
            Spot::Cell(cell) => cell,
            Spot::Later => return None,
        };
        let end = match self.spot(last) {
            Spot::Earlier => return None,
            Spot::Cell(cell) => cell,
            Spot::Later => self.cells - 1,
        };
        Some(start..=end)
    }
}

/// Which way to zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Half the time.
    In,
    /// Twice the time.
    Out,
}

/// Returns the view after zooming; `centre` stays where it is on the screen. No view is shorter than a
/// minute or longer than a century.
#[must_use]
pub fn zoom(
    from: Timestamp,
    to: Timestamp,
    centre: Timestamp,
    zoom: Zoom,
) -> (Timestamp, Timestamp) {
    let (from, span) = (from.as_millisecond(), span(from, to));
    let wanted = match zoom {
        Zoom::In => span / 2,
        Zoom::Out => span.saturating_mul(2),
    };
    let wanted = wanted.clamp(SPANS.0, SPANS.1);
    let centre = centre.as_millisecond().clamp(from, from + span);
    let before = i128::from(centre - from) * i128::from(wanted) / i128::from(span);
    view(i128::from(centre) - before, wanted)
}

/// Returns the view moved by quarters of its length, back by negative ones.
#[must_use]
pub fn scroll(from: Timestamp, to: Timestamp, quarters: i32) -> (Timestamp, Timestamp) {
    let span = span(from, to);
    let by = i128::from(span) * i128::from(quarters) / 4;
    view(i128::from(from.as_millisecond()) + by, span)
}

/// Returns the view in which every mark and the incident are seen, with some room at both ends; `None` if
/// there is nothing to be seen.
#[must_use]
pub fn whole(lanes: &[Lane], incident: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
    let marks = lanes.iter().flat_map(|lane| &lane.marks);
    let ends = marks.flat_map(|mark| match mark.when {
        When::At { at } => [at, at],
        When::Window { earliest, latest } => [earliest, latest],
    });
    let ends = ends.chain(incident);
    let (first, last) = ends.fold(None, |ends: Option<(Timestamp, Timestamp)>, at| {
        let (first, last) = ends.unwrap_or((at, at));
        Some((first.min(at), last.max(at)))
    })?;
    let margin = ((last.as_millisecond() - first.as_millisecond()) / 20).max(30 * MINUTE);
    let end = |at: Timestamp, by: i64| instant(i128::from(at.as_millisecond()) + i128::from(by));
    Some((end(first, -margin), end(last, margin)))
}

/// Returns the length of a view in milliseconds, at least a second.
fn span(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_millisecond() - from.as_millisecond()).max(1000)
}

/// Returns a view of a length in milliseconds, moved to where there is time.
fn view(from: i128, span: i64) -> (Timestamp, Timestamp) {
    let last = i128::from(Timestamp::MAX.as_millisecond()) - i128::from(span);
    let from = instant(from.min(last));
    let to = instant(i128::from(from.as_millisecond()) + i128::from(span));
    (from, to)
}

/// Returns an instant, or the nearest that can be written down.
fn instant(millisecond: i128) -> Timestamp {
    let (first, last) = (Timestamp::MIN, Timestamp::MAX);
    match i64::try_from(millisecond) {
        Ok(millisecond) if millisecond <= first.as_millisecond() => first,
        Ok(millisecond) => Timestamp::from_millisecond(millisecond).unwrap_or(last),
        Err(_) if millisecond < 0 => first,
        Err(_) => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hour() -> (Timestamp, Timestamp) {
        (at("2026-03-01T02:00:00Z"), at("2026-03-01T03:00:00Z"))
    }

    #[test]
    fn both_ends_of_the_view_are_in_it() {
        let (from, to) = hour();
        let scale = Scale::new(from, to, 60);
        assert_eq!(scale.spot(from), Spot::Cell(0));
        assert_eq!(scale.spot(to), Spot::Cell(59));
        assert_eq!(scale.spot(at("2026-03-01T02:30:00Z")), Spot::Cell(30));
        assert_eq!(scale.spot(at("2026-03-01T01:59:59Z")), Spot::Earlier);
        assert_eq!(scale.spot(at("2026-03-01T03:00:01Z")), Spot::Later);
    }

    #[test]
    fn zooming_keeps_the_centre_where_it_is() {
        let (from, to) = hour();
        let centre = at("2026-03-01T02:15:00Z");
        let closer = zoom(from, to, centre, Zoom::In);
        assert_eq!(closer.0, at("2026-03-01T02:07:30Z"));
        assert_eq!(closer.1, at("2026-03-01T02:37:30Z"));
        assert_eq!(zoom(closer.0, closer.1, centre, Zoom::Out), (from, to));
    }

    #[test]
    fn zooming_ends_at_a_minute_and_at_a_century() {
        for (direction, limit) in [(Zoom::In, SPANS.0), (Zoom::Out, SPANS.1)] {
            let (mut from, mut to) = hour();
            for _ in 0..100 {
                (from, to) = zoom(from, to, from, direction);
            }
            assert_eq!(span(from, to), limit, "{direction:?}");
        }
    }

    #[test]
    fn scrolling_there_and_back_changes_nothing() {
        let (from, to) = hour();
        let later = scroll(from, to, 1);
        assert_eq!(later.0, at("2026-03-01T02:15:00Z"));
        assert_eq!(scroll(later.0, later.1, -1), (from, to));
    }

    #[test]
    fn time_ends_and_no_view_is_lost_there() {
        for quarters in [i32::MIN, i32::MAX] {
            let (mut from, mut to) = (Timestamp::MIN, Timestamp::MAX);
            for _ in 0..3 {
                (from, to) = scroll(from, to, quarters);
                (from, to) = zoom(from, to, Timestamp::MAX, Zoom::Out);
                assert!(from < to, "{from} {to}");
            }
        }
        let scale = Scale::new(Timestamp::MIN, Timestamp::MAX, 10);
        assert_eq!(scale.spot(Timestamp::MAX), Spot::Cell(9));
        assert_eq!(scale.start_of(0), Timestamp::MIN);
    }

    #[test]
    fn a_view_that_is_no_time_at_all_is_a_second() {
        let (from, _) = hour();
        let scale = Scale::new(from, from, 10);
        assert_eq!(scale.spot(from), Spot::Cell(0));
        assert_eq!(scale.seconds(), 1);
    }
}
