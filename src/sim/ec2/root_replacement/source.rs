//! What a new root volume may be made of: a snapshot, an image, a volume, or what the old one was made of.
//!
//! EC2 user guide, "Replace the root volume": a snapshot must come from a current or former root of this very instance and be no
//! copy, an image must match in product codes and architecture.

use aws_sdk_ec2::operation::create_replace_root_volume_task::CreateReplaceRootVolumeTaskInput;

use crate::sim::call::Call;
use crate::sim::ec2::launch::image;
use crate::sim::ec2::model::{Image, Instance, Snapshot, SnapshotState, Volume};
use crate::sim::ec2::{ids, rows};
use crate::sim::refusal::Refusal;

/// What the new root volume is made of.
pub struct Source {
    pub snapshot_id: Option<String>,
    pub image_id: Option<String>,
    /// A volume that is there already.
    pub volume_id: Option<String>,
    pub of: Option<Snapshot>,
    pub size: i32,
}

/// Finds the source that is meant, and holds it to the rules.
pub fn of(
    input: &CreateReplaceRootVolumeTaskInput,
    instance: &Instance,
    old: &Volume,
    call: &mut Call<'_>,
) -> Result<Source, Refusal> {
    if let Some(id) = input.volume_id() {
        return volume(id, old, call);
    }
    if let Some(id) = input.image_id() {
        let image = image::find(id, call)?;
        return of_image(&image, instance, old, call);
    }
    // Without any source it is the state that the instance was launched with.
    let id = input
        .snapshot_id()
        .map(str::to_owned)
        .or_else(|| old.snapshot_id.clone());
    let Some(id) = id else {
        let message = "The root volume of the instance was made from no snapshot.";
        return Err(Refusal::incorrect_state(message));
    };
    let snapshot = ids::snapshot(call.estate(), &id)?.clone();
    if input.snapshot_id().is_some() {
        lineage(&snapshot, instance, call)?;
    }
    Ok(Source {
        snapshot_id: input.snapshot_id().map(str::to_owned),
        image_id: None,
        volume_id: None,
        size: snapshot.size.max(old.size),
        of: Some(snapshot),
    })
}

/// The code of these refusals is not documented; the rules are those of the user guide.
fn lineage(snapshot: &Snapshot, instance: &Instance, call: &mut Call<'_>) -> Result<(), Refusal> {
    let now = call.now();
    let id = &snapshot.id;
    if *snapshot.state.at(now) != SnapshotState::Completed || snapshot.archived {
        let message = format!("Snapshot '{id}' is not in a state to be used.");
        return Err(Refusal::incorrect_state(message));
    }
    let copied = snapshot.description.starts_with("[Copied ");
    let of_root = |volume: &Volume| {
        let mut held = volume.attachments.iter();
        volume.id == snapshot.volume_id
            && held.any(|held| {
                held.instance_id == instance.id && held.device == instance.root_device_name
            })
    };
    if !copied && call.estate().volumes.values().any(of_root) {
        return Ok(());
    }
    Err(Refusal::client(
        "InvalidSnapshot.LineageMismatch",
        format!(
            "The snapshot '{id}' does not belong to the same lineage as the root volume of the \
             instance '{}'.",
            instance.id
        ),
    ))
}

fn of_image(
    image: &Image,
    instance: &Instance,
    old: &Volume,
    call: &mut Call<'_>,
) -> Result<Source, Refusal> {
    image::available(image)?;
    let unfit = |why: &str| {
        let message = format!("The image '{}' cannot be used: {why}.", image.id);
        Err(Refusal::invalid_value(message))
    };
    if image.machine.product_codes != instance.product_codes {
        return unfit("its product codes are not those of the instance");
    }
    if !image.machine.product_codes.is_empty() {
        return unfit("it is from the AWS Marketplace");
    }
    if image.machine.architecture != rows::architecture(&instance.instance_type).as_str() {
        return unfit("its architecture is not that of the instance");
    }
    let root = image
        .disks
        .iter()
        .find(|disk| disk.device == image.root_device_name);
    let Some(root) = root else {
        return unfit("it has no root device");
    };
    if root.size < old.size {
        return unfit("its root volume is smaller than that of the instance");
    }
    Ok(Source {
        snapshot_id: Some(root.snapshot_id.clone()),
        image_id: Some(image.id.clone()),
        volume_id: None,
        of: call.estate().snapshots.get(&root.snapshot_id).cloned(),
        size: root.size,
    })
}

fn volume(id: &str, old: &Volume, call: &mut Call<'_>) -> Result<Source, Refusal> {
    let now = call.now();
    let new = ids::volume(call.estate(), id, now)?.clone();
    if new.state_name(now) != "available" {
        let message = format!("{id} is not 'available'.");
        return Err(Refusal::incorrect_state(message));
    }
    if new.availability_zone != old.availability_zone {
        let message = format!("The volume '{id}' is not in the availability zone of the instance");
        return Err(Refusal::client("InvalidVolume.ZoneMismatch", message));
    }
    if old.encrypted && !new.encrypted {
        let message = format!("The volume '{id}' must be encrypted, as the one it replaces is.");
        return Err(Refusal::invalid_value(message));
    }
    Ok(Source {
        snapshot_id: None,
        image_id: None,
        volume_id: Some(id.to_owned()),
        of: None,
        size: new.size,
    })
}
