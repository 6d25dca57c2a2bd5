//! Replacements of root volumes as EC2 shows them, and in the picture.
//! The state `failing-detached` is documented, and no word of the API model (EC2 user guide).

use aws_sdk_ec2::operation::describe_replace_root_volume_tasks::{
    DescribeReplaceRootVolumeTasksInput, DescribeReplaceRootVolumeTasksOutput,
};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::RootTask;
use crate::sim::call::Call;
use crate::sim::ec2::rows;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// Shows a replacement.
pub fn task(task: &RootTask, now: Timestamp) -> ec2::ReplaceRootVolumeTask {
    let state = *task.state.at(now);
    let over = ["succeeded", "failed", "failed-detached"].contains(&state);
    let text = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    ec2::ReplaceRootVolumeTask::builder()
        .replace_root_volume_task_id(&task.id)
        .instance_id(&task.instance_id)
        .task_state(ec2::ReplaceRootVolumeTaskState::from(state))
        .start_time(text(task.started))
        .set_complete_time(over.then(|| text(task.state.since(now))))
        .set_snapshot_id(task.snapshot_id.clone())
        .set_image_id(task.image_id.clone())
        .delete_replaced_root_volume(false)
        .set_tags(Some(rows::tags(&task.tags)))
        .build()
}

impl Filtered for ec2::ReplaceRootVolumeTask {
    const NAMES: &'static [&'static str] = &["instance-id"];

    fn values(&self, _name: &str) -> Vec<String> {
        shown::text(self.instance_id())
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeReplaceRootVolumeTasks`
pub fn describe(
    input: &DescribeReplaceRootVolumeTasksInput,
    call: &mut Call<'_>,
) -> Answer<DescribeReplaceRootVolumeTasksOutput> {
    call.permit()?;
    let now = call.now();
    let wanted = input.replace_root_volume_task_ids();
    let tasks = &call.estate().root_tasks;
    if let Some(id) = wanted.iter().find(|id| !tasks.contains_key(*id)) {
        let message = format!("The replace root volume task ID '{id}' does not exist");
        return Err(Refusal::client(
            "InvalidReplaceRootVolumeTaskID.NotFound",
            message,
        ));
    }
    let named = |task: &&RootTask| wanted.is_empty() || wanted.contains(&task.id);
    let shown = tasks
        .values()
        .filter(named)
        .map(|task| self::task(task, now))
        .collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token())
        .at_least(1)
        .with_ids(wanted, "replaceRootVolumeTaskId");
    let key = |row: &ec2::ReplaceRootVolumeTask| {
        row.replace_root_volume_task_id()
            .unwrap_or_default()
            .to_owned()
    };
    let (rows, token) = page.cut(kept, key)?;
    answer(move |output: &mut DescribeReplaceRootVolumeTasksOutput| {
        output.replace_root_volume_tasks = Some(rows);
        output.next_token = token;
    })
}
