//! What keeps an Auto Scaling group from terminating a member that is taken down: standby where the group can spare it, else
//! the processes that would do harm are suspended. Both end with the restore.
//!
//! A group finds a stopped member unhealthy and replaces it (Auto Scaling user guide, "Temporarily remove instances").

use crate::domain::facts::Fact;
use crate::domain::plan::{Call, Impact, Step, Undo};
use crate::domain::text::shown;
use crate::restore::observations::autoscaling::Group;
use crate::restore::operation::Operation;
use crate::restore::operations::autoscaling_group::{
    EnterStandby, ExitStandby, ResumeProcesses, SuspendProcesses,
};

use super::steps::{HEALTHY, HOLD, RELEASE, Swap, step, usual};
use super::target::{Mode, Target};
use super::undo::undo;

/// What a group would do to a member that it finds unhealthy.
const PROCESSES: [&str; 3] = ["HealthCheck", "ReplaceUnhealthy", "Terminate"];

/// How the group is kept off.
pub(super) enum Hold<'a> {
    /// It can spare the member for the time.
    Standby(&'a Group),
    /// It cannot, or the member serves on: these processes run and are suspended.
    Suspend(&'a Group, Vec<String>),
}

impl<'a> Hold<'a> {
    /// Returns how a group in service is kept off; `None` where there is none, or nothing has to be done.
    pub(super) fn of(target: &Target<'a>) -> Option<Self> {
        let member = target.facts.group.value().and_then(Option::as_ref)?;
        let concerned = target.mode != Mode::Beside && target.instance.state == "running";
        if member.lifecycle != "InService" || !concerned {
            return None;
        }
        let group = target.facts.scaling.as_ref().and_then(Fact::value);
        let group = group.and_then(Option::as_ref)?;
        if target.stops() && group.desired > group.min {
            return Some(Self::Standby(group));
        }
        let running = PROCESSES
            .into_iter()
            .filter(|name| !group.suspended.iter().any(|one| one == name));
        let running: Vec<String> = running.map(str::to_owned).collect();
        (!running.is_empty()).then_some(Self::Suspend(group, running))
    }

    /// Says what will be done, one sentence fit to be shown.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Standby(group) => format!(
                "it goes on standby in {} before it is taken down, and into service again at the end",
                shown(&group.name)
            ),
            Self::Suspend(group, processes) => format!(
                "{} has {} suspended meanwhile, and resumed at the end",
                shown(&group.name),
                processes.join(", ")
            ),
        }
    }

    fn calls(&self, swap: &Swap) -> (Call, Call) {
        let instance = || swap.target.instance.id.clone();
        match self {
            Self::Standby(group) => (
                EnterStandby {
                    instance: instance(),
                    group: group.name.clone(),
                }
                .call(),
                ExitStandby {
                    instance: instance(),
                    group: group.name.clone(),
                }
                .call(),
            ),
            Self::Suspend(group, processes) => (
                SuspendProcesses {
                    group: group.name.clone(),
                    processes: processes.clone(),
                }
                .call(),
                ResumeProcesses {
                    group: group.name.clone(),
                    processes: processes.clone(),
                }
                .call(),
            ),
        }
    }

    fn titles(&self, swap: &Swap) -> (String, String) {
        let called = swap.target.facts.instance_called();
        match self {
            Self::Standby(group) => {
                let group = shown(&group.name);
                (
                    format!("put {called} on standby in {group}"),
                    format!("put {called} into service in {group}"),
                )
            }
            Self::Suspend(group, _) => {
                let group = shown(&group.name);
                (
                    format!("keep {group} from replacing members"),
                    format!("let {group} replace members again"),
                )
            }
        }
    }
}

impl Swap<'_> {
    /// Keeps the group off, before anything is taken down.
    pub(super) fn hold(&self) -> Option<Step> {
        let hold = Hold::of(self.target)?;
        let ((there, back), (title, taken_back)) = (hold.calls(self), hold.titles(self));
        Some(Step {
            call: Some(there),
            needs: self.before_hold(),
            impact: Impact::Changes,
            expected: usual::STANDBY,
            undo: vec![Undo {
                expected: usual::STANDBY,
                ..undo(taken_back, Some(back))
            }],
            ..step(
                HOLD,
                title,
                "its group would find it unhealthy while it is down, and terminate it",
            )
        })
    }

    /// Lets the group have it again, once a person has found it healthy.
    pub(super) fn release(&self) -> Option<Step> {
        let hold = Hold::of(self.target)?;
        let ((there, back), (taken_back, title)) = (hold.calls(self), hold.titles(self));
        Some(Step {
            call: Some(back),
            needs: self.needs(&[HEALTHY]),
            impact: Impact::Changes,
            expected: usual::STANDBY,
            undo: vec![Undo {
                expected: usual::STANDBY,
                ..undo(taken_back, Some(there))
            }],
            ..step(RELEASE, title, "as before")
        })
    }
}
