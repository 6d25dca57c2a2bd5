//! What a store keeps, in any order of arrival.
//! Every oracle is a list of plain points.

use super::*;
use crate::catalog::fixtures::{copy, place, point, store, volume};
use crate::domain::recovery_point::{DataTime, Origin, Tier};

fn ids(points: &[Point<'_>]) -> Vec<String> {
    let mut ids: Vec<String> = points.iter().map(|point| point.id().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn what_arrives_again_replaces_its_row() {
    let here = place("a", "eu-west-1");
    let mut pending = point("snap-1", &here, "2026-03-01T02:00:00Z");
    pending.state = "pending".into();
    let mut store = store(vec![pending], vec![]);
    let done = point("snap-1", &place("b", "eu-west-1"), "2026-03-01T02:00:01Z");
    store.insert(Batch {
        points: vec![done],
        resources: vec![],
        ..Batch::default()
    });
    assert_eq!(store.count(), 1);
    assert_eq!(store.point(0).state(), "completed");
    assert_eq!(store.point(0).place().profile.as_deref(), Some("b"));
    assert_eq!(store.points_of(&volume("vol-1", &here)).len(), 1);
}

#[test]
fn the_same_id_in_another_region_is_another_point() {
    let at = "2026-03-01T02:00:00Z";
    let one = point("snap-1", &place("a", "eu-west-1"), at);
    let two = point("snap-1", &place("a", "us-east-1"), at);
    assert_eq!(store(vec![one, two], vec![]).count(), 2);
}

#[test]
fn copies_elsewhere_belong_to_the_resource_of_their_source_in_any_order() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let second = copy("snap-3", "snap-2", &there);
    let first = copy("snap-2", "snap-1", &there);
    let own = point("snap-1", &here, "2026-03-01T02:00:00Z");
    let store = store(vec![second, first, own], vec![volume("vol-1", &here)]);
    let points = store.points_of(&store.resources()[0]);
    assert_eq!(ids(&points), ["snap-1", "snap-2", "snap-3"]);
}

#[test]
fn copies_that_name_each_other_do_not_hang() {
    let here = place("a", "eu-west-1");
    let mut own = point("snap-1", &here, "2026-03-01T02:00:00Z");
    own.copy_of = Some("snap-2".into());
    let other = copy("snap-2", "snap-1", &here);
    let store = store(vec![own, other], vec![volume("vol-1", &here)]);
    assert_eq!(store.points_of(&store.resources()[0]).len(), 2);
}

#[test]
fn a_resource_known_from_its_points_alone_does_not_count_as_existing() {
    let here = place("a", "eu-west-1");
    let own = point("snap-1", &here, "2026-03-01T02:00:00Z");
    let mut store = store(vec![own], vec![]);
    assert!(!store.resources()[0].exists);
    store.insert(Batch {
        points: vec![],
        resources: vec![volume("vol-1", &here)],
        ..Batch::default()
    });
    assert_eq!(store.resources().len(), 1);
    assert!(store.resources()[0].exists);
    assert_eq!(store.points_of(&store.resources()[0]).len(), 1);
}

fn found(points: Vec<RecoveryPoint>, resources: Vec<Resource>) -> Batch {
    Batch {
        points,
        resources,
        ..Batch::default()
    }
}

#[test]
fn what_a_complete_scan_does_not_find_again_is_gone_and_stays_as_a_row() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let at = "2026-03-01T02:00:00Z";
    let points = || vec![point("snap-1", &here, at), point("snap-2", &there, at)];
    let volumes = || vec![volume("vol-1", &here), volume("vol-1", &there)];
    let mut store = Store::default();
    let listed = |places: &[&Place]| {
        let key = |place: &&Place| (place.account.clone(), place.region.clone());
        places.iter().map(key).collect()
    };
    store.begin_scan();
    store.insert(found(points(), volumes()));
    store.end_scan(&listed(&[&here, &there]));
    assert!(store.points().all(Point::usable));
    assert!(!store.resources().iter().any(|one| store.is_gone(one)));

    store.begin_scan();
    store.end_scan(&listed(&[&here]));
    let states: Vec<&str> = store.points().map(Point::state).collect();
    assert_eq!(
        states,
        [GONE, "completed"],
        "where listing failed, nothing is gone"
    );
    assert!(!store.point(0).usable());
    assert_eq!(store.gone_points(), 1);
    assert!(store.is_gone(&volume("vol-1", &here)) && !store.resources()[0].exists);
    assert!(!store.is_gone(&volume("vol-1", &there)) && store.resources()[1].exists);

    store.begin_scan();
    store.insert(found(points(), volumes()));
    assert!(store.point(0).usable(), "it is back");
    assert_eq!(store.gone_points(), 0);
    assert!(!store.is_gone(&volume("vol-1", &here)));
}

#[test]
fn a_volume_of_which_only_snapshots_are_found_is_gone_at_the_end_and_not_before() {
    let here = place("a", "eu-west-1");
    let mut store = Store::default();
    store.begin_scan();
    store.insert(found(
        vec![point("snap-1", &here, "2026-03-01T02:00:00Z")],
        vec![],
    ));
    assert!(!store.is_gone(&store.resources()[0]));
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    assert!(store.is_gone(&store.resources()[0]));
    assert!(store.point(0).usable());
}

#[test]
fn a_place_of_another_profile_is_the_same_place() {
    let at = "2026-03-01T02:00:00Z";
    let one = point("snap-1", &place("a", "eu-west-1"), at);
    let two = point("snap-2", &place("b", "eu-west-1"), at);
    let store = store(vec![one, two], vec![]);
    assert_eq!(store.resources().len(), 1);
    assert_eq!(store.points_at(0).count(), 2);
}

/// The recovery point of AWS Backup that is a snapshot.
fn face(id: &str, of: &str, place: &Place) -> RecoveryPoint {
    let mut face = point(id, place, "2026-03-01T01:30:00Z");
    face.kind = PointKind::BackupPoint;
    face.state = "COMPLETED".into();
    face.face_of = Some((PointKind::EbsSnapshot, of.into()));
    face.vault = Some("locked".into());
    face.protection = Some("vault lock".into());
    face.scan = Some("NO_THREATS_FOUND".into());
    face
}

#[test]
fn a_native_point_and_its_face_are_one_in_whichever_order_they_arrive() {
    let here = place("a", "eu-west-1");
    let mut native = point("snap-1", &here, "2026-03-01T02:00:00Z");
    native.data_at = DataTime::AtMost(native.data_at.bound());
    let face = face("arn:rp-1", "snap-1", &here);
    for face_first in [true, false] {
        let mut points = vec![native.clone(), face.clone()];
        if face_first {
            points.reverse();
        }
        let mut store = store(points.drain(..1).collect(), vec![]);
        assert_eq!(store.point(0).vault().is_some(), face_first);
        store.take(points, vec![]);
        let (native_row, face_row) = if face_first { (1, 0) } else { (0, 1) };
        assert_eq!((store.rows(), store.count()), (2, 1));
        assert!(store.is_hidden(face_row) && !store.is_hidden(native_row));
        let shown: Vec<Point<'_>> = store.points().collect();
        assert_eq!(shown, [store.point(native_row)]);
        let wanted = RecoveryPoint {
            data_at: face.data_at,
            vault: face.vault.clone(),
            protection: face.protection.clone(),
            scan: face.scan.clone(),
            ..native.clone()
        };
        assert_eq!(shown[0].whole(), wanted);
        assert_eq!(store.points_at(0).count(), 1, "it stands there once");
        assert_eq!(store.point(native_row).sort_time(), face.data_at.bound());
    }
}

#[test]
fn what_a_face_no_longer_tells_is_no_longer_shown() {
    let here = place("a", "eu-west-1");
    let native = point("snap-1", &here, "2026-03-01T02:00:00Z");
    let mut face = face("arn:rp-1", "snap-1", &here);
    let mut store = store(vec![native, face.clone()], vec![]);
    face.vault = Some("other".into());
    store.take(vec![face.clone()], vec![]);
    assert_eq!(store.point(0).vault(), Some("other"));
    assert_eq!((store.count(), store.is_hidden(1)), (1, true));
    let before = store.changes();
    store.take(vec![face.clone()], vec![]);
    assert_eq!(store.changes(), before, "nothing new was told");
    face.face_of = None;
    store.take(vec![face], vec![]);
    assert_eq!((store.count(), store.point(0).vault()), (2, None));
    assert!(store.changes() > before);
}

#[test]
fn both_of_a_pair_that_is_gone_count_once() {
    let here = place("a", "eu-west-1");
    let native = point("snap-1", &here, "2026-03-01T02:00:00Z");
    let face = face("arn:rp-1", "snap-1", &here);
    let mut store = Store::default();
    store.begin_scan();
    store.take(vec![native.clone(), face.clone()], vec![]);
    store.begin_scan();
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    assert_eq!((store.gone_points(), store.count()), (1, 1));
    store.take(vec![face], vec![]);
    store.take(vec![native], vec![]);
    assert_eq!((store.gone_points(), store.count()), (0, 1));
}

#[test]
fn copies_that_name_the_same_resource_elsewhere_stand_under_that_of_their_source() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let database = Some((ResourceKind::DbInstance, "orders".to_owned()));
    let mut own = point("orders-1", &here, "2026-03-01T02:00:00Z");
    own.resource.clone_from(&database);
    let mut copied = copy("orders-1-copy", "orders-1", &there);
    copied.resource = database;
    let mut other = copy("web-1", "orders-1", &there);
    other.resource = Some((ResourceKind::DbInstance, "web".into()));
    for points in [
        vec![own.clone(), copied.clone(), other.clone()],
        vec![other, copied, own],
    ] {
        let store = store(points, vec![]);
        let shown = |row: &Row| store.stands(*row);
        let shown: Vec<Row> = (0..store.resources().len()).filter(shown).collect();
        assert_eq!(shown.len(), 2, "the copy's own is none to show");
        let orders = store.resource(&here, ResourceKind::DbInstance, "orders");
        let points = store.points_of(orders.unwrap());
        assert_eq!(ids(&points), ["orders-1", "orders-1-copy"]);
        let web = store.resource(&there, ResourceKind::DbInstance, "web");
        assert_eq!(ids(&store.points_of(web.unwrap())), ["web-1"]);
    }
}

/// A source of chance that gives the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn text(&mut self) -> String {
        let all = [
            "",
            "a",
            "\u{0}",
            "\u{1b}[31m",
            "表\u{202e}",
            "gone",
            "\u{10FFFF}",
            " ",
        ];
        match self.below(9) {
            8 => "x".repeat(self.below(70_000)),
            n => format!("{}{}", all[n], self.below(40)),
        }
    }

    fn maybe(&mut self) -> Option<String> {
        (self.below(2) == 0).then(|| self.text())
    }

    fn time(&mut self) -> Timestamp {
        let seconds = self.of(&[-377_705_023_201, -1, 0, 1_772_330_400, 253_402_207_199]);
        let nanoseconds = self.of(&[0, 0, 1, 999_999_999]);
        let nanoseconds = if seconds < 0 {
            -nanoseconds
        } else {
            nanoseconds
        };
        let at = Timestamp::new(seconds, nanoseconds);
        at.or_else(|_| Timestamp::new(seconds, 0)).unwrap()
    }

    fn place(&mut self) -> Place {
        let profile = self.of(&[None, Some("a".to_owned()), Some("b\u{1b}".to_owned())]);
        Place {
            profile,
            account: self.of(&["111122223333", "\u{202e}"]).into(),
            region: self.of(&["eu-west-1", "us-east-1"]).into(),
        }
    }

    fn point(&mut self) -> RecoveryPoint {
        let (at, other) = (self.time(), self.time());
        let when = match self.below(3) {
            0 => When::Window {
                earliest: at,
                latest: other,
            },
            _ => When::At { at },
        };
        let data = self.of(&[at, at, other]);
        let tags = (0..self.below(6)).map(|_| (self.text().into(), self.text().into()));
        RecoveryPoint {
            tags: tags.collect(),
            id: self.text(),
            kind: self.of(&PointKind::ALL),
            place: self.place(),
            resource: self.maybe().map(|id| (self.of(&ResourceKind::ALL), id)),
            name: self.maybe().map(Into::into),
            when,
            data_at: self.of(&[DataTime::Known(data), DataTime::AtMost(data)]),
            state: self.text(),
            size_bytes: self.of(&[None, Some(0), Some(1 << 30), Some(u64::MAX)]),
            encrypted: self.below(2) == 0,
            kms_key: self.maybe(),
            tier: self.of(&[Tier::Standard, Tier::Archive]),
            protection: self.maybe(),
            origin: self.of(&[
                Origin::AwsBackup,
                Origin::Dlm,
                Origin::Defib,
                Origin::ByHand,
            ]),
            copy_of: self.maybe(),
            vault: self.maybe(),
            // Of nothing that exists: what is shown of a pair is tested for itself.
            face_of: self
                .maybe()
                .map(|id| (self.of(&PointKind::ALL), format!("no {id}"))),
            scan: self.maybe(),
        }
    }
}

#[test]
fn every_field_of_every_point_comes_back_as_it_was_told_last() {
    for seed in 0..60 {
        let mut chance = Chance(seed);
        let mut store = Store::default();
        let mut wanted = std::collections::BTreeMap::new();
        for _page in 0..4 {
            let points: Vec<RecoveryPoint> = (0..40).map(|_| chance.point()).collect();
            for point in &points {
                let Place {
                    account, region, ..
                } = point.place.clone();
                wanted.insert(
                    (account, region, point.kind, point.id.clone()),
                    point.clone(),
                );
            }
            store.take(points, vec![]);
        }
        assert_eq!((store.rows(), store.count()), (wanted.len(), wanted.len()));
        for point in wanted.values() {
            let found = store.find(&point.place, point.kind, &point.id);
            assert_eq!(&found.unwrap().whole(), point, "seed {seed}");
        }
        let gone = wanted.values().filter(|point| point.state == GONE).count();
        assert_eq!(store.gone_points(), gone);
        let standing: usize = (0..store.resources().len())
            .map(|row| store.points_at(row).count())
            .sum();
        let homes = (0..store.rows()).filter(|row| store.home(*row).is_some());
        assert_eq!(standing, homes.count(), "each stands where it says, once");
    }
}

/// Chooses among plain points of one resource, whatever their order.
fn chosen(
    points: &[RecoveryPoint],
    incident: Option<Timestamp>,
) -> Option<(Timestamp, bool, bool)> {
    let is_safety = |point: &RecoveryPoint| {
        let mut next = Some(point);
        for _generation in 0..points.len() {
            let Some(one) = next else { return false };
            if one.origin == Origin::Defib {
                return true;
            }
            next = points
                .iter()
                .find(|other| Some(&other.id) == one.copy_of.as_ref());
        }
        false
    };
    let second = jiff::SignedDuration::from_secs(1);
    let ranks = points
        .iter()
        .filter(|point| point.usable())
        .filter_map(|point| {
            let (at, certain) = match (point.when, point.data_at) {
                (When::Window { earliest, latest }, _) => {
                    let at = incident.map_or(latest, |incident| (incident - second).min(latest));
                    let certain = matches!(point.data_at, DataTime::Known(_));
                    return (at >= earliest).then_some((!is_safety(point), certain, at));
                }
                (When::At { .. }, DataTime::Known(at)) => (at, true),
                (When::At { .. }, DataTime::AtMost(at)) => (at, false),
            };
            let before = incident.is_none_or(|incident| at < incident);
            before.then_some((!is_safety(point), certain, at))
        });
    ranks
        .max()
        .map(|(genuine, certain, at)| (at, certain, !genuine))
}

#[test]
fn the_best_point_is_that_of_the_rules_for_any_points_and_incident() {
    let here = place("a", "eu-west-1");
    let begin: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let minute = |n: usize| begin + jiff::SignedDuration::from_mins(i64::try_from(n).unwrap());
    for seed in 0..300 {
        let mut chance = Chance(seed);
        let points: Vec<RecoveryPoint> = (0..=chance.below(12))
            .map(|n| {
                let mut one = point(&format!("snap-{n}"), &here, "2026-03-01T00:00:00Z");
                let at = minute(chance.below(60));
                one.when = When::At { at };
                one.data_at = chance.of(&[DataTime::Known(at), DataTime::AtMost(at)]);
                if chance.below(6) == 0 {
                    one.kind = PointKind::RdsWindow;
                    one.state = "active".into();
                    one.when = When::Window {
                        earliest: at,
                        latest: minute(chance.below(30)).max(at),
                    };
                }
                if chance.below(4) == 0 {
                    one.state = "pending".into();
                }
                one.origin = chance.of(&[Origin::ByHand, Origin::ByHand, Origin::Defib]);
                one.copy_of = (chance.below(3) == 0).then(|| format!("snap-{}", chance.below(12)));
                one.copy_of = one.copy_of.filter(|of| *of != one.id);
                one
            })
            .collect();
        let store = store(points.clone(), vec![volume("vol-1", &here)]);
        for incident in [None, Some(minute(chance.below(70))), Some(minute(0))] {
            let best = store.best_before(&store.resources()[0], incident);
            let wanted = chosen(&points, incident);
            let lost = wanted.and_then(|(at, _, _)| Some(incident?.duration_since(at)));
            let found = best.map(|best| (best.certain, best.safety));
            assert_eq!(
                found,
                wanted.map(|(_, certain, safety)| (certain, safety)),
                "{seed}"
            );
            assert_eq!(
                best.and_then(|best| best.lost),
                lost,
                "seed {seed} {incident:?}"
            );
            if let (Some(best), None, Some((at, ..))) = (best, incident, wanted) {
                assert_eq!(best.point.sort_time(), at, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_point_takes_at_most_three_hundred_bytes() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let (mut store, points) = (Store::default(), 30_000);
    for n in 0..points {
        let volume = format!("vol-{:017x}", n / 30);
        let mut one = point(&format!("snap-{n:017x}"), &here, "2026-03-01T02:00:00Z");
        one.resource = Some((ResourceKind::Volume, volume.clone()));
        one.name = Some(format!("db-{}-nightly", n / 30).into());
        one.kms_key = Some("arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e".into());
        one.tags = [
            ("Name", format!("db-{}-nightly", n / 30)),
            (
                "aws:dlm:lifecycle-policy-id",
                "policy-0123456789abcdef0".into(),
            ),
            ("Team", format!("team-{}", n % 12)),
            ("Stage", "production".into()),
            ("Taken", format!("2026-03-01T02:{n:06}Z")),
        ]
        .map(|(key, value)| (key.into(), value.into()))
        .into();
        if n % 4 == 0 {
            one.place = there.clone();
            one.resource = None;
            one.copy_of = Some(format!("snap-{:017x}", n + 1));
        }
        store.take(vec![one], vec![]);
    }
    let bytes = store.bytes() / points;
    assert!((150..300).contains(&bytes), "{bytes} bytes");
}

#[test]
fn what_is_left_of_a_resource_does_not_hide_that_it_exists() {
    let here = place("a", "eu-west-1");
    let remembered = || Resource {
        exists: false,
        ..volume("vol-1", &here)
    };
    let mut store = Store::default();
    store.begin_scan();
    store.insert(found(vec![], vec![volume("vol-1", &here)]));
    store.insert(found(vec![], vec![remembered()]));
    assert!(store.resources()[0].exists);

    // Where it is not found again, the end of a complete scan says so.
    store.begin_scan();
    store.insert(found(vec![], vec![remembered()]));
    assert!(store.resources()[0].exists);
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    assert!(!store.resources()[0].exists);
    assert!(store.is_gone(&store.resources()[0]));
}
