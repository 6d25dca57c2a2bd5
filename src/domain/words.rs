//! Spans, sizes, instants and signs as a person reads them.
//! Nothing here is meant for JSON.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::plan::Step;
use crate::domain::text::cells;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const GIB: u64 = 1 << 30;

/// Returns a span of time: `< 1 s`, `42 s`, `14 min`, `3 h 14 m`, `3 d 4 h`.
#[must_use]
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        ..=1 => "< 1 s".to_owned(),
        2..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h {} m", seconds / HOUR, seconds % HOUR / MINUTE),
        DAY.. => format!("{} d {} h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// Returns a span of time to the second: `12 s`, `3 min 54 s`, `1 h 02 min`.
#[must_use]
pub fn exactly(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min {:02} s", seconds / MINUTE, seconds % MINUTE),
        HOUR.. => format!("{} h {:02} min", seconds / HOUR, seconds % HOUR / MINUTE),
    }
}

/// Returns a span of time as a running clock: `00:06`, `02:10`, `1:02:10`.
#[must_use]
pub fn ticking(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (minutes, rest) = (seconds % HOUR / MINUTE, seconds % MINUTE);
    match seconds / HOUR {
        0 => format!("{minutes:02}:{rest:02}"),
        hours => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

/// Says that what is restored may have the damage in it; `None` where its instant is from before the incident at T.
#[must_use]
pub fn not_before(at: Timestamp, incident: Timestamp) -> Option<String> {
    let after = match span(at.duration_since(incident)) {
        _before if at < incident => return None,
        _same if at == incident => "the very second of T".to_owned(),
        after => format!("{after} after T"),
    };
    let (at, t) = (instant(at), instant(incident));
    Some(format!("{at} is {after} ({t}): the damage may be in it"))
}

/// Says that a way back leaves alone what a step had found so already, and what that leaves open. Not made harmless.
#[must_use]
pub fn left_as_found(step: &Step) -> String {
    let open = step.if_kept.as_ref();
    let open = open.map_or_else(String::new, |told| format!(". {told}"));
    format!(
        "left as it was found, for that was so before this run came to it: {}{open}",
        step.title
    )
}

/// Returns a span of time that is only estimated: `about 40 s`, `about 2 min`.
#[must_use]
pub fn about(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    if seconds < MINUTE {
        return format!("about {seconds} s");
    }
    format!("about {} min", (seconds + MINUTE / 2) / MINUTE)
}

/// Returns how much is lost; where it may be more, `≥ 14 min`, or that none is known to be lost.
#[must_use]
pub fn loss(lost: SignedDuration, certain: bool) -> String {
    bounded(lost, certain, "none known")
}

/// Returns how old data is; where it may be older, `≥ 14 min`, or that nobody knows.
#[must_use]
pub fn age(age: SignedDuration, certain: bool) -> String {
    bounded(age, certain, "not known")
}

/// Returns a span of time. A bound of nothing says nothing.
fn bounded(length: SignedDuration, certain: bool, nothing: &str) -> String {
    match certain {
        true => span(length),
        false if length.as_secs() <= 1 => nothing.to_owned(),
        false => format!("≥ {}", span(length)),
    }
}

/// Returns how long something takes, in its two largest units: `50 s`, `3 min 50 s`, `3 h 14 min`.
#[must_use]
pub fn lasting(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, minutes) if rest == 0 => format!("{minutes} min"),
        (0, 0, minutes) => format!("{minutes} min {rest} s"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Returns what a table shows of an id: of an ARN its last part, which tells one row from another; of anything
/// else all of it.
#[must_use]
pub fn short_id(id: &str) -> &str {
    let last = id.rsplit(['/', ':']).next().unwrap_or(id);
    if id.starts_with("arn:") && !last.is_empty() {
        last
    } else {
        id
    }
}

/// Returns an instant in UTC: `2026-03-01 02:00:00Z`.
#[must_use]
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Returns a time that was given as it was understood: in UTC, its age, and in the local zone.
#[must_use]
pub fn understood(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let mut text = instant(at);
    let age = now.duration_since(at);
    if age.is_negative() {
        let _ = write!(text, " · in {}", span(-age));
    } else {
        let _ = write!(text, " · {} ago", span(age));
    }
    if let Some(name) = zone.iana_name().filter(|name| *name != "UTC") {
        let local = at.to_zoned(zone.clone());
        let _ = write!(text, " · {} {name}", local.strftime("%H:%M:%S"));
    }
    text
}

/// Returns a size in GiB; one that is much smaller in the unit that fits.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = [
        (1 << 10, "B", 1),
        (1 << 20, "KiB", 1 << 10),
        (GIB / 10, "MiB", 1 << 20),
    ];
    if let Some((_, unit, of_one)) = units.into_iter().find(|(end, _, _)| bytes < *end) {
        return format!("{} {unit}", bytes.div_ceil(of_one));
    }
    if bytes.is_multiple_of(GIB) {
        return format!("{} GiB", bytes / GIB);
    }
    let tenths = bytes / (GIB / 10);
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

/// Breaks a line at its blanks so that no part is wider than `width` cells, further parts indented.
/// Words are never broken: ids are copied whole.
#[must_use]
pub fn broken(line: &str, indent: usize, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else {
        return vec![line.to_owned()];
    };
    let mut lines = vec![String::new()];
    let mut empty = true;
    for word in line.split_inclusive(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if !empty && cells(last) + cells(word.trim_end()) > width {
            last.truncate(last.trim_end().len());
            lines.push(" ".repeat(indent.min(width / 2)));
            empty = true;
        }
        let blank = word.trim_end().is_empty();
        if blank && empty && lines.len() > 1 {
            continue;
        }
        empty &= blank;
        lines
            .last_mut()
            .expect("there is always a line")
            .push_str(word);
    }
    if let Some(last) = lines.last_mut() {
        last.truncate(last.trim_end().len());
    }
    lines
}

/// Replaces every sign outside ASCII, for terminals that cannot show more.
#[must_use]
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '…' => out.push_str(".."),
            '—' | '·' => out.push('-'),
            '←' => out.push_str("<-"),
            '→' => out.push_str("->"),
            '“' | '”' => out.push('"'),
            '‹' => out.push('<'),
            '›' => out.push('>'),
            '✔' => out.push('+'),
            '✘' => out.push('x'),
            c if c.is_ascii() => out.push(c),
            _other => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_before_the_incident_is_free_of_it() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let t = at("2026-03-10T14:05:00Z");
        assert_eq!(not_before(at("2026-03-10T14:04:59Z"), t), None);
        let same = not_before(t, t).unwrap();
        assert!(same.contains("is the very second of T ("), "{same}");
        let after = not_before(at("2026-03-10T14:19:00Z"), t).unwrap();
        assert!(after.contains("is 14 min after T ("), "{after}");
        assert!(after.ends_with("the damage may be in it"), "{after}");
    }

    #[test]
    fn a_bound_of_nothing_is_no_figure() {
        let seconds = SignedDuration::from_secs;
        assert_eq!(loss(seconds(0), true), "< 1 s");
        assert_eq!(loss(seconds(0), false), "none known");
        assert_eq!(loss(seconds(840), false), "≥ 14 min");
        assert_eq!(age(seconds(1), false), "not known");
        assert_eq!(age(seconds(-5), true), "< 1 s");
    }

    #[test]
    fn of_an_arn_a_table_shows_the_last_part_and_of_another_id_all_of_it() {
        let backup = "arn:aws:dynamodb:eu-west-1:1:table/carts/backup/01773440220000-f6adc162";
        assert_eq!(short_id(backup), "01773440220000-f6adc162");
        let point = "arn:aws:backup:eu-west-1:1:recovery-point:1EB3B5E7";
        assert_eq!(short_id(point), "1EB3B5E7");
        for whole in ["snap-0a1f", "rds:orders-2026-03-14", "a/b", "", "arn:aws:"] {
            assert_eq!(short_id(whole), whole);
        }
    }

    #[test]
    fn spans_are_as_long_as_they_need_to_be() {
        let spans = [
            (0, "< 1 s"),
            (1, "< 1 s"),
            (59, "59 s"),
            (60, "1 min"),
            (14 * MINUTE + 59, "14 min"),
            (3 * HOUR + 14 * MINUTE, "3 h 14 m"),
            (3 * DAY + 4 * HOUR, "3 d 4 h"),
        ];
        for (seconds, text) in spans {
            assert_eq!(span(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_line_is_broken_at_its_blanks_and_words_stay_whole() {
        let line = "  a snap-0123456789abcdef0 b    c";
        let parts = broken(line, 4, Some(12));
        assert_eq!(parts, ["  a", "    snap-0123456789abcdef0", "    b    c"]);
        assert_eq!(broken(line, 4, None), [line]);
        assert_eq!(broken("", 4, Some(12)), [""]);
        for width in 1..40 {
            let joined = broken(line, 2, Some(width)).concat();
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&joined), letters(line), "{width}");
        }
    }

    #[test]
    fn lengths_of_time_read_as_people_say_them() {
        let lengths = [
            (9, "9 s"),
            (230, "3 min 50 s"),
            (840, "14 min"),
            (11_640, "3 h 14 min"),
            (2 * DAY + 2 * HOUR + 2, "2 d 2 h"),
        ];
        for (seconds, text) in lengths {
            assert_eq!(lasting(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn clocks_and_estimates_never_run_backwards() {
        let seconds = SignedDuration::from_secs;
        assert_eq!(exactly(seconds(12)), "12 s");
        assert_eq!(exactly(seconds(234)), "3 min 54 s");
        assert_eq!(exactly(seconds(3720)), "1 h 02 min");
        assert_eq!(ticking(seconds(72)), "01:12");
        assert_eq!(ticking(seconds(3730)), "1:02:10");
        assert_eq!(ticking(seconds(-5)), "00:00");
        assert_eq!(about(seconds(40)), "about 40 s");
        assert_eq!(about(seconds(130)), "about 2 min");
    }

    #[test]
    fn sizes_are_in_gib() {
        assert_eq!(size(200 * GIB), "200 GiB");
        assert_eq!(size(GIB + GIB / 2), "1.5 GiB");
        assert_eq!(size(GIB / 10), "0.1 GiB");
        let small = [
            (0, "0 B"),
            (123, "123 B"),
            (1025, "2 KiB"),
            (3 << 20, "3 MiB"),
        ];
        for (bytes, wanted) in small {
            assert_eq!(size(bytes), wanted);
        }
    }

    #[test]
    fn a_time_is_echoed_in_utc_with_its_age() {
        let at: Timestamp = "2026-03-01T02:14:00Z".parse().unwrap();
        let now: Timestamp = "2026-03-01T02:52:00Z".parse().unwrap();
        let utc = TimeZone::UTC;
        assert_eq!(
            understood(at, now, &utc),
            "2026-03-01 02:14:00Z · 38 min ago"
        );
        assert_eq!(
            understood(now, at, &utc),
            "2026-03-01 02:52:00Z · in 38 min"
        );
    }

    #[test]
    fn ascii_leaves_nothing_else() {
        let text = ascii("≤ 2026 · “Straße” ✔ ‹U+001B› 表 …");
        assert!(text.is_ascii(), "{text}");
        assert!(text.starts_with("<= 2026 - \"Stra?e\" +"), "{text}");
    }
}
