//! Checks of the place: the volume that is there or lost, the device, and what goes to the new volume.
//! A lost volume is said as loudly as a check can.

use crate::domain::check::Check;
use crate::domain::ec2::Tags;
use crate::domain::form::{Choices, ValueFrom};
use crate::domain::text::{Untrusted, shown};
use crate::restore::operation::{TAG_KEEP_UNTIL, TAG_RUN, TAG_STEP};

use super::super::settings::Settings;
use super::super::target::{Mode, Old, Target};
use super::{asked, fine, know, stop, unanswered};

/// AWS's limit of tags on one resource; its own `aws:*` tags do not count.
const MOST_TAGS: usize = 50;
/// Tags that mark a new volume as this run's.
const STAMPS: usize = 4;

pub(super) fn checks(target: &Target, settings: &Settings, choices: &Choices) -> Vec<Check> {
    let mut checks = vec![device(target)];
    checks.extend(on_termination(settings));
    match target.old {
        Some(old) => checks.extend(of_old(target, old, choices)),
        None => checks.push(slots(target)),
    }
    checks.extend(like(target));
    checks.extend(size(target, settings));
    checks.extend(limits(settings));
    checks.push(tag_budget(target, settings));
    checks
}

fn of_old(target: &Target, old: Old, choices: &Choices) -> Vec<Check> {
    let mut checks = vec![
        attachment(target, old),
        multi_attach(old),
        modification(target, old),
    ];
    if let Some(service) = &old.volume.operator {
        checks.push(
            stop("managed-volume", format!("managed by {}", shown(service)))
                .advise("AWS refuses to detach it; restore it through that service"),
        );
    }
    if !target.safety(choices) {
        checks.push(
            know(
                "safety-snapshot",
                "no safety snapshot is taken, as you chose",
            )
            .advise("the old volume itself is kept; nothing else holds the present state"),
        );
    }
    checks
}

fn device(target: &Target) -> Check {
    const NAME: &str = "device";
    let device = target.device_shown();
    let called = target.facts.instance_called();
    if target.lost() {
        return lost(target);
    }
    if target.mode == Mode::Beside {
        let found = format!("{device} of {called} is empty");
        return if of_root(target) {
            know(NAME, found).advise(
                "a copy of the root volume beside the root: do not reboot while both are \
                 attached, Linux may boot from the copy",
            )
        } else {
            fine(NAME, found)
        };
    }
    let card = target.old.and_then(|old| {
        let mut attachments = old.volume.attachments.iter();
        attachments.find_map(|attachment| attachment.card)
    });
    match card {
        Some(card) if card > 0 => know(NAME, format!("{device} is on EBS card {card}"))
            .advise("the new volume goes to the card that AWS chooses"),
        _first => fine(NAME, format!("{device} of {called}, as before")),
    }
}

/// Whether the snapshot is of the volume that the instance boots from.
fn of_root(target: &Target) -> bool {
    let root = target.facts.at(&target.instance.root_device);
    root.is_some_and(|root| Some(&root.volume) == target.facts.snapshot.volume.as_ref())
}

fn lost(target: &Target) -> Check {
    let found = format!(
        "THE VOLUME IS LOST: {} of {} is empty. Nothing is detached, there is no old volume to go \
         back to and no safety snapshot",
        target.device_shown(),
        target.facts.instance_called()
    );
    let alive = target.facts.source().map(|source| {
        let places = source.attachments.iter();
        let places: Vec<String> = places
            .map(|place| format!("{} at {}", place.instance, shown(&place.device)))
            .collect();
        let place = if places.is_empty() {
            "attached nowhere".to_owned()
        } else {
            format!("attached to {}", places.join(", "))
        };
        format!("; {} still exists, {place}", source.id)
    });
    know("device", found + &alive.unwrap_or_default())
        .advise("make sure that this is the device the volume was at")
}

fn on_termination(settings: &Settings) -> Option<Check> {
    let nobody_knows = settings.delete_on_termination.value.is_none();
    nobody_knows.then(|| {
        stop(
            "delete-on-termination",
            "nobody can tell any more whether the lost volume went with its instance",
        )
        .advise("say yes or no to delete on termination")
    })
}

fn attachment(target: &Target, old: Old) -> Check {
    const NAME: &str = "attachment";
    let id = &old.volume.id;
    let mut attachments = old.volume.attachments.iter();
    let here = attachments.find(|attachment| attachment.instance == target.instance.id);
    let Some(here) = here else {
        return unanswered(NAME, &format!("EC2 does not list the attachment of {id}"));
    };
    let found = format!("{id} is {}", shown(&here.state));
    match here.state.as_str() {
        "attached" => fine(NAME, found),
        "busy" => stop(
            NAME,
            format!("{found}: a detach waits for it to be unmounted"),
        )
        .advise("unmount it or stop the instance, and plan again"),
        _between => stop(NAME, found).advise("wait until it is attached, and plan again"),
    }
}

fn multi_attach(old: Old) -> Check {
    const NAME: &str = "multi-attach";
    let attachments = old.volume.attachments.len();
    if attachments > 1 {
        return stop(NAME, format!("attached to {attachments} instances at once"))
            .advise("take it out of use on all of them first; defib swaps it on one");
    }
    if old.volume.multi_attach {
        let found = "several instances may attach it, one does; the new one allows it too";
        return know(NAME, found);
    }
    fine(NAME, "attached to this instance alone")
}

fn modification(target: &Target, old: Old) -> Check {
    const NAME: &str = "volume-modification";
    let id = &old.volume.id;
    let Some(fact) = target.facts.modifications.get(id) else {
        return unanswered(NAME, &format!("modifications of {id} were not read"));
    };
    asked(NAME, fact, |found| match found {
        Some(found) if matches!(found.state.as_str(), "modifying" | "optimizing") => {
            let progress = found.progress.map(|progress| format!(" ({progress} %)"));
            know(
                NAME,
                format!(
                    "{id} is {}{}",
                    shown(&found.state),
                    progress.unwrap_or_default()
                ),
            )
            .advise("the old volume goes on being modified; the new one is made as it shows now")
        }
        _settled => fine(NAME, format!("{id} is not being modified")),
    })
}

/// Only an additional volume needs a free slot; a swap frees the one that it takes.
fn slots(target: &Target) -> Check {
    const NAME: &str = "attachment-slots";
    asked(NAME, &target.facts.instance_type, |kind| {
        let Some(most) = kind
            .most_volumes
            .and_then(|most| usize::try_from(most).ok())
        else {
            return unanswered(
                NAME,
                "AWS does not tell how many volumes the instance type takes",
            );
        };
        let shared = if kind.shared_slots {
            target.instance.interfaces + kind.disks
        } else {
            0
        };
        let used = target.instance.mappings.len() + shared;
        let found = format!("{used} of {most} attachment slots are in use");
        if used < most {
            fine(NAME, found)
        } else {
            stop(NAME, found).advise("detach something first")
        }
    })
}

/// Where there is no volume to be like.
fn like(target: &Target) -> Option<Check> {
    const NAME: &str = "carried-over";
    if target.like.is_some() {
        return None;
    }
    if let Some(why) = target.facts.source.why_unknown() {
        return Some(unanswered(NAME, why));
    }
    Some(
        know(
            NAME,
            "no volume is left to be like: type, IOPS, throughput and tags are not known",
        )
        .advise("gp3 without tags is proposed; choose volume type, IOPS and throughput"),
    )
}

/// Where the old size would not hold the snapshot.
fn size(target: &Target, settings: &Settings) -> Option<Check> {
    let before = target.like.map(|like| like.size)?;
    let grows = settings.size.from == ValueFrom::Proposed;
    grows.then(|| {
        know(
            "size",
            format!(
                "{before} GiB would not hold the snapshot: the new volume has {} GiB",
                settings.size.value
            ),
        )
    })
}

/// What AWS would refuse of values that nobody chose; those that somebody chose are refused with their
/// field.
fn limits(settings: &Settings) -> Option<Check> {
    settings.misfit().map(|misfit| {
        let fields: Vec<String> = misfit
            .fields
            .iter()
            .map(|field| field.replace('-', " "))
            .collect();
        stop("volume-limits", misfit.why).advise(format!("choose another {}", fields.join(" or ")))
    })
}

fn tag_budget(target: &Target, settings: &Settings) -> Check {
    const NAME: &str = "tag-budget";
    let new = settings.tags.len() + STAMPS;
    let old = target.old.map_or(0, |old| marked(&old.volume.tags));
    let most = new.max(old);
    if most > MOST_TAGS {
        let found = format!("{most} tags would be needed on one volume, AWS allows {MOST_TAGS}");
        let advice = format!("remove {} tags from the old volume", most - MOST_TAGS);
        return stop(NAME, found).advise(advice);
    }
    fine(NAME, format!("tags carried over: {}", settings.tags.len()))
}

/// How many tags the old volume has once it is marked.
fn marked(tags: &Tags) -> usize {
    let counted = tags.keys().filter(|key| !key.raw().starts_with("aws:"));
    let marks = [TAG_RUN, TAG_STEP, TAG_KEEP_UNTIL];
    let added = marks
        .iter()
        .filter(|key| !tags.contains_key(&Untrusted::from(**key)));
    counted.count() + added.count()
}
