//! What leads to the old instance: what will move, what cannot, and what stands in the way.
//! What cannot move is said by its name, so that somebody moves it by hand.

use crate::domain::check::Check;
use crate::domain::plan::NEW_INSTANCE;
use crate::domain::text::shown;
use crate::restore::flows::{instance_store, scaling};

use super::super::facts::{Like, Ways};
use super::super::mark::Mark;
use super::super::steps::Relaunch;
use super::{asked, fine, interfaces, know, staying, stop};

pub(super) fn checks(relaunch: &Relaunch) -> Vec<Check> {
    let Some((old, ways)) = relaunch.old() else {
        return vec![know(
            "replaces",
            "no instance is replaced: what is launched stays isolated until you open it by hand",
        )];
    };
    let mut checks = vec![state(old), mark(old), network(relaunch, old)];
    // A look moves nothing and stops nothing.
    if relaunch.chosen.isolate_only {
        return checks;
    }
    if old.instance.state == "running" {
        checks.extend(stopping(old));
        checks.push(member(old, ways));
    }
    checks.extend(profile(relaunch, old));
    checks.extend(interfaces::check(relaunch, old));
    checks.extend(staying::checks(relaunch, old, ways));
    checks.push(know(
        "by-id",
        "alarms, backup selections and associations that name the old instance's id stay with it",
    ));
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

fn stopping(old: &Like) -> Vec<Check> {
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
    checks.push(instance_store::check(
        &old.instance,
        &old.instance_type,
        "launch with --isolate-only and move the traffic by hand",
    ));
    checks
}

/// What has no instance profile has no rights in AWS, and nothing gives it one later.
fn profile(relaunch: &Relaunch, old: &Like) -> Option<Check> {
    let before = old.configuration.profile.as_deref()?;
    if relaunch.launch.instance_profile.is_some() {
        return None;
    }
    let check = know(
        "instance-profile",
        "the new instance has no instance profile, after the cut-over neither: what it asks AWS for is refused",
    );
    Some(check.advise(format!(
        "say --instance-profile keep, or associate it before you move the traffic: aws ec2 \
         associate-iam-instance-profile --instance-id {NEW_INSTANCE} --iam-instance-profile Arn={}",
        shown(before)
    )))
}

/// A group that nobody could ask about may terminate what is stopped, and with it the way back.
fn member(old: &Like, ways: &Ways) -> Check {
    let name = "auto-scaling";
    let Some(member) = ways.member.value() else {
        return scaling::unknown(&old.instance, ways.member.why_unknown(), "stopped");
    };
    match member {
        None => fine(name, "it is in no Auto Scaling group"),
        Some(member) if member.lifecycle == "Standby" => know(
            name,
            format!(
                "it is on standby in {} already, and is left so; the new instance is no member",
                shown(&member.group)
            ),
        ),
        Some(member) if member.lifecycle != "InService" => stop(
            name,
            format!(
                "it is {} in {}",
                shown(&member.lifecycle),
                shown(&member.group)
            ),
        )
        .advise("wait until it is in service or on standby"),
        Some(member) => standby(ways, &member.group),
    }
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
