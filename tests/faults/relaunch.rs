//! A relaunch and a replaced root from their plan to their end and back, in the simulated AWS: what comes of them
//! by name, where the matrix holds them against what must hold of any run.

use std::collections::BTreeSet;

use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, RunState, RunStatus};
use defib::restore::flow::AnyFlow;
use defib::restore::flows::ami_relaunch::AmiRelaunch;
use defib::restore::flows::replace_root::ReplaceRoot;
use defib::sim::{CallRecord, Hands};
use serde_json::Value;

use crate::stage::Stage;

const PLACE: &str = "111122223333/eu-west-1";
const OLD: &str = "i-0b61d7e3a9f2c4850";
const OPERATOR: &str = "198.51.100.7";
/// Whom the server talks to as soon as it runs.
const TALKS: [&str; 2] = ["10.40.20.7:5432", "10.40.20.9:5672"];

/// What stands in the world and no run of these may change: by its kind and id, all but what a run says of itself.
struct Before(Value);

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let always = [
        ("image", "ami-09c4e7a1f5d8b2630"),
        ("replaces", OLD),
        ("operator-cidr", OPERATOR),
        ("user-data", "keep"),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    always.iter().chain(pairs).map(own).collect()
}

fn told(stage: &mut Stage, run: &RunId) -> String {
    let events = stage.events(run);
    let from = events.len().saturating_sub(8);
    let last = events[from..].iter().map(|event| format!("{event:?}"));
    last.collect::<Vec<_>>().join("\n")
}

fn carried_out(
    stage: &mut Stage,
    flow: &'static dyn AnyFlow,
    said: &[(String, String)],
) -> (RunId, RunState) {
    let plan = stage.plan_by(flow, said).unwrap();
    let run = stage.record(plan);
    let status = stage.drive(&run);
    assert_eq!(status, RunStatus::Done, "{}", told(stage, &run));
    let state = stage.state(&run);
    (run, state)
}

fn taken_back(stage: &mut Stage, run: &RunId) {
    stage.send(run, CommandKind::RollBack);
    let status = stage.drive(run);
    assert_eq!(status, RunStatus::RolledBack, "{}", told(stage, run));
}

fn launched(state: &RunState) -> Value {
    state.record(&"launch".into()).outputs
}

fn of<'a>(picture: &'a Value, kind: &str, id: &str) -> &'a Value {
    &picture[PLACE][kind][id]
}

/// What leads to an instance: the holder of the address, the targets, and the records.
fn ways(picture: &Value) -> String {
    let groups = picture[PLACE]["target_groups"].as_object().unwrap();
    let targets: BTreeSet<String> = groups
        .values()
        .map(|one| one["targets"].to_string())
        .collect();
    let holder = &of(picture, "addresses", "eipalloc-0d2f6b8c4e1a97530")["interface_id"];
    let second = &of(picture, "interfaces", "eni-0a5c3e7d9b1f28460")["attachment"]["instance_id"];
    let zones = &picture["111122223333/global"]["hosted_zones"];
    format!("{holder} {second} {targets:?} {zones}")
}

impl Before {
    /// Everything that was there is there, and stands as it stood but for what is not the run's business.
    fn assert_kept(&self, now: &Value) {
        for (kind, all) in self.0[PLACE].as_object().unwrap() {
            let Some(all) = all.as_object() else {
                continue;
            };
            for id in all.keys() {
                assert!(now[PLACE][kind].get(id).is_some(), "{kind} {id} is gone");
            }
        }
        assert_eq!(ways(&self.0), ways(now));
        let power = |picture: &Value| of(picture, "instances", OLD)["state"].clone();
        assert_eq!(power(&self.0), power(now));
    }
}

/// At no instant of a run and its way back does the old one run while the new one is open, or holds its interface.
fn assert_never_two(calls: &[CallRecord], new: &Value, state: &RunState) {
    let shut = state.record(&"create-group".into()).outputs["group"].clone();
    let (mut runs, mut open, mut holds, mut moves) = (true, false, false, 0);
    for call in calls.iter().filter(|call| call.took_effect) {
        let told = |name: &str| call.parameters.get(name).map(String::as_str);
        let is_old = told("InstanceId.1") == Some(OLD);
        match call.operation.as_str() {
            "StopInstances" if is_old => runs = false,
            "StartInstances" if is_old => runs = true,
            "ModifyNetworkInterfaceAttribute"
                if told("NetworkInterfaceId") == new["interface"].as_str()
                    && told("SecurityGroupId.1").is_some() =>
            {
                open = told("SecurityGroupId.1") != shut.as_str();
            }
            "AttachNetworkInterface" => holds = told("InstanceId") == new["instance"].as_str(),
            "DetachNetworkInterface" => holds = false,
            _another => continue,
        }
        moves += 1;
        assert!(!runs || !open && !holds, "two serve: {call:?}");
    }
    assert!(runs && moves >= 8, "there and back: {moves}");
}

#[test]
fn what_is_launched_reaches_nothing_until_a_person_has_looked() {
    let mut stage = Stage::open("web");
    let before = Before(stage.picture());
    let (_, state) = carried_out(&mut stage, &AmiRelaunch, &said(&[("isolate-only", "yes")]));
    stage.pass(jiff::SignedDuration::from_mins(30));
    let now = stage.picture();
    let new = launched(&state);
    let instance = of(&now, "instances", new["instance"].as_str().unwrap());
    assert_eq!(instance["reached"], serde_json::json!({}), "{instance}");
    // The one that it is a copy of does talk: what is simulated is no silence.
    let old = of(&now, "instances", OLD)["reached"].as_object().unwrap();
    assert_eq!(old.keys().collect::<Vec<_>>(), TALKS);
    assert_eq!(instance["public_ip"], Value::Null);
    let group = state.record(&"create-group".into()).outputs;
    let group = of(&now, "security_groups", group["group"].as_str().unwrap());
    assert_eq!(group["egress"], serde_json::json!([]));
    assert_eq!(group["ingress"].as_array().unwrap().len(), 1, "{group}");
    before.assert_kept(&now);
}

#[test]
fn what_talks_on_boot_talks_once_the_traffic_has_moved_and_not_before() {
    let mut stage = Stage::open("web");
    let plan = stage.plan_by(&AmiRelaunch, &said(&[])).unwrap();
    let run = stage.record(plan);
    let status = stage.drive(&run);
    assert_eq!(status, RunStatus::Done, "{}", told(&mut stage, &run));
    stage.pass(jiff::SignedDuration::from_mins(30));
    let state = stage.state(&run);
    let new = launched(&state);
    let now = stage.picture();
    let reached = &of(&now, "instances", new["instance"].as_str().unwrap())["reached"];
    let reached = reached.as_object().unwrap();
    assert_eq!(reached.keys().collect::<Vec<_>>(), TALKS);
    let opened = state.record(&"open".into()).intent_at.unwrap();
    for (to, since) in reached {
        let since: jiff::Timestamp = since.as_str().unwrap().parse().unwrap();
        assert!(since >= opened, "{to} was reached {since}, before {opened}");
    }
    taken_back(&mut stage, &run);
    let back = state_of_groups(&stage.picture(), new["interface"].as_str().unwrap());
    let group = state.record(&"create-group".into()).outputs;
    assert_eq!(back, serde_json::json!([group["group"]]));
}

fn state_of_groups(picture: &Value, interface: &str) -> Value {
    of(picture, "interfaces", interface)["groups"].clone()
}

#[test]
fn every_way_leads_to_the_new_one_and_back_again() {
    for mode in [
        &[][..],
        &[("order", "no-gap")],
        &[("mode", "stop-first")],
        &[("instance-profile", "keep"), ("port", "22,443")],
    ] {
        let mut stage = Stage::open("web");
        let before = Before(stage.picture());
        let (run, state) = carried_out(&mut stage, &AmiRelaunch, &said(mode));
        let new = launched(&state);
        let now = stage.picture();
        let after = ways(&now);
        assert!(!after.contains(OLD), "{mode:?}: {after}");
        assert!(
            after.contains(new["instance"].as_str().unwrap()),
            "{mode:?}: {after}"
        );
        assert!(
            after.contains(new["interface"].as_str().unwrap()),
            "{mode:?}: {after}"
        );
        assert!(
            after.contains(new["private_ip"].as_str().unwrap()),
            "{mode:?}: {after}"
        );
        assert_eq!(of(&now, "instances", OLD)["state"], "stopped");
        taken_back(&mut stage, &run);
        let back = stage.picture();
        before.assert_kept(&back);
        if !mode.contains(&("order", "no-gap")) {
            assert_never_two(&stage.aws.calls(), &new, &state);
        }
        let interface = of(&back, "interfaces", new["interface"].as_str().unwrap());
        let group = state.record(&"create-group".into()).outputs;
        assert_eq!(interface["groups"], serde_json::json!([group["group"]]));
    }
}

#[test]
fn a_root_is_replaced_and_the_old_one_is_put_back() {
    let mut stage = Stage::open("web");
    let before = Before(stage.picture());
    let pairs = [("instance", OLD), ("snapshot", "snap-0d5e8b2f7a1c94360")];
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let said: Vec<_> = pairs.into_iter().map(own).collect();
    let (run, state) = carried_out(&mut stage, &ReplaceRoot, &said);
    let replaced = state.record(&"replace".into()).outputs;
    assert_eq!(replaced["old"], "vol-0e8a4c61f7d3b2950");
    let new = replaced["volume"].as_str().unwrap();
    assert!(state.created.iter().any(|made| made.id == new));
    taken_back(&mut stage, &run);
    let now = stage.picture();
    before.assert_kept(&now);
    let kept = of(&now, "volumes", new);
    assert_ne!(kept, &Value::Null, "the replaced one is kept");
}

#[test]
fn an_old_one_that_fails_its_checks_gets_its_traffic_back_all_the_same() {
    let mut stage = Stage::open("web");
    let before = Before(stage.picture());
    let (run, _) = carried_out(&mut stage, &AmiRelaunch, &said(&[]));
    meddle(&stage, |hands| hands.set_impaired(OLD, true));
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    let now = stage.picture();
    assert_eq!(ways(&before.0), ways(&now), "{}", told(&mut stage, &run));
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("instance check impaired"), "{reason}");
}

fn meddle(stage: &Stage, act: fn(&mut Hands<'_>)) {
    stage.aws.third_party("111122223333", "eu-west-1", act);
}

#[test]
fn a_way_that_somebody_else_has_taken_is_seen_before_anything_goes_back() {
    type Act = fn(&mut Hands<'_>);
    const ZONE: &str = "Z08613442JVTC5WB9QRN";
    const NAME: &str = "shop.acme.example";
    let takes: [(&str, Act); 2] = [
        (NAME, |hands| {
            hands.set_record(ZONE, NAME, "A", &["192.0.2.99"]);
        }),
        ("eipalloc-0d2f6b8c4e1a97530", |hands| {
            hands.give_address("eipalloc-0d2f6b8c4e1a97530", "i-04f8a2c6d9e1b7350");
        }),
    ];
    for (taken, act) in takes {
        let mut stage = Stage::open("web");
        let (run, _) = carried_out(&mut stage, &AmiRelaunch, &said(&[]));
        meddle(&stage, act);
        let before = stage.aws.calls().len();
        stage.send(&run, CommandKind::RollBack);
        assert_eq!(stage.drive(&run), RunStatus::Paused, "{taken}");
        let reason = stage.state(&run).reason.unwrap();
        assert!(
            reason.contains("it was not begun") && reason.contains(taken),
            "{reason}"
        );
        let sent = stage.aws.calls()[before..]
            .iter()
            .filter(|call| call.mutates && !call.dry_run)
            .count();
        assert_eq!(sent, 0, "{taken}");
    }
}
