//! The facts of a swap as they were known, for when AWS cannot be asked.
//!
//! The listing of the place tells of snapshot, volumes and instance; what only flows ask about comes from
//! what they have observed before, each with its own age. What nobody knows says so.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ec2::{Instance, Volume};
use crate::domain::estate::Estate;
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::ids::{InstanceId, SnapshotId, VolumeId};
use crate::domain::recovery_point::{PointKind, RecoveryPoint, Tier};
use crate::domain::resource::ResourceKind;
use crate::domain::words;
use crate::restore::flow::{Flow, FlowError};
use crate::restore::observations::ec2_dry_run::Permission;
use crate::restore::observations::ec2_snapshot::Snapshot;

use super::VolumeSwap;
use super::facts::SwapFacts;
use super::observe::instance_of;
use super::target::{instance_id, snapshot_id};

const GIB: u64 = 1 << 30;

/// Puts the facts together as they were known.
///
/// # Errors
/// [`FlowError`]: nothing is known of the snapshot or the instance, or the choices do not say which volume
/// is meant.
pub(super) fn recall(
    estate: &Estate,
    choices: &Choices,
    now: Timestamp,
) -> Result<SwapFacts, FlowError> {
    let (id, chosen) = (snapshot_id(choices)?, instance_id(choices)?);
    let before = observed_before(estate);
    let snapshot = snapshot(estate, &id, &before)?;
    let source = source(estate, &snapshot);
    let instance = match chosen {
        Some(id) => id,
        None => instance_of(&snapshot, &source)?,
    };
    let instance = instance_called(estate, &instance)?;
    let mut facts = SwapFacts {
        observed_at: now,
        recalled: Some(estate.at),
        place: estate.place.clone(),
        role: estate.role.clone(),
        source,
        volumes: volumes(estate, &instance.id),
        instance_type: unknown("ec2:DescribeInstanceTypes"),
        stop_protection: unknown("ec2:DescribeInstanceAttribute"),
        spot_request_type: unknown("ec2:DescribeSpotInstanceRequests"),
        group: unknown("autoscaling:DescribeAutoScalingInstances"),
        scaling: None,
        keys: BTreeMap::new(),
        encryption_by_default: unknown("ec2:GetEbsEncryptionByDefault"),
        default_key: unknown("ec2:GetEbsDefaultKmsKeyId"),
        siblings: unknown("ec2:DescribeSnapshots"),
        modifications: BTreeMap::new(),
        permissions: Vec::new(),
        snapshot,
        instance,
    };
    for (known, _) in &before {
        fill(&mut facts, known);
    }
    if facts.instance.lifecycle.as_deref() != Some("spot") {
        // Whether it is one was listed with it.
        facts.spot_request_type = Fact::Cached {
            value: None,
            at: estate.at,
        };
    }
    open_questions(&mut facts);
    Ok(facts)
}

fn unknown<T>(call: &str) -> Fact<T> {
    Fact::Unknown(format!("not known from before; {call} would tell"))
}

/// What this flow has observed in the place, the youngest first.
fn observed_before(estate: &Estate) -> Vec<(SwapFacts, Timestamp)> {
    let of_flow = estate
        .kept
        .iter()
        .filter(|kept| kept.flow == VolumeSwap::NAME && kept.version == VolumeSwap::VERSION);
    let read = of_flow.filter_map(|kept| {
        let facts = serde_json::from_value(kept.facts.clone()).ok()?;
        Some((facts, kept.at))
    });
    read.collect()
}

fn missing(what: &str, call: &str, estate: &Estate) -> FlowError {
    let (place, at) = (&estate.place, words::instant(estate.at));
    FlowError::Missing {
        what: format!(
            "nothing is known of {what} in {} of account {} from before ({at}), and AWS was not \
             asked. Nothing was changed. {call} would tell: plan again while AWS answers",
            place.region, place.account
        ),
    }
}

fn snapshot(
    estate: &Estate,
    id: &SnapshotId,
    before: &[(SwapFacts, Timestamp)],
) -> Result<Snapshot, FlowError> {
    let mut points = estate.points.iter();
    let listed =
        points.find(|point| point.kind == PointKind::EbsSnapshot && point.id == id.as_str());
    if let Some(point) = listed {
        return Ok(as_listed(point, estate));
    }
    let mut before = before.iter().map(|(facts, _)| &facts.snapshot);
    let observed = before.find(|snapshot| &snapshot.id == id).cloned();
    observed.ok_or_else(|| missing(&format!("snapshot {id}"), "ec2:DescribeSnapshots", estate))
}

/// A listing names the same fields under other names; what it does not ask for stays open.
fn as_listed(point: &RecoveryPoint, estate: &Estate) -> Snapshot {
    let volume = point.resource.as_ref();
    let volume = volume.filter(|(kind, _)| *kind == ResourceKind::Volume);
    let tier = match point.tier {
        Tier::Standard => "standard",
        Tier::Archive => "archive",
    };
    let size = point.size_bytes.unwrap_or_default() / GIB;
    Snapshot {
        id: SnapshotId::new(&point.id),
        state: point.state.clone(),
        state_message: None,
        progress: None,
        tier: tier.to_owned(),
        size: i32::try_from(size).unwrap_or(i32::MAX),
        full_bytes: None,
        // Only what lies in the Recycle Bin does not tell, and nothing is restored from there.
        encrypted: point.encrypted.unwrap_or(point.kms_key.is_some()),
        kms_key: point.kms_key.clone(),
        volume: volume.map(|(_, id)| VolumeId::new(id)),
        started_at: point.data_at.bound(),
        // Only what the account owns is listed.
        owner: estate.place.account.clone(),
        tags: point.tags.clone(),
    }
}

fn source(estate: &Estate, snapshot: &Snapshot) -> Fact<Option<Volume>> {
    if estate.volumes.is_empty() && snapshot.volume.is_some() {
        return unknown("ec2:DescribeVolumes");
    }
    let id = snapshot.volume.as_ref();
    let mut volumes = estate.volumes.iter();
    let value = volumes.find(|volume| Some(&volume.id) == id).cloned();
    Fact::Cached {
        value,
        at: estate.at,
    }
}

fn instance_called(estate: &Estate, id: &InstanceId) -> Result<Instance, FlowError> {
    let mut instances = estate.instances.iter();
    let found = instances.find(|instance| &instance.id == id).cloned();
    found.ok_or_else(|| missing(&format!("instance {id}"), "ec2:DescribeInstances", estate))
}

fn volumes(estate: &Estate, instance: &InstanceId) -> Vec<Volume> {
    let is_there = |volume: &&Volume| {
        let mut attachments = volume.attachments.iter();
        attachments.any(|one| &one.instance == instance)
    };
    let mut volumes: Vec<Volume> = estate.volumes.iter().filter(is_there).cloned().collect();
    volumes.sort_by(|one, other| one.id.cmp(&other.id));
    volumes
}

/// Fills what is still open from an earlier observation, as far as it is about the same things.
fn fill(facts: &mut SwapFacts, before: &SwapFacts) {
    if facts.instance.instance_type == before.instance.instance_type {
        take(&mut facts.instance_type, &before.instance_type);
    }
    if facts.instance.id == before.instance.id {
        take(&mut facts.stop_protection, &before.stop_protection);
        take(&mut facts.spot_request_type, &before.spot_request_type);
        take(&mut facts.group, &before.group);
        if facts.snapshot.id == before.snapshot.id {
            take(&mut facts.siblings, &before.siblings);
        }
    }
    take(
        &mut facts.encryption_by_default,
        &before.encryption_by_default,
    );
    take(&mut facts.default_key, &before.default_key);
    for (id, key) in &before.keys {
        let open = facts.keys.entry(id.clone());
        take(open.or_insert_with(|| unknown("kms:DescribeKey")), key);
    }
    for (id, modification) in &before.modifications {
        let open = facts.modifications.entry(id.clone());
        let open = open.or_insert_with(|| unknown("ec2:DescribeVolumesModifications"));
        take(open, modification);
    }
    for permission in &before.permissions {
        let mut known = facts.permissions.iter_mut();
        match known.find(|one| one.operation == permission.operation) {
            Some(known) => take(&mut known.answer, &permission.answer),
            None => facts.permissions.push(as_before(permission)),
        }
    }
}

fn as_before(permission: &Permission) -> Permission {
    let mut answer = unknown("DryRun");
    take(&mut answer, &permission.answer);
    Permission {
        answer,
        ..permission.clone()
    }
}

/// Takes over what is known where nothing is known yet: it was read then, not now.
fn take<T: Clone>(open: &mut Fact<T>, before: &Fact<T>) {
    if open.value().is_some() {
        return;
    }
    if let Fact::Observed { value, at } | Fact::Cached { value, at } = before {
        *open = Fact::Cached {
            value: value.clone(),
            at: *at,
        };
    }
}

/// Keys and modifications are looked up by what they are of: what is missing there has to say why.
fn open_questions(facts: &mut SwapFacts) {
    let keys = facts.volumes.iter().filter_map(|one| one.kms_key.clone());
    let keys: Vec<String> = keys.chain(facts.snapshot.kms_key.clone()).collect();
    for key in keys {
        let open = facts.keys.entry(key);
        open.or_insert_with(|| unknown("kms:DescribeKey"));
    }
    for volume in &facts.volumes {
        let open = facts.modifications.entry(volume.id.clone());
        open.or_insert_with(|| unknown("ec2:DescribeVolumesModifications"));
    }
}
