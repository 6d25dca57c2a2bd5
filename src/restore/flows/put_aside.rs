//! What a restore puts aside: the tags that say by whom and until when it is kept, and what takes them back.
//! Nothing that is put aside is ever deleted.

use std::collections::BTreeMap;

use crate::domain::ec2::Tags;
use crate::domain::plan::{Call, Gate, Impact, Ref, Undo};
use crate::domain::text::Untrusted;
use crate::restore::operation::{Operation, TAG_KEEP_UNTIL, TAG_RUN, TAG_STEP};
use crate::restore::operations::ec2_tags::{RemoveTags, TagResource, TagValue};

/// Seconds that a call takes.
const CALL: u64 = 2;

/// The tags of what one step puts aside. With its own step, so that nobody takes it for what the run made.
pub(super) fn tags(step: &str, until: &str) -> BTreeMap<String, TagValue> {
    let text = |text: &str| TagValue::Text(Untrusted::from(text));
    BTreeMap::from([
        (TAG_RUN.to_owned(), TagValue::Run),
        (TAG_STEP.to_owned(), text(step)),
        (TAG_KEEP_UNTIL.to_owned(), text(until)),
    ])
}

/// Removes the tags that only this run brought, and puts back those of an earlier run that ours replaced.
///
/// No key is removed that is put back: a request for removal that arrives late would take it away again.
pub(super) fn back<'a>(
    id: &str,
    before: &Tags,
    keys: impl Iterator<Item = &'a String>,
) -> Vec<Undo> {
    let mut keys: Vec<String> = keys.cloned().collect();
    let mut tags = BTreeMap::new();
    keys.retain(|key| {
        let before = before.get(&Untrusted::from(key.as_str()));
        let before = before.map(|value| TagValue::Text(value.clone()));
        before
            .map(|value| tags.insert(key.clone(), value))
            .is_none()
    });
    let mut undos = Vec::new();
    if !keys.is_empty() {
        let title = format!("remove this run's tags from {id}");
        let resource = id.to_owned();
        undos.push(undo(title, RemoveTags { resource, keys }.call()));
    }
    if !tags.is_empty() {
        let title = format!("put back the tags of an earlier run on {id}");
        let resource = Ref::Known(id.to_owned());
        undos.push(undo(title, TagResource { resource, tags }.call()));
    }
    undos
}

fn undo(title: String, call: Call) -> Undo {
    Undo {
        title,
        call: Some(call),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: CALL,
        ends_outage: false,
    }
}
