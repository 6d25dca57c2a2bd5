//! Checks of the recovery point: its state, its keys, and what was taken together with it.
//! A key that cannot be used stops here, since AWS would notice only after the volume was made.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::restore::flows::kms_keys;

use super::super::settings::Settings;
use super::super::target::Target;
use super::{asked, fine, know, stop, unanswered};

pub(super) fn checks(target: &Target, settings: &Settings) -> Vec<Check> {
    let mut checks = vec![state(target), tier(target), source(target)];
    if target.facts.snapshot.owner != target.facts.place.account {
        checks.push(know(
            "snapshot-owner",
            format!(
                "{} belongs to account {}; it can be taken away at any time",
                target.facts.snapshot.id, target.facts.snapshot.owner
            ),
        ));
    }
    checks.push(encryption(target, settings));
    checks.extend(keys(target, settings));
    checks.push(siblings(target));
    checks
}

fn state(target: &Target) -> Check {
    const NAME: &str = "snapshot-state";
    let snapshot = &target.facts.snapshot;
    let found = format!("{} is {}", snapshot.id, shown(&snapshot.state));
    let with_reason = || match &snapshot.state_message {
        Some(why) => format!("{found}: {}", why.shown()),
        None => found.clone(),
    };
    match snapshot.state.as_str() {
        "completed" => fine(NAME, found),
        "pending" => {
            let progress = snapshot.progress.as_deref().map(shown).unwrap_or_default();
            stop(NAME, format!("{found} {progress}").trim_end())
                .advise("wait until it is completed")
        }
        "recoverable" | "recovering" => stop(NAME, format!("{found}: it is in the Recycle Bin"))
            .advise("take it out with aws ec2 restore-snapshot-from-recycle-bin"),
        _failed => stop(NAME, with_reason()).advise("choose another snapshot"),
    }
}

fn tier(target: &Target) -> Check {
    const NAME: &str = "snapshot-tier";
    let snapshot = &target.facts.snapshot;
    let found = format!("{} is in the {} tier", snapshot.id, shown(&snapshot.tier));
    if snapshot.tier == "standard" {
        return fine(NAME, found);
    }
    stop(NAME, found).advise(format!(
        "bring it back with aws ec2 restore-snapshot-tier --snapshot-id {} \
         --temporary-restore-days 7 (up to 72 hours), or choose another snapshot",
        snapshot.id
    ))
}

/// Whether the snapshot is of the volume that it replaces.
fn source(target: &Target) -> Check {
    const NAME: &str = "snapshot-source";
    const BOOT: &str = "a snapshot carries neither boot mode nor architecture: make sure that it is \
                        of a root volume that boots on this instance";
    let snapshot = &target.facts.snapshot;
    let at = snapshot.started_at;
    let (check, same) = match (&snapshot.volume, target.old) {
        (Some(volume), Some(old)) if volume == &old.volume.id => {
            return fine(
                NAME,
                format!("{} was taken from {volume} at {at}", snapshot.id),
            );
        }
        (Some(volume), Some(_)) => (
            format!(
                "{} was taken from {volume}, but {} holds {}",
                snapshot.id,
                target.device_shown(),
                target.old_called()
            ),
            false,
        ),
        (Some(volume), None) => (
            format!("{} was taken from {volume} at {at}", snapshot.id),
            true,
        ),
        (None, _) => (
            format!(
                "{} is a copy: AWS does not tell of which volume, and {at} is when it was copied, \
                 so its data may be older",
                snapshot.id
            ),
            false,
        ),
    };
    match (target.root(), same) {
        (false, true) => fine(NAME, check),
        (false, false) => know(NAME, check).advise("make sure that it is the data you want here"),
        (true, _) => know(NAME, check).advise(BOOT),
    }
}

fn encryption(target: &Target, settings: &Settings) -> Check {
    const NAME: &str = "encryption";
    let before = target.like.map(|like| like.encrypted);
    match (before, settings.encrypted.value) {
        (Some(true), _) => fine(NAME, "the new volume is encrypted, as before"),
        (Some(false), true) => know(
            NAME,
            "the new volume is encrypted although the old one is not: snapshot, account or your \
             choice of a key demand it",
        ),
        (None, true) => fine(NAME, "the new volume is encrypted"),
        (Some(false) | None, false) => asked(NAME, &target.facts.encryption_by_default, |_| {
            fine(NAME, "neither snapshot nor account demand encryption")
        }),
    }
}

fn keys(target: &Target, settings: &Settings) -> Vec<Check> {
    let snapshot = &target.facts.snapshot;
    let keys = &target.facts.keys;
    let mut checks = Vec::new();
    if snapshot.encrypted {
        checks.push(match &snapshot.kms_key {
            Some(id) => kms_keys::check("snapshot-key", "the snapshot's key", id, keys),
            None => unanswered("snapshot-key", "AWS does not name the snapshot's key"),
        });
    }
    if settings.encrypted.value {
        let default = &target.facts.default_key;
        checks.push(match (&settings.kms_key.value, default.value()) {
            (Some(id), _) => kms_keys::check("target-key", "the new volume's key", id, keys),
            (None, Some(id)) => {
                kms_keys::check("target-key", "the account's default key", id, keys)
            }
            (None, None) => {
                let why = default.why_unknown().unwrap_or_default();
                unanswered("target-key", why)
            }
        });
    }
    checks
}

fn siblings(target: &Target) -> Check {
    const NAME: &str = "sibling-snapshots";
    asked(NAME, &target.facts.siblings, |siblings| {
        if siblings.is_empty() {
            let none = "no other volume of the instance was snapshotted within the same minute";
            return fine(NAME, none);
        }
        let each = siblings.iter();
        let each = each.map(|sibling| format!("{} of {}", sibling.id, sibling.volume));
        let all: Vec<String> = each.collect();
        know(
            NAME,
            format!("taken within the same minute: {}", all.join(", ")),
        )
        .advise(
            "volumes that form one RAID array or LVM volume group must go back together: restore \
             the whole set, one plan for each volume, or none of it",
        )
    })
}
