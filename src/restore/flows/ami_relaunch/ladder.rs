//! The ladder: what moves the traffic from the old instance to the new one, rung by rung, each with its way back.
//!
//! The engine takes them back last first, so a rung may count on the rungs after it being undone.

pub(super) mod targets;

use crate::domain::ids::InterfaceId;
use crate::domain::plan::{Impact, Ref, Step, Undo};
use crate::domain::text::shown;
use crate::restore::flows::put_aside;
use crate::restore::observations::autoscaling::Membership;
use crate::restore::observations::ec2_network::{Address, Interface};
use crate::restore::observations::route53::Pointing;
use crate::restore::operation::Operation;
use crate::restore::operations::autoscaling_group::{EnterStandby, ExitStandby};
use crate::restore::operations::ec2_address::AssociateAddress;
use crate::restore::operations::ec2_instance::StartInstance;
use crate::restore::operations::ec2_interface::{
    AttachInterface, DetachInterface, SetGroups, SetSourceDestCheck,
};
use crate::restore::operations::ec2_protection::{SetStopProtection, SetTerminationProtection};
use crate::restore::operations::ec2_tags::TagResource;
use crate::restore::operations::route53_record::{ChangeRecord, RecordSet};

use super::chosen::{Mode, Order};
use super::facts::{Like, Ways};
use super::person;
use super::steps::{Chain, HEALTHY, LAUNCH, Relaunch, step, undo, usual};

const TAG_OLD: &str = "tag-old";
const STANDBY: &str = "standby";
/// Seconds that Route 53 takes to bring a change to its servers.
const SPREADING: u64 = 60;

/// Stops the old instance, unless it is down already; its Auto Scaling group is told before.
pub(super) fn stop_old(relaunch: &Relaunch, chain: &mut Chain, impact: Impact) {
    let Some((old, _)) = relaunch.old() else {
        return;
    };
    if old.instance.state != "running" {
        return;
    }
    stand_by(relaunch, chain);
    if old.stop_protection.value() == Some(&true) {
        chain.push(allow_stop(old));
    }
    chain.push(relaunch.stop_step(old, impact));
}

/// A member that serves is put on standby, once: before it stops, and before anything takes it out of a target group that
/// its group looks at. One that is on standby already is none of ours.
pub(super) fn stand_by(relaunch: &Relaunch, chain: &mut Chain) {
    let serves = |member: &&Membership| member.lifecycle == "InService";
    let member = relaunch.old().and_then(|(old, ways)| {
        let member = ways.member.value()?.as_ref().filter(serves)?;
        Some((old, member))
    });
    if let Some((old, member)) = member.filter(|_| !chain.has(STANDBY)) {
        chain.push(standby(old, &member.group));
    }
}

/// Everything from a person's yes to the last one.
pub(super) fn rungs(relaunch: &Relaunch, chain: &mut Chain) {
    let two_writers = relaunch.both_serve();
    let side_by_side = relaunch.chosen.mode == Mode::SideBySide;
    if side_by_side && !two_writers {
        stop_old(relaunch, chain, Impact::Interrupts);
    }
    if let Some((old, ways)) = relaunch.old() {
        relaunch.open(old, chain);
        relaunch.addresses(old, ways, chain);
        targets::rungs(relaunch, chain);
        // Taken back before those: with an address or a target the old one is started, and it must not serve beside one
        // that still has its interface.
        relaunch.interfaces(old, chain);
        relaunch.records(ways, chain);
        targets::drained(relaunch, chain);
        if two_writers {
            stop_old(relaunch, chain, Impact::Retires);
        }
        protections(old, chain);
        relaunch.keep_old(old, chain);
    }
    chain.push(Step {
        gate: person::healthy(),
        expected: usual::PERSON,
        ..step(
            HEALTHY,
            "you: is the application healthy?".to_owned(),
            "status checks say nothing of the application",
        )
    });
}

/// The outage ends with the last rung that brings traffic, whichever way that comes: until then somebody is not served.
pub(super) fn mark_end_of_outage(steps: &mut [Step]) {
    let stopped = steps
        .iter()
        .position(|step| step.impact == Impact::Interrupts);
    let Some(stopped) = stopped else {
        return;
    };
    let last = |prefix: &str| {
        let found = |step: &Step| step.id.as_str().starts_with(prefix);
        steps.iter().rposition(found).filter(|at| *at > stopped)
    };
    let all = ["register-", "dns-", "address-", "interface-", "open"];
    let last = all
        .into_iter()
        .filter_map(last)
        .max()
        .or_else(|| last(HEALTHY));
    if let Some(last) = last.or_else(|| last_of(steps)) {
        steps[last].ends_outage = true;
    }
}

fn last_of(steps: &[Step]) -> Option<usize> {
    steps.len().checked_sub(1)
}

fn standby(old: &Like, group: &str) -> Step {
    let instance = old.instance.id.clone();
    let enter = EnterStandby {
        instance: instance.clone(),
        group: group.to_owned(),
    };
    let exit = ExitStandby {
        instance,
        group: group.to_owned(),
    };
    let called = shown(group);
    Step {
        call: Some(enter.call()),
        impact: Impact::Changes,
        expected: usual::STANDBY,
        undo: vec![Undo {
            call: Some(exit.call()),
            expected: usual::STANDBY,
            ..undo(format!("put {} into service in {called}", old.called()))
        }],
        ..step(
            STANDBY,
            format!("put {} on standby in {called}", old.called()),
            "its group would find it unhealthy once it stops, and terminate it",
        )
    }
}

fn allow_stop(old: &Like) -> Step {
    let set = |on| SetStopProtection {
        instance: Ref::Known(old.instance.id.clone()),
        on,
    };
    Step {
        call: Some(set(false).call()),
        impact: Impact::Changes,
        expected: usual::CALL,
        undo: vec![Undo {
            call: Some(set(true).call()),
            expected: usual::CALL,
            ..undo(format!("protect {} from being stopped again", old.called()))
        }],
        ..step(
            "allow-stop",
            format!("take the stop protection from {}", old.called()),
            "AWS refuses to stop it otherwise",
        )
    }
}

/// Both protections of the new instance as the old one had them; the old one is protected from now on.
fn protections(old: &Like, chain: &mut Chain) {
    let on = |fact: &crate::domain::facts::Fact<bool>| fact.value() == Some(&true);
    let step_of = |id: &str, what: &str, call| Step {
        call: Some(call),
        impact: Impact::Changes,
        expected: usual::CALL,
        ..step(
            id,
            format!("protect the new instance from {what}"),
            "as the old one was; it is not launched with it, so that a launch that failed can be cleared away",
        )
    };
    if on(&old.termination_protection) {
        let set = SetTerminationProtection {
            instance: Relaunch::new_instance(),
            on: true,
        };
        chain.push(step_of("termination-protection", "termination", set.call()));
    }
    if on(&old.stop_protection) {
        let set = SetStopProtection {
            instance: Relaunch::new_instance(),
            on: true,
        };
        chain.push(step_of("stop-protection", "being stopped", set.call()));
    }
}

impl Relaunch<'_> {
    pub(super) fn has(&self, rung: &str) -> bool {
        self.chosen.rungs.contains(rung)
    }

    fn new_interface() -> Ref<InterfaceId> {
        Ref::output(LAUNCH, "interface")
    }

    fn new_address() -> Ref<String> {
        Ref::output(LAUNCH, "private_ip")
    }

    /// The groups of the old primary interface for the new one.
    fn open(&self, old: &Like, chain: &mut Chain) {
        let Some(primary) = old.primary().filter(|_| self.has("security-groups")) else {
            return;
        };
        let groups: Vec<_> = primary.groups.iter().cloned().map(Ref::Known).collect();
        let set = |groups: &[_], before: &[_]| SetGroups {
            interface: Self::new_interface(),
            groups: groups.to_vec(),
            before: before.to_vec(),
        };
        let shut = [Self::group()];
        chain.push(Step {
            call: Some(set(&groups, &shut).call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            undo: self.shut(old).into_iter().collect(),
            ..step(
                "open",
                match groups.len() {
                    1 => "put the new instance into the group of the old one".to_owned(),
                    several => {
                        format!("put the new instance into the {several} groups of the old one")
                    }
                },
                "it reaches, and is reached, as the old one was",
            )
        });
        if !primary.source_dest_check {
            chain.push(Self::source_dest());
        }
    }

    fn source_dest() -> Step {
        let set = |check| SetSourceDestCheck {
            interface: Self::new_interface(),
            check,
        };
        Step {
            call: Some(set(false).call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            undo: vec![Undo {
                call: Some(set(true).call()),
                expected: usual::CALL,
                ..undo("check source and destination at the new instance".to_owned())
            }],
            ..step(
                "source-dest-check",
                "do not check source and destination at the new instance".to_owned(),
                "the old one forwards what is not sent to it",
            )
        }
    }

    /// Addresses of the old primary private address; those of a secondary interface go with that.
    fn own_addresses<'w>(&self, old: &Like, ways: &'w Ways) -> Vec<&'w Address> {
        let (Some(primary), true) = (old.primary(), self.has("address")) else {
            return Vec::new();
        };
        let all = ways.addresses.value().into_iter().flatten();
        let own = |address: &&Address| {
            address.interface == primary.id && address.private_ip == primary.private_ip
        };
        all.filter(own).collect()
    }

    fn addresses(&self, old: &Like, ways: &Ways, chain: &mut Chain) {
        for (n, address) in self.own_addresses(old, ways).into_iter().enumerate() {
            let mut step = Self::address(n + 1, address);
            step.undo = self.after_start(old, Self::address_back(address));
            chain.push(step);
        }
    }

    /// AWS gives an address only to what runs, and registers only that (EC2 and ELB API references): where the old one
    /// was stopped, the way back shuts the new one in, starts the old one, and only then goes on. What another rung
    /// has done already is not done again.
    pub(super) fn after_start(&self, old: &Like, back: Undo) -> Vec<Undo> {
        let stopped = !self.both_serve() && old.instance.state == "running";
        let (Some(shut), true) = (self.shut(old), stopped) else {
            return vec![back];
        };
        // Its status checks are waited for once everything leads to it again: one that fails them stays what it was.
        let start = StartInstance {
            instance: old.instance.id.clone(),
            until_ok: false,
        };
        let start = Undo {
            call: Some(start.call()),
            expected: usual::RUNNING,
            ..undo(format!("start {}", old.called()))
        };
        vec![shut, start, back]
    }

    /// Whether the new one serves beside the old one while the traffic moves, there and back.
    pub(super) fn both_serve(&self) -> bool {
        self.chosen.order == Order::NoGap
    }

    /// What a move back does to the service: where only one serves, that is the new one, until the old one has all.
    fn impact_back(&self) -> Impact {
        if self.both_serve() {
            Impact::Changes
        } else {
            Impact::Interrupts
        }
    }

    /// The new instance back in its shut group, so that no two serve.
    fn shut(&self, old: &Like) -> Option<Undo> {
        let primary = old.primary()?;
        let groups = primary.groups.iter().cloned().map(Ref::Known);
        let set = SetGroups {
            interface: Self::new_interface(),
            groups: vec![Self::group()],
            before: groups.collect(),
        };
        Some(Undo {
            call: Some(set.call()),
            expected: usual::CALL,
            impact: self.impact_back(),
            ..undo("put the new instance back into its shut group".to_owned())
        })
    }

    fn address(n: usize, address: &Address) -> Step {
        let there = AssociateAddress {
            allocation: address.allocation.clone(),
            interface: Self::new_interface(),
            private_ip: Self::new_address(),
            holder: Some(Ref::Known(address.interface.clone())),
        };
        Step {
            call: Some(there.call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            ..step(
                &format!("address-{n}"),
                format!("move {} to the new instance", shown(&address.public_ip)),
                "whoever knows the address finds the new one",
            )
        }
    }

    fn address_back(address: &Address) -> Undo {
        let back = AssociateAddress {
            allocation: address.allocation.clone(),
            interface: Ref::Known(address.interface.clone()),
            private_ip: Ref::Known(address.private_ip.clone()),
            holder: Some(Self::new_interface()),
        };
        Undo {
            call: Some(back.call()),
            expected: usual::CALL,
            ..undo(format!(
                "move {} back to the old instance",
                shown(&address.public_ip)
            ))
        }
    }

    fn interfaces(&self, old: &Like, chain: &mut Chain) {
        if !self.has("interface") {
            return;
        }
        for (n, interface) in old.secondary().enumerate() {
            let n = n + 1;
            chain.push(Self::take_interface(n, old, interface));
            chain.push(self.give_interface(n, old, interface));
        }
    }

    fn take_interface(n: usize, old: &Like, interface: &Interface) -> Step {
        let instance = || Ref::Known(old.instance.id.clone());
        let detach = DetachInterface {
            interface: interface.id.clone(),
            instance: instance(),
            attachment: Ref::Known(interface.attachment.clone()),
            next: Some(Self::new_instance()),
        };
        let attach = AttachInterface {
            interface: interface.id.clone(),
            instance: instance(),
            device_index: interface.device_index,
            card: interface.card,
        };
        Step {
            call: Some(detach.call()),
            impact: Impact::Changes,
            expected: usual::INTERFACE,
            undo: vec![Undo {
                call: Some(attach.call()),
                expected: usual::INTERFACE,
                ..undo(format!("attach {} to the old instance again", interface.id))
            }],
            ..step(
                &format!("take-interface-{n}"),
                format!("detach {} from {}", interface.id, old.called()),
                "its addresses and groups go with it",
            )
        }
    }

    fn give_interface(&self, n: usize, old: &Like, interface: &Interface) -> Step {
        let id = format!("interface-{n}");
        let attach = AttachInterface {
            interface: interface.id.clone(),
            instance: Self::new_instance(),
            device_index: interface.device_index,
            card: interface.card,
        };
        let detach = DetachInterface {
            interface: interface.id.clone(),
            instance: Self::new_instance(),
            attachment: Ref::output(&id, "attachment"),
            next: Some(Ref::Known(old.instance.id.clone())),
        };
        Step {
            call: Some(attach.call()),
            impact: Impact::Changes,
            expected: usual::INTERFACE,
            undo: vec![Undo {
                call: Some(detach.call()),
                expected: usual::INTERFACE,
                impact: self.impact_back(),
                ..undo(format!("detach {} from the new instance", interface.id))
            }],
            ..step(
                &id,
                format!("attach {} to the new instance", interface.id),
                "whoever knows its addresses finds the new one",
            )
        }
    }

    /// Records of the old primary private address. Those of an address that moves need no change.
    fn records(&self, ways: &Ways, chain: &mut Chain) {
        let (Some((old, _)), true) = (self.old(), self.has("dns")) else {
            return;
        };
        let all = ways.records.value().into_iter().flatten();
        let changed = all.filter_map(|found| Some((found, changed(old, found)?)));
        for (n, (found, (before, after))) in changed.enumerate() {
            chain.push(self.record(n + 1, found, &before, &after));
        }
    }

    fn record(&self, n: usize, found: &Pointing, before: &RecordSet, after: &RecordSet) -> Step {
        let change = |old: &RecordSet, new: &RecordSet, until_forgotten| ChangeRecord {
            zone: found.zone.clone(),
            old: old.clone(),
            new: new.clone(),
            until_forgotten,
        };
        // On the way back nothing else may wait for resolvers while nobody serves.
        let back_waits = self.both_serve();
        let kept = u64::try_from(before.ttl).unwrap_or_default();
        let called = before.called();
        let net = if found.private {
            "private zone"
        } else {
            "zone"
        };
        Step {
            call: Some(change(before, after, true).call()),
            impact: Impact::Changes,
            expected: kept + SPREADING,
            undo: vec![Undo {
                call: Some(change(after, before, back_waits).call()),
                expected: if back_waits {
                    kept + SPREADING
                } else {
                    usual::CALL
                },
                impact: self.impact_back(),
                ..undo(format!("change {called} back"))
            }],
            ..step(
                &format!("dns-{n}"),
                format!(
                    "change {called} in {net} {} to the new address; the old answer is kept for {kept} s",
                    shown(&found.zone_name)
                ),
                "whoever knows the name finds the new one",
            )
        }
    }

    /// The old instance is kept: it says until when, and is protected from being terminated by mistake.
    fn keep_old(&self, old: &Like, chain: &mut Chain) {
        let id = old.instance.id.as_str();
        let call = TagResource {
            resource: Ref::Known(id.to_owned()),
            tags: put_aside::tags(TAG_OLD, &self.chosen.keep_until),
        };
        chain.push(Step {
            call: Some(call.call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            undo: put_aside::back(id, &old.instance.tags, call.tags.keys()),
            ..step(
                TAG_OLD,
                format!(
                    "tag {} to be kept until {}",
                    old.called(),
                    shown(&self.chosen.keep_until)
                ),
                "whoever tidies up sees why it is there",
            )
        });
        if old.termination_protection.value() == Some(&false) {
            chain.push(protect_old(old));
        }
    }
}

fn protect_old(old: &Like) -> Step {
    let set = |on| SetTerminationProtection {
        instance: Ref::Known(old.instance.id.clone()),
        on,
    };
    Step {
        call: Some(set(true).call()),
        impact: Impact::Changes,
        expected: usual::CALL,
        undo: vec![Undo {
            call: Some(set(false).call()),
            expected: usual::CALL,
            ..undo(format!(
                "take the termination protection from {}",
                old.called()
            ))
        }],
        ..step(
            "protect-old",
            format!("protect {} from termination", old.called()),
            "it is the way back",
        )
    }
}

/// A record before and after, where it holds the old primary private address.
fn changed(old: &Like, found: &Pointing) -> Option<(RecordSet, RecordSet)> {
    let before = found.record.as_ref().filter(|record| record.kind == "A")?;
    let primary = &old.primary()?.private_ip;
    let is_old = |value: &Ref<String>| value.known() == Some(primary);
    if !before.values.iter().any(is_old) {
        return None;
    }
    let values = before.values.iter().map(|value| {
        if is_old(value) {
            Ref::output(LAUNCH, "private_ip")
        } else {
            value.clone()
        }
    });
    let after = RecordSet {
        values: values.collect(),
        ..before.clone()
    };
    Some((before.clone(), after))
}
