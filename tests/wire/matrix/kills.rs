//! The runner is killed at a boundary of its journal: on the way, on the way back, and once more while it
//! recovers.
//!
//! The debug build kills itself at the k-th boundary when `DEFIB_CRASH_AT` says k. That it died there, and
//! nowhere else, is told by how many entries it left.

use std::collections::BTreeMap;

use super::course::{Course, Then};
use super::family::Case;
use super::shape::{Clean, Shape};

/// Every how many-th boundary of the shapes that are much like the first.
const SAMPLE: usize = 5;

/// How long a request that may have been lost is waited for.
const SETTLES: u64 = 60;

pub fn cases(clean: &BTreeMap<Shape, Clean>) -> Vec<Case> {
    let mut cases = Vec::new();
    for one in clean.values() {
        let shape = one.shape;
        let step = if shape == Shape::Running { 1 } else { SAMPLE };
        // From another one each, so that together the shapes miss no kind of place.
        let first = 1 + shape as u64 % SAMPLE as u64;
        let first = if shape == Shape::Running { 1 } else { first };
        for (nth, boundary) in (first..=one.boundaries).step_by(step).enumerate() {
            for then in [Then::GoOn, Then::GoBack] {
                // Of the others, every second is resumed and every second taken back.
                let turn = nth % 2 == usize::from(then == Then::GoBack);
                if shape == Shape::Running || turn {
                    cases.push(on_the_way(shape, boundary, then));
                }
            }
        }
        if matches!(shape, Shape::Running | Shape::Root) {
            let some =
                (1..=one.boundaries_back).step_by(if shape == Shape::Running { 3 } else { 7 });
            cases.extend(some.map(|boundary| on_the_way_back(shape, boundary)));
        }
    }
    let running = &clean[&Shape::Running];
    for first in (6..running.boundaries).step_by(6) {
        let then = if first % 12 == 0 {
            Then::GoOn
        } else {
            Then::GoBack
        };
        cases.push(again(first, then));
    }
    cases
}

/// Asserts that a runner died at a boundary, having made the entries before it and no more.
fn assert_died_at(boundary: u64, entries: u64) {
    assert_eq!(
        entries,
        boundary / 2,
        "it did not die at boundary {boundary}: it left {entries} entries"
    );
}

/// Starts a run whose runner dies at a boundary, and waits until it has.
fn dies(shape: Shape, boundary: u64) -> Course {
    let course = Course::open(shape);
    course
        .start(Some(boundary))
        .join()
        .expect("the viewer ends");
    course.wait_for_the_runner_to_go();
    assert_died_at(boundary, course.entries() - 1);
    course
}

/// Returns a case whose kill never strikes: no run has so many boundaries.
pub fn in_vain() -> Case {
    on_the_way(Shape::Beside, 1000, Then::GoOn)
}

fn on_the_way(shape: Shape, boundary: u64, then: Then) -> Case {
    let takes = if then == Then::GoBack { SETTLES } else { 5 };
    let told = format!("{shape}; boundary {boundary}; {then}");
    Case::new("killed at a boundary", &told, takes, move || {
        dies(shape, boundary).recover(then);
    })
}

fn on_the_way_back(shape: Shape, boundary: u64) -> Case {
    let told = format!("{shape}; boundary {boundary}");
    Case::new("killed on the way back", &told, 10, move || {
        let course = Course::open(shape);
        let there = course.start(None).join().expect("the viewer ends");
        there.expect(&[0]);
        // One that has yet to leave would take the command, and it does not die.
        course.wait_for_the_runner_to_go();
        let before = course.entries();
        let run = course.run();
        let back = course.spawn(&["rollback", &run, "--yes"], Some(boundary));
        back.join().expect("the viewer ends");
        course.wait_for_the_runner_to_go();
        assert_died_at(boundary, course.entries() - before);
        course.recover(Then::GoBack);
    })
}

/// Dies, and dies again a few entries into the recovery, which is started a second time. Whoever sends a
/// command starts a runner up to three times, and each of them dies at that place.
fn again(first: u64, then: Then) -> Case {
    const SECOND: u64 = 5;
    let told = format!("boundary {first}, then {SECOND}; {then}");
    Case::new("killed, and killed again", &told, SETTLES, move || {
        let course = dies(Shape::Running, first);
        let (before, runners) = (course.entries(), course.runners().len());
        let run = course.run();
        let recovery = course.spawn(&[then.verb(), &run, "--yes"], Some(SECOND));
        recovery.join().expect("the viewer ends");
        course.wait_for_the_runner_to_go();
        let died = (course.runners().len() - runners) as u64;
        assert!((1..=3).contains(&died), "{died} runners");
        assert_eq!(course.entries() - before, died * (SECOND / 2));
        course.recover(then);
    })
}
