//! What the journal announces, held against what really had an effect.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use defib::domain::plan::Call;
use defib::domain::run::{EventBody, RunEvent, RunState};
use defib::restore::operation::{Resend, Stamp, decode, started_by};
use defib::sim::CallRecord;
use serde_json::Value;

use crate::stage::Noted;

/// What was on record when a journal was damaged, and is no more: it was durable when it was sent by.
pub struct Lost {
    /// The intents, each with the number of calls that had reached the world before it was durable.
    pub intents: Vec<(RunEvent, usize)>,
    /// How many calls had reached the world when the run went on without them: they announce none after.
    pub calls: usize,
    /// The things that stood otherwise than at the start by then.
    pub changed: BTreeSet<String>,
}

/// A request that an intent announces.
struct Announced {
    api: &'static str,
    /// What it carries, whatever the names of the parameters.
    values: Vec<String>,
    /// The calls that could follow it: those since it was durable, and until it was lost.
    while_on_record: Range<usize>,
    /// Whether it may be sent again without another intent, since it ends in the same state.
    again: bool,
}

/// Every effect was announced by an intent that asks for exactly it: the same call, the same parameters,
/// the same token. A call that would do its work twice has an intent for each time.
pub fn unannounced(
    events: &[RunEvent],
    state: &RunState,
    calls: &[CallRecord],
    noted: &Noted,
    lost: Option<&Lost>,
) -> Vec<String> {
    let kept = events.iter().filter(|event| is_intent(event));
    let kept = kept.map(|event| (event, noted.calls_before(event), usize::MAX));
    let lost = lost.into_iter().flat_map(|lost| {
        let intents = lost.intents.iter();
        intents.map(|(event, before)| (event, *before, lost.calls))
    });
    let announced: Vec<_> = kept
        .chain(lost)
        .filter_map(|(event, before, until)| announced(event, state, before..until))
        .collect();
    let mut times: BTreeMap<(&str, Vec<String>), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if !call.took_effect {
            continue;
        }
        let mut values = sent(call);
        values.sort();
        let fits: Vec<_> = announced
            .iter()
            .filter(|one| {
                one.api == call.operation
                    && one.values == values
                    && one.while_on_record.contains(&at)
            })
            .collect();
        let times = times.entry((&call.operation, values)).or_default();
        *times += 1;
        if fits.len() < *times && !fits.iter().any(|one| one.again) {
            let count = fits.len();
            found.push(format!("{count} intents for the {times}. {call:?}"));
        }
    }
    found
}

/// Tells whether an entry announces a request.
pub fn is_intent(event: &RunEvent) -> bool {
    matches!(event.body, EventBody::Intent { .. })
}

fn announced(
    event: &RunEvent,
    state: &RunState,
    while_on_record: Range<usize>,
) -> Option<Announced> {
    let EventBody::Intent {
        generation,
        token,
        input,
        ..
    } = &event.body
    else {
        return None;
    };
    let step = event.step.clone()?;
    let call = Call {
        input: input.clone(),
        ..state.any_step(&step)?.call.clone()?
    };
    let operation = decode(&call).unwrap();
    let request = operation.request().stamped(&Stamp {
        run: state.run.clone(),
        step,
        generation: *generation,
        token: token.clone(),
        source: state.plan.point.id.clone(),
        by: started_by(state),
    });
    let mut values = Vec::new();
    collect(&request.parameters, &mut values);
    values.sort();
    Some(Announced {
        api: request.api,
        values,
        while_on_record,
        again: operation.resend() == Resend::AfterProbe,
    })
}

/// User data is in no intent, which says only whose it is; that it is sent must be announced all the same.
const USER_DATA: &str = "user data";

/// What a parameter carries, as far as an intent may say it.
fn carried((name, value): (&String, &String)) -> String {
    if name == "UserData" {
        return USER_DATA.to_owned();
    }
    value.clone()
}

/// Neither are items that are put: an intent says where they stand, and how each of them is put.
const ITEM: &str = "an item";

/// What a call carries. All parts of a transaction are announced at once, so each has to be like the others but for
/// its item; a token that follows from the items says nothing more.
fn sent(call: &CallRecord) -> Vec<String> {
    if call.operation != "TransactWriteItems" {
        return call.parameters.iter().map(carried).collect();
    }
    let parameters = call.parameters.iter();
    let all = parameters.filter(|(name, _)| *name != "ClientRequestToken");
    let all: BTreeSet<(&str, &str)> = all
        .map(|(name, value)| match name.split_once(".Put.") {
            Some((_, what)) if what.starts_with("Item.") => ("Item", ITEM),
            Some((_, what)) => (what, value.as_str()),
            None => (name.as_str(), value.as_str()),
        })
        .collect();
    all.into_iter().map(|(_, value)| value.to_owned()).collect()
}

/// Collects what a form would carry.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => into.push(value.to_string()),
        Value::String(text) => into.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| collect(one, into)),
        Value::Object(fields) if fields.contains_key("$user-data") => {
            into.push(USER_DATA.to_owned());
        }
        Value::Object(fields) if fields.contains_key("$item") => into.push(ITEM.to_owned()),
        Value::Object(fields) => fields.values().for_each(|one| collect(one, into)),
    }
}

/// Every text in the inputs of a run's intents: the things that it was about to touch are among them.
pub fn named<'e>(events: impl IntoIterator<Item = &'e RunEvent>) -> BTreeSet<String> {
    let mut all = Vec::new();
    for event in events {
        if let EventBody::Intent { input, .. } = &event.body {
            collect(input, &mut all);
        }
    }
    all.into_iter().collect()
}
