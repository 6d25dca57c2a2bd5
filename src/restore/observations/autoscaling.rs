//! Whether an instance belongs to an Auto Scaling group, which replaces what it finds unhealthy; and how the group
//! is set.

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

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The fewest members that it wants.
    pub min: i32,
    /// How many members it wants.
    pub desired: i32,
    /// Its processes that are suspended, sorted.
    pub suspended: Vec<String>,
    /// ARNs of the target groups that it registers its members in.
    pub target_groups: Vec<String>,
}

/// Reads a group by its name; `None` if there is none.
///
/// # Errors
/// The failure of the read.
pub async fn group(clients: &Clients, name: &str) -> Result<Option<Group>, Failure> {
    let request = clients.autoscaling.describe_auto_scaling_groups();
    let answer = request.auto_scaling_group_names(name).send().await;
    let answer =
        answer.map_err(|error| failure("autoscaling:DescribeAutoScalingGroups", &error))?;
    let mut groups = answer.auto_scaling_groups().iter();
    let found = groups.find(|group| group.auto_scaling_group_name() == Some(name));
    Ok(found.map(|found| {
        let suspended = found.suspended_processes().iter();
        let suspended = suspended.filter_map(|process| process.process_name());
        let mut suspended: Vec<String> = suspended.map(str::to_owned).collect();
        suspended.sort();
        Group {
            name: name.to_owned(),
            min: found.min_size().unwrap_or_default(),
            desired: found.desired_capacity().unwrap_or_default(),
            suspended,
            target_groups: found.target_group_arns().to_vec(),
        }
    }))
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
