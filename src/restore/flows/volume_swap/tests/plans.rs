//! What a plan consists of, mode by mode.
//! Steps, needs, impacts and undos are held as an outline; inputs are held where they matter.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use crate::domain::form::ValueFrom;
use crate::domain::ids::StepId;
use crate::domain::plan::{Gate, Plan, Step};
use crate::domain::resource::ResourceKind;
use crate::restore::flow::{Flow, find};
use crate::restore::operation::decode;

use super::super::{SwapFacts, VolumeSwap};
use super::fixtures::*;

/// One line a step: id, impact, call, needs, whether it ends the outage; then its undos.
fn outline(plan: &Plan) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        let needs: Vec<&str> = step.needs.iter().map(StepId::as_str).collect();
        let call = step.call.as_ref().map_or("-", |call| &call.operation);
        let up = if step.ends_outage { " UP" } else { "" };
        let id = step.id.as_str();
        let impact = step.impact.as_str();
        writeln!(out, "{id} {impact} {call} <{}>{up}", needs.join(" ")).unwrap();
        for undo in &step.undo {
            let call = undo.call.as_ref().map_or("-", |call| &call.operation);
            let up = if undo.ends_outage { " UP" } else { "" };
            writeln!(out, "  undo {} {call}{up}", undo.impact.as_str()).unwrap();
        }
    }
    out
}

#[test]
fn a_data_volume_is_swapped_with_its_instance_stopped() {
    let plan = plan(&facts(), &[]);
    insta::assert_snapshot!(outline(&plan), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    safety-snapshot creates ec2:CreateSnapshot <mark>
    create-volume creates ec2:CreateVolume <mark>
    stop-instance interrupts ec2:StopInstance <safety-snapshot create-volume>
      undo changes ec2:StartInstance UP
    detach-volume changes ec2:DetachVolume <stop-instance>
      undo changes ec2:AttachVolume
      undo changes ec2:SetDeleteOnTermination
    attach-volume changes ec2:AttachVolume <detach-volume create-volume>
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    start-instance changes ec2:StartInstance <attach-volume> UP
      undo interrupts ec2:StopInstance
    tag-old-volume changes ec2:TagResource <detach-volume>
      undo changes ec2:RemoveTags
    healthy reads - <start-instance delete-on-termination tag-old-volume>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
    assert_eq!(
        plan.expected_outage(),
        Some(Duration::from_secs(60 + 10 + 10 + 150))
    );
}

#[test]
fn a_group_is_kept_off_before_anything_is_taken_down_and_has_its_member_back_at_the_end() {
    use super::checks::{group, member};
    let held = |min, suspended: &[&str], choices| {
        let mut facts = facts();
        facts.group = member("InService");
        facts.scaling = Some(known(Some(group(min, suspended))));
        let plan = plan(&facts, choices);
        let step = |id: &str| plan.step(&id.into()).cloned();
        let down = step("stop-instance").or_else(|| step("unmount")).unwrap();
        let calls = [step("hold-group"), step("release-group")].map(|step| {
            step.map(|step| {
                let back = step.undo[0].call.clone().unwrap().operation;
                (step.call.unwrap().operation, back)
            })
        });
        (down.needs, step("unmark").unwrap().needs, calls)
    };
    let pair = |one: &str, other: &str| {
        let text = |name: &str| format!("autoscaling:{name}");
        [
            Some((text(one), text(other))),
            Some((text(other), text(one))),
        ]
    };
    let needs = (vec!["hold-group".into()], vec!["release-group".into()]);
    let (down, unmark, calls) = held(1, &[], &[]);
    assert_eq!((down, unmark), needs);
    assert_eq!(calls, pair("EnterStandby", "ExitStandby"));
    // A group that can spare nobody, and a member that serves on.
    for (min, choices) in [(2, &[][..]), (1, &[("mode", "unmount")][..])] {
        let (_, _, calls) = held(min, &["Terminate"], choices);
        assert_eq!(calls, pair("SuspendProcesses", "ResumeProcesses"));
    }
    let all = ["HealthCheck", "ReplaceUnhealthy", "Terminate"];
    let (_, _, calls) = held(2, &all, &[]);
    assert_eq!(calls, [None, None]);
}

#[test]
fn a_data_volume_is_swapped_after_a_person_unmounted_it() {
    let plan = plan(&facts(), &[("mode", "unmount")]);
    insta::assert_snapshot!(outline(&plan), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    safety-snapshot creates ec2:CreateSnapshot <mark>
    create-volume creates ec2:CreateVolume <mark>
    unmount interrupts - <safety-snapshot create-volume>
      undo changes - UP
    detach-volume changes ec2:DetachVolume <unmount>
      undo changes ec2:AttachVolume
      undo changes ec2:SetDeleteOnTermination
    attach-volume changes ec2:AttachVolume <detach-volume create-volume>
      undo interrupts -
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    tag-old-volume changes ec2:TagResource <detach-volume>
      undo changes ec2:RemoveTags
    mount changes - <attach-volume> UP
    healthy reads - <mount delete-on-termination tag-old-volume>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
    assert_eq!(
        plan.expected_outage(),
        Some(Duration::from_secs(60 + 10 + 10 + 60))
    );
}

#[test]
fn a_volume_is_attached_beside_the_old_one() {
    let plan = plan(&facts(), &[("mode", "beside")]);
    insta::assert_snapshot!(outline(&plan), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    create-volume creates ec2:CreateVolume <mark>
    attach-volume changes ec2:AttachVolume <create-volume>
      undo changes -
      undo changes ec2:DetachVolume
    look reads - <attach-volume>
    unmark changes ec2:UnmarkActive <look>
      undo changes ec2:MarkActive
    ");
    assert_eq!(plan.expected_outage(), None);
    let attach = step(&plan, "attach-volume").call.as_ref().unwrap();
    assert_eq!(attach.input["device"], "/dev/sdg", "the first free one");
    assert!(plan.leftovers.is_empty());
}

#[test]
fn a_volume_beside_goes_with_its_instance_only_if_somebody_says_so() {
    let chosen = [("mode", "beside"), ("delete-on-termination", "yes")];
    let plan = plan(&facts(), &chosen);
    let says = step(&plan, "delete-on-termination").call.as_ref().unwrap();
    assert_eq!(says.input["device"], "/dev/sdg");
    assert_eq!(says.input["delete"], true);
}

#[test]
fn a_lost_data_volume_is_attached_while_the_instance_runs() {
    let plan = plan(&lost(), &EMPTY);
    insta::assert_snapshot!(outline(&plan), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    create-volume creates ec2:CreateVolume <mark>
    attach-volume changes ec2:AttachVolume <create-volume>
      undo changes -
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    mount changes - <attach-volume>
    healthy reads - <mount delete-on-termination>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
    assert_eq!(plan.expected_outage(), None);
    assert!(plan.title.contains("LOST"), "{}", plan.title);
    assert!(plan.leftovers.is_empty());
    assert_eq!(plan.subject.kind, ResourceKind::Instance);
}

#[test]
fn a_plan_without_an_outage_says_nowhere_that_the_service_comes_up_again() {
    let stop = [EMPTY.as_slice(), &[("mode", "stop")]].concat();
    let plans = [
        plan(&facts(), &[]),
        plan(&facts(), &[("mode", "unmount")]),
        plan(&facts(), &[("mode", "beside")]),
        plan(&stopped(facts()), &[]),
        plan(&lost(), &EMPTY),
        plan(&lost(), &stop),
    ];
    for plan in &plans {
        let comes_up = plan.steps.iter().any(|step| step.ends_outage);
        let goes_down = plan.expected_outage().is_some();
        assert_eq!(comes_up, goes_down, "{}", plan.title);
    }
}

#[test]
fn a_lost_volume_has_no_old_state_to_go_back_to_and_its_way_back_says_what_goes_down() {
    let plans = [
        plan(&lost(), &EMPTY),
        plan(&lost(), &[EMPTY.as_slice(), &[("mode", "stop")]].concat()),
    ];
    for plan in &plans {
        let text = instructions(step(plan, "healthy"));
        assert!(!text.contains("old state is still there"), "{text}");
        for part in ["no old volume", "/dev/sdf is empty again", "goes down"] {
            assert!(text.contains(part), "{text}");
        }
        let detach = step(plan, "attach-volume").undo.last().unwrap();
        assert!(detach.title.contains("empty again"), "{}", detach.title);
    }
    let unmount = &step(&plans[0], "attach-volume").undo[0];
    assert!(unmount.title.contains("goes down"), "{}", unmount.title);
    let swapped = instructions(step(&plan(&facts(), &[]), "healthy"));
    assert!(
        swapped.contains("the old state is still there"),
        "{swapped}"
    );
}

#[test]
fn a_lost_data_volume_can_be_attached_with_the_instance_stopped() {
    let chosen = [EMPTY.as_slice(), &[("mode", "stop")]].concat();
    insta::assert_snapshot!(outline(&plan(&lost(), &chosen)), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    create-volume creates ec2:CreateVolume <mark>
    stop-instance interrupts ec2:StopInstance <create-volume>
      undo changes ec2:StartInstance UP
    attach-volume changes ec2:AttachVolume <stop-instance create-volume>
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    start-instance changes ec2:StartInstance <attach-volume> UP
      undo interrupts ec2:StopInstance
    healthy reads - <start-instance delete-on-termination>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
}

#[test]
fn a_lost_root_volume_goes_to_the_stopped_instance() {
    let mut facts = stopped(root());
    facts.source = known(None);
    facts.volumes.pop();
    facts.instance.mappings.remove(0);
    let chosen = [("device", "/dev/xvda"), ("delete-on-termination", "yes")];
    insta::assert_snapshot!(outline(&plan(&facts, &chosen)), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    create-volume creates ec2:CreateVolume <mark>
    attach-volume changes ec2:AttachVolume <create-volume>
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    healthy reads - <attach-volume delete-on-termination>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
}

#[test]
fn a_root_volume_is_swapped_with_its_instance_stopped() {
    let plan = plan(&root(), &[]);
    insta::assert_snapshot!(outline(&plan), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    safety-snapshot creates ec2:CreateSnapshot <mark>
    create-volume creates ec2:CreateVolume <mark>
    stop-instance interrupts ec2:StopInstance <safety-snapshot create-volume>
      undo changes ec2:StartInstance UP
    detach-volume changes ec2:DetachVolume <stop-instance>
      undo changes ec2:AttachVolume
      undo changes ec2:SetDeleteOnTermination
    attach-volume changes ec2:AttachVolume <detach-volume create-volume>
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    start-instance changes ec2:StartInstance <attach-volume> UP
      undo interrupts ec2:StopInstance
    tag-old-volume changes ec2:TagResource <detach-volume>
      undo changes ec2:RemoveTags
    healthy reads - <start-instance delete-on-termination tag-old-volume>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
    let attach = step(&plan, "attach-volume").call.as_ref().unwrap();
    assert_eq!(attach.input["device"], "/dev/xvda");
}

#[test]
fn a_stopped_instance_stays_stopped_and_nothing_is_interrupted() {
    let plan = plan(&stopped(facts()), &[]);
    insta::assert_snapshot!(outline(&plan), @r"
    mark changes ec2:MarkActive <>
      undo changes ec2:UnmarkActive
    safety-snapshot creates ec2:CreateSnapshot <mark>
    create-volume creates ec2:CreateVolume <mark>
    detach-volume changes ec2:DetachVolume <safety-snapshot create-volume>
      undo changes ec2:AttachVolume
      undo changes ec2:SetDeleteOnTermination
    attach-volume changes ec2:AttachVolume <detach-volume create-volume>
      undo changes ec2:DetachVolume
    delete-on-termination changes ec2:SetDeleteOnTermination <attach-volume>
    tag-old-volume changes ec2:TagResource <detach-volume>
      undo changes ec2:RemoveTags
    healthy reads - <attach-volume delete-on-termination tag-old-volume>
    unmark changes ec2:UnmarkActive <healthy>
      undo changes ec2:MarkActive
    ");
    assert_eq!(plan.expected_outage(), None);
}

#[test]
fn a_declined_safety_snapshot_is_in_no_step_and_in_no_need() {
    let plan = plan(&facts(), &[("no-safety-snapshot", "true")]);
    let steps = serde_json::to_string(&plan.steps).unwrap();
    assert!(!steps.contains("safety-snapshot"), "{steps}");
}

#[test]
fn every_need_is_a_step_before_it_and_every_call_can_be_decoded() {
    let all = [
        plan(&facts(), &[]),
        plan(&facts(), &[("mode", "unmount")]),
        plan(&facts(), &[("mode", "beside")]),
        plan(&lost(), &EMPTY),
        plan(&stopped(facts()), &[]),
        plan(&stopped(facts()), &[("mode", "beside")]),
        plan(&root(), &[("no-safety-snapshot", "true")]),
    ];
    for plan in &all {
        let mut before: Vec<&Step> = Vec::new();
        for step in &plan.steps {
            for need in &step.needs {
                assert!(before.iter().any(|known| &known.id == need), "{need}");
            }
            let undos = step.undo.iter().filter_map(|undo| undo.call.as_ref());
            for call in step.call.iter().chain(undos) {
                decode(call).unwrap();
            }
            before.push(step);
        }
    }
}

#[test]
fn everything_of_the_old_volume_is_carried_over() {
    let mut facts = facts();
    facts.volumes[0].tags.extend(tags(&[
        ("aws:backup:source-resource", "x"),
        ("defib:run", "an earlier one"),
        ("defib:keep-until", "2026-01-01"),
    ]));
    let plan = plan(&facts, &[]);
    let create = step(&plan, "create-volume").call.as_ref().unwrap();
    let sorted: std::collections::BTreeMap<&str, &str> = HOSTILE.iter().copied().collect();
    let hostile: Vec<serde_json::Value> = sorted
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    assert_eq!(
        create.input,
        json!({
            "snapshot": SNAPSHOT, "zone": "eu-west-1a", "volume_type": "gp3", "size": 200,
            "iops": 6000, "throughput": 250, "encrypted": true, "kms_key": KEY,
            "multi_attach": false, "initialization_rate": null, "tags": hostile,
        })
    );
    let end = step(&plan, "delete-on-termination").call.as_ref().unwrap();
    assert_eq!(end.input["delete"], true, "as the instance had it");
}

#[test]
fn what_is_chosen_overrides_what_was_there() {
    let chosen = [
        ("volume-type", "io2"),
        ("iops", "9000"),
        ("size", "300"),
        ("kms-key", "alias/other"),
        ("initialization-rate", "300"),
        ("delete-on-termination", "no"),
        ("keep-until", "2026-12-24"),
    ];
    let plan = plan(&facts(), &chosen);
    let create = &step(&plan, "create-volume").call.as_ref().unwrap().input;
    assert_eq!(create["volume_type"], "io2");
    assert_eq!(create["iops"], 9000);
    assert_eq!(create["throughput"], json!(null), "only gp3 has one");
    assert_eq!(create["size"], 300);
    assert_eq!(create["kms_key"], "alias/other");
    assert_eq!(create["initialization_rate"], 300);
    assert_eq!(plan.leftovers[0].keep_until.as_deref(), Some("2026-12-24"));
    let end = step(&plan, "delete-on-termination").call.as_ref().unwrap();
    assert_eq!(end.input["delete"], false);
    let undo = &step(&plan, "detach-volume").undo[1];
    let undo = undo.call.as_ref().unwrap();
    assert_eq!(undo.input["delete"], true, "back to what it was");
}

#[test]
fn a_gp2_volume_is_asked_for_without_iops() {
    let mut facts = facts();
    facts.volumes[0].volume_type = "gp2".into();
    facts.volumes[0].throughput = None;
    let plan = plan(&facts, &[]);
    let create = &step(&plan, "create-volume").call.as_ref().unwrap().input;
    assert_eq!(create["volume_type"], "gp2");
    assert_eq!(create["iops"], json!(null));
}

#[test]
fn an_encrypted_snapshot_never_makes_an_unencrypted_volume() {
    let mut facts = facts();
    facts.volumes[0].encrypted = false;
    facts.volumes[0].kms_key = None;
    let plan = plan(&facts, &[]);
    let create = &step(&plan, "create-volume").call.as_ref().unwrap().input;
    assert_eq!(create["encrypted"], true);
    assert_eq!(create["kms_key"], KEY);
}

#[test]
fn the_old_volume_is_kept_and_marked_and_the_mark_can_be_taken_back() {
    let plan = plan(&facts(), &[]);
    assert_eq!(plan.leftovers[0].id, DATA);
    assert_eq!(plan.leftovers[0].keep_until.as_deref(), Some("2026-03-08"));
    let tag = step(&plan, "tag-old-volume");
    let call = tag.call.as_ref().unwrap();
    assert_eq!(call.input["tags"]["defib:run"], "run");
    assert_eq!(
        call.input["tags"]["defib:step"],
        json!({"text": "tag-old-volume"})
    );
    let undo = tag.undo[0].call.as_ref().unwrap();
    let keys = json!(["defib:keep-until", "defib:run", "defib:step"]);
    assert_eq!(undo.input["keys"], keys);
}

#[test]
fn the_marks_of_an_earlier_run_come_back_with_a_roll_back() {
    let mut facts = facts();
    let earlier = [("defib:run", "R1"), ("defib:step", "create-volume")];
    facts.volumes[0].tags.extend(tags(&earlier));
    let plan = plan(&facts, &[]);
    let undo = step(&plan, "tag-old-volume").undo[1].call.as_ref().unwrap();
    assert_eq!(
        undo.input["tags"],
        json!({"defib:run": {"text": "R1"}, "defib:step": {"text": "create-volume"}})
    );
}

#[test]
fn erasing_an_instance_store_asks_for_the_name() {
    let mut facts = facts();
    if let crate::domain::facts::Fact::Observed { value, .. } = &mut facts.instance_type {
        value.instance_store = true;
    }
    let named = plan(&facts, &[]);
    let gate = &step(&named, "stop-instance").gate;
    assert!(matches!(gate, Gate::TypeName { name, .. } if name.raw() == "orders-db"));
    facts.instance.tags = tags(&[("Name", "web\u{202e}1")]);
    let untypeable = plan(&facts, &[]);
    let gate = &step(&untypeable, "stop-instance").gate;
    assert!(matches!(gate, Gate::TypeName { name, .. } if name.raw() == INSTANCE));
    let unmount = plan(&facts, &[("mode", "unmount")]);
    let typed = |step: &Step| matches!(step.gate, Gate::TypeName { .. });
    assert!(!unmount.steps.iter().any(typed), "nothing is stopped");
}

fn instructions(step: &Step) -> String {
    let Gate::Person { instructions, .. } = &step.gate else {
        panic!("{} has no person gate", step.id);
    };
    instructions.join("\n")
}

#[test]
fn a_person_is_told_exact_commands_with_a_stable_device_name() {
    let plan = plan(&facts(), &[("mode", "unmount")]);
    let text = instructions(step(&plan, "unmount"));
    let stable = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0aaaaaaaaaaaaaaaa";
    for part in [
        stable,
        "lsblk",
        "findmnt",
        "sudo umount",
        "sync",
        "UUID",
        "nouuid",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let text = instructions(step(&plan, "mount"));
    assert!(
        text.contains("nvme-Amazon_Elastic_Block_Store_volNEW"),
        "{text}"
    );
}

#[test]
fn a_yes_is_held_against_the_instance_where_the_plan_saw_it_come_up() {
    let check = |facts: &SwapFacts, mode: &str| {
        let plan = plan(facts, &[("mode", mode)]);
        let ends = plan.steps.iter().rfind(|step| step.call.is_none());
        ends.unwrap().gate.check().cloned()
    };
    let stopping = check(&facts(), "stop").expect("a check");
    assert_eq!(stopping.operation, "ec2:InstanceIsHealthy");
    assert_eq!(stopping.input, json!({"instance": INSTANCE}));
    // What its status checks said before an unmount nobody knows, and a stopped one has none.
    assert_eq!(check(&facts(), "unmount"), None);
    assert_eq!(check(&facts(), "beside"), None);
    let mut stopped = facts();
    stopped.instance.state = "stopped".into();
    assert_eq!(check(&stopped, "stop"), None);
}

#[test]
fn a_xen_instance_is_told_its_own_device_name() {
    let mut facts = facts();
    if let crate::domain::facts::Fact::Observed { value, .. } = &mut facts.instance_type {
        value.nvme = false;
    }
    let plan = plan(&facts, &[("mode", "unmount")]);
    let text = instructions(step(&plan, "unmount"));
    assert!(text.contains("/dev/xvdf"), "{text}");
}

#[test]
fn looking_beside_is_read_only_and_warns_of_the_duplicate_uuid() {
    let plan = plan(&facts(), &[("mode", "beside")]);
    let text = instructions(step(&plan, "look"));
    for part in ["-o ro,nouuid", "-o ro ", "UUID"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn no_text_of_a_plan_carries_control_characters() {
    let mut facts = facts();
    facts.volumes[0].tags = tags(&[("Name", "evil\u{1b}[2J\u{202e}\n")]);
    facts.instance.tags = tags(&[("Name", "evil\u{1b}[2J\u{202e}\n")]);
    for mode in ["stop", "unmount", "beside"] {
        let plan = plan(&facts, &[("mode", mode)]);
        let mut texts = vec![plan.title.clone()];
        for step in &plan.steps {
            texts.extend([step.title.clone(), step.why.clone()]);
            texts.extend(step.undo.iter().map(|undo| undo.title.clone()));
            if let Gate::Person { instructions, .. } = &step.gate {
                texts.extend(instructions.clone());
            }
        }
        texts.extend(plan.checks.iter().map(|check| check.found.clone()));
        texts.extend(plan.form.iter().filter_map(|field| field.value.clone()));
        for text in texts {
            assert!(
                !text.chars().any(crate::domain::text::is_hostile),
                "{text:?}"
            );
        }
    }
}

#[test]
fn the_same_facts_and_choices_give_the_same_plan() {
    for mode in ["stop", "unmount", "beside"] {
        let first = plan(&facts(), &[("mode", mode)]);
        assert_eq!(first.hash, plan(&facts(), &[("mode", mode)]).hash);
        let again = VolumeSwap.plan(&facts(), &first.choices).unwrap();
        assert_eq!(first.hash, again.hash, "planned again with its own choices");
        let flow = find("volume-swap").unwrap();
        let frozen = flow.plan(&first.facts, &first.choices).unwrap();
        assert_eq!(first.hash, frozen.hash, "planned again from its own file");
        assert_eq!(first.hash, first.digest());
    }
    assert_ne!(
        plan(&facts(), &[]).hash,
        plan(&facts(), &[("size", "201")]).hash
    );
}

#[test]
fn the_form_says_what_is_done_why_and_what_aws_would_do() {
    let facts = facts();
    let chosen = choices(&[("size", "300")]);
    let form = VolumeSwap.form(&facts, &chosen);
    let line = |name: &str| {
        let field = form.iter().find(|field| field.name == name).unwrap();
        let default = field.aws_default.as_deref().unwrap_or("-");
        (field.value.as_deref().unwrap_or("-"), field.from, default)
    };
    assert_eq!(line("volume-type"), ("gp3", ValueFrom::AsBefore, "gp2"));
    assert_eq!(line("iops"), ("6000", ValueFrom::AsBefore, "3000"));
    assert_eq!(
        line("throughput"),
        ("250 MiB/s", ValueFrom::AsBefore, "125 MiB/s")
    );
    assert_eq!(
        line("size"),
        ("300 GiB", ValueFrom::Yours, "200 GiB, as the snapshot")
    );
    assert_eq!(
        line("kms-key"),
        (KEY, ValueFrom::AsBefore, "the snapshot's key")
    );
    assert_eq!(line("encryption"), ("yes", ValueFrom::AsBefore, "yes"));
    assert_eq!(line("delete-on-termination").0, "yes");
    assert_eq!(line("delete-on-termination").2, "no, after an attach");
    assert_eq!(line("device").0, "/dev/sdf");
    assert_eq!(line("tags").1, ValueFrom::AsBefore);
    assert_eq!(line("tags").2, "none");
    assert_eq!(line("availability-zone").0, "eu-west-1a");
    assert_eq!(line("keep-until"), ("2026-03-08", ValueFrom::Proposed, "-"));
}

#[test]
fn the_form_shows_what_is_missing_and_what_does_not_fit() {
    let form = VolumeSwap.form(&lost(), &choices(&[("device", "/dev/sdf")]));
    let missing = form
        .iter()
        .find(|field| field.name == "delete-on-termination");
    assert_eq!(missing.unwrap().from, ValueFrom::Missing);
    let form = VolumeSwap.form(&facts(), &choices(&[("size", "many")]));
    let size = form.iter().find(|field| field.name == "size").unwrap();
    assert_eq!(
        (size.value.as_deref(), size.from),
        (Some("many"), ValueFrom::Yours)
    );
}
