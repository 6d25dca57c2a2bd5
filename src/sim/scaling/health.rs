//! What becomes of a member that is not running: it is judged unhealthy, and terminated.
//!
//! Auto Scaling user guide, "Health checks for instances": every state but `running` is unhealthy. In standby nobody looks, and
//! without the processes `HealthCheck`, `ReplaceUnhealthy` and `Terminate` nothing follows.

use jiff::{SignedDuration, Timestamp};

use super::model::{Activity, ScalingGroup};
use crate::sim::ec2::model::{Instance, InstanceState};
use crate::sim::ec2::power::terminate;
use crate::sim::timeline::after;
use crate::sim::world::{Estate, digest};

/// Processes without which no unhealthy member is terminated.
const NEEDED: [&str; 3] = ["HealthCheck", "ReplaceUnhealthy", "Terminate"];

/// Terminates the members that have not been running for too long.
pub fn look(estate: &mut Estate, grace: SignedDuration, now: Timestamp) {
    let due_by_now = |one: &Instance| {
        let due = due(estate, one, grace, now)?;
        (due <= now).then(|| (one.id.clone(), due))
    };
    let unhealthy: Vec<_> = estate.instances.values().filter_map(due_by_now).collect();
    for (id, due) in unhealthy {
        terminate(estate, &id, due);
        note(estate, &id, due);
    }
}

/// When a member that is not running will be terminated, if nothing happens until then.
fn due(
    estate: &Estate,
    instance: &Instance,
    grace: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    let member = instance.auto_scaling.as_ref()?;
    let group = estate.scaling.get(&member.group)?;
    let down = matches!(
        instance.state.at(now),
        InstanceState::Stopping | InstanceState::Stopped
    );
    if !down || member.lifecycle.at(now) != "InService" || !acts(group) {
        return None;
    }
    let mut since = down_since(instance, now).max(member.lifecycle.since(now));
    for name in NEEDED {
        since = since.max(group.resumed.get(name).copied().unwrap_or(since));
    }
    Some(after(since, grace))
}

fn acts(group: &ScalingGroup) -> bool {
    !NEEDED
        .iter()
        .any(|name| group.suspended.contains_key(*name))
}

/// Stopping and being stopped are one spell of it.
fn down_since(instance: &Instance, now: Timestamp) -> Timestamp {
    let mut since = instance.state.since(now);
    for (at, state) in instance.state.until(now) {
        if *state == InstanceState::Stopping {
            since = *at;
        }
    }
    since
}

fn note(estate: &mut Estate, id: &str, at: Timestamp) {
    let member = estate
        .instances
        .get(id)
        .and_then(|one| one.auto_scaling.as_ref());
    let Some(group) = member.map(|member| member.group.clone()) else {
        return;
    };
    if let Some(group) = estate.scaling.get_mut(&group) {
        group.activities.push(Activity {
            id: format!("activity-0{}", digest(id, 9, 16)),
            description: format!("Terminating EC2 instance: {id}"),
            cause: format!(
                "At {at} an instance was taken out of service in response to an EC2 health check \
                 indicating it has been terminated or stopped."
            ),
            started: at,
            ends: at,
        });
    }
}
