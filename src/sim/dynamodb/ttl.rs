//! `DescribeTimeToLive` and `UpdateTimeToLive`, which takes up to an hour, and within an hour of the last change is
//! refused (DynamoDB API reference). Nothing is deleted here for having expired.

use aws_sdk_dynamodb::operation::describe_time_to_live::{
    DescribeTimeToLiveInput, DescribeTimeToLiveOutput,
};
use aws_sdk_dynamodb::operation::update_time_to_live::{
    UpdateTimeToLiveInput, UpdateTimeToLiveOutput,
};
use aws_sdk_dynamodb::types as dynamodb;
use jiff::SignedDuration;

use super::model::TimeToLive;
use super::permit;
use super::tables::find;
use super::updating::idle;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// `DescribeTimeToLive`: the attribute is told unless it is off.
pub fn describe(
    input: &DescribeTimeToLiveInput,
    call: &mut Call<'_>,
) -> Answer<DescribeTimeToLiveOutput> {
    permit(call, "DescribeTimeToLive")?;
    let now = call.now();
    let table = find(call, input.table_name().unwrap_or_default())?;
    let ttl = table.settings.ttl.as_ref();
    let status = ttl.map_or("DISABLED", |ttl| ttl.status.at(now));
    let attribute = ttl.filter(|_| status != "DISABLED");
    let row = dynamodb::TimeToLiveDescription::builder()
        .time_to_live_status(dynamodb::TimeToLiveStatus::from(status))
        .set_attribute_name(attribute.map(|ttl| ttl.attribute.clone()))
        .build();
    answer(move |output: &mut DescribeTimeToLiveOutput| {
        output.time_to_live_description = Some(row);
    })
}

/// `UpdateTimeToLive`.
pub fn update(
    input: &UpdateTimeToLiveInput,
    call: &mut Call<'_>,
) -> Answer<UpdateTimeToLiveOutput> {
    permit(call, "UpdateTimeToLive")?;
    let (now, delay) = (call.now(), call.delays().time_to_live);
    let table = find(call, input.table_name().unwrap_or_default())?;
    idle(table, now)?;
    let asked = input.time_to_live_specification().cloned();
    let asked = asked.ok_or_else(|| invalid("TimeToLiveSpecification is required"))?;
    let was = table.settings.ttl.as_ref();
    if was.is_some_and(|was| after(was.changed, HOUR) > now) {
        return Err(invalid(
            "Time to live has been modified multiple times within a fixed interval",
        ));
    }
    let on = was.filter(|was| was.is_on());
    match (on, asked.enabled()) {
        (Some(on), true) if on.attribute != asked.attribute_name() => {
            let other = &on.attribute;
            return Err(invalid(&format!(
                "TimeToLive is active on a different AttributeName: current AttributeName is {other}"
            )));
        }
        (Some(_), true) => return Err(invalid("TimeToLive is already enabled")),
        (None, false) => return Err(invalid("TimeToLive is already disabled")),
        (None, true) | (Some(_), false) => {}
    }
    let (first, then) = if asked.enabled() {
        ("ENABLING", "ENABLED")
    } else {
        ("DISABLING", "DISABLED")
    };
    let mut status = Timeline::new(now, first);
    status.then(after(now, delay), then);
    table.settings.ttl = Some(TimeToLive {
        attribute: asked.attribute_name().to_owned(),
        status,
        changed: now,
    });
    answer(move |output: &mut UpdateTimeToLiveOutput| {
        output.time_to_live_specification = Some(asked);
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
