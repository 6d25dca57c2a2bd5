//! One sample, or several, of every registered operation.
//! Full ones have every optional field, so that none is forgotten in what is sent.

pub(in crate::restore) mod tables;
pub(in crate::restore) mod triggers;

use std::collections::BTreeMap;

use crate::domain::plan::Ref;
use crate::domain::text::Untrusted;
use crate::restore::operation::AnyOperation;
use crate::restore::operations::autoscaling_group::{
    EnterStandby, ExitStandby, ResumeProcesses, SuspendProcesses,
};
use crate::restore::operations::ec2_active::{MarkActive, UnmarkActive};
use crate::restore::operations::ec2_address::{AssociateAddress, DisassociateAddress};
use crate::restore::operations::ec2_group::{
    AllowEgress, AllowIngress, CreateGroup, Opening, RevokeEgress,
};
use crate::restore::operations::ec2_instance::{
    SetDeleteOnTermination, StartInstance, StopInstance,
};
use crate::restore::operations::ec2_instance_status::InstanceIsHealthy;
use crate::restore::operations::ec2_interface::{
    AttachInterface, DetachInterface, SetGroups, SetSourceDestCheck,
};
use crate::restore::operations::ec2_launch::{
    BlockDevice, CpuChoice, LaunchInstance, MetadataChoice, NamingChoice, PlacementChoice,
};
use crate::restore::operations::ec2_protection::{SetStopProtection, SetTerminationProtection};
use crate::restore::operations::ec2_root::{ReplaceRootVolume, RootFrom};
use crate::restore::operations::ec2_snapshot::CreateSnapshot;
use crate::restore::operations::ec2_tags::{RemoveTags, TagResource, TagValue};
use crate::restore::operations::ec2_volume::{AttachVolume, CreateVolume, DetachVolume};
use crate::restore::operations::elb_target::{DeregisterTarget, RegisterTarget, Target};
use crate::restore::operations::route53_record::{ChangeRecord, Location, RecordSet};

fn hostile_tags() -> BTreeMap<Untrusted, Untrusted> {
    let tags = [
        ("Name", "a'b\"c$(d)\ne"),
        ("bidi", "\u{202e}x"),
        ("empty", ""),
    ];
    let own = |(key, value): (&str, &str)| (Untrusted::from(key), Untrusted::from(value));
    tags.into_iter().map(own).collect()
}

fn create_volume(full: bool) -> CreateVolume {
    CreateVolume {
        snapshot: "snap-1".into(),
        zone: "eu-west-1a".into(),
        volume_type: "io2".into(),
        size: 200,
        iops: full.then_some(9000),
        throughput: full.then_some(250),
        encrypted: full,
        kms_key: full.then(|| "arn:aws:kms:eu-west-1:111122223333:key/k".into()),
        multi_attach: full,
        initialization_rate: full.then_some(300),
        tags: hostile_tags(),
    }
}

pub(super) fn samples() -> Vec<Box<dyn AnyOperation>> {
    let mut all = of_volumes();
    all.extend(of_groups());
    all.extend(of_launches());
    all.extend(of_interfaces());
    all.extend(of_addresses());
    all.extend(of_targets());
    all.extend(of_records());
    all.extend(of_scaling());
    all.extend(of_roots());
    all.extend(tables::all());
    all.extend(triggers::all());
    all
}

fn opening() -> Opening {
    Opening {
        cidrs: vec!["198.51.100.7/32".into(), "2001:DB8::7/128".into()],
        ports: vec![22, 443],
    }
}

pub(in crate::restore::operations) fn launch(full: bool) -> LaunchInstance {
    LaunchInstance {
        image: "ami-1".into(),
        instance_type: "t3.large".into(),
        subnet: "subnet-1".into(),
        opened: Vec::new(),
        group: Ref::Known("sg-1".into()),
        ingress: Opening {
            cidrs: vec!["198.51.100.7/32".into()],
            ports: vec![22],
        },
        egress: Opening::default(),
        private_ip: full.then(|| "10.0.0.9".into()),
        block_devices: devices(full),
        metadata: metadata(),
        instance_profile: full.then(|| "arn:aws:iam::111122223333:instance-profile/p".into()),
        key_name: full.then(|| "ops".into()),
        placement: if full {
            placed()
        } else {
            PlacementChoice::default()
        },
        monitoring: full,
        ebs_optimized: full.then_some(true),
        credits: full.then(|| "unlimited".into()),
        shutdown: "stop".into(),
        cpu: full.then_some(CpuChoice {
            cores: 2,
            threads: 1,
        }),
        hibernation: full,
        enclave: full,
        auto_recovery: full.then(|| "default".into()),
        capacity_preference: full.then(|| "open".into()),
        naming: full.then(|| NamingChoice {
            hostname_type: "ip-name".into(),
            a_record: true,
            aaaa_record: false,
        }),
        licenses: if full {
            vec!["arn:l".into()]
        } else {
            Vec::new()
        },
        user_data: None,
        tags: hostile_tags(),
        volume_tags: BTreeMap::new(),
    }
}

fn devices(full: bool) -> Vec<BlockDevice> {
    vec![
        BlockDevice {
            device: "/dev/xvda".into(),
            snapshot: None,
            volume_type: "gp3".into(),
            size: 30,
            iops: None,
            throughput: None,
            encrypted: false,
            kms_key: None,
            delete_on_termination: false,
        },
        BlockDevice {
            device: "/dev/sdf".into(),
            snapshot: full.then(|| "snap-9".into()),
            volume_type: "io2".into(),
            size: 200,
            iops: full.then_some(9000),
            throughput: full.then_some(250),
            encrypted: full,
            kms_key: full.then(|| "arn:aws:kms:eu-west-1:111122223333:key/k".into()),
            delete_on_termination: true,
        },
    ]
}

fn metadata() -> MetadataChoice {
    MetadataChoice {
        tokens: "required".into(),
        hop_limit: 2,
        endpoint: "enabled".into(),
        ipv6: "disabled".into(),
        tags: "enabled".into(),
    }
}

fn placed() -> PlacementChoice {
    PlacementChoice {
        tenancy: Some("host".into()),
        group: Some("rack".into()),
        partition: Some(2),
        host: Some("h-1".into()),
        affinity: Some("host".into()),
    }
}

fn of_launches() -> Vec<Box<dyn AnyOperation>> {
    vec![Box::new(launch(true)), Box::new(launch(false))]
}

fn of_interfaces() -> Vec<Box<dyn AnyOperation>> {
    let interface = || Ref::Known("eni-1".into());
    let instance = || Ref::Known("i-1".into());
    let attach = |card| AttachInterface {
        interface: "eni-1".into(),
        instance: instance(),
        device_index: 1,
        card,
    };
    vec![
        Box::new(SetGroups {
            interface: interface(),
            groups: vec![Ref::Known("sg-1".into()), Ref::Known("sg-2".into())],
            before: vec![Ref::Known("sg-3".into())],
        }),
        Box::new(SetSourceDestCheck {
            interface: interface(),
            check: false,
        }),
        Box::new(attach(None)),
        Box::new(attach(Some(1))),
        Box::new(DetachInterface {
            interface: "eni-1".into(),
            instance: instance(),
            attachment: Ref::Known("eni-attach-1".into()),
            next: None,
        }),
        Box::new(SetTerminationProtection {
            instance: instance(),
            on: true,
        }),
        Box::new(SetStopProtection {
            instance: instance(),
            on: false,
        }),
    ]
}

fn of_addresses() -> Vec<Box<dyn AnyOperation>> {
    let associate = |holder: Option<&str>| AssociateAddress {
        allocation: "eipalloc-1".into(),
        interface: Ref::Known("eni-2".into()),
        private_ip: Ref::Known("10.0.0.9".into()),
        holder: holder.map(|id| Ref::Known(id.into())),
    };
    vec![
        Box::new(associate(None)),
        Box::new(associate(Some("eni-1"))),
        Box::new(DisassociateAddress {
            allocation: "eipalloc-1".into(),
            interface: Ref::Known("eni-2".into()),
            association: Ref::Known("eipassoc-1".into()),
        }),
    ]
}

fn of_targets() -> Vec<Box<dyn AnyOperation>> {
    let target = |full: bool| Target {
        id: Ref::Known("i-1".into()),
        port: full.then_some(443),
        zone: full.then(|| "all".into()),
    };
    let register = |full| RegisterTarget {
        group: "arn:t".into(),
        target: target(full),
        until_healthy: true,
    };
    let deregister = |full| DeregisterTarget {
        group: "arn:t".into(),
        target: target(full),
        drains: 300,
        keep_serving: true,
        until_drained: true,
    };
    vec![
        Box::new(register(true)),
        Box::new(register(false)),
        Box::new(deregister(true)),
        Box::new(deregister(false)),
    ]
}

fn record(value: &str, full: bool) -> RecordSet {
    RecordSet {
        name: "www.example.com.".into(),
        kind: "A".into(),
        ttl: 60,
        values: vec![Ref::Known(value.into()), Ref::Known("10.0.0.1".into())],
        set: full.then(|| "blue & <green>".into()),
        weight: full.then_some(10),
        region: full.then(|| "eu-west-1".into()),
        failover: full.then(|| "PRIMARY".into()),
        multi_value: full.then_some(true),
        location: full.then(|| Location {
            continent: Some("NA".into()),
            country: Some("US".into()),
            subdivision: Some("WA".into()),
        }),
        health_check: full.then(|| "h-1".into()),
    }
}

fn of_records() -> Vec<Box<dyn AnyOperation>> {
    let change = |full| ChangeRecord {
        until_forgotten: true,
        zone: "Z1".into(),
        old: record("10.0.0.5", full),
        new: record("10.0.0.9", full),
    };
    vec![Box::new(change(true)), Box::new(change(false))]
}

fn of_scaling() -> Vec<Box<dyn AnyOperation>> {
    let group = || "web".to_owned();
    let processes = || vec!["ReplaceUnhealthy".to_owned(), "Terminate".to_owned()];
    vec![
        Box::new(EnterStandby {
            instance: "i-1".into(),
            group: group(),
        }),
        Box::new(ExitStandby {
            instance: "i-1".into(),
            group: group(),
        }),
        Box::new(SuspendProcesses {
            group: group(),
            processes: processes(),
        }),
        Box::new(ResumeProcesses {
            group: group(),
            processes: processes(),
        }),
    ]
}

fn of_roots() -> Vec<Box<dyn AnyOperation>> {
    let replace = |from| ReplaceRootVolume {
        instance: "i-1".into(),
        from,
        device: "/dev/xvda".into(),
        old: Ref::Known("vol-1".into()),
    };
    vec![
        Box::new(replace(RootFrom::Snapshot("snap-1".into()))),
        Box::new(replace(RootFrom::Image("ami-1".into()))),
        Box::new(replace(RootFrom::Volume("vol-0".into()))),
        Box::new(replace(RootFrom::Launch)),
    ]
}

fn of_groups() -> Vec<Box<dyn AnyOperation>> {
    let group = || Ref::Known("sg-1".into());
    vec![
        Box::new(CreateGroup {
            vpc: "vpc-1".into(),
            description: "defib: keeps what a run launches apart".into(),
        }),
        Box::new(RevokeEgress {
            group: group(),
            rules: Ref::Known(vec!["sgr-1".into(), "sgr-2".into()]),
        }),
        Box::new(AllowIngress {
            group: group(),
            opening: opening(),
        }),
        Box::new(AllowEgress {
            group: group(),
            opening: Opening {
                cidrs: vec!["10.0.0.1/32".into()],
                ports: vec![443],
            },
        }),
    ]
}

fn of_volumes() -> Vec<Box<dyn AnyOperation>> {
    let volume = || Ref::Known("vol-1".into());
    vec![
        Box::new(CreateSnapshot {
            volume: "vol-1".into(),
            description: "before a swap & more".into(),
            tags: hostile_tags(),
        }),
        Box::new(create_volume(true)),
        Box::new(create_volume(false)),
        Box::new(AttachVolume {
            volume: volume(),
            instance: "i-1".into(),
            device: "/dev/sdf".into(),
        }),
        Box::new(DetachVolume {
            volume: volume(),
            instance: "i-1".into(),
            device: "/dev/sdf".into(),
            while_running: true,
        }),
        Box::new(StopInstance {
            instance: "i-1".into(),
        }),
        Box::new(StartInstance {
            instance: "i-1".into(),
            until_ok: true,
        }),
        Box::new(InstanceIsHealthy {
            instance: Ref::Known("i-1".into()),
        }),
        Box::new(SetDeleteOnTermination {
            instance: "i-1".into(),
            device: "/dev/sdf".into(),
            volume: volume(),
            delete: false,
        }),
        Box::new(TagResource {
            resource: Ref::Known("vol-1".into()),
            tags: BTreeMap::from([
                ("defib:run".into(), TagValue::Run),
                (
                    "defib:keep-until".into(),
                    TagValue::Text("2026-03-08".into()),
                ),
            ]),
        }),
        Box::new(MarkActive {
            resource: "i-1".into(),
            instead_of: Some("another".into()),
        }),
        Box::new(UnmarkActive {
            resource: "i-1".into(),
        }),
        Box::new(RemoveTags {
            resource: "vol-1".into(),
            keys: vec!["defib:run".into(), "defib:keep-until".into()],
        }),
    ]
}
