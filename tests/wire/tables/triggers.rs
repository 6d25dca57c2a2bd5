//! A function that is called with what changes in the table: made with everything that the server keeps of a mapping,
//! and read back by nobody but this test.
//!
//! The server calls no function here: nothing is written to a table once its stream is mapped. It knows neither a mapping
//! that is on its way, nor a second one that is refused; that is asserted in the simulated AWS.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration, EventSourcePosition, Filter,
    FilterCriteria, FunctionCode, FunctionResponseType, OnFailure, Runtime,
};
use serde_json::{Value, json};

use crate::account::Account;
use crate::stage::REGION;

pub const FUNCTION: &str = "fulfil";

/// An archive without anything in it.
const NOTHING: [u8; 22] = *b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Maps the stream of a table to a function, which is made for it.
pub fn map(account: &Account, table: &str) {
    let call = account.iam().create_role().role_name(FUNCTION);
    let role = account.wait(call.assume_role_policy_document("{}").send());
    let role = role.expect("CreateRole").role.expect("a role");
    let client = account.lambda(REGION);
    let code = FunctionCode::builder().zip_file(Blob::new(NOTHING)).build();
    let call = client.create_function().function_name(FUNCTION).code(code);
    let call = call.runtime(Runtime::Python312).handler("index.handler");
    account
        .wait(call.role(role.arn()).send())
        .expect("CreateFunction");
    let filter = Filter::builder().pattern(r#"{"eventName":["INSERT"]}"#);
    let failures = OnFailure::builder().destination("arn:aws:sqs:eu-west-1:111122223333:lost");
    let failures = DestinationConfig::builder().on_failure(failures.build());
    let call = client
        .create_event_source_mapping()
        .event_source_arn(stream(account, table))
        .function_name(FUNCTION)
        .starting_position(EventSourcePosition::TrimHorizon)
        .batch_size(20)
        .maximum_batching_window_in_seconds(5)
        .parallelization_factor(2)
        .maximum_retry_attempts(3)
        .maximum_record_age_in_seconds(3600)
        .bisect_batch_on_function_error(true)
        .tumbling_window_in_seconds(30)
        .function_response_types(FunctionResponseType::ReportBatchItemFailures)
        .destination_config(failures.build())
        .filter_criteria(FilterCriteria::builder().filters(filter.build()).build());
    account.wait(call.send()).expect("CreateEventSourceMapping");
}

fn stream(account: &Account, table: &str) -> String {
    let read = account.dynamodb(REGION).describe_table();
    let told = account.wait(read.table_name(table).send());
    let table = told.expect("DescribeTable").table.expect("a table");
    table.latest_stream_arn.unwrap_or_default()
}

fn mappings(account: &Account, table: &str) -> Vec<EventSourceMappingConfiguration> {
    let read = account.lambda(REGION).list_event_source_mappings();
    let read = read.event_source_arn(stream(account, table));
    let told = account.wait(read.send()).expect("ListEventSourceMappings");
    told.event_source_mappings.unwrap_or_default()
}

/// How functions are called with what changes in a table.
pub fn told(account: &Account, table: &str) -> Value {
    let one = |one: &EventSourceMappingConfiguration| {
        let numbers = json!([
            one.batch_size(),
            one.maximum_batching_window_in_seconds(),
            one.parallelization_factor(),
            one.maximum_retry_attempts(),
            one.maximum_record_age_in_seconds(),
            one.tumbling_window_in_seconds(),
        ]);
        json!({
            "function": one.function_arn(),
            "numbers": numbers,
            "bisect": one.bisect_batch_on_function_error(),
            "filters": format!("{:?}", one.filter_criteria()),
            "failures": format!("{:?}", one.destination_config()),
            "answers": format!("{:?}", one.function_response_types()),
        })
    };
    mappings(account, table).iter().map(one).collect()
}

/// From where, and whether, functions are called with what changes in a table.
pub fn called(account: &Account, table: &str) -> Vec<(String, String)> {
    let one = |one: &EventSourceMappingConfiguration| {
        let position = one.starting_position().map(EventSourcePosition::as_str);
        let state = one.state().unwrap_or_default();
        (position.unwrap_or_default().to_owned(), state.to_owned())
    };
    mappings(account, table).iter().map(one).collect()
}
