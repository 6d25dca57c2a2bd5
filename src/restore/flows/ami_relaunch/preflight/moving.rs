//! What leads to the old instance: what will move, what cannot, and what stands in the way.
//! What cannot move is said by its name, so that somebody moves it by hand.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::restore::observations::elb::TargetGroup;

use super::super::chosen::Mode;
use super::super::facts::{Like, Ways};
use super::super::mark::Mark;
use super::super::steps::Relaunch;
use super::{asked, fine, know, stop};

pub(super) fn checks(relaunch: &Relaunch) -> Vec<Check> {
    let Some((old, ways)) = relaunch.old() else {
        return vec![know(
            "replaces",
            "no instance is replaced: what is launched stays isolated until you open it by hand",
        )];
    };
    let mut checks = vec![state(old), mark(old), network(relaunch, old)];
    if old.instance.state == "running" {
        checks.extend(stopping(relaunch, old));
        checks.push(member(ways));
    }
    if !relaunch.chosen.isolate_only {
        checks.push(addresses(old, ways));
        checks.push(targets(ways));
        checks.push(records(ways));
        checks.push(know(
            "by-id",
            "alarms, backup selections and associations that name the old instance's id stay with it",
        ));
    }
    checks
}

fn state(old: &Like) -> Check {
    let called = old.called();
    match old.instance.state.as_str() {
        state @ ("running" | "stopped") => fine("old-state", format!("{called} is {state}")),
        other => stop("old-state", format!("{called} is {}", shown(other)))
            .advise("wait until it is running or stopped"),
    }
}

fn mark(old: &Like) -> Check {
    match Mark::of(old) {
        None => fine(
            "active",
            format!("nobody else is restoring {}", old.called()),
        ),
        Some(mark) => know("active", mark.told()),
    }
}

fn network(relaunch: &Relaunch, old: &Like) -> Check {
    let before = old.configuration.vpc.as_deref();
    if before == Some(relaunch.vpc) {
        return fine("vpc", "the new instance is in the VPC of the old one");
    }
    let before = shown(before.unwrap_or("none"));
    let found = format!(
        "the subnet is in {}, the old instance in {before}",
        shown(relaunch.vpc)
    );
    stop("vpc", found).advise("groups and targets are of one VPC: choose a subnet there")
}

fn stopping(relaunch: &Relaunch, old: &Like) -> Vec<Check> {
    let mut checks = Vec::new();
    if old.instance.lifecycle.as_deref() == Some("spot") {
        checks.push(
            stop(
                "spot",
                "a Spot Instance is stopped only by its request, and may end instead",
            )
            .advise("launch with --isolate-only and move the traffic by hand"),
        );
    }
    let public = old.instance.public_address.as_ref();
    if public.is_some_and(|public| public.owner.as_deref() == Some("amazon")) {
        checks.push(know(
            "public-address",
            "its public address is AWS's own: it is lost at the stop, and a roll back starts it with another",
        ));
    }
    checks.push(asked("stop-protection", &old.stop_protection, |on| {
        if *on {
            know(
                "stop-protection",
                "it is protected from being stopped; the protection is taken and set again",
            )
        } else {
            fine("stop-protection", "it may be stopped")
        }
    }));
    let erased = if relaunch.chosen.mode == Mode::StopFirst {
        " before the launch"
    } else {
        ""
    };
    checks.push(know(
        "instance-store",
        format!("what is on instance store disks, if it has any, is erased when it stops{erased}"),
    ));
    checks
}

fn member(ways: &Ways) -> Check {
    let name = "auto-scaling";
    asked(name, &ways.member, |member| match member {
        None => fine(name, "it is in no Auto Scaling group"),
        Some(member) if member.lifecycle != "InService" && member.lifecycle != "Standby" => stop(
            name,
            format!(
                "it is {} in {}",
                shown(&member.lifecycle),
                shown(&member.group)
            ),
        ),
        Some(member) => standby(ways, &member.group),
    })
}

fn standby(ways: &Ways, called: &str) -> Check {
    let name = "auto-scaling";
    let called = shown(called);
    asked(name, &ways.group, |group| match group {
        None => stop(name, format!("its group {called} is not there")),
        Some(group) if group.desired <= group.min => stop(
            name,
            format!(
                "{called} wants at least {} members, so none may go on standby",
                group.min
            ),
        )
        .advise("lower the group's minimum by one for the time"),
        Some(_room) => know(
            name,
            format!(
                "it goes on standby in {called} before it stops and stays there; the new instance is no member"
            ),
        ),
    })
}

fn addresses(old: &Like, ways: &Ways) -> Check {
    let name = "addresses";
    asked(name, &ways.addresses, |all| {
        let primary = old.primary();
        let stays = all.iter().filter(|address| {
            primary.is_some_and(|primary| {
                address.interface == primary.id && address.private_ip != primary.private_ip
            })
        });
        let stays: Vec<String> = stays.map(|address| shown(&address.public_ip)).collect();
        if stays.is_empty() {
            return fine(name, format!("{} Elastic IP addresses", all.len()));
        }
        know(
            name,
            format!(
                "{} belong to further private addresses of the primary interface, which the new one has not: they stay",
                stays.join(", ")
            ),
        )
    })
}

fn targets(ways: &Ways) -> Check {
    let name = "target-groups";
    asked(name, &ways.target_groups, |all| {
        let unchecked = |group: &&TargetGroup| !group.checks || group.balancers == 0;
        let blind: Vec<String> = all
            .iter()
            .filter(unchecked)
            .map(|group| shown(&group.name))
            .collect();
        if blind.is_empty() {
            return fine(
                name,
                format!("{} target groups, all with health checks", all.len()),
            );
        }
        know(
            name,
            format!(
                "{} check no health or are used by no load balancer: that the new target serves is not proven",
                blind.join(", ")
            ),
        )
    })
}

fn records(ways: &Ways) -> Check {
    let name = "records";
    asked(name, &ways.records, |all| {
        let odd = all.iter().filter(|found| found.record.is_none());
        let odd: Vec<&str> = odd.map(|found| found.called.as_str()).collect();
        if odd.is_empty() {
            let found = format!(
                "{} records of the account's own zones point to it",
                all.len()
            );
            return fine(name, found);
        }
        know(
            name,
            format!(
                "{} route in a way that is not carried over: change them by hand",
                odd.join(", ")
            ),
        )
    })
}
