//! Point-in-time windows of DB clusters (Aurora, Multi-AZ clusters, Neptune, `DocumentDB`), and the clusters.
//!
//! The window of a cluster that exists stands in the cluster, that of a deleted one in its automated backup. The
//! id of both is the cluster's resource id, `cluster-…`: it is never given twice, stays the same when the cluster is
//! deleted, and `RestoreDBClusterToPointInTime` takes it (`SourceDbClusterResourceId`).

use async_trait::async_trait;
use aws_sdk_rds::types::{DbCluster, DbClusterAutomatedBackup, RestoreWindow};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;

use super::rds::{Kept, PAGE, Page, SMALLEST_PAGE, live, rds_arn};
use super::reading::{require_all, require_end};
use super::source::{Read, Sink, Source};

const BACKUPS: &str = "rds:DescribeDBClusterAutomatedBackups";
const CLUSTERS: &str = "rds:DescribeDBClusters";

/// The source of point-in-time windows of DB clusters.
#[derive(Clone, Copy, Debug)]
pub struct RdsClusterWindows;

#[async_trait]
impl Source for RdsClusterWindows {
    fn kind(&self) -> PointKind {
        PointKind::RdsClusterWindow
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let (clusters, backups) =
            tokio::join!(list_clusters(clients, sink), list_backups(clients, sink));
        clusters.and(backups)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let clusters = clients.rds.describe_db_clusters();
        let clusters = clusters.max_records(SMALLEST_PAGE).send().await;
        let backups = clients.rds.describe_db_cluster_automated_backups();
        let backups = backups.max_records(SMALLEST_PAGE).send().await;
        let read = |call, outcome| Read { call, outcome };
        vec![
            read(
                CLUSTERS,
                clusters.map(drop).map_err(|e| failure(CLUSTERS, &e)),
            ),
            read(BACKUPS, backups.map(drop).map_err(|e| failure(BACKUPS, &e))),
        ]
    }
}

async fn list_clusters(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.rds.describe_db_clusters().into_paginator();
    let mut pages = call.page_size(PAGE).send();
    let (mut marker, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(CLUSTERS, &error))?;
        let place = &clients.place;
        let clusters = page.db_clusters().iter();
        let lives = clusters.clone().filter_map(|one| {
            let named = (ResourceKind::DbCluster, one.db_cluster_identifier());
            live(named, one.engine(), one.tag_list(), place)
        });
        sink.resources(lives.collect()).await;
        let rows: Page = clusters.map(|one| active(one).row(place)).collect();
        unread += rows.unreadable;
        sink.points(rows.points).await;
        marker = page.marker;
    }
    require_all(CLUSTERS, unread, ("cluster", "a resource id"))?;
    require_end(CLUSTERS, marker)
}

async fn list_backups(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.rds.describe_db_cluster_automated_backups();
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let (mut marker, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(BACKUPS, &error))?;
        let place = &clients.place;
        let backups = page.db_cluster_automated_backups().iter();
        let ended = backups.filter(|one| is_of_no_cluster_here(one));
        let rows: Page = ended.map(|one| kept(one, place).row(place)).collect();
        unread += rows.unreadable;
        sink.points(rows.points).await;
        sink.resources(rows.left).await;
        marker = page.marker;
    }
    require_all(BACKUPS, unread, ("automated backup", "a resource id"))?;
    require_end(BACKUPS, marker)
}

/// The clusters that exist tell their windows themselves, and both listings tell of them.
fn is_of_no_cluster_here(backup: &DbClusterAutomatedBackup) -> bool {
    !matches!(backup.status(), Some("active" | "creating"))
}

/// The status of a cluster (`stopped`, `backing-up`) says nothing about its window, unless its key cannot be used.
fn active(cluster: &DbCluster) -> Kept<'_> {
    Kept {
        kind: PointKind::RdsClusterWindow,
        id: cluster.db_cluster_resource_id(),
        of: (ResourceKind::DbCluster, cluster.db_cluster_identifier()),
        home: None,
        earliest: cluster.earliest_restorable_time(),
        latest: cluster.latest_restorable_time(),
        status: match cluster.status() {
            Some(status) if status.starts_with("inaccessible-encryption-credentials") => {
                Some(status)
            }
            Some(_) | None => Some("active"),
        },
        engine: cluster.engine(),
        allocated_storage: cluster.allocated_storage(),
        encrypted: cluster.storage_encrypted(),
        kms_key: cluster.kms_key_id(),
        recovery_point: cluster.aws_backup_recovery_point_arn(),
        tags: cluster.tag_list(),
    }
}

fn kept<'a>(backup: &'a DbClusterAutomatedBackup, place: &Place) -> Kept<'a> {
    let window = backup.restore_window();
    let arn = backup.db_cluster_arn().and_then(rds_arn);
    Kept {
        kind: PointKind::RdsClusterWindow,
        id: backup.db_cluster_resource_id(),
        of: (ResourceKind::DbCluster, backup.db_cluster_identifier()),
        home: arn.and_then(|arn| arn.elsewhere(place)),
        earliest: window.and_then(RestoreWindow::earliest_time),
        latest: window.and_then(RestoreWindow::latest_time),
        status: backup.status(),
        engine: backup.engine(),
        allocated_storage: backup.allocated_storage(),
        encrypted: backup.storage_encrypted(),
        kms_key: backup.kms_key_id(),
        recovery_point: backup.aws_backup_recovery_point_arn(),
        tags: backup.tag_list(),
    }
}
