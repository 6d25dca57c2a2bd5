//! Restore of a table: DynamoDB makes a new one with the data of a second or of a backup and forgets how the old one was
//! set; the settings are given back, compared, and the application is led over, with a way back.
//!
//! The old table is kept as it is. Time to live, which deletes, comes last and is confirmed by name.

mod alarms;
mod chosen;
mod facts;
mod form;
mod given_back;
mod identity;
pub mod last_seen;
mod mark;
mod observe;
mod person;
mod policy_text;
mod preflight;
mod prepared;
mod replicas;
pub mod saved;
mod settings;
mod steps;
mod switch;
#[cfg(test)]
mod tests;
mod triggers;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::form::{Choices, FieldKind, FieldSpec, Form};
use crate::domain::plan::{Leftover, Plan, PointRef, Subject};
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;
use crate::domain::text::shown;
use crate::domain::words;
use crate::restore::flow::{Flow, FlowError};
use crate::restore::flows::command;

use chosen::{AS_BEFORE_OR_ON_DEMAND, COUNTED_UNTIL, Chosen, TO_REGION};
pub use facts::TableFacts;
use prepared::Prepared;

/// The flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct DynamodbRestore;

const FIELDS: &[FieldSpec] = &[
    FieldSpec {
        subject: true,
        ..field(
            "table",
            "Table to restore to a second of its window.",
            FieldKind::Point(&[PointKind::DynamodbWindow]),
        )
    },
    FieldSpec {
        subject: true,
        ..field(
            "backup",
            "Backup to restore from, by its ARN.",
            FieldKind::Point(&[PointKind::DynamodbBackup]),
        )
    },
    field(
        "at",
        "The second whose data is wanted, such as 2026-03-10T14:04:59Z, 14:04:59Z or 38m ago.",
        FieldKind::Instant,
    ),
    field("target", "Name of the new table.", FieldKind::Text("NAME")),
    field(
        TO_REGION,
        "Region to restore into, where that is another one.",
        FieldKind::Text("REGION"),
    ),
    field(
        "index",
        "Indexes to restore, with commas between them: all, unless said. Fewer is faster.",
        FieldKind::Text("NAMES"),
    ),
    field("no-indexes", "Restore no index.", FieldKind::Flag),
    field(
        "billing",
        "Throughput as before, or paid by request.",
        FieldKind::OneOf(AS_BEFORE_OR_ON_DEMAND),
    ),
    field(
        "sse-key",
        "KMS key of the new table.",
        FieldKind::Text("KEY"),
    ),
    field(
        "replica",
        "Regions to make a replica of the new table in, with commas between them: none, unless said.",
        FieldKind::Text("REGIONS"),
    ),
    field(
        "parameter",
        "Parameter of Systems Manager by which applications find the table.",
        FieldKind::Text("NAME"),
    ),
    field(
        "freeze",
        "Deny writes to the old table once the application has moved.",
        FieldKind::Flag,
    ),
    field(
        "break-glass",
        "Principals who may write to it all the same, with commas between them.",
        FieldKind::Text("ARN"),
    ),
    field(
        "restore-only",
        "End with the look; lead nothing over.",
        FieldKind::Flag,
    ),
    field(
        "skip",
        "Settings not to give back, with commas between them.",
        FieldKind::Text("SETTINGS"),
    ),
    field(
        "settings",
        "File of defib snapshot-settings, or last-seen, for a table that is gone.",
        FieldKind::Text("FILE"),
    ),
];

const fn field(name: &'static str, sentence: &'static str, kind: FieldKind) -> FieldSpec {
    FieldSpec {
        name,
        sentence,
        kind,
        required: false,
        subject: false,
    }
}

#[async_trait]
impl Flow for DynamodbRestore {
    type Facts = TableFacts;

    const NAME: &'static str = "dynamodb-restore";
    const SENTENCE: &'static str =
        "Restore a table into a new one, make it the same table again, lead the application over";
    const VERSION: u32 = 1;

    fn fields(&self) -> &'static [FieldSpec] {
        FIELDS
    }

    fn applies_to(&self, kind: PointKind) -> bool {
        FIELDS.iter().any(|field| field.takes(kind))
    }

    fn wrong(&self, choices: &Choices, now: Timestamp) -> Result<(), FlowError> {
        Chosen::of(choices, now).map(drop)
    }

    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<TableFacts, FlowError> {
        Box::pin(observe::observe(clients, choices, clock)).await
    }

    fn form(&self, facts: &TableFacts, choices: &Choices) -> Form {
        form::form(facts, choices, FIELDS)
    }

    fn preflight(&self, facts: &TableFacts, choices: &Choices) -> Vec<Check> {
        preflight::checks(facts, choices)
    }

    fn plan(&self, facts: &TableFacts, choices: &Choices) -> Result<Plan, FlowError> {
        let prepared = Prepared::of(facts, choices)?;
        let mut choices = choices.clone();
        if let Some(at) = prepared.chosen.at {
            // “38m ago” is another second by now.
            choices.set("at", at.to_string());
        }
        choices.set(COUNTED_UNTIL, prepared.chosen.counted_until.to_string());
        if facts.from.is_some() {
            // The plan is for the place of the new table, from where a name alone would be another table.
            if facts.backup.is_none() {
                choices.set("table", facts.old_arn());
            }
            choices.set(TO_REGION, facts.place.region.as_str());
        }
        let plan = Plan {
            flow: Self::NAME.to_owned(),
            version: Self::VERSION,
            title: title(&prepared),
            place: facts.place.clone(),
            role: facts.role.clone(),
            subject: Subject {
                kind: ResourceKind::Table,
                id: facts.name.clone(),
                name: None,
            },
            point: point(&prepared),
            facts: serde_json::to_value(facts).map_err(FlowError::Facts)?,
            form: self.form(facts, &choices),
            checks: self.preflight(facts, &choices),
            steps: steps::steps(&prepared),
            leftovers: leftovers(&prepared),
            choices,
            made_at: facts.observed_at,
            hash: String::new(),
        };
        Ok(plan.sealed())
    }
}

fn title(prepared: &Prepared) -> String {
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let at = words::instant(prepared.at);
    let from = prepared.facts.from.as_ref();
    let from = from.map_or_else(String::new, |from| format!(" from {}", from.region));
    match prepared.facts.backup {
        Some(_) => format!("{new} ← backup of {old}{from} of {at}"),
        None => format!("{new} ← {old}{from} as of {at}"),
    }
}

/// The command that tells what is in one of the two tables and not in the other.
fn compared(prepared: &Prepared) -> String {
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let options = command::options(&prepared.facts.place);
    format!("defib reconcile {options} --table {old} --with {new}")
}

/// A window is named like its table.
fn point(prepared: &Prepared) -> PointRef {
    let backup = prepared.facts.backup.as_ref();
    let id = backup.map_or(&prepared.facts.name, |backup| &backup.arn);
    PointRef {
        id: id.clone(),
        at: prepared.at,
    }
}

/// What existed before and is out of service afterwards; what the run makes is listed by the run.
fn leftovers(prepared: &Prepared) -> Vec<Leftover> {
    if prepared.chosen.restore_only {
        return Vec::new();
    }
    if let Some(region) = prepared.facts.stays_in() {
        return vec![Leftover {
            kind: ResourceKind::Table,
            id: prepared.old.name.clone(),
            why: format!(
                "the table in {region}, kept as it is and not frozen; defib never deletes it"
            ),
            keep_until: None,
        }];
    }
    if prepared.facts.source.is_none() {
        return Vec::new();
    }
    let denied = match prepared.freeze {
        Some(_) => ", writes denied",
        None => "",
    };
    vec![Leftover {
        kind: ResourceKind::Table,
        id: prepared.old.name.clone(),
        why: format!(
            "the table that was there, kept as it is{denied}; defib never deletes it; what differs: {}",
            compared(prepared)
        ),
        keep_until: None,
    }]
}
