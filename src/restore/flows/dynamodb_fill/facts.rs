//! What filling a table knows of the world: both tables, and what the file says of them, in parts.
//! Nothing of it is an item, nor a key of one.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::try_join;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::dynamodb::{Key, Table};
use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::text::shown;
use crate::restore::flow::FlowError;
use crate::restore::observations::dynamodb_table;
use crate::restore::reconcile::exported::{self, Parting, Survey};
use crate::restore::reconcile::pace::{NoPace, Pace};

use super::{DIFFERENCES, FIRST, FROM, INTO, PACE};

/// How many steps a plan has at most.
pub(super) const MOST_PARTS: usize = 100;
/// For so many seconds a part may take what is asked of the table.
const SECONDS_OF_A_PART: u64 = 10;
/// More a single partition does not bear in a second (`DynamoDB` developer guide).
const OF_A_PARTITION: u64 = 1_000;

/// The facts of filling a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillFacts {
    /// When observing began.
    pub observed_at: Timestamp,
    /// Where.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// The table that is put into.
    pub into: Seen,
    /// The table that has what is put.
    pub from: Seen,
    /// What the file says.
    pub survey: Survey,
    /// From which of its items that only the old table has, counted from 1.
    pub first: u64,
    /// Write units a second.
    pub rate: u32,
}

/// What of a table matters here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its `TableId`.
    pub id: String,
    /// `ACTIVE`, `CREATING` …
    pub status: String,
    /// Its primary key.
    pub keys: Vec<Key>,
    /// What its stream holds; `None` where it is off.
    pub stream: Option<String>,
}

impl From<Table> for Seen {
    fn from(table: Table) -> Self {
        Self {
            name: table.name,
            id: table.id,
            status: table.status,
            keys: table.keys,
            stream: table.stream,
        }
    }
}

impl FillFacts {
    /// Returns how many items the plan takes.
    pub(super) fn items(&self) -> u64 {
        let parts = self.survey.parts.iter();
        parts.map(|part| u64::from(part.items)).sum()
    }

    /// Returns how many items of the file come after those.
    pub(super) fn left(&self) -> u64 {
        let taken = self.first - 1 + self.items();
        self.survey.only_old.saturating_sub(taken)
    }
}

/// The choices, worked out before anything is looked at.
pub(super) struct Chosen {
    into: String,
    from: String,
    file: String,
    pace: Pace,
    first: u64,
}

impl Chosen {
    /// Works out the choices.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by the field that is missing or does not fit.
    pub(super) fn of(choices: &Choices) -> Result<Self, FlowError> {
        let (into, from) = (name(choices, INTO)?, name(choices, FROM)?);
        let file = text(choices, DIFFERENCES)
            .ok_or_else(|| choice(DIFFERENCES, "say the file of defib reconcile --export"))?;
        if into == from {
            return Err(choice(FROM, "a table is not filled from itself"));
        }
        Ok(Self {
            into,
            from,
            file,
            pace: pace(choices)?,
            first: first(choices)?,
        })
    }
}

/// Reads the facts.
///
/// # Errors
/// [`FlowError`]: a table is not there or cannot be read, the two do not fit each other, or the file is none of theirs.
pub(super) async fn observe(
    clients: &Clients,
    choices: &Choices,
    clock: &Clock,
) -> Result<FillFacts, FlowError> {
    let observed_at = clock.now();
    let Chosen {
        into,
        from,
        file,
        pace,
        first,
    } = Chosen::of(choices)?;
    let (into, from) = try_join!(table(clients, &into), table(clients, &from))?;
    if into.keys != from.keys {
        let why = format!("the key of {} is another one", shown(&from.name));
        return Err(choice(FROM, why));
    }
    let rate = rate(pace, &into);
    let parting = Parting {
        keys: into.keys.clone(),
        first,
        units: (u64::from(rate) * SECONDS_OF_A_PART).min(OF_A_PARTITION),
        parts: MOST_PARTS,
    };
    let survey = exported::survey(PathBuf::from(&file), parting).await;
    let survey = survey.map_err(|why| choice(DIFFERENCES, format!("{} {why}", shown(&file))))?;
    let facts = FillFacts {
        observed_at,
        place: clients.place.clone(),
        role: clients.role.clone(),
        into: into.into(),
        from: from.into(),
        survey,
        first,
        rate,
    };
    if facts.survey.parts.is_empty() {
        let why = format!(
            "{} has {} that only {} has: there is nothing to put from number {first} on",
            shown(&facts.survey.file),
            super::counted(facts.survey.only_old),
            shown(&facts.from.name),
        );
        return Err(choice(DIFFERENCES, why));
    }
    Ok(facts)
}

/// Checks that what was chosen is what was observed by: what differs would not be what the plan shows.
///
/// # Errors
/// [`FlowError::Choice`]
pub(super) fn fits(facts: &FillFacts, choices: &Choices) -> Result<(), FlowError> {
    let (into, from) = (name(choices, INTO)?, name(choices, FROM)?);
    for (field, chosen, seen) in [(INTO, into, &facts.into), (FROM, from, &facts.from)] {
        if chosen != seen.name {
            return Err(choice(field, "it was another table that was looked at"));
        }
    }
    if first(choices)? != facts.first {
        return Err(choice(FIRST, "the file was looked at from another item on"));
    }
    pace(choices).map(drop)
}

async fn table(clients: &Clients, name: &str) -> Result<Table, FlowError> {
    let found = dynamodb_table::table(clients, name).await;
    found
        .map_err(FlowError::Read)?
        .ok_or_else(|| FlowError::Missing {
            what: format!(
                "there is no table {} in {}",
                shown(name),
                clients.place.region
            ),
        })
}

fn name(choices: &Choices, field: &str) -> Result<String, FlowError> {
    text(choices, field).ok_or_else(|| choice(field, "say the name of a table"))
}

fn pace(choices: &Choices) -> Result<Pace, FlowError> {
    let Some(text) = text(choices, PACE) else {
        return Ok(Pace::default());
    };
    text.parse()
        .map_err(|error: NoPace| choice(PACE, error.to_string()))
}

fn first(choices: &Choices) -> Result<u64, FlowError> {
    let Some(text) = text(choices, FIRST) else {
        return Ok(1);
    };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| choice(FIRST, "items are counted from 1"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float goes to the nearest number that fits"
)]
fn rate(pace: Pace, table: &Table) -> u32 {
    (pace.of_writes(table) as u32).max(1)
}

fn choice(field: &str, why: impl Into<String>) -> FlowError {
    FlowError::Choice {
        field: field.to_owned(),
        why: why.into(),
    }
}

/// Returns what was said for a field, unless that is nothing but blanks.
fn text(choices: &Choices, field: &str) -> Option<String> {
    let text = choices.one(field)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
