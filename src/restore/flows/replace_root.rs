//! Replace root: EC2 itself makes a new root volume for a running instance and reboots it; the old one is kept.
//!
//! AWS takes only what comes from this instance's own root, or an image that fits; for everything else there is the
//! volume swap, and the checks say so.

mod facts;
mod preflight;
mod steps;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::form::{Choices, Field, FieldKind, FieldSpec, Form, ValueFrom};
use crate::domain::plan::{Leftover, Plan, PointRef, Subject};
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;
use crate::domain::text::shown;
use crate::restore::flow::{Flow, FlowError};

pub use facts::RootFacts;

/// The flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplaceRoot;

const FIELDS: &[FieldSpec] = &[
    FieldSpec {
        subject: true,
        ..field(
            "snapshot",
            "Snapshot of its root, now or before.",
            FieldKind::Point(&[PointKind::EbsSnapshot]),
        )
    },
    FieldSpec {
        subject: true,
        ..field(
            "image",
            "Image to take the root from.",
            FieldKind::Point(&[PointKind::Ami]),
        )
    },
    field(
        "instance",
        "Instance whose root is replaced, where the point does not tell.",
        FieldKind::Resource(ResourceKind::Instance),
    ),
    field(
        "launch-state",
        "Take the root as it was at the launch.",
        FieldKind::Flag,
    ),
    field(
        "no-safety-snapshot",
        "Take no snapshot of the present state first.",
        FieldKind::Flag,
    ),
    field(
        "keep-until",
        "Date until which the old volume is wanted.",
        FieldKind::Date,
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
impl Flow for ReplaceRoot {
    type Facts = RootFacts;

    const NAME: &'static str = "replace-root";
    const SENTENCE: &'static str = "Have EC2 replace the root volume of a running instance";
    const VERSION: u32 = 1;

    fn fields(&self) -> &'static [FieldSpec] {
        FIELDS
    }

    fn applies_to(&self, kind: PointKind) -> bool {
        matches!(kind, PointKind::EbsSnapshot | PointKind::Ami)
    }

    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<RootFacts, FlowError> {
        Box::pin(facts::observe(clients, choices, clock)).await
    }

    fn form(&self, facts: &RootFacts, choices: &Choices) -> Form {
        FIELDS
            .iter()
            .map(|spec| line(facts, choices, spec.name))
            .collect()
    }

    fn preflight(&self, facts: &RootFacts, choices: &Choices) -> Vec<Check> {
        preflight::checks(facts, choices)
    }

    fn plan(&self, facts: &RootFacts, choices: &Choices) -> Result<Plan, FlowError> {
        let keep_until = steps::keep_until(facts, choices)?;
        let mut choices = choices.clone();
        choices.set("keep-until", keep_until.clone());
        let (point, at) = facts.point()?;
        let plan = Plan {
            flow: Self::NAME.to_owned(),
            version: Self::VERSION,
            title: format!("replace the root of {} ← {}", facts.called(), shown(&point)),
            place: facts.place.clone(),
            role: facts.role.clone(),
            subject: Subject {
                kind: ResourceKind::Instance,
                id: facts.instance.id.as_str().to_owned(),
                name: facts.name().cloned(),
            },
            point: PointRef { id: point, at },
            facts: serde_json::to_value(facts).map_err(FlowError::Facts)?,
            form: self.form(facts, &choices),
            checks: self.preflight(facts, &choices),
            steps: steps::steps(facts, &choices, &keep_until)?,
            leftovers: vec![Leftover {
                kind: ResourceKind::Volume,
                id: facts.root.id.as_str().to_owned(),
                why: "the root volume that was there, kept as it was; defib never deletes it"
                    .to_owned(),
                keep_until: Some(keep_until),
            }],
            choices,
            made_at: facts.observed_at,
            hash: String::new(),
        };
        Ok(plan.sealed())
    }
}

fn line(facts: &RootFacts, choices: &Choices, name: &str) -> Field {
    let yes = |yes: bool| Some(if yes { "yes" } else { "no" }.to_owned());
    let given = choices.one(name).map(shown);
    let from = if choices.flag(name) {
        ValueFrom::Yours
    } else {
        ValueFrom::Proposed
    };
    let (value, from) = match name {
        "instance" => (
            Some(facts.called()),
            if given.is_some() {
                ValueFrom::Yours
            } else {
                ValueFrom::Proposed
            },
        ),
        "launch-state" | "no-safety-snapshot" => (yes(choices.flag(name)), from),
        "keep-until" => (steps::keep_until(facts, choices).ok().or(given), from),
        _source => match given {
            Some(value) => (Some(value), ValueFrom::Yours),
            None => (Some("none".to_owned()), ValueFrom::Proposed),
        },
    };
    let aws_default = match name {
        "no-safety-snapshot" => Some("no safety snapshot".to_owned()),
        "snapshot" | "image" => Some("the state at the launch".to_owned()),
        _other => None,
    };
    Field {
        name: name.to_owned(),
        value,
        from,
        aws_default,
    }
}
