//! What the new volume will be like: carried over from the old one unless the operator says otherwise.
//!
//! `CreateVolume` left alone makes a `gp2` volume without tags, so everything is said explicitly.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::ec2::Tags;
use crate::domain::form::{Choices, ValueFrom};
use crate::domain::text::shown;
use crate::restore::flow::FlowError;

use super::limits::BASE_IOPS;
use super::limits::{self, Misfit};
use super::target::{Mode, Target, choice};

/// Types that `CreateVolume` takes.
const TYPES: &[&str] = &["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"];
/// What is proposed where no volume is left to be like.
const PROPOSED_TYPE: &str = "gp3";
/// How long an old volume is kept, in days.
const KEEP_DAYS: i64 = 7;
/// Prefixes of tags that are not carried over: AWS refuses its own, and ours tell of another run.
const NOT_CARRIED: [&str; 2] = ["aws:", "defib:"];

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said<T> {
    pub value: T,
    pub from: ValueFrom,
}

impl<T> Said<T> {
    fn new(value: T, from: ValueFrom) -> Self {
        Self { value, from }
    }
}

/// The new volume. Sizes are in GiB, throughput in MiB/s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub volume_type: Said<String>,
    pub size: Said<i32>,
    pub iops: Said<Option<i32>>,
    pub throughput: Said<Option<i32>>,
    pub encrypted: Said<bool>,
    pub kms_key: Said<Option<String>>,
    pub multi_attach: bool,
    pub initialization_rate: Option<i32>,
    pub tags: Tags,
    /// `None` where nobody has said.
    pub delete_on_termination: Said<Option<bool>>,
    /// Date or instant until which the old volume is kept.
    pub keep_until: Said<String>,
}

impl Settings {
    /// Works out the new volume.
    ///
    /// # Errors
    /// [`FlowError::Choice`] where a choice does not fit.
    pub(super) fn of(target: &Target, choices: &Choices) -> Result<Self, FlowError> {
        let volume_type = volume_type(target, choices)?;
        let encrypted = encrypted(target, choices);
        let settings = Self {
            size: size(target, choices)?,
            iops: iops(target, choices, &volume_type.value)?,
            throughput: throughput(target, choices, &volume_type.value)?,
            kms_key: kms_key(target, choices, encrypted.value),
            multi_attach: target.like.is_some_and(|like| like.multi_attach)
                && matches!(volume_type.value.as_str(), "io1" | "io2"),
            initialization_rate: initialization_rate(choices)?,
            tags: target
                .like
                .map(|like| carried(&like.tags))
                .unwrap_or_default(),
            delete_on_termination: delete_on_termination(target, choices)?,
            keep_until: keep_until(target, choices)?,
            volume_type,
            encrypted,
        };
        settings.fitting()
    }

    /// Returns what AWS would refuse about type, size, IOPS and throughput together.
    pub(super) fn misfit(&self) -> Option<Misfit> {
        limits::misfit(self)
    }

    /// Refuses numbers that do not fit by the nearest field that the operator chose. Where none was
    /// chosen there is nothing to correct, and a check says it.
    fn fitting(self) -> Result<Self, FlowError> {
        let Some(misfit) = self.misfit() else {
            return Ok(self);
        };
        let mut fields = misfit.fields.iter();
        match fields.find(|field| self.chosen(field)) {
            Some(field) => Err(choice(field, misfit.why)),
            None => Ok(self),
        }
    }

    fn chosen(&self, field: &str) -> bool {
        let from = match field {
            "volume-type" => self.volume_type.from,
            "size" => self.size.from,
            "iops" => self.iops.from,
            "throughput" => self.throughput.from,
            _not_a_number => return false,
        };
        from == ValueFrom::Yours
    }
}

fn volume_type(target: &Target, choices: &Choices) -> Result<Said<String>, FlowError> {
    let Some(chosen) = choices.one("volume-type") else {
        return Ok(match target.like {
            Some(like) => Said::new(like.volume_type.clone(), ValueFrom::AsBefore),
            None => Said::new(PROPOSED_TYPE.to_owned(), ValueFrom::Proposed),
        });
    };
    if !TYPES.contains(&chosen) {
        let why = format!("“{}” is none of {}", shown(chosen), TYPES.join(", "));
        return Err(choice("volume-type", why));
    }
    if target.root() && matches!(chosen, "sc1" | "st1") {
        return Err(choice(
            "volume-type",
            format!("{chosen} cannot be a root volume"),
        ));
    }
    Ok(Said::new(chosen.to_owned(), ValueFrom::Yours))
}

fn size(target: &Target, choices: &Choices) -> Result<Said<i32>, FlowError> {
    let least = target.facts.snapshot.size;
    if let Some(chosen) = number(choices, "size")? {
        if chosen < least {
            let why = format!("{chosen} GiB is less than the {least} GiB of the snapshot");
            return Err(choice("size", why));
        }
        return Ok(Said::new(chosen, ValueFrom::Yours));
    }
    Ok(match target.like {
        Some(like) if like.size >= least => Said::new(like.size, ValueFrom::AsBefore),
        Some(_smaller) => Said::new(least, ValueFrom::Proposed),
        None => Said::new(least, ValueFrom::AwsDefault),
    })
}

fn iops(
    target: &Target,
    choices: &Choices,
    volume_type: &str,
) -> Result<Said<Option<i32>>, FlowError> {
    let takes = |kind: &str| matches!(kind, "io1" | "io2" | "gp3");
    if let Some(chosen) = number(choices, "iops")? {
        if !takes(volume_type) {
            let why = format!(
                "{} volumes take no IOPS; only io1, io2 and gp3 do",
                shown(volume_type)
            );
            return Err(choice("iops", why));
        }
        return Ok(Said::new(Some(chosen), ValueFrom::Yours));
    }
    let before = target.like.filter(|like| takes(&like.volume_type));
    match before.and_then(|like| like.iops) {
        // Every gp3 volume has this many; fewer cannot be asked for.
        Some(before) if volume_type == "gp3" && before < BASE_IOPS => {
            Ok(Said::new(None, ValueFrom::AwsDefault))
        }
        Some(before) if takes(volume_type) => Ok(Said::new(Some(before), ValueFrom::AsBefore)),
        _none if matches!(volume_type, "io1" | "io2") => Err(choice(
            "iops",
            format!("an {volume_type} volume needs a number of IOPS"),
        )),
        _none => Ok(Said::new(None, ValueFrom::AwsDefault)),
    }
}

fn throughput(
    target: &Target,
    choices: &Choices,
    volume_type: &str,
) -> Result<Said<Option<i32>>, FlowError> {
    if let Some(chosen) = number(choices, "throughput")? {
        if volume_type != "gp3" {
            let why = format!("{} volumes take none; only gp3 does", shown(volume_type));
            return Err(choice("throughput", why));
        }
        return Ok(Said::new(Some(chosen), ValueFrom::Yours));
    }
    let before = target.like.filter(|like| like.volume_type == "gp3");
    Ok(match before.and_then(|like| like.throughput) {
        Some(before) if volume_type == "gp3" => Said::new(Some(before), ValueFrom::AsBefore),
        _none => Said::new(None, ValueFrom::AwsDefault),
    })
}

fn encrypted(target: &Target, choices: &Choices) -> Said<bool> {
    let snapshot = target.facts.snapshot.encrypted;
    let by_default = target.facts.encryption_by_default.value() == Some(&true);
    let before = target.like.is_some_and(|like| like.encrypted);
    if choices.one("kms-key").is_some() {
        Said::new(true, ValueFrom::Yours)
    } else if before {
        Said::new(true, ValueFrom::AsBefore)
    } else if snapshot || by_default {
        // AWS leaves no choice here.
        Said::new(true, ValueFrom::AwsDefault)
    } else if target.like.is_some() {
        Said::new(false, ValueFrom::AsBefore)
    } else {
        Said::new(false, ValueFrom::AwsDefault)
    }
}

fn kms_key(target: &Target, choices: &Choices, encrypted: bool) -> Said<Option<String>> {
    if let Some(chosen) = choices.one("kms-key") {
        return Said::new(Some(chosen.to_owned()), ValueFrom::Yours);
    }
    let before = target.like.and_then(|like| like.kms_key.clone());
    if let Some(before) = before.filter(|_| encrypted) {
        return Said::new(Some(before), ValueFrom::AsBefore);
    }
    match &target.facts.snapshot.kms_key {
        Some(key) if encrypted => Said::new(Some(key.clone()), ValueFrom::Proposed),
        _none => Said::new(None, ValueFrom::AwsDefault),
    }
}

fn initialization_rate(choices: &Choices) -> Result<Option<i32>, FlowError> {
    const FIELD: &str = "initialization-rate";
    match number(choices, FIELD)? {
        Some(rate) if !(100..=300).contains(&rate) => Err(choice(
            FIELD,
            format!("{rate} MiB/s is not between 100 and 300"),
        )),
        fits => Ok(fits),
    }
}

fn delete_on_termination(
    target: &Target,
    choices: &Choices,
) -> Result<Said<Option<bool>>, FlowError> {
    const FIELD: &str = "delete-on-termination";
    match choices.one(FIELD) {
        Some("yes") => return Ok(Said::new(Some(true), ValueFrom::Yours)),
        Some("no") => return Ok(Said::new(Some(false), ValueFrom::Yours)),
        Some(other) => {
            let why = format!("“{}” is neither yes nor no", shown(other));
            return Err(choice(FIELD, why));
        }
        None => {}
    }
    Ok(match (target.old, target.mode) {
        (Some(old), _) => {
            let before = old.mapping.delete_on_termination;
            Said::new(Some(before), ValueFrom::AsBefore)
        }
        (None, Mode::Beside) => Said::new(Some(false), ValueFrom::AwsDefault),
        (None, Mode::Stop | Mode::Unmount) => Said::new(None, ValueFrom::Missing),
    })
}

fn keep_until(target: &Target, choices: &Choices) -> Result<Said<String>, FlowError> {
    let now = target.facts.observed_at;
    let keep = SignedDuration::from_hours(24 * KEEP_DAYS);
    let proposed = date(now.checked_add(keep).unwrap_or(Timestamp::MAX)).to_string();
    // A plan writes its proposal into its choices; read back, it is still a proposal.
    let Some(chosen) = choices.one("keep-until").filter(|text| *text != proposed) else {
        return Ok(Said::new(proposed, ValueFrom::Proposed));
    };
    let (text, past) = match (chosen.parse::<Timestamp>(), chosen.parse::<Date>()) {
        (Ok(at), _) => (at.to_string(), at < now),
        (_, Ok(day)) => (day.to_string(), day < date(now)),
        (Err(_), Err(_)) => {
            let why = format!("“{}” is not a date such as 2026-03-08", shown(chosen));
            return Err(choice("keep-until", why));
        }
    };
    if past {
        return Err(choice("keep-until", format!("{text} has passed")));
    }
    Ok(Said::new(text, ValueFrom::Yours))
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn number(choices: &Choices, field: &str) -> Result<Option<i32>, FlowError> {
    let Some(text) = choices.one(field) else {
        return Ok(None);
    };
    match text.parse::<i32>() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _other => Err(choice(
            field,
            format!("“{}” is not a whole number above 0", shown(text)),
        )),
    }
}

/// Returns the tags that go to the new volume, byte for byte.
fn carried(tags: &Tags) -> Tags {
    let ours = |key: &str| NOT_CARRIED.iter().any(|prefix| key.starts_with(prefix));
    tags.iter()
        .filter(|(key, _)| !ours(key.raw()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
