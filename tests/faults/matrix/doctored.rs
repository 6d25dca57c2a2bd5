//! Each oracle can fail: what a run without any fault has left is falsified in one place, and the oracle
//! that was made for it sees it.

use std::collections::{BTreeMap, BTreeSet};

use defib::domain::run::{EventBody, RunEvent, RunState};
use defib::sim::CallRecord;
use serde_json::{Value, json};

use super::course::Course;
use super::family::some;
use super::intents;
use super::oracles::{Due, Scene, always, exported};
use super::world;

/// What a run has left.
struct Left {
    course: Course,
    now: Value,
    events: Vec<RunEvent>,
    calls: Vec<CallRecord>,
}

impl Left {
    fn by_a_run() -> Self {
        // One that is told apart by its tokens, as far as AWS knows any.
        let with_token = some(3).filter(|variant| variant.clean.tokens > 0);
        let most = with_token.max_by_key(|variant| variant.clean.calls.len());
        let mut course = Course::open(most.expect("there are variants"), "doctored");
        course.count();
        let (now, events) = (course.stage.picture(), course.stage.events(&course.run));
        let calls = course.stage.aws.calls();
        Self {
            course,
            now,
            events,
            calls,
        }
    }

    /// The oracles that are tripped by it.
    fn trips(&self) -> BTreeSet<u8> {
        self.trips_at(Due::Rest)
    }

    fn trips_at(&self, due: Due) -> BTreeSet<u8> {
        let scene = Scene {
            before: &self.course.before,
            now: &self.now,
            events: &self.events,
            calls: &self.calls,
            noted: &self.course.stage.journal.between,
            lost: self.course.lost.as_ref(),
            makes: &self.course.makes,
        };
        let found = always(&scene, due).into_iter();
        found.map(|violation| violation.oracle).collect()
    }

    /// Place, kind and id of a thing.
    fn find(&self, fits: impl Fn(&world::Thing<'_>) -> bool) -> (String, String, String) {
        let all = world::things(&self.now);
        let one = all
            .iter()
            .find(|one| fits(one))
            .expect("there is such a thing");
        (one.place.to_owned(), one.kind.to_owned(), one.id.to_owned())
    }

    /// Something that the run made, by its own record.
    fn made(&self) -> (String, String, String) {
        let state = RunState::fold(&self.events).expect("there is a plan");
        self.find(|one| {
            let own = one.tag("defib:run").is_some() && one.tag("defib:step").is_some();
            own && state.created.iter().any(|made| made.id == one.id)
        })
    }

    /// Something that was there before and that the run had nothing to do with.
    fn bystander(&self) -> (String, String, String) {
        let named = intents::named(&self.events);
        self.find(|one| one.tag("defib:run").is_none() && !named.contains(one.id))
    }
}

fn doctored(doctor: impl FnOnce(&mut Left)) -> BTreeSet<u8> {
    let mut left = Left::by_a_run();
    doctor(&mut left);
    left.trips()
}

#[test]
fn nothing_is_found_where_nothing_was_falsified() {
    assert_eq!(doctored(|_| {}), BTreeSet::new());
}

#[test]
fn a_second_thing_of_one_step_is_found() {
    let tripped = doctored(|left| {
        let (place, kind, id) = left.made();
        let twin = left.now[&place][&kind][&id].clone();
        left.now[&place][&kind]["twin"] = twin;
    });
    assert_eq!(tripped, BTreeSet::from([1, 2]));
}

#[test]
fn a_thing_that_the_journal_does_not_know_is_found() {
    let tripped = doctored(|left| {
        let (place, kind, _id) = left.made();
        left.now[&place][&kind]["stray"] = json!({"tags": {}, "state": "available"});
    });
    assert_eq!(tripped, BTreeSet::from([2]));
    let mut crashed = Left::by_a_run();
    let (place, kind, _id) = crashed.made();
    crashed.now[&place][&kind]["stray"] = json!({"tags": {}, "state": "available"});
    let found = crashed.trips_at(Due::Crash);
    assert!(
        found.contains(&2),
        "that nobody has looked yet explains it: {found:?}"
    );
}

#[test]
fn what_is_gone_or_holds_other_data_is_found() {
    let gone = doctored(|left| {
        let (place, kind, id) = left.bystander();
        let things = left.now[&place][&kind].as_object_mut().unwrap();
        things.remove(&id);
    });
    assert_eq!(gone, BTreeSet::from([3]));
    let other = doctored(|left| {
        let (place, kind, id) = left.bystander();
        left.now[&place][&kind][&id]["data"] = json!("something else");
    });
    assert_eq!(other, BTreeSet::from([3, 4]));
}

#[test]
fn what_stands_otherwise_without_an_intent_is_found() {
    let tripped = doctored(|left| {
        let (place, kind, id) = left.bystander();
        left.now[&place][&kind][&id]["tags"]["Name"] = json!("renamed");
    });
    assert_eq!(tripped, BTreeSet::from([4]));
}

#[test]
fn a_deletion_is_found_even_if_it_failed() {
    for operation in [
        "DeleteVolume",
        "TerminateInstances",
        "DeregisterImage",
        "ReleaseAddress",
    ] {
        let tripped = doctored(|left| {
            let mut call = left.calls[0].clone();
            call.operation = operation.to_owned();
            call.took_effect = false;
            left.calls.push(call);
        });
        assert_eq!(tripped, BTreeSet::from([5]), "{operation}");
    }
}

#[test]
fn an_effect_of_another_request_than_was_announced_is_found() {
    let effects = |left: &Left| -> Vec<usize> {
        let calls = left.calls.iter().enumerate();
        calls
            .filter(|(_, call)| call.took_effect)
            .map(|(at, _)| at)
            .collect()
    };
    let count = effects(&Left::by_a_run()).len();
    assert!(count > 3, "{count} effects");
    for n in 0..count {
        let tripped = doctored(|left| {
            let call = effects(left)[n];
            let mut values = left.calls[call].parameters.values_mut();
            *values.next().expect("it has parameters") = "another".to_owned();
        });
        assert_eq!(tripped, BTreeSet::from([6]), "effect {n}");
    }
    let twice = doctored(|left| {
        let token = |call: &&CallRecord| call.parameters.contains_key("ClientToken");
        let again = left.calls.iter().find(token).expect("something is created");
        left.calls.push(again.clone());
    });
    assert_eq!(twice, BTreeSet::from([6]));
}

#[test]
fn a_journal_that_tells_of_what_is_not_there_is_found() {
    let gone = doctored(|left| {
        let (place, kind, id) = left.made();
        let things = left.now[&place][&kind].as_object_mut().unwrap();
        things.remove(&id);
    });
    assert_eq!(gone, BTreeSet::from([7]));
    let of_another_step = doctored(|left| {
        let (place, kind, id) = left.made();
        left.now[&place][&kind][&id]["tags"]["defib:step"] = json!("another");
    });
    assert!(of_another_step.contains(&7), "{of_another_step:?}");
    let of_no_step = doctored(|left| {
        let (place, kind, id) = left.made();
        let tags = left.now[&place][&kind][&id]["tags"].as_object_mut();
        tags.unwrap().remove("defib:step");
    });
    assert!(
        of_no_step.contains(&7),
        "no step has sent its id: {of_no_step:?}"
    );
}

#[test]
fn an_entry_that_is_missing_is_found() {
    let tripped = doctored(|left| {
        let progress = |event: &RunEvent| matches!(event.body, EventBody::Progress { .. });
        let at = left
            .events
            .iter()
            .position(progress)
            .expect("something took a while");
        left.events.remove(at);
    });
    assert_eq!(tripped, BTreeSet::from([8]));
}

#[test]
fn a_run_that_just_stops_is_found() {
    let tripped = doctored(|left| {
        let done = |event: &RunEvent| matches!(event.body, EventBody::Done);
        let at = left.events.iter().position(done).expect("it was done");
        left.events.truncate(at);
    });
    assert_eq!(tripped, BTreeSet::from([9]));
}

#[test]
fn a_secret_is_found_in_the_journal_and_in_every_export() {
    let mut left = Left::by_a_run();
    let text = serde_json::to_string(&left.events).unwrap();
    let told: BTreeMap<&str, Value> = [("title", json!(defib::sim::SECRET))].into();
    let mut events: Vec<Value> = serde_json::from_str(&text).unwrap();
    for event in &mut events {
        spoil(event, &told);
    }
    left.events = serde_json::from_value(Value::Array(events)).unwrap();
    assert!(left.trips().contains(&11));
    let found = exported(&left.events, left.course.stage.now());
    assert_eq!(found.len(), 4, "{found:?}");
}

/// Puts other values into fields, wherever they are.
fn spoil(value: &mut Value, told: &BTreeMap<&str, Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match told.get(key.as_str()) {
                    Some(other) if value.is_string() => *value = other.clone(),
                    _ => spoil(value, told),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| spoil(one, told)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_was_lost_with_a_damaged_record_covers_nothing_that_came_after_it() {
    // The whole record is lost, at its end: everything that happened was once announced.
    let lost = || {
        let mut left = Left::by_a_run();
        let written = left.events.clone();
        left.course.lose(&written, 1);
        left.events.truncate(1);
        left
    };
    let told = lost().trips();
    assert!(!told.contains(&4) && !told.contains(&6), "{told:?}");

    let mut later = lost();
    let effect = later.calls.iter().rfind(|call| call.took_effect);
    let effect = effect.expect("something took effect").clone();
    later.calls.push(effect);
    assert!(
        later.trips().contains(&6),
        "a call that only a lost intent announces"
    );

    let mut changed = lost();
    // Of no concern to the run as a whole, not only to what is left of its record.
    let (place, kind, id) = Left::by_a_run().bystander();
    changed.now[&place][&kind][&id]["tags"]["Name"] = json!("renamed");
    assert!(
        changed.trips().contains(&4),
        "a thing that changed afterwards"
    );
}
