//! Finding resources by id, with AWS's codes for ids that are malformed or unknown.
//!
//! EC2 API reference, "Client error codes": `InvalidVolume.NotFound`, `InvalidSnapshot.NotFound`,
//! `InvalidInstanceID.NotFound` and their `Malformed` kin.

use jiff::Timestamp;

use super::model::{Instance, Snapshot, Volume};
use crate::sim::refusal::Refusal;
use crate::sim::world::Estate;

/// Takes a parameter that the request must have.
pub fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value.ok_or_else(|| Refusal::missing(name))
}

/// Finds a volume that exists at `now`.
pub fn volume<'a>(
    estate: &'a mut Estate,
    id: &str,
    now: Timestamp,
) -> Result<&'a mut Volume, Refusal> {
    well_formed(id, "vol-", "InvalidVolumeID.Malformed")?;
    let found = estate.volumes.get_mut(id);
    found
        .filter(|volume| volume.exists(now))
        .ok_or_else(|| no_volume(id))
}

/// Finds an instance.
pub fn instance<'a>(estate: &'a mut Estate, id: &str) -> Result<&'a mut Instance, Refusal> {
    well_formed(id, "i-", "InvalidInstanceID.Malformed")?;
    let found = estate.instances.get_mut(id);
    found.ok_or_else(|| no_instance(id))
}

/// Finds a snapshot.
pub fn snapshot<'a>(estate: &'a mut Estate, id: &str) -> Result<&'a mut Snapshot, Refusal> {
    well_formed(id, "snap-", "InvalidSnapshotID.Malformed")?;
    let found = estate.snapshots.get_mut(id);
    found.ok_or_else(|| no_snapshot(id))
}

/// `InvalidVolume.NotFound`
pub fn no_volume(id: &str) -> Refusal {
    let message = format!("The volume '{id}' does not exist.");
    Refusal::client("InvalidVolume.NotFound", message)
}

/// `InvalidInstanceID.NotFound`
pub fn no_instance(id: &str) -> Refusal {
    let message = format!("The instance ID '{id}' does not exist");
    Refusal::client("InvalidInstanceID.NotFound", message)
}

/// `InvalidSnapshot.NotFound`
pub fn no_snapshot(id: &str) -> Refusal {
    let message = format!("The snapshot '{id}' does not exist.");
    Refusal::client("InvalidSnapshot.NotFound", message)
}

/// Ids are a prefix and 8 or 17 hexadecimal digits.
pub fn well_formed(id: &str, prefix: &str, code: &str) -> Result<(), Refusal> {
    let digits = id.strip_prefix(prefix).unwrap_or_default();
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal && matches!(digits.len(), 8 | 17) {
        return Ok(());
    }
    Err(Refusal::client(code, format!("Invalid id: \"{id}\"")))
}
