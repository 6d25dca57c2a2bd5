//! `EnterStandby` and `ExitStandby`: an instance keeps its membership, and nobody looks at its health.
//!
//! Auto Scaling user guide, "Temporarily remove instances": in standby it is taken out of the group's target groups, and
//! comes back to them afterwards. The group must not become smaller than its minimum.

use aws_sdk_autoscaling::operation::enter_standby::{EnterStandbyInput, EnterStandbyOutput};
use aws_sdk_autoscaling::operation::exit_standby::{ExitStandbyInput, ExitStandbyOutput};
use jiff::Timestamp;

use super::model::Activity;
use super::{activities, found, invalid};
use crate::sim::call::Call;
use crate::sim::ec2::model::InstanceState;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;
use crate::sim::world::Estate;

/// `EnterStandby`
pub fn enter(input: &EnterStandbyInput, call: &mut Call<'_>) -> Answer<EnterStandbyOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let decrement = input.should_decrement_desired_capacity().ok_or_else(|| {
        invalid(
            "1 validation error detected: Value null at 'shouldDecrementDesiredCapacity' failed to \
             satisfy constraint: Member must not be null",
        )
    })?;
    let name = found(call.estate(), input.auto_scaling_group_name())?
        .name
        .clone();
    let ids = input.instance_ids();
    are_in(call.estate(), ids, &name, "InService", now)?;
    let count = i32::try_from(ids.len()).unwrap_or(i32::MAX);
    let group = found(call.estate(), Some(&name))?;
    if decrement && group.desired - count < group.min {
        return Err(invalid(format!(
            "AutoScalingGroup {name} has min-size={}, max-size={}, and desired-size={}. To place into \
             standby {count} instance(s), please update the AutoScalingGroup sizes appropriately.",
            group.min, group.max, group.desired
        )));
    }
    if decrement {
        group.desired -= count;
    }
    let done = after(now, call.delays().standby);
    let mut rows = Vec::new();
    for id in ids {
        turn(
            call.estate(),
            id,
            now,
            [("EnteringStandby", now), ("Standby", done)],
        );
        for arn in found(call.estate(), Some(&name))?.target_groups.clone() {
            if let Some(group) = call.estate().balancing.groups.get_mut(&arn) {
                group.deregister(id, None, now);
            }
        }
        let cause = format!("instance {id} was moved to standby in response to a user request");
        let what = format!("Moving EC2 instance to Standby: {id}");
        rows.push(note(call, &name, what, cause, done)?);
    }
    answer(move |output: &mut EnterStandbyOutput| output.activities = Some(rows))
}

/// `ExitStandby`
pub fn exit(input: &ExitStandbyInput, call: &mut Call<'_>) -> Answer<ExitStandbyOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let name = found(call.estate(), input.auto_scaling_group_name())?
        .name
        .clone();
    let ids = input.instance_ids();
    are_in(call.estate(), ids, &name, "Standby", now)?;
    let count = i32::try_from(ids.len()).unwrap_or(i32::MAX);
    let group = found(call.estate(), Some(&name))?;
    if group.desired + count > group.max {
        return Err(invalid(format!(
            "AutoScalingGroup {name} has max-size={}, and desired-size={}. To bring {count} \
             instance(s) out of standby, please update the AutoScalingGroup sizes appropriately.",
            group.max, group.desired
        )));
    }
    group.desired += count;
    let done = after(now, call.delays().standby);
    let mut rows = Vec::new();
    for id in ids {
        turn(
            call.estate(),
            id,
            now,
            [("Pending", now), ("InService", done)],
        );
        for arn in found(call.estate(), Some(&name))?.target_groups.clone() {
            if let Some(group) = call.estate().balancing.groups.get_mut(&arn) {
                let port = group.port;
                group.register(id, port, None, now);
            }
        }
        let cause = format!("instance {id} was moved out of standby in response to a user request");
        let what = format!("Moving EC2 instance out of Standby: {id}");
        rows.push(note(call, &name, what, cause, done)?);
    }
    answer(move |output: &mut ExitStandbyOutput| output.activities = Some(rows))
}

fn are_in(
    estate: &Estate,
    ids: &[String],
    group: &str,
    state: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if ids.is_empty() {
        return Err(invalid("Instance IDs must be specified"));
    }
    for id in ids {
        let instance = estate.instances.get(id);
        let instance = instance.filter(|one| *one.state.at(now) != InstanceState::Terminated);
        let member = instance.and_then(|one| one.auto_scaling.as_ref());
        let Some(member) = member.filter(|member| member.group == group) else {
            return Err(invalid(format!(
                "The instance {id} is not part of Auto Scaling group {group}."
            )));
        };
        if member.lifecycle.at(now) != state {
            return Err(invalid(format!("The instance {id} is not in {state}.")));
        }
    }
    Ok(())
}

fn turn(estate: &mut Estate, id: &str, now: Timestamp, states: [(&str, Timestamp); 2]) {
    let member = estate
        .instances
        .get_mut(id)
        .and_then(|one| one.auto_scaling.as_mut());
    if let Some(member) = member {
        let [(first, _), (last, at)] = states;
        member.lifecycle.turn(now, first.to_owned());
        member.lifecycle.then(at, last.to_owned());
    }
}

fn note(
    call: &mut Call<'_>,
    group: &str,
    description: String,
    cause: String,
    ends: Timestamp,
) -> Result<aws_sdk_autoscaling::types::Activity, Refusal> {
    let now = call.now();
    let activity = Activity {
        id: call.world().new_id("activity"),
        description,
        cause,
        started: now,
        ends,
    };
    let row = activities::row(group, &activity, now);
    found(call.estate(), Some(group))?.activities.push(activity);
    Ok(row)
}
