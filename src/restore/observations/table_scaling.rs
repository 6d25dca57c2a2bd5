//! How Application Auto Scaling takes care of a table and its indexes.
//!
//! What is not scaled has no rules and no times either: they go with their target (`DeregisterScalableTarget`, API
//! reference), so they are asked for of targets alone.

#[cfg(test)]
mod tests;
mod tracking;

use std::collections::BTreeSet;

use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTarget as FoundTarget, ScalableTargetAction,
    ScalingPolicy as FoundPolicy, ScheduledAction as FoundAction, ServiceNamespace, SuspendedState,
};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::{ScalableTarget, Scaling, ScalingPolicy, ScheduledAction};
use crate::domain::failure::Failure;

use super::{instant, text};

pub(in crate::restore) use tracking::{TRACKING, typed};

const TARGETS: &str = "application-autoscaling:DescribeScalableTargets";
const POLICIES: &str = "application-autoscaling:DescribeScalingPolicies";
const ACTIONS: &str = "application-autoscaling:DescribeScheduledActions";

/// Reads what is scaled of a table and of these of its indexes, and how.
///
/// # Errors
/// The failure of a read.
pub async fn scaling(
    clients: &Clients,
    table: &str,
    indexes: &[String],
) -> Result<Scaling, Failure> {
    let of_index = indexes
        .iter()
        .map(|index| format!("table/{table}/index/{index}"));
    let resources: Vec<String> = [format!("table/{table}")]
        .into_iter()
        .chain(of_index)
        .collect();
    let mut scaling = Scaling {
        targets: targets(clients, &resources).await?,
        ..Scaling::default()
    };
    let scaled: BTreeSet<&str> = scaling
        .targets
        .iter()
        .map(|target| target.resource.as_str())
        .collect();
    for resource in scaled {
        scaling.policies.extend(policies(clients, resource).await?);
        scaling.actions.extend(actions(clients, resource).await?);
    }
    Ok(sorted(scaling))
}

fn sorted(mut scaling: Scaling) -> Scaling {
    let key = |one: &ScalableTarget| (one.resource.clone(), one.dimension.clone());
    scaling.targets.sort_by_key(key);
    scaling.policies.sort_by_key(|one| {
        (
            one.resource.clone(),
            one.dimension.clone(),
            one.name.clone(),
        )
    });
    scaling.actions.sort_by_key(|one| {
        (
            one.resource.clone(),
            one.dimension.clone(),
            one.name.clone(),
        )
    });
    scaling
}

/// Reads what is scaled of these resources.
pub(in crate::restore) async fn targets(
    clients: &Clients,
    resources: &[String],
) -> Result<Vec<ScalableTarget>, Failure> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let read = clients.application_autoscaling.describe_scalable_targets();
        let answer = read
            .service_namespace(ServiceNamespace::Dynamodb)
            .set_resource_ids(Some(resources.to_vec()))
            .set_next_token(next)
            .send()
            .await;
        let page = answer.map_err(|error| failure(TARGETS, &error))?;
        all.extend(page.scalable_targets().iter().map(target));
        next = page.next_token;
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn target(found: &FoundTarget) -> ScalableTarget {
    let suspended = |state: &SuspendedState| {
        [
            state.dynamic_scaling_in_suspended() == Some(true),
            state.dynamic_scaling_out_suspended() == Some(true),
            state.scheduled_scaling_suspended() == Some(true),
        ]
    };
    ScalableTarget {
        resource: found.resource_id().to_owned(),
        dimension: found.scalable_dimension().as_str().to_owned(),
        min: found.min_capacity(),
        max: found.max_capacity(),
        suspended: found.suspended_state().map(suspended).unwrap_or_default(),
        role: found.role_arn().to_owned(),
    }
}

/// Reads the rules by which a resource is scaled, and those of no other: servers that stand in for the service take
/// the name for a pattern.
pub(in crate::restore) async fn policies(
    clients: &Clients,
    resource: &str,
) -> Result<Vec<ScalingPolicy>, Failure> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let read = clients.application_autoscaling.describe_scaling_policies();
        let answer = read
            .service_namespace(ServiceNamespace::Dynamodb)
            .resource_id(resource)
            .set_next_token(next)
            .send()
            .await;
        let page = answer.map_err(|error| failure(POLICIES, &error))?;
        let found = page.scaling_policies().iter();
        all.extend(
            found
                .filter(|one| one.resource_id() == resource)
                .map(policy),
        );
        next = page.next_token;
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn policy(found: &FoundPolicy) -> ScalingPolicy {
    let tracking = found.target_tracking_scaling_policy_configuration();
    ScalingPolicy {
        name: found.policy_name().to_owned(),
        resource: found.resource_id().to_owned(),
        dimension: found.scalable_dimension().as_str().to_owned(),
        configuration: tracking::configuration(tracking),
    }
}

/// Reads at which times a resource has bounds of its own.
pub(in crate::restore) async fn actions(
    clients: &Clients,
    resource: &str,
) -> Result<Vec<ScheduledAction>, Failure> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let read = clients.application_autoscaling.describe_scheduled_actions();
        let answer = read
            .service_namespace(ServiceNamespace::Dynamodb)
            .resource_id(resource)
            .set_next_token(next)
            .send()
            .await;
        let page = answer.map_err(|error| failure(ACTIONS, &error))?;
        let found = page.scheduled_actions().iter();
        all.extend(
            found
                .filter(|one| one.resource_id() == resource)
                .map(action),
        );
        next = page.next_token;
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn action(found: &FoundAction) -> ScheduledAction {
    let bounds = found.scalable_target_action();
    ScheduledAction {
        name: found.scheduled_action_name().to_owned(),
        resource: found.resource_id().to_owned(),
        dimension: text(found.scalable_dimension().map(ScalableDimension::as_str)),
        schedule: found.schedule().to_owned(),
        timezone: found.timezone().map(str::to_owned),
        start: instant(found.start_time()),
        end: instant(found.end_time()),
        min: bounds.and_then(ScalableTargetAction::min_capacity),
        max: bounds.and_then(ScalableTargetAction::max_capacity),
    }
}
