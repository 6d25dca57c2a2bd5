//! Snapshots of RDS DB instances: made by RDS, by hand, by AWS Backup, and shared by other accounts.
//!
//! A copy keeps the time of its data (`SnapshotDatabaseTime`, `OriginalSnapshotCreateTime`). Public snapshots
//! are not listed.

use async_trait::async_trait;
use aws_sdk_rds::types::DbSnapshot;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;

use super::rds::{PAGE, Page, SMALLEST_PAGE, Taken};
use super::reading::{require_all, require_end};
use super::source::{Read, Sink, Source};

const SNAPSHOTS: &str = "rds:DescribeDBSnapshots";
/// Without a type RDS lists none of them (`DescribeDBSnapshots`, parameter `SnapshotType`).
const AWS_BACKUP: &str = "awsbackup";

/// The source of snapshots of RDS DB instances.
#[derive(Clone, Copy, Debug)]
pub struct RdsSnapshots;

#[async_trait]
impl Source for RdsSnapshots {
    fn kind(&self) -> PointKind {
        PointKind::RdsSnapshot
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let own_and_shared = list(clients, sink, None).await;
        let of_aws_backup = list(clients, sink, Some(AWS_BACKUP)).await;
        own_and_shared.and(of_aws_backup)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let call = clients.rds.describe_db_snapshots();
        let answer = call.max_records(SMALLEST_PAGE).send().await;
        vec![Read {
            call: SNAPSHOTS,
            outcome: answer.map(drop).map_err(|e| failure(SNAPSHOTS, &e)),
        }]
    }
}

async fn list(clients: &Clients, sink: &Sink, made: Option<&str>) -> Result<(), Failure> {
    let call = clients.rds.describe_db_snapshots();
    let call = match made {
        Some(made) => call.snapshot_type(made),
        None => call.include_shared(true),
    };
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let (mut marker, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(SNAPSHOTS, &error))?;
        let rows = page.db_snapshots().iter().map(taken);
        let rows: Page = rows.map(|one| one.row(&clients.place)).collect();
        unread += rows.unreadable;
        sink.points(rows.points).await;
        sink.resources(rows.left).await;
        marker = page.marker;
    }
    require_all(SNAPSHOTS, unread, ("snapshot", "an identifier or a time"))?;
    require_end(SNAPSHOTS, marker)
}

fn taken(snapshot: &DbSnapshot) -> Taken<'_> {
    Taken {
        kind: PointKind::RdsSnapshot,
        id: snapshot.db_snapshot_identifier(),
        arn: snapshot.db_snapshot_arn(),
        of: (ResourceKind::DbInstance, snapshot.db_instance_identifier()),
        created: snapshot.snapshot_create_time(),
        data: [
            snapshot.snapshot_database_time(),
            snapshot.original_snapshot_create_time(),
        ],
        source: snapshot.source_db_snapshot_identifier(),
        made: snapshot.snapshot_type(),
        status: snapshot.status(),
        engine: snapshot.engine(),
        allocated_storage: snapshot.allocated_storage(),
        encrypted: snapshot.encrypted(),
        kms_key: snapshot.kms_key_id(),
        tags: snapshot.tag_list(),
    }
}
