//! Replaces the root volume of a running instance by one task of EC2's, which keeps the old volume.
//!
//! The task reboots the instance. States that the SDK does not know are taken as they are written: AWS documents
//! `failing-detached`, which its own model lacks.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, Instance, ReplaceRootVolumeTask, ResourceType, Tag, TagSpecification,
};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{ImageId, InstanceId, SnapshotId, VolumeId};
use crate::domain::plan::Ref;
use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Path, Probe, Request, Resend, TAG_RUN, TAG_STEP, Told, Wait,
    conflict_of, own_output, resolved, stamp_marker, stamp_tags,
};

use super::ec2_read::{gone_or, instance, is_of_generation, mapping, tag};

const CALL: &str = "ec2:CreateReplaceRootVolumeTask";
const READ: &str = "ec2:DescribeReplaceRootVolumeTasks";

/// What a root volume is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootFrom {
    /// A snapshot of this instance's root, now or before.
    Snapshot(SnapshotId),
    /// An image.
    Image(ImageId),
    /// A volume that was the root before; available, and in the instance's zone.
    Volume(VolumeId),
    /// The state in which the instance was launched.
    Launch,
}

/// An instance has a new root volume, and the old one is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplaceRootVolume {
    /// The instance.
    pub instance: InstanceId,
    /// What the new volume is made from.
    pub from: RootFrom,
    /// Device name of the root.
    pub device: String,
    /// The root volume that is there.
    pub old: Ref<VolumeId>,
}

/// The volumes of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedRoot {
    /// Id of the task.
    pub task: String,
    /// The new root volume; `None` until it is there.
    pub volume: Option<VolumeId>,
    /// The old root volume.
    pub old: VolumeId,
}

#[async_trait]
impl Operation for ReplaceRootVolume {
    type Output = ReplacedRoot;
    const NAME: &'static str = "ec2:ReplaceRootVolume";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::SameToken;

    fn request(&self) -> Request {
        let mut parameters = json!({
            "InstanceId": self.instance,
            "DeleteReplacedRootVolume": false,
            "ClientToken": stamp_marker("token"),
            "TagSpecifications": [
                {"ResourceType": "replace-root-volume-task", "Tags": stamp_tags()},
            ],
        });
        match &self.from {
            RootFrom::Snapshot(id) => parameters["SnapshotId"] = json!(id),
            RootFrom::Image(id) => parameters["ImageId"] = json!(id),
            RootFrom::Volume(id) => parameters["VolumeId"] = json!(id),
            RootFrom::Launch => {}
        }
        Request {
            service: "ec2",
            api: "CreateReplaceRootVolumeTask",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<ReplacedRoot>, Failure> {
        let tasks = self.tasks(cx).await?;
        let (failed, live): (Vec<_>, Vec<_>) =
            tasks.iter().partition(|task| state_of(task) == "failed");
        match live.as_slice() {
            [task] => self.classify(cx, task).await,
            [] => {
                let now = failed.iter().find(|task| is_of_generation(cx, task.tags()));
                match now {
                    Some(task) => Ok(Probe::Failed(format!(
                        "task {} failed; the old root volume is attached",
                        id_of(task)
                    ))),
                    None => self.may_replace(cx).await,
                }
            }
            several => Ok(Probe::Conflict(format!(
                "{} tasks carry the tags of this step; expected one",
                several.len()
            ))),
        }
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<ReplacedRoot>, Failure> {
        let tags = cx.stamp.tags();
        let tags = tags.iter();
        let tags = tags.map(|(key, value)| Tag::builder().key(*key).value(value).build());
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::ReplaceRootVolumeTask)
            .set_tags(Some(tags.collect()))
            .build();
        let old = resolved(&self.old, CALL)?;
        let text = |id: &str| Some(id.to_owned());
        let (snapshot, image, volume) = match &self.from {
            RootFrom::Snapshot(id) => (text(id.as_str()), None, None),
            RootFrom::Image(id) => (None, text(id.as_str()), None),
            RootFrom::Volume(id) => (None, None, text(id.as_str())),
            RootFrom::Launch => (None, None, None),
        };
        let request = cx.clients.ec2_once.create_replace_root_volume_task();
        let request = request
            .instance_id(self.instance.as_str())
            .delete_replaced_root_volume(false)
            .client_token(&cx.stamp.token)
            .tag_specifications(tags)
            .set_snapshot_id(snapshot)
            .set_image_id(image)
            .set_volume_id(volume);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        let task = answer.replace_root_volume_task();
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: task.map(|task| ReplacedRoot {
                task: id_of(task),
                volume: None,
                old: old.clone(),
            }),
        })
    }

    fn created(&self, output: &ReplacedRoot) -> Vec<Created> {
        // One that was there before is not made by being put back.
        let made = !matches!(self.from, RootFrom::Volume(_));
        let volume = output.volume.iter().filter(|_| made);
        volume
            .map(|id| Created {
                id: id.as_str().to_owned(),
                kind: ResourceKind::Volume,
            })
            .collect()
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeReplaceRootVolumeTasks",
            parameters: json!({"ReplaceRootVolumeTaskIds": [own_output("task")]}),
            query: "ReplaceRootVolumeTasks[0].TaskState".to_owned(),
            wanted: &["succeeded"],
            fatal: &["failed", "failed-detached"],
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("task", "ReplaceRootVolumeTask.ReplaceRootVolumeTaskId")]
    }

    fn told(&self) -> Option<Told> {
        let device = self.device.replace(['\'', '\\'], "");
        let root = format!(
            "Reservations[0].Instances[0].BlockDeviceMappings[?DeviceName=='{device}']|[0].Ebs.VolumeId"
        );
        Some(Told {
            service: "ec2",
            api: "DescribeInstances",
            parameters: json!({"InstanceIds": [self.instance]}),
            outputs: vec![("volume", Path::One(root))],
        })
    }
}

fn state_of(task: &ReplaceRootVolumeTask) -> &str {
    task.task_state().map_or("unknown", |state| state.as_str())
}

fn id_of(task: &ReplaceRootVolumeTask) -> String {
    shown(task.replace_root_volume_task_id().unwrap_or_default())
}

impl ReplaceRootVolume {
    /// Tasks are listed by their instance alone; those of this step are told by their tags.
    async fn tasks(&self, cx: &Context) -> Result<Vec<ReplaceRootVolumeTask>, Failure> {
        let request = cx.clients.ec2.describe_replace_root_volume_tasks();
        let of_instance = Filter::builder().name("instance-id");
        let of_instance = of_instance.values(self.instance.as_str()).build();
        let request = match cx.accepted_id("task") {
            Some(id) => request.replace_root_volume_task_ids(id),
            None => request.filters(of_instance),
        };
        let mut pages = request.into_paginator().send();
        let mut tasks = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    let gone: Option<Vec<_>> = gone_or(failure(READ, &error))?;
                    return Ok(gone.unwrap_or_default());
                }
            };
            tasks.extend(page.replace_root_volume_tasks().iter().cloned());
        }
        tasks.retain(|task| {
            let tags = task.tags();
            tag(tags, TAG_RUN) == Some(cx.stamp.run.as_str())
                && tag(tags, TAG_STEP) == Some(cx.stamp.step.as_str())
        });
        Ok(tasks)
    }

    fn root<'a>(&self, instance: &'a Instance) -> Option<&'a str> {
        mapping(instance, &self.device)?.ebs()?.volume_id()
    }

    /// Nothing was asked for yet: the root is the one that the plan knows, and the instance runs.
    async fn may_replace(&self, cx: &Context) -> Result<Probe<ReplacedRoot>, Failure> {
        let id = &self.instance;
        let old = resolved(&self.old, CALL)?;
        let Some(found) = instance(cx, id).await? else {
            return Ok(Probe::Conflict(format!("instance {id} is not there")));
        };
        let state = super::ec2_read::state_of(&found);
        let root = self.root(&found);
        Ok(if root != Some(old.as_str()) {
            let root = shown(root.unwrap_or("nothing"));
            Probe::Conflict(format!("the root of {id} is {root}, not {old}"))
        } else if state == "running" {
            Probe::Absent {
                found: json!({"volume": root}),
            }
        } else {
            let state = shown(&state);
            Probe::Conflict(format!(
                "{id} is {state}: only a running one's root is replaced"
            ))
        })
    }

    async fn classify(
        &self,
        cx: &Context,
        task: &ReplaceRootVolumeTask,
    ) -> Result<Probe<ReplacedRoot>, Failure> {
        if let Some(why) = self.foreign(task) {
            return Ok(Probe::Conflict(why));
        }
        match state_of(task) {
            "succeeded" => self.replaced(cx, task).await,
            "failed-detached" => Ok(Probe::Conflict(format!(
                "task {} failed and {} has no root volume now: attach {} at {} by hand, or swap it",
                id_of(task),
                self.instance,
                resolved(&self.old, CALL)?,
                shown(&self.device)
            ))),
            on_the_way => Ok(Probe::InProgress {
                detail: shown(on_the_way),
                percent: None,
            }),
        }
    }

    fn foreign(&self, task: &ReplaceRootVolumeTask) -> Option<String> {
        let from = match &self.from {
            RootFrom::Snapshot(id) => task.snapshot_id().is_none_or(|found| found == id.as_str()),
            RootFrom::Image(id) => task.image_id().is_none_or(|found| found == id.as_str()),
            // A task does not tell of these.
            RootFrom::Volume(_) | RootFrom::Launch => true,
        };
        let ours = from && task.instance_id() == Some(self.instance.as_str());
        (!ours).then(|| {
            let id = id_of(task);
            format!("task {id} carries the tags of this step but is for something else")
        })
    }

    async fn replaced(
        &self,
        cx: &Context,
        task: &ReplaceRootVolumeTask,
    ) -> Result<Probe<ReplacedRoot>, Failure> {
        let old = resolved(&self.old, CALL)?;
        let found = instance(cx, &self.instance).await?;
        let root = found.as_ref().and_then(|found| self.root(found));
        let root = root.filter(|root| match &self.from {
            RootFrom::Volume(wanted) => *root == wanted.as_str(),
            RootFrom::Snapshot(_) | RootFrom::Image(_) | RootFrom::Launch => *root != old.as_str(),
        });
        Ok(match root {
            Some(root) => Probe::Present {
                detail: format!("{} is the root now", shown(root)),
                output: ReplacedRoot {
                    task: id_of(task),
                    volume: Some(VolumeId::from(root)),
                    old: old.clone(),
                },
            },
            None => Probe::InProgress {
                detail: "succeeded, but the instance does not show the new root yet".to_owned(),
                percent: None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::restore::operation::AnyOperation;
    use crate::restore::operations::recorder::Recorder;

    fn replace() -> ReplaceRootVolume {
        ReplaceRootVolume {
            instance: "i-1".into(),
            from: RootFrom::Snapshot("snap-1".into()),
            device: "/dev/xvda".into(),
            old: Ref::Known("vol-old".into()),
        }
    }

    #[tokio::test]
    async fn a_volume_that_is_put_back_is_there_when_it_is_the_root_and_was_not_made() {
        let back = ReplaceRootVolume {
            from: RootFrom::Volume("vol-old".into()),
            old: Ref::Known("vol-new".into()),
            ..replace()
        };
        let seen = |root: &'static str| {
            let (back, tasks) = (back.clone(), task("succeeded", "", RUN));
            async move { recorded(&[tasks], "running", root).probe(&back).await }
        };
        let Probe::Present { output, .. } = seen("vol-old").await else {
            panic!("it is the root");
        };
        assert!(AnyOperation::created(&back, &output).is_empty());
        assert!(matches!(seen("vol-new").await, Probe::InProgress { .. }));
    }

    fn task(state: &str, snapshot: &str, run: &str) -> String {
        format!(
            "<item><replaceRootVolumeTaskId>replacevol-1</replaceRootVolumeTaskId>\
             <instanceId>i-1</instanceId><taskState>{state}</taskState>\
             <snapshotId>{snapshot}</snapshotId><tagSet>\
             <item><key>defib:run</key><value>{run}</value></item>\
             <item><key>defib:step</key><value>the-step</value></item>\
             <item><key>defib:generation</key><value>3</value></item></tagSet></item>"
        )
    }

    const RUN: &str = "01JD4Q00000000000000000000";

    async fn probe(tasks: &[String], state: &str, root: &str) -> Probe<Value> {
        recorded(tasks, state, root).probe(&replace()).await
    }

    fn recorded(tasks: &[String], state: &str, root: &str) -> Recorder {
        let tasks = tasks.concat();
        let tasks = format!("<R><replaceRootVolumeTaskSet>{tasks}</replaceRootVolumeTaskSet></R>");
        let instance = format!(
            "<R><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>\
             <instanceState><name>{state}</name></instanceState><blockDeviceMapping><item>\
             <deviceName>/dev/xvda</deviceName><ebs><volumeId>{root}</volumeId></ebs></item>\
             </blockDeviceMapping></item></instancesSet></item></reservationSet></R>"
        );
        Recorder::default()
            .answers("DescribeReplaceRootVolumeTasks", &tasks)
            .answers("DescribeInstances", &instance)
    }

    #[tokio::test]
    async fn a_task_is_done_when_the_instance_shows_the_new_root() {
        let done = [task("succeeded", "snap-1", RUN)];
        let Probe::Present { output, .. } = probe(&done, "running", "vol-new").await else {
            panic!("it is done");
        };
        let wanted = json!({"task": "replacevol-1", "volume": "vol-new", "old": "vol-old"});
        assert_eq!(output, wanted);
        let lagging = probe(&done, "running", "vol-old").await;
        assert!(matches!(lagging, Probe::InProgress { .. }), "{lagging:?}");
        for state in [
            "pending",
            "in-progress",
            "failing",
            "failing-detached",
            "new-word",
        ] {
            let seen = probe(&[task(state, "snap-1", RUN)], "running", "vol-old").await;
            assert!(
                matches!(seen, Probe::InProgress { .. }),
                "{state}: {seen:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_failed_task_has_failed_and_one_that_left_no_root_is_a_persons() {
        let failed = probe(&[task("failed", "snap-1", RUN)], "running", "vol-old").await;
        assert!(matches!(failed, Probe::Failed(_)), "{failed:?}");
        let none = probe(
            &[task("failed-detached", "snap-1", RUN)],
            "stopped",
            "vol-x",
        )
        .await;
        let Probe::Conflict(why) = none else {
            panic!("a person decides: {none:?}");
        };
        assert!(why.contains("vol-old"), "{why}");
    }

    #[tokio::test]
    async fn only_the_root_that_the_plan_knows_is_replaced_and_only_while_it_runs() {
        let other_run = [task("succeeded", "snap-1", "another")];
        let seen = probe(&other_run, "running", "vol-old").await;
        assert!(matches!(seen, Probe::Absent { .. }), "{seen:?}");
        for (tasks, state, root) in [
            (vec![], "stopped", "vol-old"),
            (vec![], "running", "vol-x"),
            (vec![task("pending", "snap-2", RUN)], "running", "vol-old"),
            (
                vec![task("pending", "snap-1", RUN); 2],
                "running",
                "vol-old",
            ),
        ] {
            let seen = probe(&tasks, state, root).await;
            assert!(
                matches!(seen, Probe::Conflict(_)),
                "{state} {root}: {seen:?}"
            );
        }
    }
}
