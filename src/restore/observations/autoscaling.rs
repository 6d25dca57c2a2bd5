//! Whether an instance belongs to an Auto Scaling group, which replaces what it finds unhealthy.
//! The group itself is never read or touched.

use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::InstanceId;

use super::text;

/// Membership in an Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Name of the group.
    pub group: String,
    /// `InService`, `Standby` …
    pub lifecycle: String,
}

/// Reads the group of an instance; `None` if it is in none.
///
/// # Errors
/// The failure of the read.
pub async fn membership(
    clients: &Clients,
    instance: &InstanceId,
) -> Result<Option<Membership>, Failure> {
    let request = clients
        .autoscaling
        .describe_auto_scaling_instances()
        .instance_ids(instance.as_str());
    let answer = request.send().await;
    let answer =
        answer.map_err(|error| failure("autoscaling:DescribeAutoScalingInstances", &error))?;
    let mut members = answer.auto_scaling_instances().iter();
    let member = members.find(|member| member.instance_id() == Some(instance.as_str()));
    Ok(member.map(|member| Membership {
        group: text(member.auto_scaling_group_name()),
        lifecycle: text(member.lifecycle_state()),
    }))
}
