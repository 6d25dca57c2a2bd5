//! Target groups of load balancers that an instance is a target of, by its id or one of its addresses.
//! Health is as it is now; whether it stays so is not told.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{TargetGroup as SdkGroup, TargetHealthDescription};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;

use super::text;

/// How many groups are asked about at once.
const AT_ONCE: usize = 8;

/// A target group with the registrations of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `instance`, `ip`, `lambda` or `alb`.
    pub kind: String,
    /// Whether it checks the health of its targets.
    pub checks: bool,
    /// How many load balancers use it.
    pub balancers: usize,
    /// Seconds for which connections are drained; `None` where AWS does not tell.
    pub drains: Option<u32>,
    /// The instance's own registrations.
    pub targets: Vec<Registration>,
    /// How many other targets are healthy.
    pub other_healthy: usize,
}

/// One registration in a target group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Instance id or address.
    pub id: String,
    /// Its port.
    pub port: Option<i32>,
    /// Availability Zone, where one was given.
    pub zone: Option<String>,
    /// `healthy`, `unhealthy` …
    pub state: String,
}

/// Reads the target groups of a VPC that any of `ids` is registered in, ordered by ARN.
///
/// # Errors
/// The failure of a read.
pub async fn target_groups_of(
    clients: &Clients,
    vpc: &str,
    ids: &BTreeSet<String>,
) -> Result<Vec<TargetGroup>, Failure> {
    let mut pages = clients.elb.describe_target_groups().into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page =
            page.map_err(|error| failure("elasticloadbalancing:DescribeTargetGroups", &error))?;
        let here = page.target_groups().iter();
        all.extend(here.filter(|group| group.vpc_id() == Some(vpc)).cloned());
    }
    let mut found = Vec::new();
    for some in all.chunks(AT_ONCE) {
        let asked = some.iter().map(|group| with_targets(clients, group, ids));
        found.extend(try_join_all(asked).await?.into_iter().flatten());
    }
    found.sort_by(|a: &TargetGroup, b| a.arn.cmp(&b.arn));
    Ok(found)
}

async fn with_targets(
    clients: &Clients,
    group: &SdkGroup,
    ids: &BTreeSet<String>,
) -> Result<Option<TargetGroup>, Failure> {
    let arn = text(group.target_group_arn());
    let request = clients.elb.describe_target_health().target_group_arn(&arn);
    let answer = request.send().await;
    let answer =
        answer.map_err(|error| failure("elasticloadbalancing:DescribeTargetHealth", &error))?;
    let all = answer.target_health_descriptions().iter();
    let (own, others): (Vec<Registration>, Vec<Registration>) = all
        .map(registration)
        .partition(|target| ids.contains(&target.id));
    if own.is_empty() {
        return Ok(None);
    }
    Ok(Some(TargetGroup {
        name: text(group.target_group_name()),
        kind: text(
            group
                .target_type()
                .map(aws_sdk_elasticloadbalancingv2::types::TargetTypeEnum::as_str),
        ),
        checks: group.health_check_enabled() != Some(false),
        balancers: group.load_balancer_arns().len(),
        drains: drains(clients, &arn).await,
        targets: own,
        other_healthy: others
            .iter()
            .filter(|target| target.state == "healthy")
            .count(),
        arn,
    }))
}

fn registration(found: &TargetHealthDescription) -> Registration {
    let target = found.target();
    let health = found.target_health();
    let state = health.and_then(|health| health.state());
    let zone = target.and_then(|target| target.availability_zone());
    Registration {
        id: text(target.and_then(|target| target.id())),
        port: target.and_then(aws_sdk_elasticloadbalancingv2::types::TargetDescription::port),
        zone: zone.map(str::to_owned),
        state: text(
            state.map(aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum::as_str),
        ),
    }
}

/// How long a group drains is told to people; that it cannot be read stops nothing.
async fn drains(clients: &Clients, arn: &str) -> Option<u32> {
    let request = clients.elb.describe_target_group_attributes();
    let answer = request.target_group_arn(arn).send().await.ok()?;
    let mut all = answer.attributes().iter();
    let key = Some("deregistration_delay.timeout_seconds");
    let found = all.find(|attribute| attribute.key() == key)?;
    found.value()?.parse().ok()
}
