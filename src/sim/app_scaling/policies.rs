//! `PutScalingPolicy` and `DescribeScalingPolicies`, of policies that follow a target value: there are no others for
//! tables (Application Auto Scaling API reference). The alarms that a policy makes for itself are not simulated.

use aws_sdk_applicationautoscaling::operation::describe_scaling_policies::{
    DescribeScalingPoliciesInput, DescribeScalingPoliciesOutput,
};
use aws_sdk_applicationautoscaling::operation::put_scaling_policy::{
    PutScalingPolicyInput, PutScalingPolicyOutput,
};
use aws_sdk_applicationautoscaling::types as scaling;

use super::model::{Policy, Scaled};
use super::{invalid, page, permit, registered, scaled};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `PutScalingPolicy`. It needs its target.
pub fn put(input: &PutScalingPolicyInput, call: &mut Call<'_>) -> Answer<PutScalingPolicyOutput> {
    permit(call, "PutScalingPolicy", input.service_namespace())?;
    let now = call.now();
    let of = scaled(input.resource_id(), input.scalable_dimension());
    registered(call, &of)?;
    let name = input.policy_name().unwrap_or_default().to_owned();
    let kind = input.policy_type();
    if kind.is_some_and(|kind| *kind != scaling::PolicyType::TargetTrackingScaling) {
        return Err(invalid("Unsupported policy type for DynamoDB"));
    }
    let configuration = input.target_tracking_scaling_policy_configuration.clone();
    let configuration =
        configuration.ok_or_else(|| invalid("A target tracking configuration is required"))?;
    let arn = arn(call, &of, &name);
    let policies = &mut call.estate().app_scaling.policies;
    let created = policies.get(&(of.clone(), name.clone()));
    let policy = Policy {
        configuration,
        created: created.map_or(now, |was| was.created),
    };
    policies.insert((of, name), policy);
    answer(move |output: &mut PutScalingPolicyOutput| output.policy_arn = arn)
}

fn arn(call: &Call<'_>, (resource, _): &Scaled, name: &str) -> String {
    let (region, account) = (call.region(), call.account());
    format!(
        "arn:aws:autoscaling:{region}:{account}:scalingPolicy:simulated:resource/dynamodb/{resource}:\
         policyName/{name}"
    )
}

/// `DescribeScalingPolicies`.
pub fn describe(
    input: &DescribeScalingPoliciesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeScalingPoliciesOutput> {
    permit(call, "DescribeScalingPolicies", input.service_namespace())?;
    let policies = call.estate().app_scaling.policies.clone();
    let wanted = policies
        .iter()
        .filter(|(((resource, dimension), name), _)| {
            let (names, asked) = (input.policy_names(), input.scalable_dimension());
            (names.is_empty() || names.contains(name))
                && input.resource_id().is_none_or(|asked| asked == resource)
                && asked.is_none_or(|asked| asked.as_str() == dimension)
        });
    let rows: Result<Vec<_>, _> = wanted
        .map(|((of, name), policy)| row(call, of, name, policy))
        .collect();
    let (rows, next) = page(rows?, input.max_results(), input.next_token())?;
    answer(move |output: &mut DescribeScalingPoliciesOutput| {
        output.scaling_policies = Some(rows);
        output.next_token = next;
    })
}

fn row(
    call: &Call<'_>,
    of: &Scaled,
    name: &str,
    policy: &Policy,
) -> Result<scaling::ScalingPolicy, Refusal> {
    let (resource, dimension) = of;
    scaling::ScalingPolicy::builder()
        .policy_arn(arn(call, of, name))
        .policy_name(name)
        .service_namespace(scaling::ServiceNamespace::Dynamodb)
        .resource_id(resource)
        .scalable_dimension(scaling::ScalableDimension::from(dimension.as_str()))
        .policy_type(scaling::PolicyType::TargetTrackingScaling)
        .target_tracking_scaling_policy_configuration(policy.configuration.clone())
        .creation_time(date(policy.created))
        .build()
        .map_err(|error| Refusal::new(500, "InternalServiceException", error.to_string()))
}
