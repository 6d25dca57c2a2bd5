//! Calls that are lost, refused, late or garbled, one at a time: every call that changes something, on
//! both ways, and every look.

use std::time::Duration;

use defib::domain::run::{EventBody, PauseReason, RunEvent};
use defib::sim::{Fault, Lag, On, Refusal};

use super::course::{Course, Then};
use super::family::{Family, placed, some};
use super::variants::WHOLE;

/// A fault by its name, and how often it strikes in a row.
type Named = (&'static str, Fault, u32);

/// What leaves open whether the call took effect.
fn ambiguous() -> Vec<Named> {
    vec![
        ("503 before", Fault::ServerErrorBeforeEffect, 1),
        ("503 after", Fault::ServerErrorAfterEffect, 1),
        ("reset before", Fault::ResetBeforeEffect, 1),
        ("reset after", Fault::ResetAfterEffect, 1),
        ("unreadable", Fault::UnreadableBody, 1),
        ("5 s late", Fault::LateArrival(Duration::from_secs(5)), 1),
    ]
}

/// Everything else that can happen to a call.
fn others() -> Vec<Named> {
    vec![
        ("throttled three times", Fault::Throttled, 3),
        ("throttled for long", Fault::Throttled, 12),
        ("503 before, thrice", Fault::ServerErrorBeforeEffect, 3),
        ("503 after, thrice", Fault::ServerErrorAfterEffect, 3),
        ("no connection", Fault::NotConnected, 2),
        ("time-out before", Fault::TimeoutBeforeEffect, 1),
        ("time-out after", Fault::TimeoutAfterEffect, 1),
        ("never answers, before", Fault::NeverAnswersBeforeEffect, 1),
        ("never answers, after", Fault::NeverAnswersAfterEffect, 1),
        ("40 s late", Fault::LateArrival(Duration::from_secs(40)), 1),
        ("denied", Fault::Unauthorized, 1),
        ("credentials expired", Fault::ExpiredCredentials, 1),
        ("in the wrong state", refused("IncorrectState"), 3),
        ("in the wrong state for long", refused("IncorrectState"), 8),
        (
            "instance in the wrong state",
            refused("IncorrectInstanceState"),
            3,
        ),
        (
            "refused by a code that nobody knows",
            refused("SomethingNew"),
            1,
        ),
        ("no capacity", Fault::insufficient_capacity(), 3),
    ]
}

fn refused(code: &str) -> Fault {
    Fault::Refused(Refusal::new(400, code, "not now"))
}

/// Those of them that differ most.
fn starkest() -> Vec<Named> {
    let stark = ["reset before", "reset after", "5 s late"];
    let mut all = ambiguous();
    all.retain(|(name, _, _)| stark.contains(name));
    all
}

fn there(name: &'static str, faults: impl Fn(usize) -> Vec<Named>) {
    let mut family = Family::new(name);
    for (at, variant) in placed() {
        for (n, call) in (1..).zip(&variant.clean.calls) {
            for (told, fault, times) in faults(at) {
                for then in Then::AT_ONCE {
                    let told = format!("call {n} {call} {told}, then {then:?}");
                    family.add(variant, told, (n, fault.clone(), times, then));
                }
            }
        }
    }
    family.run(|case| {
        let (n, fault, times, then) = &case.what;
        let mut course = Course::open(case.variant, &case.name);
        let on = On::mutations().nth(*n).times(*times);
        let id = course.stage.aws.faults().inject(on, fault.clone());
        if *then == Then::Back {
            // The way there is gone first, as far as it leads.
            course.count();
            course.send(Then::Back);
        }
        course.end(*then, &case.variant.clean.world);
        let fired = course.stage.aws.faults().fired(id);
        assert!(fired > 0, "{}: it did not come to pass", case.name);
    });
}

#[test]
fn every_call_may_have_an_unknown_outcome() {
    there("wire: unknown outcome", |at| {
        if at < WHOLE { ambiguous() } else { starkest() }
    });
}

#[test]
fn every_call_survives_every_other_fault() {
    there("wire: other faults", |at| {
        if at < 2 { others() } else { Vec::new() }
    });
}

#[test]
fn every_call_that_takes_back_survives_every_fault() {
    let mut family = Family::new("wire: on the way back");
    for (at, variant) in placed() {
        let mut faults = if at < WHOLE { ambiguous() } else { starkest() };
        if at < 2 {
            faults.extend(others());
        }
        for (n, call) in (1..).zip(&variant.clean.calls_back) {
            for (told, fault, times) in &faults {
                family.add(
                    variant,
                    format!("call {n} {call} {told}"),
                    (n, fault.clone(), *times),
                );
            }
        }
    }
    family.run(|case| {
        let (n, fault, times) = &case.what;
        let mut course = Course::open(case.variant, &case.name);
        course.count();
        let on = On::mutations().nth(*n).times(*times);
        let id = course.stage.aws.faults().inject(on, fault.clone());
        course.send(Then::Back);
        course.end(Then::Back, &case.variant.clean.world);
        let fired = course.stage.aws.faults().fired(id);
        assert!(fired > 0, "{}: it did not come to pass", case.name);
    });
}

#[test]
fn every_look_survives_every_fault() {
    let faults: [Named; 8] = [
        ("throttled", Fault::Throttled, 20),
        ("503", Fault::ServerErrorBeforeEffect, 20),
        ("reset", Fault::ResetBeforeEffect, 8),
        ("never answers", Fault::NeverAnswersBeforeEffect, 4),
        ("unreadable", Fault::UnreadableBody, 4),
        ("denied once", Fault::Unauthorized, 1),
        ("denied for a while", Fault::Unauthorized, 8),
        ("credentials expired", Fault::ExpiredCredentials, 2),
    ];
    let mut family = Family::new("wire: looks");
    for variant in some(2) {
        for look in &variant.clean.reads {
            for (told, fault, times) in &faults {
                for then in Then::AT_ONCE {
                    let told = format!("{look} {told}, then {then:?}");
                    family.add(variant, told, (look.clone(), fault.clone(), *times, then));
                }
            }
        }
    }
    family.run(|case| {
        let (look, fault, times, then) = &case.what;
        let mut course = Course::open(case.variant, &case.name);
        let on = On::operation(look).times(*times);
        let id = course.stage.aws.faults().inject(on, fault.clone());
        course.count();
        course.send(*then);
        course.end(*then, &case.variant.clean.world);
        let fired = course.stage.aws.faults().fired(id);
        assert!(fired > 0, "{}: it did not come to pass", case.name);
    });
}

#[test]
fn what_was_made_may_be_seen_late() {
    let lag = |unknown_reads, unlisted_reads, seconds| Lag {
        unknown_reads,
        unlisted_reads,
        unlisted_for: Duration::from_secs(seconds),
    };
    let lags = [
        lag(1, 0, 0),
        lag(4, 0, 0),
        lag(0, 1, 0),
        lag(0, 4, 0),
        lag(0, 0, 5),
        lag(0, 0, 30),
        lag(0, 0, 80),
        lag(2, 3, 60),
    ];
    let lost: [(&str, Option<Fault>); 3] = [
        ("answered", None),
        ("reset after", Some(Fault::ResetAfterEffect)),
        ("5 s late", Some(Fault::LateArrival(Duration::from_secs(5)))),
    ];
    let mut family = Family::new("wire: seen late");
    for variant in some(2) {
        for (n, call) in (1..).zip(&variant.clean.calls) {
            let makes = ["Create", "Restore", "Run"];
            if !makes.iter().any(|word| call.starts_with(word)) {
                continue;
            }
            for lag in &lags {
                for (told, lost) in &lost {
                    for then in Then::AT_ONCE {
                        let told = format!("call {n} {call} {told}, {lag:?}, then {then:?}");
                        family.add(variant, told, (n, lag.clone(), lost.clone(), then));
                    }
                }
            }
        }
    }
    family.run(|case| {
        let (n, lag, lost, then) = &case.what;
        let mut course = Course::open(case.variant, &case.name);
        course.stage.aws.faults().set_lag(lag.clone());
        let faults = course.stage.aws.faults().clone();
        let id = lost
            .as_ref()
            .map(|fault| faults.inject(On::mutations().nth(*n), fault.clone()));
        course.count();
        course.send(*then);
        course.end(*then, &case.variant.clean.world);
        let fired = id.is_none_or(|id| faults.fired(id) > 0);
        assert!(fired, "{}: it did not come to pass", case.name);
    });
}

#[test]
fn a_run_waits_for_new_credentials_and_goes_on_by_itself() {
    let mut family = Family::new("wire: credentials expire");
    for variant in some(2) {
        // Everything is refused from the n-th call on: one call, or for as long as two tries to renew.
        for n in 1..=variant.clean.all_calls {
            for times in [1, 3] {
                family.add(variant, format!("at call {n} for {times}"), (n, times));
            }
        }
    }
    family.run(|case| {
        let (n, times) = case.what;
        let mut course = Course::open(case.variant, &case.name);
        let on = On::any().nth(n).times(times);
        let id = course
            .stage
            .aws
            .faults()
            .inject(on, Fault::ExpiredCredentials);
        let run = course.run.clone();
        course.stage.drive(&run);
        let fired = course.stage.aws.faults().fired(id);
        assert_eq!(fired, times, "{}: it did not come to pass", case.name);
        let events = course.stage.events(&run);
        let paused = events.iter().any(|event| {
            let reason = PauseReason::Credentials;
            matches!(&event.body, EventBody::Paused { reason: is, .. } if *is == reason)
        });
        let by_itself =
            |event: &RunEvent| matches!(event.body, EventBody::Resumed { by: None, .. });
        assert!(paused && events.iter().any(by_itself), "{}", case.name);
        course.end(Then::On, &case.variant.clean.world);
    });
}
