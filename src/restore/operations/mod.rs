//! Every operation, one file per service part, and the registry of their names.
//!
//! Adding an operation is one struct with its trait and one line here.

use super::operation::{Decoder, decode_as};

pub mod ec2_active;
pub mod ec2_instance;
pub mod ec2_instance_status;
mod ec2_read;
pub mod ec2_snapshot;
pub mod ec2_tags;
pub mod ec2_volume;

#[cfg(test)]
mod sent;

/// Name and decoder of every operation.
pub const REGISTRY: &[(&str, Decoder)] = &[
    ("ec2:AttachVolume", decode_as::<ec2_volume::AttachVolume>),
    (
        "ec2:CreateSnapshot",
        decode_as::<ec2_snapshot::CreateSnapshot>,
    ),
    ("ec2:CreateVolume", decode_as::<ec2_volume::CreateVolume>),
    ("ec2:DetachVolume", decode_as::<ec2_volume::DetachVolume>),
    (
        "ec2:InstanceIsHealthy",
        decode_as::<ec2_instance_status::InstanceIsHealthy>,
    ),
    ("ec2:MarkActive", decode_as::<ec2_active::MarkActive>),
    ("ec2:RemoveTags", decode_as::<ec2_tags::RemoveTags>),
    (
        "ec2:SetDeleteOnTermination",
        decode_as::<ec2_instance::SetDeleteOnTermination>,
    ),
    (
        "ec2:StartInstance",
        decode_as::<ec2_instance::StartInstance>,
    ),
    ("ec2:StopInstance", decode_as::<ec2_instance::StopInstance>),
    ("ec2:TagResource", decode_as::<ec2_tags::TagResource>),
    ("ec2:UnmarkActive", decode_as::<ec2_active::UnmarkActive>),
];
