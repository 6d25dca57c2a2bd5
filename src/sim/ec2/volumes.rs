//! Reading volumes: `DescribeVolumes`, `DescribeVolumeStatus`.
//!
//! A new volume may be hidden for a while, as `Lag` says: by id and in listings, each in its own way.

use aws_sdk_ec2::operation::describe_volume_status::{
    DescribeVolumeStatusInput, DescribeVolumeStatusOutput,
};
use aws_sdk_ec2::operation::describe_volumes::{DescribeVolumesInput, DescribeVolumesOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::model::{Volume, VolumeState};
use super::{ids, rows};
use crate::sim::call::Call;
use crate::sim::filters::shown as rows_of;
use crate::sim::filters::{self, Filtered};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

impl Filtered for ec2::Volume {
    const NAMES: &'static [&'static str] = &[
        "attachment.attach-time",
        "attachment.delete-on-termination",
        "attachment.device",
        "attachment.instance-id",
        "attachment.status",
        "availability-zone",
        "create-time",
        "encrypted",
        "multi-attach-enabled",
        "size",
        "snapshot-id",
        "status",
        "volume-id",
        "volume-type",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        let held = self.attachments().iter();
        let text = |text: Option<&str>| text.map(str::to_owned);
        match name {
            "attachment.instance-id" => held.filter_map(|a| text(a.instance_id())).collect(),
            "attachment.device" => held.filter_map(|a| text(a.device())).collect(),
            "attachment.status" => held
                .filter_map(|a| text(a.state().map(ec2::VolumeAttachmentState::as_str)))
                .collect(),
            "attachment.attach-time" => held
                .filter_map(|a| rows_of::date(a.attach_time()))
                .collect(),
            "attachment.delete-on-termination" => held
                .filter_map(|a| a.delete_on_termination().map(|value| value.to_string()))
                .collect(),
            "availability-zone" => rows_of::text(self.availability_zone()),
            "create-time" => rows_of::date(self.create_time()).into_iter().collect(),
            "encrypted" => rows_of::shown(self.encrypted()),
            "multi-attach-enabled" => rows_of::shown(self.multi_attach_enabled()),
            "size" => rows_of::shown(self.size()),
            "snapshot-id" => rows_of::text(self.snapshot_id()),
            "status" => rows_of::text(self.state().map(ec2::VolumeState::as_str)),
            "volume-id" => rows_of::text(self.volume_id()),
            "volume-type" => rows_of::text(self.volume_type().map(ec2::VolumeType::as_str)),
            _ => Vec::new(),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeVolumes`
pub fn describe(
    input: &DescribeVolumesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeVolumesOutput> {
    call.permit()?;
    let now = call.now();
    let shown = seen(call, input.volume_ids())?
        .into_iter()
        .map(|volume| rows::volume(volume, now))
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .with_ids(input.volume_ids(), "volumeIdsSet");
    let (volumes, token) = page.cut(kept, |row| row.volume_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeVolumesOutput| {
        output.volumes = Some(volumes);
        output.next_token = token;
    })
}

/// Lists the volumes that a read at this instant sees.
pub fn seen<'a>(call: &'a mut Call<'_>, wanted: &[String]) -> Result<Vec<&'a Volume>, Refusal> {
    let now = call.now();
    let estate = call.estate();
    if wanted.is_empty() {
        let all = estate.volumes.values();
        return Ok(all
            .filter(|volume| volume.exists(now) && volume.visibility.listed(now))
            .collect());
    }
    for id in wanted {
        if !ids::volume(estate, id, now)?.visibility.read_by_id() {
            return Err(ids::no_volume(id));
        }
    }
    let named = estate.volumes.values();
    Ok(named.filter(|volume| wanted.contains(&volume.id)).collect())
}

/// `DescribeVolumeStatus`: how far the blocks of the snapshot have come.
pub fn describe_status(
    input: &DescribeVolumeStatusInput,
    call: &mut Call<'_>,
) -> Answer<DescribeVolumeStatusOutput> {
    call.permit()?;
    let now = call.now();
    let default_rate = call.delays().hydration_mib_per_second;
    let sizes = snapshot_sizes(call);
    let mut statuses = Vec::new();
    for volume in seen(call, input.volume_ids())? {
        if matches!(volume.state.at(now), VolumeState::Available) {
            let source = volume.snapshot_id.as_ref();
            let bytes = source.and_then(|id| sizes.get(id)).copied();
            statuses.push(status(volume, bytes, default_rate, now));
        }
    }
    let kept = filters::keep(statuses, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .with_ids(input.volume_ids(), "volumeIdsSet");
    let (statuses, token) = page.cut(kept, |row| row.volume_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeVolumeStatusOutput| {
        output.volume_statuses = Some(statuses);
        output.next_token = token;
    })
}

fn snapshot_sizes(call: &mut Call<'_>) -> std::collections::BTreeMap<String, i64> {
    let snapshots = call.estate().snapshots.values();
    snapshots
        .map(|snapshot| (snapshot.id.clone(), snapshot.full_size_bytes))
        .collect()
}

fn status(
    volume: &Volume,
    snapshot_bytes: Option<i64>,
    default_rate: i64,
    now: Timestamp,
) -> ec2::VolumeStatusItem {
    let checks = ec2::VolumeStatusInfo::builder().status(ec2::VolumeStatusInfoStatus::Ok);
    ec2::VolumeStatusItem::builder()
        .volume_id(&volume.id)
        .availability_zone(&volume.availability_zone)
        .volume_status(checks.build())
        .set_initialization_status_details(
            snapshot_bytes.map(|bytes| hydration(volume, bytes, default_rate, now)),
        )
        .build()
}

/// EBS user guide, "Initialize Amazon EBS volumes": a provisioned rate gives an estimate, the default
/// rate does not.
fn hydration(
    volume: &Volume,
    bytes: i64,
    default_rate: i64,
    now: Timestamp,
) -> ec2::InitializationStatusDetails {
    let provisioned = volume.initialization_rate.map(i64::from);
    let rate = provisioned.unwrap_or(default_rate).max(1);
    let needed = (bytes / (1024 * 1024) / rate).max(1);
    let passed = now.duration_since(volume.state.since(now)).as_secs().max(0);
    let kind = if provisioned.is_some() {
        ec2::InitializationType::ProvisionedRate
    } else {
        ec2::InitializationType::Default
    };
    ec2::InitializationStatusDetails::builder()
        .initialization_type(kind)
        .progress((passed * 100 / needed).min(100))
        .set_estimated_time_to_complete_in_seconds(
            provisioned.map(|_| needed.saturating_sub(passed).max(0)),
        )
        .build()
}

impl Filtered for ec2::VolumeStatusItem {
    const NAMES: &'static [&'static str] = &["availability-zone", "volume-status.status"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "availability-zone" => rows_of::text(self.availability_zone()),
            _ => rows_of::text(
                self.volume_status()
                    .and_then(|checks| checks.status())
                    .map(ec2::VolumeStatusInfoStatus::as_str),
            ),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}
