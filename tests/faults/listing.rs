//! What a run has made is listed by its tags: how long that is tried where it fails, and what becomes of a
//! roll back meanwhile.

use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, EventBody, RunStatus};
use defib::sim::{Fault, On};

use crate::stage::Stage;

/// A call that nothing on the way back but the listing makes. The SDK tries a read three times.
const LISTS: &str = "DescribeSnapshots";

fn done() -> (Stage, RunId) {
    let mut stage = Stage::open("bad-deploy");
    let plan = stage.plan(&[("snapshot", "snap-0b7e41c8d92f3a650")]);
    let run = stage.record(plan.unwrap());
    assert_eq!(stage.drive(&run), RunStatus::Done);
    (stage, run)
}

/// Takes a run back while its listing fails. Returns where it stands and how often was listed.
fn taken_back(stage: &mut Stage, run: &RunId, on: On, fault: Fault) -> (RunStatus, u32) {
    let faults = stage.aws.faults().clone();
    let id = faults.inject(on, fault);
    stage.send(run, CommandKind::RollBack);
    let status = stage.drive(run);
    let fired = faults.fired(id);
    faults.lift(id);
    (status, fired)
}

fn says(stage: &mut Stage, run: &RunId, words: &str) -> bool {
    let events = stage.events(run);
    events
        .iter()
        .any(|event| matches!(&event.body, EventBody::Unreachable { why } if why.contains(words)))
}

#[test]
fn a_roll_back_ends_only_when_what_came_about_late_is_listed() {
    let (mut stage, run) = done();
    let on = On::operation(LISTS).times(40);
    let (status, fired) = taken_back(&mut stage, &run, on, Fault::Throttled);
    assert_eq!((status, fired), (RunStatus::RolledBack, 40));
    assert!(says(&mut stage, &run, "cannot be listed by its tags"));
}

#[test]
fn a_listing_that_never_succeeds_is_left_to_a_person_and_goes_on_afterwards() {
    let (mut stage, run) = done();
    let on = On::operation(LISTS).for_ever();
    let (status, fired) = taken_back(&mut stage, &run, on, Fault::Throttled);
    assert_eq!(status, RunStatus::Paused);
    assert!((10..90).contains(&fired), "{fired} tries");
    let reason = stage.state(&run).reason.expect("it says why");
    assert!(
        reason.contains("cannot be listed") && reason.contains("resume"),
        "{reason}"
    );
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
}

#[test]
fn where_listing_is_forbidden_the_roll_back_ends_all_the_same_and_says_so() {
    let (mut stage, run) = done();
    let on = On::operation(LISTS).for_ever();
    let (status, fired) = taken_back(&mut stage, &run, on, Fault::Unauthorized);
    assert_eq!(status, RunStatus::RolledBack);
    assert!(fired < 10, "{fired} tries");
    assert!(says(&mut stage, &run, "come about late cannot be listed"));
}

#[test]
fn a_listing_that_fails_is_not_asked_for_at_every_turn() {
    let mut stage = Stage::open("bad-deploy");
    // Snapshots are listed for what may have come about late where the plan makes one.
    let plan = stage.plan(&[("snapshot", "snap-0b7e41c8d92f3a650")]);
    let run = stage.record(plan.unwrap());
    let faults = stage.aws.faults().clone();
    let dies = faults.inject(On::operation("StopInstances"), Fault::Unauthorized);
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    faults.lift(dies);
    let id = faults.inject(On::operation(LISTS).for_ever(), Fault::Throttled);
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    // Minutes passed, with four turns a second.
    let fired = faults.fired(id);
    assert!((1..60).contains(&fired), "{fired} tries");
}
