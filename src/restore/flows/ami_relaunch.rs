//! AMI relaunch: an instance comes back from an image in a group that reaches nothing; a person looks at it, and then
//! the traffic moves, with a way back at every step.
//!
//! The old instance is kept as it is. Everything about the new one is carried over unless the operator says
//! otherwise; nothing is decided here that the plan does not show.

mod chosen;
mod facts;
mod form;
mod ladder;
mod launch;
mod mark;
mod observe;
mod person;
mod preflight;
mod prepared;
mod steps;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::form::{Choices, FieldKind, FieldSpec, Form};
use crate::domain::plan::{Leftover, Plan, PointRef, Subject};
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;
use crate::restore::flow::{Flow, FlowError};

use chosen::{KEEP_OR_NONE, KEEP_OR_OMIT, Mode, Order};
pub use facts::RelaunchFacts;
use facts::name;
use prepared::Prepared;

/// The flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct AmiRelaunch;

const FIELDS: &[FieldSpec] = &[
    FieldSpec {
        required: true,
        subject: true,
        ..field("image", "Image to launch from.", FieldKind::Text("ID"))
    },
    field(
        "replaces",
        "Instance that is replaced: the one the image was made of, unless said; none for none.",
        FieldKind::Resource(ResourceKind::Instance),
    ),
    field(
        "like",
        "Instance to be like, where the one that was there is gone.",
        FieldKind::Resource(ResourceKind::Instance),
    ),
    field(
        "mode",
        "Let the old one serve meanwhile, or stop it first.",
        FieldKind::OneOf(Mode::WORDS),
    ),
    field(
        "order",
        "What is risked while traffic moves: a gap, or two that serve.",
        FieldKind::OneOf(Order::WORDS),
    ),
    FieldSpec {
        required: true,
        ..field(
            "operator-cidr",
            "Addresses you look from, with commas between them.",
            FieldKind::Text("CIDR"),
        )
    },
    field(
        "port",
        "TCP ports you look through, with commas between them.",
        FieldKind::Text("N"),
    ),
    field(
        "user-data",
        "Give the user data of the old one again, or not.",
        FieldKind::OneOf(KEEP_OR_OMIT),
    ),
    field(
        "instance-profile",
        "Launch with the instance profile of the old one, or without.",
        FieldKind::OneOf(KEEP_OR_NONE),
    ),
    field(
        "allow-endpoints",
        "Let it reach the VPC's endpoints, for Session Manager.",
        FieldKind::Flag,
    ),
    field(
        "move",
        "What moves: security-groups,address,targets,dns,interface.",
        FieldKind::Text("RUNGS"),
    ),
    field(
        "isolate-only",
        "End with the look; move nothing.",
        FieldKind::Flag,
    ),
    field(
        "instance-type",
        "Type of the new instance.",
        FieldKind::Text("T"),
    ),
    field(
        "subnet",
        "Subnet of the new instance.",
        FieldKind::Text("ID"),
    ),
    field(
        "key-name",
        "Key pair of the new instance.",
        FieldKind::Text("NAME"),
    ),
    field(
        "private-ip",
        "A free private address for the new instance.",
        FieldKind::Text("IP"),
    ),
    field(
        "keep-until",
        "Date until which the old instance is wanted.",
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
impl Flow for AmiRelaunch {
    type Facts = RelaunchFacts;

    const NAME: &'static str = "ami-relaunch";
    const SENTENCE: &'static str = "Launch an instance from an image apart, then move the traffic";
    const VERSION: u32 = 1;

    fn fields(&self) -> &'static [FieldSpec] {
        FIELDS
    }

    fn applies_to(&self, kind: PointKind) -> bool {
        kind == PointKind::Ami
    }

    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<RelaunchFacts, FlowError> {
        Box::pin(observe::observe(clients, choices, clock)).await
    }

    fn form(&self, facts: &RelaunchFacts, choices: &Choices) -> Form {
        form::form(facts, choices, FIELDS)
    }

    fn preflight(&self, facts: &RelaunchFacts, choices: &Choices) -> Vec<Check> {
        preflight::checks(facts, choices)
    }

    fn plan(&self, facts: &RelaunchFacts, choices: &Choices) -> Result<Plan, FlowError> {
        let prepared = Prepared::of(facts, choices)?;
        let made = facts.image.created_at.ok_or_else(|| FlowError::Missing {
            what: format!("AWS does not say when {} was made", facts.image.id),
        })?;
        let mut choices = choices.clone();
        if facts.old().is_some() {
            choices.set("keep-until", prepared.chosen.keep_until.clone());
        }
        let plan = Plan {
            flow: Self::NAME.to_owned(),
            version: Self::VERSION,
            title: title(facts),
            place: facts.place.clone(),
            role: facts.role.clone(),
            subject: subject(facts),
            point: PointRef {
                id: facts.image.id.as_str().to_owned(),
                at: made,
            },
            facts: serde_json::to_value(facts).map_err(FlowError::Facts)?,
            form: self.form(facts, &choices),
            checks: self.preflight(facts, &choices),
            steps: prepared.steps(),
            leftovers: leftovers(facts, &prepared),
            choices,
            made_at: facts.observed_at,
            hash: String::new(),
        };
        Ok(plan.sealed())
    }
}

fn title(facts: &RelaunchFacts) -> String {
    let image = &facts.image.id;
    match facts.old() {
        Some((old, _)) => format!("relaunch {} apart ← {image}", old.called()),
        None => format!("launch an isolated instance ← {image}"),
    }
}

fn subject(facts: &RelaunchFacts) -> Subject {
    match facts.old() {
        Some((old, _)) => Subject {
            kind: ResourceKind::Instance,
            id: old.instance.id.as_str().to_owned(),
            name: name(&old.instance.tags).cloned(),
        },
        None => Subject {
            kind: ResourceKind::Image,
            id: facts.image.id.as_str().to_owned(),
            name: facts.image.name.clone(),
        },
    }
}

/// What existed before and is out of service afterwards; what the run makes is listed by the run.
fn leftovers(facts: &RelaunchFacts, prepared: &Prepared) -> Vec<Leftover> {
    let Some((old, _)) = facts.old().filter(|_| !prepared.chosen.isolate_only) else {
        return Vec::new();
    };
    vec![Leftover {
        kind: ResourceKind::Instance,
        id: old.instance.id.as_str().to_owned(),
        why: "the instance that was there, stopped and kept as it was; defib never terminates it"
            .to_owned(),
        keep_until: Some(prepared.chosen.keep_until.clone()),
    }]
}
