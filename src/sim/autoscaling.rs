//! Auto Scaling: which instances belong to a group.
//!
//! Groups do nothing by themselves here; what one would do to an instance is done by `Hands`.

use aws_sdk_autoscaling::operation::describe_auto_scaling_instances::{
    DescribeAutoScalingInstancesInput, DescribeAutoScalingInstancesOutput,
};
use aws_sdk_autoscaling::types::AutoScalingInstanceDetails;

use super::call::Call;
use super::ec2::model::{GroupMember, Instance};
use super::paging::Page;
use super::refusal::Refusal;
use super::registry::{Answer, Operation, answer};

/// Lists the operations of Auto Scaling.
pub fn operations() -> Vec<Operation> {
    let name = "DescribeAutoScalingInstances";
    vec![Operation::read("Auto Scaling", name, describe)]
}

/// `DescribeAutoScalingInstances`: instances that belong to no group are left out, named or not; pages of
/// 50 (Auto Scaling API reference).
fn describe(
    input: &DescribeAutoScalingInstancesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeAutoScalingInstancesOutput> {
    if call.is_denied() {
        let action = "autoscaling:DescribeAutoScalingInstances";
        return Err(Refusal {
            code: "AccessDenied".to_owned(),
            status: 403,
            ..Refusal::access_denied(call.account(), action)
        });
    }
    let named = input.instance_ids();
    let instances = call.estate().instances.values();
    let rows = instances
        .filter(|instance| named.is_empty() || named.contains(&instance.id))
        .filter_map(|instance| Some(row(instance, instance.auto_scaling.as_ref()?)))
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

fn row(instance: &Instance, member: &GroupMember) -> AutoScalingInstanceDetails {
    AutoScalingInstanceDetails::builder()
        .instance_id(&instance.id)
        .instance_type(&instance.instance_type)
        .auto_scaling_group_name(&member.group)
        .availability_zone(&instance.availability_zone)
        .lifecycle_state(&member.lifecycle_state)
        .health_status("HEALTHY")
        .protected_from_scale_in(false)
        .build()
}
