//! `GetConsoleOutput`: what the guest has written since it began to run.
//!
//! The newest output grows with the time of the world; what is kept after a boot does not, and takes a while. The text is
//! the scenario's, or that of an ordinary boot, line by line as the kernel's clock in front of it says.

use aws_sdk_ec2::operation::get_console_output::{GetConsoleOutputInput, GetConsoleOutputOutput};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};

use super::instance_types::InstanceKind;
use super::model::{Instance, InstanceState};
use super::{date, ids};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;

const LINUX: &str = include_str!("console/linux.txt");
const WINDOWS: &str = include_str!("console/windows.txt");

/// `GetConsoleOutput`: kept output is empty until the guest has been running for a while, and stays what it was then; the
/// newest is told by Nitro alone (EC2 API reference).
pub fn output(
    input: &GetConsoleOutputInput,
    call: &mut Call<'_>,
) -> Answer<GetConsoleOutputOutput> {
    let now = call.now();
    let id = ids::required(input.instance_id(), "instanceId")?.to_owned();
    ids::instance(call.estate(), &id)?;
    call.permit()?;
    let delay = call.delays().console;
    let latest = input.latest() == Some(true);
    let estate = call.estate();
    let instance = ids::instance(estate, &id)?.clone();
    if latest && !InstanceKind::of(&instance.instance_type).is_nitro() {
        return Err(no_newest());
    }
    let since = booted(&instance, now);
    let told = since.map(|at| if latest { now } else { after(at, delay) });
    let told = told.filter(|at| *at <= now);
    let interface = estate.network.primary(&id, now);
    let address = interface.map_or(String::new(), |one| one.private_ip.clone());
    let text = since.zip(told).map(|(since, told)| {
        let text = written(&instance, &address);
        grown(&text, told.duration_since(since))
    });
    let text = text.filter(|text| !text.is_empty());
    let text = text.map(|text| BASE64.encode(text.as_bytes()));
    answer(move |output: &mut GetConsoleOutputOutput| {
        output.instance_id = Some(id);
        output.timestamp = told.map(date);
        output.output = text;
    })
}

/// Returns since when the guest has been running; `None` where it does not run.
fn booted(instance: &Instance, now: Timestamp) -> Option<Timestamp> {
    let (at, state) = instance.state.until(now).last()?;
    (*state == InstanceState::Running).then_some(*at)
}

fn no_newest() -> Refusal {
    let message = "This instance type does not support retrieving the latest console output. Only \
                   instances built on the Nitro System do.";
    Refusal::client("UnsupportedOperation", message)
}

/// Returns all that the guest will ever have written, each line as a serial console ends it.
fn written(instance: &Instance, address: &str) -> String {
    let usual = if instance.platform_windows {
        WINDOWS
    } else {
        LINUX
    };
    let text = instance.console.as_deref().unwrap_or(usual);
    let host = format!("ip-{}", address.replace('.', "-"));
    let text = text
        .replace("{id}", &instance.id)
        .replace("{ip}", address)
        .replace("{host}", &host);
    // As systemd writes it on a terminal.
    text.replace("[  OK  ]", "[\u{1b}[0;32m  OK  \u{1b}[0m]")
        .replace('\n', "\r\n")
}

/// Returns what of a text stands there so long after the boot: up to the first line that is of later.
fn grown(text: &str, since_boot: SignedDuration) -> String {
    let written = text.split_inclusive('\n').take_while(|line| {
        let at = seconds_of(line);
        at.is_none_or(|at| at <= since_boot.as_secs_f64())
    });
    written.collect()
}

/// Returns the seconds since the boot that the kernel writes in front of a line: `[   12.730415]`.
fn seconds_of(line: &str) -> Option<f64> {
    let (seconds, _) = line.strip_prefix('[')?.split_once(']')?;
    seconds.trim().parse().ok()
}
