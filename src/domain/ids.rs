//! A newtype for every id, so that a snapshot is never passed where a volume is meant.
//!
//! Ids come from AWS or from a person; they are compared by their exact text and shown like any
//! other text from outside.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an id as it was given.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// Returns the exact id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&super::text::shown(&self.0))
            }
        }
    )*};
}

ids! {
    /// An EBS volume, `vol-…`.
    VolumeId;
    /// An EBS snapshot, `snap-…`.
    SnapshotId;
    /// An EC2 instance, `i-…`.
    InstanceId;
    /// An Amazon Machine Image, `ami-…`.
    ImageId;
    /// A security group, `sg-…`.
    GroupId;
    /// A network interface, `eni-…`.
    InterfaceId;
    /// An Elastic IP address, `eipalloc-…`.
    AllocationId;
    /// An AWS account, twelve digits.
    AccountId;
    /// An AWS Region, such as `eu-west-1`.
    Region;
    /// One run of one plan: a ULID, so ids sort by the time the run was made.
    RunId;
    /// A step of a plan, unique in it: `create-volume`.
    StepId;
}

impl AccountId {
    /// Returns the last four digits, which a person types to confirm a protected account.
    #[must_use]
    pub fn last_four(&self) -> &str {
        let start = self.0.len().saturating_sub(4);
        self.0.get(start..).unwrap_or(&self.0)
    }
}

impl RunId {
    /// Returns the ending by which a person calls a run.
    #[must_use]
    pub fn tail(&self) -> &str {
        let start = self.0.len().saturating_sub(6);
        self.0.get(start..).unwrap_or(&self.0)
    }
}
