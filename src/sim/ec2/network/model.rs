//! What EC2 keeps of the network. Plain records; the calls are in the files beside this one.
//! Quotas are the usual ones of an account (VPC user guide, "Amazon VPC quotas").

use std::collections::BTreeMap;

use aws_sdk_ec2::types::ResourceType;
use jiff::Timestamp;

use crate::sim::ec2::model::Tags;
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;

/// The network of one place.
#[derive(Clone, Debug)]
pub struct Network {
    pub vpcs: BTreeMap<String, Vpc>,
    pub subnets: BTreeMap<String, Subnet>,
    pub groups: BTreeMap<String, Group>,
    pub interfaces: BTreeMap<String, Interface>,
    pub addresses: BTreeMap<String, Address>,
    /// The most security groups.
    pub group_quota: usize,
    /// The most rules of a group, for either direction.
    pub rule_quota: usize,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            vpcs: BTreeMap::new(),
            subnets: BTreeMap::new(),
            groups: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            addresses: BTreeMap::new(),
            group_quota: 2500,
            rule_quota: 60,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Vpc {
    pub id: String,
    pub cidr: String,
    pub ipv6: Option<String>,
    pub is_default: bool,
    pub tags: Tags,
}

#[derive(Clone, Debug)]
pub struct Subnet {
    pub id: String,
    pub vpc_id: String,
    pub zone: String,
    pub cidr: String,
    /// Whether what is launched in it gets a public address unless it says otherwise.
    pub public: bool,
    /// Addresses that something other than the interfaces here has taken.
    pub taken: u64,
    pub tags: Tags,
}

/// A security group.
#[derive(Clone, Debug)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub description: String,
    pub vpc_id: String,
    pub rules: Vec<Rule>,
    pub tags: Tags,
    pub visibility: Visibility,
}

/// A rule of a security group, for one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    pub egress: bool,
    pub permission: Permission,
    pub description: Option<String>,
    pub tags: Tags,
}

/// What a rule allows; two rules of one group and direction never allow the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// First and last port, or type and code of ICMP.
    pub ports: Option<(i32, i32)>,
    pub peer: Peer,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    V4(String),
    V6(String),
    Group(String),
    PrefixList(String),
}

/// A network interface.
#[derive(Clone, Debug)]
pub struct Interface {
    pub id: String,
    pub subnet_id: String,
    pub vpc_id: String,
    pub zone: String,
    pub private_ip: String,
    pub groups: Vec<String>,
    /// Since when it has these groups.
    pub groups_since: Timestamp,
    pub source_dest_check: bool,
    /// The service whose VPC endpoint it is, by the last word of its name.
    pub endpoint: Option<String>,
    pub description: String,
    pub plugged: Option<Plugged>,
    pub tags: Tags,
}

/// An interface's place on an instance.
#[derive(Clone, Debug)]
pub struct Plugged {
    pub id: String,
    pub instance_id: String,
    pub device_index: i32,
    pub delete_on_termination: bool,
    pub attached: Timestamp,
    pub state: Timeline<PlugState>,
}

/// The states of an interface's attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlugState {
    Attaching,
    Attached,
    Detaching,
    Detached,
}

impl PlugState {
    /// Returns the state as AWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attaching => "attaching",
            Self::Attached => "attached",
            Self::Detaching => "detaching",
            Self::Detached => "detached",
        }
    }
}

/// An Elastic IP address.
#[derive(Clone, Debug)]
pub struct Address {
    pub allocation_id: String,
    pub public_ip: String,
    pub association: Option<Association>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    pub id: String,
    pub interface_id: String,
}

impl Interface {
    /// Returns the attachment that is not over at `now`.
    pub fn held(&self, now: Timestamp) -> Option<&Plugged> {
        let held = self.plugged.as_ref();
        held.filter(|held| *held.state.at(now) != PlugState::Detached)
    }

    /// Tells whether it is plugged into this instance at `now`.
    pub fn is_on(&self, instance_id: &str, now: Timestamp) -> bool {
        self.held(now)
            .is_some_and(|held| held.instance_id == instance_id)
    }
}

impl Network {
    /// Lists the interfaces of an instance, by device index.
    pub fn on(&self, instance_id: &str, now: Timestamp) -> Vec<&Interface> {
        let all = self.interfaces.values();
        let mut on: Vec<_> = all.filter(|one| one.is_on(instance_id, now)).collect();
        on.sort_by_key(|one| one.held(now).map(|held| held.device_index));
        on
    }

    /// Returns the interface that an instance began with.
    pub fn primary(&self, instance_id: &str, now: Timestamp) -> Option<&Interface> {
        let first = |one: &&Interface| one.held(now).is_some_and(|held| held.device_index == 0);
        self.on(instance_id, now).into_iter().find(first)
    }

    /// Returns the Elastic IP address of an interface.
    pub fn elastic(&self, interface_id: &str) -> Option<&Address> {
        let holds = |one: &&Address| {
            let association = one.association.as_ref();
            association.is_some_and(|held| held.interface_id == interface_id)
        };
        self.addresses.values().find(holds)
    }
}

impl Network {
    /// Finds the tags of something in it.
    pub fn tags_of(&mut self, id: &str) -> Option<&mut Tags> {
        let group = self.groups.get_mut(id).map(|one| &mut one.tags);
        let interface = self.interfaces.get_mut(id).map(|one| &mut one.tags);
        let address = self.addresses.get_mut(id).map(|one| &mut one.tags);
        let vpc = self.vpcs.get_mut(id).map(|one| &mut one.tags);
        let subnet = self.subnets.get_mut(id).map(|one| &mut one.tags);
        group.or(interface).or(address).or(vpc).or(subnet)
    }

    /// Lists the tags of everything in it that a listing shows.
    pub fn tagged(&self, now: Timestamp) -> impl Iterator<Item = (&String, ResourceType, &Tags)> {
        let groups = self.groups.values();
        let groups = groups.filter(move |one| one.visibility.listed(now));
        let groups = groups.map(|one| (&one.id, ResourceType::SecurityGroup, &one.tags));
        let interfaces = self.interfaces.values();
        let interfaces = interfaces.map(|one| (&one.id, ResourceType::NetworkInterface, &one.tags));
        let addresses = self.addresses.values();
        let addresses =
            addresses.map(|one| (&one.allocation_id, ResourceType::ElasticIp, &one.tags));
        groups.chain(interfaces).chain(addresses)
    }
}
