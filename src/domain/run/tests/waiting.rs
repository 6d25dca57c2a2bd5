//! What a run goes on without, and in which order: a step that may wait has its turn once the one before it rests, and
//! everything else waits until all of them are verified.

use super::*;

const FIRST: &str = "first";
const SECOND: &str = "second";
const RULE: &str = "rule";
const LAST: &str = "last";
const END: &str = "end";

fn needing(id: &str, needs: &[&str]) -> Step {
    Step {
        needs: needs.iter().map(|need| StepId::from(*need)).collect(),
        ..step(id, Impact::Changes)
    }
}

fn waiting(id: &str, needs: &[&str]) -> Step {
    Step {
        may_wait: true,
        ..needing(id, needs)
    }
}

/// One after the other; the rule makes no sense without the first.
fn settings() -> Plan {
    let rule = Step {
        builds_on: vec![FIRST.into()],
        ..waiting(RULE, &[SECOND, FIRST])
    };
    Plan {
        steps: vec![
            step(MAKE, Impact::Creates),
            waiting(FIRST, &[MAKE]),
            waiting(SECOND, &[FIRST]),
            rule,
            waiting(LAST, &[RULE]),
            needing(END, &[LAST, FIRST, SECOND, RULE]),
        ],
        ..plan()
    }
}

fn denied() -> EventBody {
    EventBody::StepFailed {
        why: "denied".to_owned(),
        failure: Some(failure(Effect::None)),
        spent: true,
    }
}

/// What is told of each step, one after the other.
type Course = Vec<(&'static str, Vec<EventBody>)>;

fn after(course: Course) -> RunState {
    let told = course
        .into_iter()
        .flat_map(|(step, bodies)| on(step, bodies));
    fold_of(settings(), &told.collect::<Vec<_>>())
}

fn ready(state: &RunState) -> Vec<&str> {
    state.ready().iter().map(|step| step.id.as_str()).collect()
}

fn missing(state: &RunState) -> Vec<&str> {
    let missing = state.missing();
    missing.iter().map(|one| one.step.id.as_str()).collect()
}

#[test]
fn a_run_goes_on_only_without_what_nothing_of_is_on_its_way() {
    let table: Vec<(Vec<EventBody>, bool)> = vec![
        (vec![], false),
        (vec![intent()], false),
        (vec![intent(), verified()], false),
        // Nothing was sent.
        (vec![step_failed(false)], true),
        // Refused at once, and at last after having been throttled for long.
        (vec![intent(), denied()], true),
        (vec![intent(), refused(), step_failed(false)], true),
        (vec![intent(), refused(), intent(), denied()], true),
        // Its outcome is not known, or that of the one before it.
        (vec![intent(), step_failed(false)], false),
        (vec![intent(), ambiguous(), step_failed(false)], false),
        (vec![intent(), ambiguous(), intent(), denied()], false),
        (
            vec![intent(), intent(), refused(), step_failed(false)],
            false,
        ),
        // AWS has taken it.
        (vec![intent(), accepted(), step_failed(false)], false),
        (vec![intent(), accepted(), step_failed(true)], false),
        (vec![intent(), step_failed(true)], false),
        // A person decides.
        (vec![conflict()], false),
        (vec![intent(), refused(), conflict()], false),
    ];
    for (bodies, goes_on) in table {
        let told = on(FIRST, bodies.clone());
        let state = fold_of(settings(), &told);
        assert_eq!(state.goes_on_without(&FIRST.into()), goes_on, "{bodies:?}");
        assert_eq!(missing(&state).contains(&FIRST), goes_on, "{bodies:?}");
        let state = fold(&on(MAKE, bodies));
        assert!(!state.goes_on_without(&MAKE.into()), "it may not wait");
        assert_eq!(state.missing_told(), None);
    }
}

#[test]
fn each_has_its_turn_once_the_one_before_it_rests() {
    let done = || vec![intent(), accepted(), verified()];
    let refused = || vec![intent(), denied()];
    let unknown = || vec![intent(), ambiguous(), step_failed(false)];
    let table: Vec<(Course, &[&str], &[&str])> = vec![
        (vec![], &[MAKE], &[]),
        (vec![(MAKE, refused())], &[MAKE], &[]),
        (vec![(MAKE, done())], &[FIRST], &[]),
        (vec![(MAKE, done()), (FIRST, done())], &[SECOND], &[]),
        (
            vec![(MAKE, done()), (FIRST, refused())],
            &[SECOND],
            &[FIRST, RULE],
        ),
        (vec![(MAKE, done()), (FIRST, unknown())], &[FIRST], &[]),
        // What builds on it is left out, and the one after that waits for the one before it.
        (
            vec![(MAKE, done()), (FIRST, refused()), (SECOND, vec![intent()])],
            &[SECOND],
            &[FIRST, RULE],
        ),
        (
            vec![(MAKE, done()), (FIRST, refused()), (SECOND, done())],
            &[LAST],
            &[FIRST, RULE],
        ),
        (
            vec![(MAKE, done()), (FIRST, done()), (SECOND, refused())],
            &[RULE],
            &[SECOND],
        ),
        (
            vec![
                (MAKE, done()),
                (FIRST, refused()),
                (SECOND, done()),
                (LAST, done()),
            ],
            &[],
            &[FIRST, RULE],
        ),
        (
            vec![
                (MAKE, done()),
                (FIRST, done()),
                (SECOND, done()),
                (RULE, done()),
                (LAST, done()),
            ],
            &[END],
            &[],
        ),
    ];
    for (course, wanted, lacks) in table {
        let state = after(course.clone());
        assert_eq!(ready(&state), wanted, "{course:?}");
        assert_eq!(missing(&state), lacks, "{course:?}");
    }
}

#[test]
fn what_is_missing_is_told_in_one_line_with_its_reasons_and_what_to_do() {
    let done = || vec![intent(), verified()];
    let state = after(vec![
        (MAKE, done()),
        (FIRST, vec![intent(), denied()]),
        (SECOND, done()),
        (LAST, done()),
    ]);
    let told = state.missing_told().unwrap();
    for word in [
        "2 steps are missing",
        "first: denied",
        "rule: not tried",
        "needs this first: first",
        "Resume tries again",
    ] {
        assert!(told.contains(word), "{told}");
    }
    assert!(!told.contains('\n'));
    assert_eq!(state.titled(&told), told, "it is about no step alone");
}

#[test]
fn what_nothing_waits_for_is_missing_alone() {
    let done = || vec![intent(), verified()];
    let mut plan = settings();
    plan.steps.truncate(3);
    let told = |course: Course| {
        let told = course
            .into_iter()
            .flat_map(|(step, bodies)| on(step, bodies));
        fold_of(plan.clone(), &told.collect::<Vec<_>>())
    };
    let refused = || vec![intent(), denied()];
    let state = told(vec![(MAKE, done()), (FIRST, refused())]);
    assert!(state.lacks_more(), "the second has its turn");
    let state = told(vec![(MAKE, done()), (FIRST, refused()), (SECOND, done())]);
    assert_eq!((missing(&state), state.lacks_more()), (vec![FIRST], false));
    let wanted =
        "1 step is missing, and everything else is done. first: denied. Resume tries again";
    assert_eq!(state.missing_told().as_deref(), Some(wanted));
    let state = after(vec![
        (MAKE, done()),
        (FIRST, refused()),
        (SECOND, done()),
        (LAST, done()),
    ]);
    let head = "2 steps are missing, and what needs them was not begun";
    assert_eq!(state.missing_head().as_deref(), Some(head));
}

#[test]
fn a_resume_tries_again_what_is_missing_one_after_the_other() {
    let done = || vec![intent(), verified()];
    let refused = || vec![intent(), denied()];
    let course: Course = vec![
        (MAKE, done()),
        (FIRST, refused()),
        (SECOND, done()),
        (LAST, refused()),
    ];
    let mut told: Vec<Told> = course
        .into_iter()
        .flat_map(|(step, bodies)| on(step, bodies))
        .collect();
    let state = fold_of(settings(), &told);
    assert_eq!(
        (ready(&state), missing(&state)),
        (vec![], vec![FIRST, RULE, LAST])
    );
    told.push((None, resumed(None)));
    let state = fold_of(settings(), &told);
    assert_eq!(
        missing(&state),
        [FIRST, RULE, LAST],
        "a login decides nothing"
    );
    told.push((None, resumed(Some(ada()))));
    for (now, next) in [(FIRST, RULE), (RULE, LAST), (LAST, END)] {
        let state = fold_of(settings(), &told);
        assert_eq!(
            (ready(&state), missing(&state)),
            (vec![now], vec![]),
            "{next} after {now}"
        );
        told.extend(on(now, vec![intent_of(2), verified()]));
    }
    assert_eq!(ready(&fold_of(settings(), &told)), [END]);
}

#[test]
fn on_its_way_back_a_run_misses_nothing() {
    let mut told = on(MAKE, vec![intent(), verified()]);
    told.extend(on(FIRST, vec![intent(), denied()]));
    told.push((None, turned()));
    let state = fold_of(settings(), &told);
    assert_eq!(missing(&state), Vec::<&str>::new());
    assert!(state.touched().iter().all(|id| id.as_str() != FIRST));
}
