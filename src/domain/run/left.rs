//! What a run leaves behind: what serves now, and what is kept out of service.
//!
//! It follows from the events; nothing of it is stored, and nothing is ever deleted.

use super::RunState;
use super::event::CreatedBy;
use super::status::RunStatus;
use crate::domain::ids::StepId;
use crate::domain::plan::{Impact, Part, Step};
use crate::domain::resource::ResourceKind;

/// Something that a run leaves out of service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ResourceKind,
    /// Why it is kept, fit to be shown.
    pub why: String,
    /// Until when it is meant to be kept.
    pub until: Option<String>,
}

impl RunState {
    /// Returns what the run made and a later step has put into service.
    pub fn serving(&self) -> impl Iterator<Item = &CreatedBy> {
        self.created.iter().filter(|made| self.serves(made))
    }

    /// Returns what the run leaves out of service: what it took out once it is done, and what it made
    /// that does not serve.
    #[must_use]
    pub fn kept(&self) -> Vec<Kept> {
        let done = self.status() == RunStatus::Done;
        let leftovers = self.plan.leftovers.iter().filter(|_| done);
        let taken_out = leftovers.map(|leftover| Kept {
            id: leftover.id.clone(),
            kind: leftover.kind,
            why: leftover.why.clone(),
            until: leftover.keep_until.clone(),
        });
        let made = self.created.iter().filter(|made| !self.serves(made));
        let made = made.map(|made| Kept {
            id: made.id.clone(),
            kind: made.kind,
            why: "made by this run".to_owned(),
            until: None,
        });
        taken_out.chain(made).collect()
    }

    /// Returns the parts that the run has made, each with its step. One that was there before is none of them, unless
    /// nobody can tell.
    pub fn parts(&self) -> impl Iterator<Item = (&Step, &Part)> {
        let steps = self.plan.steps.iter();
        let made = |step: &&Step| {
            let record = self.record(&step.id);
            let sent = record.generation > 0 && record.accepted_at.is_some();
            let found = record.was_so_already() && self.salvaged.is_some();
            sent || found || record.generation > 0 && self.is_verified(&step.id)
        };
        let made = steps.filter(made);
        made.filter_map(|step| Some((step, step.makes.as_ref()?)))
    }

    /// Returns in words which parts the run has made, those of a kind together: `alarm a, b`.
    #[must_use]
    pub fn parts_told(&self) -> Vec<String> {
        let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
        for (_, part) in self.parts() {
            match kinds.iter_mut().find(|(what, _)| *what == part.what) {
                Some((_, names)) => names.push(&part.name),
                None => kinds.push((&part.what, vec![&part.name])),
            }
        }
        let told = kinds.into_iter();
        told.map(|(what, names)| format!("{what} {}", names.join(", ")))
            .collect()
    }

    /// Returns in words what the run has put into service, the instance before what belongs to it. Not made
    /// harmless. `None` where nothing it made serves.
    #[must_use]
    pub fn in_service(&self) -> Option<String> {
        let mut serving: Vec<&CreatedBy> = self.serving().collect();
        serving.sort_by_key(|made| made.kind != ResourceKind::Instance);
        let (first, rest) = serving.split_first()?;
        let with: Vec<&str> = rest.iter().map(|made| made.id.as_str()).collect();
        let with = if with.is_empty() {
            String::new()
        } else {
            format!(", with {}", with.join(", "))
        };
        Some(format!(
            "{} {} is in service{with}",
            first.kind.as_str(),
            first.id
        ))
    }

    /// Returns what says that an instance which the run launched is left running, apart from the traffic: it costs,
    /// and what was done to it stays. Not made harmless.
    #[must_use]
    pub fn idle(&self) -> Vec<String> {
        let made = self.created.iter();
        let instances = made.filter(|made| made.kind == ResourceKind::Instance);
        let idle = instances.filter(|made| !self.serves(made));
        idle.map(|made| {
            let stays: Vec<&str> = self.stays(made).collect();
            let stays = if stays.is_empty() {
                String::new()
            } else {
                format!(" Not taken back: {}.", stays.join("; "))
            };
            format!(
                "{} still runs, apart in its security group, and costs as much as one that serves until somebody stops it.{stays}",
                made.id
            )
        })
        .collect()
    }

    /// Titles of the steps that changed something the run made, and that nothing takes back.
    fn stays<'a>(&'a self, made: &'a CreatedBy) -> impl Iterator<Item = &'a str> {
        let steps = self.plan.steps.iter();
        let stays = steps.filter(|step| {
            step.impact == Impact::Changes
                && step.undo.is_empty()
                && self.is_verified(&step.id)
                && refers(step, &made.step)
        });
        stays.map(|step| step.title.as_str())
    }

    fn serves(&self, made: &CreatedBy) -> bool {
        self.undo.is_none() && self.put_to_service(made).is_some()
    }

    /// Returns the first step that put something the run made into service: one that attached the volume, one that
    /// took the service down to swap it in by itself, or one that leads traffic or an application to it and can be
    /// taken back.
    pub(super) fn put_to_service(&self, made: &CreatedBy) -> Option<&Step> {
        use ResourceKind::{Instance, NetworkInterface, Table, Volume};
        if !matches!(made.kind, Instance | Volume | NetworkInterface | Table) {
            return None;
        }
        self.plan.steps.iter().find(|step| {
            let own = step.id == made.step;
            let attached = || self.record(&step.id).outputs["volume"] == made.id.as_str();
            let leads = || !step.undo.is_empty() && refers(step, &made.step);
            let serves = if own {
                step.impact == Impact::Interrupts
            } else {
                attached() || leads()
            };
            serves && self.is_verified(&step.id)
        })
    }
}

/// Tells whether a step's call takes something that another step yields; where a person does it, whether what is held
/// against the answer does.
pub(super) fn refers(step: &Step, to: &StepId) -> bool {
    let call = step.call.as_ref().or_else(|| step.gate.check());
    call.is_some_and(|call| !call.outputs_of(to).is_empty())
}
