//! `RegisterScalableTarget` and `DescribeScalableTargets`.
//! What is registered again keeps what is not said anew (Application Auto Scaling API reference).

use aws_sdk_applicationautoscaling::operation::describe_scalable_targets::{
    DescribeScalableTargetsInput, DescribeScalableTargetsOutput,
};
use aws_sdk_applicationautoscaling::operation::register_scalable_target::{
    RegisterScalableTargetInput, RegisterScalableTargetOutput,
};
use aws_sdk_applicationautoscaling::types as scaling;

use super::model::{Scaled, Target, role};
use super::{invalid, page, permit, scaled};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `RegisterScalableTarget`.
pub fn register(
    input: &RegisterScalableTargetInput,
    call: &mut Call<'_>,
) -> Answer<RegisterScalableTargetOutput> {
    permit(call, "RegisterScalableTarget", input.service_namespace())?;
    let now = call.now();
    let usual = role(call.account());
    let of = scaled(input.resource_id(), input.scalable_dimension());
    exists(call, &of)?;
    let targets = &mut call.estate().app_scaling.targets;
    let was = targets.get(&of);
    let min = input.min_capacity().or(was.map(|was| was.min));
    let max = input.max_capacity().or(was.map(|was| was.max));
    let (Some(min), Some(max)) = (min, max) else {
        return Err(invalid("MinCapacity and MaxCapacity must both be set"));
    };
    if min > max || min < 0 {
        return Err(invalid(
            "Maximum capacity cannot be less than minimum capacity",
        ));
    }
    let given = input.suspended_state();
    let was_suspended = was.map_or([false; 3], |was| was.suspended);
    let suspended = given.map_or(was_suspended, |given| {
        let parts = [
            given.dynamic_scaling_in_suspended(),
            given.dynamic_scaling_out_suspended(),
            given.scheduled_scaling_suspended(),
        ];
        parts.map(|part| part.unwrap_or(false))
    });
    let target = Target {
        min,
        max,
        role: input.role_arn.clone().unwrap_or(usual),
        suspended,
        created: was.map_or(now, |was| was.created),
    };
    targets.insert(of, target);
    answer(|_: &mut RegisterScalableTargetOutput| {})
}

/// A target is a table or an index of one, and its dimension is one of that.
fn exists(call: &mut Call<'_>, (resource, dimension): &Scaled) -> Result<(), Refusal> {
    let parts: Vec<&str> = resource.split('/').collect();
    let (table, index) = match parts[..] {
        ["table", table] => (table, None),
        ["table", table, "index", index] => (table, Some(index)),
        _ => return Err(invalid(&format!("Unsupported resource ID: {resource}"))),
    };
    let kind = if index.is_some() { "index" } else { "table" };
    let units = ["ReadCapacityUnits", "WriteCapacityUnits"];
    let known = units.map(|units| format!("dynamodb:{kind}:{units}"));
    if !known.contains(dimension) {
        return Err(invalid(&format!(
            "Unsupported service namespace, resource type or scalable dimension: {dimension}"
        )));
    }
    let tables = &call.estate().dynamodb.tables;
    let found = tables.get(table);
    let there = found.is_some_and(|table| {
        let mut indexes = table.shape.indexes.iter();
        index.is_none_or(|index| indexes.any(|(name, one)| name == index && !one.local))
    });
    if there {
        return Ok(());
    }
    Err(invalid(&format!(
        "DynamoDB {kind} does not exist: {resource}"
    )))
}

/// `DescribeScalableTargets`.
pub fn describe(
    input: &DescribeScalableTargetsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeScalableTargetsOutput> {
    permit(call, "DescribeScalableTargets", input.service_namespace())?;
    let targets = call.estate().app_scaling.targets.iter();
    let wanted = targets.filter(|((resource, dimension), _)| {
        let ids = input.resource_ids();
        let asked = input.scalable_dimension();
        (ids.is_empty() || ids.contains(resource))
            && asked.is_none_or(|asked| asked.as_str() == dimension)
    });
    let rows: Result<Vec<_>, _> = wanted.map(|(of, target)| row(of, target)).collect();
    let (rows, next) = page(rows?, input.max_results(), input.next_token())?;
    answer(move |output: &mut DescribeScalableTargetsOutput| {
        output.scalable_targets = Some(rows);
        output.next_token = next;
    })
}

fn row(
    (resource, dimension): &Scaled,
    target: &Target,
) -> Result<scaling::ScalableTarget, Refusal> {
    let [scaling_in, scaling_out, scheduled] = target.suspended;
    let suspended = scaling::SuspendedState::builder()
        .dynamic_scaling_in_suspended(scaling_in)
        .dynamic_scaling_out_suspended(scaling_out)
        .scheduled_scaling_suspended(scheduled);
    scaling::ScalableTarget::builder()
        .service_namespace(scaling::ServiceNamespace::Dynamodb)
        .resource_id(resource)
        .scalable_dimension(scaling::ScalableDimension::from(dimension.as_str()))
        .min_capacity(target.min)
        .max_capacity(target.max)
        .role_arn(&target.role)
        .creation_time(date(target.created))
        .suspended_state(suspended.build())
        .build()
        .map_err(|error| Refusal::new(500, "InternalServiceException", error.to_string()))
}
