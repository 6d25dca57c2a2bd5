//! The steps of a swap: which there are, what each does, what it needs and what takes it back.
//!
//! The order of a mode is decided in [`ids`] alone; everything else asks whether a step is in it.

use crate::domain::form::Choices;
use crate::domain::ids::{StepId, VolumeId};
use crate::domain::plan::{Gate, Impact, Ref, Step};
use crate::domain::text::{Untrusted, shown};
use crate::restore::flows::{instance_store, put_aside};
use crate::restore::operation::Operation;
use crate::restore::operations::ec2_active::{MarkActive, UnmarkActive};
use crate::restore::operations::ec2_instance::{
    SetDeleteOnTermination, StartInstance, StopInstance,
};
use crate::restore::operations::ec2_snapshot::CreateSnapshot;
use crate::restore::operations::ec2_tags::TagResource;
use crate::restore::operations::ec2_volume::{AttachVolume, CreateVolume, DetachVolume};

use super::facts::name;
use super::group::Hold;
use super::mark::Mark;
use super::person;
use super::settings::Settings;
use super::target::{Mode, Old, Target};
use super::undo;

pub(super) const MARK: &str = "mark";
pub(super) const SAFETY: &str = "safety-snapshot";
pub(super) const CREATE: &str = "create-volume";
pub(super) const HOLD: &str = "hold-group";
pub(super) const STOP: &str = "stop-instance";
pub(super) const UNMOUNT: &str = "unmount";
pub(super) const DETACH: &str = "detach-volume";
pub(super) const ATTACH: &str = "attach-volume";
pub(super) const ON_TERMINATION: &str = "delete-on-termination";
pub(super) const START: &str = "start-instance";
pub(super) const TAG_OLD: &str = "tag-old-volume";
pub(super) const MOUNT: &str = "mount";
pub(super) const HEALTHY: &str = "healthy";
pub(super) const RELEASE: &str = "release-group";
pub(super) const LOOK: &str = "look";
pub(super) const UNMARK: &str = "unmark";

/// Usual durations in seconds, as measured on AWS; a person's are a guess.
pub(super) mod usual {
    pub const CREATE: u64 = 20;
    pub const STOP: u64 = 60;
    pub const STOP_WINDOWS: u64 = 180;
    pub const DETACH: u64 = 10;
    pub const ATTACH: u64 = 10;
    pub const START: u64 = 150;
    pub const SNAPSHOT: u64 = 5;
    pub const ATTRIBUTE: u64 = 2;
    pub const STANDBY: u64 = 30;
    pub const PERSON: u64 = 60;
}

/// What the steps are made from.
pub(super) struct Swap<'a> {
    pub target: &'a Target<'a>,
    pub settings: &'a Settings,
    /// What happens to the new volume when the instance is terminated.
    pub delete: bool,
    ids: Vec<&'static str>,
}

/// Makes the steps in the order they are shown in.
pub(super) fn steps(
    target: &Target,
    settings: &Settings,
    delete: bool,
    choices: &Choices,
) -> Vec<Step> {
    let swap = Swap {
        target,
        settings,
        delete,
        ids: ids(target, target.safety(choices), delete),
    };
    let make = |id: &&str| match *id {
        MARK => Some(swap.mark()),
        SAFETY => swap.on_old(|old| swap.safety_snapshot(old)),
        CREATE => Some(swap.create_volume()),
        HOLD => swap.hold(),
        RELEASE => swap.release(),
        STOP => Some(swap.stop_instance()),
        UNMOUNT => Some(swap.unmount()),
        DETACH => swap.on_old(|old| swap.detach_volume(old)),
        ATTACH => Some(swap.attach_volume()),
        ON_TERMINATION => Some(swap.delete_on_termination()),
        START => Some(swap.start_instance()),
        TAG_OLD => swap.on_old(|old| swap.tag_old_volume(old)),
        MOUNT => Some(swap.mount()),
        LOOK => Some(swap.look()),
        UNMARK => Some(swap.unmark()),
        _healthy => Some(swap.healthy()),
    };
    swap.ids.iter().filter_map(make).collect()
}

fn ids(target: &Target, safety: bool, delete: bool) -> Vec<&'static str> {
    let swapping = target.mode != Mode::Beside;
    let unmounting = target.mode == Mode::Unmount;
    let held = Hold::of(target).is_some();
    [
        (true, MARK),
        (safety, SAFETY),
        (true, CREATE),
        (held, HOLD),
        (target.stops(), STOP),
        (unmounting && !target.lost(), UNMOUNT),
        (!target.lost() && swapping, DETACH),
        (true, ATTACH),
        // Attaching leaves it at no, which is what beside does unless it is told otherwise.
        (swapping || delete, ON_TERMINATION),
        (target.stops(), START),
        (!target.lost() && swapping, TAG_OLD),
        (unmounting, MOUNT),
        (swapping, HEALTHY),
        (held, RELEASE),
        (!swapping, LOOK),
        (true, UNMARK),
    ]
    .into_iter()
    .filter_map(|(there, id)| there.then_some(id))
    .collect()
}

impl Swap<'_> {
    fn has(&self, id: &str) -> bool {
        self.ids.contains(&id)
    }

    fn on_old(&self, make: impl Fn(Old) -> Step) -> Option<Step> {
        self.target.old.map(make)
    }

    /// The given steps, so far as they are in the plan.
    pub(super) fn needs(&self, ids: &[&str]) -> Vec<StepId> {
        let there = ids.iter().filter(|id| self.has(id));
        there.map(|id| StepId::from(*id)).collect()
    }

    /// What must be there before anything is taken down.
    fn ready(&self) -> Vec<StepId> {
        if self.has(HOLD) {
            return self.needs(&[HOLD]);
        }
        self.before_hold()
    }

    pub(super) fn before_hold(&self) -> Vec<StepId> {
        self.needs(&[SAFETY, CREATE])
    }

    /// On the instance and not on the volume: whatever else is restored there goes through the same stop.
    fn mark(&self) -> Step {
        let instance = &self.target.instance.id;
        let call = MarkActive {
            resource: instance.as_str().to_owned(),
            instead_of: Mark::of(self.target.facts).map(|mark| mark.run.clone()),
        };
        Step {
            call: Some(call.call()),
            gate: self.takeover(),
            impact: Impact::Changes,
            expected: usual::ATTRIBUTE,
            undo: undo::of_mark(self),
            ..step(
                MARK,
                format!(
                    "mark {} as being restored",
                    self.target.facts.instance_called()
                ),
                "tells whoever else wants to restore it that somebody is at it; it is no lock",
            )
        }
    }

    /// To go on where another run has left its mark is confirmed by name, plan or no plan.
    fn takeover(&self) -> Gate {
        let Some(mark) = Mark::of(self.target.facts) else {
            return Gate::None;
        };
        Gate::TypeName {
            name: mark.name(),
            why: format!("{}; this run takes over from it", mark.told()),
        }
    }

    fn unmark(&self) -> Step {
        let call = UnmarkActive {
            resource: self.target.instance.id.as_str().to_owned(),
        };
        Step {
            call: Some(call.call()),
            needs: if self.has(RELEASE) {
                self.needs(&[RELEASE])
            } else {
                self.needs(&[HEALTHY, LOOK])
            },
            impact: Impact::Changes,
            expected: usual::ATTRIBUTE,
            undo: undo::of_unmark(self),
            ..step(
                UNMARK,
                format!("take the mark from {}", self.target.facts.instance_called()),
                "the restore is over",
            )
        }
    }

    fn safety_snapshot(&self, old: Old) -> Step {
        let from = &self.target.facts.snapshot.id;
        let call = CreateSnapshot {
            volume: old.volume.id.clone(),
            description: format!(
                "defib: {} before it was replaced from {from}",
                old.volume.id
            ),
            tags: name(&old.volume.tags)
                .map(|name| (Untrusted::from("Name"), name.clone()))
                .into_iter()
                .collect(),
        };
        Step {
            call: Some(call.call()),
            needs: self.needs(&[MARK]),
            impact: Impact::Creates,
            expected: usual::SNAPSHOT,
            ..step(
                SAFETY,
                format!("safety snapshot of {}", self.target.old_called()),
                "keeps the present state, damaged as it may be; the run goes on once AWS has \
                 accepted it",
            )
        }
    }

    fn create_volume(&self) -> Step {
        let snapshot = &self.target.facts.snapshot;
        let call = self.create_call();
        Step {
            title: format!(
                "create a {} GiB {} volume from {} in {}",
                call.size,
                shown(&call.volume_type),
                snapshot.id,
                shown(&call.zone)
            ),
            call: Some(call.call()),
            needs: self.needs(&[MARK]),
            impact: Impact::Creates,
            expected: usual::CREATE,
            ..step(
                CREATE,
                String::new(),
                "is made and available before anything is taken down",
            )
        }
    }

    fn create_call(&self) -> CreateVolume {
        let settings = self.settings;
        CreateVolume {
            snapshot: self.target.facts.snapshot.id.clone(),
            zone: self.target.instance.zone.clone(),
            volume_type: settings.volume_type.value.clone(),
            size: settings.size.value,
            iops: settings.iops.value,
            throughput: settings.throughput.value,
            encrypted: settings.encrypted.value,
            kms_key: settings.kms_key.value.clone(),
            multi_attach: settings.multi_attach,
            initialization_rate: settings.initialization_rate,
            tags: settings.tags.clone(),
        }
    }

    fn stop_instance(&self) -> Step {
        let call = StopInstance {
            instance: self.target.instance.id.clone(),
        };
        Step {
            call: Some(call.call()),
            needs: self.ready(),
            gate: instance_store::gate(self.target.instance, &self.target.facts.instance_type),
            impact: Impact::Interrupts,
            expected: self.stopping(),
            undo: undo::of_stop(self),
            ..step(
                STOP,
                format!("stop {}", self.target.facts.instance_called()),
                "writes everything out and lets go of the volume",
            )
        }
    }

    pub(super) fn stopping(&self) -> u64 {
        if self.target.instance.windows {
            usual::STOP_WINDOWS
        } else {
            usual::STOP
        }
    }

    fn unmount(&self) -> Step {
        Step {
            needs: self.ready(),
            gate: person::unmount_old(self.target),
            impact: Impact::Interrupts,
            expected: usual::PERSON,
            undo: undo::of_unmount(self),
            ..step(
                UNMOUNT,
                format!("you: unmount {}", self.target.old_called()),
                "a mounted volume cannot be detached without damage",
            )
        }
    }

    fn detach_volume(&self, old: Old) -> Step {
        let call = DetachVolume {
            volume: Ref::Known(old.volume.id.clone()),
            instance: self.target.instance.id.clone(),
            device: self.target.device.clone(),
            while_running: self.target.hot(),
        };
        let down = self.needs(&[STOP, UNMOUNT]);
        Step {
            call: Some(call.call()),
            needs: if down.is_empty() { self.ready() } else { down },
            impact: Impact::Changes,
            expected: usual::DETACH,
            undo: undo::of_detach(self, old),
            ..step(
                DETACH,
                format!(
                    "detach {} from {}",
                    self.target.old_called(),
                    self.target.device_shown()
                ),
                "frees the device; the volume is kept as it is",
            )
        }
    }

    fn attach_volume(&self) -> Step {
        let call = AttachVolume {
            volume: new_volume(),
            instance: self.target.instance.id.clone(),
            device: self.target.device.clone(),
        };
        let needs = if self.has(DETACH) {
            self.needs(&[DETACH, CREATE])
        } else {
            self.needs(&[STOP, CREATE])
        };
        Step {
            call: Some(call.call()),
            needs,
            impact: Impact::Changes,
            expected: usual::ATTACH,
            undo: undo::of_attach(self),
            ..step(ATTACH, self.attach_title(), self.attach_why())
        }
    }

    fn attach_title(&self) -> String {
        format!(
            "attach the restored volume at {} of {}",
            self.target.device_shown(),
            self.target.facts.instance_called()
        )
    }

    fn attach_why(&self) -> &'static str {
        match (self.target.mode, self.target.lost()) {
            (Mode::Beside, _) => "an empty device; the volumes in use are left alone",
            (Mode::Stop | Mode::Unmount, true) => {
                "the device is empty: the volume that was there is lost, so nothing is detached"
            }
            (Mode::Stop | Mode::Unmount, false) => "the same device, so nothing else has to change",
        }
    }

    fn delete_on_termination(&self) -> Step {
        let call = SetDeleteOnTermination {
            instance: self.target.instance.id.clone(),
            device: self.target.device.clone(),
            volume: new_volume(),
            delete: self.delete,
        };
        let answer = if self.delete { "yes" } else { "no" };
        let before = self.target.old.map(|old| old.mapping.delete_on_termination);
        let from = if before == Some(self.delete) {
            ", as before"
        } else {
            ""
        };
        Step {
            call: Some(call.call()),
            needs: self.needs(&[ATTACH]),
            impact: Impact::Changes,
            expected: usual::ATTRIBUTE,
            ..step(
                ON_TERMINATION,
                format!("delete on termination: {answer}{from}"),
                "attaching a volume always leaves it at no",
            )
        }
    }

    fn start_instance(&self) -> Step {
        let call = StartInstance {
            instance: self.target.instance.id.clone(),
            until_ok: true,
        };
        Step {
            call: Some(call.call()),
            needs: self.needs(&[ATTACH]),
            impact: Impact::Changes,
            expected: usual::START,
            ends_outage: true,
            undo: undo::of_start(self),
            ..step(
                START,
                format!(
                    "start {}, both status checks",
                    self.target.facts.instance_called()
                ),
                "the service is up once the instance and the system pass their checks",
            )
        }
    }

    fn tag_old_volume(&self, old: Old) -> Step {
        let until = self.settings.keep_until.value.as_str();
        let volume = &old.volume;
        let call = TagResource {
            resource: Ref::Known(volume.id.as_str().to_owned()),
            tags: put_aside::tags(TAG_OLD, until),
        };
        Step {
            call: Some(call.call()),
            needs: self.needs(&[DETACH]),
            impact: Impact::Changes,
            expected: usual::ATTRIBUTE,
            undo: put_aside::back(volume.id.as_str(), &volume.tags, call.tags.keys()),
            ..step(
                TAG_OLD,
                format!("tag {}: keep until {until}", self.target.old_called()),
                "says what it is and how long it is wanted; defib never deletes it",
            )
        }
    }

    fn mount(&self) -> Step {
        Step {
            needs: self.needs(&[ATTACH]),
            gate: person::mount_new(self.target),
            impact: Impact::Changes,
            expected: usual::PERSON,
            // Where the volume was lost this run takes nothing down that it could bring up again.
            ends_outage: self.has(UNMOUNT),
            ..step(
                MOUNT,
                "you: mount the restored volume".to_owned(),
                if self.target.lost() {
                    "only the instance itself can mount it; what needs the lost volume works again \
                     only then"
                } else {
                    "only the instance itself can mount it"
                },
            )
        }
    }

    fn look(&self) -> Step {
        Step {
            needs: self.needs(&[ATTACH]),
            gate: person::look(self.target),
            expected: usual::PERSON,
            ..step(
                LOOK,
                "you: take the files you need from the restored volume".to_owned(),
                "the volumes in use were left alone; the files are yours to copy",
            )
        }
    }

    fn healthy(&self) -> Step {
        let up = self.needs(&[START, MOUNT]);
        let up = if up.is_empty() {
            self.needs(&[ATTACH])
        } else {
            up
        };
        let rest = self.needs(&[ON_TERMINATION, TAG_OLD]);
        Step {
            needs: up.into_iter().chain(rest).collect(),
            gate: person::healthy(self.target),
            expected: usual::PERSON,
            ..step(
                HEALTHY,
                "you: is the application healthy?".to_owned(),
                "status checks say that it boots, not that the data is right",
            )
        }
    }
}

/// The volume that this run makes.
pub(super) fn new_volume() -> Ref<VolumeId> {
    Ref::output(CREATE, "volume")
}

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
