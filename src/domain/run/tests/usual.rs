//! How long steps usually take: by which runs, and by which of their times.
//! What was not brought to its end, or was so already, tells nothing.

use serde_json::json;

use super::*;

/// A run that is over, in which the first step took so long.
fn over(seconds: u64) -> RunState {
    let mut run = fold(&[]);
    let record = StepRecord {
        status: StepStatus::Verified,
        generation: 1,
        started_at: Some(second(10)),
        intent_at: Some(second(100)),
        ended_at: Some(second(100 + seconds)),
        ..StepRecord::default()
    };
    run.steps.insert(MAKE.into(), record);
    run.halt = Halt::Over;
    run
}

fn usual(earlier: &[RunState]) -> Option<Usual> {
    Usual::of(&step(MAKE, Impact::Creates), &plan(), earlier.iter())
}

fn changed(change: impl FnOnce(&mut RunState)) -> RunState {
    let mut run = over(60);
    change(&mut run);
    run
}

#[test]
fn it_is_the_median_of_what_the_step_took_after_its_last_request() {
    assert_eq!(usual(&[]), None);
    let lasts = |seconds: &[u64]| {
        let runs: Vec<RunState> = seconds.iter().copied().map(over).collect();
        let usual = usual(&runs).unwrap();
        assert_eq!(usual.runs, seconds.len().min(20));
        usual.lasts.as_secs()
    };
    assert_eq!(lasts(&[700]), 700);
    assert_eq!(lasts(&[900, 700]), 800);
    assert_eq!(lasts(&[10_000, 700, 720]), 720);
    let mut many = vec![60; 20];
    many.extend([9000; 40]);
    assert_eq!(lasts(&many), 60, "the youngest come first, and count");
}

#[test]
fn a_run_that_is_not_alike_tells_nothing() {
    let record = |run: &mut RunState, change: fn(&mut StepRecord)| {
        change(run.steps.get_mut(&StepId::from(MAKE)).unwrap());
    };
    let others = [
        changed(|run| run.halt = Halt::None),
        changed(|run| run.halt = Halt::Failed),
        changed(|run| run.plan.flow = "another".to_owned()),
        changed(|run| run.plan.place.region = "us-east-1".into()),
        changed(|run| run.plan.place.account = "999988887777".into()),
        changed(|run| run.plan.facts = json!({"backup": {"bytes": 10}})),
        changed(|run| run.plan.steps[0].call.as_mut().unwrap().operation = "other".to_owned()),
        changed(|run| run.plan.steps[0].id = "another".into()),
        changed(|run| run.steps.clear()),
        changed(|run| record(run, |one| one.generation = 0)),
        changed(|run| record(run, |one| one.status = StepStatus::Failed)),
        changed(|run| record(run, |one| one.ended_at = one.started_at)),
    ];
    for other in &others {
        assert_eq!(usual(std::slice::from_ref(other)), None, "{other:?}");
    }
    let mut all = others.to_vec();
    all.push(over(60));
    assert_eq!(usual(&all).unwrap().runs, 1);
    let rolled_back = changed(|run| run.undo = Some(Vec::new()));
    assert_eq!(usual(&[rolled_back]).unwrap().runs, 1);
}

#[test]
fn what_moved_about_as_much_is_alike() {
    let of = |facts: Value| Plan { facts, ..plan() };
    let bytes = |bytes: u64| of(json!({"source": {"bytes": bytes}}));
    let told = |one: Plan, other: &Plan| {
        let run = changed(|run| run.plan = one);
        Usual::of(&step(MAKE, Impact::Creates), other, [run].iter()).is_some()
    };
    assert!(told(bytes(2_000), &bytes(9_000)));
    assert!(!told(bytes(2_000), &bytes(20_000)));
    assert!(!told(bytes(2_000), &plan()));
    let of_backup = of(json!({"source": {"bytes": 1}, "backup": {"bytes": 2_000}}));
    assert!(told(of_backup, &bytes(9_000)), "what is restored counts");
}

#[test]
fn it_is_said_with_how_many_runs_tell_it() {
    let said = |minutes, runs| {
        let lasts = SignedDuration::from_mins(minutes);
        Usual { lasts, runs }.told()
    };
    assert_eq!(said(12, 3), "usually 12 min here (3 runs)");
    assert_eq!(said(190, 1), "usually 3 h 10 m here (1 run)");
}
