//! Whole swaps without a fault: the end they must have, the time the service was down, the way back.

use defib::domain::run::{CommandKind, RunStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::oracle::{check, made_by, thing};
use crate::stage::Stage;

const GOOD: &str = "snap-0b7e41c8d92f3a650";
const OLD: &str = "vol-0a5d3c9e71b2f4608";
const INSTANCE: &str = "i-0c4e8f1a2b3d5e607";

/// Where a volume is: instance, device, state and delete-on-termination.
fn attachments(picture: &Value, volume: &str) -> Vec<(String, String, String, bool)> {
    let held = thing(picture, "volumes", volume)["attachments"]
        .as_array()
        .unwrap();
    let text = |held: &Value, field: &str| held[field].as_str().unwrap().to_owned();
    let row = |held: &Value| {
        let delete = held["delete_on_termination"].as_bool().unwrap();
        (
            text(held, "instance_id"),
            text(held, "device"),
            text(held, "state"),
            delete,
        )
    };
    held.iter().map(row).collect()
}

fn swapped(picture: &Value, run: &str) -> String {
    let made = made_by(picture, "volumes", run, "create-volume");
    assert_eq!(made.len(), 1);
    made[0].clone()
}

#[test]
fn a_data_volume_is_swapped_with_the_instance_stopped_and_taken_back() {
    let mut stage = Stage::open("bad-deploy");
    let before = stage.picture();
    let plan = stage.plan(&[("snapshot", GOOD)]).unwrap();
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);

    let after = stage.picture();
    check(
        &stage.aws.clone(),
        &before,
        &after,
        &stage.events(&run),
        "swap",
    );
    let new = swapped(&after, run.as_str());
    let held = attachments(&before, OLD);
    assert_eq!(attachments(&after, &new), held);
    assert!(attachments(&after, OLD).is_empty());
    assert_eq!(thing(&after, "instances", INSTANCE)["state"], "running");
    let (old, new) = (
        thing(&before, "volumes", OLD),
        thing(&after, "volumes", &new),
    );
    for field in ["type", "iops", "throughput", "size", "kms_key_id"] {
        assert_eq!(new[field], old[field], "{field}");
    }
    assert_eq!(new["data"]["damaged"], false);

    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    let back = stage.picture();
    check(
        &stage.aws.clone(),
        &before,
        &back,
        &stage.events(&run),
        "roll back",
    );
    assert_eq!(attachments(&back, OLD), held);
    assert_eq!(
        thing(&back, "volumes", OLD)["tags"],
        thing(&before, "volumes", OLD)["tags"]
    );
}

#[test]
fn the_service_is_down_for_little_longer_than_aws_itself_takes() {
    let mut stage = Stage::open("bad-deploy");
    let plan = stage.plan(&[("snapshot", GOOD)]).unwrap();
    let expected = plan.expected_outage().expect("a stopping swap interrupts");
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let after = stage.state(&run);
    let new = after.steps[&"create-volume".into()].outputs["volume"].clone();
    let new = new.as_str().unwrap().to_owned();

    let aws = stage.aws.clone();
    let (instance, old, new, up) = stage.live(|| async move {
        (
            aws.instance_history(INSTANCE),
            aws.volume_attachment_history(OLD),
            aws.volume_attachment_history(&new),
            aws.checks_pass_at(INSTANCE).expect("it runs"),
        )
    });
    let at = |turns: &[defib::sim::Turn], state: &str| -> Timestamp {
        let turn = turns.iter().rfind(|turn| turn.state.starts_with(state));
        turn.unwrap_or_else(|| panic!("{state} in {turns:?}")).at
    };
    let stop = at(&instance, "stopped").duration_since(at(&instance, "stopping"));
    let detach = at(&old, "detached").duration_since(at(&old, "detaching"));
    let attach = at(&new, "attached").duration_since(at(&new, "attaching"));
    let start = up.duration_since(at(&instance, "pending"));
    let down = up.duration_since(at(&instance, "stopping"));
    let needed = stop + detach + attach + start;
    assert!(
        down.as_secs_f64() <= needed.as_secs_f64() * 1.05,
        "down for {down:?}, AWS needs {needed:?}"
    );

    let reported = after.outage(after.last_at).expect("it was down");
    let off = (reported - down).abs();
    assert!(
        off <= SignedDuration::from_secs(3),
        "reported {reported:?}, was {down:?}"
    );
    let ratio = expected.as_secs_f64() / down.as_secs_f64();
    assert!(
        (0.5..=2.0).contains(&ratio),
        "planned {expected:?}, was {down:?}"
    );
    let created = at(&new_volume_ready(&after), "ready");
    assert!(
        created <= at(&instance, "stopping"),
        "created before the outage"
    );
}

/// When the new volume was verified, as a history of one turn.
fn new_volume_ready(state: &defib::domain::run::RunState) -> Vec<defib::sim::Turn> {
    let record = &state.steps[&"create-volume".into()];
    vec![defib::sim::Turn {
        at: record.ended_at.unwrap(),
        state: "ready".to_owned(),
    }]
}
