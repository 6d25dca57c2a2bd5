//! `SuspendProcesses` and `ResumeProcesses`: without names, all of them.
//! Both may be repeated (Auto Scaling API reference).

use aws_sdk_autoscaling::operation::resume_processes::{
    ResumeProcessesInput, ResumeProcessesOutput,
};
use aws_sdk_autoscaling::operation::suspend_processes::{
    SuspendProcessesInput, SuspendProcessesOutput,
};

use super::model::PROCESSES;
use super::{found, invalid};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `SuspendProcesses`
pub fn suspend(
    input: &SuspendProcessesInput,
    call: &mut Call<'_>,
) -> Answer<SuspendProcessesOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let names = named(input.scaling_processes())?;
    let group = found(call.estate(), input.auto_scaling_group_name())?;
    for name in names {
        group.resumed.remove(&name);
        group.suspended.entry(name).or_insert(now);
    }
    answer(|_: &mut SuspendProcessesOutput| {})
}

/// `ResumeProcesses`
pub fn resume(input: &ResumeProcessesInput, call: &mut Call<'_>) -> Answer<ResumeProcessesOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let names = named(input.scaling_processes())?;
    let group = found(call.estate(), input.auto_scaling_group_name())?;
    for name in names {
        if group.suspended.remove(&name).is_some() {
            group.resumed.insert(name, now);
        }
    }
    answer(|_: &mut ResumeProcessesOutput| {})
}

fn named(names: &[String]) -> Result<Vec<String>, Refusal> {
    if names.is_empty() {
        return Ok(PROCESSES.iter().map(|name| (*name).to_owned()).collect());
    }
    match names
        .iter()
        .find(|name| !PROCESSES.contains(&name.as_str()))
    {
        None => Ok(names.to_vec()),
        Some(name) => Err(invalid(format!("Invalid process type(s): [{name}]"))),
    }
}
