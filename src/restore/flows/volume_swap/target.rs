//! Which volume of which instance is swapped, and in what way.
//!
//! The snapshot names the volume, the volume its place; the operator chooses or overrides. A place
//! that turns out empty is a lost volume, and is only believed where it cannot be a slip of the pen.

use crate::domain::ec2::{Instance, Mapping, Volume};
use crate::domain::form::Choices;
use crate::domain::ids::{InstanceId, SnapshotId};
use crate::domain::text::shown;
use crate::restore::flow::FlowError;

use super::facts::{SwapFacts, called};

/// How the volume is taken out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The instance is stopped, or is stopped already.
    Stop,
    /// A person unmounts; the instance keeps running.
    Unmount,
    /// Nothing is taken out: the restored volume is attached beside.
    Beside,
}

impl Mode {
    /// Words of the command line, in the order of help.
    pub(super) const WORDS: &'static [&'static str] = &["stop", "unmount", "beside"];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Unmount => "unmount",
            Self::Beside => "beside",
        }
    }
}

/// The volume that is taken out, with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Old<'a> {
    pub volume: &'a Volume,
    pub mapping: &'a Mapping,
}

/// What is swapped, where and how.
#[derive(Clone, Debug)]
pub(super) struct Target<'a> {
    pub facts: &'a SwapFacts,
    pub mode: Mode,
    /// Whether the operator chose the mode.
    pub mode_chosen: bool,
    pub instance: &'a Instance,
    /// Where the restored volume goes.
    pub device: String,
    /// Whether the operator chose the device.
    pub device_chosen: bool,
    /// What is there now; `None` where the volume is lost and in [`Mode::Beside`].
    pub old: Option<Old<'a>>,
    /// The volume whose settings are carried over.
    pub like: Option<&'a Volume>,
}

impl<'a> Target<'a> {
    /// Finds the target.
    ///
    /// # Errors
    /// [`FlowError::Choice`] where the place is not said, not there, or does not allow the mode.
    pub(super) fn of(facts: &'a SwapFacts, choices: &Choices) -> Result<Self, FlowError> {
        same("snapshot", choices, facts.snapshot.id.as_str())?;
        same("instance", choices, facts.instance.id.as_str())?;
        let word = choices.one("mode").map(mode).transpose()?;
        let target = if word == Some(Mode::Beside) {
            Self::beside(facts, choices)?
        } else {
            Self::swap(facts, choices, word)?
        };
        target.checked()
    }

    fn beside(facts: &'a SwapFacts, choices: &Choices) -> Result<Self, FlowError> {
        let chosen = choices.one("device");
        let device = match chosen {
            Some(device) => {
                if let Some(mapping) = facts.at(device) {
                    let volume = &mapping.volume;
                    let why = format!(
                        "{} holds {volume}; beside it the restored volume needs an empty device, \
                         or leave the device out",
                        shown(device)
                    );
                    return Err(choice("device", why));
                }
                well_formed(facts, device)?;
                device.to_owned()
            }
            None => free_device(facts)?,
        };
        Ok(Self {
            facts,
            mode: Mode::Beside,
            mode_chosen: true,
            instance: &facts.instance,
            device,
            device_chosen: chosen.is_some(),
            old: None,
            like: facts.source(),
        })
    }

    fn swap(
        facts: &'a SwapFacts,
        choices: &Choices,
        word: Option<Mode>,
    ) -> Result<Self, FlowError> {
        let chosen = choices.one("device");
        let device = match chosen {
            Some(device) => device.to_owned(),
            None => device_of_source(facts)?,
        };
        let old = facts.at(&device).map(|mapping| old(facts, mapping));
        let old = old.transpose()?;
        if old.is_none() {
            believable(facts, &device)?;
        }
        let mut target = Self {
            facts,
            mode: Mode::Stop,
            mode_chosen: word.is_some(),
            instance: &facts.instance,
            device,
            device_chosen: chosen.is_some(),
            old,
            like: old.map_or_else(|| facts.source(), |old| Some(old.volume)),
        };
        target.mode = word.unwrap_or_else(|| target.default_mode());
        Ok(target)
    }

    /// A lost data volume can be attached at once; in every other case a stop is the sure way.
    fn default_mode(&self) -> Mode {
        if self.old.is_none() && self.running() && !self.root() {
            Mode::Unmount
        } else {
            Mode::Stop
        }
    }

    fn checked(self) -> Result<Self, FlowError> {
        if self.mode == Mode::Unmount && self.root() {
            return Err(choice(
                "mode",
                "a root volume cannot be unmounted while its instance runs; use stop",
            ));
        }
        if self.mode == Mode::Unmount && !self.running() {
            let why = format!(
                "the instance is {}, so there is nothing to unmount; use stop or leave the mode out",
                shown(&self.instance.state)
            );
            return Err(choice("mode", why));
        }
        Ok(self)
    }

    /// Whether the device is the instance's root.
    pub(super) fn root(&self) -> bool {
        self.device == self.instance.root_device
    }

    /// Whether the instance runs, or is about to.
    pub(super) fn running(&self) -> bool {
        matches!(self.instance.state.as_str(), "running" | "pending")
    }

    /// Whether the plan stops and starts the instance.
    pub(super) fn stops(&self) -> bool {
        self.mode == Mode::Stop && self.running()
    }

    /// Whether volumes come and go while the instance runs.
    pub(super) fn hot(&self) -> bool {
        self.mode != Mode::Stop && self.running()
    }

    /// Whether there is no volume to take out where there should be one.
    pub(super) fn lost(&self) -> bool {
        self.mode != Mode::Beside && self.old.is_none()
    }

    /// Whether the plan makes a safety snapshot.
    pub(super) fn safety(&self, choices: &Choices) -> bool {
        self.old.is_some() && !choices.flag("no-safety-snapshot")
    }

    /// Returns the device, fit to be shown.
    pub(super) fn device_shown(&self) -> String {
        shown(&self.device)
    }

    /// Returns what the old volume is called, fit to be shown; the device where it is lost.
    pub(super) fn old_called(&self) -> String {
        match self.old {
            Some(old) => called(&old.volume.id.to_string(), Some(&old.volume.tags)),
            None => format!("the lost volume at {}", self.device_shown()),
        }
    }
}

fn old<'a>(facts: &'a SwapFacts, mapping: &'a Mapping) -> Result<Old<'a>, FlowError> {
    let volume = facts.volume(&mapping.volume);
    let volume = volume.ok_or_else(|| FlowError::Missing {
        what: format!(
            "{} of {} is said to hold {}, but EC2 does not list that volume. Nothing was changed. \
             The volume may just have been detached: try again in a minute",
            shown(&mapping.device),
            facts.instance_called(),
            mapping.volume
        ),
    })?;
    Ok(Old { volume, mapping })
}

fn device_of_source(facts: &SwapFacts) -> Result<String, FlowError> {
    let source = facts.snapshot.volume.as_ref();
    let mut mappings = facts.instance.mappings.iter();
    if let Some(mapping) = mappings.find(|mapping| Some(&mapping.volume) == source) {
        return Ok(mapping.device.clone());
    }
    let why = match source {
        Some(volume) => format!("{volume}, from which it was taken, is not attached there"),
        None => "it is a copy and does not say from which volume it was taken".to_owned(),
    };
    let why = format!(
        "name the device of {} that {} goes to: {why}. The instance has {}",
        facts.instance_called(),
        facts.snapshot.id,
        facts.devices()
    );
    Err(choice("device", why))
}

/// An empty place counts as a lost volume, unless the snapshot's volume sits at another one.
fn believable(facts: &SwapFacts, device: &str) -> Result<(), FlowError> {
    well_formed(facts, device)?;
    let mut mappings = facts.instance.mappings.iter();
    let source = mappings.find(|mapping| Some(&mapping.volume) == facts.snapshot.volume.as_ref());
    let Some(mapping) = source else {
        return Ok(());
    };
    let why = format!(
        "{} has nothing at {}; {}, from which the snapshot was taken, is at {}. \
         The instance has {}",
        facts.instance_called(),
        shown(device),
        mapping.volume,
        shown(&mapping.device),
        facts.devices()
    );
    Err(choice("device", why))
}

/// Refuses what EC2 does not take as a device name, and another spelling of a device in use: EC2
/// would take `/dev/xvdf` beside `/dev/sdf`, and the kernel of the instance would not.
fn well_formed(facts: &SwapFacts, device: &str) -> Result<(), FlowError> {
    let Some(letters) = place_letters(device) else {
        let why = format!(
            "{} is not a device name of EC2, such as /dev/sdf (what lsblk shows inside the \
             instance is another name). The instance has {}",
            shown(device),
            facts.devices()
        );
        return Err(choice("device", why));
    };
    let same = |mapping: &&Mapping| place_letters(&mapping.device) == Some(letters);
    match facts.instance.mappings.iter().find(same) {
        Some(other) if other.device != device => {
            let why = format!(
                "{} is {} by another name; give the name that the instance has",
                shown(device),
                shown(&other.device)
            );
            Err(choice("device", why))
        }
        _free => Ok(()),
    }
}

/// Returns what follows `/dev/sd` or `xvd`: letters and a partition number, `f` or `a1`.
fn place_letters(device: &str) -> Option<&str> {
    let name = device.strip_prefix("/dev/").unwrap_or(device);
    let rest = name
        .strip_prefix("xvd")
        .or_else(|| name.strip_prefix("sd"))?;
    let letters = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let fits = matches!(letters.len(), 1 | 2)
        && letters.bytes().all(|letter| letter.is_ascii_lowercase())
        && rest.len() - letters.len() <= 2;
    fits.then_some(rest)
}

fn free_device(facts: &SwapFacts) -> Result<String, FlowError> {
    let stem = if facts.instance.windows {
        "xvd"
    } else {
        "/dev/sd"
    };
    let taken = |letter: char| {
        let mut mappings = facts.instance.mappings.iter();
        mappings.any(|mapping| {
            place_letters(&mapping.device).is_some_and(|rest| rest.starts_with(letter))
        })
    };
    let free = ('f'..='p').find(|letter| !taken(*letter));
    free.map(|letter| format!("{stem}{letter}")).ok_or_else(|| {
        let why = format!("none of {stem}f to {stem}p is free; name an empty device");
        choice("device", why)
    })
}

/// Returns the snapshot that the operator named.
///
/// # Errors
/// [`FlowError::Choice`] where it is missing or not an id.
pub(super) fn snapshot_id(choices: &Choices) -> Result<SnapshotId, FlowError> {
    match choices.one("snapshot") {
        None => Err(choice("snapshot", "name the snapshot to restore from")),
        Some(id) if is_id(id, "snap-") => Ok(SnapshotId::from(id)),
        Some(id) => Err(choice(
            "snapshot",
            format!(
                "“{}” is not a snapshot id; one looks like snap-0123456789abcdef0",
                shown(id)
            ),
        )),
    }
}

/// Returns the instance that the operator named, if any.
///
/// # Errors
/// [`FlowError::Choice`] where it is not an id.
pub(super) fn instance_id(choices: &Choices) -> Result<Option<InstanceId>, FlowError> {
    match choices.one("instance") {
        None => Ok(None),
        Some(id) if is_id(id, "i-") => Ok(Some(InstanceId::from(id))),
        Some(id) => Err(choice(
            "instance",
            format!(
                "“{}” is not an instance id; one looks like i-0123456789abcdef0",
                shown(id)
            ),
        )),
    }
}

fn is_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| {
        matches!(rest.len(), 8 | 17) && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn same(field: &str, choices: &Choices, observed: &str) -> Result<(), FlowError> {
    match choices.one(field) {
        Some(chosen) if chosen != observed => {
            let why = format!(
                "{} was chosen but {} was observed; observe again",
                shown(chosen),
                shown(observed)
            );
            Err(choice(field, why))
        }
        _same => Ok(()),
    }
}

fn mode(word: &str) -> Result<Mode, FlowError> {
    let known = [Mode::Stop, Mode::Unmount, Mode::Beside];
    let found = known.into_iter().find(|mode| mode.as_str() == word);
    found.ok_or_else(|| {
        let why = format!("“{}” is none of {}", shown(word), Mode::WORDS.join(", "));
        choice("mode", why)
    })
}

/// Makes the error for a choice that does not fit.
pub(super) fn choice(field: &str, why: impl Into<String>) -> FlowError {
    FlowError::Choice {
        field: field.to_owned(),
        why: why.into(),
    }
}
