//! Point-in-time windows of RDS DB instances, and the instances themselves.
//!
//! Both ends stand in the automated backup, which outlives its instance (`retained`) and may be a replica of one
//! in another Region. Its ARN is the id of the window.

use async_trait::async_trait;
use aws_sdk_rds::types::{DbInstance, DbInstanceAutomatedBackup, RestoreWindow};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::{Resource, ResourceKind};

use super::rds::{Kept, PAGE, Page, SMALLEST_PAGE, live, rds_arn};
use super::reading::{require_all, require_end};
use super::source::{Read, Sink, Source};

const BACKUPS: &str = "rds:DescribeDBInstanceAutomatedBackups";
const INSTANCES: &str = "rds:DescribeDBInstances";

/// The source of point-in-time windows of RDS DB instances.
#[derive(Clone, Copy, Debug)]
pub struct RdsWindows;

#[async_trait]
impl Source for RdsWindows {
    fn kind(&self) -> PointKind {
        PointKind::RdsWindow
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let (backups, instances) =
            tokio::join!(list_backups(clients, sink), list_instances(clients, sink));
        backups.and(instances)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let backups = clients.rds.describe_db_instance_automated_backups();
        let backups = backups.max_records(SMALLEST_PAGE).send().await;
        let instances = clients.rds.describe_db_instances();
        let instances = instances.max_records(SMALLEST_PAGE).send().await;
        let read = |call, outcome| Read { call, outcome };
        vec![
            read(BACKUPS, backups.map(drop).map_err(|e| failure(BACKUPS, &e))),
            read(
                INSTANCES,
                instances.map(drop).map_err(|e| failure(INSTANCES, &e)),
            ),
        ]
    }
}

async fn list_backups(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.rds.describe_db_instance_automated_backups();
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let (mut marker, mut unread) = (None, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(BACKUPS, &error))?;
        let rows = page
            .db_instance_automated_backups()
            .iter()
            .map(|one| kept(one, &clients.place));
        let rows: Page = rows.map(|one| one.row(&clients.place)).collect();
        unread += rows.unreadable;
        sink.points(rows.points).await;
        sink.resources(rows.left).await;
        marker = page.marker;
    }
    require_all(BACKUPS, unread, ("automated backup", "an ARN"))?;
    require_end(BACKUPS, marker)
}

async fn list_instances(clients: &Clients, sink: &Sink) -> Result<(), Failure> {
    let call = clients.rds.describe_db_instances().into_paginator();
    let mut pages = call.page_size(PAGE).send();
    let mut marker = None;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(INSTANCES, &error))?;
        let instances = page.db_instances().iter();
        let instances = instances.filter_map(|one| instance_of(one, &clients.place));
        sink.resources(instances.collect()).await;
        marker = page.marker;
    }
    require_end(INSTANCES, marker)
}

/// A backup that was replicated here is of a database elsewhere: one of that name here is another.
fn kept<'a>(backup: &'a DbInstanceAutomatedBackup, place: &Place) -> Kept<'a> {
    let window = backup.restore_window();
    let arn = backup.db_instance_arn().and_then(rds_arn);
    let database = backup.db_instance_identifier();
    Kept {
        kind: PointKind::RdsWindow,
        id: backup.db_instance_automated_backups_arn(),
        of: (ResourceKind::DbInstance, database),
        home: arn.and_then(|arn| arn.elsewhere(place)),
        earliest: window.and_then(RestoreWindow::earliest_time),
        latest: window.and_then(RestoreWindow::latest_time),
        status: backup.status(),
        engine: backup.engine(),
        allocated_storage: backup.allocated_storage(),
        encrypted: backup.encrypted(),
        kms_key: backup.kms_key_id(),
        recovery_point: backup.aws_backup_recovery_point_arn(),
        tags: backup.tag_list(),
    }
}

/// A member of a cluster has no backups of its own: what is backed up is the cluster.
fn instance_of(instance: &DbInstance, place: &Place) -> Option<Resource> {
    if instance
        .db_cluster_identifier()
        .is_some_and(|id| !id.is_empty())
    {
        return None;
    }
    let named = (ResourceKind::DbInstance, instance.db_instance_identifier());
    live(named, instance.engine(), instance.tag_list(), place)
}
