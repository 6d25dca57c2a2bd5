//! Makes the network of a place: first what instances stand in, then what hangs on them.
//!
//! Every instance has a first interface; an Elastic IP address that an instance is said to have is associated with it.

use std::collections::BTreeMap;

use super::build::{Builder, Built, unknown};
use super::form;
use crate::sim::ec2::model::PlacementGroup;
use crate::sim::ec2::network::model::{
    Address, Association, Group, Interface, Peer, Permission, PlugState, Plugged, Rule, Subnet, Vpc,
};
use crate::sim::ec2::settings::{Metadata, Settings};
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;
use crate::sim::world::digest;

/// What an instance's first interface is made of.
pub(super) struct First<'a> {
    pub instance_id: &'a str,
    pub subnet_id: &'a str,
    pub private_ip: &'a str,
    pub groups: &'a [String],
    /// Whether it sends on what is not for it.
    pub forwards: bool,
    /// Allocation and address.
    pub elastic: Option<(&'a str, &'a str)>,
}

impl Builder {
    /// Makes VPCs, subnets and groups.
    pub(super) fn network(&mut self, form: &mut form::Place) -> Built<()> {
        if form.vpcs.is_empty() {
            self.usual_network();
        }
        for vpc in std::mem::take(&mut form.vpcs) {
            self.vpc(vpc);
        }
        for subnet in std::mem::take(&mut form.subnets) {
            self.subnet(subnet)?;
        }
        self.default_groups();
        let groups = std::mem::take(&mut form.security_groups);
        for group in &groups {
            let id = group.id.clone();
            let id = id.unwrap_or_else(|| self.derived("sg", &group.name));
            self.names.insert(group.name.clone(), id);
        }
        for group in groups {
            self.group(group)?;
        }
        for address in std::mem::take(&mut form.addresses) {
            self.address(&address.id, &address.public_ip, None, address.tags);
        }
        for group in std::mem::take(&mut form.placement_groups) {
            let made = PlacementGroup {
                strategy: group.strategy.unwrap_or_else(|| "cluster".to_owned()),
                full: group.full,
            };
            self.estate.placement_groups.insert(group.name, made);
        }
        if let Some(quota) = form.group_quota {
            self.estate.network.group_quota = quota;
        }
        self.estate.no_capacity_types = std::mem::take(&mut form.no_capacity).into_iter().collect();
        Ok(())
    }

    fn usual_network(&mut self) {
        self.vpc(form::Vpc {
            id: None,
            name: "main".to_owned(),
            cidr: "10.40.0.0/16".to_owned(),
            ipv6: None,
            default: false,
            tags: BTreeMap::new(),
        });
        let vpc_id = self.names["main"].clone();
        for (n, zone) in self.estate.zones.clone().into_iter().enumerate() {
            let letter = zone.chars().last().unwrap_or('a').to_string();
            let id = self.derived("subnet", &letter);
            let subnet = Subnet {
                id: id.clone(),
                vpc_id: vpc_id.clone(),
                zone,
                cidr: format!("10.40.{}.0/18", 64 * (n % 4)),
                public: false,
                taken: 0,
                tags: BTreeMap::new(),
            };
            self.estate.network.subnets.insert(id, subnet);
        }
    }

    fn vpc(&mut self, form: form::Vpc) {
        let id = form.id.unwrap_or_else(|| self.derived("vpc", &form.name));
        self.names.insert(form.name, id.clone());
        let vpc = Vpc {
            id: id.clone(),
            cidr: form.cidr,
            ipv6: form.ipv6,
            is_default: form.default,
            tags: form.tags,
        };
        self.estate.network.vpcs.insert(id, vpc);
    }

    fn subnet(&mut self, form: form::Subnet) -> Built<()> {
        let known =
            |estate: &crate::sim::world::Estate, id: &str| estate.network.vpcs.contains_key(id);
        let vpc_id = self.resolve("VPC", &form.vpc, known)?;
        let id = form
            .id
            .unwrap_or_else(|| self.derived("subnet", &form.name));
        self.names.insert(form.name, id.clone());
        let subnet = Subnet {
            id: id.clone(),
            vpc_id,
            zone: self.zone(&form.zone)?,
            cidr: form.cidr,
            public: form.public,
            taken: form.taken,
            tags: form.tags,
        };
        let replaced = self.estate.network.subnets.insert(id.clone(), subnet);
        self.once("subnet", &id, replaced.is_some())
    }

    /// VPC user guide, "Default security groups": its members reach each other, and everything outside.
    fn default_groups(&mut self) {
        let vpcs: Vec<String> = self.estate.network.vpcs.keys().cloned().collect();
        for vpc_id in vpcs {
            let id = self.default_group(&vpc_id);
            let among = self.rule(&id, 0, false, "-1", None, Peer::Group(id.clone()));
            let out = Peer::V4("0.0.0.0/0".to_owned());
            let out = self.rule(&id, 1, true, "-1", None, out);
            let group = Group {
                id: id.clone(),
                name: "default".to_owned(),
                description: "default VPC security group".to_owned(),
                vpc_id,
                rules: vec![among, out],
                tags: BTreeMap::new(),
                visibility: Visibility::default(),
            };
            self.estate.network.groups.insert(id, group);
        }
    }

    fn default_group(&self, vpc_id: &str) -> String {
        self.derived("sg", &format!("default of {vpc_id}"))
    }

    fn group(&mut self, form: form::SecurityGroup) -> Built<()> {
        let known =
            |estate: &crate::sim::world::Estate, id: &str| estate.network.vpcs.contains_key(id);
        let vpc_id = match &form.vpc {
            Some(name) => self.resolve("VPC", name, known)?,
            None => self
                .estate
                .network
                .vpcs
                .keys()
                .next()
                .cloned()
                .unwrap_or_default(),
        };
        let id = self.names[&form.name].clone();
        let everything = || form::Rule {
            protocol: Some("-1".to_owned()),
            ports: None,
            port: None,
            peer: "0.0.0.0/0".to_owned(),
            description: None,
        };
        let egress = form.egress.unwrap_or_else(|| vec![everything()]);
        let ingress = form.ingress.into_iter().map(|rule| (rule, false));
        let both = ingress.chain(egress.into_iter().map(|rule| (rule, true)));
        let mut rules = Vec::new();
        for (n, (rule, egress)) in both.enumerate() {
            let peer = self.peer(&rule.peer)?;
            let ports = rule.ports.or(rule.port.map(|port| (port, port)));
            let protocol = rule.protocol.as_deref().unwrap_or("tcp");
            let mut made = self.rule(&id, n, egress, protocol, ports, peer);
            made.description = rule.description;
            rules.push(made);
        }
        let group = Group {
            id: id.clone(),
            name: form.name,
            description: form.description,
            vpc_id,
            rules,
            tags: form.tags,
            visibility: Visibility::default(),
        };
        let replaced = self.estate.network.groups.insert(id.clone(), group);
        self.once("security group", &id, replaced.is_some())
    }

    fn peer(&self, text: &str) -> Built<Peer> {
        if text.starts_with("pl-") {
            return Ok(Peer::PrefixList(text.to_owned()));
        }
        match text.split_once('/') {
            Some((address, _)) if address.contains(':') => Ok(Peer::V6(text.to_owned())),
            Some(_) => Ok(Peer::V4(text.to_owned())),
            None => match self.names.get(text) {
                Some(id) if id.starts_with("sg-") => Ok(Peer::Group(id.clone())),
                Some(_) | None => Err(unknown("peer of a rule", text)),
            },
        }
    }

    fn rule(
        &self,
        group: &str,
        number: usize,
        egress: bool,
        protocol: &str,
        ports: Option<(i32, i32)>,
        peer: Peer,
    ) -> Rule {
        Rule {
            id: self.derived("sgr", &format!("{group}/{number}")),
            egress,
            permission: Permission {
                protocol: protocol.to_owned(),
                ports,
                peer,
            },
            description: None,
            tags: BTreeMap::new(),
        }
    }

    /// Finds the subnet of a zone where none is named: the first one there.
    pub(super) fn usual_subnet(&self, letter: &str) -> Built<String> {
        let zone = self.zone(letter)?;
        let mut subnets = self.estate.network.subnets.values();
        let found = subnets.find(|subnet| subnet.zone == zone);
        found
            .map(|subnet| subnet.id.clone())
            .ok_or_else(|| self.no_such("subnet in zone", letter))
    }

    /// Finds a subnet by id or name.
    pub(super) fn subnet_id(&self, name: &str) -> Built<String> {
        self.resolve("subnet", name, |estate, id| {
            estate.network.subnets.contains_key(id)
        })
    }

    /// Gives an instance its first interface.
    pub(super) fn first_interface(&mut self, of: &First<'_>) -> Built<()> {
        let id = format!("eni-0{}", digest(of.instance_id, 1, 16));
        self.interface(&id, of.subnet_id, of.private_ip, of.groups, BTreeMap::new())?;
        self.plug(&id, of.instance_id, 0, true);
        if let Some(made) = self.estate.network.interfaces.get_mut(&id) {
            made.source_dest_check = !of.forwards;
        }
        if let Some((allocation, public_ip)) = of.elastic {
            self.address(allocation, public_ip, Some(&id), BTreeMap::new());
        }
        Ok(())
    }

    fn address(&mut self, id: &str, ip: &str, on: Option<&str>, tags: BTreeMap<String, String>) {
        let association = on.map(|interface| Association {
            id: self.derived("eipassoc", id),
            interface_id: interface.to_owned(),
        });
        let address = Address {
            allocation_id: id.to_owned(),
            public_ip: ip.to_owned(),
            association,
            tags,
        };
        self.estate.network.addresses.insert(id.to_owned(), address);
    }

    fn interface(
        &mut self,
        id: &str,
        subnet_id: &str,
        private_ip: &str,
        groups: &[String],
        tags: BTreeMap<String, String>,
    ) -> Built<()> {
        let subnet = self.estate.network.subnets.get(subnet_id).cloned();
        let subnet = subnet.ok_or_else(|| self.no_such("subnet", subnet_id))?;
        let known =
            |estate: &crate::sim::world::Estate, id: &str| estate.network.groups.contains_key(id);
        let mut ids = Vec::new();
        for name in groups {
            ids.push(self.resolve("security group", name, known)?);
        }
        if ids.is_empty() {
            ids.push(self.default_group(&subnet.vpc_id));
        }
        let interface = Interface {
            id: id.to_owned(),
            subnet_id: subnet.id,
            vpc_id: subnet.vpc_id,
            zone: subnet.zone,
            private_ip: private_ip.to_owned(),
            groups: ids,
            groups_since: self.before(None, super::build::DAY)?,
            source_dest_check: true,
            endpoint: None,
            description: String::new(),
            plugged: None,
            tags,
        };
        let replaced = self
            .estate
            .network
            .interfaces
            .insert(id.to_owned(), interface);
        self.once("interface", id, replaced.is_some())
    }

    fn plug(&mut self, id: &str, instance_id: &str, device_index: i32, delete: bool) {
        let attached = self
            .estate
            .instances
            .get(instance_id)
            .map(|one| one.launched);
        let attached = attached.unwrap_or(self.incident);
        let plugged = Plugged {
            id: self.derived("eni-attach", id),
            instance_id: instance_id.to_owned(),
            device_index,
            delete_on_termination: delete,
            attached,
            state: Timeline::new(attached, PlugState::Attached),
        };
        if let Some(interface) = self.estate.network.interfaces.get_mut(id) {
            interface.plugged = Some(plugged);
        }
    }

    /// Makes an interface beside the first one of an instance.
    pub(super) fn more_interface(&mut self, form: form::Interface) -> Built<()> {
        let id = form.id.unwrap_or_else(|| self.derived("eni", &form.name));
        let subnet = self.subnet_id(&form.subnet)?;
        self.interface(&id, &subnet, &form.private_ip, &form.groups, form.tags)?;
        if let Some(made) = self.estate.network.interfaces.get_mut(&id) {
            made.endpoint = form.endpoint;
        }
        if let Some(instance) = form.instance {
            let known =
                |estate: &crate::sim::world::Estate, id: &str| estate.instances.contains_key(id);
            let instance = self.resolve("instance", &instance, known)?;
            self.plug(&id, &instance, form.device_index.unwrap_or(1), false);
        }
        Ok(())
    }

    /// How an instance was launched.
    pub(super) fn settings(&self, form: &form::Launched) -> Settings {
        let usual = Settings::default();
        let account = &self.place.account;
        let profile = form.profile.as_ref();
        let metadata = Metadata::default();
        Settings {
            key_name: form.key.clone(),
            profile: profile.map(|name| format!("arn:aws:iam::{account}:instance-profile/{name}")),
            ebs_optimized: form.ebs_optimized,
            monitoring: form.monitoring,
            metadata: Metadata {
                tokens: form.imds_tokens.clone().unwrap_or(metadata.tokens.clone()),
                hop_limit: form.hop_limit.unwrap_or(metadata.hop_limit),
                ..metadata
            },
            credits: form.credits.clone(),
            placement_group: form.placement_group.clone(),
            shutdown_behavior: form.shutdown.clone().unwrap_or(usual.shutdown_behavior),
            ..Settings::default()
        }
    }
}
