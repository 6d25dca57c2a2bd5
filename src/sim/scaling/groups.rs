//! `DescribeAutoScalingGroups`: sizes, members, suspended processes, target groups.
//! A name that no group has is left out and is no error (Auto Scaling API reference).

use aws_sdk_autoscaling::operation::describe_auto_scaling_groups::{
    DescribeAutoScalingGroupsInput, DescribeAutoScalingGroupsOutput,
};
use aws_sdk_autoscaling::types as scaling;
use jiff::Timestamp;

use super::model::ScalingGroup;
use crate::sim::call::Call;
use crate::sim::ec2::model::InstanceState;
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::Estate;

/// `DescribeAutoScalingGroups`
pub fn describe(
    input: &DescribeAutoScalingGroupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeAutoScalingGroupsOutput> {
    call.permit_elsewhere()?;
    if !input.filters().is_empty() {
        return Err(Refusal::client(
            "ValidationError",
            "Groups are not filtered",
        ));
    }
    let now = call.now();
    let names = input.auto_scaling_group_names();
    let estate = call.estate();
    let groups = estate.scaling.values();
    let groups = groups.filter(|group| names.is_empty() || names.contains(&group.name));
    let rows = groups.map(|group| row(estate, group, now)).collect();
    let size = input.max_records().unwrap_or(50).min(100);
    let page = Page::new(Some(size), input.next_token()).at_least(1);
    let key = |row: &scaling::AutoScalingGroup| {
        row.auto_scaling_group_name().unwrap_or_default().to_owned()
    };
    let (rows, token) = page.cut(rows, key)?;
    answer(move |output: &mut DescribeAutoScalingGroupsOutput| {
        output.auto_scaling_groups = Some(rows);
        output.next_token = token;
    })
}

fn row(estate: &Estate, group: &ScalingGroup, now: Timestamp) -> scaling::AutoScalingGroup {
    let of = |one: &&crate::sim::ec2::model::Instance| {
        let member = one.auto_scaling.as_ref();
        let gone = *one.state.at(now) == InstanceState::Terminated;
        member.is_some_and(|member| member.group == group.name) && !gone
    };
    let instances = estate.instances.values().filter(of).map(|one| {
        let state = one
            .auto_scaling
            .as_ref()
            .map(|member| member.lifecycle.at(now).as_str());
        scaling::Instance::builder()
            .instance_id(&one.id)
            .instance_type(&one.instance_type)
            .availability_zone(&one.availability_zone)
            .set_lifecycle_state(state.map(scaling::LifecycleState::from))
            .health_status("Healthy")
            .protected_from_scale_in(false)
            .build()
    });
    let suspended = group.suspended.keys().map(|name| {
        let reason = "User suspended";
        let row = scaling::SuspendedProcess::builder().process_name(name);
        row.suspension_reason(reason).build()
    });
    scaling::AutoScalingGroup::builder()
        .auto_scaling_group_name(&group.name)
        .min_size(group.min)
        .max_size(group.max)
        .desired_capacity(group.desired)
        .default_cooldown(300)
        .health_check_type("EC2")
        .health_check_grace_period(0)
        .set_availability_zones(Some(estate.zones.clone()))
        .set_target_group_arns(Some(group.target_groups.clone()))
        .set_instances(Some(instances.collect()))
        .set_suspended_processes(Some(suspended.collect()))
        .build()
}
