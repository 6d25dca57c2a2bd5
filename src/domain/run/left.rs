//! What a run leaves behind: what serves now, and what is kept out of service.
//!
//! It follows from the events; nothing of it is stored, and nothing is ever deleted.

use super::RunState;
use super::event::CreatedBy;
use super::record::StepStatus;
use super::status::RunStatus;
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

    /// A volume that a later step of the run has attached serves.
    fn serves(&self, made: &CreatedBy) -> bool {
        self.undo.is_none()
            && self.plan.steps.iter().any(|step| {
                let record = self.record(&step.id);
                let holds = record.outputs["volume"] == made.id.as_str();
                holds && step.id != made.step && record.status == StepStatus::Verified
            })
    }
}
