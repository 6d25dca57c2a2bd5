//! An instance that serves, and all that leads to it: an Elastic IP address, a target group, a record and an Auto
//! Scaling group; with two data volumes and an image. And what leads where, as the services tell it.
//!
//! The instances are launched with their groups on the interface: of one that has them on the instance as well, this
//! server tells the groups of both, whatever becomes of the interface.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, Filter, InstanceAttributeName, InstanceNetworkInterface,
    InstanceNetworkInterfaceSpecification, InstanceType, ResourceType, Tag, TagSpecification,
    VolumeType,
};
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, ProtocolEnum, TargetDescription, TargetTypeEnum,
};
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

use crate::account::Account;
use crate::estate::{Estate, Make, ROOT};
use crate::home::Home;
use crate::process::Output;
use crate::stage::REGION;
use crate::world::WorldPicture;

/// Whoever looks at the isolated instance.
pub const OPERATORS: &str = "198.51.100.7,2001:db8::7";
pub const PORTS: &str = "22,443";
pub const DEVICES: [&str; 2] = ["/dev/sdf", "/dev/sdg"];
/// In user data: nobody may ever read it.
pub const CANARY: &str = "canary-of-user-data";

const CALLED: &str = "web";
const RECORD: &str = "web.example.internal.";
const DATA: [Make; 2] = [Make::gp3(10, 4000, 200), Make::io2(12, 640)];

/// What leads to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Interface that the address is at.
    pub address: Option<String>,
    /// States of the targets by their ids.
    pub targets: BTreeMap<String, String>,
    pub record: Vec<String>,
    /// State of the old instance in its Auto Scaling group.
    pub member: Option<String>,
}

/// Protocol, ports and source or destination of a rule.
pub type Rule = (bool, String, i32, i32, String);

pub struct Served {
    pub account: Account,
    pub home: Home,
    pub old: String,
    pub interface: String,
    /// The group that lets the traffic in.
    pub group: String,
    pub image: String,
    target_group: String,
    zone: String,
    pub before: WorldPicture,
    pub ways_before: Ways,
}

impl Served {
    /// Sets everything up, and forgets the calls of it.
    pub fn new() -> Self {
        let account = Account::fresh();
        let estate = Estate::new(&account, REGION);
        let (subnets, vpc) = network(&estate);
        let group = group(&estate, &vpc);
        let old = launch(&estate, &subnets[0], &group);
        for (make, device) in DATA.into_iter().zip(DEVICES) {
            let volume = estate.volume(make, &[("Name", device), ("team", "web")]);
            estate.attach(&old, &volume, device, device == DEVICES[0]);
        }
        let at = primary(&estate, &old);
        let interface = at.network_interface_id().expect("an id").to_owned();
        let private_ip = at.private_ip_address().expect("an address").to_owned();
        give_an_address(&estate, &interface);
        let target_group = balance(&account, &vpc, &subnets, &old);
        let zone = publish(&account, &private_ip);
        scale(&account, &subnets[0], &old);
        let image = estate.ec2.create_image().instance_id(&old).name(CALLED);
        let image = account.wait(image.send()).expect("CreateImage");
        let image = image.image_id().expect("an id").to_owned();
        let home = Home::new().role("red", &account.id, REGION);
        let before = estate.picture();
        let mut served = Self {
            account,
            home,
            old,
            interface,
            group,
            image,
            target_group,
            zone,
            before,
            ways_before: Ways {
                address: None,
                targets: BTreeMap::new(),
                record: Vec::new(),
                member: None,
            },
        };
        served.ways_before = served.ways();
        served.account.forget_calls();
        served
    }

    pub fn estate(&self) -> Estate<'_> {
        Estate::new(&self.account, REGION)
    }

    pub fn picture(&self) -> WorldPicture {
        self.estate().picture()
    }

    /// Returns `VERB ami-relaunch` with the image and who may look, and `extra` behind it.
    pub fn arguments<'a>(&'a self, verb: &'a str, extra: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["--profile", "red", "--region", REGION, verb, "ami-relaunch"];
        arguments.extend(["--image", &self.image, "--operator-cidr", OPERATORS]);
        arguments.extend(["--port", PORTS]);
        arguments.extend(extra);
        arguments
    }

    /// Takes the run back.
    pub fn roll_back(&self, run: &str) -> Output {
        self.home.defib(&["rollback", run, "--yes"]).expect(&[0])
    }

    pub fn move_the_address_to(&self, interface: &str) {
        let ec2 = self.account.ec2(REGION);
        let addresses = self.account.wait(ec2.describe_addresses().send());
        let addresses = addresses.expect("DescribeAddresses");
        let request = (ec2.associate_address())
            .set_allocation_id(addresses.addresses()[0].allocation_id.clone())
            .network_interface_id(interface)
            .allow_reassociation(true);
        let moved = self.account.wait(request.send());
        moved.expect("AssociateAddress");
    }

    /// Reads what leads to whom, from the services that lead there: an instance of this server goes on telling an
    /// address that has moved on.
    pub fn ways(&self) -> Ways {
        let wait = |account: &Account| {
            let addresses = account.ec2(REGION).describe_addresses();
            let addresses = account.wait(addresses.send()).expect("DescribeAddresses");
            let holder = addresses.addresses()[0].network_interface_id();
            holder.map(str::to_owned)
        };
        Ways {
            address: wait(&self.account),
            targets: self.targets(),
            record: self.record(),
            member: self.member(),
        }
    }

    fn targets(&self) -> BTreeMap<String, String> {
        let elb = self.account.elb(REGION);
        let health = elb.describe_target_health();
        let health = health.target_group_arn(&self.target_group);
        let health = self
            .account
            .wait(health.send())
            .expect("DescribeTargetHealth");
        let descriptions = health.target_health_descriptions().iter();
        let row = |one: &aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription| {
            let state = one.target_health()?.state()?.as_str();
            Some((one.target()?.id()?.to_owned(), state.to_owned()))
        };
        descriptions.filter_map(row).collect()
    }

    fn record(&self) -> Vec<String> {
        let list = self.account.route53(REGION).list_resource_record_sets();
        let sets = self.account.wait(list.hosted_zone_id(&self.zone).send());
        let sets = sets.expect("ListResourceRecordSets");
        let named = (sets.resource_record_sets().iter()).filter(|set| set.name() == RECORD);
        let values = named.flat_map(ResourceRecordSet::resource_records);
        values.map(|value| value.value().to_owned()).collect()
    }

    fn member(&self) -> Option<String> {
        let scaling = self.account.autoscaling(REGION);
        let found = scaling.describe_auto_scaling_instances();
        let found = self
            .account
            .wait(found.instance_ids(&self.old).send())
            .expect("DescribeAutoScalingInstances");
        let member = found.auto_scaling_instances().first()?;
        member.lifecycle_state().map(str::to_owned)
    }

    /// Returns the only group that a run has made.
    pub fn quarantine(&self) -> String {
        let made = Filter::builder()
            .name("tag-key")
            .values("defib:run")
            .build();
        let request = self.estate().ec2.describe_security_groups().filters(made);
        let found = self.account.wait(request.send());
        let found = found.expect("DescribeSecurityGroups");
        let [group] = found.security_groups() else {
            panic!("one group is expected: {found:?}")
        };
        group.group_id().expect("an id").to_owned()
    }

    pub fn rules(&self, group: &str) -> BTreeSet<Rule> {
        let of_group = Filter::builder().name("group-id").values(group).build();
        let request = self.estate().ec2.describe_security_group_rules();
        let found = self.account.wait(request.filters(of_group).send());
        let found = found.expect("DescribeSecurityGroupRules");
        let rules = found.security_group_rules().iter();
        let row = |rule: &aws_sdk_ec2::types::SecurityGroupRule| {
            let cidr = rule.cidr_ipv4().or(rule.cidr_ipv6()).unwrap_or("other");
            (
                rule.is_egress().unwrap_or(true),
                rule.ip_protocol().unwrap_or_default().to_owned(),
                rule.from_port().unwrap_or_default(),
                rule.to_port().unwrap_or_default(),
                cidr.to_owned(),
            )
        };
        rules.map(row).collect()
    }

    /// Returns the primary interface of an instance, its groups and its addresses with it.
    pub fn primary(&self, instance: &str) -> InstanceNetworkInterface {
        primary(&self.estate(), instance)
    }

    pub fn is_protected(&self, instance: &str) -> bool {
        let request = self.estate().ec2.describe_instance_attribute();
        let request = request.instance_id(instance);
        let request = request.attribute(InstanceAttributeName::DisableApiTermination);
        let found = self.account.wait(request.send());
        let found = found.expect("DescribeInstanceAttribute");
        found
            .disable_api_termination()
            .and_then(aws_sdk_ec2::types::AttributeBooleanValue::value)
            == Some(true)
    }

    /// Every action that may have changed something since the calls were forgotten, in the order of arrival.
    pub fn actions(&self) -> Vec<String> {
        let calls = self.account.calls();
        let real = calls.iter().filter(|call| call["dry_run"] == false);
        real.map(|call| call["action"].as_str().expect("an action").to_owned())
            .collect()
    }
}

fn network(estate: &Estate<'_>) -> ([String; 2], String) {
    let subnets = estate
        .account
        .wait(estate.ec2.describe_subnets().send())
        .expect("DescribeSubnets");
    let of = |zone: String| {
        let mut all = subnets.subnets().iter();
        all.find(|subnet| subnet.availability_zone() == Some(&*zone))
            .expect("a subnet in each zone")
    };
    let (a, b) = (of(estate.zone()), of(format!("{}b", estate.region)));
    let id = |subnet: &aws_sdk_ec2::types::Subnet| subnet.subnet_id().expect("an id").to_owned();
    ([id(a), id(b)], a.vpc_id().expect("a VPC").to_owned())
}

fn group(estate: &Estate<'_>, vpc: &str) -> String {
    let request = (estate.ec2.create_security_group())
        .group_name(CALLED)
        .description("lets the traffic in")
        .vpc_id(vpc);
    let group = estate.account.wait(request.send());
    let group = group.expect("CreateSecurityGroup");
    group.group_id().expect("an id").to_owned()
}

fn launch(estate: &Estate<'_>, subnet: &str, group: &str) -> String {
    let root = EbsBlockDevice::builder()
        .volume_size(8)
        .volume_type(VolumeType::Gp3)
        .delete_on_termination(true);
    let mapping = BlockDeviceMapping::builder()
        .device_name(ROOT)
        .ebs(root.build());
    let interface = InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(subnet)
        .groups(group)
        .delete_on_termination(true);
    let name = Tag::builder().key("Name").value("web-1").build();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Instance)
        .tags(name);
    let script = format!("#!/bin/sh\n# {CANARY}\n");
    let request = (estate.ec2.run_instances())
        .image_id("ami-0de71b0a2023c0de1")
        .instance_type(InstanceType::T3Micro)
        .min_count(1)
        .max_count(1)
        .user_data(data_encoding::BASE64.encode(script.as_bytes()))
        .block_device_mappings(mapping.build())
        .network_interfaces(interface.build())
        .tag_specifications(tags.build());
    let launched = estate.account.wait(request.send()).expect("RunInstances");
    let id = launched.instances()[0].instance_id();
    id.expect("an id").to_owned()
}

fn primary(estate: &Estate<'_>, instance: &str) -> InstanceNetworkInterface {
    let request = estate.ec2.describe_instances().instance_ids(instance);
    let found = estate.account.wait(request.send());
    let found = found.expect("DescribeInstances");
    found.reservations()[0].instances()[0].network_interfaces()[0].clone()
}

fn give_an_address(estate: &Estate<'_>, interface: &str) {
    let address = estate.account.wait(estate.ec2.allocate_address().send());
    let address = address.expect("AllocateAddress");
    let request = (estate.ec2.associate_address())
        .set_allocation_id(address.allocation_id)
        .network_interface_id(interface);
    let given = estate.account.wait(request.send());
    given.expect("AssociateAddress");
}

fn balance(account: &Account, vpc: &str, subnets: &[String], instance: &str) -> String {
    let elb = account.elb(REGION);
    let group = (elb.create_target_group())
        .name(CALLED)
        .protocol(ProtocolEnum::Http)
        .port(80)
        .vpc_id(vpc)
        .target_type(TargetTypeEnum::Instance);
    let group = account.wait(group.send()).expect("CreateTargetGroup");
    let group = group.target_groups()[0].target_group_arn();
    let group = group.expect("an ARN").to_owned();
    let balancer = elb.create_load_balancer().name(CALLED);
    let balancer = balancer.set_subnets(Some(subnets.to_vec()));
    let balancer = account.wait(balancer.send()).expect("CreateLoadBalancer");
    let forward = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(&group)
        .build();
    let listener = (elb.create_listener())
        .set_load_balancer_arn(balancer.load_balancers()[0].load_balancer_arn.clone())
        .protocol(ProtocolEnum::Http)
        .port(80)
        .default_actions(forward);
    account.wait(listener.send()).expect("CreateListener");
    let target = TargetDescription::builder().id(instance).port(80).build();
    let register = elb.register_targets().target_group_arn(&group);
    account
        .wait(register.targets(target).send())
        .expect("RegisterTargets");
    group
}

fn publish(account: &Account, address: &str) -> String {
    let route53 = account.route53(REGION);
    let zone = route53.create_hosted_zone().name("example.internal.");
    let zone = account.wait(zone.caller_reference(&account.id).send());
    let zone = zone.expect("CreateHostedZone");
    let zone = zone.hosted_zone().expect("a zone").id();
    let zone = zone.rsplit('/').next().expect("an id").to_owned();
    let value = ResourceRecord::builder().value(address).build();
    let set = ResourceRecordSet::builder()
        .name(RECORD)
        .r#type(RrType::A)
        .ttl(60)
        .resource_records(value.expect("a value"))
        .build();
    let change = Change::builder()
        .action(ChangeAction::Create)
        .resource_record_set(set.expect("a record"))
        .build();
    let batch = ChangeBatch::builder()
        .changes(change.expect("a change"))
        .build();
    let request = (route53.change_resource_record_sets())
        .hosted_zone_id(&zone)
        .change_batch(batch.expect("a batch"));
    let changed = account.wait(request.send());
    changed.expect("ChangeResourceRecordSets");
    zone
}

/// Makes a group of one member, which may be without it for a while.
fn scale(account: &Account, subnet: &str, instance: &str) {
    let scaling = account.autoscaling(REGION);
    let template = (scaling.create_launch_configuration())
        .launch_configuration_name(CALLED)
        .image_id("ami-0de71b0a2023c0de1")
        .instance_type("t3.micro");
    account
        .wait(template.send())
        .expect("CreateLaunchConfiguration");
    let group = (scaling.create_auto_scaling_group())
        .auto_scaling_group_name(CALLED)
        .launch_configuration_name(CALLED)
        .vpc_zone_identifier(subnet)
        .min_size(0)
        .max_size(3)
        .desired_capacity(0);
    account.wait(group.send()).expect("CreateAutoScalingGroup");
    let attach = scaling.attach_instances().auto_scaling_group_name(CALLED);
    account
        .wait(attach.instance_ids(instance).send())
        .expect("AttachInstances");
}
