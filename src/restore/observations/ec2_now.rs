//! An instance as it is at this moment, for somebody who looks: its checks, how far its volumes are initialized, and
//! what it has written on its console.
//!
//! No plan is made of this and no run asks for it. What the console says may hold secrets: it goes to the screen and
//! nowhere else.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::get_console_output::GetConsoleOutputOutput;
use aws_sdk_ec2::types::{
    InitializationStatusDetails, InitializationType, InstanceStatus, InstanceStatusSummary,
};
use data_encoding::BASE64_MIME_PERMISSIVE;
use jiff::SignedDuration;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::console::ConsoleOutput;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::instance_now::{Checks, Initialization};
use crate::domain::text::Untrusted;

use super::{incomplete, instant, none_if_missing, text};

const CONSOLE: &str = "ec2:GetConsoleOutput";

/// Reads state and status checks of an instance; `None` if there is none of that id.
///
/// # Errors
/// The failure of the read.
pub async fn checks(clients: &Clients, id: &InstanceId) -> Result<Option<Checks>, Failure> {
    let read = clients.ec2.describe_instance_status();
    let read = read.instance_ids(id.as_str()).include_all_instances(true);
    let answer = read.send().await;
    let answer = answer
        .map_err(|error| failure("ec2:DescribeInstanceStatus", &error))
        .map(Some);
    let answer = none_if_missing(answer)?;
    Ok(answer.and_then(|answer| {
        let mut statuses = answer.instance_statuses().iter();
        statuses
            .find(|status| status.instance_id() == Some(id.as_str()))
            .map(checks_in)
    }))
}

fn checks_in(status: &InstanceStatus) -> Checks {
    let word = |summary: Option<&InstanceStatusSummary>| {
        let status = summary.and_then(InstanceStatusSummary::status);
        status
            .map_or("unknown", |status| status.as_str())
            .to_owned()
    };
    let state = status.instance_state().and_then(|state| state.name());
    Checks {
        state: state.map_or("unknown", |state| state.as_str()).to_owned(),
        system: word(status.system_status()),
        instance: word(status.instance_status()),
    }
}

/// Reads how far volumes are initialized; those of which EC2 tells nothing are left out.
///
/// # Errors
/// The failure of the read.
pub async fn initialization(
    clients: &Clients,
    volumes: &[VolumeId],
) -> Result<BTreeMap<VolumeId, Initialization>, Failure> {
    if volumes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids = volumes.iter().map(|id| id.as_str().to_owned()).collect();
    let read = clients.ec2.describe_volume_status();
    let answer = read.set_volume_ids(Some(ids)).send().await;
    let answer = answer.map_err(|error| failure("ec2:DescribeVolumeStatus", &error))?;
    let told = answer.volume_statuses().iter().filter_map(|status| {
        let details = status.initialization_status_details()?;
        Some((VolumeId::new(status.volume_id()?), initialized(details)))
    });
    Ok(told.collect())
}

fn initialized(details: &InitializationStatusDetails) -> Initialization {
    let left = details.estimated_time_to_complete_in_seconds();
    Initialization {
        kind: text(
            details
                .initialization_type()
                .map(InitializationType::as_str),
        ),
        progress: details.progress(),
        left: left.map(SignedDuration::from_secs),
    }
}

/// Reads what an instance wrote on its console last. Only instances on Nitro tell that at any time; of others it is what
/// was kept after the last boot, start or stop (EC2 API reference, `GetConsoleOutput`).
///
/// # Errors
/// The failure of the read.
pub async fn console(clients: &Clients, id: &InstanceId) -> Result<ConsoleOutput, Failure> {
    let read = || clients.ec2.get_console_output().instance_id(id.as_str());
    let newest = read().latest(true).send().await;
    match newest.map_err(|error| failure(CONSOLE, &error)) {
        Ok(answer) => written(&answer, true),
        Err(refused) if is_about_latest(&refused) => {
            let kept = read().send().await;
            written(&kept.map_err(|error| failure(CONSOLE, &error))?, false)
        }
        Err(failure) => Err(failure),
    }
}

/// Tells whether it may be the newest output alone that was refused: `UnsupportedOperation` where there is no Nitro.
fn is_about_latest(failure: &Failure) -> bool {
    failure.class == FailureClass::Validation
}

fn written(answer: &GetConsoleOutputOutput, latest: bool) -> Result<ConsoleOutput, Failure> {
    let encoded = answer.output().unwrap_or_default().trim();
    let bytes = BASE64_MIME_PERMISSIVE.decode(encoded.as_bytes());
    let bytes = bytes.map_err(|_broken| incomplete(CONSOLE, "output in base64"))?;
    let text = Untrusted::new(String::from_utf8_lossy(&bytes));
    Ok(ConsoleOutput::new(
        &text,
        instant(answer.timestamp()),
        latest,
    ))
}
