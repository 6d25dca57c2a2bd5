//! Operations on EBS volumes: create, attach, detach; and the words that they share.
//!
//! Nothing here deletes a volume or detaches one by force.

use aws_sdk_ec2::types::{Volume, VolumeAttachment};

use crate::domain::text::shown;

mod attach;
mod create;
mod detach;

pub use attach::{AttachVolume, Attachment};
pub use create::{CreateVolume, MadeVolume};
pub use detach::{DetachVolume, Detached};

fn is_dead(volume: &Volume) -> bool {
    matches!(state_of_volume(volume), "error" | "deleting" | "deleted")
}

fn state_of_volume(volume: &Volume) -> &str {
    volume.state().map_or("unknown", |state| state.as_str())
}

fn attachment_state(attachment: &VolumeAttachment) -> &str {
    attachment.state().map_or("unknown", |state| state.as_str())
}

/// Where a volume is attached, for sentences.
fn place_of(attachment: &VolumeAttachment) -> String {
    format!(
        "{} at {}",
        shown(attachment.instance_id().unwrap_or("an unknown instance")),
        shown(attachment.device().unwrap_or("an unknown device"))
    )
}
