//! Everything that carries a run's tag, whether or not the journal knows of it.
//! What a run only put aside is not counted as made by it.

use aws_sdk_ec2::types::{Filter, Tag};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{RunId, StepId};
use crate::domain::resource::ResourceKind;
use crate::domain::run::CreatedBy;
use crate::restore::operation::{TAG_KEEP_UNTIL, TAG_RUN, TAG_STEP};

/// Finds the volumes and snapshots that a run made. A resource that the run put aside says until
/// when it is kept, and is left out.
///
/// # Errors
/// The failure of a read.
pub async fn made_by_run(clients: &Clients, run: &RunId) -> Result<Vec<CreatedBy>, Failure> {
    let filter = || {
        Filter::builder()
            .name(format!("tag:{TAG_RUN}"))
            .values(run.as_str())
            .build()
    };
    let volumes = clients.ec2.describe_volumes().filters(filter()).send();
    let snapshots = clients
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .filters(filter())
        .send();
    let volumes = volumes
        .await
        .map_err(|error| failure("ec2:DescribeVolumes", &error))?;
    let snapshots = snapshots
        .await
        .map_err(|error| failure("ec2:DescribeSnapshots", &error))?;
    let volumes = volumes
        .volumes()
        .iter()
        .filter_map(|volume| made(volume.volume_id(), ResourceKind::Volume, volume.tags()));
    let snapshots = snapshots.snapshots().iter().filter_map(|snapshot| {
        made(
            snapshot.snapshot_id(),
            ResourceKind::Snapshot,
            snapshot.tags(),
        )
    });
    Ok(volumes.chain(snapshots).collect())
}

fn made(id: Option<&str>, kind: ResourceKind, tags: &[Tag]) -> Option<CreatedBy> {
    let tag = |key| tags.iter().find(|tag| tag.key() == Some(key));
    if tag(TAG_KEEP_UNTIL).is_some() {
        return None;
    }
    let step = tag(TAG_STEP)?;
    Some(CreatedBy {
        id: id?.to_owned(),
        kind,
        step: StepId::from(step.value()?),
    })
}
