//! Plans and checks of a replacement, from facts that are made up here.
//! Nothing here asks AWS, simulated or not.

use jiff::Timestamp;

use super::ReplaceRoot;
use super::facts::{RootFacts, Source};
use super::preflight::calls;
use crate::domain::check::Verdict;
use crate::domain::ec2::Tags;
use crate::domain::ec2::{Instance, Mapping, Volume};
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Impact, Plan};
use crate::restore::flow::Flow;
use crate::restore::observations::autoscaling::Group;
use crate::restore::observations::ec2_dry_run::{Answer, Permission, action};
use crate::restore::observations::ec2_image::{Image, ImageDevice};
use crate::restore::observations::ec2_instance::InstanceType;
use crate::restore::observations::ec2_snapshot::Snapshot;
use crate::restore::operation::decode;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn known<T>(value: T) -> Fact<T> {
    Fact::Observed {
        value,
        at: at("2026-03-01T02:30:00Z"),
    }
}

fn snapshot(volume: Option<&str>) -> Snapshot {
    Snapshot {
        id: "snap-1".into(),
        state: "completed".into(),
        state_message: None,
        progress: None,
        tier: "standard".into(),
        size: 30,
        full_bytes: None,
        encrypted: false,
        kms_key: None,
        volume: volume.map(Into::into),
        started_at: at("2026-03-01T02:00:00Z"),
        owner: "111122223333".into(),
        tags: Tags::new(),
    }
}

fn image() -> Image {
    Image {
        id: "ami-1".into(),
        name: None,
        state: "available".into(),
        state_reason: None,
        owner: "111122223333".into(),
        created_at: Some(at("2026-03-01T02:00:00Z")),
        architecture: "x86_64".into(),
        boot_mode: Some("uefi".into()),
        virtualization: "hvm".into(),
        ena: Some(true),
        tpm: false,
        requires_tokens: false,
        windows: false,
        root_device_type: "ebs".into(),
        root_device: "/dev/xvda".into(),
        product_codes: Vec::new(),
        source_instance: Some("i-1".into()),
        devices: vec![ImageDevice {
            device: "/dev/xvda".into(),
            snapshot: Some("snap-1".into()),
            volume_type: "gp3".into(),
            size: Some(30),
            iops: None,
            throughput: None,
            encrypted: false,
            kms_key: None,
            delete_on_termination: true,
        }],
        tags: Tags::new(),
    }
}

fn instance_type() -> InstanceType {
    InstanceType {
        architectures: vec!["x86_64".into()],
        boot_modes: vec!["legacy-bios".into(), "uefi".into()],
        virtualization: vec!["hvm".into()],
        ena: Some("required".into()),
        tpm: Some(false),
        ..InstanceType::default()
    }
}

fn facts() -> RootFacts {
    RootFacts {
        observed_at: at("2026-03-01T02:30:00Z"),
        place: Place {
            profile: Some("acme".into()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:sts::111122223333:assumed-role/ops".into(),
        instance: Instance {
            id: "i-1".into(),
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
            mappings: vec![Mapping {
                device: "/dev/xvda".into(),
                volume: "vol-root".into(),
                state: "attached".into(),
                delete_on_termination: true,
            }],
            tags: Tags::new(),
        },
        architecture: "x86_64".into(),
        instance_type: known(instance_type()),
        root: Volume {
            id: "vol-root".into(),
            volume_type: "gp3".into(),
            size: 30,
            iops: None,
            throughput: None,
            encrypted: false,
            kms_key: None,
            multi_attach: false,
            state: "in-use".into(),
            zone: "eu-west-1a".into(),
            operator: None,
            attachments: Vec::new(),
            tags: Tags::new(),
        },
        source: Source::Snapshot(Box::new(snapshot(Some("vol-root")))),
        encryption_by_default: known(false),
        taken_before: known(false),
        group: known(None),
        permissions: Vec::new(),
    }
}

fn choices() -> Choices {
    let mut choices = Choices::default();
    choices.set("instance", "i-1");
    choices.set("snapshot", "snap-1");
    choices
}

fn plan(facts: &RootFacts) -> Plan {
    ReplaceRoot.plan(facts, &choices()).unwrap()
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

fn not_fine(mut facts: RootFacts) -> Vec<(String, Verdict)> {
    let plan = plan(&facts);
    let asked = calls(&plan.steps).into_iter().map(|call| Permission {
        operation: call.operation.clone(),
        action: action(call),
        advisory: false,
        answer: known(Answer::Allowed),
    });
    facts.permissions = asked.collect();
    let checks = ReplaceRoot.preflight(&facts, &choices()).into_iter();
    checks
        .filter(|check| check.verdict != Verdict::Fine && check.name != "reboot")
        .map(|check| (check.name, check.verdict))
        .collect()
}

#[test]
fn the_root_is_replaced_after_a_snapshot_of_it_and_waited_for() {
    let plan = plan(&facts());
    assert_eq!(
        ids(&plan),
        [
            "mark",
            "safety-snapshot",
            "replace",
            "checks",
            "delete-on-termination",
            "tag-new-volume",
            "tag-old-volume",
            "healthy",
            "unmark",
        ]
    );
    let replace = plan.step(&"replace".into()).unwrap();
    assert_eq!(replace.impact, Impact::Interrupts);
    assert_eq!(plan.expected_outage().unwrap().as_secs(), 180 + 120);
    let request = decode(replace.call.as_ref().unwrap()).unwrap().request();
    assert_eq!(request.parameters["SnapshotId"], "snap-1");
    assert_eq!(request.parameters["DeleteReplacedRootVolume"], false);
    let back = decode(replace.undo[0].call.as_ref().unwrap())
        .unwrap()
        .request();
    assert_eq!(back.parameters["VolumeId"], "vol-root");
}

#[test]
fn a_group_is_kept_from_replacing_its_member_and_only_by_what_runs() {
    let mut facts = facts();
    facts.group = known(Some(Group {
        name: "web".into(),
        min: 1,
        desired: 2,
        suspended: vec!["Terminate".into()],
        target_groups: Vec::new(),
    }));
    let plan = plan(&facts);
    let at = |id: &str| ids(&plan).iter().position(|one| *one == id).unwrap();
    assert!(at("suspend") < at("replace") && at("healthy") < at("resume"));
    for id in ["suspend", "resume"] {
        let call = plan.step(&id.into()).unwrap().call.as_ref().unwrap();
        let wanted = serde_json::json!(["HealthCheck", "ReplaceUnhealthy"]);
        assert_eq!(call.input["processes"], wanted, "{id}");
    }
}

#[test]
fn what_ec2_does_not_take_stops_and_names_the_swap() {
    assert!(not_fine(facts()).is_empty());
    let only = |name: &str, verdict| vec![(name.to_owned(), verdict)];
    let mut copy = facts();
    copy.source = Source::Snapshot(Box::new(snapshot(None)));
    assert_eq!(not_fine(copy), only("lineage", Verdict::Stop));
    let mut other = facts();
    other.source = Source::Snapshot(Box::new(snapshot(Some("vol-other"))));
    assert_eq!(not_fine(other), only("lineage", Verdict::Know));
    let mut stopped = facts();
    stopped.instance.state = "stopped".into();
    assert_eq!(not_fine(stopped), only("instance-state", Verdict::Stop));
    let mut metal = facts();
    metal.instance.instance_type = "m7i.metal-24xl".into();
    assert_eq!(not_fine(metal), only("root", Verdict::Stop));
    let mut unknown = facts();
    unknown.group =
        Fact::Unknown("autoscaling:DescribeAutoScalingInstances AccessDenied: no".into());
    assert_eq!(not_fine(unknown), only("auto-scaling", Verdict::Stop));
}

#[test]
fn a_group_that_the_tag_names_and_nobody_can_read_is_named() {
    let mut facts = facts();
    facts.group = Fact::Unknown("AccessDenied: no".into());
    let tag = ("aws:autoscaling:groupName".into(), "web".into());
    facts.instance.tags.extend([tag]);
    let checks = ReplaceRoot.preflight(&facts, &choices());
    let group = checks.iter().find(|check| check.name == "auto-scaling");
    let group = group.unwrap();
    assert_eq!(group.verdict, Verdict::Stop);
    assert!(group.found.contains("Auto Scaling group web"), "{group:?}");
}

#[test]
fn an_unencrypted_root_that_becomes_an_encrypted_one_may_have_no_way_back() {
    let know = vec![("way-back".to_owned(), Verdict::Know)];
    let mut by_default = facts();
    by_default.encryption_by_default = known(true);
    assert_eq!(not_fine(by_default.clone()), know);
    let mut unread = facts();
    unread.encryption_by_default = Fact::Unknown("denied".into());
    let unanswered = vec![("way-back".to_owned(), Verdict::Unanswered)];
    assert_eq!(not_fine(unread), unanswered);
    let mut source = facts();
    let encrypted = Snapshot {
        encrypted: true,
        ..snapshot(Some("vol-root"))
    };
    source.source = Source::Snapshot(Box::new(encrypted));
    assert_eq!(not_fine(source), know);
    by_default.root.encrypted = true;
    assert!(not_fine(by_default).is_empty());
}

#[test]
fn a_snapshot_that_a_root_was_made_from_before_is_of_its_lineage() {
    let mut facts = facts();
    facts.source = Source::Snapshot(Box::new(snapshot(Some("vol-other"))));
    facts.taken_before = known(true);
    assert!(not_fine(facts).is_empty());
}

#[test]
fn an_image_that_the_instance_cannot_boot_stops() {
    let image = |change: fn(&mut Image)| {
        let mut image = image();
        change(&mut image);
        let mut facts = facts();
        facts.source = Source::Image(Box::new(image));
        not_fine(facts)
    };
    assert!(image(|_| {}).is_empty());
    let only = |name: &str| vec![(name.to_owned(), Verdict::Stop)];
    assert_eq!(image(|image| image.tpm = true), only("tpm"));
    assert_eq!(image(|image| image.ena = Some(false)), only("ena"));
    assert_eq!(
        image(|image| image.virtualization = "paravirtual".into()),
        only("virtualization")
    );
    assert_eq!(
        image(|image| image.architecture = "arm64".into()),
        only("architecture")
    );
}

#[test]
fn a_plan_made_again_with_its_own_choices_is_the_same() {
    let first = plan(&facts());
    let again = ReplaceRoot.plan(&facts(), &first.choices).unwrap();
    assert_eq!(again.hash, first.hash);
}
