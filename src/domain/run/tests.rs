//! The fold as a table: what each event makes of a step and of a run, from wherever they stand.
//!
//! Every row is written out; a row that is missing is a transition that nobody has thought about.

mod usual;
mod waiting;

use serde_json::{Value, json};

use super::*;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Call, EXPIRED, Gate, PointRef, Subject, Undo};
use crate::domain::resource::ResourceKind;

const MAKE: &str = "make";
const STOP: &str = "stop";
const START: &str = "start";
const ASK: &str = "ask";

fn call() -> Call {
    Call {
        operation: "test".to_owned(),
        version: 1,
        input: Value::Null,
    }
}

fn undo(title: &str, ends_outage: bool) -> Undo {
    Undo {
        title: title.to_owned(),
        call: Some(call()),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 1,
        ends_outage,
    }
}

fn step(id: &str, impact: Impact) -> Step {
    Step {
        id: id.into(),
        title: id.to_owned(),
        why: String::new(),
        call: Some(call()),
        needs: Vec::new(),
        gate: Gate::None,
        impact,
        expected: 1,
        ends_outage: false,
        undo: Vec::new(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

fn person() -> Gate {
    Gate::Person {
        instructions: Vec::new(),
        check: None,
    }
}

/// Makes something, stops, starts, asks a person.
fn plan() -> Plan {
    let stop = Step {
        undo: vec![undo("start again", true)],
        ..step(STOP, Impact::Interrupts)
    };
    let start = Step {
        undo: vec![undo("stop again", false)],
        ends_outage: true,
        ..step(START, Impact::Changes)
    };
    let ask = Step {
        call: None,
        gate: person(),
        ..step(ASK, Impact::Reads)
    };
    Plan {
        flow: "test".to_owned(),
        version: 1,
        title: String::new(),
        place: Place {
            profile: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: String::new(),
        subject: Subject {
            kind: ResourceKind::Volume,
            id: "vol-1".to_owned(),
            name: None,
        },
        point: PointRef {
            id: "snap-1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        },
        facts: Value::Null,
        choices: Choices::default(),
        form: Vec::new(),
        checks: Vec::new(),
        steps: vec![step(MAKE, Impact::Creates), stop, start, ask],
        leftovers: Vec::new(),
        made_at: Timestamp::UNIX_EPOCH,
        hash: String::new(),
    }
}

fn ada() -> Operator {
    Operator {
        user: "ada".to_owned(),
        host: "bastion".to_owned(),
    }
}

fn failure(effect: Effect) -> Failure {
    Failure {
        class: FailureClass::Other,
        effect,
        call: "test".to_owned(),
        code: None,
        message: "no".into(),
        request_id: None,
    }
}

/// An event, and the step it is about, if any.
type Told = (Option<&'static str>, EventBody);

/// First second of an outage, and the last if it ended.
type Stretch = (u64, Option<u64>);

/// Folds what was told, a second apart.
fn fold(told: &[Told]) -> RunState {
    fold_of(plan(), told)
}

fn fold_of(plan: Plan, told: &[Told]) -> RunState {
    let planned = EventBody::Planned {
        plan: Box::new(plan),
        by: ada(),
        approval: Approval::default(),
        version: "0".to_owned(),
        endpoints: Vec::new(),
    };
    let all = std::iter::once((None, planned)).chain(told.iter().cloned());
    let event = |(n, (step, body)): (u64, Told)| RunEvent {
        run: "01R".into(),
        seq: n + 1,
        at: second(n),
        step: step.map(StepId::from),
        body,
    };
    let events: Vec<RunEvent> = (0..).zip(all).map(event).collect();
    RunState::fold(&events).expect("it begins with its plan")
}

fn second(n: u64) -> Timestamp {
    Timestamp::from_second(i64::try_from(n).unwrap()).unwrap()
}

fn intent_of(generation: u32) -> EventBody {
    EventBody::Intent {
        generation,
        token: format!("TOKEN{generation}"),
        digest: String::new(),
        input: Value::Null,
        found: json!({"state": "before", "generation": generation}),
    }
}

fn intent() -> EventBody {
    intent_of(1)
}

fn ambiguous() -> EventBody {
    let failure = failure(Effect::Unknown);
    EventBody::Ambiguous { failure }
}

fn refused() -> EventBody {
    let failure = failure(Effect::None);
    EventBody::Refused { failure }
}

fn accepted() -> EventBody {
    EventBody::Accepted {
        request_id: Some("req".to_owned()),
        outputs: json!({"volume": "vol-2"}),
        created: vec![Created {
            id: "vol-2".to_owned(),
            kind: ResourceKind::Volume,
        }],
    }
}

fn progress() -> EventBody {
    EventBody::Progress {
        detail: "on the way".to_owned(),
        percent: None,
    }
}

fn verified() -> EventBody {
    EventBody::Verified {
        outputs: json!({"volume": "vol-2"}),
        detail: "there".to_owned(),
        created: vec![Created {
            id: "vol-2".to_owned(),
            kind: ResourceKind::Volume,
        }],
    }
}

fn step_failed(spent: bool) -> EventBody {
    EventBody::StepFailed {
        why: "broken".to_owned(),
        failure: None,
        spent,
    }
}

fn conflict() -> EventBody {
    EventBody::Conflict {
        why: "taken".to_owned(),
    }
}

fn answered() -> EventBody {
    EventBody::GateAnswered {
        by: ada(),
        command: None,
    }
}

fn declined() -> EventBody {
    EventBody::GateDeclined {
        by: ada(),
        command: Some(2),
    }
}

fn paused(reason: PauseReason) -> EventBody {
    EventBody::Paused {
        reason,
        line: "why".to_owned(),
        command: Some(3),
    }
}

fn resumed(by: Option<Operator>) -> EventBody {
    EventBody::Resumed {
        by,
        approval: Approval::default(),
        command: None,
    }
}

fn failed() -> EventBody {
    EventBody::Failed {
        why: "broken".to_owned(),
    }
}

fn turned() -> EventBody {
    let steps = plan().undo_steps(&[STOP.into(), START.into()]);
    EventBody::RollBackStarted {
        by: ada(),
        approval: Approval::default(),
        steps,
        command: Some(5),
    }
}

fn on(step: &'static str, bodies: Vec<EventBody>) -> Vec<Told> {
    bodies.into_iter().map(|body| (Some(step), body)).collect()
}

#[test]
fn every_event_moves_a_step_to_the_state_it_says() {
    use StepStatus::{Accepted, Conflict, Declined, Failed, Intent, Planned, Verified, Waiting};
    let table: Vec<(Vec<EventBody>, StepStatus)> = vec![
        (vec![], Planned),
        (vec![EventBody::GateOpened, declined()], Declined),
        (vec![EventBody::GateOpened], Waiting),
        (vec![EventBody::GateOpened, answered()], Planned),
        (
            vec![EventBody::GateOpened, answered(), EventBody::GateOpened],
            Waiting,
        ),
        (vec![intent()], Intent),
        (vec![intent(), ambiguous()], Intent),
        (vec![intent(), refused()], Intent),
        (vec![intent(), progress()], Intent),
        (vec![intent(), accepted()], Accepted),
        (vec![intent(), ambiguous(), accepted()], Accepted),
        (vec![intent(), accepted(), progress()], Accepted),
        (vec![intent(), accepted(), intent()], Intent),
        (vec![intent(), verified()], Verified),
        (vec![intent(), accepted(), verified()], Verified),
        (vec![intent(), accepted(), verified(), progress()], Verified),
        (vec![progress()], Planned),
        (vec![verified()], Verified),
        (vec![conflict()], Conflict),
        (vec![intent(), conflict()], Conflict),
        (vec![intent(), accepted(), conflict()], Conflict),
        (vec![step_failed(false)], Failed),
        (vec![intent(), step_failed(true)], Failed),
        (vec![intent(), accepted(), step_failed(false)], Failed),
    ];
    for (bodies, wanted) in table {
        let state = fold(&on(MAKE, bodies.clone()));
        assert_eq!(state.record(&MAKE.into()).status, wanted, "{bodies:?}");
    }
}

#[test]
fn a_person_who_resumes_puts_a_stopped_step_back_to_where_its_request_is() {
    use StepStatus::{Accepted, Conflict, Failed, Intent, Planned, Verified};
    // What was told of the step; where it is after a person's word; where after a login alone.
    let table: Vec<(Vec<EventBody>, StepStatus, StepStatus)> = vec![
        (vec![step_failed(false)], Planned, Failed),
        (vec![conflict()], Planned, Conflict),
        (vec![intent(), step_failed(true)], Planned, Failed),
        (vec![intent(), step_failed(false)], Intent, Failed),
        (vec![intent(), conflict()], Intent, Conflict),
        (
            vec![intent(), accepted(), step_failed(false)],
            Accepted,
            Failed,
        ),
        (
            vec![intent(), accepted(), step_failed(true)],
            Planned,
            Failed,
        ),
        (vec![intent(), accepted(), conflict()], Accepted, Conflict),
        (vec![intent(), accepted(), verified()], Verified, Verified),
        (vec![intent()], Intent, Intent),
    ];
    for (bodies, by_person, by_login) in table {
        for (by, wanted) in [(Some(ada()), by_person), (None, by_login)] {
            let mut told = on(MAKE, bodies.clone());
            told.push((None, resumed(by.clone())));
            let state = fold(&told);
            let record = state.record(&MAKE.into());
            assert_eq!(record.status, wanted, "{bodies:?} {by:?}");
            let decided = state.resumed_seq > 0;
            assert_eq!(decided, by.is_some(), "{bodies:?}");
        }
    }
}

#[test]
fn every_event_moves_the_run_to_the_state_it_says() {
    use RunStatus::{Done, Failed, Paused, RolledBack, RollingBack, Running, Waiting};
    let run = |body: EventBody| (None, body);
    let at = |step: &'static str, body: EventBody| (Some(step), body);
    let unreachable = || EventBody::Unreachable {
        why: "no route".to_owned(),
    };
    let table: Vec<(Vec<Told>, RunStatus)> = vec![
        (vec![], Running),
        (vec![at(MAKE, intent())], Running),
        (vec![at(ASK, EventBody::GateOpened)], Waiting),
        // What is under way beside a gate is what is seen.
        (
            vec![at(ASK, EventBody::GateOpened), at(MAKE, intent())],
            Running,
        ),
        (
            vec![at(ASK, EventBody::GateOpened), at(ASK, answered())],
            Running,
        ),
        (vec![run(paused(PauseReason::Operator))], Paused),
        (
            vec![run(paused(PauseReason::Credentials)), run(resumed(None))],
            Running,
        ),
        (
            vec![run(paused(PauseReason::Abort)), run(resumed(Some(ada())))],
            Running,
        ),
        (vec![run(unreachable())], Running),
        (vec![run(failed())], Failed),
        (vec![run(failed()), run(resumed(Some(ada())))], Running),
        (vec![run(failed()), run(turned())], RollingBack),
        (vec![run(EventBody::Done)], Done),
        (vec![run(EventBody::Done), run(turned())], RollingBack),
        (
            vec![run(turned()), run(paused(PauseReason::Conflict))],
            Paused,
        ),
        (vec![run(turned()), run(failed())], Failed),
        (vec![run(turned()), run(EventBody::RolledBack)], RolledBack),
        // A step of the way forward no longer counts once the run has turned.
        (
            vec![at(ASK, EventBody::GateOpened), run(turned())],
            RollingBack,
        ),
    ];
    for (told, wanted) in table {
        assert_eq!(fold(&told).status(), wanted, "{told:?}");
    }
}

#[test]
fn an_outage_lasts_from_the_first_interruption_to_the_step_that_ends_it() {
    let at = |step: &'static str, body: EventBody| (Some(step), body);
    let refusal = || EventBody::StepFailed {
        why: "no".to_owned(),
        failure: Some(failure(Effect::None)),
        spent: true,
    };
    let table: Vec<(Vec<Told>, Vec<Stretch>)> = vec![
        (vec![at(MAKE, intent())], vec![]),
        (vec![at(STOP, intent())], vec![(1, None)]),
        (
            vec![at(STOP, intent()), at(STOP, ambiguous())],
            vec![(1, None)],
        ),
        // A request that was refused has interrupted nothing.
        (vec![at(STOP, intent()), at(STOP, refused())], vec![]),
        (vec![at(STOP, intent()), at(STOP, refusal())], vec![]),
        (
            vec![at(STOP, intent()), at(STOP, step_failed(true))],
            vec![(1, None)],
        ),
        (
            vec![
                at(STOP, intent()),
                at(STOP, accepted()),
                at(STOP, refused()),
            ],
            vec![(1, None)],
        ),
        (
            vec![
                at(STOP, intent()),
                at(STOP, verified()),
                at(START, verified()),
            ],
            vec![(1, Some(3))],
        ),
        // Somebody else has stopped it before us: it is down all the same.
        (vec![at(STOP, verified())], vec![(1, None)]),
        (
            vec![at(STOP, verified()), at(START, verified())],
            vec![(1, Some(2))],
        ),
        (vec![at(START, verified())], vec![]),
    ];
    for (told, wanted) in table {
        let state = fold(&told);
        let stretch = |outage: &Outage| (outage.began, outage.ended);
        let shown: Vec<_> = state.outages.iter().map(stretch).collect();
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|(began, ended)| (second(began), ended.map(second)))
            .collect();
        assert_eq!(shown, wanted, "{told:?}");
        let open = wanted.last().filter(|last| last.1.is_none());
        assert_eq!(state.down_since(), open.map(|last| last.0), "{told:?}");
    }
}

#[test]
fn taking_back_can_interrupt_once_more_and_both_stretches_count() {
    let mut told = on(STOP, vec![intent(), verified()]);
    told.extend(on(START, vec![intent(), verified()]));
    told.push((None, turned()));
    let state = fold(&told);
    let ids: Vec<&str> = state.undo.iter().flatten().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["undo-start-1", "undo-stop-1"]);
    told.extend(on("undo-stop-1", vec![intent(), verified()]));
    let state = fold(&told);
    assert_eq!(
        state.outages.len(),
        1,
        "its undo changes, and ends no open stretch"
    );
    assert_eq!(state.outage(second(99)).unwrap().as_secs(), 3);
    assert_eq!(state.touched(), [StepId::from(STOP), StepId::from(START)]);
}

#[test]
fn what_may_have_changed_something_is_taken_back_and_nothing_else() {
    let at = |step: &'static str, body: EventBody| (Some(step), body);
    let table: Vec<(Vec<Told>, Vec<&str>)> = vec![
        (vec![], vec![]),
        (vec![at(STOP, progress())], vec![]),
        (vec![at(STOP, conflict())], vec![]),
        (vec![at(STOP, intent())], vec![STOP]),
        // Nothing came of what was refused, unless one before it had no answer: what takes it back would miss its ids.
        (vec![at(STOP, intent()), at(STOP, refused())], vec![]),
        (
            vec![at(STOP, intent()), at(STOP, intent()), at(STOP, refused())],
            vec![STOP],
        ),
        (
            vec![at(START, intent()), at(STOP, intent())],
            vec![START, STOP],
        ),
        (vec![at(STOP, intent()), at(STOP, intent())], vec![STOP]),
        // Somebody else did it; a step without an undo has nothing to take back.
        (vec![at(STOP, verified())], vec![STOP]),
        (vec![at(MAKE, verified())], vec![]),
        (
            vec![at(ASK, EventBody::GateOpened), at(ASK, verified())],
            vec![],
        ),
    ];
    for (told, wanted) in table {
        let touched = fold(&told).touched();
        let touched: Vec<&str> = touched.iter().map(StepId::as_str).collect();
        assert_eq!(touched, wanted, "{told:?}");
    }
    let theirs = fold(&on(STOP, vec![verified()])).record(&STOP.into());
    assert!(theirs.was_so_already());
    let ours = fold(&on(STOP, vec![intent(), verified()])).record(&STOP.into());
    assert!(!ours.was_so_already());
}

#[test]
fn what_is_declined_is_over_and_what_comes_after_it_has_its_turn() {
    let mut state = fold(&on(MAKE, vec![EventBody::GateOpened]));
    let make = &mut state.plan.steps[0];
    make.if_declined = Some("there is none".to_owned());
    let (make, next) = (make.clone(), state.plan.steps[1].clone());
    state.plan.steps.truncate(2);
    state.plan.steps[1].needs = vec![make.id.clone()];
    let ready = |state: &RunState| {
        let ready = state.ready().into_iter();
        ready.map(|step| step.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ready(&state), std::slice::from_ref(&make.id));
    let no = RunEvent {
        run: state.run.clone(),
        seq: state.last_seq + 1,
        at: state.last_at,
        step: Some(make.id.clone()),
        body: declined(),
    };
    state.apply(&no);
    assert_eq!(ready(&state), [next.id]);
    assert!(state.is_settled(&make.id) && !state.is_verified(&make.id));
    let told: Vec<&str> = state.declined().map(|(_, told)| told).collect();
    assert_eq!(told, ["there is none"]);
    assert_eq!(state.last_command, 2, "the command was dealt with");
    assert!(state.touched().is_empty() && state.missing().is_empty());
}

#[test]
fn an_answer_that_was_not_so_is_forgotten_and_the_gate_asks_again() {
    let once = vec![EventBody::GateOpened, answered()];
    let record = fold(&on(ASK, once.clone())).record(&ASK.into());
    assert!(record.answered);
    assert_eq!(record.asked_again_seq, 0);
    let again = [once, vec![progress(), EventBody::GateOpened]].concat();
    let record = fold(&on(ASK, again.clone())).record(&ASK.into());
    assert!(!record.answered);
    assert_eq!(record.asked_again_seq, 5);
    assert_eq!(record.detail, "on the way");
    let answered = [again, vec![answered()]].concat();
    assert!(fold(&on(ASK, answered)).record(&ASK.into()).answered);
}

#[test]
fn what_the_first_intent_found_stays_and_a_new_attempt_knows_nothing_of_the_last() {
    let told = vec![intent(), accepted(), step_failed(true), intent_of(2)];
    let record = fold(&on(MAKE, told)).record(&MAKE.into());
    assert_eq!(record.found["generation"], 1);
    assert_eq!((record.generation, record.token.as_str()), (2, "TOKEN2"));
    assert_eq!(
        (record.spent, record.clean, record.ambiguous),
        (false, false, false)
    );
    assert_eq!(record.accepted_at, None);
    assert_eq!(record.intent_seq, 5);
}

#[test]
fn a_request_without_an_answer_may_still_arrive_whatever_brought_its_state_about() {
    let table: Vec<(Vec<EventBody>, Option<u64>)> = vec![
        (vec![intent(), accepted(), verified()], None),
        // Nobody knows whose state that is, nor whether a runner that died had its answer.
        (vec![intent(), ambiguous(), verified()], Some(1)),
        (vec![intent(), verified()], Some(1)),
        (vec![intent(), ambiguous(), conflict(), verified()], Some(1)),
        // It is still under way: the step itself waits for it.
        (vec![intent(), ambiguous()], None),
        // It was waited for, and proven to have come to nothing.
        (
            vec![intent(), ambiguous(), step_failed(true), verified()],
            None,
        ),
        (
            vec![intent(), ambiguous(), intent(), accepted(), verified()],
            Some(1),
        ),
        (vec![intent(), intent(), accepted(), verified()], Some(1)),
        (vec![intent(), ambiguous(), conflict(), intent()], Some(1)),
        // The second had no answer either: the younger one decides for how long.
        (
            vec![intent(), ambiguous(), intent(), ambiguous(), verified()],
            Some(3),
        ),
        (vec![intent(), refused(), verified()], None),
        (
            vec![intent(), refused(), intent(), accepted(), verified()],
            None,
        ),
    ];
    for (bodies, wanted) in table {
        let record = fold(&on(STOP, bodies.clone())).record(&STOP.into());
        assert_eq!(record.unanswered_at, wanted.map(second), "{bodies:?}");
    }
}

#[test]
fn what_was_made_is_listed_once_and_commands_are_counted() {
    let mut told = on(MAKE, vec![intent(), accepted(), verified()]);
    let adopted = |id: &str| CreatedBy {
        id: id.to_owned(),
        kind: ResourceKind::Volume,
        step: MAKE.into(),
    };
    let found = vec![adopted("vol-2"), adopted("vol-3")];
    told.push((None, EventBody::Adopted { found }));
    told.push((None, paused(PauseReason::Operator)));
    let ignored = EventBody::CommandIgnored {
        command: 2,
        why: String::new(),
    };
    told.push((None, ignored));
    let state = fold(&told);
    let ids: Vec<&str> = state.created.iter().map(|made| made.id.as_str()).collect();
    assert_eq!(ids, ["vol-2", "vol-3"]);
    assert_eq!(state.last_command, 3);
    assert_eq!(state.last_seq, 7);
}

#[test]
fn what_was_agreed_to_for_going_forward_opens_no_gate_on_the_way_back() {
    let agreed = EventBody::Resumed {
        by: Some(ada()),
        approval: Approval {
            yes: true,
            confirm: vec!["orders".to_owned()],
            decline: Vec::new(),
        },
        command: None,
    };
    let forward = fold(&[(None, agreed.clone())]);
    assert!(forward.approval.yes);
    let back = fold(&[(None, agreed), (None, turned())]);
    assert_eq!(back.approval, Approval::default());
}

#[test]
fn a_run_without_its_plan_is_no_run() {
    assert!(RunState::fold(&[]).is_none());
    let event = RunEvent {
        run: "01R".into(),
        seq: 1,
        at: second(1),
        step: None,
        body: EventBody::Done,
    };
    assert!(RunState::fold(&[event]).is_none());
}

/// A step that asks for the device of the new volume.
fn asking() -> Step {
    let lines = [
        "Its device is /dev/disk/by-id/x_volNEW:",
        "(volNEW stands for the id of the volume.)",
        "  sudo mount /dev/disk/by-id/x_volNEW MOUNTPOINT",
    ];
    Step {
        call: None,
        gate: Gate::Person {
            instructions: lines.map(str::to_owned).to_vec(),
            check: Some(call()),
        },
        ..step(ASK, Impact::Reads)
    }
}

fn made(ids: &[&str]) -> RunState {
    let mut state = fold(&[]);
    state.created = ids
        .iter()
        .map(|id| CreatedBy {
            id: (*id).to_owned(),
            kind: ResourceKind::Volume,
            step: MAKE.into(),
        })
        .collect();
    state
}

#[test]
fn a_gate_names_the_volume_that_the_run_made() {
    let mut state = made(&["vol-0ab1"]);
    state.created.push(CreatedBy {
        id: "snap-0ff".to_owned(),
        kind: ResourceKind::Snapshot,
        step: MAKE.into(),
    });
    let Gate::Person {
        instructions,
        check,
    } = state.gate_of(&asking())
    else {
        panic!("a person is asked");
    };
    let wanted = [
        "Its device is /dev/disk/by-id/x_vol0ab1:",
        "  sudo mount /dev/disk/by-id/x_vol0ab1 MOUNTPOINT",
    ];
    assert_eq!(instructions, wanted);
    assert_eq!(check, Some(call()));
}

#[test]
fn a_gate_stays_as_planned_where_nobody_can_tell_which_volume_is_meant() {
    for ids in [&[][..], &["vol-1", "vol-2"], &["vol-1; reboot"], &["vol-"]] {
        assert_eq!(made(ids).gate_of(&asking()), asking().gate, "{ids:?}");
    }
}

#[test]
fn a_table_serves_once_a_step_that_can_be_taken_back_leads_to_it() {
    let mut state = fold(&[]);
    let table = CreatedBy {
        id: "orders-2".to_owned(),
        kind: ResourceKind::Table,
        step: MAKE.into(),
    };
    state.created.push(table.clone());
    let mut switch = step("switch", Impact::Changes);
    switch.call.as_mut().unwrap().input = json!({"value": {"$output": "make.table"}});
    state.plan.steps.push(switch);
    let record = state.steps.entry("switch".into()).or_default();
    record.status = StepStatus::Verified;
    assert_eq!(
        state.serving().next(),
        None,
        "it cannot be told from a setting"
    );
    let switch = state.plan.steps.last_mut().unwrap();
    switch.undo.push(undo("lead back", false));
    assert_eq!(state.serving().collect::<Vec<_>>(), [&table]);
    assert_eq!(state.in_service().unwrap(), "table orders-2 is in service");
    assert!(state.kept().iter().all(|kept| kept.id != "orders-2"));
    state.steps.clear();
    assert_eq!(state.serving().next(), None, "nothing leads to it yet");
    assert_eq!(state.kept()[0].id, "orders-2");
}

#[test]
fn a_table_serves_once_a_person_has_led_the_application_to_it() {
    let mut state = fold(&[]);
    state.created.push(CreatedBy {
        id: "orders-2".to_owned(),
        kind: ResourceKind::Table,
        step: MAKE.into(),
    });
    let check = Call {
        input: json!({"table": {"$output": "make.table"}}),
        ..call()
    };
    let gate = Gate::Person {
        instructions: Vec::new(),
        check: Some(check),
    };
    let mut by_person = Step {
        call: None,
        gate: gate.clone(),
        ..step("switch", Impact::Changes)
    };
    state.plan.steps.push(by_person.clone());
    let record = state.steps.entry("switch".into()).or_default();
    record.status = StepStatus::Verified;
    assert_eq!(state.serving().next(), None, "it was only looked at");
    by_person.undo.push(Undo {
        call: None,
        gate: person(),
        ..undo("lead back", false)
    });
    *state.plan.steps.last_mut().unwrap() = by_person;
    assert_eq!(state.in_service().unwrap(), "table orders-2 is in service");
}

/// The state of a run that has counted, and the step that asks with the count.
fn counted(told: &[Value]) -> (RunState, Step) {
    let mut state = fold(&[]);
    for (n, outputs) in told.iter().enumerate() {
        let id = format!("count-{n}");
        state.plan.steps.push(step(&id, Impact::Reads));
        let record = state.steps.entry(id.as_str().into()).or_default();
        record.outputs = outputs.clone();
    }
    let asking = Step {
        gate: Gate::TypeName {
            name: "orders-2".into(),
            why: format!("expired: {EXPIRED}. They are deleted"),
        },
        ..step("ttl", Impact::Changes)
    };
    (state, asking)
}

#[test]
fn the_gate_says_how_many_have_expired() {
    let why = |told: &[Value]| {
        let (state, asking) = counted(told);
        let Gate::TypeName { name, why } = state.gate_of(&asking) else {
            panic!("a name is asked for");
        };
        assert_eq!(name.raw(), "orders-2");
        why
    };
    let all = json!({"expired": 18_412, "looked_at": 250_000, "complete": true});
    let part = json!({"expired": 7, "looked_at": 1_000_000, "complete": false});
    assert_eq!(
        why(std::slice::from_ref(&all)),
        "expired: 18412 of 250000. They are deleted"
    );
    let least =
        "expired: at least 7, of the 1000000 that were looked at and not of all. They are deleted";
    assert_eq!(why(std::slice::from_ref(&part)), least);
    let planned = format!("expired: {EXPIRED}. They are deleted");
    assert_eq!(why(&[]), planned, "nothing was counted yet");
    assert_eq!(why(&[json!({"expired": 1})]), planned);
    assert_eq!(why(&[all, part]), planned, "nobody can tell which is meant");
}
