//! The incident clock: when it went wrong, and the best point before that.
//!
//! A point whose data may be younger than it looks never outranks one that is certain. No clock is read
//! here: whoever asks says what time it is.

use std::cmp::Reverse;

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, Zoned, civil};

use super::readiness::{COLD, First, Readiness};
use super::recovery_point::{DataTime, Origin, When};

/// The best point of a resource and what would be lost by using it.
#[derive(Clone, Copy, Debug)]
pub struct Best<P> {
    /// The point.
    pub point: P,
    /// Data lost, where it can be told.
    pub lost: Option<SignedDuration>,
    /// False where the true loss may be larger.
    pub certain: bool,
    /// True where there is nothing better than defib's own safety snapshot, which was taken of what a
    /// restore was about to replace: it may hold the damage.
    pub safety: bool,
    /// What has to be done first, where nothing is ready.
    pub first: Option<First>,
    /// True where nothing is ready sooner than this, which lies in cold storage.
    pub later: bool,
}

impl<P> Best<P> {
    /// Returns the same choice with the point in another form.
    #[must_use]
    pub fn with<Q>(self, form: impl FnOnce(P) -> Q) -> Best<Q> {
        Best {
            point: form(self.point),
            lost: self.lost,
            certain: self.certain,
            safety: self.safety,
            first: self.first,
            later: self.later,
        }
    }

    /// Returns what is said of a choice beside its id, where a restore does not begin and end as usual.
    #[must_use]
    pub fn words(&self) -> Option<&'static str> {
        let cold = self.later.then_some(COLD);
        self.first.map(First::words).or(cold)
    }
}

/// A point as far as the choice depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<P> {
    /// The point.
    pub point: P,
    /// When it was taken.
    pub when: When,
    /// How old its data is.
    pub data_at: DataTime,
    /// Whether AWS would restore from it.
    pub readiness: Readiness,
}

impl<P> Candidate<P> {
    /// Returns the order in which the choice wants its candidates: windows, then those whose data time is
    /// known, then those for which it is only bounded, and each of these from the youngest to the oldest.
    #[must_use]
    pub fn order(&self) -> (u8, Reverse<Timestamp>) {
        match (self.when, self.data_at) {
            (When::Window { latest, .. }, _) => (0, Reverse(latest)),
            (When::At { .. }, DataTime::Known(at)) => (1, Reverse(at)),
            (When::At { .. }, DataTime::AtMost(at)) => (2, Reverse(at)),
        }
    }
}

/// Picks the best usable point before `incident`: the youngest whose data time is known; one whose
/// data time is only bounded, or a window that is only inferred, wins only if there is no other. Without an incident, the youngest. defib's
/// own safety snapshots, and copies of them, win only where there is nothing else. What lies in cold storage wins only
/// where nothing is ready sooner, and what has to be brought back, copied, enabled or taken out of the Recycle Bin
/// first only where nothing is ready at all.
///
/// The candidates come in their [`Candidate::order`], so that it need not look further than to the first
/// instant that nothing can outrank.
#[must_use]
pub fn best_before<P: Copy>(
    candidates: impl IntoIterator<Item = Candidate<P>>,
    incident: Option<Timestamp>,
    is_safety: impl Fn(P) -> bool,
) -> Option<Best<P>> {
    let mut first = None;
    let never = |one: &Candidate<P>| one.readiness == Readiness::Never;
    let mut best: Option<((Readiness, bool, bool, Timestamp), P)> = None;
    for one in candidates.into_iter().filter(|one| !never(one)) {
        let Some((at, certain)) = data_before(&one, incident) else {
            continue;
        };
        // How long what is to be done takes does not count: the younger data wins.
        let ready = match one.readiness {
            Readiness::After(_) => Readiness::After(First::RestoreTier),
            ready @ (Readiness::Never | Readiness::Later | Readiness::Now) => ready,
        };
        let genuine = !is_safety(one.point);
        let rank = (ready, genuine, certain, at);
        if best.is_none_or(|(known, _)| rank > known) {
            first = match one.readiness {
                Readiness::After(first) => Some(first),
                Readiness::Never | Readiness::Later | Readiness::Now => None,
            };
            best = Some((rank, one.point));
        }
        if ready == Readiness::Now && genuine && matches!(one.when, When::At { .. }) {
            break;
        }
    }
    best.map(|((ready, genuine, certain, at), point)| Best {
        first,
        later: ready == Readiness::Later,
        point,
        lost: incident.map(|incident| incident.duration_since(at)),
        certain,
        safety: !genuine,
    })
}

/// Tells whether a point is a safety snapshot of defib's, or was copied from one; a copy has no tags.
/// `source` finds what a point was copied from.
pub fn is_safety<P: Copy + PartialEq>(
    point: P,
    origin: impl Fn(P) -> Origin,
    source: impl Fn(P) -> Option<P>,
) -> bool {
    let mut seen: Vec<P> = Vec::new();
    let mut next = Some(point);
    while let Some(one) = next.filter(|one| !seen.contains(one)) {
        if origin(one) == Origin::Defib {
            return true;
        }
        next = source(one);
        if next.is_some() {
            seen.push(one);
        }
    }
    false
}

/// Returns the instant of the data that a restore before `incident` would bring back, and whether
/// that is certain.
fn data_before<P>(point: &Candidate<P>, incident: Option<Timestamp>) -> Option<(Timestamp, bool)> {
    let (at, certain) = match (point.when, point.data_at) {
        (When::Window { earliest, latest }, _) => {
            let at = in_window(earliest, latest, incident)?;
            return Some((at, matches!(point.data_at, DataTime::Known(_))));
        }
        (When::At { .. }, DataTime::Known(at)) => (at, true),
        (When::At { .. }, DataTime::AtMost(at)) => (at, false),
    };
    incident
        .is_none_or(|incident| at < incident)
        .then_some((at, certain))
}

/// Returns the second of a window that is gone back to: the last before `incident`.
fn in_window(
    earliest: Timestamp,
    latest: Timestamp,
    incident: Option<Timestamp>,
) -> Option<Timestamp> {
    let second = SignedDuration::from_secs(1);
    let wanted = incident.and_then(|t| t.checked_sub(second).ok());
    let at = wanted.map_or(latest, |wanted| wanted.min(latest));
    (at >= earliest).then_some(at)
}

/// Returns the instant of the data that a restore from a point would bring back: of a window the last second
/// before `incident` if it holds that, and its end otherwise; a bound where the point has no more.
#[must_use]
pub fn data_used(when: When, data_at: DataTime, incident: Option<Timestamp>) -> Timestamp {
    match when {
        When::At { .. } => data_at.bound(),
        When::Window { earliest, latest } => {
            in_window(earliest, latest, incident).unwrap_or(latest)
        }
    }
}

/// Whether a point holds data from before an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It does not.
    No,
    /// Its data is only known to be no younger than a later instant.
    NotKnown,
    /// It does; a window does from its first second on.
    Yes,
}

/// Tells whether a point holds data from before an instant.
#[must_use]
pub fn from_before(when: When, data_at: DataTime, before: Timestamp) -> Before {
    let is_before = match when {
        When::At { .. } => data_at.bound() < before,
        When::Window { earliest, .. } => earliest < before,
    };
    match (is_before, when, data_at) {
        (true, ..) => Before::Yes,
        (false, When::At { .. }, DataTime::AtMost(_)) => Before::NotKnown,
        (false, When::At { .. } | When::Window { .. }, _) => Before::No,
    }
}

/// A time that could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TimeError {
    /// No known form.
    #[error(
        "“{0}” is not a time: give one such as 02:14Z, 02:14+02:00 or 2026-03-01T02:14:00Z, or an age such as 38m ago"
    )]
    Unreadable(String),
    /// A clock time or date without a zone.
    #[error("“{0}” has no zone: add Z for UTC or an offset such as +02:00, or say how long ago")]
    NoZone(String),
    /// What has not happened cannot be restored from before.
    #[error("“{0}” is in the future")]
    Future(String),
}

/// Reads a time as the command line takes it: RFC 3339 with `Z` or an offset, a time of day with one, which is
/// the latest past one, or `38m ago`.
///
/// # Errors
/// Fails on anything else, on a time without a zone, and on one that is still to come.
pub fn parse_time(text: &str, now: Timestamp) -> Result<Timestamp, TimeError> {
    let text = text.trim();
    let unreadable = || TimeError::Unreadable(super::text::shown(text));
    if let Some(age) = text.strip_suffix("ago") {
        let age = age_of(age.trim()).ok_or_else(unreadable)?;
        if age.is_negative() {
            return Err(unreadable());
        }
        return now.checked_sub(age).map_err(|_| unreadable());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        if at > now {
            return Err(TimeError::Future(super::text::shown(text)));
        }
        return Ok(at);
    }
    if text.ends_with(']') {
        let named: Zoned = text.parse().map_err(|_| unreadable())?;
        return match named.timestamp() {
            at if at > now => Err(TimeError::Future(super::text::shown(text))),
            at => Ok(at),
        };
    }
    if let Some((time, zone)) = time_of_day_in_zone(text) {
        return latest_past(time, now, &zone).ok_or_else(unreadable);
    }
    let zoneless = text.parse::<civil::DateTime>().is_ok()
        || time_of_day(text).is_some()
        || text.parse::<civil::Date>().is_ok();
    if zoneless {
        Err(TimeError::NoZone(super::text::shown(text)))
    } else {
        Err(unreadable())
    }
}

/// Reads a time as a person types it into the console: as [`parse_time`] does, and also a bare time or
/// date, which counts in `zone`. A bare time of day is the latest past one.
///
/// # Errors
/// [`TimeError`]
pub fn parse_typed(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, TimeError> {
    let text = text.trim();
    let zoneless = match parse_time(text, now) {
        Err(TimeError::NoZone(_)) => text,
        other => return other,
    };
    let unreadable = || TimeError::Unreadable(super::text::shown(text));
    // A date and time also reads as a time alone, so it is tried first.
    if let Ok(day_and_time) = zoneless.parse::<civil::DateTime>() {
        let at = day_and_time.to_zoned(zone.clone());
        return at.map(|at| at.timestamp()).map_err(|_| unreadable());
    }
    let time = time_of_day(zoneless).ok_or_else(unreadable)?;
    latest_past(time, now, zone).ok_or_else(unreadable)
}

/// Reads `38m`, `1h 5m`, `2d`: a day has 24 hours.
fn age_of(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// Reads `02:14`, also as `2:14` and with seconds.
fn time_of_day(text: &str) -> Option<civil::Time> {
    // Of a whole date Jiff would take the time alone, also where there is no such day.
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b":.".contains(&byte))
    {
        return None;
    }
    let short = text.as_bytes().get(1) == Some(&b':');
    let text = if short {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    text.parse().ok()
}

/// Reads `02:14Z` and `02:14+02:00`.
fn time_of_day_in_zone(text: &str) -> Option<(civil::Time, TimeZone)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time_of_day(time.trim_end())?, TimeZone::UTC));
    }
    let sign = text.rfind(['+', '-'])?;
    // Jiff reads an offset as part of a whole instant only.
    let whole = format!("2000-01-01T00:00:00{}", &text[sign..]);
    let whole: jiff::fmt::temporal::Pieces<'_> = jiff::fmt::temporal::Pieces::parse(&whole).ok()?;
    let zone = whole.to_numeric_offset()?;
    Some((time_of_day(text[..sign].trim_end())?, zone.to_time_zone()))
}

/// Returns the last instant at which clocks in a zone showed a time: at the end of summer time they show some twice.
/// A time that they left out at its beginning counts from the time before.
fn latest_past(time: civil::Time, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    let past = |day: civil::Date| {
        let shown = || zone.to_ambiguous_timestamp(day.to_datetime(time));
        let latest = match shown().offset() {
            AmbiguousOffset::Fold { .. } => [shown().later(), shown().earlier()],
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => {
                [shown().compatible(), shown().compatible()]
            }
        };
        let mut latest = latest.into_iter().filter_map(Result::ok);
        latest.find(|at| *at <= now)
    };
    past(today).or_else(|| past(today.yesterday().ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::place::Place;
    use crate::domain::recovery_point::{IN_RECYCLE_BIN, PointKind, RecoveryPoint, Tier};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Chooses among points in any order.
    fn best_before<'a>(
        points: &[&'a RecoveryPoint],
        incident: Option<Timestamp>,
    ) -> Option<Best<&'a RecoveryPoint>> {
        let candidate = |point: &&'a RecoveryPoint| Candidate {
            point: *point,
            when: point.when,
            data_at: point.data_at,
            readiness: point.readiness(),
        };
        let mut candidates: Vec<_> = points.iter().map(candidate).collect();
        candidates.sort_by_key(Candidate::order);
        super::best_before(candidates, incident, |point| {
            let source = |one: &'a RecoveryPoint| {
                let id = one.copy_of.as_ref()?;
                points.iter().copied().find(|other| other.id == *id)
            };
            is_safety(point, |one| one.origin, source)
        })
    }

    fn point(id: &str, taken: &str) -> RecoveryPoint {
        RecoveryPoint {
            id: id.into(),
            kind: PointKind::EbsSnapshot,
            place: Place {
                profile: None,
                account: "111122223333".into(),
                region: "eu-west-1".into(),
            },
            resource: None,
            resource_home: None,
            name: None,
            when: When::At { at: at(taken) },
            data_at: DataTime::Known(at(taken)),
            state: "completed".into(),
            size_bytes: None,
            encrypted: Some(false),
            kms_key: None,
            tier: Tier::Standard,
            protection: None,
            origin: Origin::ByHand,
            copy_of: None,
            vault: None,
            backup_arn: None,
            key_state: None,
            copy_first: false,
            architecture: None,
            face_of: None,
            scan: None,
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn the_youngest_point_before_the_incident_wins() {
        let old = point("old", "2026-03-01T01:00:00Z");
        let good = point("good", "2026-03-01T02:00:00Z");
        let bad = point("bad", "2026-03-01T02:20:00Z");
        let best = best_before(&[&old, &good, &bad], Some(at("2026-03-01T02:14:00Z"))).unwrap();
        assert_eq!(best.point.id, "good");
        assert_eq!(best.lost, Some(SignedDuration::from_mins(14)));
    }

    #[test]
    fn a_copy_does_not_win_over_a_point_whose_data_time_is_known() {
        let known = point("known", "2026-03-01T01:00:00Z");
        let mut copy = point("copy", "2026-03-01T02:00:00Z");
        copy.data_at = DataTime::AtMost(at("2026-03-01T02:00:00Z"));
        let best = best_before(&[&known, &copy], Some(at("2026-03-01T02:14:00Z"))).unwrap();
        assert_eq!(best.point.id, "known");
        let only = best_before(&[&copy], Some(at("2026-03-01T02:14:00Z"))).unwrap();
        assert!(!only.certain);
    }

    #[test]
    fn a_safety_snapshot_wins_only_where_there_is_nothing_else_and_says_so() {
        let good = point("good", "2026-03-01T01:00:00Z");
        let mut bounded = point("bounded", "2026-03-01T01:30:00Z");
        bounded.data_at = DataTime::AtMost(at("2026-03-01T01:30:00Z"));
        let mut safety = point("safety", "2026-03-01T02:00:00Z");
        safety.origin = Origin::Defib;
        let mut copy = point("copy", "2026-03-01T02:05:00Z");
        copy.copy_of = Some("safety".into());
        for incident in [None, Some(at("2026-03-01T02:14:00Z"))] {
            let pick = |points: &[&RecoveryPoint]| {
                let points: Vec<RecoveryPoint> = points.iter().map(|p| (*p).clone()).collect();
                let points: Vec<&RecoveryPoint> = points.iter().collect();
                let best = best_before(&points, incident).unwrap();
                (best.point.id.clone(), best.safety)
            };
            assert_eq!(pick(&[&safety, &good]), ("good".into(), false));
            assert_eq!(pick(&[&safety, &bounded]), ("bounded".into(), false));
            assert_eq!(pick(&[&copy, &good, &safety]), ("good".into(), false));
            assert_eq!(pick(&[&safety]), ("safety".into(), true));
            assert_eq!(pick(&[&copy, &safety]), ("copy".into(), true));
        }
    }

    #[test]
    fn copies_of_each_other_are_no_safety_snapshots() {
        let mut one = point("one", "2026-03-01T01:00:00Z");
        one.copy_of = Some("two".into());
        let mut two = point("two", "2026-03-01T01:00:00Z");
        two.copy_of = Some("one".into());
        assert!(!best_before(&[&one, &two], None).unwrap().safety);
    }

    #[test]
    fn what_is_never_restored_from_never_wins() {
        let mut pending = point("pending", "2026-03-01T02:00:00Z");
        pending.state = "pending".into();
        let mut infected = point("infected", "2026-03-01T02:00:00Z");
        infected.scan = Some("THREATS_FOUND: MALWARE".into());
        let mut locked_out = point("locked out", "2026-03-01T02:00:00Z");
        locked_out.key_state = Some("NotFound".into());
        assert!(best_before(&[&pending, &infected, &locked_out], None).is_none());
    }

    #[test]
    fn what_a_key_or_an_image_has_to_be_enabled_for_is_the_best_where_nothing_is_ready() {
        let mut locked_out = point("locked out", "2026-03-01T02:00:00Z");
        locked_out.key_state = Some("PendingDeletion".into());
        let mut disabled = point("disabled", "2026-03-01T01:00:00Z");
        disabled.kind = PointKind::Ami;
        disabled.state = "disabled".into();
        let ready = point("ready", "2026-02-01T00:00:00Z");
        let pick = |points: &[&RecoveryPoint]| {
            let best = best_before(points, None).unwrap();
            (best.point.id.clone(), best.words())
        };
        let said = |id: &str, words| (id.to_owned(), words);
        let both = [&disabled, &locked_out];
        assert_eq!(pick(&both), said("locked out", Some("key first")));
        assert_eq!(pick(&[&disabled]), said("disabled", Some("disabled")));
        assert_eq!(pick(&[&disabled, &locked_out, &ready]), said("ready", None));
    }

    #[test]
    fn a_stopped_window_that_holds_the_second_before_the_incident_is_to_be_verified() {
        let mut stopped = point("stopped", "2026-03-01T02:00:00Z");
        (stopped.kind, stopped.state) = (PointKind::BackupPoint, "STOPPED".into());
        stopped.when = When::Window {
            earliest: at("2026-02-20T00:00:00Z"),
            latest: at("2026-03-01T03:00:00Z"),
        };
        stopped.data_at = DataTime::AtMost(at("2026-03-01T03:00:00Z"));
        let best = best_before(&[&stopped], Some(at("2026-03-01T02:14:00Z"))).unwrap();
        assert_eq!(best.first, Some(First::Verify));
        assert!(!best.certain);
    }

    #[test]
    fn cold_storage_ranks_below_what_is_ready_and_above_what_is_archived() {
        let mut cold = point("cold", "2026-03-01T02:00:00Z");
        (cold.kind, cold.state) = (PointKind::BackupPoint, "COMPLETED".into());
        cold.tier = Tier::Archive;
        let mut archived = point("archived", "2026-03-01T02:10:00Z");
        archived.tier = Tier::Archive;
        let ready = point("ready", "2026-03-01T01:00:00Z");
        let pick = |points: &[&RecoveryPoint]| {
            let best = best_before(points, Some(at("2026-03-01T02:14:00Z"))).unwrap();
            (best.point.id.clone(), best.words())
        };
        let said = |id: &str, words| (id.to_owned(), words);
        assert_eq!(pick(&[&cold, &archived, &ready]), said("ready", None));
        assert_eq!(pick(&[&cold, &archived]), said("cold", Some("cold")));
    }

    #[test]
    fn what_something_has_to_be_done_for_first_wins_only_where_nothing_is_ready() {
        let mut archived = point("archived", "2026-03-01T02:00:00Z");
        archived.tier = Tier::Archive;
        let mut binned = point("binned", "2026-03-01T02:05:00Z");
        binned.state = IN_RECYCLE_BIN.into();
        binned.data_at = DataTime::AtMost(binned.data_at.bound());
        let mut shared = point("shared", "2026-03-01T01:00:00Z");
        shared.copy_first = true;
        let ready = point("ready", "2026-02-01T00:00:00Z");
        let pick = |points: &[&RecoveryPoint]| {
            let best = best_before(points, Some(at("2026-03-01T02:14:00Z"))).unwrap();
            (best.point.id.clone(), best.first)
        };
        let all = [&archived, &binned, &shared];
        assert_eq!(pick(&all), ("archived".into(), Some(First::RestoreTier)));
        assert_eq!(
            pick(&[&binned, &shared]),
            ("shared".into(), Some(First::Copy))
        );
        assert_eq!(pick(&[&binned]), ("binned".into(), Some(First::Recover)));
        assert_eq!(pick(&[&archived, &ready, &binned]), ("ready".into(), None));
    }

    #[test]
    fn a_window_gives_the_second_before_the_incident() {
        let mut window = point("window", "2026-03-01T01:00:00Z");
        window.when = When::Window {
            earliest: at("2026-03-01T00:00:00Z"),
            latest: at("2026-03-01T03:00:00Z"),
        };
        let best = best_before(&[&window], Some(at("2026-03-01T02:14:00Z"))).unwrap();
        assert_eq!(best.lost, Some(SignedDuration::from_secs(1)));
        assert!(best_before(&[&window], Some(at("2026-02-28T23:00:00Z"))).is_none());
    }

    #[test]
    fn what_is_used_of_a_window_is_the_second_before_the_incident_where_it_holds_that() {
        let mut window = point("window", "2026-03-01T02:00:00Z");
        window.when = When::Window {
            earliest: at("2026-03-01T01:00:00Z"),
            latest: at("2026-03-01T02:00:00Z"),
        };
        let used =
            |incident: Option<&str>| data_used(window.when, window.data_at, incident.map(at));
        let end = at("2026-03-01T02:00:00Z");
        assert_eq!(
            used(Some("2026-03-01T01:30:00Z")),
            at("2026-03-01T01:29:59Z")
        );
        assert_eq!(used(Some("2026-03-01T03:00:00Z")), end);
        assert_eq!(
            used(Some("2026-02-28T23:00:00Z")),
            end,
            "all of it is after"
        );
        assert_eq!(used(None), end);
        let taken = point("taken", "2026-03-01T02:00:00Z");
        assert_eq!(
            data_used(taken.when, taken.data_at, Some(at("2026-03-01T01:30:00Z"))),
            end
        );
    }

    #[test]
    fn a_time_needs_a_zone_or_an_age() {
        let now = at("2026-03-01T02:52:00Z");
        assert_eq!(parse_time("38m ago", now), Ok(at("2026-03-01T02:14:00Z")));
        assert_eq!(
            parse_time("2026-03-01T04:14:00+02:00", now),
            Ok(at("2026-03-01T02:14:00Z"))
        );
        assert!(matches!(
            parse_time("02:14", now),
            Err(TimeError::NoZone(_))
        ));
        let later = parse_time("2026-03-01T02:52:01Z", now);
        assert!(matches!(later, Err(TimeError::Future(_))), "{later:?}");
        assert_eq!(parse_time("2026-03-01T02:52:00Z", now), Ok(now));
        let two_days = parse_time("2d 1h ago", now);
        assert_eq!(two_days, Ok(at("2026-02-27T01:52:00Z")));
        for text in ["yesterday", "-3h ago", "1mo ago", "9999999d ago"] {
            let read = parse_time(text, now);
            assert!(
                matches!(read, Err(TimeError::Unreadable(_))),
                "{text}: {read:?}"
            );
        }
    }

    #[test]
    fn a_day_that_there_is_not_is_refused_and_a_named_zone_honoured() {
        let now = at("2026-03-01T02:52:00Z");
        for text in [
            "9999-12-31T23:59:59Z",
            "-009999-01-01T00:00:00Z",
            "2026-02-30T02:14:00Z",
            "2026-02-30T02:14",
            "2026-02-14T02:17[Foo/Bar]",
        ] {
            for read in [
                parse_time(text, now),
                parse_typed(text, now, &TimeZone::UTC),
            ] {
                assert!(
                    matches!(read, Err(TimeError::Unreadable(_))),
                    "{text}: {read:?}"
                );
            }
        }
        let berlin = parse_typed("2026-02-14T02:17[Europe/Berlin]", now, &TimeZone::UTC);
        assert_eq!(berlin, Ok(at("2026-02-14T01:17:00Z")));
        let later = parse_time("2026-03-14T02:17[Europe/Berlin]", now);
        assert!(matches!(later, Err(TimeError::Future(_))), "{later:?}");
    }

    #[test]
    fn a_time_of_day_with_its_zone_is_the_latest_past_one() {
        let now = at("2026-03-14T00:31:00Z");
        for (text, wanted) in [
            ("00:17Z", "2026-03-14T00:17:00Z"),
            ("0:17z", "2026-03-14T00:17:00Z"),
            ("00:17:30 Z", "2026-03-14T00:17:30Z"),
            ("23:50Z", "2026-03-13T23:50:00Z"),
            ("01:17+01:00", "2026-03-14T00:17:00Z"),
            ("20:17-04:00", "2026-03-14T00:17:00Z"),
            ("9:00+09", "2026-03-14T00:00:00Z"),
        ] {
            assert_eq!(parse_time(text, now), Ok(at(wanted)), "{text}");
        }
        for text in [
            "25:00Z",
            "Z",
            "+01:00",
            "02:14+",
            "02:14+99:00",
            "2:7:1Z",
            "2m",
        ] {
            let read = parse_time(text, now);
            assert!(
                matches!(read, Err(TimeError::Unreadable(_))),
                "{text}: {read:?}"
            );
        }
        for text in ["2:14", "02:14", "02:14:00"] {
            let read = parse_time(text, now);
            assert!(
                matches!(read, Err(TimeError::NoZone(_))),
                "{text}: {read:?}"
            );
        }
    }

    #[test]
    fn of_two_instants_with_the_same_time_the_last_that_has_passed_counts() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (now, text, wanted) in [
            ("2026-10-25T06:00:00Z", "02:30", "2026-10-25T01:30:00Z"),
            ("2026-10-25T01:00:00Z", "02:30", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:10:00Z", "02:30", "2026-10-24T00:30:00Z"),
            ("2026-10-25T06:00:00Z", "01:30", "2026-10-24T23:30:00Z"),
            ("2026-03-29T06:00:00Z", "02:30", "2026-03-29T01:30:00Z"),
        ] {
            let read = parse_typed(text, at(now), &berlin);
            assert_eq!(read, Ok(at(wanted)), "{text} at {now}");
        }
    }

    #[test]
    fn a_bare_time_is_the_latest_past_one_in_the_zone() {
        let now = at("2026-03-14T00:31:00Z");
        let read = |text: &str| parse_typed(text, now, &TimeZone::UTC);
        assert_eq!(read("00:17"), Ok(at("2026-03-14T00:17:00Z")));
        assert_eq!(read("0:17"), Ok(at("2026-03-14T00:17:00Z")));
        assert_eq!(read(" 23:50 "), Ok(at("2026-03-13T23:50:00Z")));
        assert_eq!(read("2026-03-01 02:00"), Ok(at("2026-03-01T02:00:00Z")));
        assert_eq!(read("14m ago"), Ok(at("2026-03-14T00:17:00Z")));
        assert!(matches!(read("25:00"), Err(TimeError::Unreadable(_))));
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        let there = parse_typed("01:17", now, &berlin);
        assert_eq!(there, Ok(at("2026-03-14T00:17:00Z")));
    }
}
