//! What can become of the answer to a request that changes something, on the way and on the way back.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::course::{Course, Then};
use super::family::Case;
use super::shape::{Change, Clean, Shape};

/// Longer than the product waits for an answer, which is 20 s.
const TOO_LATE_MS: u64 = 23_000;
/// Refusals for want of tokens in the account's bucket, in a row.
const THROTTLED: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// The connection goes before the request has taken effect, and it never does.
    DroppedBefore,
    /// It took effect, and the connection goes.
    DroppedAfter,
    /// It took effect, and the answer comes when nobody waits for it.
    TooLate,
    /// It takes effect when nobody waits for it.
    AppliedLate,
    /// 503, and it has not taken effect.
    UnavailableBefore,
    /// 503, and it has.
    UnavailableAfter,
    /// It took effect, and the answer is half a document.
    Unreadable,
    /// Refused for having asked too often, some times in a row.
    Throttled,
}

const ANSWERS: [Answer; 8] = [
    Answer::DroppedBefore,
    Answer::DroppedAfter,
    Answer::TooLate,
    Answer::AppliedLate,
    Answer::UnavailableBefore,
    Answer::UnavailableAfter,
    Answer::Unreadable,
    Answer::Throttled,
];

impl Answer {
    /// Returns the row for the server's control surface.
    fn fault(self) -> Value {
        match self {
            Self::DroppedBefore => json!({ "drop": true }),
            Self::DroppedAfter => json!({ "after": true, "drop": true }),
            Self::TooLate => json!({ "after": true, "hang_ms": TOO_LATE_MS }),
            Self::AppliedLate => json!({ "delay_ms": TOO_LATE_MS, "after": true }),
            Self::UnavailableBefore => json!({ "code": "Unavailable", "status": 503 }),
            Self::UnavailableAfter => {
                json!({ "after": true, "code": "InternalError", "status": 503 })
            }
            Self::Unreadable => json!({ "after": true, "garble": true }),
            Self::Throttled => {
                json!({ "code": "RequestLimitExceeded", "status": 503, "times": THROTTLED })
            }
        }
    }

    fn strikes(self) -> usize {
        if self == Self::Throttled {
            THROTTLED
        } else {
            1
        }
    }

    /// Roughly how many seconds the product needs to be sure.
    fn takes(self, change: &Change, then: Then) -> u64 {
        let never_there = matches!(self, Self::DroppedBefore | Self::UnavailableBefore);
        if never_there && change.action == "CreateSnapshot" {
            // It has no token, so it must be missed for two minutes.
            return 130;
        }
        match (self, then) {
            (Self::Throttled, _) => 15,
            (_, Then::GoBack) => 70,
            (Self::TooLate | Self::AppliedLate, Then::GoOn) => 25,
            (_, Then::GoOn) => 6,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DroppedBefore => "dropped before its effect",
            Self::DroppedAfter => "dropped after its effect",
            Self::TooLate => "answered too late",
            Self::AppliedLate => "applied too late",
            Self::UnavailableBefore => "503 before its effect",
            Self::UnavailableAfter => "503 after its effect",
            Self::Unreadable => "answered unreadably",
            Self::Throttled => "throttled",
        })
    }
}

pub fn cases(clean: &BTreeMap<Shape, Clean>) -> Vec<Case> {
    let mut cases = Vec::new();
    for change in &clean[&Shape::Running].changes {
        for answer in ANSWERS {
            cases.push(on_the_way(change, answer, Then::GoOn));
        }
        for answer in [Answer::DroppedBefore, Answer::DroppedAfter] {
            cases.push(on_the_way(change, answer, Then::GoBack));
        }
    }
    for change in &clean[&Shape::Running].changes_back {
        for answer in [Answer::DroppedBefore, Answer::DroppedAfter] {
            cases.push(on_the_way_back(change, answer));
        }
    }
    cases
}

/// Returns a case whose fault never strikes: a swap sends no such request.
pub fn in_vain() -> Case {
    let change = Change {
        action: "RunInstances".to_owned(),
        occurrence: 1,
    };
    on_the_way(&change, Answer::DroppedAfter, Then::GoOn)
}

/// Asserts that the fault struck as often as it should.
fn assert_struck(course: &Course, change: &Change, answer: Answer) {
    let struck = course.stage.account.struck();
    let wanted = vec![change.action.clone(); answer.strikes()];
    assert_eq!(struck, wanted, "{change} {answer}");
}

fn on_the_way(change: &Change, answer: Answer, then: Then) -> Case {
    let told = format!("{change} {answer}; {then}");
    let takes = answer.takes(change, then);
    let change = change.clone();
    Case::new("answers", &told, takes, move || {
        let course = Course::open(Shape::Running);
        course.fault(&change, &answer.fault());
        let viewer = course.start(None);
        if then == Then::GoBack {
            course.stage.account.wait_for_a_strike();
            // While the runner is still making up its mind about it.
            let run = course.run();
            let back = course.spawn(&["rollback", &run, "--yes"], None);
            back.join().expect("it ends");
        }
        viewer.join().expect("the viewer ends");
        if answer == Answer::AppliedLate {
            course.stage.account.wait_for_a_strike();
        }
        assert_struck(&course, &change, answer);
        course.insist(then);
    })
}

fn on_the_way_back(change: &Change, answer: Answer) -> Case {
    let told = format!("{change} {answer}");
    let change = change.clone();
    Case::new("answers on the way back", &told, 20, move || {
        let course = Course::open(Shape::Running);
        let there = course.start(None).join().expect("the viewer ends");
        there.expect(&[0]);
        course.fault(&change, &answer.fault());
        course.insist(Then::GoBack);
        assert_struck(&course, &change, answer);
    })
}
