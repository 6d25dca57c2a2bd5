//! Listings of one place that failed for one reason, as one line.
//!
//! Several sources suffer the same where a Region is dead or a profile has expired; a person is told once, with
//! all that is needed to mend it.

use crate::domain::failure::Failure;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::text::shown;

use super::Report;

/// Listings of one place that failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    place: Place,
    kind: PointKind,
    /// The failures, the first one first.
    first: Failure,
    more: Vec<Failure>,
}

impl Unlisted {
    /// Makes one of a listing that failed.
    #[must_use]
    pub fn new(place: Place, kind: PointKind, failure: Failure) -> Self {
        Self {
            place,
            kind,
            first: failure,
            more: Vec::new(),
        }
    }

    /// Tells whether they are of that place, through whatever profile.
    #[must_use]
    pub fn is_of(&self, place: &Place) -> bool {
        self.place.account == place.account && self.place.region == place.region
    }

    /// Tells whether another listing failed in the same place for the same reason.
    #[must_use]
    pub fn is_alike(&self, place: &Place, failure: &Failure) -> bool {
        self.place == *place
            && self.first.class == failure.class
            && self.first.code == failure.code
            && self.first.leaves_points_whole() == failure.leaves_points_whole()
    }

    /// Takes in another listing that failed alike.
    pub fn take(&mut self, failure: Failure) {
        self.more.push(failure);
    }

    /// Returns the name for a person: `eu-west-1 111122223333 ebs-snapshot`, or how many listings there are.
    #[must_use]
    pub fn name(&self) -> String {
        let account = shown(self.place.account.as_str());
        let what = match (self.more.len(), self.first.leaves_points_whole()) {
            (0, false) => self.kind.as_str().to_owned(),
            (0, true) => format!("{} protection not known", self.kind.as_str()),
            (more, false) => format!("({} listings)", more + 1),
            (_, true) => "protection not known".to_owned(),
        };
        format!("{} {account} {what}", self.place.region)
    }

    /// Returns why, and what to do: for all of them.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut calls: Vec<&str> = Vec::new();
        for failure in &self.more {
            let call = failure.call.as_str();
            if call != self.first.call && !calls.contains(&call) {
                calls.push(call);
            }
        }
        Report::of_failures(&self.first, &calls, self.place.profile.as_deref())
    }

    /// Returns the line for a person: what failed, why, and the first thing to do.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {}", self.name(), self.report().line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Effect, FailureClass};

    fn failure(class: FailureClass, call: &str, code: Option<&str>) -> Failure {
        Failure {
            class,
            effect: Effect::None,
            call: call.into(),
            code: code.map(str::to_owned),
            message: "no".into(),
            request_id: None,
        }
    }

    fn place(region: &str) -> Place {
        Place {
            profile: Some("acme-prod".into()),
            account: "111122223333".into(),
            region: region.into(),
        }
    }

    #[test]
    fn what_fails_alike_in_a_place_is_one_line_and_counted() {
        let dead = |call| failure(FailureClass::Unanswered, call, None);
        let here = place("us-east-1");
        let first = dead("ec2:DescribeSnapshots");
        let mut unlisted = Unlisted::new(here.clone(), PointKind::EbsSnapshot, first);
        assert!(
            unlisted
                .line()
                .starts_with("us-east-1 111122223333 ebs-snapshot: ")
        );
        let other = dead("rds:DescribeDBSnapshots");
        assert!(unlisted.is_alike(&here, &other));
        unlisted.take(other);
        let line = unlisted.line();
        assert!(
            line.starts_with("us-east-1 111122223333 (2 listings): AWS gave no answer"),
            "{line}"
        );
        assert!(line.contains("check the Region's name"), "{line}");
    }

    #[test]
    fn another_place_or_another_reason_is_another_line() {
        let here = place("us-east-1");
        let slow = |code| failure(FailureClass::Throttled, "ec2:DescribeSnapshots", Some(code));
        let unlisted = Unlisted::new(here.clone(), PointKind::Ami, slow("RequestLimitExceeded"));
        assert!(unlisted.is_alike(&here, &slow("RequestLimitExceeded")));
        assert!(!unlisted.is_alike(&place("eu-west-1"), &slow("RequestLimitExceeded")));
        assert!(!unlisted.is_alike(&here, &slow("ThrottlingException")));
        let dead = failure(FailureClass::Unanswered, "ec2:DescribeImages", None);
        assert!(!unlisted.is_alike(&here, &dead));
    }

    #[test]
    fn a_policy_allows_every_call_that_was_denied() {
        let denied = |call| failure(FailureClass::Denied, call, Some("AccessDenied"));
        let here = place("us-east-1");
        let first = denied("rds:DescribeDBSnapshots");
        let mut unlisted = Unlisted::new(here, PointKind::RdsSnapshot, first);
        unlisted.take(denied("rds:DescribeDBClusters"));
        unlisted.take(denied("rds:DescribeDBSnapshots"));
        let line = unlisted.line();
        let allow = "allow rds:DescribeDBSnapshots, rds:DescribeDBClusters";
        assert!(line.contains(allow), "{line}");
        let policy = r#""Action":["rds:DescribeDBSnapshots","rds:DescribeDBClusters"]"#;
        let todo = unlisted.report().todo;
        assert!(todo[1].contains(policy), "{todo:?}");
    }
}
