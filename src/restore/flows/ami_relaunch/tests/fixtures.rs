//! A web server with a root and a data volume, an Elastic IP address, a second interface, a target group, a record and an
//! Auto Scaling group, and an image of it. Tests change these facts in one place each.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::check::{Check, Verdict};
use crate::domain::ec2::Tags;
use crate::domain::ec2::{Instance, Mapping, Volume};
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Plan, Ref, Step};
use crate::domain::text::Untrusted;
use crate::restore::flow::{Flow, FlowError};
use crate::restore::observations::autoscaling::{Group, Membership};
use crate::restore::observations::ec2_configuration::{Configuration, Metadata, Placement};
use crate::restore::observations::ec2_dry_run::{Answer, Permission, action};
use crate::restore::observations::ec2_image::{Image, ImageDevice};
use crate::restore::observations::ec2_instance::InstanceType;
use crate::restore::observations::ec2_network::{Address, Interface, Subnet};
use crate::restore::observations::ec2_snapshot::Snapshot;
use crate::restore::observations::elb::{Registration, TargetGroup};
use crate::restore::observations::kms::Key;
use crate::restore::observations::route53::Pointing;
use crate::restore::operations::route53_record::RecordSet;

use super::super::facts::{Like, Ways};
use super::super::{AmiRelaunch, RelaunchFacts, preflight::calls};

pub const IMAGE: &str = "ami-0123456789abcdef0";
pub const OLD: &str = "i-0aaaaaaaaaaaaaaaa";
pub const DIGEST: &str = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn known<T>(value: T) -> Fact<T> {
    Fact::Observed {
        value,
        at: at("2026-03-01T02:30:00Z"),
    }
}

pub fn tags(pairs: &[(&str, &str)]) -> Tags {
    let own = |(key, value): &(&str, &str)| (Untrusted::from(*key), Untrusted::from(*value));
    pairs.iter().map(own).collect()
}

fn device(device: &str, size: i32) -> ImageDevice {
    ImageDevice {
        device: device.into(),
        snapshot: Some("snap-1".into()),
        volume_type: "gp2".into(),
        size: Some(size),
        iops: None,
        throughput: None,
        encrypted: false,
        kms_key: None,
        delete_on_termination: true,
    }
}

fn image() -> Image {
    Image {
        id: IMAGE.into(),
        name: Some("web 2026-03-01".into()),
        state: "available".into(),
        state_reason: None,
        owner: "111122223333".into(),
        created_at: Some(at("2026-03-01T02:00:00Z")),
        architecture: "x86_64".into(),
        boot_mode: None,
        virtualization: "hvm".into(),
        ena: Some(true),
        tpm: false,
        requires_tokens: false,
        windows: false,
        root_device_type: "ebs".into(),
        root_device: "/dev/xvda".into(),
        product_codes: Vec::new(),
        source_instance: Some(OLD.into()),
        devices: vec![device("/dev/xvda", 30), device("/dev/sdf", 100)],
        tags: Tags::new(),
    }
}

fn volume(id: &str, size: i32, iops: i32) -> Volume {
    Volume {
        id: id.into(),
        volume_type: "gp3".into(),
        size,
        iops: Some(iops),
        throughput: Some(250),
        encrypted: true,
        kms_key: Some("key-1".into()),
        multi_attach: false,
        state: "in-use".into(),
        zone: "eu-west-1a".into(),
        operator: None,
        attachments: Vec::new(),
        tags: tags(&[("team", "web"), ("Name", id)]),
    }
}

fn mapping(device: &str, volume: &str) -> Mapping {
    Mapping {
        device: device.into(),
        volume: volume.into(),
        state: "attached".into(),
        delete_on_termination: false,
    }
}

fn instance() -> Instance {
    Instance {
        id: OLD.into(),
        state: "running".into(),
        instance_type: "m7i.large".into(),
        zone: "eu-west-1a".into(),
        root_device: "/dev/xvda".into(),
        root_device_type: "ebs".into(),
        windows: false,
        public_address: None,
        lifecycle: None,
        spot_request: None,
        product_codes: Vec::new(),
        hibernation: false,
        operator: None,
        interfaces: 2,
        mappings: vec![
            mapping("/dev/xvda", "vol-root"),
            mapping("/dev/sdf", "vol-data"),
        ],
        tags: tags(&[
            ("Name", "web-1"),
            ("aws:autoscaling:groupName", "web"),
            ("it's", "$(id)"),
        ]),
    }
}

fn configuration() -> Configuration {
    Configuration {
        image: Some("ami-old".into()),
        vpc: Some("vpc-1".into()),
        subnet: Some("subnet-1".into()),
        private_ip: Some("10.0.0.5".into()),
        architecture: "x86_64".into(),
        key_name: Some("ops".into()),
        profile: Some("arn:p".into()),
        placement: Placement {
            tenancy: Some("default".into()),
            ..Placement::default()
        },
        monitoring: true,
        ebs_optimized: true,
        metadata: Some(Metadata {
            tokens: "optional".into(),
            hop_limit: 3,
            endpoint: "enabled".into(),
            ipv6: "disabled".into(),
            tags: "enabled".into(),
        }),
        cpu: Some((1, 2)),
        hibernation: false,
        enclave: false,
        auto_recovery: Some("default".into()),
        capacity_preference: Some("open".into()),
        capacity_target: None,
        naming: Some(("ip-name".into(), true, false)),
        licenses: Vec::new(),
        private_name: Some("ip-10-0-0-5.eu-west-1.compute.internal".into()),
        public_name: None,
    }
}

fn interface(id: &str, index: i32, ip: &str) -> Interface {
    Interface {
        id: id.into(),
        device_index: index,
        card: None,
        attachment: format!("eni-attach-{index}"),
        delete_on_termination: index == 0,
        subnet: "subnet-1".into(),
        groups: vec!["sg-app".into(), "sg-web".into()],
        source_dest_check: true,
        private_ip: ip.into(),
        more_ips: Vec::new(),
        ipv6: Vec::new(),
        prefixes: 0,
        managed: false,
    }
}

pub fn record(value: &str) -> RecordSet {
    RecordSet {
        name: "www.example.com.".into(),
        kind: "A".into(),
        ttl: 60,
        values: vec![Ref::Known(value.into()), Ref::Known("10.0.9.9".into())],
        set: None,
        weight: None,
        region: None,
        failover: None,
        multi_value: None,
        location: None,
        health_check: None,
    }
}

fn ways() -> Ways {
    Ways {
        addresses: known(vec![Address {
            allocation: "eipalloc-1".into(),
            public_ip: "203.0.113.7".into(),
            interface: "eni-0".into(),
            private_ip: "10.0.0.5".into(),
        }]),
        target_groups: known(vec![TargetGroup {
            arn: "arn:t".into(),
            name: "web".into(),
            kind: "instance".into(),
            checks: true,
            balancers: 1,
            drains: Some(120),
            targets: vec![Registration {
                id: OLD.into(),
                port: Some(443),
                zone: None,
                state: "healthy".into(),
            }],
            other_healthy: 1,
        }]),
        records: known(vec![Pointing {
            zone: "Z1".into(),
            zone_name: "example.com.".into(),
            private: true,
            record: Some(record("10.0.0.5")),
            called: "www.example.com. A".into(),
        }]),
        unread_zones: Vec::new(),
        member: known(Some(Membership {
            group: "web".into(),
            lifecycle: "InService".into(),
        })),
        group: known(Some(Group {
            name: "web".into(),
            min: 1,
            desired: 2,
            suspended: Vec::new(),
            target_groups: vec!["arn:t".into()],
        })),
    }
}

pub fn facts() -> RelaunchFacts {
    RelaunchFacts {
        observed_at: at("2026-03-01T02:30:00Z"),
        place: Place {
            profile: Some("acme".into()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:sts::111122223333:assumed-role/ops".into(),
        image: image(),
        like: Some(Like {
            instance_type: known(kind()),
            instance: instance(),
            configuration: configuration(),
            volumes: vec![volume("vol-root", 40, 3000), volume("vol-data", 200, 9000)],
            interfaces: vec![
                interface("eni-0", 0, "10.0.0.5"),
                interface("eni-1", 1, "10.0.0.6"),
            ],
            shutdown: known("stop".into()),
            credits: known(None),
            user_data: known(Some(DIGEST.into())),
            termination_protection: known(false),
            stop_protection: known(true),
        }),
        ways: Some(ways()),
        subnet: known(Some(Subnet {
            id: "subnet-1".into(),
            vpc: "vpc-1".into(),
            zone: "eu-west-1a".into(),
            state: "available".into(),
            free: 9,
        })),
        endpoints: known(vec!["10.0.0.200".into(), "2001:db8::5".into()]),
        instance_type: known(kind()),
        snapshots: BTreeMap::new(),
        keys: BTreeMap::from([
            ("key-1".to_owned(), known(key("key-1", "Enabled"))),
            ("key-own".to_owned(), known(key("key-own", "Enabled"))),
        ]),
        encryption_by_default: known(false),
        default_key: known("key-own".into()),
        permissions: Vec::new(),
    }
}

pub fn key(arn: &str, state: &str) -> Key {
    Key {
        arn: arn.into(),
        state: state.into(),
    }
}

pub fn encrypted_snapshot(key: &str) -> Snapshot {
    Snapshot {
        id: "snap-1".into(),
        state: "completed".into(),
        state_message: None,
        progress: None,
        tier: "standard".into(),
        size: 30,
        full_bytes: None,
        encrypted: true,
        kms_key: Some(key.into()),
        volume: None,
        started_at: at("2026-03-01T02:00:00Z"),
        owner: "111122223333".into(),
        tags: Tags::new(),
    }
}

fn kind() -> InstanceType {
    InstanceType {
        instance_store: false,
        nvme: true,
        architectures: vec!["x86_64".into()],
        boot_modes: vec!["legacy-bios".into(), "uefi".into()],
        virtualization: vec!["hvm".into()],
        ena: Some("required".into()),
        tpm: Some(false),
        most_interfaces: Some(3),
        cpu: Some((1, 2)),
        ..InstanceType::default()
    }
}

/// The same without an instance to replace or to be like.
pub fn alone() -> RelaunchFacts {
    RelaunchFacts {
        like: None,
        ways: None,
        ..facts()
    }
}

pub fn like(facts: &mut RelaunchFacts) -> &mut Like {
    facts.like.as_mut().unwrap()
}

pub fn ways_of(facts: &mut RelaunchFacts) -> &mut Ways {
    facts.ways.as_mut().unwrap()
}

/// What is always said, where nothing else is.
const ALWAYS: [(&str, &str); 3] = [
    ("image", IMAGE),
    ("operator-cidr", "198.51.100.7"),
    ("user-data", "omit"),
];

pub fn choices(pairs: &[(&str, &str)]) -> Choices {
    let all: BTreeMap<&str, &str> = ALWAYS.iter().chain(pairs).copied().collect();
    let mut choices = Choices::default();
    for (name, value) in all {
        choices.set(name, value);
    }
    choices
}

pub fn try_plan(facts: &RelaunchFacts, pairs: &[(&str, &str)]) -> Result<Plan, FlowError> {
    AmiRelaunch.plan(facts, &choices(pairs))
}

pub fn plan(facts: &RelaunchFacts, pairs: &[(&str, &str)]) -> Plan {
    try_plan(facts, pairs).unwrap()
}

pub fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

pub fn step<'a>(plan: &'a Plan, id: &str) -> &'a Step {
    plan.step(&id.into()).unwrap()
}

/// Name and verdict of every check that is not fine, with every permission given.
pub fn not_fine(mut facts: RelaunchFacts, pairs: &[(&str, &str)]) -> Vec<(String, Verdict)> {
    if let Ok(plan) = try_plan(&facts, pairs) {
        let asked = calls(&plan.steps).into_iter().map(|call| Permission {
            operation: call.operation.clone(),
            action: action(call),
            advisory: false,
            answer: known(Answer::Allowed),
        });
        facts.permissions = asked.collect();
    }
    let checks = AmiRelaunch.preflight(&facts, &choices(pairs)).into_iter();
    checks
        .filter(|check: &Check| check.verdict != Verdict::Fine)
        .map(|check| (check.name, check.verdict))
        .collect()
}
