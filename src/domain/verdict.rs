//! What is said of a resource that has no best point: the one decision behind every list of resources.
//!
//! That there is nothing from before an incident is a claim, made only where no point can hold such data. Asks nobody.

use jiff::Timestamp;

use super::coverage::Gap;
use super::incident::{Before, Candidate, from_before};
use super::readiness::Readiness;
use super::resource::{Resource, ResourceKind};

/// Why a resource has no best point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An instance is restored from points of its volumes as long as it has none of its own.
    SeeVolumes,
    /// A listing that is under way may still find one.
    UnderWay,
    /// What could hold one was not listed.
    NotListed(Gap),
    /// Everything was listed, and it has no points.
    NoPoints,
    /// So many points that can be used are only known to be no younger than an instant after the incident: their
    /// data may be from before it.
    AgeUnknown(usize),
    /// There are points that may be from before the incident, and AWS restores from none of them.
    NoneUsable,
    /// Every point is from after the incident.
    NoneBefore,
}

impl Verdict {
    /// Decides about a resource for which no best point was found among its points.
    #[must_use]
    pub fn of<P>(
        resource: &Resource,
        gap: Option<Gap>,
        points: impl IntoIterator<Item = Candidate<P>>,
        incident: Option<Timestamp>,
    ) -> Self {
        let points: Vec<(Readiness, Before)> = points
            .into_iter()
            .map(|one| (one.readiness, before(&one, incident)))
            .collect();
        if resource.kind == ResourceKind::Instance && points.is_empty() {
            return Self::SeeVolumes;
        }
        match gap {
            Some(gap) if gap.under_way => return Self::UnderWay,
            Some(gap) if gap.here => return Self::NotListed(gap),
            Some(_) | None => {}
        }
        let of_unknown_age = points.iter().filter(|one| is_of_unknown_age(**one)).count();
        match (of_unknown_age, gap) {
            (0, Some(gap)) => Self::NotListed(gap),
            (0, None) if points.is_empty() => Self::NoPoints,
            (0, None) if points.iter().all(|(_, before)| *before == Before::No) => Self::NoneBefore,
            (0, None) => Self::NoneUsable,
            (count, _) => Self::AgeUnknown(count),
        }
    }

    /// Returns what a cell says.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::SeeVolumes => "see volumes",
            Self::UnderWay => "still listed",
            Self::NotListed(gap) => gap.verdict(),
            Self::NoPoints => "no points",
            Self::AgeUnknown(_) => "not known",
            Self::NoneUsable => "none usable",
            Self::NoneBefore => "none before T",
        }
    }

    /// Returns the name that JSON has for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::SeeVolumes => "see-volumes",
            Self::UnderWay => "under-way",
            Self::NotListed(gap) if gap.here => "not-listed",
            Self::NotListed(_) => "not-listed-elsewhere",
            Self::NoPoints => "no-points",
            Self::AgeUnknown(_) => "age-unknown",
            Self::NoneUsable => "none-usable",
            Self::NoneBefore => "none-before",
        }
    }
}

/// Counts the points that can be used and that may, for all that is known, be from before the incident.
pub fn of_unknown_age<P>(
    points: impl IntoIterator<Item = Candidate<P>>,
    incident: Option<Timestamp>,
) -> usize {
    let points = points.into_iter();
    let told = points.map(|one| (one.readiness, before(&one, incident)));
    told.filter(|one| is_of_unknown_age(*one)).count()
}

fn is_of_unknown_age((readiness, before): (Readiness, Before)) -> bool {
    readiness != Readiness::Never && before == Before::NotKnown
}

/// Without an incident everything counts.
fn before<P>(point: &Candidate<P>, incident: Option<Timestamp>) -> Before {
    incident.map_or(Before::Yes, |incident| {
        from_before(point.when, point.data_at, incident)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::place::Place;
    use crate::domain::readiness::First;
    use crate::domain::recovery_point::{DataTime, When};

    fn at(text: &str) -> Timestamp {
        format!("2026-03-01T{text}Z").parse().unwrap()
    }

    fn of(kind: ResourceKind) -> Resource {
        Resource {
            id: "x".into(),
            kind,
            name: None,
            place: Place {
                profile: None,
                account: "111122223333".into(),
                region: "eu-west-1".into(),
            },
            engine: None,
            exists: true,
            attached_to: None,
            tags: BTreeMap::new(),
        }
    }

    fn candidate(data_at: DataTime, readiness: Readiness) -> Candidate<()> {
        Candidate {
            point: (),
            when: When::At {
                at: data_at.bound(),
            },
            data_at,
            readiness,
        }
    }

    fn said(gap: Option<Gap>, points: &[Candidate<()>]) -> Verdict {
        let points = points.iter().copied();
        Verdict::of(&of(ResourceKind::Volume), gap, points, Some(at("02:14:00")))
    }

    fn gap(here: bool, under_way: bool) -> Gap {
        Gap {
            here,
            under_way,
            not_listed: vec!["ebs-snapshot eu-west-1 failed".to_owned()],
        }
    }

    const AFTER: &str = "02:30:00";
    const BEFORE: &str = "02:00:00";

    #[test]
    fn a_point_that_is_only_bounded_by_an_instant_after_the_incident_may_be_from_before_it() {
        let binned = candidate(
            DataTime::AtMost(at(AFTER)),
            Readiness::After(First::Recover),
        );
        let copy = candidate(DataTime::AtMost(at(AFTER)), Readiness::Now);
        let later = candidate(DataTime::Known(at(AFTER)), Readiness::Now);
        assert_eq!(said(None, &[binned, later, copy]), Verdict::AgeUnknown(2));
        assert_eq!(said(None, &[later]), Verdict::NoneBefore);
        let elsewhere = said(Some(gap(false, false)), &[copy]);
        assert_eq!(elsewhere, Verdict::AgeUnknown(1));
        assert_eq!(elsewhere.words(), "not known");
    }

    #[test]
    fn what_is_from_before_and_cannot_be_used_is_not_said_to_be_missing() {
        let broken = candidate(DataTime::Known(at(BEFORE)), Readiness::Never);
        let later = candidate(DataTime::Known(at(AFTER)), Readiness::Now);
        assert_eq!(said(None, &[broken, later]), Verdict::NoneUsable);
        let of_unknown_age = candidate(DataTime::AtMost(at(AFTER)), Readiness::Never);
        assert_eq!(said(None, &[of_unknown_age]), Verdict::NoneUsable);
        assert_eq!(said(None, &[]), Verdict::NoPoints);
    }

    #[test]
    fn a_window_that_begins_after_the_incident_holds_nothing_from_before() {
        let latest = at("02:40:00");
        let mut window = candidate(DataTime::AtMost(latest), Readiness::Now);
        window.when = When::Window {
            earliest: at(AFTER),
            latest,
        };
        assert_eq!(said(None, &[window]), Verdict::NoneBefore);
    }

    #[test]
    fn what_was_not_listed_keeps_every_other_verdict_back() {
        let later = candidate(DataTime::Known(at(AFTER)), Readiness::Now);
        assert_eq!(said(Some(gap(true, true)), &[later]), Verdict::UnderWay);
        for (here, words) in [(true, "not known"), (false, "none found")] {
            let verdict = said(Some(gap(here, false)), &[later]);
            assert_eq!(verdict.words(), words);
            assert!(matches!(verdict, Verdict::NotListed(_)));
        }
        let none: [Candidate<()>; 0] = [];
        let gap = Some(gap(true, false));
        let instance = Verdict::of(&of(ResourceKind::Instance), gap, none, None);
        assert_eq!(instance, Verdict::SeeVolumes);
    }
}
