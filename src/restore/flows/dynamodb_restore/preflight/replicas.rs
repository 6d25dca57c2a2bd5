//! Replicas in other Regions: what AWS would refuse, after half an hour, is told before; and what is not made, or not
//! copied to them.
//!
//! Nothing is asked in the other Regions.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::restore::flows::command;

use super::super::prepared::Prepared;
use super::super::replicas::{VIEW, WRITES, left_out, stream, taken};
use super::super::settings::{self, Kind};
use super::{know, stop};

const NAME: &str = "replicas";

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    if prepared.chosen.replicas.is_empty() {
        return not_made(prepared).into_iter().collect();
    }
    let stops = [key(prepared), view(prepared), units(prepared)];
    let mut checks: Vec<Check> = stops.into_iter().flatten().collect();
    checks.push(made(prepared));
    checks
}

/// The old table has some, and none was asked for.
fn not_made(prepared: &Prepared) -> Option<Check> {
    let left = left_out(prepared.facts, &prepared.chosen);
    if left.is_empty() {
        return None;
    }
    let regions = shown(&left.join(", "));
    // A replica has the name of its table, and the old one's may be there.
    if prepared.new.name == prepared.old.name {
        let new = shown(&prepared.new.name);
        let known = !taken(prepared.facts, &prepared.new.name).is_empty();
        let (has, advice) = if known {
            (
                "the old one has replicas",
                format!("beside a table {new} AWS makes none: they need another name, by --target"),
            )
        } else {
            (
                "the old one had replicas",
                format!(
                    "look there first: a replica outlives a table that is deleted here, with its data, and beside a table \
                     {new} AWS makes none"
                ),
            )
        };
        let found = format!("the new table is in this Region alone; {has} in {regions}");
        return Some(know(NAME, found).advise(advice));
    }
    let found = format!(
        "the new table is in this Region alone; replicas are not carried over unless you name them: {regions}"
    );
    let again = format!("say --replica {}", shown(&left.join(",")));
    Some(know(NAME, found).advise(format!(
        "{again}, or add them once the application has moved; each costs storage and every write once more"
    )))
}

fn made(prepared: &Prepared) -> Check {
    let (facts, chosen) = (prepared.facts, &prepared.chosen);
    let new = shown(&prepared.new.name);
    let left = left_out(facts, chosen);
    let left = if left.is_empty() {
        String::new()
    } else {
        format!(
            ", and not in {}, where the old table has one",
            shown(&left.join(", "))
        )
    };
    let found = format!(
        "{new} gets a replica in {}{left}, once all the rest is done. Each costs storage and every write once more, takes \
         minutes and longer with data, and stays when the run is taken back",
        shown(&chosen.replicas.join(", "))
    );
    know(NAME, found).advise(format!(
        "AWS refuses a Region that is not enabled, and one that has a table {new} already. Items, keys, indexes, \
         throughput and time to live are kept alike; tags, resource policy, recovery, protection, alarms and what reads \
         the stream are yours to set there"
    ))
}

/// A replica of a table with a key of the customer's needs one of its own Region, which nobody has named.
fn key(prepared: &Prepared) -> Option<Check> {
    let facts = prepared.facts;
    let chosen = prepared.chosen.kms_key.as_deref();
    let key = chosen.or_else(|| settings::key(facts))?;
    // The one that AWS manages is there in every Region, and what a replica gets by itself (`UpdateTable`).
    if key.ends_with("alias/aws/dynamodb") {
        return None;
    }
    let options = command::options(&facts.place);
    let table = command::word(&prepared.new.name, "TABLE");
    let found = format!(
        "the new table is encrypted with the KMS key {}: a replica needs a key of its own Region, and no plan names one",
        shown(key)
    );
    Some(stop("replica-key", found).advise(format!(
        "leave --replica out, and add it by hand when the run is done: aws dynamodb update-table {options} --table-name \
         {table} --replica-updates Create={{RegionName=REGION,KMSMasterKeyId=KEY}}"
    )))
}

fn view(prepared: &Prepared) -> Option<Check> {
    let name = "replica-stream";
    if prepared.chosen.skip.contains(&Kind::Stream) {
        let found = format!("a table with replicas has a stream of {VIEW}, and none is given back");
        return Some(stop(name, found).advise("leave --skip stream out, or --replica"));
    }
    let held = stream(prepared.facts, &prepared.chosen)?;
    let other = held != VIEW;
    other.then(|| {
        let found = format!(
            "a table with replicas has a stream of {VIEW}, and that of the old table holds {}",
            shown(held)
        );
        stop(name, found).advise(
            "leave --replica out and add it by hand, once whoever reads the stream takes the other one; or say --skip \
             stream without --replica, and enable the other one",
        )
    })
}

/// AWS: “Table write capacity should either be Pay-Per-Request or `AutoScaled`”, and that of each index.
fn units(prepared: &Prepared) -> Option<Check> {
    let (facts, chosen) = (prepared.facts, &prepared.chosen);
    if settings::capacity(facts, chosen)?.on_demand {
        return None;
    }
    let new = &prepared.new.name;
    let scaling = settings::scaling(facts, chosen, new).unwrap_or_default();
    let scaled = |resource: &str| {
        let of = |one: &str, dimension: &str| one == resource && dimension.ends_with(WRITES);
        let mut targets = scaling.targets.iter();
        let mut policies = scaling.policies.iter();
        targets.any(|one| of(&one.resource, &one.dimension))
            && policies.any(|one| of(&one.resource, &one.dimension))
    };
    let mut lacking = Vec::new();
    if !scaled(&format!("table/{new}")) {
        lacking.push("the table".to_owned());
    }
    let global = settings::indexes(facts, chosen).into_iter();
    for index in global.filter(|index| !index.local) {
        if !scaled(&format!("table/{new}/index/{}", index.name)) {
            lacking.push(format!("index {}", shown(&index.name)));
        }
    }
    (!lacking.is_empty()).then(|| {
        let found = format!(
            "a table with replicas is paid by request, or its writes are scaled by themselves, with a policy: those of \
             {} would not be",
            shown(&lacking.join(", "))
        );
        stop("replica-capacity", found).advise(
            "say --billing on-demand, or have the old one scaled first; auto scaling must neither be left out nor unread",
        )
    })
}
