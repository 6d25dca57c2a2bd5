//! Fields that take an instant: what is proposed for a window, and how what is typed is understood.
//!
//! A flow gets the instant itself, so that “14m ago” means the same second at every look.

use jiff::Timestamp;

use crate::domain::incident::{data_used, parse_typed};
use crate::domain::recovery_point::{RecoveryPoint, When};
use crate::domain::words;
use crate::tui::known::Known;

/// Returns the last second before the incident that a window holds; `None` where it holds none, or nobody has said
/// when it went wrong.
pub(super) fn proposed(point: &RecoveryPoint, known: &Known) -> Option<String> {
    let incident = known.incident?;
    if matches!(point.when, When::At { .. }) {
        return None;
    }
    let at = data_used(point.when, point.data_at, Some(incident));
    (at < incident).then(|| whole(at))
}

/// Returns what is typed as an instant in full; as it was typed where it is none, which the flow then says.
pub(super) fn read(typed: &str, known: &Known) -> String {
    let read = parse_typed(typed, known.now, &known.settings.zone);
    read.map_or_else(|_| typed.to_owned(), whole)
}

/// Returns the instant that is typed; `None` where it is none.
pub(super) fn at(typed: &str, known: &Known) -> Option<Timestamp> {
    parse_typed(typed, known.now, &known.settings.zone).ok()
}

/// Says how what is typed is understood, in UTC and in the local zone, or why it is not; and whether it is.
pub(super) fn told(typed: &str, known: &Known) -> (String, bool) {
    match parse_typed(typed, known.now, &known.settings.zone) {
        Ok(at) => (words::understood(at, known.now, &known.settings.zone), true),
        Err(error) => (error.to_string(), false),
    }
}

/// A window is known by the second.
fn whole(at: Timestamp) -> String {
    let second = Timestamp::from_second(at.as_second());
    second.unwrap_or(at).to_string()
}
