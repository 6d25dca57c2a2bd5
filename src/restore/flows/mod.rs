//! Every flow, one file each, and their registry.
//!
//! Adding a flow is one file and one line here.

use super::flow::AnyFlow;

pub mod ami_relaunch;
pub mod command;
pub mod dynamodb_fill;
pub mod dynamodb_restore;
mod fits;
mod instance_store;
mod kms_keys;
mod put_aside;
pub mod replace_root;
mod scaling;
mod verdicts;
pub mod volume_swap;

/// Every flow, in the order of help and wizard.
pub const REGISTRY: &[&dyn AnyFlow] = &[
    &volume_swap::VolumeSwap,
    &ami_relaunch::AmiRelaunch,
    &replace_root::ReplaceRoot,
    &dynamodb_restore::DynamodbRestore,
    &dynamodb_fill::DynamodbFill,
];
