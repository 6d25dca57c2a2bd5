//! One batch of changes, tried out on a copy of a zone's records.
//!
//! Route 53 API reference, `ChangeResourceRecordSets`: a deletion must name the record exactly as it stands, and what is
//! created must not be there yet. Messages are those of the service.

use aws_sdk_route53::types::ChangeAction;

use super::model::{Record, Zone};

/// A change of one record set.
pub type Change = (ChangeAction, Record);

/// Applies changes to a zone's records.
///
/// # Errors
/// What is wrong with them, one sentence for each change that cannot be made.
pub fn apply(zone: &Zone, changes: &[Change]) -> Result<Vec<Record>, Vec<String>> {
    let mut records = zone.records.clone();
    let mut wrong = Vec::new();
    for (action, wanted) in changes {
        if let Err(words) = apply_one(&mut records, zone, action, wanted) {
            wrong.push(words);
        }
    }
    if wrong.is_empty() {
        Ok(records)
    } else {
        Err(wrong)
    }
}

fn apply_one(
    records: &mut Vec<Record>,
    zone: &Zone,
    action: &ChangeAction,
    wanted: &Record,
) -> Result<(), String> {
    let what = format!("[name='{}', type='{}']", wanted.name, wanted.kind);
    let inside = wanted.name == zone.name || wanted.name.ends_with(&format!(".{}", zone.name));
    if !inside {
        let name = &wanted.name;
        return Err(format!(
            "RRSet with DNS name {name} is not permitted in zone {}",
            zone.name
        ));
    }
    complete(wanted)?;
    let there = records
        .iter()
        .position(|record| record.key() == wanted.key());
    match (action, there) {
        (ChangeAction::Create, Some(_)) => Err(format!(
            "Tried to create resource record set {what} but it already exists"
        )),
        (ChangeAction::Create | ChangeAction::Upsert, None) => {
            alone(records, wanted)?;
            records.push(wanted.clone());
            Ok(())
        }
        (ChangeAction::Upsert, Some(at)) => {
            records[at] = wanted.clone();
            Ok(())
        }
        (ChangeAction::Delete, None) => Err(format!(
            "Tried to delete resource record set {what} but it was not found"
        )),
        (ChangeAction::Delete, Some(at)) if records[at] == *wanted => {
            records.remove(at);
            Ok(())
        }
        (ChangeAction::Delete, Some(_)) => Err(format!(
            "Tried to delete resource record set {what} but the values provided do not match the \
             current values"
        )),
        (_, _) => Err(format!("Unknown action for {what}")),
    }
}

/// A record has values and a time to live, or it is an alias.
fn complete(wanted: &Record) -> Result<(), String> {
    let plain = wanted.ttl.is_some() && !wanted.values.is_empty();
    if plain != wanted.alias.is_some() {
        return Ok(());
    }
    let what = format!("[name='{}', type='{}']", wanted.name, wanted.kind);
    Err(format!(
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], \
         or TrafficPolicyInstanceId], but found none in Change with {what}"
    ))
}

/// Sets with an identifier and one without do not go together, and neither does a CNAME with anything.
fn alone(records: &[Record], wanted: &Record) -> Result<(), String> {
    let (name, kind) = (&wanted.name, &wanted.kind);
    let mut same = records.iter().filter(|record| record.name == *name);
    let clash = same.any(|record| {
        let mixed = record.kind == *kind && record.set.is_some() != wanted.set.is_some();
        mixed || (record.kind == "CNAME") != (kind == "CNAME")
    });
    if clash {
        return Err(format!(
            "RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet \
             with the same DNS name already exists in zone"
        ));
    }
    Ok(())
}
