//! Puts what only the old table has into the restored one: what was written after the instant that was restored.
//!
//! The keys in the export of a comparison are parted into transactions, one step each. Every put has the condition that
//! its key is free, so nothing is written over: what differs in both tables is told and left. A plan takes a hundred
//! parts, up to ten thousand items, which a person can still read; the next one begins where it ended. There is no way
//! back, since nothing is deleted: the file keeps the keys.

mod facts;
mod preflight;
mod steps;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::form::{Choices, Field, FieldKind, FieldSpec, Form, ValueFrom};
use crate::domain::plan::{Plan, PointRef, Subject};
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;
use crate::domain::text::shown;
use crate::restore::flow::{Flow, FlowError};

pub use facts::FillFacts;

/// The flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct DynamodbFill;

const INTO: &str = "into";
const FROM: &str = "from";
const DIFFERENCES: &str = "differences";
const PACE: &str = "pace";
const FIRST: &str = "first";

/// Behind the fields: which way items go, in words.
const DIRECTION: &str = "direction";

/// Neither table is taken from where the console was opened: that may be the one or the other, and what was put into the
/// wrong one is not taken back.
const FIELDS: &[FieldSpec] = &[
    required(
        FROM,
        "Table that items are read from: the old one, which has them.",
        FieldKind::Resource(ResourceKind::Table),
    ),
    required(
        INTO,
        "Table that they are put into: the new one, which was restored.",
        FieldKind::Resource(ResourceKind::Table),
    ),
    required(
        DIFFERENCES,
        "File of defib reconcile --export that says which.",
        FieldKind::Text("FILE"),
    ),
    FieldSpec {
        required: false,
        ..required(
            PACE,
            "Write units a second of the new table, or a share of what it has: 500, 25%.",
            FieldKind::Text("UNITS|PERCENT"),
        )
    },
    FieldSpec {
        required: false,
        ..required(
            FIRST,
            "From which item of the file, where a plan before did not take all.",
            FieldKind::Number("N"),
        )
    },
];

const fn required(name: &'static str, sentence: &'static str, kind: FieldKind) -> FieldSpec {
    FieldSpec {
        name,
        sentence,
        kind,
        required: true,
        subject: false,
    }
}

#[async_trait]
impl Flow for DynamodbFill {
    type Facts = FillFacts;

    const NAME: &'static str = "dynamodb-fill";
    const SENTENCE: &'static str =
        "Put into a restored table what only the old one has, overwriting nothing";
    const VERSION: u32 = 1;

    fn fields(&self) -> &'static [FieldSpec] {
        FIELDS
    }

    fn applies_to(&self, kind: PointKind) -> bool {
        kind == PointKind::DynamodbWindow
    }

    fn wrong(&self, choices: &Choices, _now: Timestamp) -> Result<(), FlowError> {
        facts::Chosen::of(choices).map(drop)
    }

    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<FillFacts, FlowError> {
        Box::pin(facts::observe(clients, choices, clock)).await
    }

    fn form(&self, facts: &FillFacts, choices: &Choices) -> Form {
        let names = FIELDS.iter().map(|spec| spec.name);
        let names = names.chain([DIRECTION]);
        names.map(|name| line(facts, choices, name)).collect()
    }

    fn preflight(&self, facts: &FillFacts, _choices: &Choices) -> Vec<Check> {
        preflight::checks(facts)
    }

    fn plan(&self, facts: &FillFacts, choices: &Choices) -> Result<Plan, FlowError> {
        facts::fits(facts, choices)?;
        let plan = Plan {
            flow: Self::NAME.to_owned(),
            version: Self::VERSION,
            title: title(facts),
            place: facts.place.clone(),
            role: facts.role.clone(),
            subject: Subject {
                kind: ResourceKind::Table,
                id: facts.into.name.clone(),
                name: None,
            },
            point: PointRef {
                id: facts.from.name.clone(),
                at: facts.survey.written_at,
            },
            facts: serde_json::to_value(facts).map_err(FlowError::Facts)?,
            form: self.form(facts, choices),
            checks: self.preflight(facts, choices),
            steps: steps::steps(facts),
            leftovers: Vec::new(),
            choices: choices.clone(),
            made_at: facts.observed_at,
            hash: String::new(),
        };
        Ok(plan.sealed())
    }
}

fn title(facts: &FillFacts) -> String {
    let (into, from) = (shown(&facts.into.name), shown(&facts.from.name));
    format!("{into} ← {} that only {from} has", counted(facts.items()))
}

fn direction(facts: &FillFacts) -> String {
    let (into, from) = (shown(&facts.into.name), shown(&facts.from.name));
    format!("{from} → {into}: {from} is only read, {into} is written to")
}

/// A number of items in words.
fn counted(items: u64) -> String {
    match items {
        1 => "1 item".to_owned(),
        many => format!("{many} items"),
    }
}

fn line(facts: &FillFacts, choices: &Choices, name: &str) -> Field {
    let yours = |value: &str| (shown(value), ValueFrom::Yours);
    let (value, from) = match name {
        INTO => yours(&facts.into.name),
        FROM => yours(&facts.from.name),
        DIFFERENCES => yours(&facts.survey.file),
        DIRECTION => (direction(facts), ValueFrom::Proposed),
        PACE => {
            let rate = format!("about {} write units a second", facts.rate);
            (rate, given(choices, PACE))
        }
        _first => (facts.first.to_string(), given(choices, FIRST)),
    };
    Field {
        name: name.to_owned(),
        value: Some(value),
        from,
        aws_default: None,
    }
}

fn given(choices: &Choices, name: &str) -> ValueFrom {
    match choices.one(name) {
        Some(_) => ValueFrom::Yours,
        None => ValueFrom::Proposed,
    }
}
