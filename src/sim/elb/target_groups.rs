//! `DescribeTargetGroups` and `DescribeTargetGroupAttributes`.
//! Pages are of 400 groups at most (ELB API reference).

use aws_sdk_elasticloadbalancingv2::operation::describe_target_group_attributes::{
    DescribeTargetGroupAttributesInput, DescribeTargetGroupAttributesOutput,
};
use aws_sdk_elasticloadbalancingv2::operation::describe_target_groups::{
    DescribeTargetGroupsInput, DescribeTargetGroupsOutput,
};
use aws_sdk_elasticloadbalancingv2::types as elb;

use super::model::{Balancing, TargetGroup};
use crate::sim::call::Call;
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// Finds a target group.
pub fn found<'a>(balancing: &'a mut Balancing, arn: &str) -> Result<&'a mut TargetGroup, Refusal> {
    balancing.groups.get_mut(arn).ok_or_else(|| {
        let message = "One or more target groups not found";
        Refusal::client("TargetGroupNotFound", message)
    })
}

/// `DescribeTargetGroups`
pub fn describe(
    input: &DescribeTargetGroupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeTargetGroupsOutput> {
    call.permit_elsewhere()?;
    let arns = input.target_group_arns();
    for arn in arns {
        found(&mut call.estate().balancing, arn)?;
    }
    let groups = &call.estate().balancing.groups;
    let known = |name: &&String| groups.values().any(|group| group.name == **name);
    if input.names().iter().any(|name| !known(&name)) {
        let message = "One or more target groups not found";
        return Err(Refusal::client("TargetGroupNotFound", message));
    }
    let meant = |group: &&TargetGroup| {
        let of = input.load_balancer_arn();
        (arns.is_empty() || arns.contains(&group.arn))
            && (input.names().is_empty() || input.names().contains(&group.name))
            && of.is_none_or(|arn| group.balancers.iter().any(|one| one == arn))
    };
    let rows = groups.values().filter(meant).map(row).collect();
    let size = input.page_size().unwrap_or(400).min(400);
    let page = Page::new(Some(size), input.marker()).at_least(1);
    let key = |row: &elb::TargetGroup| row.target_group_arn().unwrap_or_default().to_owned();
    let (rows, marker) = page.cut(rows, key)?;
    answer(move |output: &mut DescribeTargetGroupsOutput| {
        output.target_groups = Some(rows);
        output.next_marker = marker;
    })
}

fn seconds(length: jiff::SignedDuration) -> i32 {
    i32::try_from(length.as_secs()).unwrap_or(i32::MAX)
}

fn row(of: &TargetGroup) -> elb::TargetGroup {
    let protocol = elb::ProtocolEnum::from(of.protocol.as_str());
    elb::TargetGroup::builder()
        .target_group_arn(&of.arn)
        .target_group_name(&of.name)
        .protocol(protocol.clone())
        .port(of.port)
        .vpc_id(&of.vpc_id)
        .target_type(elb::TargetTypeEnum::from(of.target_type.as_str()))
        .health_check_enabled(true)
        .health_check_protocol(protocol)
        .health_check_port("traffic-port")
        .set_health_check_path(of.path.clone())
        .health_check_interval_seconds(seconds(of.interval))
        .healthy_threshold_count(of.healthy_threshold)
        .unhealthy_threshold_count(of.unhealthy_threshold)
        .set_load_balancer_arns(Some(of.balancers.clone()))
        .build()
}

/// `DescribeTargetGroupAttributes`, for the one that a cut-over waits for.
pub fn attributes(
    input: &DescribeTargetGroupAttributesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeTargetGroupAttributesOutput> {
    call.permit_elsewhere()?;
    let arn = input.target_group_arn().unwrap_or_default();
    let group = found(&mut call.estate().balancing, arn)?;
    let delay = elb::TargetGroupAttribute::builder()
        .key("deregistration_delay.timeout_seconds")
        .value(seconds(group.deregistration_delay).to_string());
    let rows = vec![delay.build()];
    answer(move |output: &mut DescribeTargetGroupAttributesOutput| {
        output.attributes = Some(rows);
    })
}
