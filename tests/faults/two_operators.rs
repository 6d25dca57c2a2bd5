//! Two operators at one instance who share no journal: the mark that a run leaves there, what it does to a
//! second run, and how one takes over.

use defib::domain::check::Verdict;
use defib::domain::plan::{Gate, Plan};
use defib::domain::run::{Approval, CommandKind, RunStatus};

use crate::oracle::thing;
use crate::stage::Stage;

const GOOD: &str = "snap-0b7e41c8d92f3a650";
const INSTANCE: &str = "i-0c4e8f1a2b3d5e607";
const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
/// A run of somebody else.
const OTHER: &str = "01JP9ZQ4T0000000000000ABCD";

fn stage_and_plan() -> (Stage, Plan) {
    let mut stage = Stage::open("bad-deploy");
    let plan = stage.plan(&[("snapshot", GOOD)]).unwrap();
    (stage, plan)
}

/// The instance's tags `defib:active` and `defib:active-by`.
fn mark(stage: &mut Stage) -> [Option<String>; 2] {
    let picture = stage.picture();
    let tags = &thing(&picture, "instances", INSTANCE)["tags"];
    ["defib:active", "defib:active-by"].map(|key| tags[key].as_str().map(str::to_owned))
}

/// Somebody else sets the mark, or takes it away.
fn marked_by(stage: &mut Stage, run: Option<&str>) {
    let aws = stage.aws.clone();
    stage.live(|| async move {
        aws.third_party(PLACE.0, PLACE.1, |hands| {
            hands.set_tag(INSTANCE, "defib:active", run);
            let by = run.map(|_| "ops@elsewhere since 2026-03-14T02:20:00Z");
            hands.set_tag(INSTANCE, "defib:active-by", by);
        });
    });
}

fn effects(stage: &Stage) -> Vec<String> {
    let calls = stage.aws.calls().into_iter();
    let effects = calls.filter(|call| call.took_effect);
    effects.map(|call| call.operation).collect()
}

#[test]
fn a_run_marks_the_instance_while_it_is_at_it() {
    let (mut stage, plan) = stage_and_plan();
    assert_eq!(mark(&mut stage), [None, None]);
    let run = stage.record_with(plan, Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    let state = stage.state(&run);
    let [active, by] = mark(&mut stage);
    assert_eq!(active.as_deref(), Some(run.as_str()));
    let by = by.expect("it says by whom");
    let since = state.started_at.strftime("%FT%TZ").to_string();
    assert!(
        by.contains('@') && by.ends_with(&format!(" since {since}")),
        "{by}"
    );

    stage.send(&run, CommandKind::Approve { step: None });
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(mark(&mut stage), [None, None]);
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(mark(&mut stage), [None, None]);
    let marks = effects(&stage);
    let of = |name: &str| marks.iter().filter(|call| *call == name).count();
    // There and back, each with its mark; and the old volume's own tags.
    assert_eq!((of("CreateTags"), of("DeleteTags")), (3, 3), "{marks:?}");
}

#[test]
fn a_mark_that_came_after_the_plan_stops_the_run_before_anything_changes() {
    let (mut stage, plan) = stage_and_plan();
    marked_by(&mut stage, Some(OTHER));
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Paused);
    let reason = stage.state(&run).reason.expect("it says why");
    for word in [OTHER, "ops@elsewhere since 2026-03-14T02:20:00Z", INSTANCE] {
        assert!(reason.contains(word), "{reason}");
    }
    assert_eq!(effects(&stage), [""; 0]);
    // The other one has ended.
    marked_by(&mut stage, None);
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
}

#[test]
fn whoever_takes_over_from_a_mark_types_its_name() {
    let mut stage = Stage::open("bad-deploy");
    marked_by(&mut stage, Some(OTHER));
    let plan = stage.plan(&[("snapshot", GOOD)]).unwrap();
    let check = plan.checks.iter().find(|check| check.name == "other-run");
    let check = check.expect("the mark is looked for");
    assert_eq!(check.verdict, Verdict::Know);
    for word in [OTHER, "ops@elsewhere since 2026-03-14T02:20:00Z"] {
        assert!(check.found.contains(word), "{}", check.found);
    }
    let Gate::TypeName { name, .. } = &plan.steps[0].gate else {
        panic!("{:?}", plan.steps[0]);
    };
    assert_eq!(name.raw(), OTHER);

    let run = stage.record_with(plan, Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    assert_eq!(effects(&stage), [""; 0]);
    let plain_yes = Approval {
        yes: true,
        ..Approval::default()
    };
    stage.send_with(&run, CommandKind::Approve { step: None }, plain_yes);
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    assert_eq!(effects(&stage), [""; 0]);
    stage.send(&run, CommandKind::Approve { step: None });
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    assert_eq!(mark(&mut stage)[0].as_deref(), Some(run.as_str()));
    stage.send(&run, CommandKind::Approve { step: None });
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(mark(&mut stage), [None, None]);
}

#[test]
fn a_mark_that_cannot_be_typed_is_taken_over_by_the_instances_name() {
    let mut stage = Stage::open("bad-deploy");
    marked_by(&mut stage, Some("\u{1b}]0;x\u{7}\u{202e}"));
    let plan = stage.plan(&[("snapshot", GOOD)]).unwrap();
    let Gate::TypeName { name, why } = &plan.steps[0].gate else {
        panic!("{:?}", plan.steps[0]);
    };
    assert_eq!(name.raw(), INSTANCE);
    assert!(!why.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{why:?}");
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
}

#[test]
fn the_mark_of_whoever_took_over_is_left_to_them() {
    let (mut stage, plan) = stage_and_plan();
    let run = stage.record_with(plan, Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    marked_by(&mut stage, Some(OTHER));
    stage.send(&run, CommandKind::Approve { step: None });
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(mark(&mut stage)[0].as_deref(), Some(OTHER));
    // The way back would work at an instance at which somebody else is.
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::Paused);
    let reason = stage.state(&run).reason.expect("it says why");
    assert!(reason.contains(OTHER), "{reason}");
}
