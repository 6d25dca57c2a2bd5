//! `DescribeKinesisStreamingDestination` and `EnableKinesisStreamingDestination`.
//! Only what the changes go to is known here: a stream is its ARN, and whether it takes them.

use aws_sdk_dynamodb::operation::describe_kinesis_streaming_destination::{
    DescribeKinesisStreamingDestinationInput, DescribeKinesisStreamingDestinationOutput,
};
use aws_sdk_dynamodb::operation::enable_kinesis_streaming_destination::{
    EnableKinesisStreamingDestinationInput, EnableKinesisStreamingDestinationOutput,
};
use aws_sdk_dynamodb::types as dynamodb;
use jiff::Timestamp;

use super::model::Destination;
use super::permit;
use super::tables::find;
use super::updating::idle;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};

/// `DescribeKinesisStreamingDestination`.
pub fn describe(
    input: &DescribeKinesisStreamingDestinationInput,
    call: &mut Call<'_>,
) -> Answer<DescribeKinesisStreamingDestinationOutput> {
    permit(call, "DescribeKinesisStreamingDestination")?;
    let now = call.now();
    let table = find(call, input.table_name().unwrap_or_default())?;
    let name = table.name.clone();
    let all = table.settings.kinesis.iter();
    let rows = all.map(|(arn, one)| row(arn, one, now)).collect();
    answer(
        move |output: &mut DescribeKinesisStreamingDestinationOutput| {
            output.table_name = Some(name);
            output.kinesis_data_stream_destinations = Some(rows);
        },
    )
}

fn row(arn: &str, one: &Destination, now: Timestamp) -> dynamodb::KinesisDataStreamDestination {
    let status = *one.status.at(now);
    let precision = one.precision.as_deref();
    let precision = precision.map(dynamodb::ApproximateCreationDateTimePrecision::from);
    let failed = (status == "ENABLE_FAILED").then_some("The Kinesis data stream takes no records");
    dynamodb::KinesisDataStreamDestination::builder()
        .stream_arn(arn)
        .destination_status(dynamodb::DestinationStatus::from(status))
        .set_approximate_creation_date_time_precision(precision)
        .set_destination_status_description(failed.map(str::to_owned))
        .build()
}

/// `EnableKinesisStreamingDestination`. What is enabled already, or about to be, is refused in AWS's words; whether a
/// stream takes what is sent shows later (`DestinationStatus`, DynamoDB API reference).
pub fn enable(
    input: &EnableKinesisStreamingDestinationInput,
    call: &mut Call<'_>,
) -> Answer<EnableKinesisStreamingDestinationOutput> {
    permit(call, "EnableKinesisStreamingDestination")?;
    let (now, delay) = (call.now(), call.delays().kinesis);
    let arn = input.stream_arn().unwrap_or_default().to_owned();
    let takes = call.estate().dynamodb.streams.get(&arn).copied();
    let table = find(call, input.table_name().unwrap_or_default())?;
    idle(table, now)?;
    let takes = takes.ok_or_else(|| {
        Refusal::client(
            "ResourceNotFoundException",
            format!("Requested resource not found: Kinesis data stream: {arn} not found"),
        )
    })?;
    let was = table.settings.kinesis.get(&arn);
    let was = was.map_or("DISABLED", |was| *was.status.at(now));
    if !matches!(was, "DISABLED" | "ENABLE_FAILED") {
        return Err(Refusal::client(
            "ValidationException",
            "Table is not in a valid state to enable Kinesis Streaming Destination: \
             EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.",
        ));
    }
    let asked = input.enable_kinesis_streaming_configuration().cloned();
    let precision = asked.as_ref();
    let precision = precision.and_then(
        dynamodb::EnableKinesisStreamingConfiguration::approximate_creation_date_time_precision,
    );
    let mut status = Timeline::new(now, "ENABLING");
    let then = if takes { "ACTIVE" } else { "ENABLE_FAILED" };
    status.then(after(now, delay), then);
    let destination = Destination {
        precision: precision.map(|precision| precision.as_str().to_owned()),
        status,
    };
    table.settings.kinesis.insert(arn.clone(), destination);
    let name = table.name.clone();
    answer(
        move |output: &mut EnableKinesisStreamingDestinationOutput| {
            output.table_name = Some(name);
            output.stream_arn = Some(arn);
            output.destination_status = Some(dynamodb::DestinationStatus::Enabling);
            output.enable_kinesis_streaming_configuration = asked;
        },
    )
}
