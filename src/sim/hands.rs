//! The hands of others: what colleagues, guests and AWS itself do to the estate.
//!
//! None of this is a call, none of it is recorded, and nothing asks for permission. Unknown ids are
//! ignored: a change that cannot happen does not happen.

mod alarms;
mod tables;
mod traffic;
mod triggers;

use jiff::Timestamp;

use super::ec2::attachments::{begin_detaching, release};
use super::ec2::model::{Attachment, AttachmentState, Instance, Volume, VolumeState};
use super::ec2::power::{begin_starting, begin_stopping, has_elastic, terminate};
use super::timeline::Timeline;
use super::world::{Estate, Place, World};

/// Changes to one place, made behind everybody's back.
#[derive(Debug)]
pub struct Hands<'w> {
    world: &'w mut World,
    place: Place,
}

impl<'w> Hands<'w> {
    pub(super) fn new(world: &'w mut World, place: Place) -> Self {
        Self { world, place }
    }

    /// Returns the world's present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Stops an instance.
    pub fn stop(&mut self, instance_id: &str) {
        let (now, delays) = (self.now(), self.world.delays.clone());
        begin_stopping(self.estate(), instance_id, now, &delays);
    }

    /// Starts an instance.
    pub fn start(&mut self, instance_id: &str) {
        let (now, delays) = (self.now(), self.world.delays.clone());
        let address = self.world.new_address("203.0.113.");
        let elastic = has_elastic(self.estate(), instance_id, now);
        if let Some(instance) = self.instance(instance_id) {
            begin_starting(instance, elastic, &address, now, &delays);
        }
    }

    /// Terminates an instance, as an Auto Scaling group does to one it finds unhealthy; the volumes and interfaces
    /// that are deleted on termination go with it.
    pub fn terminate(&mut self, instance_id: &str) {
        let now = self.now();
        terminate(self.estate(), instance_id, now);
    }

    /// Attaches a volume at once.
    pub fn attach(&mut self, volume_id: &str, instance_id: &str, device: &str) {
        let now = self.now();
        let held = Attachment {
            instance_id: instance_id.to_owned(),
            device: device.to_owned(),
            delete_on_termination: false,
            ebs_card_index: 0,
            attached: now,
            state: Timeline::new(now, AttachmentState::Attached),
            mounted: false,
        };
        if let Some(volume) = self.volume(volume_id) {
            volume.attachments.push(held);
        }
    }

    /// Detaches a volume from wherever it is.
    pub fn detach(&mut self, volume_id: &str) {
        let (now, delays) = (self.now(), self.world.delays.clone());
        if let Some(volume) = self.volume(volume_id) {
            for held in volume.attachments.iter_mut().filter(|held| held.holds(now)) {
                begin_detaching(held, Some(now), now, &delays);
            }
        }
    }

    /// Mounts a volume in the guest: it will not come off while the instance runs.
    pub fn mount(&mut self, volume_id: &str) {
        let now = self.now();
        if let Some(volume) = self.volume(volume_id) {
            for held in volume.attachments.iter_mut().filter(|held| held.holds(now)) {
                held.mounted = true;
            }
        }
    }

    /// Unmounts a volume in the guest; an attachment that was busy comes off.
    pub fn unmount(&mut self, volume_id: &str) {
        let (now, delays) = (self.now(), self.world.delays.clone());
        if let Some(volume) = self.volume(volume_id) {
            for held in &mut volume.attachments {
                held.mounted = false;
                if *held.state.at(now) == AttachmentState::Busy {
                    release(held, now, &delays);
                }
            }
        }
    }

    /// Sets whether a volume is deleted with its instance.
    pub fn set_delete_on_termination(&mut self, volume_id: &str, value: bool) {
        let now = self.now();
        if let Some(volume) = self.volume(volume_id) {
            for held in volume.attachments.iter_mut().filter(|held| held.holds(now)) {
                held.delete_on_termination = value;
            }
        }
    }

    /// Deletes a volume.
    pub fn delete_volume(&mut self, volume_id: &str) {
        let now = self.now();
        if let Some(volume) = self.volume(volume_id) {
            volume.state.turn(now, VolumeState::Gone);
        }
    }

    /// Makes another volume just like one there is, tags and client token included, and returns its id.
    pub fn duplicate_volume(&mut self, volume_id: &str) -> Option<String> {
        let id = self.world.new_id("vol");
        let volume = self.volume(volume_id)?.clone();
        let twin = Volume {
            id: id.clone(),
            attachments: Vec::new(),
            ..volume
        };
        self.estate().volumes.insert(id.clone(), twin);
        Some(id)
    }

    /// Breaks a volume: its state turns `error`.
    pub fn break_volume(&mut self, volume_id: &str) {
        let now = self.now();
        if let Some(volume) = self.volume(volume_id) {
            volume.state.turn(now, VolumeState::Error);
        }
    }

    /// Sets a tag on a volume, a snapshot, an instance, or something of the network; without a value, takes it away.
    pub fn set_tag(&mut self, id: &str, key: &str, value: Option<&str>) {
        let estate = self.estate();
        let volume = estate.volumes.get_mut(id).map(|volume| &mut volume.tags);
        let snapshot = estate.snapshots.get_mut(id).map(|found| &mut found.tags);
        let instance = estate.instances.get_mut(id).map(|found| &mut found.tags);
        let network = estate.network.tags_of(id);
        if let Some(tags) = volume.or(snapshot).or(instance).or(network) {
            match value {
                Some(value) => tags.insert(key.to_owned(), value.to_owned()),
                None => tags.remove(key),
            };
        }
    }

    /// Puts a KMS key (by id, alias or ARN) into another state: `Disabled`, `PendingDeletion`, `Enabled`.
    pub fn set_key_state(&mut self, key: &str, state: &str) {
        let keys = self.estate().keys.values_mut();
        for found in keys.filter(|found| found.answers_to(key)) {
            state.clone_into(&mut found.state);
        }
    }

    /// Sets stop protection.
    pub fn set_disable_api_stop(&mut self, instance_id: &str, value: bool) {
        if let Some(instance) = self.instance(instance_id) {
            instance.disable_api_stop = value;
        }
    }

    /// Takes away, or gives back, the capacity to start an instance.
    pub fn set_capacity(&mut self, instance_id: &str, available: bool) {
        if let Some(instance) = self.instance(instance_id) {
            instance.no_capacity = !available;
        }
    }

    /// Lets the checks of an instance fail, or pass again.
    pub fn set_impaired(&mut self, instance_id: &str, impaired: bool) {
        if let Some(instance) = self.instance(instance_id) {
            instance.impaired = impaired;
        }
    }

    /// Denies an action to the account, or allows it again (`ec2:StopInstances`).
    pub fn set_denied(&mut self, action: &str, denied: bool) {
        let actions = self.world.denied.entry(self.place.account.clone());
        let actions = actions.or_default();
        if denied {
            actions.insert(action.to_owned());
        } else {
            actions.remove(action);
        }
    }

    fn estate(&mut self) -> &mut Estate {
        self.world.estate(&self.place)
    }

    fn volume(&mut self, id: &str) -> Option<&mut Volume> {
        self.estate().volumes.get_mut(id)
    }

    fn instance(&mut self, id: &str) -> Option<&mut Instance> {
        self.estate().instances.get_mut(id)
    }
}
