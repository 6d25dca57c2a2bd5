//! What is listed is known again; what is bent, foreign, old or somebody else's is not.
//! Every test has a directory of its own.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::frame::CATALOG;
use super::*;
use crate::catalog::fixtures::{place, point, volume};
use crate::catalog::scan::Message;
use crate::catalog::source::{Batch, REGISTRY, Source};
use crate::domain::architecture::Architecture;
use crate::domain::ec2;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::recovery_point::{
    DataTime, IN_RECYCLE_BIN, Origin, PointKind, RecoveryPoint, Tier, When,
};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

const NOW: &str = "2026-03-14T02:31:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn card() -> Card {
    Card {
        place: place("acme", "eu-west-1"),
        role: "arn:aws:iam::111122223333:role/ops".into(),
        endpoints: BTreeSet::new(),
        own_at: None,
    }
}

fn asked(profile: &str, region: Option<&str>) -> Asked {
    Asked {
        profile: Some(profile.into()),
        region: region.map(str::to_owned),
        all_regions: false,
    }
}

fn cache(home: &TempDir) -> Cache {
    Cache::new(home.path().join("defib").join("catalog"), &[])
}

fn failed(place: &Place, kind: PointKind) -> Message {
    Message::Failed {
        place: place.clone(),
        kind,
        failure: Failure {
            class: FailureClass::Denied,
            effect: Effect::None,
            call: "ec2:DescribeSnapshots".into(),
            code: None,
            message: "denied".into(),
            request_id: None,
        },
    }
}

/// Lists a place: everything of the registry ends well but for the kinds that fail.
fn listed(
    cache: &Cache,
    card: &Card,
    when: &str,
    (points, resources): (Vec<RecoveryPoint>, Vec<Resource>),
    failing: &[PointKind],
) {
    let mut recorder = Recorder::new(at(when), true);
    recorder.begins(card.clone(), REGISTRY);
    let batch = Batch {
        points,
        resources,
        ..Batch::default()
    };
    assert!(recorder.take(&Message::Found(batch)).is_none());
    let mut finished = None;
    for kind in REGISTRY.iter().map(|source| source.kind()) {
        let place = card.place.clone();
        let message = if failing.contains(&kind) {
            failed(&place, kind)
        } else {
            Message::Finished { place, kind }
        };
        assert!(finished.is_none(), "nothing ends before the last listing");
        finished = recorder.take(&message);
    }
    cache.write(&finished.expect("it ended")).unwrap();
}

/// What is known of the one place that is asked for.
fn known(cache: &Cache) -> (Vec<RecoveryPoint>, Vec<Resource>) {
    let (found, left_out) = cache.find(&[asked("acme", Some("eu-west-1"))], at(NOW));
    assert!(left_out.is_empty(), "{left_out:?}");
    let [one] = found.as_slice() else {
        panic!("{found:?}")
    };
    let (mut points, mut resources) = (Vec::new(), Vec::new());
    let opened = one.open().unwrap();
    for batch in opened.batches(2) {
        let batch = batch.unwrap();
        assert!(batch.points.len() + batch.resources.len() <= 2);
        points.extend(batch.points);
        resources.extend(batch.resources);
    }
    points.sort_by(|one, other| one.id.cmp(&other.id));
    (points, resources)
}

fn ids(points: &[RecoveryPoint]) -> Vec<&str> {
    points.iter().map(|point| point.id.as_str()).collect()
}

/// Numbers that are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(99);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn text(&mut self) -> String {
        let texts = [
            "",
            "orders-db data",
            "a\u{1b}[31mb\u{202e}c\n\0",
            "größe 漢字 🚑",
            "snap-0123456789abcdef0",
        ];
        match self.below(8) {
            long @ 0 => "x".repeat(long + 700 + self.below(900)),
            n if n <= texts.len() => texts[n - 1].to_owned(),
            _other => format!("text {}", self.below(50)),
        }
    }

    fn maybe(&mut self) -> Option<String> {
        (self.below(2) == 0).then(|| self.text())
    }

    fn instant(&mut self) -> Timestamp {
        let far = [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH];
        match self.below(6) {
            n if n < 3 => far[n],
            _near => {
                let seconds = i64::try_from(self.below(1 << 31)).unwrap() - 1000;
                Timestamp::new(seconds, i32::try_from(self.below(999_999_999)).unwrap()).unwrap()
            }
        }
    }

    fn point(&mut self, n: usize) -> RecoveryPoint {
        let mut place = place("acme", "eu-west-1");
        place.profile = self.maybe();
        let when = if self.below(2) == 0 {
            When::At { at: self.instant() }
        } else {
            let (earliest, latest) = (self.instant(), self.instant());
            When::Window { earliest, latest }
        };
        let instant = self.instant();
        let origins = [
            Origin::AwsBackup,
            Origin::Dlm,
            Origin::Automated,
            Origin::Image,
            Origin::Defib,
            Origin::ByHand,
        ];
        let kind = |chance: &mut Self| PointKind::ALL[chance.below(PointKind::ALL.len())];
        let resource = ResourceKind::ALL[self.below(ResourceKind::ALL.len())];
        RecoveryPoint {
            id: format!("{}{n}", self.text()),
            kind: kind(self),
            place,
            resource: self.maybe().map(|id| (resource, id)),
            resource_home: [
                None,
                Some(crate::catalog::fixtures::place("acme", "us-east-1").home()),
            ][self.below(2)]
            .clone(),
            name: self.maybe().map(Untrusted::from),
            when,
            data_at: if self.below(2) == 0 {
                DataTime::Known(instant)
            } else {
                DataTime::AtMost(instant)
            },
            state: self.text(),
            size_bytes: [None, Some(0), Some(u64::MAX), Some(200 << 30)][self.below(4)],
            encrypted: [None, Some(false), Some(true)][self.below(3)],
            kms_key: self.maybe(),
            tier: [Tier::Standard, Tier::Archive][self.below(2)],
            protection: self.maybe(),
            origin: origins[self.below(origins.len())],
            copy_of: self.maybe(),
            vault: self.maybe(),
            key_state: self.maybe(),
            backup_arn: self.maybe(),
            copy_first: self.below(2) == 0,
            architecture: [None, Some(Architecture::I386), Some(Architecture::ArmMac)]
                [self.below(3)],
            face_of: self.maybe().map(|id| (kind(self), id)),
            scan: self.maybe(),
            tags: (0..self.below(5))
                .map(|_| (Untrusted::from(self.text()), Untrusted::from(self.text())))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    fn resource(&mut self) -> Resource {
        Resource {
            id: self.text(),
            kind: ResourceKind::ALL[self.below(ResourceKind::ALL.len())],
            name: self.maybe().map(Untrusted::from),
            place: place("acme", "eu-west-1"),
            engine: self.maybe(),
            exists: self.below(2) == 0,
            attached_to: self.maybe().map(|on| (on, self.text())),
            tags: [(Untrusted::from(self.text()), Untrusted::from(self.text()))].into(),
        }
    }
}

#[test]
fn whatever_is_listed_is_known_again_byte_by_byte() {
    for seed in 0..40 {
        let home = TempDir::new().unwrap();
        let mut chance = Chance(seed);
        let mut points: Vec<_> = (0..30).map(|n| chance.point(n)).collect();
        let mut resources: Vec<_> = (0..10).map(|_| chance.resource()).collect();
        // No source lists volumes of the Recycle Bin or instances' snapshots as kinds of their own.
        let kinds: Vec<_> = REGISTRY.iter().map(|source| source.kind()).collect();
        points.retain(|point| kinds.contains(&point.kind));
        listed(
            &cache(&home),
            &card(),
            NOW,
            (points.clone(), resources.clone()),
            &[],
        );
        let (found, mut left) = known(&cache(&home));
        points.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(found, points, "seed {seed}");
        let by = |one: &Resource| (one.kind, one.id.clone(), format!("{one:?}"));
        left.sort_by_key(by);
        resources.sort_by_key(by);
        assert_eq!(left, resources, "seed {seed}");
    }
}

fn one_point() -> (Vec<RecoveryPoint>, Vec<Resource>) {
    let here = place("acme", "eu-west-1");
    let points = vec![point("snap-1", &here, "2026-03-01T02:00:00Z")];
    (points, vec![volume("vol-1", &here)])
}

fn only_file(cache: &Cache) -> PathBuf {
    let files = files::named(cache.directory(), CATALOG);
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    file.clone()
}

#[test]
fn a_file_with_any_byte_bent_or_missing_is_left_out_and_told() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    listed(&cache, &card(), NOW, one_point(), &[]);
    let file = only_file(&cache);
    let whole = fs::read(&file).unwrap();
    let read = || {
        let (found, left_out) = cache.find(&[asked("acme", Some("eu-west-1"))], at(NOW));
        assert!(left_out.len() <= 1);
        let told = left_out.first().map(ToString::to_string);
        found.first().map_or_else(
            || Err(told.unwrap_or_else(|| "nothing said".into())),
            |one| one.open().map_err(|error| format!("{error}")),
        )
    };
    assert!(read().is_ok());
    for n in 0..whole.len() {
        let mut bent = whole.clone();
        bent[n] ^= 0x41;
        fs::write(&file, &bent).unwrap();
        let told = read().expect_err("it must be noticed");
        assert!(told.contains("is left out"), "byte {n}: {told}");
    }
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(read().is_err(), "cut at {length}");
    }
    let longer = [whole.as_slice(), b"x"].concat();
    fs::write(&file, longer).unwrap();
    assert!(read().is_err(), "there is more than was written");
    assert!(file.exists(), "it is replaced, never deleted");
    listed(&cache, &card(), NOW, one_point(), &[]);
    assert_eq!(known(&cache).0.len(), 1);
}

#[test]
fn what_another_version_wrote_is_told_as_such() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    listed(&cache, &card(), NOW, one_point(), &[]);
    let file = only_file(&cache);
    let mut bytes = fs::read(&file).unwrap();
    bytes[8] += 1;
    fs::write(&file, bytes).unwrap();
    let (found, left_out) = cache.find(&[asked("acme", Some("eu-west-1"))], at(NOW));
    assert!(found.is_empty());
    let told = left_out[0].to_string();
    assert!(
        told.contains("version 3") && told.contains("reads 2"),
        "{told}"
    );
}

#[test]
fn files_and_directory_are_their_owners_alone() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    fs::create_dir_all(cache.directory()).unwrap();
    fs::set_permissions(cache.directory(), Permissions::from_mode(0o755)).unwrap();
    listed(&cache, &card(), NOW, one_point(), &[]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(cache.directory()), 0o700);
    for entry in fs::read_dir(cache.directory()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn what_others_may_have_written_and_links_and_pipes_are_left_out() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    listed(&cache, &card(), NOW, one_point(), &[]);
    let file = only_file(&cache);
    let told = || {
        let (found, left_out) = cache.find(&[asked("acme", Some("eu-west-1"))], at(NOW));
        assert!(found.is_empty());
        left_out[0].to_string()
    };
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    assert!(told().contains("others can write it"), "{}", told());

    let elsewhere = home.path().join("elsewhere");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(told().contains("symbolic link"), "{}", told());
    listed(&cache, &card(), NOW, one_point(), &[]);
    assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());
    assert!(elsewhere.exists(), "what it led to stays as it is");

    fs::remove_file(&file).unwrap();
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(told().contains("no regular file"), "{}", told());

    fs::remove_file(&file).unwrap();
    fs::write(
        &file,
        "something else that somebody keeps here, longer than a frame is",
    )
    .unwrap();
    assert!(told().contains("no catalog of defib"), "{}", told());
    assert!(file.exists());
}

#[test]
fn a_directory_that_is_none_is_told_and_nothing_is_written() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    fs::create_dir_all(cache.directory().parent().unwrap()).unwrap();
    symlink(home.path(), cache.directory()).unwrap();
    let (found, left_out) = cache.find(&[asked("acme", None)], at(NOW));
    assert!(found.is_empty() && left_out.len() == 1, "{left_out:?}");
    let finished = Finished {
        card: card(),
        at: at(NOW),
        kinds: BTreeMap::new(),
        described: super::read::Described::default(),
    };
    assert!(matches!(
        cache.write(&finished),
        Err(CacheError::NotOurs { .. })
    ));
}

#[test]
fn without_a_directory_nothing_is_known_and_nothing_is_wrong() {
    let home = TempDir::new().unwrap();
    let (found, left_out) = cache(&home).find(&[asked("acme", None)], at(NOW));
    assert!(found.is_empty() && left_out.is_empty());
    assert!(!cache(&home).directory().exists(), "looking makes nothing");
}

#[test]
fn a_kind_that_could_not_be_listed_keeps_its_rows_and_their_age() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    let here = place("acme", "eu-west-1");
    let snapshot = |id: &str| point(id, &here, "2026-03-01T02:00:00Z");
    let image = |id: &str| RecoveryPoint {
        kind: PointKind::Ami,
        ..snapshot(id)
    };
    let first = vec![
        snapshot("snap-1"),
        snapshot("snap-2"),
        image("ami-1"),
        image("ami-2"),
    ];
    listed(
        &cache,
        &card(),
        "2026-03-13T00:00:00Z",
        (first, vec![]),
        &[],
    );
    // One image was seen before the listing failed; of the snapshots one is gone.
    let second = vec![snapshot("snap-2"), image("ami-2"), image("ami-3")];
    listed(
        &cache,
        &card(),
        "2026-03-14T00:00:00Z",
        (second, vec![]),
        &[PointKind::Ami],
    );
    let (points, _) = known(&cache);
    assert_eq!(ids(&points), ["ami-1", "ami-2", "ami-3", "snap-2"]);
    let (found, _) = cache.find(&[asked("acme", Some("eu-west-1"))], at(NOW));
    assert_eq!(
        found[0].known_at[&PointKind::Ami],
        at("2026-03-13T00:00:00Z")
    );
    assert_eq!(
        found[0].known_at[&PointKind::EbsSnapshot],
        at("2026-03-14T00:00:00Z")
    );
    assert_eq!(
        found[0].at(),
        at("2026-03-13T00:00:00Z"),
        "the oldest counts"
    );
    // Two weeks later nobody believes in the image any more.
    listed(
        &cache,
        &card(),
        "2026-03-29T00:00:00Z",
        (vec![], vec![]),
        &[PointKind::Ami],
    );
    let (found, _) = cache.find(
        &[asked("acme", Some("eu-west-1"))],
        at("2026-03-29T00:00:00Z"),
    );
    assert_eq!(found[0].rows, 0, "{found:?}");
}

/// Snapshots are listed, their Recycle Bin is not; what it tells afterwards is for the caller to say.
fn listed_but_for_the_bin(cache: &Cache, when: &str) -> Recorder {
    let mut recorder = Recorder::new(at(when), true);
    recorder.begins(card(), REGISTRY);
    let (points, resources) = one_point();
    let settings = ec2::Volume {
        id: "vol-1".into(),
        volume_type: "gp3".into(),
        size: 10,
        iops: None,
        throughput: None,
        encrypted: false,
        kms_key: None,
        multi_attach: false,
        state: "in-use".into(),
        zone: "eu-west-1a".into(),
        operator: None,
        attachments: vec![],
        tags: BTreeMap::new(),
    };
    let batch = Batch {
        resources,
        seen: vec![ec2::Seen::Volume(Box::new(settings))],
        ..Batch::default()
    };
    recorder.take(&Message::Found(batch));
    let batch = Batch {
        points,
        ..Batch::default()
    };
    recorder.take(&Message::Found(batch));
    let (place, mut in_vain) = (card().place, Some(PointKind::EbsSnapshot));
    let mut finished = None;
    for kind in REGISTRY.iter().map(|source| source.kind()) {
        let message = if in_vain.take_if(|in_vain| *in_vain == kind).is_some() {
            failed(&place, kind)
        } else {
            let place = place.clone();
            Message::Finished { place, kind }
        };
        finished = recorder.take(&message);
    }
    cache.write(&finished.expect("it ended")).unwrap();
    recorder
}

fn binned(id: &str) -> RecoveryPoint {
    RecoveryPoint {
        state: IN_RECYCLE_BIN.into(),
        ..point(id, &card().place, "2026-03-13T00:00:00Z")
    }
}

fn told_by_the_bin(cache: &Cache, recorder: &mut Recorder, points: Vec<RecoveryPoint>) -> Finished {
    let (place, kind) = (card().place, PointKind::EbsSnapshot);
    recorder.again(&place, &[kind]);
    let batch = Batch {
        points,
        ..Batch::default()
    };
    recorder.take(&Message::Found(batch));
    let finished = recorder.take(&Message::Finished { place, kind });
    let finished = finished.expect("it was the only one");
    cache.write(&finished).unwrap();
    finished
}

fn found_of(cache: &Cache) -> Found {
    let (found, _) = cache.find(&[asked("acme", Some("eu-west-1"))], at(NOW));
    found.into_iter().next().expect("it was written")
}

#[test]
fn what_a_retry_lists_stands_beside_what_was_listed_before_it() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    // Of the day before: this scan does not find it again.
    let gone = vec![point("snap-0", &card().place, "2026-03-01T02:00:00Z")];
    listed(&cache, &card(), "2026-03-13T00:00:00Z", (gone, vec![]), &[]);
    let mut recorder = listed_but_for_the_bin(&cache, NOW);
    let (points, _) = known(&cache);
    assert_eq!(ids(&points), ["snap-0", "snap-1"], "it may be in the bin");

    let finished = told_by_the_bin(&cache, &mut recorder, vec![binned("snap-2")]);
    assert_eq!(finished.whole(), [PointKind::EbsSnapshot].into());
    let (points, resources) = known(&cache);
    assert_eq!(ids(&points), ["snap-1", "snap-2"]);
    assert_eq!(resources.len(), 1);
    let found = found_of(&cache);
    assert_eq!(found.known_at[&PointKind::EbsSnapshot], at(NOW));
    let estate = Cache::estate(&found).unwrap();
    assert_eq!(estate.volumes.len(), 1, "a plan is made of it");
    assert_eq!(estate.points.len(), 2);
}

#[test]
fn what_ended_first_is_written_first_whichever_thread_comes_first() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    let recorded = |when: &str, id: &str| {
        let mut recorder = Recorder::new(at(when), true);
        recorder.begins(card(), REGISTRY);
        let points = vec![point(id, &card().place, "2026-03-01T02:00:00Z")];
        let batch = Batch {
            points,
            ..Batch::default()
        };
        recorder.take(&Message::Found(batch));
        let ended = REGISTRY.iter().filter_map(|source| {
            let (place, kind) = (card().place, source.kind());
            recorder.take(&Message::Finished { place, kind })
        });
        ended.last().expect("it ended")
    };
    cache.enqueue(recorded("2026-03-13T00:00:00Z", "snap-1"));
    cache.enqueue(recorded(NOW, "snap-2"));
    // A clone writes into the same file, and waits for the same turn.
    cache.clone().write_next().unwrap();
    assert_eq!(ids(&known(&cache).0), ["snap-1"]);
    cache.write_next().unwrap();
    assert_eq!(ids(&known(&cache).0), ["snap-2"]);
    cache.write_next().unwrap();
    assert_eq!(ids(&known(&cache).0), ["snap-2"], "nothing waits any more");
}

#[test]
fn a_retry_that_fails_again_and_then_succeeds_loses_nothing() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    let mut recorder = listed_but_for_the_bin(&cache, NOW);
    let (place, kind) = (card().place, PointKind::EbsSnapshot);
    recorder.again(&place, &[kind]);
    let finished = recorder.take(&failed(&place, kind)).expect("it ended");
    assert!(finished.whole().is_empty());
    cache.write(&finished).unwrap();
    assert_eq!(ids(&known(&cache).0), ["snap-1"]);
    told_by_the_bin(&cache, &mut recorder, vec![]);
    assert_eq!(ids(&known(&cache).0), ["snap-1"]);
    assert_eq!(Cache::estate(&found_of(&cache)).unwrap().volumes.len(), 1);
}

#[test]
fn without_the_file_of_the_scan_a_retry_is_no_complete_listing() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    let mut recorder = listed_but_for_the_bin(&cache, NOW);
    // Somebody else has written it since, or it could not be written.
    listed(&cache, &card(), "2026-03-13T00:00:00Z", one_point(), &[]);
    told_by_the_bin(&cache, &mut recorder, vec![binned("snap-2")]);
    assert_eq!(ids(&known(&cache).0), ["snap-1", "snap-2"]);
}

#[test]
fn where_two_kinds_have_failed_and_one_begins_again_the_other_is_not_waited_for() {
    let mut recorder = Recorder::new(at(NOW), true);
    recorder.begins(card(), REGISTRY);
    let place = card().place;
    let failing = [PointKind::RdsSnapshot, PointKind::DynamodbBackup];
    for kind in REGISTRY.iter().map(|source| source.kind()) {
        let message = if failing.contains(&kind) {
            failed(&place, kind)
        } else {
            let place = place.clone();
            Message::Finished { place, kind }
        };
        recorder.take(&message);
    }
    let [first, second] = failing;
    recorder.again(&place, &[first]);
    let finished = recorder.take(&failed(&place, first));
    assert!(finished.expect("nothing else is listed").whole().is_empty());
    // The other one begins while the first is at it once more.
    recorder.again(&place, &[first]);
    recorder.again(&place, &[second]);
    let found = Message::Found(Batch {
        points: vec![RecoveryPoint {
            kind: second,
            ..binned("backup-1")
        }],
        ..Batch::default()
    });
    recorder.take(&found);
    let end = |kind| Message::Finished {
        place: place.clone(),
        kind,
    };
    assert!(recorder.take(&end(second)).is_none());
    let finished = recorder.take(&end(first)).expect("it ended");
    assert_eq!(finished.whole(), failing.into());
    assert_eq!(finished.kinds[&second].rows, 1);
}

#[test]
fn a_listing_of_one_kind_leaves_the_others_as_they_were() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    listed(&cache, &card(), "2026-03-13T00:00:00Z", one_point(), &[]);
    let images: Vec<&'static dyn Source> = REGISTRY
        .iter()
        .copied()
        .filter(|source| source.kind() == PointKind::Ami)
        .collect();
    let mut recorder = Recorder::new(at(NOW), true);
    recorder.begins(card(), &images);
    let mut finished = None;
    for _source in &images {
        let (place, kind) = (card().place, PointKind::Ami);
        finished = recorder.take(&Message::Finished { place, kind });
    }
    let finished = finished.expect("the last one ends it");
    assert_eq!(finished.whole(), [PointKind::Ami].into());
    cache.write(&finished).unwrap();
    assert_eq!(ids(&known(&cache).0), ["snap-1"]);
}

#[test]
fn places_are_found_by_profile_and_region_and_the_last_account_counts() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    let elsewhere = Card {
        place: Place {
            account: "999900001111".into(),
            ..card().place
        },
        own_at: Some(at("2026-03-13T00:00:00Z")),
        ..card()
    };
    let own = Card {
        own_at: Some(at("2026-03-14T00:00:00Z")),
        ..card()
    };
    listed(&cache, &elsewhere, "2026-03-13T00:00:00Z", one_point(), &[]);
    listed(&cache, &own, "2026-03-14T00:00:00Z", one_point(), &[]);
    let accounts = |asked: &[Asked]| {
        let (found, _) = cache.find(asked, at(NOW));
        let accounts = found
            .iter()
            .map(|one| (one.nth, one.card.place.account.to_string()));
        accounts.collect::<Vec<_>>()
    };
    let here = [(0, "111122223333".to_owned())];
    assert_eq!(accounts(&[asked("acme", Some("eu-west-1"))]), here);
    assert_eq!(accounts(&[asked("acme", None)]), here);
    let all = Asked {
        all_regions: true,
        ..asked("acme", None)
    };
    assert_eq!(accounts(&[all]), here);
    assert!(accounts(&[asked("acme", Some("us-east-1"))]).is_empty());
    assert!(accounts(&[asked("other", None)]).is_empty());
}

#[test]
fn another_endpoint_is_another_estate_and_what_is_old_is_not_shown() {
    let home = TempDir::new().unwrap();
    listed(&cache(&home), &card(), NOW, one_point(), &[]);
    let asked = [asked("acme", Some("eu-west-1"))];
    let directory = cache(&home).directory().to_path_buf();
    let at_port = |port| {
        let url = format!("http://127.0.0.1:{port}");
        Cache::new(directory.clone(), &[("AWS_ENDPOINT_URL".to_owned(), url)])
    };
    assert!(at_port(1).find(&asked, at(NOW)).0.is_empty());
    assert_eq!(cache(&home).find(&asked, at(NOW)).0.len(), 1);
    // Of test endpoints the same one counts first, and else another: ports change.
    let other = Card {
        role: "another".into(),
        ..card()
    };
    listed(
        &at_port(1),
        &card(),
        "2026-03-14T00:00:00Z",
        one_point(),
        &[],
    );
    listed(
        &at_port(2),
        &other,
        "2026-03-14T01:00:00Z",
        one_point(),
        &[],
    );
    for (port, role) in [(1, card().role), (2, other.role.clone()), (3, other.role)] {
        assert_eq!(at_port(port).find(&asked, at(NOW)).0[0].card.role, role);
    }
    assert_eq!(cache(&home).find(&asked, at(NOW)).0.len(), 1);
    let later = at("2026-04-14T02:31:00Z");
    assert!(cache(&home).find(&asked, later).0.is_empty());
}

#[test]
fn old_files_of_defib_are_cleared_away_and_nothing_else() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    let other = Card {
        role: "another".into(),
        ..card()
    };
    listed(&cache, &other, NOW, one_point(), &[]);
    fs::write(cache.directory().join("mine.catalog"), "notes").unwrap();
    fs::write(cache.directory().join("notes"), "notes").unwrap();
    let old = cache.path(&other, CATALOG);
    for name in [&old, &cache.directory().join("mine.catalog")] {
        let file = fs::File::options().write(true).open(name).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)
            .unwrap();
    }
    listed(&cache, &card(), NOW, one_point(), &[]);
    let names = files::named(cache.directory(), CATALOG);
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(!old.exists());
    assert!(cache.directory().join("mine.catalog").exists());
    assert!(cache.directory().join("notes").exists());
}

#[test]
fn two_consoles_that_write_at_once_leave_one_whole_file() {
    let home = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for _console in 0..4 {
            scope.spawn(|| {
                for _scan in 0..10 {
                    listed(&cache(&home), &card(), NOW, one_point(), &[]);
                    assert_eq!(known(&cache(&home)).0.len(), 1);
                }
            });
        }
    });
    let left = files::named(cache(&home).directory(), files::UNFINISHED);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_flows_observed_is_kept_the_youngest_first_and_not_without_end() {
    let home = TempDir::new().unwrap();
    let cache = cache(&home);
    for n in 0..MOST_KEPT + 3 {
        let kept = Kept {
            flow: "volume-swap".into(),
            version: 1,
            subject: n.to_string(),
            at: at(NOW),
            facts: serde_json::json!({ "n": n }),
        };
        cache.keep(&card(), kept).unwrap();
    }
    let again = Kept {
        subject: "20".into(),
        facts: serde_json::json!({ "n": "again" }),
        ..Cache::kept(&cache.path(&card(), frame::KEPT)).unwrap()[0].clone()
    };
    cache.keep(&card(), again).unwrap();
    let kept = Cache::kept(&cache.path(&card(), frame::KEPT)).unwrap();
    assert_eq!(kept.len(), MOST_KEPT);
    assert_eq!(kept[0].facts["n"], "again");
    assert_eq!(kept[1].facts["n"], MOST_KEPT + 2);
    let of_subject = kept.iter().filter(|one| one.subject == "20");
    assert_eq!(of_subject.count(), 1);
}
