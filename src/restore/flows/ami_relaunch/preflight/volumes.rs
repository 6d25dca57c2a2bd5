//! The KMS keys of the image's snapshots and of the new volumes.
//! AWS would accept a launch with one that cannot be used, and end it afterwards.

use std::collections::BTreeSet;

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::restore::flows::kms_keys;

use super::super::steps::Relaunch;
use super::unanswered;

pub(super) fn checks(relaunch: &Relaunch) -> Vec<Check> {
    let mut checks = of_snapshots(relaunch);
    checks.extend(of_volumes(relaunch));
    checks
}

fn of_snapshots(relaunch: &Relaunch) -> Vec<Check> {
    let name = "snapshot-key";
    let (mut ids, mut checks) = (BTreeSet::new(), Vec::new());
    for (id, snapshot) in &relaunch.facts.snapshots {
        let found = snapshot.value().and_then(Option::as_ref);
        match (
            found.and_then(|found| found.kms_key.clone()),
            snapshot.why_unknown(),
        ) {
            (Some(key), _) => {
                ids.insert(key);
            }
            (None, Some(why)) => checks.push(unanswered(name, why)),
            (None, None) => {
                let why = format!("AWS does not tell the key of {}", shown(id.as_str()));
                checks.push(unanswered(name, &why));
            }
        }
    }
    let keys = &relaunch.facts.keys;
    let each = ids
        .iter()
        .map(|id| kms_keys::check(name, "the key of the image's snapshots", id, keys));
    checks.extend(each);
    checks
}

/// A volume of an encrypted snapshot keeps its key where none is named (EBS user guide, "Encryption outcomes").
fn of_volumes(relaunch: &Relaunch) -> Vec<Check> {
    let name = "target-key";
    let facts = relaunch.facts;
    let devices = &relaunch.launch.block_devices;
    let own = devices.iter().filter(|device| device.encrypted);
    let own: BTreeSet<&String> = own.filter_map(|device| device.kms_key.as_ref()).collect();
    let each = own
        .into_iter()
        .map(|id| kms_keys::check(name, "the new volumes' key", id, &facts.keys));
    let mut checks: Vec<Check> = each.collect();
    let plain = devices.iter().any(|device| !device.encrypted);
    let default = &facts.default_key;
    match (facts.encryption_by_default.value(), default.value()) {
        (Some(true), Some(id)) if plain => {
            let what = "the account's default key";
            checks.push(kms_keys::check(name, what, id, &facts.keys));
        }
        (Some(true), None) if plain => {
            checks.push(unanswered(name, default.why_unknown().unwrap_or_default()));
        }
        (None, _) if plain => {
            let why = facts.encryption_by_default.why_unknown();
            checks.push(unanswered(name, why.unwrap_or_default()));
        }
        (Some(_) | None, _) => {}
    }
    checks
}
