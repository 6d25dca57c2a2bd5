//! Finds recovery points and the resources they belong to. Reads only, over many places at once.
//!
//! One file per kind of point, named in the registry of `source`; `scan` runs them, `store` keeps
//! what they find, and `cache` keeps it on disk for the next time.

pub mod ami;
#[cfg(test)]
mod answers;
mod backup_tag;
pub mod cache;
pub mod details;
pub mod dynamodb_backup;
pub mod dynamodb_window;
pub mod ebs_snapshot;
pub mod filter;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod keys;
mod pace;
mod rds;
pub mod rds_cluster_snapshot;
pub mod rds_cluster_window;
pub mod rds_snapshot;
pub mod rds_window;
mod reading;
pub mod recycle_bin;
pub mod scan;
mod snapshot_locks;
pub mod source;
pub mod store;
pub mod vault;
