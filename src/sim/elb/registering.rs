//! `RegisterTargets` and `DeregisterTargets`.
//!
//! Both may be repeated: a target that is registered stays as it is, and one that is not is no error to take out (ELB API
//! reference, `DeregisterTargets`).

use aws_sdk_elasticloadbalancingv2::operation::deregister_targets::{
    DeregisterTargetsInput, DeregisterTargetsOutput,
};
use aws_sdk_elasticloadbalancingv2::operation::register_targets::{
    RegisterTargetsInput, RegisterTargetsOutput,
};
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use jiff::Timestamp;

use super::model::TargetGroup;
use super::target_groups::found;
use crate::sim::call::Call;
use crate::sim::ec2::model::InstanceState;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::Estate;

/// `RegisterTargets`: all of them or none.
pub fn register(
    input: &RegisterTargetsInput,
    call: &mut Call<'_>,
) -> Answer<RegisterTargetsOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let arn = input.target_group_arn().unwrap_or_default();
    let group = found(&mut call.estate().balancing, arn)?.clone();
    if input.targets().is_empty() {
        return Err(Refusal::client(
            "ValidationError",
            "Targets must be specified",
        ));
    }
    for target in input.targets() {
        may_register(call.estate(), &group, target, now)?;
    }
    let mut any = false;
    for target in input.targets() {
        let (id, port) = (
            target.id().unwrap_or_default(),
            target.port().unwrap_or(group.port),
        );
        let zone = target.availability_zone().map(str::to_owned);
        let group = found(&mut call.estate().balancing, arn)?;
        any |= group.register(id, port, zone, now);
    }
    if !any {
        call.nothing_changed();
    }
    answer(|_: &mut RegisterTargetsOutput| {})
}

fn may_register(
    estate: &Estate,
    group: &TargetGroup,
    target: &TargetDescription,
    now: Timestamp,
) -> Result<(), Refusal> {
    let id = target.id().unwrap_or_default();
    let invalid = |message: String| Err(Refusal::client("InvalidTarget", message));
    if group.target_type != "instance" {
        return match id.parse::<std::net::IpAddr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(Refusal::client(
                "ValidationError",
                format!("The IP address '{id}' is not a valid IPv4 address"),
            )),
        };
    }
    let Some(instance) = estate.instances.get(id) else {
        return invalid(format!(
            "The following targets are not valid instances: '{id}'"
        ));
    };
    let primary = estate.network.primary(id, now);
    if primary.is_some_and(|one| one.vpc_id != group.vpc_id) {
        return invalid(format!(
            "The following targets are not in the target group VPC '{}': '{id}'",
            group.vpc_id
        ));
    }
    if *instance.state.at(now) != InstanceState::Running {
        return invalid(format!(
            "The following targets are not in a running state and cannot be registered: '{id}'"
        ));
    }
    Ok(())
}

/// `DeregisterTargets`: draining begins at once.
pub fn deregister(
    input: &DeregisterTargetsInput,
    call: &mut Call<'_>,
) -> Answer<DeregisterTargetsOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let arn = input.target_group_arn().unwrap_or_default();
    let mut any = false;
    let group = found(&mut call.estate().balancing, arn)?;
    for target in input.targets() {
        let id = target.id().unwrap_or_default();
        any |= group.deregister(id, target.port(), now);
    }
    if !any {
        call.nothing_changed();
    }
    answer(|_: &mut DeregisterTargetsOutput| {})
}
