//! `DynamoDB` tables, all of them, and the point-in-time windows of those that have one.
//!
//! Tables are handed on at once, so that one without any recovery point is listed too. A window takes a call for
//! each table, of which `DynamoDB` bears ten a second: they are asked for a few at a time and slower than that.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{ContinuousBackupsDescription, PointInTimeRecoveryStatus};
use futures_util::{Stream, StreamExt as _, stream};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};

use super::pace::Pace;
use super::reading::{instant, require_end, unreadable};
use super::source::{Read, Sink, Source};

const TABLES: &str = "dynamodb:ListTables";
const WINDOW: &str = "dynamodb:DescribeContinuousBackups";

/// The largest page.
const PAGE: i32 = 100;
/// How many windows are asked for at a time.
const AT_ONCE: usize = 4;
/// The least time from one such call to the next: eight a second, of ten that are allowed.
const APART: Duration = Duration::from_millis(125);
/// After so many failures in a row nothing else is to be expected.
const GIVE_UP_AFTER: usize = 5;

/// The source of tables and their windows.
#[derive(Clone, Copy, Debug)]
pub struct DynamodbWindows;

#[async_trait]
impl Source for DynamodbWindows {
    fn kind(&self) -> PointKind {
        PointKind::DynamodbWindow
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let mut names = Vec::new();
        let tables = list_tables(clients, sink, &mut names).await;
        sink.paced().await;
        let windows = list_windows(clients, sink, names).await;
        tables.and(windows)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let tables = clients.dynamodb.list_tables().limit(1).send().await;
        let first = tables.as_ref().ok().and_then(|page| {
            let name = page.table_names().first();
            name.cloned()
        });
        // Whether one may ask is answered before whether there is such a table.
        let name = first.unwrap_or_else(|| "no-such-table".to_owned());
        let window = describe(clients, &name).await;
        vec![
            Read {
                call: TABLES,
                outcome: tables.map(drop).map_err(|error| failure(TABLES, &error)),
            },
            Read {
                call: WINDOW,
                outcome: window.map(drop),
            },
        ]
    }
}

async fn list_tables(
    clients: &Clients,
    sink: &Sink,
    names: &mut Vec<String>,
) -> Result<(), Failure> {
    let call = clients.dynamodb.list_tables().into_paginator();
    let mut pages = call.page_size(PAGE).send();
    let mut last = None;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(TABLES, &error))?;
        let tables = page.table_names().iter();
        let tables = tables.map(|name| table_of(name, &clients.place));
        sink.resources(tables.collect()).await;
        names.extend(page.table_names().iter().cloned());
        last = page.last_evaluated_table_name;
    }
    require_end(TABLES, last)
}

fn table_of(name: &str, place: &Place) -> Resource {
    Resource {
        id: name.to_owned(),
        kind: ResourceKind::Table,
        name: None,
        place: place.clone(),
        exists: true,
        engine: None,
        attached_to: None,
        tags: BTreeMap::new(),
    }
}

/// Asks for every window. One that cannot be had hides no other; where none can be had, the rest is not asked.
async fn list_windows(clients: &Clients, sink: &Sink, names: Vec<String>) -> Result<(), Failure> {
    let asked = paced(names).map(|name| async move { window_of(clients, &name).await });
    let mut told = pin!(asked.buffer_unordered(AT_ONCE));
    let (mut first, mut in_a_row) = (None, 0);
    while let Some(window) = told.next().await {
        match window {
            // Without a window too, the place is answering.
            Ok(point) => {
                in_a_row = 0;
                sink.points(point.into_iter().collect()).await;
            }
            Err(failure) => {
                in_a_row += usize::from(failure.class != FailureClass::Other);
                first.get_or_insert(failure);
            }
        }
        if in_a_row >= GIVE_UP_AFTER {
            break;
        }
    }
    first.map_or(Ok(()), Err)
}

/// Lets names through no faster than windows may be asked for.
fn paced(names: Vec<String>) -> impl Stream<Item = String> {
    let pace = Pace::new(APART);
    stream::unfold((names.into_iter(), pace), |(mut names, mut pace)| async {
        let name = names.next()?;
        pace.next().await;
        Some((name, (names, pace)))
    })
}

/// Asks for the window of a table. One that was deleted meanwhile has none.
async fn describe(
    clients: &Clients,
    name: &str,
) -> Result<Option<ContinuousBackupsDescription>, Failure> {
    let call = clients.dynamodb.describe_continuous_backups();
    let answer = call.table_name(name).send().await;
    match answer.map_err(|error| failure(WINDOW, &error)) {
        Ok(answer) => Ok(answer.continuous_backups_description),
        Err(failure) if failure.class == FailureClass::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn window_of(clients: &Clients, name: &str) -> Result<Option<RecoveryPoint>, Failure> {
    match describe(clients, name).await? {
        Some(described) => point_of(name, &described, &clients.place),
        None => Ok(None),
    }
}

/// Makes the window of a table with point-in-time recovery. It is named like the table.
fn point_of(
    name: &str,
    described: &ContinuousBackupsDescription,
    place: &Place,
) -> Result<Option<RecoveryPoint>, Failure> {
    let recovery = described.point_in_time_recovery_description();
    let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status());
    let (Some(recovery), Some(PointInTimeRecoveryStatus::Enabled)) = (recovery, status) else {
        return Ok(None);
    };
    let earliest = recovery.earliest_restorable_date_time().and_then(instant);
    let latest = recovery.latest_restorable_date_time().and_then(instant);
    let (Some(earliest), Some(latest)) = (earliest, latest) else {
        let what = "a table with point-in-time recovery came without its window";
        return Err(unreadable(WINDOW, what));
    };
    let days = recovery.recovery_period_in_days();
    Ok(Some(RecoveryPoint {
        id: name.to_owned(),
        kind: PointKind::DynamodbWindow,
        place: place.clone(),
        resource: Some((ResourceKind::Table, name.to_owned())),
        resource_home: None,
        name: None,
        when: When::Window { earliest, latest },
        data_at: DataTime::Known(latest),
        state: PointInTimeRecoveryStatus::Enabled.as_str().to_owned(),
        size_bytes: None,
        // DynamoDB encrypts everything at rest; this call does not say with which key.
        encrypted: Some(true),
        kms_key: None,
        tier: Tier::Standard,
        protection: days.map(|days| format!("recovery period of {days} days")),
        origin: Origin::Automated,
        copy_of: None,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: BTreeMap::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::place;
    use aws_sdk_dynamodb::types::{ContinuousBackupsStatus, PointInTimeRecoveryDescription};
    use aws_smithy_types::DateTime;

    fn described(recovery: PointInTimeRecoveryDescription) -> ContinuousBackupsDescription {
        ContinuousBackupsDescription::builder()
            .continuous_backups_status(ContinuousBackupsStatus::Enabled)
            .point_in_time_recovery_description(recovery)
            .build()
            .unwrap()
    }

    fn point(recovery: PointInTimeRecoveryDescription) -> Result<Option<RecoveryPoint>, Failure> {
        point_of("orders", &described(recovery), &place("a", "eu-west-1"))
    }

    #[test]
    fn a_table_with_recovery_has_a_window() {
        let (from, to) = (1_770_430_620, 1_773_454_620);
        let recovery = PointInTimeRecoveryDescription::builder()
            .point_in_time_recovery_status(PointInTimeRecoveryStatus::Enabled)
            .earliest_restorable_date_time(DateTime::from_secs(from))
            .latest_restorable_date_time(DateTime::from_secs(to))
            .recovery_period_in_days(35);
        let window = point(recovery.build()).unwrap().unwrap();
        let (earliest, latest) = ("2026-02-07T02:17:00Z", "2026-03-14T02:17:00Z");
        let (earliest, latest) = (earliest.parse().unwrap(), latest.parse().unwrap());
        assert_eq!(window.when, When::Window { earliest, latest });
        assert_eq!(window.data_at, DataTime::Known(latest));
        assert!(window.usable());
    }

    #[test]
    fn a_table_without_recovery_has_none() {
        let off = PointInTimeRecoveryStatus::Disabled;
        let off = PointInTimeRecoveryDescription::builder().point_in_time_recovery_status(off);
        assert_eq!(point(off.build()), Ok(None));
        let silent = PointInTimeRecoveryDescription::builder().build();
        assert_eq!(point(silent), Ok(None));
    }

    #[test]
    fn a_window_without_its_ends_is_a_failure() {
        let on = PointInTimeRecoveryStatus::Enabled;
        let on = PointInTimeRecoveryDescription::builder().point_in_time_recovery_status(on);
        let said = point(on.build()).unwrap_err().message.shown();
        assert!(said.contains("without its window"), "{said}");
    }
}
