//! `DescribeSpotInstanceRequests`: how long the request behind a Spot Instance lasts.
//!
//! A request stands here as long as its instance does; it is derived from the instance and not stored.

use aws_sdk_ec2::operation::describe_spot_instance_requests::{
    DescribeSpotInstanceRequestsInput, DescribeSpotInstanceRequestsOutput,
};
use aws_sdk_ec2::types as ec2;

use super::model::{Instance, Lifecycle};
use super::rows::spot_request;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `DescribeSpotInstanceRequests`: all of them, or those that are named. It filters by nothing.
pub fn describe(
    input: &DescribeSpotInstanceRequestsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSpotInstanceRequestsOutput> {
    call.permit()?;
    if !input.filters().is_empty() {
        return Err(Refusal::invalid_value("Spot requests are not filtered"));
    }
    let all: Vec<ec2::SpotInstanceRequest> =
        call.estate().instances.values().filter_map(row).collect();
    let wanted = input.spot_instance_request_ids();
    let is = |request: &ec2::SpotInstanceRequest, id: &String| {
        request.spot_instance_request_id() == Some(id)
    };
    if let Some(id) = wanted
        .iter()
        .find(|id| !all.iter().any(|request| is(request, id)))
    {
        return Err(Refusal::client(
            "InvalidSpotInstanceRequestID.NotFound",
            format!("The spot instance request ID '{id}' does not exist"),
        ));
    }
    let told = all
        .into_iter()
        .filter(|request| wanted.is_empty() || wanted.iter().any(|id| is(request, id)))
        .collect();
    answer(move |output: &mut DescribeSpotInstanceRequestsOutput| {
        output.spot_instance_requests = Some(told);
    })
}

fn row(of: &Instance) -> Option<ec2::SpotInstanceRequest> {
    let kind = match of.lifecycle {
        Lifecycle::OnDemand => return None,
        Lifecycle::SpotOnce => ec2::SpotInstanceType::OneTime,
        Lifecycle::SpotPersistent => ec2::SpotInstanceType::Persistent,
    };
    Some(
        ec2::SpotInstanceRequest::builder()
            .spot_instance_request_id(spot_request(&of.id))
            .instance_id(&of.id)
            .r#type(kind)
            .state(ec2::SpotInstanceState::Active)
            .build(),
    )
}
