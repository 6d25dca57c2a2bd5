//! `DescribeContinuousBackups`, one table a call and ten calls a second, and `UpdateContinuousBackups`.
//! A window begins anew where point-in-time recovery was switched off in between.

use aws_sdk_dynamodb::operation::describe_continuous_backups::{
    DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput,
};
use aws_sdk_dynamodb::operation::update_continuous_backups::{
    UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput,
};
use aws_sdk_dynamodb::types as dynamodb;
use jiff::Timestamp;

use super::model::{Continuous, Table};
use super::rows::built;
use super::{pace, permit};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;

/// `DescribeContinuousBackups`. Continuous backups are `ENABLED` on every table; what can be switched
/// off is point-in-time recovery (DynamoDB API reference).
pub fn describe(
    input: &DescribeContinuousBackupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeContinuousBackupsOutput> {
    permit(call, "DescribeContinuousBackups")?;
    pace(call, "DescribeContinuousBackups")?;
    let now = call.now();
    let table = find(call, input.table_name())?;
    let row = row(table, now)?;
    answer(move |output: &mut DescribeContinuousBackupsOutput| {
        output.continuous_backups_description = Some(row);
    })
}

/// `UpdateContinuousBackups`. For a little while after a table was made its backups are still being enabled
/// (DynamoDB API reference, `ContinuousBackupsUnavailableException`). Days that are left out are 35.
pub fn update(
    input: &UpdateContinuousBackupsInput,
    call: &mut Call<'_>,
) -> Answer<UpdateContinuousBackupsOutput> {
    permit(call, "UpdateContinuousBackups")?;
    let (now, delay) = (call.now(), call.delays().recovery);
    let table = find(call, input.table_name())?;
    let mut turns = table.status.until(now);
    let made = turns.find(|(_, status)| status != "CREATING");
    if made.is_none_or(|(at, _)| now < after(*at, delay)) {
        let name = &table.name;
        return Err(Refusal::client(
            "ContinuousBackupsUnavailableException",
            format!("Backups are being enabled for the table: {name}. Please retry later"),
        ));
    }
    let asked = input.point_in_time_recovery_specification();
    let asked = asked.ok_or_else(|| invalid("PointInTimeRecoverySpecification is required"))?;
    let days = asked.recovery_period_in_days();
    if days.is_some_and(|days| !(1..=35).contains(&days)) {
        return Err(invalid("RecoveryPeriodInDays must be between 1 and 35"));
    }
    let was = table.settings.continuous;
    table.settings.continuous = asked.point_in_time_recovery_enabled().then(|| Continuous {
        since: was.map_or(now, |was| was.since),
        days: days.unwrap_or(35),
    });
    let row = row(table, now)?;
    answer(move |output: &mut UpdateContinuousBackupsOutput| {
        output.continuous_backups_description = Some(row);
    })
}

fn find<'w>(call: &'w mut Call<'_>, name: Option<&str>) -> Result<&'w mut Table, Refusal> {
    let name = name.unwrap_or_default();
    call.estate().dynamodb.table_mut(name).ok_or_else(|| {
        Refusal::client("TableNotFoundException", format!("Table not found: {name}"))
    })
}

fn row(table: &Table, now: Timestamp) -> Result<dynamodb::ContinuousBackupsDescription, Refusal> {
    let recovery = point_in_time(table.settings.continuous.as_ref(), now);
    let row = dynamodb::ContinuousBackupsDescription::builder()
        .continuous_backups_status(dynamodb::ContinuousBackupsStatus::Enabled)
        .point_in_time_recovery_description(recovery);
    built(row.build())
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}

fn point_in_time(
    continuous: Option<&Continuous>,
    now: Timestamp,
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
