//! Reads what a swap needs to know, as much at once as can be.
//!
//! The snapshot leads to its volume, the volume to its instance; from there on everything is read side
//! by side. Only what no plan can do without is an error; the rest becomes a fact without a value.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use tokio::{join, try_join};

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::ec2::{Instance, Volume};
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::ids::{InstanceId, SnapshotId, VolumeId};
use crate::domain::plan::Call;
use crate::domain::text::shown;
use crate::restore::flow::FlowError;
use crate::restore::flows::kms_keys;
use crate::restore::observations::ec2_dry_run::{Permission, StandIns, permission};
use crate::restore::observations::ec2_instance;
use crate::restore::observations::ec2_snapshot::{self, Sibling, Snapshot};
use crate::restore::observations::ec2_volume::{self, Modification};
use crate::restore::observations::kms::{self, Key};
use crate::restore::observations::{autoscaling, ec2_account, observed};

use super::facts::SwapFacts;
use super::preflight::calls;
use super::settings::Settings;
use super::steps::steps;
use super::target::{Target, choice, instance_id, snapshot_id};

/// Snapshots within so many seconds of one another count as taken together.
const TOGETHER: i64 = 60;

/// Reads the facts.
///
/// # Errors
/// [`FlowError`]: the snapshot or the instance is not there or cannot be read, or the choices do not
/// say which volume is meant.
pub(super) async fn observe(
    clients: &Clients,
    choices: &Choices,
    clock: &Clock,
) -> Result<SwapFacts, FlowError> {
    let (snapshot, chosen) = (snapshot_id(choices)?, instance_id(choices)?);
    let observed_at = clock.now();
    let snapshot = snapshot_of(clients, &snapshot).await?;
    let source = source_of(clients, &snapshot, clock).await;
    let id = match chosen {
        Some(id) => id,
        None => instance_of(&snapshot, &source)?,
    };
    let (instance, volumes) = try_join!(instance(clients, &id), volumes(clients, &id))?;
    let not_yet = || "not read yet".to_owned();
    let mut facts = SwapFacts {
        observed_at,
        recalled: None,
        place: clients.place.clone(),
        role: clients.role.clone(),
        snapshot,
        source,
        instance,
        volumes,
        instance_type: Fact::Unknown(not_yet()),
        stop_protection: Fact::Unknown(not_yet()),
        spot_request_type: Fact::Unknown(not_yet()),
        group: Fact::Unknown(not_yet()),
        scaling: None,
        keys: BTreeMap::new(),
        encryption_by_default: Fact::Unknown(not_yet()),
        default_key: Fact::Unknown(not_yet()),
        siblings: Fact::Unknown(not_yet()),
        modifications: BTreeMap::new(),
        permissions: Vec::new(),
    };
    // Boxed, since the futures of so many calls side by side would weigh on every caller's own.
    let around = Box::pin(Around::read(clients, clock, &facts, choices));
    around.await?.into_facts(&mut facts);
    Ok(facts)
}

async fn snapshot_of(clients: &Clients, id: &SnapshotId) -> Result<Snapshot, FlowError> {
    let found = ec2_snapshot::snapshot(clients, id).await;
    found.map_err(FlowError::Read)?.ok_or_else(|| {
        let region = &clients.place.region;
        FlowError::Missing {
            what: format!(
                "there is no snapshot {id} in {region} of account {}. Nothing was changed. If it \
                 is in another Region, choose that Region; if it was deleted, look for it in the \
                 Recycle Bin: aws ec2 list-snapshots-in-recycle-bin --snapshot-ids {id} \
                 --region {region}",
                clients.place.account
            ),
        }
    })
}

async fn source_of(clients: &Clients, snapshot: &Snapshot, clock: &Clock) -> Fact<Option<Volume>> {
    match &snapshot.volume {
        None => observed(Ok(None), clock),
        Some(volume) => observed(ec2_volume::volume(clients, volume).await, clock),
    }
}

/// Returns the instance that the snapshot's volume is attached to.
pub(super) fn instance_of(
    snapshot: &Snapshot,
    source: &Fact<Option<Volume>>,
) -> Result<InstanceId, FlowError> {
    let attachments = match source.value() {
        Some(Some(volume)) => volume.attachments.as_slice(),
        Some(None) | None => &[],
    };
    if let [one] = attachments {
        return Ok(one.instance.clone());
    }
    let id = &snapshot.id;
    let why = match (&snapshot.volume, source.value()) {
        (None, _) => format!("{id} is a copy and does not say which volume it is of"),
        (Some(volume), None) => {
            let why = source.why_unknown().unwrap_or_default();
            format!("{volume}, from which {id} was taken, cannot be read ({why})")
        }
        (Some(volume), Some(None)) => {
            format!("{volume}, from which {id} was taken, does not exist any more")
        }
        (Some(volume), Some(Some(_))) if attachments.is_empty() => {
            format!("{volume}, from which {id} was taken, is not attached to any instance")
        }
        (Some(volume), Some(Some(_))) => {
            let each = attachments.iter().map(|one| one.instance.to_string());
            let all: Vec<String> = each.collect();
            format!("{volume} is attached to several: {}", all.join(", "))
        }
    };
    let why = format!("name the instance and the device: {why}");
    Err(choice("instance", why))
}

async fn instance(clients: &Clients, id: &InstanceId) -> Result<Instance, FlowError> {
    let region = &clients.place.region;
    let found = ec2_instance::instance(clients, id).await;
    let found = found.map_err(FlowError::Read)?;
    let found = found.ok_or_else(|| FlowError::Missing {
        what: format!(
            "there is no instance {id} in {region} of account {}. Nothing was changed. If it is \
             in another Region, choose that Region; if it is gone, name another instance",
            clients.place.account
        ),
    })?;
    if matches!(found.state.as_str(), "terminated" | "shutting-down") {
        return Err(FlowError::Missing {
            what: format!(
                "instance {id} is {}. Nothing was changed. Its volumes cannot be swapped any more: \
                 name another instance and the device",
                shown(&found.state)
            ),
        });
    }
    Ok(found)
}

async fn volumes(clients: &Clients, id: &InstanceId) -> Result<Vec<Volume>, FlowError> {
    let found = ec2_volume::volumes_of(clients, id).await;
    found.map_err(FlowError::Read)
}

/// What is read around the snapshot and the instance.
struct Around {
    instance: OfInstance,
    encryption: Encryption,
    keys: BTreeMap<String, Fact<Key>>,
    siblings: Fact<Vec<Sibling>>,
    modifications: BTreeMap<VolumeId, Fact<Option<Modification>>>,
    permissions: Vec<Permission>,
}

impl Around {
    /// Reads it all side by side.
    async fn read(
        clients: &Clients,
        clock: &Clock,
        facts: &SwapFacts,
        choices: &Choices,
    ) -> Result<Self, FlowError> {
        let target = Target::of(facts, choices)?;
        let (ids, plan) = (key_ids(&target, choices), plan_calls(&target, choices));
        let (instance, encryption, keys, siblings, modifications, permissions) = join!(
            OfInstance::read(clients, clock, &facts.instance),
            Encryption::read(clients, clock),
            kms_keys::read(clients, clock, ids),
            siblings(clients, clock, &target),
            modifications(clients, clock, &target),
            permissions(clients, clock, &target, &plan),
        );
        Ok(Self {
            instance,
            encryption,
            keys,
            siblings,
            modifications,
            permissions,
        })
    }

    fn into_facts(self, facts: &mut SwapFacts) {
        facts.instance_type = self.instance.instance_type;
        facts.stop_protection = self.instance.stop_protection;
        facts.spot_request_type = self.instance.spot_request_type;
        facts.group = self.instance.group;
        facts.scaling = self.instance.scaling;
        facts.encryption_by_default = self.encryption.by_default;
        facts.default_key = self.encryption.default_key;
        facts.keys = self.keys;
        facts.keys.extend(self.encryption.key);
        facts.siblings = self.siblings;
        facts.modifications = self.modifications;
        facts.permissions = self.permissions;
    }
}

struct OfInstance {
    instance_type: Fact<ec2_instance::InstanceType>,
    stop_protection: Fact<bool>,
    spot_request_type: Fact<Option<String>>,
    group: Fact<Option<autoscaling::Membership>>,
    scaling: Option<Fact<Option<autoscaling::Group>>>,
}

impl OfInstance {
    async fn read(clients: &Clients, clock: &Clock, instance: &Instance) -> Self {
        let (kind, protection, spot, group) = join!(
            ec2_instance::instance_type(clients, &instance.instance_type),
            ec2_instance::stop_protection(clients, &instance.id),
            spot_request_type(clients, clock, instance),
            autoscaling::membership(clients, &instance.id),
        );
        let scaling = match &group {
            Ok(Some(member)) => {
                let found = autoscaling::group(clients, &member.group).await;
                Some(observed(found, clock))
            }
            Ok(None) | Err(_) => None,
        };
        Self {
            scaling,
            instance_type: observed(kind, clock),
            stop_protection: observed(protection, clock),
            spot_request_type: spot,
            group: observed(group, clock),
        }
    }
}

async fn spot_request_type(
    clients: &Clients,
    clock: &Clock,
    instance: &Instance,
) -> Fact<Option<String>> {
    match (instance.lifecycle.as_deref(), &instance.spot_request) {
        (Some("spot"), Some(request)) => {
            let kind = ec2_instance::spot_request_type(clients, request).await;
            observed(kind.map(Some), clock)
        }
        (Some("spot"), None) => {
            Fact::Unknown("a Spot Instance whose request AWS does not name".to_owned())
        }
        _ordinary => observed(Ok(None), clock),
    }
}

/// Whether the account encrypts by default, and with which key.
struct Encryption {
    by_default: Fact<bool>,
    default_key: Fact<String>,
    key: Option<(String, Fact<Key>)>,
}

impl Encryption {
    async fn read(clients: &Clients, clock: &Clock) -> Self {
        let by_default = observed(ec2_account::encryption_by_default(clients).await, clock);
        if by_default.value() != Some(&true) {
            let why = "not asked: the account does not encrypt by default".to_owned();
            return Self {
                by_default,
                default_key: Fact::Unknown(why),
                key: None,
            };
        }
        let default_key = observed(ec2_account::default_key(clients).await, clock);
        let key = match default_key.value() {
            Some(id) => Some((id.clone(), observed(kms::key(clients, id).await, clock))),
            None => None,
        };
        Self {
            by_default,
            default_key,
            key,
        }
    }
}

/// The keys that the new volume may need: the snapshot's, the old volume's and the chosen one.
fn key_ids(target: &Target, choices: &Choices) -> BTreeSet<String> {
    let like = target.like.and_then(|like| like.kms_key.clone());
    let chosen = choices.one("kms-key").map(str::to_owned);
    let snapshot = target.facts.snapshot.kms_key.clone();
    [snapshot, like, chosen].into_iter().flatten().collect()
}

async fn siblings(clients: &Clients, clock: &Clock, target: &Target<'_>) -> Fact<Vec<Sibling>> {
    let snapshot = &target.facts.snapshot;
    let replaced = target.old.map(|old| &old.volume.id);
    let others = target.facts.volumes.iter().map(|volume| &volume.id);
    let others: Vec<VolumeId> = others
        .filter(|id| Some(*id) != replaced && Some(*id) != snapshot.volume.as_ref())
        .cloned()
        .collect();
    let found = ec2_snapshot::taken_together(clients, &others, snapshot.started_at, TOGETHER).await;
    observed(found, clock)
}

async fn modifications(
    clients: &Clients,
    clock: &Clock,
    target: &Target<'_>,
) -> BTreeMap<VolumeId, Fact<Option<Modification>>> {
    let mut found = BTreeMap::new();
    if let Some(old) = target.old {
        let id = &old.volume.id;
        let modification = observed(ec2_volume::modification(clients, id).await, clock);
        found.insert(id.clone(), modification);
    }
    found
}

/// The calls to ask about; none where the choices make no plan yet.
fn plan_calls(target: &Target, choices: &Choices) -> Vec<Call> {
    let Ok(settings) = Settings::of(target, choices) else {
        return Vec::new();
    };
    let delete = settings.delete_on_termination.value.unwrap_or(false);
    let steps = steps(target, &settings, delete, choices);
    calls(&steps).into_iter().cloned().collect()
}

async fn permissions(
    clients: &Clients,
    clock: &Clock,
    target: &Target<'_>,
    plan: &[Call],
) -> Vec<Permission> {
    let stand_in = target.like.or(target.facts.volumes.first());
    let stand_in = stand_in.map(|volume| volume.id.as_str());
    let stand_ins = StandIns::default().with("volume", stand_in);
    let asked = plan
        .iter()
        .map(|call| permission(clients, call, &stand_ins, clock));
    join_all(asked).await
}
