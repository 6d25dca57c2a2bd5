//! The Recycle Bin: `ListSnapshotsInRecycleBin`, `ListImagesInRecycleBin`, `ListVolumesInRecycleBin`.
//!
//! What lies in it is on no other list, and its rows say little: a snapshot there has neither size nor tags.

use aws_sdk_ec2::operation::list_images_in_recycle_bin::{
    ListImagesInRecycleBinInput, ListImagesInRecycleBinOutput,
};
use aws_sdk_ec2::operation::list_snapshots_in_recycle_bin::{
    ListSnapshotsInRecycleBinInput, ListSnapshotsInRecycleBinOutput,
};
use aws_sdk_ec2::operation::list_volumes_in_recycle_bin::{
    ListVolumesInRecycleBinInput, ListVolumesInRecycleBinOutput,
};
use aws_sdk_ec2::types as ec2;

use super::model::{Binned, BinnedVolume};
use super::rows::date;
use crate::sim::call::Call;
use crate::sim::paging::Page;
use crate::sim::registry::{Answer, answer};

fn is_asked(ids: &[String], id: &str) -> bool {
    ids.is_empty() || ids.iter().any(|asked| asked == id)
}

/// `ListSnapshotsInRecycleBin`: pages from 5 to 1000.
pub fn snapshots(
    input: &ListSnapshotsInRecycleBinInput,
    call: &mut Call<'_>,
) -> Answer<ListSnapshotsInRecycleBinOutput> {
    call.permit()?;
    let all = call.estate().snapshots.values();
    let rows = all
        .filter(|snapshot| is_asked(input.snapshot_ids(), &snapshot.id))
        .filter_map(|snapshot| {
            let Binned { entered, exits } = snapshot.bin?;
            let row = ec2::SnapshotRecycleBinInfo::builder()
                .snapshot_id(&snapshot.id)
                .volume_id(&snapshot.volume_id)
                .description(&snapshot.description)
                .recycle_bin_enter_time(date(entered))
                .recycle_bin_exit_time(date(exits));
            Some(row.build())
        });
    let rows = rows.collect();
    let page = Page::new(input.max_results(), input.next_token())
        .at_most(1000)
        .with_ids(input.snapshot_ids(), "snapshotSet");
    let (rows, token) = page.cut(rows, |row: &ec2::SnapshotRecycleBinInfo| {
        row.snapshot_id().unwrap_or_default().to_owned()
    })?;
    answer(move |output: &mut ListSnapshotsInRecycleBinOutput| {
        output.snapshots = Some(rows);
        output.next_token = token;
    })
}

/// `ListImagesInRecycleBin`: pages from 1 to 1000.
pub fn images(
    input: &ListImagesInRecycleBinInput,
    call: &mut Call<'_>,
) -> Answer<ListImagesInRecycleBinOutput> {
    call.permit()?;
    let all = call.estate().images.values();
    let rows = all
        .filter(|image| is_asked(input.image_ids(), &image.id))
        .filter_map(|image| {
            let Binned { entered, exits } = image.bin?;
            let row = ec2::ImageRecycleBinInfo::builder()
                .image_id(&image.id)
                .name(&image.name)
                .description(&image.description)
                .recycle_bin_enter_time(date(entered))
                .recycle_bin_exit_time(date(exits));
            Some(row.build())
        });
    let rows = rows.collect();
    let page = Page::new(input.max_results(), input.next_token())
        .at_least(1)
        .at_most(1000)
        .with_ids(input.image_ids(), "imageId");
    let (rows, token) = page.cut(rows, |row: &ec2::ImageRecycleBinInfo| {
        row.image_id().unwrap_or_default().to_owned()
    })?;
    answer(move |output: &mut ListImagesInRecycleBinOutput| {
        output.images = Some(rows);
        output.next_token = token;
    })
}

/// `ListVolumesInRecycleBin`: pages from 5 to 500.
pub fn volumes(
    input: &ListVolumesInRecycleBinInput,
    call: &mut Call<'_>,
) -> Answer<ListVolumesInRecycleBinOutput> {
    call.permit()?;
    let all = call.estate().binned_volumes.values();
    let rows = all
        .filter(|volume| is_asked(input.volume_ids(), &volume.id))
        .map(volume_row)
        .collect();
    let page = Page::new(input.max_results(), input.next_token())
        .at_most(500)
        .with_ids(input.volume_ids(), "volumeSet");
    let (rows, token) = page.cut(rows, |row: &ec2::VolumeRecycleBinInfo| {
        row.volume_id().unwrap_or_default().to_owned()
    })?;
    answer(move |output: &mut ListVolumesInRecycleBinOutput| {
        output.volumes = Some(rows);
        output.next_token = token;
    })
}

fn volume_row(volume: &BinnedVolume) -> ec2::VolumeRecycleBinInfo {
    ec2::VolumeRecycleBinInfo::builder()
        .volume_id(&volume.id)
        .volume_type(ec2::VolumeType::from(volume.volume_type.as_str()))
        .size(volume.size)
        .set_iops(volume.iops)
        .set_throughput(volume.throughput)
        .availability_zone(&volume.availability_zone)
        .create_time(date(volume.created))
        .recycle_bin_enter_time(date(volume.bin.entered))
        .recycle_bin_exit_time(date(volume.bin.exits))
        .build()
}
