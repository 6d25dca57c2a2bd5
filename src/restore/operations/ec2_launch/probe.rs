//! What is there of a launch: the instance that the step made, or the proof that it may be made.
//!
//! Before a launch counts as absent, its group is read and must be shut but for what the plan says.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Instance, InstanceNetworkInterface, Reservation};
use serde_json::json;

use super::CALL;
use super::input::{LaunchInstance, Launched};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{GroupId, InstanceId, InterfaceId, VolumeId};
use crate::domain::text::shown;
use crate::restore::operation::{Context, Probe, resolved};
use crate::restore::operations::ec2_group::{rules_of, shut_but_for, unlisted};
use crate::restore::operations::ec2_instance_status::{Health, health};
use crate::restore::operations::ec2_read::{
    instance, is_of_generation, is_over, made_by_step, state_of,
};

pub(super) async fn probe(
    launch: &LaunchInstance,
    cx: &Context,
) -> Result<Probe<Launched>, Failure> {
    let group = resolved(&launch.group, CALL)?;
    let made = instances_of_step(cx).await?;
    let (dead, live): (Vec<&Instance>, Vec<&Instance>) =
        made.iter().partition(|instance| is_over(instance));
    match live.as_slice() {
        [instance] => launch.classify(cx, group, instance).await,
        [] => {
            let of_now = dead
                .iter()
                .find(|instance| is_of_generation(cx, instance.tags()));
            match of_now {
                Some(dead) => Ok(Probe::Failed(ended(dead))),
                None => launch.may_launch(cx, group).await,
            }
        }
        several => Ok(Probe::Conflict(format!(
            "{} instances carry the tags of this step; expected one",
            several.len()
        ))),
    }
}

/// By id once AWS has told it, since lists by tag lag.
async fn instances_of_step(cx: &Context) -> Result<Vec<Instance>, Failure> {
    if let Some(id) = cx.accepted_id("instance") {
        let found = instance(cx, &InstanceId::from(id)).await?;
        return Ok(found.into_iter().collect());
    }
    let request = cx.clients.ec2.describe_instances();
    let request = request.set_filters(Some(made_by_step(cx)));
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ec2:DescribeInstances", &error))?;
        let all = page.reservations().iter().flat_map(Reservation::instances);
        found.extend(all.cloned());
    }
    Ok(found)
}

/// AWS tells the reason of an end at launch, an unusable key among them.
fn ended(instance: &Instance) -> String {
    let reason = instance.state_reason().and_then(|reason| reason.message());
    let reason = reason.or(instance.state_transition_reason());
    let reason = reason.filter(|reason| !reason.is_empty());
    format!(
        "instance {} ended: {}",
        shown(instance.instance_id().unwrap_or_default()),
        shown(reason.unwrap_or("AWS does not say why"))
    )
}

/// Returns what later steps may refer to.
pub(super) fn launched(instance: &Instance) -> Launched {
    let mappings = instance.block_device_mappings().iter();
    let volumes = mappings.filter_map(|mapping| mapping.ebs()?.volume_id());
    Launched {
        instance: instance.instance_id().unwrap_or_default().into(),
        interface: primary(instance)
            .and_then(|interface| interface.network_interface_id())
            .map(InterfaceId::from),
        private_ip: instance.private_ip_address().map(str::to_owned),
        volumes: Some(volumes.map(VolumeId::from).collect()),
    }
}

fn primary(instance: &Instance) -> Option<&InstanceNetworkInterface> {
    let mut interfaces = instance.network_interfaces().iter();
    let index = |at: &InstanceNetworkInterface| at.attachment()?.device_index();
    interfaces.find(|interface| index(interface) == Some(0))
}

impl LaunchInstance {
    /// The proof that must stand right before the request: nothing but the plan's own openings.
    async fn may_launch(&self, cx: &Context, group: &GroupId) -> Result<Probe<Launched>, Failure> {
        let Some(rules) = rules_of(cx, group).await? else {
            return Ok(unlisted(group));
        };
        Ok(match shut_but_for(&rules, &self.ingress, &self.egress) {
            Some(why) => Probe::Conflict(format!(
                "{group} is not shut as the plan says, so nothing is launched into it: {why}"
            )),
            None => Probe::Absent {
                found: json!({"group": group}),
            },
        })
    }

    async fn classify(
        &self,
        cx: &Context,
        group: &GroupId,
        instance: &Instance,
    ) -> Result<Probe<Launched>, Failure> {
        let id = InstanceId::from(instance.instance_id().unwrap_or_default());
        if let Some(why) = self.foreign(group, instance) {
            return Ok(Probe::Conflict(format!(
                "{id} carries the tags of this step, but {why}"
            )));
        }
        let state = state_of(instance);
        match state.as_str() {
            "running" => {}
            "stopped" | "stopping" => {
                let why = format!("{id} was launched and is {state}: somebody stopped it");
                return Ok(Probe::Conflict(why));
            }
            on_the_way => {
                return Ok(Probe::InProgress {
                    detail: format!("{id} {}", shown(on_the_way)),
                    percent: None,
                });
            }
        }
        let health = health(cx, &id).await?;
        let detail = health
            .as_ref()
            .map_or_else(|| "running, no answer yet".to_owned(), Health::shown);
        let detail = format!("{id} {detail}");
        Ok(if health.as_ref().is_some_and(Health::is_ok) {
            Probe::Present {
                output: launched(instance),
                detail,
            }
        } else {
            Probe::InProgress {
                detail,
                percent: None,
            }
        })
    }

    /// Says in what way an instance is not what this launches. While it is pending AWS does not show all of it.
    fn foreign(&self, group: &GroupId, instance: &Instance) -> Option<String> {
        let differs = |what: &str, wanted: &str, found: Option<&str>| {
            let found = found.filter(|found| !found.is_empty() && *found != wanted)?;
            Some(format!(
                "its {what} is {}, not {}",
                shown(found),
                shown(wanted)
            ))
        };
        let kind = instance
            .instance_type()
            .map(aws_sdk_ec2::types::InstanceType::as_str);
        let interface = primary(instance);
        let groups = interface
            .map(InstanceNetworkInterface::groups)
            .unwrap_or_default();
        let found: BTreeSet<&str> = groups.iter().filter_map(|group| group.group_id()).collect();
        let opened: BTreeSet<&str> = self.opened.iter().map(GroupId::as_str).collect();
        let other = found.iter().find(|id| **id != group.as_str());
        let other = other.filter(|_| opened.is_empty() || found != opened);
        differs("image", self.image.as_str(), instance.image_id())
            .or_else(|| differs("type", &self.instance_type, kind))
            .or_else(|| differs("subnet", &self.subnet, instance.subnet_id()))
            .or_else(|| {
                Some(format!(
                    "its interface is in {}, not in {group} alone",
                    shown(other?)
                ))
            })
    }
}
