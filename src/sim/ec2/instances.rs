//! Reading instances: `DescribeInstances`, `DescribeInstanceStatus`.
//!
//! An unknown id is an error, not an empty answer. Status checks are computed from the instant of the read.

use aws_sdk_ec2::operation::describe_instance_status::{
    DescribeInstanceStatusInput, DescribeInstanceStatusOutput,
};
use aws_sdk_ec2::operation::describe_instances::{DescribeInstancesInput, DescribeInstancesOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::model::{Instance, InstanceState};
use super::{ids, rows};
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::world::digest;

impl Filtered for ec2::Instance {
    const NAMES: &'static [&'static str] = &[
        "availability-zone",
        "block-device-mapping.device-name",
        "block-device-mapping.volume-id",
        "image-id",
        "instance-id",
        "instance-lifecycle",
        "instance-state-name",
        "instance-type",
        "client-token",
        "instance.group-id",
        "ip-address",
        "network-interface.network-interface-id",
        "private-ip-address",
        "root-device-name",
        "subnet-id",
        "vpc-id",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        let mapped = self.block_device_mappings().iter();
        let text = |text: Option<&str>| text.map(str::to_owned);
        match name {
            "availability-zone" => {
                shown::text(self.placement().and_then(|p| p.availability_zone()))
            }
            "block-device-mapping.device-name" => {
                mapped.filter_map(|m| text(m.device_name())).collect()
            }
            "block-device-mapping.volume-id" => mapped
                .filter_map(|m| text(m.ebs().and_then(|ebs| ebs.volume_id())))
                .collect(),
            "image-id" => shown::text(self.image_id()),
            "instance-id" => shown::text(self.instance_id()),
            "instance-lifecycle" => shown::text(
                self.instance_lifecycle()
                    .map(ec2::InstanceLifecycleType::as_str),
            ),
            "instance-state-name" => shown::text(state_name(self.state())),
            "instance-type" => shown::text(self.instance_type().map(ec2::InstanceType::as_str)),
            "client-token" => shown::text(self.client_token()),
            "instance.group-id" => {
                let groups = self.security_groups().iter();
                groups.filter_map(|group| text(group.group_id())).collect()
            }
            "network-interface.network-interface-id" => {
                let interfaces = self.network_interfaces().iter();
                interfaces
                    .filter_map(|one| text(one.network_interface_id()))
                    .collect()
            }
            "ip-address" => shown::text(self.public_ip_address()),
            "private-ip-address" => shown::text(self.private_ip_address()),
            "root-device-name" => shown::text(self.root_device_name()),
            "subnet-id" => shown::text(self.subnet_id()),
            "vpc-id" => shown::text(self.vpc_id()),
            _ => Vec::new(),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

fn state_name(state: Option<&ec2::InstanceState>) -> Option<&str> {
    let name = state.and_then(ec2::InstanceState::name);
    name.map(ec2::InstanceStateName::as_str)
}

/// `DescribeInstances`: one reservation per instance.
pub fn describe(
    input: &DescribeInstancesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeInstancesOutput> {
    call.permit()?;
    let now = call.now();
    let account = call.account().to_owned();
    check_ids(input.instance_ids(), call)?;
    let estate = call.estate();
    let shown = wanted(estate.instances.values(), input.instance_ids(), now)
        .map(|instance| rows::instance(estate, instance, &account, now))
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .with_ids(input.instance_ids(), "instancesSet");
    let (instances, token) =
        page.cut(kept, |row| row.instance_id().unwrap_or_default().to_owned())?;
    let reservations = instances
        .into_iter()
        .map(|instance| reservation(instance, &account))
        .collect();
    answer(move |output: &mut DescribeInstancesOutput| {
        output.reservations = Some(reservations);
        output.next_token = token;
    })
}

fn reservation(instance: ec2::Instance, account: &str) -> ec2::Reservation {
    let id = digest(instance.instance_id().unwrap_or_default(), 2, 16);
    ec2::Reservation::builder()
        .reservation_id(format!("r-0{id}"))
        .owner_id(account)
        .instances(instance)
        .build()
}

/// Names every unknown id at once, as EC2 does.
fn check_ids(wanted: &[String], call: &mut Call<'_>) -> Result<(), Refusal> {
    let estate = call.estate();
    let mut missing = Vec::new();
    for id in wanted {
        match ids::instance(estate, id) {
            Ok(found) if found.visibility.read_by_id() => {}
            Err(refusal) if refusal.code.ends_with("Malformed") => return Err(refusal),
            Ok(_) | Err(_) => missing.push(id.clone()),
        }
    }
    match &missing[..] {
        [] => Ok(()),
        [one] => Err(ids::no_instance(one)),
        many => Err(Refusal::client(
            "InvalidInstanceID.NotFound",
            format!("The instance IDs '{}' do not exist", many.join(", ")),
        )),
    }
}

fn wanted<'a>(
    all: impl Iterator<Item = &'a Instance>,
    ids: &[String],
    now: Timestamp,
) -> impl Iterator<Item = &'a Instance> {
    all.filter(move |instance| match ids {
        [] => instance.visibility.listed(now),
        ids => ids.contains(&instance.id),
    })
}

impl Filtered for ec2::InstanceStatus {
    const NAMES: &'static [&'static str] = &[
        "availability-zone",
        "instance-state-name",
        "instance-status.status",
        "system-status.status",
    ];

    fn values(&self, name: &str) -> Vec<String> {
        let summary = |of: Option<&ec2::InstanceStatusSummary>| {
            let status = of.and_then(ec2::InstanceStatusSummary::status);
            shown::text(status.map(ec2::SummaryStatus::as_str))
        };
        match name {
            "availability-zone" => shown::text(self.availability_zone()),
            "instance-state-name" => shown::text(state_name(self.instance_state())),
            "instance-status.status" => summary(self.instance_status()),
            _ => summary(self.system_status()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeInstanceStatus`: only running instances, unless all are asked for (EC2 API reference).
pub fn describe_status(
    input: &DescribeInstanceStatusInput,
    call: &mut Call<'_>,
) -> Answer<DescribeInstanceStatusOutput> {
    call.permit()?;
    let now = call.now();
    check_ids(input.instance_ids(), call)?;
    let all = input.include_all_instances() == Some(true);
    let instances = call.estate().instances.values();
    let shown = wanted(instances, input.instance_ids(), now)
        .filter(|instance| all || *instance.state.at(now) == InstanceState::Running)
        .map(|instance| status(instance, now))
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .with_ids(input.instance_ids(), "instancesSet");
    let (statuses, token) =
        page.cut(kept, |row| row.instance_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeInstanceStatusOutput| {
        output.instance_statuses = Some(statuses);
        output.next_token = token;
    })
}

fn status(instance: &Instance, now: Timestamp) -> ec2::InstanceStatus {
    let state = *instance.state.at(now);
    let (instance_check, system_check) = checks(instance, state, now);
    ec2::InstanceStatus::builder()
        .instance_id(&instance.id)
        .availability_zone(&instance.availability_zone)
        .instance_state(rows::instance_state(state))
        .instance_status(summary(instance_check))
        .system_status(summary(system_check))
        .build()
}

/// What a status check has found.
#[derive(Clone, Copy)]
enum Check {
    Passed,
    Failed,
    Initializing,
    NotApplicable,
}

/// Returns the instance check and the system check. The system check looks at the host, the instance check
/// at the guest: only the guest can be impaired.
fn checks(instance: &Instance, state: InstanceState, now: Timestamp) -> (Check, Check) {
    match state {
        InstanceState::Running if now < instance.checks_pass => {
            (Check::Initializing, Check::Initializing)
        }
        InstanceState::Running if instance.impaired => (Check::Failed, Check::Passed),
        InstanceState::Running => (Check::Passed, Check::Passed),
        InstanceState::Pending
        | InstanceState::Stopping
        | InstanceState::Stopped
        | InstanceState::ShuttingDown
        | InstanceState::Terminated => (Check::NotApplicable, Check::NotApplicable),
    }
}

fn summary(check: Check) -> ec2::InstanceStatusSummary {
    let (status, detail) = match check {
        Check::Passed => (ec2::SummaryStatus::Ok, ec2::StatusType::Passed),
        Check::Failed => (ec2::SummaryStatus::Impaired, ec2::StatusType::Failed),
        Check::Initializing => (
            ec2::SummaryStatus::Initializing,
            ec2::StatusType::Initializing,
        ),
        Check::NotApplicable => (
            ec2::SummaryStatus::NotApplicable,
            ec2::StatusType::InsufficientData,
        ),
    };
    let reachability = ec2::InstanceStatusDetails::builder()
        .name(ec2::StatusName::Reachability)
        .status(detail);
    ec2::InstanceStatusSummary::builder()
        .status(status)
        .details(reachability.build())
        .build()
}
