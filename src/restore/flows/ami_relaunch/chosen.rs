//! What the operator chose, worked out once: whatever does not fit is named by its field.
//! Nothing here looks at the world but at what the operator typed.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::form::Choices;
use crate::domain::ids::{ImageId, InstanceId};
use crate::domain::text::shown;
use crate::restore::flow::FlowError;
use crate::restore::operations::ec2_group::Opening;

/// How long an old instance is kept, in days.
const KEEP_DAYS: i64 = 7;
/// Ports that a person looks through, where none is named.
const PORTS: (u16, u16) = (22, 3389);

/// When the old instance stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Once a person has found the new one good.
    SideBySide,
    /// Before the new one is launched.
    StopFirst,
}

impl Mode {
    pub(super) const WORDS: &'static [&'static str] = &["side-by-side", "stop-first"];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::SideBySide => "side-by-side",
            Self::StopFirst => "stop-first",
        }
    }
}

/// What is risked while traffic moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// A gap: the old one is stopped before the new one is opened.
    NoTwoWriters,
    /// Two that serve: the new one is opened before the old one is stopped.
    NoGap,
}

impl Order {
    pub(super) const WORDS: &'static [&'static str] = &["no-two-writers", "no-gap"];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NoTwoWriters => "no-two-writers",
            Self::NoGap => "no-gap",
        }
    }
}

/// A rung of the ladder that can be left out.
pub(super) const RUNGS: &[&str] = &["security-groups", "address", "targets", "dns", "interface"];

/// The choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub mode: Mode,
    pub order: Order,
    /// Who may reach the isolated instance, and at which ports.
    pub ingress: Opening,
    /// Whether it may reach the VPC's endpoints.
    pub endpoints: bool,
    /// `None` where nobody has said.
    pub user_data: Option<bool>,
    pub profile: bool,
    pub isolate_only: bool,
    pub rungs: BTreeSet<&'static str>,
    /// Date or instant until which the old instance is kept.
    pub keep_until: String,
    pub private_ip: Option<String>,
}

impl Chosen {
    /// Works out the choices.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by the field that is missing or does not fit.
    pub(super) fn of(choices: &Choices, windows: bool, now: Timestamp) -> Result<Self, FlowError> {
        let mode = match word(choices, "mode", Mode::WORDS)? {
            Some("stop-first") => Mode::StopFirst,
            _side_by_side => Mode::SideBySide,
        };
        let order = match word(choices, "order", Order::WORDS)? {
            Some("no-gap") if mode == Mode::StopFirst => {
                return Err(choice(
                    "order",
                    "where the old one is stopped first, there is a gap",
                ));
            }
            Some("no-gap") => Order::NoGap,
            _no_two_writers => Order::NoTwoWriters,
        };
        if mode == Mode::StopFirst && choices.flag("isolate-only") {
            return Err(choice(
                "isolate-only",
                "the old one would be stopped, and nothing would serve: choose --mode side-by-side",
            ));
        }
        Ok(Self {
            mode,
            order,
            ingress: Opening {
                cidrs: cidrs(choices)?,
                ports: ports(choices, windows)?,
            },
            endpoints: choices.flag("allow-endpoints"),
            user_data: word(choices, "user-data", KEEP_OR_OMIT)?.map(|word| word == "keep"),
            profile: word(choices, "instance-profile", KEEP_OR_NONE)? == Some("keep"),
            isolate_only: choices.flag("isolate-only"),
            rungs: rungs(choices)?,
            keep_until: keep_until(choices, now)?,
            private_ip: private_ip(choices)?,
        })
    }
}

pub(super) const KEEP_OR_OMIT: &[&str] = &["keep", "omit"];
pub(super) const KEEP_OR_NONE: &[&str] = &["keep", "none"];

/// Returns the image.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn image_id(choices: &Choices) -> Result<ImageId, FlowError> {
    let id = choices.one("image").unwrap_or_default();
    if id.starts_with("ami-") {
        return Ok(ImageId::from(id));
    }
    Err(choice("image", "give the id of an image, ami-…"))
}

/// What is to be replaced.
pub(super) enum Replaces {
    /// The instance that was named.
    Named(InstanceId),
    /// Whatever the image was made of, if that is there.
    OfTheImage,
    /// Nothing, as the operator says.
    Nothing,
}

/// A word that stands for no instance.
pub(super) const NONE: &str = "none";

/// Returns what is to be replaced.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn replaces(choices: &Choices) -> Result<Replaces, FlowError> {
    if choices.one("replaces") == Some(NONE) {
        return Ok(Replaces::Nothing);
    }
    let named = instance_id(choices, "replaces")?;
    Ok(named.map_or(Replaces::OfTheImage, Replaces::Named))
}

/// Returns an instance that was named.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn instance_id(choices: &Choices, field: &str) -> Result<Option<InstanceId>, FlowError> {
    match choices.one(field) {
        None => Ok(None),
        Some(id) if id.starts_with("i-") => Ok(Some(InstanceId::from(id))),
        Some(other) => {
            let why = format!("“{}” is not the id of an instance, i-…", shown(other));
            Err(choice(field, why))
        }
    }
}

/// Makes the error for a choice.
pub(super) fn choice(field: &str, why: impl Into<String>) -> FlowError {
    FlowError::Choice {
        field: field.to_owned(),
        why: why.into(),
    }
}

fn word<'a>(
    choices: &'a Choices,
    field: &str,
    words: &[&str],
) -> Result<Option<&'a str>, FlowError> {
    match choices.one(field) {
        Some(chosen) if !words.contains(&chosen) => {
            let why = format!("“{}” is none of {}", shown(chosen), words.join(", "));
            Err(choice(field, why))
        }
        chosen => Ok(chosen),
    }
}

/// Addresses may be given without the length of their prefix: one address is meant then.
fn cidrs(choices: &Choices) -> Result<Vec<String>, FlowError> {
    let field = "operator-cidr";
    let mut all = BTreeSet::new();
    for text in choices.many(field) {
        let (address, length) = text
            .split_once('/')
            .map_or((text, None), |(address, length)| {
                (address, Some(length.parse::<u8>().ok()))
            });
        let Ok(address) = address.parse::<IpAddr>() else {
            let why = format!(
                "“{}” is not an address such as 198.51.100.7/32",
                shown(text)
            );
            return Err(choice(field, why));
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        match length {
            None => all.insert(format!("{address}/{most}")),
            Some(Some(length)) if length < least(&address) => {
                let why = format!(
                    "“{}” is too much of the world to be isolated from the rest: name addresses",
                    shown(text)
                );
                return Err(choice(field, why));
            }
            Some(Some(length)) if length <= most => {
                all.insert(format!("{}/{length}", network(address, length)))
            }
            Some(_other) => {
                let why = format!(
                    "the prefix of “{}” is not {} to {most}",
                    shown(text),
                    least(&address)
                );
                return Err(choice(field, why));
            }
        };
    }
    if all.is_empty() {
        return Err(choice(
            field,
            "say from which address you look at the isolated instance, such as 198.51.100.7/32",
        ));
    }
    Ok(all.into_iter().collect())
}

/// The shortest prefix that is taken.
fn least(address: &IpAddr) -> u8 {
    if address.is_ipv4() { 8 } else { 16 }
}

/// Tells whether a block is wider than a network that people look from.
pub(super) fn is_wide(cidr: &str) -> bool {
    let (address, length) = cidr.split_once('/').unwrap_or((cidr, ""));
    let usual = if address.contains(':') { 48 } else { 16 };
    length.parse::<u8>().is_ok_and(|length| length < usual)
}

/// The first address of a block, as EC2 keeps it: what stands behind the prefix is dropped.
fn network(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::from((u32::from(address) & mask).to_be_bytes())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::from((u128::from(address) & mask).to_be_bytes())
        }
    }
}

/// Returns a block of addresses with how many they are, where that is more than one and no huge number.
pub(super) fn counted(cidr: &str) -> String {
    let parts = cidr.split_once('/');
    let length = parts.and_then(|(address, length)| {
        address.parse::<std::net::Ipv4Addr>().ok()?;
        length.parse::<u32>().ok()
    });
    match length {
        Some(length @ 0..=31) => format!("{cidr} ({} addresses)", 1_u64 << (32 - length)),
        Some(_) | None => cidr.to_owned(),
    }
}

fn ports(choices: &Choices, windows: bool) -> Result<Vec<u16>, FlowError> {
    let mut all = BTreeSet::new();
    for text in choices.many("port") {
        match text.parse::<u16>() {
            Ok(port) if port > 0 => all.insert(port),
            _other => {
                let why = format!("“{}” is not a TCP port, 1 to 65535", shown(text));
                return Err(choice("port", why));
            }
        };
    }
    if all.is_empty() {
        all.insert(if windows { PORTS.1 } else { PORTS.0 });
    }
    Ok(all.into_iter().collect())
}

fn rungs(choices: &Choices) -> Result<BTreeSet<&'static str>, FlowError> {
    let named = choices.many("move");
    if named.is_empty() {
        return Ok(RUNGS.iter().copied().collect());
    }
    let of = |name: &str| {
        let known = RUNGS.iter().copied().find(|rung| *rung == name);
        known.ok_or_else(|| {
            let why = format!("“{}” is none of {}", shown(name), RUNGS.join(", "));
            choice("move", why)
        })
    };
    named.into_iter().map(of).collect()
}

fn private_ip(choices: &Choices) -> Result<Option<String>, FlowError> {
    let Some(text) = choices.one("private-ip") else {
        return Ok(None);
    };
    match text.parse::<std::net::Ipv4Addr>() {
        Ok(address) => Ok(Some(address.to_string())),
        Err(_other) => {
            let why = format!("“{}” is not an IPv4 address", shown(text));
            Err(choice("private-ip", why))
        }
    }
}

fn keep_until(choices: &Choices, now: Timestamp) -> Result<String, FlowError> {
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let Some(chosen) = choices.one("keep-until") else {
        let keep = SignedDuration::from_hours(24 * KEEP_DAYS);
        return Ok(date(now.checked_add(keep).unwrap_or(Timestamp::MAX)).to_string());
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
    Ok(text)
}
