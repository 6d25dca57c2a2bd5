//! Every check, with the fact that decides it.
//! Facts without fault are changed in one place, and exactly one check must notice.

use crate::domain::check::{Verdict, stops};
use crate::domain::ec2::PublicAddress;
use crate::domain::facts::Fact;
use crate::restore::flow::Flow;
use crate::restore::observations::autoscaling::{Group, Membership};
use crate::restore::observations::ec2_dry_run::Answer;
use crate::restore::observations::ec2_snapshot::Sibling;
use crate::restore::observations::ec2_volume::Modification;
use crate::restore::observations::kms::Key;

use super::super::{SwapFacts, VolumeSwap};
use super::fixtures::*;

#[test]
fn a_plain_swap_has_nothing_to_be_said_against_it() {
    for mode in ["stop", "unmount", "beside"] {
        assert_eq!(not_fine(facts(), &[("mode", mode)]), [], "{mode}");
    }
}

type Change = fn(&mut SwapFacts);

/// What is changed in facts without fault, the check that notices, and its verdict.
const ONE_FAULT: &[(&str, Verdict, Change)] = &[
    ("snapshot-state", Verdict::Stop, |f| {
        f.snapshot.state = "pending".into();
    }),
    ("snapshot-state", Verdict::Stop, |f| {
        f.snapshot.state = "error".into();
    }),
    ("snapshot-state", Verdict::Stop, |f| {
        f.snapshot.state = "recoverable".into();
    }),
    ("snapshot-state", Verdict::Stop, |f| {
        f.snapshot.state = "something-new".into();
    }),
    ("snapshot-tier", Verdict::Stop, |f| {
        f.snapshot.tier = "archive".into();
    }),
    ("snapshot-owner", Verdict::Know, |f| {
        f.snapshot.owner = "777788889999".into();
    }),
    ("sibling-snapshots", Verdict::Know, |f| {
        f.siblings = known(vec![Sibling {
            id: "snap-0f".into(),
            volume: ROOT.into(),
        }]);
    }),
    ("sibling-snapshots", Verdict::Unanswered, |f| {
        f.siblings = unknown();
    }),
    ("instance-state", Verdict::Stop, |f| {
        f.instance.state = "stopping".into();
    }),
    ("instance-state", Verdict::Stop, |f| {
        f.instance.state = "pending".into();
    }),
    ("auto-scaling", Verdict::Stop, |f| {
        f.group = member("InService");
    }),
    ("auto-scaling", Verdict::Know, |f| {
        f.group = member("Standby");
    }),
    ("auto-scaling", Verdict::Know, |f| {
        f.group = member("InService");
        f.scaling = Some(known(Some(group(0, &[]))));
    }),
    ("auto-scaling", Verdict::Stop, |f| {
        f.group = member("InService");
        f.scaling = Some(unknown());
    }),
    ("auto-scaling", Verdict::Unanswered, |f| f.group = unknown()),
    ("auto-scaling", Verdict::Stop, |f| {
        f.group = unknown();
        f.instance
            .tags
            .extend(tags(&[("aws:autoscaling:groupName", "web")]));
    }),
    ("spot", Verdict::Stop, |f| {
        f.spot_request_type = known(Some("one-time".into()));
    }),
    ("spot", Verdict::Know, |f| {
        f.spot_request_type = known(Some("persistent".into()));
    }),
    ("spot", Verdict::Unanswered, |f| {
        f.spot_request_type = unknown();
    }),
    ("instance-store", Verdict::Know, |f| {
        if let Fact::Observed { value, .. } = &mut f.instance_type {
            value.instance_store = true;
        }
    }),
    ("instance-store", Verdict::Stop, |f| {
        f.instance.root_device_type = "instance-store".into();
    }),
    ("instance-store", Verdict::Unanswered, |f| {
        f.instance_type = unknown();
    }),
    ("stop-protection", Verdict::Stop, |f| {
        f.stop_protection = known(true);
    }),
    ("stop-protection", Verdict::Unanswered, |f| {
        f.stop_protection = unknown();
    }),
    ("public-address", Verdict::Know, |f| {
        at_address(f, Some("amazon"));
    }),
    ("public-address", Verdict::Unanswered, |f| {
        at_address(f, None);
    }),
    ("hibernation", Verdict::Know, |f| {
        f.instance.hibernation = true;
    }),
    ("product-codes", Verdict::Know, |f| {
        f.instance.product_codes = vec!["8u2k4".into()];
    }),
    ("managed-instance", Verdict::Stop, |f| {
        f.instance.operator = Some("eks".into());
    }),
    ("windows", Verdict::Know, |f| f.instance.windows = true),
    ("attachment", Verdict::Stop, |f| {
        f.volumes[0].attachments[0].state = "busy".into();
    }),
    ("attachment", Verdict::Stop, |f| {
        f.volumes[0].attachments[0].state = "detaching".into();
    }),
    ("attachment", Verdict::Unanswered, |f| {
        f.volumes[0].attachments.clear();
    }),
    ("device", Verdict::Know, |f| {
        f.volumes[0].attachments[0].card = Some(1);
    }),
    ("multi-attach", Verdict::Know, |f| {
        f.volumes[0].multi_attach = true;
    }),
    ("multi-attach", Verdict::Stop, |f| {
        let mut other = f.volumes[0].attachments[0].clone();
        other.instance = "i-0dddddddddddddddd".into();
        f.volumes[0].attachments.push(other);
    }),
    ("volume-modification", Verdict::Know, |f| {
        let modification = Modification {
            state: "optimizing".into(),
            progress: Some(40),
        };
        f.modifications
            .insert(DATA.into(), known(Some(modification)));
    }),
    ("volume-modification", Verdict::Unanswered, |f| {
        f.modifications.clear();
    }),
    ("size", Verdict::Know, |f| f.volumes[0].size = 100),
    ("volume-limits", Verdict::Stop, |f| {
        f.volumes[0].throughput = Some(2001);
    }),
    ("managed-volume", Verdict::Stop, |f| {
        f.volumes[0].operator = Some("eks".into());
    }),
    ("tag-budget", Verdict::Stop, |f| {
        let many = (0..43).map(|n| (format!("k{n}").into(), "v".into()));
        f.volumes[0].tags.extend(many);
    }),
    ("encryption", Verdict::Know, |f| {
        f.volumes[0].encrypted = false;
        f.volumes[0].kms_key = None;
    }),
];

/// A group of two members that wants at least so many.
pub fn group(min: i32, suspended: &[&str]) -> Group {
    Group {
        name: "web".into(),
        min,
        desired: 2,
        suspended: suspended.iter().map(|name| (*name).to_owned()).collect(),
        target_groups: Vec::new(),
    }
}

pub fn member(lifecycle: &str) -> Fact<Option<Membership>> {
    known(Some(Membership {
        group: "web".into(),
        lifecycle: lifecycle.into(),
    }))
}

fn at_address(facts: &mut SwapFacts, owner: Option<&str>) {
    facts.instance.public_address = Some(PublicAddress {
        ip: "203.0.113.9".into(),
        owner: owner.map(str::to_owned),
    });
}

#[test]
fn each_fault_is_noticed_by_its_own_check_and_by_no_other() {
    for (n, (name, verdict, change)) in ONE_FAULT.iter().enumerate() {
        let mut facts = facts();
        change(&mut facts);
        let found = not_fine(facts, &[]);
        assert_eq!(found, [((*name).to_owned(), *verdict)], "fault {n}");
    }
}

#[test]
fn every_stop_and_every_warning_says_what_to_do() {
    for (name, verdict, change) in ONE_FAULT {
        let mut facts = facts();
        change(&mut facts);
        let checks = checks(facts, &[]);
        let check = checks.iter().find(|check| check.name == *name).unwrap();
        if *verdict == Verdict::Stop {
            assert!(check.advice.is_some(), "{check:?}");
        }
    }
}

#[test]
fn no_check_speaks_of_the_flags_of_the_command_line() {
    let of_faults = ONE_FAULT.iter().flat_map(|(_, _, change)| {
        let mut facts = facts();
        change(&mut facts);
        checks(facts, &[])
    });
    let mut disabled = facts();
    let key = Key {
        arn: KEY.into(),
        state: "Disabled".into(),
    };
    disabled.keys.insert(KEY.into(), known(key));
    let mut codes = facts();
    codes.instance.product_codes = vec!["8u2k4".into()];
    let others = [
        checks(disabled, &[]),
        checks(codes, &[("mode", "unmount")]),
        checks(lost(), &EMPTY),
        VolumeSwap.preflight(&lost(), &choices(&[("device", "/dev/sdf")])),
        VolumeSwap.preflight(&facts(), &choices(&[("size", "1")])),
        VolumeSwap.preflight(&stopped(facts()), &choices(&[("mode", "unmount")])),
    ];
    for check in of_faults.chain(others.into_iter().flatten()) {
        let text = format!("{} {}", check.found, check.advice.unwrap_or_default());
        for field in VolumeSwap.fields() {
            let flag = format!("--{}", field.name);
            let spoken = text.split([' ', ',', ':']).any(|word| word == flag);
            assert!(!spoken, "{text}");
        }
    }
}

#[test]
fn a_key_that_cannot_be_used_stops_and_one_that_cannot_be_read_does_not_pass() {
    let state = |state: &str| {
        let mut facts = facts();
        let key = Key {
            arn: KEY.into(),
            state: state.into(),
        };
        facts.keys.insert(KEY.into(), known(key));
        not_fine(facts, &[])
    };
    for bad in ["Disabled", "PendingDeletion", "NotFound"] {
        let both = ["snapshot-key", "target-key"].map(|name| (name.to_owned(), Verdict::Stop));
        assert_eq!(state(bad), both);
    }
    let mut denied = facts();
    denied.keys.insert(KEY.into(), unknown());
    let checks = checks(denied, &[]);
    let open: Vec<_> = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Unanswered)
        .collect();
    assert_eq!(open.len(), 2);
    assert!(
        open.iter()
            .all(|check| check.missing_actions == ["kms:DescribeKey"])
    );
}

#[test]
fn a_chosen_key_that_was_not_read_does_not_pass() {
    let found = not_fine(facts(), &[("kms-key", "alias/other")]);
    assert_eq!(found, [("target-key".to_owned(), Verdict::Unanswered)]);
}

#[test]
fn encryption_that_nobody_could_ask_about_does_not_pass() {
    let mut facts = facts();
    facts.snapshot.encrypted = false;
    facts.snapshot.kms_key = None;
    facts.volumes[0].encrypted = false;
    facts.volumes[0].kms_key = None;
    assert_eq!(not_fine(facts.clone(), &[]), []);
    facts.encryption_by_default = unknown();
    let found = not_fine(facts, &[]);
    assert_eq!(found, [("encryption".to_owned(), Verdict::Unanswered)]);
}

#[test]
fn a_snapshot_of_another_volume_is_said_and_so_is_a_copy() {
    let mut other = facts();
    other.snapshot.volume = Some("vol-0eeeeeeeeeeeeeeee".into());
    let at = [("device", "/dev/sdf")];
    assert_eq!(
        not_fine(other, &at),
        [("snapshot-source".to_owned(), Verdict::Know)]
    );
    let mut copy = facts();
    copy.snapshot.volume = None;
    assert_eq!(
        not_fine(copy, &at),
        [("snapshot-source".to_owned(), Verdict::Know)]
    );
    assert_eq!(not_fine(root(), &[]), [], "its own root");
}

#[test]
fn what_a_stop_would_do_is_not_said_where_nothing_is_stopped() {
    let mut facts = facts();
    facts.stop_protection = known(true);
    facts.spot_request_type = known(Some("one-time".into()));
    at_address(&mut facts, Some("amazon"));
    assert_eq!(not_fine(facts.clone(), &[("mode", "unmount")]), []);
    facts.group = member("InService");
    let beside = not_fine(facts.clone(), &[("mode", "beside")]);
    assert_eq!(beside, [("auto-scaling".to_owned(), Verdict::Know)]);
    let unmount = not_fine(facts, &[("mode", "unmount")]);
    assert_eq!(unmount, [("auto-scaling".to_owned(), Verdict::Stop)]);
}

#[test]
fn a_stopped_instance_is_said_to_stay_stopped() {
    let found = checks(stopped(facts()), &[]);
    let state = found.iter().find(|check| check.name == "instance-state");
    let state = state.unwrap();
    assert_eq!(state.verdict, Verdict::Know);
    assert!(state.found.contains("left stopped"), "{}", state.found);
}

#[test]
fn a_lost_volume_is_said_loudly() {
    let found = checks(lost(), &EMPTY);
    let device = found.iter().find(|check| check.name == "device").unwrap();
    assert!(device.found.contains("LOST"), "{}", device.found);
    assert_eq!(
        not_fine(lost(), &EMPTY),
        [
            ("device".to_owned(), Verdict::Know),
            ("carried-over".to_owned(), Verdict::Know)
        ]
    );
    let unsaid = VolumeSwap.preflight(&lost(), &choices(&[("device", "/dev/sdf")]));
    let unsaid = unsaid
        .iter()
        .find(|check| check.name == "delete-on-termination");
    assert_eq!(unsaid.unwrap().verdict, Verdict::Stop);
}

#[test]
fn an_additional_volume_needs_a_free_slot() {
    let with = |most| {
        let mut facts = facts();
        if let Fact::Observed { value, .. } = &mut facts.instance_type {
            value.most_volumes = most;
        }
        not_fine(facts, &[("mode", "beside")])
    };
    let slots = |verdict| [("attachment-slots".to_owned(), verdict)];
    assert_eq!(with(Some(4)), [], "two volumes and an interface");
    assert_eq!(with(Some(3)), slots(Verdict::Stop));
    assert_eq!(with(None), slots(Verdict::Unanswered));
}

#[test]
fn a_copy_of_the_root_beside_the_root_is_warned_about() {
    let found = not_fine(root(), &[("mode", "beside")]);
    assert_eq!(found, [("device".to_owned(), Verdict::Know)]);
}

#[test]
fn declining_the_safety_snapshot_is_repeated() {
    let found = not_fine(facts(), &[("no-safety-snapshot", "true")]);
    assert_eq!(found, [("safety-snapshot".to_owned(), Verdict::Know)]);
}

#[test]
fn every_call_that_is_denied_stops_and_names_the_action() {
    let denied = known(Answer::Denied("no".into()));
    let facts = with_permissions(facts(), &[], &denied);
    let checks = VolumeSwap.preflight(&facts, &choices(&[]));
    let mut actions: Vec<&str> = checks
        .iter()
        .flat_map(|check| &check.missing_actions)
        .map(String::as_str)
        .collect();
    actions.sort_unstable();
    let all = [
        "ec2:AttachVolume",
        "ec2:CreateSnapshot",
        "ec2:CreateTags",
        "ec2:CreateTags",
        "ec2:CreateVolume",
        "ec2:DeleteTags",
        "ec2:DeleteTags",
        "ec2:DetachVolume",
        "ec2:ModifyInstanceAttribute",
        "ec2:StartInstances",
        "ec2:StopInstances",
    ];
    assert_eq!(actions, all);
    assert!(stops(&checks));
}

#[test]
fn a_permission_that_was_not_answered_does_not_pass() {
    let silent = Fact::Unknown("this endpoint is not known to honour DryRun".into());
    let asked = with_permissions(facts(), &[], &silent);
    let open = |facts: &SwapFacts| {
        let checks = VolumeSwap.preflight(facts, &choices(&[]));
        let permissions = checks.iter();
        let permissions = permissions.filter(|check| check.name.starts_with("permission-"));
        let all: Vec<Verdict> = permissions.map(|check| check.verdict).collect();
        assert_eq!(all.len(), 11);
        all.iter().all(|verdict| *verdict == Verdict::Unanswered)
    };
    assert!(open(&asked), "no answer");
    assert!(open(&facts()), "not asked");
}

#[test]
fn choices_without_a_plan_are_one_check_that_stops() {
    let checks = VolumeSwap.preflight(&facts(), &choices(&[("size", "1")]));
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0].verdict, Verdict::Stop);
    assert!(checks[0].found.starts_with("size: "), "{}", checks[0].found);
}
