//! `DescribeVpcEndpoints`, of interface endpoints: each has one interface here, and names its service.
//! Nothing makes or deletes one.

use aws_sdk_ec2::operation::describe_vpc_endpoints::{
    DescribeVpcEndpointsInput, DescribeVpcEndpointsOutput,
};
use aws_sdk_ec2::types as ec2;

use super::model::Interface;
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::digest;

impl Filtered for ec2::VpcEndpoint {
    const NAMES: &'static [&'static str] = &[
        "service-name",
        "vpc-endpoint-id",
        "vpc-endpoint-type",
        "vpc-id",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "service-name" => shown::text(self.service_name()),
            "vpc-endpoint-type" => {
                shown::text(self.vpc_endpoint_type().map(ec2::VpcEndpointType::as_str))
            }
            "vpc-id" => shown::text(self.vpc_id()),
            _ => shown::text(self.vpc_endpoint_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeVpcEndpoints`
pub fn describe(
    input: &DescribeVpcEndpointsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeVpcEndpointsOutput> {
    call.permit()?;
    let region = call.region().to_owned();
    let wanted = input.vpc_endpoint_ids();
    let interfaces = call.estate().network.interfaces.values();
    let rows = interfaces.filter_map(|one| row(one, &region));
    let rows = rows.filter(|row| {
        let id = row.vpc_endpoint_id().unwrap_or_default();
        wanted.is_empty() || wanted.iter().any(|wanted| wanted == id)
    });
    let kept = filters::keep(rows.collect(), input.filters())?;
    let page =
        Page::new(input.max_results(), input.next_token()).with_ids(wanted, "vpcEndpointIdSet");
    let key = |row: &ec2::VpcEndpoint| row.vpc_endpoint_id().unwrap_or_default().to_owned();
    let (rows, token) = page.cut(kept, key)?;
    answer(move |output: &mut DescribeVpcEndpointsOutput| {
        output.vpc_endpoints = Some(rows);
        output.next_token = token;
    })
}

fn row(of: &Interface, region: &str) -> Option<ec2::VpcEndpoint> {
    let service = of.endpoint.as_ref()?;
    let row = ec2::VpcEndpoint::builder()
        .vpc_endpoint_id(format!("vpce-{}", digest(&of.id, 0, 17)))
        .vpc_endpoint_type(ec2::VpcEndpointType::Interface)
        .vpc_id(&of.vpc_id)
        .service_name(format!("com.amazonaws.{region}.{service}"))
        .state(ec2::State::Available)
        .subnet_ids(&of.subnet_id)
        .network_interface_ids(&of.id);
    Some(row.build())
}
