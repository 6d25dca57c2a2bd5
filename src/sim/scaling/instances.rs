//! `DescribeAutoScalingInstances`: which instances belong to a group.
//! Instances that belong to none are left out, named or not; pages of 50 (Auto Scaling API reference).

use aws_sdk_autoscaling::operation::describe_auto_scaling_instances::{
    DescribeAutoScalingInstancesInput, DescribeAutoScalingInstancesOutput,
};
use aws_sdk_autoscaling::types::AutoScalingInstanceDetails;
use jiff::Timestamp;

use crate::sim::call::Call;
use crate::sim::ec2::model::{GroupMember, Instance};
use crate::sim::paging::Page;
use crate::sim::registry::{Answer, answer};

/// `DescribeAutoScalingInstances`
pub fn describe(
    input: &DescribeAutoScalingInstancesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeAutoScalingInstancesOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let named = input.instance_ids();
    let instances = call.estate().instances.values();
    let rows = instances
        .filter(|instance| named.is_empty() || named.contains(&instance.id))
        .filter_map(|instance| Some(row(instance, instance.auto_scaling.as_ref()?, now)))
        .collect();
    let size = input.max_records().unwrap_or(50).min(50);
    let page = Page::new(Some(size), input.next_token()).at_least(1);
    let key = |row: &AutoScalingInstanceDetails| row.instance_id().unwrap_or_default().to_owned();
    let (rows, token) = page.cut(rows, key)?;
    answer(move |output: &mut DescribeAutoScalingInstancesOutput| {
        output.auto_scaling_instances = Some(rows);
        output.next_token = token;
    })
}

fn row(instance: &Instance, member: &GroupMember, now: Timestamp) -> AutoScalingInstanceDetails {
    AutoScalingInstanceDetails::builder()
        .instance_id(&instance.id)
        .instance_type(&instance.instance_type)
        .auto_scaling_group_name(&member.group)
        .availability_zone(&instance.availability_zone)
        .lifecycle_state(member.lifecycle.at(now))
        .health_status("HEALTHY")
        .protected_from_scale_in(false)
        .build()
}
