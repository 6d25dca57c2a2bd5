//! Replicas of the new table in other Regions, each only where it was asked for: it costs, and takes long.
//!
//! A restored table is in its Region alone, whatever the old one was. AWS makes a replica of a table that is paid by
//! request, or whose writes are scaled by themselves, and whose stream holds new and old images (developer guide, “Global
//! tables”); each step builds on the ones that bring that about.

use crate::domain::form::Choices;
use crate::domain::text::shown;
use crate::restore::flow::FlowError;
use crate::restore::operation::Operation;
use crate::restore::operations::dynamodb_update::AddReplica;

use super::chosen::{Chosen, choice};
use super::facts::TableFacts;
use super::given_back::Given;
use super::prepared::Prepared;
use super::settings::{self, Setting};
use super::steps::{TEN_GIB, usual};

const FIELD: &str = "replica";
/// What the stream of a table with replicas holds.
pub(super) const VIEW: &str = "NEW_AND_OLD_IMAGES";
/// How the dimension of what is scaled ends that AWS asks about.
pub(super) const WRITES: &str = ":WriteCapacityUnits";

/// Returns the Regions that were named, in their order.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn regions(choices: &Choices) -> Result<Vec<String>, FlowError> {
    let mut regions: Vec<String> = Vec::new();
    for name in choices.many(FIELD) {
        if !is_region(name) {
            let why = format!("“{}” is not a Region, such as us-east-1", shown(name));
            return Err(choice(FIELD, why));
        }
        if regions.iter().any(|known| known == name) {
            let why = format!(
                "{} stands there twice: a table has one replica in a Region",
                shown(name)
            );
            return Err(choice(FIELD, why));
        }
        regions.push(name.to_owned());
    }
    Ok(regions)
}

/// Whether it exists, and is enabled, AWS says when it is asked for.
pub(super) fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let Some((number, words)) = parts.split_last() else {
        return false;
    };
    let letters =
        |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let digits =
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    words.len() >= 2 && words.iter().all(letters) && digits
}

/// Refuses the Region that the new table itself is made in.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn elsewhere(facts: &TableFacts, chosen: &Chosen) -> Result<(), FlowError> {
    let own = facts.place.region.as_str();
    if !chosen.replicas.iter().any(|region| region == own) {
        return Ok(());
    }
    let why = format!(
        "the new table itself is made in {}: name other Regions",
        shown(own)
    );
    Err(choice(FIELD, why))
}

/// Returns the Regions in which the old table has replicas.
pub(super) fn before(facts: &TableFacts) -> Vec<&str> {
    let own = facts.place.region.as_str();
    let all = facts
        .described()
        .into_iter()
        .flat_map(|table| &table.replicas);
    all.map(String::as_str)
        .filter(|region| *region != own)
        .collect()
}

/// Returns the Regions in which the old table has a replica, and the new one gets none.
pub(super) fn left_out<'a>(facts: &'a TableFacts, chosen: &Chosen) -> Vec<&'a str> {
    let made = |region: &&str| chosen.replicas.iter().any(|made| made == region);
    before(facts)
        .into_iter()
        .filter(|region| !made(region))
        .collect()
}

/// Returns what the stream of the new table holds, unless it is left out: what it held, and what a replica needs where
/// there was none.
pub(super) fn stream<'a>(facts: &'a TableFacts, chosen: &Chosen) -> Option<&'a str> {
    settings::stream(facts).or((!chosen.replicas.is_empty()).then_some(VIEW))
}

/// Returns in words what becomes of the replicas; `None` where there is nothing to say.
pub(super) fn told(facts: &TableFacts, chosen: &Chosen) -> Option<String> {
    let (made, left) = (
        chosen.replicas.join(", "),
        left_out(facts, chosen).join(", "),
    );
    let told = match (made.is_empty(), left.is_empty()) {
        (true, true) => return None,
        (false, true) => made,
        (true, false) => format!("not carried over: {left}"),
        (false, false) => format!("{made}; not carried over: {left}"),
    };
    Some(shown(&told))
}

/// Tells whether AWS makes no replica before a setting is there.
pub(super) fn needs(setting: &Setting) -> bool {
    match setting {
        Setting::Stream(_) => true,
        Setting::ScalableTarget(target) => target.dimension.ends_with(WRITES),
        Setting::ScalingPolicy(policy) => policy.dimension.ends_with(WRITES),
        Setting::Recovery(_)
        | Setting::Tags(_)
        | Setting::DeletionProtection
        | Setting::Class(_)
        | Setting::Capacity(..)
        | Setting::ScheduledAction(_)
        | Setting::Policy(_)
        | Setting::Kinesis(_)
        | Setting::Insights(_)
        | Setting::Trigger(_)
        | Setting::Alarm(_)
        | Setting::Replica(_)
        | Setting::TimeToLive(_) => false,
    }
}

/// The step that makes one.
pub(super) fn added(prepared: &Prepared, region: &str, number: usize) -> Given {
    let call = AddReplica {
        table: prepared.new.name.clone(),
        region: region.to_owned(),
    };
    let data = prepared.facts.bytes() / TEN_GIB;
    Given {
        id: format!("replica-{number}"),
        title: format!(
            "make a replica of {} in {}",
            shown(&prepared.new.name),
            shown(region)
        ),
        why: "a restored table is in its Region alone; AWS copies the items, and keeps both alike from then on",
        call: call.call(),
        expected: usual::REPLICA + usual::RESTORE_PER_10_GIB * data,
    }
}
