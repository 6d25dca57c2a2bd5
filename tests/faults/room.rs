//! A relaunch where AWS has no room: the quota of security groups is used up, or no more instance of the type is to be
//! had. What failed is said in AWS's word with what to do, and the way back leads to where it began.

use defib::domain::failure::Failure;
use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, EventBody, RunStatus};
use defib::report::Report;
use defib::restore::flows::ami_relaunch::AmiRelaunch;
use serde_json::Value;

use crate::stage::Stage;

const OLD: &str = "i-0b61d7e3a9f2c4850";
const PLACE: &str = "[[place]]\naccount = \"111122223333\"\nregion = \"eu-west-1\"\n";

/// The web scenario with something more said of its place.
fn short_of(what: &str) -> Stage {
    let web = include_str!("../../src/sim/scenarios/web.toml");
    let text = web.replacen(PLACE, &format!("{PLACE}{what}\n"), 1);
    assert!(text != web, "the scenario has that place");
    Stage::open_text(&text)
}

/// Relaunches, and says by what the run failed: in a line, and as the call's failure where it was one at the end.
fn relaunched(stage: &mut Stage, mode: &str) -> (RunId, String, Option<Failure>) {
    let said = [
        ("image", "ami-09c4e7a1f5d8b2630"),
        ("replaces", OLD),
        ("operator-cidr", "198.51.100.7"),
        ("user-data", "omit"),
        ("mode", mode),
    ];
    let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let plan = stage.plan_by(&AmiRelaunch, &said).unwrap();
    let run = stage.record(plan);
    let status = stage.drive(&run);
    let events = stage.events(&run);
    assert_eq!(status, RunStatus::Failed, "{mode}");
    let failed = events.iter().rev().find_map(|event| {
        if let EventBody::StepFailed { why, failure, .. } = &event.body {
            return Some((why.clone(), failure.clone()));
        }
        None
    });
    let (why, failure) = failed.expect("a step failed");
    (run, why, failure)
}

fn old_state(stage: &mut Stage) -> Value {
    let picture = stage.picture();
    picture["111122223333/eu-west-1"]["instances"][OLD]["state"].clone()
}

fn taken_back(stage: &mut Stage, run: &RunId) {
    stage.send(run, CommandKind::RollBack);
    assert_eq!(stage.drive(run), RunStatus::RolledBack);
    assert_eq!(old_state(stage), "running");
}

#[test]
fn a_quota_of_groups_that_is_used_up_is_told_before_anything_else_is_made() {
    let mut stage = short_of("group_quota = 1");
    let (run, why, failure) = relaunched(&mut stage, "side-by-side");
    assert!(why.contains("SecurityGroupLimitExceeded"), "{why}");
    let failure = failure.expect("a call was refused");
    assert_eq!(failure.code.as_deref(), Some("SecurityGroupLimitExceeded"));
    let report = Report::of_failure(&failure, None);
    assert!(report.todo[0].contains("Service Quotas"), "{report:?}");
    assert_eq!(old_state(&mut stage), "running");
    let state = stage.state(&run);
    assert!(state.created.is_empty(), "{:?}", state.created);
    taken_back(&mut stage, &run);
}

#[test]
fn no_room_for_the_new_one_leaves_the_old_one_serving_or_is_gone_back_from() {
    for (mode, meanwhile) in [("side-by-side", "running"), ("stop-first", "stopped")] {
        let mut stage = short_of("no_capacity = [\"m6i.large\"]");
        let (run, why, _) = relaunched(&mut stage, mode);
        assert!(
            why.contains("InsufficientInstanceCapacity"),
            "{mode}: {why}"
        );
        assert_eq!(old_state(&mut stage), meanwhile, "{mode}");
        taken_back(&mut stage, &run);
    }
}
