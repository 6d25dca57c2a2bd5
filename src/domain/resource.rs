//! What is protected by recovery points: a volume, an instance, a database, a table.
//!
//! A resource may be gone and still be listed: its recovery points are all that tells of it then.

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
}

impl ResourceKind {
    /// Returns the name used in JSON and in sentences.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Snapshot => "snapshot",
            Self::Instance => "instance",
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
    /// False where only its recovery points remain.
    pub exists: bool,
    /// Where it is attached: instance id and device, if it is.
    pub attached_to: Option<(String, String)>,
}
