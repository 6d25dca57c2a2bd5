//! The settings of a table in a file: what AWS forgets with a table is kept while it is there, and given back from
//! the file to one that was deleted.
//!
//! The file is JSON with a version. It is not secret as such, but tags and policies stand in it as they are.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::alarm::Alarms;
use crate::domain::dynamodb::{
    Destination, Insights, Policy, Recovery, Scaling, Table, TimeToLive,
};
use crate::domain::ec2::Tags;
use crate::domain::facts::Fact;
use crate::domain::form::Choices;
use crate::domain::last_seen::MOST_BYTES;
use crate::domain::place::Home;
use crate::domain::text::shown;
use crate::domain::trigger::Trigger;
use crate::restore::flow::FlowError;
use crate::restore::observations::{alarms, dynamodb_table, observed};

use super::chosen::{choice, text};
use super::facts::{Before, TableFacts};
use super::last_seen;
use super::observe;

/// Says what the file is.
const FORMAT: &str = "defib-table-settings";
/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;
/// The field that names the file.
pub(super) const FIELD: &str = "settings";

/// A table with its settings, as they were at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTable {
    /// What the file is, [`FORMAT`].
    format: String,
    /// Its version.
    version: u32,
    /// When it was read.
    pub at: Timestamp,
    /// Account and Region of the table.
    pub home: Home,
    /// The table.
    pub table: Table,
    recovery: Fact<Recovery>,
    tags: Fact<Tags>,
    ttl: Fact<Option<TimeToLive>>,
    policy: Fact<Option<Policy>>,
    scaling: Fact<Scaling>,
    kinesis: Fact<Vec<Destination>>,
    insights: Fact<Vec<Insights>>,
    /// Files of before they were kept have none.
    #[serde(default = "not_kept")]
    triggers: Fact<Vec<Trigger>>,
    /// The same is true of these.
    #[serde(default = "not_kept")]
    alarms: Fact<Alarms>,
    /// Whether it is not from a file that somebody has made, but what was last seen.
    #[serde(skip)]
    pub(super) last_seen: bool,
}

fn not_kept<T>() -> Fact<T> {
    Fact::Unknown("the file is of a defib that did not keep them yet".to_owned())
}

impl SavedTable {
    /// Reads a table with all its settings, of which those that cannot be read say why.
    ///
    /// # Errors
    /// [`FlowError`]: there is no such table, or it cannot be read.
    pub async fn observe(clients: &Clients, name: &str, clock: &Clock) -> Result<Self, FlowError> {
        let found = dynamodb_table::table(clients, name).await;
        let table = found
            .map_err(FlowError::Read)?
            .ok_or_else(|| FlowError::Missing {
                what: format!(
                    "there is no table {} in {}",
                    shown(name),
                    clients.place.region
                ),
            })?;
        let mut facts = TableFacts::of(clients, clock.now(), table.name.clone());
        facts.source = Some(table.clone());
        Box::pin(observe::settings(clients, clock, &mut facts)).await;
        facts.alarms = observed(alarms::alarms(clients, &table.name).await, clock);
        Ok(Self::of(facts, table))
    }

    pub(super) fn of(facts: TableFacts, table: Table) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            at: facts.observed_at,
            home: facts.place.home(),
            table,
            recovery: unmoved(facts.recovery),
            tags: facts.tags,
            ttl: facts.ttl,
            policy: facts.policy,
            scaling: facts.scaling,
            kinesis: facts.kinesis,
            insights: facts.insights,
            triggers: facts.triggers,
            alarms: facts.alarms,
            last_seen: false,
        }
    }

    /// Returns the settings that were not read, each with the reason.
    #[must_use]
    pub fn unread(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("recovery", self.recovery.why_unknown()),
            ("tags", self.tags.why_unknown()),
            ("time-to-live", self.ttl.why_unknown()),
            ("policy", self.policy.why_unknown()),
            ("auto-scaling", self.scaling.why_unknown()),
            ("kinesis", self.kinesis.why_unknown()),
            ("insights", self.insights.why_unknown()),
            ("triggers", self.triggers.why_unknown()),
            ("alarms", self.alarms.why_unknown()),
        ];
        all.into_iter()
            .filter_map(|(name, why)| Some((name, why?)))
            .collect()
    }

    /// Returns it as a file holds it.
    ///
    /// # Errors
    /// [`serde_json::Error`], which plain data does not give.
    pub fn content(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Tells whether what was kept of the table before may be replaced by this: not where that has a setting which
    /// could not be read now, nor by a table that was restored under its name. What is no such file, or one of another
    /// table, may be.
    #[must_use]
    pub fn replaces(&self, before: &[u8]) -> bool {
        let Ok(before) = parsed(before, &self.table.name, &self.home) else {
            return true;
        };
        // One that was restored under the name since is bare until it has its settings back.
        if before.table.id != self.table.id && self.table.restored.is_some() {
            return false;
        }
        let lacked: Vec<&str> = before.unread().into_iter().map(|(name, _)| name).collect();
        let unread = self.unread();
        unread.iter().all(|(name, _)| lacked.contains(name))
    }

    /// Lets a table that is gone have these settings, as they were known then.
    pub(super) fn give_to(self, facts: &mut TableFacts) {
        let at = self.at;
        facts.recovery = known_since(self.recovery, at);
        facts.tags = known_since(self.tags, at);
        facts.ttl = known_since(self.ttl, at);
        facts.policy = known_since(self.policy, at);
        facts.scaling = known_since(self.scaling, at);
        facts.kinesis = known_since(self.kinesis, at);
        facts.insights = known_since(self.insights, at);
        facts.triggers = known_since(self.triggers, at);
        facts.alarms = known_since(self.alarms, at);
        facts.before = Some(Before {
            at,
            table: self.table,
            last_seen: self.last_seen,
        });
    }
}

/// The ends of a window mean nothing once time has gone on.
fn unmoved(recovery: Fact<Recovery>) -> Fact<Recovery> {
    match recovery {
        Fact::Observed { value, at } => Fact::Observed {
            value: Recovery {
                moving: None,
                ..value
            },
            at,
        },
        Fact::Cached { .. } | Fact::Unknown(_) => recovery,
    }
}

fn known_since<T>(fact: Fact<T>, at: Timestamp) -> Fact<T> {
    match fact {
        Fact::Observed { value, .. } | Fact::Cached { value, .. } => Fact::Cached { value, at },
        Fact::Unknown(why) => Fact::Unknown(format!("it was not read when it was saved: {why}")),
    }
}

/// Lets a table that is gone have the settings that are chosen for it, or else the facts that they could be had.
///
/// # Errors
/// [`FlowError::Choice`]: those of [`chosen`], or the table is there.
pub(super) async fn given(
    clients: &Clients,
    choices: &Choices,
    facts: &mut TableFacts,
) -> Result<(), FlowError> {
    let home = clients.place.home();
    let is_there = facts.source.is_some();
    if is_there && text(choices, FIELD).is_some() {
        let why = "the table is there, and its settings are read from itself: leave --settings out";
        return Err(choice(FIELD, why));
    }
    match chosen(choices, &facts.name, &home).await? {
        Some(saved) => saved.give_to(facts),
        None if is_there => {}
        None => facts.last_seen = last_seen::offered(choices, &facts.name, &home).await,
    }
    Ok(())
}

/// Reads the file that is chosen, if one is, for a table that is gone.
///
/// # Errors
/// [`FlowError::Choice`]: the file cannot be read, is not one of these, or is of another table.
async fn chosen(
    choices: &Choices,
    name: &str,
    home: &Home,
) -> Result<Option<SavedTable>, FlowError> {
    let Some(path) = text(choices, FIELD) else {
        return Ok(None);
    };
    if path == last_seen::WORD {
        return last_seen::chosen(choices, name, home).await.map(Some);
    }
    let read = read(Path::new(&path)).await;
    let bytes = read.map_err(|why| choice(FIELD, format!("{} {why}", shown(&path))))?;
    let saved = parsed(&bytes, name, home);
    saved
        .map(Some)
        .map_err(|why| choice(FIELD, format!("{} {why}", shown(&path))))
}

pub(super) async fn read(path: &Path) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| format!("cannot be read: {error}");
    let file = tokio::fs::File::open(path).await.map_err(told)?;
    if !file.metadata().await.map_err(told)?.is_file() {
        return Err("is no file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut limited = file.take(MOST_BYTES + 1);
    limited.read_to_end(&mut bytes).await.map_err(told)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_BYTES {
        return Err(format!(
            "has more than {MOST_BYTES} bytes: it is not one of ours"
        ));
    }
    Ok(bytes)
}

/// What is read first, whatever the version.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

pub(super) fn parsed(bytes: &[u8], name: &str, home: &Home) -> Result<SavedTable, String> {
    let no_settings = |error: serde_json::Error| {
        format!("holds no settings of a table as defib snapshot-settings writes them: {error}")
    };
    let head: Head = serde_json::from_slice(bytes).map_err(no_settings)?;
    if head.format != FORMAT {
        return Err(format!("holds “{}”, and not {FORMAT}", shown(&head.format)));
    }
    if head.version > VERSION {
        return Err(format!(
            "is of version {}, and this defib reads up to {VERSION}: it was written by a newer one",
            head.version
        ));
    }
    let saved: SavedTable = serde_json::from_slice(bytes).map_err(no_settings)?;
    if saved.table.name != name || saved.home != *home {
        return Err(format!(
            "holds the settings of {} in {} {}, and this is about {} in {} {}",
            shown(&saved.table.name),
            saved.home.account,
            saved.home.region,
            shown(name),
            home.account,
            home.region,
        ));
    }
    Ok(saved)
}
