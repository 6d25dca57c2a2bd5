//! What the operator chose, worked out once: whatever does not fit is named by its field.
//! Nothing here looks at the world but at what the operator typed, and at when that was.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::arn::Arn;
use crate::domain::form::{AS_BEFORE, Choices};
use crate::domain::ids::Region;
use crate::domain::incident::parse_time;
use crate::domain::place::Place;
use crate::domain::text::shown;
use crate::restore::flow::FlowError;

use super::replicas;
use super::settings::Kind;

/// Lengths of a table's name (API reference).
const NAME: std::ops::RangeInclusive<usize> = 3..=255;
pub(super) const AS_BEFORE_OR_ON_DEMAND: &[&str] = &[AS_BEFORE, ON_DEMAND];
const ON_DEMAND: &str = "on-demand";
/// Behind the fields: until when items count as expired, for a script, which cannot know when it will be run. It is no
/// question; the plan writes it down, so that it is the same plan tomorrow.
pub(super) const COUNTED_UNTIL: &str = "counted-until";
/// The field of the Region that is restored into.
pub(super) const TO_REGION: &str = "to-region";

/// What is restored from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The window of this table.
    Table(String),
    /// This backup, of this table if that was said too.
    Backup { arn: String, table: Option<String> },
}

/// Which indexes the new table is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Indexes {
    /// All there were.
    AsBefore,
    /// These of them, none where it is empty.
    Only(BTreeSet<String>),
}

/// How applications are led to the new table, and what is done about the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Switch {
    /// The parameter that names the table; otherwise a person does it.
    pub parameter: Option<String>,
    /// Whether writes to the old table are denied.
    pub freeze: bool,
    /// ARNs of principals who may write all the same.
    pub break_glass: Vec<String>,
}

/// The choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub subject: Subject,
    /// The second whose data is wanted, of a window.
    pub at: Option<Timestamp>,
    /// Name of the new table, where it was said.
    pub target: Option<String>,
    pub indexes: Indexes,
    /// Whether it is to be paid by request, whatever it was.
    pub on_demand: bool,
    pub kms_key: Option<String>,
    /// Regions to make a replica in, in the order in which they are made.
    pub replicas: Vec<String>,
    pub switch: Switch,
    pub restore_only: bool,
    /// What is not given back.
    pub skip: BTreeSet<Kind>,
    /// Until when items count as expired in a script.
    pub counted_until: Timestamp,
}

impl Chosen {
    /// Works out the choices.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by the field that is missing or does not fit.
    pub(super) fn of(choices: &Choices, now: Timestamp) -> Result<Self, FlowError> {
        let subject = subject(choices)?;
        let at = instant(choices, now)?;
        if at.is_some() && matches!(subject, Subject::Backup { .. }) {
            return Err(choice(
                "at",
                "a backup has a time of its own: leave --at out",
            ));
        }
        let restore_only = choices.flag("restore-only");
        if restore_only && choices.flag("freeze") {
            return Err(choice(
                "freeze",
                "with --restore-only the old table goes on serving: leave one of the two out",
            ));
        }
        Ok(Self {
            subject,
            at,
            target: target(choices)?,
            indexes: indexes(choices)?,
            on_demand: billing(choices)?,
            kms_key: text(choices, "sse-key"),
            replicas: replicas::regions(choices)?,
            switch: Switch {
                parameter: parameter(choices)?,
                freeze: choices.flag("freeze"),
                break_glass: break_glass(choices)?,
            },
            restore_only,
            skip: skip(choices)?,
            counted_until: counted_until(choices, now)?,
        })
    }
}

/// Returns what is restored from.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn subject(choices: &Choices) -> Result<Subject, FlowError> {
    let table = match text(choices, "table") {
        Some(said) => Some(named(&said)?),
        None => None,
    };
    match (table, text(choices, "backup")) {
        (table, Some(arn)) if arn.starts_with("arn:") => Ok(Subject::Backup { arn, table }),
        (_, Some(other)) => {
            let why = format!("“{}” is not the ARN of a backup", shown(&other));
            Err(choice("backup", why))
        }
        (Some(table), None) => Ok(Subject::Table(table)),
        (None, None) => Err(choice("table", "say --table with --at, or --backup")),
    }
}

/// Returns the name of a table that is said by its name or by its ARN.
fn named(said: &str) -> Result<String, FlowError> {
    let name = match Arn::of(said) {
        None => said,
        Some(arn) => {
            let name = arn.resource.strip_prefix("table/");
            let name = name.filter(|_| arn.service == "dynamodb" && arn.home().is_some());
            name.ok_or_else(|| {
                let why = format!("“{}” is not the ARN of a table", shown(said));
                choice("table", why)
            })?
        }
    };
    fits("table", name)?;
    Ok(name.to_owned())
}

/// From where to where a restore goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The Region of the table or of its backup.
    pub from: Region,
    /// The Region of the new table.
    pub to: Region,
}

/// Returns from where to where a restore goes. An ARN says its Region; what is said by its name is where the clients
/// are, as is the new table unless another Region is asked for; another one than that of the ARN has to be.
///
/// # Errors
/// [`FlowError::Choice`]: another account, which `DynamoDB` restores nothing from, or no Region.
pub(super) fn way(choices: &Choices, place: &Place) -> Result<Way, FlowError> {
    let mut from = None;
    for field in ["table", "backup"] {
        let said = text(choices, field).unwrap_or_default();
        let Some(home) = Arn::of(&said).and_then(Arn::home) else {
            continue;
        };
        if home.account != place.account {
            let why = format!(
                "it is of account {}, and these credentials are of {}: DynamoDB restores within one account",
                shown(home.account.as_str()),
                place.account
            );
            return Err(choice(field, why));
        }
        from = Some(home.region);
    }
    let to = match text(choices, TO_REGION) {
        Some(said) => Some(region(&said)?),
        None => None,
    };
    let here = || place.region.clone();
    let from = from.unwrap_or_else(here);
    if to.is_none() && from != place.region {
        let why = format!(
            "it is in {}, and you are in {}: say so where that is meant, by --to-region {}",
            shown(from.as_str()),
            place.region,
            place.region
        );
        return Err(choice(TO_REGION, why));
    }
    Ok(Way {
        from,
        to: to.unwrap_or_else(here),
    })
}

/// Whether it is enabled shows with the first call.
fn region(said: &str) -> Result<Region, FlowError> {
    if replicas::is_region(said) {
        return Ok(Region::new(said));
    }
    let why = format!(
        "“{}” is not the name of a Region, such as eu-west-1",
        shown(said)
    );
    Err(choice(TO_REGION, why))
}

/// Returns the name of the new table, unless it is proposed.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn target(choices: &Choices) -> Result<Option<String>, FlowError> {
    let Some(name) = text(choices, "target") else {
        return Ok(None);
    };
    fits("target", &name)?;
    Ok(Some(name))
}

fn fits(field: &str, name: &str) -> Result<(), FlowError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if NAME.contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    let why = format!(
        "“{}” is not the name of a table: 3 to 255 of a-z, A-Z, 0-9, _ . -",
        shown(name)
    );
    Err(choice(field, why))
}

/// Returns the name that is proposed for the new table: that of the old one where it is free, or else with the second
/// whose data it holds.
pub(super) fn proposed(table: &str, gone: bool, at: Timestamp) -> String {
    if gone {
        return table.to_owned();
    }
    let behind = at.strftime("-%Y%m%d-%H%M%S").to_string();
    let room = NAME.end().saturating_sub(behind.len());
    let kept: String = table.chars().take(room).collect();
    kept + &behind
}

/// Returns the second whose data is wanted, where one was said.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn instant(choices: &Choices, now: Timestamp) -> Result<Option<Timestamp>, FlowError> {
    let Some(typed) = text(choices, "at") else {
        return Ok(None);
    };
    let at = parse_time(&typed, now).map_err(|error| choice("at", error.to_string()))?;
    // A window is known by the second.
    let second = Timestamp::from_second(at.as_second());
    second
        .map(Some)
        .map_err(|error| choice("at", shown(&error.to_string())))
}

/// Returns the name of the parameter, if one was said.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn parameter(choices: &Choices) -> Result<Option<String>, FlowError> {
    let Some(name) = text(choices, "parameter") else {
        return Ok(None);
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    if name.bytes().all(plain) {
        return Ok(Some(name));
    }
    let why = format!(
        "“{}” is not the name of a parameter, such as /shop/orders-table",
        shown(&name)
    );
    Err(choice("parameter", why))
}

fn indexes(choices: &Choices) -> Result<Indexes, FlowError> {
    let named = choices.many("index");
    match (named.is_empty(), choices.flag("no-indexes")) {
        (true, false) => Ok(Indexes::AsBefore),
        (true, true) => Ok(Indexes::Only(BTreeSet::new())),
        (false, false) => Ok(Indexes::Only(
            named.into_iter().map(str::to_owned).collect(),
        )),
        (false, true) => Err(choice(
            "no-indexes",
            "--index names some: leave one of the two out",
        )),
    }
}

fn billing(choices: &Choices) -> Result<bool, FlowError> {
    match choices.one("billing") {
        None => Ok(false),
        Some(word) if AS_BEFORE_OR_ON_DEMAND.contains(&word) => Ok(word == ON_DEMAND),
        Some(other) => {
            let words = AS_BEFORE_OR_ON_DEMAND.join(", ");
            let why = format!("“{}” is none of {words}", shown(other));
            Err(choice("billing", why))
        }
    }
}

fn break_glass(choices: &Choices) -> Result<Vec<String>, FlowError> {
    let all: BTreeSet<&str> = choices.many("break-glass").into_iter().collect();
    if let Some(other) = all.iter().find(|arn| !arn.starts_with("arn:")) {
        let why = format!(
            "“{}” is not the ARN of a principal, such as arn:aws:iam::111122223333:role/oncall",
            shown(other)
        );
        return Err(choice("break-glass", why));
    }
    Ok(all.into_iter().map(str::to_owned).collect())
}

fn skip(choices: &Choices) -> Result<BTreeSet<Kind>, FlowError> {
    let of = |name: &str| {
        let known = Kind::ALL.iter().copied().find(|kind| kind.as_str() == name);
        known.ok_or_else(|| {
            let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            let why = format!("“{}” is none of {}", shown(name), words.join(", "));
            choice("skip", why)
        })
    };
    choices.many("skip").into_iter().map(of).collect()
}

/// The end of the day: a script that is run later than that counts too few, and says as of when.
fn counted_until(choices: &Choices, now: Timestamp) -> Result<Timestamp, FlowError> {
    if let Some(text) = choices.one(COUNTED_UNTIL) {
        let read = text.parse::<Timestamp>();
        return read.map_err(|_| choice(COUNTED_UNTIL, "it is not an instant"));
    }
    let tomorrow = now.checked_add(SignedDuration::from_hours(24));
    let tomorrow = tomorrow.map(|at| at.to_zoned(TimeZone::UTC).date());
    let begins = tomorrow.and_then(|day| day.to_zoned(TimeZone::UTC));
    Ok(begins.map_or(now, |day| day.timestamp()))
}

/// Makes the error for a choice.
pub(super) fn choice(field: &str, why: impl Into<String>) -> FlowError {
    FlowError::Choice {
        field: field.to_owned(),
        why: why.into(),
    }
}

/// Returns what was said for a field, unless that is nothing but blanks.
pub(super) fn text(choices: &Choices, field: &str) -> Option<String> {
    let text = choices.one(field)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
