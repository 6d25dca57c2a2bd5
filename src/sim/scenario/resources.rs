//! Makes the instances, volumes and snapshots of a place.
//!
//! Words are AWS's; one that AWS does not know is an error here and not a guess.

use jiff::{SignedDuration, Timestamp};

use super::build::{Builder, Built, DAY, unknown};
use super::network::First;
use super::{ScenarioError, form};
use crate::sim::ec2::model::{
    Attachment, AttachmentState, Data, GroupMember, Instance, InstanceState, Lifecycle,
    Modification, ModificationState, Permissions, Snapshot, SnapshotState, Tags, Talk, Volume,
    VolumeState,
};
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;
use crate::sim::world::digest;

/// How long the snapshots that a scenario begins with took.
const SNAPSHOT_TOOK: SignedDuration = SignedDuration::from_mins(3);

impl Builder {
    pub(super) fn instance(&mut self, form: form::Instance) -> Built<()> {
        let id = form
            .id
            .clone()
            .unwrap_or_else(|| self.derived("i", &form.name));
        let root_device = form.root_device.clone();
        let root_device = root_device.unwrap_or_else(|| "/dev/xvda".to_owned());
        if let Some(size) = form.root_size {
            let root = form::Volume {
                id: form.root_id.clone(),
                size: Some(size),
                created_before: form.launched_before,
                attachments: vec![form::Attachment {
                    instance: id.clone(),
                    device: root_device.clone(),
                    delete_on_termination: true,
                    mounted: true,
                }],
                name: format!("{}-root", form.name),
                zone: form.zone.clone(),
                ..form::Volume::default()
            };
            self.add_instance(form, id, root_device)?;
            return self.volume(root);
        }
        self.add_instance(form, id, root_device)
    }

    fn add_instance(&mut self, form: form::Instance, id: String, root_device: String) -> Built<()> {
        let (groups, elastic) = (form.groups.clone(), form.elastic_ip.clone());
        let forwards = form.launched.forwards;
        let public = form
            .public_ip
            .clone()
            .unwrap_or_else(|| "203.0.113.200".to_owned());
        let private_ip = form.private_ip.clone().unwrap_or_else(|| address(&id));
        let instance = self.make_instance(form, id, root_device)?;
        let id = instance.id.clone();
        let subnet_id = instance.subnet_id.clone();
        let terminated = *instance.state.at(self.opens) == InstanceState::Terminated;
        if let Some(name) = instance.tags.get("Name") {
            self.names.insert(name.clone(), id.clone());
        }
        let replaced = self.estate.instances.insert(id.clone(), instance);
        self.once("instance", &id, replaced.is_some())?;
        if terminated {
            return Ok(());
        }
        self.first_interface(&First {
            instance_id: &id,
            subnet_id: &subnet_id,
            private_ip: &private_ip,
            groups: &groups,
            forwards,
            elastic: elastic
                .as_deref()
                .map(|allocation| (allocation, public.as_str())),
        })
    }

    fn make_instance(
        &self,
        form: form::Instance,
        id: String,
        root_device_name: String,
    ) -> Built<Instance> {
        let launched = self.before(form.launched_before, DAY * 41)?;
        let lifecycle = match form.spot.as_deref() {
            None => Lifecycle::OnDemand,
            Some("once") => Lifecycle::SpotOnce,
            Some("persistent") => Lifecycle::SpotPersistent,
            Some(other) => return Err(unknown("spot", other)),
        };
        let in_service = || "InService".to_owned();
        let group_state = form.auto_scaling_state.unwrap_or_else(in_service);
        let talk = |talk: form::Talk| Talk {
            to: talk.to,
            port: talk.port,
        };
        let own_ip = form.public_ip.filter(|_| form.elastic_ip.is_none());
        let subnet_id = match &form.subnet {
            Some(name) => self.subnet_id(name)?,
            None => self.usual_subnet(&form.zone)?,
        };
        Ok(Instance {
            image_id: form.image_id.unwrap_or_else(|| self.derived("ami", "base")),
            availability_zone: self.zone(&form.zone)?,
            subnet_id,
            platform_windows: form.windows,
            root_device_name,
            root_on_instance_store: form.root_on_instance_store,
            launched,
            state: Timeline::new(launched, instance_state(form.state.as_deref())?),
            checks_pass: launched,
            impaired: form.impaired,
            lifecycle,
            auto_scaling: form.auto_scaling_group.map(|group| GroupMember {
                group,
                lifecycle: Timeline::new(launched, group_state),
            }),
            disable_api_stop: form.stop_protection,
            disable_api_termination: form.termination_protection,
            hibernation: form.hibernation,
            user_data: form.user_data,
            product_codes: form.product_codes,
            public_ip: Timeline::new(launched, own_ip),
            no_capacity: form.no_capacity,
            settings: self.settings(&form.launched),
            state_reason: None,
            console: form.console,
            talks: form.talks.into_iter().map(talk).collect(),
            reached: std::collections::BTreeMap::new(),
            root_replacement_ends: form.root_replacement_ends,
            token: None,
            visibility: Visibility::default(),
            tags: named(form.tags, &form.name),
            instance_type: form.instance_type,
            id,
        })
    }

    pub(super) fn volume(&mut self, form: form::Volume) -> Built<()> {
        let id = form
            .id
            .clone()
            .unwrap_or_else(|| self.derived("vol", &form.name));
        let created = self.before(form.created_before, DAY * 41)?;
        let kms_key_id = form
            .key
            .as_deref()
            .map(|key| self.key_arn(key))
            .transpose()?;
        let size = form.size.ok_or_else(|| ScenarioError::NoSize(id.clone()))?;
        let attachments = form.attachments.iter();
        let attachments = attachments.map(|held| self.attachment(held, created));
        let attachments = attachments.collect::<Built<_>>()?;
        let volume_type = form.volume_type.unwrap_or_else(|| "gp3".to_owned());
        let gp3 = volume_type == "gp3";
        let as_of = self.before(form.last_write_before, SignedDuration::ZERO)?;
        let mut volume = Volume {
            availability_zone: self.zone(&form.zone)?,
            size,
            iops: form.iops.or(gp3.then_some(3000)),
            throughput: form.throughput.or(gp3.then_some(125)),
            volume_type,
            encrypted: kms_key_id.is_some(),
            kms_key_id,
            snapshot_id: form.snapshot,
            created,
            state: Timeline::new(created, volume_state(form.state.as_deref())?),
            multi_attach: form.multi_attach,
            initialization_rate: None,
            tags: named(form.tags, &form.name),
            product_codes: form.product_codes,
            attachments,
            modification: None,
            data: Data {
                as_of,
                damaged: false,
            },
            damaged_from: form.damaged_since_incident.then_some(self.incident),
            token: None,
            visibility: Visibility::default(),
            id,
        };
        if let Some(state) = form.modification.as_deref() {
            volume.modification = Some(self.modification(&volume, state)?);
        }
        let id = volume.id.clone();
        self.names.insert(form.name, id.clone());
        let replaced = self.estate.volumes.insert(id.clone(), volume);
        self.once("volume", &id, replaced.is_some())
    }

    fn attachment(&self, form: &form::Attachment, attached: Timestamp) -> Built<Attachment> {
        let instance_id = self.resolve("instance", &form.instance, |estate, id| {
            estate.instances.contains_key(id)
        })?;
        Ok(Attachment {
            instance_id,
            device: form.device.clone(),
            delete_on_termination: form.delete_on_termination,
            ebs_card_index: 0,
            attached,
            state: Timeline::new(attached, AttachmentState::Attached),
            mounted: form.mounted,
        })
    }

    fn modification(&self, volume: &Volume, state: &str) -> Built<Modification> {
        let state = match state {
            "modifying" => ModificationState::Modifying,
            "optimizing" => ModificationState::Optimizing,
            other => return Err(unknown("modification", other)),
        };
        let started = self.opens.checked_sub(SignedDuration::from_mins(20))?;
        let mut original = volume.shape();
        original.size = volume.size / 2;
        Ok(Modification {
            state: Timeline::new(started, state),
            original,
            target: volume.shape(),
        })
    }

    pub(super) fn snapshot(&mut self, form: form::Snapshot) -> Built<()> {
        let started = match form.after {
            Some(after) => self.incident.checked_add(after.0)?,
            None => self.before(form.before, DAY)?,
        };
        let volume_id = match self.resolve("volume", &form.volume, |estate, id| {
            estate.volumes.contains_key(id)
        }) {
            Ok(id) => id,
            Err(_) if form.volume.starts_with("vol-") => form.volume.clone(),
            Err(error) => return Err(error),
        };
        let snapshot = self.make_snapshot(form, volume_id, started)?;
        let id = snapshot.id.clone();
        let replaced = self.estate.snapshots.insert(id.clone(), snapshot);
        self.once("snapshot", &id, replaced.is_some())
    }

    fn make_snapshot(
        &self,
        form: form::Snapshot,
        volume_id: String,
        started: Timestamp,
    ) -> Built<Snapshot> {
        let volume = self.estate.volumes.get(&volume_id);
        let size = form.size.or(volume.map(|volume| volume.size));
        let size = size.ok_or_else(|| ScenarioError::NoSize(volume_id.clone()))?;
        let own_key = form
            .key
            .as_deref()
            .map(|key| self.key_arn(key))
            .transpose()?;
        let kms_key_id = own_key.or_else(|| volume.and_then(|v| v.kms_key_id.clone()));
        let damage = volume.and_then(|volume| volume.damaged_from);
        let damaged = form
            .damaged
            .unwrap_or(damage.is_some_and(|from| from <= started));
        let bin = match (form.recycle_bin.as_ref(), form.state.as_deref()) {
            (Some(bin), _) => Some(self.bin(bin)?),
            (None, Some("recoverable")) => Some(self.bin(&form::RecycleBin::default())?),
            (None, _) => None,
        };
        let lock = form.lock.as_ref().map(|lock| self.lock(lock)).transpose()?;
        let fast_restores = form.fast_restores.iter();
        let fast_restores = fast_restores.map(|one| self.fast_restore(one));
        let fast_restores = fast_restores.collect::<Built<_>>()?;
        let tiering = self.tiering(&form, started)?;
        let gib = i64::from(form.data_size.unwrap_or(size / 2).max(1));
        Ok(Snapshot {
            id: form
                .id
                .unwrap_or_else(|| self.derived("snap", &format!("{volume_id}{started}"))),
            volume_id,
            owner: form.owner.unwrap_or_else(|| self.place.account.clone()),
            started,
            state: match bin {
                Some(_) => snapshot_states(Some("recoverable"), started)?,
                None => snapshot_states(form.state.as_deref(), started)?,
            },
            state_message: form.state_message,
            size,
            full_size_bytes: gib * 1024 * 1024 * 1024,
            encrypted: kms_key_id.is_some(),
            kms_key_id,
            description: form.description,
            archived: form.archived,
            tiering,
            permissions: Permissions {
                public: form.public,
                accounts: form.shared_with,
                organizations: Vec::new(),
            },
            bin,
            lock,
            fast_restores,
            tags: form.tags,
            product_codes: form.product_codes,
            data: Data {
                as_of: started,
                damaged,
            },
            visibility: Visibility::default(),
        })
    }
}

/// Adds the `Name` tag, unless the scenario gives another one or an empty name.
fn named(mut tags: Tags, name: &str) -> Tags {
    if !name.is_empty() {
        let entry = tags.entry("Name".to_owned());
        entry.or_insert_with(|| name.to_owned());
    }
    tags
}

/// Makes a private address that an id alone decides.
fn address(id: &str) -> String {
    let bytes = digest(id, 3, 4);
    let number = u16::from_str_radix(&bytes, 16).unwrap_or_default();
    format!("10.40.{}.{}", number >> 8, number & 0xff)
}

fn instance_state(word: Option<&str>) -> Built<InstanceState> {
    match word {
        None | Some("running") => Ok(InstanceState::Running),
        Some("pending") => Ok(InstanceState::Pending),
        Some("stopping") => Ok(InstanceState::Stopping),
        Some("stopped") => Ok(InstanceState::Stopped),
        Some("shutting-down") => Ok(InstanceState::ShuttingDown),
        Some("terminated") => Ok(InstanceState::Terminated),
        Some(other) => Err(unknown("state of an instance", other)),
    }
}

fn volume_state(word: Option<&str>) -> Built<VolumeState> {
    match word {
        None | Some("available") => Ok(VolumeState::Available),
        Some("creating") => Ok(VolumeState::Creating),
        Some("error") => Ok(VolumeState::Error),
        Some(other) => Err(unknown("state of a volume", other)),
    }
}

fn snapshot_states(word: Option<&str>, started: Timestamp) -> Built<Timeline<SnapshotState>> {
    let mut states = Timeline::new(started, SnapshotState::Pending);
    let done = started.checked_add(SNAPSHOT_TOOK)?;
    match word {
        None | Some("completed") => states.then(done, SnapshotState::Completed),
        Some("pending") => {}
        Some("error") => states.then(done, SnapshotState::Error),
        Some("recoverable") => states.then(done, SnapshotState::Recoverable),
        Some(other) => return Err(unknown("state of a snapshot", other)),
    }
    Ok(states)
}
