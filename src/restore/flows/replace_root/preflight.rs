//! The checks before a replacement: what EC2 takes, and where it does not, that a volume swap does.
//! A read that failed is never taken for fine.

use crate::domain::check::{Check, Verdict};
use crate::domain::form::Choices;
use crate::domain::plan::{Call, Step};
use crate::domain::text::{Untrusted, shown};
use crate::restore::flows::verdicts::{asked, fine, know, not_a_plan, stop, unanswered};
use crate::restore::flows::{fits, scaling};
use crate::restore::observations::ec2_dry_run::{Answer, action};
use crate::restore::observations::ec2_image::Image;
use crate::restore::observations::ec2_snapshot::Snapshot;
use crate::restore::operations::ec2_active::TAG_ACTIVE;

use super::facts::{RootFacts, Source};
use super::steps::{keep_until, steps};

const SWAP: &str = "use the volume swap instead: it takes any snapshot";

/// Makes the checks.
pub(super) fn checks(facts: &RootFacts, choices: &Choices) -> Vec<Check> {
    let made = keep_until(facts, choices).and_then(|until| steps(facts, choices, &until));
    let steps = match made {
        Ok(steps) => steps,
        Err(error) => return vec![not_a_plan(&error)],
    };
    let mut checks = vec![state(facts), root(facts), active(facts), group(facts)];
    checks.extend(match &facts.source {
        Source::Snapshot(snapshot) => of_snapshot(facts, snapshot),
        Source::Image(image) | Source::Launch(image) => of_image(facts, image),
    });
    checks.push(Check::new(
        "reboot",
        Verdict::Know,
        "the instance reboots and what it has in memory is lost; data volumes, addresses and instance store stay",
    ));
    checks.push(encryption(facts));
    checks.extend(permissions(facts, &steps));
    checks
}

/// AWS puts back an unencrypted volume only in place of an unencrypted one (EC2 user guide, replace a root volume).
fn encryption(facts: &RootFacts) -> Check {
    let name = "way-back";
    if facts.root.encrypted {
        return fine(name, "the old root is encrypted: EC2 puts it back");
    }
    let source = match &facts.source {
        Source::Snapshot(snapshot) => snapshot.encrypted,
        Source::Image(image) | Source::Launch(image) => {
            let mut devices = image.devices.iter();
            devices.any(|device| device.device == image.root_device && device.encrypted)
        }
    };
    let by_default = facts.encryption_by_default.value();
    if !source && by_default.is_none() {
        let why = facts.encryption_by_default.why_unknown();
        return unanswered(name, why.unwrap_or("no reason given"));
    }
    if !source && by_default == Some(&false) {
        return fine(name, "neither root is encrypted: EC2 puts the old one back");
    }
    let who = if source {
        "its source is"
    } else {
        "the account encrypts new volumes"
    };
    know(
        name,
        format!(
            "the new root is encrypted, as {who}, and the old one is not: EC2 may refuse to put the old one back"
        ),
    )
    .advise("the way back is then a volume swap with the safety snapshot; to have one at hand, use the volume swap now")
}

fn state(facts: &RootFacts) -> Check {
    let called = facts.called();
    match facts.instance.state.as_str() {
        "running" => fine("instance-state", format!("{called} is running")),
        other => stop(
            "instance-state",
            format!(
                "{called} is {}: EC2 replaces the root of a running one only",
                shown(other)
            ),
        )
        .advise(format!("start it, or {SWAP}")),
    }
}

fn root(facts: &RootFacts) -> Check {
    let kind = &facts.instance.instance_type;
    if facts.instance.root_device_type != "ebs" {
        return stop("root", "the root is no EBS volume");
    }
    let metal = kind.contains(".metal") && !kind.starts_with("mac");
    if metal {
        return stop(
            "root",
            format!("EC2 does not replace the root of {}", shown(kind)),
        )
        .advise(SWAP);
    }
    fine(
        "root",
        format!(
            "{} at {}",
            facts.root.id,
            shown(&facts.instance.root_device)
        ),
    )
}

fn active(facts: &RootFacts) -> Check {
    match facts.instance.tags.get(&Untrusted::from(TAG_ACTIVE)) {
        None => fine(
            "active",
            format!("nobody else is restoring {}", facts.called()),
        ),
        Some(run) => know(
            "active",
            format!(
                "{} is marked by run {}, which may still be under way",
                facts.called(),
                run.shown()
            ),
        ),
    }
}

fn group(facts: &RootFacts) -> Check {
    let name = "auto-scaling";
    let Some(group) = facts.group.value() else {
        return scaling::unknown(&facts.instance, facts.group.why_unknown(), "rebooted");
    };
    match group {
        None => fine(name, "it is in service in no Auto Scaling group"),
        Some(group) => know(
            name,
            format!(
                "{} is kept from replacing members meanwhile",
                shown(&group.name)
            ),
        ),
    }
}

/// AWS takes snapshots of this instance's root, now or before, and no copies (EC2 user guide, replace a root volume).
fn of_snapshot(facts: &RootFacts, snapshot: &Snapshot) -> Vec<Check> {
    let id = &snapshot.id;
    let state = match (snapshot.state.as_str(), snapshot.tier.as_str()) {
        ("completed", "standard") => fine("snapshot-state", format!("{id} is completed")),
        ("completed", tier) => stop(
            "snapshot-state",
            format!("{id} is in the {} tier", shown(tier)),
        ),
        (other, _) => stop("snapshot-state", format!("{id} is {}", shown(other))),
    };
    let lineage = match &snapshot.volume {
        None => stop(
            "lineage",
            format!("{id} is a copy, which EC2 does not take here"),
        )
        .advise(SWAP),
        Some(volume) if *volume == facts.root.id => fine(
            "lineage",
            format!("{id} is of {volume}, the root that is there"),
        ),
        Some(volume) if facts.taken_before.value() == Some(&true) => fine(
            "lineage",
            format!("{id} is of {volume}; EC2 has made a root of this instance from it before"),
        ),
        Some(volume) => know(
            "lineage",
            format!("{id} is of {volume}: EC2 takes it only if that was a root of this instance"),
        )
        .advise(format!("if it is refused, nothing has changed: {SWAP}")),
    };
    vec![state, lineage]
}

fn of_image(facts: &RootFacts, image: &Image) -> Vec<Check> {
    let id = &image.id;
    let launch = matches!(facts.source, Source::Launch(_));
    if launch {
        return vec![fine(
            "launch-state",
            format!("as it was launched from {id}; no other point is used"),
        )];
    }
    let state = match image.state.as_str() {
        "available" => fine("image-state", format!("{id} is available")),
        other => stop("image-state", format!("{id} is {}", shown(other))),
    };
    let architecture = if image.architecture == facts.architecture {
        fine(
            "architecture",
            format!("the image is {}", shown(&image.architecture)),
        )
    } else {
        let (found, wanted) = (shown(&image.architecture), shown(&facts.architecture));
        stop(
            "architecture",
            format!("the image is {found}, the instance {wanted}"),
        )
    };
    let product = if image.product_codes.is_empty() {
        fine("product-codes", "the image carries no Marketplace product")
    } else {
        stop("product-codes", "EC2 takes no Marketplace image here")
            .advise("relaunch from it instead")
    };
    let mut devices = image.devices.iter();
    let device = devices.find(|device| device.device == image.root_device);
    let size = match device.and_then(|device| device.size) {
        Some(size) if size >= facts.root.size => {
            fine("root-size", format!("its root is {size} GiB"))
        }
        size => stop(
            "root-size",
            format!(
                "its root is {} GiB, less than the {} GiB that are there",
                size.unwrap_or_default(),
                facts.root.size
            ),
        )
        .advise(SWAP),
    };
    let mut checks = vec![state, architecture, product, size];
    let fit = fits::checks(image, &facts.instance.instance_type, &facts.instance_type);
    checks.extend(fit.into_iter().filter(|check| check.name != "architecture"));
    checks
}

/// Returns one call of each operation in the plan: a step's own before an undo's.
pub(super) fn calls(steps: &[Step]) -> Vec<&Call> {
    let forward = steps.iter().filter_map(|step| step.call.as_ref());
    let back = steps
        .iter()
        .flat_map(|step| &step.undo)
        .filter_map(|undo| undo.call.as_ref());
    let mut calls: Vec<&Call> = Vec::new();
    for call in forward.chain(back) {
        if !calls.iter().any(|known| known.operation == call.operation) {
            calls.push(call);
        }
    }
    calls
}

fn permissions(facts: &RootFacts, steps: &[Step]) -> Vec<Check> {
    let of = |call: &Call| {
        let short = call.operation.rsplit(':').next().unwrap_or_default();
        let name = format!("permission-{short}");
        let action = action(call);
        let mut known = facts.permissions.iter();
        let Some(found) = known.find(|one| one.operation == call.operation) else {
            return unanswered(&name, &format!("{action} was not asked about"));
        };
        asked(&name, &found.answer, |answer| match answer {
            Answer::Allowed => fine(&name, format!("{action} is allowed")),
            Answer::Denied(why) => Check {
                missing_actions: vec![action.clone()],
                ..stop(&name, format!("{action} is denied: {}", why.shown()))
            },
        })
    };
    calls(steps).into_iter().map(of).collect()
}
