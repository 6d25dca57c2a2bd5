//! The oracles can fail: engines that break one promise each are run, and each trips the oracle that was
//! made for it. They are broken at the trait borders, by what stands between engine and journal or
//! operation; the engine's own code is the one that ships.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use defib::domain::run::{EventBody, RunEvent};
use defib::journal::{Journal, JournalError};
use defib::restore::engine::Engine;
use defib::restore::operation::{Context, Decoder, Probe, decode};
use defib::sim::{Fault, Lag, On};
use serde_json::{Value, json};

use super::course::{Course, Then};
use super::family::some;
use super::oracles::Due;
use super::variants::Variant;
use crate::bent::{Bend, bent};
use crate::through::{Between, Through};

/// Sees nothing of what an earlier life has made.
struct Blind;

impl Bend for Blind {
    fn probe(&self, cx: &Context, found: Probe<Value>) -> Probe<Value> {
        if cx.accepted.is_null() {
            return Probe::Absent { found: Value::Null };
        }
        found
    }
}

/// Takes a new token for every attempt.
struct AlwaysAnother;

static ATTEMPTS: AtomicU64 = AtomicU64::new(0);

impl Bend for AlwaysAnother {
    fn issue(&self, cx: &Context) -> Option<Context> {
        let mut cx = cx.clone();
        let attempt = ATTEMPTS.fetch_add(1, Ordering::Relaxed);
        cx.stamp.token = format!("attempt-{attempt}");
        Some(cx)
    }
}

/// Takes nothing back, and says that it did.
struct Shirker;

impl Shirker {
    fn is_undo(cx: &Context) -> bool {
        cx.stamp.step.as_str().starts_with("undo-")
    }
}

impl Bend for Shirker {
    fn probe(&self, cx: &Context, found: Probe<Value>) -> Probe<Value> {
        if Self::is_undo(cx) {
            return Probe::Present {
                output: json!({}),
                detail: "done".to_owned(),
            };
        }
        found
    }

    fn issue(&self, cx: &Context) -> Option<Context> {
        (!Self::is_undo(cx)).then(|| cx.clone())
    }
}

/// How a journal breaks its promise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broken {
    Whole,
    /// An intent is only written with the entry after it.
    IntentLate,
    /// What came of a request is never written.
    NothingObserved,
}

struct Breaker {
    broken: Broken,
    held: Mutex<Vec<RunEvent>>,
}

#[async_trait]
impl Between for Breaker {
    async fn append(&self, journal: &dyn Journal, event: &RunEvent) -> Result<(), JournalError> {
        let mut event = event.clone();
        match (&mut event.body, self.broken) {
            (EventBody::Intent { .. }, Broken::IntentLate) => {
                self.held.lock().unwrap().push(event);
                return Ok(());
            }
            (
                EventBody::Accepted { created, .. } | EventBody::Verified { created, .. },
                Broken::NothingObserved,
            ) => created.clear(),
            _ => {}
        }
        let held = std::mem::take(&mut *self.held.lock().unwrap());
        for event in held.iter().chain([&event]) {
            journal.append(event).await?;
        }
        Ok(())
    }
}

/// An engine that breaks one promise.
#[derive(Clone, Copy)]
struct Sabotage {
    operations: Decoder,
    journal: Broken,
    /// Whether it breaks nothing after all.
    honest: bool,
}

const NONE: Sabotage = Sabotage {
    operations: decode,
    journal: Broken::Whole,
    honest: true,
};

const BROKEN: Sabotage = Sabotage {
    honest: false,
    ..NONE
};

impl Sabotage {
    fn engine(self, course: &Course) -> Engine {
        Engine {
            journal: Arc::new(Through {
                journal: course.stage.journal.clone(),
                between: Breaker {
                    broken: self.journal,
                    held: Mutex::default(),
                },
            }),
            ..course.stage.engine(self.operations)
        }
    }

    /// Drives until a condition of the world holds, or to rest.
    fn drive_until(self, course: &mut Course, mut holds: impl FnMut() -> bool) {
        let (engine, run) = (self.engine(course), course.run.clone());
        course.stage.live(|| async move {
            let clock = engine.clock.clone();
            let watch = async {
                while !holds() {
                    clock.sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::select! {
                () = watch => {}
                _end = engine.drive(&run) => {}
            }
        });
    }
}

/// Takes one variant through a small matrix and collects the oracles that are tripped.
fn tripped(sabotage: Sabotage, variant: &'static Variant) -> BTreeSet<u8> {
    let mut tripped = BTreeSet::new();
    let faults = [
        (Fault::NeverAnswersAfterEffect, Lag::default()),
        (Fault::ResetAfterEffect, late()),
    ];
    for n in (1..).take(variant.clean.calls.len()) {
        for (fault, lag) in &faults {
            for then in Then::AT_ONCE {
                tripped.extend(one(sabotage, variant, n, fault, lag, then));
            }
        }
    }
    tripped
}

fn late() -> Lag {
    Lag {
        unlisted_for: Duration::from_secs(45),
        ..Lag::default()
    }
}

fn one(
    sabotage: Sabotage,
    variant: &'static Variant,
    n: u32,
    fault: &Fault,
    lag: &Lag,
    then: Then,
) -> BTreeSet<u8> {
    let mut course = Course::open(variant, "sabotage");
    let faults = course.stage.aws.faults().clone();
    faults.set_lag(lag.clone());
    let id = faults.inject(On::mutations().nth(n), fault.clone());
    let dies = *lag == Lag::default();
    sabotage.drive_until(&mut course, || dies && faults.fired(id) > 0);
    // A broken engine may come to rest before that call.
    assert!(
        faults.fired(id) > 0 || !sabotage.honest,
        "the fault did not come to pass"
    );
    let mut found = course.violations(if dies { Due::Crash } else { Due::Rest });
    for _try in 0..2 {
        course.send(then);
        sabotage.drive_until(&mut course, || false);
        found.extend(course.violations(Due::Rest));
        if course.state().status() == then.status() {
            break;
        }
    }
    course.settle();
    found.extend(course.violations_of_end(then, &variant.clean.world));
    found
        .into_iter()
        .map(|violation| violation.oracle)
        .collect()
}

/// The variant with the most calls of those that stand for the first flow: its creations have nothing but their tokens
/// and tags against being made twice.
fn subject() -> &'static Variant {
    let first = defib::restore::flows::REGISTRY[0].name();
    let most = some(3)
        .filter(|variant| variant.flow.name() == first)
        .max_by_key(|variant| variant.clean.calls.len());
    most.expect("there are variants")
}

#[test]
fn an_engine_that_keeps_its_promises_trips_nothing() {
    assert_eq!(tripped(NONE, subject()), BTreeSet::new());
}

#[test]
fn an_intent_written_after_the_send_is_noticed() {
    let sabotage = Sabotage {
        journal: Broken::IntentLate,
        ..BROKEN
    };
    let tripped = tripped(sabotage, subject());
    assert!(tripped.contains(&6), "{tripped:?}");
}

#[test]
fn a_probe_that_sees_nothing_is_noticed() {
    let sabotage = Sabotage {
        operations: |call| bent(call, Blind),
        ..BROKEN
    };
    let tripped = tripped(sabotage, subject());
    assert!(tripped.contains(&1), "{tripped:?}");
}

#[test]
fn a_new_token_for_every_attempt_is_noticed() {
    let sabotage = Sabotage {
        operations: |call| bent(call, AlwaysAnother),
        ..BROKEN
    };
    let tripped = tripped(sabotage, subject());
    assert!(tripped.contains(&1), "{tripped:?}");
}

#[test]
fn an_outcome_that_is_never_written_is_noticed() {
    let sabotage = Sabotage {
        journal: Broken::NothingObserved,
        ..BROKEN
    };
    let tripped = tripped(sabotage, subject());
    assert!(tripped.contains(&2), "{tripped:?}");
}

#[test]
fn an_undo_that_is_skipped_is_noticed() {
    let sabotage = Sabotage {
        operations: |call| bent(call, Shirker),
        ..BROKEN
    };
    let tripped = tripped(sabotage, subject());
    assert!(tripped.contains(&10), "{tripped:?}");
}
