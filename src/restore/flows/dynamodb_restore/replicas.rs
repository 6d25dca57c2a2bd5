//! Replicas of the new table in other Regions, each only where it was asked for: it costs, and takes long.
//!
//! A restored table is in its Region alone, whatever the old one was. AWS makes a replica of a table that is paid by
//! request, or whose writes are scaled by themselves, and whose stream holds new and old images (developer guide, “Global
//! tables”): that is there once the table is alike. They come last, so that an application never waits for one.

use crate::domain::form::Choices;
use crate::domain::plan::{Impact, Step};
use crate::domain::text::shown;
use crate::restore::flow::FlowError;
use crate::restore::operation::Operation;
use crate::restore::operations::dynamodb_update::AddReplica;

use super::chosen::{Chosen, choice};
use super::facts::TableFacts;
use super::prepared::Prepared;
use super::settings;
use super::steps::{Chain, TEN_GIB, step, usual};

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

/// Refuses the Region that the new table itself is made in, and those in which the old one is in its way.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn elsewhere(facts: &TableFacts, chosen: &Chosen, new: &str) -> Result<(), FlowError> {
    let named = |region: &&str| chosen.replicas.iter().any(|one| one == region);
    let own = facts.place.region.as_str();
    if named(&own) {
        let why = format!(
            "the new table itself is made in {}: name other Regions",
            shown(own)
        );
        return Err(choice(FIELD, why));
    }
    let Some(region) = taken(facts, new).into_iter().find(named) else {
        return Ok(());
    };
    let why = format!(
        "there is a table {} in {} already, and a replica has the name of its table: name other Regions, or another \
         name by --target",
        shown(new),
        shown(region)
    );
    Err(choice(FIELD, why))
}

/// Returns the Regions that are known to have a table of the new one's name beside it, where AWS makes no replica of
/// it: the old table is there, which is restored into another Region under its own name.
pub(super) fn taken<'a>(facts: &'a TableFacts, new: &str) -> Vec<&'a str> {
    let from = facts.from.as_ref().filter(|_| new == facts.name);
    let there = from.and_then(|from| Some((from.region.as_str(), from.table.as_ref()?)));
    let Some((region, table)) = there else {
        return Vec::new();
    };
    let replicas = table.replicas.iter().map(String::as_str);
    std::iter::once(region).chain(replicas).collect()
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

/// Adds the steps that make them. One that is refused is missing; nothing else is.
pub(super) fn steps(prepared: &Prepared, chain: &mut Chain) {
    for (number, region) in (1_usize..).zip(&prepared.chosen.replicas) {
        chain.push_setting(added(prepared, region, number), Vec::new());
    }
}

fn added(prepared: &Prepared, region: &str, number: usize) -> Step {
    let call = AddReplica {
        table: prepared.new.name.clone(),
        region: region.to_owned(),
    };
    let data = prepared.facts.bytes() / TEN_GIB;
    Step {
        call: Some(call.call()),
        impact: Impact::Changes,
        expected: usual::REPLICA + usual::RESTORE_PER_10_GIB * data,
        ..step(
            &format!("replica-{number}"),
            format!(
                "make a replica of {} in {}",
                shown(&prepared.new.name),
                shown(region)
            ),
            "a restored table is in its Region alone; AWS copies the items, and keeps both alike from then on",
        )
    }
}
