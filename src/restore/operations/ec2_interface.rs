//! Operations on network interfaces: their groups, their check of source and destination, and where secondary ones
//! are attached.
//!
//! A primary interface is never moved: AWS does not detach it.

mod attach;
mod detach;
mod groups;
mod source_dest;
#[cfg(test)]
mod tests;

pub use attach::{AttachInterface, AttachedInterface};
pub use detach::DetachInterface;
pub use groups::SetGroups;
pub use source_dest::SetSourceDestCheck;

use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceAttachment};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::InterfaceId;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Issued, Probe};

use super::ec2_read::gone_or;

/// The interface an operation was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandledInterface {
    /// The interface.
    pub interface: InterfaceId,
}

/// Reads one network interface.
pub(super) async fn interface(
    cx: &Context,
    id: &InterfaceId,
) -> Result<Option<NetworkInterface>, Failure> {
    let request = cx.clients.ec2.describe_network_interfaces();
    match request.network_interface_ids(id.as_str()).send().await {
        Ok(answer) => Ok(answer.network_interfaces().first().cloned()),
        Err(error) => gone_or(failure("ec2:DescribeNetworkInterfaces", &error)),
    }
}

fn gone<T>(id: &InterfaceId) -> Probe<T> {
    Probe::Conflict(format!("network interface {id} is not there"))
}

fn handled(id: &InterfaceId) -> HandledInterface {
    HandledInterface {
        interface: id.clone(),
    }
}

fn accepted(id: &InterfaceId, answer: &impl RequestId) -> Issued<HandledInterface> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(handled(id)),
    }
}

fn attachment_state(at: &NetworkInterfaceAttachment) -> &str {
    at.status().map_or("unknown", |state| state.as_str())
}

fn holder(at: &NetworkInterfaceAttachment) -> String {
    shown(at.instance_id().unwrap_or("something that is no instance"))
}
