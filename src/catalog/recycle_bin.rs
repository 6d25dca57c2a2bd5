//! What lies in the Recycle Bin: snapshots, images and volumes, each a source of its own, so that one that is
//! denied hides no other.
//!
//! Nothing can be restored from there: it has to be taken out first. The rows say little, and nothing of when
//! the data is from: it is not younger than the day it was thrown away.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::{ImageRecycleBinInfo, SnapshotRecycleBinInfo, VolumeRecycleBinInfo};
use aws_smithy_types::DateTime;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::place::Place;
use crate::domain::recovery_point::{
    DataTime, IN_RECYCLE_BIN, Origin, PointKind, RecoveryPoint, Tier, When,
};
use crate::domain::resource::ResourceKind;
use crate::domain::words;

use super::ami;
use super::ebs_snapshot::{Lineage, bytes, origin_of};
use super::reading::{Pages, instant, require_all, require_end};
use super::source::{Read, Sink, Source};

const SNAPSHOTS: &str = "ec2:ListSnapshotsInRecycleBin";
const IMAGES: &str = "ec2:ListImagesInRecycleBin";
const VOLUMES: &str = "ec2:ListVolumesInRecycleBin";

/// Pages as large as EC2 gives them.
const PAGE: i32 = 1000;
const VOLUME_PAGE: i32 = 500;
/// The smallest page that all three calls accept.
const SMALLEST_PAGE: i32 = 5;

const UNREADABLE: (&str, &str) = (
    "row",
    "an id or the time they were put into the Recycle Bin",
);

/// The source of snapshots in the Recycle Bin.
#[derive(Clone, Copy, Debug)]
pub struct BinnedSnapshots;

/// The source of images in the Recycle Bin.
#[derive(Clone, Copy, Debug)]
pub struct BinnedImages;

/// The source of volumes in the Recycle Bin.
#[derive(Clone, Copy, Debug)]
pub struct BinnedVolumes;

#[async_trait]
impl Source for BinnedSnapshots {
    fn kind(&self) -> PointKind {
        PointKind::EbsSnapshot
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let call = clients.ec2.list_snapshots_in_recycle_bin();
        let mut pages = call.into_paginator().page_size(PAGE).send();
        let (mut token, mut unread) = (None, 0);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(SNAPSHOTS, &error))?;
            let rows = page.snapshots().iter();
            let rows = rows.map(|row| snapshot_of(row, &clients.place));
            unread += hand_on(sink, rows.collect()).await;
            token = page.next_token;
        }
        require_all(SNAPSHOTS, unread, UNREADABLE)?;
        require_end(SNAPSHOTS, token)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let call = clients.ec2.list_snapshots_in_recycle_bin();
        let outcome = call.max_results(SMALLEST_PAGE).send().await.map(drop);
        vec![Read {
            call: SNAPSHOTS,
            outcome: outcome.map_err(|error| failure(SNAPSHOTS, &error)),
        }]
    }
}

#[async_trait]
impl Source for BinnedImages {
    fn kind(&self) -> PointKind {
        PointKind::Ami
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let call = clients.ec2.list_images_in_recycle_bin();
        let mut pages = call.into_paginator().page_size(PAGE).send();
        let (mut token, mut unread) = (None, 0);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(IMAGES, &error))?;
            let rows = page.images().iter();
            let rows = rows.map(|row| image_of(row, &clients.place));
            unread += hand_on(sink, rows.collect()).await;
            token = page.next_token;
        }
        require_all(IMAGES, unread, UNREADABLE)?;
        require_end(IMAGES, token)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let call = clients.ec2.list_images_in_recycle_bin();
        let outcome = call.max_results(SMALLEST_PAGE).send().await.map(drop);
        vec![Read {
            call: IMAGES,
            outcome: outcome.map_err(|error| failure(IMAGES, &error)),
        }]
    }
}

#[async_trait]
impl Source for BinnedVolumes {
    fn kind(&self) -> PointKind {
        PointKind::EbsVolume
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let (mut token, mut unread) = (None, 0);
        let mut pages = Pages::of(VOLUMES);
        loop {
            let call = clients.ec2.list_volumes_in_recycle_bin();
            let call = call.max_results(VOLUME_PAGE).set_next_token(token);
            let page = call.send().await;
            let page = page.map_err(|error| failure(VOLUMES, &error))?;
            let rows = page.volumes().iter();
            let rows = rows.map(|row| volume_of(row, &clients.place));
            unread += hand_on(sink, rows.collect()).await;
            token = pages.next(page.next_token)?;
            if token.is_none() {
                return require_all(VOLUMES, unread, UNREADABLE);
            }
        }
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let call = clients.ec2.list_volumes_in_recycle_bin();
        let outcome = call.max_results(SMALLEST_PAGE).send().await.map(drop);
        vec![Read {
            call: VOLUMES,
            outcome: outcome.map_err(|error| failure(VOLUMES, &error)),
        }]
    }
}

/// Hands on what could be read and counts the rest.
async fn hand_on(sink: &Sink, rows: Vec<Option<RecoveryPoint>>) -> usize {
    let unread = rows.iter().filter(|row| row.is_none()).count();
    sink.points(rows.into_iter().flatten().collect()).await;
    unread
}

fn snapshot_of(row: &SnapshotRecycleBinInfo, place: &Place) -> Option<RecoveryPoint> {
    let times = (row.recycle_bin_enter_time(), row.recycle_bin_exit_time());
    let point = binned(PointKind::EbsSnapshot, row.snapshot_id(), times, place)?;
    let lineage = Lineage::told(row.volume_id(), row.description());
    let volume = row.volume_id().filter(|_| !lineage.is_copy);
    let description = row.description().unwrap_or_default();
    Some(RecoveryPoint {
        resource: volume.map(|id| (ResourceKind::Volume, id.to_owned())),
        origin: origin_of(&point.tags, description),
        copy_of: lineage.source,
        ..point
    })
}

fn image_of(row: &ImageRecycleBinInfo, place: &Place) -> Option<RecoveryPoint> {
    let times = (row.recycle_bin_enter_time(), row.recycle_bin_exit_time());
    let point = binned(PointKind::Ami, row.image_id(), times, place)?;
    let name = row.name().filter(|name| !name.is_empty());
    let backed_up = name.and_then(ami::instance_of_backup);
    Some(RecoveryPoint {
        name: name.map(Into::into),
        origin: match backed_up {
            Some(_) => Origin::AwsBackup,
            None => Origin::ByHand,
        },
        resource: backed_up.map(|id| (ResourceKind::Instance, id)),
        ..point
    })
}

/// A volume in the Recycle Bin is all that is left of itself.
fn volume_of(row: &VolumeRecycleBinInfo, place: &Place) -> Option<RecoveryPoint> {
    let times = (row.recycle_bin_enter_time(), row.recycle_bin_exit_time());
    let point = binned(PointKind::EbsVolume, row.volume_id(), times, place)?;
    Some(RecoveryPoint {
        resource: Some((ResourceKind::Volume, point.id.clone())),
        size_bytes: row.size().and_then(bytes),
        ..point
    })
}

/// Makes what every row tells; encryption is not among it.
fn binned(
    kind: PointKind,
    id: Option<&str>,
    (entered, exits): (Option<&DateTime>, Option<&DateTime>),
    place: &Place,
) -> Option<RecoveryPoint> {
    let at = instant(entered?)?;
    let exits = exits.and_then(instant);
    let exits = exits.map(|at| format!(", deleted for good at {}", words::instant(at)));
    let exits = exits.unwrap_or_default();
    Some(RecoveryPoint {
        id: id?.to_owned(),
        kind,
        place: place.clone(),
        resource: None,
        resource_home: None,
        name: None,
        when: When::At { at },
        data_at: DataTime::AtMost(at),
        state: IN_RECYCLE_BIN.to_owned(),
        size_bytes: None,
        encrypted: None,
        kms_key: None,
        tier: Tier::Standard,
        protection: Some(format!(
            "in the Recycle Bin since {}{exits}",
            words::instant(at)
        )),
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::place;

    const ENTERED: i64 = 1_773_454_620;

    fn entered() -> DateTime {
        DateTime::from_secs(ENTERED)
    }

    fn exits() -> DateTime {
        DateTime::from_secs(ENTERED + 14 * 86_400)
    }

    #[test]
    fn a_snapshot_there_is_not_usable_and_its_data_is_from_before_it_was_thrown_away() {
        let row = SnapshotRecycleBinInfo::builder()
            .snapshot_id("snap-1")
            .volume_id("vol-1")
            .recycle_bin_enter_time(entered())
            .recycle_bin_exit_time(exits())
            .build();
        let point = snapshot_of(&row, &place("a", "eu-west-1")).unwrap();
        assert!(!point.usable());
        let at = "2026-03-14T02:17:00Z".parse().unwrap();
        assert_eq!(point.data_at, DataTime::AtMost(at));
        assert_eq!(point.resource, Some((ResourceKind::Volume, "vol-1".into())));
        let said = "in the Recycle Bin since 2026-03-14 02:17:00Z, deleted for good at \
                    2026-03-28 02:17:00Z";
        assert_eq!(point.protection.as_deref(), Some(said));
    }

    #[test]
    fn a_copy_there_is_of_its_source_and_of_no_volume() {
        let row = SnapshotRecycleBinInfo::builder()
            .snapshot_id("snap-1")
            .volume_id("vol-ffffffff")
            .description("[Copied snap-0a1f from us-east-1] nightly")
            .recycle_bin_enter_time(entered())
            .build();
        let point = snapshot_of(&row, &place("a", "eu-west-1")).unwrap();
        assert_eq!(point.resource, None);
        assert_eq!(point.copy_of.as_deref(), Some("snap-0a1f"));
    }

    #[test]
    fn an_image_of_aws_backup_tells_its_instance_by_its_name_and_another_tells_none() {
        let image = |name: &str| {
            let row = ImageRecycleBinInfo::builder().image_id("ami-1").name(name);
            let row = row.recycle_bin_enter_time(entered()).build();
            image_of(&row, &place("a", "eu-west-1")).unwrap()
        };
        let backup = image("AwsBackup_i-0c4e8f1a_d3");
        let instance = Some((ResourceKind::Instance, "i-0c4e8f1a".to_owned()));
        assert_eq!(
            (backup.resource, backup.origin),
            (instance, Origin::AwsBackup)
        );
        let other = image("before the upgrade of i-0c4e8f1a");
        assert_eq!((other.resource, other.origin), (None, Origin::ByHand));
    }

    #[test]
    fn a_volume_there_is_a_point_of_itself() {
        let row = VolumeRecycleBinInfo::builder()
            .volume_id("vol-1")
            .size(80)
            .recycle_bin_enter_time(entered());
        let point = volume_of(&row.build(), &place("a", "eu-west-1")).unwrap();
        assert_eq!(point.resource, Some((ResourceKind::Volume, "vol-1".into())));
        assert_eq!(point.size_bytes, Some(80 << 30));
        assert!(!point.usable());
    }

    #[test]
    fn a_row_without_its_time_is_no_point() {
        let row = VolumeRecycleBinInfo::builder().volume_id("vol-1").build();
        assert_eq!(volume_of(&row, &place("a", "eu-west-1")), None);
        let row = ImageRecycleBinInfo::builder().recycle_bin_enter_time(entered());
        assert_eq!(image_of(&row.build(), &place("a", "eu-west-1")), None);
    }
}
