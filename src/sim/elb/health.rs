//! `DescribeTargetHealth`: what has become of each target by now.
//!
//! ELB user guides, "Target group health": a new target is `initial` until it has passed as many checks as the threshold
//! says, and one that is taken out drains before it is `unused`.

use aws_sdk_elasticloadbalancingv2::operation::describe_target_health::{
    DescribeTargetHealthInput, DescribeTargetHealthOutput,
};
use aws_sdk_elasticloadbalancingv2::types::{self as elb, TargetHealthReasonEnum as Reason};
use jiff::Timestamp;

use super::model::{Balancer, Target, TargetGroup};
use super::target_groups::found;
use crate::sim::call::Call;
use crate::sim::ec2::attachments::held_on;
use crate::sim::ec2::model::{Instance, InstanceState};
use crate::sim::ec2::network::model::Interface;
use crate::sim::ec2::network::reach::{Side, accepts};
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;
use crate::sim::world::Estate;

/// State, reason and description.
type Health = (elb::TargetHealthStateEnum, Option<Reason>, Option<String>);

/// `DescribeTargetHealth`: of the targets that are named, or of all that are registered or draining.
pub fn describe(
    input: &DescribeTargetHealthInput,
    call: &mut Call<'_>,
) -> Answer<DescribeTargetHealthOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let arn = input.target_group_arn().unwrap_or_default();
    let group = found(&mut call.estate().balancing, arn)?.clone();
    let estate = call.estate();
    let there = |target: &&Target| drained(&group, target).is_none_or(|at| now < at);
    let rows = if input.targets().is_empty() {
        let targets = group.targets.iter().filter(there);
        targets
            .map(|target| row(target, of(estate, &group, target, now)))
            .collect()
    } else {
        let asked = input.targets().iter();
        asked
            .map(|asked| named(estate, &group, asked, now))
            .collect()
    };
    answer(move |output: &mut DescribeTargetHealthOutput| {
        output.target_health_descriptions = Some(rows);
    })
}

fn drained(group: &TargetGroup, target: &Target) -> Option<Timestamp> {
    target
        .deregistered
        .map(|at| after(at, group.deregistration_delay))
}

fn named(
    estate: &Estate,
    group: &TargetGroup,
    asked: &elb::TargetDescription,
    now: Timestamp,
) -> elb::TargetHealthDescription {
    let (id, port) = (
        asked.id().unwrap_or_default(),
        asked.port().unwrap_or(group.port),
    );
    let mut targets = group.targets.iter();
    let known = targets.find(|one| {
        one.id == id && one.port == port && drained(group, one).is_none_or(|at| now < at)
    });
    if let Some(target) = known {
        return row(target, of(estate, group, target, now));
    }
    let nobody = Target {
        id: id.to_owned(),
        port,
        availability_zone: None,
        registered: now,
        deregistered: None,
    };
    let words = "Target is not registered to the target group";
    row(&nobody, unused(Reason::NotRegistered, words))
}

fn unused(reason: Reason, words: &str) -> Health {
    (
        elb::TargetHealthStateEnum::Unused,
        Some(reason),
        Some(words.to_owned()),
    )
}

fn row(target: &Target, (state, reason, words): Health) -> elb::TargetHealthDescription {
    let health = elb::TargetHealth::builder()
        .state(state)
        .set_reason(reason)
        .set_description(words);
    let described = elb::TargetDescription::builder()
        .id(&target.id)
        .port(target.port)
        .set_availability_zone(target.availability_zone.clone());
    elb::TargetHealthDescription::builder()
        .target(described.build())
        .health_check_port(target.port.to_string())
        .target_health(health.build())
        .build()
}

fn told(state: elb::TargetHealthStateEnum, reason: Reason, words: &str) -> Health {
    (state, Some(reason), Some(words.to_owned()))
}

/// Works out the health of a target that is registered or draining.
pub fn of(estate: &Estate, group: &TargetGroup, target: &Target, now: Timestamp) -> Health {
    if target.deregistered.is_some() {
        let words = "Target deregistration is in progress";
        let reason = Reason::DeregistrationInProgress;
        return told(elb::TargetHealthStateEnum::Draining, reason, words);
    }
    let mut balancers = group.balancers.iter();
    let Some(balancer) = balancers.find_map(|arn| estate.balancing.balancers.get(arn)) else {
        let words = "Target group is not configured to receive traffic from the load balancer";
        return unused(Reason::NotInUse, words);
    };
    let Some((interface, instance)) = behind(estate, target, now) else {
        return unused(Reason::InvalidState, "Target is in the terminated state");
    };
    let state = *instance.state.at(now);
    if state != InstanceState::Running {
        let words = format!("Target is in the {} state", state.name());
        return unused(Reason::InvalidState, &words);
    }
    let checks = |count: i32, from| after(from, group.interval * count);
    let up = instance.checks_pass.max(interface.groups_since);
    let answers = lets_in(estate, interface, balancer, target, now) && is_up(estate, instance, now);
    if answers && now >= checks(group.healthy_threshold, up.max(target.registered)) {
        return (elb::TargetHealthStateEnum::Healthy, None, None);
    }
    let patience = group.unhealthy_threshold.max(group.healthy_threshold);
    if now < checks(patience, target.registered) {
        let words = "Initial health checks in progress";
        return told(
            elb::TargetHealthStateEnum::Initial,
            Reason::InitialHealthChecking,
            words,
        );
    }
    let words = "Request timed out";
    told(
        elb::TargetHealthStateEnum::Unhealthy,
        Reason::Timeout,
        words,
    )
}

/// Who answers for a target.
fn behind<'a>(
    estate: &'a Estate,
    target: &Target,
    now: Timestamp,
) -> Option<(&'a Interface, &'a Instance)> {
    let interface = interface(estate, target, now)?;
    let id = &interface.held(now)?.instance_id;
    Some((interface, estate.instances.get(id)?))
}

/// Whether the application comes up: not in a guest that is impaired, nor from a root volume that the incident has damaged.
fn is_up(estate: &Estate, instance: &Instance, now: Timestamp) -> bool {
    let mut held = held_on(estate, &instance.id, now);
    let root = held.find(|(_, held)| held.device == instance.root_device_name);
    let damaged = root.is_some_and(|(volume, _)| volume.data_at(now).damaged);
    !instance.impaired && !damaged
}

/// The first interface of an instance, or the one with the address.
fn interface<'a>(estate: &'a Estate, target: &Target, now: Timestamp) -> Option<&'a Interface> {
    if target.id.starts_with("i-") {
        return estate.network.primary(&target.id, now);
    }
    let mut all = estate.network.interfaces.values();
    all.find(|one| one.private_ip == target.id)
}

fn lets_in(
    estate: &Estate,
    interface: &Interface,
    balancer: &Balancer,
    target: &Target,
    now: Timestamp,
) -> bool {
    let (Ok(address), Ok(port)) = (balancer.address.parse(), u16::try_from(target.port)) else {
        return false;
    };
    let from = Side {
        address,
        groups: &balancer.security_groups,
    };
    accepts(estate, interface, from, port, now)
}
