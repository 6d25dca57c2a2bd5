//! Makes load balancers with their target groups, Auto Scaling groups, and the hosted zones of an account.
//!
//! A group that only its members name is made for them, so that it refuses nothing.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::build::{Builder, Built, DAY};
use super::form;
use crate::sim::elb::model::{Balancer, Target, TargetGroup};
use crate::sim::route53::model::{Alias, Record, Zone, name};
use crate::sim::scaling::model::ScalingGroup;
use crate::sim::world::{Estate, digest};

impl Builder {
    pub(super) fn load_balancer(&mut self, form: form::LoadBalancer) -> Built<()> {
        let subnet = self.subnet_id(&form.subnet)?;
        let vpc_id = self
            .estate
            .network
            .subnets
            .get(&subnet)
            .map(|one| one.vpc_id.clone());
        let known = |estate: &Estate, id: &str| estate.network.groups.contains_key(id);
        let groups = form.groups.iter();
        let groups = groups.map(|name| self.resolve("security group", name, known));
        let kind = form.kind.unwrap_or_else(|| "application".to_owned());
        let short = if kind == "network" { "net" } else { "app" };
        let (region, account) = (&self.place.region, &self.place.account);
        let id = digest(&form.name, 5, 16);
        let arn = format!(
            "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{short}/{}/{id}",
            form.name
        );
        let balancer = Balancer {
            arn: arn.clone(),
            dns_name: format!("{}-{}.{region}.elb.amazonaws.com", form.name, &id[..10]),
            kind,
            vpc_id: vpc_id.unwrap_or_default(),
            subnets: vec![subnet],
            security_groups: groups.collect::<Built<_>>()?,
            address: form.address,
            listener_port: form.port,
            listener_protocol: form.protocol,
            name: form.name,
        };
        let replaced = self
            .estate
            .balancing
            .balancers
            .insert(arn.clone(), balancer);
        self.once("load balancer", &arn, replaced.is_some())
    }

    pub(super) fn target_group(&mut self, form: form::TargetGroup) -> Built<()> {
        let known = |estate: &Estate, id: &str| estate.network.vpcs.contains_key(id);
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
        let balancers = match &form.load_balancer {
            Some(name) => vec![self.balancer_arn(name)?],
            None => Vec::new(),
        };
        let (region, account) = (&self.place.region, &self.place.account);
        let id = digest(&form.name, 6, 16);
        let arn = format!(
            "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{}/{id}",
            form.name
        );
        let seconds = SignedDuration::from_secs;
        let mut group = TargetGroup {
            arn: arn.clone(),
            protocol: form.protocol.unwrap_or_else(|| "HTTP".to_owned()),
            port: form.port,
            vpc_id,
            target_type: form.target_type.unwrap_or_else(|| "instance".to_owned()),
            balancers,
            interval: form.interval.map_or(seconds(30), |length| length.0),
            healthy_threshold: form.healthy_threshold.unwrap_or(5),
            unhealthy_threshold: form.unhealthy_threshold.unwrap_or(2),
            path: form.path,
            deregistration_delay: form.deregistration_delay.map_or(seconds(300), |one| one.0),
            targets: Vec::new(),
            name: form.name,
        };
        for target in form.targets {
            let known = |estate: &Estate, id: &str| estate.instances.contains_key(id);
            let id = if group.target_type == "instance" {
                self.resolve("instance", &target, known)?
            } else {
                target
            };
            group.targets.push(Target {
                id,
                port: group.port,
                availability_zone: None,
                registered: self.before(None, DAY * 41)?,
                deregistered: None,
            });
        }
        let replaced = self.estate.balancing.groups.insert(arn.clone(), group);
        self.once("target group", &arn, replaced.is_some())
    }

    fn balancer_arn(&self, name: &str) -> Built<String> {
        let mut all = self.estate.balancing.balancers.values();
        let found = all.find(|one| one.name == name).map(|one| one.arn.clone());
        found.ok_or_else(|| self.no_such("load balancer", name))
    }

    pub(super) fn scaling_groups(&mut self, forms: Vec<form::ScalingGroup>) -> Built<()> {
        for form in forms {
            let mut arns = Vec::new();
            for name in &form.target_groups {
                let mut all = self.estate.balancing.groups.values();
                let arn = all.find(|one| one.name == *name).map(|one| one.arn.clone());
                arns.push(arn.ok_or_else(|| self.no_such("target group", name))?);
            }
            let since = self.before(None, DAY)?;
            let suspended = form.suspended.into_iter().map(|name| (name, since));
            let group = ScalingGroup {
                name: form.name.clone(),
                min: form.min,
                max: form.max,
                desired: form.desired,
                target_groups: arns,
                suspended: suspended.collect(),
                resumed: BTreeMap::new(),
                activities: Vec::new(),
            };
            let replaced = self.estate.scaling.insert(form.name.clone(), group);
            self.once("Auto Scaling group", &form.name, replaced.is_some())?;
        }
        self.groups_of_members();
        Ok(())
    }

    fn groups_of_members(&mut self) {
        let members = self.estate.instances.values();
        let names: Vec<String> = members
            .filter_map(|one| Some(one.auto_scaling.as_ref()?.group.clone()))
            .collect();
        for name in names {
            let group = self.estate.scaling.entry(name.clone());
            let group = group.or_insert_with(|| ScalingGroup {
                name,
                min: 0,
                max: 100,
                desired: 0,
                target_groups: Vec::new(),
                suspended: BTreeMap::new(),
                resumed: BTreeMap::new(),
                activities: Vec::new(),
            });
            if group.min == 0 && group.max == 100 {
                group.desired += 1;
            }
        }
    }
}

/// Makes a hosted zone.
pub(super) fn hosted_zone(form: form::HostedZone) -> (String, Zone) {
    let records = form.records.into_iter().map(|record| Record {
        name: name(&record.name),
        kind: record.kind,
        set: record.set,
        weight: record.weight,
        ttl: record.ttl,
        values: record.values,
        alias: record.alias.map(|(zone, target)| Alias {
            zone,
            name: name(&target),
            evaluate_health: false,
        }),
        health_check: record.health_check,
    });
    let zone = Zone {
        name: name(&form.name),
        private: form.private,
        comment: form.comment,
        records: records.collect(),
        id: form.id,
    };
    (form.account, zone)
}
