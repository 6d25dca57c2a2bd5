//! Auto Scaling: groups, who belongs to them, and what a group does to a member that it finds unhealthy.
//!
//! A group launches nothing here: what it would put in a member's place is left to the imagination. What it takes away, it
//! takes.

mod activities;
mod groups;
pub mod health;
mod instances;
pub mod model;
pub mod picture;
mod processes;
mod standby;

use super::refusal::Refusal;
use super::registry::Operation;
use super::world::Estate;

use model::ScalingGroup;

/// How the SDK names the service.
const SCALING: &str = "Auto Scaling";

/// Lists the operations of Auto Scaling.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(SCALING, "DescribeAutoScalingInstances", instances::describe),
        Operation::read(SCALING, "DescribeAutoScalingGroups", groups::describe),
        Operation::read(SCALING, "DescribeScalingActivities", activities::describe),
        Operation::mutation(SCALING, "EnterStandby", standby::enter),
        Operation::mutation(SCALING, "ExitStandby", standby::exit),
        Operation::mutation(SCALING, "SuspendProcesses", processes::suspend),
        Operation::mutation(SCALING, "ResumeProcesses", processes::resume),
    ]
}

/// `ValidationError`, which is what Auto Scaling calls nearly everything.
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::client("ValidationError", message)
}

/// Finds a group.
fn found<'a>(estate: &'a mut Estate, name: Option<&str>) -> Result<&'a mut ScalingGroup, Refusal> {
    let name = name.unwrap_or_default();
    let found = estate.scaling.get_mut(name);
    found.ok_or_else(|| invalid("AutoScalingGroup name not found - null"))
}
