//! Operations on an Auto Scaling group and its member: put it on standby and back, hold processes and let them go on.
//!
//! A stopped member is found unhealthy and terminated by its group, so a group is told before. None of them removes
//! or terminates a member.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::InstanceId;
use crate::domain::text::{listed, shown};
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of,
};

/// A member of an Auto Scaling group is on standby, and the group wants one fewer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnterStandby {
    /// The instance.
    pub instance: InstanceId,
    /// Name of the group.
    pub group: String,
}

/// A member of an Auto Scaling group is in service, and the group wants one more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitStandby {
    /// The instance.
    pub instance: InstanceId,
    /// Name of the group.
    pub group: String,
}

/// An Auto Scaling group does not run some processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendProcesses {
    /// Name of the group.
    pub group: String,
    /// `ReplaceUnhealthy`, `Terminate` …: those that run before.
    pub processes: Vec<String>,
}

/// An Auto Scaling group runs some processes again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeProcesses {
    /// Name of the group.
    pub group: String,
    /// `ReplaceUnhealthy`, `Terminate` …: those that the run has suspended.
    pub processes: Vec<String>,
}

/// The group an operation was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandledGroup {
    /// Its name.
    pub group: String,
}

fn handled(group: &str) -> HandledGroup {
    HandledGroup {
        group: group.to_owned(),
    }
}

fn accepted(group: &str, answer: &impl RequestId) -> Issued<HandledGroup> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(handled(group)),
    }
}

/// Where a member is between two states of its life, in AWS's words.
async fn towards(
    cx: &Context,
    (group, instance): (&str, &InstanceId),
    (from, to): (&str, &str),
) -> Result<Probe<HandledGroup>, Failure> {
    let request = cx.clients.autoscaling.describe_auto_scaling_instances();
    let answer = request.instance_ids(instance.as_str()).send().await;
    let answer =
        answer.map_err(|error| failure("autoscaling:DescribeAutoScalingInstances", &error))?;
    let mut members = answer.auto_scaling_instances().iter();
    let member = members.find(|member| member.instance_id() == Some(instance.as_str()));
    let named = shown(group);
    let Some(member) = member else {
        return Ok(Probe::Conflict(format!(
            "{instance} is in no group any more, not in {named}"
        )));
    };
    if member.auto_scaling_group_name() != Some(group) {
        let other = shown(member.auto_scaling_group_name().unwrap_or("another group"));
        return Ok(Probe::Conflict(format!(
            "{instance} is in {other}, not in {named}"
        )));
    }
    let state = member.lifecycle_state().unwrap_or("unknown");
    Ok(if state == to {
        Probe::Present {
            output: handled(group),
            detail: format!("{instance} is {to} in {named}"),
        }
    } else if state == from {
        Probe::Absent {
            found: json!({"lifecycle": state}),
        }
    } else if state.starts_with("Terminat") || state.starts_with("Detach") {
        Probe::Conflict(format!(
            "{named} is letting {instance} go: {}",
            shown(state)
        ))
    } else {
        Probe::InProgress {
            detail: format!("{instance} is {}", shown(state)),
            percent: None,
        }
    })
}

fn wait_for(instance: &InstanceId, wanted: &'static [&'static str]) -> Wait {
    Wait {
        service: "autoscaling",
        api: "DescribeAutoScalingInstances",
        parameters: json!({"InstanceIds": [instance]}),
        query: "AutoScalingInstances[0].LifecycleState".to_owned(),
        wanted,
        fatal: &["Terminating", "Terminated", "Detaching", "Detached"],
    }
}

#[async_trait]
impl Operation for EnterStandby {
    type Output = HandledGroup;
    const NAME: &'static str = "autoscaling:EnterStandby";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "autoscaling",
            api: "EnterStandby",
            parameters: json!({
                "AutoScalingGroupName": self.group,
                "InstanceIds": [self.instance],
                "ShouldDecrementDesiredCapacity": true,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledGroup>, Failure> {
        towards(cx, (&self.group, &self.instance), ("InService", "Standby")).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledGroup>, Failure> {
        let request = cx.clients.autoscaling_once.enter_standby();
        let request = request
            .auto_scaling_group_name(&self.group)
            .instance_ids(self.instance.as_str())
            .should_decrement_desired_capacity(true);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("autoscaling:EnterStandby", &error))?;
        Ok(accepted(&self.group, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_for(&self.instance, &["Standby"]))
    }
}

#[async_trait]
impl Operation for ExitStandby {
    type Output = HandledGroup;
    const NAME: &'static str = "autoscaling:ExitStandby";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "autoscaling",
            api: "ExitStandby",
            parameters: json!({
                "AutoScalingGroupName": self.group,
                "InstanceIds": [self.instance],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledGroup>, Failure> {
        towards(cx, (&self.group, &self.instance), ("Standby", "InService")).await
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledGroup>, Failure> {
        let request = cx.clients.autoscaling_once.exit_standby();
        let request = request
            .auto_scaling_group_name(&self.group)
            .instance_ids(self.instance.as_str());
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("autoscaling:ExitStandby", &error))?;
        Ok(accepted(&self.group, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_for(&self.instance, &["InService"]))
    }
}

/// Reads which processes of a group are suspended; `None` if there is no such group.
async fn suspended(cx: &Context, group: &str) -> Result<Option<BTreeSet<String>>, Failure> {
    let request = cx.clients.autoscaling.describe_auto_scaling_groups();
    let answer = request.auto_scaling_group_names(group).send().await;
    let answer =
        answer.map_err(|error| failure("autoscaling:DescribeAutoScalingGroups", &error))?;
    let mut groups = answer.auto_scaling_groups().iter();
    let found = groups.find(|found| found.auto_scaling_group_name() == Some(group));
    Ok(found.map(|found| {
        let all = found.suspended_processes().iter();
        all.filter_map(|process| Some(process.process_name()?.to_owned()))
            .collect()
    }))
}

fn processes_request(api: &'static str, group: &str, processes: &[String]) -> Request {
    Request {
        service: "autoscaling",
        api,
        parameters: json!({"AutoScalingGroupName": group, "ScalingProcesses": processes}),
    }
}

/// Compares which of the processes are suspended with whether they should be.
async fn processes_probe(
    cx: &Context,
    group: &str,
    processes: &[String],
    wanted: bool,
) -> Result<Probe<HandledGroup>, Failure> {
    let Some(suspended) = suspended(cx, group).await? else {
        let named = shown(group);
        return Ok(Probe::Conflict(format!(
            "Auto Scaling group {named} is not there"
        )));
    };
    let right = |process: &String| suspended.contains(process) == wanted;
    let word = if wanted { "suspended" } else { "running" };
    Ok(if processes.iter().all(right) {
        Probe::Present {
            output: handled(group),
            detail: format!("{} {word}", listed(processes)),
        }
    } else {
        let before: Value = json!({"suspended": suspended});
        Probe::Absent { found: before }
    })
}

#[async_trait]
impl Operation for SuspendProcesses {
    type Output = HandledGroup;
    const NAME: &'static str = "autoscaling:SuspendProcesses";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        processes_request("SuspendProcesses", &self.group, &self.processes)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledGroup>, Failure> {
        processes_probe(cx, &self.group, &self.processes, true).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledGroup>, Failure> {
        let request = cx.clients.autoscaling_once.suspend_processes();
        let request = request
            .auto_scaling_group_name(&self.group)
            .set_scaling_processes(Some(self.processes.clone()));
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("autoscaling:SuspendProcesses", &error))?;
        Ok(accepted(&self.group, &answer))
    }
}

#[async_trait]
impl Operation for ResumeProcesses {
    type Output = HandledGroup;
    const NAME: &'static str = "autoscaling:ResumeProcesses";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        processes_request("ResumeProcesses", &self.group, &self.processes)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledGroup>, Failure> {
        processes_probe(cx, &self.group, &self.processes, false).await
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledGroup>, Failure> {
        let request = cx.clients.autoscaling_once.resume_processes();
        let request = request
            .auto_scaling_group_name(&self.group)
            .set_scaling_processes(Some(self.processes.clone()));
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("autoscaling:ResumeProcesses", &error))?;
        Ok(accepted(&self.group, &answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::operations::recorder::Recorder;

    fn member(group: &str, state: &str) -> Recorder {
        let member = format!(
            "<Q><AutoScalingInstances><member><InstanceId>i-1</InstanceId>\
             <AutoScalingGroupName>{group}</AutoScalingGroupName>\
             <AvailabilityZone>eu-west-1a</AvailabilityZone>\
             <LifecycleState>{state}</LifecycleState><HealthStatus>HEALTHY</HealthStatus>\
             <ProtectedFromScaleIn>false</ProtectedFromScaleIn></member></AutoScalingInstances></Q>"
        );
        Recorder::default().answers("DescribeAutoScalingInstances", &member)
    }

    #[tokio::test]
    async fn standby_is_entered_and_left_by_a_member_of_the_named_group() {
        let enter = EnterStandby {
            instance: "i-1".into(),
            group: "web".into(),
        };
        let exit = ExitStandby {
            instance: "i-1".into(),
            group: "web".into(),
        };
        for (state, entering, leaving) in [
            ("InService", "absent", "present"),
            ("Standby", "present", "absent"),
            ("EnteringStandby", "way", "way"),
            ("Pending", "way", "way"),
            ("Terminating:Wait", "conflict", "conflict"),
        ] {
            let recorder = member("web", state);
            assert_eq!(word(&recorder.probe(&enter).await), entering, "{state}");
            assert_eq!(word(&recorder.probe(&exit).await), leaving, "{state}");
        }
        let other = member("batch", "InService");
        assert_eq!(word(&other.probe(&enter).await), "conflict");
        let none = "<Q><AutoScalingInstances></AutoScalingInstances></Q>";
        let none = Recorder::default().answers("DescribeAutoScalingInstances", none);
        assert_eq!(word(&none.probe(&exit).await), "conflict");
    }

    fn word(probe: &Probe<Value>) -> &'static str {
        match probe {
            Probe::Absent { .. } => "absent",
            Probe::InProgress { .. } => "way",
            Probe::Present { .. } => "present",
            Probe::Conflict(_) => "conflict",
            Probe::Failed(_) => "failed",
        }
    }

    #[tokio::test]
    async fn processes_are_suspended_when_all_of_them_are_and_resumed_when_none_is() {
        let processes = || vec!["ReplaceUnhealthy".to_owned(), "Terminate".to_owned()];
        let suspend = SuspendProcesses {
            group: "web".into(),
            processes: processes(),
        };
        let resume = ResumeProcesses {
            group: "web".into(),
            processes: processes(),
        };
        for (found, suspending, resuming) in [
            (&[][..], "absent", "present"),
            (&["Terminate"], "absent", "absent"),
            (
                &["Terminate", "ReplaceUnhealthy", "AZRebalance"],
                "present",
                "absent",
            ),
            (&["AZRebalance"], "absent", "present"),
        ] {
            let found = found
                .iter()
                .map(|name| format!("<member><ProcessName>{name}</ProcessName></member>"));
            let found = found.collect::<Vec<_>>().concat();
            let group = format!(
                "<Q><AutoScalingGroups><member><AutoScalingGroupName>web</AutoScalingGroupName>\
                 <SuspendedProcesses>{found}</SuspendedProcesses></member></AutoScalingGroups></Q>"
            );
            let recorder = Recorder::default().answers("DescribeAutoScalingGroups", &group);
            assert_eq!(word(&recorder.probe(&suspend).await), suspending, "{found}");
            assert_eq!(word(&recorder.probe(&resume).await), resuming, "{found}");
        }
    }
}
