//! What can be told about the world from outside, without a call: pictures and histories.
//!
//! A picture is everything that exists at one instant, in a stable order, so that two pictures can be
//! compared to show that nothing else changed. Histories carry the exact instants of each turn.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Turn;
use super::ec2::model::{
    Attachment, Binned, BinnedVolume, Data, Image, Instance, InstanceState, Permissions, Snapshot,
    Tags, Volume,
};
use super::ec2::network::rows::public_ip_of;
use super::world::{Estate, World, digest};

/// Dumps everything that exists now, by account and region.
pub fn of(world: &World) -> Value {
    let now = world.now();
    let places = world.estates.iter().map(|(place, estate)| {
        let name = format!("{}/{}", place.account, place.region);
        (name, estate_picture(estate, now))
    });
    let global = super::route53::picture::of(&world.dns);
    let iam = super::iam::picture(&world.iam);
    Value::Object(places.chain(global).chain(iam).collect())
}

fn estate_picture(estate: &Estate, now: Timestamp) -> Value {
    let volumes = estate.volumes.values().filter(|volume| volume.exists(now));
    let volumes = volumes.map(|volume| (volume.id.clone(), volume_picture(estate, volume, now)));
    let instances = estate.instances.values();
    let instances = instances.map(|found| (found.id.clone(), instance_picture(estate, found, now)));
    let snapshots = estate.snapshots.values();
    let snapshots = snapshots.map(|found| (found.id.clone(), snapshot_picture(found, now)));
    let images = estate.images.values();
    let images = images.map(|image| (image.id.clone(), image_picture(image)));
    let binned = estate.binned_volumes.values();
    let binned = binned.map(|volume| (volume.id.clone(), binned_picture(volume)));
    let keys = estate.keys.values();
    let keys = keys.map(|key| (key.id.clone(), Value::from(key.state.clone())));
    let own = [
        ("volumes", Value::Object(volumes.collect())),
        ("instances", Value::Object(instances.collect())),
        ("snapshots", Value::Object(snapshots.collect())),
        ("images", Value::Object(images.collect())),
        ("binned_volumes", Value::Object(binned.collect())),
        ("keys", Value::Object(keys.collect())),
    ];
    let all = own
        .into_iter()
        .chain(super::ec2::network::picture::of(&estate.network, now))
        .chain(super::elb::picture::of(&estate.balancing))
        .chain(super::scaling::picture::of(&estate.scaling))
        .chain(tables_picture(estate, now))
        .chain([super::ssm::picture(&estate.parameters)])
        .chain(super::rds::picture::of(&estate.databases, now))
        .chain(super::backup::picture::of(&estate.vaults, &estate.holds));
    Value::Object(
        all.map(|(kind, things)| (kind.to_owned(), things))
            .collect(),
    )
}

/// Tables and their backups, with what stands beside the tables.
fn tables_picture(estate: &Estate, now: Timestamp) -> [(&'static str, Value); 3] {
    let mut all =
        super::dynamodb::picture::of(&estate.dynamodb, &estate.app_scaling, &estate.alarms, now);
    let arn = |name: &str| {
        let table = estate.dynamodb.table(name);
        table.map(|table| table.arn.clone()).unwrap_or_default()
    };
    if let Some(tables) = all[0].1.as_object_mut() {
        super::lambda::picture::beside_tables(&estate.lambda, tables, arn);
    }
    all
}

fn bin_picture(bin: &Binned) -> Value {
    json!({"entered": bin.entered.to_string(), "exits": bin.exits.to_string()})
}

fn image_picture(image: &Image) -> Value {
    let disks = image.disks.iter().map(|disk| {
        json!({"device": disk.device, "snapshot_id": disk.snapshot_id, "size": disk.size,
            "type": disk.volume_type, "encrypted": disk.encrypted})
    });
    json!({
        "name": image.name,
        "description": image.description,
        "owner": image.owner,
        "state": image.state,
        "created": image.created.to_string(),
        "deprecated": image.deprecated.map(|at| at.to_string()),
        "deregistration_protection": image.deregistration_protection,
        "source_instance_id": image.source_instance_id,
        "source_image": image.source_image,
        "disks": disks.collect::<Vec<_>>(),
        "architecture": image.machine.architecture,
        "shared": image.shared,
        "permissions": permissions_picture(&image.permissions),
        "bin": image.bin.as_ref().map(bin_picture),
        "tags": image.tags,
    })
}

fn binned_picture(volume: &BinnedVolume) -> Value {
    json!({
        "availability_zone": volume.availability_zone,
        "size": volume.size,
        "type": volume.volume_type,
        "created": volume.created.to_string(),
        "bin": bin_picture(&volume.bin),
    })
}

fn volume_picture(estate: &Estate, volume: &Volume, now: Timestamp) -> Value {
    let mut tasks = estate.root_tasks.values();
    let maker = tasks.find(|task| task.makes.as_deref() == Some(&volume.id));
    let held = volume.attachments_at(now);
    let attachments: Vec<Value> = held.map(|held| attachment_picture(held, now)).collect();
    json!({
        "state": volume.state_name(now),
        "availability_zone": volume.availability_zone,
        "size": volume.size,
        "type": volume.volume_type,
        "iops": volume.iops,
        "throughput": volume.throughput,
        "kms_key_id": volume.kms_key_id,
        "snapshot_id": volume.snapshot_id,
        "created": volume.created.to_string(),
        "multi_attach": volume.multi_attach,
        "initialization_rate": volume.initialization_rate,
        "product_codes": volume.product_codes,
        "data": data_picture(&volume.data),
        "tags": volume.tags,
        "maker_tags": maker.map(|task| &task.tags),
        "attachments": attachments,
    })
}

fn attachment_picture(held: &Attachment, now: Timestamp) -> Value {
    json!({
        "instance_id": held.instance_id,
        "device": held.device,
        "state": held.state.at(now).name(),
        "delete_on_termination": held.delete_on_termination,
        "attached": held.attached.to_string(),
    })
}

fn data_picture(data: &Data) -> Value {
    json!({"as_of": data.as_of.to_string(), "damaged": data.damaged})
}

fn instance_picture(estate: &Estate, instance: &Instance, now: Timestamp) -> Value {
    let primary = estate.network.primary(&instance.id, now);
    let reached = instance.reached.iter();
    let reached = reached.map(|(place, since)| (place.clone(), since.to_string().into()));
    json!({
        "state": instance.state.at(now).name(),
        "type": instance.instance_type,
        "image_id": instance.image_id,
        "availability_zone": instance.availability_zone,
        "root_device_name": instance.root_device_name,
        "disable_api_stop": instance.disable_api_stop,
        "disable_api_termination": instance.disable_api_termination,
        "public_ip": public_ip_of(estate, instance, "", now),
        "private_ip": primary.map(|one| &one.private_ip),
        "auto_scaling_group": instance.auto_scaling.as_ref().map(|member| &member.group),
        "auto_scaling_state": instance.auto_scaling.as_ref().map(|of| of.lifecycle.at(now)),
        "user_data": instance.user_data.as_deref().map(user_data_digest),
        "settings": format!("{:?}", instance.settings),
        "impaired": instance.impaired,
        "reached": Value::Object(reached.collect()),
        "tags": instance.tags,
    })
}

/// What an instance was told at launch is not for showing around.
fn user_data_digest(text: &str) -> String {
    digest(text, 0, 16)
}

fn snapshot_picture(snapshot: &Snapshot, now: Timestamp) -> Value {
    json!({
        "state": snapshot.state.at(now).name(),
        "volume_id": snapshot.volume_id,
        "owner": snapshot.owner,
        "started": snapshot.started.to_string(),
        "size": snapshot.size,
        "kms_key_id": snapshot.kms_key_id,
        "description": snapshot.description,
        "archived": snapshot.archived,
        "tiering": snapshot.tiering.as_ref().map(|moved| &moved.operation),
        "permissions": permissions_picture(&snapshot.permissions),
        "bin": snapshot.bin.as_ref().map(bin_picture),
        "lock": snapshot.lock.map(|lock| json!({"compliance": lock.compliance,
            "created": lock.created.to_string(), "expires": lock.expires.to_string()})),
        "fast_restores": fast_restores_picture(snapshot),
        "data": data_picture(&snapshot.data),
        "tags": snapshot.tags,
    })
}

/// Absent where only the owner may use it.
fn permissions_picture(permissions: &Permissions) -> Option<Value> {
    let Permissions {
        public,
        accounts,
        organizations,
    } = permissions;
    let is_shared = *permissions != Permissions::default();
    is_shared
        .then(|| json!({"public": public, "accounts": accounts, "organizations": organizations}))
}

/// Like a lock, it is absent where there is none.
fn fast_restores_picture(snapshot: &Snapshot) -> Option<Vec<[&str; 2]>> {
    let on = snapshot.fast_restores.iter();
    let on: Vec<_> = on
        .map(|one| [one.availability_zone.as_str(), one.state.as_str()])
        .collect();
    (!on.is_empty()).then_some(on)
}

/// Lists the states an instance went through, oldest first.
pub fn instance_history(world: &World, instance_id: &str) -> Vec<Turn> {
    let now = world.now();
    let Some(instance) = find_instance(world, instance_id) else {
        return Vec::new();
    };
    let turns = instance.state.until(now);
    turns.map(|(at, state)| turn(*at, state.name())).collect()
}

/// Returns when both checks turn `ok`, for an instance that is running or starting.
pub fn checks_pass_at(world: &World, instance_id: &str) -> Option<Timestamp> {
    let instance = find_instance(world, instance_id)?;
    let state = instance.state.at(world.now());
    let up = matches!(state, InstanceState::Running | InstanceState::Pending);
    (up && !instance.impaired).then_some(instance.checks_pass)
}

/// Lists what became of a volume's attachments, oldest first.
pub fn attachment_history(world: &World, volume_id: &str) -> Vec<Turn> {
    let now = world.now();
    let Some(volume) = find_volume(world, volume_id) else {
        return Vec::new();
    };
    let mut turns = Vec::new();
    for held in &volume.attachments {
        for (at, state) in held.state.until(now) {
            let place = format!("{} {} {}", state.name(), held.instance_id, held.device);
            turns.push(turn(*at, &place));
        }
    }
    turns.sort_by_key(|turn| turn.at);
    turns
}

/// Returns what is written on a volume now.
pub fn volume_data(world: &World, volume_id: &str) -> Option<Data> {
    find_volume(world, volume_id).map(|volume| volume.data_at(world.now()))
}

fn turn(at: Timestamp, state: &str) -> Turn {
    Turn {
        at,
        state: state.to_owned(),
    }
}

fn find_instance<'a>(world: &'a World, id: &str) -> Option<&'a Instance> {
    world
        .estates
        .values()
        .find_map(|found| found.instances.get(id))
}

fn find_volume<'a>(world: &'a World, id: &str) -> Option<&'a Volume> {
    world
        .estates
        .values()
        .find_map(|found| found.volumes.get(id))
}

/// Finds an instance or a volume by its `Name` tag.
pub fn id_of(world: &World, name: &str) -> Option<String> {
    let named = |tags: &Tags| tags.get("Name").is_some_and(|is| is == name);
    world.estates.values().find_map(|estate| {
        let mut instances = estate.instances.values();
        let mut volumes = estate.volumes.values();
        let instance = instances.find(|found| named(&found.tags));
        let instance = instance.map(|found| found.id.clone());
        instance.or_else(|| Some(volumes.find(|found| named(&found.tags))?.id.clone()))
    })
}
