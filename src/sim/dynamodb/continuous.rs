//! `DescribeContinuousBackups`, one table a call and ten calls a second.
//! Switching it on or off is not simulated.

use aws_sdk_dynamodb::operation::describe_continuous_backups::{
    DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput,
};
use aws_sdk_dynamodb::types as dynamodb;

use super::model::Continuous;
use super::{pace, permit};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `DescribeContinuousBackups`. Continuous backups are `ENABLED` on every table; what can be switched
/// off is point-in-time recovery (DynamoDB API reference).
pub fn describe(
    input: &DescribeContinuousBackupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeContinuousBackupsOutput> {
    permit(call, "DescribeContinuousBackups")?;
    pace(call, "DescribeContinuousBackups")?;
    let now = call.now();
    let name = input.table_name().unwrap_or_default();
    let table = call.estate().dynamodb.table(name).ok_or_else(|| {
        Refusal::client("TableNotFoundException", format!("Table not found: {name}"))
    })?;
    let row = dynamodb::ContinuousBackupsDescription::builder()
        .continuous_backups_status(dynamodb::ContinuousBackupsStatus::Enabled)
        .point_in_time_recovery_description(point_in_time(table.continuous.as_ref(), now))
        .build()
        .map_err(|error| Refusal::new(500, "InternalServerError", error.to_string()))?;
    answer(move |output: &mut DescribeContinuousBackupsOutput| {
        output.continuous_backups_description = Some(row);
    })
}

fn point_in_time(
    continuous: Option<&Continuous>,
    now: jiff::Timestamp,
) -> dynamodb::PointInTimeRecoveryDescription {
    let row = dynamodb::PointInTimeRecoveryDescription::builder();
    let Some(continuous) = continuous else {
        let off = dynamodb::PointInTimeRecoveryStatus::Disabled;
        return row.point_in_time_recovery_status(off).build();
    };
    let (earliest, latest) = continuous.window(now);
    row.point_in_time_recovery_status(dynamodb::PointInTimeRecoveryStatus::Enabled)
        .recovery_period_in_days(continuous.days)
        .earliest_restorable_date_time(date(earliest))
        .latest_restorable_date_time(date(latest))
        .build()
}
