//! Backups of `DynamoDB` tables: made on demand, by `DynamoDB` itself when a table was deleted, or by AWS Backup.
//!
//! `ListBackups` gives what users made unless told otherwise, and what AWS Backup made only where it is asked
//! for by name, so it is asked twice. A page may be empty; only an absent token ends the list.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{BackupSummary, BackupType, BackupTypeFilter};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::ResourceKind;
use crate::domain::text::Untrusted;
use crate::domain::words;

use super::pace::Pace;
use super::reading::{Pages, instant, require_all};
use super::source::{Read, Sink, Source};

const BACKUPS: &str = "dynamodb:ListBackups";

/// The largest page.
const PAGE: i32 = 100;
/// `ListBackups` bears five calls a second (DynamoDB API reference).
const APART: Duration = Duration::from_millis(250);

/// The source of backups of tables.
#[derive(Clone, Copy, Debug)]
pub struct DynamodbBackups;

#[async_trait]
impl Source for DynamodbBackups {
    fn kind(&self) -> PointKind {
        PointKind::DynamodbBackup
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let mut listing = Listing::new(clients, sink);
        let by_anybody = listing.pages(&BackupTypeFilter::All).await;
        let by_aws_backup = listing.pages(&BackupTypeFilter::AwsBackup).await;
        let what = ("backup", "an ARN or a creation time");
        let unread = require_all(BACKUPS, listing.unread, what);
        by_anybody.and(by_aws_backup).and(unread)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let outcome = clients.dynamodb.list_backups().limit(1).send().await;
        vec![Read {
            call: BACKUPS,
            outcome: outcome.map(drop).map_err(|error| failure(BACKUPS, &error)),
        }]
    }
}

/// A listing under way.
struct Listing<'a> {
    clients: &'a Clients,
    sink: &'a Sink,
    pace: Pace,
    /// ARNs of what was handed on.
    seen: HashSet<String>,
    unread: usize,
}

impl<'a> Listing<'a> {
    fn new(clients: &'a Clients, sink: &'a Sink) -> Self {
        Self {
            clients,
            sink,
            pace: Pace::new(APART),
            seen: HashSet::new(),
            unread: 0,
        }
    }

    /// Lists one type to its end.
    async fn pages(&mut self, wanted: &BackupTypeFilter) -> Result<(), Failure> {
        let (mut start, mut pages) = (None, Pages::of(BACKUPS));
        loop {
            self.pace.next().await;
            let call = self.clients.dynamodb.list_backups().limit(PAGE);
            let call = call.backup_type(wanted.clone());
            let call = call.set_exclusive_start_backup_arn(start);
            let page = call.send().await;
            let page = page.map_err(|error| failure(BACKUPS, &error))?;
            self.take(page.backup_summaries()).await;
            start = pages.next(page.last_evaluated_backup_arn)?;
            if start.is_none() {
                return Ok(());
            }
            self.sink.paced().await;
        }
    }

    async fn take(&mut self, rows: &[BackupSummary]) {
        let mut points = Vec::new();
        for row in rows {
            match point_of(row, &self.clients.place) {
                Some(point) if self.seen.insert(point.id.clone()) => points.push(point),
                Some(_seen_before) => {}
                None => self.unread += 1,
            }
        }
        self.sink.points(points).await;
    }
}

fn point_of(row: &BackupSummary, place: &Place) -> Option<RecoveryPoint> {
    let at = instant(row.backup_creation_date_time()?)?;
    let table = row.table_name().filter(|name| !name.is_empty());
    let name = row.backup_name().filter(|name| !name.is_empty());
    let expires = row.backup_expiry_date_time().and_then(instant);
    Some(RecoveryPoint {
        id: row.backup_arn()?.to_owned(),
        kind: PointKind::DynamodbBackup,
        place: place.clone(),
        resource: table.map(|name| (ResourceKind::Table, name.to_owned())),
        resource_home: None,
        name: name.map(Untrusted::from),
        when: When::At { at },
        data_at: DataTime::Known(at),
        state: row
            .backup_status()
            .map_or("unknown", |status| status.as_str())
            .to_owned(),
        size_bytes: row.backup_size_bytes().and_then(|n| u64::try_from(n).ok()),
        // DynamoDB encrypts everything at rest; the list does not say with which key.
        encrypted: Some(true),
        kms_key: None,
        tier: Tier::Standard,
        protection: expires.map(|at| format!("expires {}", words::instant(at))),
        origin: match row.backup_type() {
            Some(BackupType::AwsBackup) => Origin::AwsBackup,
            Some(BackupType::System) => Origin::Automated,
            Some(_) | None => Origin::ByHand,
        },
        copy_of: None,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: BTreeMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::place;
    use aws_sdk_dynamodb::types::BackupStatus;
    use aws_sdk_dynamodb::types::builders::BackupSummaryBuilder;
    use aws_smithy_types::DateTime;

    const ARN: &str =
        "arn:aws:dynamodb:eu-west-1:111122223333:table/carts/backup/01773454620000-5f0c2f7e";

    fn row() -> BackupSummaryBuilder {
        BackupSummary::builder()
            .backup_arn(ARN)
            .table_name("carts")
            .backup_name("before the migration")
            .backup_creation_date_time(DateTime::from_secs(1_773_454_620))
            .backup_status(BackupStatus::Available)
            .backup_type(BackupType::User)
            .backup_size_bytes(4096)
    }

    fn point(row: BackupSummaryBuilder) -> RecoveryPoint {
        point_of(&row.build(), &place("a", "eu-west-1")).unwrap()
    }

    #[test]
    fn a_backup_is_named_by_its_arn_and_is_of_its_table() {
        let made = point(row());
        assert_eq!(made.id, ARN);
        assert_eq!(made.resource, Some((ResourceKind::Table, "carts".into())));
        let at = "2026-03-14T02:17:00Z".parse().unwrap();
        assert_eq!(made.data_at, DataTime::Known(at));
        assert_eq!((made.size_bytes, made.usable()), (Some(4096), true));
    }

    #[test]
    fn who_made_it_is_told_by_its_type() {
        let origin = |kind| point(row().backup_type(kind)).origin;
        assert_eq!(origin(BackupType::User), Origin::ByHand);
        assert_eq!(origin(BackupType::System), Origin::Automated);
        assert_eq!(origin(BackupType::AwsBackup), Origin::AwsBackup);
    }

    #[test]
    fn one_that_is_being_made_or_is_deleted_is_not_usable() {
        for status in [BackupStatus::Creating, BackupStatus::Deleted] {
            assert!(!point(row().backup_status(status)).usable());
        }
    }

    #[test]
    fn one_that_expires_says_when() {
        let until = DateTime::from_secs(1_773_454_620 + 35 * 86_400);
        let made = point(row().backup_expiry_date_time(until));
        let said = "expires 2026-04-18 02:17:00Z";
        assert_eq!(made.protection.as_deref(), Some(said));
    }

    #[test]
    fn a_row_without_an_arn_or_a_time_is_no_point() {
        let here = place("a", "eu-west-1");
        let nameless = BackupSummary::builder().backup_creation_date_time(DateTime::from_secs(0));
        assert_eq!(point_of(&nameless.build(), &here), None);
        let timeless = BackupSummary::builder().backup_arn(ARN).build();
        assert_eq!(point_of(&timeless, &here), None);
    }
}
