//! The real process meets kills, signals and faults of the wire, in every shape of its plans that the server
//! can show, and is then resumed or taken back: always to the same end, with nothing twice and nothing lost.
//!
//! Each case has an account and a home of its own and is held against the same picture of the world. What
//! a clean run does is measured first, so that a new step is covered by being there. A case is named; its
//! name replays it: `DEFIB_CASE='…' cargo test --test wire matrix`. The random ones are drawn from a seed
//! that is printed; `DEFIB_SEED=…` draws them again.

mod answers;
pub mod course;
mod family;
mod instants;
mod kills;
pub mod shape;
mod signals;

use family::Case;
use shape::{Clean, SHAPES};

/// The fewest cases of each family. A family that becomes smaller has lost sight of something.
const FEWEST: [(&str, usize); 8] = [
    ("killed at a boundary", 160),
    ("killed on the way back", 18),
    ("killed, and killed again", 9),
    ("killed at a random request", 20),
    ("a signal to the runner", 32),
    ("a signal to the viewer", 24),
    ("answers", 76),
    ("answers on the way back", 12),
];

/// The promise of the whole.
const _: () = {
    let (mut all, mut at) = (0, 0);
    while at < FEWEST.len() {
        all += FEWEST[at].1;
        at += 1;
    }
    assert!(all >= 150, "fewer than 150 kills and faults");
};

#[test]
fn a_case_whose_fault_did_not_strike_does_not_hold() {
    let [kill, answer] = [kills::in_vain(), answers::in_vain()].map(|case| case.holds());
    let told = kill.expect_err("no runner died");
    assert!(told.contains("it did not die at boundary 1000"), "{told}");
    let told = answer.expect_err("no request met the fault");
    assert!(
        told.contains("RunInstances dropped after its effect"),
        "{told}"
    );
}

#[test]
fn every_kill_and_every_fault_ends_as_it_was_asked_to() {
    let clean = Clean::of_all(&SHAPES);
    let mut cases: Vec<Case> = Vec::new();
    cases.extend(kills::cases(&clean));
    cases.extend(instants::cases(&clean));
    cases.extend(signals::cases(&clean));
    cases.extend(answers::cases(&clean));
    family::run(cases, &FEWEST);
}
