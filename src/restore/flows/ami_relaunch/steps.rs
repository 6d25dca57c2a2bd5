//! The steps of a relaunch, one after the other: a shut group, the launch into it, a person's look, and the ladder.
//!
//! Every step needs the one before it, so that the order is what the plan shows.

use crate::domain::ids::{GroupId, InstanceId, StepId};
use crate::domain::plan::{Gate, Impact, Ref, Step, Undo};
use crate::restore::operation::Operation;
use crate::restore::operations::ec2_active::{MarkActive, UnmarkActive};
use crate::restore::operations::ec2_group::{AllowEgress, AllowIngress, CreateGroup, RevokeEgress};
use crate::restore::operations::ec2_instance::{StartInstance, StopInstance};
use crate::restore::operations::ec2_launch::LaunchInstance;

use super::chosen::{Chosen, Mode, Order};
use super::facts::{Like, RelaunchFacts, Ways};
use super::ladder;
use super::mark::Mark;
use super::person;

pub(super) const MARK: &str = "mark";
pub(super) const CREATE_GROUP: &str = "create-group";
pub(super) const NO_EGRESS: &str = "no-egress";
pub(super) const ALLOW: &str = "allow-operator";
pub(super) const ALLOW_ENDPOINTS: &str = "allow-endpoints";
pub(super) const STOP_OLD: &str = "stop-old";
pub(super) const LAUNCH: &str = "launch";
pub(super) const LOOK: &str = "look";
pub(super) const HEALTHY: &str = "healthy";
pub(super) const UNMARK: &str = "unmark";

/// Usual durations in seconds; a person's are a guess.
pub(super) mod usual {
    pub const CALL: u64 = 2;
    pub const STOP: u64 = 60;
    pub const START: u64 = 150;
    pub const RUNNING: u64 = 30;
    pub const LAUNCH: u64 = 180;
    pub const INTERFACE: u64 = 20;
    pub const HEALTHY: u64 = 60;
    pub const STANDBY: u64 = 30;
    pub const PERSON: u64 = 300;
}

/// What the steps are made from.
pub(super) struct Relaunch<'a> {
    pub facts: &'a RelaunchFacts,
    pub chosen: &'a Chosen,
    pub launch: LaunchInstance,
    pub vpc: &'a str,
}

/// Steps in their order, each after the one before.
#[derive(Default)]
pub(super) struct Chain(Vec<Step>);

impl Chain {
    pub(super) fn push(&mut self, mut step: Step) {
        let last = self.0.last();
        step.needs = last.map(|last| last.id.clone()).into_iter().collect();
        self.0.push(step);
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|step| step.id.as_str() == id)
    }
}

impl<'a> Relaunch<'a> {
    /// The instance to replace, while it is there.
    pub(super) fn old(&self) -> Option<(&'a Like, &'a Ways)> {
        self.facts.old()
    }

    pub(super) fn group() -> Ref<GroupId> {
        Ref::output(CREATE_GROUP, "group")
    }

    pub(super) fn new_instance() -> Ref<InstanceId> {
        Ref::output(LAUNCH, "instance")
    }
}

/// Makes the steps in the order they are shown in.
pub(super) fn steps(relaunch: &Relaunch) -> Vec<Step> {
    let mut chain = Chain::default();
    if let Some((old, _)) = relaunch.old() {
        chain.push(Relaunch::mark(old));
    }
    chain.push(relaunch.create_group());
    chain.push(Relaunch::no_egress());
    chain.push(relaunch.allow_operator());
    if !relaunch.launch.egress.cidrs.is_empty() {
        chain.push(relaunch.allow_endpoints());
    }
    let moves = !relaunch.chosen.isolate_only;
    if relaunch.chosen.mode == Mode::StopFirst {
        ladder::stop_old(relaunch, &mut chain, Impact::Interrupts);
    }
    chain.push(relaunch.launch_step());
    chain.push(relaunch.look());
    if moves {
        ladder::rungs(relaunch, &mut chain);
    }
    if let Some((old, _)) = relaunch.old() {
        chain.push(Relaunch::unmark(old));
    }
    let mut steps = chain.0;
    ladder::mark_end_of_outage(&mut steps);
    steps
}

impl Relaunch<'_> {
    fn mark(old: &Like) -> Step {
        let resource = old.instance.id.as_str().to_owned();
        let mark = Mark::of(old);
        let call = MarkActive {
            resource: resource.clone(),
            instead_of: mark.as_ref().map(|mark| mark.run.clone()),
        };
        Step {
            call: Some(call.call()),
            gate: mark.map_or(Gate::None, |mark| mark.gate()),
            impact: Impact::Changes,
            expected: usual::CALL,
            undo: vec![Undo {
                call: Some(UnmarkActive { resource }.call()),
                expected: usual::CALL,
                ..undo(format!("take the mark from {}", old.called()))
            }],
            ..step(
                MARK,
                format!("mark {} as being restored", old.called()),
                "tells whoever else wants to restore it that somebody is at it; it is no lock",
            )
        }
    }

    fn unmark(old: &Like) -> Step {
        let resource = old.instance.id.as_str().to_owned();
        let again = MarkActive {
            resource: resource.clone(),
            instead_of: None,
        };
        Step {
            call: Some(UnmarkActive { resource }.call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            undo: vec![Undo {
                call: Some(again.call()),
                expected: usual::CALL,
                ..undo(format!("mark {} again", old.called()))
            }],
            ..step(
                UNMARK,
                format!("take the mark from {}", old.called()),
                "the restore is over",
            )
        }
    }

    fn create_group(&self) -> Step {
        let call = CreateGroup {
            vpc: self.vpc.to_owned(),
            description: "defib: keeps an instance apart until a person has looked at it"
                .to_owned(),
        };
        Step {
            call: Some(call.call()),
            impact: Impact::Creates,
            expected: usual::CALL,
            ..step(
                CREATE_GROUP,
                format!(
                    "make a security group in {}",
                    crate::domain::text::shown(self.vpc)
                ),
                "what is launched is kept apart by it",
            )
        }
    }

    fn no_egress() -> Step {
        let call = RevokeEgress {
            group: Self::group(),
            rules: Ref::output(CREATE_GROUP, "egress_rules"),
        };
        Step {
            call: Some(call.call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            ..step(
                NO_EGRESS,
                "let nothing out of the group".to_owned(),
                "AWS lets everything out of a new group; what boots must reach nothing",
            )
        }
    }

    fn allow_operator(&self) -> Step {
        let ingress = &self.launch.ingress;
        let ports: Vec<String> = ingress.ports.iter().map(u16::to_string).collect();
        let call = AllowIngress {
            group: Self::group(),
            opening: ingress.clone(),
        };
        Step {
            call: Some(call.call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            ..step(
                ALLOW,
                format!(
                    "let {} in, TCP {}",
                    crate::domain::text::listed(&ingress.cidrs),
                    ports.join(", ")
                ),
                "somebody has to look at what was launched",
            )
        }
    }

    fn allow_endpoints(&self) -> Step {
        let egress = &self.launch.egress;
        let call = AllowEgress {
            group: Self::group(),
            opening: egress.clone(),
        };
        Step {
            call: Some(call.call()),
            impact: Impact::Changes,
            expected: usual::CALL,
            ..step(
                ALLOW_ENDPOINTS,
                format!(
                    "let the group reach {} endpoint addresses, TCP 443",
                    egress.cidrs.len()
                ),
                "Session Manager works over the endpoints of the VPC; nothing else of the VPC is reached",
            )
        }
    }

    fn launch_step(&self) -> Step {
        let image = &self.facts.image;
        Step {
            call: Some(self.launch.call()),
            impact: Impact::Creates,
            expected: usual::LAUNCH,
            ..step(
                LAUNCH,
                format!(
                    "launch {} from {} into the group",
                    self.launch.instance_type, image.id
                ),
                "it runs without touching anything: the group is read and must be shut right before",
            )
        }
    }

    fn look(&self) -> Step {
        Step {
            gate: person::look(self),
            expected: usual::PERSON,
            ..step(
                LOOK,
                "you: look at the isolated instance".to_owned(),
                "nothing has moved yet, and nothing moves before you say that it is good",
            )
        }
    }

    /// The step that stops the old instance.
    pub(super) fn stop_step(&self, old: &Like, impact: Impact) -> Step {
        let instance = old.instance.id.clone();
        let start = StartInstance {
            instance: instance.clone(),
            until_ok: true,
        };
        let why = match (self.chosen.mode, self.chosen.order) {
            (Mode::StopFirst, _) => "two of it must not run at once",
            (Mode::SideBySide, Order::NoTwoWriters) => "two of it must not serve at once",
            (Mode::SideBySide, Order::NoGap) => "the new one serves; this one is kept as it is",
        };
        // It serves again once it is healthy where it was, or else once AWS finds it well.
        let proofs = if self.chosen.isolate_only {
            Vec::new()
        } else {
            ladder::targets::proofs(self)
        };
        let start = Undo {
            call: Some(start.call()),
            expected: usual::START,
            ends_outage: !proofs.iter().any(|proof| proof.ends_outage),
            ..undo(format!("start {}, both status checks", old.called()))
        };
        let back = std::iter::once(start).chain(proofs).collect();
        Step {
            call: Some(StopInstance { instance }.call()),
            impact,
            expected: usual::STOP,
            undo: back,
            ..step(STOP_OLD, format!("stop {}", old.called()), why)
        }
    }
}

/// A step without anything in it.
pub(super) fn step(id: &str, title: String, why: &str) -> Step {
    Step {
        id: StepId::from(id),
        title,
        why: why.to_owned(),
        call: None,
        needs: Vec::new(),
        gate: Gate::None,
        impact: Impact::Reads,
        expected: 0,
        ends_outage: false,
        undo: Vec::new(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

/// A move back without anything in it.
pub(super) fn undo(title: String) -> Undo {
    Undo {
        title,
        call: None,
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 0,
        ends_outage: false,
    }
}
