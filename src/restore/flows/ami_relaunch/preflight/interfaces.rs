//! Whether the secondary interfaces of the old instance can be attached to the new one. AWS would refuse only after the
//! old one was stopped.

use crate::domain::check::Check;
use crate::domain::text::{listed, shown};
use crate::restore::observations::ec2_network::Interface;

use super::super::facts::Like;
use super::super::steps::Relaunch;
use super::{fine, know, stop};

const NAME: &str = "interfaces";

/// Makes the check; none where there is only the primary interface.
pub(super) fn check(relaunch: &Relaunch, old: &Like) -> Option<Check> {
    let all = old.interfaces.iter().filter(|one| one.device_index != 0);
    let (managed, own): (Vec<&Interface>, Vec<&Interface>) = all.partition(|one| one.managed);
    if managed.is_empty() && own.is_empty() {
        return None;
    }
    if !relaunch.has("interface") {
        let found = format!("{} stay: interface is left out of --move", ids(&own));
        return Some(know(NAME, found));
    }
    Some(
        other_zone(relaunch, old, &own)
            .or_else(|| too_many(relaunch, &own))
            .unwrap_or_else(|| {
                if managed.is_empty() {
                    return fine(NAME, format!("{} move", ids(&own)));
                }
                let found = format!(
                    "{} stay with the old one: an AWS service manages them",
                    ids(&managed)
                );
                know(NAME, found).advise("set the service to the new instance by hand")
            }),
    )
}

/// An interface is attached in its own zone alone (EC2 user guide, "Network interface attachments").
fn other_zone(relaunch: &Relaunch, old: &Like, own: &[&Interface]) -> Option<Check> {
    let subnet = relaunch.facts.subnet.value()?.as_ref()?;
    let other = !own.is_empty() && subnet.zone != old.instance.zone;
    other.then(|| {
        stop(
            NAME,
            format!(
                "{} are in {}, {} is in {}",
                ids(own),
                shown(&old.instance.zone),
                shown(&subnet.id),
                shown(&subnet.zone)
            ),
        )
        .advise("choose a subnet of their zone, or leave interface out of --move")
    })
}

fn too_many(relaunch: &Relaunch, own: &[&Interface]) -> Option<Check> {
    let most = relaunch.facts.instance_type.value()?.most_interfaces?;
    let most = usize::try_from(most).unwrap_or_default();
    (own.len() + 1 > most).then(|| {
        stop(
            NAME,
            format!(
                "{} can have {most} interfaces, and needs {}",
                shown(&relaunch.launch.instance_type),
                own.len() + 1
            ),
        )
        .advise("choose a larger instance type, or leave interface out of --move")
    })
}

fn ids(all: &[&Interface]) -> String {
    let all: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    listed(&all)
}
