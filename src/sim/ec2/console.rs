//! `GetConsoleOutput`: what the guest has written while it booted, a while after it did.
//! The text is the scenario's, or that of an ordinary boot.

use aws_sdk_ec2::operation::get_console_output::{GetConsoleOutputInput, GetConsoleOutputOutput};
use data_encoding::BASE64;

use super::model::InstanceState;
use super::{date, ids};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;

/// `GetConsoleOutput`: empty until the guest has been running for a while (EC2 API reference).
pub fn output(
    input: &GetConsoleOutputInput,
    call: &mut Call<'_>,
) -> Answer<GetConsoleOutputOutput> {
    let now = call.now();
    let id = ids::required(input.instance_id(), "instanceId")?.to_owned();
    ids::instance(call.estate(), &id)?;
    call.permit()?;
    let delay = call.delays().console;
    let instance = ids::instance(call.estate(), &id)?;
    let mut turns: Vec<_> = instance.state.until(now).collect();
    let running = turns
        .pop()
        .filter(|(_, state)| *state == InstanceState::Running);
    let since = running.map(|(at, _)| *at);
    let told = since.filter(|at| after(*at, delay) <= now);
    let usual =
        || format!("[    0.000000] Linux version 6.1.0\n[   11.204511] cloud-init: {id} is up\n");
    let text = told.map(|_| instance.console.clone().unwrap_or_else(usual));
    let text = text.map(|text| BASE64.encode(text.as_bytes()));
    answer(move |output: &mut GetConsoleOutputOutput| {
        output.instance_id = Some(id);
        output.timestamp = told.map(date);
        output.output = text;
    })
}
