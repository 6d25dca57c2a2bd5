//! Recovery points of one resource in time, a lane for each place, with the incident across them.
//!
//! A picture of what it is given: it neither sorts nor judges, but whatever lies after the incident is
//! faint. Times are UTC.

mod axis;
mod scale;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::domain::recovery_point::When;
use crate::tui::theme::{Look, Signs, Theme};
use crate::tui::width::{Align, cells, cut_middle, padded};

pub use scale::{Zoom, scroll, whole, zoom};

use scale::{Scale, Spot};

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A point that can be restored from, or a window.
    Usable,
    /// One that nobody can delete for now.
    Locked,
    /// One that must be retrieved from the archive first.
    Archived,
    /// One that AWS would not restore from: failed, pending, in the Recycle Bin.
    Unusable,
}

/// A point or a window on a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When its data is from.
    pub when: When,
    /// What it stands for.
    pub kind: Kind,
}

/// The points of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Name of the place, fit to be shown.
    pub label: String,
    /// Its points, in any order.
    pub marks: Vec<Mark>,
}

/// A mark, by the number of its lane and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Number of the lane.
    pub lane: usize,
    /// Number of the mark on it.
    pub mark: usize,
}

/// What a timeline shows.
#[derive(Clone, Copy, Debug)]
pub struct TimelineView<'a> {
    /// The first instant in view.
    pub from: Timestamp,
    /// The last instant in view.
    pub to: Timestamp,
    /// The places, from top to bottom.
    pub lanes: &'a [Lane],
    /// When things went wrong.
    pub incident: Option<Timestamp>,
    /// The mark that is selected.
    pub cursor: Option<Cursor>,
}

/// A cell of a lane, and what falls into it.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    points: usize,
    kind: Option<Kind>,
    window: bool,
    /// Whether anything in it lies before the incident and can be restored from.
    useful: bool,
    selected: bool,
}

impl TimelineView<'_> {
    /// Draws the lanes and below them the axis, each as one line of at most `width` cells.
    #[must_use]
    pub fn lines(&self, width: usize, look: &Look) -> Vec<Line<'static>> {
        let labels = self.lanes.iter().map(|lane| cells(&lane.label));
        let label = labels.max().unwrap_or(0).max(axis::ZONE.len());
        let label = label.min(width / 3);
        // In front of the label a bar or a blank, behind it a blank, and an arrow at each end.
        let track = width.saturating_sub(label + 4);
        if track == 0 {
            return Vec::new();
        }
        let scale = Scale::new(self.from, self.to, track);
        let axis = axis::line(scale, self.incident, label, look);
        let drawn = (0..self.lanes.len()).map(|n| self.lane(n, label, scale, look));
        drawn.chain([axis]).collect()
    }

    fn lane(&self, number: usize, label: usize, scale: Scale, look: &Look) -> Line<'static> {
        let Look { theme, signs } = look;
        let is_current = self.cursor.is_some_and(|cursor| cursor.lane == number);
        let (bar, name) = if is_current {
            (signs.bar, theme.strong)
        } else {
            (" ", theme.text)
        };
        let (slots, earlier, later) = self.slots(number, scale);
        let arrow = |is_there, sign| if is_there { sign } else { " " };
        let text = cut_middle(&self.lanes[number].label, label);
        let text = padded(&text, label, Align::Left);
        let mut line = Line::default();
        push(&mut line, bar, theme.accent);
        push(&mut line, &format!("{text} "), name);
        push(&mut line, arrow(earlier, signs.left), theme.accent);
        for (n, slot) in slots.iter().enumerate() {
            let is_incident = self.incident.map(|at| scale.spot(at)) == Some(Spot::Cell(n));
            push(
                &mut line,
                slot.sign(is_incident, signs),
                slot.style(is_incident, theme),
            );
        }
        push(&mut line, arrow(later, signs.right), theme.accent);
        line
    }

    /// Puts the marks of a lane into its cells, and tells whether there are more before and after.
    fn slots(&self, number: usize, scale: Scale) -> (Vec<Slot>, bool, bool) {
        let mut slots = vec![Slot::default(); scale.cells()];
        let (mut earlier, mut later) = (false, false);
        for (n, mark) in self.lanes[number].marks.iter().enumerate() {
            let cursor = Cursor {
                lane: number,
                mark: n,
            };
            let selected = self.cursor == Some(cursor);
            match mark.when {
                When::At { at } => match scale.spot(at) {
                    Spot::Earlier => earlier = true,
                    Spot::Later => later = true,
                    Spot::Cell(cell) => slots[cell].add(mark.kind, self.is_before(at), selected),
                },
                When::Window { earliest, latest } => {
                    earlier |= scale.spot(earliest) == Spot::Earlier;
                    later |= scale.spot(latest) == Spot::Later;
                    self.span(&mut slots, scale, *mark, (earliest, latest), selected);
                }
            }
        }
        (slots, earlier, later)
    }

    /// Draws a window. Where it is selected, the mark is on the second that a restore would take.
    fn span(
        &self,
        slots: &mut [Slot],
        scale: Scale,
        mark: Mark,
        (earliest, latest): (Timestamp, Timestamp),
        selected: bool,
    ) {
        let Some(range) = scale.range(earliest, latest) else {
            return;
        };
        for cell in range {
            slots[cell].window = true;
            slots[cell].useful |=
                mark.kind == Kind::Usable && self.is_before(scale.start_of(cell).max(earliest));
        }
        let second = SignedDuration::from_secs(1);
        let before = self.incident.and_then(|at| at.checked_sub(second).ok());
        let taken = before
            .map_or(latest, |before| before.min(latest))
            .max(earliest);
        if let (true, Spot::Cell(cell)) = (selected, scale.spot(taken)) {
            slots[cell].selected = true;
        }
    }

    fn is_before(&self, at: Timestamp) -> bool {
        self.incident.is_none_or(|incident| at < incident)
    }
}

impl Slot {
    fn add(&mut self, kind: Kind, is_before: bool, selected: bool) {
        self.points += 1;
        self.kind = Some(kind);
        self.useful |= is_before && kind != Kind::Unusable;
        self.selected |= selected;
    }

    fn sign(&self, is_incident: bool, signs: &Signs) -> &'static str {
        const SEVERAL: [&str; 8] = ["2", "3", "4", "5", "6", "7", "8", "9"];
        match (self.points, self.kind) {
            (0, _) | (_, None) if self.window => signs.window,
            (0, _) | (_, None) if is_incident => signs.upright,
            (0, _) | (_, None) => signs.nothing,
            (1, Some(kind)) => sign_of(kind, signs),
            (several, Some(_)) => SEVERAL.get(several - 2).copied().unwrap_or("+"),
        }
    }

    fn style(&self, is_incident: bool, theme: &Theme) -> Style {
        let style = match (self.points > 0, self.window) {
            (false, false) if is_incident => theme.incident,
            (false, false) => theme.rule,
            (_, _) if !self.useful => theme.dim,
            (true, _) => theme.point,
            (false, true) => theme.window,
        };
        if self.selected {
            style.add_modifier(Modifier::REVERSED | Modifier::BOLD)
        } else {
            style
        }
    }
}

const fn sign_of(kind: Kind, signs: &Signs) -> &'static str {
    match kind {
        Kind::Usable => signs.point,
        Kind::Locked => signs.locked,
        Kind::Archived => signs.archived,
        Kind::Unusable => signs.stop,
    }
}

/// Returns what the signs stand for, on one line of at most `width` cells; what does not fit is left out.
#[must_use]
pub fn legend(width: usize, look: &Look) -> Line<'static> {
    let Look { theme, signs } = look;
    let entries = [
        (signs.point, theme.point, "point"),
        (signs.window, theme.window, "window"),
        (signs.locked, theme.point, "locked"),
        (signs.archived, theme.point, "archived"),
        (signs.incident, theme.incident, "incident"),
        (signs.stop, theme.dim, "not usable"),
        ("2", theme.point, "so many"),
    ];
    let mut line = Line::default();
    let mut taken = 0;
    for (sign, style, word) in entries {
        let gap = if taken == 0 { 1 } else { 2 };
        taken += gap + cells(sign) + 1 + word.len();
        if taken > width {
            break;
        }
        push(&mut line, &" ".repeat(gap), theme.text);
        push(&mut line, sign, style);
        push(&mut line, &format!(" {word}"), theme.dim);
    }
    line
}

/// Adds text to a line; a run of one style stays one span.
fn push(line: &mut Line<'static>, text: &str, style: Style) {
    match line.spans.last_mut() {
        Some(last) if last.style == style => last.content.to_mut().push_str(text),
        Some(_) | None => line.spans.push(Span::styled(text.to_owned(), style)),
    }
}
