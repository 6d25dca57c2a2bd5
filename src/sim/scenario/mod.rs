//! Scenarios: the estates and incidents that the simulated AWS starts with, written as TOML.
//!
//! `form` is what a scenario may say, `build` makes a world of it. The files lie in `scenarios/` and are
//! embedded; instants are relative to the incident, so that a file reads like the story it tells.

mod alarms;
mod balancing;
mod build;
mod database_form;
mod databases;
mod form;
mod identities;
mod images;
mod network;
mod resources;
mod settings;
mod tables;
mod triggers;
mod vaults;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::world::World;

/// Why a text is not a scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It is no TOML, or says something that a scenario cannot say.
    #[error("the scenario cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// Something is referred to that its place does not hold.
    #[error("{place} has no {kind} `{name}`")]
    NoSuch {
        /// Account and region.
        place: String,
        /// What was looked for: `instance`.
        kind: &'static str,
        /// The id or name that was given.
        name: String,
    },
    /// Two descriptions have the same id.
    #[error("{kind} `{id}` is described twice in {place}")]
    Twice {
        /// Account and region.
        place: String,
        /// What it is: `volume`.
        kind: &'static str,
        /// The id that both have.
        id: String,
    },
    /// A word stands where only a few are known.
    #[error("{what} has the unknown value `{value}`")]
    UnknownValue {
        /// The field: `state of an instance`.
        what: &'static str,
        /// The word that was given.
        value: String,
    },
    /// A volume is described, and how large it is follows from nothing.
    #[error("volume `{0}` has neither a size nor a snapshot or volume to take it from")]
    NoSize(String),
    /// An instant before or after the incident cannot be represented.
    #[error("an instant of the scenario lies outside of time")]
    OutOfTime(#[from] jiff::Error),
}

/// What a scenario tells about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What happened, in a few words.
    pub title: String,
    /// The page that woke the operator.
    pub pager_text: String,
    /// When the damage was done: the instant that every other one in the file is told by.
    pub incident_at: Timestamp,
    /// When the operator sits down: the instant at which a demonstration's clock starts.
    pub opens_at: Timestamp,
    /// The accounts that a profile can be made for.
    pub accounts: Vec<Account>,
    /// The account in trouble, twelve digits.
    pub account: Option<String>,
    /// The region in trouble: `eu-west-1`.
    pub region: Option<String>,
    /// The volume in trouble; it may be gone.
    pub volume_id: Option<String>,
    /// The instance that the volume serves.
    pub instance_id: Option<String>,
    /// The best snapshot to go back to.
    pub good_snapshot_id: Option<String>,
    /// A snapshot that it would be a mistake to go back to.
    pub bad_snapshot_id: Option<String>,
    /// The empty device that the volume belongs to, where the volume is gone.
    pub device: Option<String>,
    /// What a plan here cannot do without and nobody can observe: field to value.
    pub choices: BTreeMap<String, String>,
}

/// An account of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// What people call it: `production`.
    pub name: String,
    /// The regions in which the scenario describes anything, in order.
    pub regions: Vec<String>,
}

impl Story {
    /// Reads what a scenario tells about itself, before any clock runs.
    ///
    /// # Errors
    /// The text is not a scenario.
    pub fn of(text: &str) -> Result<Self, ScenarioError> {
        let form: form::Scenario = toml::from_str(text)?;
        Ok(build::story(&form))
    }

    pub(super) fn of_nothing(now: Timestamp) -> Self {
        Self {
            title: "Nothing exists".to_owned(),
            pager_text: String::new(),
            incident_at: now,
            opens_at: now,
            accounts: Vec::new(),
            account: None,
            region: None,
            volume_id: None,
            instance_id: None,
            good_snapshot_id: None,
            bad_snapshot_id: None,
            device: None,
            choices: BTreeMap::new(),
        }
    }
}

/// Makes the world of a scenario, seen at `now`.
pub(super) fn build(text: &str, now: Timestamp) -> Result<(World, Story), ScenarioError> {
    let form: form::Scenario = toml::from_str(text)?;
    let story = build::story(&form);
    let world = build::world(form, now)?;
    Ok((world, story))
}

/// An embedded scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScenarioText {
    /// What it is asked for by: `bad-deploy`.
    pub name: &'static str,
    /// What happens in it.
    pub sentence: &'static str,
    /// The scenario itself, as TOML.
    pub text: &'static str,
}

/// Lists the embedded scenarios; the first is the one a demonstration opens with.
#[must_use]
pub fn scenarios() -> &'static [ScenarioText] {
    &[
        ScenarioText {
            name: "bad-deploy",
            sentence: "A deploy corrupts the orders database; a snapshot taken 14 minutes before it is good.",
            text: include_str!("../scenarios/bad-deploy.toml"),
        },
        ScenarioText {
            name: "lost-volume",
            sentence: "A cleanup script deleted a data volume; its snapshots are all that is left.",
            text: include_str!("../scenarios/lost-volume.toml"),
        },
        ScenarioText {
            name: "web",
            sentence: "An update broke a web server; an image from before is good.",
            text: include_str!("../scenarios/web.toml"),
        },
        ScenarioText {
            name: "table",
            sentence: "A migration spoiled a table; any second before it can be restored, without the table's settings.",
            text: include_str!("../scenarios/table.toml"),
        },
        ScenarioText {
            name: "refusals",
            sentence: "One subject for each reason not to begin a restore.",
            text: include_str!("../scenarios/refusals.toml"),
        },
        ScenarioText {
            name: "hostile-names",
            sentence: "Tags and descriptions that attack the terminal, the shell and the eye.",
            text: include_str!("../scenarios/hostile-names.toml"),
        },
        ScenarioText {
            name: "empty",
            sentence: "An account in which nothing exists.",
            text: include_str!("../scenarios/empty.toml"),
        },
    ]
}
