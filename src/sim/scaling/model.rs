//! What Auto Scaling keeps. Who belongs to a group stands with the instances.
//! Plain records; what follows from them is in the files beside this one.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// An Auto Scaling group.
#[derive(Clone, Debug)]
pub struct ScalingGroup {
    pub name: String,
    pub min: i32,
    pub max: i32,
    pub desired: i32,
    /// ARNs.
    pub target_groups: Vec<String>,
    /// Processes that are suspended, and since when.
    pub suspended: BTreeMap<String, Timestamp>,
    /// Since when a process is no longer suspended.
    pub resumed: BTreeMap<String, Timestamp>,
    pub activities: Vec<Activity>,
}

/// Something that a group does, or did.
#[derive(Clone, Debug)]
pub struct Activity {
    pub id: String,
    pub description: String,
    pub cause: String,
    pub started: Timestamp,
    pub ends: Timestamp,
}

/// The processes of a group (Auto Scaling user guide, "Suspend-resume processes").
pub const PROCESSES: &[&str] = &[
    "AZRebalance",
    "AddToLoadBalancer",
    "AlarmNotification",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
];
