//! `CloudWatch`: alarms on metrics, and alarms over alarms, by their names.
//!
//! They are put and told, and their actions enabled and disabled; nothing is measured, so none ever goes off.

mod actions;
mod describing;
pub mod model;
pub mod picture;
mod putting;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;

/// How the SDK names the service.
const SERVICE: &str = "CloudWatch";

/// The most names of one request (`DescribeAlarms` and `EnableAlarmActions`, API reference).
const MOST_NAMES: usize = 100;

/// Lists the operations of `CloudWatch`.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(SERVICE, "DescribeAlarms", describing::describe),
        Operation::mutation(SERVICE, "DisableAlarmActions", actions::disable),
        Operation::mutation(SERVICE, "EnableAlarmActions", actions::enable),
        Operation::mutation(SERVICE, "PutMetricAlarm", putting::put),
    ]
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::client("ValidationError", message)
}

/// Refuses more names than a request may have.
fn few(call: &Call<'_>, names: &[String]) -> Result<(), Refusal> {
    call.permit_elsewhere()?;
    if names.len() > MOST_NAMES {
        return Err(invalid(format!(
            "1 validation error detected: Value at 'alarmNames' failed to satisfy constraint: Member must have length \
             less than or equal to {MOST_NAMES}"
        )));
    }
    Ok(())
}
