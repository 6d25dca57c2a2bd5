//! RDS: databases, their snapshots, and the windows in which they can be restored to any second.
//!
//! It only reads. Defaults and refusals are RDS's own; what moves with time (the edges of a window) is
//! worked out when it is asked for.

mod cluster_automated_backups;
mod cluster_snapshots;
mod clusters;
mod filters;
mod instance_automated_backups;
mod instance_snapshots;
mod instances;
pub mod model;
mod paging;
pub mod picture;
mod rows;
mod snapshots;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;

/// How the SDK names the service.
const RDS: &str = "RDS";

/// Lists the operations of RDS.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(RDS, "DescribeDBInstances", instances::describe),
        Operation::read(RDS, "DescribeDBClusters", clusters::describe),
        Operation::read(RDS, "DescribeDBSnapshots", instance_snapshots::describe),
        Operation::read(
            RDS,
            "DescribeDBClusterSnapshots",
            cluster_snapshots::describe,
        ),
        Operation::read(
            RDS,
            "DescribeDBInstanceAutomatedBackups",
            instance_automated_backups::describe,
        ),
        Operation::read(
            RDS,
            "DescribeDBClusterAutomatedBackups",
            cluster_automated_backups::describe,
        ),
    ]
}

/// Decides whether the caller may go on, in the words of RDS.
fn permit(call: &Call<'_>, action: &str) -> Result<(), Refusal> {
    if !call.is_denied() {
        return Ok(());
    }
    Err(Refusal {
        code: "AccessDenied".to_owned(),
        status: 403,
        ..Refusal::access_denied(call.account(), action)
    })
}

/// The fault of a name that nothing has.
fn not_found(code: &str, what: &str, name: &str) -> Refusal {
    Refusal::new(404, code, format!("{what} {name} not found."))
}
