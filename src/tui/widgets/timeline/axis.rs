//! The axis of a timeline: ticks at round times of UTC, as many as can be read, and the incident.
//! The incident outranks a label; no label is cut.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::style::Style;
use ratatui::text::Line;

use super::push;
use super::scale::{Scale, Spot};
use crate::tui::theme::Look;
use crate::tui::width::{Align, padded};

/// Stands where lanes have their labels.
pub(super) const ZONE: &str = "UTC";

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// No month is shorter.
const MONTH: i64 = 28 * DAY;
/// 1970-01-05 was the first Monday of the epoch.
const MONDAY: i64 = 4 * DAY;

/// How far apart ticks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Seconds(i64),
    Months(i64),
}

const STEPS: &[Step] = &[
    Step::Seconds(1),
    Step::Seconds(5),
    Step::Seconds(10),
    Step::Seconds(30),
    Step::Seconds(60),
    Step::Seconds(5 * 60),
    Step::Seconds(10 * 60),
    Step::Seconds(15 * 60),
    Step::Seconds(30 * 60),
    Step::Seconds(HOUR),
    Step::Seconds(2 * HOUR),
    Step::Seconds(3 * HOUR),
    Step::Seconds(6 * HOUR),
    Step::Seconds(12 * HOUR),
    Step::Seconds(DAY),
    Step::Seconds(2 * DAY),
    Step::Seconds(7 * DAY),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(1200),
];

impl Step {
    fn seconds(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Months(months) => months * MONTH,
        }
    }

    /// Returns the cells from one tick to the next that its labels need.
    fn room(self) -> i64 {
        let longest = match self {
            Self::Seconds(..60) => "02:14:30",
            Self::Seconds(..DAY) => "02:14",
            Self::Seconds(_) => "31 Mar",
            Self::Months(..12) => "Mar 2026",
            Self::Months(_) => "2026",
        };
        i64::try_from(longest.len()).unwrap_or(i64::MAX) + 3
    }

    /// Returns the label of a tick. Midnight is the day that begins.
    fn label(self, at: Timestamp) -> String {
        let form = match self {
            Self::Seconds(..DAY) if at.as_second() % DAY == 0 => "%-d %b",
            Self::Seconds(..60) => "%H:%M:%S",
            Self::Seconds(..DAY) => "%H:%M",
            Self::Seconds(_) => "%-d %b",
            Self::Months(..12) => "%b %Y",
            Self::Months(_) => "%Y",
        };
        at.strftime(form).to_string()
    }

    /// Returns the number of the first tick that is not before an instant.
    fn first(self, from: Timestamp) -> i64 {
        match self {
            Self::Seconds(seconds) => {
                let from = from.as_second() - self.origin();
                from.div_euclid(seconds) + i64::from(from.rem_euclid(seconds) > 0)
            }
            Self::Months(months) => {
                let date = from.to_zoned(TimeZone::UTC).date();
                let month = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
                month.div_euclid(months)
            }
        }
    }

    /// Returns the instant of a tick, unless it lies outside of all time.
    fn tick(self, number: i64) -> Option<Timestamp> {
        match self {
            Self::Seconds(seconds) => {
                Timestamp::from_second(number.checked_mul(seconds)? + self.origin()).ok()
            }
            Self::Months(months) => {
                let month = number.checked_mul(months)?;
                let year = i16::try_from(month.div_euclid(12)).ok()?;
                let month = i8::try_from(month.rem_euclid(12) + 1).ok()?;
                let first = Date::new(year, month, 1).ok()?;
                Some(first.to_zoned(TimeZone::UTC).ok()?.timestamp())
            }
        }
    }

    /// Weeks begin on Mondays, everything else as it does in the epoch.
    fn origin(self) -> i64 {
        if self == Self::Seconds(7 * DAY) {
            MONDAY
        } else {
            0
        }
    }
}

/// Picks the shortest step whose labels do not touch.
fn step(scale: Scale) -> Option<Step> {
    let cells = i128::try_from(scale.cells()).unwrap_or(i128::MAX);
    let fits = |step: &Step| {
        let apart = i128::from(step.seconds()).saturating_mul(cells) / i128::from(scale.seconds());
        apart >= i128::from(step.room())
    };
    STEPS.iter().copied().find(fits)
}

/// Draws the axis below lanes whose labels take `label` cells.
pub(super) fn line(
    scale: Scale,
    incident: Option<Timestamp>,
    label: usize,
    look: &Look,
) -> Line<'static> {
    let theme = &look.theme;
    let mut track: Vec<Option<(String, Style)>> = vec![None; scale.cells()];
    if let Some(at) = incident {
        let (start, text) = flag(scale, at, look);
        put(&mut track, start, &text, theme.incident);
    }
    if let Some(step) = step(scale) {
        let ticks = (step.first(scale.start_of(0))..).map_while(|number| step.tick(number));
        for at in ticks {
            match scale.spot(at) {
                Spot::Earlier => {}
                Spot::Cell(cell) => {
                    let text = format!("{}{}", look.signs.upright, step.label(at));
                    put(&mut track, cell, &text, theme.dim);
                }
                Spot::Later => break,
            }
        }
    }
    let mut line = Line::default();
    let zone = padded(ZONE, label, Align::Left);
    push(&mut line, &format!(" {zone}  "), theme.dim);
    for cell in track {
        let (text, style) = cell.unwrap_or_else(|| (" ".to_owned(), theme.text));
        push(&mut line, &text, style);
    }
    line
}

/// Returns where the incident is named, and how: at its cell, or at the end beyond which it lies.
fn flag(scale: Scale, at: Timestamp, look: &Look) -> (usize, String) {
    let signs = look.signs;
    let last = scale.cells() - 1;
    match scale.spot(at) {
        Spot::Earlier => (0, format!("{} T", signs.left)),
        Spot::Later => (last.saturating_sub(2), format!("T {}", signs.right)),
        Spot::Cell(cell) if cell + 2 > last && cell >= 2 => {
            (cell - 2, format!("T {}", signs.incident))
        }
        Spot::Cell(cell) => (cell, format!("{} T", signs.incident)),
    }
}

/// Writes a text where it fits with a blank around it; the text has characters of one cell only.
fn put(track: &mut [Option<(String, Style)>], start: usize, text: &str, style: Style) {
    let end = start + text.chars().count();
    let around = start.saturating_sub(1)..(end + 1).min(track.len());
    let is_free = track[around.start.min(track.len())..around.end]
        .iter()
        .all(Option::is_none);
    if end > track.len() || !is_free {
        return;
    }
    for (cell, c) in track[start..end].iter_mut().zip(text.chars()) {
        *cell = Some((c.to_string(), style));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::theme::Signs;

    fn axis(from: &str, to: &str, cells: usize, incident: Option<&str>) -> String {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let look = Look::new(config::Theme::Mono, Signs::unicode());
        let scale = Scale::new(at(from), at(to), cells);
        let line = line(scale, incident.map(at), 3, &look).to_string();
        line.trim_end().to_owned()
    }

    #[test]
    fn hours_are_labelled_by_the_clock_and_midnight_by_its_day() {
        let axis = axis("2026-02-28T22:00:00Z", "2026-03-01T03:00:00Z", 50, None);
        assert_eq!(axis, " UTC  │22:00    │23:00    │1 Mar    │01:00    │02:00");
    }

    #[test]
    fn the_incident_outranks_a_label() {
        let (from, to) = ("2026-02-28T22:00:00Z", "2026-03-01T03:00:00Z");
        let axis = axis(from, to, 50, Some("2026-03-01T02:14:00Z"));
        assert_eq!(axis, " UTC  │22:00    │23:00    │1 Mar    │01:00      ▲ T");
    }

    #[test]
    fn an_incident_out_of_view_is_pointed_at() {
        let (from, to) = ("2026-03-01T02:00:00Z", "2026-03-01T03:00:00Z");
        let before = axis(from, to, 20, Some("2026-03-01T01:00:00Z"));
        assert!(before.starts_with(" UTC  ‹ T "), "{before}");
        let after = axis(from, to, 20, Some("2026-03-01T04:00:00Z"));
        assert!(after.ends_with(" T ›"), "{after}");
        let at_the_end = axis(from, to, 20, Some(to));
        assert!(at_the_end.ends_with(" T ▲"), "{at_the_end}");
    }

    #[test]
    fn ticks_are_round_at_every_zoom_and_their_labels_never_touch() {
        let from: Timestamp = "2024-02-29T23:17:41Z".parse().unwrap();
        let mut seconds = 1;
        while seconds < 30_000_000_000 {
            let to = Timestamp::from_second(from.as_second() + seconds).unwrap();
            for cells in [10, 40, 64, 104, 200] {
                let scale = Scale::new(from, to, cells);
                let look = Look::new(config::Theme::Mono, Signs::ascii());
                let line = line(scale, None, 3, &look).to_string();
                assert_eq!(line.len(), cells + 6, "{line:?}");
                let labels: Vec<&str> = line.split('|').skip(1).collect();
                let apart = labels
                    .iter()
                    .rev()
                    .skip(1)
                    .all(|label| label.ends_with(' '));
                assert!(apart, "{seconds} s in {cells}: {line:?}");
                if (60..2_000_000_000).contains(&seconds) && cells >= 40 {
                    assert!(!labels.is_empty(), "{seconds} s in {cells}: {line:?}");
                }
            }
            seconds = seconds * 3 / 2 + 1;
        }
    }

    #[test]
    fn weeks_begin_on_mondays_and_months_on_their_first() {
        let axis_of = |to| axis("2026-02-27T12:00:00Z", to, 60, None);
        let weeks = axis_of("2026-04-15T00:00:00Z");
        assert!(
            weeks.contains("│2 Mar") && weeks.contains("│9 Mar"),
            "{weeks}"
        );
        let months = axis_of("2026-06-15T00:00:00Z");
        assert!(months.contains("│Mar 2026"), "{months}");
        let years = axis_of("2033-08-15T00:00:00Z");
        assert!(years.contains("│2027"), "{years}");
    }

    #[test]
    fn the_ends_of_time_have_an_axis_too() {
        let look = Look::new(config::Theme::Mono, Signs::ascii());
        for cells in [1, 2, 60] {
            let scale = Scale::new(Timestamp::MIN, Timestamp::MAX, cells);
            let line = line(scale, Some(Timestamp::MAX), 3, &look).to_string();
            assert_eq!(line.len(), cells + 6);
        }
    }
}
