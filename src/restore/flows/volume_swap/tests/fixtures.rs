//! An instance with a root and a data volume, and a snapshot of the data volume.
//! Tests change these facts in one place each, so that what they hold is easy to see.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::check::{Check, Verdict};
use crate::domain::ec2::{Attachment, Instance, Mapping, Tags, Volume};
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Plan, Step};
use crate::domain::text::Untrusted;
use crate::restore::flow::{Flow, FlowError};
use crate::restore::observations::ec2_dry_run::{Answer, Permission, action};
use crate::restore::observations::ec2_instance::InstanceType;
use crate::restore::observations::ec2_snapshot::Snapshot;
use crate::restore::observations::kms::Key;

use super::super::{SwapFacts, VolumeSwap, preflight::calls};

pub const SNAPSHOT: &str = "snap-0123456789abcdef0";
pub const DATA: &str = "vol-0aaaaaaaaaaaaaaaa";
pub const ROOT: &str = "vol-0bbbbbbbbbbbbbbbb";
pub const INSTANCE: &str = "i-0cccccccccccccccc";
pub const ACCOUNT: &str = "111122223333";
pub const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

/// Tags whose bytes a shell, a terminal or a template would like to change.
pub const HOSTILE: [(&str, &str); 4] = [
    ("Name", "orders-db data"),
    ("quote", "it's \"$(id)\" `id`"),
    ("lines", "one\ntwo\u{1b}[31m\u{202e}"),
    (" space ", ""),
];

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn known<T>(value: T) -> Fact<T> {
    Fact::Observed {
        value,
        at: at("2026-03-01T02:30:00Z"),
    }
}

pub fn unknown<T>() -> Fact<T> {
    Fact::Unknown("kms:DescribeKey AccessDeniedException: no".to_owned())
}

pub fn tags(pairs: &[(&str, &str)]) -> Tags {
    let own = |(key, value): &(&str, &str)| (Untrusted::from(*key), Untrusted::from(*value));
    pairs.iter().map(own).collect()
}

pub fn volume(id: &str, device: &str) -> Volume {
    Volume {
        id: id.into(),
        volume_type: "gp3".into(),
        size: 200,
        iops: Some(6000),
        throughput: Some(250),
        encrypted: true,
        kms_key: Some(KEY.into()),
        multi_attach: false,
        state: "in-use".into(),
        zone: "eu-west-1a".into(),
        operator: None,
        attachments: vec![Attachment {
            instance: INSTANCE.into(),
            device: device.into(),
            state: "attached".into(),
            delete_on_termination: false,
            card: None,
        }],
        tags: tags(&HOSTILE),
    }
}

fn mapping(device: &str, volume: &str, delete_on_termination: bool) -> Mapping {
    Mapping {
        device: device.into(),
        volume: volume.into(),
        state: "attached".into(),
        delete_on_termination,
    }
}

fn instance() -> Instance {
    Instance {
        id: INSTANCE.into(),
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
        interfaces: 1,
        mappings: vec![
            mapping("/dev/xvda", ROOT, true),
            mapping("/dev/sdf", DATA, true),
        ],
        tags: tags(&[("Name", "orders-db")]),
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        id: SNAPSHOT.into(),
        state: "completed".into(),
        state_message: None,
        progress: None,
        tier: "standard".into(),
        size: 200,
        full_bytes: None,
        encrypted: true,
        kms_key: Some(KEY.into()),
        volume: Some(DATA.into()),
        started_at: at("2026-03-01T02:00:00Z"),
        owner: ACCOUNT.into(),
        tags: Tags::new(),
    }
}

/// Facts about which there is nothing to be said.
pub fn facts() -> SwapFacts {
    let key = Key {
        arn: KEY.into(),
        state: "Enabled".into(),
    };
    SwapFacts {
        recalled: None,
        observed_at: at("2026-03-01T02:30:00Z"),
        place: Place {
            profile: Some("acme".into()),
            account: ACCOUNT.into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:sts::111122223333:assumed-role/ops".into(),
        snapshot: snapshot(),
        source: known(Some(volume(DATA, "/dev/sdf"))),
        instance: instance(),
        volumes: vec![volume(DATA, "/dev/sdf"), volume(ROOT, "/dev/xvda")],
        instance_type: known(InstanceType {
            instance_store: false,
            nvme: true,
            most_volumes: Some(28),
            shared_slots: true,
            disks: 0,
            ..InstanceType::default()
        }),
        stop_protection: known(false),
        spot_request_type: known(None),
        group: known(None),
        scaling: None,
        keys: BTreeMap::from([(KEY.to_owned(), known(key))]),
        encryption_by_default: known(false),
        default_key: Fact::Unknown("not asked".into()),
        siblings: known(Vec::new()),
        modifications: BTreeMap::from([(DATA.into(), known(None)), (ROOT.into(), known(None))]),
        permissions: Vec::new(),
    }
}

/// The data volume was deleted.
pub fn lost() -> SwapFacts {
    let mut facts = facts();
    facts.source = known(None);
    facts.volumes.remove(0);
    facts.instance.mappings.pop();
    facts
}

/// The snapshot is of the root volume.
pub fn root() -> SwapFacts {
    let mut facts = facts();
    facts.snapshot.volume = Some(ROOT.into());
    facts.source = known(Some(volume(ROOT, "/dev/xvda")));
    facts
}

pub fn stopped(mut facts: SwapFacts) -> SwapFacts {
    facts.instance.state = "stopped".into();
    facts
}

/// Choices from `--name value`; the snapshot is always chosen.
pub fn choices(pairs: &[(&str, &str)]) -> Choices {
    let mut choices = Choices::default();
    choices.set("snapshot", SNAPSHOT);
    for (name, value) in pairs {
        choices.set(name, *value);
    }
    choices
}

pub const EMPTY: [(&str, &str); 2] = [("device", "/dev/sdf"), ("delete-on-termination", "no")];

pub fn try_plan(facts: &SwapFacts, pairs: &[(&str, &str)]) -> Result<Plan, FlowError> {
    VolumeSwap.plan(facts, &choices(pairs))
}

pub fn plan(facts: &SwapFacts, pairs: &[(&str, &str)]) -> Plan {
    try_plan(facts, pairs).unwrap()
}

pub fn step<'a>(plan: &'a Plan, id: &str) -> &'a Step {
    plan.step(&id.into()).unwrap()
}

/// Facts to which every permission of their plan was added, with one answer.
pub fn with_permissions(
    mut facts: SwapFacts,
    pairs: &[(&str, &str)],
    answer: &Fact<Answer>,
) -> SwapFacts {
    let plan = plan(&facts, pairs);
    let asked = calls(&plan.steps).into_iter().map(|call| Permission {
        operation: call.operation.clone(),
        action: action(call),
        advisory: false,
        answer: answer.clone(),
    });
    facts.permissions = asked.collect();
    facts
}

/// The checks of facts with every permission given.
pub fn checks(facts: SwapFacts, pairs: &[(&str, &str)]) -> Vec<Check> {
    let facts = with_permissions(facts, pairs, &known(Answer::Allowed));
    VolumeSwap.preflight(&facts, &choices(pairs))
}

/// Name and verdict of every check that is not fine.
pub fn not_fine(facts: SwapFacts, pairs: &[(&str, &str)]) -> Vec<(String, Verdict)> {
    let checks = checks(facts, pairs).into_iter();
    checks
        .filter(|check| check.verdict != Verdict::Fine)
        .map(|check| (check.name, check.verdict))
        .collect()
}
