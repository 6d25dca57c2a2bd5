//! Every variant of the swap, whole and taken back: what was promised is there, and nothing else changed.

use defib::domain::plan::Plan;
use defib::domain::run::{CommandKind, RunState, RunStatus};
use defib::sim::Turn;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::cases::each;
use crate::judge::Swap;
use crate::oracle::{PLACE, check, made_by, thing};
use crate::stage::Stage;

mod choices;
mod elsewhere;
mod person;

/// The estate with a volume of every shape.
pub const ESTATE: &str = include_str!("estate.toml");

/// How far the report of an outage may be from the world's own account of it.
const OFF_BY: SignedDuration = SignedDuration::from_secs(3);

/// What takes the service down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    Never,
    Stopped,
    Unmounted,
}

/// A variant: where, what the operator says, and what must come of it.
#[derive(Clone)]
pub struct Variant {
    name: &'static str,
    scenario: &'static str,
    choices: Vec<(&'static str, String)>,
    down: Down,
    pub swap: Swap,
}

pub fn open(scenario: &str) -> Stage {
    if scenario == "estate" {
        Stage::open_text(ESTATE)
    } else {
        Stage::open(scenario)
    }
}

/// The id of a volume: as it is, or by its name.
pub fn volume_called(picture: &Value, name: &str) -> String {
    let volumes = picture[PLACE]["volumes"].as_object().unwrap();
    let called = |(id, volume): &(&String, &Value)| *id == name || volume["tags"]["Name"] == name;
    let found = volumes.iter().find(called);
    found
        .unwrap_or_else(|| panic!("no volume {name}"))
        .0
        .clone()
}

/// The snapshot of a volume; the latest where there are several.
pub fn snapshot_of(picture: &Value, volume: &str) -> String {
    let snapshots = picture[PLACE]["snapshots"].as_object().unwrap();
    let of_it = snapshots.iter().filter(|(_, snapshot)| {
        snapshot["volume_id"] == volume && snapshot["state"] == "completed"
    });
    let latest = of_it.max_by_key(|(_, snapshot)| snapshot["started"].to_string());
    latest
        .unwrap_or_else(|| panic!("no snapshot of {volume}"))
        .0
        .clone()
}

/// A swap of an attached volume, in which all stays as it was.
pub fn of_volume(scenario: &'static str, volume: &str, name: &'static str) -> Variant {
    let picture = open(scenario).picture();
    let old = volume_called(&picture, volume);
    let held = &thing(&picture, "volumes", &old)["attachments"][0];
    let text = |field: &str| held[field].as_str().unwrap().to_owned();
    let snapshot = match scenario {
        "bad-deploy" if volume == "orders-db-data" => "snap-0b7e41c8d92f3a650".to_owned(),
        _other => snapshot_of(&picture, &old),
    };
    Variant {
        name,
        scenario,
        choices: vec![("snapshot", snapshot.clone())],
        down: Down::Stopped,
        swap: Swap {
            snapshot,
            instance: text("instance_id"),
            device: text("device"),
            like: Some(old.clone()),
            old: Some(old),
            delete: held["delete_on_termination"].as_bool().unwrap(),
            changed: Vec::new(),
            keep_until: "2026-03-21".to_owned(),
            safety: true,
        },
    }
}

impl Variant {
    fn say(mut self, field: &'static str, value: &str) -> Self {
        self.choices.push((field, value.to_owned()));
        self
    }

    fn down(mut self, down: Down) -> Self {
        self.down = down;
        self
    }

    pub fn unmounted(self) -> Self {
        self.say("mode", "unmount").down(Down::Unmounted)
    }

    fn becomes(mut self, field: &'static str, value: Value) -> Self {
        self.swap.changed.push((field, value));
        self
    }

    pub fn choices(&self) -> Vec<(&str, &str)> {
        let choices = self.choices.iter();
        choices
            .map(|(field, value)| (*field, value.as_str()))
            .collect()
    }
}

/// What the world tells of the last time the service was down.
fn down_in_the_world(
    stage: &mut Stage,
    down: Down,
    instance: &str,
    leaves: &str,
    comes: &str,
) -> SignedDuration {
    let aws = stage.aws.clone();
    let (power, leaving, coming, up) = stage.live(|| async move {
        (
            aws.instance_history(instance),
            aws.volume_attachment_history(leaves),
            aws.volume_attachment_history(comes),
            aws.checks_pass_at(instance),
        )
    });
    let last = |turns: &[Turn], state: &str| -> Timestamp {
        let turn = turns.iter().rfind(|turn| turn.state.starts_with(state));
        turn.unwrap_or_else(|| panic!("no {state} in {turns:?}")).at
    };
    match down {
        Down::Never => SignedDuration::ZERO,
        Down::Stopped => up.unwrap().duration_since(last(&power, "stopping")),
        Down::Unmounted => last(&coming, "attached").duration_since(last(&leaving, "detaching")),
    }
}

/// Holds the outages that the run reports against those of the world.
fn assert_outages(state: &RunState, world: &[SignedDuration], case: &str) {
    assert_eq!(
        state.outages.len(),
        world.len(),
        "{case}: {:?}",
        state.outages
    );
    for (reported, was) in state.outages.iter().zip(world) {
        let ended = reported
            .ended
            .unwrap_or_else(|| panic!("{case}: still down"));
        let reported = ended.duration_since(reported.began);
        let off = (reported - *was).abs();
        assert!(off <= OFF_BY, "{case}: reported {reported:?}, was {was:?}");
    }
    let told = state.outage(state.last_at);
    assert_eq!(told.is_none(), world.is_empty(), "{case}: {told:?}");
}

fn plan(stage: &mut Stage, variant: &Variant) -> Plan {
    let plan = stage.plan(&variant.choices());
    plan.unwrap_or_else(|error| panic!("{}: {error}", variant.name))
}

/// Runs a variant whole and takes it back.
fn there_and_back(variant: &Variant) {
    let (case, swap) = (variant.name, &variant.swap);
    let mut stage = open(variant.scenario);
    let before = stage.picture();
    let plan = plan(&mut stage, variant);
    let interrupts = variant.down != Down::Never;
    assert_eq!(
        plan.expected_outage().is_some(),
        interrupts,
        "{case}: planned"
    );
    let run = stage.record(plan);
    let end = stage.drive(&run);
    let why = stage.state(&run).reason;
    assert_eq!(end, RunStatus::Done, "{case}: {why:?}");
    let (now, state, events) = (stage.picture(), stage.state(&run), stage.events(&run));
    check(&stage.aws.clone(), &before, &now, &events, case);
    swap.assert_done(&before, &now, &state, case);
    let new = made_by(&now, "volumes", run.as_str(), "create-volume")[0].clone();
    let old = swap.old.clone().unwrap_or_else(|| new.clone());
    let mut world = Vec::new();
    if interrupts {
        world.push(down_in_the_world(
            &mut stage,
            variant.down,
            &swap.instance,
            &old,
            &new,
        ));
    }
    assert_outages(&state, &world, case);

    stage.send(&run, CommandKind::RollBack);
    let end = stage.drive(&run);
    let why = stage.state(&run).reason;
    assert_eq!(end, RunStatus::RolledBack, "{case}: {why:?}");
    let (back, state, events) = (stage.picture(), stage.state(&run), stage.events(&run));
    check(&stage.aws.clone(), &before, &back, &events, case);
    swap.assert_back(&before, &back, &state, case);
    let kept = made_by(&back, "volumes", run.as_str(), "create-volume");
    assert_eq!(
        kept,
        std::slice::from_ref(&new),
        "{case}: what was made is kept"
    );
    if interrupts {
        world.push(down_in_the_world(
            &mut stage,
            variant.down,
            &swap.instance,
            &new,
            &old,
        ));
    }
    assert_outages(&state, &world, case);
}

#[test]
fn a_volume_of_every_shape_is_swapped_and_taken_back() {
    let estate = |volume: &str, name| of_volume("estate", volume, name);
    let refusal = |volume: &str, name| of_volume("refusals", volume, name);
    let stopped = |name| refusal("stopped-data", name).down(Down::Never);
    let cases = [
        of_volume("bad-deploy", "orders-db-data", "data volume, stopped"),
        of_volume("bad-deploy", "orders-db-data", "data volume, unmounted").unmounted(),
        estate(
            "vol-0000000000000a001",
            "gp3 with IOPS, throughput, key and hard tags",
        ),
        estate("vol-0000000000000a001", "the same unmounted").unmounted(),
        estate("vol-0000000000000a002", "io2 with IOPS"),
        estate("vol-0000000000000a002", "io2 with IOPS, unmounted").unmounted(),
        estate("vol-0000000000000a003", "st1"),
        estate("vol-0000000000000a004", "a volume that an earlier run made"),
        estate("vol-0000000000000a000", "root volume"),
        refusal("root-volume-root", "root volume alone"),
        stopped("instance stopped before"),
        refusal("deleted-with-instance-data", "deleted with its instance"),
        refusal("key-good-data", "encrypted"),
        refusal("windows-data", "Windows"),
        refusal("elastic-address-data", "elastic address"),
        refusal("termination-protected-data", "termination protection"),
        refusal("optimizing-data", "optimizing"),
        refusal("raid-data-1", "one half of an array"),
        refusal("product-code-data", "product code")
            .becomes("product_codes", json!(["8u2k4xq1example"])),
        refusal("snapshot-larger-data", "snapshot larger than the volume")
            .becomes("size", json!(60)),
        refusal("asg-standby-data", "on standby in a group"),
        refusal("spot-once-data", "one-time spot, unmounted").unmounted(),
        refusal("instance-store-data", "instance store, its name typed"),
    ];
    each("variants: shapes", 23, &cases, there_and_back);
}
