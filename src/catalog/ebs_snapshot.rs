//! EBS snapshots that the account owns, with the volumes and instances they belong to.
//!
//! A copy is told by its volume id, its description or its transfer type; a copy's own start time
//! says nothing about its data. Must not list what the account does not own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Instance, Reservation, Snapshot, StorageTier, Tag, Volume};

use crate::aws::connect::Clients;
use crate::aws::ec2;
use crate::aws::failure::failure;
use crate::domain::ec2::Seen;
use crate::domain::failure::Failure;
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::backup_tag::{BackedUp, TAG_SOURCE};
use super::reading::{instant, name_in, require_all, require_end};
use super::snapshot_locks::{self, Locks};
use super::source::{Read, Sink, Source};

const SNAPSHOTS: &str = "ec2:DescribeSnapshots";
const VOLUMES: &str = "ec2:DescribeVolumes";
const INSTANCES: &str = "ec2:DescribeInstances";

/// Pages as large as EC2 gives them; calls without a page size are throttled sooner.
const SNAPSHOT_PAGE: i32 = 1000;
const VOLUME_PAGE: i32 = 500;
const INSTANCE_PAGE: i32 = 1000;
/// The smallest page that all three calls accept.
const SMALLEST_PAGE: i32 = 5;

const GIB: u64 = 1 << 30;
/// `VolumeId` of a snapshot that was made by copying.
const VOLUME_OF_COPIES: &str = "vol-ffffffff";
/// Tag of the step that made a snapshot, written by defib.
const TAG_STEP: &str = "defib:step";
/// Its value on a safety snapshot. A snapshot of a volume that defib made can carry that volume's tags.
const SAFETY: &str = "safety-snapshot";

/// The source of EBS snapshots.
#[derive(Clone, Copy, Debug)]
pub struct EbsSnapshots;

#[async_trait]
impl Source for EbsSnapshots {
    fn kind(&self) -> PointKind {
        PointKind::EbsSnapshot
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let mut locked = Ok(());
        let (snapshots, volumes, instances) = tokio::join!(
            list_snapshots(clients, sink, &mut locked),
            list_volumes(clients, sink),
            list_instances(clients, sink),
        );
        // Where the locks alone are not told, every point is there.
        snapshots.and(volumes).and(instances).and(locked)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let ec2 = &clients.ec2;
        let snapshots = ec2.describe_snapshots().owner_ids("self");
        let snapshots = snapshots.max_results(SMALLEST_PAGE).send().await;
        let volumes = ec2.describe_volumes().max_results(SMALLEST_PAGE).send();
        let volumes = volumes.await;
        let instances = ec2.describe_instances().max_results(SMALLEST_PAGE).send();
        let instances = instances.await;
        let read = |call, outcome| Read { call, outcome };
        vec![
            read(
                SNAPSHOTS,
                snapshots.map(drop).map_err(|e| failure(SNAPSHOTS, &e)),
            ),
            snapshot_locks::try_read(clients).await,
            read(VOLUMES, volumes.map(drop).map_err(|e| failure(VOLUMES, &e))),
            read(
                INSTANCES,
                instances.map(drop).map_err(|e| failure(INSTANCES, &e)),
            ),
        ]
    }
}

/// Locks are asked for while the first page is on its way: a page is complete with them. Where they cannot be
/// had, that is told in `locked`, and the snapshots are listed all the same.
async fn list_snapshots(
    clients: &Clients,
    sink: &Sink,
    locked: &mut Result<(), Failure>,
) -> Result<(), Failure> {
    let call = clients.ec2.describe_snapshots().owner_ids("self");
    let mut pages = call.into_paginator().page_size(SNAPSHOT_PAGE).send();
    let (mut page, locks) = tokio::join!(pages.next(), snapshot_locks::list(clients));
    let locks = locks.unwrap_or_else(|failure| {
        *locked = Err(failure);
        Locks::default()
    });
    let (mut token, mut unread) = (None, 0);
    while let Some(read) = page {
        let read = read.map_err(|error| failure(SNAPSHOTS, &error))?;
        let own = read.snapshots().iter();
        let own = own.filter(|one| is_own(one, &clients.place));
        let points: Vec<_> = own.map(|one| with_lock(one, clients, &locks)).collect();
        unread += points.iter().filter(|point| point.is_none()).count();
        sink.points(points.into_iter().flatten().collect()).await;
        token = read.next_token;
        page = pages.next().await;
    }
    let what = ("snapshot", "an id or a start time");
    require_all(SNAPSHOTS, unread, what)?;
    require_end(SNAPSHOTS, token)
}

fn with_lock(snapshot: &Snapshot, clients: &Clients, locks: &Locks) -> Option<RecoveryPoint> {
    let point = point_of(snapshot, &clients.place)?;
    Some(RecoveryPoint {
        protection: locks.words(&point.id),
        ..point
    })
}

async fn list_volumes(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.ec2.describe_volumes().into_paginator();
    let mut pages = call.page_size(VOLUME_PAGE).send();
    let (mut token, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(VOLUMES, &error))?;
        let rows = page.volumes();
        let seen = |one| Seen::Volume(Box::new(ec2::volume(one)));
        let seen = rows.iter().map(seen).collect();
        let volumes = rows.iter().filter_map(|row| volume_of(row, &clients.place));
        let volumes: Vec<_> = volumes.collect();
        unread += rows.len() - volumes.len();
        sink.described(volumes, seen).await;
        token = page.next_token;
    }
    require_all(VOLUMES, unread, ("volume", "an id"))?;
    require_end(VOLUMES, token)
}

async fn list_instances(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.ec2.describe_instances().into_paginator();
    let mut pages = call.page_size(INSTANCE_PAGE).send();
    let (mut token, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(INSTANCES, &error))?;
        let rows = page.reservations().iter().flat_map(Reservation::instances);
        let seen = |one| Seen::Instance(Box::new(ec2::instance(one)));
        let seen = rows.clone().map(seen).collect();
        let count = rows.clone().count();
        let instances = rows.filter_map(|row| instance_of(row, &clients.place));
        let instances: Vec<_> = instances.collect();
        unread += count - instances.len();
        sink.described(instances, seen).await;
        token = page.next_token;
    }
    require_all(INSTANCES, unread, ("instance", "an id"))?;
    require_end(INSTANCES, token)
}

/// Endpoints that are not AWS's own may ignore the owner and list every public snapshot.
fn is_own(snapshot: &Snapshot, place: &Place) -> bool {
    snapshot
        .owner_id()
        .is_none_or(|owner| owner == place.account.as_str())
}

fn point_of(snapshot: &Snapshot, place: &Place) -> Option<RecoveryPoint> {
    let at = instant(snapshot.start_time()?)?;
    let lineage = Lineage::of(snapshot);
    let tags = tags_of(snapshot.tags());
    let volume = snapshot.volume_id().filter(|_| !lineage.is_copy);
    // A copy names no volume of its own; only where AWS Backup wrote down which one it was, and where, is that known.
    let told = BackedUp::told(ResourceKind::Volume, &tags);
    let told = told.filter(|told| lineage.is_copy && told.home.is_some());
    let resource_home = told.as_ref().and_then(|told| told.elsewhere(place));
    let volume = volume.map(str::to_owned).or(told.map(|told| told.id));
    Some(RecoveryPoint {
        id: snapshot.snapshot_id()?.to_owned(),
        kind: PointKind::EbsSnapshot,
        place: place.clone(),
        resource: volume.map(|id| (ResourceKind::Volume, id)),
        resource_home,
        name: name_in(&tags),
        when: When::At { at },
        data_at: if lineage.is_copy {
            DataTime::AtMost(at)
        } else {
            DataTime::Known(at)
        },
        state: snapshot
            .state()
            .map_or("unknown", |state| state.as_str())
            .to_owned(),
        size_bytes: snapshot.volume_size().and_then(bytes),
        encrypted: Some(snapshot.encrypted().unwrap_or(false)),
        kms_key: snapshot.kms_key_id().map(str::to_owned),
        tier: match snapshot.storage_tier() {
            Some(StorageTier::Archive) => Tier::Archive,
            Some(_) | None => Tier::Standard,
        },
        protection: None,
        origin: origin_of(&tags, snapshot.description().unwrap_or_default()),
        copy_of: lineage.source,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags,
    })
}

/// Whether a snapshot was made by copying, and from which.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lineage {
    pub is_copy: bool,
    pub source: Option<String>,
}

impl Lineage {
    fn of(snapshot: &Snapshot) -> Self {
        let described = Self::told(snapshot.volume_id(), snapshot.description());
        Self {
            // Only copies have a transfer type.
            is_copy: described.is_copy || snapshot.transfer_type().is_some(),
            ..described
        }
    }

    /// Tells as much as volume and description do.
    pub fn told(volume: Option<&str>, description: Option<&str>) -> Self {
        let source = source_in(description.unwrap_or_default());
        Self {
            is_copy: volume == Some(VOLUME_OF_COPIES) || source.is_some(),
            source,
        }
    }
}

/// Reads the source out of the descriptions that `CopySnapshot` and `CopyImage` write:
/// `[Copied snap-… from eu-west-1] …` and `Copied for DestinationAmi … for SourceSnapshot snap-….`.
fn source_in(description: &str) -> Option<String> {
    let by_copy_image = || {
        let rest = description.strip_prefix("Copied for DestinationAmi ")?;
        Some(rest.split_once("SourceSnapshot ")?.1)
    };
    let by_copy_snapshot = description.strip_prefix("[Copied ");
    let rest = by_copy_snapshot.or_else(by_copy_image)?;
    let digits = rest.strip_prefix("snap-")?;
    let end = digits
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(digits.len());
    let digits = digits.get(..end).filter(|digits| !digits.is_empty())?;
    Some(format!("snap-{digits}"))
}

/// Tags that begin with `aws:` can be written by AWS alone, so they are asked first.
pub(super) fn origin_of(tags: &BTreeMap<Untrusted, Untrusted>, description: &str) -> Origin {
    let has = |key: &str| tags.contains_key(&Untrusted::from(key));
    let of_image = ["Created by CreateImage(", "Copied for DestinationAmi "];
    if has(TAG_SOURCE) {
        Origin::AwsBackup
    } else if tags.keys().any(|key| key.raw().starts_with("aws:dlm:")) {
        Origin::Dlm
    } else if is_safety(tags) {
        Origin::Defib
    } else if of_image.iter().any(|start| description.starts_with(start)) {
        Origin::Image
    } else {
        Origin::ByHand
    }
}

fn is_safety(tags: &BTreeMap<Untrusted, Untrusted>) -> bool {
    let step = tags.get(&Untrusted::from(TAG_STEP));
    step.is_some_and(|step| step.raw() == SAFETY)
}

fn volume_of(volume: &Volume, place: &Place) -> Option<Resource> {
    let attachment = volume.attachments().iter().find_map(|attachment| {
        let instance = attachment.instance_id()?;
        let device = attachment.device().unwrap_or_default();
        Some((instance.to_owned(), device.to_owned()))
    });
    let tags = tags_of(volume.tags());
    Some(Resource {
        id: volume.volume_id()?.to_owned(),
        kind: ResourceKind::Volume,
        name: name_in(&tags),
        place: place.clone(),
        exists: true,
        engine: None,
        attached_to: attachment,
        tags,
    })
}

/// A terminated instance is listed for about an hour more, but is gone.
fn instance_of(instance: &Instance, place: &Place) -> Option<Resource> {
    let state = instance.state().and_then(|state| state.name());
    let tags = tags_of(instance.tags());
    Some(Resource {
        id: instance.instance_id()?.to_owned(),
        kind: ResourceKind::Instance,
        name: name_in(&tags),
        place: place.clone(),
        exists: state.is_none_or(|state| state.as_str() != "terminated"),
        engine: None,
        attached_to: None,
        tags,
    })
}

pub(super) fn tags_of(tags: &[Tag]) -> BTreeMap<Untrusted, Untrusted> {
    let text = |text: Option<&str>| Untrusted::from(text.unwrap_or_default());
    tags.iter()
        .map(|tag| (text(tag.key()), text(tag.value())))
        .collect()
}

pub(super) fn bytes(gib: i32) -> Option<u64> {
    u64::try_from(gib).ok()?.checked_mul(GIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::answers;
    use aws_sdk_ec2::types::{
        InstanceState, InstanceStateName, SnapshotState, TransferType, VolumeAttachment,
    };
    use aws_smithy_types::DateTime;
    use jiff::Timestamp;

    fn place() -> Place {
        Place {
            profile: Some("acme".into()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    fn snapshot() -> aws_sdk_ec2::types::builders::SnapshotBuilder {
        Snapshot::builder()
            .snapshot_id("snap-0a1f")
            .volume_id("vol-0b7e")
            .owner_id("111122223333")
            .state(SnapshotState::Completed)
            .start_time(DateTime::from_secs_and_nanos(1_772_330_400, 500_000_000))
            .volume_size(200)
            .encrypted(true)
            .kms_key_id("arn:aws:kms:eu-west-1:111122223333:key/1")
    }

    fn tag(key: &str, value: &str) -> Tag {
        Tag::builder().key(key).value(value).build()
    }

    fn point(builder: aws_sdk_ec2::types::builders::SnapshotBuilder) -> RecoveryPoint {
        point_of(&builder.build(), &place()).unwrap()
    }

    #[tokio::test]
    async fn volumes_and_instances_that_cannot_be_read_are_counted() {
        let (pages, mut found) = tokio::sync::mpsc::channel(8);
        let sink = Sink::new(pages);
        let volumes = "<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</volumeId></item>\
                       <item><size>10</size></item></volumeSet></DescribeVolumesResponse>";
        let told = list_volumes(&answers::clients(volumes), &sink).await;
        let told = told.unwrap_err().message.shown();
        assert_eq!(told, "1 volume came without an id");
        assert_eq!(found.recv().await.unwrap().resources.len(), 1);
        let instances = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>\
                         <imageId>ami-1</imageId></item></instancesSet></item></reservationSet>\
                         </DescribeInstancesResponse>";
        let told = list_instances(&answers::clients(instances), &sink).await;
        let told = told.unwrap_err().message.shown();
        assert_eq!(told, "1 instance came without an id");
    }

    #[test]
    fn a_snapshot_becomes_a_point_of_its_volume() {
        let point = point(snapshot().tags(tag("Name", "orders")));
        let at: Timestamp = "2026-03-01T02:00:00.5Z".parse().unwrap();
        assert_eq!(point.id, "snap-0a1f");
        let volume = (ResourceKind::Volume, "vol-0b7e".to_owned());
        assert_eq!(point.resource, Some(volume));
        assert_eq!(point.when, When::At { at });
        assert_eq!(point.data_at, DataTime::Known(at));
        assert_eq!(point.size_bytes, Some(214_748_364_800));
        assert_eq!((point.tier, point.origin), (Tier::Standard, Origin::ByHand));
        assert_eq!(point.name, Some("orders".into()));
        assert!(point.usable() && point.encrypted == Some(true));
    }

    #[test]
    fn a_copy_is_known_by_any_of_its_signs_and_only_bounds_its_data() {
        let copies = [
            snapshot().volume_id("vol-ffffffff"),
            snapshot().transfer_type(TransferType::Standard),
            snapshot().description("[Copied snap-0123456789abcdef0 from us-east-1] nightly"),
            snapshot().description("Copied for DestinationAmi ami-1 from SourceAmi ami-2 for SourceSnapshot snap-0123456789abcdef0. Task created on 1."),
        ];
        let points: Vec<_> = copies.into_iter().map(point).collect();
        for point in &points {
            assert!(matches!(point.data_at, DataTime::AtMost(_)), "{point:?}");
            assert_eq!(point.resource, None);
        }
        let sources: Vec<_> = points.iter().map(|one| one.copy_of.as_deref()).collect();
        let source = Some("snap-0123456789abcdef0");
        assert_eq!(sources, [None, None, source, source]);
    }

    #[test]
    fn a_copy_of_aws_backup_is_of_the_volume_that_its_tag_names_by_its_place() {
        let copy = |value: &str| {
            let copy = snapshot().volume_id("vol-ffffffff");
            point(copy.tags(tag(TAG_SOURCE, value)))
        };
        let volume = Some((ResourceKind::Volume, "vol-0b7e".to_owned()));
        let there = copy("arn:aws:ec2:us-east-1:444455556666:volume/vol-0b7e");
        assert_eq!(there.resource, volume);
        let home = there.resource_home.unwrap();
        assert_eq!(
            (home.account.as_str(), home.region.as_str()),
            ("444455556666", "us-east-1")
        );
        let here = copy("arn:aws:ec2:eu-west-1:111122223333:volume/vol-0b7e");
        assert_eq!((here.resource, here.resource_home), (volume, None));
        assert_eq!(copy("vol-0b7e").resource, None, "it may be of any place");
    }

    #[test]
    fn a_description_that_only_resembles_a_copy_names_no_source() {
        for text in [
            "",
            "[Copied snap-",
            "[Copied vol-1 from x]",
            "was [Copied snap-1 from x]",
            "Copied for DestinationAmi ami-1",
            "[Copied snap-\u{1b}[2J from x]",
        ] {
            assert_eq!(source_in(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_origin_is_read_from_tags_before_descriptions() {
        let origin =
            |key: &str, text: &str| point(snapshot().tags(tag(key, "x")).description(text)).origin;
        let image = "Created by CreateImage(i-1) for ami-1";
        assert_eq!(
            origin("aws:backup:source-resource", image),
            Origin::AwsBackup
        );
        assert_eq!(origin("aws:dlm:lifecycle-policy-id", ""), Origin::Dlm);
        assert_eq!(origin("aws:dlm:managed", ""), Origin::Dlm);
        let made_by = |step: &str| point(snapshot().tags(tag("defib:step", step))).origin;
        assert_eq!(made_by("safety-snapshot"), Origin::Defib);
        // Somebody's snapshot of a volume that defib made, with the tags of that volume.
        assert_eq!(made_by("create-volume"), Origin::ByHand);
        assert_eq!(origin("defib:run", ""), Origin::ByHand);
        assert_eq!(origin("team", image), Origin::Image);
        assert_eq!(origin("team", "by me"), Origin::ByHand);
    }

    #[test]
    fn archived_and_pending_snapshots_say_so() {
        assert_eq!(
            point(snapshot().storage_tier(StorageTier::Archive)).tier,
            Tier::Archive
        );
        let pending = point(snapshot().state(SnapshotState::Pending));
        assert_eq!(pending.state, "pending");
        assert!(!pending.usable());
    }

    #[test]
    fn a_snapshot_without_a_start_time_is_no_point() {
        let bare = Snapshot::builder().snapshot_id("snap-1").build();
        assert_eq!(point_of(&bare, &place()), None);
    }

    #[test]
    fn snapshots_of_others_are_left_out() {
        assert!(is_own(&snapshot().build(), &place()));
        let public = snapshot().owner_id("999999999999").build();
        assert!(!is_own(&public, &place()));
    }

    #[test]
    fn a_volume_knows_where_it_is_attached() {
        let attachment = VolumeAttachment::builder().instance_id("i-1");
        let volume = Volume::builder()
            .volume_id("vol-1")
            .attachments(attachment.device("/dev/sdf").build())
            .tags(tag("Name", ""))
            .build();
        let volume = volume_of(&volume, &place()).unwrap();
        let attached = Some(("i-1".to_owned(), "/dev/sdf".to_owned()));
        assert_eq!(volume.attached_to, attached);
        assert_eq!(volume.name, None);
    }

    #[test]
    fn a_terminated_instance_is_gone() {
        let state = |name| InstanceState::builder().name(name).build();
        let instance = |name| Instance::builder().instance_id("i-1").state(state(name));
        let exists = |name| {
            instance_of(&instance(name).build(), &place())
                .unwrap()
                .exists
        };
        assert!(exists(InstanceStateName::Stopped));
        assert!(!exists(InstanceStateName::Terminated));
    }
}
