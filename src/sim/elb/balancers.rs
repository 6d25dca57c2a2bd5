//! `DescribeLoadBalancers`, `DescribeListeners`, `DescribeRules`: as far as a target group needs them to be named.
//! Each has one listener, which sends everything to the target groups that name it.

use aws_sdk_elasticloadbalancingv2::operation::describe_listeners::{
    DescribeListenersInput, DescribeListenersOutput,
};
use aws_sdk_elasticloadbalancingv2::operation::describe_load_balancers::{
    DescribeLoadBalancersInput, DescribeLoadBalancersOutput,
};
use aws_sdk_elasticloadbalancingv2::operation::describe_rules::{
    DescribeRulesInput, DescribeRulesOutput,
};
use aws_sdk_elasticloadbalancingv2::types as elb;

use super::model::{Balancer, Balancing};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `DescribeLoadBalancers`
pub fn describe(
    input: &DescribeLoadBalancersInput,
    call: &mut Call<'_>,
) -> Answer<DescribeLoadBalancersOutput> {
    call.permit_elsewhere()?;
    let balancing = &call.estate().balancing;
    for arn in input.load_balancer_arns() {
        found(balancing, arn)?;
    }
    let known = |name: &&String| balancing.balancers.values().any(|one| one.name == **name);
    if let Some(name) = input.names().iter().find(|name| !known(name)) {
        return Err(none(name));
    }
    let meant = |one: &&Balancer| {
        (input.names().is_empty() || input.names().contains(&one.name))
            && (input.load_balancer_arns().is_empty()
                || input.load_balancer_arns().contains(&one.arn))
    };
    let rows = balancing
        .balancers
        .values()
        .filter(meant)
        .map(row)
        .collect();
    answer(move |output: &mut DescribeLoadBalancersOutput| output.load_balancers = Some(rows))
}

fn found<'a>(balancing: &'a Balancing, arn: &str) -> Result<&'a Balancer, Refusal> {
    balancing.balancers.get(arn).ok_or_else(|| none(arn))
}

fn none(name: &str) -> Refusal {
    let message = format!("One or more load balancers not found: {name}");
    Refusal::client("LoadBalancerNotFound", message)
}

fn row(of: &Balancer) -> elb::LoadBalancer {
    let state = elb::LoadBalancerState::builder().code(elb::LoadBalancerStateEnum::Active);
    let zones = of.subnets.iter();
    let zones = zones.map(|id| elb::AvailabilityZone::builder().subnet_id(id).build());
    elb::LoadBalancer::builder()
        .load_balancer_arn(&of.arn)
        .load_balancer_name(&of.name)
        .dns_name(&of.dns_name)
        .scheme(elb::LoadBalancerSchemeEnum::InternetFacing)
        .vpc_id(&of.vpc_id)
        .r#type(elb::LoadBalancerTypeEnum::from(of.kind.as_str()))
        .state(state.build())
        .set_availability_zones(Some(zones.collect()))
        .set_security_groups(Some(of.security_groups.clone()))
        .build()
}

/// `DescribeListeners`, of one load balancer or by ARN.
pub fn listeners(
    input: &DescribeListenersInput,
    call: &mut Call<'_>,
) -> Answer<DescribeListenersOutput> {
    call.permit_elsewhere()?;
    let balancing = &call.estate().balancing;
    let all: Vec<&Balancer> = match input.load_balancer_arn() {
        Some(arn) => vec![found(balancing, arn)?],
        None => balancing.balancers.values().collect(),
    };
    let named = input.listener_arns();
    let meant = |one: &&&Balancer| named.is_empty() || named.contains(&listener_arn(one));
    let rows = all.iter().filter(meant).map(|one| listener(one, balancing));
    let rows = rows.collect();
    answer(move |output: &mut DescribeListenersOutput| output.listeners = Some(rows))
}

fn listener_arn(of: &Balancer) -> String {
    of.arn.replace(":loadbalancer/", ":listener/") + "/0a1b2c3d4e5f6071"
}

fn listener(of: &Balancer, balancing: &Balancing) -> elb::Listener {
    elb::Listener::builder()
        .listener_arn(listener_arn(of))
        .load_balancer_arn(&of.arn)
        .port(of.listener_port)
        .protocol(elb::ProtocolEnum::from(of.listener_protocol.as_str()))
        .set_default_actions(Some(actions(of, balancing)))
        .build()
}

fn actions(of: &Balancer, balancing: &Balancing) -> Vec<elb::Action> {
    let groups = balancing
        .groups
        .values()
        .filter(|group| group.balancers.contains(&of.arn));
    let action = |arn: &String| {
        let action = elb::Action::builder().r#type(elb::ActionTypeEnum::Forward);
        action.target_group_arn(arn).build()
    };
    groups.map(|group| action(&group.arn)).collect()
}

/// `DescribeRules`: the default rule of a listener.
pub fn rules(input: &DescribeRulesInput, call: &mut Call<'_>) -> Answer<DescribeRulesOutput> {
    call.permit_elsewhere()?;
    let balancing = &call.estate().balancing;
    let arn = input.listener_arn().unwrap_or_default();
    let mut all = balancing.balancers.values();
    let of = all.find(|one| listener_arn(one) == arn).ok_or_else(|| {
        let message = "One or more listeners not found";
        Refusal::client("ListenerNotFound", message)
    })?;
    let rule = elb::Rule::builder()
        .rule_arn(arn.replace(":listener/", ":listener-rule/") + "/0f")
        .priority("default")
        .is_default(true)
        .set_actions(Some(actions(of, balancing)))
        .build();
    answer(move |output: &mut DescribeRulesOutput| output.rules = Some(vec![rule]))
}
