//! Snapshots of DB clusters: Aurora, Multi-AZ clusters, Neptune and `DocumentDB`.
//!
//! They do not say how old the data of a copy is. AWS Backup's are told by their identifier; public snapshots
//! are not listed.

use async_trait::async_trait;
use aws_sdk_rds::types::DbClusterSnapshot;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;

use super::rds::{PAGE, Page, SMALLEST_PAGE, Taken};
use super::reading::{require_all, require_end};
use super::source::{Read, Sink, Source};

const SNAPSHOTS: &str = "rds:DescribeDBClusterSnapshots";

/// The source of snapshots of DB clusters.
#[derive(Clone, Copy, Debug)]
pub struct RdsClusterSnapshots;

#[async_trait]
impl Source for RdsClusterSnapshots {
    fn kind(&self) -> PointKind {
        PointKind::RdsClusterSnapshot
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let call = clients.rds.describe_db_cluster_snapshots();
        let call = call.include_shared(true).into_paginator();
        let mut pages = call.page_size(PAGE).send();
        let (mut marker, mut unread) = (None, 0);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(SNAPSHOTS, &error))?;
            let rows = page.db_cluster_snapshots().iter().map(taken);
            let rows: Page = rows.map(|one| one.row(&clients.place)).collect();
            unread += rows.unreadable;
            sink.points(rows.points).await;
            sink.resources(rows.left).await;
            marker = page.marker;
        }
        require_all(SNAPSHOTS, unread, ("snapshot", "an identifier or a time"))?;
        require_end(SNAPSHOTS, marker)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let call = clients.rds.describe_db_cluster_snapshots();
        let answer = call.max_records(SMALLEST_PAGE).send().await;
        vec![Read {
            call: SNAPSHOTS,
            outcome: answer.map(drop).map_err(|e| failure(SNAPSHOTS, &e)),
        }]
    }
}

fn taken(snapshot: &DbClusterSnapshot) -> Taken<'_> {
    Taken {
        kind: PointKind::RdsClusterSnapshot,
        id: snapshot.db_cluster_snapshot_identifier(),
        arn: snapshot.db_cluster_snapshot_arn(),
        of: (ResourceKind::DbCluster, snapshot.db_cluster_identifier()),
        created: snapshot.snapshot_create_time(),
        data: [None, None],
        source: snapshot.source_db_cluster_snapshot_arn(),
        made: snapshot.snapshot_type(),
        status: snapshot.status(),
        engine: snapshot.engine(),
        allocated_storage: snapshot.allocated_storage(),
        encrypted: snapshot.storage_encrypted(),
        kms_key: snapshot.kms_key_id(),
        tags: snapshot.tag_list(),
    }
}
