//! The checks before a relaunch: what was asked, what was found, and what to do about it.
//!
//! A read that failed is never taken for fine. What two of one system do to each other is said, whatever the mode.

mod image;
mod interfaces;
mod moving;
mod permissions;
mod staying;
mod volumes;

pub(super) use permissions::calls;

use crate::domain::check::Check;
use crate::domain::form::Choices;
use crate::domain::text::shown;
use crate::restore::flows::verdicts::{asked, fine, know, not_a_plan, stop, unanswered};

use super::chosen::{Mode, Order, is_wide};
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
    checks.extend(volumes::checks(&relaunch));
    checks.extend(place(&relaunch));
    checks.extend(collisions(&relaunch));
    checks.extend(moving::checks(&relaunch));
    checks.extend(permissions::checks(facts, &steps));
    checks
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
    let mut checks = vec![subnet, capacity(relaunch)];
    checks.extend(operator(relaunch));
    if relaunch.chosen.endpoints {
        checks.push(endpoints(relaunch));
    }
    checks
}

/// Nobody can tell before whether AWS has room: said is where there is a way back if it has none.
fn capacity(relaunch: &Relaunch) -> Check {
    let launch = &relaunch.launch;
    let placement = &launch.placement;
    let where_to = if placement.group.is_some() || placement.host.is_some() {
        "in its placement group or on its dedicated host"
    } else {
        "in the zone"
    };
    let way = match (relaunch.old(), relaunch.chosen.mode, relaunch.chosen.order) {
        (None, _, _) => "the launch fails then, and nothing else changes",
        (Some(_), Mode::StopFirst, _) => {
            "the launch fails then, and the old one, which is stopped by then, may not start again: side by side \
             is safer"
        }
        (Some(_), Mode::SideBySide, Order::NoTwoWriters) if !relaunch.chosen.isolate_only => {
            "the launch fails then, and the old one goes on serving; once it is stopped, a roll back needs room for \
             it again"
        }
        (Some(_), Mode::SideBySide, _) => "the launch fails then, and the old one goes on serving",
    };
    let kind = shown(&launch.instance_type);
    know(
        "capacity",
        format!("AWS may have no room for one more {kind} {where_to}: {way}"),
    )
}

/// Blocks that are wider than anybody looks from.
fn operator(relaunch: &Relaunch) -> Option<Check> {
    let cidrs = relaunch.chosen.ingress.cidrs.iter();
    let wide: Vec<String> = cidrs
        .filter(|cidr| is_wide(cidr))
        .map(|cidr| shown(cidr))
        .collect();
    (!wide.is_empty()).then(|| {
        let found = format!(
            "{} is a wide block: everybody in it reaches the instance while it is isolated",
            wide.join(", ")
        );
        know("operator-cidr", found).advise("name the addresses that you look from")
    })
}

fn endpoints(relaunch: &Relaunch) -> Check {
    let name = "endpoints";
    asked(name, &relaunch.facts.endpoints, |all| {
        if all.is_empty() {
            know(
                name,
                "the VPC has no interface endpoint of ssm, ssmmessages or ec2messages: Session Manager does not work",
            )
        } else {
            fine(
                name,
                format!(
                    "{} addresses of endpoints for Session Manager are let through, of others none",
                    all.len()
                ),
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
            "cron jobs, queue consumers and agents of the image start on boot: in the group they reach nothing but the \
             VPC's DNS, its metadata and time services{later}"
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
