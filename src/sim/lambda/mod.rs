//! Lambda: mappings of the streams of tables to functions, as the control plane knows them.
//!
//! Every function that is named is there, unless somebody has seen to it that it is refused. No function is ever
//! called.

mod changing;
pub mod model;
pub mod picture;
mod reading;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;

/// How the SDK names the service.
const LAMBDA: &str = "Lambda";

/// Lists the operations of Lambda.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(LAMBDA, "GetEventSourceMapping", reading::get),
        Operation::read(LAMBDA, "ListEventSourceMappings", reading::list),
        Operation::mutation(LAMBDA, "CreateEventSourceMapping", changing::create),
        Operation::mutation(LAMBDA, "UpdateEventSourceMapping", changing::update),
    ]
}

/// Writes a mapping into the output of any call that tells one.
macro_rules! told {
    ($output:ident, $row:ident) => {{
        $output.uuid = $row.uuid;
        $output.starting_position = $row.starting_position;
        $output.batch_size = $row.batch_size;
        $output.maximum_batching_window_in_seconds = $row.maximum_batching_window_in_seconds;
        $output.parallelization_factor = $row.parallelization_factor;
        $output.event_source_arn = $row.event_source_arn;
        $output.filter_criteria = $row.filter_criteria;
        $output.kms_key_arn = $row.kms_key_arn;
        $output.metrics_config = $row.metrics_config;
        $output.function_arn = $row.function_arn;
        $output.last_modified = $row.last_modified;
        $output.state = $row.state;
        $output.state_transition_reason = $row.state_transition_reason;
        $output.destination_config = $row.destination_config;
        $output.maximum_record_age_in_seconds = $row.maximum_record_age_in_seconds;
        $output.bisect_batch_on_function_error = $row.bisect_batch_on_function_error;
        $output.maximum_retry_attempts = $row.maximum_retry_attempts;
        $output.tumbling_window_in_seconds = $row.tumbling_window_in_seconds;
        $output.function_response_types = $row.function_response_types;
    }};
}
use told;

/// Refuses the call where the account may not do it.
fn permit(call: &Call<'_>, operation: &str) -> Result<(), Refusal> {
    if call.is_denied() {
        let action = format!("lambda:{operation}");
        return Err(Refusal {
            status: 403,
            ..Refusal::access_denied(call.account(), &action)
        });
    }
    Ok(())
}

/// `InvalidParameterValueException`, which says what is wrong.
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::client("InvalidParameterValueException", message)
}

/// `ResourceNotFoundException`, of a mapping.
fn not_found() -> Refusal {
    Refusal::new(
        404,
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )
}
