//! What Elastic Load Balancing keeps. Plain records; a target's health is computed where it is asked for.
//! Defaults are those of a new target group (ELB API reference, `CreateTargetGroup`).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// The load balancers and target groups of a place, by ARN.
#[derive(Clone, Debug, Default)]
pub struct Balancing {
    pub balancers: BTreeMap<String, Balancer>,
    pub groups: BTreeMap<String, TargetGroup>,
}

/// A load balancer with one listener.
#[derive(Clone, Debug)]
pub struct Balancer {
    pub arn: String,
    pub name: String,
    /// `application` or `network`.
    pub kind: String,
    pub dns_name: String,
    pub vpc_id: String,
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    /// The one private address that it asks its targets from, where it has no security groups.
    pub address: String,
    pub listener_port: i32,
    pub listener_protocol: String,
}

#[derive(Clone, Debug)]
pub struct TargetGroup {
    pub arn: String,
    pub name: String,
    pub protocol: String,
    pub port: i32,
    pub vpc_id: String,
    /// `instance` or `ip`.
    pub target_type: String,
    /// ARNs of the load balancers that use it.
    pub balancers: Vec<String>,
    pub interval: SignedDuration,
    pub healthy_threshold: i32,
    pub unhealthy_threshold: i32,
    pub path: Option<String>,
    pub deregistration_delay: SignedDuration,
    pub targets: Vec<Target>,
}

/// A registration, or one that is draining.
#[derive(Clone, Debug)]
pub struct Target {
    /// An instance or an address.
    pub id: String,
    pub port: i32,
    pub availability_zone: Option<String>,
    pub registered: Timestamp,
    pub deregistered: Option<Timestamp>,
}

impl TargetGroup {
    /// Finds a target that is registered.
    pub fn registered(&mut self, id: &str, port: i32) -> Option<&mut Target> {
        let is = |one: &&mut Target| one.id == id && one.port == port && one.deregistered.is_none();
        self.targets.iter_mut().find(is)
    }

    /// Registers a target, or lets one that is registered be.
    pub fn register(&mut self, id: &str, port: i32, zone: Option<String>, now: Timestamp) -> bool {
        if self.registered(id, port).is_some() {
            return false;
        }
        self.targets.retain(|one| one.id != id || one.port != port);
        self.targets.push(Target {
            id: id.to_owned(),
            port,
            availability_zone: zone,
            registered: now,
            deregistered: None,
        });
        true
    }

    /// Begins to drain a target; by its id alone, on every port.
    pub fn deregister(&mut self, id: &str, port: Option<i32>, now: Timestamp) -> bool {
        let mut any = false;
        for target in &mut self.targets {
            let meant = target.id == id && port.is_none_or(|port| port == target.port);
            if meant && target.deregistered.is_none() {
                target.deregistered = Some(now);
                any = true;
            }
        }
        any
    }
}
