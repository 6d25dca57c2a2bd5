//! EC2: the calls that a restore reads with and acts through. Nothing here deletes.
//!
//! A call that is not in the list below is refused by name, so that no test passes on a call nobody simulated.
//! A new one is a function in its file and a line here.

pub mod attachments;
mod attributes;
mod console;
mod create_volume;
mod credits;
mod fast_restores;
mod ids;
mod images;
mod instance_types;
mod instances;
mod launch;
mod locks;
pub mod model;
mod modify_volume;
pub mod network;
mod placement_groups;
pub mod power;
mod recycle_bin;
pub mod regions;
pub mod root_replacement;
mod rows;
pub mod settings;
mod sharing;
mod snapshots;
mod spot;
mod tags;
mod volumes;

pub use rows::{architecture, date, instant};

use super::registry::Operation;

/// How the SDK names the service.
const EC2: &str = "EC2";

/// Lists the operations of EC2.
pub fn operations() -> Vec<Operation> {
    let mut all = own();
    all.extend(network::operations());
    all
}

fn own() -> Vec<Operation> {
    vec![
        Operation::read(EC2, "DescribeSnapshots", snapshots::describe),
        Operation::read(EC2, "DescribeSnapshotTierStatus", snapshots::describe_tiers),
        Operation::read(EC2, "DescribeLockedSnapshots", locks::describe),
        Operation::read(EC2, "DescribeFastSnapshotRestores", fast_restores::describe),
        Operation::read(EC2, "DescribeSnapshotAttribute", sharing::of_snapshot),
        Operation::read(EC2, "DescribeImages", images::describe),
        Operation::read(EC2, "DescribeImageAttribute", sharing::of_image),
        Operation::read(EC2, "ListSnapshotsInRecycleBin", recycle_bin::snapshots),
        Operation::read(EC2, "ListImagesInRecycleBin", recycle_bin::images),
        Operation::read(EC2, "ListVolumesInRecycleBin", recycle_bin::volumes),
        Operation::mutation(EC2, "CreateSnapshot", snapshots::create),
        Operation::read(EC2, "DescribeVolumes", volumes::describe),
        Operation::read(EC2, "DescribeVolumeStatus", volumes::describe_status),
        Operation::mutation(EC2, "CreateVolume", create_volume::create),
        Operation::read(EC2, "DescribeVolumesModifications", modify_volume::describe),
        Operation::mutation(EC2, "ModifyVolume", modify_volume::modify),
        Operation::mutation(EC2, "AttachVolume", attachments::attach),
        Operation::mutation(EC2, "DetachVolume", attachments::detach),
        Operation::read(EC2, "DescribeInstances", instances::describe),
        Operation::read(EC2, "DescribeInstanceStatus", instances::describe_status),
        Operation::read(EC2, "DescribeInstanceTypes", instance_types::describe),
        Operation::read(EC2, "DescribeSpotInstanceRequests", spot::describe),
        Operation::mutation(EC2, "CreateReplaceRootVolumeTask", root_replacement::create),
        Operation::read(
            EC2,
            "DescribeReplaceRootVolumeTasks",
            root_replacement::describe,
        ),
        Operation::mutation(EC2, "RunInstances", launch::run),
        Operation::read(EC2, "GetConsoleOutput", console::output),
        Operation::read(EC2, "DescribePlacementGroups", placement_groups::describe),
        Operation::read(
            EC2,
            "DescribeInstanceCreditSpecifications",
            credits::describe,
        ),
        Operation::mutation(EC2, "StopInstances", power::stop),
        Operation::mutation(EC2, "StartInstances", power::start),
        Operation::read(EC2, "DescribeInstanceAttribute", attributes::describe),
        Operation::mutation(EC2, "ModifyInstanceAttribute", attributes::modify),
        Operation::mutation(EC2, "CreateTags", tags::create),
        Operation::mutation(EC2, "DeleteTags", tags::delete),
        Operation::read(EC2, "DescribeTags", tags::describe),
        Operation::read(EC2, "DescribeRegions", regions::describe),
        Operation::read(EC2, "DescribeAvailabilityZones", regions::describe_zones),
        Operation::read(
            EC2,
            "GetEbsEncryptionByDefault",
            regions::encryption_by_default,
        ),
        Operation::read(EC2, "GetEbsDefaultKmsKeyId", regions::default_key),
    ]
}
