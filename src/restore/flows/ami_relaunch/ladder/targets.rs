//! The rungs of the load balancers: the new target is registered and healthy before the old one is drained.
//!
//! AWS registers only instances that run (ELB API reference, `RegisterTargets`): the old one is registered again once it
//! has started, and one that was stopped before the run is left registered.

use crate::domain::plan::{Impact, Ref, Step, Undo};
use crate::domain::text::shown;
use crate::restore::observations::elb::{Registration, TargetGroup};
use crate::restore::operation::Operation;
use crate::restore::operations::elb_target::{DeregisterTarget, RegisterTarget, Target};

use super::super::chosen::Mode;
use super::super::facts::Like;
use super::super::steps::{Chain, LAUNCH, Relaunch, step, undo, usual};

/// Seconds for which a target group drains, unless it says otherwise (ELB API reference).
const DRAINS: u32 = 300;

/// A registration of the old instance, and who takes its place.
struct Place<'a> {
    group: &'a TargetGroup,
    old: &'a Registration,
    new: Ref<String>,
}

/// All are registered before the first is taken away.
pub(super) fn rungs(relaunch: &Relaunch, chain: &mut Chain) {
    let all = places(relaunch);
    for (n, place) in all.iter().enumerate() {
        chain.push(place.register(n + 1, relaunch));
    }
    let running = relaunch
        .old()
        .is_some_and(|(old, _)| old.instance.state == "running");
    if !running || all.is_empty() {
        return;
    }
    // Its Auto Scaling group takes one that its load balancer does not find for unhealthy, and terminates it.
    super::stand_by(relaunch, chain);
    for (n, place) in all.iter().enumerate() {
        chain.push(place.deregister(n + 1, relaunch));
    }
}

/// Where only one serves, nothing waits for connections of the one that is stopped until everything has moved.
pub(super) fn drained(relaunch: &Relaunch, chain: &mut Chain) {
    let Some((old, _)) = relaunch.old().filter(|_| !relaunch.both_serve()) else {
        return;
    };
    if old.instance.state != "running" {
        return;
    }
    for (n, place) in places(relaunch).iter().enumerate() {
        let name = shown(&place.group.name);
        chain.push(Step {
            call: Some(place.taken(place.old_target(), true).call()),
            impact: Impact::Changes,
            expected: u64::from(place.drains()),
            ..step(
                &format!("drained-{}", n + 1),
                format!("see the old instance drained in {name}"),
                "until then the group shows it, though nothing is sent to it",
            )
        });
    }
}

/// Where everything leads to the old one again: its load balancers find it healthy, as before, and the new one gone.
pub(in super::super) fn proofs(relaunch: &Relaunch) -> Vec<Undo> {
    if waits_on_the_way(relaunch) {
        return Vec::new();
    }
    let moved = places(relaunch);
    let healthy = moved.iter().filter(|place| place.served()).map(|place| {
        let name = shown(&place.group.name);
        place.registered(true, format!("see the old instance healthy in {name}"))
    });
    let mut all: Vec<Undo> = healthy.collect();
    if let Some(last) = all.last_mut() {
        last.ends_outage = true;
    }
    all.extend(moved.iter().map(|place| {
        let taken = place.taken(place.target(place.new.clone()), true);
        let name = shown(&place.group.name);
        Undo {
            call: Some(taken.call()),
            expected: u64::from(place.drains()),
            ..undo(format!("see the new instance drained in {name}"))
        }
    }));
    all
}

/// Whether the way back waits for health and drained connections where it meets them. At its end it can only where the
/// old one was stopped after the launch: before that there is nothing to say of the new one.
fn waits_on_the_way(relaunch: &Relaunch) -> bool {
    relaunch.both_serve() || relaunch.chosen.mode == Mode::StopFirst
}

fn places<'a>(relaunch: &Relaunch<'a>) -> Vec<Place<'a>> {
    let Some((old, ways)) = relaunch.old().filter(|_| relaunch.has("targets")) else {
        return Vec::new();
    };
    let groups = ways.target_groups.value().into_iter().flatten();
    let all = groups.flat_map(|group| group.targets.iter().map(move |target| (group, target)));
    all.filter_map(|(group, target)| {
        Some(Place {
            group,
            old: target,
            new: instead(old, group, target)?,
        })
    })
    .collect()
}

/// Who is registered instead: the new instance for the old one, its address for the old primary one. An address that
/// moves with its interface stays registered.
fn instead(old: &Like, group: &TargetGroup, target: &Registration) -> Option<Ref<String>> {
    let primary = old.primary().map(|primary| primary.private_ip.as_str());
    match group.kind.as_str() {
        "instance" if target.id == old.instance.id.as_str() => {
            Some(Ref::output(LAUNCH, "instance"))
        }
        "ip" if Some(target.id.as_str()) == primary => Some(Ref::output(LAUNCH, "private_ip")),
        _another => None,
    }
}

impl Place<'_> {
    fn target(&self, id: Ref<String>) -> Target {
        Target {
            id,
            port: self.old.port,
            zone: self.old.zone.clone(),
        }
    }

    fn old_target(&self) -> Target {
        self.target(Ref::Known(self.old.id.clone()))
    }

    /// Out of the group, whoever serves beside it.
    fn taken(&self, target: Target, until_drained: bool) -> DeregisterTarget {
        DeregisterTarget {
            group: self.group.arn.clone(),
            target,
            drains: self.drains(),
            keep_serving: false,
            until_drained,
        }
    }

    fn drains(&self) -> u32 {
        self.group.drains.unwrap_or(DRAINS)
    }

    /// Whether the group finds out by itself that a target serves.
    fn proves(&self) -> bool {
        self.group.checks && self.group.balancers > 0
    }

    /// Whether the old target served when the plan was made. One that did not is not waited for on the way back: what
    /// was broken comes back as broken.
    fn served(&self) -> bool {
        self.proves() && self.old.state == "healthy"
    }

    fn register(&self, n: usize, relaunch: &Relaunch) -> Step {
        let register = RegisterTarget {
            group: self.group.arn.clone(),
            target: self.target(self.new.clone()),
            until_healthy: self.proves(),
        };
        let both = relaunch.both_serve();
        let waits = waits_on_the_way(relaunch);
        let take = DeregisterTarget {
            keep_serving: both && self.served(),
            ..self.taken(self.target(self.new.clone()), waits)
        };
        let name = shown(&self.group.name);
        Step {
            call: Some(register.call()),
            impact: Impact::Changes,
            expected: usual::HEALTHY,
            undo: vec![Undo {
                call: Some(take.call()),
                expected: if waits {
                    u64::from(self.drains())
                } else {
                    usual::CALL
                },
                ..undo(format!("take the new instance out of {name}"))
            }],
            ..step(
                &format!("register-{n}"),
                format!("put the new instance into target group {name}"),
                "the load balancer sends requests to it once it is healthy",
            )
        }
    }

    fn deregister(&self, n: usize, relaunch: &Relaunch) -> Step {
        let take = DeregisterTarget {
            keep_serving: self.proves(),
            ..self.taken(self.old_target(), relaunch.both_serve())
        };
        let name = shown(&self.group.name);
        let back = relaunch
            .old()
            .map(|(old, _)| relaunch.after_start(old, self.back(relaunch)));
        Step {
            call: Some(take.call()),
            impact: Impact::Changes,
            expected: if relaunch.both_serve() {
                u64::from(self.drains())
            } else {
                usual::CALL
            },
            undo: back.unwrap_or_default(),
            ..step(
                &format!("deregister-{n}"),
                format!("take the old instance out of target group {name}"),
                "its connections are drained; it is left as it is",
            )
        }
    }

    /// An old one that was stopped is not waited for here: nothing may stand behind its health on the way back.
    fn back(&self, relaunch: &Relaunch) -> Undo {
        let waits = waits_on_the_way(relaunch) && self.served();
        let name = shown(&self.group.name);
        self.registered(waits, format!("put the old instance into {name} again"))
    }

    fn registered(&self, until_healthy: bool, title: String) -> Undo {
        let register = RegisterTarget {
            group: self.group.arn.clone(),
            target: self.old_target(),
            until_healthy,
        };
        Undo {
            call: Some(register.call()),
            expected: if until_healthy {
                usual::HEALTHY
            } else {
                usual::CALL
            },
            ..undo(title)
        }
    }
}
