//! How long the session credentials in use still hold: of all places the soonest to end.
//! It reads what is known and asks nobody; keys that do not expire say nothing.

use std::time::Duration;

use jiff::SignedDuration;
use ratatui::style::Style;

use crate::domain::text::shown;

use super::known::Known;
use super::theme::Theme;
use super::width::cut_end;

/// From here on minutes tell nothing that hours do not.
const HOURS: i64 = 2;
/// Minutes below which it is said wherever there is any room, and below which it is urgent.
const WARN: i64 = 15;
const URGENT: i64 = 5;
/// Cells for the profile where it is not the one that the header names.
const PROFILE: usize = 12;

/// Returns how long the credentials that end first still hold, and whose they are.
fn soonest(known: &Known) -> Option<(SignedDuration, Option<&str>)> {
    let soonest = known.expirations.iter().min_by_key(|(_, at)| **at);
    let (place, at) = soonest?;
    Some((at.duration_since(known.now), place.profile.as_deref()))
}

/// Returns the minutes in words: `token 43 min`.
#[must_use]
pub fn text(known: &Known) -> Option<String> {
    let (left, profile) = soonest(known)?;
    let left = match (left.as_hours(), left.as_mins()) {
        _ if !left.is_positive() => "expired".to_owned(),
        (hours @ HOURS.., _) => format!("{hours} h"),
        (_, 0) => "< 1 min".to_owned(),
        (_, minutes) => format!("{minutes} min"),
    };
    let first = known.catalog.places.first();
    let named = first.and_then(|first| first.place.profile.as_deref());
    Some(match profile {
        Some(other) if profile != named => {
            format!("{} token {left}", cut_end(&shown(other), PROFILE))
        }
        Some(_) | None => format!("token {left}"),
    })
}

/// Tells whether the end is near enough to be said before anything that is merely good to know.
#[must_use]
pub fn is_pressing(known: &Known) -> bool {
    soonest(known).is_some_and(|(left, _)| left.as_mins() < WARN)
}

/// Returns its style: the nearer the end, the louder.
#[must_use]
pub fn style(known: &Known, theme: &Theme) -> Style {
    match soonest(known).map(|(left, _)| left.as_mins()) {
        Some(..URGENT) => theme.danger,
        Some(..WARN) => theme.warning,
        Some(_) | None => theme.dim,
    }
}

/// Returns how long it is until the words change; `None` where they will not.
#[must_use]
pub fn changes_in(known: &Known) -> Option<Duration> {
    let (left, _) = soonest(known)?;
    let shown = match (left.as_hours(), left.as_mins()) {
        (hours @ HOURS.., _) => SignedDuration::from_hours(hours),
        (_, minutes) => SignedDuration::from_mins(minutes),
    };
    // A whole minute is still shown as such: the words change when it is begun.
    let begun = SignedDuration::from_millis(i64::from(!shown.is_zero()));
    left.is_positive()
        .then(|| (left - shown + begun).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::fixtures::{home, model, now};

    fn left(seconds: i64) -> Known {
        let mut known = model(80, 24).known;
        let at = now() + SignedDuration::from_secs(seconds);
        known.expirations.insert(home(), at);
        known
    }

    #[test]
    fn the_minutes_that_are_left_are_told_and_get_louder() {
        let theme = Theme::of(config::Theme::Sixteen);
        for (seconds, words, style_of, pressing) in [
            (43_200, "token 12 h", theme.dim, false),
            (7199, "token 119 min", theme.dim, false),
            (900, "token 15 min", theme.dim, false),
            (899, "token 14 min", theme.warning, true),
            (300, "token 5 min", theme.warning, true),
            (299, "token 4 min", theme.danger, true),
            (59, "token < 1 min", theme.danger, true),
            (0, "token expired", theme.danger, true),
            (-4000, "token expired", theme.danger, true),
        ] {
            let known = left(seconds);
            assert_eq!(text(&known).as_deref(), Some(words), "{seconds}");
            assert_eq!(style(&known, &theme), style_of, "{seconds}");
            assert_eq!(is_pressing(&known), pressing, "{seconds}");
        }
    }

    #[test]
    fn keys_that_do_not_expire_say_nothing() {
        let known = model(80, 24).known;
        assert_eq!(text(&known), None);
        assert_eq!(changes_in(&known), None);
        assert!(!is_pressing(&known));
    }

    #[test]
    fn the_soonest_counts_and_another_profile_is_named() {
        let mut known = left(2580);
        let mut other = home();
        other.profile = Some("acme-disaster-recovery".into());
        let at = now() + SignedDuration::from_mins(9);
        known.expirations.insert(other, at);
        assert_eq!(text(&known).as_deref(), Some("acme-disast… token 9 min"));
        known.catalog.places[0].place.profile = None;
        assert_eq!(text(&known).as_deref(), Some("acme-disast… token 9 min"));
    }

    #[test]
    fn it_is_drawn_again_when_the_words_change_and_not_before() {
        for seconds in [7300, 7200, 125, 120, 119, 60, 59, 1] {
            let wait = changes_in(&left(seconds)).unwrap();
            let then = |wait: Duration| {
                let mut known = left(seconds);
                known.now += wait;
                text(&known)
            };
            assert_ne!(then(wait), then(Duration::ZERO), "{seconds}");
            let before = wait.checked_sub(Duration::from_millis(1)).unwrap();
            assert_eq!(then(before), then(Duration::ZERO), "{seconds}");
        }
        assert_eq!(changes_in(&left(0)), None);
    }
}
