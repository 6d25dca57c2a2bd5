//! The network around instances: VPCs, subnets, security groups with their rules, interfaces, addresses.
//!
//! Nothing here is deleted or released. Who reaches whom is worked out from the rules, in `reach`.

pub mod addresses;
pub mod cidr;
mod endpoints;
pub mod groups;
pub mod interfaces;
pub mod model;
mod permissions;
pub mod picture;
mod plugging;
pub mod reach;
mod revoking;
pub mod rows;
mod rules;
pub mod talk;
pub mod vpcs;

use crate::sim::registry::Operation;

use super::EC2;

/// Lists the operations on the network.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(EC2, "DescribeVpcs", vpcs::describe),
        Operation::read(EC2, "DescribeSubnets", vpcs::describe_subnets),
        Operation::read(EC2, "DescribeSecurityGroups", groups::describe),
        Operation::read(EC2, "DescribeSecurityGroupRules", rules::describe),
        Operation::mutation(EC2, "CreateSecurityGroup", groups::create),
        Operation::mutation(
            EC2,
            "AuthorizeSecurityGroupIngress",
            rules::authorize_ingress,
        ),
        Operation::mutation(EC2, "AuthorizeSecurityGroupEgress", rules::authorize_egress),
        Operation::mutation(EC2, "RevokeSecurityGroupIngress", revoking::ingress),
        Operation::mutation(EC2, "RevokeSecurityGroupEgress", revoking::egress),
        Operation::read(EC2, "DescribeNetworkInterfaces", interfaces::describe),
        Operation::mutation(EC2, "ModifyNetworkInterfaceAttribute", interfaces::modify),
        Operation::mutation(EC2, "AttachNetworkInterface", plugging::attach),
        Operation::mutation(EC2, "DetachNetworkInterface", plugging::detach),
        Operation::read(EC2, "DescribeVpcEndpoints", endpoints::describe),
        Operation::read(EC2, "DescribeAddresses", addresses::describe),
        Operation::mutation(EC2, "AssociateAddress", addresses::associate),
        Operation::mutation(EC2, "DisassociateAddress", addresses::disassociate),
    ]
}
