//! Reads what a relaunch needs to know, as much at once as can be.
//!
//! The image and the named instance lead; from there on everything is read side by side. Only what no plan can do
//! without is an error; the rest becomes a fact without a value.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use tokio::{join, try_join};

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::ids::{GroupId, InstanceId, SnapshotId};
use crate::domain::plan::Call;
use crate::restore::flow::FlowError;
use crate::restore::flows::kms_keys;
use crate::restore::observations::ec2_dry_run::{Permission, StandIns, permission};
use crate::restore::observations::ec2_image::Image;
use crate::restore::observations::ec2_instance::InstanceType;
use crate::restore::observations::ec2_network::{
    Subnet, addresses_of, endpoint_addresses, interfaces_of,
};
use crate::restore::observations::ec2_snapshot::Snapshot;
use crate::restore::observations::ec2_volume::volumes_of;
use crate::restore::observations::{
    autoscaling, ec2_account, ec2_configuration, ec2_image, ec2_instance, ec2_network,
    ec2_snapshot, elb, observed, route53,
};
use crate::restore::operations::ec2_launch::digest;

use super::chosen::{Replaces, choice, image_id, instance_id, replaces};
use super::facts::{Like, RelaunchFacts, Ways};
use super::launch::{Place, block_devices};
use super::preflight::calls;
use super::prepared::Prepared;
use super::steps::steps;

/// Reads the facts.
///
/// # Errors
/// [`FlowError`]: the image or the named instance is not there or cannot be read.
pub(super) async fn observe(
    clients: &Clients,
    choices: &Choices,
    clock: &Clock,
) -> Result<RelaunchFacts, FlowError> {
    let id = image_id(choices)?;
    let replaces = replaces(choices)?;
    let sibling = instance_id(choices, "like")?;
    let observed_at = clock.now();
    let image = ec2_image::image(clients, &id)
        .await
        .map_err(FlowError::Read)?;
    let image = image.ok_or_else(|| FlowError::Missing {
        what: format!(
            "there is no image {id} in {}, or this account may not see it",
            clients.place.region
        ),
    })?;
    let old = match replaces {
        Replaces::Named(id) => Some(id),
        Replaces::OfTheImage => source(clients, &image).await?,
        Replaces::Nothing => None,
    };
    if let (Some(old), Some(_)) = (&old, &sibling) {
        return Err(not_beside(old));
    }
    let like = match old.as_ref().or(sibling.as_ref()) {
        Some(id) => Some(Box::pin(like(clients, clock, id)).await?),
        None => None,
    };
    let ways = match like.as_ref().filter(|_| old.is_some()) {
        Some(like) => Some(Box::pin(ways(clients, clock, like)).await),
        None => None,
    };
    let mut facts = RelaunchFacts {
        observed_at,
        place: clients.place.clone(),
        role: clients.role.clone(),
        image,
        like,
        ways,
        subnet: not_yet(),
        endpoints: not_yet(),
        instance_type: not_yet(),
        snapshots: BTreeMap::new(),
        keys: BTreeMap::new(),
        encryption_by_default: not_yet(),
        default_key: not_yet(),
        permissions: Vec::new(),
    };
    Box::pin(around(clients, clock, &mut facts, choices)).await;
    facts.permissions = permissions(clients, clock, &facts, choices).await;
    Ok(facts)
}

/// What is replaced is what the new one is like: a sibling stands in only where that is gone.
fn not_beside(old: &InstanceId) -> FlowError {
    let why = format!(
        "{old} is replaced, and the new instance is like that: leave --like out, or say --replaces none"
    );
    choice("like", why)
}

fn not_yet<T>() -> Fact<T> {
    Fact::Unknown("not read yet".to_owned())
}

/// Reads where and of which type the new instance will be, and what its volumes need.
async fn around(clients: &Clients, clock: &Clock, facts: &mut RelaunchFacts, choices: &Choices) {
    let place = Place::of(facts.like.as_ref(), choices);
    let (network, kind, by_default) = join!(
        network(clients, clock, &place),
        instance_type(clients, clock, facts, &place),
        ec2_account::encryption_by_default(clients),
    );
    (facts.subnet, facts.endpoints) = network;
    facts.instance_type = kind;
    facts.encryption_by_default = observed(by_default, clock);
    // Nothing else takes the default key.
    facts.default_key = if facts.encryption_by_default.value() == Some(&true) {
        observed(ec2_account::default_key(clients).await, clock)
    } else {
        Fact::Unknown("the account does not encrypt new volumes".to_owned())
    };
    facts.snapshots = encrypted(clients, clock, &facts.image).await;
    facts.keys = kms_keys::read(clients, clock, key_ids(facts)).await;
}

async fn network(
    clients: &Clients,
    clock: &Clock,
    place: &Result<Place, FlowError>,
) -> (Fact<Option<Subnet>>, Fact<Vec<String>>) {
    let subnet = match place {
        Ok(place) => {
            let found = ec2_network::subnet(clients, &place.subnet.value).await;
            observed(found, clock)
        }
        Err(error) => Fact::Unknown(error.to_string()),
    };
    let endpoints = match subnet.value().and_then(Option::as_ref) {
        Some(subnet) => observed(endpoint_addresses(clients, &subnet.vpc).await, clock),
        None => Fact::Unknown("the subnet is not known".to_owned()),
    };
    (subnet, endpoints)
}

/// What the type can do; asked for once where it is as before.
async fn instance_type(
    clients: &Clients,
    clock: &Clock,
    facts: &RelaunchFacts,
    place: &Result<Place, FlowError>,
) -> Fact<InstanceType> {
    let wanted = match place {
        Ok(place) => &place.instance_type.value,
        Err(error) => return Fact::Unknown(error.to_string()),
    };
    let like = facts.like.as_ref();
    match like.filter(|like| like.instance.instance_type == *wanted) {
        Some(like) => like.instance_type.clone(),
        None => observed(ec2_instance::instance_type(clients, wanted).await, clock),
    }
}

/// Reads the snapshots of an image that are encrypted: the image does not name their keys.
async fn encrypted(
    clients: &Clients,
    clock: &Clock,
    image: &Image,
) -> BTreeMap<SnapshotId, Fact<Option<Snapshot>>> {
    let devices = image.devices.iter().filter(|device| device.encrypted);
    let ids = devices.filter_map(|device| device.snapshot.clone());
    let read = ids.map(|id| async move {
        let found = observed(ec2_snapshot::snapshot(clients, &id).await, clock);
        (id, found)
    });
    join_all(read).await.into_iter().collect()
}

/// The keys of the snapshots, and those that the new volumes get.
fn key_ids(facts: &RelaunchFacts) -> BTreeSet<String> {
    let snapshots = facts.snapshots.values().filter_map(Fact::value).flatten();
    let of_snapshots = snapshots.filter_map(|snapshot| snapshot.kms_key.clone());
    let devices = block_devices(facts).into_iter();
    let of_devices = devices.filter_map(|device| device.kms_key);
    let default = facts.default_key.value().cloned();
    of_snapshots.chain(of_devices).chain(default).collect()
}

/// The instance that the image was made of, while it is there.
async fn source(clients: &Clients, image: &Image) -> Result<Option<InstanceId>, FlowError> {
    let Some(id) = &image.source_instance else {
        return Ok(None);
    };
    let found = ec2_instance::instance(clients, id).await;
    let found = found.map_err(FlowError::Read)?;
    let stays = |state: &str| !matches!(state, "terminated" | "shutting-down");
    let there = found.is_some_and(|instance| stays(&instance.state));
    Ok(there.then(|| id.clone()))
}

async fn like(clients: &Clients, clock: &Clock, id: &InstanceId) -> Result<Like, FlowError> {
    let read = try_join!(
        ec2_instance::instance(clients, id),
        ec2_configuration::configuration(clients, id),
        volumes_of(clients, id),
        interfaces_of(clients, id),
    );
    let (instance, configuration, volumes, interfaces) = read.map_err(FlowError::Read)?;
    let (Some(instance), Some(configuration)) = (instance, configuration) else {
        return Err(FlowError::Missing {
            what: format!(
                "there is no instance {id} in {}: name a sibling by --like, or what it was by \
                 --instance-type and --subnet",
                clients.place.region
            ),
        });
    };
    let (kind, shutdown, credits, user_data, termination, stop) = join!(
        ec2_instance::instance_type(clients, &instance.instance_type),
        ec2_configuration::shutdown_behaviour(clients, id),
        ec2_configuration::credits(clients, id),
        digest(clients, id),
        ec2_configuration::termination_protection(clients, id),
        ec2_instance::stop_protection(clients, id),
    );
    Ok(Like {
        instance_type: observed(kind, clock),
        instance,
        configuration,
        volumes,
        interfaces,
        shutdown: observed(shutdown, clock),
        credits: observed(credits, clock),
        user_data: observed(user_data, clock),
        termination_protection: observed(termination, clock),
        stop_protection: observed(stop, clock),
    })
}

async fn ways(clients: &Clients, clock: &Clock, old: &Like) -> Ways {
    let vpc = old.configuration.vpc.clone().unwrap_or_default();
    let addresses = old.addresses();
    let pointed: BTreeSet<String> = addresses.iter().cloned().chain(old.names()).collect();
    let mut targets = addresses;
    targets.insert(old.instance.id.as_str().to_owned());
    let (held, groups, records, member) = join!(
        addresses_of(clients, &old.interfaces),
        elb::target_groups_of(clients, &vpc, &targets),
        route53::pointing_to(clients, &pointed),
        autoscaling::membership(clients, &old.instance.id),
    );
    let group = match &member {
        Ok(Some(member)) => observed(autoscaling::group(clients, &member.group).await, clock),
        Ok(None) => observed(Ok(None), clock),
        Err(failure) => Fact::Unknown(failure.line()),
    };
    let (records, unread_zones) = match records {
        Ok((records, unread)) => (observed(Ok(records), clock), unread),
        Err(failure) => (Fact::Unknown(failure.line()), Vec::new()),
    };
    Ways {
        addresses: observed(held, clock),
        target_groups: observed(groups, clock),
        records,
        unread_zones,
        member: observed(member, clock),
        group,
    }
}

/// Asks about the calls of the plan; about none where the choices make no plan yet.
async fn permissions(
    clients: &Clients,
    clock: &Clock,
    facts: &RelaunchFacts,
    choices: &Choices,
) -> Vec<Permission> {
    let Ok(prepared) = Prepared::of(facts, choices) else {
        return Vec::new();
    };
    let steps = steps(&prepared.relaunch());
    let all: Vec<Call> = calls(&steps).into_iter().cloned().collect();
    let stand_ins = stand_ins(facts);
    let asked = all
        .iter()
        .map(|call| permission(clients, call, &stand_ins, clock));
    join_all(asked).await
}

/// The instance to be like and what it has, in place of what will be launched.
fn stand_ins(facts: &RelaunchFacts) -> StandIns {
    let like = facts.like.as_ref();
    let primary = like.and_then(Like::primary);
    let group = primary.and_then(|primary| primary.groups.first());
    let attachment = primary.map(|primary| primary.attachment.as_str());
    StandIns::default()
        .with("instance", like.map(|like| like.instance.id.as_str()))
        .with("interface", primary.map(|primary| primary.id.as_str()))
        .with(
            "private_ip",
            primary.map(|primary| primary.private_ip.as_str()),
        )
        .with("attachment", attachment)
        .with("group", group.map(GroupId::as_str))
        .with("egress_rules", Some(vec!["sgr-00000000000000000"]))
}
