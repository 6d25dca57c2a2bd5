//! `CreateEventSourceMapping` and `UpdateEventSourceMapping`: streams of tables alone, and nothing but whether a mapping
//! is enabled is updated.
//!
//! A function has one mapping of a stream at most, and one that is on its way to a state takes no update
//! (`ResourceConflictException`, `ResourceInUseException`, Lambda API reference).

use aws_sdk_lambda::operation::create_event_source_mapping::{
    CreateEventSourceMappingInput, CreateEventSourceMappingOutput,
};
use aws_sdk_lambda::operation::update_event_source_mapping::{
    UpdateEventSourceMappingInput, UpdateEventSourceMappingOutput,
};
use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::model::{Mapping, function_arn, uuid};
use super::{invalid, not_found, permit, told};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};
use crate::sim::world::Place;

/// What a mapping is on its way to.
fn wanted(enabled: bool) -> &'static str {
    if enabled { "Enabled" } else { "Disabled" }
}

/// `CreateEventSourceMapping`.
pub fn create(
    input: &CreateEventSourceMappingInput,
    call: &mut Call<'_>,
) -> Answer<CreateEventSourceMappingOutput> {
    permit(call, "CreateEventSourceMapping")?;
    let (now, delay) = (call.now(), call.delays().mapping);
    let place = Place::new(call.account(), call.region());
    let function = function_arn(&place, input.function_name().unwrap_or_default());
    let stream = input.event_source_arn().unwrap_or_default().to_owned();
    let visibility = call.new_visibility();
    let estate = call.estate();
    if let Some(words) = estate.lambda.refused.get(&function) {
        return Err(invalid(words));
    }
    let mut tables = estate.dynamodb.tables.values();
    let is_there = tables.any(|table| {
        let on = table.settings.stream.view.is_some();
        on && table.stream_arn().as_ref() == Some(&stream)
    });
    if !is_there {
        return Err(invalid(format!("Stream not found: {stream}")));
    }
    if input.starting_position().is_none() {
        return Err(invalid("StartingPosition is required for streams."));
    }
    if let Some(other) = estate.lambda.of(&stream, &function) {
        let uuid = other.row.uuid().unwrap_or_default();
        return Err(Refusal::new(
            409,
            "ResourceConflictException",
            format!(
                "The event source arn (\" {stream} \") and function (\" {function} \") provided mapping already \
                 exists. Please update or delete the existing mapping with UUID {uuid}"
            ),
        ));
    }
    let mut state = Timeline::new(now, "Creating");
    state.then(after(now, delay), wanted(input.enabled() != Some(false)));
    let mapping = Mapping {
        row: row(input, &stream, &function),
        stream,
        function,
        state,
        visibility,
    };
    let told = mapping.told(now);
    let uuid = told.uuid.clone().unwrap_or_default();
    estate.lambda.mappings.insert(uuid, mapping);
    answer(move |output: &mut CreateEventSourceMappingOutput| told!(output, told))
}

/// What is told of a new mapping: what was said, and AWS's defaults for streams.
fn row(
    input: &CreateEventSourceMappingInput,
    stream: &str,
    function: &str,
) -> EventSourceMappingConfiguration {
    EventSourceMappingConfiguration::builder()
        .uuid(uuid(stream, function))
        .event_source_arn(stream)
        .function_arn(function)
        .set_starting_position(input.starting_position().cloned())
        .batch_size(input.batch_size().unwrap_or(100))
        .maximum_batching_window_in_seconds(input.maximum_batching_window_in_seconds().unwrap_or(0))
        .parallelization_factor(input.parallelization_factor().unwrap_or(1))
        .tumbling_window_in_seconds(input.tumbling_window_in_seconds().unwrap_or(0))
        .maximum_record_age_in_seconds(input.maximum_record_age_in_seconds().unwrap_or(-1))
        .maximum_retry_attempts(input.maximum_retry_attempts().unwrap_or(-1))
        .bisect_batch_on_function_error(input.bisect_batch_on_function_error() == Some(true))
        .set_filter_criteria(input.filter_criteria().cloned())
        .set_kms_key_arn(input.kms_key_arn().map(str::to_owned))
        .set_destination_config(input.destination_config().cloned())
        .set_function_response_types(Some(input.function_response_types().to_vec()))
        .set_metrics_config(input.metrics_config().cloned())
        .build()
}

/// `UpdateEventSourceMapping`. What is so already changes nothing.
pub fn update(
    input: &UpdateEventSourceMappingInput,
    call: &mut Call<'_>,
) -> Answer<UpdateEventSourceMappingOutput> {
    permit(call, "UpdateEventSourceMapping")?;
    let (now, delay) = (call.now(), call.delays().mapping);
    let switched = UpdateEventSourceMappingInput::builder()
        .set_uuid(input.uuid().map(str::to_owned))
        .set_enabled(input.enabled());
    let Some(enabled) = input
        .enabled()
        .filter(|_| switched.build().is_ok_and(|switched| switched == *input))
    else {
        return Err(invalid(
            "The simulated AWS enables and disables a mapping, and changes nothing else about it",
        ));
    };
    let mappings = &mut call.estate().lambda.mappings;
    let found = mappings.get_mut(input.uuid().unwrap_or_default());
    let found = found.ok_or_else(not_found)?;
    let is = *found.state.at(now);
    if !matches!(is, "Enabled" | "Disabled") {
        return Err(Refusal::client(
            "ResourceInUseException",
            "Cannot update the event source mapping because it is in use.",
        ));
    }
    let same = is == wanted(enabled);
    if !same {
        let on_its_way = if enabled { "Enabling" } else { "Disabling" };
        found.state.turn(now, on_its_way);
        found.state.then(after(now, delay), wanted(enabled));
    }
    let told = found.told(now);
    if same {
        call.nothing_changed();
    }
    answer(move |output: &mut UpdateEventSourceMappingOutput| told!(output, told))
}
