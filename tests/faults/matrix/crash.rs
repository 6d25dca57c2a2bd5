//! The runner dies: at every boundary of its journal, and with every request on its way.

use std::collections::BTreeMap;
use std::sync::Mutex;

use defib::sim::{Fault, On};

use super::course::{Course, Then};
use super::family::{Family, placed, some};
use super::oracles::Due;
use super::variants::{VARIANTS, WHOLE};

#[test]
fn a_run_that_died_at_any_boundary_goes_on_or_goes_back() {
    let mut family = Family::new("crash at a boundary");
    for (at, variant) in placed() {
        for k in 1..=variant.clean.boundaries {
            let turn = usize::try_from(k % 2).unwrap();
            let ends = if at < WHOLE {
                &Then::AT_ONCE[..]
            } else {
                &Then::AT_ONCE[turn..=turn]
            };
            for then in ends {
                family.add(variant, format!("boundary {k}, then {then:?}"), (k, *then));
            }
        }
    }
    for variant in some(2) {
        for k in 1..=variant.clean.boundaries {
            let then = Then::OnLater;
            family.add(variant, format!("boundary {k}, then {then:?}"), (k, then));
        }
    }
    family.run(|case| {
        let (k, then) = case.what;
        let mut course = Course::open(case.variant, &case.name);
        assert!(course.die_at(k), "{}: it did not come to pass", case.name);
        course.assert_rest(Due::Crash);
        course.send(then);
        course.end(then, &case.variant.clean.world);
    });
}

#[test]
fn a_run_that_died_with_a_request_on_its_way_goes_on_or_goes_back() {
    let mut family = Family::new("crash with a request on its way");
    for (at, variant) in placed() {
        let ends = if at < WHOLE {
            &Then::ALL[..]
        } else {
            &Then::AT_ONCE[..]
        };
        for (n, call) in (1..).zip(&variant.clean.calls) {
            for (told, fault) in on_its_way() {
                for then in ends {
                    let told = format!("call {n} {call} {told}, then {then:?}");
                    family.add(variant, told, (n, fault.clone(), *then));
                }
            }
        }
    }
    family.run(|case| {
        let (n, fault, then) = &case.what;
        let mut course = Course::open(case.variant, &case.name);
        let faults = course.stage.aws.faults().clone();
        let id = faults.inject(On::mutations().nth(*n), fault.clone());
        let died = course.die_when(|| faults.fired(id) > 0);
        assert!(died, "{}: it did not come to pass", case.name);
        course.assert_rest(Due::Crash);
        course.send(*then);
        course.end(*then, &case.variant.clean.world);
    });
}

/// A request that never got there, and one whose answer never came.
fn on_its_way() -> [(&'static str, Fault); 2] {
    [
        ("without effect", Fault::NeverAnswersBeforeEffect),
        ("with its effect", Fault::NeverAnswersAfterEffect),
    ]
}

#[test]
fn a_roll_back_that_died_at_any_boundary_goes_on() {
    let mut family = Family::new("crash on the way back");
    for variant in VARIANTS.iter() {
        for k in 1..=variant.clean.boundaries_back {
            family.add(variant, format!("boundary {k}"), k);
        }
    }
    family.run(|case| {
        let mut course = Course::open(case.variant, &case.name);
        course.count();
        course.send(Then::Back);
        assert!(
            course.die_at(case.what),
            "{}: it did not come to pass",
            case.name
        );
        course.assert_rest(Due::Crash);
        course.end(Then::Back, &case.variant.clean.world);
    });
}

#[test]
fn a_recovery_that_died_is_recovered_from() {
    let mut family = Family::new("crash, and crash again");
    // Whoever has asked for the way back has decided.
    let lives = [
        (Then::On, Then::On),
        (Then::On, Then::Back),
        (Then::Back, Then::Back),
    ];
    for variant in some(3) {
        for k in 1..=variant.clean.boundaries {
            for (n, (first, then)) in (0..).zip(lives) {
                let told = format!("boundary {k}, then {first:?} and again, then {then:?}");
                // Every boundary of the second life comes up, since its number goes round faster.
                family.add(variant, told, (k, first, k * 7 + n * 3, then));
            }
        }
    }
    let lives_counted = Mutex::new(BTreeMap::new());
    family.run(|case| {
        let (k, first, turn, then) = case.what;
        let second = || {
            let mut course = Course::open(case.variant, &case.name);
            assert!(course.die_at(k), "{}: it did not come to pass", case.name);
            course.send(first);
            course
        };
        // How many there are depends on where the first life ended, and on nothing that comes after it.
        let key = (case.variant.name.clone(), k, first == Then::Back);
        let known = lives_counted.lock().unwrap().get(&key).copied();
        let boundaries = known.unwrap_or_else(|| second().count());
        lives_counted.lock().unwrap().insert(key, boundaries);
        let mut course = second();
        let again = 1 + turn % boundaries;
        assert!(
            course.die_at(again),
            "{}: it did not come to pass again",
            case.name
        );
        course.assert_rest(Due::Crash);
        course.send(then);
        course.end(then, &case.variant.clean.world);
    });
}
