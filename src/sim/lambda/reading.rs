//! `ListEventSourceMappings` and `GetEventSourceMapping`.
//! A listing tells no filters that are encrypted; who asks for the one mapping is told them.

use aws_sdk_lambda::operation::get_event_source_mapping::{
    GetEventSourceMappingInput, GetEventSourceMappingOutput,
};
use aws_sdk_lambda::operation::list_event_source_mappings::{
    ListEventSourceMappingsInput, ListEventSourceMappingsOutput,
};

use super::{not_found, permit, told};
use crate::sim::call::Call;
use crate::sim::registry::{Answer, answer};

/// The most rows of a page, whatever is asked for (`MaxItems`, Lambda API reference).
const PAGE: usize = 100;

/// `ListEventSourceMappings`, of a stream or of all.
pub fn list(
    input: &ListEventSourceMappingsInput,
    call: &mut Call<'_>,
) -> Answer<ListEventSourceMappingsOutput> {
    permit(call, "ListEventSourceMappings")?;
    let now = call.now();
    let asked = input
        .max_items()
        .and_then(|most| usize::try_from(most).ok());
    let page = asked.map_or(PAGE, |most| most.clamp(1, PAGE));
    let (stream, after) = (input.event_source_arn(), input.marker());
    let mappings = call.estate().lambda.mappings.iter();
    let mut rows: Vec<_> = mappings
        .filter(|(uuid, _)| after.is_none_or(|after| uuid.as_str() > after))
        .filter(|(_, one)| stream.is_none_or(|stream| one.stream == stream))
        .filter(|(_, one)| one.visibility.listed(now))
        .map(|(_, one)| one.told(now))
        .collect();
    for row in rows.iter_mut().filter(|row| row.kms_key_arn.is_some()) {
        row.filter_criteria = None;
    }
    let more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| more);
    let next = next.and_then(|last| last.uuid.clone());
    answer(move |output: &mut ListEventSourceMappingsOutput| {
        output.event_source_mappings = Some(rows);
        output.next_marker = next;
    })
}

/// `GetEventSourceMapping`.
pub fn get(
    input: &GetEventSourceMappingInput,
    call: &mut Call<'_>,
) -> Answer<GetEventSourceMappingOutput> {
    permit(call, "GetEventSourceMapping")?;
    let now = call.now();
    let uuid = input.uuid().unwrap_or_default();
    let found = call.estate().lambda.mappings.get(uuid);
    let found = found.filter(|one| one.visibility.read_by_id());
    let row = found.ok_or_else(not_found)?.told(now);
    answer(move |output: &mut GetEventSourceMappingOutput| told!(output, row))
}
