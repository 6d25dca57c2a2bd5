//! What must hold after any end of a run, read from the simulated world and from the journal.

use defib::domain::run::{RunEvent, RunState};
use defib::sim::{CallRecord, SimulatedAws};
use serde_json::Value;

/// The place of every story here.
pub const PLACE: &str = "111122223333/eu-west-1";

/// Live volumes that a run's step made.
pub fn made_by(picture: &Value, kind: &str, run: &str, step: &str) -> Vec<String> {
    let things = picture[PLACE][kind].as_object().unwrap();
    let ours = |thing: &Value| {
        thing["tags"]["defib:run"] == run
            && thing["tags"]["defib:step"] == step
            && thing["state"] != "error"
    };
    let ours = things.iter().filter(|(_, thing)| ours(thing));
    ours.map(|(id, _)| id.clone()).collect()
}

/// One thing of the picture.
pub fn thing<'a>(picture: &'a Value, kind: &str, id: &str) -> &'a Value {
    &picture[PLACE][kind][id]
}

/// Checks what holds at every rest, whatever happened before it.
pub fn check(aws: &SimulatedAws, before: &Value, now: &Value, events: &[RunEvent], case: &str) {
    let state = RunState::fold(events).unwrap();
    let run = state.run.as_str();
    for step in ["create-volume", "safety-snapshot"] {
        let kind = if step == "create-volume" {
            "volumes"
        } else {
            "snapshots"
        };
        let made = made_by(now, kind, run, step);
        assert!(made.len() <= 1, "{case}: {step} made {made:?}");
        for id in made {
            let known = state.created.iter().any(|created| created.id == id);
            assert!(known, "{case}: {id} of {step} is not in the journal");
        }
    }
    for kind in ["volumes", "instances", "snapshots"] {
        for id in before[PLACE][kind].as_object().unwrap().keys() {
            assert!(!now[PLACE][kind][id].is_null(), "{case}: {id} is gone");
        }
    }
    for (id, volume) in before[PLACE]["volumes"].as_object().unwrap() {
        let data = &now[PLACE]["volumes"][id]["data"];
        assert_eq!(data, &volume["data"], "{case}: the data of {id} changed");
    }
    let deletes = |call: &&CallRecord| {
        ["Delete", "Terminate", "Deregister", "Release"]
            .iter()
            .any(|word| call.operation.starts_with(word))
            && call.operation != "DeleteTags"
    };
    let calls = aws.calls();
    assert_eq!(
        calls.iter().filter(deletes).count(),
        0,
        "{case}: something was deleted"
    );
    chain_holds(events, case);
}

/// Reading verified the hashes; positions must have no gap either.
fn chain_holds(events: &[RunEvent], case: &str) {
    let gaps = events
        .iter()
        .zip(1..)
        .filter(|(event, seq)| event.seq != *seq);
    assert_eq!(gaps.count(), 0, "{case}: the journal has gaps");
}
