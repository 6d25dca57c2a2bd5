//! Makes a world of what a scenario says.
//!
//! Ids that a scenario leaves out are derived from names, so that two worlds of one scenario are alike.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Account, ScenarioError, Story, form};
use crate::sim::delays::Delays;
use crate::sim::kms::{Key, KeyFailure};
use crate::sim::world::{Estate, Place, World, digest};

pub(super) type Built<T> = Result<T, ScenarioError>;

pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Takes the story out of a scenario.
pub fn story(form: &form::Scenario) -> Story {
    let told = &form.story;
    let account = |account: &form::Account| {
        let places = form.places.iter();
        let regions: BTreeSet<String> = places
            .filter(|place| place.account == account.id)
            .map(|place| place.region.clone())
            .collect();
        Account {
            id: account.id.clone(),
            name: account.name.clone(),
            regions: regions.into_iter().collect(),
        }
    };
    Story {
        title: told.title.clone(),
        pager_text: told.pager_text.clone(),
        incident_at: told.incident_at,
        opens_at: told.opens_at,
        accounts: form.accounts.iter().map(account).collect(),
        account: told.account.clone(),
        region: told.region.clone(),
        volume_id: told.volume.clone(),
        instance_id: told.instance.clone(),
        good_snapshot_id: told.good_snapshot.clone(),
        bad_snapshot_id: told.bad_snapshot.clone(),
        device: told.device.clone(),
        choices: told.choices.clone(),
    }
}

/// Makes the world of a scenario, entered at `now`.
pub fn world(form: form::Scenario, now: Timestamp) -> Built<World> {
    let mut world = World::new(now);
    world.delays = delays(&form.delays);
    for account in form.accounts {
        let denied = account.denied.into_iter().collect();
        world.denied.insert(account.id, denied);
    }
    for described in form.places {
        let place = Place::new(&described.account, &described.region);
        let builder = Builder::new(place.clone(), form.story.incident_at, form.story.opens_at);
        world.estates.insert(place, builder.build(described)?);
    }
    for zone in form.hosted_zones {
        let (account, zone) = super::balancing::hosted_zone(zone);
        let dns = world.dns.entry(account).or_default();
        dns.zones.insert(zone.id.clone(), zone);
    }
    super::identities::identities(&mut world, form.managed_policies, form.identities)?;
    Ok(world)
}

fn delays(form: &form::Delays) -> Delays {
    let usual = Delays::default();
    let or = |given: Option<form::Length>, usual| given.map_or(usual, |length| length.0);
    Delays {
        answer: or(form.answer, usual.answer),
        create_volume: or(form.create_volume, usual.create_volume),
        create_snapshot: or(form.create_snapshot, usual.create_snapshot),
        attach_volume: or(form.attach_volume, usual.attach_volume),
        detach_volume: or(form.detach_volume, usual.detach_volume),
        stop_instance: or(form.stop_instance, usual.stop_instance),
        start_instance: or(form.start_instance, usual.start_instance),
        status_checks: or(form.status_checks, usual.status_checks),
        modify_volume: or(form.modify_volume, usual.modify_volume),
        attach_interface: or(form.attach_interface, usual.attach_interface),
        detach_interface: or(form.detach_interface, usual.detach_interface),
        replace_root: or(form.replace_root, usual.replace_root),
        health_check: or(form.health_check, usual.health_check),
        standby: or(form.standby, usual.standby),
        dns_change: or(form.dns_change, usual.dns_change),
        console: or(form.console, usual.console),
        restore_table: or(form.restore_table, usual.restore_table),
        update_table: or(form.update_table, usual.update_table),
        tags_settle: or(form.tags_settle, usual.tags_settle),
        time_to_live: or(form.time_to_live, usual.time_to_live),
        kinesis: or(form.kinesis, usual.kinesis),
        insights: or(form.insights, usual.insights),
        replica: or(form.replica, usual.replica),
        mapping: or(form.mapping, usual.mapping),
        recovery: or(form.recovery, usual.recovery),
        hydration_mib_per_second: form
            .hydration_mib_per_second
            .unwrap_or(usual.hydration_mib_per_second),
    }
}

/// Builds the estate of one place.
pub(super) struct Builder {
    pub(super) place: Place,
    pub(super) incident: Timestamp,
    pub(super) opens: Timestamp,
    pub(super) estate: Estate,
    /// Ids by name, of instances and volumes.
    pub(super) names: BTreeMap<String, String>,
}

impl Builder {
    fn new(place: Place, incident: Timestamp, opens: Timestamp) -> Self {
        let estate = Estate::new(&place.region);
        Self {
            place,
            incident,
            opens,
            estate,
            names: BTreeMap::new(),
        }
    }

    fn build(mut self, mut form: form::Place) -> Built<Estate> {
        if let Some(zones) = form.zones.take() {
            self.estate.zones = zones;
        }
        self.network(&mut form)?;
        for key in form.keys {
            self.key(key)?;
        }
        self.estate.encryption_by_default = form.encryption_by_default;
        let default_key = form.default_key.as_deref();
        self.estate.default_kms_key_id = default_key.map(|name| self.key_arn(name)).transpose()?;
        for instance in form.instances {
            self.instance(instance)?;
        }
        for volume in form.volumes {
            self.volume(volume)?;
        }
        for fleet in form.fleets {
            self.fleet(&fleet)?;
        }
        for balancer in form.load_balancers {
            self.load_balancer(balancer)?;
        }
        for group in form.target_groups {
            self.target_group(group)?;
        }
        self.scaling_groups(form.scaling_groups)?;
        for interface in form.interfaces {
            self.more_interface(interface)?;
        }
        for snapshot in form.snapshots {
            self.snapshot(snapshot)?;
        }
        for schedule in form.schedules {
            self.schedule(&schedule)?;
        }
        self.databases(form.db_instances, form.db_clusters)?;
        self.database_snapshots(form.db_snapshots, form.db_cluster_snapshots)?;
        for image in form.images {
            self.images(&image)?;
        }
        for volume in form.binned_volumes {
            self.binned_volume(volume)?;
        }
        self.tables(form.tables, form.table_backups, form.parameters)?;
        for alarm in form.composite_alarms {
            self.composite_alarm(alarm)?;
        }
        for vault in form.vaults {
            self.vault(vault)?;
        }
        for hold in form.legal_holds {
            self.hold(hold)?;
        }
        for resource in form.protected {
            self.protected(resource)?;
        }
        Ok(self.estate)
    }

    fn key(&mut self, form: form::Key) -> Built<()> {
        let Place { account, region } = &self.place;
        let failure = match form.failure.as_deref() {
            None | Some("error") => KeyFailure::Error,
            Some("vanish") => KeyFailure::Vanish,
            Some(other) => return Err(unknown("failure of a key", other)),
        };
        let key = Key {
            arn: format!("arn:aws:kms:{region}:{account}:key/{}", form.id),
            alias: form.alias,
            description: form.description,
            state: form.state.unwrap_or_else(|| "Enabled".to_owned()),
            managed_by_aws: false,
            denied: form.denied,
            failure,
            id: form.id,
        };
        let id = key.id.clone();
        let replaced = self.estate.keys.insert(id.clone(), key);
        self.once("key", &id, replaced.is_some())
    }

    /// A key that is not of this place (another account's, one that is gone) is named by its ARN.
    pub(super) fn key_arn(&self, name: &str) -> Built<String> {
        let mut keys = self.estate.keys.values();
        match keys.find(|key| key.answers_to(name)) {
            Some(key) => Ok(key.arn.clone()),
            None if name.starts_with("arn:") => Ok(name.to_owned()),
            None => Err(self.no_such("key", name)),
        }
    }

    fn fleet(&mut self, fleet: &form::Fleet) -> Built<()> {
        let zones: Vec<char> = fleet.zones.chars().collect();
        for number in 1..=fleet.count {
            let name = fleet.name.replace("{n}", &format!("{number:02}"));
            let index = usize::try_from(number).unwrap_or_default() % zones.len().max(1);
            let zone = zones.get(index).map(char::to_string).unwrap_or_default();
            self.fleet_member(fleet, &name, &zone)?;
        }
        Ok(())
    }

    fn fleet_member(&mut self, fleet: &form::Fleet, name: &str, zone: &str) -> Built<()> {
        self.instance(form::Instance {
            root_size: Some(fleet.root_size),
            auto_scaling_group: fleet.auto_scaling_group.clone(),
            tags: fleet.tags.clone(),
            name: name.to_owned(),
            instance_type: fleet.instance_type.clone(),
            zone: zone.to_owned(),
            ..form::Instance::default()
        })?;
        let mut volumes = vec![format!("{name}-root")];
        if let Some(size) = fleet.data_size {
            let data = format!("{name}-data");
            self.volume(form::Volume {
                size: Some(size),
                attachments: vec![form::Attachment {
                    instance: name.to_owned(),
                    device: "/dev/sdf".to_owned(),
                    delete_on_termination: false,
                    mounted: false,
                }],
                tags: fleet.tags.clone(),
                name: data.clone(),
                zone: zone.to_owned(),
                ..form::Volume::default()
            })?;
            volumes.push(data);
        }
        for volume in volumes {
            self.schedule(&form::Schedule {
                volume,
                every: form::Length(DAY),
                count: fleet.daily_snapshots,
                last_before: form::Length(SignedDuration::from_hours(3)),
                description: "Daily backup".to_owned(),
                tags: fleet.tags.clone(),
            })?;
        }
        Ok(())
    }

    fn schedule(&mut self, schedule: &form::Schedule) -> Built<()> {
        for number in 0..schedule.count {
            let number = i32::try_from(number).unwrap_or(i32::MAX);
            let before = schedule.last_before.0 + schedule.every.0 * number;
            self.snapshot(form::Snapshot {
                volume: schedule.volume.clone(),
                before: Some(form::Length(before)),
                description: schedule.description.clone(),
                tags: schedule.tags.clone(),
                ..form::Snapshot::default()
            })?;
        }
        Ok(())
    }

    pub(super) fn before(
        &self,
        length: Option<form::Length>,
        usual: SignedDuration,
    ) -> Built<Timestamp> {
        let length = length.map_or(usual, |length| length.0);
        Ok(self.incident.checked_sub(length)?)
    }

    pub(super) fn zone(&self, letter: &str) -> Built<String> {
        let zone = format!("{}{letter}", self.place.region);
        if self.estate.zones.contains(&zone) {
            return Ok(zone);
        }
        Err(self.no_such("zone", letter))
    }

    pub(super) fn resolve(
        &self,
        kind: &'static str,
        name: &str,
        exists: fn(&Estate, &str) -> bool,
    ) -> Built<String> {
        let id = self.names.get(name).map_or(name, String::as_str);
        if exists(&self.estate, id) {
            return Ok(id.to_owned());
        }
        Err(self.no_such(kind, name))
    }

    /// Makes the id of something that needs no particular one.
    pub(super) fn derived(&self, prefix: &str, name: &str) -> String {
        let seed = format!("{}/{}/{name}", self.place.account, self.place.region);
        format!("{prefix}-0{}", digest(&seed, 0, 16))
    }

    pub(super) fn once(&self, kind: &'static str, id: &str, twice: bool) -> Built<()> {
        if !twice {
            return Ok(());
        }
        Err(ScenarioError::Twice {
            place: self.place_name(),
            kind,
            id: id.to_owned(),
        })
    }

    pub(super) fn no_such(&self, kind: &'static str, name: &str) -> ScenarioError {
        ScenarioError::NoSuch {
            place: self.place_name(),
            kind,
            name: name.to_owned(),
        }
    }

    fn place_name(&self) -> String {
        format!("{}/{}", self.place.account, self.place.region)
    }
}

pub(super) fn unknown(what: &'static str, value: &str) -> ScenarioError {
    ScenarioError::UnknownValue {
        what,
        value: value.to_owned(),
    }
}
