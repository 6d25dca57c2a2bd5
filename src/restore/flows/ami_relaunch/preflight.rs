//! The checks before a relaunch: what was asked, what was found, and what to do about it.
//!
//! A read that failed is never taken for fine. What two of one system do to each other is said, whatever the mode.

mod image;
mod moving;
mod permissions;

pub(super) use permissions::calls;

use crate::domain::check::{Check, Verdict};
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::text::shown;
use crate::restore::flow::FlowError;

use super::facts::RelaunchFacts;
use super::prepared::Prepared;
use super::steps::{Relaunch, steps};

/// Makes the checks.
pub(super) fn checks(facts: &RelaunchFacts, choices: &Choices) -> Vec<Check> {
    let prepared = match Prepared::of(facts, choices) {
        Ok(prepared) => prepared,
        Err(error) => return vec![not_a_plan(&error)],
    };
    let relaunch = prepared.relaunch();
    let steps = steps(&relaunch);
    let mut checks = image::checks(&relaunch);
    checks.extend(place(&relaunch));
    checks.extend(collisions(&relaunch));
    checks.extend(moving::checks(&relaunch));
    checks.extend(permissions::checks(facts, &steps));
    checks
}

fn not_a_plan(error: &FlowError) -> Check {
    let found = match error {
        FlowError::Choice { field, why } => format!("{field}: {why}"),
        FlowError::Missing { .. } | FlowError::Read(_) | FlowError::Facts(_) => error.to_string(),
    };
    stop("choices", found)
}

/// Subnet, placement and what Session Manager needs.
fn place(relaunch: &Relaunch) -> Vec<Check> {
    let name = "subnet";
    let subnet = asked(name, &relaunch.facts.subnet, |subnet| match subnet {
        None => stop(name, "the subnet is not there").advise("name another by --subnet"),
        Some(subnet) if subnet.state != "available" => stop(
            name,
            format!("{} is {}", shown(&subnet.id), shown(&subnet.state)),
        ),
        Some(subnet) if subnet.free < 1 => {
            stop(name, format!("{} has no free address", shown(&subnet.id)))
                .advise("name another subnet of the zone by --subnet")
        }
        Some(subnet) => {
            let id = shown(&subnet.id);
            fine(name, format!("{id} has {} free addresses", subnet.free))
        }
    });
    let mut checks = vec![subnet];
    let placement = &relaunch.launch.placement;
    if placement.group.is_some() || placement.host.is_some() {
        let way = if relaunch.chosen.mode == super::chosen::Mode::StopFirst {
            "the old one is stopped by then, and may not get its place back: side by side is safer"
        } else {
            "if it is full, the launch fails and the old one goes on serving"
        };
        let found = format!("a placement group or dedicated host may be full; {way}");
        checks.push(know("placement", found));
    }
    if relaunch.chosen.endpoints {
        checks.push(endpoints(relaunch));
    }
    checks
}

fn endpoints(relaunch: &Relaunch) -> Check {
    let name = "endpoints";
    asked(name, &relaunch.facts.endpoints, |all| {
        if all.is_empty() {
            know(
                name,
                "the VPC has no interface endpoint: Session Manager does not work",
            )
        } else {
            fine(
                name,
                format!("{} endpoint addresses are let through", all.len()),
            )
        }
    })
}

/// What two of one system do to each other.
fn collisions(relaunch: &Relaunch) -> Vec<Check> {
    let mut checks = Vec::new();
    if relaunch.facts.image.windows {
        checks.push(
            know(
                "windows-identity",
                "Windows comes back with the same SID, computer name and machine account: a domain takes only one",
            )
            .advise("for a domain member choose --mode stop-first"),
        );
    }
    let later = if relaunch.chosen.isolate_only {
        ""
    } else {
        ", from the cut-over on they do"
    };
    checks.push(know(
        "starts-on-boot",
        format!(
            "cron jobs, queue consumers and agents of the image start on boot: in the group they reach nothing{later}"
        ),
    ));
    if relaunch.launch.user_data.is_some() {
        checks.push(know(
            "user-data",
            "user data is given again: cloud-init runs its per-instance parts once more",
        ));
    }
    if !relaunch.launch.licenses.is_empty() {
        checks.push(know(
            "licences",
            "licences may be bound to the old instance or its addresses",
        ));
    }
    checks
}

/// Makes the check from a fact's value, or says why there is none.
fn asked<T>(name: &str, fact: &Fact<T>, check: impl FnOnce(&T) -> Check) -> Check {
    match (fact.value(), fact.why_unknown()) {
        (Some(value), _) => check(value),
        (None, why) => unanswered(name, why.unwrap_or("no reason given")),
    }
}

fn unanswered(name: &str, why: &str) -> Check {
    Check::new(name, Verdict::Unanswered, format!("not answered: {why}"))
}

fn fine(name: &str, found: impl Into<String>) -> Check {
    Check::new(name, Verdict::Fine, found)
}

fn know(name: &str, found: impl Into<String>) -> Check {
    Check::new(name, Verdict::Know, found)
}

fn stop(name: &str, found: impl Into<String>) -> Check {
    Check::new(name, Verdict::Stop, found)
}
