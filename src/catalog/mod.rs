//! Finds recovery points and the resources they belong to. Reads only, over many places at once.
//!
//! One file per kind of point, named in the registry of `source`; `scan` runs them, `store` keeps
//! what they find.

pub mod ebs_snapshot;
pub mod filter;
#[cfg(test)]
pub(crate) mod fixtures;
mod reading;
pub mod scan;
pub mod source;
pub mod store;
pub mod vault;
