//! Everything that carries a run's tag, whether or not the journal knows of it.
//! What a run only put aside is not counted as made by it.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, Instance, ReplaceRootVolumeTask, Tag, Volume};
use aws_smithy_types::DateTime;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{RunId, StepId};
use crate::domain::plan::{Call, Plan};
use crate::domain::resource::ResourceKind;
use crate::domain::run::CreatedBy;
use crate::restore::operation::{TAG_KEEP_UNTIL, TAG_RUN, TAG_STEP, decode};

/// Finds what a run made, of the kinds that its plan makes. A resource that the run put aside says until
/// when it is kept, and is left out.
///
/// # Errors
/// The failure of a read.
pub async fn made_by_run(
    clients: &Clients,
    plan: &Plan,
    run: &RunId,
) -> Result<Vec<CreatedBy>, Failure> {
    let sweep = Sweep { clients, run };
    let mut all = Vec::new();
    for kind in kinds(plan) {
        all.extend(match kind.as_str() {
            "volume" => sweep.volumes().await?,
            "snapshot" => sweep.snapshots().await?,
            "instance" => sweep.instances().await?,
            "network-interface" => sweep.interfaces().await?,
            "security-group" => sweep.groups().await?,
            "replace-root-volume-task" => sweep.roots().await?,
            _without_a_life_of_its_own => Vec::new(),
        });
    }
    Ok(all)
}

/// Returns the kinds of resources that the calls of a plan tag when they make them, in EC2's words.
fn kinds(plan: &Plan) -> BTreeSet<String> {
    let of_step = plan.steps.iter().flat_map(|step| {
        let back = step.undo.iter().filter_map(|undo| undo.call.as_ref());
        step.call.iter().chain(back)
    });
    of_step.flat_map(tagged).collect()
}

fn tagged(call: &Call) -> Vec<String> {
    decode(call).map_or_else(
        |_| Vec::new(),
        |operation| operation.request().tags_on_creation(),
    )
}

struct Sweep<'a> {
    clients: &'a Clients,
    run: &'a RunId,
}

impl Sweep<'_> {
    fn filter(&self) -> Filter {
        Filter::builder()
            .name(format!("tag:{TAG_RUN}"))
            .values(self.run.as_str())
            .build()
    }

    async fn volumes(&self) -> Result<Vec<CreatedBy>, Failure> {
        let request = self.clients.ec2.describe_volumes().filters(self.filter());
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("ec2:DescribeVolumes", &error))?;
        let all = answer.volumes().iter();
        Ok(all
            .filter_map(|one| made(one.volume_id(), ResourceKind::Volume, one.tags()))
            .collect())
    }

    async fn snapshots(&self) -> Result<Vec<CreatedBy>, Failure> {
        let request = self.clients.ec2.describe_snapshots().owner_ids("self");
        let answer = request.filters(self.filter()).send().await;
        let answer = answer.map_err(|error| failure("ec2:DescribeSnapshots", &error))?;
        let all = answer.snapshots().iter();
        Ok(all
            .filter_map(|one| made(one.snapshot_id(), ResourceKind::Snapshot, one.tags()))
            .collect())
    }

    async fn instances(&self) -> Result<Vec<CreatedBy>, Failure> {
        let request = self.clients.ec2.describe_instances().filters(self.filter());
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("ec2:DescribeInstances", &error))?;
        let all = answer.reservations().iter();
        let all = all.flat_map(aws_sdk_ec2::types::Reservation::instances);
        Ok(all
            .filter_map(|one| made(one.instance_id(), ResourceKind::Instance, one.tags()))
            .collect())
    }

    async fn interfaces(&self) -> Result<Vec<CreatedBy>, Failure> {
        let request = self.clients.ec2.describe_network_interfaces();
        let answer = request.filters(self.filter()).send().await;
        let answer = answer.map_err(|error| failure("ec2:DescribeNetworkInterfaces", &error))?;
        let all = answer.network_interfaces().iter();
        let kind = ResourceKind::NetworkInterface;
        Ok(all
            .filter_map(|one| made(one.network_interface_id(), kind, one.tag_set()))
            .collect())
    }

    async fn groups(&self) -> Result<Vec<CreatedBy>, Failure> {
        let request = self.clients.ec2.describe_security_groups();
        let answer = request.filters(self.filter()).send().await;
        let answer = answer.map_err(|error| failure("ec2:DescribeSecurityGroups", &error))?;
        let all = answer.security_groups().iter();
        let kind = ResourceKind::SecurityGroup;
        Ok(all
            .filter_map(|one| made(one.group_id(), kind, one.tags()))
            .collect())
    }

    /// A new root carries no tag; the task that made it does, and does not tell of it. It is the root of the task's
    /// instance, and it was made after the task began.
    async fn roots(&self) -> Result<Vec<CreatedBy>, Failure> {
        let request = self.clients.ec2.describe_replace_root_volume_tasks();
        let mut pages = request.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| failure("ec2:DescribeReplaceRootVolumeTasks", &error))?;
            for task in page.replace_root_volume_tasks() {
                let ours = tag(task.tags(), TAG_RUN) == Some(self.run.as_str());
                if ours && let Some(root) = self.root_of(task).await? {
                    all.push(root);
                }
            }
        }
        Ok(all)
    }

    async fn root_of(&self, task: &ReplaceRootVolumeTask) -> Result<Option<CreatedBy>, Failure> {
        let Some(id) = task.instance_id() else {
            return Ok(None);
        };
        let answer = self
            .clients
            .ec2
            .describe_instances()
            .instance_ids(id)
            .send();
        let answer = answer.await;
        let answer = answer.map_err(|error| failure("ec2:DescribeInstances", &error))?;
        let mut instances = answer.reservations().iter();
        let mut instances = instances
            .find_map(|one| one.instances().first())
            .into_iter();
        let Some(root) = instances.find_map(root) else {
            return Ok(None);
        };
        let answer = self.clients.ec2.describe_volumes().volume_ids(root).send();
        let answer = answer.await;
        let answer = answer.map_err(|error| failure("ec2:DescribeVolumes", &error))?;
        let volume = answer.volumes().first();
        Ok(volume
            .filter(|volume| is_of(volume, task))
            .and_then(|volume| made(volume.volume_id(), ResourceKind::Volume, task.tags())))
    }
}

fn root(instance: &Instance) -> Option<&str> {
    let device = instance.root_device_name()?;
    let mut mappings = instance.block_device_mappings().iter();
    let mapping = mappings.find(|mapping| mapping.device_name() == Some(device))?;
    mapping.ebs()?.volume_id()
}

/// A task tells its start as text.
fn is_of(volume: &Volume, task: &ReplaceRootVolumeTask) -> bool {
    let began = task.start_time().map(str::parse::<jiff::Timestamp>);
    let made = volume.create_time().map(DateTime::secs);
    matches!((made, began), (Some(made), Some(Ok(began))) if made >= began.as_second())
}

fn tag<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    let found = tags.iter().find(|tag| tag.key() == Some(key));
    found.and_then(Tag::value)
}

fn made(id: Option<&str>, kind: ResourceKind, tags: &[Tag]) -> Option<CreatedBy> {
    if tag(tags, TAG_KEEP_UNTIL).is_some() {
        return None;
    }
    Some(CreatedBy {
        id: id?.to_owned(),
        kind,
        step: StepId::from(tag(tags, TAG_STEP)?),
    })
}
