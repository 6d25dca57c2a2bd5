//! What a call about a mapping of Lambda's would reach.
//!
//! A mapping is made so that it calls nothing, and is enabled or disabled; how it calls stays as it was made.

use aws_sdk_lambda::operation::create_event_source_mapping::CreateEventSourceMappingInput;
use aws_sdk_lambda::operation::update_event_source_mapping::UpdateEventSourceMappingInput;
use aws_sdk_lambda::types::EventSourcePosition;
use aws_smithy_runtime_api::client::interceptors::context::Input;

/// Tells whether a call about a mapping keeps within its limit; `None` for any other call.
pub(super) fn of(input: &Input) -> Option<bool> {
    if let Some(input) = input.downcast_ref::<CreateEventSourceMappingInput>() {
        // Without a word it would be enabled.
        let off = input.enabled() == Some(false);
        let at_the_end = input.starting_position() == Some(&EventSourcePosition::Latest);
        return Some(off && at_the_end && input.starting_position_timestamp().is_none());
    }
    let input = input.downcast_ref::<UpdateEventSourceMappingInput>()?;
    let switched = UpdateEventSourceMappingInput::builder()
        .set_uuid(input.uuid().map(str::to_owned))
        .set_enabled(input.enabled());
    let only = switched.build().is_ok_and(|switched| switched == *input);
    Some(only && input.enabled().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_made_switched_off_and_at_the_end_of_its_stream() {
        let made = || CreateEventSourceMappingInput::builder().function_name("f");
        let latest = || made().starting_position(EventSourcePosition::Latest);
        let from_the_first = EventSourcePosition::TrimHorizon;
        let at = aws_smithy_types::DateTime::from_secs(0);
        for (input, within) in [
            (latest().enabled(false), true),
            (latest().enabled(true), false),
            (latest(), false),
            (made().enabled(false), false),
            (
                made().enabled(false).starting_position(from_the_first),
                false,
            ),
            (
                latest().enabled(false).starting_position_timestamp(at),
                false,
            ),
        ] {
            let input = input.build().unwrap();
            let told = format!("{input:?}");
            assert_eq!(of(&Input::erase(input)), Some(within), "{told}");
        }
    }

    #[test]
    fn a_mapping_is_switched_and_nothing_else_about_it_is_changed() {
        let switched = |on| {
            let input = UpdateEventSourceMappingInput::builder().uuid("u");
            input.enabled(on)
        };
        for (input, within) in [
            (switched(true), true),
            (switched(false), true),
            (UpdateEventSourceMappingInput::builder().uuid("u"), false),
            (switched(true).function_name("other"), false),
            (switched(true).batch_size(1), false),
            (switched(false).maximum_retry_attempts(0), false),
        ] {
            let input = input.build().unwrap();
            let told = format!("{input:?}");
            assert_eq!(of(&Input::erase(input)), Some(within), "{told}");
        }
    }
}
