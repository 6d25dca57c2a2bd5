//! How far a scan has come: which kinds of points are completely listed in which places.
//!
//! That a resource has no point before an incident is certain only where everything that could hold one was
//! listed: its own place first, and every other, since copies can be anywhere. Asks nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::place::{Home, Place};
use super::recovery_point::PointKind;
use super::resource::Resource;

/// How far the listings of one kind in one place are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Listings {
    under_way: usize,
    failed: usize,
}

/// How far the listings of every place are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    places: BTreeMap<Home, BTreeMap<PointKind, Listings>>,
    /// Profiles, and Regions of them, that were not reached.
    not_reached: BTreeSet<String>,
    /// The kinds whose points are listed, and of which what keeps them is not known.
    unprotected: BTreeSet<(Home, PointKind)>,
}

/// What stands between what was found of a resource and all that there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Whether its own place is not completely listed. Elsewhere only copies can be.
    pub here: bool,
    /// Whether more may come by itself.
    pub under_way: bool,
    /// What was not listed completely, for a person, the nearest first: `rds-snapshot us-east-1 failed`.
    pub not_listed: Vec<String>,
}

impl Gap {
    /// Says why it is not known whether there is more.
    #[must_use]
    pub fn why(&self) -> String {
        let more = self.not_listed.len().saturating_sub(1);
        let first = self.not_listed.first().map_or("", String::as_str);
        match more {
            0 => first.to_owned(),
            more => format!("{first} and {more} more"),
        }
    }

    /// Says that no point was found, as surely as it is known.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        if self.here { "not known" } else { "none found" }
    }
}

impl Coverage {
    /// Takes in that every kind of point is listed in a place; one that is known already stays as it is.
    pub fn begin(&mut self, place: &Place) {
        let kinds = PointKind::ALL.map(|kind| (kind, kind.listings()));
        self.begin_kinds(place, kinds);
    }

    /// Takes in of which kinds there are how many listings in a place.
    pub fn begin_kinds(
        &mut self,
        place: &Place,
        kinds: impl IntoIterator<Item = (PointKind, usize)>,
    ) {
        let listings = |(kind, under_way)| {
            let listings = Listings {
                under_way,
                failed: 0,
            };
            (kind, listings)
        };
        let place = self.places.entry(place.home());
        place.or_insert_with(|| kinds.into_iter().map(listings).collect());
    }

    /// Takes in that a listing came to its end, whether it was complete.
    pub fn ended(&mut self, place: &Place, kind: PointKind, completely: bool) {
        let kinds = self.places.entry(place.home()).or_default();
        let listings = kinds.entry(kind).or_default();
        listings.under_way = listings.under_way.saturating_sub(1);
        listings.failed += usize::from(!completely);
    }

    /// Takes in that a listing failed: with every point, where only what keeps them could not be asked.
    pub fn failed(&mut self, place: &Place, kind: PointKind, failure: &Failure) {
        let whole = failure.leaves_points_whole();
        if whole {
            self.unprotected.insert((place.home(), kind));
        }
        self.ended(place, kind, whole);
    }

    /// Tells whether it is known what keeps points of a kind in a place from being deleted.
    #[must_use]
    pub fn knows_protection(&self, place: &Place, kind: PointKind) -> bool {
        !self.unprotected.contains(&(place.home(), kind))
    }

    /// Takes in that listings of these kinds that have failed in a place begin again, each as often as it
    /// stands there; what else has failed waits.
    pub fn again(&mut self, place: &Place, kinds: &[PointKind]) {
        let Some(known) = self.places.get_mut(&place.home()) else {
            return;
        };
        for kind in kinds {
            let listings = known.entry(*kind).or_default();
            if !self.unprotected.remove(&(place.home(), *kind)) {
                listings.failed = listings.failed.saturating_sub(1);
            }
            listings.under_way += 1;
        }
    }

    /// Takes in that a profile, or a Region of it, was not reached.
    pub fn not_reached(&mut self, name: &str) {
        self.not_reached.insert(name.to_owned());
    }

    /// Takes in that whoever was not reached is asked again.
    pub fn reaches_again(&mut self) {
        self.not_reached.clear();
    }

    /// Tells whether everything was completely listed in a place.
    #[must_use]
    pub fn is_whole(&self, place: &Place) -> bool {
        let kinds = self.places.get(&place.home());
        kinds.is_some_and(|kinds| kinds.values().all(|one| *one == Listings::default()))
    }

    /// Tells what may be missing of a resource; `None` where all that there can be of it was listed.
    #[must_use]
    pub fn gap(&self, resource: &Resource) -> Option<Gap> {
        let home = resource.place.home();
        let kinds = PointKind::of(resource.kind);
        let mut not_listed = Vec::new();
        let mut under_way = false;
        let own = self.places.get(&home);
        if own.is_none() {
            not_listed.push(format!("{} {} is not listed", home.region, home.account));
        }
        let others = self.places.iter().filter(|(place, _)| **place != home);
        let own = own.map(|listings| (&home, listings)).into_iter();
        let mut here = not_listed.len();
        for (nth, (place, listings)) in own.chain(others).enumerate() {
            for kind in kinds {
                let Some(one) = listings
                    .get(kind)
                    .filter(|one| **one != Listings::default())
                else {
                    continue;
                };
                under_way |= one.under_way > 0;
                not_listed.push(said(*kind, place, &home, *one));
            }
            if nth == 0 && *place == home {
                here = not_listed.len();
            }
        }
        let unreached = self.not_reached.iter();
        not_listed.extend(unreached.map(|name| format!("{name} was not reached")));
        (!not_listed.is_empty()).then_some(Gap {
            here: here > 0,
            under_way,
            not_listed,
        })
    }
}

fn said(kind: PointKind, place: &Home, home: &Home, listings: Listings) -> String {
    let Home { account, region } = place;
    let what = if listings.failed > 0 {
        "failed"
    } else {
        "is still listed"
    };
    let kind = kind.as_str();
    if *account == home.account {
        format!("{kind} {region} {what}")
    } else {
        format!("{kind} {region} {account} {what}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Effect, FailureClass};
    use crate::domain::resource::ResourceKind;

    fn place(account: &str, region: &str) -> Place {
        Place {
            profile: None,
            account: account.into(),
            region: region.into(),
        }
    }

    fn of(kind: ResourceKind, place: &Place) -> Resource {
        Resource {
            id: "x".into(),
            kind,
            name: None,
            place: place.clone(),
            engine: None,
            exists: true,
            attached_to: None,
            tags: BTreeMap::new(),
        }
    }

    fn end(coverage: &mut Coverage, place: &Place, failing: Option<PointKind>) {
        for kind in PointKind::ALL {
            for _listing in 0..kind.listings() {
                coverage.ended(place, kind, failing != Some(kind));
            }
        }
    }

    #[test]
    fn what_failed_in_its_own_place_leaves_a_resource_unknown_and_no_other_kind() {
        let here = place("111122223333", "eu-west-1");
        let mut coverage = Coverage::default();
        coverage.begin(&here);
        end(&mut coverage, &here, Some(PointKind::RdsSnapshot));
        let gap = coverage.gap(&of(ResourceKind::DbInstance, &here)).unwrap();
        assert_eq!(gap.verdict(), "not known");
        assert_eq!(gap.why(), "rds-snapshot eu-west-1 failed");
        assert!(!gap.under_way);
        assert_eq!(coverage.gap(&of(ResourceKind::Volume, &here)), None);
        assert!(!coverage.is_whole(&here));
        coverage.again(&here, &[PointKind::RdsSnapshot]);
        assert!(
            coverage
                .gap(&of(ResourceKind::DbInstance, &here))
                .unwrap()
                .under_way
        );
        coverage.ended(&here, PointKind::RdsSnapshot, true);
        assert!(coverage.is_whole(&here));
    }

    #[test]
    fn what_failed_and_is_not_asked_again_does_not_count_as_under_way() {
        let here = place("111122223333", "eu-west-1");
        let mut coverage = Coverage::default();
        coverage.begin(&here);
        end(&mut coverage, &here, None);
        for kind in [PointKind::RdsSnapshot, PointKind::EbsSnapshot] {
            coverage.again(&here, &[kind]);
            coverage.ended(&here, kind, false);
        }
        coverage.again(&here, &[PointKind::EbsSnapshot]);
        let gap = |kind| coverage.gap(&of(kind, &here)).unwrap();
        let database = gap(ResourceKind::DbInstance);
        assert!(!database.under_way);
        assert_eq!(database.why(), "rds-snapshot eu-west-1 failed");
        assert!(gap(ResourceKind::Volume).under_way);
    }

    #[test]
    fn what_keeps_points_can_be_unknown_while_every_point_is_listed() {
        let here = place("111122223333", "eu-west-1");
        let mut coverage = Coverage::default();
        coverage.begin(&here);
        end(&mut coverage, &here, None);
        let failure = |call: &str| Failure {
            class: FailureClass::Denied,
            effect: Effect::None,
            call: call.to_owned(),
            code: None,
            message: "no".into(),
            request_id: None,
        };
        let kind = PointKind::EbsSnapshot;
        coverage.again(&here, &[kind]);
        coverage.failed(&here, kind, &failure("ec2:DescribeLockedSnapshots"));
        assert!(coverage.is_whole(&here));
        assert!(!coverage.knows_protection(&here, kind));
        assert!(coverage.knows_protection(&here, PointKind::BackupPoint));
        coverage.again(&here, &[kind]);
        assert!(coverage.knows_protection(&here, kind), "it is asked again");
        coverage.failed(&here, kind, &failure("ec2:DescribeSnapshots"));
        assert!(!coverage.is_whole(&here));
        coverage.again(&here, &[kind]);
        coverage.ended(&here, kind, true);
        assert!(coverage.is_whole(&here));
    }

    #[test]
    fn what_failed_elsewhere_may_hide_a_copy() {
        let (here, there) = (
            place("111122223333", "eu-west-1"),
            place("444455556666", "us-east-1"),
        );
        let mut coverage = Coverage::default();
        for place in [&here, &there] {
            coverage.begin(place);
        }
        end(&mut coverage, &here, None);
        end(&mut coverage, &there, Some(PointKind::BackupPoint));
        let gap = coverage.gap(&of(ResourceKind::Bucket, &here)).unwrap();
        assert_eq!(gap.verdict(), "none found");
        assert_eq!(gap.why(), "backup-point us-east-1 444455556666 failed");
        assert_eq!(coverage.gap(&of(ResourceKind::Image, &here)), None);
    }

    #[test]
    fn until_both_listings_of_a_kind_have_ended_more_may_come() {
        let here = place("111122223333", "eu-west-1");
        let mut coverage = Coverage::default();
        coverage.begin(&here);
        let gap = |coverage: &Coverage| coverage.gap(&of(ResourceKind::Image, &here));
        coverage.ended(&here, PointKind::Ami, true);
        let open = gap(&coverage).unwrap();
        assert!(open.under_way && open.here);
        assert_eq!(open.why(), "ami eu-west-1 is still listed");
        coverage.ended(&here, PointKind::Ami, true);
        assert_eq!(gap(&coverage), None);
    }

    #[test]
    fn a_place_that_nobody_listed_and_a_profile_that_was_not_reached_are_said() {
        let (here, there) = (
            place("111122223333", "eu-west-1"),
            place("111122223333", "us-east-1"),
        );
        let mut coverage = Coverage::default();
        coverage.begin(&there);
        end(&mut coverage, &there, None);
        let gap = coverage.gap(&of(ResourceKind::Volume, &here)).unwrap();
        assert!(gap.here && !gap.under_way);
        assert_eq!(gap.not_listed, ["eu-west-1 111122223333 is not listed"]);
        coverage.not_reached("acme-dr us-west-2");
        let gap = coverage.gap(&of(ResourceKind::Volume, &there)).unwrap();
        assert!(!gap.here);
        assert_eq!(gap.why(), "acme-dr us-west-2 was not reached");
    }
}
