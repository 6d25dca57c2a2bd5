//! Operations that make a table out of a recovery point.
//!
//! A restore takes no token and no tags, but its name is one in the account and the Region: a table of that name is
//! this step's only if it was restored from the same point and the step has asked for it.

mod from_backup;
mod overrides;
mod to_point;

use serde::{Deserialize, Serialize};

use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;

pub use from_backup::RestoreFromBackup;
pub use to_point::RestoreToPointInTime;

/// Where the outputs stand in the answer of both calls.
const OUTPUTS: &[(&str, &str)] = &[
    ("table", "TableDescription.TableName"),
    ("arn", "TableDescription.TableArn"),
];

/// The table that was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredTable {
    /// Its name.
    pub table: String,
    /// Its ARN.
    pub arn: String,
}

fn created(output: &RestoredTable) -> Vec<Created> {
    vec![Created {
        id: output.table.clone(),
        kind: ResourceKind::Table,
    }]
}
