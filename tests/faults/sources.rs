//! What every source finds in the simulated AWS: whole, page by page, denied, throttled, and with names
//! that bite.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::catalog::scan::{Message, scan};
use defib::catalog::source::{REGISTRY, Read};
use defib::catalog::store::{Point, Store};
use defib::clock::Clock;
use defib::domain::failure::{Failure, FailureClass};
use defib::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, When};
use defib::domain::resource::{Resource, ResourceKind};
use defib::sim::{CallRecord, Fault, On, SimulatedAws, Story, scenarios};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

const HEAD: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
account = "111122223333"
region = "eu-west-1"
[delays]
answer = "40ms"
[[account]]
id = "111122223333"
name = "acme-prod"
[[place]]
account = "111122223333"
region = "eu-west-1"
"#;

/// What keeps snapshots is told by this, and no snapshot is.
const LOCKS: &str = "ec2:DescribeLockedSnapshots";

/// Every source asks this, by the kind it is of.
const CALLS: &[(&str, PointKind)] = &[
    ("ec2:DescribeSnapshots", PointKind::EbsSnapshot),
    (LOCKS, PointKind::EbsSnapshot),
    ("ec2:DescribeVolumes", PointKind::EbsSnapshot),
    ("ec2:DescribeInstances", PointKind::EbsSnapshot),
    ("ec2:ListSnapshotsInRecycleBin", PointKind::EbsSnapshot),
    ("ec2:ListVolumesInRecycleBin", PointKind::EbsVolume),
    ("ec2:DescribeImages", PointKind::Ami),
    ("ec2:ListImagesInRecycleBin", PointKind::Ami),
    ("dynamodb:ListBackups", PointKind::DynamodbBackup),
    ("dynamodb:ListTables", PointKind::DynamodbWindow),
    (
        "dynamodb:DescribeContinuousBackups",
        PointKind::DynamodbWindow,
    ),
];

/// The kinds that this file is about.
const KINDS: [PointKind; 5] = [
    PointKind::EbsSnapshot,
    PointKind::Ami,
    PointKind::EbsVolume,
    PointKind::DynamodbBackup,
    PointKind::DynamodbWindow,
];

/// A simulated place and the clients of a viewer.
struct Place {
    aws: SimulatedAws,
    clients: Clients,
}

impl Place {
    async fn text(text: &str) -> Self {
        let clock = Clock::simulated(Story::of(text).unwrap().opens_at, 1.0);
        let aws = SimulatedAws::from_scenario(text, clock).unwrap();
        let connector = Connector {
            mode: Mode::Viewer { dry_run: true },
            endpoint_honours_dry_run: false,
            simulated: Some(aws.clone()),
            logins: Logins::default(),
        };
        let clients = connector.connect(None, None).await.unwrap();
        Self { aws, clients }
    }

    async fn demo() -> Self {
        Self::text(scenarios()[0].text).await
    }

    /// Lists every source of the kinds above.
    async fn listed(&self) -> Listed {
        let sources = REGISTRY.iter().copied();
        let sources: Vec<_> = sources.filter(|one| KINDS.contains(&one.kind())).collect();
        let mut messages = scan(&sources, vec![self.clients.clone()]);
        let mut listed = Listed::default();
        while let Some(message) = messages.recv().await {
            match message {
                Message::Found(batch) => {
                    listed.handed_on += batch.points.len();
                    listed.store.insert(batch);
                }
                Message::Finished { .. } => {}
                Message::Failed { kind, failure, .. } => listed.failed.push((kind, failure)),
            }
        }
        listed
    }

    async fn tried(&self) -> Vec<Read> {
        let mut reads = Vec::new();
        for source in REGISTRY.iter().filter(|one| KINDS.contains(&one.kind())) {
            reads.extend(source.try_reads(&self.clients).await);
        }
        reads
    }

    fn deny(&self, action: &str, denied: bool) {
        self.aws
            .third_party(ACCOUNT, REGION, |hands| hands.set_denied(action, denied));
    }

    fn calls(&self, operation: &str) -> Vec<CallRecord> {
        let calls = self.aws.calls().into_iter();
        calls.filter(|call| call.operation == operation).collect()
    }
}

/// What a scan found.
#[derive(Default)]
struct Listed {
    store: Store,
    failed: Vec<(PointKind, Failure)>,
    /// How many points came, those that came twice counted twice.
    handed_on: usize,
}

impl Listed {
    fn all(&self) -> impl Iterator<Item = RecoveryPoint> {
        self.store.points().map(Point::whole)
    }

    fn points_of(&self, one: &Resource) -> Vec<RecoveryPoint> {
        let points = self.store.points_of(one).into_iter();
        points.map(Point::whole).collect()
    }

    fn of(&self, kind: PointKind) -> Vec<RecoveryPoint> {
        self.all().filter(|point| point.kind == kind).collect()
    }

    fn named(&self, name: &str) -> RecoveryPoint {
        let is = |point: &RecoveryPoint| point.name.as_ref().is_some_and(|n| n.raw() == name);
        self.all()
            .find(is)
            .unwrap_or_else(|| panic!("nothing is named {name}"))
    }

    fn resource(&self, kind: ResourceKind, id: &str) -> &Resource {
        let mut all = self.store.resources().iter();
        let found = all.find(|one| one.kind == kind && one.id == id);
        found.unwrap_or_else(|| panic!("no {} {id}", kind.as_str()))
    }

    fn ids(&self) -> BTreeSet<(PointKind, String)> {
        self.all().map(|point| (point.kind, point.id)).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_demo_shows_every_kind_and_nothing_fails() {
    let listed = Place::demo().await.listed().await;
    assert_eq!(listed.failed, []);
    let count = |kind| listed.of(kind).len();
    assert_eq!(count(PointKind::Ami), 7 + 3 + 3 + 1);
    assert_eq!(count(PointKind::EbsVolume), 1);
    assert_eq!(count(PointKind::DynamodbBackup), 1 + 7 + 1);
    assert_eq!(count(PointKind::DynamodbWindow), 1);
    assert_eq!(
        listed.handed_on,
        listed.store.points().count(),
        "none came twice"
    );
}

#[tokio::test(start_paused = true)]
async fn tables_are_resources_with_and_without_points() {
    let listed = Place::demo().await.listed().await;
    let table = |name| listed.resource(ResourceKind::Table, name);
    let points = |name| listed.points_of(table(name)).len();
    assert_eq!((points("orders"), points("carts")), (1, 8));
    assert!(table("sessions").exists && !listed.store.has_points(table("sessions")));
    assert!(
        !table("coupons").exists,
        "all that is left of it is a backup"
    );
    let left = listed.points_of(table("coupons")).remove(0);
    assert_eq!((left.origin, left.usable()), (Origin::Automated, true));
    let said = left.protection.as_deref().unwrap();
    assert_eq!(said, "expires 2026-04-07 02:17:00Z");
    let window = listed.points_of(table("orders")).remove(0);
    let When::Window { earliest, latest } = window.when else {
        panic!("{:?}", window.when);
    };
    let (earliest, latest) = (earliest.to_string(), latest.to_string());
    assert!(earliest.starts_with("2026-02-07T02:31:0"), "{earliest}");
    assert!(latest.starts_with("2026-03-14T02:26:0"), "{latest}");
}

#[tokio::test(start_paused = true)]
async fn images_belong_to_their_instances_and_say_what_became_of_them() {
    let listed = Place::demo().await.listed().await;
    let orders = listed.resource(ResourceKind::Instance, "i-0c4e8f1a2b3d5e607");
    let images = listed.points_of(orders);
    assert_eq!(images.len(), 8);
    let by_backup = images.iter().filter(|one| one.origin == Origin::AwsBackup);
    assert_eq!(by_backup.count(), 7);
    let upgrade = listed.named("orders-db before PostgreSQL 17");
    assert!(matches!(upgrade.data_at, DataTime::Known(_)) && upgrade.usable());
    assert_eq!(upgrade.size_bytes, Some(216 << 30));
    let said = upgrade.protection.as_deref();
    assert_eq!(said, Some("deregistration protection enabled"));
    let deprecated = listed.named("web golden 2025-11");
    assert!(deprecated.usable());
    assert!(
        deprecated
            .protection
            .as_deref()
            .unwrap()
            .starts_with("deprecated from 2026-02-14")
    );
    let disabled = listed.named("web golden 2025-08");
    assert_eq!(
        (disabled.state.as_str(), disabled.usable()),
        ("disabled", false)
    );
}

#[tokio::test(start_paused = true)]
async fn what_lies_in_the_recycle_bin_is_listed_and_never_usable() {
    let listed = Place::demo().await.listed().await;
    let binned = listed.all();
    let binned: Vec<_> = binned.filter(|one| one.state == "recycle-bin").collect();
    let kinds: BTreeSet<PointKind> = binned.iter().map(|one| one.kind).collect();
    let wanted = [PointKind::EbsSnapshot, PointKind::Ami, PointKind::EbsVolume];
    assert_eq!(kinds, BTreeSet::from(wanted));
    for point in binned {
        assert!(!point.usable(), "{}", point.id);
        assert!(matches!(point.data_at, DataTime::AtMost(_)), "{}", point.id);
        let said = point.protection.as_deref().unwrap();
        assert!(said.contains("deleted for good at 2026-03-"), "{said}");
    }
    let volume = listed.resource(ResourceKind::Volume, "vol-0d41f7c2a86b3e950");
    assert!(!volume.exists);
    assert_eq!(listed.points_of(volume).len(), 2, "itself and its snapshot");
}

#[tokio::test(start_paused = true)]
async fn one_snapshot_is_locked_and_stays_usable_and_nothing_else_counts_as_locked() {
    let listed = Place::demo().await.listed().await;
    let protected = listed.all();
    assert!(protected.filter(|one| one.protection.is_some()).count() > 10);
    let locked = listed.all();
    let locked: Vec<_> = locked.filter(RecoveryPoint::locked).collect();
    let [quarter_end] = &locked[..] else {
        panic!("{locked:?}");
    };
    assert!(quarter_end.usable());
    let said = quarter_end.protection.as_deref().unwrap();
    assert_eq!(said, "compliance lock until 2027-01-13 02:17:00Z");
}

#[tokio::test(start_paused = true)]
async fn backups_behind_a_page_without_any_are_found_and_none_comes_twice() {
    let text = format!(
        "{HEAD}[[place.table]]\nname = \"a\"\n[[place.table]]\nname = \"z\"\n\
         [[place.table-backup]]\ntable = \"a\"\nname = \"n{{n}}\"\nbefore = \"1h\"\ncount = 230\n\
         [[place.table-backup]]\ntable = \"z\"\ntype = \"AWS_BACKUP\"\nname = \"last\"\nbefore = \"1h\"\n"
    );
    let place = Place::text(&text).await;
    let listed = place.listed().await;
    assert_eq!(listed.failed, []);
    assert_eq!(listed.of(PointKind::DynamodbBackup).len(), 231);
    assert_eq!(listed.handed_on, 231);
    assert_eq!(listed.named("last").origin, Origin::AwsBackup);
    let calls = place.calls("ListBackups");
    assert!(calls.iter().all(|call| call.outcome == "OK"), "{calls:?}");
}

fn many_tables(count: usize) -> String {
    let mut text = HEAD.to_owned();
    for number in 0..count {
        let _ = write!(
            text,
            "[[place.table]]\nname = \"t-{number:03}\"\npitr_since = \"9d\"\n"
        );
    }
    text
}

#[tokio::test(start_paused = true)]
async fn the_windows_of_many_tables_are_asked_for_no_faster_than_is_allowed() {
    let place = Place::text(&many_tables(130)).await;
    let listed = place.listed().await;
    assert_eq!(listed.failed, []);
    assert_eq!(listed.of(PointKind::DynamodbWindow).len(), 130);
    assert_eq!(listed.store.resources().len(), 130);
    let calls = place.calls("DescribeContinuousBackups");
    assert_eq!(calls.len(), 130, "none was asked for twice");
    assert!(calls.iter().all(|call| call.outcome == "OK"));
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_deleted_while_its_window_is_asked_for_has_none_and_fails_nothing() {
    let place = Place::text(&many_tables(3)).await;
    let gone = Fault::edit(|hands| hands.delete_table("t-001"));
    place
        .aws
        .faults()
        .inject(On::operation("DescribeContinuousBackups"), gone);
    let listed = place.listed().await;
    assert_eq!(listed.failed, []);
    assert_eq!(listed.of(PointKind::DynamodbWindow).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_window_that_cannot_be_had_hides_no_other() {
    let place = Place::text(&many_tables(9)).await;
    let on = On::operation("DescribeContinuousBackups").nth(2);
    place.aws.faults().inject(on, Fault::Unauthorized);
    let listed = place.listed().await;
    assert_eq!(listed.of(PointKind::DynamodbWindow).len(), 8);
    let [(kind, failure)] = &listed.failed[..] else {
        panic!("{:?}", listed.failed);
    };
    assert_eq!(
        (*kind, failure.class),
        (PointKind::DynamodbWindow, FailureClass::Denied)
    );
}

#[tokio::test(start_paused = true)]
async fn where_no_window_can_be_had_it_is_not_asked_for_every_one() {
    let place = Place::text(&many_tables(60)).await;
    place.deny("dynamodb:DescribeContinuousBackups", true);
    let listed = place.listed().await;
    assert_eq!(
        listed.store.resources().len(),
        60,
        "the tables are listed all the same"
    );
    let asked = place.calls("DescribeContinuousBackups").len();
    assert!((5..12).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_denied_is_the_failure_of_its_place_and_hides_nothing_else() {
    let place = Place::demo().await;
    let whole = place.listed().await;
    for (action, kind) in CALLS {
        place.deny(action, true);
        let listed = place.listed().await;
        place.deny(action, false);
        let [(failed, failure)] = &listed.failed[..] else {
            panic!("{action}: {:?}", listed.failed);
        };
        assert_eq!((failed, failure.call.as_str()), (kind, *action));
        assert_eq!(failure.class, FailureClass::Denied, "{action}");
        let lost: BTreeSet<_> = whole.ids().difference(&listed.ids()).cloned().collect();
        assert!(
            lost.iter().all(|(lost, _)| lost == kind),
            "{action}: {lost:?}"
        );
        let of_locks = *action == LOCKS;
        assert_eq!(failure.leaves_points_whole(), of_locks, "{action}");
        if of_locks {
            assert_eq!(lost, BTreeSet::new(), "only the locks are not known");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_more_than_the_locks_fails_that_is_the_failure() {
    let place = Place::demo().await;
    place.deny(LOCKS, true);
    for action in ["ec2:DescribeSnapshots", "ec2:DescribeInstances"] {
        place.deny(action, true);
        let listed = place.listed().await;
        place.deny(action, false);
        let calls: Vec<&str> = listed
            .failed
            .iter()
            .map(|(_, one)| one.call.as_str())
            .collect();
        assert_eq!(calls, [action]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_throttled_for_a_moment_is_asked_again_and_for_ever_is_a_failure() {
    let place = Place::demo().await;
    let whole = place.listed().await.ids();
    for (action, kind) in CALLS {
        let operation = action.split_once(':').unwrap().1;
        let faults = place.aws.faults();
        let id = faults.inject(On::operation(operation).times(2), Fault::Throttled);
        let listed = place.listed().await;
        assert_eq!(
            (faults.lift(id), &listed.failed[..]),
            (2, &[][..]),
            "{action}"
        );
        assert_eq!(listed.ids(), whole, "{action}");

        let id = faults.inject(On::operation(operation).for_ever(), Fault::Throttled);
        let listed = place.listed().await;
        faults.lift(id);
        let [(failed, failure)] = &listed.failed[..] else {
            panic!("{action}: {:?}", listed.failed);
        };
        assert_eq!(
            (failed, failure.class),
            (kind, FailureClass::Throttled),
            "{action}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_of_a_listing_is_tried_and_one_that_is_denied_is_told_alone() {
    let place = Place::demo().await;
    let asked: Vec<&str> = place.tried().await.iter().map(|read| read.call).collect();
    let asked: BTreeSet<&str> = asked.into_iter().collect();
    let calls: BTreeSet<&str> = CALLS.iter().map(|(call, _)| *call).collect();
    assert_eq!(asked, calls);
    for (action, _) in CALLS {
        place.deny(action, true);
        let reads = place.tried().await;
        place.deny(action, false);
        let failed = reads.iter().filter(|read| read.outcome.is_err());
        let failed: Vec<&str> = failed.map(|read| read.call).collect();
        assert_eq!(failed, [*action]);
    }
    // Without any table, whether windows may be asked for is found out all the same.
    let empty = Place::text(HEAD).await;
    assert!(empty.tried().await.iter().all(|read| read.outcome.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn names_that_bite_arrive_byte_for_byte_and_are_shown_harmless() {
    const BITE: &str = "\u{1b}[2J\u{1b}[Hall is well\u{202e}";
    let bite = r"\u001b[2J\u001b[Hall is well\u202E";
    let text = format!(
        "{HEAD}[[place.table]]\nname = \"{bite}\"\npitr_since = \"9d\"\n\
         [[place.table-backup]]\ntable = \"{bite}\"\nname = \"{bite}\"\nbefore = \"1h\"\n\
         [[place.image]]\nname = \"{bite}\"\nsize = 8\nbefore = \"1h\"\ndescription = \"[Copied {bite}\"\n\
         [[place.image]]\nname = \"AwsBackup_{bite}\"\nsize = 8\nbefore = \"2h\"\n\
         recycle_bin = {{}}\n"
    );
    let listed = Place::text(&text).await.listed().await;
    assert_eq!(listed.failed, []);
    assert_eq!(listed.store.points().count(), 4);
    for kind in [PointKind::Ami, PointKind::DynamodbBackup] {
        for point in listed.of(kind) {
            let name = point.name.as_ref().unwrap();
            assert!(name.raw().ends_with(BITE), "{name:?}");
            assert!(!name.shown().chars().any(char::is_control));
            assert!(!name.shown().contains('\u{202e}'));
        }
    }
    let window = listed.of(PointKind::DynamodbWindow).remove(0);
    let table = (ResourceKind::Table, BITE.to_owned());
    assert_eq!(
        (&window.id, &window.resource),
        (&BITE.to_owned(), &Some(table))
    );
    let images = listed.of(PointKind::Ami);
    assert!(
        images
            .iter()
            .all(|image| image.resource.is_none() && image.copy_of.is_none())
    );
}
