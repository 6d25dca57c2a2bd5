//! A source lists one kind of recovery point in one place; the registry names them all.
//!
//! A source hands on each page as it arrives and never waits for the whole. It only reads.

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::aws::connect::Clients;
use crate::domain::ec2::Seen;
use crate::domain::failure::Failure;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};
use crate::domain::resource::Resource;
use crate::domain::vault::Vault;

use super::ami::Amis;
use super::dynamodb_backup::DynamodbBackups;
use super::dynamodb_window::DynamodbWindows;
use super::ebs_snapshot::EbsSnapshots;
use super::rds_cluster_snapshot::RdsClusterSnapshots;
use super::rds_cluster_window::RdsClusterWindows;
use super::rds_snapshot::RdsSnapshots;
use super::rds_window::RdsWindows;
use super::recycle_bin::{BinnedImages, BinnedSnapshots, BinnedVolumes};
use super::vault::BackupPoints;

/// Every source.
pub static REGISTRY: &[&dyn Source] = &[
    &EbsSnapshots,
    &RdsSnapshots,
    &RdsClusterSnapshots,
    &RdsWindows,
    &RdsClusterWindows,
    &BinnedSnapshots,
    &BinnedVolumes,
    &Amis,
    &BinnedImages,
    &DynamodbBackups,
    &DynamodbWindows,
    &BackupPoints,
];

/// What one page brought: of one sort, as a [`Sink`] takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Recovery points.
    pub points: Vec<RecoveryPoint>,
    /// Resources that have, or could have, such points.
    pub resources: Vec<Resource>,
    /// Vaults of AWS Backup.
    pub vaults: Vec<Vault>,
    /// Those of EC2 with their settings: no list shows these, a plan without network is made of them.
    pub seen: Vec<Seen>,
    /// Whether its source asks slowly from here on, by itself.
    pub paced: bool,
}

/// Takes the pages of a source. Waits while the reader is busy, so that nothing piles up.
#[derive(Clone, Debug)]
pub struct Sink {
    pages: mpsc::Sender<Batch>,
}

impl Sink {
    /// Wraps a channel.
    #[must_use]
    pub fn new(pages: mpsc::Sender<Batch>) -> Self {
        Self { pages }
    }

    /// Hands on recovery points. A reader that has gone away is no error: the scan ends the source.
    pub async fn points(&self, points: Vec<RecoveryPoint>) {
        let batch = Batch {
            points,
            ..Batch::default()
        };
        self.hand_on(batch).await;
    }

    /// Hands on resources.
    pub async fn resources(&self, resources: Vec<Resource>) {
        let batch = Batch {
            resources,
            ..Batch::default()
        };
        self.hand_on(batch).await;
    }

    /// Hands on vaults.
    pub async fn vaults(&self, vaults: Vec<Vault>) {
        let batch = Batch {
            vaults,
            ..Batch::default()
        };
        self.hand_on(batch).await;
    }

    /// Hands on resources with their settings.
    pub async fn described(&self, resources: Vec<Resource>, seen: Vec<Seen>) {
        let batch = Batch {
            resources,
            seen,
            ..Batch::default()
        };
        self.hand_on(batch).await;
    }

    /// Tells that the rest is asked for slowly, for the sake of a limit of the service: no turn is kept for that.
    pub async fn paced(&self) {
        let batch = Batch {
            paced: true,
            ..Batch::default()
        };
        self.hand_on(batch).await;
    }

    async fn hand_on(&self, batch: Batch) {
        // An empty page counts too: it shows that the place is answering.
        self.pages.send(batch).await.ok();
    }
}

/// A read that a source needs, and whether it was answered.
#[derive(Debug)]
pub struct Read {
    /// Service and operation, `ec2:DescribeSnapshots`.
    pub call: &'static str,
    /// How it went.
    pub outcome: Result<(), Failure>,
}

/// Lists one kind of recovery point.
#[async_trait]
pub trait Source: Send + Sync {
    /// Returns the kind it lists.
    fn kind(&self) -> PointKind;

    /// Lists a place page by page. What could be read is handed on even where another read fails.
    ///
    /// # Errors
    /// The first failure.
    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure>;

    /// Tries each read that [`Source::list`] needs, with the smallest page.
    async fn try_reads(&self, clients: &Clients) -> Vec<Read>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_kind_there_are_as_many_listings_as_it_says() {
        for kind in PointKind::ALL {
            let listings = REGISTRY.iter().filter(|source| source.kind() == kind);
            assert_eq!(listings.count(), kind.listings(), "{kind:?}");
        }
    }
}
