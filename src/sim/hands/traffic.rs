//! What others do to the ways that traffic takes: addresses, groups, records, targets; and to images.
//! Like all that others do it is no call, and unknown ids are ignored.

use super::Hands;
use crate::sim::ec2::network::model::Association;
use crate::sim::route53::model::name;

impl Hands<'_> {
    /// Gives an Elastic IP address to the first interface of an instance, whoever had it.
    pub fn give_address(&mut self, allocation_id: &str, instance_id: &str) {
        let now = self.now();
        let id = self.world.new_id("eipassoc");
        let network = &mut self.estate().network;
        let Some(primary) = network.primary(instance_id, now) else {
            return;
        };
        let interface_id = primary.id.clone();
        if let Some(address) = network.addresses.get_mut(allocation_id) {
            address.association = Some(Association { id, interface_id });
        }
    }

    /// Gives an interface other groups.
    pub fn set_groups(&mut self, interface_id: &str, groups: &[&str]) {
        let now = self.now();
        let network = &mut self.estate().network;
        if let Some(interface) = network.interfaces.get_mut(interface_id) {
            interface.groups = groups.iter().map(|id| (*id).to_owned()).collect();
            interface.groups_since = now;
        }
    }

    /// Gives a record set other values.
    pub fn set_record(&mut self, zone_id: &str, record: &str, kind: &str, values: &[&str]) {
        let account = self.place.account.clone();
        let zone = self.world.dns.entry(account).or_default();
        let Some(zone) = zone.zones.get_mut(zone_id) else {
            return;
        };
        let records = zone.records.iter_mut();
        for found in records.filter(|one| one.name == name(record) && one.kind == kind) {
            found.values = values.iter().map(|value| (*value).to_owned()).collect();
        }
    }

    /// Registers an instance in a target group, or begins to drain it.
    pub fn set_target(&mut self, group_arn: &str, instance_id: &str, registered: bool) {
        let now = self.now();
        if let Some(group) = self.estate().balancing.groups.get_mut(group_arn) {
            if registered {
                group.register(instance_id, group.port, None, now);
            } else {
                group.deregister(instance_id, None, now);
            }
        }
    }

    /// Puts an image into another state: `disabled`, `available`.
    pub fn set_image_state(&mut self, image_id: &str, state: &str) {
        if let Some(image) = self.estate().images.get_mut(image_id) {
            state.clone_into(&mut image.state);
        }
    }

    /// Takes away, or gives back, the capacity for an instance type.
    pub fn set_capacity_for(&mut self, instance_type: &str, available: bool) {
        let types = &mut self.estate().no_capacity_types;
        if available {
            types.remove(instance_type);
        } else {
            types.insert(instance_type.to_owned());
        }
    }
}
