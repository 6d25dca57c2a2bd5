//! Elastic Load Balancing: load balancers, target groups, and how healthy their targets are.
//!
//! Nothing is balanced here. Whether a target is healthy is worked out from whether its instance runs, has come up, and lets
//! the load balancer in.

mod balancers;
pub mod health;
pub mod model;
pub mod picture;
mod registering;
mod target_groups;

use super::registry::Operation;

/// How the SDK names the service.
const ELB: &str = "Elastic Load Balancing v2";

/// Lists the operations of Elastic Load Balancing.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(ELB, "DescribeLoadBalancers", balancers::describe),
        Operation::read(ELB, "DescribeListeners", balancers::listeners),
        Operation::read(ELB, "DescribeRules", balancers::rules),
        Operation::read(ELB, "DescribeTargetGroups", target_groups::describe),
        Operation::read(
            ELB,
            "DescribeTargetGroupAttributes",
            target_groups::attributes,
        ),
        Operation::read(ELB, "DescribeTargetHealth", health::describe),
        Operation::mutation(ELB, "RegisterTargets", registering::register),
        Operation::mutation(ELB, "DeregisterTargets", registering::deregister),
    ]
}
