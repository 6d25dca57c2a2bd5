//! What must hold whatever happened, each oracle under its number. They return what they found instead
//! of failing, so that a sabotaged engine can be asked which of them it trips.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use defib::domain::ids::StepId;
use defib::domain::plan::Impact;
use defib::domain::run::{RunEvent, RunState, RunStatus};
use defib::restore::export;
use defib::restore::export::report::Asked;
use defib::sim::CallRecord;
use jiff::Timestamp;
use serde_json::Value;

use super::intents::{self, Lost};
use super::world::{self, Thing};
use crate::stage::Noted;

/// An oracle that was tripped, by its number, and what it saw.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Its number.
    pub oracle: u8,
    /// What it saw.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oracle {}: {}", self.oracle, self.found)
    }
}

/// What there is to look at.
pub struct Scene<'a> {
    /// The world before the run.
    pub before: &'a Value,
    /// The world now.
    pub now: &'a Value,
    /// The journal of the run.
    pub events: &'a [RunEvent],
    /// Every call that reached the world.
    pub calls: &'a [CallRecord],
    /// How many of them were there before an entry.
    pub noted: &'a Noted,
    /// What was once on record, where a journal was damaged.
    pub lost: Option<&'a Lost>,
    /// How often each step makes a thing of each kind when nothing goes wrong.
    pub makes: &'a BTreeMap<(String, String), usize>,
}

/// Which promise is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nobody has cleaned up yet.
    Crash,
    /// The run rests, wherever.
    Rest,
}

/// Holds a scene against everything that must hold whatever comes after it.
pub fn always(scene: &Scene<'_>, due: Due) -> Vec<Violation> {
    let state = RunState::fold(scene.events).unwrap();
    let mut all = Vec::new();
    let mut hold = |oracle, found: Vec<String>| {
        all.extend(found.into_iter().map(|found| Violation { oracle, found }));
    };
    hold(1, more_than_one(scene, &state));
    hold(2, untracked(scene, &state, due));
    hold(3, gone_or_changed(scene));
    hold(5, deleted(scene.calls));
    hold(4, touched(scene));
    hold(
        6,
        intents::unannounced(scene.events, &state, scene.calls, scene.noted, scene.lost),
    );
    hold(7, not_replayed(scene, &state));
    hold(8, gaps(scene.events));
    if due == Due::Rest {
        hold(9, no_end(&state));
    }
    hold(11, secrets(scene.events));
    all
}

/// (1) Each step has at most the live things that it makes when nothing goes wrong.
fn more_than_one(scene: &Scene<'_>, state: &RunState) -> Vec<String> {
    let mut live: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for made in world::added(scene.before, scene.now) {
        if made.is_live() && made.tag("defib:run") == Some(state.run.as_str()) {
            let step = made.tag("defib:step").unwrap_or_default().to_owned();
            let key = (made.kind.to_owned(), step);
            live.entry(key).or_default().push(made.id.to_owned());
        }
    }
    let most = |key: &(String, String)| scene.makes.get(key).copied().unwrap_or(0);
    let many = live.into_iter().filter(|(key, ids)| ids.len() > most(key));
    many.map(|((kind, step), ids)| format!("{kind} of {step}: {ids:?}"))
        .collect()
}

/// (2) Whatever was not there at the start is in the journal. Until somebody has looked, an intent of
/// the step that its tags name will do: it is found by them. What cannot be tagged when it is made is found by
/// its name, and has to be named by the intent of a step that makes something. What is a part of something else is
/// known by that: an intent has to name the whole.
fn untracked(scene: &Scene<'_>, state: &RunState, due: Due) -> Vec<String> {
    let intents = scene.lost.iter().flat_map(|lost| &lost.intents);
    let intents = intents.map(|(event, _)| event).chain(scene.events);
    let named = intents::named(intents);
    let known: BTreeSet<&str> = state.created.iter().map(|made| made.id.as_str()).collect();
    let added = world::added(scene.before, scene.now);
    let lost = added.iter().filter(|made| !known.contains(made.id));
    let lost = lost.filter(|made| {
        let whole = made.body["part_of"].as_str();
        !whole.is_some_and(|whole| named.contains(whole))
    });
    let lost = lost.filter(|made| due != Due::Crash || !is_intended(made, scene, state));
    lost.map(|made| format!("{} {} is not in the journal", made.kind, made.id))
        .collect()
}

fn is_intended(made: &Thing<'_>, scene: &Scene<'_>, state: &RunState) -> bool {
    if made.tag("defib:step").is_none() {
        let makers = state.plan.steps.iter();
        let mut makers = makers.filter(|step| step.impact == Impact::Creates);
        return makers.any(|step| is_named(made, &step.id, scene));
    }
    let events = scene.events;
    let ours = made.tag("defib:run") == Some(state.run.as_str());
    let intent = |event: &&RunEvent| {
        intents::is_intent(event)
            && event.step.as_ref().map(defib::domain::ids::StepId::as_str) == made.tag("defib:step")
    };
    ours && events.iter().any(|event| intent(&event))
}

/// Tells whether the id of a thing stands in what a step was about to send.
fn is_named(made: &Thing<'_>, step: &StepId, scene: &Scene<'_>) -> bool {
    let lost = scene.lost.iter().flat_map(|lost| &lost.intents);
    let intents = scene.events.iter().chain(lost.map(|(event, _)| event));
    let of_step = intents.filter(|event| event.step.as_ref() == Some(step));
    intents::named(of_step).contains(made.id)
}

/// (3) Whatever was there at the start is there, and holds what it held.
fn gone_or_changed(scene: &Scene<'_>) -> Vec<String> {
    let now = world::things(scene.now);
    let now: BTreeMap<_, _> = now
        .iter()
        .map(|one| ((one.place, one.kind, one.id), one))
        .collect();
    let mut found = Vec::new();
    for was in world::things(scene.before) {
        match now.get(&(was.place, was.kind, was.id)) {
            None => found.push(format!("{} {} is gone", was.kind, was.id)),
            Some(is) if is.body["data"] != was.body["data"] => {
                found.push(format!("{} {} holds other data", was.kind, was.id));
            }
            Some(_) => {}
        }
    }
    found
}

/// (4) Whatever stands otherwise than at the start was named by an intent: a gap that is not in the
/// journal could be closed by nobody.
fn touched(scene: &Scene<'_>) -> Vec<String> {
    let mut named = intents::named(scene.events);
    named.extend(scene.lost.iter().flat_map(|lost| lost.changed.clone()));
    let changed = world::changed(scene.before, scene.now);
    let unnamed = changed.into_iter().filter(|id| !named.contains(id));
    unnamed
        .map(|id| format!("{id} stands otherwise, and no intent names it"))
        .collect()
}

/// (5) No call deletes anything; a tag of ours is not a thing, nor is a policy of ours, and a target is left as it is
/// where it runs.
fn deleted(calls: &[CallRecord]) -> Vec<String> {
    let deletes = |call: &&CallRecord| {
        let words = ["Delete", "Terminate", "Deregister", "Release"];
        words.iter().any(|word| call.operation.starts_with(word))
            && !["DeleteResourcePolicy", "DeleteTags", "DeregisterTargets"]
                .contains(&call.operation.as_str())
    };
    calls
        .iter()
        .filter(deletes)
        .map(|call| format!("{call:?}"))
        .collect()
}

/// (7) The journal tells of the live state: what it says was made is there, under the step that made it (or, as long
/// as it has no tags, under the name that the step has sent), and it is read as it was written.
fn not_replayed(scene: &Scene<'_>, state: &RunState) -> Vec<String> {
    let now = world::things(scene.now);
    let mut found = Vec::new();
    for made in &state.created {
        let there = now.iter().find(|one| one.id == made.id);
        let step = there.map(|one| one.tag("defib:step"));
        let by_name = there
            .is_some_and(|one| one.tag("defib:step").is_none() && is_named(one, &made.step, scene));
        if step != Some(Some(made.step.as_str())) && !by_name {
            let (id, by) = (&made.id, &made.step);
            found.push(format!("{id}, made by {by}, is there as {step:?}"));
        }
    }
    let text = serde_json::to_string(scene.events).unwrap();
    let stored: Vec<RunEvent> = serde_json::from_str(&text).unwrap();
    if stored != scene.events {
        found.push("written and read again, the journal is another".to_owned());
    }
    found
}

/// (8) The positions have no gap; their hashes were verified when they were read.
fn gaps(events: &[RunEvent]) -> Vec<String> {
    let wrong = events
        .iter()
        .zip(1..)
        .filter(|(event, seq)| event.seq != *seq);
    wrong
        .map(|(event, seq)| format!("{} stands at {seq}", event.seq))
        .collect()
}

/// (9) It ends, or names what a person has to decide.
fn no_end(state: &RunState) -> Vec<String> {
    let named = state
        .reason
        .as_deref()
        .is_some_and(|reason| !reason.trim().is_empty());
    let status = state.status();
    let over = [RunStatus::Done, RunStatus::RolledBack].contains(&status);
    let stopped = [RunStatus::Failed, RunStatus::Paused].contains(&status);
    if over || stopped && named {
        return Vec::new();
    }
    vec![format!("it rests {status:?}: {:?}", state.reason)]
}

/// (11) No secret is in the journal.
fn secrets(events: &[RunEvent]) -> Vec<String> {
    let text = serde_json::to_string(events).unwrap();
    let told = text.contains(defib::sim::SECRET);
    told.then(|| "the secret key is in the journal".to_owned())
        .into_iter()
        .collect()
}

/// (11) Nor is it in what is made of the journal for a person.
pub fn exported(events: &[RunEvent], now: Timestamp) -> Vec<Violation> {
    let state = RunState::fold(events).unwrap();
    let asked = Asked {
        incident: None,
        now,
    };
    let told = [
        ("report", export::report::report(&state, events, asked)),
        ("runbook", export::markdown::runbook(&state.plan).unwrap()),
        ("script", export::shell::script(&state.plan).unwrap()),
        ("plan", export::json::render(&state.plan)),
    ];
    let told = told.into_iter();
    told.filter(|(_, text)| text.contains(defib::sim::SECRET))
        .map(|(what, _)| Violation {
            oracle: 11,
            found: format!("the secret key is in the {what}"),
        })
        .collect()
}

/// (4) What was wanted is there to the last field: the world is the one that a run without any fault
/// has left.
pub fn done(scene: &Scene<'_>, wanted: &Value, run: &str) -> Vec<Violation> {
    differences(4, wanted, &world::after(scene.before, scene.now, run))
}

/// (4, 10) The world is the start and what was made, which is kept.
pub fn back(scene: &Scene<'_>, run: &str) -> Vec<Violation> {
    let now = world::without_made(scene.before, scene.now, run);
    differences(10, &world::timeless(scene.before), &now)
}

fn differences(oracle: u8, wanted: &Value, shown: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    crate::judge::compare("", wanted, shown, &mut found);
    let found = found.into_iter();
    found
        .map(|found| Violation {
            oracle,
            found: format!("wanted ≠ shown {found}"),
        })
        .collect()
}
