//! The JSON lines of listings. Field names and their order are a promise: fields may be added, and
//! never change their meaning. Ids are exact, times are RFC 3339 in UTC.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::architecture::Architecture;
use crate::domain::coverage::Gap;
use crate::domain::incident::Best;
use crate::domain::place::{Home, Place};
use crate::domain::readiness::First;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;
use crate::domain::verdict::Verdict;

/// A recovery point.
#[derive(Debug, Serialize)]
pub struct PointLine<'a> {
    id: &'a str,
    kind: PointKind,
    resource: Option<&'a str>,
    /// Where that lives; null where AWS does not tell of any resource.
    resource_place: Option<Home>,
    name: Option<&'a Untrusted>,
    #[serde(flatten)]
    when: When,
    /// Null where the data may be older than the point.
    data_at: Option<Timestamp>,
    state: &'a str,
    size_bytes: Option<u64>,
    /// Null where AWS does not tell.
    encrypted: Option<bool>,
    kms_key: Option<&'a str>,
    tier: Tier,
    protection: Option<&'a str>,
    origin: Origin,
    copy_of: Option<&'a str>,
    /// Whether AWS restores only from a copy of it.
    copy_first: bool,
    /// Of an image; null of anything else, and where AWS tells none.
    architecture: Option<Architecture>,
    /// What keeps its key from being used, where that was asked; only candidates are asked about.
    key_state: Option<&'a str>,
    vault: Option<&'a str>,
    /// ARN by which AWS Backup knows it; null outside its vaults.
    backup_arn: Option<&'a str>,
    scan: Option<&'a str>,
    place: &'a Place,
    tags: &'a BTreeMap<Untrusted, Untrusted>,
    /// When it was listed, where nobody was asked this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_at: Option<Timestamp>,
}

impl<'a> From<&'a RecoveryPoint> for PointLine<'a> {
    fn from(point: &'a RecoveryPoint) -> Self {
        let resource = point.resource.as_ref();
        let is_of_backup = point.kind == PointKind::BackupPoint;
        let own = is_of_backup.then_some(point.id.as_str());
        Self {
            id: &point.id,
            kind: point.kind,
            resource: resource.map(|(_, id)| id.as_str()),
            resource_place: resource.map(|_| point.resource_place().home()),
            name: point.name.as_ref(),
            when: point.when,
            data_at: match point.data_at {
                DataTime::Known(at) => Some(at),
                DataTime::AtMost(_) => None,
            },
            state: &point.state,
            size_bytes: point.size_bytes,
            encrypted: point.encrypted,
            kms_key: point.kms_key.as_deref(),
            tier: point.tier,
            protection: point.protection.as_deref(),
            origin: point.origin,
            copy_of: point.copy_of.as_deref(),
            copy_first: point.copy_first,
            architecture: point.architecture,
            key_state: point.key_state.as_deref(),
            vault: point.vault.as_deref(),
            backup_arn: own.or(point.backup_arn.as_deref()),
            scan: point.scan.as_deref(),
            place: &point.place,
            tags: &point.tags,
            cached_at: None,
        }
    }
}

impl PointLine<'_> {
    /// Says when the point was listed.
    #[must_use]
    pub fn cached(mut self, at: Option<Timestamp>) -> Self {
        self.cached_at = at;
        self
    }
}

/// The best point of a resource.
#[derive(Debug, Serialize)]
pub struct BestLine<'a> {
    #[serde(flatten)]
    point: PointLine<'a>,
    /// Null without an incident, and where the loss may be larger.
    data_lost_seconds: Option<i64>,
    /// What has to be done before AWS restores from it; null where it does so now.
    first: Option<First>,
}

impl<'a> From<&'a Best<RecoveryPoint>> for BestLine<'a> {
    fn from(best: &'a Best<RecoveryPoint>) -> Self {
        let lost = best.lost.filter(|_| best.certain);
        Self {
            point: PointLine::from(&best.point),
            data_lost_seconds: lost.map(|lost| lost.as_secs()),
            first: best.first,
        }
    }
}

/// A resource with its best point and the number of its points.
#[derive(Debug, Serialize)]
pub struct ResourceLine<'a> {
    id: &'a str,
    kind: ResourceKind,
    name: Option<&'a Untrusted>,
    place: &'a Place,
    best: Option<BestLine<'a>>,
    points: usize,
    /// Whether everything was listed that could hold a point of it.
    complete: bool,
    /// What was not, for a person.
    not_listed: &'a [String],
    /// Why there is no best point; null where there is one.
    no_best: Option<&'static str>,
    /// How many usable points may be from before the incident, which nobody knows; `data_at` of each is null.
    unknown_age: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_at: Option<Timestamp>,
}

impl<'a> ResourceLine<'a> {
    /// Puts a line together.
    #[must_use]
    pub fn new(
        resource: &'a Resource,
        best: Option<&'a Best<RecoveryPoint>>,
        points: usize,
        gap: Option<&'a Gap>,
    ) -> Self {
        Self {
            id: &resource.id,
            kind: resource.kind,
            name: resource.name.as_ref(),
            place: &resource.place,
            best: best.map(BestLine::from),
            points,
            complete: gap.is_none(),
            not_listed: gap.map_or(&[], |gap| &gap.not_listed),
            no_best: None,
            unknown_age: 0,
            cached_at: None,
        }
    }

    /// Says how many points are of unknown age, and why there is no best one where there is none.
    #[must_use]
    pub fn of_unknown_age(mut self, count: usize, no_best: Option<&Verdict>) -> Self {
        self.unknown_age = count;
        self.no_best = no_best.map(Verdict::as_str);
        self
    }

    /// Says when the resource was listed, and its best point.
    #[must_use]
    pub fn cached(mut self, at: Option<Timestamp>, best_at: Option<Timestamp>) -> Self {
        self.cached_at = at;
        self.best = self.best.map(|best| BestLine {
            point: best.point.cached(best_at),
            ..best
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::catalog::fixtures::{copy, place, point, volume};

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn a_point_has_exactly_these_fields() {
        let mut point = point(
            "snap-1",
            &place("acme", "eu-west-1"),
            "2026-03-01T02:00:00Z",
        );
        point.name = Some("orders".into());
        point.tags = [("Name".into(), "orders".into())].into();
        let wanted = r#"{"id":"snap-1","kind":"ebs-snapshot","resource":"vol-1","resource_place":{"account":"111122223333","region":"eu-west-1"},"name":"orders","at":"2026-03-01T02:00:00Z","data_at":"2026-03-01T02:00:00Z","state":"completed","size_bytes":1073741824,"encrypted":false,"kms_key":null,"tier":"standard","protection":null,"origin":"by-hand","copy_of":null,"copy_first":false,"architecture":null,"key_state":null,"vault":null,"backup_arn":null,"scan":null,"place":{"profile":"acme","account":"111122223333","region":"eu-west-1"},"tags":{"Name":"orders"}}"#;
        assert_eq!(json(&PointLine::from(&point)), wanted);
    }

    #[test]
    fn the_data_time_of_a_copy_is_null() {
        let line = copy("snap-2", "snap-1", &place("acme", "eu-west-1"));
        let line = json(&PointLine::from(&line));
        assert!(line.contains(r#""data_at":null"#), "{line}");
        assert!(line.contains(r#""copy_of":"snap-1""#), "{line}");
        assert!(line.contains(r#""at":"2026-03-01T03:00:00Z""#), "{line}");
    }

    #[test]
    fn a_window_has_both_its_ends() {
        let mut point = point("w", &place("acme", "eu-west-1"), "2026-03-01T02:00:00Z");
        point.when = When::Window {
            earliest: "2026-02-01T00:00:00Z".parse().unwrap(),
            latest: "2026-03-01T02:00:00Z".parse().unwrap(),
        };
        let line = json(&PointLine::from(&point));
        let ends = r#""earliest":"2026-02-01T00:00:00Z","latest":"2026-03-01T02:00:00Z""#;
        assert!(line.contains(ends) && !line.contains(r#""at":"#), "{line}");
    }

    #[test]
    fn environment_credentials_have_no_profile() {
        let mut here = place("acme", "eu-west-1");
        here.profile = None;
        let line = json(&PointLine::from(&point("s", &here, "2026-03-01T02:00:00Z")));
        assert!(line.contains(r#""place":{"profile":null,"#), "{line}");
    }

    #[test]
    fn a_point_of_a_vault_says_by_which_arn_and_of_what_where() {
        let (here, there) = (place("acme", "eu-west-1"), place("acme", "us-east-1"));
        let mut native = point("snap-1", &there, "2026-03-01T02:00:00Z");
        native.resource_home = Some(here.home());
        native.backup_arn = Some("arn:rp-1".into());
        native.vault = Some("nightly".into());
        native.scan = Some("NO_THREATS_FOUND".into());
        let line = json(&PointLine::from(&native));
        let home = r#""resource_place":{"account":"111122223333","region":"eu-west-1"}"#;
        let vault = r#""vault":"nightly","backup_arn":"arn:rp-1","scan":"NO_THREATS_FOUND""#;
        assert!(line.contains(home) && line.contains(vault), "{line}");
        native.kind = PointKind::BackupPoint;
        (native.backup_arn, native.resource) = (None, None);
        let line = json(&PointLine::from(&native));
        assert!(line.contains(r#""backup_arn":"snap-1""#), "{line}");
        assert!(line.contains(r#""resource_place":null"#), "{line}");
    }

    #[test]
    fn a_resource_has_exactly_these_fields() {
        let here = place("acme", "eu-west-1");
        let (volume, snapshot) = (
            volume("vol-1", &here),
            point("snap-1", &here, "2026-03-01T02:00:00Z"),
        );
        let best = Best {
            point: snapshot.clone(),
            lost: Some(SignedDuration::from_mins(14)),
            certain: true,
            safety: false,
            first: None,
            later: false,
        };
        let line = json(&ResourceLine::new(&volume, Some(&best), 3, None));
        let point = json(&PointLine::from(&snapshot));
        let best = point.strip_suffix('}').unwrap();
        let wanted = format!(
            r#"{{"id":"vol-1","kind":"volume","name":"orders","place":{{"profile":"acme","account":"111122223333","region":"eu-west-1"}},"best":{best},"data_lost_seconds":840,"first":null}},"points":3,"complete":true,"not_listed":[],"no_best":null,"unknown_age":0}}"#
        );
        assert_eq!(line, wanted);
        let gap = Gap {
            here: true,
            under_way: false,
            not_listed: vec!["ebs-snapshot eu-west-1 failed".to_owned()],
        };
        let verdict = Verdict::NotListed(gap.clone());
        let none = ResourceLine::new(&volume, None, 0, Some(&gap));
        let none = json(&none.of_unknown_age(2, Some(&verdict)));
        let wanted = r#""best":null,"points":0,"complete":false,"not_listed":["ebs-snapshot eu-west-1 failed"],"no_best":"not-listed","unknown_age":2}"#;
        assert!(none.ends_with(wanted), "{none}");
    }

    #[test]
    fn a_loss_that_may_be_larger_is_null() {
        let here = place("acme", "eu-west-1");
        let snapshot = copy("snap-2", "snap-1", &here);
        let best = Best {
            point: snapshot,
            lost: Some(SignedDuration::from_mins(14)),
            certain: false,
            safety: false,
            first: None,
            later: false,
        };
        let line = json(&BestLine::from(&best));
        assert!(
            line.ends_with(r#""data_lost_seconds":null,"first":null}"#),
            "{line}"
        );
    }
}
