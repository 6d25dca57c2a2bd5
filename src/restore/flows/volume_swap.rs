//! Volume swap: a volume made from a snapshot takes the place of the one that is there, or of one
//! that is lost, or is attached beside it.
//!
//! The old volume is kept as it is. Everything about the new one is carried over unless the operator
//! says otherwise; nothing is decided here that the plan does not show.

mod facts;
mod form;
mod group;
mod limits;
mod mark;
mod observe;
mod person;
mod preflight;
mod recall;
mod settings;
mod steps;
mod target;
#[cfg(test)]
mod tests;
mod undo;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::estate::Estate;
use crate::domain::form::{Choices, FieldKind, FieldSpec, Form};
use crate::domain::plan::{Leftover, Plan, PointRef, Subject};
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;
use crate::restore::flow::{Flow, FlowError};

pub use facts::SwapFacts;
use settings::Settings;
use target::{Mode, Target, choice};

/// The flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct VolumeSwap;

const YES_OR_NO: &[&str] = &["yes", "no"];

const FIELDS: &[FieldSpec] = &[
    FieldSpec {
        required: true,
        subject: true,
        ..field(
            "snapshot",
            "Snapshot to restore from.",
            FieldKind::Text("ID"),
        )
    },
    field(
        "instance",
        "Instance, where the snapshot does not lead to it.",
        FieldKind::Resource(ResourceKind::Instance),
    ),
    field(
        "device",
        "Device of the instance; an empty one is that of a lost volume.",
        FieldKind::Text("NAME"),
    ),
    field(
        "mode",
        "Stop the instance, have a person unmount, or attach beside.",
        FieldKind::OneOf(Mode::WORDS),
    ),
    field(
        "no-safety-snapshot",
        "Take no snapshot of the present state first.",
        FieldKind::Flag,
    ),
    field(
        "volume-type",
        "Type of the new volume.",
        FieldKind::Text("T"),
    ),
    field("iops", "IOPS of the new volume.", FieldKind::Number("N")),
    field(
        "throughput",
        "Throughput of the new volume in MiB/s.",
        FieldKind::Number("N"),
    ),
    field("size", "Size of the new volume.", FieldKind::Number("GIB")),
    field(
        "kms-key",
        "KMS key of the new volume.",
        FieldKind::Text("K"),
    ),
    field(
        "initialization-rate",
        "MiB/s at which AWS fills the new volume, 100 to 300; billed.",
        FieldKind::Number("N"),
    ),
    field(
        "keep-until",
        "Date until which the old volume is wanted.",
        FieldKind::Date,
    ),
    field(
        "delete-on-termination",
        "Whether the new volume goes with its instance.",
        FieldKind::OneOf(YES_OR_NO),
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
impl Flow for VolumeSwap {
    type Facts = SwapFacts;

    const NAME: &'static str = "volume-swap";
    const SENTENCE: &'static str = "Swap a volume for one made from a snapshot, in place";
    const VERSION: u32 = 1;

    fn fields(&self) -> &'static [FieldSpec] {
        FIELDS
    }

    fn applies_to(&self, kind: PointKind) -> bool {
        kind == PointKind::EbsSnapshot
    }

    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<SwapFacts, FlowError> {
        Box::pin(observe::observe(clients, choices, clock)).await
    }

    fn recall(
        &self,
        estate: &Estate,
        choices: &Choices,
        now: Timestamp,
    ) -> Result<SwapFacts, FlowError> {
        recall::recall(estate, choices, now)
    }

    fn form(&self, facts: &SwapFacts, choices: &Choices) -> Form {
        form::form(facts, choices, FIELDS)
    }

    fn preflight(&self, facts: &SwapFacts, choices: &Choices) -> Vec<Check> {
        preflight::checks(facts, choices)
    }

    fn plan(&self, facts: &SwapFacts, choices: &Choices) -> Result<Plan, FlowError> {
        let target = Target::of(facts, choices)?;
        let settings = Settings::of(&target, choices)?;
        let delete = settings.delete_on_termination.value.ok_or_else(|| {
            choice(
                "delete-on-termination",
                "the volume is lost, and nobody can tell any more whether it went with its \
                 instance: say yes or no",
            )
        })?;
        let mut choices = choices.clone();
        if target.old.is_some() {
            choices.set("keep-until", settings.keep_until.value.clone());
        }
        let plan = Plan {
            flow: Self::NAME.to_owned(),
            version: Self::VERSION,
            title: title(&target),
            place: facts.place.clone(),
            role: facts.role.clone(),
            subject: subject(&target),
            point: PointRef {
                id: facts.snapshot.id.as_str().to_owned(),
                at: facts.snapshot.started_at,
            },
            facts: serde_json::to_value(facts).map_err(FlowError::Facts)?,
            form: self.form(facts, &choices),
            checks: self.preflight(facts, &choices),
            steps: steps::steps(&target, &settings, delete, &choices),
            leftovers: leftovers(&target, &settings),
            choices,
            made_at: facts.observed_at,
            hash: String::new(),
        };
        Ok(plan.sealed())
    }
}

fn title(target: &Target) -> String {
    let snapshot = &target.facts.snapshot;
    let from = format!("{} ({})", snapshot.id, snapshot.started_at);
    let device = target.device_shown();
    let instance = target.facts.instance_called();
    match target.mode {
        Mode::Beside => format!("attach a volume from {from} beside, at {device} of {instance}"),
        Mode::Stop | Mode::Unmount if target.lost() => {
            format!("replace the LOST volume at {device} of {instance} ← {from}")
        }
        Mode::Stop | Mode::Unmount => {
            format!(
                "swap {} at {device} of {instance} ← {from}",
                target.old_called()
            )
        }
    }
}

fn subject(target: &Target) -> Subject {
    match target.old {
        Some(old) => Subject {
            kind: ResourceKind::Volume,
            id: old.volume.id.as_str().to_owned(),
            name: facts::name(&old.volume.tags).cloned(),
        },
        None => Subject {
            kind: ResourceKind::Instance,
            id: target.instance.id.as_str().to_owned(),
            name: facts::name(&target.instance.tags).cloned(),
        },
    }
}

/// What existed before and is out of service afterwards; what the run makes is listed by the run.
fn leftovers(target: &Target, settings: &Settings) -> Vec<Leftover> {
    let Some(old) = target.old else {
        return Vec::new();
    };
    let why = format!(
        "the volume that was at {}, detached and kept as it was; defib never deletes it",
        target.device_shown()
    );
    vec![Leftover {
        kind: ResourceKind::Volume,
        id: old.volume.id.as_str().to_owned(),
        why,
        keep_until: Some(settings.keep_until.value.clone()),
    }]
}
