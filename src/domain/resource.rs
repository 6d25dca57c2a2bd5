//! What is protected by recovery points: a volume, an instance, a database, a table.
//!
//! A resource may be gone and still be listed: its recovery points are all that tells of it then.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::text::Untrusted;

/// Kind of a resource, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// An EBS volume.
    Volume,
    /// An EBS snapshot.
    Snapshot,
    /// An EC2 instance.
    Instance,
    /// An Amazon Machine Image.
    Image,
    /// An EC2 security group.
    SecurityGroup,
    /// A network interface of EC2.
    NetworkInterface,
    /// An RDS DB instance.
    DbInstance,
    /// A DB cluster: Aurora, Multi-AZ, Neptune, `DocumentDB`.
    DbCluster,
    /// A `DynamoDB` table.
    Table,
    /// An EFS or `FSx` file system.
    FileSystem,
    /// An S3 bucket.
    Bucket,
    /// Anything else that AWS Backup protects.
    Other,
}

impl ResourceKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Volume,
        Self::Snapshot,
        Self::Instance,
        Self::Image,
        Self::SecurityGroup,
        Self::NetworkInterface,
        Self::DbInstance,
        Self::DbCluster,
        Self::Table,
        Self::FileSystem,
        Self::Bucket,
        Self::Other,
    ];

    /// Returns the name used in JSON and in sentences.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Snapshot => "snapshot",
            Self::Instance => "instance",
            Self::Image => "image",
            Self::SecurityGroup => "security-group",
            Self::NetworkInterface => "network-interface",
            Self::DbInstance => "db-instance",
            Self::DbCluster => "db-cluster",
            Self::Table => "table",
            Self::FileSystem => "file-system",
            Self::Bucket => "bucket",
            Self::Other => "other",
        }
    }
}

/// A resource that has, had, or could have recovery points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Id in its service, `vol-…`.
    pub id: String,
    /// What it is.
    pub kind: ResourceKind,
    /// `Name` tag, if it has one.
    pub name: Option<Untrusted>,
    /// Where it lives.
    pub place: Place,
    /// What it runs on or what AWS Backup calls it, in AWS's words: `aurora-postgresql`, `EFS`.
    pub engine: Option<String>,
    /// False where only its recovery points remain.
    pub exists: bool,
    /// Where it is attached: instance id and device, if it is.
    pub attached_to: Option<(String, String)>,
    /// Its tags, as far as its listing tells them.
    pub tags: BTreeMap<Untrusted, Untrusted>,
}
