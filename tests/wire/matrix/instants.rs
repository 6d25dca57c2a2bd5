//! The runner is killed while one of its requests is under way, whichever: reads and logins as well.
//!
//! Which ones, and whether before or after their effect, is drawn from a seed. Requests are counted in
//! place of milliseconds, so that a seed tells the same story on every machine.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use defib::domain::run::RunStatus;
use nix::sys::signal::Signal;
use serde_json::json;

use super::course::{Course, Then};
use super::family::Case;
use super::shape::{Clean, Shape};

const HOW_MANY: usize = 20;

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).expect("it is below a usize")
    }
}

fn seed() -> u64 {
    match std::env::var("DEFIB_SEED") {
        Ok(seed) => seed.parse().expect("DEFIB_SEED is a number"),
        Err(_unset) => RandomState::new().build_hasher().finish(),
    }
}

#[expect(clippy::print_stdout, reason = "the seed replays a failure")]
pub fn cases(clean: &BTreeMap<Shape, Clean>) -> Vec<Case> {
    let seed = seed();
    println!("random requests: DEFIB_SEED={seed}");
    let mut dice = Dice(seed);
    let shapes: Vec<_> = clean.values().collect();
    let mut cases = Vec::new();
    for nth in 0..HOW_MANY {
        let one = shapes[dice.below(shapes.len())];
        let request = dice.below(one.runner);
        let after = dice.below(2) == 1;
        let then = if dice.below(2) == 1 {
            Then::GoOn
        } else {
            Then::GoBack
        };
        cases.push(case(nth, one, request, after, then));
    }
    cases
}

fn case(nth: usize, clean: &Clean, request: usize, after: bool, then: Then) -> Case {
    let shape = clean.shape;
    let skip = clean.viewer + request;
    let side = if after { "after" } else { "before" };
    let told = format!("no. {nth}: {shape}; {side} request {}; {then}", request + 1);
    Case::new("killed at a random request", &told, 30, move || {
        let course = Course::open(shape);
        let row = json!({ "skip": skip, "after": after, "hold": true, "drop": true });
        course.stage.account.fault(&json!([row]));
        let viewer = course.start(None);
        course.stage.account.wait_for_a_strike();
        course.signal_the_runner(Signal::SIGKILL);
        course.wait_for_the_runner_to_go();
        course.stage.account.release();
        viewer.join().expect("the viewer ends");
        let status = course.state().status();
        assert_ne!(status, RunStatus::Done, "it was killed before");
        course.recover(then);
    })
}
