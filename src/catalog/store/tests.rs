//! What a store keeps, in any order of arrival.
//! Every oracle is a list of plain points.

use super::*;
use crate::catalog::fixtures::{copy, place, point, store, volume};
use crate::domain::architecture::Architecture;
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
            backup_arn: Some(face.id.clone()),
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
        let tags = tags.collect();
        let (place, home) = (self.place(), self.place().home());
        let resource = self.maybe().map(|id| (self.of(&ResourceKind::ALL), id));
        let elsewhere = resource.is_some() && !place.is_of(&home);
        RecoveryPoint {
            tags,
            id: self.text(),
            kind: self.of(&PointKind::ALL),
            place,
            resource,
            resource_home: elsewhere.then_some(home),
            name: self.maybe().map(Into::into),
            when,
            data_at: self.of(&[DataTime::Known(data), DataTime::AtMost(data)]),
            state: self.text(),
            size_bytes: self.of(&[None, Some(0), Some(1 << 30), Some(u64::MAX)]),
            encrypted: self.of(&[None, Some(false), Some(true)]),
            copy_first: self.below(2) == 0,
            architecture: self.of(&[None, Some(Architecture::Arm), Some(Architecture::ArmMac)]),
            backup_arn: None,
            key_state: None,
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

#[test]
fn what_names_a_resource_of_another_place_stands_under_it_in_any_order() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let mut account = place("b", "eu-west-1");
    account.account = "444455556666".into();
    let own = point("snap-1", &here, "2026-03-01T02:00:00Z");
    let mut region = face("arn:rp-2", "snap-2", &there);
    region.face_of = None;
    region.resource_home = Some(here.home());
    let mut other = face("arn:rp-3", "snap-3", &account);
    other.face_of = None;
    other.resource_home = Some(here.home());
    let volume = volume("vol-1", &here);
    for backwards in [false, true] {
        let mut points = vec![own.clone(), region.clone(), other.clone()];
        let mut store = Store::default();
        if backwards {
            points.reverse();
        } else {
            store.take(vec![], vec![volume.clone()]);
        }
        store.take(points, vec![]);
        store.take(vec![], vec![volume.clone()]);
        assert_eq!(store.resources().len(), 1, "one of all places");
        assert_eq!(store.resources()[0], volume);
        let points = store.points_at(0).collect::<Vec<_>>();
        assert_eq!(ids(&points), ["arn:rp-2", "arn:rp-3", "snap-1"]);
        let homes = points
            .iter()
            .filter(|one| one.resource_home() == Some(here.home()));
        assert_eq!(homes.count(), 2);
    }
}

#[test]
fn a_resource_that_only_points_elsewhere_tell_of_is_known_by_the_profile_that_leads_there() {
    let (here, there) = (place("a", "eu-west-1"), place("b", "us-east-1"));
    let mut copy = point("snap-2", &there, "2026-03-01T02:00:00Z");
    copy.resource_home = Some(here.home());
    let mut store = store(vec![copy], vec![]);
    assert_eq!(store.resources()[0].place.profile, None);
    store.take(vec![point("snap-1", &here, "2026-03-01T01:00:00Z")], vec![]);
    assert_eq!(store.resources().len(), 1);
    assert_eq!(store.resources()[0].place, here);
}

#[test]
fn a_copy_stands_where_its_face_in_aws_backup_says_and_not_where_it_seems_to() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    // An image whose tag names an instance by its id alone seems to be of one of this place.
    let mut seeming = point("ami-2", &there, "2026-03-01T03:00:00Z");
    seeming.data_at = DataTime::AtMost(seeming.data_at.bound());
    let mut face = face("arn:rp-2", "ami-2", &there);
    face.resource_home = Some(here.home());
    for face_first in [true, false] {
        let mut points = vec![seeming.clone(), face.clone()];
        if face_first {
            points.reverse();
        }
        let store = store(points, vec![volume("vol-1", &here)]);
        let shown = (0..store.resources().len()).filter(|row| store.stands(*row));
        assert_eq!(shown.collect::<Vec<_>>(), [0]);
        let points: Vec<_> = store.points_at(0).collect();
        assert_eq!(ids(&points), ["ami-2"]);
        assert_eq!(points[0].backup_arn(), Some("arn:rp-2"));
        assert_eq!(points[0].data_at(), DataTime::Known(face.data_at.bound()));
    }
}

#[test]
fn what_lies_in_the_recycle_bin_keeps_what_was_known_of_it() {
    let here = place("a", "eu-west-1");
    let mut full = point("snap-1", &here, "2026-03-01T02:00:00Z");
    full.encrypted = Some(true);
    full.name = Some("nightly".into());
    let mut binned = point("snap-1", &here, "2026-03-02T00:00:00Z");
    binned.state = crate::domain::recovery_point::IN_RECYCLE_BIN.into();
    binned.data_at = DataTime::AtMost(binned.data_at.bound());
    binned.protection = Some("in the Recycle Bin".into());
    (binned.size_bytes, binned.encrypted) = (None, None);
    let mut store = store(vec![full.clone(), binned.clone()], vec![]);
    let kept = RecoveryPoint {
        state: binned.state.clone(),
        protection: binned.protection.clone(),
        ..full.clone()
    };
    assert_eq!(store.point(0).whole(), kept);
    assert!(!store.point(0).usable());
    store.take(vec![full.clone()], vec![]);
    assert_eq!(store.point(0).whole(), full, "it was taken out again");
    let alone = super::super::fixtures::store(vec![binned.clone()], vec![]);
    assert_eq!(alone.point(0).whole(), binned);
}

#[test]
fn a_resource_keeps_its_tags_beside() {
    let here = place("a", "eu-west-1");
    let mut tagged = volume("vol-1", &here);
    tagged.tags = [("Team".into(), "L\u{f6}wen".into())].into();
    let mut store = store(vec![], vec![tagged.clone()]);
    let tags: Vec<_> = store.resource_tags(0).collect();
    assert_eq!(tags, [("Team", "L\u{f6}wen")]);
    let before = store.changes();
    store.take(vec![], vec![tagged]);
    assert_eq!(store.changes(), before);
    store.take(vec![], vec![volume("vol-1", &here)]);
    assert_eq!(store.resource_tags(0).count(), 0);
}

#[test]
fn of_points_from_the_same_instant_the_nearest_is_the_best_whichever_arrives_first() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let mut account = there.clone();
    account.account = "444455556666".into();
    let at = "2026-03-01T02:00:00Z";
    let elsewhere = |id: &str, place: &Place| RecoveryPoint {
        resource_home: Some(here.home()),
        ..point(id, place, at)
    };
    let points = [
        elsewhere("snap-1", &account),
        elsewhere("snap-2", &there),
        point("snap-4", &here, at),
        point("snap-3", &here, at),
    ];
    for turns in 0..points.len() {
        let mut points = points.to_vec();
        points.rotate_left(turns);
        let store = store(points, vec![volume("vol-1", &here)]);
        let order: Vec<&str> = store.points_at(0).map(Point::id).collect();
        assert_eq!(order, ["snap-3", "snap-4", "snap-2", "snap-1"]);
        let best = store.best_at(0, None).unwrap();
        assert_eq!(best.point.id(), "snap-3");
    }
}

#[test]
fn what_is_of_a_place_that_nobody_wants_is_dropped_and_the_rest_is_as_it_was() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let points = vec![
        point("snap-1", &here, "2026-03-01T01:00:00Z"),
        copy("snap-2", "snap-1", &there),
        point("snap-3", &there, "2026-03-01T03:00:00Z"),
        point("snap-4", &here, "2026-03-01T04:00:00Z"),
    ];
    let mut store = store(
        points,
        vec![volume("vol-1", &here), volume("vol-1", &there)],
    );
    store.begin_scan();
    store.insert(Batch {
        points: vec![point("snap-4", &here, "2026-03-01T04:00:00Z")],
        ..Batch::default()
    });
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    assert_eq!(store.gone_points(), 1);
    let changes = store.changes();
    store.retain(|place| *place == here);
    let ids: Vec<&str> = store.points().map(Point::id).collect();
    assert_eq!(ids, ["snap-1", "snap-4"]);
    assert_eq!(store.gone_points(), 1);
    assert_eq!(store.resources().len(), 1);
    assert!(store.is_gone(&store.resources()[0]));
    assert!(store.changes() > changes);
    store.retain(|_place| false);
    assert_eq!((store.count(), store.gone_points()), (0, 0));
    assert!(store.resources().is_empty());
}

#[test]
fn where_places_are_dropped_points_resources_and_keys_of_the_rest_say_what_they_said() {
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";
    let here = place("a", "eu-west-1");
    let mut native = point("snap-1", &here, "2026-03-01T02:00:00Z");
    native.protection = Some("governance lock".into());
    native.kms_key = Some(KEY.into());
    let mut other = point("snap-2", &here, "2026-03-01T02:00:00Z");
    other.resource = Some((ResourceKind::Volume, "vol-2".into()));
    let mut tagged = volume("vol-1", &here);
    tagged.tags = [("Team".into(), "blue".into())].into();
    let points = vec![native, face("arn:rp-1", "snap-1", &here), other];
    let mut store = store(points, vec![tagged]);
    store.key_is(KEY, "Disabled");
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    let said = |store: &Store| {
        let points: Vec<RecoveryPoint> = store.points().map(Point::whole).collect();
        let tags = store.resource_tags(0).count();
        let resources = store.resources().iter();
        let gone: Vec<bool> = resources.map(|one| store.is_gone(one)).collect();
        (points, tags, gone)
    };
    let before = said(&store);
    let lock = before.0[0].protection.as_deref();
    assert_eq!(lock, Some("governance lock; vault lock"));
    assert_eq!(before.0[0].key_state.as_deref(), Some("Disabled"));
    assert_eq!((before.1, &before.2), (1, &vec![false, true]));
    store.retain(|_place| true);
    assert_eq!(said(&store), before);
    store.take(vec![], vec![volume("vol-2", &here)]);
    assert!(!store.is_gone(&volume("vol-2", &here)));
}
